//! What a log keeps of a change of memberships.

use super::member::RoleSource;
use super::refusal::Refusal;
use crate::matrix::{Actions, Fingerprint};
use crate::role::Role;

noun! {
    /// What a policy was asked for.
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
        /// Giving a member a role.
        Assign = "assign",
        /// Removing a member.
        Remove = "remove",
        /// Handing the organization over to another Owner.
        Transfer = "transfer",
        /// Signing up through the invitation link.
        SignUp = "sign_up",
        /// Giving a member a role in one project.
        GiveProjectRole = "give_project_role",
        /// Taking back the role of a member in one project.
        TakeBackProjectRole = "take_back_project_role",
        /// Setting the role that people get who sign up.
        SetDefaultRole = "set_default_role",
        /// Reading the invitation link.
        ReadInvitation = "read_invitation",
        /// Resetting the invitation link.
        ResetInvitation = "reset_invitation",
        /// Making many changes at once, as a plan.
        Plan = "plan",
        /// Reading the overrides of the matrix.
        ReadOverrides = "read_overrides",
        /// Replacing the overrides of the matrix.
        SetOverrides = "set_overrides",
    }

    /// The code of the operation.
    pub const fn code;

    /// A text that is no code of an operation.
    ///
    /// Parsing an [`Operation`] returns it. A later version may know more operations, so a log that is read
    /// back can hold one.
    ///
    /// ```
    /// use labelgate::membership::Operation;
    ///
    /// let error = "invite".parse::<Operation>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown operation `invite`");
    /// ```
    pub struct UnknownOperation: "operation";
}

/// What was asked, and of whom.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Asked {
    pub(super) operation: Operation,
    pub(super) role: Option<Role>,
    pub(super) source: RoleSource,
    pub(super) limit: Actions,
    pub(super) before: Option<Role>,
    pub(super) after: Option<Role>,
    pub(super) matrix: Option<Fingerprint>,
}

/// The record of a decision about memberships. It holds no personal data: add who asked and who was meant.
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
    /// What was asked for.
    pub operation: Operation,
    /// The role of the actor. `None` for somebody who signs up.
    pub role: Option<Role>,
    /// What acted: somebody by hand or through the API, or a source by itself.
    pub source: RoleSource,
    /// The actions that the actor was limited to. `None` if they were not limited.
    pub limit: Option<Actions>,
    /// The role that there was: of the member, or the default role.
    pub before: Option<Role>,
    /// The role that was asked for.
    pub after: Option<Role>,
    /// Whether the change was approved.
    pub allowed: bool,
    /// Why the change was refused. `None` if it was approved.
    pub refusal: Option<Refusal>,
    /// The matrix that the actor was judged by. `None` for somebody who signs up.
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
    pub(super) const fn new(asked: Asked, refusal: Option<Refusal>) -> Self {
        let Asked { operation, role, source, limit, before, after, matrix } = asked;
        let limit = if limit.is_all() { None } else { Some(limit) };
        let allowed = refusal.is_none();
        Self { operation, role, source, limit, before, after, allowed, refusal, matrix }
    }
}
