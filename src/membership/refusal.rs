//! The reasons why a change of memberships is refused.

macro_rules! refusals {
    ($( $(#[$meta:meta])* $Refusal:ident $code:literal $RefusalKind:ident $text:literal )+) => {
        text_enum! {
            /// The reason why a change of memberships is refused.
            ///
            /// If several reasons apply, only the first one that the policy checks is returned.
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
            #[non_exhaustive]
            pub enum Refusal {
                $(
                    $(#[$meta])*
                    #[doc = concat!("\n\nIts kind is [`RefusalKind::", stringify!($RefusalKind), "`].")]
                    $Refusal = $code,
                )+
            }

            /// Returns the code of the refusal, such as `"the_owner"`, for logs.
            pub const fn code;

            /// The error returned when the code of a refusal cannot be parsed.
            ///
            /// A log that a later version of this crate wrote may hold refusals that this version does not
            /// know.
            ///
            /// ```
            /// use labelgate::membership::Refusal;
            ///
            /// let error = "forbidden".parse::<Refusal>().unwrap_err();
            /// assert_eq!(error.to_string(), "unknown refusal `forbidden`");
            /// ```
            pub struct UnknownRefusal: "refusal";

            impl Error by words;
        }

        impl Refusal {
            /// Returns the text of the refusal, which `Display` writes.
            const fn words(self) -> &'static str {
                match self {
                    $( Self::$Refusal => $text, )+
                }
            }

            /// Returns the kind of the refusal, which decides the status of the answer.
            #[must_use]
            pub const fn kind(self) -> RefusalKind {
                match self {
                    $( Self::$Refusal => RefusalKind::$RefusalKind, )+
                }
            }
        }
    };
}

/// The kind of a [`Refusal`]. It decides the status of the answer.
///
/// ```
/// use labelgate::membership::{RefusalKind, Refusal};
///
/// assert_eq!(Refusal::Oneself.kind(), RefusalKind::Oneself); // 405
/// assert_eq!(Refusal::OnlyTransferred.kind(), RefusalKind::State); // 409
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum RefusalKind {
    /// The actor must not learn that the member, project or invitation exists: 404.
    Visibility,
    /// The actor is not permitted to make the change: 403.
    Power,
    /// The actor tries to change their own membership: 405.
    Oneself,
    /// The change is impossible in the member's present state, or with the requested role: 409.
    State,
}

refusals! {
    /// The actor, the project, or the invitation to read or reset belongs to another organization. For a sign-up:
    /// the membership belongs to another organization or user.
    OtherOrganization "other_organization" Visibility "in another organization"
    /// The actor lacks the permission for the action that the change requires.
    /// [`Refused::missing`](super::Refused::missing) returns the action.
    NotAllowed "not_allowed" Power "the role does not allow it"
    /// For a sign-up: the invitation is absent, belongs to another organization, or has another token. For a new
    /// token: it is empty or equals the old one.
    InvalidToken "invalid_token" Visibility "the invitation is not valid"
    /// The user signs up through the API, or with a limited token. The resulting session could exceed the limit. Send
    /// the user to a browser.
    Narrowed "narrowed" Power "nobody signs up through the API, or with a limited token"
    /// The organization has no such member.
    NotAMember "not_a_member" Visibility "not a member"
    /// The actor tries to change their own membership. Another member has to change it. An Owner makes another
    /// member the Owner with a transfer.
    Oneself "oneself" Oneself "nobody changes their own membership"
    /// The user is already a member. Assign a role instead.
    AlreadyAMember "already_a_member" State "a member already"
    /// Only the Owner may make another member the Owner, and read or replace the overrides of the matrix.
    NotTheOwner "not_the_owner" Power "only the owner does this"
    /// The organization would lose its Owner. The Owner has to make another member the Owner first.
    TheOwner "the_owner" Power "the owner can only hand the organization over"
    /// A member with role `NO` or `DI` cannot become the Owner. Activate the member first.
    Powerless "powerless" State "not activated or deactivated"
    /// `OW` cannot be assigned. Only a transfer makes a member the Owner.
    OnlyTransferred "only_transferred" State "role `OW` is not assigned, only handed over"
    /// `NO` cannot be assigned: only a sign-up gives it. Deactivate the member (`DI`) instead.
    OnlyBySignUp "only_by_sign_up" State "nobody goes back to role `NO`"
    /// `DI` cannot be the default role: new members would be deactivated.
    NeverDefault "never_default" State "role `DI` is no role to invite people with"
    /// The member cannot have this role in one project. An annotator can only be a reviewer there, a reviewer
    /// only an annotator, and members with other roles have no project roles. To restore the member's own role
    /// in the project, take the project role back.
    NoProjectRole "no_project_role" State
        "only annotators and reviewers hold the other of the two roles in one project"
    /// The member's present role has permissions that the actor's role lacks. A more powerful member has to make
    /// the change. [`Refused::missing`](super::Refused::missing) returns the actions.
    CurrentRoleBeyond "current_role_beyond" Power "the member's role may do more than one's own"
    /// The new role has permissions that the actor's role lacks. A more powerful member has to make the change.
    /// [`Refused::missing`](super::Refused::missing) returns the actions.
    NewRoleBeyond "new_role_beyond" Power "the new role may do more than one's own"
    /// The member's present role or the new role is as powerful as the actor's, and the organization has
    /// switched "Assign same-level roles" off.
    SameLevel "same_level" Power "one's own level is not handed out"
    /// The plan names the same member twice. Name each member once.
    NamedTwice "named_twice" State "the plan names the member twice"
}
