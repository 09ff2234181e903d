//! Many changes of memberships at once.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::member::{Actor, Member, MembershipPolicy, Refusal, Refused};
use crate::role::Role;

impl<T: Ord + Clone> MembershipPolicy<'_, T> {
    /// Whether the actor may make all of the changes, an import or the synchronization of a
    /// directory: each a membership, and the role it is to have, or `None` to remove it. What the
    /// memberships become, in the same order. (Feature `alloc`.)
    ///
    /// A membership that has its role already stays as it is, so that a whole directory can be
    /// passed; it takes the same right as a change. An empty plan is accepted from everybody and says
    /// nothing. People who are new are not in a plan: they sign up.
    ///
    /// Each change is decided by itself and nobody is named twice, so that the order of the
    /// changes makes no difference.
    ///
    /// # Errors
    ///
    /// With the first change that is refused; then none is to be made.
    ///
    /// ```
    /// use labelgate::membership::{Actor, Member, MembershipPolicy, Refusal, RoleSource};
    /// use labelgate::{OrganizationId, Role, UserId};
    ///
    /// let policy = MembershipPolicy::new(OrganizationId(1));
    /// let member = |user, role| Member {
    ///     organization: OrganizationId(1),
    ///     user: UserId(user),
    ///     role,
    ///     source: RoleSource::Scim,
    /// };
    /// let directory = &Actor::source(policy.organization(), RoleSource::Scim);
    ///
    /// let changes = [
    ///     (member(7, Role::NotActivated), Some(Role::Annotator)),
    ///     (member(8, Role::Reviewer), None),
    ///     (member(1, Role::Owner), Some(Role::Deactivated)),
    /// ];
    /// let new = policy.plan(directory, &changes[..2]).unwrap();
    /// assert_eq!(new, [Some(member(7, Role::Annotator)), None]);
    ///
    /// let refused = policy.plan(directory, &changes).unwrap_err();
    /// assert_eq!((refused.position, refused.why.refusal()), (2, Refusal::TheOwner));
    /// ```
    pub fn plan(
        &self,
        actor: &Actor<'_, T>,
        changes: &[(Member<T>, Option<Role>)],
    ) -> Result<Vec<Option<Member<T>>>, PlanRefused> {
        let mut named = BTreeSet::new();
        let plan = changes.iter().map(|(target, role)| {
            let new = match role {
                Some(role) => Some(self.can_assign(actor, target, *role)?),
                None => {
                    self.can_remove(actor, target)?;
                    None
                }
            };
            if named.insert(&target.user) {
                Ok(new)
            } else {
                Err(self.refuse(actor, Refusal::NamedTwice))
            }
        });
        let at = |(position, new): (usize, Result<_, Refused>)| {
            new.map_err(|why| PlanRefused { position, why })
        };
        plan.enumerate().map(at).collect()
    }
}

/// A plan is refused as a whole, for the first change that is (feature `alloc`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("change {position}: {why}")]
#[non_exhaustive]
pub struct PlanRefused {
    /// The position of the first change that is refused, counted from 0.
    pub position: usize,
    /// Why.
    #[source]
    pub why: Refused,
}
