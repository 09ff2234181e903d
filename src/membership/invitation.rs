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
/// There is one at a time; resetting it makes every earlier link worthless. Tokens of the same length
/// are compared in constant time, and never displayed. The token is read through
/// [`MembershipPolicy::read_invitation`] alone. Drawing tokens, at random and each but once, is the
/// service's.
#[derive(Clone, Copy)]
pub struct Invitation<T, K> {
    organization: OrganizationId<T>,
    token: K,
}

impl<T, K: AsRef<[u8]>> Invitation<T, K> {
    /// The invitation as it is kept.
    ///
    /// # Errors
    ///
    /// Returns an error if the token is empty.
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
    /// Signs a user up with the token of a link; `membership` is the one that the user has in the
    /// organization already, if any.
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies, but that `InvalidToken` comes before all others: it is
    /// whatever can be wrong with an invitation and a token, another organization among it.
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
    /// The link gives the default role to whoever opens it, so this takes what
    /// [`set_default_role`](Self::set_default_role) takes for that role.
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

    /// Resets the invitation to a new token; links with the old one are worthless once it is stored. It
    /// takes what [reading](Self::read_invitation) it takes.
    ///
    /// # Errors
    ///
    /// Returns the first [`Refusal`] that applies; a new token must not be empty, nor the old one.
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
