//! Runs the program that the first argument names, on the files that the others name.

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use labelgate::Matrix;
use labelgate_examples::common::answer_file;
use labelgate_examples::{decide, matrix, picture, replay, world};

const USAGE: &str = "usage: labelgate-examples decide REQUESTS.json
       labelgate-examples matrix [OVERRIDES.json]
       labelgate-examples picture
       labelgate-examples replay LOG.jsonl OVERRIDES.json
       labelgate-examples world WORLD.json";

fn answer(arguments: &[OsString]) -> Result<String, String> {
    let [program, files @ ..] = arguments else { return Err(USAGE.to_owned()) };
    match (program.to_str(), files) {
        (Some("decide"), [requests]) => answer_file(requests, decide::decide_all),
        (Some("matrix"), []) => Ok(Matrix::BUILT_IN.to_string()),
        (Some("matrix"), [overrides]) => answer_file(overrides, matrix::matrix),
        (Some("picture"), []) => Ok(picture::picture()),
        (Some("replay"), [log, overrides]) => {
            let matrix = answer_file(overrides, matrix::overridden)?;
            answer_file(log, |log| replay::replay(log, &matrix))
        }
        (Some("world"), [world]) => answer_file(world, world::print),
        _ => Err(USAGE.to_owned()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    match answer(&arguments) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(refusal) => {
            eprintln!("{refusal}");
            ExitCode::FAILURE
        }
    }
}
