//! Invitation links.

use core::fmt;

use subtle::ConstantTimeEq;

use super::actor::Actor;
use super::audit::{Asked, Operation};
use super::change::{InvitationRead, InvitationReset, SignUp};
use super::decided::{Approved, Refused};
use super::event::Event;
use super::member::{Member, RoleSource};
use super::policy::MembershipPolicy;
use super::refusal::Refusal;
use crate::id::{OrganizationId, UserId};
use crate::matrix::Actions;
use crate::subject::Subject;

/// The invitation link of an organization: the token that it carries (feature `invitations`).
///
/// An organization has one invitation at a time. Resetting it makes every earlier link worthless. Tokens of
/// the same length are compared in constant time, and `Debug` does not show them. Only
/// [`MembershipPolicy::read_invitation`] gives the token out.
///
/// Your service draws the tokens: at random, and never one twice.
///
/// ```
/// use labelgate::OrganizationId;
/// use labelgate::membership::{Invitation, Refusal};
///
/// // SELECT invitation FROM organizations WHERE id = 1
/// let invitation = Invitation::new(OrganizationId(1), "d8a928").unwrap();
/// assert!(!format!("{invitation:?}").contains("d8a928"));
///
/// let refused = Invitation::new(OrganizationId(1), "");
/// assert_eq!(refused.unwrap_err(), Refusal::InvalidToken);
/// ```
#[derive(Clone, Copy)]
pub struct Invitation<T, K> {
    organization: OrganizationId<T>,
    token: K,
}

impl<T, K: AsRef<[u8]>> Invitation<T, K> {
    /// The invitation that is kept for the organization.
    ///
    /// # Errors
    ///
    /// Returns [`Refusal::InvalidToken`] if the token is empty.
    pub fn new(organization: OrganizationId<T>, token: K) -> Result<Self, Refusal> {
        if token.as_ref().is_empty() {
            return Err(Refusal::InvalidToken);
        }
        Ok(Self { organization, token })
    }

    fn accepts(&self, token: &[u8]) -> bool {
        self.token.as_ref().ct_eq(token).into()
    }
}

impl<T: fmt::Debug, K> fmt::Debug for Invitation<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation")
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}

/// Who signs up through an invitation link (feature `invitations`).
///
/// A request that brings a session or a token has a subject: pass it. Leaving it out would let a token with few
/// rights sign up its user and come out with a session that has all of theirs.
///
/// ```
/// use labelgate::membership::{Applicant, Invitation, MembershipPolicy, Refusal};
/// use labelgate::{OrganizationId, Role, Subject, UserId};
///
/// let policy = MembershipPolicy::new(OrganizationId(1));
/// let invitation = Invitation::new(OrganizationId(1), "d8a928").unwrap();
/// let sign_up = |by| policy.sign_up(by, Some(&invitation), "d8a928", None);
///
/// // A new account.
/// assert!(sign_up(Applicant::Anonymous(UserId(9))).is_ok());
///
/// // A member of another organization, in a browser and with an API token.
/// let mia = Subject::new(OrganizationId(2), UserId(7), Role::Annotator);
/// assert_eq!(sign_up(Applicant::Subject(&mia))?.change().member.user, UserId(7));
/// let refused = sign_up(Applicant::Subject(&mia.through_api())).unwrap_err();
/// assert_eq!((refused.refusal(), refused.answer().status()), (Refusal::Narrowed, 403));
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(PartialEq, Eq, Debug)]
pub enum Applicant<'a, T, U = T> {
    /// Nobody yet: the request has no session and no token. The user is the new account.
    Anonymous(UserId<U>),
    /// The subject of the request, who is a member of another organization.
    Subject(&'a Subject<T, U>),
}

impl<T, U: Clone> Clone for Applicant<'_, T, U> {
    fn clone(&self) -> Self {
        match self {
            Self::Anonymous(user) => Self::Anonymous(user.clone()),
            Self::Subject(subject) => Self::Subject(subject),
        }
    }
}

impl<T, U: Copy> Copy for Applicant<'_, T, U> {}

impl<T: PartialEq + Clone> MembershipPolicy<T> {
    /// Signs a user up with the token of a link. Pass the `Option` of the invitation that you looked for.
    /// `membership` is the one that the user already has in the organization, if there is one.
    ///
    /// ```
    /// use labelgate::membership::{Applicant, Invitation, MembershipPolicy, Refusal};
    /// use labelgate::{OrganizationId, Role, UserId};
    ///
    /// let policy = MembershipPolicy::new(OrganizationId(1));
    /// let invitation = Invitation::new(OrganizationId(1), "d8a928").unwrap();
    /// let by = Applicant::Anonymous(UserId(9));
    ///
    /// let change = policy.sign_up(by, Some(&invitation), "d8a928", None)?;
    /// assert_eq!(change.change().member.role, Role::NotActivated);
    ///
    /// let refused = policy.sign_up(by, Some(&invitation), "d8a929", None);
    /// assert_eq!(refused.unwrap_err().refusal(), Refusal::InvalidToken);
    ///
    /// // SELECT .. WHERE invitation = $1, and no row.
    /// let absent: Option<&Invitation<i32, &str>> = None;
    /// let refused = policy.sign_up(by, absent, "d8a928", None);
    /// assert_eq!(refused.unwrap_err().answer().status(), 404);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # What does not compile
    ///
    /// Saying which user signs up, and not who asks:
    ///
    /// ```compile_fail,E0308
    /// # use labelgate::membership::{Invitation, MembershipPolicy};
    /// # use labelgate::UserId;
    /// # fn check(policy: MembershipPolicy<i64>, invitation: Invitation<i64, String>, user: UserId<i64>) {
    /// let change = policy.sign_up(user, Some(&invitation), "d8a928", None);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns `InvalidToken` first, whatever is wrong with the invitation and the token: it is absent, of
    /// another organization, or has another token. Then it returns `Narrowed` for a subject that is
    /// [through the API](Subject::through_api) or [limited](Subject::limited_to), and then the first other
    /// [`Refusal`] that applies. A subject of the organization itself is a member already.
    pub fn sign_up<U: PartialEq + Clone, K: AsRef<[u8]>>(
        &self,
        by: Applicant<'_, T, U>,
        invitation: Option<&Invitation<T, K>>,
        token: impl AsRef<[u8]>,
        membership: Option<&Member<T, U>>,
    ) -> Result<Approved<SignUp<T, U>>, Refused> {
        let here = self.organization();
        let role = self.default_role();
        let (user, subject) = match by {
            Applicant::Anonymous(user) => (user, None),
            Applicant::Subject(subject) => (subject.user().clone(), Some(subject)),
        };
        let asked = Asked {
            operation: Operation::SignUp,
            // What somebody is in another organization is not for the log of this one.
            role: None,
            source: subject.map_or(RoleSource::Manual, |subject| Actor::from(subject).source),
            limit: subject.map_or(Actions::all(), Subject::limit),
            before: None,
            after: Some(role),
            matrix: None,
        };
        let refuse =
            |refusal, hidden| Refused { asked, refusal, missing: Actions::empty(), hidden };
        let is_valid = |invitation: &&Invitation<T, K>| {
            invitation.organization == *here && invitation.accepts(token.as_ref())
        };
        if invitation.filter(is_valid).is_none() {
            return Err(refuse(Refusal::InvalidToken, true));
        }
        if subject.is_some_and(|by| by.is_through_api() || !by.limit().is_all()) {
            return Err(refuse(Refusal::Narrowed, false));
        }
        if membership.is_some_and(|row| row.organization != *here || row.user != user) {
            return Err(refuse(Refusal::OtherOrganization, true));
        }
        let own = subject.filter(|subject| subject.organization() == here);
        let state = membership.map(|row| row.role).or(own.map(Subject::role));
        Event::SignUp(role).next(state).map_err(|refusal| refuse(refusal, false))?;
        let member = Member { organization: here.clone(), user, role, source: RoleSource::Manual };
        Ok(Approved::new(SignUp { member }, asked))
    }

    /// Reads the invitation, to hand the link out.
    ///
    /// The link gives the default role to whoever opens it. So this takes what
    /// [`set_default_role`](Self::set_default_role) takes for that role.
    ///
    /// ```
    /// use labelgate::membership::{Invitation, MembershipPolicy};
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let invitation = Invitation::new(acme, "d8a928").unwrap();
    /// let read = |role| {
    ///     let subject = Subject::new(acme, UserId(2), role);
    ///     let read = MembershipPolicy::new(acme).read_invitation(&subject, &invitation)?;
    ///     Ok::<_, labelgate::membership::Refused>(format!("/user/signup?token={}", read.change().token))
    /// };
    /// assert_eq!(read(Role::Administrator).unwrap(), "/user/signup?token=d8a928");
    /// assert_eq!(read(Role::Manager).unwrap_err().answer().status(), 403);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies.
    pub fn read_invitation<'a, 'i, U, K>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        invitation: &'i Invitation<T, K>,
    ) -> Result<Approved<InvitationRead<&'i K>>, Refused>
    where
        T: 'a,
        U: PartialEq + 'a,
    {
        let by = by.into();
        let question = self.ask(&by, Operation::ReadInvitation, None, Some(self.default_role()));
        question.is_here(&invitation.organization)?;
        question.invites(self.default_role())?;
        Ok(question.approve(InvitationRead { token: &invitation.token }))
    }

    /// Resets the invitation to a new token. Links with the old one are worthless once the change is stored.
    /// It takes what [reading](Self::read_invitation) the invitation takes.
    ///
    /// ```
    /// use labelgate::membership::{Invitation, MembershipPolicy};
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let acme = OrganizationId(1);
    /// let owner = Subject::new(acme, UserId(1), Role::Owner);
    /// let invitation = Invitation::new(acme, "d8a928").unwrap();
    /// let reset = MembershipPolicy::new(acme).reset_invitation(&owner, invitation, "4f1c07")?;
    /// assert_eq!((reset.change().was, reset.change().token), ("d8a928", "4f1c07"));
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies. The new token must be neither empty nor the old one.
    pub fn reset_invitation<'a, U, K: AsRef<[u8]>>(
        &self,
        by: impl Into<Actor<'a, T, U>>,
        invitation: Invitation<T, K>,
        token: K,
    ) -> Result<Approved<InvitationReset<T, K>>, Refused>
    where
        T: 'a,
        U: PartialEq + 'a,
    {
        let by = by.into();
        let question = self.ask(&by, Operation::ResetInvitation, None, Some(self.default_role()));
        question.is_here(&invitation.organization)?;
        question.invites(self.default_role())?;
        if token.as_ref().is_empty() || invitation.accepts(token.as_ref()) {
            return Err(question.refuse(Refusal::InvalidToken));
        }
        let Invitation { organization, token: was } = invitation;
        Ok(question.approve(InvitationReset { organization, token, was }))
    }
}
