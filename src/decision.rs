//! The decision: the only place where role, action and context meet.

use core::fmt;

use crate::audit::Audit;
use crate::context::ScopeCtx;
use crate::matrix::{Action, ActionType, Actions, Matrix};
use crate::permit::Permit;
use crate::resource::{Kind, Resource};
use crate::role::{Role, Roles};
use crate::scope::{Scope, Scopes};
use crate::subject::{Held, Memberships, Subject};

/// Whether the role may do the action on a resource that is held like this, by the
/// [built-in](Matrix::BUILT_IN) matrix.
///
/// The answer is yes when the context holds at least one of the scopes in the cell of the role and
/// the action. Works in constants too.
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

/// The same decision with its reason, by the [built-in](Matrix::BUILT_IN) matrix: allowed through
/// which scopes, or denied why.
///
/// ```
/// use labelgate::{Action, Reason, Role, ScopeCtx, Scopes, decide};
///
/// let ctx = ScopeCtx::organization().in_project();
/// let granted = decide(Role::Manager, Action::ExportData, ctx)?;
/// assert_eq!(granted.through(), Scopes::Project);
///
/// let denied = decide(Role::Manager, Action::UseApi, ctx).unwrap_err();
/// assert_eq!(denied.reason(), Reason::ScopeNotHeld);
/// assert_eq!(denied.suffices(), Scopes::Own | Scopes::Workspace);
/// assert_eq!(denied.http_status(), 403);
/// # Ok::<(), labelgate::Denied>(())
/// ```
///
/// # Errors
///
/// When the action is denied.
#[inline]
pub const fn decide(role: Role, action: Action, ctx: ScopeCtx) -> Result<Granted, Denied> {
    Matrix::BUILT_IN.decide(role, action, ctx)
}

/// An action is allowed, through the scopes that it names.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Granted {
    through: Scopes,
}

impl Granted {
    /// The scopes that made it so: those of the cell that are held.
    #[must_use]
    pub const fn through(self) -> Scopes {
        self.through
    }
}

/// An action is denied: why, and how much of that may be revealed.
///
/// It displays as the reason in words, for logs and for people who may know that the thing exists;
/// where it is [hidden](Self::is_hidden), the answer must not show it. It carries no personal data.
///
/// ```
/// use labelgate::Denied;
///
/// fn answer(denied: Denied) -> (u16, String) {
///     let body = if denied.is_hidden() { "not found".to_owned() } else { denied.to_string() };
///     (denied.http_status(), body)
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Denied {
    role: Role,
    action: Action,
    ctx: ScopeCtx,
    suffices: Scopes,
    hidden: bool,
}

noun! {
    /// Why an action is denied: the first of these that is so, in this order.
    #[non_exhaustive]
    pub enum Reason {
        /// The role is still to be given.
        NotActivated = "not_activated",
        /// The role was taken away.
        Deactivated = "deactivated",
        /// The resource is in another organization.
        OutsideOrganization = "outside_organization",
        /// The role never holds the action, whatever the scopes.
        RoleNeverHolds = "role_never_holds",
        /// The role holds the action through scopes of which none is held, the setting aside.
        ScopeNotHeld = "scope_not_held",
        /// It is the subject's own, and the project does not let annotators view their own data.
        SettingOff = "setting_off",
    }

    /// The code of the reason, as a record spells it.
    pub const fn code;

    /// A text that is no code of a reason.
    pub struct UnknownReason: "reason";
}

impl Denied {
    /// Why.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self.role {
            Role::NotActivated => return Reason::NotActivated,
            Role::Deactivated => return Reason::Deactivated,
            Role::Owner
            | Role::Administrator
            | Role::Manager
            | Role::Reviewer
            | Role::Annotator => {}
        }
        if self.ctx.is_outside() {
            Reason::OutsideOrganization
        } else if self.suffices.is_empty() {
            Reason::RoleNeverHolds
        } else if self.suffices.has(Scope::OwnPermitted) && self.ctx.holds(Scope::Own) {
            Reason::SettingOff
        } else {
            Reason::ScopeNotHeld
        }
    }

    /// The role that counted.
    #[must_use]
    pub const fn role(self) -> Role {
        self.role
    }

    /// The action that is denied.
    #[must_use]
    pub const fn action(self) -> Action {
        self.action
    }

    /// The scopes held.
    #[must_use]
    pub const fn held(self) -> Scopes {
        self.ctx.scopes()
    }

    /// The scopes of which one would suffice; none where the role never holds the action.
    #[must_use]
    pub const fn suffices(self) -> Scopes {
        self.suffices
    }

    /// Whether to answer as if the thing did not exist: outside the organization, and where not even
    /// the action that [guards](Action::guard) this one is allowed, in the same context.
    #[must_use]
    pub const fn is_hidden(self) -> bool {
        self.hidden
    }

    /// The status to answer with: 404 where the thing is [hidden](Self::is_hidden), 403 otherwise.
    /// Never 401, which is about who asks and not about what they may do.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        if self.hidden { 404 } else { 403 }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { role, action, suffices, .. } = self;
        match self.reason() {
            Reason::NotActivated => write!(f, "not activated: has no role yet"),
            Reason::Deactivated => write!(f, "deactivated"),
            Reason::OutsideOrganization => write!(f, "outside the organization"),
            Reason::RoleNeverHolds => write!(f, "role `{role}` never holds `{action}`"),
            Reason::ScopeNotHeld => {
                let held = self.held();
                write!(
                    f,
                    "`{action}` takes one of `{suffices}` for role `{role}`, held is `{held}`"
                )
            }
            Reason::SettingOff => {
                write!(f, "`{action}` of what is one's own is off in the project's settings")
            }
        }
    }
}

impl core::error::Error for Denied {}

impl Matrix {
    /// Whether the role may do the action on a resource that is held like this, with the reason.
    ///
    /// # Errors
    ///
    /// When the action is denied.
    #[inline]
    pub const fn decide(
        &self,
        role: Role,
        action: Action,
        ctx: ScopeCtx,
    ) -> Result<Granted, Denied> {
        let suffices = self.scopes(role, action);
        let through = suffices.intersection(ctx.scopes());
        if through.is_empty() {
            let hidden = !self.guard_scopes(role, action).intersects(ctx.scopes());
            Err(Denied { role, action, ctx, suffices, hidden })
        } else {
            Ok(Granted { through })
        }
    }

    /// Whether the role may do the action on a resource that is held like this.
    #[must_use]
    #[inline]
    pub const fn can(&self, role: Role, action: Action, ctx: ScopeCtx) -> bool {
        self.scopes(role, action).intersects(ctx.scopes())
    }

    /// [`Subject::authorize`] by this matrix.
    ///
    /// # Errors
    ///
    /// When the action is denied.
    pub fn authorize<'r, T: PartialEq, M: Memberships<T>, A: ActionType, R: Resource<T>>(
        &self,
        subject: &Subject<T, M>,
        _: A,
        resource: &'r R,
    ) -> Result<Permit<'r, A, R>, Denied> {
        let (role, ctx) = subject.standing(A::ACTION, resource);
        self.decide(role, A::ACTION, ctx).map(|_| Permit::new(resource))
    }

    /// How many of the contexts let the role do the action.
    ///
    /// What `contexts.iter().filter(..).count()` would say, at the speed of reading the slice.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, ScopeCtx};
    ///
    /// let tasks = [ScopeCtx::organization(), ScopeCtx::organization().in_project()];
    /// assert_eq!(Matrix::BUILT_IN.count_allowed(Role::Annotator, Action::LabelTasks, &tasks), 1);
    /// ```
    #[must_use]
    pub fn count_allowed(&self, role: Role, action: Action, contexts: &[ScopeCtx]) -> usize {
        // Refusals are counted in bytes, one lane of a vector register per context; a chunk is a
        // whole number of registers, and short enough for its count to fit in a byte.
        const CHUNK: usize = 192;
        let denied = |chunk: &[ScopeCtx]| -> usize {
            let denied: u8 = chunk.iter().map(|&ctx| u8::from(!self.can(role, action, ctx))).sum();
            denied.into()
        };
        let chunks = contexts.chunks_exact(CHUNK);
        contexts.len() - denied(chunks.remainder()) - chunks.map(denied).sum::<usize>()
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

    /// Whether `role` may do, in every context, all that `other` may do there; what is
    /// [not inherited](Self::NOT_INHERITED) in the built-in matrix aside.
    #[must_use]
    pub const fn dominates(&self, role: Role, other: Role) -> bool {
        self.beyond(role, other).is_empty()
    }

    /// What `other` may do, in any context, that `role` may not do there; what is
    /// [not inherited](Self::NOT_INHERITED) in the built-in matrix aside.
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
    /// Whether this role may do, in every context, all that the other may do there, by the
    /// built-in matrix; see [`Matrix::dominates`].
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

/// By the built-in matrix; for another one, ask it about the [standing](Subject::standing).
impl<T: PartialEq, M: Memberships<T>> Subject<T, M> {
    /// Whether the subject may do the action on the resource.
    #[must_use]
    pub fn can(&self, action: Action, resource: &impl Resource<T>) -> bool {
        let (role, ctx) = self.standing(action, resource);
        can(role, action, ctx)
    }

    /// The same decision with its reason.
    ///
    /// # Errors
    ///
    /// When the action is denied.
    pub fn decide(&self, action: Action, resource: &impl Resource<T>) -> Result<Granted, Denied> {
        let (role, ctx) = self.standing(action, resource);
        decide(role, action, ctx)
    }

    /// The same decision as a record for a log.
    #[must_use]
    pub fn audit(&self, action: Action, resource: &impl Resource<T>) -> Audit {
        let (role, ctx) = self.standing(action, resource);
        Matrix::BUILT_IN.audit(role, action, ctx)
    }

    /// The same decision as a proof, for functions that must not be called without one.
    ///
    /// # Errors
    ///
    /// When the action is denied.
    pub fn authorize<'r, A: ActionType, R: Resource<T>>(
        &self,
        action: A,
        resource: &'r R,
    ) -> Result<Permit<'r, A, R>, Denied> {
        Matrix::BUILT_IN.authorize(self, action, resource)
    }

    /// All that the subject may do on the resource, on what holds it, and on what it holds as far as
    /// nothing there is one's own: every action that is [allowed](Self::can) on it. Those of one kind
    /// are picked out with [`Actions::done_to`].
    ///
    /// ```
    /// use labelgate::{Actions, OrganizationId, ProjectId, Role, Subject, UserId};
    ///
    /// let (organization, user) = (OrganizationId(1), UserId(7));
    /// let subject = Subject { organization, user, role: Role::Manager, memberships: () };
    /// let project = organization.project(ProjectId(100));
    ///
    /// let may = subject.actions(&project);
    /// assert!(may.contains(Actions::ViewProject | Actions::ViewPeoplePage));
    /// assert!(!may.contains(Actions::ExportData));
    /// ```
    #[must_use]
    pub fn actions(&self, resource: &impl Resource<T>) -> Actions {
        let place = resource.place();
        let held = self.hold(&place);
        Kind::ALL.into_iter().fold(Actions::empty(), |all, kind| {
            let ctx = Held::context(held.as_ref(), kind);
            let may = Matrix::BUILT_IN.actions(self.role_at(&place, kind), ctx);
            all | (may & Actions::done_to(kind))
        })
    }
}
