//! `Subject`: a user as a member of an organization, for whom actions are decided.

use core::fmt;

use crate::action::{Action, ActionType, Actions, action_of};
use crate::context::ScopeCtx;
use crate::decision::{Denied, Granted, Reason};
use crate::evaluator::Evaluator;
use crate::explain::Change;
use crate::fact::{Facts, InvalidFacts};
use crate::filter::Filter;
use crate::id::{OrganizationId, UserId};
use crate::kind::Kind;
use crate::listing::Listing;
use crate::matrix::Matrix;
use crate::people::People;
use crate::permit::Permit;
use crate::role::Role;
use crate::row::{InnerRowId, MaybeRow, Row, RowId};

/// A user as a member of one organization, for whom actions are decided.
///
/// Make one in each request, from the session and one query. A member of several organizations is a different
/// subject in each: take the organization from the session. `T` is the type of organization ids, and `U` of user ids.
///
/// ```
/// use labelgate::{Action, Fact, Facts, OrganizationId, ProjectId, Role, Subject, UserId};
///
/// let (acme, mia) = (OrganizationId(1), UserId(7));
/// let subject = Subject::new(acme, mia, Role::Manager);
/// assert_eq!((subject.organization(), subject.user(), subject.role()), (&acme, &mia, Role::Manager));
///
/// let facts = Facts::none().with(Fact::ProjectMember);
/// let project = subject.row(ProjectId(100), acme, facts)?;
/// assert!(subject.can(Action::ExportData, &project));
///
/// // A project in another organization.
/// let elsewhere = subject.row(ProjectId(200), OrganizationId(2), facts)?;
/// assert!(!subject.can(Action::ExportData, &elsewhere));
/// # Ok::<(), labelgate::error::InvalidFacts>(())
/// ```
///
/// A guard as an extractor of a web framework, written once for all actions:
///
/// ```
/// use labelgate::{ActionType, Answer, Denied, Permit, ProjectId, Row, Subject, act};
/// # use labelgate::{OrganizationId, Role, UserId};
/// # type Project = Row<ProjectId<i64>>;
/// # struct Request;
/// # impl Request {
/// #     fn caller(&self) -> Subject<i64> { Subject::new(OrganizationId(1), UserId(7), Role::Owner) }
/// #     fn project(&self, caller: &Subject<i64>) -> Option<Project> { None }
/// # }
///
/// struct Allowed<A>(Permit<A, Project>);
///
/// impl<A: ActionType + Default> Allowed<A> {
///     fn from_request(request: &Request) -> Result<Self, Denied> {
///         let caller = request.caller();
///         let project: Option<Project> = request.project(&caller); // one query, with its facts
///         Ok(Self(caller.authorize(A::default(), project)?))
///     }
/// }
///
/// fn export(Allowed(permit): Allowed<act::ExportData>) -> String {
///     format!("the data of project {}", permit.id())
/// }
///
/// // A project that does not exist gets the same answer as a hidden one.
/// let denied = Allowed::from_request(&Request).map(export).unwrap_err();
/// assert_eq!(denied.answer(), Answer::NotFound);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject<T, U = T> {
    organization: OrganizationId<T>,
    user: UserId<U>,
    evaluator: Evaluator,
}

impl<T, U> Subject<T, U> {
    /// A member of the organization with this role. The [built-in](Matrix::BUILT_IN) matrix decides.
    #[must_use]
    pub const fn new(organization: OrganizationId<T>, user: UserId<U>, role: Role) -> Self {
        Self { organization, user, evaluator: Evaluator::new(role) }
    }

    /// Decides with this matrix, such as that of the organization's overrides.
    ///
    /// ```
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::sets::Roles;
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let only_administrators = Override { permission: Action::ExportData, roles: Roles::Administrator };
    /// let matrix = Overrides::new([only_administrators])?.matrix();
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager).with_matrix(matrix);
    /// assert!(mia.filter(Action::ExportData).is_nothing());
    /// assert_eq!(mia.matrix(), &matrix);
    /// # Ok::<(), labelgate::overrides::InvalidOverrides>(())
    /// ```
    #[must_use]
    pub const fn with_matrix(mut self, matrix: Matrix) -> Self {
        self.evaluator = self.evaluator.with_matrix(matrix);
        self
    }

    /// Applies the API rule: the request has an API token in place of a browser's session.
    ///
    /// An action is then permitted only if [`Action::UseApi`] is permitted too. For actions on projects and tasks, `UseApi`
    /// must be permitted on the project. For actions on organizations and workspaces, it is enough that the role's
    /// cell of [`Action::UseApi`] is not empty.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let ann = Subject::new(OrganizationId(1), UserId(7), Role::Annotator).through_api();
    /// assert!(ann.is_through_api());
    /// assert!(ann.filter(Action::ViewProject).is_nothing()); // annotators do nothing through the API
    /// ```
    #[must_use]
    pub const fn through_api(mut self) -> Self {
        self.evaluator = self.evaluator.through_api();
        self
    }

    /// Limits the subject to the actions of a token.
    ///
    /// An action is then permitted only if the set has the action and its [guard](Action::guard). If you limit a
    /// subject twice, the actions that are in both sets stay.
    ///
    /// ```
    /// use labelgate::{Action, Actions, OrganizationId, Role, Subject, UserId};
    ///
    /// let token = Actions::ViewProject | Actions::ExportData;
    /// let caller = Subject::new(OrganizationId(1), UserId(7), Role::Owner).limited_to(token);
    /// assert!(caller.filter(Action::ExportData).is_everything());
    /// assert!(caller.filter(Action::DeleteProject).is_nothing());
    /// assert_eq!(caller.limit(), token);
    /// ```
    #[must_use]
    pub const fn limited_to(mut self, actions: Actions) -> Self {
        self.evaluator = self.evaluator.limited_to(actions);
        self
    }

    /// Returns the organization of the membership.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }

    /// Returns the user, who can be a member of other organizations too.
    #[must_use]
    pub const fn user(&self) -> &UserId<U> {
        &self.user
    }

    /// Returns the role in the organization.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.evaluator.role()
    }

    /// Returns the matrix that decides.
    #[must_use]
    pub const fn matrix(&self) -> &Matrix {
        self.evaluator.matrix()
    }

    /// Returns true if the [API rule](Self::through_api) applies.
    #[must_use]
    pub const fn is_through_api(&self) -> bool {
        self.evaluator.is_through_api()
    }

    /// Returns the actions that the subject is [limited to](Self::limited_to): all actions, if it is not limited.
    #[must_use]
    pub const fn limit(&self) -> Actions {
        self.evaluator.limit()
    }

    pub(crate) const fn evaluator(&self) -> &Evaluator {
        &self.evaluator
    }

    /// Returns the row of the subject's own organization, for actions on the organization.
    ///
    /// If the request names an organization, use [`organization_row`](Self::organization_row).
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// assert!(subject.can(Action::ViewPeoplePage, subject.own_organization()));
    /// ```
    #[must_use]
    pub fn own_organization(&self) -> Row<OrganizationId<T>, (), T, U>
    where
        T: Clone,
        U: Clone,
    {
        self.organization_row(self.organization.clone())
    }

    /// Returns the row of the organization that a request names. If it is not the subject's own, every action is
    /// denied and the answer is 404.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let elsewhere = subject.organization_row(OrganizationId(2));
    /// let denied = subject.decide(Action::ViewPeoplePage, elsewhere).unwrap_err();
    /// assert_eq!(denied.answer().status(), 404);
    /// ```
    #[must_use]
    pub fn organization_row(&self, id: OrganizationId<T>) -> Row<OrganizationId<T>, (), T, U>
    where
        T: Clone,
        U: Clone,
    {
        Row::of_organization(id, self.user.clone())
    }

    /// Returns a row as the subject's user sees it. `organization` is the organization that the row is in. `facts`
    /// were selected for this user, as an integer or as [`Facts`]. [`Row::with`] adds your data.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, ProjectId, Role, Subject, UserId};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let project = mia.row(ProjectId(100), OrganizationId(1), 8)?;
    /// assert!(mia.can(Action::ExportData, &project));
    /// assert!(mia.row(ProjectId(100), OrganizationId(1), 1 << 12).is_err());
    /// # Ok::<(), labelgate::error::InvalidFacts>(())
    /// ```
    ///
    /// For an organization, use [`organization_row`](Self::organization_row). This does not compile:
    ///
    /// ```compile_fail,E0277
    /// # use labelgate::{OrganizationId, Role, Subject, UserId};
    /// # let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let row = mia.row(OrganizationId(2), OrganizationId(1), 0)?;
    /// # Ok::<(), labelgate::error::InvalidFacts>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the integer is refused by [`Facts::from_bits`]: answer 500, and correct the query.
    pub fn row<Id: InnerRowId, F>(
        &self,
        id: Id,
        organization: OrganizationId<T>,
        facts: F,
    ) -> Result<Row<Id, (), T, U>, InvalidFacts>
    where
        U: Clone,
        F: TryInto<Facts>,
        InvalidFacts: From<F::Error>,
    {
        Row::seen_by(self.user.clone(), id, organization, facts)
    }

    /// Returns the facts of the row if the subject's organization and user are those of the row. Otherwise returns
    /// the reason of a denial; the organization is compared first.
    #[inline]
    pub(crate) fn known<R: MaybeRow>(&self, row: &R::Row) -> Result<Facts, Reason>
    where
        T: PartialEq<R::Organization>,
        U: PartialEq<R::User>,
    {
        let row = R::get(row);
        if self.organization.0 != row.organization().0 {
            Err(Reason::OutsideOrganization)
        } else if self.user.0 != row.user().0 {
            Err(Reason::OtherUser)
        } else {
            Ok(row.facts())
        }
    }

    /// Returns the row and its facts, or the denial of the action if the row is missing or not for this subject.
    #[inline]
    pub(crate) fn find<R: MaybeRow>(
        &self,
        action: Action,
        row: R,
    ) -> Result<(R::Row, Facts), Denied>
    where
        T: PartialEq<R::Organization>,
        U: PartialEq<R::User>,
    {
        let found = row.found().ok_or(Reason::NotFound);
        let known = found.and_then(|row| self.known::<R>(&row).map(|facts| (row, facts)));
        known.map_err(|reason| self.evaluator.deny_without_facts(action, reason))
    }

    /// Returns true if the subject may do the action to the row. Returns false for `None`.
    ///
    /// An action is decided on the [kind](Action::kind) of row that it is done to. With the row of a project, an
    /// action on workspaces is decided on the workspace of the project.
    #[must_use]
    #[inline]
    pub fn can<R: MaybeRow>(&self, action: Action, row: R) -> bool
    where
        T: PartialEq<R::Organization>,
        U: PartialEq<R::User>,
    {
        let facts = row.found().and_then(|row| self.known::<R>(&row).ok());
        facts.is_some_and(|facts| self.evaluator.can(action, facts))
    }

    /// Decides whether the subject may do the action to the row. Returns the grant or the denial.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Reason, Role, Subject, UserId};
    ///
    /// let ann = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    /// let denied = ann.decide(Action::ViewPeoplePage, ann.own_organization()).unwrap_err();
    /// assert_eq!(denied.reason(), Reason::RoleNeverHolds);
    /// assert_eq!(denied.answer().status(), 404);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the action is denied. `None` gets the same answer as a hidden row.
    #[inline]
    pub fn decide<R: MaybeRow>(&self, action: Action, row: R) -> Result<Granted, Denied>
    where
        T: PartialEq<R::Organization>,
        U: PartialEq<R::User>,
    {
        let (_, facts) = self.find(action, row)?;
        self.evaluator.decide(action, facts)
    }

    /// Decides whether the subject may do the action to the row. Returns a permit, for functions that must not be
    /// called without the check. The permit owns the row that was checked, or the reference to it.
    ///
    /// ```
    /// use labelgate::{Denied, OrganizationId, Role, Subject, UserId, act};
    ///
    /// fn handler(caller: &Subject<i64>) -> Result<&'static str, Denied> {
    ///     let permit = caller.authorize(act::ViewActivityLog, caller.own_organization())?;
    ///     assert_eq!(permit.user(), caller.user());
    ///     Ok("the log")
    /// }
    ///
    /// let caller = |role| Subject::new(OrganizationId(1), UserId(7), role);
    /// assert_eq!(handler(&caller(Role::Owner)), Ok("the log"));
    /// assert_eq!(handler(&caller(Role::Manager)).unwrap_err().answer().status(), 404);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the action is denied. `None` gets the same answer as a hidden row.
    #[inline]
    pub fn authorize<A: ActionType, R: MaybeRow>(
        &self,
        _: A,
        row: R,
    ) -> Result<Permit<A, R::Row>, Denied>
    where
        T: PartialEq<R::Organization>,
        U: PartialEq<R::User>,
    {
        let action = action_of::<A>();
        let (row, facts) = self.find(action, row)?;
        Ok(Permit::new(row, self.evaluator.decide(action, facts)?))
    }

    /// Decides whether the subject may list rows of the organization for an action, and returns the proof. The list
    /// has the rows to which the subject may do the action: workspaces for an action on workspaces, and so on. The
    /// module `sql` (feature `sea-query`) renders it.
    ///
    /// ```
    /// use labelgate::{Answer, OrganizationId, Role, Subject, UserId, act};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let projects = subject.authorize_list(act::ViewProject)?;
    /// assert_eq!(projects.condition().to_string(), "everything in the organization");
    ///
    /// let deactivated = Subject::new(OrganizationId(1), UserId(7), Role::Deactivated);
    /// let denied = deactivated.authorize_list(act::ViewProject).unwrap_err();
    /// assert_eq!(denied.answer(), Answer::NotFound);
    /// # Ok::<(), labelgate::Denied>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the action cannot be permitted on any row, so the caller gets a denial and not an empty
    /// page. [`authorize_list_in`](Self::authorize_list_in) says what the answer is.
    pub fn authorize_list<A: ActionType>(
        &self,
        action: A,
    ) -> Result<Listing<A, OrganizationId<T>, T, U>, Denied>
    where
        T: Clone + PartialEq,
        U: Clone + PartialEq,
    {
        self.authorize_list_in(action, self.own_organization())
    }

    /// Decides whether the subject may list rows within a workspace, a project or a task for an action, and returns
    /// the proof. The list has the rows to which the subject may do the action.
    ///
    /// The list does not query the facts of the row again: a list of a project's tasks only queries their assignees
    /// and authors. Within a task, an action on tasks lists the task's records; the task's own `assignee` does not
    /// count for them.
    ///
    /// ```
    /// use labelgate::{Denied, OrganizationId, ProjectId, Role, Subject, UserId, act};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let project = mia.row(ProjectId(100), OrganizationId(1), 8).unwrap();
    /// let tasks = mia.authorize_list_in(act::ViewProjectData, &project)?;
    /// assert_eq!(tasks.within(), &ProjectId(100));
    /// # Ok::<(), Denied>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the action cannot be permitted on any row. The answer is 404 if the [guard](Action::guard)
    /// of the action is denied on the row, else 403. The reason is computed as if every unknown fact were true.
    pub fn authorize_list_in<A: ActionType, R: MaybeRow>(
        &self,
        _: A,
        row: R,
    ) -> Result<Listing<A, R::Id, T, U>, Denied>
    where
        R::Id: Clone,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        let kind = const {
            match R::Id::KIND.lists(A::ACTION.kind()) {
                Some(kind) => kind,
                None => panic!("the action is not done to anything within such a row"),
            }
        };
        self.list(action_of::<A>(), kind, row)
    }

    /// Does the same as [`authorize_list_in`](Self::authorize_list_in) for an action that is known only at run time.
    /// Returns `None` if the action is not done to any rows within this row.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let action: Action = "projects.view".parse()?;
    /// assert!(mia.authorize_list_of(action, mia.own_organization()).is_some_and(|list| list.is_ok()));
    /// assert!(mia.authorize_list_of(Action::InvitePeople, mia.own_organization()).is_none());
    /// # Ok::<(), labelgate::error::UnknownAction>(())
    /// ```
    #[expect(clippy::type_complexity, reason = "`None` and a denial are not the same")]
    pub fn authorize_list_of<R: MaybeRow>(
        &self,
        action: Action,
        row: R,
    ) -> Option<Result<Listing<Action, R::Id, T, U>, Denied>>
    where
        R::Id: Clone,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        let kind = R::Id::KIND.lists(action.kind())?;
        Some(self.list(action, kind, row))
    }

    fn list<A, R: MaybeRow>(
        &self,
        action: Action,
        kind: Kind,
        row: R,
    ) -> Result<Listing<A, R::Id, T, U>, Denied>
    where
        R::Id: Clone,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        let (row, facts) = self.find(action, row)?;
        let condition = Filter::within(&self.evaluator, action, R::Id::KIND, facts);
        if condition.is_nothing() {
            return Err(self.evaluator.deny_list(action, R::Id::KIND, facts));
        }
        let (organization, user) = (self.organization.clone(), self.user.clone());
        let within = R::get(&row).id().clone();
        let request = self.evaluator.request(action, Some(facts));
        Ok(Listing::new(organization, user, within, kind, condition, request))
    }

    /// Decides whether the subject may list the people who may do the action to the row, and returns the proof. Such a
    /// list names people, their roles and what they are in, so it takes viewing the row and
    /// [`ViewPeoplePage`](Action::ViewPeoplePage). A task or a record is viewed by
    /// [`ViewProjectData`](Action::ViewProjectData).
    ///
    /// ```
    /// use labelgate::{Denied, OrganizationId, ProjectId, Role, Subject, UserId, act};
    ///
    /// let caller = |role| Subject::new(OrganizationId(1), UserId(7), role);
    /// let project = caller(Role::Manager).row(ProjectId(100), OrganizationId(1), 32 + 8).unwrap();
    /// let people = caller(Role::Manager).authorize_people(act::ExportData, &project)?;
    /// assert_eq!(people.row(), &ProjectId(100));
    ///
    /// // Annotators see the project, but not the people page.
    /// let denied = caller(Role::Annotator).authorize_people(act::ExportData, &project).unwrap_err();
    /// assert_eq!((denied.action().key(), denied.answer().status()), ("members.view", 403));
    /// # Ok::<(), Denied>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the row may not be viewed: 403, or 404 if it is hidden. Then returns an error if
    /// [`ViewPeoplePage`](Action::ViewPeoplePage) is denied: 403.
    pub fn authorize_people<A: ActionType, R: MaybeRow>(
        &self,
        _: A,
        row: R,
    ) -> Result<People<A, R::Id, T, U>, Denied>
    where
        R::Id: Clone,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        self.people(action_of::<A>(), row)
    }

    /// Does the same as [`authorize_people`](Self::authorize_people) for an action that is known only at run time.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let action: Action = "organizations.invite".parse()?;
    /// assert!(mia.authorize_people_of(action, mia.own_organization()).is_ok());
    /// # Ok::<(), labelgate::error::UnknownAction>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of [`authorize_people`](Self::authorize_people).
    pub fn authorize_people_of<R: MaybeRow>(
        &self,
        action: Action,
        row: R,
    ) -> Result<People<Action, R::Id, T, U>, Denied>
    where
        R::Id: Clone,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        self.people(action, row)
    }

    fn people<A, R: MaybeRow>(
        &self,
        action: Action,
        row: R,
    ) -> Result<People<A, R::Id, T, U>, Denied>
    where
        R::Id: Clone,
        T: Clone + PartialEq<R::Organization>,
        U: Clone + PartialEq<R::User>,
    {
        let (row, facts) = self.find(Evaluator::view(R::Id::KIND), row)?;
        let granted = self.evaluator.decide_people(R::Id::KIND, facts)?;
        let (organization, user) = (self.organization.clone(), self.user.clone());
        let row = R::get(&row).id().clone();
        Ok(People::new(organization, user, row, action, *self.matrix(), granted))
    }

    /// Returns the permitted actions on this kind of row, to show the buttons of the row. For a record, these are
    /// actions on tasks. Returns the empty set for `None`.
    ///
    /// ```
    /// use labelgate::{Action, Actions, OrganizationId, ProjectId, Role, Subject, UserId};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let project = mia.row(ProjectId(100), OrganizationId(1), 0)?; // she may see it, and no more
    /// assert_eq!(mia.actions(&project), Actions::ViewProject);
    /// assert!(mia.actions(mia.own_organization()).has(Action::CreateWorkspace));
    /// # Ok::<(), labelgate::error::InvalidFacts>(())
    /// ```
    #[must_use]
    pub fn actions<R: MaybeRow>(&self, row: R) -> Actions
    where
        T: PartialEq<R::Organization>,
        U: PartialEq<R::User>,
    {
        let facts = row.found().and_then(|row| self.known::<R>(&row).ok());
        facts.map_or(Actions::empty(), |facts| self.evaluator.actions(R::Id::KIND, facts))
    }

    /// Returns the actions for which a list within the row is not denied, to show the tabs of the row. Returns the
    /// empty set for `None`.
    ///
    /// ```
    /// use labelgate::{Action, Fact, Facts, OrganizationId, ProjectId, Role, Subject, UserId};
    ///
    /// let ann = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    /// let facts = Facts::none().with(Fact::ProjectMember).with(Fact::ActsAsAnnotator);
    /// let project = ann.row(ProjectId(100), OrganizationId(1), facts)?;
    /// assert!(ann.actions_in(&project).has(Action::LabelTasks));
    /// assert!(!ann.actions_in(&project).has(Action::ReviewAnnotations));
    /// # Ok::<(), labelgate::error::InvalidFacts>(())
    /// ```
    #[must_use]
    pub fn actions_in<R: MaybeRow>(&self, row: R) -> Actions
    where
        T: PartialEq<R::Organization>,
        U: PartialEq<R::User>,
    {
        let facts = row.found().and_then(|row| self.known::<R>(&row).ok());
        facts.map_or(Actions::empty(), |facts| self.evaluator.actions_in(R::Id::KIND, facts))
    }

    /// Returns the sets of facts that permit the action, to inspect the rule. For a list, use
    /// [`authorize_list`](Self::authorize_list).
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Reviewer);
    /// assert_eq!(
    ///     subject.filter(Action::ReviewAnnotations).to_string(),
    ///     "project_member and acts_as_reviewer; project_assignee and acts_as_reviewer",
    /// );
    /// ```
    #[must_use]
    pub fn filter(&self, action: Action) -> Filter {
        Filter::new(&self.evaluator, action)
    }

    /// Returns the smallest changes of role and scopes that would permit the action on the row. See
    /// [`Matrix::explain`].
    ///
    /// Returns none for `None`, and if role and scopes permit the action already. It ignores the limit and the API
    /// rule: the reason of the denial names those.
    ///
    /// ```
    /// use labelgate::{Action, Fact, Facts, OrganizationId, ProjectId, Role, Subject, UserId};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let facts = Facts::none().with(Fact::ProjectMember);
    /// let project = mia.row(ProjectId(100), OrganizationId(1), facts)?;
    /// let changes = mia.explain(Action::UseApi, &project).map(|change| change.to_string());
    /// assert_eq!(changes.collect::<Vec<_>>(), ["role `AD`", "`own`", "`workspace`"]);
    /// # Ok::<(), labelgate::error::InvalidFacts>(())
    /// ```
    pub fn explain<R: MaybeRow>(&self, action: Action, row: R) -> impl Iterator<Item = Change>
    where
        T: PartialEq<R::Organization>,
        U: PartialEq<R::User>,
    {
        let standing = row.found().and_then(|row| match self.known::<R>(&row) {
            Ok(facts) => {
                let standing = self.evaluator.standing(action.kind(), facts);
                // A user without a role in the project needs one, like a user who is not activated.
                Some((standing.effective_role.unwrap_or(Role::NotActivated), standing.held))
            }
            Err(Reason::OutsideOrganization) => Some((self.evaluator.role(), ScopeCtx::outside())),
            Err(_) => None,
        });
        let standing = standing.into_iter();
        standing.flat_map(move |(role, ctx)| self.evaluator.matrix().explain(role, action, ctx))
    }
}

/// Shows the fingerprint of the matrix, not its cells.
impl<T: fmt::Debug, U: fmt::Debug> fmt::Debug for Subject<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("organization", &self.organization)
            .field("user", &self.user)
            .field("role", &self.evaluator.role())
            .field("matrix", &self.evaluator.matrix().fingerprint())
            .field("limit", &(!self.evaluator.limit().is_all()).then_some(self.evaluator.limit()))
            .field("through_api", &self.evaluator.is_through_api())
            .finish()
    }
}
