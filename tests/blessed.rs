//! Is what the pages say of the tables current? `cargo xtask bless` writes it anew.

use std::fs;

use labelgate::{Action, Matrix, Role};
use labelgate_examples::picture;
use labelgate_test_support::{blessed, oracle};

/// What follows from the tables and stands in a text: the words before it, what it is, the words after it.
fn values() -> [(&'static str, String, &'static str); 6] {
    let (roles, facts) = (Role::COUNT, oracle::all().count());
    let questions = with_commas(roles * Action::COUNT * (facts + 1));
    let fingerprint = Matrix::BUILT_IN.fingerprint().to_string();
    [
        ("", roles.to_string(), " roles"),
        ("", Action::COUNT.to_string(), " actions"),
        ("", facts.to_string(), " combinations of facts"),
        ("all ", questions, " questions"),
        ("fingerprint().to_string(), \"", fingerprint.clone(), "\""),
        ("let kept: Fingerprint = \"", fingerprint, "\""),
    ]
}

fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The text with the values of today, and how many there are.
fn current(text: &str) -> (String, usize) {
    let (mut text, mut found) = (text.to_owned(), 0);
    for (before, value, after) in values() {
        let mut parts = text.split(after);
        let mut written = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let is_part = |c: char| {
                if value.len() == 16 {
                    c.is_ascii_hexdigit()
                } else {
                    c.is_ascii_digit() || c == ','
                }
            };
            let start = written.trim_end_matches(is_part);
            let is_value = written[start.len()..].starts_with(|c: char| c != ',');
            if is_value && start.ends_with(before) {
                written = format!("{start}{value}");
                found += 1;
            }
            written = written + after + part;
        }
        text = written;
    }
    (text, found)
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_picture_is_of_these_tables() {
    let picture = picture::picture();
    // A page of Markdown takes it as one block of HTML.
    assert!(!picture.contains("\n\n") && !picture.contains("<style"));
    blessed::file("src/guide/picture.svg", &picture);
}

#[test]
fn the_readme_shows_the_matrix() {
    let readme = read("README.md");
    let start = readme.find("| # |").unwrap();
    let end = start + readme[start..].find("\n\n").unwrap() + 1;
    let readme = format!("{}{}{}", &readme[..start], Matrix::BUILT_IN, &readme[end..]);
    let (readme, found) = current(&readme);
    assert!(found >= 1);
    blessed::file("README.md", &readme);
}

#[test]
fn pages_have_the_numbers_of_the_tables() {
    let mut all = 0;
    let guide = fs::read_dir("src/guide").unwrap().map(|entry| entry.unwrap().path());
    let guide = guide.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    for path in guide.chain(["src/matrix.rs".into()]) {
        let path = path.to_str().unwrap();
        let (text, found) = current(&read(path));
        blessed::file(path, &text);
        all += found;
    }
    assert_eq!(all, 12);
}
