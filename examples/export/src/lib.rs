//! The rules of labelgate for engines and languages that exist: models of OpenFGA and SpiceDB with the tuples of a
//! service's rows, policies of Cedar, and constants of TypeScript.
//!
//! Nothing here states a rule. Everything is printed from public [`Filter`]s, so a model permits what
//! [`Subject::can`](labelgate::Subject::can) permits. The package `tests/engines` proves it on the engines.
//!
//! | Module | Prints |
//! |---|---|
//! | [`model`], [`openfga`], [`spicedb`] | types and relations, in the language of each engine |
//! | [`mod@tuple`], [`data`] | the tuples (SpiceDB: relationships) of a row or membership, and what to write when it changes |
//! | [`levels`] | one model for organizations with different overrides |
//! | [`cedar`] | a schema, policies and entities |
//! | [`typescript`] | roles, actions, reasons, the matrix and the bits of facts |
//!
//! ```
//! use labelgate::Matrix;
//! use labelgate_export::model::Model;
//! use labelgate_export::rules::Rules;
//! use labelgate_export::{openfga, spicedb};
//!
//! let model = Model::new(&Rules::of(Matrix::BUILT_IN));
//! assert!(openfga::print(&model).contains(
//!     "define can_projects_view: manager_up from organization or (project_bound from organization and "
//! ));
//! assert!(spicedb::print(&model).contains(
//!     "permission can_data_export = organization->administrator_up + (organization->manager & holding_project)"
//! ));
//! ```
//!
//! [`Filter`]: labelgate::Filter

pub mod cedar;
pub mod data;
mod expr;
pub mod levels;
pub mod model;
mod names;
pub mod openfga;
mod product;
pub mod rules;
pub mod spicedb;
pub mod tuple;
pub mod typescript;
