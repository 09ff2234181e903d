//! How a list becomes a statement: see [`explain`](explain::explain).

pub mod explain;
