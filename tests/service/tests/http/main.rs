//! The example service over HTTP, on SQLite and PostgreSQL.

mod authzen;
mod bodies;
mod browser;
mod cost;
mod endpoints;
mod impact;
mod life;
mod lists;
mod members;
mod people;
mod races;
mod routes;
mod stock;
mod unchecked;
mod web;
