//! A membership, and the source of its role.

use crate::id::{OrganizationId, UserId};
use crate::role::Role;
use crate::subject::Subject;

/// A membership of one organization, as your database stores it.
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
/// assert!(!subject.can(Action::ViewPeoplePage, subject.own_organization()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Member<T, U = T> {
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The user.
    pub user: UserId<U>,
    /// The user's role in the organization.
    pub role: Role,
    /// Who or what gave the user this role.
    pub source: RoleSource,
}

impl<T, U> Member<T, U> {
    /// Returns the subject with this organization, user and role, and the built-in matrix.
    #[must_use]
    pub fn subject(self) -> Subject<T, U> {
        Subject::new(self.organization, self.user, self.role)
    }
}

text_enum! {
    /// Who or what gave a member a role: a person, or an automatic source.
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
        /// A person, through the web interface.
        Manual = "manual",
        /// Single sign-on (SAML).
        Saml = "saml",
        /// A directory that sends its users to the service (SCIM).
        Scim = "scim",
        /// A directory that the service queries for users (LDAP).
        Ldap = "ldap",
        /// A person, through the API.
        Api = "api",
        /// The billing system.
        Billing = "billing",
    }

    /// Returns the code of the source, such as `"scim"`.
    pub const fn code;

    /// The error returned when the code of a role source cannot be parsed.
    ///
    /// Codes are matched exactly: case and white space count.
    ///
    /// ```
    /// use labelgate::membership::RoleSource;
    ///
    /// let error = "SCIM".parse::<RoleSource>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown role source `SCIM`");
    /// ```
    pub struct UnknownRoleSource: "role source";
}
