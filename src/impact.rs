//! `Impact`: what another matrix would do to the members of an organization.

use core::fmt;

use crate::action::{Action, Actions};
use crate::evaluator::Evaluator;
use crate::fact::{FactSet, Facts};
#[cfg(feature = "sea-query")]
use crate::filter::Filter;
use crate::id::OrganizationId;
use crate::kind::Kind;
use crate::matrix::Matrix;
use crate::role::{Role, Roles};

/// The proof that an actor may see what another matrix would do to the members of an organization: for each action,
/// who gains it on which rows, and who loses it.
///
/// Only [`MembershipPolicy::preview_matrix`](crate::membership::MembershipPolicy::preview_matrix) makes one. Show it
/// before the overrides are saved. The module `sql` (feature `sea-query`) renders the numbers and the pages.
///
/// ```
/// use labelgate::membership::MembershipPolicy;
/// use labelgate::overrides::{Override, Overrides};
/// use labelgate::sets::Roles;
/// use labelgate::{Action, Actions, Matrix, OrganizationId, Role, Subject, UserId};
///
/// let reviewers = Roles::Administrator | Roles::Manager | Roles::Reviewer;
/// let overrides = Overrides::new([
///     Override { permission: Action::ExportData, roles: reviewers },
///     Override { permission: Action::UseApi, roles: Roles::Administrator },
/// ]).unwrap();
///
/// let olivia = Subject::new(OrganizationId(1), UserId(1), Role::Owner);
/// let policy = MembershipPolicy::new(OrganizationId(1));
/// let (before, after) = (Matrix::BUILT_IN, overrides.matrix());
/// let impact = policy.preview_matrix(&olivia, before, after)?.into_change();
/// assert_eq!((impact.organization(), impact.before(), impact.after()), (&OrganizationId(1), &before, &after));
///
/// assert_eq!(impact.actions(), Actions::ExportData | Actions::UseApi);
/// // An annotator of the organization who is a reviewer of some project gains it there.
/// assert_eq!(impact.gained(Action::ExportData).roles(), Roles::Reviewer | Roles::Annotator);
/// assert!(impact.lost(Action::ExportData).roles().is_empty());
/// assert_eq!(impact.lost(Action::UseApi).roles(), Roles::Manager);
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
///
/// An impact cannot be cloned. This does not compile:
///
/// ```compile_fail,E0277
/// # use labelgate::impact::Impact;
/// fn twice<T: Clone>(impact: T) -> (T, T) {
///     (impact.clone(), impact)
/// }
/// # fn check(impact: Impact<i64>) {
/// twice(impact);
/// # }
/// ```
#[must_use = "show it before the matrix is changed"]
#[derive(PartialEq, Eq)]
pub struct Impact<T> {
    organization: OrganizationId<T>,
    before: Matrix,
    after: Matrix,
}

impl<T> Impact<T> {
    /// INVARIANT: only the policy calls it, after its checks.
    pub(crate) const fn new(
        organization: OrganizationId<T>,
        before: Matrix,
        after: Matrix,
    ) -> Self {
        Self { organization, before, after }
    }

    /// Returns the organization whose members and rows are counted.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }

    /// Returns the matrix before the change.
    #[must_use]
    pub const fn before(&self) -> &Matrix {
        &self.before
    }

    /// Returns the matrix after the change.
    #[must_use]
    pub const fn after(&self) -> &Matrix {
        &self.after
    }

    /// Returns the actions that members of at least one role can gain or lose.
    #[must_use]
    pub fn actions(&self) -> Actions {
        let differ = self.before.diff(&self.after).map(|difference| difference.action);
        let changes = |action: &Action| {
            !self.gained(*action).roles().is_empty() || !self.lost(*action).roles().is_empty()
        };
        differ.filter(changes).collect()
    }

    /// Returns who gains the action, and on which rows: after the change the decision is yes, and before it is no.
    pub const fn gained(&self, action: Action) -> Effect<'_, T> {
        let (organization, kind) = (&self.organization, action.kind());
        Effect { organization, action, kind, granting: &self.after, denying: &self.before }
    }

    /// Returns who loses the action, and on which rows: before the change the decision is yes, and after it is no.
    pub const fn lost(&self, action: Action) -> Effect<'_, T> {
        let (organization, kind) = (&self.organization, action.kind());
        Effect { organization, action, kind, granting: &self.before, denying: &self.after }
    }
}

impl<T: fmt::Debug> fmt::Debug for Impact<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Impact")
            .field("organization", &self.organization)
            .field("before", &self.before.fingerprint())
            .field("after", &self.after.fingerprint())
            .finish()
    }
}

/// The members of an organization who gain an action, or who lose it, and the rows on which they do.
/// [`Impact::gained`] and [`Impact::lost`] return it.
///
/// A member and a row are counted if one of two matrices permits the action and the other denies it. The member is
/// judged by the role in the organization, in a browser's session, as in a list of [people](crate::people).
///
/// ```
/// use labelgate::membership::MembershipPolicy;
/// use labelgate::overrides::{Override, Overrides};
/// use labelgate::sets::Roles;
/// use labelgate::{Action, Kind, Matrix, OrganizationId, Role, Subject, UserId};
///
/// let only_administrators = Override { permission: Action::ChangeAnnotations, roles: Roles::Administrator };
/// let after = Overrides::new([only_administrators]).unwrap().matrix();
/// let olivia = Subject::new(OrganizationId(1), UserId(1), Role::Owner);
/// let policy = MembershipPolicy::new(OrganizationId(1));
/// let impact = policy.preview_matrix(&olivia, Matrix::BUILT_IN, after)?.into_change();
///
/// let lost = impact.lost(Action::ChangeAnnotations);
/// assert_eq!(lost.roles(), Roles::Manager | Roles::Reviewer | Roles::Annotator);
/// assert_eq!((lost.action(), lost.kind()), (Action::ChangeAnnotations, Kind::Task));
/// assert_eq!(lost.records().map(|records| records.kind()), Some(Kind::Record));
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[must_use = "pass it to the query of the members or of the rows"]
#[derive(PartialEq, Eq)]
pub struct Effect<'a, T> {
    organization: &'a OrganizationId<T>,
    action: Action,
    kind: Kind,
    /// The matrix that permits the action.
    granting: &'a Matrix,
    /// The matrix that denies the action.
    denying: &'a Matrix,
}

impl<T> Effect<'_, T> {
    /// Returns the action.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// Returns the kind of the rows: the [kind](Action::kind) of the action, or records after
    /// [`records`](Self::records).
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Counts records in place of tasks. Returns `None` if the action is not done to tasks.
    pub fn records(self) -> Option<Self> {
        let is_of_tasks = self.action.kind() == Kind::Task;
        is_of_tasks.then_some(Self { kind: Kind::Record, ..self })
    }

    /// Returns the roles in the organization whose members can gain or lose the action. If there are none, nothing
    /// changes for anybody: run no query.
    #[must_use]
    pub fn roles(&self) -> Roles {
        let read = FactSet::read_for(self.action.kind());
        let known = FactSet::known_from(self.kind).intersection(read);
        let is_concerned = |role: &Role| {
            let can = |matrix: &Matrix, facts| {
                Evaluator::of_member(*role, matrix).can(self.action, facts)
            };
            let differs = |facts| can(self.granting, facts) && !can(self.denying, facts);
            Facts::ALL.into_iter().any(|facts| known.contains(facts.set()) && differs(facts))
        };
        Role::ALL.into_iter().filter(is_concerned).collect()
    }

    #[cfg(feature = "sea-query")]
    pub(crate) const fn organization(&self) -> &OrganizationId<T> {
        self.organization
    }

    /// Returns the filters of members of this role: that of the matrix that permits the action, and that of the one
    /// that denies it.
    #[cfg(feature = "sea-query")]
    pub(crate) fn filters(&self, role: Role) -> [Filter; 2] {
        [self.granting, self.denying].map(|matrix| {
            Filter::of_row(&Evaluator::of_member(role, matrix), self.action, self.kind)
        })
    }
}

impl<T: fmt::Debug> fmt::Debug for Effect<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Effect")
            .field("organization", &self.organization)
            .field("action", &self.action)
            .field("kind", &self.kind)
            .field("roles", &self.roles())
            .finish()
    }
}
