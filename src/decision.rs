//! Decisions: grants and denials, and the reasons of denials.

use core::fmt;

use crate::action::{Action, Actions};
use crate::context::ScopeCtx;
use crate::fact::Facts;
use crate::matrix::{Fingerprint, Matrix};
use crate::role::Role;
use crate::scope::{Scope, Scopes};

/// Returns true if the role may do the action in this context, by the [built-in](Matrix::BUILT_IN) matrix.
///
/// It may if the context has a scope that the matrix has for this role and action. Works in constants too.
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

/// Decides whether the role may do the action in this context, by the [built-in](Matrix::BUILT_IN) matrix.
/// Returns the grant or the denial.
///
/// ```
/// use labelgate::decision::decide;
/// use labelgate::{Action, Reason, Role, ScopeCtx};
///
/// let denied = decide(Role::Manager, Action::ExportData, ScopeCtx::organization()).unwrap_err();
/// assert_eq!(denied.reason(), Reason::ScopeNotHeld);
/// ```
///
/// # Errors
///
/// Returns an error if the action is denied.
#[inline]
pub const fn decide(role: Role, action: Action, ctx: ScopeCtx) -> Result<Granted, Denied> {
    Matrix::BUILT_IN.decide(role, action, ctx)
}

/// The inputs of a decision.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Request {
    /// The role in the organization.
    pub(crate) role: Role,
    pub(crate) action: Action,
    /// `None` if the row has no facts for this subject, and for decisions about a [`ScopeCtx`].
    pub(crate) facts: Option<Facts>,
    pub(crate) limit: Actions,
    pub(crate) through_api: bool,
    pub(crate) matrix: Fingerprint,
}

/// The grant of an action, with the scopes that permit it.
///
/// [`Subject::decide`](crate::Subject::decide) returns it. A function that must not be called without the check
/// should take a [`Permit`](crate::Permit) instead.
///
/// ```
/// use labelgate::sets::Scopes;
/// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
///
/// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
/// let granted = subject.decide(Action::InvitePeople, subject.own_organization())?;
/// assert_eq!(granted.action(), Action::InvitePeople);
/// assert_eq!(granted.scopes(), Scopes::Organization);
/// assert!(granted.audit().allowed);
/// # Ok::<(), labelgate::Denied>(())
/// ```
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Granted {
    pub(crate) request: Request,
    pub(crate) scopes: Scopes,
}

impl Granted {
    /// Returns the action that is permitted.
    #[must_use]
    pub const fn action(self) -> Action {
        self.request.action
    }

    /// Returns the scopes that permit the action: held by the subject and in its matrix cell.
    #[must_use]
    pub const fn scopes(self) -> Scopes {
        self.scopes
    }
}

/// The denial of an action: the reason, and the answer that the caller may see.
///
/// Send [`answer`](Self::answer) to the caller. A denial displays as the reason in words, for your log, without
/// personal data.
///
/// ```
/// use labelgate::sets::Scopes;
/// use labelgate::{Action, OrganizationId, ProjectId, Reason, Role, Subject, UserId};
///
/// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// let project = mia.row(ProjectId(100), OrganizationId(1), 0)?; // she may see it, and no more
/// let denied = mia.decide(Action::ExportData, project).unwrap_err();
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
/// assert_eq!((denied.role(), denied.effective_role()), (Role::Manager, Some(Role::Manager)));
/// assert_eq!(denied.action(), Action::ExportData);
/// assert_eq!(denied.required(), Scopes::Own | Scopes::Project | Scopes::Workspace);
/// assert_eq!(denied.held(), Scopes::Organization);
/// # Ok::<(), labelgate::error::InvalidFacts>(())
/// ```
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Denied {
    pub(crate) request: Request,
    pub(crate) effective_role: Option<Role>,
    pub(crate) held: Scopes,
    pub(crate) required: Scopes,
    pub(crate) reason: Reason,
    pub(crate) hidden: bool,
}

text_enum! {
    /// The reason of a denial: the first of these that applies.
    ///
    /// Logs rely on the codes, so they never change.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Reason, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    /// let denied = subject.decide(Action::InvitePeople, subject.own_organization()).unwrap_err();
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
        /// The facts were selected for another user.
        OtherUser = "other_user",
        /// The user is an annotator or reviewer of the organization, and the facts lack the user's role in the
        /// project. Select `acts_as_annotator` or `acts_as_reviewer` with the row.
        ActsAsNobody = "acts_as_nobody",
        /// The cell of the role and the action is empty: no scope permits the action.
        RoleNeverHolds = "role_never_holds",
        /// The subject holds none of the scopes in the cell of the role and the action.
        ScopeNotHeld = "scope_not_held",
        /// The resource is the user's own, but the project does not let annotators view their own data.
        SettingOff = "setting_off",
        /// The role and scopes permit the action, but the token's limit lacks the action or its
        /// [guard](crate::Action::guard).
        NotInLimit = "not_in_limit",
        /// The role and scopes permit the action, but not through the API.
        NotThroughApi = "not_through_api",
    }

    /// Returns the code of the reason, which logs hold.
    pub const fn code;

    /// The error returned when the code of a reason cannot be parsed.
    ///
    /// A log that a later version of the crate wrote can have reasons that this version does not know.
    ///
    /// ```
    /// use labelgate::Reason;
    ///
    /// let error = "forbidden".parse::<Reason>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown reason `forbidden`");
    /// ```
    pub struct UnknownReason: "reason";
}

/// The answer that a caller may see: an HTTP status, and a text that tells no more than the status.
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
    /// 403: the caller may know that the resource exists, but may not do the action.
    Forbidden,
    /// 404: the caller may not know whether the resource exists.
    NotFound,
    /// 405: members may not make this change to themselves.
    MethodNotAllowed,
    /// 409: the caller has the permission, but the present state does not allow the change.
    Conflict,
}

impl Answer {
    /// Returns the HTTP status code. It is never 401, which means that the caller is not authenticated.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
        }
    }

    /// Returns the text of the answer.
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
    /// Returns the reason of the denial.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Returns the subject's role in the organization.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.request.role
    }

    /// Returns the role that decided: in a project, the project role of an annotator or reviewer. `None` if the facts
    /// lack that role.
    #[must_use]
    pub const fn effective_role(&self) -> Option<Role> {
        self.effective_role
    }

    /// Returns the action that is denied.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.request.action
    }

    /// Returns the scopes that the subject holds.
    #[must_use]
    pub const fn held(&self) -> Scopes {
        self.held
    }

    /// Returns the scopes, each of which would permit the action. It is empty if no scope would.
    #[must_use]
    pub const fn required(&self) -> Scopes {
        self.required
    }

    /// Returns true if the caller may not be told that the resource exists.
    ///
    /// The resource is hidden if it was not found, is in another organization, has facts of another user, or if the
    /// action's [guard](Action::guard) is denied too.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// Returns [`Answer::NotFound`] if the resource is [hidden](Self::is_hidden), else [`Answer::Forbidden`].
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
        let Self { request: Request { action, role, .. }, required, held, .. } = self;
        let role = self.effective_role.unwrap_or(*role);
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
                    "role `{role}` needs one of `{required}` for `{action}`, and holds `{held}`"
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

/// Returns the reason for a role to which every action is denied. It comes before all other reasons.
pub(crate) const fn powerless(role: Role) -> Option<Reason> {
    match role {
        Role::NotActivated => Some(Reason::NotActivated),
        Role::Deactivated => Some(Reason::Deactivated),
        Role::Owner | Role::Administrator | Role::Manager | Role::Reviewer | Role::Annotator => {
            None
        }
    }
}

/// Returns the reason for a subject that holds none of the required scopes.
pub(crate) const fn reason(role: Role, required: Scopes, held: Scopes) -> Reason {
    if let Some(reason) = powerless(role) {
        return reason;
    }
    if held.is_empty() {
        Reason::OutsideOrganization
    } else if required.is_empty() {
        Reason::RoleNeverHolds
    } else if required.has(Scope::OwnPermitted) && held.has(Scope::Own) {
        Reason::SettingOff
    } else {
        Reason::ScopeNotHeld
    }
}

impl Matrix {
    /// Decides whether the role may do the action in this context. Returns the grant or the denial. The function
    /// [`decide`] does the same with the built-in matrix.
    ///
    /// ```
    /// use labelgate::sets::Scopes;
    /// use labelgate::{Action, Matrix, Reason, Role, ScopeCtx};
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
    pub const fn decide(
        &self,
        role: Role,
        action: Action,
        ctx: ScopeCtx,
    ) -> Result<Granted, Denied> {
        let (required, held) = (self.scopes(role, action), ctx.scopes());
        let scopes = required.intersection(held);
        let request = Request {
            role,
            action,
            facts: None,
            limit: Actions::all(),
            through_api: false,
            matrix: self.fingerprint(),
        };
        if scopes.is_empty() {
            let hidden = match action.guard() {
                Some(guard) => !self.can(role, guard, ctx),
                None => ctx.is_outside(),
            };
            let reason = reason(role, required, held);
            Err(Denied { request, effective_role: Some(role), held, required, reason, hidden })
        } else {
            Ok(Granted { request, scopes })
        }
    }
}
