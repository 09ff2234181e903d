//! Does the example explain every list, and name what there is?

use std::fs;

use labelgate::{Action, Kind, OrganizationId, Role, Subject, UserId};
use labelgate_example_explain::explain::explain;

#[test]
fn every_list_is_explained() {
    for role in Role::ALL {
        for action in Action::ALL {
            let text = explain(role.code(), action.key()).expect("an explanation");
            let steps = |number: u8| text.matches(&format!("\n# {number}. ")).count();
            let filter = Subject::new(OrganizationId(1), UserId(7), role).filter(action);
            let tables = match action.kind() {
                _ if filter.is_nothing() => 0, // the list is denied
                Kind::Organization | Kind::Record => 0,
                Kind::Workspace | Kind::Project => 1,
                Kind::Task => 2,
            };
            assert_eq!([steps(1), steps(2), steps(3)], [1, tables, tables], "{text}");
            assert_eq!(
                text.matches(";\n").count(),
                2 * tables,
                "a statement for each database\n{text}"
            );
        }
    }
}

#[test]
fn files_and_functions_are_there() {
    let text = explain("AN", "data.view").expect("an explanation");
    let mut named = 0;
    for line in text.lines().filter_map(|line| line.strip_prefix("# src/")) {
        for place in line.split(", ") {
            let (file, function) = place.split_once(": ").expect("a file and a function");
            let file = file.trim_start_matches("src/");
            let path = format!("{}/../../../src/{file}", env!("CARGO_MANIFEST_DIR"));
            let source = fs::read_to_string(&path).expect("a file");
            let (owner, name) = function.split_once("::").expect("a method");
            assert!(source.contains(&format!("impl {owner}")), "{place}");
            assert!(source.contains(&format!("fn {name}(")), "{place}");
            named += 1;
        }
    }
    assert_eq!(named, 1 + 2 * (1 + 3));
}

#[test]
fn what_is_no_list_is_an_error() {
    assert!(explain("XX", "data.view").is_err());
    assert!(explain("AN", "data").is_err());
}
