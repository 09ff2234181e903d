//! How somebody comes to hold a role, and who may give which role to whom.
//!
//! [`Event`] is what can happen to a membership. [`MembershipPolicy`] decides who may make it happen. A yes
//! is an [`Approved`] change, which says all that your store has to do in one transaction. A no is
//! [`Refused`]. Both return a record for a log.
//!
//! The guide [*Members and invitations*](crate::guide::members) is a program of all of it.

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
    Assignment, Belonging, Belongings, DefaultRoleSet, OverridesRead, OverridesSet,
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
pub use self::refusal::{Concern, Refusal};

/// The errors of the texts here, which are public in `error`.
pub(crate) mod unknown {
    pub use super::audit::UnknownOperation;
    pub use super::change::UnknownBelonging;
    pub use super::member::UnknownRoleSource;
    pub use super::refusal::UnknownRefusal;
}
