//! The transaction that a request is served in: the statements it runs, and what it locks. Handlers change
//! rows by the functions of `store`, which take proofs.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, Statement, Value};

use crate::problem::Result;

/// What is bound to `$1`, `$2` and so on.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        [$( sea_orm::Value::from($value) ),*]
    };
}

pub(crate) use values;

pub trait Values: IntoIterator<Item = Value> {}

impl<T: IntoIterator<Item = Value>> Values for T {}

/// A transaction. One that is dropped is rolled back.
pub struct Tx(pub(crate) DatabaseTransaction);

/// What a request does while others of the same organization are served. What takes something away from
/// somebody waits for all who write, and they for it: when a demotion is answered, nothing is carried out
/// any more that was decided before.
#[derive(Clone, Copy, PartialEq)]
pub enum Lock {
    /// It reads.
    None,
    /// It writes, and takes away nothing that a decision is made on.
    Shared,
    /// It changes or removes what decisions are made on: memberships, settings, rows.
    Exclusive,
}

/// A row whose columns do not matter.
#[derive(FromQueryResult)]
pub struct Exists {}

impl Tx {
    pub async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }

    fn is_postgres(&self) -> bool {
        self.0.get_database_backend() == DbBackend::Postgres
    }

    fn statement(&self, sql: &str, values: impl Values) -> Statement {
        Statement::from_sql_and_values(self.0.get_database_backend(), sql, values)
    }

    /// Returns how many rows the statement changed.
    pub async fn execute(&self, sql: &str, values: impl Values) -> Result<u64> {
        Ok(self.0.execute_raw(self.statement(sql, values)).await?.rows_affected())
    }

    pub async fn all<T: FromQueryResult>(&self, sql: &str, values: impl Values) -> Result<Vec<T>> {
        Ok(T::find_by_statement(self.statement(sql, values)).all(&self.0).await?)
    }

    pub async fn one<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl Values,
    ) -> Result<Option<T>> {
        Ok(self.all(sql, values).await?.pop())
    }

    pub async fn select<T: FromQueryResult>(&self, query: &SelectStatement) -> Result<Vec<T>> {
        let statement = self.0.get_database_backend().build(query);
        Ok(T::find_by_statement(statement).all(&self.0).await?)
    }

    /// Runs statements without values.
    pub async fn run_script(&self, sql: &str) -> Result<()> {
        self.0.execute_unprepared(sql).await?;
        Ok(())
    }

    /// Changes the role of the transaction. SQLite has none.
    pub async fn run_as(&self, role: &str) -> Result<()> {
        match self.is_postgres() {
            true => self.run_script(&format!("SET LOCAL ROLE {role}")).await,
            false => Ok(()),
        }
    }

    /// What a query ends with whose rows nobody else changes until the transaction ends. In SQLite nobody
    /// does: there is one connection.
    pub fn locking(&self, lock: Lock) -> &'static str {
        match lock {
            Lock::Shared if self.is_postgres() => " FOR SHARE",
            Lock::Exclusive if self.is_postgres() => " FOR UPDATE",
            _ => "",
        }
    }

    /// Locks an organization by the row of its settings, before anything is read that a decision is made on.
    pub async fn lock(&self, lock: Lock, organization: &str, values: impl Values) -> Result<()> {
        if lock == Lock::None {
            return Ok(());
        }
        let sql = format!(
            "SELECT 1 FROM organization_settings WHERE organization_id = ({organization}){}",
            self.locking(lock)
        );
        self.one::<Exists>(&sql, values).await.map(drop)
    }
}
