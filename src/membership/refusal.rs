//! Why a membership is not changed.

use crate::excerpt::Excerpt;

macro_rules! refusals {
    ($( $(#[$meta:meta])* $Refusal:ident $code:literal $Concern:ident $text:literal )+) => {
        /// Why a membership is not changed: the first of these that applies.
        ///
        /// Logs rely on the codes, so they never change.
        ///
        /// ```
        /// use labelgate::membership::{Event, Refusal};
        /// use labelgate::Role;
        ///
        /// let refusal = Event::Assign(Role::Owner).next(Some(Role::Manager)).unwrap_err();
        /// assert_eq!(refusal, Refusal::OnlyTransferred);
        /// assert_eq!(refusal.code(), "only_transferred");
        /// assert_eq!(refusal.to_string(), "role `OW` is not assigned, only handed over");
        /// assert!(Refusal::ALL.contains(&refusal));
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[derive(thiserror::Error, strum::EnumCount, strum::EnumString)]
        #[strum(parse_err_ty = UnknownRefusal, parse_err_fn = UnknownRefusal::new)]
        #[non_exhaustive]
        pub enum Refusal {
            $(
                $(#[$meta])*
                #[doc = concat!("\n\n`", $code, "` in logs; about [`Concern::", stringify!($Concern), "`].")]
                #[strum(serialize = $code)]
                #[error($text)]
                $Refusal,
            )+
        }

        impl Refusal {
            /// All refusals, in the order of declaration.
            pub const ALL: [Self; <Self as strum::EnumCount>::COUNT] = [$( Self::$Refusal ),+];

            /// The code of the refusal, such as `"the_owner"`, for logs.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $( Self::$Refusal => $code, )+
                }
            }

            /// What the refusal is about.
            #[must_use]
            pub const fn concern(self) -> Concern {
                match self {
                    $( Self::$Refusal => Concern::$Concern, )+
                }
            }
        }
    };
}

/// What a [`Refusal`] is about. The status of the answer follows from it.
///
/// ```
/// use labelgate::membership::{Concern, Refusal};
///
/// assert_eq!(Refusal::Oneself.concern(), Concern::Oneself); // 405
/// assert_eq!(Refusal::OnlyTransferred.concern(), Concern::State); // 409
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Concern {
    /// Whether there is anything. The actor may not know: 404.
    Visibility,
    /// What the actor may do: 403.
    Power,
    /// The actor's own membership: 405.
    Oneself,
    /// The state of the membership, or the role that was asked for: 409.
    State,
}

refusals! {
    /// The actor, the project or the invitation is of another organization, or a row is of another user than
    /// the one it is passed for.
    OtherOrganization "other_organization" Visibility "in another organization"
    /// The actor may not do the action that this takes. [`Refused::missing`](super::Refused::missing) says
    /// which one.
    NotAllowed "not_allowed" Power "the role does not allow it"
    /// The token of an invitation is not the present one, or it is a new one that is empty or the old one.
    InvalidToken "invalid_token" Visibility "the invitation is not valid"
    /// Whoever signs up asks through the API, or with a token that is limited. They would leave with a session
    /// that can do more. They sign up in a browser.
    Narrowed "narrowed" Power "nobody signs up through the API, or with a limited token"
    /// The organization has no such member.
    NotAMember "not_a_member" Visibility "not a member"
    /// The actor asked about themselves. Somebody else has to do it, or the Owner hands the organization
    /// over.
    Oneself "oneself" Oneself "nobody changes their own membership"
    /// The user is a member already. Assign a role instead of signing them up.
    AlreadyAMember "already_a_member" State "a member already"
    /// Only the Owner hands the organization over, and reads and changes the overrides of its matrix.
    NotTheOwner "not_the_owner" Power "only the owner does this"
    /// The organization would lose its Owner. The Owner can hand it over first.
    TheOwner "the_owner" Power "the owner can only hand the organization over"
    /// A member who is not activated, or deactivated, cannot take an organization over. Activate them first.
    Powerless "powerless" State "not activated or deactivated"
    /// `OW` cannot be assigned. The Owner hands the organization over with a transfer.
    OnlyTransferred "only_transferred" State "role `OW` is not assigned, only handed over"
    /// Nobody goes back to `NO`. Deactivate the member (`DI`) instead.
    OnlyBySignUp "only_by_sign_up" State "nobody goes back to role `NO`"
    /// `DI` cannot be a default role: nobody is invited to be shut out.
    NeverDefault "never_default" State "role `DI` is no role to invite people with"
    /// Only annotators and reviewers hold a role in one project, and only the other of the two. Take the role
    /// back instead of giving the one that the member has everywhere.
    NoProjectRole "no_project_role" State "only annotators and reviewers hold the other of the two roles in one project"
    /// The member's present role may do more than the actor's. Somebody with more power has to do it.
    CurrentRoleBeyond "current_role_beyond" Power "the member's role may do more than one's own"
    /// The new role may do more than the actor's. Somebody with more power has to give it.
    NewRoleBeyond "new_role_beyond" Power "the new role may do more than one's own"
    /// The present role or the new one is of the actor's own level, and the organization has switched "Assign
    /// same-level roles" off.
    SameLevel "same_level" Power "one's own level is not handed out"
    /// The plan names the same member twice, so it would depend on its order. Leave one of them out.
    NamedTwice "named_twice" State "the plan names the member twice"
}

/// A text that is no code of a refusal.
///
/// Parsing a [`Refusal`] returns it. A later version may know more refusals, so a log that is read back can
/// hold one.
///
/// ```
/// use labelgate::membership::Refusal;
///
/// let error = "forbidden".parse::<Refusal>().unwrap_err();
/// assert_eq!(error.to_string(), "unknown refusal `forbidden`");
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown refusal `{0}`")]
pub struct UnknownRefusal(Excerpt);

impl UnknownRefusal {
    fn new(input: &str) -> Self {
        Self(Excerpt::new(input))
    }
}

/// By its code.
#[cfg(feature = "serde")]
impl serde::Serialize for Refusal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Refusal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = crate::serial::Text::new("refusal");
        deserializer.deserialize_str(text).map_err(crate::serial::brief)
    }
}
