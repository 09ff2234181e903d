//! Who may give which role to whom.

use super::actor::Actor;
use super::audit::{Asked, Operation};
use super::change::{
    Assignment, Belongings, DefaultRoleSet, OverridesRead, OverridesSet, ProjectRoleGiven,
    ProjectRoleTakenBack, Removal, Transfer,
};
use super::decided::{Approved, Refused};
use super::event::Event;
use super::member::Member;
use super::refusal::Refusal;
use crate::fact::Facts;
use crate::id::OrganizationId;
use crate::matrix::{Action, Actions};
use crate::overrides::Overrides;
use crate::resource::{Found, Resource};
use crate::role::{ProjectRole, Role};

/// The settings of an organization about its memberships, and the decisions about changing them.
///
/// It is a value that keeps nothing: rows go in, proofs come out. Read the rows, ask, and store what you get,
/// all in one transaction, so that the rows you asked about are still so. Every decision is asked with a
/// [`Subject`](crate::Subject), whose matrix counts and which is narrowed here too, or with a source that
/// acts by itself (see [`Actor`]).
///
/// Pass the `Option` of the row that you looked for. A member who is absent gets the same refusal as one of
/// another organization.
///
/// ```
/// use labelgate::membership::{Member, MembershipPolicy, Refusal, RoleSource};
/// use labelgate::{Answer, OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let policy = MembershipPolicy::new(acme);
/// let member =
///     |user, role| Member { organization: acme, user: UserId(user), role, source: RoleSource::Manual };
/// let admin = member(2, Role::Administrator).subject();
///
/// let change = policy.assign(&admin, &member(9, Role::NotActivated), Role::Annotator)?;
/// assert_eq!(change.change().member, member(9, Role::Annotator));
///
/// let refused = policy.assign(&admin, &member(1, Role::Owner), Role::Annotator).unwrap_err();
/// assert_eq!(refused.refusal(), Refusal::TheOwner);
/// assert_eq!(refused.answer(), Answer::Forbidden);
///
/// let refused = policy.assign(&admin, None, Role::Annotator).unwrap_err();
/// assert_eq!(refused.answer(), Answer::NotFound);
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MembershipPolicy<T> {
    organization: OrganizationId<T>,
    assigns_same_level: bool,
    default_role: Role,
}

impl<T> MembershipPolicy<T> {
    /// The policy of an organization with the default settings: one's own level may be handed out, and
    /// whoever signs up is not activated.
    #[must_use]
    pub const fn new(organization: OrganizationId<T>) -> Self {
        Self { organization, assigns_same_level: true, default_role: Role::NotActivated }
    }

    /// Sets whether one's own level may be handed out ("Assign same-level roles").
    ///
    /// If it may not, members of one's own level cannot be touched either. Sources that act by themselves are
    /// not held to it.
    ///
    /// ```
    /// use labelgate::membership::{Member, MembershipPolicy, Refusal, RoleSource};
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let policy = MembershipPolicy::new(acme).assigns_same_level(false);
    /// let admin = Subject::new(acme, UserId(2), Role::Administrator);
    /// let (user, role, source) = (UserId(9), Role::Manager, RoleSource::Manual);
    /// let member = Member { organization: acme, user, role, source };
    ///
    /// let refused = policy.assign(&admin, &member, Role::Administrator).unwrap_err();
    /// assert_eq!(refused.refusal(), Refusal::SameLevel);
    /// ```
    #[must_use]
    pub fn assigns_same_level(mut self, assigns: bool) -> Self {
        self.assigns_same_level = assigns;
        self
    }

    /// The same policy with the default role that is kept for the organization.
    ///
    /// ```
    /// use labelgate::membership::{MembershipPolicy, Refusal};
    /// use labelgate::{OrganizationId, Role};
    ///
    /// let policy = MembershipPolicy::new(OrganizationId(1)).with_default_role(Role::Annotator)?;
    /// assert_eq!(policy.default_role(), Role::Annotator);
    /// assert_eq!(policy.organization(), &OrganizationId(1));
    ///
    /// let refused = policy.with_default_role(Role::Owner);
    /// assert_eq!(refused.unwrap_err(), Refusal::OnlyTransferred);
    /// # Ok::<(), Refusal>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if nobody can sign up with the role: `OW` and `DI`.
    pub fn with_default_role(mut self, role: Role) -> Result<Self, Refusal> {
        Event::SignUp(role).next(None)?;
        self.default_role = role;
        Ok(self)
    }

    /// The role that people get who sign up through the invitation link.
    #[must_use]
    pub const fn default_role(&self) -> Role {
        self.default_role
    }

    /// The organization whose policy this is.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }
}

impl<T: PartialEq + Clone> MembershipPolicy<T> {
    /// Gives a member a role: activates, changes, deactivates (`DI`) or reactivates.
    ///
    /// Giving a role to somebody who has none takes [`Action::ActivateMembers`], everything else
    /// [`Action::ChangeUserRoles`]. The role that the member has and the one that they get must both be
    /// within the actor's own. Giving the role that the member has already takes the same right and changes
    /// nothing: the row comes back as it is, with its source.
    ///
    /// ```
    /// use labelgate::membership::{Member, MembershipPolicy, RoleSource};
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let admin = Subject::new(acme, UserId(2), Role::Administrator);
    /// let (user, role, source) = (UserId(9), Role::NotActivated, RoleSource::Manual);
    /// let waiting = Member { organization: acme, user, role, source };
    ///
    /// let change = MembershipPolicy::new(acme).assign(&admin, &waiting, Role::Annotator)?;
    /// assert_eq!(change.change().member.role, Role::Annotator);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn assign<'a, 'm, U>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        target: impl Into<Option<&'m Member<T, U>>>,
        role: Role,
    ) -> Result<Approved<Assignment<T, U>>, Refused>
    where
        T: 'a + 'm,
        U: PartialEq + Clone + 'a + 'm,
    {
        let (by, target) = (by.into(), self.own(target.into()));
        let question = self.ask(&by, Operation::Assign, target, Some(role));
        question.changes(target, Event::Assign(role)).map(|target| {
            let source = if role == target.role { target.source } else { by.source };
            let member = Member { role, source, ..target.clone() };
            question.approve(Assignment::new(member, target.role))
        })
    }

    /// Removes a member. What they had in the organization goes with the membership. Through a link that is
    /// still good they can come back, with the default role.
    ///
    /// ```
    /// use labelgate::membership::{Member, MembershipPolicy, RoleSource};
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let admin = Subject::new(acme, UserId(2), Role::Administrator);
    /// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Manual);
    /// let ann = Member { organization: acme, user, role, source };
    ///
    /// let removal = MembershipPolicy::new(acme).remove(&admin, &ann)?;
    /// assert!(!removal.change().deletes.is_empty());
    ///
    /// let absent = MembershipPolicy::new(acme).remove(&admin, None);
    /// assert_eq!(absent.unwrap_err().answer().status(), 404);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn remove<'a, 'm, U>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        target: impl Into<Option<&'m Member<T, U>>>,
    ) -> Result<Approved<Removal<T, U>>, Refused>
    where
        T: 'a + 'm,
        U: PartialEq + Clone + 'a + 'm,
    {
        let (by, target) = (by.into(), self.own(target.into()));
        let question = self.ask(&by, Operation::Remove, target, None);
        question.changes(target, Event::Remove).map(|target| {
            let (member, deletes) = (target.clone(), Belongings::all());
            question.approve(Removal { member, deletes, returns_as: self.default_role })
        })
    }

    /// Hands the organization over to a member. Only its Owner can.
    ///
    /// It takes [`Action::ChangeUserRoles`] too. The same-level setting is about assignments and does not
    /// stop it.
    ///
    /// ```
    /// use labelgate::membership::{Member, MembershipPolicy, Refusal, RoleSource};
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let (user, role, source) = (UserId(9), Role::Manager, RoleSource::Manual);
    /// let heir = Member { organization: acme, user, role, source };
    /// let transfer = |by| MembershipPolicy::new(acme).transfer(&Subject::new(acme, UserId(1), by), &heir);
    ///
    /// assert_eq!(transfer(Role::Owner)?.change().heir.member.role, Role::Owner);
    /// assert_eq!(transfer(Role::Administrator).unwrap_err().refusal(), Refusal::NotTheOwner);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn transfer<'a, 'm, U>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        heir: impl Into<Option<&'m Member<T, U>>>,
    ) -> Result<Approved<Transfer<T, U>>, Refused>
    where
        T: 'a + 'm,
        U: PartialEq + Clone + 'a + 'm,
    {
        let (by, heir) = (by.into(), self.own(heir.into()));
        let question = self.ask(&by, Operation::Transfer, heir, Some(Role::Owner));
        question.allows(Action::ChangeUserRoles)?;
        let heir = question.other(heir)?;
        let refuse = |refusal| question.refuse(refusal);
        let user = by.user.ok_or_else(|| refuse(Refusal::NotTheOwner))?;
        Event::GiveUp.next(Some(by.evaluator.role())).map_err(refuse)?;
        Event::TakeOver.next(Some(heir.role)).map_err(refuse)?;
        question.within(Some(heir.role), Some(Role::Administrator))?;
        let assignment = |user: &_, was, role| {
            let (organization, source) = (self.organization.clone(), by.source);
            let user = Clone::clone(user);
            Assignment::new(Member { organization, user, role, source }, was)
        };
        Ok(question.approve(Transfer {
            former: assignment(user, Role::Owner, Role::Administrator),
            heir: assignment(&heir.user, heir.role, Role::Owner),
        }))
    }

    /// Gives an annotator or a reviewer of the organization the other of the two roles in a project. It takes
    /// [`Action::ChangeUserRoles`].
    ///
    /// ```
    /// use labelgate::membership::{Member, MembershipPolicy, Refusal, RoleSource};
    /// use labelgate::resource::{InProject, Organization, ProjectId};
    /// use labelgate::{OrganizationId, ProjectRole, Role, Subject, UserId};
    ///
    /// let (acme, admin) = (OrganizationId(1), Subject::new(OrganizationId(1), UserId(2), Role::Administrator));
    /// let place = InProject {
    ///     created_by: None,
    ///     is_member: false,
    ///     has_tasks: false,
    ///     acts_as: None,
    ///     own_data_permitted: false,
    /// };
    /// let project = admin.here().project(ProjectId(100), place);
    /// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Manual);
    /// let ann = Member { organization: acme, user, role, source };
    /// let policy = MembershipPolicy::new(acme);
    ///
    /// let given = policy.give_project_role(&admin, &ann, project, ProjectRole::Reviewer)?;
    /// assert_eq!(given.change().role, ProjectRole::Reviewer);
    ///
    /// // She is an annotator everywhere already.
    /// let refused = policy.give_project_role(&admin, &ann, project, ProjectRole::Annotator);
    /// assert_eq!(refused.unwrap_err().refusal(), Refusal::NoProjectRole);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn give_project_role<'a, 'm, U, F: Found>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        target: impl Into<Option<&'m Member<T, U>>>,
        project: F,
        role: ProjectRole,
    ) -> Result<Approved<ProjectRoleGiven<T, F::Resource, U>>, Refused>
    where
        T: PartialEq<<F::Resource as Resource>::Id> + 'a + 'm,
        U: PartialEq + Clone + 'a + 'm,
    {
        let (by, target) = (by.into(), self.own(target.into()));
        let question = self.ask(&by, Operation::GiveProjectRole, target, Some(role.into()));
        let (target, project) = question.in_project(target, project)?;
        if other_role(target.role) != Some(role) {
            return Err(question.refuse(Refusal::NoProjectRole));
        }
        question.exchanges(target)?;
        let (member, source) = (target.clone(), by.source);
        Ok(question.approve(ProjectRoleGiven { member, project, role, source }))
    }

    /// Takes back the role that a member has in a project. It takes [`Action::ChangeUserRoles`].
    ///
    /// A role can be taken back from every member, whatever their role in the organization has become.
    ///
    /// ```
    /// use labelgate::membership::{Member, MembershipPolicy, RoleSource};
    /// use labelgate::resource::Project;
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// fn take_back(by: &Subject<i64>, member: Option<&Member<i64>>, project: Option<Project<i64>>) -> u16 {
    ///     let policy = MembershipPolicy::new(*by.organization());
    ///     match policy.take_back_project_role(by, member, project) {
    ///         Ok(_change) => 204, // DELETE FROM project_roles WHERE ..
    ///         Err(refused) => refused.answer().status(),
    ///     }
    /// }
    ///
    /// // No such project.
    /// let admin = Subject::new(OrganizationId(1), UserId(2), Role::Administrator);
    /// assert_eq!(take_back(&admin, None, None), 404);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn take_back_project_role<'a, 'm, U, F: Found>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        target: impl Into<Option<&'m Member<T, U>>>,
        project: F,
    ) -> Result<Approved<ProjectRoleTakenBack<T, F::Resource, U>>, Refused>
    where
        T: PartialEq<<F::Resource as Resource>::Id> + 'a + 'm,
        U: PartialEq + Clone + 'a + 'm,
    {
        let (by, target) = (by.into(), self.own(target.into()));
        let question = self.ask(&by, Operation::TakeBackProjectRole, target, None);
        let (target, project) = question.in_project(target, project)?;
        question.exchanges(target)?;
        Ok(question.approve(ProjectRoleTakenBack { member: target.clone(), project }))
    }

    /// Sets the role that people get who sign up through the invitation link.
    ///
    /// The link gives the role to whoever opens it. So this takes [`Action::InvitePeople`], and for any role
    /// but `NO` also [`Action::ActivateMembers`] and the power to assign the role.
    ///
    /// ```
    /// use labelgate::membership::MembershipPolicy;
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let set = |by, role| {
    ///     MembershipPolicy::new(acme).set_default_role(&Subject::new(acme, UserId(2), by), role)
    /// };
    /// assert_eq!(set(Role::Administrator, Role::Annotator)?.change().role, Role::Annotator);
    /// assert_eq!(set(Role::Administrator, Role::Owner).unwrap_err().answer().status(), 409);
    /// assert_eq!(set(Role::Manager, Role::Annotator).unwrap_err().answer().status(), 403);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn set_default_role<'a, U>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        role: Role,
    ) -> Result<Approved<DefaultRoleSet<T>>, Refused>
    where
        T: 'a,
        U: PartialEq + 'a,
    {
        let by = by.into();
        let question = self.ask(&by, Operation::SetDefaultRole, None, Some(role));
        let question = Question { before: Some(self.default_role), ..question };
        question.invites(role)?;
        let organization = self.organization.clone();
        Ok(question.approve(DefaultRoleSet { organization, role, was: self.default_role }))
    }

    /// Decides whether the overrides of the organization's matrix may be shown. Only its Owner may see them.
    /// It takes [`Action::ChangeUserRoles`] too.
    ///
    /// ```
    /// use labelgate::membership::MembershipPolicy;
    /// use labelgate::overrides::Overrides;
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let read = |role| {
    ///     let subject = Subject::new(acme, UserId(1), role);
    ///     MembershipPolicy::new(acme).read_overrides(&subject, Overrides::none())
    /// };
    /// assert!(read(Role::Owner).is_ok());
    /// assert_eq!(read(Role::Administrator).unwrap_err().answer().status(), 403);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn read_overrides<'a, U>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        overrides: Overrides,
    ) -> Result<Approved<OverridesRead>, Refused>
    where
        T: 'a,
        U: PartialEq + 'a,
    {
        let by = by.into();
        let question = self.ask(&by, Operation::ReadOverrides, None, None);
        question.is_owners()?;
        Ok(question.approve(OverridesRead { overrides }))
    }

    /// Replaces the overrides of the organization's matrix. Only its Owner can, and no source. It takes
    /// [`Action::ChangeUserRoles`] too.
    ///
    /// ```
    /// use labelgate::membership::MembershipPolicy;
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::{Action, OrganizationId, Role, Roles, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let was = Overrides::none();
    /// let export = Override { permission: Action::ExportData, roles: Roles::Administrator };
    /// let set = |role, user| {
    ///     let subject = Subject::new(acme, UserId(user), role);
    ///     MembershipPolicy::new(acme).set_overrides(&subject, was, was.with(export).unwrap())
    /// };
    /// assert_eq!(set(Role::Owner, 1)?.change().overrides.get(Action::ExportData), Some(Roles::Administrator));
    /// assert_eq!(set(Role::Administrator, 2).unwrap_err().answer().status(), 403);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn set_overrides<'a, U>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        was: Overrides,
        overrides: Overrides,
    ) -> Result<Approved<OverridesSet<T>>, Refused>
    where
        T: 'a,
        U: PartialEq + 'a,
    {
        let by = by.into();
        let question = self.ask(&by, Operation::SetOverrides, None, None);
        question.is_owners()?;
        let organization = self.organization.clone();
        Ok(question.approve(OverridesSet { organization, overrides, was }))
    }

    /// The member, if there is one of this organization.
    fn own<'m, U>(&self, target: Option<&'m Member<T, U>>) -> Option<&'m Member<T, U>> {
        target.filter(|member| member.organization == self.organization)
    }

    pub(super) fn ask<'q, 'a, U>(
        &'q self,
        by: &'q Actor<'a, T, U>,
        operation: Operation,
        target: Option<&Member<T, U>>,
        after: Option<Role>,
    ) -> Question<'q, 'a, T, U> {
        Question { policy: self, by, operation, before: target.map(|row| row.role), after }
    }
}

/// The other of the two roles, for a member who can hold it in a project.
const fn other_role(role: Role) -> Option<ProjectRole> {
    match role {
        Role::Annotator => Some(ProjectRole::Reviewer),
        Role::Reviewer => Some(ProjectRole::Annotator),
        Role::Owner
        | Role::Administrator
        | Role::Manager
        | Role::NotActivated
        | Role::Deactivated => None,
    }
}

/// A question to a policy: who asks, for what.
pub(super) struct Question<'q, 'a, T, U> {
    policy: &'q MembershipPolicy<T>,
    by: &'q Actor<'a, T, U>,
    operation: Operation,
    before: Option<Role>,
    after: Option<Role>,
}

impl<T: PartialEq, U: PartialEq> Question<'_, '_, T, U> {
    fn asked(&self) -> Asked {
        let Self { by, operation, before, after, .. } = self;
        let evaluator = &by.evaluator;
        Asked {
            operation: *operation,
            role: Some(evaluator.role()),
            source: by.source,
            limit: evaluator.limit(),
            before: *before,
            after: *after,
            matrix: Some(evaluator.matrix().fingerprint()),
        }
    }

    pub(super) fn approve<C>(&self, change: C) -> Approved<C> {
        Approved::new(change, self.asked())
    }

    pub(super) fn refuse(&self, refusal: Refusal) -> Refused {
        let Self { policy, by, .. } = self;
        let sees = *by.organization == policy.organization
            && by.evaluator.can(Action::ViewPeoplePage, Facts::none());
        // Whether an absent member was ever there is nobody's to know.
        let hidden = !sees || matches!(refusal, Refusal::OtherOrganization | Refusal::NotAMember);
        Refused { asked: self.asked(), refusal, missing: Actions::empty(), hidden }
    }

    /// Whether the actor is of the organization.
    pub(super) fn is_here(&self, organization: &OrganizationId<T>) -> Result<(), Refused> {
        let here = &self.policy.organization;
        if self.by.organization == here && organization == here {
            return Ok(());
        }
        Err(self.refuse(Refusal::OtherOrganization))
    }

    /// Whether the actor is of the organization and may do the action there.
    pub(super) fn allows(&self, action: Action) -> Result<(), Refused> {
        self.is_here(&self.policy.organization)?;
        if self.by.evaluator.can(action, Facts::none()) {
            return Ok(());
        }
        Err(Refused { missing: Actions::of(action), ..self.refuse(Refusal::NotAllowed) })
    }

    /// The target, if there is one and it is not the actor.
    fn other<'m>(&self, target: Option<&'m Member<T, U>>) -> Result<&'m Member<T, U>, Refused> {
        let target = target.ok_or_else(|| self.refuse(Refusal::NotAMember))?;
        if self.by.user == Some(&target.user) {
            return Err(self.refuse(Refusal::Oneself));
        }
        Ok(target)
    }

    /// Whether the actor may make the event, an assignment or a removal, happen to the target.
    fn changes<'m>(
        &self,
        target: Option<&'m Member<T, U>>,
        event: Event,
    ) -> Result<&'m Member<T, U>, Refused> {
        let is_active = target.is_none_or(|target| target.role.is_active());
        let action = match event {
            Event::Assign(role) if role.is_active() && !is_active => Action::ActivateMembers,
            _ => Action::ChangeUserRoles,
        };
        self.allows(action)?;
        if let Some(target) = target.filter(|target| event == Event::Assign(target.role)) {
            return Ok(target);
        }
        let target = self.other(target)?;
        let next = event.next(Some(target.role)).map_err(|refusal| self.refuse(refusal))?;
        self.hands_out(Some(target.role), next)?;
        Ok(target)
    }

    /// Whether the actor may change the target's role in the project.
    fn in_project<'m, F: Found>(
        &self,
        target: Option<&'m Member<T, U>>,
        project: F,
    ) -> Result<(&'m Member<T, U>, F::Resource), Refused>
    where
        T: PartialEq<<F::Resource as Resource>::Id>,
    {
        self.allows(Action::ChangeUserRoles)?;
        let here =
            |project: &F::Resource| self.policy.organization.0 == project.seen().organization.0;
        let Some(project) = project.found().filter(here) else {
            return Err(self.refuse(Refusal::OtherOrganization));
        };
        Ok((self.other(target)?, project))
    }

    /// Whether the actor may exchange the one role in a project for the other: whichever of the two is
    /// given or taken back, the member has one and gets the other.
    fn exchanges(&self, target: &Member<T, U>) -> Result<(), Refused> {
        let other = other_role(target.role);
        other.map_or(Ok(()), |other| self.hands_out(Some(target.role), Some(other.into())))
    }

    /// Whether the actor is the Owner, and may change roles.
    fn is_owners(&self) -> Result<(), Refused> {
        self.allows(Action::ChangeUserRoles)?;
        if self.by.user.is_some() && self.by.evaluator.role() == Role::Owner {
            return Ok(());
        }
        Err(self.refuse(Refusal::NotTheOwner))
    }

    /// Whether the actor may give the role to whoever opens the invitation link.
    pub(super) fn invites(&self, role: Role) -> Result<(), Refused> {
        self.allows(Action::InvitePeople)?;
        if role != Role::NotActivated {
            self.allows(Action::ActivateMembers)?;
        }
        Event::SignUp(role).next(None).map_err(|refusal| self.refuse(refusal))?;
        self.hands_out(None, Some(role))
    }

    /// Whether the roles that somebody has and gets are within the actor's own, and not of the actor's
    /// own level where that is kept out of reach.
    fn hands_out(&self, current: Option<Role>, new: Option<Role>) -> Result<(), Refused> {
        self.within(current, new)?;
        let evaluator = &self.by.evaluator;
        let is_level = |role| evaluator.matrix().dominates(role, evaluator.role());
        // The setting is about people; a directory has to be able to shut out an administrator.
        let keeps_level = self.by.user.is_some() && !self.policy.assigns_same_level;
        if keeps_level && (current.is_some_and(is_level) || new.is_some_and(is_level)) {
            return Err(self.refuse(Refusal::SameLevel));
        }
        Ok(())
    }

    /// Whether the roles that somebody has and gets are within the actor's own, by what they may do.
    fn within(&self, current: Option<Role>, new: Option<Role>) -> Result<(), Refused> {
        let evaluator = &self.by.evaluator;
        for (role, refusal) in
            [(current, Refusal::CurrentRoleBeyond), (new, Refusal::NewRoleBeyond)]
        {
            let beyond = role.map(|role| evaluator.matrix().beyond(evaluator.role(), role));
            let missing = beyond.unwrap_or(Actions::empty());
            if !missing.is_empty() {
                return Err(Refused { missing, ..self.refuse(refusal) });
            }
        }
        Ok(())
    }
}
