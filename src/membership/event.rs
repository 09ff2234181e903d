//! The table of the changes that are possible in each state of a membership.

use super::refusal::Refusal;
use crate::role::Role;

/// A change of one membership.
///
/// The table below says which changes are possible at all. [`MembershipPolicy`](super::MembershipPolicy) also decides
/// who may make them. Rows are the state before the event. Cells are the state after it, or the [`Refusal`].
///
/// | State | `SignUp` | `Assign` | `Remove` | `GiveUp` | `TakeOver` |
/// |---|---|---|---|---|---|
/// | no member | the default role | `NotAMember` | `NotAMember` | `NotAMember` | `NotAMember` |
/// | `NO` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `Powerless` |
/// | `DI` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `Powerless` |
/// | `AN` `RE` `MA` `AD` | `AlreadyAMember` | the role | no member | `NotTheOwner` | `OW` |
/// | `OW` | `AlreadyAMember` | `TheOwner` | `TheOwner` | `AD` | `TheOwner` |
///
/// Assignable are `AN`, `RE`, `MA`, `AD` (see [`Role`]), and `DI`, which deactivates. Assigning `OW` is
/// `OnlyTransferred`, and assigning `NO` is `OnlyBySignUp`. Every role can be the default role, except `OW`
/// (`OnlyTransferred`) and `DI` (`NeverDefault`).
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
    /// A user signs up through the invitation link. The role is the organization's default role.
    SignUp(Role),
    /// The member gets a role. This also activates, deactivates and reactivates members.
    Assign(Role),
    /// The member is removed.
    Remove,
    /// The Owner becomes an administrator: what a transfer does to the present Owner.
    GiveUp,
    /// The member becomes the Owner: what a transfer does to the other member.
    TakeOver,
}

impl Event {
    /// Returns the state after the event: a role, or `None` if there is no member. `state` is the state before it.
    ///
    /// # Errors
    ///
    /// Returns an error if the event is not possible in that state, as the [table](Self) says.
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
        // If several refusals apply, the first arm that matches is returned.
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
