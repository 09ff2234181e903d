//! Teaches how a list becomes a statement: prints the filter of a role and an action, how a page finds its
//! rows, and the statements for both databases, each with the file and the function that makes it.
//!
//! `cargo run --features sea-query --example sql -- AN data.view`

// Public, since the package's tests call it.
pub mod explain;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let answer = match &arguments[..] {
        [role, action] => explain::explain(role, action),
        _ => Err("usage: sql ROLE ACTION, such as AN data.view".to_owned()),
    };
    match answer {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
