//! OpenFGA, as its command line runs it: `fga model test`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use labelgate_export::tuple::Tuple;
use serde_json::{Value, json};

use crate::case::{Case, Report};
use crate::{installed, run};

/// Asks everything in the cases. The tuples of each are alone: the command line sends all of them with each question.
pub fn ask(model: &str, cases: &[Case]) -> Report {
    let tests: Vec<_> = cases.iter().map(test).collect();
    let file = File::new(&json!({"name": "labelgate", "model": model, "tests": tests}));
    let mut fga = Command::new(installed().join("python/bin/fga"));
    let output = run(fga.args(["model", "test", "--tests"]).arg(&file.0), "");
    let text = [output.stdout, output.stderr].concat();
    report(&String::from_utf8_lossy(&text))
}

fn test(case: &Case) -> Value {
    let tuples: Vec<Value> = case.tuples.iter().map(tuple).collect();
    let checks = case.checks.iter().map(|(user, relation, object, may)| {
        json!({"user": user, "object": object, "assertions": {relation: may}})
    });
    let users = case.users.iter().map(|(object, relation, users)| {
        let users = json!({"users": users});
        json!({"object": object, "user_filter": [{"type": "user"}], "assertions": {relation: users}})
    });
    let objects = case.objects.iter().map(|(user, relation, kind, objects)| {
        json!({"user": user, "type": kind, "assertions": {relation: objects}})
    });
    json!({
        "name": "a case",
        "tuples": tuples,
        "check": checks.collect::<Vec<_>>(),
        "list_users": users.collect::<Vec<_>>(),
        "list_objects": objects.collect::<Vec<_>>(),
    })
}

fn tuple(tuple: &Tuple) -> Value {
    serde_json::from_str(&tuple.openfga()).expect("JSON")
}

/// Reads lines such as `ListUsers 3/4 passing`, and those of failures.
fn report(text: &str) -> Report {
    let (_, summary) =
        text.split_once("# Test Summary #").unwrap_or_else(|| panic!("no summary: {text}"));
    let answered = summary.lines().filter(|line| !line.starts_with("Tests ")).filter_map(|line| {
        let (_, all) = line.strip_suffix(" passing")?.split_once('/')?;
        all.parse::<usize>().ok()
    });
    let differences = text.lines().filter(|line| line.starts_with('ⅹ')).map(str::to_owned);
    let report = Report { answered: answered.sum(), differences: differences.collect() };
    assert_eq!(report.differences.is_empty(), !text.contains("(FAILING)"), "{text}");
    report
}

/// A file of tests, which is deleted.
struct File(PathBuf);

impl File {
    fn new(value: &Value) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("labelgate-{}-{number}.fga.yaml", std::process::id());
        let path = std::env::temp_dir().join(name);
        // What is JSON is YAML as well.
        fs::write(&path, value.to_string()).expect("a file that can be written");
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
