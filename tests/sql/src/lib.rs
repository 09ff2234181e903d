//! Generated worlds in real databases: SQLite in this process, and a PostgreSQL of its own.
//!
//! A test generates a [`World`], [loads](schema::load) it into an [`Engine`] under [`Ids`] of its
//! choice, and compares what SQL selects with what the naive walk over the rows says.

mod cells;
mod engine;
mod installed;
pub mod measured;
pub mod members;
mod on_worlds;
mod postgres;
pub mod schema;
pub mod security;
mod sqlite;

pub use labelgate_test_support::{blessed, oracle, tables};

pub use cells::Cells;
pub use engine::{Dialect, Engine, Value};
pub use postgres::Postgres;
pub use schema::{IdType, Ids, few, load, load_few};
pub use sqlite::Sqlite;
pub use tables::World;
