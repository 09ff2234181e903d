//! The example service over HTTP, on SQLite and PostgreSQL.

mod bodies;
mod browser;
mod cost;
mod endpoints;
mod life;
mod members;
mod people;
mod races;
mod web;
