//! What cannot be read is no fact: NULL and values that are neither true nor false, where a service
//! lets its columns have them.

use labelgate::sql::{Dialect, Page, Schema};
use labelgate::{Fact, Facts, Kind, OrganizationId, ProjectId, Role, Subject, UserId, act};
use labelgate_sql_tests::{Engine, Postgres, Sqlite, Value};
use sea_query::{Order, Query};

/// The columns are of the types of the tests' tables, and take NULL.
const TABLES: &str = "
    CREATE TABLE workspaces (id BIGINT, organization_id BIGINT, created_by BIGINT, is_personal BOOLEAN);
    CREATE TABLE workspace_members (workspace_id BIGINT, user_id BIGINT);
    CREATE TABLE projects (
        id BIGINT, organization_id BIGINT, workspace_id BIGINT, created_by BIGINT,
        show_annotation_history BOOLEAN
    );
    CREATE TABLE project_members (project_id BIGINT, user_id BIGINT);
    CREATE TABLE project_roles (project_id BIGINT, user_id BIGINT, role TEXT);
    CREATE TABLE tasks (id BIGINT, project_id BIGINT);
    CREATE TABLE task_assignees (task_id BIGINT, user_id BIGINT, project_id BIGINT);
    CREATE TABLE annotations (id BIGINT, task_id BIGINT, completed_by BIGINT);
";

fn facts(engine: &mut impl Engine, schema: &Schema, role: Role, kind: Kind) -> Vec<Facts> {
    let subject = Subject::new(OrganizationId(1), UserId(7), role);
    let table = match kind {
        Kind::Organization => "organizations",
        Kind::Workspace => "workspaces",
        Kind::Project => "projects",
        Kind::Task => "tasks",
        Kind::Record => "annotations",
    };
    let query = Query::select()
        .expr(schema.facts(&subject, kind))
        .from(table)
        .order_by((table, "id"), Order::Asc)
        .to_owned();
    let selected = engine.select(&query).into_iter().map(|row| match row[..] {
        [Value::Integer(bits)] => Facts::try_from(bits).expect("facts"),
        _ => panic!("{row:?}"),
    });
    selected.collect()
}

/// The facts that are left, in the order of the ids.
fn nulls_are_no_facts(mut engine: impl Engine, dialect: Dialect) {
    let schema = Schema::new(dialect);
    engine.run(TABLES);
    engine.run(
        "INSERT INTO workspaces VALUES (1, 1, NULL, NULL), (2, 1, 7, FALSE), (3, NULL, 7, FALSE);
         INSERT INTO workspace_members VALUES (1, 7), (2, 7), (3, 7), (NULL, 7);
         INSERT INTO projects VALUES
            (1, 1, 1, NULL, NULL), (2, 1, 2, 7, TRUE), (3, 1, 3, NULL, FALSE), (4, NULL, 2, 7, TRUE),
            (5, 1, NULL, NULL, NULL), (6, 1, 99, NULL, NULL);
         INSERT INTO project_members VALUES (NULL, 7), (2, NULL);
         INSERT INTO project_roles VALUES (1, 7, NULL), (2, 7, 're'), (3, 7, 'RE'), (NULL, 7, 'AN');
         INSERT INTO tasks VALUES (1, 1), (2, NULL), (3, 99), (4, 2);
         INSERT INTO task_assignees VALUES (1, NULL, 1), (4, 7, NULL);
         INSERT INTO annotations VALUES (1, 1, NULL), (2, NULL, 7), (3, 2, 7), (4, 4, 7);",
    );
    let all = |facts: &[Fact]| facts.iter().copied().collect::<Facts>();
    use Fact::*;

    let workspaces = facts(&mut engine, &schema, Role::Annotator, Kind::Workspace);
    assert_eq!(workspaces, [all(&[]), all(&[WorkspaceCreator, WorkspaceMember]), all(&[])]);

    let projects = facts(&mut engine, &schema, Role::Annotator, Kind::Project);
    let expected = [
        all(&[]),
        all(&[WorkspaceCreator, WorkspaceMember, ProjectCreator, OwnDataPermitted]),
        all(&[ActsAsReviewer]),
        all(&[]), // in no organization
        all(&[ActsAsAnnotator]),
        all(&[ActsAsAnnotator]),
    ];
    assert_eq!(projects, expected);

    let tasks = facts(&mut engine, &schema, Role::Reviewer, Kind::Task);
    let of_project = expected[1];
    assert_eq!(tasks, [all(&[]), all(&[]), all(&[]), of_project.with(Assignee)]);

    let records = facts(&mut engine, &schema, Role::Reviewer, Kind::Record);
    assert_eq!(records, [all(&[]), all(&[]), all(&[]), of_project.with(Author)]);
}

/// Nobody is found by NULL, nor by a role that cannot be read.
fn nulls_are_nobody(mut engine: impl Engine, dialect: Dialect) {
    let schema = Schema::new(dialect);
    engine.run(TABLES);
    engine.run(
        "CREATE TABLE organization_members (organization_id BIGINT, user_id BIGINT, role TEXT);
         INSERT INTO organization_members VALUES
            (1, 1, 'OW'), (1, 2, NULL), (1, 3, 'ow'), (1, 4, 'OW '), (1, NULL, 'OW'), (NULL, 5, 'OW'), (2, 6, 'OW'),
            (1, 7, 'RE'), (1, 8, 'RE'), (1, 9, 'RE'), (1, 10, 'AN'), (1, 11, 'DI'), (1, 12, 'NO'), (1, 13, 'RE');
         INSERT INTO projects VALUES (1, 1, NULL, NULL, NULL), (2, NULL, NULL, NULL, NULL);
         INSERT INTO project_members VALUES
            (1, 7), (1, 8), (1, 9), (1, 10), (1, 11), (1, 12), (1, NULL), (NULL, 13),
            (2, 1), (2, 7), (2, 10);
         INSERT INTO project_roles VALUES (1, 8, NULL), (1, 9, 're'), (1, 10, 'RE'), (1, NULL, 'AN'), (NULL, 7, 'AN');",
    );
    for secured in [false, true] {
        let mut schema = schema.clone();
        schema.is_secured = secured;
        let ada = Subject::new(OrganizationId(1), UserId(1), Role::Owner);
        for (project, expected) in [(1, &[1, 7, 10][..]), (2, &[]), (3, &[])] {
            let row = ada.row(ProjectId(project), OrganizationId(1), 0).expect("facts");
            let people = ada.authorize_people(act::ReviewAnnotations, &row).expect("people");
            let page = schema.people(&people, &Page::of(50));
            let users = engine.select(&page).into_iter().map(|mut row| row.remove(0));
            let expected: Vec<_> = expected.iter().copied().map(Value::Integer).collect();
            assert_eq!(users.collect::<Vec<_>>(), expected);
            let count = engine.select(&schema.count_people(&people));
            let expected_count = expected.len().try_into().expect("a number");
            assert_eq!(count, [[Value::Integer(expected_count)]]);
            let matching = Query::select()
                .column(("organization_members", "user_id"))
                .from("organization_members")
                .and_where(schema.is_person(&people))
                .order_by(("organization_members", "user_id"), Order::Asc)
                .to_owned();
            assert_eq!(engine.select(&matching).concat(), expected);
        }
    }
}

mod sqlite {
    use super::*;

    #[test]
    fn nulls_are_nobody() {
        super::nulls_are_nobody(Sqlite::create(), Dialect::Sqlite);
    }

    #[test]
    fn nulls_are_no_facts() {
        super::nulls_are_no_facts(Sqlite::create(), Dialect::Sqlite);
    }

    /// SQLite keeps anything in a column.
    #[test]
    fn values_that_are_no_booleans_are_no_facts() {
        let mut engine = Sqlite::create();
        engine.run(TABLES);
        engine.run(
            "INSERT INTO workspaces VALUES (1, 1, NULL, 'false'), (2, 1, NULL, ''), (3, 1, NULL, 2);
             INSERT INTO workspace_members VALUES (1, 7), (2, 7), (3, 7);
             INSERT INTO projects VALUES (1, 1, 1, NULL, 'true'), (2, 1, 2, NULL, 2), (3, 1, 3, 'x', x'01');
             INSERT INTO project_roles VALUES (1, 7, 1), (2, 7, x'414e'), (3, 7, 'AN ');",
        );
        let schema = Schema::sqlite();
        for kind in [Kind::Workspace, Kind::Project] {
            let selected = facts(&mut engine, &schema, Role::Annotator, kind);
            assert_eq!(selected, [Facts::none(); 3], "{kind}");
        }
    }
}

mod postgres {
    use super::*;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn nulls_are_nobody() {
        super::nulls_are_nobody(Postgres::create(), Dialect::Postgres);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn nulls_are_no_facts() {
        super::nulls_are_no_facts(Postgres::create(), Dialect::Postgres);
    }
}
