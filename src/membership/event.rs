//! What can happen to a membership.

use super::refusal::Refusal;
use crate::role::Role;

/// What can happen to a membership. Who may make it happen is for
/// [`MembershipPolicy`](super::MembershipPolicy) to say.
///
/// | State | `SignUp` | `Assign` | `Remove` | `GiveUp` | `TakeOver` |
/// |---|---|---|---|---|---|
/// | no member | the default role | `NotAMember` | `NotAMember` | `NotAMember` | `NotAMember` |
/// | `NO` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `Powerless` |
/// | `DI` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `Powerless` |
/// | `AN` `RE` `MA` `AD` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `OW` |
/// | `OW` | `AlreadyAMember` | `TheOwner` | `TheOwner` | `AD` | `TheOwner` |
///
/// The roles to assign are `AN`, `RE`, `MA`, `AD`, and `DI`, which deactivates; `OW` is
/// `OnlyTransferred` and `NO` `OnlyBySignUp`. A default role is any but `OW`, which is
/// `OnlyTransferred`, and `DI`, which is `NeverDefault`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Event {
    /// Somebody signs up through the invitation link of an organization with this default role.
    SignUp(Role),
    /// The member is given a role: activated, changed, deactivated or reactivated.
    Assign(Role),
    /// The member is removed.
    Remove,
    /// The Owner hands the organization over: one half of a transfer.
    GiveUp,
    /// A member takes the organization over: the other half.
    TakeOver,
}

impl Event {
    /// What the state becomes: a role, or `None` for no member.
    ///
    /// # Errors
    ///
    /// When the event cannot happen in that state, as the table says.
    ///
    /// ```
    /// use labelgate::membership::{Event, Refusal};
    /// use labelgate::Role;
    ///
    /// let activate = Event::Assign(Role::Annotator);
    /// assert_eq!(activate.next(Some(Role::NotActivated)), Ok(Some(Role::Annotator)));
    /// assert_eq!(activate.next(Some(Role::Owner)), Err(Refusal::TheOwner));
    /// ```
    pub const fn next(self, state: Option<Role>) -> Result<Option<Role>, Refusal> {
        use Refusal::{
            AlreadyAMember, NeverDefault, NotAMember, NotTheOwner, OnlyBySignUp, OnlyTransferred,
            Powerless, TheOwner,
        };
        // The order of the arms is the order of the refusals.
        match (self, state) {
            (Self::SignUp(_), Some(_)) => Err(AlreadyAMember),
            (Self::SignUp(Role::Owner), None) => Err(OnlyTransferred),
            (Self::SignUp(Role::Deactivated), None) => Err(NeverDefault),
            (Self::SignUp(role), None) => Ok(Some(role)),
            (_, None) => Err(NotAMember),

            (Self::GiveUp, Some(Role::Owner)) => Ok(Some(Role::Administrator)),
            (Self::GiveUp, Some(_)) => Err(NotTheOwner),
            (_, Some(Role::Owner)) => Err(TheOwner),
            (Self::TakeOver, Some(Role::NotActivated | Role::Deactivated)) => Err(Powerless),
            (Self::TakeOver, Some(_)) => Ok(Some(Role::Owner)),

            (Self::Assign(Role::Owner), Some(_)) => Err(OnlyTransferred),
            (Self::Assign(Role::NotActivated), Some(_)) => Err(OnlyBySignUp),
            (Self::Assign(role), Some(_)) => Ok(Some(role)),
            (Self::Remove, Some(_)) => Ok(None),
        }
    }
}
