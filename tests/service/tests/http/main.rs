//! The example service over HTTP, on SQLite and PostgreSQL.

mod bodies;
mod cost;
mod endpoints;
mod impact;
mod life;
mod members;
mod people;
mod races;
