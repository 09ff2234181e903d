//! What the two engines are asked, and the values they are asked with.

use labelgate::sql;
use sea_query::{Nullable, PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder};

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

impl From<Dialect> for sql::Dialect {
    fn from(dialect: Dialect) -> sql::Dialect {
        match dialect {
            Dialect::Sqlite => sql::Dialect::Sqlite,
            Dialect::Postgres => sql::Dialect::Postgres,
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
    Uuid(u128),
}

impl From<sea_query::Value> for Value {
    fn from(value: sea_query::Value) -> Value {
        use sea_query::Value as Sea;
        match value {
            Sea::Bool(Some(is_so)) => Value::Bool(is_so),
            Sea::Int(Some(number)) => Value::Integer(number.into()),
            Sea::BigInt(Some(number)) => Value::Integer(number),
            Sea::BigInt(None) => Value::Null,
            Sea::BigUnsigned(Some(number)) => Value::Integer(number.try_into().expect("an i64")),
            Sea::String(Some(text)) => Value::Text(text),
            other => panic!("no value of these tests: {other:?}"),
        }
    }
}

impl From<Value> for sea_query::Value {
    fn from(value: Value) -> sea_query::Value {
        match value {
            Value::Null => sea_query::Value::BigInt(None),
            Value::Bool(is_so) => is_so.into(),
            Value::Integer(number) => number.into(),
            Value::Text(text) => text.into(),
            Value::Uuid(_) => panic!("sea-query takes them with a feature: see tests/uuid"),
        }
    }
}

impl Nullable for Value {
    fn null() -> sea_query::Value {
        Value::Null.into()
    }
}

/// A database. Statements that fail panic: tests have nothing else to do about it.
pub trait Engine {
    fn dialect(&self) -> Dialect;

    /// Runs statements that bind nothing.
    fn run(&mut self, sql: &str);

    /// All rows that a statement selects.
    fn rows(&mut self, sql: &str, binds: &[Value]) -> Vec<Vec<Value>>;

    /// All rows that a query of sea-query selects.
    fn select(&mut self, query: &SelectStatement) -> Vec<Vec<Value>> {
        let (sql, binds) = match self.dialect() {
            Dialect::Sqlite => query.build(SqliteQueryBuilder),
            Dialect::Postgres => query.build(PostgresQueryBuilder),
        };
        let binds: Vec<Value> = binds.into_iter().map(Value::from).collect();
        self.rows(&sql, &binds)
    }

    /// The first column of all rows.
    fn column(&mut self, sql: &str, binds: &[Value]) -> Vec<Value> {
        let rows = self.rows(sql, binds).into_iter();
        rows.map(|row| row.into_iter().next().expect("a column")).collect()
    }
}
