//! All that the database has: compared before and after, and set back.

use std::collections::{BTreeMap, BTreeSet};

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
    /// How each table is set back, and all sequences.
    restore: Vec<(String, String)>,
    sequences: String,
}

impl Saved {
    /// A state in which whatever was drawn or read from a clock since is the same: secrets, hashes and times.
    pub fn without_chance(&self, mut state: State) -> State {
        let known: BTreeSet<_> =
            self.state.values().flatten().flat_map(|row| row.split('"')).collect();
        let is_drawn =
            |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_time = |text: &str| {
            text.len() >= 19 && text.starts_with("20") && text.matches(':').count() >= 2
        };
        for row in state.values_mut().flatten() {
            let texts = row.split('"').map(|text| match text {
                _ if known.contains(text) => text,
                _ if is_drawn(text) => "drawn",
                _ if is_time(text) => "now",
                _ => text,
            });
            *row = texts.collect::<Vec<_>>().join("\"");
        }
        state.values_mut().for_each(|rows| rows.sort());
        state
    }
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
                true => format!("STRING_AGG(ROW_TO_JSON({table})::TEXT, CHR(10))"),
                false => {
                    let columns = format!("SELECT name FROM pragma_table_info('{table}')");
                    let columns = self.texts(&columns).await;
                    let columns = columns.iter().map(|name| format!("'{name}', {name}"));
                    let columns = columns.collect::<Vec<_>>().join(", ");
                    format!("group_concat(json_object({columns}), char(10))")
                }
            };
            select.push(format!("SELECT '{table}', {row} FROM {table}"));
        }
        let mut restore = Vec::new();
        for table in &tables {
            let saved = self.keep(table).await;
            let sql = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM {saved};");
            restore.push((table.clone(), sql));
        }
        let sequences = if self.is_postgres() { self.sequences().await } else { String::new() };
        let select = select.join(" UNION ALL ");
        Saved { state: self.state_by(&select).await, select, restore, sequences }
    }

    /// Copies a table, and returns where to.
    async fn keep(&self, table: &str) -> String {
        let (before, saved) = match self.is_postgres() {
            true => ("CREATE SCHEMA IF NOT EXISTS saved", format!("saved.{table}")),
            false => ("", format!("temp.saved_{table}")),
        };
        let drop = format!("DROP TABLE IF EXISTS {saved}");
        self.run(&format!("{before}; {drop}; CREATE TABLE {saved} AS SELECT * FROM {table}")).await;
        saved
    }

    /// Sets the sequences back, but that of the log, which is kept.
    async fn sequences(&self) -> String {
        let sequences = "SELECT sequencename::TEXT FROM pg_sequences \
            WHERE schemaname = 'public' AND sequencename NOT LIKE 'activity%'";
        let mut restore = String::new();
        for sequence in self.texts(sequences).await {
            let state = format!("SELECT last_value, is_called FROM {sequence}");
            for state in self.rows(&state, []).await {
                let last: i64 = state.try_get_by_index(0).expect("an id");
                let is_called: bool = state.try_get_by_index(1).expect("a boolean");
                restore += &format!("SELECT setval('{sequence}', {last}, {is_called});");
            }
        }
        restore
    }

    async fn state_by(&self, select: &str) -> State {
        let mut state = State::new();
        for row in self.rows(select, []).await {
            let table = row.try_get_by_index(0).expect("a name");
            let rows: Option<String> = row.try_get_by_index(1).expect("rows, or NULL for none");
            let mut rows: Vec<_> =
                rows.iter().flat_map(|rows| rows.lines()).map(str::to_owned).collect();
            rows.sort_unstable();
            state.insert(table, rows);
        }
        state
    }

    /// What the database has now.
    pub async fn state(&self, saved: &Saved) -> State {
        self.state_by(&saved.select).await
    }

    /// Sets the tables back that are not as they were.
    pub async fn restore(&self, saved: &Saved, now: &State) {
        let tables =
            saved.restore.iter().filter(|(table, _)| now.get(table) != saved.state.get(table));
        let tables: String = tables.map(|(_, sql)| sql.as_str()).collect();
        let (begin, end) = match self.is_postgres() {
            // Foreign keys are triggers, which do not fire for a replica.
            true => ("BEGIN; SET LOCAL session_replication_role = replica;", "COMMIT"),
            false => ("PRAGMA foreign_keys = OFF; BEGIN;", "COMMIT; PRAGMA foreign_keys = ON"),
        };
        self.run(&format!("{begin}{tables}{}{end}", saved.sequences)).await;
    }
}
