//! The transaction of a request: running statements in it, and its locks.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement, Value,
};

use crate::problem::{Failure, changed};

/// A transaction. One that is dropped is rolled back.
pub struct Tx(pub(crate) DatabaseTransaction);

/// What a request does while others of the same organization are served. What takes something away from
/// somebody waits for all who write, and they for it: when a demotion is answered, nothing is carried out
/// any more that was decided before.
#[derive(Clone, Copy)]
pub enum Lock {
    /// It reads.
    None,
    /// It writes, and takes away nothing that a decision is made on.
    Shared,
    /// It changes or removes what decisions are made on: memberships, settings, rows.
    Exclusive,
}

#[derive(FromQueryResult)]
struct Locked {}

/// The id of a row that was inserted.
#[derive(FromQueryResult)]
struct Inserted {
    id: i64,
}

impl Tx {
    pub async fn commit(self) -> Result<(), DbErr> {
        self.0.commit().await
    }

    fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.0.get_database_backend(), sql, values)
    }

    /// Returns how many rows the statement changed.
    pub async fn execute(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64, DbErr> {
        Ok(self.0.execute_raw(self.statement(sql, values)).await?.rows_affected())
    }

    /// Changes the role of the transaction. SQLite has none.
    pub async fn run_as(&self, role: &str) -> Result<(), DbErr> {
        if self.0.get_database_backend() == DbBackend::Postgres {
            self.0.execute_unprepared(&format!("SET LOCAL ROLE {role}")).await?;
        }
        Ok(())
    }

    /// Changes the one row that was checked. Where it is not there any more as it was, that is a
    /// conflict, and nothing changes.
    pub async fn change(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), Failure> {
        match self.execute(sql, values).await? {
            1 => Ok(()),
            _ => Err(changed()),
        }
    }

    /// Returns the id of the row that is inserted, beside a row that is there as it was checked.
    pub async fn insert(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<i64, Failure> {
        let inserted = self.one::<Inserted>(&format!("{sql} RETURNING id"), values).await?;
        inserted.map(|row| row.id).ok_or_else(changed)
    }

    pub async fn one<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, DbErr> {
        T::find_by_statement(self.statement(sql, values)).one(&self.0).await
    }

    pub async fn all<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, DbErr> {
        T::find_by_statement(self.statement(sql, values)).all(&self.0).await
    }

    pub async fn select<T: FromQueryResult>(
        &self,
        query: &SelectStatement,
    ) -> Result<Vec<T>, DbErr> {
        let statement = self.0.get_database_backend().build(query);
        T::find_by_statement(statement).all(&self.0).await
    }

    /// Runs a query that returns nothing of interest.
    pub async fn set(&self, query: &SelectStatement) -> Result<(), DbErr> {
        self.0.execute(query).await.map(drop)
    }

    /// What a query ends with whose rows nobody else changes or locks until the transaction ends. In
    /// SQLite nobody does: there is one connection.
    pub fn for_update(&self) -> &'static str {
        match self.0.get_database_backend() {
            DbBackend::Postgres => " FOR UPDATE",
            _ => "",
        }
    }

    /// The same, where others may read the rows in this way too.
    pub fn for_share(&self) -> &'static str {
        match self.0.get_database_backend() {
            DbBackend::Postgres => " FOR SHARE",
            _ => "",
        }
    }

    /// Locks an organization by the row of its settings, before anything is read that a decision is made on.
    pub async fn lock(
        &self,
        lock: Lock,
        organization: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), DbErr> {
        let lock = match lock {
            Lock::None => return Ok(()),
            Lock::Shared => self.for_share(),
            Lock::Exclusive => self.for_update(),
        };
        let sql = format!(
            "SELECT 1 FROM organization_settings WHERE organization_id = ({organization}){lock}"
        );
        self.one::<Locked>(&sql, values).await.map(drop)
    }
}
