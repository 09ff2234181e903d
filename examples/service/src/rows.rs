//! Rows of the database, selected together with the facts of the user who asks. A handler gets them with
//! the proof that something may be done to them (`permit`), as a `list`, or to ask of them itself (`find`).

use labelgate::row::{InnerRowId, RowId};
use labelgate::sql::Page;
use labelgate::{
    ActionType, Listing, OrganizationId, Permit, ProjectId, RecordId, Subject, TaskId, WorkspaceId,
};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use serde::Serialize;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::columns::JsonText;
use crate::problem::Result;

/// A table whose rows actions are done to.
pub trait Table: FromQueryResult + Serialize {
    type Id: InnerRowId + RowId<Value = i64> + From<i64> + Clone + std::fmt::Display;
    const NAME: &'static str;
    const COLUMNS: &'static [&'static str];

    fn id(&self) -> Self::Id;
    fn version(&self) -> i64;
}

/// A row as one user sees it.
pub type Row<T> = labelgate::Row<<T as Table>::Id, T>;

/// The proof that something may be done to a row.
pub type RowPermit<A, T> = Permit<A, Row<T>>;

/// The id that a request names, and what was found by it.
pub type Found<T> = (<T as Table>::Id, Option<Row<T>>);

macro_rules! tables {
    ($( $Table:ident = $name:literal, $Id:ident {
        $( $(#[$meta:meta])* $column:ident: $ty:ty, )+
    } )+) => {$(
        #[derive(Clone, Debug, FromQueryResult, Serialize)]
        pub struct $Table {
            $( $(#[$meta])* pub $column: $ty, )+
        }

        impl Table for $Table {
            type Id = $Id<i64>;
            const NAME: &'static str = $name;
            const COLUMNS: &'static [&'static str] = &[$( stringify!($column) ),+];

            fn id(&self) -> $Id<i64> {
                $Id(self.id)
            }

            fn version(&self) -> i64 {
                self.version
            }
        }
    )+};
}

tables! {
    Workspace = "workspaces", WorkspaceId {
        id: i64, title: String, created_by: Option<i64>, is_personal: bool,
        #[serde(skip)] version: i64,
    }
    Project = "projects", ProjectId {
        id: i64, #[serde(rename = "workspace")] workspace_id: Option<i64>, title: String,
        created_by: Option<i64>, show_annotation_history: bool, #[serde(skip)] version: i64,
    }
    Task = "tasks", TaskId {
        id: i64, #[serde(rename = "project")] project_id: i64, data: JsonText,
        #[serde(skip)] version: i64,
    }
    Annotation = "annotations", RecordId {
        id: i64, #[serde(rename = "task")] task_id: i64, completed_by: Option<i64>,
        result: JsonText, #[serde(skip)] version: i64,
    }
}

/// A row as the database returns it: the columns of its table, its organization, and the facts.
pub struct Selected<T> {
    data: T,
    organization: i64,
    facts: i64,
}

impl<T: Table> FromQueryResult for Selected<T> {
    fn from_query_result(row: &QueryResult, pre: &str) -> Result<Self, DbErr> {
        let data = T::from_query_result(row, pre)?;
        let facts = row.try_get(pre, "facts")?;
        Ok(Self { data, organization: row.try_get(pre, "in_organization")?, facts })
    }
}

impl<T: Table> Selected<T> {
    pub fn row(self, subject: &Subject<i64>) -> Result<Row<T>, DbErr> {
        let row = subject.row(self.data.id(), OrganizationId(self.organization), self.facts);
        Ok(row.map_err(|error| DbErr::Type(error.to_string()))?.with(self.data))
    }
}

/// The columns of a row as the client reads them.
pub fn to_json<T: Table>(row: &Row<T>) -> Value {
    json!(row.data())
}

impl Caller {
    /// What each query for rows begins with.
    pub fn select<T: Table>(&self, subject: &Subject<i64>) -> SelectStatement {
        let schema = &self.app.database.schema;
        Query::select()
            .columns(T::COLUMNS.iter().map(|&column| (T::NAME, column)))
            .expr_as(schema.organization(T::Id::KIND), "in_organization")
            .expr_as(schema.facts(subject, T::Id::KIND), "facts")
            .from(T::NAME)
            .to_owned()
    }

    /// Reads a row, and asks for an action to it. Where that is not permitted, the answer is 403 or 404.
    pub async fn permit<T: Table, A: ActionType>(
        &self,
        action: A,
        id: i64,
    ) -> Result<RowPermit<A, T>> {
        let found = self.find::<T>(id).await?;
        self.logged().authorize(action, found)
    }

    /// Reads a row with its facts, also for who may not see it: the handler asks next.
    pub async fn find<T: Table>(&self, id: i64) -> Result<Found<T>> {
        Ok((id.into(), self.find_as(&self.subject, id).await?))
    }

    /// A row with the facts of somebody else.
    pub async fn find_as<T: Table>(
        &self,
        subject: &Subject<i64>,
        id: i64,
    ) -> Result<Option<Row<T>>> {
        let mut query = self.select::<T>(subject);
        query.and_where(Expr::col(self.app.database.schema.id(T::Id::KIND)).eq(id));
        let found: Option<Selected<T>> = self.tx.select(&query).await?.pop();
        Ok(found.map(|found| found.row(subject)).transpose()?)
    }

    /// The rows of a list, or of a page of it.
    pub async fn list<T: Table, A, I: RowId<Value = i64>, By>(
        &self,
        listing: &Listing<A, I>,
        page: &Page<By>,
    ) -> Result<Vec<Row<T>>> {
        let mut query = self.select::<T>(&self.subject);
        self.app.database.schema.paginate(&mut query, listing, page);
        let found: Vec<Selected<T>> = self.tx.select(&query).await?;
        Ok(found.into_iter().map(|found| found.row(&self.subject)).collect::<Result<_, _>>()?)
    }
}
