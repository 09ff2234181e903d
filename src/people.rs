//! `People`: the proof that a list of people is permitted, and `Person`: an entry of the list.

use core::fmt;
use core::marker::PhantomData;

use crate::action::Action;
use crate::context::ScopeCtx;
use crate::decision::Granted;
use crate::evaluator::Evaluator;
use crate::fact::{FactSet, Facts, InvalidFacts};
#[cfg(feature = "sea-query")]
use crate::filter::Filter;
use crate::id::{OrganizationId, UserId};
use crate::kind::Kind;
use crate::matrix::Matrix;
use crate::role::{Role, UnknownRole};
use crate::row::RowId;
use crate::scope::Scopes;

/// The proof that a subject may list the people who may do the action `A` to a row. It is for the question *who may?*
/// what a [`Permit`](crate::Permit) is for a row.
///
/// Only [`Subject::authorize_people`](crate::Subject::authorize_people) and
/// [`authorize_people_of`](crate::Subject::authorize_people_of) make one. The list has the members of the row's
/// organization for whom the decision is yes: by their role in the organization, by the matrix of the subject, in a
/// browser's session. The module `sql` (feature `sea-query`) renders it. [`person`](Self::person) decides for one
/// member.
///
/// `A` is a type of [`act`](crate::act), or [`Action`] if the action is known only at run time. `Id` is the type of
/// the id of the row.
///
/// ```
/// use labelgate::sets::Scopes;
/// use labelgate::{Action, Denied, OrganizationId, ProjectId, Role, Subject, UserId, act};
///
/// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// let project = mia.row(ProjectId(100), OrganizationId(1), 8).unwrap();
/// let people = mia.authorize_people(act::ExportData, &project)?;
/// assert_eq!((people.row(), people.action()), (&ProjectId(100), Action::ExportData));
/// assert_eq!((people.organization(), people.user()), (&OrganizationId(1), &UserId(7)));
///
/// // What a query selected about other members and this project: the role and the facts.
/// let max = people.person(UserId(8), Role::Manager, 8).unwrap().unwrap(); // was added to the project
/// assert_eq!((max.scopes(), max.is_explicit()), (Scopes::Project, true));
/// let ada = people.person(UserId(9), Role::Administrator, 0).unwrap().unwrap();
/// assert_eq!((ada.scopes(), ada.is_explicit()), (Scopes::Organization, false));
/// assert!(people.person(UserId(10), Role::Annotator, 32 + 8).unwrap().is_none()); // may not export
/// # Ok::<(), Denied>(())
/// ```
///
/// # What does not compile
///
/// This compiles:
///
/// ```
/// # use labelgate::people::People;
/// # use labelgate::{Denied, ProjectId, Row, Subject, act};
/// fn render(people: &People<act::ExportData, ProjectId<i64>>) {}
/// # fn check(subject: Subject<i64>, project: Row<ProjectId<i64>>) -> Result<(), Denied> {
/// let people = subject.authorize_people(act::ExportData, &project)?;
/// render(&people);
/// # Ok(()) }
/// ```
///
/// People of another action do not compile:
///
/// ```compile_fail,E0308
/// # use labelgate::people::People;
/// # use labelgate::{Denied, ProjectId, Row, Subject, act};
/// fn render(people: &People<act::ExportData, ProjectId<i64>>) {}
/// # fn check(subject: Subject<i64>, project: Row<ProjectId<i64>>) -> Result<(), Denied> {
/// let people = subject.authorize_people(act::ViewProject, &project)?;
/// render(&people);
/// # Ok(()) }
/// ```
///
/// and neither does a clone:
///
/// ```compile_fail,E0277
/// # use labelgate::people::People;
/// # use labelgate::{ProjectId, act};
/// fn twice<T: Clone>(people: T) -> (T, T) {
///     (people.clone(), people)
/// }
/// # fn check(people: People<act::ExportData, ProjectId<i64>>) {
/// twice(people);
/// # }
/// ```
#[must_use = "pass it to the query of the people"]
pub struct People<A, Id: RowId, T = <Id as RowId>::Value, U = T> {
    organization: OrganizationId<T>,
    user: UserId<U>,
    row: Id,
    action: Action,
    matrix: Matrix,
    /// The decision about [`Action::ViewPeoplePage`].
    granted: Granted,
    type_of_action: PhantomData<A>,
}

impl<A, Id: RowId, T, U> People<A, Id, T, U> {
    /// INVARIANT: only `Subject` calls it, after the check.
    pub(crate) const fn new(
        organization: OrganizationId<T>,
        user: UserId<U>,
        row: Id,
        action: Action,
        matrix: Matrix,
        granted: Granted,
    ) -> Self {
        Self { organization, user, row, action, matrix, granted, type_of_action: PhantomData }
    }

    /// Returns the organization of the row, whose members are listed.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }

    /// Returns the user who asks.
    #[must_use]
    pub const fn user(&self) -> &UserId<U> {
        &self.user
    }

    /// Returns the id of the row.
    #[must_use]
    pub const fn row(&self) -> &Id {
        &self.row
    }

    /// Returns the action that the listed people may do to the row.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// Decides whether a member of the organization may do the action to the row. `role` is the member's role in the
    /// organization, and `facts` were selected for the member and the row. Facts that this kind of row cannot have
    /// are dropped. Returns `None` if the member may not do the action.
    ///
    /// # Errors
    ///
    /// Returns an error if the integer is refused by [`Facts::from_bits`].
    pub fn person<V, F>(
        &self,
        user: UserId<V>,
        role: Role,
        facts: F,
    ) -> Result<Option<Person<V>>, InvalidFacts>
    where
        F: TryInto<Facts>,
        InvalidFacts: From<F::Error>,
    {
        let facts = facts.try_into()?.among(const { FactSet::known_from(Id::KIND) });
        let (evaluator, action) = (self.evaluator(role), self.action());
        let granted = evaluator.decide(action, facts).ok();
        let effective_role = evaluator.standing(action.kind(), facts).effective_role;
        Ok(granted.zip(effective_role).map(|(granted, effective_role)| Person {
            user,
            role,
            effective_role,
            facts,
            scopes: granted.scopes(),
            is_explicit: is_explicit(Id::KIND, evaluator.standing(Id::KIND, facts).held),
        }))
    }

    /// Decides, as [`person`](Self::person) does, about each member that a query returned: the id, the code of the
    /// role, and the facts. Returns those who may do the action.
    ///
    /// ```
    /// use labelgate::{Denied, OrganizationId, ProjectId, Role, Subject, UserId, act};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let project = mia.row(ProjectId(100), OrganizationId(1), 8).unwrap();
    /// let people = mia.authorize_people(act::ExportData, &project)?;
    /// let rows = [(7, "MA", 8), (9, "AD", 0), (10, "AN", 40)]; // annotators may not export
    /// let found: Result<Vec<_>, _> = people.persons(rows).collect();
    /// assert_eq!(found.unwrap().len(), 2);
    ///
    /// let error = people.persons([(7, "XX", 8)]).next().unwrap().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown role code `XX`");
    /// # Ok::<(), Denied>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An item is an error if the code of a role is unknown, or if facts are refused by [`Facts::from_bits`].
    pub fn persons<V, R, F>(
        &self,
        members: impl IntoIterator<Item = (V, R, F)>,
    ) -> impl Iterator<Item = Result<Person<V>, InvalidPerson>>
    where
        R: AsRef<str>,
        F: TryInto<Facts>,
        InvalidFacts: From<F::Error>,
    {
        members.into_iter().filter_map(|(user, role, facts)| {
            let role = role.as_ref().parse().map_err(InvalidPerson::Role);
            let person = |role| Ok(self.person(UserId(user), role, facts)?);
            role.and_then(person).transpose()
        })
    }

    /// Returns the filter that decides for members of this role.
    #[cfg(feature = "sea-query")]
    pub(crate) fn filter(&self, role: Role) -> Filter {
        Filter::of_row(&self.evaluator(role), self.action(), Id::KIND)
    }

    const fn evaluator(&self, role: Role) -> Evaluator {
        Evaluator::of_member(role, &self.matrix)
    }

    pub(crate) const fn granted(&self) -> Granted {
        self.granted
    }
}

/// Returns true if facts of the row itself or of its project grant a scope. The facts of the workspace of a project
/// and the role in the organization do not count.
const fn is_explicit(kind: Kind, held: ScopeCtx) -> bool {
    let of_row = match kind {
        Kind::Organization => Scopes::empty(),
        Kind::Workspace => Scopes::Own.union(Scopes::Workspace),
        Kind::Project | Kind::Task | Kind::Record => Scopes::Own.union(Scopes::Project),
    };
    held.scopes().intersects(of_row)
}

/// A member of the organization who may do the action of a [`People`] to its row: an entry of the list.
///
/// [`People::person`] makes one. The scopes say through what the user may do the action, and the facts say why the
/// user holds them. With the feature `serde`, a person is written as an object, and never read.
///
/// ```
/// use labelgate::{Denied, Fact, OrganizationId, ProjectId, Role, Subject, UserId, act};
///
/// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// let project = mia.row(ProjectId(100), OrganizationId(1), 0).unwrap();
/// let people = mia.authorize_people(act::ReviewAnnotations, &project)?;
///
/// // Ann is an annotator of the organization, and a reviewer of this project with tasks in it.
/// let ann = people.person(UserId(9), Role::Annotator, 64 + 16).unwrap().unwrap();
/// assert_eq!((ann.user(), ann.role(), ann.effective_role()), (&UserId(9), Role::Annotator, Role::Reviewer));
/// assert_eq!((ann.scopes().to_string(), ann.is_explicit()), ("project".to_owned(), true));
/// assert!(ann.facts().has(Fact::ProjectAssignee));
/// # Ok::<(), Denied>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Person<U> {
    user: UserId<U>,
    role: Role,
    effective_role: Role,
    facts: Facts,
    scopes: Scopes,
    is_explicit: bool,
}

impl<U> Person<U> {
    /// Returns the user.
    #[must_use]
    pub const fn user(&self) -> &UserId<U> {
        &self.user
    }

    /// Returns the role in the organization.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Returns the role that decides. If the action is done to a project or a task, this is the project role of an
    /// annotator or reviewer. Otherwise it is the role in the organization.
    #[must_use]
    pub const fn effective_role(&self) -> Role {
        self.effective_role
    }

    /// Returns the facts about the user and the row. [`Facts::elements`] names them, for *through what*.
    #[must_use]
    pub const fn facts(&self) -> Facts {
        self.facts
    }

    /// Returns the scopes that permit the action.
    #[must_use]
    pub const fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// Returns true if the user is in the row or in its project explicitly: was added, is assigned, or created it.
    /// Returns false if the user is there only by their role in the organization, or through the workspace of a
    /// project. Label Studio calls such a user an implicit member.
    ///
    /// It does not depend on the action. Facts count as they do in decisions: creating a project does not make an
    /// annotator a member of it. Nobody is in an organization explicitly, since every member has a role there.
    #[must_use]
    pub const fn is_explicit(&self) -> bool {
        self.is_explicit
    }
}

/// Why a member cannot be decided about. [`People::persons`] returns it.
///
/// ```
/// use labelgate::error::{InvalidFacts, InvalidPerson};
///
/// let error = InvalidPerson::from(InvalidFacts::Contradiction);
/// assert_eq!(error.to_string(), InvalidFacts::Contradiction.to_string());
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidPerson {
    /// The code of the role is unknown.
    #[error(transparent)]
    Role(#[from] UnknownRole),
    /// The facts are refused by [`Facts::from_bits`].
    #[error(transparent)]
    Facts(#[from] InvalidFacts),
}

impl<A, Id: RowId + fmt::Debug, T, U: fmt::Debug> fmt::Debug for People<A, Id, T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("People")
            .field("action", &self.action)
            .field("user", &self.user)
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}
