//! Rows of the database, each with the facts of the user whom it was selected for.

use labelgate::row::{InnerRowId, RowId};
use labelgate::sql::Schema;
use labelgate::{OrganizationId, ProjectId, RecordId, Subject, TaskId, WorkspaceId};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

/// A table whose rows actions are done to.
pub trait Table: FromQueryResult {
    type Id: InnerRowId + RowId<Value = i64> + Clone + std::fmt::Display;
    const NAME: &'static str;
    const COLUMNS: &'static [&'static str];

    fn id(&self) -> Self::Id;
}

/// A row as one user sees it.
pub type Row<T> = labelgate::Row<<T as Table>::Id, T>;

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
