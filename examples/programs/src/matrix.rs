//! Teaches what overrides change: prints the matrix as the table of README.md, or, with a file of overrides,
//! the matrix of that organization and what differs from the built-in one.
//!
//! `cargo run -p labelgate-examples -- matrix`, `cargo run -p labelgate-examples -- matrix examples/overrides.json`

use crate::common::brief;
use labelgate::Matrix;
use labelgate::overrides::Overrides;

/// The matrix of an organization with these overrides. An error says which override is at fault, or at which line
/// the file is malformed.
pub fn overridden(overrides: &str) -> Result<Matrix, String> {
    let overrides: Overrides =
        serde_json::from_str(overrides).map_err(|error| brief(&error.to_string()))?;
    Ok(overrides.matrix())
}

/// The same matrix as a table, and a line for each cell that differs.
pub fn matrix(overrides: &str) -> Result<String, String> {
    let matrix = overridden(overrides)?;
    let mut text = format!("{matrix}\n");
    for difference in Matrix::BUILT_IN.diff(&matrix) {
        text += &format!("{difference}\n");
    }
    Ok(text)
}
