//! The decision: the only place where role, action and context meet.

use core::fmt;

use crate::context::ScopeCtx;
use crate::fact::Facts;
use crate::matrix::{Action, Actions, Fingerprint, Matrix};
use crate::role::{Role, Roles};
use crate::scope::{Scope, Scopes};

/// Returns true if the role may do the action on a resource that is held like this, by the
/// [built-in](Matrix::BUILT_IN) matrix.
///
/// It may if the context holds at least one of the scopes in the cell of the role and the action. This works
/// in constants too.
///
/// ```
/// use labelgate::{Action, Role, ScopeCtx, can};
///
/// let ctx = ScopeCtx::organization().in_workspace();
/// assert!(can(Role::Manager, Action::ExportData, ctx));
///
/// const _: () = assert!(!can(
///     Role::Reviewer,
///     Action::ExportData,
///     ScopeCtx::organization().in_project(),
/// ));
/// ```
#[must_use]
#[inline]
pub const fn can(role: Role, action: Action, ctx: ScopeCtx) -> bool {
    Matrix::BUILT_IN.can(role, action, ctx)
}

/// Decides whether the role may do the action on a resource that is held like this. The function
/// [`decide`](crate::decide) does the same with the built-in matrix.
///
/// ```
/// use labelgate::{Action, Matrix, Reason, Role, ScopeCtx, Scopes};
///
/// let matrix = Matrix::BUILT_IN.with_cell(Role::Manager, Action::ExportData, Scopes::empty())?;
/// let denied = matrix.decide(Role::Manager, Action::ExportData, ScopeCtx::organization().own());
/// assert_eq!(denied.unwrap_err().reason(), Reason::RoleNeverHolds);
/// # Ok::<(), labelgate::error::PowerlessRole>(())
/// ```
///
/// # Errors
///
/// Returns an error if the action is denied.
#[inline]
pub const fn decide(role: Role, action: Action, ctx: ScopeCtx) -> Result<Granted, Denied> {
    Matrix::BUILT_IN.decide(role, action, ctx)
}

/// What was asked, and all that the answer follows from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Asked {
    /// In the organization.
    pub(crate) role: Role,
    pub(crate) action: Action,
    /// None where no facts count, and where a context was asked about.
    pub(crate) facts: Option<Facts>,
    pub(crate) limit: Actions,
    pub(crate) through_api: bool,
    pub(crate) matrix: Fingerprint,
}

/// An action is permitted, through the scopes that it names.
///
/// [`Subject::decide`](crate::Subject::decide) returns it. For a function that must not be called without the
/// check, take a [`Permit`](crate::Permit) instead.
///
/// ```
/// use labelgate::{Action, OrganizationId, Role, Scopes, Subject, UserId};
///
/// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
/// let granted = subject.decide(Action::InvitePeople, subject.here())?;
/// assert_eq!(granted.action(), Action::InvitePeople);
/// assert_eq!(granted.through(), Scopes::Organization);
/// assert!(granted.audit().allowed);
/// # Ok::<(), labelgate::Denied>(())
/// ```
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Granted {
    pub(crate) asked: Asked,
    pub(crate) through: Scopes,
}

impl Granted {
    /// The action that is permitted.
    #[must_use]
    pub const fn action(self) -> Action {
        self.asked.action
    }

    /// The scopes that permit it: those of the matrix's cell that are held.
    #[must_use]
    pub const fn through(self) -> Scopes {
        self.through
    }
}

/// An action is denied: why, and what the caller may be told.
///
/// [`answer`](Self::answer) is for the caller outside. The text that it displays as is the reason in words,
/// for your log. It carries no personal data.
///
/// ```
/// use labelgate::resource::{InProject, Organization, ProjectId};
/// use labelgate::{Action, OrganizationId, Reason, Role, Scopes, Subject, UserId};
///
/// let (acme, mia) = (OrganizationId(1), UserId(7));
/// let place = InProject {
///     created_by: None,
///     is_member: false,
///     has_tasks: false,
///     acts_as: None,
///     own_data_permitted: false,
/// };
/// let project = Organization::seen_by(acme, mia).project(ProjectId(100), place);
/// let denied = Subject::new(acme, mia, Role::Manager).decide(Action::ExportData, project).unwrap_err();
///
/// // For the caller.
/// assert_eq!((denied.answer().status(), denied.answer().text()), (403, "forbidden"));
/// assert!(!denied.is_hidden());
///
/// // For the log.
/// assert_eq!(denied.reason(), Reason::ScopeNotHeld);
/// assert_eq!(
///     denied.to_string(),
///     "role `MA` needs one of `own, project, workspace` for `data.export`, and holds `organization`",
/// );
/// assert_eq!((denied.role(), denied.acting()), (Role::Manager, Some(Role::Manager)));
/// assert_eq!(denied.action(), Action::ExportData);
/// assert_eq!(denied.suffices(), Scopes::Own | Scopes::Project | Scopes::Workspace);
/// assert_eq!(denied.held(), Scopes::Organization);
/// ```
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Denied {
    pub(crate) asked: Asked,
    pub(crate) acting: Option<Role>,
    pub(crate) held: Scopes,
    pub(crate) suffices: Scopes,
    pub(crate) reason: Reason,
    pub(crate) hidden: bool,
}

noun! {
    /// Why an action is denied: the first of these that applies.
    ///
    /// Logs rely on the codes, so they never change.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Reason, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    /// let denied = subject.decide(Action::InvitePeople, subject.here()).unwrap_err();
    /// assert_eq!(denied.reason(), Reason::RoleNeverHolds);
    /// assert_eq!(denied.reason().code(), "role_never_holds");
    /// ```
    #[non_exhaustive]
    pub enum Reason {
        /// The member has no role yet. An owner or administrator has to activate them.
        NotActivated = "not_activated",
        /// The member was deactivated.
        Deactivated = "deactivated",
        /// The resource was not found.
        NotFound = "not_found",
        /// The resource is in another organization.
        OutsideOrganization = "outside_organization",
        /// The facts were gathered for another user.
        OtherUser = "other_user",
        /// The user is an annotator or reviewer of the organization, and the facts do not say what they act
        /// as in the project. Select `acts_as_annotator` or `acts_as_reviewer` with the row.
        ActsAsNobody = "acts_as_nobody",
        /// The cell of the role and the action is empty: no scope would be enough.
        RoleNeverHolds = "role_never_holds",
        /// The subject holds none of the scopes that would be enough.
        ScopeNotHeld = "scope_not_held",
        /// It is the user's own, but the project does not let annotators view their own data.
        SettingOff = "setting_off",
        /// The person may do it, but the token is limited to other actions, or to this one without its
        /// [guard](crate::Action::guard).
        NotInLimit = "not_in_limit",
        /// The person may do it, but not through the API.
        NotThroughApi = "not_through_api",
    }

    /// The code of the reason.
    pub const fn code;

    /// A text that is no code of a reason.
    ///
    /// Parsing a [`Reason`] returns it. A later version may know more reasons, so a log that is read back can
    /// hold one.
    ///
    /// ```
    /// use labelgate::Reason;
    ///
    /// let error = "forbidden".parse::<Reason>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown reason `forbidden`");
    /// ```
    pub struct UnknownReason: "reason";
}

/// What a caller outside may be told: a status and a text that say no more than each other.
///
/// ```
/// use labelgate::Answer;
///
/// assert_eq!(Answer::NotFound.status(), 404);
/// assert_eq!(Answer::NotFound.text(), "not found");
/// assert_eq!(Answer::NotFound.to_string(), "not found");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// 403: the caller may know that it exists, and may not do this.
    Forbidden,
    /// 404: the caller may not know whether it exists.
    NotFound,
    /// 405: nobody does this to themselves.
    MethodNotAllowed,
    /// 409: the caller has the right, but the present state does not allow it.
    Conflict,
}

impl Answer {
    /// The HTTP status code. It is never 401: that one is about who asks, and not about what they may do.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
        }
    }

    /// The text of the answer.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::NotFound => "not found",
            Self::MethodNotAllowed => "method not allowed",
            Self::Conflict => "conflict",
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Denied {
    /// Why the action is denied.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The subject's role in the organization.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.asked.role
    }

    /// The role that counted. `None` if an annotator or reviewer acts as nobody in the project.
    #[must_use]
    pub const fn acting(&self) -> Option<Role> {
        self.acting
    }

    /// The action that is denied.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.asked.action
    }

    /// The scopes that the subject holds.
    #[must_use]
    pub const fn held(&self) -> Scopes {
        self.held
    }

    /// The scopes of which one would be enough. It is empty if the role never holds the action.
    #[must_use]
    pub const fn suffices(&self) -> Scopes {
        self.suffices
    }

    /// Returns true if the caller may not be told that the resource exists.
    ///
    /// That is so if the resource was not found, is in another organization, was selected for another user,
    /// or if the action that [guards](Action::guard) this one is denied too.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// What the caller may be told: [`Answer::NotFound`] if the resource is [hidden](Self::is_hidden), else
    /// [`Answer::Forbidden`].
    ///
    /// ```
    /// use labelgate::Denied;
    ///
    /// fn respond(denied: Denied) -> (u16, &'static str) {
    ///     let answer = denied.answer();
    ///     (answer.status(), answer.text())
    /// }
    /// ```
    #[must_use]
    pub const fn answer(&self) -> Answer {
        if self.hidden { Answer::NotFound } else { Answer::Forbidden }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked: Asked { action, role, .. }, suffices, held, .. } = self;
        let role = self.acting.unwrap_or(*role);
        match self.reason {
            Reason::NotActivated => write!(f, "not activated: has no role yet"),
            Reason::Deactivated => write!(f, "deactivated"),
            Reason::NotFound => write!(f, "not found"),
            Reason::OutsideOrganization => write!(f, "outside the organization"),
            Reason::OtherUser => write!(f, "the facts were selected for another user"),
            Reason::ActsAsNobody => {
                write!(f, "the facts do not say what role `{role}` acts as in the project")
            }
            Reason::RoleNeverHolds => write!(f, "role `{role}` never holds `{action}`"),
            Reason::ScopeNotHeld => {
                write!(
                    f,
                    "role `{role}` needs one of `{suffices}` for `{action}`, and holds `{held}`"
                )
            }
            Reason::SettingOff => {
                write!(f, "the project does not let annotators view their own data: `{action}`")
            }
            Reason::NotInLimit => {
                write!(f, "the token does not have both `{action}` and its guard")
            }
            Reason::NotThroughApi => {
                write!(f, "through the API, `{action}` takes `{}` too", Action::UseApi)
            }
        }
    }
}

impl core::error::Error for Denied {}

/// The reason of a role that holds nothing, ever. It comes before all others.
pub(crate) const fn powerless(role: Role) -> Option<Reason> {
    match role {
        Role::NotActivated => Some(Reason::NotActivated),
        Role::Deactivated => Some(Reason::Deactivated),
        Role::Owner | Role::Administrator | Role::Manager | Role::Reviewer | Role::Annotator => {
            None
        }
    }
}

/// The person's own reason not to do what takes one of these scopes.
pub(crate) const fn reason(role: Role, suffices: Scopes, held: Scopes) -> Reason {
    if let Some(reason) = powerless(role) {
        return reason;
    }
    if held.is_empty() {
        Reason::OutsideOrganization
    } else if suffices.is_empty() {
        Reason::RoleNeverHolds
    } else if suffices.has(Scope::OwnPermitted) && held.has(Scope::Own) {
        Reason::SettingOff
    } else {
        Reason::ScopeNotHeld
    }
}

impl Matrix {
    /// Decides whether the role may do the action on a resource that is held like this.
    ///
    /// # Errors
    ///
    /// Returns an error if the action is denied.
    #[inline]
    pub const fn decide(
        &self,
        role: Role,
        action: Action,
        ctx: ScopeCtx,
    ) -> Result<Granted, Denied> {
        let (suffices, held) = (self.scopes(role, action), ctx.scopes());
        let through = suffices.intersection(held);
        let asked = Asked {
            role,
            action,
            facts: None,
            limit: Actions::all(),
            through_api: false,
            matrix: self.fingerprint(),
        };
        if through.is_empty() {
            let hidden = match action.guard() {
                Some(guard) => !self.can(role, guard, ctx),
                None => ctx.is_outside(),
            };
            let reason = reason(role, suffices, held);
            Err(Denied { asked, acting: Some(role), held, suffices, reason, hidden })
        } else {
            Ok(Granted { asked, through })
        }
    }

    /// Returns true if the role may do the action on a resource that is held like this. The function
    /// [`can`](crate::can) does the same with the built-in matrix.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, ScopeCtx};
    ///
    /// let ctx = ScopeCtx::organization();
    /// assert!(Matrix::BUILT_IN.can(Role::Administrator, Action::ExportData, ctx));
    /// ```
    #[must_use]
    #[inline]
    pub const fn can(&self, role: Role, action: Action, ctx: ScopeCtx) -> bool {
        self.scopes(role, action).intersects(ctx.scopes())
    }

    /// The roles that may do the action on a resource that is held like this.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, Roles, ScopeCtx};
    ///
    /// let may_import = Matrix::BUILT_IN.roles(Action::ImportData, ScopeCtx::organization());
    /// assert_eq!(may_import, Roles::Administrator | Roles::Owner);
    /// ```
    #[must_use]
    pub const fn roles(&self, action: Action, ctx: ScopeCtx) -> Roles {
        let mut roles = Roles::empty();
        let mut rest: &[Role] = &Role::ALL;
        while let [role, tail @ ..] = rest {
            if self.can(*role, action, ctx) {
                roles = roles.union(Roles::of(*role));
            }
            rest = tail;
        }
        roles
    }

    /// Returns true if `role` may do, in every context, all that `other` may do there. The actions that are
    /// [not inherited](Self::NOT_INHERITED) in the built-in matrix do not count.
    ///
    /// ```
    /// use labelgate::{Matrix, Role};
    ///
    /// assert!(Matrix::BUILT_IN.dominates(Role::Owner, Role::Administrator));
    /// ```
    #[must_use]
    pub const fn dominates(&self, role: Role, other: Role) -> bool {
        self.beyond(role, other).is_empty()
    }

    /// The actions that `other` may do in some context and `role` may not do there. The actions that are
    /// [not inherited](Self::NOT_INHERITED) in the built-in matrix do not count.
    ///
    /// ```
    /// use labelgate::{Actions, Matrix, Role};
    ///
    /// let beyond = Matrix::BUILT_IN.beyond(Role::Administrator, Role::Owner);
    /// assert_eq!(beyond, Actions::CreateOrganization | Actions::ViewOwnerAccount);
    /// ```
    #[must_use]
    pub const fn beyond(&self, role: Role, other: Role) -> Actions {
        let mut beyond = Actions::empty();
        let mut rest: &[ScopeCtx] = &ScopeCtx::ALL;
        while let [ctx, tail @ ..] = rest {
            let more = self.actions(other, *ctx).difference(self.actions(role, *ctx));
            let excused = Self::NOT_INHERITED.intersection(Self::BUILT_IN.actions(other, *ctx));
            beyond = beyond.union(more.difference(excused));
            rest = tail;
        }
        beyond
    }
}

impl Role {
    /// Returns true if this role may do, in every context, all that the other may do there, by the built-in
    /// matrix. See [`Matrix::dominates`].
    ///
    /// ```
    /// use labelgate::Role;
    ///
    /// assert!(Role::Manager.dominates(Role::Reviewer));
    /// assert!(!Role::Reviewer.dominates(Role::Manager));
    /// ```
    #[must_use]
    pub const fn dominates(self, other: Self) -> bool {
        Matrix::BUILT_IN.dominates(self, other)
    }
}
