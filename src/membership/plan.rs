//! Many changes of memberships at once.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::actor::Actor;
use super::audit::Operation;
use super::change::{Assignment, Removal};
use super::decided::{Approved, Refused};
use super::member::Member;
use super::policy::MembershipPolicy;
use super::refusal::Refusal;
use crate::role::Role;

/// One of the changes of a plan (feature `alloc`).
///
/// ```
/// use labelgate::membership::Planned;
///
/// fn describe(change: &Planned<i64>) -> String {
///     match change {
///         Planned::Assign(change) => format!("user {} is {}", change.member.user, change.member.role),
///         Planned::Remove(change) => format!("user {} is removed", change.member.user),
///     }
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Planned<T, U = T> {
    /// A member gets a role, or keeps the one they have.
    Assign(Assignment<T, U>),
    /// A member is removed.
    Remove(Removal<T, U>),
}

impl<T: PartialEq + Clone> MembershipPolicy<T> {
    /// Decides many changes at once, for an import or the synchronization of a directory (feature `alloc`).
    /// All of them are approved, or none.
    ///
    /// A change is a membership and the role that it is to have, or `None` to remove it. The approved changes
    /// come back in the same order. Store them in one transaction.
    ///
    /// A membership that has its role already stays as it is, so you can pass a whole directory. It takes the
    /// same right as a change. An empty plan is approved for everybody and changes nothing. A plan adds
    /// nobody: new people sign up.
    ///
    /// Each change is decided by itself and nobody is named twice, so the order makes no difference.
    ///
    /// ```
    /// use labelgate::membership::{
    ///     Actor, Member, MembershipPolicy, Planned, Refusal, RoleSource,
    /// };
    /// use labelgate::{Matrix, OrganizationId, Role, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let policy = MembershipPolicy::new(acme);
    /// let member = |user, role| {
    ///     Member { organization: acme, user: UserId(user), role, source: RoleSource::Scim }
    /// };
    /// let directory = Actor::source(&acme, RoleSource::Scim, &Matrix::BUILT_IN);
    ///
    /// let changes = [
    ///     (member(7, Role::NotActivated), Some(Role::Annotator)),
    ///     (member(8, Role::Reviewer), None),
    ///     (member(1, Role::Owner), Some(Role::Deactivated)),
    /// ];
    /// let plan = policy.plan(directory, &changes[..2])?.into_change();
    /// assert!(matches!(&plan[0], Planned::Assign(change) if change.member.role == Role::Annotator));
    /// assert!(matches!(&plan[1], Planned::Remove(_)));
    ///
    /// let refused = policy.plan(directory, &changes).unwrap_err();
    /// assert_eq!((refused.position, refused.why.refusal()), (2, Refusal::TheOwner));
    /// # Ok::<(), labelgate::membership::PlanRefused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first change that is refused. Then none of them is to be made.
    pub fn plan<'a, U: Ord + Clone + 'a>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        changes: &[(Member<T, U>, Option<Role>)],
    ) -> Result<Approved<Vec<Planned<T, U>>>, PlanRefused>
    where
        T: 'a,
    {
        let by = by.into();
        let question = self.ask(&by, Operation::Plan, None, None);
        let mut named = BTreeSet::new();
        let plan = changes.iter().map(|(target, role)| {
            let planned = match role {
                Some(role) => Planned::Assign(self.assign(by, target, *role)?.into_change()),
                None => Planned::Remove(self.remove(by, target)?.into_change()),
            };
            if named.insert(&target.user) {
                Ok(planned)
            } else {
                Err(question.refuse(Refusal::NamedTwice))
            }
        });
        let at = |(position, planned): (usize, Result<_, Refused>)| {
            planned.map_err(|why| PlanRefused { position, why })
        };
        let plan = plan.enumerate().map(at).collect::<Result<_, _>>()?;
        Ok(question.approve(plan))
    }
}

/// A plan is refused as a whole, because of the first change that is refused (feature `alloc`).
///
/// Leave that change out or correct it, and ask again.
///
/// ```
/// use labelgate::membership::{Member, MembershipPolicy, RoleSource};
/// use labelgate::{OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let admin = Subject::new(acme, UserId(2), Role::Administrator);
/// let (user, role, source) = (UserId(1), Role::Owner, RoleSource::Manual);
/// let owner = Member { organization: acme, user, role, source };
/// let refused = MembershipPolicy::new(acme).plan(&admin, &[(owner, None)]).unwrap_err();
/// assert_eq!(refused.to_string(), "change 0: the owner can only hand the organization over");
/// assert_eq!(refused.why.answer().status(), 403);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("change {position}: {why}")]
#[non_exhaustive]
pub struct PlanRefused {
    /// The position of the first change that is refused, counted from 0.
    pub position: usize,
    /// Why that change is refused.
    #[source]
    pub why: Refused,
}
