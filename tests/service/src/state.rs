//! All that the database has: compared before and after, and set back.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend};

use crate::Service;

/// What is no part of the state: the log of what was asked, and the version of the tables.
const APART: [&str; 2] = ["activity", "migrations"];

/// The rows of all tables, each as JSON, in the order of their text.
pub type State = BTreeMap<String, Vec<String>>;

/// A state that the database can be set back to. Its rows are kept in tables of their own.
pub struct Saved {
    pub state: State,
    select: String,
    restore: String,
}

impl Service {
    fn is_postgres(&self) -> bool {
        self.owner.get_database_backend() == DbBackend::Postgres
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.rows(sql, []).await;
        rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
    }

    async fn run(&self, script: &str) {
        let done = self.owner.execute_unprepared(script).await;
        done.unwrap_or_else(|error| panic!("{error}: {script}"));
    }

    /// Keeps what the database has now.
    pub async fn save(&self) -> Saved {
        let tables = match self.is_postgres() {
            true => "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
            false => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1",
        };
        let mut tables = self.texts(tables).await;
        tables.retain(|table| !APART.contains(&table.as_str()));
        let mut select = Vec::new();
        for table in &tables {
            let row = match self.is_postgres() {
                true => format!("row_to_json({table})::TEXT"),
                false => {
                    let columns = format!("SELECT name FROM pragma_table_info('{table}')");
                    let columns = self.texts(&columns).await;
                    let columns = columns.iter().map(|name| format!("'{name}', {name}"));
                    format!("json_object({})", columns.collect::<Vec<_>>().join(", "))
                }
            };
            select.push(format!("SELECT '{table}', {row} FROM {table}"));
        }
        let restore = match self.is_postgres() {
            true => self.save_in_postgres(&tables).await,
            false => self.save_in_sqlite(&tables).await,
        };
        let select = select.join(" UNION ALL ");
        Saved { state: self.state_by(&select).await, select, restore }
    }

    /// Foreign keys are triggers, which do not fire for a replica.
    async fn save_in_postgres(&self, tables: &[String]) -> String {
        self.run("DROP SCHEMA IF EXISTS saved CASCADE; CREATE SCHEMA saved").await;
        let mut restore = "BEGIN; SET LOCAL session_replication_role = replica;".to_owned();
        for table in tables {
            self.run(&format!("CREATE TABLE saved.{table} AS TABLE {table}")).await;
            restore += &format!("DELETE FROM {table}; INSERT INTO {table} TABLE saved.{table};");
        }
        let sequences = "SELECT sequencename::TEXT FROM pg_sequences \
            WHERE schemaname = 'public' AND sequencename NOT LIKE 'activity%'";
        for sequence in self.texts(sequences).await {
            let last = format!("SELECT last_value FROM {sequence} WHERE is_called");
            for last in self.rows(&last, []).await {
                let last: i64 = last.try_get_by_index(0).expect("an id");
                restore += &format!("SELECT setval('{sequence}', {last});");
            }
        }
        restore + "COMMIT"
    }

    async fn save_in_sqlite(&self, tables: &[String]) -> String {
        let mut restore = "PRAGMA foreign_keys = OFF; BEGIN;".to_owned();
        for table in tables {
            let script = format!(
                "DROP TABLE IF EXISTS temp.saved_{table}; \
                 CREATE TEMP TABLE saved_{table} AS SELECT * FROM {table}"
            );
            self.run(&script).await;
            restore +=
                &format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM saved_{table};");
        }
        restore + "COMMIT; PRAGMA foreign_keys = ON"
    }

    async fn state_by(&self, select: &str) -> State {
        let mut state = State::new();
        for row in self.rows(select, []).await {
            let text = |column| row.try_get_by_index::<String>(column).expect("a text");
            state.entry(text(0)).or_default().push(text(1));
        }
        state.values_mut().for_each(|rows| rows.sort());
        state
    }

    /// What the database has now.
    pub async fn state(&self, saved: &Saved) -> State {
        self.state_by(&saved.select).await
    }

    /// Sets the database back.
    pub async fn restore(&self, saved: &Saved) {
        self.run(&saved.restore).await;
    }
}
