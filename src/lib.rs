#![doc = include_str!("../README.md")]
#![no_std]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[macro_use]
mod noun;

mod context;
mod decision;
mod matrix;
mod role;
mod scope;
#[cfg(feature = "serde")]
mod wire;

pub use crate::context::{ImpossibleContext, ScopeCtx};
pub use crate::decision::can;
pub use crate::matrix::{Action, Actions, Category, Matrix, UnknownAction};
pub use crate::noun::Excerpt;
pub use crate::role::{Role, Roles, UnknownRole};
pub use crate::scope::{Scope, Scopes, UnknownScope};
