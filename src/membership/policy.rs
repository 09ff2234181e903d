//! The policy: decides who may change which membership.

use super::actor::Actor;
use super::audit::{ChangeRequest, Operation};
use super::change::{
    Assignment, DefaultRoleSet, MemberDataSet, OverridesRead, OverridesSet, ProjectRoleGiven,
    ProjectRoleTakenBack, Removal, Transfer,
};
use super::decided::{Approved, Refused};
use super::event::Event;
use super::member::Member;
use super::refusal::Refusal;
use crate::action::{Action, Actions};
use crate::fact::Facts;
use crate::id::{OrganizationId, ProjectId};
use crate::impact::Impact;
use crate::matrix::Matrix;
use crate::overrides::Overrides;
use crate::role::{ProjectRole, Role};
use crate::row::MaybeRow;

/// Decides changes of memberships, by the settings of one organization.
///
/// It stores nothing and reads nothing. In one transaction: read and lock the rows of the actor and the member,
/// call a method, and store the [`Approved`] change. The actor is a [`Subject`](crate::Subject) or an automatic
/// source of roles (see [`Actor`]).
///
/// For `target`, pass the `Option` that your query returned. An absent member is refused like a member of
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
    /// The policy of an organization with the default settings: "Assign same-level roles" is on, and who signs up
    /// gets the role `NO` (not activated).
    #[must_use]
    pub const fn new(organization: OrganizationId<T>) -> Self {
        Self { organization, assigns_same_level: true, default_role: Role::NotActivated }
    }

    /// Returns the policy with the setting "Assign same-level roles" on or off.
    ///
    /// If it is off, actors can neither assign a role as powerful as their own nor change a member who has one.
    /// Automatic sources of roles are exempt.
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

    /// Returns the policy with this default role: new members get it when they sign up.
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
    /// Returns an error if the role is `OW` or `DI`.
    pub fn with_default_role(mut self, role: Role) -> Result<Self, Refusal> {
        Event::SignUp(role).next(None)?;
        self.default_role = role;
        Ok(self)
    }

    /// Returns the role that new members get when they sign up through the invitation link.
    #[must_use]
    pub const fn default_role(&self) -> Role {
        self.default_role
    }

    /// Returns the organization of the policy.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }
}

impl<T: PartialEq + Clone> MembershipPolicy<T> {
    /// Gives a member a role. This also activates, deactivates (`DI`) and reactivates members.
    ///
    /// - The actor needs [`Action::ActivateMembers`] to change `NO` or `DI` to a role that is neither, and
    ///   [`Action::ChangeUserRoles`] for every other change.
    /// - Neither the member's present role nor the new role may have permissions that the actor's role lacks.
    /// - If the member already has the role, only the permission is checked, and the membership is not changed:
    ///   its source stays too.
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
        let (by, target) = (by.into(), self.own_member(target.into()));
        let check = self.check(&by, Operation::Assign, target, Some(role));
        check.require_event(target, Event::Assign(role)).map(|target| {
            let source = if role == target.role { target.source } else { by.source };
            let member = Member { role, source, ..target.clone() };
            check.approve(Assignment::new(member, target.role))
        })
    }

    /// Removes a member, with all [member data](super::MemberData) in the organization.
    ///
    /// The actor needs [`Action::ChangeUserRoles`], and the member's role may not have permissions that the
    /// actor's role lacks. The user can sign up again with the present invitation link, and gets the default
    /// role. Reset the link to prevent that.
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
        let (by, target) = (by.into(), self.own_member(target.into()));
        let check = self.check(&by, Operation::Remove, target, None);
        check.require_event(target, Event::Remove).map(|target| {
            let (member, deletes) = (target.clone(), MemberDataSet::all());
            check.approve(Removal { member, deletes, returns_as: self.default_role })
        })
    }

    /// Makes a member the Owner, and the Owner an administrator.
    ///
    /// Only the Owner can do this, with [`Action::ChangeUserRoles`]. The setting "Assign same-level roles" does
    /// not apply.
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
        let (by, heir) = (by.into(), self.own_member(heir.into()));
        let check = self.check(&by, Operation::Transfer, heir, Some(Role::Owner));
        check.require(Action::ChangeUserRoles)?;
        let heir = check.require_other(heir)?;
        let refuse = |refusal| check.refuse(refusal);
        let user = by.user.ok_or_else(|| refuse(Refusal::NotTheOwner))?;
        Event::GiveUp.next(Some(by.evaluator.role())).map_err(refuse)?;
        Event::TakeOver.next(Some(heir.role)).map_err(refuse)?;
        check.require_not_beyond(Some(heir.role), Some(Role::Administrator))?;
        let assignment = |user: &_, was, role| {
            let (organization, source) = (self.organization.clone(), by.source);
            let user = Clone::clone(user);
            Assignment::new(Member { organization, user, role, source }, was)
        };
        Ok(check.approve(Transfer {
            former: assignment(user, Role::Owner, Role::Administrator),
            heir: assignment(&heir.user, heir.role, Role::Owner),
        }))
    }

    /// Makes an annotator a reviewer in one project, or a reviewer an annotator.
    ///
    /// The actor needs [`Action::ChangeUserRoles`], and neither role may have permissions that the actor's role
    /// lacks.
    ///
    /// ```
    /// use labelgate::membership::{Member, MembershipPolicy, Refusal, RoleSource};
    /// use labelgate::{OrganizationId, ProjectId, ProjectRole, Role, Subject, UserId};
    ///
    /// let (acme, admin) = (OrganizationId(1), Subject::new(OrganizationId(1), UserId(2), Role::Administrator));
    /// let project = admin.row(ProjectId(100), acme, 0).unwrap();
    /// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Manual);
    /// let ann = Member { organization: acme, user, role, source };
    /// let policy = MembershipPolicy::new(acme);
    ///
    /// let given = policy.give_project_role(&admin, &ann, project, ProjectRole::Reviewer)?;
    /// assert_eq!(given.change().role, ProjectRole::Reviewer);
    ///
    /// // Ann is an annotator in every project already.
    /// let refused = policy.give_project_role(&admin, &ann, project, ProjectRole::Annotator);
    /// assert_eq!(refused.unwrap_err().refusal(), Refusal::NoProjectRole);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn give_project_role<'a, 'm, U, R, P>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        target: impl Into<Option<&'m Member<T, U>>>,
        project: R,
        role: ProjectRole,
    ) -> Result<Approved<ProjectRoleGiven<T, R::Row, U>>, Refused>
    where
        T: PartialEq<R::Organization> + 'a + 'm,
        R: MaybeRow<Id = ProjectId<P>>,
        U: PartialEq + Clone + 'a + 'm,
    {
        let (by, target) = (by.into(), self.own_member(target.into()));
        let check = self.check(&by, Operation::GiveProjectRole, target, Some(role.into()));
        let (target, project) = check.require_project(target, project)?;
        if other_role(target.role) != Some(role) {
            return Err(check.refuse(Refusal::NoProjectRole));
        }
        check.require_both_project_roles(target)?;
        let (member, source) = (target.clone(), by.source);
        Ok(check.approve(ProjectRoleGiven { member, project, role, source }))
    }

    /// Takes back the role that a member has in one project.
    ///
    /// The actor needs [`Action::ChangeUserRoles`]. If the member is an annotator or a reviewer, neither of these
    /// two roles may have permissions that the actor's role lacks. Any member can be the target.
    ///
    /// ```
    /// use labelgate::membership::{Member, MembershipPolicy};
    /// use labelgate::{OrganizationId, ProjectId, Role, Row, Subject, UserId};
    ///
    /// type Project = Row<ProjectId<i64>>;
    ///
    /// fn take_back(by: &Subject<i64>, member: Option<&Member<i64>>, project: Option<Project>) -> u16 {
    ///     let policy = MembershipPolicy::new(*by.organization());
    ///     match policy.take_back_project_role(by, member, project) {
    ///         Ok(_change) => 204, // DELETE FROM project_roles WHERE ..
    ///         Err(refused) => refused.answer().status(),
    ///     }
    /// }
    ///
    /// // The project does not exist.
    /// let admin = Subject::new(OrganizationId(1), UserId(2), Role::Administrator);
    /// assert_eq!(take_back(&admin, None, None), 404);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn take_back_project_role<'a, 'm, U, R, P>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        target: impl Into<Option<&'m Member<T, U>>>,
        project: R,
    ) -> Result<Approved<ProjectRoleTakenBack<T, R::Row, U>>, Refused>
    where
        T: PartialEq<R::Organization> + 'a + 'm,
        R: MaybeRow<Id = ProjectId<P>>,
        U: PartialEq + Clone + 'a + 'm,
    {
        let (by, target) = (by.into(), self.own_member(target.into()));
        let check = self.check(&by, Operation::TakeBackProjectRole, target, None);
        let (target, project) = check.require_project(target, project)?;
        check.require_both_project_roles(target)?;
        Ok(check.approve(ProjectRoleTakenBack { member: target.clone(), project }))
    }

    /// Sets the default role: new members get it when they sign up through the invitation link.
    ///
    /// The actor needs [`Action::InvitePeople`], and for any role but `NO` also [`Action::ActivateMembers`]. The
    /// role may not have permissions that the actor's role lacks.
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
        let check = self.check(&by, Operation::SetDefaultRole, None, Some(role));
        let check = Check { before: Some(self.default_role), ..check };
        check.require_invitation_to(role)?;
        let organization = self.organization.clone();
        Ok(check.approve(DefaultRoleSet { organization, role, was: self.default_role }))
    }

    /// Reads the overrides of the organization's matrix, to show them.
    ///
    /// Only the Owner can do this, with [`Action::ChangeUserRoles`].
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
        let check = self.check(&by, Operation::ReadOverrides, None, None);
        check.require_owner()?;
        Ok(check.approve(OverridesRead { overrides }))
    }

    /// Replaces the overrides of the organization's matrix. Pass the present overrides as `was`.
    ///
    /// Only the Owner can do this, with [`Action::ChangeUserRoles`]. Automatic sources of roles cannot.
    ///
    /// ```
    /// use labelgate::membership::MembershipPolicy;
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::sets::Roles;
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
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
        let check = self.check(&by, Operation::SetOverrides, None, None);
        check.require_owner()?;
        let organization = self.organization.clone();
        Ok(check.approve(OverridesSet { organization, overrides, was }))
    }

    /// Shows what another matrix would do to the members of the organization, before it is in force. Pass the matrix
    /// of the present overrides as `before`, and that of the edited overrides as `after`. Nothing is changed.
    ///
    /// It takes what [`set_overrides`](Self::set_overrides) takes: only the Owner can do this, with
    /// [`Action::ChangeUserRoles`].
    ///
    /// ```
    /// use labelgate::membership::MembershipPolicy;
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::sets::Roles;
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let was = Overrides::none();
    /// let edited = was.with(Override { permission: Action::ExportData, roles: Roles::Administrator }).unwrap();
    /// let preview = |role| {
    ///     let subject = Subject::new(acme, UserId(1), role);
    ///     MembershipPolicy::new(acme).preview_matrix(&subject, was.matrix(), edited.matrix())
    /// };
    /// let impact = preview(Role::Owner)?.into_change();
    /// assert_eq!(impact.lost(Action::ExportData).roles(), Roles::Manager);
    /// assert_eq!(preview(Role::Administrator).unwrap_err().answer().status(), 403);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn preview_matrix<'a, U>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        before: Matrix,
        after: Matrix,
    ) -> Result<Approved<Impact<T>>, Refused>
    where
        T: 'a,
        U: PartialEq + 'a,
    {
        let by = by.into();
        let check = self.check(&by, Operation::PreviewMatrix, None, None);
        check.require_owner()?;
        Ok(check.approve(Impact::new(self.organization.clone(), before, after)))
    }

    /// Returns the member, unless it belongs to another organization.
    fn own_member<'m, U>(&self, target: Option<&'m Member<T, U>>) -> Option<&'m Member<T, U>> {
        target.filter(|member| member.organization == self.organization)
    }

    pub(super) fn check<'c, 'a, U>(
        &'c self,
        by: &'c Actor<'a, T, U>,
        operation: Operation,
        target: Option<&Member<T, U>>,
        after: Option<Role>,
    ) -> Check<'c, 'a, T, U> {
        Check { policy: self, by, operation, before: target.map(|row| row.role), after }
    }
}

/// Returns the project role that a member with this role can have: the other one of annotator and reviewer.
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

/// A decision in progress: the policy, the actor and the operation.
pub(super) struct Check<'c, 'a, T, U> {
    policy: &'c MembershipPolicy<T>,
    by: &'c Actor<'a, T, U>,
    operation: Operation,
    before: Option<Role>,
    after: Option<Role>,
}

impl<T: PartialEq, U: PartialEq> Check<'_, '_, T, U> {
    fn request(&self) -> ChangeRequest {
        let Self { by, operation, before, after, .. } = self;
        let evaluator = &by.evaluator;
        ChangeRequest {
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
        Approved::new(change, self.request())
    }

    pub(super) fn refuse(&self, refusal: Refusal) -> Refused {
        let Self { policy, by, .. } = self;
        let views_people = *by.organization == policy.organization
            && by.evaluator.can(Action::ViewPeoplePage, Facts::none());
        let is_absent = matches!(refusal, Refusal::OtherOrganization | Refusal::NotAMember);
        let hidden = !views_people || is_absent;
        Refused { request: self.request(), refusal, missing: Actions::empty(), hidden }
    }

    /// Refuses if the actor or `organization` is not of the policy's organization.
    pub(super) fn require_organization(
        &self,
        organization: &OrganizationId<T>,
    ) -> Result<(), Refused> {
        let own = &self.policy.organization;
        if self.by.organization == own && organization == own {
            return Ok(());
        }
        Err(self.refuse(Refusal::OtherOrganization))
    }

    /// Refuses if the actor is of another organization, or lacks the permission for the action.
    pub(super) fn require(&self, action: Action) -> Result<(), Refused> {
        self.require_organization(&self.policy.organization)?;
        if self.by.evaluator.can(action, Facts::none()) {
            return Ok(());
        }
        Err(Refused { missing: Actions::of(action), ..self.refuse(Refusal::NotAllowed) })
    }

    /// Returns the target. Refuses if it is absent or is the actor.
    fn require_other<'m>(
        &self,
        target: Option<&'m Member<T, U>>,
    ) -> Result<&'m Member<T, U>, Refused> {
        let target = target.ok_or_else(|| self.refuse(Refusal::NotAMember))?;
        if self.by.user == Some(&target.user) {
            return Err(self.refuse(Refusal::Oneself));
        }
        Ok(target)
    }

    /// Returns the target. Refuses if the actor may not make this assignment or removal.
    fn require_event<'m>(
        &self,
        target: Option<&'m Member<T, U>>,
        event: Event,
    ) -> Result<&'m Member<T, U>, Refused> {
        let is_active = target.is_none_or(|target| target.role.is_active());
        let action = match event {
            Event::Assign(role) if role.is_active() && !is_active => Action::ActivateMembers,
            _ => Action::ChangeUserRoles,
        };
        self.require(action)?;
        if let Some(target) = target.filter(|target| event == Event::Assign(target.role)) {
            return Ok(target);
        }
        let target = self.require_other(target)?;
        let next = event.next(Some(target.role)).map_err(|refusal| self.refuse(refusal))?;
        self.require_assignable(Some(target.role), next)?;
        Ok(target)
    }

    /// Returns the target and the project. Refuses if the actor may not change project roles there. Does not compare
    /// the power of roles.
    fn require_project<'m, R, P>(
        &self,
        target: Option<&'m Member<T, U>>,
        project: R,
    ) -> Result<(&'m Member<T, U>, R::Row), Refused>
    where
        T: PartialEq<R::Organization>,
        R: MaybeRow<Id = ProjectId<P>>,
    {
        self.require(Action::ChangeUserRoles)?;
        let is_own =
            |project: &R::Row| self.policy.organization.0 == R::get(project).organization().0;
        let Some(project) = project.found().filter(is_own) else {
            return Err(self.refuse(Refusal::OtherOrganization));
        };
        Ok((self.require_other(target)?, project))
    }

    /// If the target is an annotator or a reviewer, refuses unless the actor may assign both roles: a project role
    /// replaces one by the other, and taking it back does the reverse.
    fn require_both_project_roles(&self, target: &Member<T, U>) -> Result<(), Refused> {
        let other = other_role(target.role);
        other.map_or(Ok(()), |other| self.require_assignable(Some(target.role), Some(other.into())))
    }

    /// Refuses if the actor is not the Owner, or may not change roles.
    fn require_owner(&self) -> Result<(), Refused> {
        self.require(Action::ChangeUserRoles)?;
        if self.by.user.is_some() && self.by.evaluator.role() == Role::Owner {
            return Ok(());
        }
        Err(self.refuse(Refusal::NotTheOwner))
    }

    /// Refuses if the actor may not invite people to sign up with the role.
    pub(super) fn require_invitation_to(&self, role: Role) -> Result<(), Refused> {
        self.require(Action::InvitePeople)?;
        if role != Role::NotActivated {
            self.require(Action::ActivateMembers)?;
        }
        Event::SignUp(role).next(None).map_err(|refusal| self.refuse(refusal))?;
        self.require_assignable(None, Some(role))
    }

    /// Refuses if the actor may not replace the current role with the new one: if one of them has permissions that
    /// the actor's role lacks, or is as powerful while "Assign same-level roles" is off.
    fn require_assignable(&self, current: Option<Role>, new: Option<Role>) -> Result<(), Refused> {
        self.require_not_beyond(current, new)?;
        let evaluator = &self.by.evaluator;
        let is_same_level = |role| evaluator.matrix().dominates(role, evaluator.role());
        // The setting does not apply to automatic sources: a directory must be able to deactivate administrators.
        let is_restricted = self.by.user.is_some() && !self.policy.assigns_same_level;
        if is_restricted && (current.is_some_and(is_same_level) || new.is_some_and(is_same_level)) {
            return Err(self.refuse(Refusal::SameLevel));
        }
        Ok(())
    }

    /// Refuses if the current or the new role has permissions that the actor's role lacks.
    fn require_not_beyond(&self, current: Option<Role>, new: Option<Role>) -> Result<(), Refused> {
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
