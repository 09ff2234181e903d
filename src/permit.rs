//! `Permit`: the proof that an action on a row is permitted.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

use crate::action::{Action, ActionType};
use crate::decision::Granted;
use crate::scope::Scopes;

/// The proof that a subject may do the action `A` to the row `R`, a [`Row`](crate::Row) or a reference to one.
///
/// Only [`Subject::authorize`](crate::Subject::authorize) makes one. A function that takes a permit cannot be
/// called without the check. The permit owns the row that was checked and dereferences to it, so an extractor can
/// return it and a thread can receive it.
///
/// ```
/// use labelgate::{Denied, Fact, Facts, OrganizationId, Permit, ProjectId, Role, Row, Subject, UserId, act};
///
/// type Project = Row<ProjectId<i64>, String>;
///
/// fn export(permit: Permit<act::ExportData, Project>) -> String {
///     format!("the data of project {}, {}, for user {}", permit.id(), permit.data(), permit.user())
/// }
///
/// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// let facts = Facts::none().with(Fact::ProjectCreator);
/// let project = mia.row(ProjectId(100), OrganizationId(1), facts).unwrap().with("Cats".to_owned());
///
/// let permit = mia.authorize(act::ExportData, project)?;
/// assert_eq!(export(permit), "the data of project 100, Cats, for user 7");
/// # Ok::<(), Denied>(())
/// ```
///
/// # What does not compile
///
/// This compiles:
///
/// ```
/// # use labelgate::{Denied, Permit, ProjectId, Row, Subject, WorkspaceId, act};
/// fn export(permit: Permit<act::ExportData, Row<ProjectId<i64>>>) {}
/// # fn check(subject: Subject<i64>, project: Row<ProjectId<i64>>) -> Result<(), Denied> {
/// let permit = subject.authorize(act::ExportData, project)?;
/// export(permit);
/// # Ok(()) }
/// ```
///
/// A permit for another action, or for another kind of row, does not compile:
///
/// ```compile_fail,E0308
/// # use labelgate::{Denied, Permit, ProjectId, Row, Subject, WorkspaceId, act};
/// fn export(permit: Permit<act::ExportData, Row<ProjectId<i64>>>) {}
/// # fn check(subject: Subject<i64>, project: Row<ProjectId<i64>>) -> Result<(), Denied> {
/// let permit = subject.authorize(act::ImportData, project)?;
/// export(permit);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0308
/// # use labelgate::{Denied, Permit, ProjectId, Row, Subject, WorkspaceId, act};
/// fn export(permit: Permit<act::ExportData, Row<ProjectId<i64>>>) {}
/// # fn check(subject: Subject<i64>, project: Row<WorkspaceId<i64>>) -> Result<(), Denied> {
/// let permit = subject.authorize(act::ExportData, project)?;
/// export(permit);
/// # Ok(()) }
/// ```
///
/// A permit cannot be used twice, cloned or constructed:
///
/// ```compile_fail,E0382
/// # use labelgate::{Denied, Permit, ProjectId, Row, Subject, WorkspaceId, act};
/// fn export(permit: Permit<act::ExportData, Row<ProjectId<i64>>>) {}
/// # fn check(subject: Subject<i64>, project: Row<ProjectId<i64>>) -> Result<(), Denied> {
/// let permit = subject.authorize(act::ExportData, project)?;
/// export(permit);
/// export(permit);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0277
/// # use labelgate::{Permit, ProjectId, Row, act};
/// fn twice<T: Clone>(permit: T) -> (T, T) {
///     (permit.clone(), permit)
/// }
/// # fn check(permit: Permit<act::ExportData, Row<ProjectId<i64>>>) {
/// twice(permit);
/// # }
/// ```
///
/// ```compile_fail,E0451
/// # use labelgate::decision::Granted;
/// # use labelgate::{Permit, ProjectId, Row, act};
/// # use std::marker::PhantomData;
/// # fn check(row: Row<ProjectId<i64>>, granted: Granted) {
/// let permit: Permit<act::ExportData, _> = Permit { row, granted, action: PhantomData };
/// # }
/// ```
///
/// The compiler warns about a permit that is not used:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use labelgate::{Denied, ProjectId, Row, Subject, act};
/// # fn check(subject: Subject<i64>, project: Row<ProjectId<i64>>) -> Result<(), Denied> {
/// subject.authorize(act::ExportData, project)?;
/// # Ok(()) }
/// ```
#[must_use = "pass the permit to the function that takes it"]
pub struct Permit<A, R> {
    row: R,
    granted: Granted,
    action: PhantomData<A>,
}

impl<A: ActionType, R> Permit<A, R> {
    /// INVARIANT: only `Subject::authorize` calls it, after the check.
    pub(crate) const fn new(row: R, granted: Granted) -> Self {
        Self { row, granted, action: PhantomData }
    }

    /// Returns the row that was checked. Do the action to this row, not to a copy that was loaded later.
    #[must_use]
    pub const fn row(&self) -> &R {
        &self.row
    }

    /// Returns by value the row that was checked, and consumes the permit.
    ///
    /// ```
    /// use labelgate::{OrganizationId, Role, Subject, UserId, act};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
    /// let permit = subject.authorize(act::ViewActivityLog, subject.own_organization())?;
    /// assert_eq!(permit.scopes().to_string(), "organization");
    /// assert!(permit.audit().allowed);
    /// assert_eq!(permit.into_row(), subject.own_organization());
    /// # Ok::<(), labelgate::Denied>(())
    /// ```
    #[must_use]
    pub fn into_row(self) -> R {
        self.row
    }

    /// Returns the action that is permitted: for an action of your own, its [`ACTION`](ActionType::ACTION).
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId, act};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
    /// let permit = subject.authorize(act::InvitePeople, subject.own_organization())?;
    /// assert_eq!(permit.action(), Action::InvitePeople);
    /// assert_eq!(permit.granted().action(), Action::InvitePeople);
    /// assert_eq!(permit.organization(), subject.organization());
    /// # Ok::<(), labelgate::Denied>(())
    /// ```
    #[must_use]
    pub const fn action(&self) -> Action {
        A::ACTION
    }

    /// Returns the scopes that permit the action.
    #[must_use]
    pub const fn scopes(&self) -> Scopes {
        self.granted.scopes
    }

    /// Returns the decision.
    pub const fn granted(&self) -> Granted {
        self.granted
    }
}

impl<A: ActionType, R> Deref for Permit<A, R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.row
    }
}

impl<A: ActionType, R: fmt::Debug> fmt::Debug for Permit<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("action", &A::NAME)
            .field("row", &self.row)
            .field("scopes", &self.granted.scopes)
            .finish()
    }
}
