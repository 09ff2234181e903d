//! Teaches what overrides change in what people did: decides the entries of a log by another matrix.
//!
//! `cargo run -p labelgate-examples -- replay examples/log.jsonl examples/overrides.json`

use std::collections::BTreeMap;

use crate::common::brief;
use labelgate::Matrix;
use labelgate::log::{LogEntry, Replay};

/// The entries whose answer would be another one, and how many there are of each kind. A log has one entry on each
/// line, as JSON. An error says which line is malformed.
pub fn replay(log: &str, matrix: &Matrix) -> Result<String, String> {
    let mut changed = String::new();
    let mut counts = BTreeMap::new();
    for (number, line) in log.lines().enumerate() {
        let entry: LogEntry = serde_json::from_str(line)
            .map_err(|error| brief(&format!("line {}: {error}", number + 1)))?;
        let answer = entry.replay(matrix);
        if let Some(answer @ (Replay::WouldBePermitted | Replay::WouldBeDenied)) = answer {
            changed += &format!("{answer}: {entry}\n");
        }
        *counts.entry(answer.map_or("not replayed", Replay::code)).or_insert(0) += 1;
    }
    let counts = counts.into_iter().map(|(answer, count)| format!("{answer}: {count}\n"));
    Ok(changed + "\n" + &counts.collect::<String>())
}
