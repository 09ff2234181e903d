//! Who may do what in a data-labeling service: role-based access control as in Label Studio Enterprise.
//!
//! It is for Rust services that label data, or stand in front of one that does. A handler, a list, a unit
//! test and a constant get the same answer from it. It has no I/O and no `unsafe`, and is `no_std`.
//!
//! ```
//! # use labelgate::resource::{Resource, Seen};
//! # use labelgate::{Denied, Facts, Kind, OrganizationId, Permit, Role, Subject, UserId, act};
//! # struct Project { organization: OrganizationId<i64>, asked_by: UserId<i64>, facts: Facts }
//! # impl Resource for Project {
//! #     type Id = i64;
//! #     type UserId = i64;
//! #     const KIND: Kind = Kind::Project;
//! #     fn seen(&self) -> Seen<'_, i64, i64> {
//! #         Seen { organization: &self.organization, user: &self.asked_by, facts: self.facts }
//! #     }
//! # }
//! # struct Store;
//! # impl Store {
//! #     async fn project(&self, caller: &Subject<i64>, id: i64) -> Option<Project> { None }
//! #     async fn export(&self, permit: Permit<act::ExportData, Project>) -> String { String::new() }
//! # }
//! async fn export(caller: Subject<i64>, id: i64, store: &Store) -> Result<String, Denied> {
//!     let project: Option<Project> = store.project(&caller, id).await; // a row, selected with its facts
//!     let permit = caller.authorize(act::ExportData, project)?; // 403, or 404 if it must stay hidden
//!     Ok(store.export(permit).await) // takes a permit, so it cannot be called unchecked
//! }
//! # // It runs to its end without waiting for anything.
//! # let caller = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
//! # let mut handler = Box::pin(export(caller, 100, &Store));
//! # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! # let std::task::Poll::Ready(answer) = handler.as_mut().poll(&mut context) else { panic!() };
//! # assert_eq!(answer.unwrap_err().answer().status(), 404);
//! ```
//!
//! | To do this | Read | Use |
//! |---|---|---|
//! | Guard a handler | [guide](guide::handler) | [`Subject`], [`Resource`], [`Permit`], [`Denied`] |
//! | List what somebody may see | [guide](guide::lists) | [`Filter`], module `sql` (feature `sea-query`) |
//! | Change members, invite people | [guide](guide::members) | [`membership`] |
//! | Test guards | [guide](guide::testing) | [`can`], [`ScopeCtx`], [`resource::Organization`] |
//! | Let organizations change the matrix | [guide](guide::matrix) | [`overrides`], [`Matrix`] |
//! | Log decisions, explain denials | | [`audit`], [`explain`] |
//! | Read and write the API's bodies | | module `wire` (feature `serde`) |
//!
//! [How it works, in a picture](guide#how-it-works) · [The rules](guide::rules) · [Security](guide::security)
//! · [Compare](guide::compare)
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
mod evaluator;
mod fact;
mod filter;
mod id;
mod kind;
mod matrix;
mod permit;
mod reach;
mod role;
mod scope;
mod subject;

pub mod audit;
pub mod explain;
pub mod guide;
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
