//! What the statements say, without a database.

use labelgate::overrides::Overrides;
use labelgate::sets::Scopes;
use labelgate::sql::{IdTypes, NoRowSecurity, OwnFact, Schema};
use labelgate::{Action, Fact, Matrix, Role};
use labelgate_sql_tests::oracle;
use sea_query::Expr;

use labelgate_sql_tests::security::service::{SECURED, schema};

#[test]
fn what_has_none() {
    let of = |schema: &Schema| schema.row_security(&Matrix::BUILT_IN, IdTypes::BIGINT);
    assert_eq!(of(&Schema::sqlite()), Err(NoRowSecurity::Dialect));
    assert_eq!(of(&Schema::postgres()), Err(NoRowSecurity::NotSecured));
    let mut schema = schema();
    schema.task_assignees.project_id = None;
    assert_eq!(of(&schema), Err(NoRowSecurity::Assignments));
    let own = OwnFact::new(|_| Expr::val(false));
    assert!(of(&schema.clone().with_fact(Fact::ProjectAssignee, own)).is_ok());
    assert!(of(&schema.without([Fact::ProjectAssignee])).is_ok());
}

/// The actions that make policies are those that are called like it, and two that are not.
#[test]
fn policies_are_named_after_actions() {
    let all = Action::ALL.into_iter().flat_map(|action| {
        Role::ALL.into_iter().filter(|role| role.is_active()).map(move |role| (role, action))
    });
    let everything = all.fold(Matrix::BUILT_IN, |matrix, (role, action)| {
        matrix.with_cell(role, action, Scopes::Organization).expect("an active role")
    });
    let security = schema().row_security(&everything, IdTypes::TEXT).expect("policies");
    let statements = security.create();
    for table in SECURED {
        for (command, verb) in [("insert", "create"), ("update", "change"), ("delete", "delete")] {
            let key = format!("{table}.{verb}");
            let is_action = oracle::TABLE.iter().any(|row| row.1 == key)
                && table != "organizations" // another one is created, and not this one
                || command == "insert" && ["tasks", "annotations"].contains(&table);
            let policy = format!("CREATE POLICY labelgate_{command} ON \"{table}\" ");
            let has = statements.iter().any(|statement| statement.starts_with(&policy));
            assert_eq!(has, is_action, "{policy}");
        }
    }
    // No policy reads the table that it is on.
    for statement in &statements {
        if let Some((_, rest)) = statement.split_once(" ON ") {
            let table = rest.split(' ').next().expect("a table");
            assert!(!rest.contains(&format!("FROM {table}")), "{statement}");
        }
    }
}

/// A policy is read by people.
#[test]
fn policies_are_short() {
    let mut longest = 0;
    for is_checked in [false, true] {
        let mut schema = schema();
        schema.project_roles.is_checked = is_checked;
        for matrix in [Matrix::BUILT_IN, Overrides::widest().matrix()] {
            let security = schema.row_security(&matrix, IdTypes::BIGINT).expect("policies");
            for statement in security.create() {
                let Some((_, holds)) = statement.split_once(" (\n  ") else { continue };
                if statement.starts_with("CREATE POLICY") {
                    longest = longest.max(holds.len());
                    assert!(holds.len() <= 600, "{}: {statement}", holds.len());
                }
            }
        }
    }
    assert!(longest > 300, "{longest}");
}

/// Views and functions are commented on, and there are none that nothing reads.
#[test]
fn helpers_are_read() {
    for schema in [schema(), schema().without_project_roles()] {
        let security = schema.row_security(&Matrix::BUILT_IN, IdTypes::BIGINT).expect("policies");
        let statements = security.create();
        let mut helpers = 0;
        for statement in &statements {
            for kind in ["CREATE VIEW ", "CREATE FUNCTION "] {
                let Some((comment, rest)) = statement.split_once(kind) else { continue };
                let name = rest.split(['(', ' ']).next().expect("a name");
                let reads = statements.iter().filter(|other| other.contains(name)).count();
                assert!(reads > 1, "{name}");
                assert!(comment.starts_with("-- ") && comment.ends_with(".\n"), "{statement}");
                helpers += 1;
            }
        }
        assert!(helpers > 9, "{helpers}");
        assert!(!statements.iter().any(|statement| statement.contains("IMMUTABLE")));
    }
}
