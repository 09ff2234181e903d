//! What a policy answers: a proof, or a refusal.

use core::fmt;

use super::audit::{Asked, MembershipAudit};
use super::refusal::{Concern, Refusal};
use crate::decision::Answer;
use crate::matrix::Actions;

/// The proof that a change of memberships was approved. It says all that the store has to do, in one
/// transaction.
///
/// Only a [`MembershipPolicy`](super::MembershipPolicy) makes one. A store function that takes one cannot be
/// called without the decision.
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
/// assert_eq!(change.change().was, Role::NotActivated);
/// assert_eq!(change.audit().role, Some(Role::Administrator)); // for the log
/// assert_eq!(store(change), "user 9 is AN and no longer NO");
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
///
/// # What does not compile
///
/// This compiles:
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
/// Passing a permit does not compile: it is the right to change roles, and no change that was decided. Nor
/// does passing the proof of another change:
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
/// Nor can a proof be used twice, cloned, or made up:
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
/// The compiler warns of a proof that is not used:
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

    /// The change that was approved: what the store has to do.
    #[must_use]
    pub const fn change(&self) -> &C {
        &self.change
    }

    /// The change, by value. This ends the proof.
    #[must_use]
    pub fn into_change(self) -> C {
        self.change
    }

    /// The record of the decision, for a log.
    #[must_use]
    pub const fn audit(&self) -> MembershipAudit {
        self.audit
    }
}

/// A membership is not changed: why, and what the actor may be told.
///
/// [`answer`](Self::answer) is for the caller outside. The text that it displays as is the reason in words,
/// for your log.
///
/// ```
/// use labelgate::membership::{Member, MembershipPolicy, Refusal, RoleSource};
/// use labelgate::{Actions, OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let manager = Subject::new(acme, UserId(3), Role::Manager);
/// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Manual);
/// let ann = Member { organization: acme, user, role, source };
/// let refused = MembershipPolicy::new(acme).assign(&manager, &ann, Role::Reviewer).unwrap_err();
///
/// // For the caller.
/// assert_eq!((refused.answer().status(), refused.answer().text()), (403, "forbidden"));
/// assert!(!refused.is_hidden());
///
/// // For the log.
/// assert_eq!(refused.refusal(), Refusal::NotAllowed);
/// assert_eq!(refused.missing(), Actions::ChangeUserRoles);
/// assert_eq!(refused.to_string(), "the role does not allow it, missing is `members.change_role`");
/// assert!(!refused.audit().allowed);
/// ```
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Refused {
    pub(super) asked: Asked,
    pub(super) refusal: Refusal,
    pub(super) missing: Actions,
    pub(super) hidden: bool,
}

impl Refused {
    /// Why the change is refused.
    #[must_use]
    pub const fn refusal(&self) -> Refusal {
        self.refusal
    }

    /// The actions that the actor would have to hold and does not. It is empty if the refusal is about
    /// something else.
    #[must_use]
    pub const fn missing(&self) -> Actions {
        self.missing
    }

    /// Returns true if the actor may not be told that there is such a member.
    ///
    /// That is so if the member is absent, if the organization is another one, if a token is not valid, and
    /// if the actor may not view the People page.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// What the actor may be told. If the member is [hidden](Self::is_hidden), that is [`Answer::NotFound`].
    /// Else it follows from what the refusal is [about](Refusal::concern).
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

    /// The record of the refusal, for a log.
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
