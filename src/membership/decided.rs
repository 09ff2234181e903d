//! What a policy answers: a proof, or a refusal.

use core::fmt;

use super::audit::{Asked, MembershipAudit};
use super::refusal::{Concern, Refusal};
use crate::decision::Answer;
use crate::matrix::Actions;

/// The proof that a change of memberships was decided, and all that the store has to do for it in one
/// transaction.
///
/// Only a [`MembershipPolicy`](super::MembershipPolicy) makes one. A function of a store that takes it
/// cannot be called without the decision.
///
/// ```
/// use labelgate::membership::{Approved, Assignment, Member, MembershipPolicy, RoleSource};
/// use labelgate::{OrganizationId, Role, Subject, UserId};
///
/// /// UPDATE members SET role = .., source = .. WHERE organization = .. AND user = .. AND role = <was>
/// fn store(change: Approved<Assignment<i64>>) -> String {
///     let Assignment { member, was, .. } = change.into_change();
///     format!("user {} is {} and no longer {was}", member.user, member.role)
/// }
///
/// let acme = OrganizationId(1);
/// let admin = Subject::new(acme, UserId(2), Role::Administrator);
/// let waiting = Member {
///     organization: acme,
///     user: UserId(9),
///     role: Role::NotActivated,
///     source: RoleSource::Manual,
/// };
///
/// let change = MembershipPolicy::new(acme).assign(&admin, &waiting, Role::Annotator)?;
/// assert_eq!(store(change), "user 9 is AN and no longer NO");
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
///
/// The right to change roles is not a role change that was decided. This compiles:
///
/// ```
/// # use labelgate::membership::{Approved, Assignment, Member, MembershipPolicy, Refused};
/// # use labelgate::{Role, Subject};
/// # fn store(change: Approved<Assignment<i64>>) {}
/// # fn check(by: Subject<i64>, policy: MembershipPolicy<i64>, member: Member<i64>) -> Result<(), Refused> {
/// let change = policy.assign(&by, &member, Role::Annotator)?;
/// store(change);
/// # Ok(()) }
/// ```
///
/// and a permit instead of a proof, or the proof of another change, does not:
///
/// ```compile_fail,E0308
/// # use labelgate::membership::{Approved, Assignment};
/// # use labelgate::{Denied, Subject, act};
/// # fn store(change: Approved<Assignment<i64>>) {}
/// # fn check(by: Subject<i64>) -> Result<(), Denied> {
/// let change = by.authorize(act::ChangeUserRoles, by.here())?;
/// store(change);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0308
/// # use labelgate::membership::{Approved, Assignment, Member, MembershipPolicy, Refused};
/// # use labelgate::Subject;
/// # fn store(change: Approved<Assignment<i64>>) {}
/// # fn check(by: Subject<i64>, policy: MembershipPolicy<i64>, member: Member<i64>) -> Result<(), Refused> {
/// let change = policy.remove(&by, &member)?;
/// store(change);
/// # Ok(()) }
/// ```
///
/// Neither does using one twice, cloning one, or making one up:
///
/// ```compile_fail,E0382
/// # use labelgate::membership::{Approved, Assignment, Member, MembershipPolicy, Refused};
/// # use labelgate::{Role, Subject};
/// # fn store(change: Approved<Assignment<i64>>) {}
/// # fn check(by: Subject<i64>, policy: MembershipPolicy<i64>, member: Member<i64>) -> Result<(), Refused> {
/// let change = policy.assign(&by, &member, Role::Annotator)?;
/// store(change);
/// store(change);
/// # Ok(()) }
/// ```
///
/// ```compile_fail,E0277
/// # use labelgate::membership::{Approved, Assignment};
/// fn twice<T: Clone>(change: T) -> (T, T) {
///     (change.clone(), change)
/// }
/// # fn check(change: Approved<Assignment<i64>>) {
/// twice(change);
/// # }
/// ```
///
/// ```compile_fail,E0451
/// # use labelgate::membership::{Approved, Assignment, MembershipAudit};
/// # fn check(change: Assignment<i64>, audit: MembershipAudit) {
/// let change = Approved { change, audit };
/// # }
/// ```
///
/// The compiler warns of a proof that is made and not used:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use labelgate::membership::{Member, MembershipPolicy, Refused};
/// # use labelgate::{Role, Subject};
/// # fn check(by: Subject<i64>, policy: MembershipPolicy<i64>, member: Member<i64>) -> Result<(), Refused> {
/// policy.assign(&by, &member, Role::Annotator)?;
/// # Ok(()) }
/// ```
#[must_use = "a change that was decided is there to be stored"]
#[derive(PartialEq, Eq, Debug)]
pub struct Approved<C> {
    change: C,
    audit: MembershipAudit,
}

impl<C> Approved<C> {
    /// For the policy alone, after the decision.
    pub(super) const fn new(change: C, asked: Asked) -> Self {
        Self { change, audit: MembershipAudit::new(asked, None) }
    }

    /// What the store has to do.
    #[must_use]
    pub const fn change(&self) -> &C {
        &self.change
    }

    /// What the store has to do, which ends the proof.
    #[must_use]
    pub fn into_change(self) -> C {
        self.change
    }

    /// The record of the decision.
    #[must_use]
    pub const fn audit(&self) -> MembershipAudit {
        self.audit
    }
}

/// A membership is not changed: why, and what the actor may be told.
///
/// It displays as the reason in words, for logs; [`answer`](Self::answer) is what a caller outside may
/// see.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Refused {
    pub(super) asked: Asked,
    pub(super) refusal: Refusal,
    pub(super) missing: Actions,
    pub(super) hidden: bool,
}

impl Refused {
    /// Why.
    #[must_use]
    pub const fn refusal(&self) -> Refusal {
        self.refusal
    }

    /// What the actor would have to hold and does not.
    #[must_use]
    pub const fn missing(&self) -> Actions {
        self.missing
    }

    /// Returns true if the actor may not be told that there is a member: for a member that is absent,
    /// for another organization, for a token that is not valid, and to those who may not view the
    /// People page.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// What the actor may be told. Where it is [hidden](Self::is_hidden) that is
    /// [`Answer::NotFound`], otherwise it follows from what the refusal is
    /// [about](Refusal::concern).
    #[must_use]
    pub const fn answer(&self) -> Answer {
        if self.hidden {
            return Answer::NotFound;
        }
        match self.refusal.concern() {
            Concern::Visibility => Answer::NotFound,
            Concern::Power => Answer::Forbidden,
            Concern::Oneself => Answer::MethodNotAllowed,
            Concern::State => Answer::Conflict,
        }
    }

    /// The record of the refusal.
    #[must_use]
    pub const fn audit(&self) -> MembershipAudit {
        MembershipAudit::new(self.asked, Some(self.refusal))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.refusal)?;
        if self.missing.is_empty() {
            return Ok(());
        }
        write!(f, ", missing is `{}`", self.missing)
    }
}

impl core::error::Error for Refused {}
