//! Teaches how a list becomes a statement: prints the filter of a role and an action, how a page finds its
//! rows, and the statements for both databases, each with the file and the function that makes it.
//!
//! `cargo run -p labelgate-example-explain -- AN data.view`

use std::env;
use std::process::ExitCode;

use labelgate_example_explain::explain;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let answer = match &arguments[..] {
        [role, action] => explain(role, action),
        _ => Err("usage: labelgate-example-explain ROLE ACTION, such as AN data.view".to_owned()),
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
