//! Indexes are on what the schema names, or refused by the database; and none is taken for another.

use std::collections::BTreeSet;

use labelgate::sql::{Dialect, Schema};
use labelgate_sql_tests::{Engine, Ids, Postgres, Sqlite, Value, World, load};
use sea_query::DynIden;

/// A database in which a statement may fail.
trait Tried: Engine {
    fn tried(&mut self, sql: &str) -> Result<(), String>;

    /// The names of the indexes whose definition has a text.
    fn indexes_with(&mut self, text: &str) -> Vec<String>;
}

impl Tried for Sqlite {
    fn tried(&mut self, sql: &str) -> Result<(), String> {
        self.connection.execute_batch(sql).map_err(|error| error.to_string())
    }

    fn indexes_with(&mut self, text: &str) -> Vec<String> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'index' AND instr(sql, ?1) > 0";
        names(self.column(sql, &[Value::Text(text.to_owned())]))
    }
}

impl Tried for Postgres {
    fn tried(&mut self, sql: &str) -> Result<(), String> {
        self.client.batch_execute(sql).map_err(|error| format!("{error:?}"))
    }

    fn indexes_with(&mut self, text: &str) -> Vec<String> {
        let sql = "SELECT indexname::text FROM pg_indexes WHERE strpos(indexdef, $1) > 0";
        names(self.column(sql, &[Value::Text(text.to_owned())]))
    }
}

fn names(column: Vec<Value>) -> Vec<String> {
    let name = |value| match value {
        Value::Text(name) => name,
        other => panic!("no name: {other:?}"),
    };
    column.into_iter().map(name).collect()
}

/// A column that an index is on, by its table.
type Column = (&'static str, &'static str, fn(&mut Schema) -> &mut DynIden);

const COLUMNS: [Column; 21] = [
    ("workspaces", "id", |schema| &mut schema.workspaces.id),
    ("workspaces", "organization_id", |schema| &mut schema.workspaces.organization_id),
    ("workspaces", "created_by", |schema| &mut schema.workspaces.created_by),
    ("workspace_members", "workspace_id", |schema| &mut schema.workspace_members.workspace_id),
    ("workspace_members", "user_id", |schema| &mut schema.workspace_members.user_id),
    ("projects", "id", |schema| &mut schema.projects.id),
    ("projects", "organization_id", |schema| &mut schema.projects.organization_id),
    ("projects", "workspace_id", |schema| &mut schema.projects.workspace_id),
    ("projects", "created_by", |schema| &mut schema.projects.created_by),
    ("project_members", "project_id", |schema| &mut schema.project_members.project_id),
    ("project_members", "user_id", |schema| &mut schema.project_members.user_id),
    ("project_roles", "project_id", |schema| &mut schema.project_roles.project_id),
    ("project_roles", "user_id", |schema| &mut schema.project_roles.user_id),
    ("project_roles", "role", |schema| &mut schema.project_roles.role),
    ("tasks", "id", |schema| &mut schema.tasks.id),
    ("tasks", "project_id", |schema| &mut schema.tasks.project_id),
    ("task_assignees", "task_id", |schema| &mut schema.task_assignees.task_id),
    ("task_assignees", "user_id", |schema| &mut schema.task_assignees.user_id),
    ("annotations", "id", |schema| &mut schema.records.id),
    ("annotations", "task_id", |schema| &mut schema.records.task_id),
    ("annotations", "completed_by", |schema| &mut schema.records.completed_by),
];

fn loaded<E: Tried>(create: fn() -> E) -> E {
    let mut engine = create();
    load(&mut engine, &World::generate(0), Ids::INTEGER);
    engine
}

/// A column is misnamed: the database says so. Once its name is mended, the index is on it.
fn a_misnamed_column<E: Tried>(create: fn() -> E, dialect: Dialect) {
    let mut engine = loaded(create);
    let right = Schema::new(dialect).indexes();
    for (table, column, of) in COLUMNS {
        let misspelt = format!("{column}_");
        let mut schema = Schema::new(dialect);
        *of(&mut schema) = misspelt.clone().into();
        let wrong = schema.indexes();
        let is_on_it = |index: &&String| !right.contains(index);
        assert_ne!(wrong.iter().filter(is_on_it).count(), 0, "{table}.{column}");
        for index in wrong.iter().filter(is_on_it) {
            let refused = engine.tried(index).expect_err(index);
            assert!(refused.contains(&misspelt), "{refused}");
        }
        for index in &right {
            engine.run(index);
        }
    }
    let labelgates = engine.indexes_with("labelgate");
    assert_eq!(labelgates.len(), right.len());
    // A column is renamed: the index on it has another name, and is made beside the old one.
    for (table, column, of) in COLUMNS {
        let renamed = format!("{column}_of_old");
        engine.run(&format!("ALTER TABLE {table} RENAME COLUMN {column} TO {renamed}"));
        engine.run(&format!("ALTER TABLE {table} ADD COLUMN {column} INTEGER"));
        let mut schema = Schema::new(dialect);
        *of(&mut schema) = renamed.clone().into();
        let before = engine.indexes_with(&renamed).len();
        let made = schema.indexes().into_iter().filter(|index| index.contains(&renamed));
        let made: Vec<_> = made.collect();
        made.iter().for_each(|index| engine.run(index));
        assert_eq!(engine.indexes_with(&renamed).len(), before + made.len(), "{table}.{column}");
    }
}

/// No two names of indexes are one: not where names differ at their ends alone, nor where a table and a column
/// are named alike.
fn every_index_has_a_name<E: Tried>(create: fn() -> E, dialect: Dialect) {
    let mut engine = create();
    let [t, c] = ["t", "c"].map(|letter| letter.repeat(62));
    let on = |table: &str, column: &str| (table.to_owned(), column.to_owned());
    let all = [
        on("a_b", "c"),
        on("a", "b_c"),
        on("a b", "c"),
        on("a", "b c"),
        on("\u{e4}`\"?$1", "b`c\"?$1"),
        on(&format!("{t}1"), &format!("{c}1")),
        on(&format!("{t}1"), &format!("{c}2")),
        on(&format!("{t}2"), &format!("{c}1")),
        on(&format!("{t}2"), &format!("{c}2")),
    ];
    let mut names = BTreeSet::new();
    for (table, column) in &all {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let (in_table, in_column) = (quoted(table), quoted(column));
        engine.run(&format!("CREATE TABLE IF NOT EXISTS {in_table} (id INTEGER)"));
        engine.run(&format!("ALTER TABLE {in_table} ADD COLUMN {in_column} INTEGER"));
        let mut schema = Schema::new(dialect);
        schema.projects.table = table.clone().into();
        let others = schema.indexes();
        schema.projects.created_by = column.clone().into();
        let index = schema.indexes().into_iter().find(|index| !others.contains(index));
        let index = index.expect("an index on the column");
        engine.run(&index);
        let name = index.split('"').nth(1).expect("a name");
        assert!(name.len() <= 63 && name.starts_with("labelgate_"), "{name}");
        assert!(names.insert(name.to_owned()), "{name}");
    }
    assert_eq!(engine.indexes_with("labelgate").into_iter().collect::<BTreeSet<_>>(), names);
}

mod sqlite {
    use super::*;

    #[test]
    fn a_misnamed_column() {
        super::a_misnamed_column(Sqlite::create, Dialect::Sqlite);
    }

    #[test]
    fn every_index_has_a_name() {
        super::every_index_has_a_name(Sqlite::create, Dialect::Sqlite);
    }

    #[test]
    fn an_attached_database_has_its_own() {
        let mut engine = Sqlite::create();
        engine.run("ATTACH ':memory:' AS labels; CREATE TABLE labels.projects (id INTEGER, created_by INTEGER)");
        let mut schema = Schema::sqlite();
        schema.projects.table = ("labels", "projects").into();
        let of_projects = |index: &String| index.contains("\"projects\" (`created_by`, `id`)");
        let index = schema.indexes().into_iter().find(of_projects).expect("an index");
        engine.run(&index);
        let made =
            engine.column("SELECT count(*) FROM labels.sqlite_schema WHERE type = 'index'", &[]);
        assert_eq!(made, [Value::Integer(1)]);
    }
}

mod postgres {
    use super::*;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn a_misnamed_column() {
        super::a_misnamed_column(Postgres::create, Dialect::Postgres);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn every_index_has_a_name() {
        super::every_index_has_a_name(Postgres::create, Dialect::Postgres);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn another_schema_has_its_own() {
        let mut engine = Postgres::create();
        engine.run("CREATE SCHEMA labels; CREATE TABLE labels.projects (id INT8, created_by INT8)");
        let mut schema = Schema::postgres();
        schema.projects.table = ("labels", "projects").into();
        let of_projects = |index: &String| index.contains(r#""projects" ("created_by", "id")"#);
        let index = schema.indexes().into_iter().find(of_projects).expect("an index");
        engine.run(&index);
        assert_eq!(engine.indexes_with("ON labels.projects").len(), 1);
    }
}
