//! The actor of a change of memberships.

use super::member::RoleSource;
use crate::evaluator::Evaluator;
use crate::id::{OrganizationId, UserId};
use crate::matrix::Matrix;
use crate::role::Role;
use crate::subject::Subject;

/// The actor of a change of memberships: a [`Subject`], or an automatic source of roles such as a directory.
///
/// A `&Subject` converts into an actor, so you can pass it as it is. The policy applies the subject's matrix, and the
/// subject's limits if it uses the API or a limited token. Build the subject with the role that you read from the
/// locked row, in the transaction that stores the change.
///
/// ```
/// use labelgate::membership::{Actor, Member, MembershipPolicy, RoleSource};
/// use labelgate::{Matrix, OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Scim);
/// let member = Member { organization: acme, user, role, source };
/// let policy = MembershipPolicy::new(acme);
///
/// // A person.
/// let admin = Subject::new(acme, UserId(2), Role::Administrator);
/// assert!(policy.assign(&admin, &member, Role::Reviewer).is_ok());
///
/// // A directory.
/// let directory = Actor::source(&acme, RoleSource::Scim, &Matrix::BUILT_IN);
/// assert!(policy.assign(directory, &member, Role::Deactivated).is_ok());
/// ```
#[derive(PartialEq, Eq, Debug)]
pub struct Actor<'a, T, U = T> {
    pub(super) organization: &'a OrganizationId<T>,
    pub(super) user: Option<&'a UserId<U>>,
    pub(super) source: RoleSource,
    pub(super) evaluator: Evaluator,
}

impl<T, U> Clone for Actor<'_, T, U> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, U> Copy for Actor<'_, T, U> {}

impl<'a, T, U> Actor<'a, T, U> {
    /// An automatic source of roles. It has the permissions that `matrix` grants to administrators.
    ///
    /// The automatic sources are `Saml`, `Scim`, `Ldap` and `Billing`. [`Manual`](RoleSource::Manual) and
    /// [`Api`](RoleSource::Api) stand for people: with either of them the policy refuses every change.
    ///
    /// ```
    /// use labelgate::membership::{Actor, Member, MembershipPolicy, RoleSource};
    /// use labelgate::{Matrix, OrganizationId, Role, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let directory = Actor::source(&acme, RoleSource::Scim, &Matrix::BUILT_IN);
    /// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Scim);
    /// let member = Member { organization: acme, user, role, source };
    /// assert!(MembershipPolicy::new(acme).assign(directory, &member, Role::Deactivated).is_ok());
    /// ```
    #[must_use]
    pub const fn source(
        organization: &'a OrganizationId<T>,
        source: RoleSource,
        matrix: &Matrix,
    ) -> Self {
        let role = match source {
            RoleSource::Saml | RoleSource::Scim | RoleSource::Ldap | RoleSource::Billing => {
                Role::Administrator
            }
            RoleSource::Manual | RoleSource::Api => Role::NotActivated,
        };
        let evaluator = Evaluator::of_member(role, matrix);
        Self { organization, user: None, source, evaluator }
    }
}

impl<'a, T, U> From<&'a Subject<T, U>> for Actor<'a, T, U> {
    fn from(subject: &'a Subject<T, U>) -> Self {
        let source = if subject.is_through_api() { RoleSource::Api } else { RoleSource::Manual };
        Self {
            organization: subject.organization(),
            user: Some(subject.user()),
            source,
            evaluator: *subject.evaluator(),
        }
    }
}
