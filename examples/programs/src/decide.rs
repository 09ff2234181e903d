//! Teaches decisions about scopes that are spelled out: decides the requests of a log, and says why.
//!
//! `cargo run -p labelgate-examples -- decide examples/requests.json`

use std::fmt::Write;

use crate::common::{Object, brief};
use labelgate::decision::decide;
use labelgate::{Action, Role, ScopeCtx};
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
pub fn decide_all(requests: &str) -> Result<String, String> {
    let requests: Vec<Object<Request>> =
        serde_json::from_str(requests).map_err(|error| brief(&error.to_string()))?;
    let mut decisions = String::new();
    for Object(Request { role, action, facts }) in requests {
        match decide(role, action, facts) {
            Ok(_) => writeln!(decisions, "allow  {role}  {action:24}  {facts}"),
            Err(denied) => writeln!(decisions, "deny   {role}  {action:24}  {denied}"),
        }
        .expect("a string takes all that is written to it");
    }
    Ok(decisions)
}
