//! Invitation links.

use core::fmt;

use subtle::ConstantTimeEq;

use crate::id::{OrganizationId, UserId};
use crate::matrix::Actions;
use crate::member::{Actor, Event, Member, MembershipPolicy, Refusal, Refused, RoleSource};

/// The invitation link of an organization: the token that it carries (feature `invitations`).
///
/// There is one at a time; resetting it makes every earlier link worthless. Tokens of the same length
/// are compared in constant time, and never displayed. Drawing them, at random and each but once, is
/// the service's.
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
    /// When the token is empty.
    pub fn new(organization: OrganizationId<T>, token: K) -> Result<Self, Refusal> {
        if token.as_ref().is_empty() {
            return Err(Refusal::InvalidToken);
        }
        Ok(Self { organization, token })
    }

    fn accepts(&self, token: &[u8]) -> bool {
        self.token.as_ref().ct_eq(token).into()
    }

    /// The token, for the service to keep. Who may be shown it is for
    /// [`can_read_invitation`](MembershipPolicy::can_read_invitation) to say.
    #[must_use]
    pub const fn token(&self) -> &K {
        &self.token
    }
}

impl<T: fmt::Debug, K> fmt::Debug for Invitation<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation")
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}

impl<T: PartialEq + Clone> MembershipPolicy<'_, T> {
    /// Whether the user may sign up with the token of a link; `membership` is the one that the user
    /// has in the organization already, if any. The new membership, with the default role.
    ///
    /// # Errors
    ///
    /// With the first [`Refusal`] that is so, but that `InvalidToken` comes before all others: it is
    /// whatever can be wrong with an invitation and a token, another organization among it.
    ///
    /// ```
    /// use labelgate::membership::{Invitation, MembershipPolicy, Refusal};
    /// use labelgate::{OrganizationId, Role, UserId};
    ///
    /// let policy = MembershipPolicy::new(OrganizationId(1));
    /// let invitation = Invitation::new(OrganizationId(1), "d8a928").unwrap();
    ///
    /// let member = policy.sign_up(&invitation, "d8a928", UserId(9), None)?;
    /// assert_eq!(member.role, Role::NotActivated);
    ///
    /// let refused = policy.sign_up(&invitation, "d8a929", UserId(9), None);
    /// assert_eq!(refused.unwrap_err().refusal(), Refusal::InvalidToken);
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    pub fn sign_up<K: AsRef<[u8]>>(
        &self,
        invitation: &Invitation<T, K>,
        token: impl AsRef<[u8]>,
        user: UserId<T>,
        membership: Option<&Member<T>>,
    ) -> Result<Member<T>, Refused> {
        let refuse = |refusal, hidden| Refused { refusal, missing: Actions::empty(), hidden };
        if invitation.organization != self.organization || !invitation.accepts(token.as_ref()) {
            return Err(refuse(Refusal::InvalidToken, true));
        }
        if membership.is_some_and(|row| row.organization != self.organization || row.user != user) {
            return Err(refuse(Refusal::OtherOrganization, true));
        }
        let (role, state) = (self.default_role(), membership.map(|row| row.role));
        Event::SignUp(role).next(state).map_err(|refusal| refuse(refusal, false))?;
        Ok(Member {
            organization: self.organization.clone(),
            user,
            role,
            source: RoleSource::Manual,
        })
    }

    /// Whether the actor may read the invitation, to hand the link out: its token.
    ///
    /// The link gives the default role to whoever opens it, so this takes what
    /// [`can_set_default_role`](Self::can_set_default_role) takes for that role.
    ///
    /// # Errors
    ///
    /// With the first [`Refusal`] that is so.
    pub fn can_read_invitation<'i, K>(
        &self,
        actor: &Actor<'_, T>,
        invitation: &'i Invitation<T, K>,
    ) -> Result<&'i K, Refused> {
        self.check_organization(actor, &invitation.organization)?;
        self.can_set_default_role(actor, self.default_role())?;
        Ok(&invitation.token)
    }

    /// Whether the actor may reset the invitation to a new token. The new invitation; links
    /// with the old one are worthless once it is kept. It takes what
    /// [reading](Self::can_read_invitation) it takes.
    ///
    /// # Errors
    ///
    /// With the first [`Refusal`] that is so; a new token must not be empty, nor the old one.
    pub fn can_reset_invitation<K: AsRef<[u8]>>(
        &self,
        actor: &Actor<'_, T>,
        invitation: &Invitation<T, K>,
        token: K,
    ) -> Result<Invitation<T, K>, Refused> {
        let refuse = |refusal| self.refuse(actor, refusal);
        self.can_read_invitation(actor, invitation)?;
        if invitation.accepts(token.as_ref()) {
            return Err(refuse(Refusal::InvalidToken));
        }
        Invitation::new(self.organization.clone(), token).map_err(refuse)
    }
}
