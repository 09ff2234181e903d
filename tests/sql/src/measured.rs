//! What a statement touches: SQLite's VM steps, PostgreSQL's buffers.

use std::env;
use std::fmt::Write as _;
use std::time::Instant;

use rusqlite::StatementStatus;

use crate::{Dialect, Engine, Postgres, Sqlite, Value};

/// Settings under which SQLite loads many rows, of a database that nobody keeps.
pub const SETTINGS: &str =
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000";

/// What a statement begins with that selects from `s`, whose column `i` counts up from 0.
pub fn series(dialect: Dialect, n: i64) -> String {
    match dialect {
        Dialect::Sqlite => {
            format!(
                "WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {n} - 1)"
            )
        }
        Dialect::Postgres => format!("WITH s(i) AS (SELECT generate_series(0::bigint, {n} - 1))"),
    }
}

/// Makes the tables of members and of what they are in.
pub fn create_tables(engine: &mut impl Engine) {
    if engine.dialect() == Dialect::Sqlite {
        engine.run(SETTINGS);
    }
    engine.run(
        "CREATE TABLE organization_members (organization_id BIGINT NOT NULL, user_id BIGINT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (organization_id, user_id));
         CREATE TABLE workspaces (id BIGINT NOT NULL, organization_id BIGINT NOT NULL, created_by BIGINT, is_personal BOOLEAN NOT NULL, PRIMARY KEY (id));
         CREATE TABLE workspace_members (workspace_id BIGINT NOT NULL, user_id BIGINT NOT NULL, PRIMARY KEY (workspace_id, user_id));
         CREATE TABLE projects (id BIGINT NOT NULL, organization_id BIGINT NOT NULL, workspace_id BIGINT, created_by BIGINT, show_annotation_history BOOLEAN NOT NULL, PRIMARY KEY (id));
         CREATE TABLE project_members (project_id BIGINT NOT NULL, user_id BIGINT NOT NULL, PRIMARY KEY (project_id, user_id));
         CREATE TABLE project_roles (project_id BIGINT NOT NULL, user_id BIGINT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (project_id, user_id, role));
         CREATE TABLE tasks (id BIGINT NOT NULL, project_id BIGINT NOT NULL, PRIMARY KEY (id));
         CREATE TABLE task_assignees (task_id BIGINT NOT NULL, user_id BIGINT NOT NULL, project_id BIGINT NOT NULL, PRIMARY KEY (task_id, user_id));
         CREATE TABLE annotations (id BIGINT NOT NULL, task_id BIGINT NOT NULL, completed_by BIGINT, PRIMARY KEY (id));",
    );
}

/// An engine that says what a query touched.
pub trait Measured: Engine {
    /// Milliseconds, and VM steps or buffers.
    fn measure(&mut self, sql: &str, binds: &[Value]) -> (f64, u64);
    fn plan(&mut self, sql: &str, binds: &[Value]) -> String;
    /// Rows one after the other, until enough were taken: the same two figures.
    fn take(
        &mut self,
        sql: &str,
        binds: &[Value],
        take: &mut dyn FnMut(i64, i64) -> bool,
    ) -> (f64, u64);

    /// What a statement touches that is planned once for all values, as a database may plan one that is
    /// prepared. SQLite plans no other way.
    fn prepared(&mut self, sql: &str, binds: &[Value]) -> u64 {
        self.measure(sql, binds).1
    }
}

impl Measured for Sqlite {
    fn measure(&mut self, sql: &str, binds: &[Value]) -> (f64, u64) {
        let mut statement = self.connection.prepare(sql).unwrap_or_else(|e| panic!("{e}\n{sql}"));
        let mut run = || {
            statement.reset_status(StatementStatus::VmStep);
            let start = Instant::now();
            let mut rows = statement.query(rusqlite::params_from_iter(binds)).expect("rows");
            while rows.next().expect("a row").is_some() {}
            drop(rows);
            (milliseconds(start), statement.get_status(StatementStatus::VmStep) as u64)
        };
        median([0; 5].map(|_| run()))
    }

    fn plan(&mut self, sql: &str, binds: &[Value]) -> String {
        let rows = self.rows(&format!("EXPLAIN QUERY PLAN {sql}"), binds);
        let line = |row: Vec<Value>| format!("{:?}\n", row[3]);
        rows.into_iter().map(line).collect()
    }

    fn take(
        &mut self,
        sql: &str,
        binds: &[Value],
        take: &mut dyn FnMut(i64, i64) -> bool,
    ) -> (f64, u64) {
        let mut statement = self.connection.prepare(sql).expect("a statement");
        let start = Instant::now();
        let mut rows = statement.query(rusqlite::params_from_iter(binds)).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            if !take(row.get(0).expect("an id"), row.get(1).expect("facts")) {
                break;
            }
        }
        drop(rows);
        (milliseconds(start), statement.get_status(StatementStatus::VmStep) as u64)
    }
}

impl Measured for Postgres {
    fn measure(&mut self, sql: &str, binds: &[Value]) -> (f64, u64) {
        let mut run = || {
            let start = Instant::now();
            self.rows(sql, binds);
            milliseconds(start)
        };
        let mut times = [0; 5].map(|_| run());
        times.sort_by(f64::total_cmp);
        (times[2], buffers(&self.plan(sql, binds)))
    }

    fn plan(&mut self, sql: &str, binds: &[Value]) -> String {
        let rows = self.rows(&format!("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}"), binds);
        let mut plan = String::new();
        for row in rows {
            let Value::Text(line) = &row[0] else { panic!("{row:?}") };
            writeln!(plan, "{line}").expect("a string");
        }
        plan
    }

    fn take(
        &mut self,
        sql: &str,
        binds: &[Value],
        take: &mut dyn FnMut(i64, i64) -> bool,
    ) -> (f64, u64) {
        let start = Instant::now();
        for row in self.rows(sql, binds) {
            let [Value::Integer(id), Value::Integer(facts)] = row[..] else { panic!("{row:?}") };
            if !take(id, facts) {
                break;
            }
        }
        (milliseconds(start), buffers(&self.plan(sql, binds)))
    }

    fn prepared(&mut self, sql: &str, binds: &[Value]) -> u64 {
        let values: Vec<_> = binds.iter().map(literal).collect();
        let values =
            if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
        self.run(&format!("SET plan_cache_mode = force_generic_plan; PREPARE once AS {sql}"));
        let plan = self.plan(&format!("EXECUTE once{values}"), &[]);
        self.run("DEALLOCATE once; RESET plan_cache_mode");
        if env::var_os("PLANS").is_some() {
            println!("\nplanned once for all values:\n{plan}");
        }
        buffers(&plan)
    }
}

pub fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(is_so) => is_so.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Uuid(id) => format!("'{id:032x}'"),
    }
}

/// Of the top node, which has those of all others.
pub fn buffers(plan: &str) -> u64 {
    let line = plan.lines().find(|line| line.contains("Buffers: shared")).unwrap_or("");
    // Behind a comma are those of temporary files.
    let line = line.split(',').next().unwrap_or("");
    let number = |word: &str| -> u64 {
        let after = line.split(word).nth(1).unwrap_or("0");
        after.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
    };
    number("hit=") + number("read=")
}

pub fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn median(mut runs: [(f64, u64); 5]) -> (f64, u64) {
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    runs[2]
}
