//! The audit record of a decision about memberships.

use super::member::RoleSource;
use super::refusal::Refusal;
use crate::action::Actions;
use crate::matrix::Fingerprint;
use crate::role::Role;

text_enum! {
    /// The operation that a policy decides about.
    ///
    /// ```
    /// use labelgate::membership::{MembershipPolicy, Operation};
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let admin = Subject::new(acme, UserId(2), Role::Administrator);
    /// let refused = MembershipPolicy::new(acme).remove(&admin, None).unwrap_err();
    /// assert_eq!(refused.audit().operation, Operation::Remove);
    /// assert_eq!(Operation::Remove.code(), "remove");
    /// ```
    #[non_exhaustive]
    pub enum Operation {
        /// Gives a member a role.
        Assign = "assign",
        /// Removes a member.
        Remove = "remove",
        /// Makes another member the Owner.
        Transfer = "transfer",
        /// Signs a user up through the invitation link.
        SignUp = "sign_up",
        /// Gives a member a role in one project.
        GiveProjectRole = "give_project_role",
        /// Takes back the role that a member has in one project.
        TakeBackProjectRole = "take_back_project_role",
        /// Sets the role that new members get when they sign up.
        SetDefaultRole = "set_default_role",
        /// Reads the invitation link.
        ReadInvitation = "read_invitation",
        /// Resets the invitation link.
        ResetInvitation = "reset_invitation",
        /// Makes several changes as one plan.
        Plan = "plan",
        /// Reads the overrides of the matrix.
        ReadOverrides = "read_overrides",
        /// Replaces the overrides of the matrix.
        SetOverrides = "set_overrides",
        /// Shows what another matrix would do.
        PreviewMatrix = "preview_matrix",
    }

    /// Returns the code of the operation, such as `"assign"`.
    pub const fn code;

    /// The error returned when the code of an operation cannot be parsed.
    ///
    /// A log that a later version of this crate wrote may hold operations that this version does not know.
    ///
    /// ```
    /// use labelgate::membership::Operation;
    ///
    /// let error = "invite".parse::<Operation>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown operation `invite`");
    /// ```
    pub struct UnknownOperation: "operation";
}

/// The inputs of a decision about memberships.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct ChangeRequest {
    pub(super) operation: Operation,
    pub(super) role: Option<Role>,
    pub(super) source: RoleSource,
    pub(super) limit: Actions,
    pub(super) before: Option<Role>,
    pub(super) after: Option<Role>,
    pub(super) matrix: Option<Fingerprint>,
}

/// The record of a decision about memberships.
///
/// It holds no ids: log the ids of the actor and of the member beside it.
///
/// With the feature `serde`:
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use labelgate::membership::{Member, MembershipPolicy, RoleSource};
/// use labelgate::{Matrix, OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let admin = Subject::new(acme, UserId(2), Role::Administrator);
/// let (user, role, source) = (UserId(9), Role::NotActivated, RoleSource::Manual);
/// let waiting = Member { organization: acme, user, role, source };
/// let change = MembershipPolicy::new(acme).assign(&admin, &waiting, Role::Annotator).unwrap();
/// assert_eq!(
///     serde_json::to_value(change.audit()).unwrap(),
///     serde_json::json!({
///         "operation": "assign",
///         "role": "AD",
///         "source": "manual",
///         "limit": null,
///         "before": "NO",
///         "after": "AN",
///         "allowed": true,
///         "refusal": null,
///         "matrix": Matrix::BUILT_IN.fingerprint().to_string(),
///     }),
/// );
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MembershipAudit {
    /// The operation that was decided.
    pub operation: Operation,
    /// The role of the actor. `None` for a sign-up.
    pub role: Option<Role>,
    /// Who or what acted: a person (`manual`, `api`) or an automatic source.
    pub source: RoleSource,
    /// The actions that the actor's token is limited to. `None` if it has no limit.
    pub limit: Option<Actions>,
    /// The role before the change: the member's role, or the old default role. `None` if there is none.
    pub before: Option<Role>,
    /// The role that the operation gives, or would give. `None` if it gives none.
    pub after: Option<Role>,
    /// Whether the change was approved.
    pub allowed: bool,
    /// Why the change was refused. `None` if it was approved.
    pub refusal: Option<Refusal>,
    /// The fingerprint of the actor's matrix. `None` for a sign-up.
    pub matrix: Option<Fingerprint>,
}

#[cfg(feature = "serde")]
crate::serial::object!(MembershipAudit {
    operation,
    role,
    source,
    limit,
    before,
    after,
    allowed,
    refusal,
    matrix
});

impl MembershipAudit {
    pub(super) const fn new(request: ChangeRequest, refusal: Option<Refusal>) -> Self {
        let ChangeRequest { operation, role, source, limit, before, after, matrix } = request;
        let limit = if limit.is_all() { None } else { Some(limit) };
        let allowed = refusal.is_none();
        Self { operation, role, source, limit, before, after, allowed, refusal, matrix }
    }
}
