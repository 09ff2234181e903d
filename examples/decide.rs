//! Decides the requests of a log: role, action, and the facts that were known.
//!
//! `cargo run --example decide -- examples/requests.json`

use std::fmt::Write;
use std::process::ExitCode;
use std::{env, fs};

use labelgate::{Action, Role, ScopeCtx, decide};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    role: Role,
    action: Action,
    facts: ScopeCtx,
}

/// A line for each request: the decision, what was asked, and why it was denied. An error says what is
/// malformed, and at which line.
pub(crate) fn decide_all(requests: &str) -> serde_json::Result<String> {
    let mut decisions = String::new();
    for Request { role, action, facts } in serde_json::from_str::<Vec<_>>(requests)? {
        match decide(role, action, facts) {
            Ok(_) => writeln!(decisions, "allow  {role}  {action:24}  {facts}"),
            Err(denied) => writeln!(decisions, "deny   {role}  {action:24}  {denied}"),
        }
        .expect("a string takes all that is written to it");
    }
    Ok(decisions)
}

fn main() -> ExitCode {
    let Some(path) = env::args().nth(1) else {
        eprintln!("usage: decide REQUESTS.json");
        return ExitCode::FAILURE;
    };
    let decisions = fs::read_to_string(&path)
        .map_err(|error| error.to_string())
        .and_then(|requests| decide_all(&requests).map_err(|error| error.to_string()));
    match decisions {
        Ok(decisions) => {
            print!("{decisions}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::FAILURE
        }
    }
}
