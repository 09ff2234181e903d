//! Teaches what overrides change: prints the matrix as the table of README.md, or, with a file of overrides,
//! the matrix of that organization and what differs from the built-in one.
//!
//! `cargo run --example matrix`, `cargo run --example matrix -- examples/overrides.json`

#[allow(dead_code, reason = "it reads no objects of its own")]
mod common;

use std::process::ExitCode;

use common::brief;
use labelgate::Matrix;
use labelgate::overrides::Overrides;

/// The matrix of an organization with these overrides, and a line for each cell that differs. An error
/// says which override is at fault, or at which line the file is malformed.
pub(crate) fn matrix(overrides: &str) -> Result<String, String> {
    let overrides: Overrides =
        serde_json::from_str(overrides).map_err(|error| brief(&error.to_string()))?;
    let matrix = overrides.matrix();
    let mut text = format!("{matrix}\n");
    for difference in Matrix::BUILT_IN.diff(&matrix) {
        text += &format!("{difference}\n");
    }
    Ok(text)
}

fn main() -> ExitCode {
    if std::env::args_os().len() < 2 {
        print!("{}", Matrix::BUILT_IN);
        return ExitCode::SUCCESS;
    }
    common::main("matrix [OVERRIDES.json]", matrix)
}
