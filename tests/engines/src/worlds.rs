//! Worlds of tables, as tuples.
