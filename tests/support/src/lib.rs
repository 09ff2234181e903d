//! What the tests have in common. Its types have other names than the crate's.
//!
//! - [`oracle`]: the rules, typed a second time from the pages. It shares no code with the crate.
//! - [`tables`]: generated databases, and a walk over their rows that shares no code with the crate either.
//! - [`blessed`]: files that follow from the code.
//! - [`scopes`], [`rows`], [`narrowed`]: what the crate is asked about, with what the oracle is told of it.
//! - [`random`]: matrices and overrides.
//! - [`store`]: a store that does what changes of memberships say.

pub mod blessed;
pub mod narrowed;
pub mod oracle;
pub mod random;
pub mod rows;
pub mod scopes;
pub mod store;
pub mod tables;
