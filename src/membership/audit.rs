//! What a log keeps of a change of memberships.

use super::member::RoleSource;
use super::refusal::Refusal;
use crate::matrix::{Actions, Fingerprint};
use crate::role::Role;

noun! {
    /// What a policy was asked for.
    #[non_exhaustive]
    pub enum Operation {
        /// Giving a member a role.
        Assign = "assign",
        /// Removing a member.
        Remove = "remove",
        /// Handing the organization over.
        Transfer = "transfer",
        /// Signing up through the invitation link.
        SignUp = "sign_up",
        /// Giving a role inside one project.
        GiveProjectRole = "give_project_role",
        /// Taking back a role inside one project.
        TakeBackProjectRole = "take_back_project_role",
        /// Setting the role of those who sign up.
        SetDefaultRole = "set_default_role",
        /// Reading the invitation.
        ReadInvitation = "read_invitation",
        /// Resetting the invitation.
        ResetInvitation = "reset_invitation",
        /// Making many changes at once.
        Plan = "plan",
        /// Reading the overrides of the matrix.
        ReadOverrides = "read_overrides",
        /// Replacing the overrides of the matrix.
        SetOverrides = "set_overrides",
    }

    /// The code of the operation.
    pub const fn code;

    /// A text that is no code of an operation.
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

/// The record of a decision about memberships. There is no personal data in it: a service adds who was
/// asking and who was meant.
///
/// With the feature `serde`, `{"operation": "assign", "role": "AD", "source": "manual", "limit": null,
/// "before": "NO", "after": "AN", "allowed": true, "refusal": null, "matrix": ".."}`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MembershipAudit {
    /// What was asked for.
    pub operation: Operation,
    /// The role of the actor; `None` for somebody who signs up.
    pub role: Option<Role>,
    /// What acted: somebody by hand or through the API, or a source by itself.
    pub source: RoleSource,
    /// What the actor was limited to; `None` if to nothing.
    pub limit: Option<Actions>,
    /// The role that there was: of the member, or the default role.
    pub before: Option<Role>,
    /// The role that was asked for.
    pub after: Option<Role>,
    /// The answer.
    pub allowed: bool,
    /// Why it was no, if it was.
    pub refusal: Option<Refusal>,
    /// The matrix that the actor was judged by; `None` for somebody who signs up.
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
