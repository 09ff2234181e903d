//! What can happen to a membership.

use super::refusal::Refusal;
use crate::role::Role;

/// What can happen to a membership. [`MembershipPolicy`](super::MembershipPolicy) decides who may make it
/// happen.
///
/// A row of this table is the state before; a cell is the state after, or the [`Refusal`].
///
/// | State | `SignUp` | `Assign` | `Remove` | `GiveUp` | `TakeOver` |
/// |---|---|---|---|---|---|
/// | no member | the default role | `NotAMember` | `NotAMember` | `NotAMember` | `NotAMember` |
/// | `NO` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `Powerless` |
/// | `DI` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `Powerless` |
/// | `AN` `RE` `MA` `AD` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `OW` |
/// | `OW` | `AlreadyAMember` | `TheOwner` | `TheOwner` | `AD` | `TheOwner` |
///
/// The roles that can be assigned are `AN`, `RE`, `MA`, `AD`, and `DI`, which deactivates. Assigning `OW` is
/// `OnlyTransferred`, and assigning `NO` is `OnlyBySignUp`. A default role is any role but `OW`, which is
/// `OnlyTransferred`, and `DI`, which is `NeverDefault`.
///
/// ```
/// use labelgate::membership::{Event, Refusal};
/// use labelgate::Role;
///
/// assert_eq!(Event::SignUp(Role::NotActivated).next(None), Ok(Some(Role::NotActivated)));
/// assert_eq!(Event::Remove.next(Some(Role::Manager)), Ok(None));
/// assert_eq!(Event::Remove.next(Some(Role::Owner)), Err(Refusal::TheOwner));
/// ```
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
    /// The state after the event: a role, or `None` for no member.
    ///
    /// # Errors
    ///
    /// Returns an error if the event cannot happen in that state, as the table says.
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
