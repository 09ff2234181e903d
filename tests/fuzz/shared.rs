//! The properties and what they stand on, which belong to the tests.

#![allow(dead_code, reason = "each target uses a part of it")]
#![allow(
    clippy::duplicate_mod,
    reason = "each example has its own copy of what they have in common"
)]

#[path = "../../examples/decide.rs"]
mod decide;
#[path = "../common/hostile.rs"]
mod hostile;
#[path = "../../examples/matrix.rs"]
mod matrix;
#[path = "../common/oracle.rs"]
mod oracle;
#[path = "../common/properties.rs"]
pub(crate) mod properties;
#[path = "../../examples/world.rs"]
mod world;
