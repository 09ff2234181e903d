//! Rows of the database that are resources: each knows whom it was selected for, and the facts.

use labelgate::resource::{Resource, Seen};
use labelgate::sql::{Rows, Schema};
use labelgate::{Facts, Kind, OrganizationId, Subject, UserId};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

/// A table whose rows actions are done to.
pub trait Table: FromQueryResult {
    const ROWS: Rows;
    const KIND: Kind;
    const NAME: &'static str;
    const COLUMNS: &'static [&'static str];
}

/// A row, and what the database said about the one who asked and it.
#[derive(Debug)]
pub struct Row<T> {
    pub row: T,
    pub organization: OrganizationId<i64>,
    pub asked_by: UserId<i64>,
    pub facts: Facts,
}

impl<T: Table> Resource for Row<T> {
    type Id = i64;
    type UserId = i64;
    const KIND: Kind = T::KIND;

    fn seen(&self) -> Seen<'_, i64, i64> {
        Seen { organization: &self.organization, user: &self.asked_by, facts: self.facts }
    }
}

impl<T: Table> FromQueryResult for Row<T> {
    fn from_query_result(row: &QueryResult, pre: &str) -> Result<Self, DbErr> {
        let facts = i64::from(row.try_get::<i32>(pre, "facts")?);
        Ok(Self {
            row: T::from_query_result(row, pre)?,
            organization: OrganizationId(row.try_get(pre, "in_organization")?),
            asked_by: UserId(row.try_get(pre, "asked_by")?),
            facts: Facts::try_from(facts).map_err(|error| DbErr::Type(error.to_string()))?,
        })
    }
}

/// What each query for rows begins with.
pub fn select<T: Table>(schema: &Schema, asked_by: &Subject<i64>) -> SelectStatement {
    Query::select()
        .columns(T::COLUMNS.iter().map(|&column| (T::NAME, column)))
        .expr_as(schema.organization(T::ROWS), "in_organization")
        .expr_as(Expr::val(asked_by.user().0), "asked_by")
        .expr_as(schema.facts(asked_by, T::ROWS), "facts")
        .from(T::NAME)
        .to_owned()
}

macro_rules! tables {
    ($( $(#[$meta:meta])* $Table:ident = $name:literal, $Rows:ident, $Kind:ident { $( $column:ident: $ty:ty, )+ } )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, FromQueryResult)]
        pub struct $Table {
            $( pub $column: $ty, )+
        }

        impl Table for $Table {
            const ROWS: Rows = Rows::$Rows;
            const KIND: Kind = Kind::$Kind;
            const NAME: &'static str = $name;
            const COLUMNS: &'static [&'static str] = &[$( stringify!($column) ),+];
        }
    )+};
}

tables! {
    Workspace = "workspaces", Workspaces, Workspace {
        id: i64, title: String, created_by: Option<i64>, is_personal: bool, version: i64,
    }
    Project = "projects", Projects, Project {
        id: i64, workspace_id: Option<i64>, title: String, created_by: Option<i64>,
        show_annotation_history: bool, version: i64,
    }
    Task = "tasks", Tasks, Task {
        id: i64, project_id: i64, data: String,
    }
    Annotation = "annotations", Records, Task {
        id: i64, task_id: i64, completed_by: Option<i64>, result: String, version: i64,
    }
}

/// The project that a task is in, for what is asked of the project alone.
pub struct ProjectOf<'a>(pub &'a Row<Task>);

impl Resource for ProjectOf<'_> {
    type Id = i64;
    type UserId = i64;
    const KIND: Kind = Kind::Project;

    fn seen(&self) -> Seen<'_, i64, i64> {
        self.0.seen()
    }
}
