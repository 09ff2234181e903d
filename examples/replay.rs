//! Teaches what overrides change in what people did: decides the entries of a log by another matrix.
//!
//! `cargo run --example replay -- examples/log.jsonl examples/overrides.json`

#[allow(dead_code, reason = "it reads no objects of its own")]
mod common;

use std::collections::BTreeMap;
use std::env;
use std::process::ExitCode;

use common::{answer_file, brief, print};
use labelgate::Matrix;
use labelgate::log::{LogEntry, Replay};
use labelgate::overrides::Overrides;

/// The entries whose answer would be another one, and how many there are of each kind. A log has one entry on each
/// line, as JSON. An error says which line is malformed.
pub(crate) fn replay(log: &str, matrix: &Matrix) -> Result<String, String> {
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

fn main() -> ExitCode {
    let paths: Vec<_> = env::args_os().skip(1).collect();
    let [log, overrides] = paths.as_slice() else {
        eprintln!("usage: replay LOG.jsonl OVERRIDES.json");
        return ExitCode::FAILURE;
    };
    let matrix = answer_file(overrides, |text| {
        let overrides: Overrides =
            serde_json::from_str(text).map_err(|error| brief(&error.to_string()))?;
        Ok(overrides.matrix())
    });
    print(matrix.and_then(|matrix| answer_file(log, |text| replay(text, &matrix))))
}
