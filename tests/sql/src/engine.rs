//! What the two engines are asked, and the values they are asked with.

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The n-th placeholder, from 1.
    pub fn placeholder(self, n: usize) -> String {
        match self {
            Dialect::Sqlite => format!("?{n}"),
            Dialect::Postgres => format!("${n}"),
        }
    }
}

/// A value to bind, or a selected one. SQLite has no booleans: they come back as 0 and 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
}

/// A database. Statements that fail panic: tests have nothing else to do about it.
pub trait Engine {
    fn dialect(&self) -> Dialect;

    /// Runs statements that bind nothing.
    fn run(&mut self, sql: &str);

    /// All rows that a statement selects.
    fn rows(&mut self, sql: &str, binds: &[Value]) -> Vec<Vec<Value>>;

    /// The first column of all rows.
    fn column(&mut self, sql: &str, binds: &[Value]) -> Vec<Value> {
        let rows = self.rows(sql, binds).into_iter();
        rows.map(|row| row.into_iter().next().expect("a column")).collect()
    }
}
