//! Plans: several changes of memberships that are approved or refused together.

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
    /// A member gets a role, or keeps the present one.
    Assign(Assignment<T, U>),
    /// A member is removed.
    Remove(Removal<T, U>),
}

impl<T: PartialEq + Clone> MembershipPolicy<T> {
    /// Decides several changes together (feature `alloc`), for an import or the synchronization of a directory.
    /// Approves all of them or none.
    ///
    /// Each element of `changes` is a membership and its new role, or `None` to remove the member. The approved
    /// changes are in the same order. Store them in one transaction.
    ///
    /// - You can pass every member of a directory: members who keep their role are not changed. Keeping a role needs
    ///   the same permission as changing it.
    /// - The order makes no difference: each change is decided on its own, and a plan that names a member twice is
    ///   refused.
    /// - An empty plan is approved for every actor.
    /// - A plan cannot add members: new members sign up.
    ///
    /// ```
    /// use labelgate::membership::{Actor, Member, MembershipPolicy, Planned, Refusal, RoleSource};
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
    /// Returns the position of the first refused change and its reason. Then make none of the changes.
    pub fn plan<'a, U: Ord + Clone + 'a>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        changes: &[(Member<T, U>, Option<Role>)],
    ) -> Result<Approved<Vec<Planned<T, U>>>, PlanRefused>
    where
        T: 'a,
    {
        let by = by.into();
        let check = self.check(&by, Operation::Plan, None, None);
        let mut users = BTreeSet::new();
        let plan = changes.iter().map(|(target, role)| {
            let planned = match role {
                Some(role) => Planned::Assign(self.assign(by, target, *role)?.into_change()),
                None => Planned::Remove(self.remove(by, target)?.into_change()),
            };
            if users.insert(&target.user) {
                Ok(planned)
            } else {
                Err(check.refuse(Refusal::NamedTwice))
            }
        });
        let at = |(position, planned): (usize, Result<_, Refused>)| {
            planned.map_err(|why| PlanRefused { position, why })
        };
        let plan = plan.enumerate().map(at).collect::<Result<_, _>>()?;
        Ok(check.approve(plan))
    }
}

/// A refused plan: the position of the first refused change, and the reason (feature `alloc`).
///
/// Correct or omit that change, and decide the plan again.
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
    /// The index of the first refused change.
    pub position: usize,
    /// The refusal of that change.
    #[source]
    pub why: Refused,
}
