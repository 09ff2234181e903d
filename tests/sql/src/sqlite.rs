//! SQLite, in memory.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::{Dialect, Engine, Value};

pub struct Sqlite {
    pub connection: Connection,
}

impl Sqlite {
    /// A database of its own.
    pub fn create() -> Sqlite {
        let connection = Connection::open_in_memory().expect("a database in memory");
        connection.set_prepared_statement_cache_capacity(4096);
        Sqlite { connection }
    }
}

impl Engine for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn run(&mut self, sql: &str) {
        self.connection.execute_batch(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }

    fn rows(&mut self, sql: &str, binds: &[Value]) -> Vec<Vec<Value>> {
        self.try_rows(sql, binds).unwrap_or_else(|error| panic!("{error}\n{sql}\n{binds:?}"))
    }
}

impl Sqlite {
    fn try_rows(&mut self, sql: &str, binds: &[Value]) -> rusqlite::Result<Vec<Vec<Value>>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(binds))?;
        let mut values = Vec::new();
        while let Some(row) = rows.next()? {
            let value = |column| {
                Ok(match row.get_ref(column)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(number) => Value::Integer(number),
                    ValueRef::Text(text) => {
                        Value::Text(String::from_utf8(text.to_vec()).expect("UTF-8"))
                    }
                    ValueRef::Blob(bytes) => {
                        Value::Uuid(u128::from_be_bytes(bytes.try_into().expect("a UUID")))
                    }
                    other => panic!("no value of these tests: {other:?}"),
                })
            };
            values.push((0..columns).map(value).collect::<rusqlite::Result<_>>()?);
        }
        Ok(values)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        if let Value::Uuid(id) = self {
            return Ok(ToSqlOutput::from(id.to_be_bytes().to_vec()));
        }
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Bool(is_so) => ValueRef::Integer((*is_so).into()),
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Uuid(_) => unreachable!("it is not borrowed"),
        }))
    }
}
