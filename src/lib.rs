//! Role-based access control for data-labeling services, with the permissions of Label Studio Enterprise. It is
//! `no_std`, without I/O and `unsafe`.
//!
//! | Word | Meaning |
//! |---|---|
//! | [`Subject`] | a user as a member of one organization (the tenant), with one of seven [`Role`]s |
//! | [`Row`] | an organization, workspace, project, task or record (its [`Kind`]), as one user sees it |
//! | [`Action`] | what a subject wants to do to a row, such as [`act::ExportData`] |
//! | Guard | the action to view the row: if it and the action are denied, the answer is 404, not 403 |
//! | [`Fact`] | a statement about the user and the row, selected with the row, such as `project_member` |
//! | [`Scope`] | a relation between user and row, which facts grant: own, project, workspace or organization |
//! | [`Matrix`] | the table of permissions: for each role and action, the scopes, each of which permits it |
//! | Limit, API rule | why a token may do less than its user: [`Subject::limited_to`], [`Subject::through_api`] |
//! | [`Permit`] | the proof that an action on a row is permitted; it owns the row |
//! | [`Listing`] | the proof that a list is permitted, with the condition on its rows |
//! | [`People`](people::People) | the proof that a list of the people who may do an action to a row is permitted |
//! | [`Report`](report::Report) | the proof that the access report of an organization is permitted |
//! | [`Denied`] | a denial: a [`Reason`] for your log, an [`Answer`] for the caller |
//! | [`Filter`] | the sets of facts that permit an action |
//!
//! ```
//! # use labelgate::{Denied, OrganizationId, Permit, ProjectId, Role, Row, Subject, UserId, act};
//! # struct ProjectData;
//! # struct Store;
//! # impl Store {
//! #     async fn project(&self, caller: &Subject<i64>, id: i64) -> Option<Project> { None }
//! #     async fn export(&self, permit: Permit<act::ExportData, Project>) -> String { String::new() }
//! # }
//! type Project = Row<ProjectId<i64>, ProjectData>; // your data: nothing to implement
//!
//! async fn export(caller: Subject<i64>, id: i64, store: &Store) -> Result<String, Denied> {
//!     let project: Option<Project> = store.project(&caller, id).await; // selected with its facts
//!     let permit = caller.authorize(act::ExportData, project)?; // else 403, or 404 if it is hidden
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
//! | Guard a handler | [guide](guide::handler) | [`Subject`], [`Row`], [`Permit`], [`Denied`] |
//! | List what somebody may see | [guide](guide::lists) | [`Listing`], module `sql` (feature `sea-query`) |
//! | Sort, number and search lists | [guide](guide::sort) | module `sql` (feature `sea-query`) |
//! | Change members, invite people | [guide](guide::members) | [`membership`] |
//! | Test guards | [guide](guide::testing) | [`can`], [`ScopeCtx`], [`Subject::row`] |
//! | Let organizations change the matrix | [guide](guide::matrix) | [`overrides`], [`Matrix`] |
//! | Ask who may do an action to a row | [guide](guide::people) | [`people`], [`Subject::authorize_people`] |
//! | Report who may do what in an organization | [guide](guide::people) | [`report`], [`Subject::authorize_report`] |
//! | Log decisions | [guide](guide::log) | [`log`], [`audit`] |
//! | Ask OpenFGA, SpiceDB or Cedar | [guide](guide::engines) | [`Filter`] |
//! | Decide for other languages, by AuthZEN | [guide](guide::authzen) | [`Subject::decide`] |
//! | Explain denials | | [`explain`] |
//! | Read and write the API's bodies | | module `wire` (feature `serde`) |
//!
//! [How it works, in a picture](guide#how-it-works) · [The rules](guide::rules) · [Security](guide::security)
//! · [Compare](guide::compare)
#![no_std]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod excerpt;
#[cfg(feature = "serde")]
mod serial;
#[macro_use]
mod macros;

mod action;
mod context;
mod evaluator;
mod fact;
mod filter;
mod id;
mod kind;
mod listing;
mod matrix;
mod permit;
mod reach;
mod role;
mod scope;
mod subject;
mod table;

pub mod audit;
pub mod decision;
pub mod explain;
pub mod guide;
pub mod impact;
pub mod log;
pub mod membership;
pub mod overrides;
pub mod people;
pub mod report;
pub mod row;
#[cfg(feature = "sea-query")]
pub mod sql;
#[cfg(feature = "serde")]
pub mod wire;

pub use crate::action::{Action, ActionType, Actions, act};
pub use crate::context::ScopeCtx;
#[doc(inline)]
pub use crate::decision::{Answer, Denied, Reason, can};
pub use crate::fact::{Fact, Facts};
pub use crate::filter::Filter;
#[doc(inline)]
pub use crate::id::{OrganizationId, ProjectId, RecordId, TaskId, UserId, WorkspaceId};
pub use crate::kind::Kind;
pub use crate::listing::Listing;
pub use crate::matrix::Matrix;
pub use crate::permit::Permit;
pub use crate::role::{ProjectRole, Role};
#[doc(inline)]
pub use crate::row::Row;
pub use crate::scope::Scope;
pub use crate::subject::Subject;

/// Sets of roles, of scopes and of facts. For actions, see [`Actions`].
pub mod sets {
    pub use crate::fact::FactSet;
    pub use crate::role::Roles;
    pub use crate::scope::Scopes;
}

/// The errors returned when texts, integers and scopes are refused.
pub mod error {
    pub use crate::action::{UnknownAction, UnknownCategory};
    pub use crate::context::ImpossibleContext;
    pub use crate::decision::UnknownReason;
    pub use crate::excerpt::Excerpt;
    pub use crate::fact::{InvalidFacts, UnknownFact};
    pub use crate::kind::UnknownKind;
    pub use crate::log::{UnknownQuestion, UnknownReplay};
    pub use crate::matrix::{InvalidFingerprint, PowerlessRole};
    pub use crate::membership::unknown::{
        UnknownMemberData, UnknownOperation, UnknownRefusal, UnknownRoleSource,
    };
    pub use crate::people::InvalidPerson;
    pub use crate::role::{UnknownProjectRole, UnknownRole};
    pub use crate::scope::UnknownScope;
}
