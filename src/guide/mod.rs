//! Guides: pages to read, with code to copy.
//!
//! | Page | What you have after it |
//! |---|---|
//! | [Guard a handler](handler) | an axum or Actix Web handler that cannot run unchecked |
//! | [List what somebody may see](lists) | pages, counts and searches in SQLite and PostgreSQL, and row-level security |
//! | [Sort, number, search](sort) | pages in the order of a column, pages with a number, totals, and a search box |
//! | [Who may](people) | the people who may do an action to a row, with through what |
//! | [Members and invitations](members) | role changes, removals, invitations and directories that are decided |
//! | [Log decisions](log) | a log of who asked what, without which nothing is permitted |
//! | [Test your guards](testing) | unit tests of all that, a table over all roles, and a test that every handler asks |
//! | [Customize the matrix](matrix) | an organization that says which roles have a permission |
//! | [Other engines](engines) | the same rules on OpenFGA, SpiceDB and Cedar, and in TypeScript |
//! | [Decide for other languages](authzen) | a service that gateways and services in other languages ask, by AuthZEN |
//! | [The rules](rules) | each decision that was taken where the source is silent, to link to |
//! | [Compare](compare) | what this crate is beside policy engines, and what it costs |
//! | [Security](security) | what is promised, and what your service has to do for it |
//!
//! The programs on these pages are compiled and run in the tests of this crate.
//!
//! # How it works
//!
//! Two tables are all of the rules. The [reach table](rules#which-facts-give-which-scope) says which
//! [`Facts`](crate::Facts) give which [`Scope`](crate::Scope), and the [`Matrix`](crate::Matrix) which scopes
//! suffice for a role and an action. A decision reads them forwards, a list backwards.
//!
//! <div>
#![doc = include_str!("picture.svg")]
//! </div>

// The programs of some pages need a web framework or a database. A package of its own, in `tests/guides`,
// compiles and runs those, so that their tests are no doctests.
#![allow(clippy::test_attr_in_doctest)]

#[cfg_attr(not(doctest), doc = include_str!("handler.md"))]
pub mod handler {}

#[cfg_attr(all(not(doctest), feature = "sea-query"), doc = include_str!("lists.md"))]
#[cfg_attr(
    not(feature = "sea-query"),
    doc = "# List what somebody may see\n\nThe documentation that is built with the feature `sea-query` has this page."
)]
pub mod lists {}

#[cfg_attr(all(not(doctest), feature = "sea-query"), doc = include_str!("sort.md"))]
#[cfg_attr(
    not(feature = "sea-query"),
    doc = "# Sort, number, search\n\nThe documentation that is built with the feature `sea-query` has this page."
)]
pub mod sort {}

#[cfg_attr(all(not(doctest), feature = "sea-query"), doc = include_str!("people.md"))]
#[cfg_attr(
    not(feature = "sea-query"),
    doc = "# Who may\n\nThe documentation that is built with the feature `sea-query` has this page."
)]
pub mod people {}

#[cfg_attr(all(not(doctest), feature = "sea-query"), doc = include_str!("members.md"))]
#[cfg_attr(
    not(feature = "sea-query"),
    doc = "# Members and invitations\n\nThe documentation that is built with the feature `sea-query` has this page."
)]
pub mod members {}

#[cfg_attr(not(doctest), doc = include_str!("log.md"))]
pub mod log {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[cfg_attr(any(feature = "serde", not(doctest)), doc = include_str!("matrix.md"))]
pub mod matrix {}

#[cfg_attr(not(doctest), doc = include_str!("engines.md"))]
pub mod engines {}

#[doc = include_str!("authzen.md")]
pub mod authzen {}

#[doc = include_str!("rules.md")]
pub mod rules {}

#[doc = include_str!("compare.md")]
pub mod compare {}

#[doc = include_str!("security.md")]
pub mod security {}
