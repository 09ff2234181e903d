//! The row that a service keeps of a membership.

use crate::id::{OrganizationId, UserId};
use crate::role::Role;
use crate::subject::Subject;

/// A membership of one organization: the row that a service keeps of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Member<T, U = T> {
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The user.
    pub user: UserId<U>,
    /// The role there.
    pub role: Role,
    /// What gave the role.
    pub source: RoleSource,
}

impl<T, U> Member<T, U> {
    /// The member as the subject of decisions, judged by the built-in matrix.
    #[must_use]
    pub fn subject(self) -> Subject<T, U> {
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
