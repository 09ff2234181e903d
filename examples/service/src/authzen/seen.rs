//! Rows as the members whom a service asks about see them.

use std::collections::HashMap;

use labelgate::row::InnerRowId;
use labelgate::{Kind, OrganizationId, Row, Subject};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Query};

use crate::authzen::request::Resource;
use crate::problem::{Result, internal};
use crate::rows::{Annotation, Project, Table, Task, Workspace};
use crate::services::Service;

/// The table of a kind. Organizations are not selected: what a row of theirs says is known.
pub const fn table(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Organization => None,
        Kind::Workspace => Some(Workspace::NAME),
        Kind::Project => Some(Project::NAME),
        Kind::Task => Some(Task::NAME),
        Kind::Record => Some(Annotation::NAME),
    }
}

/// What the database says of a row: its organization, and the facts of one user.
#[derive(FromQueryResult, Clone, Copy)]
struct Selected {
    id: i64,
    organization: i64,
    facts: i64,
}

/// Rows, by the user who sees them.
#[derive(Default)]
pub struct Seen(HashMap<(i64, Resource), Selected>);

impl Seen {
    /// Reads rows of one kind, as the subject sees them. Rows that are not there are left out.
    pub async fn read(
        &mut self,
        service: &Service,
        subject: &Subject<i64>,
        kind: Kind,
        ids: impl IntoIterator<Item = i64>,
    ) -> Result<()> {
        let Some(table) = table(kind) else { return Ok(()) };
        let schema = &service.app.database.schema;
        let query = Query::select()
            .expr_as(Expr::col(schema.id(kind)), "id")
            .expr_as(schema.organization(kind), "organization")
            .expr_as(schema.facts(subject, kind), "facts")
            .from(table)
            .and_where(Expr::col(schema.id(kind)).is_in(ids))
            .to_owned();
        let found: Vec<Selected> = service.tx.select(&query).await?;
        let user = subject.user().0;
        self.0.extend(found.into_iter().map(|row| ((user, Resource { kind, id: row.id }), row)));
        Ok(())
    }

    /// Returns the id, and the row if it was found.
    pub fn row<I: From<i64> + InnerRowId<Value = i64>>(
        &self,
        subject: &Subject<i64>,
        id: i64,
    ) -> Result<(I, Option<Row<I>>)> {
        let found = self.0.get(&(subject.user().0, Resource { kind: I::KIND, id }));
        let row = found.map(|&Selected { organization, facts, .. }| {
            subject.row(id.into(), OrganizationId(organization), facts).map_err(internal)
        });
        Ok((id.into(), row.transpose()?))
    }
}

/// Asks about the row of a resource, whatever its kind, as the subject sees it.
macro_rules! with_row {
    ($seen:expr, $subject:expr, $resource:expr, |$row:ident| $ask:expr) => {{
        use labelgate::{Kind, OrganizationId, ProjectId, RecordId, TaskId, WorkspaceId};
        let (seen, subject, id) = ($seen, $subject, $resource.id);
        match $resource.kind {
            Kind::Organization => {
                let $row = subject.organization_row(OrganizationId(id));
                $ask
            }
            Kind::Workspace => {
                let $row = seen.row::<WorkspaceId<i64>>(subject, id)?;
                $ask
            }
            Kind::Project => {
                let $row = seen.row::<ProjectId<i64>>(subject, id)?;
                $ask
            }
            Kind::Task => {
                let $row = seen.row::<TaskId<i64>>(subject, id)?;
                $ask
            }
            Kind::Record => {
                let $row = seen.row::<RecordId<i64>>(subject, id)?;
                $ask
            }
        }
    }};
}

pub(super) use with_row;
