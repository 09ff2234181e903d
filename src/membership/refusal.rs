//! Why a membership is not changed.

use crate::excerpt::Excerpt;

macro_rules! refusals {
    ($( $(#[$meta:meta])* $Refusal:ident $code:literal $Concern:ident $text:literal )+) => {
        /// Why a membership is not changed: the first reason that applies, in this order.
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
            /// All of them, in the order of declaration.
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

/// What a [`Refusal`] is about, from which the status follows that a caller is answered with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Concern {
    /// Whether there is anything, which the actor may not know: 404.
    Visibility,
    /// What the actor may do: 403.
    Power,
    /// The actor's own membership: 405.
    Oneself,
    /// The state of the membership, or the role that was asked for: 409.
    State,
}

refusals! {
    /// The actor, the project or the invitation is of another organization, or a row is not of the
    /// user it is passed for.
    OtherOrganization "other_organization" Visibility "in another organization"
    /// The actor's role does not hold the action that this takes.
    NotAllowed "not_allowed" Power "the role does not allow it"
    /// The token of an invitation is not the one that counts, or cannot become it.
    InvalidToken "invalid_token" Visibility "the invitation is not valid"
    /// There is no membership of the organization to change.
    NotAMember "not_a_member" Visibility "not a member"
    /// Nobody changes their own membership.
    Oneself "oneself" Oneself "nobody changes their own membership"
    /// There is a membership already.
    AlreadyAMember "already_a_member" State "a member already"
    /// Only the Owner hands the organization over, and changes the overrides of its matrix.
    NotTheOwner "not_the_owner" Power "only the owner does this"
    /// The organization would be without its Owner, who can only hand it over.
    TheOwner "the_owner" Power "the owner can only hand the organization over"
    /// A member who is not activated or deactivated cannot take an organization over.
    Powerless "powerless" State "not activated or deactivated"
    /// `OW` is not assigned, only handed over.
    OnlyTransferred "only_transferred" State "role `OW` is not assigned, only handed over"
    /// Nobody goes back to `NO`.
    OnlyBySignUp "only_by_sign_up" State "nobody goes back to role `NO`"
    /// `DI` is no role to invite people with.
    NeverDefault "never_default" State "role `DI` is no role to invite people with"
    /// Only annotators and reviewers hold a role in one project, and only the other of the two.
    NoProjectRole "no_project_role" State "only annotators and reviewers hold the other of the two roles in one project"
    /// The member's role may do more than the actor's.
    CurrentRoleBeyond "current_role_beyond" Power "the member's role may do more than one's own"
    /// The new role may do more than the actor's.
    NewRoleBeyond "new_role_beyond" Power "the new role may do more than one's own"
    /// A role is the actor's own level, and the organization keeps that out of reach.
    SameLevel "same_level" Power "one's own level is not handed out"
    /// The plan names the same member twice, so that it would depend on its order.
    NamedTwice "named_twice" State "the plan names the member twice"
}

/// A text that is no code of a refusal.
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
