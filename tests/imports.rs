//! A file imports only what stands above it: no two files import each other, directly or in a circle.
//!
//! The test reads the paths in `src` as the compiler does. A name that a folder or the root re-exports counts as
//! an import of the file that has the item.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The path of a module from the root, which is empty.
type Module = Vec<String>;

#[test]
fn no_two_files_import_each_other() {
    let mut sources = BTreeMap::new();
    read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &[], &mut sources);
    let imports = imports(&sources);

    // The test reads paths: from the root, through a re-export of a folder, and within a folder.
    let has = |file: &str, other: &str| imports[file].contains(other);
    assert!(has("subject", "permit") && has("log", "membership::audit"), "{imports:?}");
    assert!(has("sql::page", "sql::plan") && !has("sql::plan", "sql::page"), "{imports:?}");

    let circle = circle(imports);
    assert!(circle.is_empty(), "these files import each other: {circle:#?}");
}

#[test]
fn circles_through_folders_are_found() {
    let circle_of = |row: &str, policy: &str| {
        let sources = [
            ("", "mod row; pub mod people; mod sql; pub use crate::row::Row;"),
            ("row", row),
            ("people", "mod policy; pub use self::policy::{Kept, Policy as Rules};"),
            ("people::policy", policy),
            ("sql", "mod page; use self::page::Page; pub struct Schema;"),
            ("sql::page", "pub struct Page;"),
        ];
        let module =
            |path: &str| path.split("::").filter(|s| !s.is_empty()).map(str::to_owned).collect();
        let sources = sources.map(|(path, text)| (module(path), text.to_owned()));
        circle(imports(&BTreeMap::from(sources))).into_keys().collect::<Vec<_>>()
    };
    let circle = ["people::policy", "row"];

    assert!(circle_of("", "use crate::row::Row;").is_empty());
    assert!(circle_of("use crate::people::Rules;", "").is_empty());
    for row in [
        "use crate::people::Rules;",
        "use crate::{people::{Kept, Rules}, sql};",
        "fn decide(_: &crate::people::policy::Policy) {}",
        "mod wire { use super::super::people::Kept; }",
        "mod wire { use super::Rules; } use crate::people::Rules;",
    ] {
        for policy in ["use crate::row::Row;", "use crate::Row;", "use super::super::Row;"] {
            assert_eq!(circle_of(row, policy), circle, "{row} {policy}");
        }
    }
    // A path in a comment or in a text is no import.
    for row in ["/// See [`crate::people::Rules`].", r#"const S: &str = "crate::people::Rules";"#] {
        assert!(circle_of(row, "use crate::row::Row;").is_empty(), "{row}");
    }
    // Who names a folder as a whole imports all its files.
    let with_folder = circle_of("use crate::people::{self};", "use crate::row::Row;");
    assert_eq!(with_folder, ["people", "people::policy", "row"]);
}

#[test]
fn circles_with_a_folder_are_found() {
    let sources = [
        ("sql", "mod page; use self::page::Page; pub struct Schema;"),
        ("sql::page", "use super::Schema;"),
    ];
    let sources = sources
        .map(|(path, text)| (path.split("::").map(str::to_owned).collect(), text.to_owned()));
    let circle = circle(imports(&BTreeMap::from(sources)));
    assert_eq!(circle.into_keys().collect::<Vec<_>>(), ["sql", "sql::page"]);
}

/// Reads the text of each module that is a file.
fn read(folder: &Path, module: &[String], sources: &mut BTreeMap<Module, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let child = [module, std::slice::from_ref(&name)].concat();
        if path.is_dir() {
            read(&path, &child, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let is_folder = matches!(&*name, "lib" | "mod");
            let module = if is_folder { module.to_vec() } else { child };
            sources.insert(module, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Returns, for each file, the files that have the items that it names by a path.
fn imports(sources: &BTreeMap<Module, String>) -> BTreeMap<String, BTreeSet<String>> {
    let mut scopes = Scopes::default();
    for (module, text) in sources {
        scopes.add(module, &tokens(text));
    }
    let file = |module: &[String]| {
        let ancestors = (0..=module.len()).rev().map(|end| &module[..end]);
        ancestors
            .into_iter()
            .find(|module| sources.contains_key(*module))
            .unwrap_or_default()
            .join("::")
    };
    let mut imports: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (module, paths) in &scopes.paths {
        let from = file(module);
        let to =
            paths.iter().filter_map(|path| scopes.resolve(module, path, 0)).map(|to| file(&to));
        imports.entry(from.clone()).or_default().extend(to.filter(|to| *to != from));
    }
    imports
}

/// Takes away the files that import none of those that are left, until each one does. Returns the others.
fn circle(mut imports: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    loop {
        let left: BTreeSet<_> = imports.keys().cloned().collect();
        imports.retain(|_, others| {
            others.retain(|other| left.contains(other));
            !others.is_empty()
        });
        // Nor is a file in a circle that nobody imports.
        let imported: BTreeSet<_> = imports.values().flatten().cloned().collect();
        imports.retain(|file, _| imported.contains(file));
        if imports.len() == left.len() {
            return imports;
        }
    }
}

/// The modules, those within files included.
#[derive(Default)]
struct Scopes {
    /// The paths that the code of a module names.
    paths: BTreeMap<Module, Vec<Vec<String>>>,
    /// The names that the `use` declarations of a module bring into it.
    names: BTreeMap<Module, BTreeMap<String, Vec<String>>>,
}

impl Scopes {
    fn add(&mut self, file: &[String], tokens: &[&str]) {
        let (mut module, mut depth, mut inner) = (file.to_vec(), 0_usize, Vec::new());
        self.paths.entry(module.clone()).or_default();
        let mut at = 0;
        while let Some(&token) = tokens.get(at) {
            let here = at;
            let next = |ahead: usize| tokens.get(here + ahead).copied();
            at += 1;
            match token {
                "mod" if next(2) == Some("{") => {
                    module.push(next(1).unwrap().to_owned());
                    inner.push(depth);
                    self.paths.entry(module.clone()).or_default();
                }
                "{" => depth += 1,
                "}" => {
                    depth = depth.checked_sub(1).expect("braces are in pairs");
                    if inner.last() == Some(&depth) {
                        inner.pop();
                        module.pop();
                    }
                }
                "use" => {
                    for (path, name) in tree(tokens, &mut at, Vec::new()) {
                        assert_ne!(name, "*", "this test does not follow `use {path:?}`");
                        self.names.entry(module.clone()).or_default().insert(name, path.clone());
                        self.paths.get_mut(&module).unwrap().push(path);
                    }
                }
                "crate" | "self" | "super" if next(1) == Some("::") => {
                    at -= 1;
                    let paths = tree(tokens, &mut at, Vec::new()).into_iter().map(|(path, _)| path);
                    self.paths.get_mut(&module).unwrap().extend(paths);
                }
                _ => {}
            }
        }
        assert_eq!(depth, 0, "braces are in pairs in {file:?}");
    }

    /// Returns the module that has the item of a path, or `None` if another crate has it.
    fn resolve(&self, module: &[String], path: &[String], depth: usize) -> Option<Module> {
        assert!(depth < 16, "re-exports that lead nowhere: {path:?}");
        let (mut at, mut rest) = match &*path[0] {
            "crate" => (Module::new(), &path[1..]),
            "self" | "super" => (module.to_vec(), path),
            first => {
                let child = [module, &[first.to_owned()]].concat();
                self.paths.get(&child)?;
                (module.to_vec(), path)
            }
        };
        while let [first, tail @ ..] = rest {
            let child = [&*at, std::slice::from_ref(first)].concat();
            if first == "super" {
                at.pop().expect("a module has a parent");
            } else if self.paths.contains_key(&child) {
                at = child;
            } else if let Some(target) = self.names.get(&at).and_then(|names| names.get(first)) {
                return self.resolve(&at, &[target, tail].concat(), depth + 1);
            } else if first != "self" {
                break;
            }
            rest = tail;
        }
        Some(at)
    }
}

/// Reads a path, or a tree of paths in braces. Returns each path with the name that it brings in.
fn tree(tokens: &[&str], at: &mut usize, mut path: Vec<String>) -> Vec<(Vec<String>, String)> {
    let mut paths = Vec::new();
    while let Some(&token) = tokens.get(*at) {
        *at += 1;
        if token == "{" {
            while tokens[*at] != "}" {
                paths.extend(tree(tokens, at, path.clone()));
                *at += usize::from(tokens[*at] == ",");
            }
            *at += 1;
            return paths;
        }
        // `use a::{self}` is `use a`.
        if token != "self" || path.is_empty() {
            path.push(token.to_owned());
        }
        if tokens.get(*at) != Some(&"::") || tokens.get(*at + 1) == Some(&"<") {
            break;
        }
        *at += 1;
    }
    let mut name = path.last().unwrap().clone();
    if tokens.get(*at) == Some(&"as") {
        name = tokens[*at + 1].to_owned();
        *at += 2;
    }
    paths.push((path, name));
    paths
}

/// Returns the words, the `::` and the other signs of a text, without comments, texts and characters.
fn tokens(text: &str) -> Vec<&str> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
        let raw = rest.strip_prefix('r').map(|raw| (raw, raw.trim_start_matches('#')));
        let after = |end: &str, from: usize| {
            rest[from..].find(end).map_or(rest.len(), |position| from + position + end.len())
        };
        let (length, is_token) = match first {
            '/' if rest.starts_with("//") => (after("\n", 0), false),
            '/' if rest.starts_with("/*") => (after("*/", 0), false),
            'r' if raw.is_some_and(|(_, text)| text.starts_with('"')) => {
                let (raw, text) = raw.unwrap();
                let hashes = raw.len() - text.len();
                (after(&format!("\"{}", "#".repeat(hashes)), hashes + 2), false)
            }
            '"' => (text_literal(rest), false),
            '\'' if rest.starts_with("'\\") => (after("'", 3), false),
            '\'' if rest.chars().nth(2) == Some('\'') => {
                (rest.chars().take(3).map(char::len_utf8).sum(), false)
            }
            ':' if rest.starts_with("::") => (2, true),
            c if is_of_word(c) => (rest.find(|c| !is_of_word(c)).unwrap_or(rest.len()), true),
            c => (c.len_utf8(), !c.is_whitespace()),
        };
        if is_token {
            tokens.push(&rest[..length]);
        }
        rest = &rest[length..];
    }
    tokens
}

/// The length of a text in quotes, with which the code starts.
fn text_literal(code: &str) -> usize {
    let mut is_escaped = true; // the quote that opens it does not close it
    let end = code.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(code.len(), |end| end + 1)
}
