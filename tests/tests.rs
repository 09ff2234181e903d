//! Do the tests themselves keep to their rules? This is about the repository, with all packages in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All Rust files below the folder, but for what is built.
fn files(folder: &str) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::from(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

/// The names of the public types in the folder.
fn types(folder: &str) -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    for file in files(folder) {
        for line in read(file).lines().filter_map(|line| line.trim_start().strip_prefix("pub ")) {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            if let (Some("struct" | "enum" | "trait" | "type"), Some(name)) =
                (words.next(), words.next())
            {
                types.insert(name.to_owned());
            }
        }
    }
    types
}

/// Otherwise a reader of a test has to look which of the two a name is.
#[test]
fn what_tests_share_has_other_names_than_the_crate() {
    let (ours, mut theirs) = (types("src"), types("tests/support/src"));
    theirs.append(&mut types("tests/input/src"));
    assert!(ours.len() > 80 && theirs.len() > 15, "{} {}", ours.len(), theirs.len());
    let both: Vec<_> = ours.intersection(&theirs).collect();
    assert!(both.is_empty(), "{both:?}");
}

/// Or a mistake would stand on both sides of a comparison.
#[test]
fn what_the_crate_is_held_against_shares_no_code_with_it() {
    for file in ["oracle.rs", "tables.rs"] {
        let text = read(format!("tests/support/src/{file}"));
        assert!(!text.contains("labelgate"), "{file}");
    }
}

/// A file belongs to one package. What several need is in `tests/support`.
#[test]
fn no_file_is_included_by_its_path() {
    let folders = ["src", "tests", "benches", "examples"];
    let all: Vec<_> = folders.into_iter().flat_map(files).collect();
    assert!(all.len() > 150, "{}", all.len());
    let attribute = concat!("#[", "path");
    for file in all {
        assert!(!read(&file).contains(attribute), "{file:?}");
    }
}

/// The file of a test that the page names, such as `facts` or `sql/security/main`.
fn file_of(name: &str) -> String {
    match name.split_once('/') {
        None => format!("tests/{name}.rs"),
        Some(("sql", file)) if Path::new(&format!("tests/sql/tests/{file}")).is_dir() => {
            format!("tests/sql/tests/{file}/main.rs")
        }
        Some(("sql", file)) => format!("tests/sql/tests/{file}.rs"),
        Some(("service", file)) => format!("tests/service/tests/http/{file}.rs"),
        Some((folder, _)) => panic!("no folder of tests: {folder}"),
    }
}

/// Whether the function is a test: by its attribute, or by one of the macros that make tests for both databases.
fn is_test(text: &str, name: &str) -> bool {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let declares = |line: &str| {
        line.strip_prefix("fn ").is_some_and(|rest| rest.starts_with(&format!("{name}(")))
    };
    let by_attribute = (0..lines.len()).filter(|&at| declares(lines[at])).any(|at| {
        let attributes = lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
        attributes.into_iter().any(|line| *line == "#[test]")
    });
    let mut by_macro = lines.iter().filter(|line| line.starts_with("on_both! {"));
    let on_worlds = || is_test(&read("tests/sql/src/on_worlds.rs"), name);
    by_attribute
        || by_macro.any(|line| line.split(' ').any(|word| word == name))
        || lines.iter().any(|line| line.starts_with("on_worlds! {")) && on_worlds()
}

/// Files of tests that are about something else than a rule: the API, the repository, and what tests stand on.
const OF_NO_RULE: [&str; 11] = [
    "blessed", "context", "corpus", "examples", "handlers", "imports", "pages", "permits",
    "tables", "tests", "wire",
];

/// A rule that no test is for can be broken without anybody noticing.
#[test]
fn every_rule_names_its_tests() {
    let rules = read("src/guide/rules.md");
    let members = read("Cargo.toml");
    assert!(members.contains("\"tests/sql\"") && members.contains("\"tests/service\""));
    let (mut headings, mut named) = (0, BTreeSet::new());
    for section in rules.split("\n#").skip(1).filter(|section| section.starts_with("# ")) {
        let heading = section.lines().next().unwrap();
        let (_, tests) = section.split_once("\n*Tests:* ").expect(heading);
        for test in tests.split('`').skip(1).step_by(2) {
            let (file, name) = test.split_once("::").expect(test);
            assert!(is_test(&read(file_of(file)), name), "{heading}: no test {test}");
            named.insert(file.to_owned());
        }
        headings += 1;
    }
    assert!(headings > 80, "{headings}");
    for entry in fs::read_dir("tests").unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|extension| extension == "rs") {
            assert!(
                named.contains(&file) != OF_NO_RULE.contains(&file.as_str()),
                "which rule is {file} for?"
            );
        }
    }
}
