#![doc = include_str!("../README.md")]
#![no_std]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod excerpt;
#[cfg(feature = "serde")]
mod serial;
#[macro_use]
mod noun;

mod context;
mod decision;
mod fact;
mod filter;
mod id;
#[cfg(feature = "invitations")]
mod invitation;
mod kind;
mod matrix;

mod member;
mod permit;
#[cfg(feature = "alloc")]
mod plan;
mod power;
mod reach;
mod role;
mod scope;
mod subject;

pub mod audit;
pub mod explain;
pub mod resource;
#[cfg(feature = "serde")]
pub mod wire;

pub use crate::context::ScopeCtx;
pub use crate::decision::{Answer, Denied, Granted, Reason, can, decide};
pub use crate::fact::{Fact, Facts};
pub use crate::filter::Filter;
#[doc(inline)]
pub use crate::id::{OrganizationId, UserId};
pub use crate::kind::Kind;
pub use crate::matrix::{Action, ActionType, Actions, Matrix, act};
pub use crate::permit::Permit;
#[doc(inline)]
pub use crate::resource::Resource;
pub use crate::role::{ProjectRole, Role, Roles};
pub use crate::scope::{Scope, Scopes};
pub use crate::subject::Subject;

/// How a person comes to hold a role, and who may give which role to whom.
pub mod membership {
    #[cfg(feature = "invitations")]
    pub use crate::invitation::Invitation;
    pub use crate::member::{Actor, Event, Member, MembershipPolicy, Refusal, Refused, RoleSource};
    #[cfg(feature = "alloc")]
    pub use crate::plan::PlanRefused;
}

/// Text and numbers that are refused.
pub mod error {
    pub use crate::context::ImpossibleContext;
    pub use crate::decision::UnknownReason;
    pub use crate::excerpt::Excerpt;
    pub use crate::fact::{InvalidFacts, UnknownFact};
    pub use crate::matrix::{InvalidFingerprint, PowerlessRole, UnknownAction};
    pub use crate::member::UnknownRoleSource;
    pub use crate::role::{UnknownProjectRole, UnknownRole};
    pub use crate::scope::UnknownScope;
}
