#![doc = include_str!("../README.md")]
#![no_std]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[macro_use]
mod noun;

mod audit;
mod context;
mod decision;
mod excerpt;
mod explain;
mod id;
#[cfg(feature = "invitations")]
mod invitation;
mod matrix;
mod membership;
mod permit;
#[cfg(feature = "alloc")]
mod plan;
mod resource;
mod role;
mod scope;
#[cfg(feature = "serde")]
mod serial;
mod subject;
#[cfg(feature = "serde")]
pub mod wire;

pub use crate::audit::{Audit, Fingerprint, InvalidFingerprint};
pub use crate::context::{ImpossibleContext, ScopeCtx};
pub use crate::decision::{Denied, Granted, Reason, UnknownReason, can, decide};
pub use crate::excerpt::Excerpt;
pub use crate::explain::Change;
pub use crate::id::{
    IdSet, Lookup, OrganizationId, ProjectId, RecordId, Sorted, TaskId, Unsorted, UserId,
    WorkspaceId,
};
#[cfg(feature = "invitations")]
pub use crate::invitation::Invitation;
pub use crate::matrix::{
    Action, ActionType, Actions, Category, Matrix, PowerlessRole, UnknownAction, act,
};
pub use crate::membership::{
    Actor, Event, Member, MembershipPolicy, Refusal, Refused, RoleSource, UnknownRoleSource,
};
pub use crate::permit::Permit;
#[cfg(feature = "alloc")]
pub use crate::plan::PlanRefused;
pub use crate::resource::{Item, Kind, Project, Record, Resource, Task, Workspace};
pub use crate::role::{Role, Roles, UnknownRole};
pub use crate::scope::{Scope, Scopes, UnknownScope};
pub use crate::subject::{Lists, Memberships, ProjectRole, Subject, UnknownProjectRole};
