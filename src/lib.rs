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
mod kind;
mod matrix;
mod permit;
mod power;
mod reach;
mod role;
mod scope;
mod subject;

pub mod audit;
pub mod explain;
pub mod membership;
pub mod overrides;
pub mod resource;
#[cfg(feature = "sea-query")]
pub mod sql;
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

/// Text and numbers that are refused.
pub mod error {
    pub use crate::context::ImpossibleContext;
    pub use crate::decision::UnknownReason;
    pub use crate::excerpt::Excerpt;
    pub use crate::fact::{InvalidFacts, UnknownFact};
    pub use crate::matrix::{InvalidFingerprint, PowerlessRole, UnknownAction};
    pub use crate::membership::unknown::{
        UnknownBelonging, UnknownOperation, UnknownRefusal, UnknownRoleSource,
    };
    pub use crate::role::{UnknownProjectRole, UnknownRole};
    pub use crate::scope::UnknownScope;
}
