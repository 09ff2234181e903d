//! Decides changes of memberships: who may invite, activate, deactivate and remove members and change roles.
//!
//! A [`MembershipPolicy`] decides whether an [`Actor`] may change a [`Member`]. It returns [`Approved`] with the
//! change to store in one transaction, or [`Refused`] with the reason. Both carry a record for the log
//! ([`MembershipAudit`]). An [`Event`] is one change of a membership; its docs list which changes are possible.
//!
//! The guide [*Members and invitations*](crate::guide::members) is a complete program.

mod actor;
mod audit;
mod change;
mod decided;
mod event;
#[cfg(feature = "invitations")]
mod invitation;
mod member;
#[cfg(feature = "alloc")]
mod plan;
mod policy;
mod refusal;

pub use self::actor::Actor;
pub use self::audit::{MembershipAudit, Operation};
pub use self::change::{
    Assignment, DefaultRoleSet, MemberData, MemberDataSet, OverridesRead, OverridesSet,
    ProjectRoleGiven, ProjectRoleTakenBack, Removal, Transfer,
};
#[cfg(feature = "invitations")]
pub use self::change::{InvitationRead, InvitationReset, SignUp};
pub use self::decided::{Approved, Refused};
pub use self::event::Event;
#[cfg(feature = "invitations")]
pub use self::invitation::{Applicant, Invitation};
pub use self::member::{Member, RoleSource};
#[cfg(feature = "alloc")]
pub use self::plan::{PlanRefused, Planned};
pub use self::policy::MembershipPolicy;
pub use self::refusal::{Refusal, RefusalKind};

/// The parse errors of this module, for the public module `error`.
pub(crate) mod unknown {
    pub use super::audit::UnknownOperation;
    pub use super::change::UnknownMemberData;
    pub use super::member::UnknownRoleSource;
    pub use super::refusal::UnknownRefusal;
}
