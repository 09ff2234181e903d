//! Input that tests send, and what holds of any.

pub mod hostile;
pub mod properties;
