//! Programs of Node.js: Cedar, and what the compiler of TypeScript makes.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::{installed, run};

/// What a program beside this package prints about its input. Its argument is the folder of the engines.
pub fn node(program: &str, input: &Value) -> Value {
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(program)).arg(installed());
    let output = run(&mut node, &input.to_string());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}
