//! How a person comes to hold a role, and who may give which role to whom.

use core::fmt;

use crate::context::ScopeCtx;
use crate::decision::Answer;
use crate::id::{OrganizationId, UserId};
use crate::matrix::{Action, Actions, Matrix};
use crate::resource::Resource;
use crate::role::{ProjectRole, Role};
use crate::subject::Subject;

/// A membership of one organization: the row that a service keeps of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Member<T> {
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The user.
    pub user: UserId<T>,
    /// The role there.
    pub role: Role,
    /// What gave the role.
    pub source: RoleSource,
}

impl<T> Member<T> {
    /// The member as the subject of decisions.
    #[must_use]
    pub fn subject(self) -> Subject<T> {
        Subject::new(self.organization, self.user, self.role)
    }
}

noun! {
    /// What gave a member the role.
    pub enum RoleSource {
        /// Somebody, by hand.
        Manual = "manual",
        /// Single sign-on.
        Saml = "saml",
        /// A directory that pushes its people.
        Scim = "scim",
        /// A directory that is asked for its people.
        Ldap = "ldap",
        /// Somebody, through the API.
        Api = "api",
        /// The subscription.
        Billing = "billing",
    }

    /// The source, as wire formats spell it.
    pub const fn code;

    /// A text that is no source of a role.
    pub struct UnknownRoleSource: "role source";
}

/// What can happen to a membership. Who may make it happen is for [`MembershipPolicy`] to say.
///
/// | State | `SignUp` | `Assign` | `Remove` | `GiveUp` | `TakeOver` |
/// |---|---|---|---|---|---|
/// | no member | the default role | `NotAMember` | `NotAMember` | `NotAMember` | `NotAMember` |
/// | `NO` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `Powerless` |
/// | `DI` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `Powerless` |
/// | `AN` `RE` `MA` `AD` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `OW` |
/// | `OW` | `AlreadyAMember` | `TheOwner` | `TheOwner` | `AD` | `TheOwner` |
///
/// The roles to assign are `AN`, `RE`, `MA`, `AD`, and `DI`, which deactivates; `OW` is
/// `OnlyTransferred` and `NO` `OnlyBySignUp`. A default role is any but `OW`, which is
/// `OnlyTransferred`, and `DI`, which is `NeverDefault`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// Somebody signs up through the invitation link of an organization with this default role.
    SignUp(Role),
    /// The member is given a role: activated, changed, deactivated or reactivated.
    Assign(Role),
    /// The member is removed.
    Remove,
    /// The Owner hands the organization over: one half of a transfer.
    GiveUp,
    /// A member takes the organization over: the other half.
    TakeOver,
}

impl Event {
    /// What the state becomes: a role, or `None` for no member.
    ///
    /// # Errors
    ///
    /// When the event cannot happen in that state, as the table says.
    ///
    /// ```
    /// use labelgate::membership::{Event, Refusal};
    /// use labelgate::Role;
    ///
    /// let activate = Event::Assign(Role::Annotator);
    /// assert_eq!(activate.next(Some(Role::NotActivated)), Ok(Some(Role::Annotator)));
    /// assert_eq!(activate.next(Some(Role::Owner)), Err(Refusal::TheOwner));
    /// ```
    pub const fn next(self, state: Option<Role>) -> Result<Option<Role>, Refusal> {
        use Refusal::{
            AlreadyAMember, NeverDefault, NotAMember, NotTheOwner, OnlyBySignUp, OnlyTransferred,
            Powerless, TheOwner,
        };
        // The order of the arms is the order of the refusals.
        match (self, state) {
            (Self::SignUp(_), Some(_)) => Err(AlreadyAMember),
            (Self::SignUp(Role::Owner), None) => Err(OnlyTransferred),
            (Self::SignUp(Role::Deactivated), None) => Err(NeverDefault),
            (Self::SignUp(role), None) => Ok(Some(role)),
            (_, None) => Err(NotAMember),

            (Self::GiveUp, Some(Role::Owner)) => Ok(Some(Role::Administrator)),
            (Self::GiveUp, Some(_)) => Err(NotTheOwner),
            (_, Some(Role::Owner)) => Err(TheOwner),
            (Self::TakeOver, Some(Role::NotActivated | Role::Deactivated)) => Err(Powerless),
            (Self::TakeOver, Some(_)) => Ok(Some(Role::Owner)),

            (Self::Assign(Role::Owner), Some(_)) => Err(OnlyTransferred),
            (Self::Assign(Role::NotActivated), Some(_)) => Err(OnlyBySignUp),
            (Self::Assign(role), Some(_)) => Ok(Some(role)),
            (Self::Remove, Some(_)) => Ok(None),
        }
    }
}

/// Why a membership is not changed: the first of these that is so, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The actor, the member, the project or the invitation is of another organization, or a row is
    /// not of the user it is passed for.
    #[error("in another organization")]
    OtherOrganization,
    /// The actor's role does not hold the action that this takes.
    #[error("the role does not allow it")]
    NotAllowed,
    /// The token of an invitation is not the one that counts, or cannot become it.
    #[error("the invitation is not valid")]
    InvalidToken,
    /// Nobody changes their own membership.
    #[error("nobody changes their own membership")]
    Oneself,
    /// There is no membership to change.
    #[error("not a member")]
    NotAMember,
    /// There is a membership already.
    #[error("a member already")]
    AlreadyAMember,
    /// Only the Owner hands the organization over.
    #[error("only the owner hands the organization over")]
    NotTheOwner,
    /// The organization would be without its Owner, who can only hand it over.
    #[error("the owner can only hand the organization over")]
    TheOwner,
    /// A member who is not activated or deactivated cannot take an organization over.
    #[error("not activated or deactivated")]
    Powerless,
    /// `OW` is not assigned, only handed over.
    #[error("role `OW` is not assigned, only handed over")]
    OnlyTransferred,
    /// Nobody goes back to `NO`.
    #[error("nobody goes back to role `NO`")]
    OnlyBySignUp,
    /// `DI` is no role to invite people with.
    #[error("role `DI` is no role to invite people with")]
    NeverDefault,
    /// Only annotators and reviewers hold a role in one project, and only the other of the two.
    #[error("only annotators and reviewers hold the other of the two roles in one project")]
    NoProjectRole,
    /// The member's role may do more than the actor's.
    #[error("the member's role may do more than one's own")]
    CurrentRoleBeyond,
    /// The new role may do more than the actor's.
    #[error("the new role may do more than one's own")]
    NewRoleBeyond,
    /// A role is the actor's own level, and the organization keeps that out of reach.
    #[error("one's own level is not handed out")]
    SameLevel,
    /// The plan names the same member twice, so that it would depend on its order.
    #[error("the plan names the member twice")]
    NamedTwice,
}

impl Refusal {
    /// The code of the refusal, such as `"the_owner"`, for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// A membership is not changed: why, and how much of that may be revealed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Refused {
    pub(crate) refusal: Refusal,
    pub(crate) missing: Actions,
    pub(crate) hidden: bool,
}

impl Refused {
    /// Why.
    #[must_use]
    pub const fn refusal(self) -> Refusal {
        self.refusal
    }

    /// What the actor would have to hold and does not.
    #[must_use]
    pub const fn missing(self) -> Actions {
        self.missing
    }

    /// Whether to answer as if the member did not exist: to those who may not view the People page,
    /// to everybody about another organization, and to those who sign up with a token that is not
    /// valid.
    #[must_use]
    pub const fn is_hidden(self) -> bool {
        self.hidden
    }

    /// What the actor may be told: [`Answer::NotFound`] where the member is
    /// [hidden](Self::is_hidden), [`Answer::Forbidden`] otherwise.
    #[must_use]
    pub const fn answer(self) -> Answer {
        if self.hidden { Answer::NotFound } else { Answer::Forbidden }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.refusal)?;
        if self.missing.is_empty() {
            return Ok(());
        }
        write!(f, ", missing is `{}`", self.missing)
    }
}

impl core::error::Error for Refused {}

/// Who wants to change memberships.
#[derive(PartialEq, Eq, Debug)]
pub struct Actor<'a, T> {
    organization: &'a OrganizationId<T>,
    user: Option<&'a UserId<T>>,
    role: Role,
    source: RoleSource,
}

impl<T> Clone for Actor<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Actor<'_, T> {}

impl<'a, T> Actor<'a, T> {
    /// A member of the organization, by hand: the present row of the user who is asking, and not a
    /// row that was looked up otherwise.
    #[must_use]
    pub const fn member(member: &'a Member<T>) -> Self {
        let Member { organization, user, role, .. } = member;
        Self { organization, user: Some(user), role: *role, source: RoleSource::Manual }
    }

    /// The same member, through the API.
    #[must_use]
    pub const fn through_api(mut self) -> Self {
        self.source = RoleSource::Api;
        self
    }

    /// A source of roles that acts by itself: it may do what an administrator may. By hand and
    /// through the API it is always somebody who acts; as sources they may do nothing.
    #[must_use]
    pub const fn source(organization: &'a OrganizationId<T>, source: RoleSource) -> Self {
        let role = match source {
            RoleSource::Saml | RoleSource::Scim | RoleSource::Ldap | RoleSource::Billing => {
                Role::Administrator
            }
            RoleSource::Manual | RoleSource::Api => Role::NotActivated,
        };
        Self { organization, user: None, role, source }
    }
}

/// What an organization lays down about its memberships, and with it the decisions about them.
///
/// Values go in, decisions and new values come out; nothing is kept. A service reads the rows,
/// asks, and writes what it gets, all in one transaction, so that the rows it asked about are
/// still so.
///
/// ```
/// use labelgate::membership::{Actor, Member, MembershipPolicy, Refusal, RoleSource};
/// use labelgate::{OrganizationId, Role, UserId};
///
/// let policy = MembershipPolicy::new(OrganizationId(1));
/// let member = |user, role| Member {
///     organization: OrganizationId(1),
///     user: UserId(user),
///     role,
///     source: RoleSource::Manual,
/// };
/// let (owner, admin) = (member(1, Role::Owner), member(2, Role::Administrator));
///
/// let new = policy.can_assign(&Actor::member(&admin), &member(9, Role::NotActivated), Role::Annotator)?;
/// assert_eq!(new, member(9, Role::Annotator));
///
/// let refused = policy.can_assign(&Actor::member(&admin), &owner, Role::Annotator);
/// assert_eq!(refused.unwrap_err().refusal(), Refusal::TheOwner);
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MembershipPolicy<'m, T> {
    pub(crate) organization: OrganizationId<T>,
    matrix: &'m Matrix,
    assigns_same_level: bool,
    default_role: Role,
}

impl<T> MembershipPolicy<'static, T> {
    /// The policy of an organization with the built-in matrix, in which one's own level may be
    /// handed out and who signs up is not activated.
    #[must_use]
    pub const fn new(organization: OrganizationId<T>) -> Self {
        Self {
            organization,
            matrix: &Matrix::BUILT_IN,
            assigns_same_level: true,
            default_role: Role::NotActivated,
        }
    }
}

impl<'m, T> MembershipPolicy<'m, T> {
    /// The same policy with another matrix.
    #[must_use]
    pub fn with_matrix<'n>(self, matrix: &'n Matrix) -> MembershipPolicy<'n, T> {
        let Self { organization, assigns_same_level, default_role, .. } = self;
        MembershipPolicy { organization, matrix, assigns_same_level, default_role }
    }

    /// Says whether one's own level may be handed out ("Assign same-level roles"). Where it may not,
    /// members of one's own level cannot be touched either; sources that act by themselves are not
    /// held to it.
    #[must_use]
    pub fn assigns_same_level(mut self, assigns: bool) -> Self {
        self.assigns_same_level = assigns;
        self
    }

    /// The same policy with the default role that was kept for the organization.
    ///
    /// # Errors
    ///
    /// When it is no role to sign up with.
    pub fn with_default_role(mut self, role: Role) -> Result<Self, Refusal> {
        Event::SignUp(role).next(None)?;
        self.default_role = role;
        Ok(self)
    }

    /// The role of those who sign up through the invitation link.
    #[must_use]
    pub const fn default_role(&self) -> Role {
        self.default_role
    }

    /// The organization whose policy it is.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }
}

impl<'m, T: PartialEq + Clone> MembershipPolicy<'m, T> {
    /// Whether the actor may give the member the role: activate, change, deactivate (`DI`) or
    /// reactivate. What the membership becomes.
    ///
    /// A new role that is not [bound to projects](Role::is_project_bound), deactivation included, voids
    /// the roles in projects that the member had: delete them in the same transaction, or they would
    /// count again when the member is made an annotator or a reviewer.
    ///
    /// Giving the role that the member holds already takes the same right and changes nothing: the
    /// row comes back as it is, with its source.
    ///
    /// # Errors
    ///
    /// With the first [`Refusal`] that is so.
    pub fn can_assign(
        &self,
        actor: &Actor<'_, T>,
        target: &Member<T>,
        role: Role,
    ) -> Result<Member<T>, Refused> {
        self.check(actor, target, Event::Assign(role))?;
        let source = if role == target.role { target.source } else { actor.source };
        Ok(Member { role, source, ..target.clone() })
    }

    /// Whether the actor may remove the member. What the user belonged to in the organization goes
    /// with the membership: workspaces, projects, roles in projects; it would count again after
    /// another sign-up.
    ///
    /// # Errors
    ///
    /// With the first [`Refusal`] that is so.
    pub fn can_remove(&self, actor: &Actor<'_, T>, target: &Member<T>) -> Result<(), Refused> {
        self.check(actor, target, Event::Remove)
    }

    /// Whether the actor, who has to be the Owner and hold [`Action::ChangeUserRoles`], may hand the
    /// organization over to the member. What both memberships become, to be written in one step: the
    /// former Owner, an administrator, and the Owner, whose roles in projects are void as after any
    /// promotion. The same-level setting is about assignments and does not stop a transfer.
    ///
    /// # Errors
    ///
    /// With the first [`Refusal`] that is so.
    pub fn can_transfer(
        &self,
        actor: &Actor<'_, T>,
        heir: &Member<T>,
    ) -> Result<(Member<T>, Member<T>), Refused> {
        let refuse = |refusal| self.refuse(actor, refusal);
        self.check_organization(actor, &heir.organization)?;
        self.check_allowed(actor, Action::ChangeUserRoles)?;
        self.check_other(actor, heir)?;
        let Some(user) = actor.user else { return Err(refuse(Refusal::NotTheOwner)) };
        Event::GiveUp.next(Some(actor.role)).map_err(refuse)?;
        Event::TakeOver.next(Some(heir.role)).map_err(refuse)?;
        self.check_beyond(actor, Some(heir.role), Some(Role::Administrator))?;
        let with_role = |user: &UserId<T>, role| Member {
            organization: self.organization.clone(),
            user: user.clone(),
            role,
            source: actor.source,
        };
        Ok((with_role(user, Role::Administrator), with_role(&heir.user, Role::Owner)))
    }

    /// Whether the actor may give the member, an annotator or a reviewer, the other of the two roles
    /// in the project, or with `None` take back the one they have there. What is kept of it: the role
    /// and its source.
    ///
    /// A role can be taken back from every member, whatever their role in the organization has become.
    /// Rows of members who are promoted or deactivated count for nothing, and would count again as soon
    /// as the member is an annotator or a reviewer: see [`can_assign`](Self::can_assign).
    ///
    /// # Errors
    ///
    /// With the first [`Refusal`] that is so.
    pub fn can_assign_in_project(
        &self,
        actor: &Actor<'_, T>,
        target: &Member<T>,
        project: &impl Resource<Id = T>,
        role: Option<ProjectRole>,
    ) -> Result<Option<(ProjectRole, RoleSource)>, Refused> {
        self.check_organization(actor, project.seen().organization)?;
        self.check_organization(actor, &target.organization)?;
        self.check_allowed(actor, Action::ChangeUserRoles)?;
        self.check_other(actor, target)?;
        let other = match target.role {
            Role::Annotator => Some(ProjectRole::Reviewer),
            Role::Reviewer => Some(ProjectRole::Annotator),
            _ => None,
        };
        if role.is_some() && role != other {
            return Err(self.refuse(actor, Refusal::NoProjectRole));
        }
        if let Some(other) = other {
            // Whichever of the two is given or taken back, the member has one and gets the other.
            self.check_power(actor, Some(target.role), Some(other.into()))?;
        }
        Ok(role.map(|role| (role, actor.source)))
    }

    /// Whether the actor may make this the role of those who sign up through the invitation link.
    ///
    /// The link gives the role to whoever opens it, so this takes [`Action::InvitePeople`], and for
    /// any role but `NO` also [`Action::ActivateMembers`] and the power to assign the role.
    ///
    /// # Errors
    ///
    /// With the first [`Refusal`] that is so.
    pub fn can_set_default_role(&self, actor: &Actor<'_, T>, role: Role) -> Result<(), Refused> {
        self.check_organization(actor, &self.organization)?;
        self.check_allowed(actor, Action::InvitePeople)?;
        if role != Role::NotActivated {
            self.check_allowed(actor, Action::ActivateMembers)?;
        }
        let refuse = |refusal| self.refuse(actor, refusal);
        Event::SignUp(role).next(None).map_err(refuse)?;
        self.check_power(actor, None, Some(role))
    }

    /// Whether the actor may make the event, an assignment or a removal, happen to the member.
    fn check(&self, actor: &Actor<'_, T>, target: &Member<T>, event: Event) -> Result<(), Refused> {
        let action = match event {
            Event::Assign(role) if role.is_active() && !target.role.is_active() => {
                Action::ActivateMembers
            }
            _ => Action::ChangeUserRoles,
        };
        self.check_organization(actor, &target.organization)?;
        self.check_allowed(actor, action)?;
        if event == Event::Assign(target.role) {
            return Ok(());
        }
        self.check_other(actor, target)?;
        let refuse = |refusal| self.refuse(actor, refusal);
        let next = event.next(Some(target.role)).map_err(refuse)?;
        self.check_power(actor, Some(target.role), next)
    }

    pub(crate) fn check_organization(
        &self,
        actor: &Actor<'_, T>,
        other: &OrganizationId<T>,
    ) -> Result<(), Refused> {
        if *actor.organization == self.organization && *other == self.organization {
            return Ok(());
        }
        Err(self.refuse(actor, Refusal::OtherOrganization))
    }

    pub(crate) fn check_allowed(
        &self,
        actor: &Actor<'_, T>,
        action: Action,
    ) -> Result<(), Refused> {
        if self.matrix.can(actor.role, action, ScopeCtx::organization()) {
            return Ok(());
        }
        Err(Refused { missing: Actions::of(action), ..self.refuse(actor, Refusal::NotAllowed) })
    }

    fn check_other(&self, actor: &Actor<'_, T>, target: &Member<T>) -> Result<(), Refused> {
        if actor.user != Some(&target.user) {
            return Ok(());
        }
        Err(self.refuse(actor, Refusal::Oneself))
    }

    /// Whether the roles that somebody has and gets are within the actor's own, by what they may do,
    /// and not of the actor's own level where that is kept out of reach.
    fn check_power(
        &self,
        actor: &Actor<'_, T>,
        current: Option<Role>,
        new: Option<Role>,
    ) -> Result<(), Refused> {
        self.check_beyond(actor, current, new)?;
        let is_level = |role| self.matrix.dominates(role, actor.role);
        // The setting is about people; a directory has to be able to shut out an administrator.
        let keeps_level = actor.user.is_some() && !self.assigns_same_level;
        if keeps_level && (current.is_some_and(is_level) || new.is_some_and(is_level)) {
            return Err(self.refuse(actor, Refusal::SameLevel));
        }
        Ok(())
    }

    /// Whether the roles that somebody has and gets are within the actor's own, by what they may do.
    fn check_beyond(
        &self,
        actor: &Actor<'_, T>,
        current: Option<Role>,
        new: Option<Role>,
    ) -> Result<(), Refused> {
        for (role, refusal) in
            [(current, Refusal::CurrentRoleBeyond), (new, Refusal::NewRoleBeyond)]
        {
            let missing =
                role.map_or(Actions::empty(), |role| self.matrix.beyond(actor.role, role));
            if !missing.is_empty() {
                return Err(Refused { missing, ..self.refuse(actor, refusal) });
            }
        }
        Ok(())
    }

    pub(crate) fn refuse(&self, actor: &Actor<'_, T>, refusal: Refusal) -> Refused {
        let may_view = *actor.organization == self.organization
            && refusal != Refusal::OtherOrganization
            && self.matrix.can(actor.role, Action::ViewPeoplePage, ScopeCtx::organization());
        Refused { refusal, missing: Actions::empty(), hidden: !may_view }
    }
}
