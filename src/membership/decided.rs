//! The results of a policy's decisions: `Approved` and `Refused`.

use core::error::Error;
use core::fmt;

use super::audit::{ChangeRequest, MembershipAudit};
use super::refusal::{Refusal, RefusalKind};
use crate::action::Actions;
use crate::decision::{Answer, Denied};

/// The proof that a policy approved a change of memberships. It holds the change to store, in one transaction.
///
/// Only a [`MembershipPolicy`](super::MembershipPolicy) makes this type, so a store function that takes it
/// cannot be called with an undecided change.
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
/// `store` takes no permit to change roles, because no policy has checked the roles. The proof of another kind of
/// change is not accepted either:
///
/// ```compile_fail,E0308
/// # use labelgate::membership::{Approved, Assignment};
/// # use labelgate::{Denied, Subject, act};
/// # fn store(change: Approved<Assignment<i64>>) {}
/// # fn check(by: Subject<i64>) -> Result<(), Denied> {
/// let change = by.authorize(act::ChangeUserRoles, by.own_organization())?;
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
/// A proof cannot be used twice, cloned or constructed:
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
/// The compiler warns about an unused proof:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// # use labelgate::membership::{Member, MembershipPolicy, Refused};
/// # use labelgate::{Role, Subject};
/// # fn check(by: Subject<i64>, policy: MembershipPolicy<i64>, member: Member<i64>) -> Result<(), Refused> {
/// policy.assign(&by, &member, Role::Annotator)?;
/// # Ok(()) }
/// ```
#[must_use = "an approved change has no effect until you store it"]
#[derive(PartialEq, Eq, Debug)]
pub struct Approved<C> {
    change: C,
    audit: MembershipAudit,
}

impl<C> Approved<C> {
    /// Makes the proof. Only the policy calls it, after its checks.
    pub(super) const fn new(change: C, request: ChangeRequest) -> Self {
        Self { change, audit: MembershipAudit::new(request, None) }
    }

    /// Returns the approved change.
    #[must_use]
    pub const fn change(&self) -> &C {
        &self.change
    }

    /// Consumes the proof and returns the approved change.
    #[must_use]
    pub fn into_change(self) -> C {
        self.change
    }

    /// Returns the record of the decision, for the log.
    #[must_use]
    pub const fn audit(&self) -> MembershipAudit {
        self.audit
    }
}

/// A refused change of memberships.
///
/// [`answer`](Self::answer) is what you may tell the actor. `Display` writes the reason, for your log only.
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
    pub(super) request: ChangeRequest,
    pub(super) refusal: Refusal,
    pub(super) missing: Actions,
    pub(super) hidden: bool,
}

impl Answer {
    /// Returns the answer for the caller if the error is a [`Denied`] or a [`Refused`], and `None` for any other error:
    /// then the response is 500, and only the log says why.
    ///
    /// ```
    /// use labelgate::membership::MembershipPolicy;
    /// use labelgate::{Answer, OrganizationId, ProjectId, Role, Subject, UserId, act};
    /// use std::error::Error;
    ///
    /// fn status(error: impl Error + 'static) -> u16 {
    ///     Answer::of(&error).map_or(500, Answer::status)
    /// }
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let project = mia.row(ProjectId(100), OrganizationId(1), 0)?; // she may see it, and no more
    /// assert_eq!(status(mia.authorize(act::ExportData, project).unwrap_err()), 403);
    /// let policy = MembershipPolicy::new(OrganizationId(1));
    /// assert_eq!(status(policy.remove(&mia, None).unwrap_err()), 403);
    /// assert_eq!(status(std::fmt::Error), 500);
    /// # Ok::<(), labelgate::error::InvalidFacts>(())
    /// ```
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        let denied = error.downcast_ref().map(Denied::answer);
        denied.or_else(|| error.downcast_ref().map(Refused::answer))
    }
}

impl Refused {
    /// Returns the reason.
    #[must_use]
    pub const fn refusal(&self) -> Refusal {
        self.refusal
    }

    /// Returns the actions that the actor lacks, if the reason is [`Refusal::NotAllowed`],
    /// [`Refusal::CurrentRoleBeyond`] or [`Refusal::NewRoleBeyond`]. Otherwise it is empty.
    #[must_use]
    pub const fn missing(&self) -> Actions {
        self.missing
    }

    /// Returns true if the answer must not tell the actor whether the member exists.
    ///
    /// This is so if the member is absent or belongs to another organization, if the token is invalid, or if the
    /// actor may not view the People page.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// Returns the answer for the actor: [`Answer::NotFound`] if [`is_hidden`](Self::is_hidden) is true,
    /// otherwise the answer for the [kind](Refusal::kind) of the reason.
    #[must_use]
    pub const fn answer(&self) -> Answer {
        if self.hidden {
            return Answer::NotFound;
        }
        match self.refusal.kind() {
            RefusalKind::Visibility => Answer::NotFound,
            RefusalKind::Power => Answer::Forbidden,
            RefusalKind::Oneself => Answer::MethodNotAllowed,
            RefusalKind::State => Answer::Conflict,
        }
    }

    /// Returns the record of the refusal, for the log.
    #[must_use]
    pub const fn audit(&self) -> MembershipAudit {
        MembershipAudit::new(self.request, Some(self.refusal))
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
