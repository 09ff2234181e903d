//! A proof that a check happened.

use core::fmt;
use core::marker::PhantomData;

use crate::decision::Granted;
use crate::id::{OrganizationId, UserId};
use crate::matrix::{Action, ActionType};
use crate::resource::Resource;
use crate::scope::Scopes;

/// The proof that a subject may do the action `A` to the resource `R`: a row, or a reference to one.
///
/// Only [`Subject::authorize`](crate::Subject::authorize) makes one. A function that takes a permit cannot be
/// called without the check. It acts on [`resource`](Self::resource), which is what was checked. A permit
/// owns the resource, so it can leave the function, an extractor or a thread.
///
/// ```
/// use labelgate::resource::{InProject, Organization, Project, ProjectId};
/// use labelgate::{Denied, OrganizationId, Permit, Role, Subject, UserId, act};
///
/// fn export(permit: Permit<act::ExportData, Project<i64>>) -> String {
///     format!("the data of project {}, for user {}", permit.resource().id(), permit.user())
/// }
///
/// let (acme, mia) = (OrganizationId(1), UserId(7));
/// let place = InProject {
///     created_by: Some(mia),
///     is_member: false,
///     has_tasks: false,
///     acts_as: None,
///     own_data_permitted: false,
/// };
/// let project = Organization::seen_by(acme, mia).project(ProjectId(100), place);
/// let subject = Subject::new(acme, mia, Role::Manager);
///
/// let permit = subject.authorize(act::ExportData, project)?;
/// assert_eq!(export(permit), "the data of project 100, for user 7");
/// # Ok::<(), Denied>(())
/// ```
///
/// # What does not compile
///
/// This compiles:
///
/// ```
/// # use labelgate::resource::Project;
/// # use labelgate::{Denied, Permit, Subject, act};
/// # fn export(permit: Permit<act::ExportData, Project<i64>>) {}
/// # fn check(subject: Subject<i64>, project: Project<i64>) -> Result<(), Denied> {
/// let permit = subject.authorize(act::ExportData, project)?;
/// export(permit);
/// # Ok(()) }
/// ```
///
/// A permit for another action, or for another kind of resource, does not:
///
/// ```compile_fail,E0308
/// # use labelgate::resource::Project;
/// # use labelgate::{Denied, Permit, Subject, act};
/// # fn export(permit: Permit<act::ExportData, Project<i64>>) {}
/// # fn check(subject: Subject<i64>, project: Project<i64>) -> Result<(), Denied> {
/// let permit = subject.authorize(act::ImportData, project)?;
/// export(permit);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0308
/// # use labelgate::resource::{Project, Workspace};
/// # use labelgate::{Denied, Permit, Subject, act};
/// # fn export(permit: Permit<act::ExportData, Project<i64>>) {}
/// # fn check(subject: Subject<i64>, project: Workspace<i64>) -> Result<(), Denied> {
/// let permit = subject.authorize(act::ExportData, project)?;
/// export(permit);
/// # Ok(()) }
/// ```
///
/// Nor can a permit be used twice, cloned, or made up:
///
/// ```compile_fail,E0382
/// # use labelgate::resource::Project;
/// # use labelgate::{Denied, Permit, Subject, act};
/// # fn export(permit: Permit<act::ExportData, Project<i64>>) {}
/// # fn check(subject: Subject<i64>, project: Project<i64>) -> Result<(), Denied> {
/// let permit = subject.authorize(act::ExportData, project)?;
/// export(permit);
/// export(permit);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0277
/// # use labelgate::{Permit, act};
/// # use labelgate::resource::Project;
/// fn twice<T: Clone>(permit: T) -> (T, T) {
///     (permit.clone(), permit)
/// }
/// # fn check(permit: Permit<act::ExportData, Project<i64>>) {
/// twice(permit);
/// # }
/// ```
///
/// ```compile_fail,E0451
/// # use labelgate::{Granted, Permit, act};
/// # use labelgate::resource::Project;
/// # use std::marker::PhantomData;
/// # fn check(resource: Project<i64>, granted: Granted) {
/// let permit: Permit<act::ExportData, _> = Permit { resource, granted, action: PhantomData };
/// # }
/// ```
///
/// The compiler warns of a permit that is not used:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use labelgate::resource::Project;
/// # use labelgate::{Denied, Permit, Subject, act};
/// # fn check(subject: Subject<i64>, project: Project<i64>) -> Result<(), Denied> {
/// subject.authorize(act::ExportData, project)?;
/// # Ok(()) }
/// ```
#[must_use = "a permit is there to be handed to what it permits"]
pub struct Permit<A, R> {
    resource: R,
    granted: Granted,
    action: PhantomData<A>,
}

impl<A: ActionType, R> Permit<A, R> {
    /// For `authorize` alone, after the check.
    pub(crate) const fn new(resource: R, granted: Granted) -> Self {
        Self { resource, granted, action: PhantomData }
    }

    /// The resource that was checked. Act on this one.
    #[must_use]
    pub const fn resource(&self) -> &R {
        &self.resource
    }

    /// The resource that was checked, by value. This ends the permit.
    ///
    /// ```
    /// use labelgate::{OrganizationId, Role, Subject, UserId, act};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
    /// let permit = subject.authorize(act::ViewActivityLog, subject.here())?;
    /// assert_eq!(permit.through().to_string(), "organization");
    /// assert!(permit.audit().allowed);
    /// let organization = permit.into_resource();
    /// assert_eq!(organization, subject.here());
    /// # Ok::<(), labelgate::Denied>(())
    /// ```
    #[must_use]
    pub fn into_resource(self) -> R {
        self.resource
    }

    /// The action that is permitted.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId, act};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
    /// let permit = subject.authorize(act::InvitePeople, subject.here())?;
    /// assert_eq!(permit.action(), Action::InvitePeople);
    /// assert_eq!(permit.granted().action(), Action::InvitePeople);
    /// assert_eq!(permit.organization(), subject.organization());
    /// # Ok::<(), labelgate::Denied>(())
    /// ```
    #[must_use]
    pub const fn action(&self) -> Action {
        A::ACTION
    }

    /// The scopes that permit it.
    #[must_use]
    pub const fn through(&self) -> Scopes {
        self.granted.through
    }

    /// The decision.
    pub const fn granted(&self) -> Granted {
        self.granted
    }
}

impl<A: ActionType, R: Resource> Permit<A, R> {
    /// The user who may do it.
    #[must_use]
    pub fn user(&self) -> &UserId<R::UserId> {
        self.resource.seen().user
    }

    /// The organization in which they may do it.
    #[must_use]
    pub fn organization(&self) -> &OrganizationId<R::Id> {
        self.resource.seen().organization
    }
}

impl<A: ActionType, R: fmt::Debug> fmt::Debug for Permit<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("action", &A::ACTION)
            .field("resource", &self.resource)
            .field("through", &self.granted.through)
            .finish()
    }
}
