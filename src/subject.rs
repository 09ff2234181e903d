//! Who asks.

use core::fmt;

use crate::context::ScopeCtx;
use crate::decision::{Denied, Granted, Reason};
use crate::evaluator::Evaluator;
use crate::explain::Change;
use crate::fact::{FactSet, Facts};
use crate::filter::Filter;
use crate::id::{OrganizationId, UserId};
use crate::matrix::{Action, ActionType, Actions, Matrix};
use crate::permit::Permit;
use crate::resource::{Found, Organization, Resource};
use crate::role::Role;

/// A user as a member of one organization: who asks.
///
/// Build one in each request, from the session and one query. Somebody who is a member of several
/// organizations is a subject in each; your session says in which one they act. `T` is the type of your ids,
/// `U` that of your users' ids if it is another.
///
/// ```
/// use labelgate::resource::{InProject, Organization, ProjectId};
/// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
///
/// let (acme, mia) = (OrganizationId(1), UserId(7));
/// let subject = Subject::new(acme, mia, Role::Manager);
/// assert_eq!((subject.organization(), subject.user(), subject.role()), (&acme, &mia, Role::Manager));
///
/// let place = InProject {
///     created_by: None,
///     is_member: true,
///     has_tasks: false,
///     acts_as: None,
///     own_data_permitted: false,
/// };
/// let project = Organization::seen_by(acme, mia).project(ProjectId(100), place);
/// assert!(subject.can(Action::ExportData, &project));
///
/// // The same ids in another organization are another project.
/// let elsewhere = Organization::seen_by(OrganizationId(2), mia).project(ProjectId(100), place);
/// assert!(!subject.can(Action::ExportData, &elsewhere));
/// ```
///
/// A guard as an extractor of a web framework, written once for all actions:
///
/// ```
/// use labelgate::{ActionType, Answer, Denied, Permit, Resource, Subject, act};
/// # use labelgate::{Facts, Kind, OrganizationId, Role, UserId, resource::Seen};
/// # struct Project { organization: OrganizationId<i64>, asked_by: UserId<i64>, facts: Facts }
/// # impl Resource for Project {
/// #     type Id = i64;
/// #     type UserId = i64;
/// #     const KIND: Kind = Kind::Project;
/// #     fn seen(&self) -> Seen<'_, i64, i64> {
/// #         Seen { organization: &self.organization, user: &self.asked_by, facts: self.facts }
/// #     }
/// # }
/// # struct Request;
/// # impl Request {
/// #     fn caller(&self) -> Subject<i64> { Subject::new(OrganizationId(1), UserId(7), Role::Owner) }
/// #     fn project(&self, caller: &Subject<i64>) -> Option<Project> { None }
/// # }
///
/// struct Allowed<A>(Permit<A, Project>);
///
/// impl<A: ActionType> Allowed<A> {
///     fn from_request(request: &Request) -> Result<Self, Denied> {
///         let caller = request.caller();
///         let project: Option<Project> = request.project(&caller); // one query, with its facts
///         Ok(Self(caller.authorize(A::default(), project)?))
///     }
/// }
///
/// fn export(Allowed(permit): Allowed<act::ExportData>) -> String {
///     format!("the data of a project, through {}", permit.through())
/// }
///
/// // No such project: the same answer as for one that must stay hidden.
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
    /// A member of the organization with this role, judged by the [built-in](Matrix::BUILT_IN) matrix.
    #[must_use]
    pub const fn new(organization: OrganizationId<T>, user: UserId<U>, role: Role) -> Self {
        Self { organization, user, evaluator: Evaluator::new(role) }
    }

    /// The same subject, judged by the matrix of its organization.
    ///
    /// ```
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::{Action, OrganizationId, Role, Roles, Subject, UserId};
    ///
    /// let only_administrators = Override { permission: Action::ExportData, roles: Roles::Administrator };
    /// let matrix = Overrides::new([only_administrators])?.matrix();
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager).with_matrix(matrix);
    /// assert!(mia.filter(Action::ExportData).is_nothing());
    /// assert_eq!(mia.matrix(), &matrix);
    /// # Ok::<(), labelgate::overrides::Refused>(())
    /// ```
    #[must_use]
    pub const fn with_matrix(mut self, matrix: Matrix) -> Self {
        self.evaluator = self.evaluator.with_matrix(matrix);
        self
    }

    /// The same subject in a request with an API token rather than a browser's session.
    ///
    /// An action is then permitted only if [`Action::UseApi`] is permitted too. For what is done to a project
    /// or a task, that is asked of the project. For an organization or a workspace it is enough that the role
    /// has `api.use` at all.
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

    /// The same subject with a token that carries less than its user.
    ///
    /// An action is then permitted only if the set has it and its [guard](Action::guard). Limiting twice
    /// leaves what is in both sets.
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

    /// The organization of the membership.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }

    /// The user, who may have other memberships.
    #[must_use]
    pub const fn user(&self) -> &UserId<U> {
        &self.user
    }

    /// The role in the organization.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.evaluator.role()
    }

    /// The matrix that the subject is judged by.
    #[must_use]
    pub const fn matrix(&self) -> &Matrix {
        self.evaluator.matrix()
    }

    /// Returns true if the subject acts [through the API](Self::through_api).
    #[must_use]
    pub const fn is_through_api(&self) -> bool {
        self.evaluator.is_through_api()
    }

    /// The actions that the subject is limited to. All of them, unless it was [limited](Self::limited_to).
    #[must_use]
    pub const fn limit(&self) -> Actions {
        self.evaluator.limit()
    }

    pub(crate) const fn evaluator(&self) -> &Evaluator {
        &self.evaluator
    }

    /// The subject's own organization, as its user sees it. Ask actions on the organization as a whole of it.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// assert!(subject.can(Action::ViewPeoplePage, subject.here()));
    /// ```
    #[must_use]
    pub fn here(&self) -> Organization<T, U>
    where
        T: Clone,
        U: Clone,
    {
        Organization::seen_by(self.organization.clone(), self.user.clone())
    }

    /// The facts that count about the resource, or the reason why none do: the organization is
    /// compared first, then the user.
    #[inline]
    pub(crate) fn facts<R: Resource>(&self, resource: &R) -> Result<Facts, Reason>
    where
        T: PartialEq<R::Id>,
        U: PartialEq<R::UserId>,
    {
        let seen = resource.seen();
        if self.organization.0 != seen.organization.0 {
            Err(Reason::OutsideOrganization)
        } else if self.user.0 != seen.user.0 {
            Err(Reason::OtherUser)
        } else {
            Ok(seen.facts.among(const { FactSet::up_to(R::KIND) }))
        }
    }

    /// Returns true if the subject may do the action to the resource. Returns false for `None`.
    ///
    /// An action is decided on the [kind](Action::kind) of resource that it is done to. Asked about a
    /// project, deleting a workspace is decided on the workspace that holds the project.
    #[must_use]
    #[inline]
    pub fn can<F: Found>(&self, action: Action, resource: F) -> bool
    where
        T: PartialEq<<F::Resource as Resource>::Id>,
        U: PartialEq<<F::Resource as Resource>::UserId>,
    {
        let Some(resource) = resource.found() else { return false };
        let seen = resource.seen();
        (self.organization.0 == seen.organization.0)
            & (self.user.0 == seen.user.0)
            & self
                .evaluator
                .can(action, seen.facts.among(const { FactSet::up_to(F::Resource::KIND) }))
    }

    /// Makes the same decision as [`can`](Self::can), and gives its reason.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Reason, Role, Subject, UserId};
    ///
    /// let ann = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    /// let denied = ann.decide(Action::ViewPeoplePage, ann.here()).unwrap_err();
    /// assert_eq!(denied.reason(), Reason::RoleNeverHolds);
    /// assert_eq!(denied.answer().status(), 404);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the action is denied. `None` gets the answer that a hidden resource gets.
    #[inline]
    pub fn decide<F: Found>(&self, action: Action, resource: F) -> Result<Granted, Denied>
    where
        T: PartialEq<<F::Resource as Resource>::Id>,
        U: PartialEq<<F::Resource as Resource>::UserId>,
    {
        let Some(resource) = resource.found() else {
            return Err(self.evaluator.deny_without_facts(action, Reason::NotFound));
        };
        self.decide_seen(action, &resource)
    }

    #[inline]
    fn decide_seen<R: Resource>(&self, action: Action, resource: &R) -> Result<Granted, Denied>
    where
        T: PartialEq<R::Id>,
        U: PartialEq<R::UserId>,
    {
        match self.facts(resource) {
            Ok(facts) => self.evaluator.decide(action, facts),
            Err(reason) => Err(self.evaluator.deny_without_facts(action, reason)),
        }
    }

    /// Makes the same decision as [`can`](Self::can), and returns it as a proof, for functions that must not
    /// be called without the check. The permit owns what was checked: a row, or a reference to one.
    ///
    /// ```
    /// use labelgate::{Denied, OrganizationId, Role, Subject, UserId, act};
    ///
    /// fn handler(caller: &Subject<i64>) -> Result<&'static str, Denied> {
    ///     let permit = caller.authorize(act::ViewActivityLog, caller.here())?;
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
    /// Returns an error if the action is denied. `None` gets the answer that a hidden resource gets.
    #[inline]
    pub fn authorize<A: ActionType, F: Found>(
        &self,
        _: A,
        resource: F,
    ) -> Result<Permit<A, F::Resource>, Denied>
    where
        T: PartialEq<<F::Resource as Resource>::Id>,
        U: PartialEq<<F::Resource as Resource>::UserId>,
    {
        let Some(resource) = resource.found() else {
            return Err(self.evaluator.deny_without_facts(A::ACTION, Reason::NotFound));
        };
        let granted = self.decide_seen(A::ACTION, &resource)?;
        Ok(Permit::new(resource, granted))
    }

    /// Returns every action for which [`can`](Self::can) returns true on the resource; none where there is
    /// no resource.
    ///
    /// Asked about a project, that includes actions on the workspace that holds it, such as
    /// `workspaces.change`, and actions on its tasks, decided as for a task that is neither assigned to the
    /// user nor made by them. [`Actions::done_to`] picks out the actions of one kind.
    ///
    /// ```
    /// use labelgate::resource::Organization;
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let (acme, mia) = (OrganizationId(1), UserId(7));
    /// let may = Subject::new(acme, mia, Role::Manager).actions(Organization::seen_by(acme, mia));
    /// assert!(may.has(Action::ViewPeoplePage));
    /// assert!(!may.has(Action::InvitePeople));
    /// ```
    #[must_use]
    pub fn actions<F: Found>(&self, resource: F) -> Actions
    where
        T: PartialEq<<F::Resource as Resource>::Id>,
        U: PartialEq<<F::Resource as Resource>::UserId>,
    {
        let facts = resource.found().and_then(|resource| self.facts(&resource).ok());
        facts.map_or(Actions::empty(), |facts| self.evaluator.actions(facts))
    }

    /// Which resources the subject may do the action to: the same rule, read backwards.
    ///
    /// If nothing can be permitted the filter [is nothing](Filter::is_nothing). To get the denial of such a
    /// list, use [`filter_in`](Self::filter_in).
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

    /// What is left of the [filter](Self::filter) in a resource that you have already: in a project, or for a
    /// list over the whole organization in [`here`](Self::here).
    ///
    /// It holds for what is in that resource alone. List nothing else by it.
    ///
    /// ```
    /// use labelgate::{Action, Answer, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let projects = subject.filter_in(Action::ViewProject, subject.here())?;
    /// assert!(projects.is_everything());
    ///
    /// let deactivated = Subject::new(OrganizationId(1), UserId(7), Role::Deactivated);
    /// let denied = deactivated.filter_in(Action::ViewProject, deactivated.here()).unwrap_err();
    /// assert_eq!(denied.answer(), Answer::NotFound);
    /// # Ok::<(), labelgate::Denied>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if nothing is left, so that a list that may not be seen is a denial and not an empty
    /// page. The answer is 404 if the [guard](Action::guard) of the action is denied on the resource, else
    /// 403. The reason is the one that a row in there would get for which every fact holds that is not known
    /// yet.
    pub fn filter_in<F: Found>(&self, action: Action, resource: F) -> Result<Filter, Denied>
    where
        T: PartialEq<<F::Resource as Resource>::Id>,
        U: PartialEq<<F::Resource as Resource>::UserId>,
    {
        let Some(resource) = resource.found() else {
            return Err(self.evaluator.deny_without_facts(action, Reason::NotFound));
        };
        let known = self
            .facts(&resource)
            .map_err(|reason| self.evaluator.deny_without_facts(action, reason))?;
        let kind = F::Resource::KIND;
        let left = self.filter(action).given(kind, known);
        if left.is_nothing() {
            Err(self.evaluator.deny_list(action, kind, known))
        } else {
            Ok(left)
        }
    }

    /// Returns true if the resource is in the subject's organization, was selected for the subject's user,
    /// and its facts [match](Filter::matches). Returns false for `None`.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let filter = subject.filter(Action::CreateWorkspace);
    /// assert!(subject.matches(&filter, subject.here()));
    ///
    /// let elsewhere = Subject::new(OrganizationId(2), UserId(7), Role::Manager);
    /// assert!(!elsewhere.matches(&filter, subject.here()));
    /// ```
    #[must_use]
    pub fn matches<F: Found>(&self, filter: &Filter, resource: F) -> bool
    where
        T: PartialEq<<F::Resource as Resource>::Id>,
        U: PartialEq<<F::Resource as Resource>::UserId>,
    {
        let facts = resource.found().and_then(|resource| self.facts(&resource).ok());
        facts.is_some_and(|facts| filter.matches(facts))
    }

    /// Iterates over those of the resources for which [`can`](Self::can) returns true.
    ///
    /// ```
    /// use labelgate::resource::{InWorkspace, Organization, WorkspaceId};
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let (acme, ann) = (OrganizationId(1), UserId(7));
    /// let subject = Subject::new(acme, ann, Role::Annotator);
    /// let rows = [true, false].map(|is_member| {
    ///     let place = InWorkspace { created_by: None, is_member, is_sandbox: false };
    ///     Organization::seen_by(acme, ann).workspace(WorkspaceId(10), place)
    /// });
    /// assert_eq!(subject.permitted(Action::ViewWorkspace, &rows).count(), 1);
    /// ```
    pub fn permitted<I>(&self, action: Action, resources: I) -> impl Iterator<Item = I::Item>
    where
        I: IntoIterator<Item: Resource>,
        T: PartialEq<<I::Item as Resource>::Id>,
        U: PartialEq<<I::Item as Resource>::UserId>,
    {
        let filter = self.filter(action);
        resources.into_iter().filter(move |resource| self.matches(&filter, resource))
    }

    /// Removes from the list the resources for which [`can`](Self::can) returns false (feature `alloc`).
    ///
    /// ```
    /// # #[cfg(feature = "alloc")] {
    /// use labelgate::resource::Organization;
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let (acme, mia) = (OrganizationId(1), UserId(7));
    /// let mut seen = vec![Organization::seen_by(acme, mia), Organization::seen_by(OrganizationId(2), mia)];
    /// Subject::new(acme, mia, Role::Manager).retain(Action::ViewPeoplePage, &mut seen);
    /// assert_eq!(seen, [Organization::seen_by(acme, mia)]);
    /// # }
    /// ```
    #[cfg(feature = "alloc")]
    pub fn retain<R: Resource>(&self, action: Action, resources: &mut alloc::vec::Vec<R>)
    where
        T: PartialEq<R::Id>,
        U: PartialEq<R::UserId>,
    {
        let filter = self.filter(action);
        resources.retain(|resource| self.matches(&filter, resource));
    }

    /// The smallest changes that would permit the person the action on the resource, in words for an
    /// administrator. See [`Matrix::explain`].
    ///
    /// It yields nothing if the action is permitted, and for `None`. How the subject is narrowed is not
    /// explained: the reason of the denial says that.
    ///
    /// ```
    /// use labelgate::resource::{InProject, Organization, ProjectId};
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let (acme, mia) = (OrganizationId(1), UserId(7));
    /// let place = InProject {
    ///     created_by: None,
    ///     is_member: true,
    ///     has_tasks: false,
    ///     acts_as: None,
    ///     own_data_permitted: false,
    /// };
    /// let project = Organization::seen_by(acme, mia).project(ProjectId(100), place);
    /// let subject = Subject::new(acme, mia, Role::Manager);
    /// let changes = subject.explain(Action::UseApi, &project);
    /// let changes: Vec<_> = changes.map(|change| change.to_string()).collect();
    /// assert_eq!(changes, ["role `AD`", "`own`", "`workspace`"]);
    /// ```
    pub fn explain<F: Found>(&self, action: Action, resource: F) -> impl Iterator<Item = Change>
    where
        T: PartialEq<<F::Resource as Resource>::Id>,
        U: PartialEq<<F::Resource as Resource>::UserId>,
    {
        let standing = resource.found().and_then(|resource| match self.facts(&resource) {
            Ok(facts) => {
                let standing = self.evaluator.standing(action.kind(), facts);
                // Whoever has no role in the project needs one, as somebody who is not activated.
                Some((standing.effective_role.unwrap_or(Role::NotActivated), standing.held))
            }
            Err(Reason::OutsideOrganization) => Some((self.evaluator.role(), ScopeCtx::outside())),
            Err(_) => None,
        });
        let standing = standing.into_iter();
        standing.flat_map(move |(role, ctx)| self.evaluator.matrix().explain(role, action, ctx))
    }
}

/// Without the cells of the matrix.
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
