//! Each fact as a condition on a row.

use sea_query::{CaseStatement, Expr, ExprTrait, Func, PgFunc, SelectStatement, Value};

use super::schema::{Asked, Dialect, Rows, Schema, Tasks, any_of, constant, subquery, truth};
use crate::fact::Fact;
use crate::role::ProjectRole;

/// What an alternative asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Term {
    Fact(Fact),
    /// That the user acts as one of the two, whichever it is.
    ActsAsEither,
}

impl Term {
    /// The table whose row it is known from.
    pub(super) const fn rows(self) -> Rows {
        match self {
            Self::Fact(fact) => Rows::that_have(fact),
            Self::ActsAsEither => Rows::Projects,
        }
    }
}

/// What statements are rendered from.
pub(super) struct Render<'a> {
    pub(super) schema: &'a Schema,
    pub(super) asked: Asked,
    /// The project that all rows are in, if they are pinned to one.
    pub(super) project: Option<Value>,
}

impl Render<'_> {
    /// Whether there is such a row. On PostgreSQL `OFFSET 0` keeps the planner from joining whole tables
    /// instead.
    pub(super) fn exists(&self, query: SelectStatement) -> Expr {
        match self.schema.dialect {
            Dialect::Sqlite => Expr::exists(query),
            Dialect::Postgres => Expr::cust_with_expr("EXISTS ($1 OFFSET 0)", subquery(query)),
        }
    }

    /// Whether the query, which is run once, selects the value.
    pub(super) fn is_in(&self, value: Expr, query: SelectStatement) -> Expr {
        match self.schema.dialect {
            Dialect::Sqlite => value.in_subquery(query),
            Dialect::Postgres => value.eq(PgFunc::any(Func::cust("ARRAY").arg(subquery(query)))),
        }
    }

    /// The id of the project that a row is in, or is.
    pub(super) fn project_of(&self, rows: Rows) -> Expr {
        self.project.clone().map_or_else(|| self.schema.project(rows), Expr::val)
    }

    /// A condition on the project that a row is in.
    pub(super) fn in_project(&self, rows: Rows, condition: Expr) -> Expr {
        let projects = &self.schema.projects;
        let mut query = any_of(projects.from());
        query.and_where(projects.col(&projects.id).eq(self.project_of(rows))).and_where(condition);
        self.exists(query)
    }

    /// The organization, or the project in it that rows are pinned to.
    pub(super) fn pinned(&self, rows: Rows) -> Expr {
        let Schema { projects, tasks, records, .. } = self.schema;
        let project = self.pinned_project();
        match (rows, project) {
            (Rows::Workspaces, None) => self.pinned_workspace(),
            (Rows::Workspaces, Some(_)) => truth(false),
            (Rows::Projects, None) => self.of_organization(),
            (Rows::Projects, Some(project)) => projects.col(&projects.id).eq(project),
            (Rows::Tasks | Rows::Records, None) => self.in_project(rows, self.of_organization()),
            (Rows::Tasks, Some(project)) => tasks.col(&tasks.project_id).eq(project),
            (Rows::Records, Some(project)) => match &records.project_id {
                Some(project_id) => records.col(project_id).eq(project),
                None => {
                    let mut task = any_of(tasks.from());
                    task.and_where(tasks.col(&tasks.id).eq(records.col(&records.task_id)))
                        .and_where(tasks.col(&tasks.project_id).eq(project));
                    self.exists(task)
                }
            },
        }
    }

    /// The project that rows are pinned to, or NULL if it is of another organization. As a value it is
    /// asked for once; as a condition of its own it would be looked at again for each row.
    pub(super) fn pinned_project(&self) -> Option<Expr> {
        let projects = &self.schema.projects;
        let id = projects.col(&projects.id).eq(Expr::val(self.project.clone()?));
        let mut query = SelectStatement::new();
        query.expr(projects.col(&projects.id)).from(projects.from()).and_where(id);
        query.and_where(self.of_organization());
        Some(subquery(query))
    }

    fn of_organization(&self) -> Expr {
        let projects = &self.schema.projects;
        projects.col(&projects.organization_id).eq(self.asked.organization())
    }

    /// Pins a query for rows.
    pub(super) fn pin(&self, query: &mut SelectStatement, rows: Rows) {
        let Schema { projects, tasks, .. } = self.schema;
        if rows == Rows::Tasks && self.project.is_none() {
            let of_task = projects.col(&projects.id).eq(tasks.col(&tasks.project_id));
            query.cross_join(projects.from());
            query.and_where(of_task).and_where(self.of_organization());
        } else {
            query.and_where(self.pinned(rows));
        }
    }

    /// The facts of a row as an integer: none outside the organization.
    pub(super) fn sum(&self, rows: Rows) -> Expr {
        // Nobody acts as both: the second is not asked about where the first holds.
        let either = [Fact::ActsAsAnnotator, Fact::ActsAsReviewer];
        let groups = Fact::ALL.chunk_by(|a, b| either.contains(a) && either.contains(b));
        let sum = groups.filter_map(|facts| self.bit_of(rows, facts)).reduce(ExprTrait::add);
        let facts = CaseStatement::new().case(self.pinned(rows), sum.unwrap_or(constant(0)));
        facts.finally(constant(0)).into()
    }

    /// The bit of the first of the facts that holds, if any of them is known from such rows.
    fn bit_of(&self, rows: Rows, facts: &[Fact]) -> Option<Expr> {
        let known = facts.iter().filter_map(|&fact| {
            Some((self.holds(rows, Term::Fact(fact))?, constant(fact.bit().into())))
        });
        let case = known.fold(None, |case: Option<CaseStatement>, (holds, bit)| {
            Some(case.unwrap_or_default().case(holds, bit))
        });
        Some(case?.finally(constant(0)).into())
    }

    /// The term as a condition on a row; nothing where it never holds of such rows.
    pub(super) fn holds(&self, rows: Rows, term: Term) -> Option<Expr> {
        match (term.rows(), rows) {
            _ if matches!(term, Term::Fact(fact) if self.schema.is_without(fact)) => None,
            (known_from, _) if known_from == rows => self.holds_here(term),
            (Rows::Workspaces, Rows::Projects) => {
                let Schema { workspaces, projects, .. } = self.schema;
                let of_project = projects.col(&projects.workspace_id);
                let mut query = any_of(workspaces.from());
                query
                    .and_where(workspaces.col(&workspaces.id).eq(of_project))
                    .and_where(self.pinned_workspace())
                    .and_where(self.holds_here(term)?);
                Some(self.exists(query))
            }
            (Rows::Workspaces | Rows::Projects, Rows::Tasks | Rows::Records) => {
                let by_id = self.holds_in(self.project_of(rows), term);
                by_id.or_else(|| Some(self.in_project(rows, self.holds(Rows::Projects, term)?)))
            }
            _ => None,
        }
    }

    /// A workspace counts only where it is in the project's organization.
    pub(super) fn pinned_workspace(&self) -> Expr {
        let workspaces = &self.schema.workspaces;
        workspaces.col(&workspaces.organization_id).eq(self.asked.organization())
    }

    /// The term as a condition on a row that it is known from.
    fn holds_here(&self, term: Term) -> Option<Expr> {
        let Schema { workspaces, workspace_members, projects, .. } = self.schema;
        let Schema { tasks, task_assignees, records, .. } = self.schema;
        if let Some(by_id) = self.holds_in(self.project_of(Rows::Projects), term) {
            return Some(by_id);
        }
        let either = [Fact::ActsAsAnnotator, Fact::ActsAsReviewer];
        let fact = match term {
            Term::Fact(fact) => fact,
            Term::ActsAsEither => {
                let holds = either.into_iter().filter_map(|fact| self.holds_here(Term::Fact(fact)));
                return holds.reduce(ExprTrait::or);
            }
        };
        if let Some(own) = self.schema.own(fact) {
            let holds = (own.holds)(&self.asked);
            // Only annotators and reviewers act as either, and who acts as both is an Annotator.
            if either.contains(&fact) {
                self.asked.role.acts_as(&[])?;
            }
            let annotator = match fact {
                Fact::ActsAsReviewer => {
                    self.holds(Rows::Projects, Term::Fact(Fact::ActsAsAnnotator))
                }
                _ => None,
            };
            return Some(match annotator {
                Some(annotator) => holds.and(annotator.is_not(truth(true))),
                None => holds,
            });
        }
        match fact {
            Fact::WorkspaceCreator => {
                Some(workspaces.col(&workspaces.created_by).eq(self.asked.user()))
            }
            Fact::WorkspaceMember => {
                let of_workspace = workspace_members.col(&workspace_members.workspace_id);
                let of_user = workspace_members.col(&workspace_members.user_id);
                let mut query = any_of(workspace_members.from());
                query
                    .and_where(of_workspace.eq(workspaces.col(&workspaces.id)))
                    .and_where(of_user.eq(self.asked.user()));
                Some(self.is_shared().and(self.exists(query)))
            }
            Fact::ProjectCreator => Some(projects.col(&projects.created_by).eq(self.asked.user())),
            Fact::OwnDataPermitted => {
                Some(projects.col(&projects.show_annotation_history).eq(truth(true)))
            }
            Fact::Assignee => {
                let of_user = task_assignees.col(&task_assignees.user_id);
                let mut query = any_of(task_assignees.from());
                query
                    .and_where(task_assignees.col(&task_assignees.task_id).eq(tasks.col(&tasks.id)))
                    .and_where(of_user.eq(self.asked.user()));
                Some(self.exists(query))
            }
            Fact::Author => Some(records.col(&records.completed_by).eq(self.asked.user())),
            // They are known from the id of the project, or never hold.
            Fact::ProjectMember
            | Fact::ProjectAssignee
            | Fact::ActsAsAnnotator
            | Fact::ActsAsReviewer => None,
        }
    }

    /// That a workspace is no personal sandbox: memberships count.
    pub(super) fn is_shared(&self) -> Expr {
        let workspaces = &self.schema.workspaces;
        workspaces.col(&workspaces.is_personal).eq(truth(false))
    }

    /// The term, where the id of the project is all that it takes.
    fn holds_in(&self, project: Expr, term: Term) -> Option<Expr> {
        let Schema { project_members, task_assignees, tasks, .. } = self.schema;
        let is_own = |fact| self.schema.own(fact).is_some();
        let user = self.asked.user();
        match term {
            Term::Fact(fact) if is_own(fact) => None,
            Term::Fact(Fact::ProjectMember) => {
                let of_project = project_members.col(&project_members.project_id);
                let mut query = any_of(project_members.from());
                query
                    .and_where(of_project.eq(project))
                    .and_where(project_members.col(&project_members.user_id).eq(user));
                Some(self.exists(query))
            }
            Term::Fact(Fact::ProjectAssignee) => {
                let mut query = any_of(task_assignees.from());
                query.and_where(task_assignees.col(&task_assignees.user_id).eq(user));
                match &task_assignees.project_id {
                    Some(project_id) => {
                        query.and_where(task_assignees.col(project_id).eq(project));
                    }
                    None => {
                        // The row may be one of the same table, and is not to be hidden by it.
                        let alias = Some("assigned_tasks".into());
                        let tasks = Tasks { alias, ..tasks.clone() };
                        let mut task = any_of(tasks.from());
                        let task_id = task_assignees.col(&task_assignees.task_id);
                        task.and_where(tasks.col(&tasks.id).eq(task_id))
                            .and_where(tasks.col(&tasks.project_id).eq(project));
                        query.and_where(self.exists(task));
                    }
                }
                Some(self.exists(query))
            }
            Term::Fact(Fact::ActsAsAnnotator) => self.acts_as(project, ProjectRole::Annotator),
            Term::Fact(Fact::ActsAsReviewer) if is_own(Fact::ActsAsAnnotator) => None,
            Term::Fact(Fact::ActsAsReviewer) => self.acts_as(project, ProjectRole::Reviewer),
            Term::ActsAsEither => self.acts_as_either(project),
            Term::Fact(_) => None,
        }
    }

    /// That the user has a role in the project, or one of these.
    fn has_role(&self, project: &Expr, of: &[&Value]) -> Expr {
        let roles = &self.schema.project_roles;
        let mut query = any_of(roles.from());
        query
            .and_where(roles.col(&roles.project_id).eq(project.clone()))
            .and_where(roles.col(&roles.user_id).eq(self.asked.user()));
        let is = |role: &&Value| roles.col(&roles.role).eq(Expr::Constant((*role).clone()));
        if let Some(is_one) = of.iter().map(is).reduce(ExprTrait::or) {
            query.and_where(is_one);
        }
        self.exists(query)
    }

    /// What the user acts as, by [`Role::acts_as`](crate::Role::acts_as) of each state that the rows of
    /// project roles can be in. A state with a row and no role in it is none of them.
    fn acts_as(&self, project: Expr, acts_as: ProjectRole) -> Option<Expr> {
        let roles = &self.schema.project_roles;
        let has = |of: &[&Value]| self.has_role(&project, of);
        let states = [
            (&[][..], has(&[]).not()),
            (&[ProjectRole::Annotator], has(&[&roles.annotator])),
            (&[ProjectRole::Reviewer], has(&[&roles.reviewer]).and(has(&[&roles.annotator]).not())),
        ];
        let states = states.into_iter();
        let states = states.filter(|(state, _)| self.asked.role.acts_as(state) == Some(acts_as));
        states.map(|(_, is_so)| is_so).reduce(ExprTrait::or)
    }

    /// Whether a list has to look at project roles where either role suffices.
    pub(super) fn asks_for_either(&self) -> bool {
        let is_own = |fact| self.schema.own(fact).is_some();
        let any_own = is_own(Fact::ActsAsAnnotator) || is_own(Fact::ActsAsReviewer);
        any_own || !self.schema.project_roles.is_checked
    }

    fn acts_as_either(&self, project: Expr) -> Option<Expr> {
        let roles = &self.schema.project_roles;
        let is_own = |fact| self.schema.own(fact).is_some();
        if is_own(Fact::ActsAsAnnotator) || is_own(Fact::ActsAsReviewer) {
            return None;
        }
        self.asked.role.acts_as(&[])?;
        let has_one = self.has_role(&project, &[&roles.annotator, &roles.reviewer]);
        Some(self.has_role(&project, &[]).not().or(has_one))
    }
}

impl Schema {
    /// The id of the project that a row is in, or is.
    pub(super) fn project(&self, rows: Rows) -> Expr {
        let Self { projects, tasks, records, .. } = self;
        match (rows, &records.project_id) {
            (Rows::Workspaces | Rows::Projects, _) => projects.col(&projects.id),
            (Rows::Tasks, _) => tasks.col(&tasks.project_id),
            (Rows::Records, Some(project_id)) => records.col(project_id),
            (Rows::Records, None) => {
                let mut task = SelectStatement::new();
                task.expr(tasks.col(&tasks.project_id))
                    .from(tasks.from())
                    .and_where(tasks.col(&tasks.id).eq(records.col(&records.task_id)));
                subquery(task)
            }
        }
    }
}

/// All of them; nothing where there are none.
pub(super) fn all(conditions: impl IntoIterator<Item = Expr>) -> Option<Expr> {
    conditions.into_iter().reduce(ExprTrait::and)
}
