//! A membership as a service keeps it.

use crate::id::{OrganizationId, UserId};
use crate::role::Role;
use crate::subject::Subject;

/// A membership of one organization: the row that your service keeps of it.
///
/// ```
/// use labelgate::membership::{Member, RoleSource};
/// use labelgate::{Action, OrganizationId, Role, UserId};
///
/// // SELECT role, role_source FROM members WHERE organization_id = 1 AND user_id = 9
/// let (role, source) = ("AN", "scim");
/// let member = Member {
///     organization: OrganizationId(1),
///     user: UserId(9),
///     role: role.parse::<Role>()?,
///     source: source.parse::<RoleSource>()?,
/// };
/// let subject = member.subject();
/// assert!(!subject.can(Action::ViewPeoplePage, subject.here()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Member<T, U = T> {
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The user.
    pub user: UserId<U>,
    /// The role there.
    pub role: Role,
    /// What gave them the role.
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
    ///
    /// ```
    /// use labelgate::membership::RoleSource;
    ///
    /// let source: RoleSource = "scim".parse()?;
    /// assert_eq!(source, RoleSource::Scim);
    /// assert_eq!(source.code(), "scim");
    /// # Ok::<(), labelgate::error::UnknownRoleSource>(())
    /// ```
    pub enum RoleSource {
        /// Somebody, by hand.
        Manual = "manual",
        /// Single sign-on (SAML).
        Saml = "saml",
        /// A directory that pushes its people (SCIM).
        Scim = "scim",
        /// A directory that is asked for its people (LDAP).
        Ldap = "ldap",
        /// Somebody, through the API.
        Api = "api",
        /// The subscription.
        Billing = "billing",
    }

    /// The source, as wire formats spell it.
    pub const fn code;

    /// A text that is no source of a role.
    ///
    /// Parsing a [`RoleSource`] returns it. Codes are matched exactly: case and white space count.
    ///
    /// ```
    /// use labelgate::membership::RoleSource;
    ///
    /// let error = "SCIM".parse::<RoleSource>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown role source `SCIM`");
    /// ```
    pub struct UnknownRoleSource: "role source";
}
