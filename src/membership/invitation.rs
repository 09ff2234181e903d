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

impl<T: PartialEq + Clone> MembershipPolicy<T> {
    /// Signs a user up with the token of a link. `membership` is the one that the user already has in the
    /// organization, if there is one.
    ///
    /// ```
    /// use labelgate::membership::{Invitation, MembershipPolicy, Refusal};
    /// use labelgate::{OrganizationId, Role, UserId};
    ///
    /// let policy = MembershipPolicy::new(OrganizationId(1));
    /// let invitation = Invitation::new(OrganizationId(1), "d8a928").unwrap();
    ///
    /// let change = policy.sign_up(&invitation, "d8a928", UserId(9), None)?;
    /// assert_eq!(change.change().member.role, Role::NotActivated);
    ///
    /// let refused = policy.sign_up(&invitation, "d8a929", UserId(9), None);
    /// assert_eq!(refused.unwrap_err().refusal(), Refusal::InvalidToken);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns `InvalidToken` first, whatever is wrong with the invitation and the token; that the invitation
    /// is of another organization is among it. Else it returns the first [`Refusal`] that applies.
    pub fn sign_up<U: PartialEq, K: AsRef<[u8]>>(
        &self,
        invitation: &Invitation<T, K>,
        token: impl AsRef<[u8]>,
        user: UserId<U>,
        membership: Option<&Member<T, U>>,
    ) -> Result<Approved<SignUp<T, U>>, Refused> {
        let (role, source) = (self.default_role(), RoleSource::Manual);
        let asked = Asked {
            operation: Operation::SignUp,
            role: None,
            source,
            limit: Actions::all(),
            before: None,
            after: Some(role),
            matrix: None,
        };
        let refuse =
            |refusal, hidden| Refused { asked, refusal, missing: Actions::empty(), hidden };
        let here = self.organization();
        if invitation.organization != *here || !invitation.accepts(token.as_ref()) {
            return Err(refuse(Refusal::InvalidToken, true));
        }
        if membership.is_some_and(|row| row.organization != *here || row.user != user) {
            return Err(refuse(Refusal::OtherOrganization, true));
        }
        let state = membership.map(|row| row.role);
        Event::SignUp(role).next(state).map_err(|refusal| refuse(refusal, false))?;
        let member = Member { organization: here.clone(), user, role, source };
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
