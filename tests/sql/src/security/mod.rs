//! What the tests of row-level security and their mutants have in common.

pub mod compare;
pub mod service;
