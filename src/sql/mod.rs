//! Lists in SQL that are the same rule (feature `sea-query`).
#![doc = ""]

mod condition;
mod facts;
mod schema;

use sea_query::{Expr, ExprTrait, SelectStatement, Value};

use self::facts::Render;
use crate::filter::Filter;
use crate::subject::Subject;

pub use self::condition::Page;
pub use self::schema::{
    Asked, Dialect, OwnFact, ProjectMembers, ProjectRoles, Projects, Records, Rows, Schema,
    TaskAssignees, Tasks, WorkspaceMembers, Workspaces,
};

impl Schema {
    fn render<T, U>(&self, subject: &Subject<T, U>, project: Option<Value>) -> Render<'_>
    where
        T: Into<Value> + Clone,
        U: Into<Value> + Clone,
    {
        Render { schema: self, asked: Asked::by(subject), project }
    }

    /// facts
    #[must_use]
    pub fn facts<T, U>(&self, subject: &Subject<T, U>, rows: Rows) -> Expr
    where
        T: Into<Value> + Clone,
        U: Into<Value> + Clone,
    {
        self.render(subject, None).sum(rows)
    }

    /// pinned
    #[must_use]
    pub fn in_organization<T, U>(&self, subject: &Subject<T, U>, rows: Rows) -> Expr
    where
        T: Into<Value> + Clone,
        U: Into<Value> + Clone,
    {
        self.render(subject, None).pinned(rows)
    }

    /// The organization of a row
    #[must_use]
    pub fn organization(&self, rows: Rows) -> Expr {
        match rows {
            Rows::Workspaces => self.workspaces.col(&self.workspaces.organization_id),
            Rows::Projects => self.projects.col(&self.projects.organization_id),
            Rows::Tasks | Rows::Records => {
                let projects = &self.projects;
                let mut query = SelectStatement::new();
                query
                    .column(projects.column(&projects.organization_id))
                    .from(projects.from())
                    .and_where(projects.col(&projects.id).eq(self.project(rows)));
                schema::subquery(query)
            }
        }
    }

    /// page
    #[must_use]
    pub fn page<T, U>(
        &self,
        subject: &Subject<T, U>,
        filter: &Filter,
        rows: Rows,
        page: &Page,
    ) -> Expr
    where
        T: Into<Value> + Clone,
        U: Into<Value> + Clone,
    {
        self.render(subject, page.project.clone()).page(filter, rows, page)
    }

    /// set
    #[must_use]
    pub fn set<T, U>(&self, subject: &Subject<T, U>, filter: &Filter, rows: Rows) -> Expr
    where
        T: Into<Value> + Clone,
        U: Into<Value> + Clone,
    {
        self.render(subject, None).set(filter, rows)
    }

    /// matches
    #[must_use]
    pub fn matches<T, U>(&self, subject: &Subject<T, U>, filter: &Filter, rows: Rows) -> Expr
    where
        T: Into<Value> + Clone,
        U: Into<Value> + Clone,
    {
        self.render(subject, None).matches(filter, rows)
    }
}
