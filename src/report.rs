//! `Report`: the proof that the access report of an organization is permitted, and `ReportLine`: a line of it.

use core::fmt;

use crate::action::{Action, Actions};
use crate::decision::{Denied, Granted};
use crate::evaluator::Evaluator;
use crate::fact::{FactSet, Facts, InvalidFacts};
#[cfg(feature = "sea-query")]
use crate::filter::Filter;
use crate::id::{OrganizationId, UserId};
use crate::kind::Kind;
use crate::matrix::Matrix;
use crate::role::Role;
use crate::row::MaybeRow;
use crate::scope::Scopes;
use crate::subject::Subject;

/// The proof that a subject may see the access report of their organization: who may do what to the organization, to
/// each workspace and to each project.
///
/// Only [`Subject::authorize_report`] makes one. The module `sql` (feature `sea-query`) renders its pages, and
/// [`ReportLine`] says what a line permits.
///
/// The people in the report are judged by their role in the organization and by the [matrix](Self::matrix) of the
/// subject, in a browser's session. The report has only workspaces and projects that the subject may view.
///
/// ```
/// use labelgate::{Denied, Matrix, OrganizationId, Role, Subject, UserId};
///
/// let ada = Subject::new(OrganizationId(1), UserId(7), Role::Administrator);
/// let report = ada.authorize_report(ada.own_organization())?;
/// assert_eq!((report.organization(), report.user()), (&OrganizationId(1), &UserId(7)));
/// assert!(report.audit().allowed);
///
/// // Store the fingerprint with the lines: with the same matrix, they can be decided again later.
/// assert_eq!(report.matrix().fingerprint(), Matrix::BUILT_IN.fingerprint());
/// # Ok::<(), Denied>(())
/// ```
///
/// # What does not compile
///
/// This compiles:
///
/// ```
/// # use labelgate::report::Report;
/// # use labelgate::{Denied, Subject};
/// fn render(report: &Report<i64>) {}
/// # fn check(subject: Subject<i64>) -> Result<(), Denied> {
/// let report = subject.authorize_report(subject.own_organization())?;
/// render(&report);
/// # Ok(()) }
/// ```
///
/// A permit for one of the two actions is not a report, and a report cannot be cloned:
///
/// ```compile_fail,E0308
/// # use labelgate::report::Report;
/// # use labelgate::{Denied, Subject, act};
/// fn render(report: &Report<i64>) {}
/// # fn check(subject: Subject<i64>) -> Result<(), Denied> {
/// let report = subject.authorize(act::ViewActivityLog, subject.own_organization())?;
/// render(&report);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0277
/// # use labelgate::report::Report;
/// fn twice<T: Clone>(report: T) -> (T, T) {
///     (report.clone(), report)
/// }
/// # fn check(report: Report<i64>) {
/// twice(report);
/// # }
/// ```
#[must_use = "pass it to the query of the lines"]
pub struct Report<T, U = T> {
    organization: OrganizationId<T>,
    user: UserId<U>,
    /// The evaluator of the subject.
    evaluator: Evaluator,
    /// The decision about [`Action::ViewActivityLog`].
    granted: Granted,
}

impl<T, U> Subject<T, U> {
    /// Decides whether the subject may see the access report of the organization, and returns the proof. The report
    /// says of all members what they may do where, so it takes both [`ViewPeoplePage`](Action::ViewPeoplePage) and
    /// [`ViewActivityLog`](Action::ViewActivityLog).
    ///
    /// ```
    /// use labelgate::{Denied, OrganizationId, Role, Subject, UserId};
    ///
    /// let caller = |role| Subject::new(OrganizationId(1), UserId(7), role);
    /// let ada = caller(Role::Administrator);
    /// let report = ada.authorize_report(ada.own_organization())?;
    /// assert_eq!(report.organization(), &OrganizationId(1));
    ///
    /// // Managers see the people page, but not the activity log.
    /// let mia = caller(Role::Manager);
    /// let denied = mia.authorize_report(mia.own_organization()).unwrap_err();
    /// assert_eq!((denied.action().key(), denied.answer().status()), ("activity_log.view", 404));
    ///
    /// // The organization that a request names is another one.
    /// let denied = ada.authorize_report(ada.organization_row(OrganizationId(2))).unwrap_err();
    /// assert_eq!(denied.answer().status(), 404);
    /// # Ok::<(), Denied>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the denial of [`ViewPeoplePage`](Action::ViewPeoplePage). If that is permitted, returns the denial of
    /// [`ViewActivityLog`](Action::ViewActivityLog).
    pub fn authorize_report<R>(&self, organization: R) -> Result<Report<T, U>, Denied>
    where
        R: MaybeRow<Id = OrganizationId<T>>,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        let (_, facts) = self.find(Action::ViewPeoplePage, organization)?;
        let granted = self.evaluator().decide_report(facts)?;
        let (organization, user) = (self.organization().clone(), self.user().clone());
        Ok(Report { organization, user, evaluator: *self.evaluator(), granted })
    }
}

impl<T, U> Report<T, U> {
    /// Returns the organization, whose members and rows are reported.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }

    /// Returns the user who asks.
    #[must_use]
    pub const fn user(&self) -> &UserId<U> {
        &self.user
    }

    /// Returns the matrix that decides for all members. [`ReportLine::actions`] takes it.
    #[must_use]
    pub const fn matrix(&self) -> &Matrix {
        self.evaluator.matrix()
    }

    /// Returns the role of the user who asks.
    #[cfg(feature = "sea-query")]
    pub(crate) const fn role(&self) -> Role {
        self.evaluator.role()
    }

    /// Returns the filter of the rows of this kind that the user who asks may view.
    #[cfg(feature = "sea-query")]
    pub(crate) fn viewed(&self, kind: Kind) -> Filter {
        Filter::of_row(&self.evaluator, Evaluator::view(kind), kind)
    }

    /// Returns the filter of the rows of this kind for which a member with this role has a line.
    #[cfg(feature = "sea-query")]
    pub(crate) fn filter(&self, role: Role, kind: Kind) -> Filter {
        Filter::of_report(&Evaluator::of_member(role, self.matrix()), kind)
    }

    pub(crate) const fn granted(&self) -> Granted {
        self.granted
    }
}

/// A line of an access report: a row, a user, the user's role in the organization, and the facts about the two.
///
/// The line has no actions. [`actions`](Self::actions) and [`scopes`](Self::scopes) decide again, from the role and
/// the facts. A line that was stored says the same for as long as you know the matrix.
///
/// - The line of the **organization** says what the role alone permits: on the organization, and on each workspace
///   and project in it. A user whose role permits nothing everywhere has no such line.
/// - A line of a **workspace** or a **project** is there if the facts permit an action that the role alone does not.
///   It says all that the user may do to the row and to what is in it.
///
/// `R` is the type of the id of the row.
///
/// ```
/// use labelgate::report::ReportLine;
/// use labelgate::{Action, Fact, Kind, Matrix, Role, UserId};
///
/// // What a query selected: Mia is a manager.
/// let matrix = Matrix::BUILT_IN;
/// let everywhere = ReportLine::new(Kind::Organization, 1, UserId(7), Role::Manager, 0).unwrap();
/// assert!(everywhere.actions(&matrix).has(Action::ViewProject)); // each project of the organization
/// assert!(!everywhere.actions(&matrix).has(Action::ExportData));
///
/// // She was added to project 100.
/// let line = ReportLine::new(Kind::Project, 100, UserId(7), Role::Manager, 8).unwrap();
/// assert_eq!((line.kind(), line.row(), line.user()), (Kind::Project, &100, &UserId(7)));
/// assert_eq!((line.role(), line.facts().has(Fact::ProjectMember)), (Role::Manager, true));
/// assert!(line.actions(&matrix).has(Action::ExportData));
/// assert_eq!(line.scopes(&matrix, Action::ExportData).to_string(), "project");
/// assert!(line.scopes(&matrix, Action::UseApi).is_empty()); // not permitted
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ReportLine<R, U = R> {
    kind: Kind,
    row: R,
    user: UserId<U>,
    role: Role,
    facts: Facts,
}

impl<R, U> ReportLine<R, U> {
    /// Makes a line from what a query selected. Facts that this kind of row cannot have are dropped.
    ///
    /// # Errors
    ///
    /// Returns an error if the integer is refused by [`Facts::from_bits`].
    pub fn new<F>(
        kind: Kind,
        row: R,
        user: UserId<U>,
        role: Role,
        facts: F,
    ) -> Result<Self, InvalidFacts>
    where
        F: TryInto<Facts>,
        InvalidFacts: From<F::Error>,
    {
        let facts = facts.try_into()?.among(FactSet::known_from(kind));
        Ok(Self { kind, row, user, role, facts })
    }

    /// Returns the kind of the row.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the id of the row.
    #[must_use]
    pub const fn row(&self) -> &R {
        &self.row
    }

    /// Returns the user.
    #[must_use]
    pub const fn user(&self) -> &UserId<U> {
        &self.user
    }

    /// Returns the role of the user in the organization.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Returns the facts about the user and the row.
    #[must_use]
    pub const fn facts(&self) -> Facts {
        self.facts
    }

    /// Returns the actions that the user may do to the row, or to what is in it: of a project, these are the actions
    /// on the project and on its tasks. An action on tasks is decided as for a task that is nobody's in particular.
    #[must_use]
    pub fn actions(&self, matrix: &Matrix) -> Actions {
        Evaluator::of_member(self.role, matrix).actions_from(self.kind, self.facts)
    }

    /// Returns the scopes that permit the action. There are none if the action is not one of
    /// [`actions`](Self::actions).
    #[must_use]
    pub fn scopes(&self, matrix: &Matrix, action: Action) -> Scopes {
        let granted = Evaluator::of_member(self.role, matrix).decide(action, self.facts).ok();
        // To a record, the actions on tasks are done.
        let granted = granted.filter(|_| action.kind() >= self.kind.min(Kind::Task));
        granted.map_or(Scopes::empty(), |granted| granted.scopes())
    }
}

impl<T: fmt::Debug, U: fmt::Debug> fmt::Debug for Report<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("organization", &self.organization)
            .field("user", &self.user)
            .field("matrix", &self.matrix().fingerprint())
            .finish_non_exhaustive()
    }
}
