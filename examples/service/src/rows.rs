//! Rows of the database, each with the facts of the user whom it was selected for.

use labelgate::row::{InnerRowId, RowId};
use labelgate::sql::{Page, Schema};
use labelgate::{
    ActionType, Listing, OrganizationId, Permit, ProjectId, RecordId, Subject, TaskId, WorkspaceId,
};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use crate::caller::Caller;
use crate::problem::Failure;

/// A table whose rows actions are done to.
pub trait Table: FromQueryResult {
    type Id: InnerRowId + RowId<Value = i64> + Clone + std::fmt::Display;
    const NAME: &'static str;
    const COLUMNS: &'static [&'static str];

    fn id(&self) -> Self::Id;
}

/// A row as one user sees it.
pub type Row<T> = labelgate::Row<<T as Table>::Id, T>;

/// The proof that something may be done to a row.
pub type RowPermit<A, T> = Permit<A, Row<T>>;

/// A row as the database returns it: the columns of its table, its organization, and the facts.
pub struct Selected<T> {
    data: T,
    organization: i64,
    facts: i32,
}

impl<T: Table> Selected<T> {
    pub fn row(self, caller: &Subject<i64>) -> Result<Row<T>, DbErr> {
        let row = caller.row(self.data.id(), OrganizationId(self.organization), self.facts);
        Ok(row.map_err(|error| DbErr::Type(error.to_string()))?.with(self.data))
    }
}

impl<T: Table> FromQueryResult for Selected<T> {
    fn from_query_result(row: &QueryResult, pre: &str) -> Result<Self, DbErr> {
        let data = T::from_query_result(row, pre)?;
        let facts = row.try_get(pre, "facts")?;
        Ok(Self { data, organization: row.try_get(pre, "in_organization")?, facts })
    }
}

/// What each query for rows begins with.
pub fn select<T: Table>(schema: &Schema, caller: &Subject<i64>) -> SelectStatement {
    Query::select()
        .columns(T::COLUMNS.iter().map(|&column| (T::NAME, column)))
        .expr_as(schema.organization(T::Id::KIND), "in_organization")
        .expr_as(schema.facts(caller, T::Id::KIND), "facts")
        .from(T::NAME)
        .to_owned()
}

macro_rules! tables {
    ($( $Table:ident = $name:literal, $Id:ident { $( $column:ident: $ty:ty, )+ } )+) => {$(
        #[derive(Clone, Debug, FromQueryResult)]
        pub struct $Table {
            $( pub $column: $ty, )+
        }

        impl Table for $Table {
            type Id = $Id<i64>;
            const NAME: &'static str = $name;
            const COLUMNS: &'static [&'static str] = &[$( stringify!($column) ),+];

            fn id(&self) -> $Id<i64> {
                $Id(self.id)
            }
        }
    )+};
}

tables! {
    Workspace = "workspaces", WorkspaceId {
        id: i64, title: String, created_by: Option<i64>, is_personal: bool, version: i64,
    }
    Project = "projects", ProjectId {
        id: i64, workspace_id: Option<i64>, title: String, created_by: Option<i64>,
        show_annotation_history: bool, version: i64,
    }
    Task = "tasks", TaskId {
        id: i64, project_id: i64, data: String,
    }
    Annotation = "annotations", RecordId {
        id: i64, task_id: i64, completed_by: Option<i64>, result: String, version: i64,
    }
}

/// The id that a request names, and what was found by it.
pub type Found<T> = (<T as Table>::Id, Option<Row<T>>);

impl Caller {
    /// Reads a row, and asks for an action to it. Where that is not permitted, the answer is 403 or 404.
    pub async fn permit<T: Table, A: ActionType>(
        &self,
        action: A,
        id: i64,
    ) -> Result<RowPermit<A, T>, Failure>
    where
        T::Id: From<i64>,
    {
        let found = self.find::<T>(id).await?;
        self.logged().authorize(action, found)
    }

    /// The id, and the row with its facts, whoever may see it: what the handler does next is to ask.
    pub async fn find<T: Table>(&self, id: i64) -> Result<Found<T>, DbErr>
    where
        T::Id: From<i64>,
    {
        Ok((id.into(), self.find_as(&self.subject, id).await?))
    }

    /// A row with the facts of somebody else.
    pub async fn find_as<T: Table>(
        &self,
        subject: &Subject<i64>,
        id: i64,
    ) -> Result<Option<Row<T>>, DbErr> {
        let schema = &self.app.database.schema;
        let mut query = select::<T>(schema, subject);
        query.and_where(Expr::col(schema.id(T::Id::KIND)).eq(id));
        let found: Option<Selected<T>> = self.tx.select(&query).await?.pop();
        found.map(|found| found.row(subject)).transpose()
    }

    /// All rows of a list.
    pub async fn all<T: Table, A, I: RowId<Value = i64>>(
        &self,
        listing: &Listing<A, I>,
    ) -> Result<Vec<Row<T>>, DbErr> {
        let schema = &self.app.database.schema;
        let mut query = select::<T>(schema, &self.subject);
        query.and_where(schema.set(listing)).order_by(schema.id(T::Id::KIND), Order::Asc);
        let found: Vec<Selected<T>> = self.tx.select(&query).await?;
        found.into_iter().map(|found| found.row(&self.subject)).collect()
    }

    /// The first row of a list in the order of the ids that meets a condition as well.
    pub async fn first<T: Table, A, I: RowId<Value = i64>>(
        &self,
        listing: &Listing<A, I>,
        only: Expr,
    ) -> Result<Option<Row<T>>, DbErr> {
        let schema = &self.app.database.schema;
        let page = Page::of(1).only(only);
        let query = select::<T>(schema, &self.subject)
            .and_where(schema.page(listing, &page))
            .order_by(schema.id(T::Id::KIND), page.order().clone())
            .limit(page.size().into())
            .to_owned();
        let found: Option<Selected<T>> = self.tx.select(&query).await?.pop();
        found.map(|found| found.row(&self.subject)).transpose()
    }
}
