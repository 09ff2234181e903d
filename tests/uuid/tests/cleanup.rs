//! Statements whose ids are UUIDs, bound by the crates that services bind them with: whoever is taken out of a project
//! leaves nothing in it, and everybody else stays.

use labelgate::sql::Schema;
use labelgate::{OrganizationId, ProjectId, Role, Subject, UserId, act};
use labelgate_sql_tests::schema::{TABLES, rows};
use labelgate_sql_tests::tables::uuid;
use labelgate_sql_tests::{Engine, Ids, Postgres, Sqlite, Value, World, load};
use sea_query::Values;
use sea_query_postgres::{PostgresValue, PostgresValues};
use sea_query_rusqlite::{RusqliteValue, RusqliteValues};
use uuid::Uuid;

/// A database that is written through the crate that binds the values.
trait Writes: Engine {
    /// Returns how many rows the statement deletes.
    fn write(&mut self, sql: &str, values: Values) -> u64;
}

impl Writes for Sqlite {
    fn write(&mut self, sql: &str, values: Values) -> u64 {
        let values = RusqliteValues(values.into_iter().map(RusqliteValue).collect());
        self.connection.execute(sql, &*values.as_params()).expect("a statement") as u64
    }
}

impl Writes for Postgres {
    fn write(&mut self, sql: &str, values: Values) -> u64 {
        let values = PostgresValues(values.into_iter().map(PostgresValue).collect());
        self.client.execute(sql, &values.as_params()).expect("a statement")
    }
}

fn id(of: i64) -> Uuid {
    Uuid::from_u128(uuid(of))
}

fn who_is_taken_out_leaves_nothing<E: Writes>(mut engine: E) {
    let world = World::generate(0);
    load(&mut engine, &world, Ids::UUID);
    let schema = Schema::new(engine.dialect().into());
    let cleanup = schema.cleanup(None, None).expect("a clean-up");
    let mut deleted = 0;
    for project in &world.projects {
        let here = OrganizationId(id(project.organization_id));
        let owner = Subject::new(here, UserId(id(0)), Role::Owner);
        let row = owner.row(ProjectId(id(project.id)), here, 0).expect("facts");
        let permit = owner.authorize(act::ChangeProject, row).expect("a permit");
        for &user in &world.users {
            engine.run("BEGIN");
            let statements = cleanup.statements_in_project(&permit, &UserId(id(user)));
            for (sql, values) in statements.expect("statements") {
                deleted += engine.write(&sql, values);
            }
            let left = world.without(project.id, user);
            for table in &TABLES {
                let mut found = engine.rows(&format!("SELECT * FROM {}", table.name), &[]);
                for value in found.iter_mut().flatten() {
                    // SQLite has no booleans.
                    if let Value::Integer(is_so) = *value {
                        *value = Value::Bool(is_so != 0);
                    }
                }
                let mut expected = rows(&left, table.name, Ids::UUID);
                found.sort();
                expected.sort();
                assert_eq!(found, expected, "{} of {user}", table.name);
            }
            engine.run("ROLLBACK");
        }
    }
    assert!(deleted > 20, "{deleted}");
}

#[test]
fn sqlite() {
    who_is_taken_out_leaves_nothing(Sqlite::create());
}

#[test]
#[ignore = "needs PostgreSQL"]
fn postgres() {
    who_is_taken_out_leaves_nothing(Postgres::create());
}
