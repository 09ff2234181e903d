//! How rows change: each function takes the proof that somebody may. A row is changed in the version that was
//! checked: a permit for a project does not rename another, nor the same one after somebody else changed it.

use labelgate::decision::Granted;
use labelgate::membership::Approved;
use labelgate::row::RowId;
use labelgate::{ActionType, Permit, act};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::problem::{Failure, Result, conflict};
use crate::rows::{Annotation, Project, RowPermit, Table, Workspace};
use crate::transaction::{Tx, Values, values};

/// The action that changes rows of a table. `update` does not compile with a permit for another action.
pub trait Changes<T>: ActionType {}
impl Changes<Workspace> for act::ChangeWorkspace {}
impl Changes<Project> for act::ChangeProject {}
impl Changes<Annotation> for act::ChangeAnnotations {}

/// The action that deletes rows of a table, for `delete`.
pub trait Deletes<T>: ActionType {}
impl Deletes<Workspace> for act::DeleteWorkspace {}
impl Deletes<Project> for act::DeleteProject {}

/// What labelgate returns where it permits something. There is no other way to get one.
pub trait Proof {}
impl<A, R> Proof for Permit<A, R> {}
impl Proof for Granted {}
impl<C> Proof for Approved<C> {}

#[derive(FromQueryResult)]
struct Inserted {
    id: i64,
}

impl Tx {
    /// Changes columns of the row that was checked.
    pub async fn update<A: Changes<T>, T: Table>(
        &self,
        permit: RowPermit<A, T>,
        columns: impl IntoIterator<Item = (&'static str, Expr)>,
    ) -> Result<()> {
        let row = permit.row().data();
        let query = Query::update()
            .table(T::NAME)
            .values(columns)
            .value("version", Expr::col("version").add(1))
            .and_where(Expr::col("id").eq(*row.id().value()))
            .and_where(Expr::col("version").eq(row.version()))
            .to_owned();
        one(self.0.execute(&query).await?.rows_affected())
    }

    /// Deletes the row that was checked.
    pub async fn delete<A: Deletes<T>, T: Table>(&self, permit: RowPermit<A, T>) -> Result<()> {
        let row = permit.row().data();
        let sql = format!("DELETE FROM {} WHERE id = $1 AND version = $2", T::NAME);
        self.change(&permit, &sql, values![*row.id().value(), row.version()]).await
    }

    /// Runs a statement that changes any number of rows.
    pub async fn write(&self, _: &impl Proof, sql: &str, values: impl Values) -> Result<u64> {
        self.execute(sql, values).await
    }

    /// Runs a statement that changes one row, where that is still as it was checked.
    pub async fn change(&self, _: &impl Proof, sql: &str, values: impl Values) -> Result<()> {
        one(self.execute(sql, values).await?)
    }

    /// Returns the id of the row that a statement inserts, beside a row that is still as it was checked.
    pub async fn insert(&self, _: &impl Proof, sql: &str, values: impl Values) -> Result<i64> {
        self.insert_unchecked(sql, values).await
    }

    /// The same where nothing has to be permitted: a new account, and the seed.
    pub async fn insert_unchecked(&self, sql: &str, values: impl Values) -> Result<i64> {
        let inserted: Option<Inserted> = self.one(&format!("{sql} RETURNING id"), values).await?;
        inserted.map(|row| row.id).ok_or_else(changed)
    }
}

/// Where the row is not there any more as it was, that is a conflict, and nothing changes.
fn one(rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(changed()) }
}

fn changed() -> Failure {
    conflict("changed in the meantime")
}
