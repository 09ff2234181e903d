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
