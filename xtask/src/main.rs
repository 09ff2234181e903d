//! The commands of the repository. See CONTRIBUTING.md.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs};

const USAGE: &str = "usage: cargo xtask COMMAND
  install            installs what `ci` needs, and says what
  check              format, clippy, and the tests of the crate that are quick
  ci                 all checks and tests
  bless              writes anew what follows from the code
  mutants [REVISION] breaks the code, all of it or what changed since, and looks whether a test fails
  prove [SQLITE [POSTGRES]]  lists and people in SQL, on so many generated worlds";

/// Tests of the crate that take longer than all others together. `ci` runs them.
const SLOW: [&str; 4] = ["classic_bugs", "facts", "listings", "people"];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match &arguments[..] {
        ["install"] => run(&[], ".ci/install", &[]),
        ["check"] => check(),
        ["ci"] => run(&[], ".ci/run", &[]),
        ["bless"] => bless(),
        ["mutants", rest @ ..] if rest.len() <= 1 => run(&[], ".ci/mutants", rest),
        ["prove", rest @ ..] if rest.len() <= 2 => run(&[], "tests/sql/prove.sh", rest),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the program in the repository, and says how long it took.
fn run(variables: &[(&str, &str)], program: &str, arguments: &[&str]) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = if program.contains('/') { root.join(program) } else { program.into() };
    let name = Path::new(program).file_name().unwrap_or_default().display();
    let what = format!("{name} {}", arguments.join(" "));
    eprintln!("+ {what}");
    let start = Instant::now();
    let mut command = Command::new(path);
    let command = command.args(arguments).envs(variables.iter().copied()).current_dir(root);
    let status = command.status().map_err(|error| format!("{program}: {error}"))?;
    eprintln!("  {:.0} s", start.elapsed().as_secs_f64());
    if status.success() { Ok(()) } else { Err(format!("failed: {what}")) }
}

fn cargo(variables: &[(&str, &str)], arguments: &[&str]) -> Result<(), String> {
    run(variables, env!("CARGO"), arguments)
}

fn check() -> Result<(), String> {
    cargo(&[], &["fmt", "--all", "--check"])?;
    cargo(
        &[],
        &["clippy", "--locked", "--quiet", "--tests", "--all-features", "--", "--deny", "warnings"],
    )?;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let mut arguments =
        ["test", "--locked", "--quiet", "--no-fail-fast"].map(str::to_owned).to_vec();
    for entry in fs::read_dir(tests).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let is_test = path.extension().is_some_and(|extension| extension == "rs");
        if is_test && !SLOW.contains(&name) {
            arguments.push(format!("--test={name}"));
        }
    }
    arguments.sort_by_key(|argument| argument.starts_with("--test="));
    cargo(&[], &arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
    eprintln!(
        "not checked: docs, {}, and all that is not of the crate alone, such as SQL: `cargo xtask ci`",
        SLOW.join(", ")
    );
    Ok(())
}

/// Each of these tests compares with what is written down, and writes it if it is told to.
fn bless() -> Result<(), String> {
    let bless = [("LABELGATE_BLESS", "1")];
    cargo(&bless, &["test", "--locked", "--quiet", "--test=blessed", "--test=overrides"])?;
    cargo(
        &bless,
        &["test", "--locked", "--quiet", "-p", "labelgate-sql-tests", "--test=rendered"],
    )?;
    cargo(
        &bless,
        &["test", "--locked", "--quiet", "-p", "labelgate-service-tests", "--test=http", "cost::"],
    )?;
    run(&[], "git", &["status", "--short"])
}
