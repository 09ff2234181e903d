//! Programs that print what labelgate decides. Each is a function from the text of a file to what is printed.

pub mod common;
pub mod decide;
pub mod matrix;
pub mod picture;
pub mod replay;
pub mod world;
