//! Is the matrix the one of the specification, cell by cell, and does the documentation show it?

use labelgate::act::Category;
use labelgate_test_support::oracle;

use labelgate::sets::Scopes;
use labelgate::{Action, Matrix, Role, Scope};

#[test]
fn every_cell_is_the_specification_s() {
    let mut compared = 0;
    for action in Action::ALL {
        for role in Role::ALL {
            let symbols: Vec<_> =
                Matrix::BUILT_IN.scopes(role, action).elements().map(Scope::symbol).collect();
            let cell = if symbols.is_empty() { "-".to_owned() } else { symbols.join(" ") };
            assert_eq!(cell, oracle::cell(role.code(), action.key()), "{role} {action}");
            compared += 1;
        }
    }
    assert_eq!(compared, Role::COUNT * Action::COUNT);
}

#[test]
fn every_row_is_the_specification_s() {
    assert_eq!(Action::COUNT, oracle::TABLE.len());
    for (action, (name, key, category, _, source)) in Action::ALL.into_iter().zip(oracle::TABLE) {
        assert_eq!(format!("{action:?}"), name);
        assert_eq!(action.key(), key);
        assert_eq!(action.category().title(), category);
        assert_eq!(action.source(), source);
        assert_eq!(format!("{:?}", action.kind()), oracle::kind(key));
    }
}

#[test]
fn every_action_is_described() {
    for action in Action::ALL {
        let description = action.description();
        assert!(description.starts_with(char::is_uppercase), "{description}");
        assert!(description.ends_with('.'), "{description}");
    }
}

#[test]
fn categories_stand_in_the_source_s_order() {
    let mut categories: Vec<_> = Action::ALL.map(Action::category).into();
    categories.dedup();
    assert_eq!(categories, Category::ALL);
}

#[test]
fn the_rendered_table_holds_every_cell() {
    let table = Matrix::BUILT_IN.to_string();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .filter(|row: &Vec<&str>| row[0].parse::<usize>().is_ok())
        .collect();
    assert_eq!(rows.len(), Action::COUNT);
    for (position, (row, (name, key, _, cells, _))) in rows.iter().zip(oracle::TABLE).enumerate() {
        assert_eq!(row[..3], [&(position + 1).to_string(), name, &format!("`{key}`")]);
        assert_eq!(row[3..], cells);
    }
}

#[test]
fn a_changed_matrix_renders_as_changed() {
    let none = Scopes::empty();
    let changed = Matrix::BUILT_IN.with_cell(Role::Owner, Action::ExportData, none).unwrap();
    let table = changed.to_string();
    assert!(table.contains("| ExportData | `data.export` | - | - | O P W | G | - |\n"));
}
