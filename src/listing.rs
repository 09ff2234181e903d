//! `Listing`: the proof that a list is permitted.

use core::fmt;
use core::marker::PhantomData;

use crate::action::{Action, ActionType};
use crate::decision::Request;
use crate::filter::Filter;
use crate::id::{OrganizationId, UserId};
use crate::kind::Kind;
use crate::role::Role;
use crate::row::RowId;

/// The proof that a subject may list the rows to which they may do the action `A`, within the organization or within
/// one row. It guards a list as a [`Permit`](crate::Permit) guards a row.
///
/// Only [`Subject::authorize_list`](crate::Subject::authorize_list),
/// [`authorize_list_in`](crate::Subject::authorize_list_in) and
/// [`authorize_list_of`](crate::Subject::authorize_list_of) make one. It has the user, the action, the id of the row
/// that the list is within, and the condition on the listed rows. The module `sql` (feature `sea-query`) renders it.
/// So no list is rendered unchecked, for another user, from another table, or within another row.
///
/// `A` is a type of [`act`](crate::act), or [`Action`] if the action is known only at run time. `Id` is the type of
/// the id of the row that the list is within.
///
/// ```
/// use labelgate::{
///     Action, Denied, Fact, Facts, OrganizationId, ProjectId, Role, Subject, UserId, act,
/// };
///
/// let ann = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
/// let listing = ann.authorize_list(act::ViewProject)?; // projects of the organization
/// assert_eq!(listing.within(), &OrganizationId(1));
/// assert_eq!((listing.organization(), listing.user()), (&OrganizationId(1), &UserId(7)));
/// assert_eq!((listing.role(), listing.action()), (Role::Annotator, Action::ViewProject));
/// assert!(listing.audit().allowed);
///
/// let facts = [Fact::ProjectMember, Fact::ProjectAssignee, Fact::ActsAsAnnotator, Fact::OwnDataPermitted];
/// let project = ann.row(ProjectId(100), OrganizationId(1), facts.into_iter().collect::<Facts>()).unwrap();
/// let listing = ann.authorize_list_in(act::ViewProjectData, &project)?; // tasks of the project
/// assert_eq!(listing.within(), &ProjectId(100));
/// assert_eq!(listing.condition().to_string(), "assignee; author");
/// # Ok::<(), Denied>(())
/// ```
///
/// # What does not compile
///
/// This compiles:
///
/// ```
/// # use labelgate::{Denied, Listing, OrganizationId, ProjectId, Row, Subject, act};
/// fn render(listing: &Listing<act::ViewProjectData, ProjectId<i64>>) {}
/// # fn check(subject: Subject<i64>, project: Row<ProjectId<i64>>) -> Result<(), Denied> {
/// let listing = subject.authorize_list_in(act::ViewProjectData, &project)?;
/// render(&listing);
/// # Ok(()) }
/// ```
///
/// A listing of another action, or within another kind of row, does not compile:
///
/// ```compile_fail,E0308
/// # use labelgate::{Denied, Listing, OrganizationId, ProjectId, Row, Subject, act};
/// fn render(listing: &Listing<act::ViewProjectData, ProjectId<i64>>) {}
/// # fn check(subject: Subject<i64>, project: Row<ProjectId<i64>>) -> Result<(), Denied> {
/// let listing = subject.authorize_list_in(act::ReviewAnnotations, &project)?;
/// render(&listing);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0308
/// # use labelgate::{Denied, Listing, OrganizationId, ProjectId, Row, Subject, act};
/// fn render(listing: &Listing<act::ViewProjectData, ProjectId<i64>>) {}
/// # fn check(subject: Subject<i64>, project: Row<ProjectId<i64>>) -> Result<(), Denied> {
/// let listing = subject.authorize_list(act::ViewProjectData)?;
/// render(&listing);
/// # Ok(()) }
/// ```
///
/// A filter is not a listing, and a listing cannot be cloned or constructed:
///
/// ```compile_fail,E0308
/// # use labelgate::{Action, Denied, Listing, OrganizationId, ProjectId, Row, Subject, act};
/// fn render(listing: &Listing<act::ViewProjectData, ProjectId<i64>>) {}
/// # fn check(subject: Subject<i64>, project: Row<ProjectId<i64>>) -> Result<(), Denied> {
/// let listing = subject.filter(Action::ViewProjectData);
/// render(&listing);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0277
/// # use labelgate::{Listing, ProjectId, act};
/// fn twice<T: Clone>(listing: T) -> (T, T) {
///     (listing.clone(), listing)
/// }
/// # fn check(listing: Listing<act::ViewProjectData, ProjectId<i64>>) {
/// twice(listing);
/// # }
/// ```
///
/// ```compile_fail,E0451
/// # use labelgate::{Listing, ProjectId, act};
/// # fn check(listing: Listing<act::ViewProjectData, ProjectId<i64>>) {
/// let other: Listing<act::ViewProjectData, ProjectId<i64>> = Listing { within: ProjectId(101), ..listing };
/// # }
/// ```
///
/// Rows are listed only within a kind of row that contains them: projects within an organization. This compiles:
///
/// ```
/// # use labelgate::{OrganizationId, Role, Subject, UserId, act};
/// # let owner = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
/// assert!(owner.authorize_list(act::ViewProject).is_ok());
/// ```
///
/// and this does not:
///
/// ```compile_fail,E0080
/// # use labelgate::{OrganizationId, Role, Subject, UserId, act};
/// # let owner = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
/// assert!(owner.authorize_list(act::InvitePeople).is_ok());
/// ```
#[must_use = "pass the listing to the query of the list"]
pub struct Listing<A, Id: RowId, T = <Id as RowId>::Value, U = T> {
    organization: OrganizationId<T>,
    user: UserId<U>,
    within: Id,
    /// The kind of the rows that are listed.
    kind: Kind,
    /// The condition on the listed rows, besides that they are within the row.
    condition: Filter,
    request: Request,
    action: PhantomData<A>,
}

impl<A, Id: RowId, T, U> Listing<A, Id, T, U> {
    /// INVARIANT: only `Subject` calls it, after the check.
    pub(crate) const fn new(
        organization: OrganizationId<T>,
        user: UserId<U>,
        within: Id,
        kind: Kind,
        condition: Filter,
        request: Request,
    ) -> Self {
        Self { organization, user, within, kind, condition, request, action: PhantomData }
    }

    /// Returns the organization of the subject.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }

    /// Returns the user for whom the list is.
    #[must_use]
    pub const fn user(&self) -> &UserId<U> {
        &self.user
    }

    /// Returns the role of the user in the organization.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.request.role
    }

    /// Returns the id of the row that the list is within.
    #[must_use]
    pub const fn within(&self) -> &Id {
        &self.within
    }

    /// Returns the action that may be done to each listed row.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.request.action
    }

    /// Returns the kind of the listed rows: the [kind](Action::kind) of the action. An action on tasks lists records
    /// after [`records`](Self::records), and within a task.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the condition on the listed rows, besides that they are within the row, to display it in words.
    ///
    /// ```
    /// use labelgate::{Denied, OrganizationId, Role, Subject, UserId, act};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let listing = mia.authorize_list(act::ViewProject)?;
    /// assert_eq!(listing.condition().to_string(), "everything in the organization");
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub const fn condition(&self) -> impl fmt::Display + Copy {
        self.condition
    }

    pub(crate) const fn request(&self) -> Request {
        self.request
    }

    #[cfg(feature = "sea-query")]
    pub(crate) const fn filter(&self) -> &Filter {
        &self.condition
    }
}

impl<A: ActionType, Id: RowId, T, U> Listing<A, Id, T, U> {
    /// Lists records in place of tasks. Compiles only for actions on tasks.
    ///
    /// ```
    /// use labelgate::{Denied, Kind, OrganizationId, Role, Subject, UserId, act};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let listing = mia.authorize_list(act::ChangeAnnotations)?;
    /// assert_eq!(listing.kind(), Kind::Task);
    /// assert_eq!(listing.records().kind(), Kind::Record);
    /// # Ok::<(), Denied>(())
    /// ```
    pub fn records(self) -> Self {
        const { assert!(matches!(A::ACTION.kind(), Kind::Task), "the action is not done to tasks") };
        Self { kind: Kind::Record, ..self }
    }
}

impl<Id: RowId, T, U> Listing<Action, Id, T, U> {
    /// Lists records in place of tasks. Returns `None` if the action is not done to tasks.
    #[must_use]
    pub fn records(self) -> Option<Self> {
        let is_of_tasks = self.action().kind() == Kind::Task;
        is_of_tasks.then_some(Self { kind: Kind::Record, ..self })
    }
}

impl<A, Id: RowId + fmt::Debug, T, U: fmt::Debug> fmt::Debug for Listing<A, Id, T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing")
            .field("action", &self.request.action)
            .field("user", &self.user)
            .field("within", &self.within)
            .field("kind", &self.kind)
            .field("condition", &self.condition)
            .finish()
    }
}
