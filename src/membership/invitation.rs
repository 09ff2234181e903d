//! Invitation links, and signing up through them.

use core::fmt;

use subtle::ConstantTimeEq;

use super::actor::Actor;
use super::audit::{ChangeRequest, Operation};
use super::change::{InvitationRead, InvitationReset, SignUp};
use super::decided::{Approved, Refused};
use super::event::Event;
use super::member::{Member, RoleSource};
use super::policy::MembershipPolicy;
use super::refusal::Refusal;
use crate::action::Actions;
use crate::id::{OrganizationId, UserId};
use crate::subject::Subject;

/// The invitation of an organization: the token in its invitation link (feature `invitations`).
///
/// An organization has one invitation. A reset replaces its token, so that earlier links are invalid. Only
/// [`MembershipPolicy`] gives the token out again, and `Debug` does not show it. Tokens of the same length are
/// compared in constant time.
///
/// Your service generates the tokens: at random, and a new one for each reset.
///
/// ```
/// use labelgate::membership::{Invitation, Refusal};
/// use labelgate::OrganizationId;
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
    /// The invitation of the organization, with the token that your database stores.
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

    fn has_token(&self, token: &[u8]) -> bool {
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

/// The user who signs up through an invitation link (feature `invitations`).
///
/// If the request is authenticated, by a session or a token, pass its subject. Otherwise the holder of a limited
/// token could sign up and obtain a session without the limit.
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
    /// The request is not authenticated. The id is that of the new account.
    Anonymous(UserId<U>),
    /// The request is authenticated: its subject, a member of another organization.
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
    /// Signs a user up with the token of an invitation link.
    ///
    /// `invitation` is the result of your query: `None` if there is no row. `membership` is the user's membership
    /// of the organization, `None` if the user is not a member.
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
    /// // SELECT .. WHERE invitation = $1 returned no row.
    /// let absent: Option<&Invitation<i32, &str>> = None;
    /// let refused = policy.sign_up(by, absent, "d8a928", None);
    /// assert_eq!(refused.unwrap_err().answer().status(), 404);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # What does not compile
    ///
    /// A user id alone, without saying whether the request is authenticated:
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
    /// Returns the first of these that applies:
    ///
    /// - `InvalidToken`: the invitation is absent, belongs to another organization, or has another token.
    /// - `Narrowed`: the subject acts [through the API](Subject::through_api) or is
    ///   [limited](Subject::limited_to).
    /// - `OtherOrganization`: the membership belongs to another organization or another user.
    /// - `AlreadyAMember`: there is a membership, or the subject belongs to this organization.
    pub fn sign_up<U: PartialEq + Clone, K: AsRef<[u8]>>(
        &self,
        by: Applicant<'_, T, U>,
        invitation: Option<&Invitation<T, K>>,
        token: impl AsRef<[u8]>,
        membership: Option<&Member<T, U>>,
    ) -> Result<Approved<SignUp<T, U>>, Refused> {
        let organization = self.organization();
        let role = self.default_role();
        let (user, subject) = match by {
            Applicant::Anonymous(user) => (user, None),
            Applicant::Subject(subject) => (subject.user().clone(), Some(subject)),
        };
        let request = ChangeRequest {
            operation: Operation::SignUp,
            // The subject's role in another organization must not get into this organization's log.
            role: None,
            source: subject.map_or(RoleSource::Manual, |subject| Actor::from(subject).source),
            limit: subject.map_or(Actions::all(), Subject::limit),
            before: None,
            after: Some(role),
            matrix: None,
        };
        let refuse =
            |refusal, hidden| Refused { request, refusal, missing: Actions::empty(), hidden };
        let is_valid = |invitation: &&Invitation<T, K>| {
            invitation.organization == *organization && invitation.has_token(token.as_ref())
        };
        if invitation.filter(is_valid).is_none() {
            return Err(refuse(Refusal::InvalidToken, true));
        }
        if subject.is_some_and(|by| by.is_through_api() || !by.limit().is_all()) {
            return Err(refuse(Refusal::Narrowed, false));
        }
        if membership.is_some_and(|row| row.organization != *organization || row.user != user) {
            return Err(refuse(Refusal::OtherOrganization, true));
        }
        let own = subject.filter(|subject| subject.organization() == organization);
        let state = membership.map(|row| row.role).or(own.map(Subject::role));
        Event::SignUp(role).next(state).map_err(|refusal| refuse(refusal, false))?;
        let member =
            Member { organization: organization.clone(), user, role, source: RoleSource::Manual };
        Ok(Approved::new(SignUp { member }, request))
    }

    /// Reads the invitation's token, to show the invitation link.
    ///
    /// The link gives the default role to everyone who signs up with it. So reading it needs the permissions of
    /// [`set_default_role`](Self::set_default_role) with that role.
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
        let check = self.check(&by, Operation::ReadInvitation, None, Some(self.default_role()));
        check.require_organization(&invitation.organization)?;
        check.require_invitation_to(self.default_role())?;
        Ok(check.approve(InvitationRead { token: &invitation.token }))
    }

    /// Replaces the invitation's token. Once you have stored it, links with the old token are invalid.
    ///
    /// It requires the same permissions as [`read_invitation`](Self::read_invitation).
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
    /// Returns the first [`Refusal`] that applies. It is `InvalidToken` if the new token is empty or equals the
    /// old one.
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
        let check = self.check(&by, Operation::ResetInvitation, None, Some(self.default_role()));
        check.require_organization(&invitation.organization)?;
        check.require_invitation_to(self.default_role())?;
        if token.as_ref().is_empty() || invitation.has_token(token.as_ref()) {
            return Err(check.refuse(Refusal::InvalidToken));
        }
        let Invitation { organization, token: was } = invitation;
        Ok(check.approve(InvitationReset { organization, token, was }))
    }
}
