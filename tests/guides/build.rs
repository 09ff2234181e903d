//! Cuts the Rust out of the guides that need more than labelgate. The blocks of such a page are one
//! program in pieces, so a reader sees every line of it.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR").expect("a folder to write to");
    for (page, name) in [
        ("src/guide/engines.md", "engines.rs"),
        ("src/guide/handler.md", "handler.rs"),
        ("src/guide/lists.md", "lists.rs"),
        ("src/guide/log.md", "log.rs"),
        ("src/guide/matrix.md", "matrix.rs"),
        ("src/guide/members.md", "members.rs"),
        ("src/guide/people.md", "people.rs"),
        ("src/guide/sort.md", "sort.rs"),
        ("src/guide/testing.md", "testing.rs"),
    ] {
        let path = format!("../../{page}");
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(&path).expect("a page");
        // The other blocks of these pages are examples on their own, which rustdoc runs.
        let is_one = ["matrix.rs", "testing.rs"].contains(&name);
        let fence = if is_one { "```rust,ignore" } else { "```rust" };
        fs::write(Path::new(&out).join(name), program(&text, fence)).expect("a file");
    }
    // README begins with a program. What follows is of examples/axum.
    println!("cargo::rerun-if-changed=../../README.md");
    let text = fs::read_to_string("../../README.md").expect("README");
    let mut parts = text.splitn(3, "```");
    let first = format!("{}```{}", parts.next().expect("text"), parts.next().expect("a program"));
    fs::write(Path::new(&out).join("readme.rs"), program(&first, "```rust")).expect("a file");
}

/// The Rust of a page. Lines that are not Rust are left empty, so that an error of the compiler has the
/// number of the line in the page.
fn program(page: &str, fence: &str) -> String {
    let mut program = String::new();
    let mut is_rust = false;
    for line in page.lines() {
        if line.starts_with("```") {
            is_rust = line == fence;
        } else if is_rust {
            program += line;
        }
        program.push('\n');
    }
    assert!(program.contains("fn "), "no Rust in the page");
    program
}
