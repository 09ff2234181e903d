//! Renders a fact as a condition on a row, and all facts of a row as one integer.

use core::fmt;

use sea_query::{CaseStatement, Expr, ExprTrait, SelectStatement, Value};

use super::dialect::Database;
use super::expr::{all, and, any_of, constant, subquery, truth};
use super::schema::{Principal, Rows, Schema, Table};
use super::sources::Source;
use crate::fact::Fact;
use crate::role::ProjectRole;

/// A term of a filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Term {
    Fact(Fact),
    /// The user acts as Annotator or as Reviewer.
    ActsAsEither,
}

/// The two facts of [`Term::ActsAsEither`]. Nobody acts as both.
const EITHER: [Fact; 2] = [Fact::ActsAsAnnotator, Fact::ActsAsReviewer];

impl Term {
    /// Returns the table whose rows decide the term.
    pub(super) const fn rows(self) -> Rows {
        match self {
            Self::Fact(fact) => Rows::that_have(fact),
            Self::ActsAsEither => Rows::Projects,
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fact(fact) => f.write_str(fact.name()),
            Self::ActsAsEither => f.write_str("(acts_as_annotator or acts_as_reviewer)"),
        }
    }
}

/// Renders statements for one user.
pub(super) struct Render<'a> {
    pub(super) schema: &'a Schema,
    pub(super) asked: Principal,
    /// The workspace that all rows are within, if the list is within one.
    pub(super) workspace: Option<Value>,
    /// The project that all rows are within, if the list is within one.
    pub(super) project: Option<Value>,
}

/// The bounds of rows: the organization of the user, or a workspace or a project in it.
impl Render<'_> {
    pub(super) fn database(&self) -> &'static dyn Database {
        self.schema.database()
    }

    /// See [`Database::exists`].
    pub(super) fn exists(&self, query: SelectStatement) -> Expr {
        self.database().exists(query)
    }

    /// See [`Database::is_in`].
    pub(super) fn is_in(&self, value: Expr, query: SelectStatement) -> Expr {
        self.database().is_in(value, query)
    }

    /// Returns the id of the project of a row. The project of a project is itself.
    pub(super) fn project_of(&self, rows: Rows) -> Expr {
        self.project.clone().map_or_else(|| self.schema.project(rows), Expr::val)
    }

    /// Returns a condition: the project of the row meets `condition`.
    pub(super) fn in_project(&self, rows: Rows, condition: Expr) -> Expr {
        let projects = &self.schema.projects;
        let mut query = any_of(projects.from());
        query.and_where(projects.col(&projects.id).eq(self.project_of(rows))).and_where(condition);
        self.exists(query)
    }

    /// Returns a condition: the row is in the organization, or in the workspace or the project in it.
    pub(super) fn bounds(&self, rows: Rows) -> Expr {
        let Schema { projects, tasks, records, .. } = self.schema;
        let project = self.project_in_bounds();
        match (rows, project) {
            (Rows::Workspaces, None) => self.workspace_in_bounds(),
            (Rows::Workspaces, Some(_)) => truth(false),
            (Rows::Projects, None) => self.project_is_in_bounds(),
            (Rows::Projects, Some(project)) => projects.col(&projects.id).eq(project),
            (Rows::Tasks | Rows::Records, None) => {
                self.in_project(rows, self.project_is_in_bounds())
            }
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

    /// Returns the id of the project that all rows are within, or NULL if the project is in another organization.
    /// The id is computed once; a condition would be checked for each row.
    pub(super) fn project_in_bounds(&self) -> Option<Expr> {
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

    /// Returns a condition: the workspace is in the organization. A workspace of another organization gives no
    /// facts, even if it holds a project of this one.
    fn workspace_in_bounds(&self) -> Expr {
        let workspaces = &self.schema.workspaces;
        workspaces.col(&workspaces.organization_id).eq(self.asked.organization())
    }

    /// Returns a condition: the project is in the organization, and in the workspace if the list is within one. A
    /// workspace of another organization is compared as NULL.
    fn project_is_in_bounds(&self) -> Expr {
        let Schema { workspaces, projects, .. } = self.schema;
        let in_workspace = self.workspace.clone().map(|id| {
            let mut workspace = SelectStatement::new();
            workspace
                .expr(workspaces.col(&workspaces.id))
                .from(workspaces.from())
                .and_where(workspaces.col(&workspaces.id).eq(Expr::val(id)))
                .and_where(self.workspace_in_bounds());
            projects.col(&projects.workspace_id).eq(subquery(workspace))
        });
        and(self.of_organization(), [in_workspace])
    }

    /// Adds [`bounds`](Self::bounds) to a query for rows.
    pub(super) fn bound(&self, query: &mut SelectStatement, rows: Rows) {
        let Schema { projects, tasks, .. } = self.schema;
        if rows == Rows::Tasks && self.project.is_none() {
            let of_task = projects.col(&projects.id).eq(tasks.col(&tasks.project_id));
            query.cross_join(projects.from());
            query.and_where(of_task).and_where(self.project_is_in_bounds());
        } else {
            query.and_where(self.bounds(rows));
        }
    }
}

/// Renders the facts of a row.
impl Render<'_> {
    /// Returns the facts of a row as an integer: 0 outside the organization.
    pub(super) fn sum(&self, rows: Rows) -> Expr {
        let sum = sum_by(|facts| bit_by(|term| self.holds(rows, term), facts));
        let facts = CaseStatement::new().case(self.bounds(rows), sum);
        facts.finally(constant(0)).into()
    }

    /// Returns the term as a condition on a row, or `None` if it never holds for such rows.
    pub(super) fn holds(&self, rows: Rows, term: Term) -> Option<Expr> {
        match (term.rows(), rows) {
            (known_from, _) if known_from == rows => self.holds_of(term),
            (Rows::Workspaces, Rows::Projects) => {
                let Schema { workspaces, projects, .. } = self.schema;
                let of_project = projects.col(&projects.workspace_id);
                let mut query = any_of(workspaces.from());
                query
                    .and_where(workspaces.col(&workspaces.id).eq(of_project))
                    .and_where(self.workspace_in_bounds())
                    .and_where(self.holds_of(term)?);
                Some(self.exists(query))
            }
            (Rows::Projects, Rows::Tasks | Rows::Records) => {
                let by_id = self.holds_by_id(term, self.project_of(rows));
                by_id.or_else(|| Some(self.in_project(rows, self.holds_of(term)?)))
            }
            (Rows::Workspaces, Rows::Tasks | Rows::Records) => {
                Some(self.in_project(rows, self.holds(Rows::Projects, term)?))
            }
            _ => None,
        }
    }

    /// Returns the term as a condition on a row that decides it.
    pub(super) fn holds_of(&self, term: Term) -> Option<Expr> {
        let rows = term.rows();
        let id = match rows {
            Rows::Projects => self.project_of(rows),
            Rows::Workspaces | Rows::Tasks | Rows::Records => Expr::col(self.schema.id_of(rows)),
        };
        if let Some(by_id) = self.holds_by_id(term, id.clone()) {
            return Some(by_id);
        }
        let fact = match term {
            Term::Fact(fact) => fact,
            Term::ActsAsEither => {
                let holds = EITHER.into_iter().filter_map(|fact| self.holds_of(Term::Fact(fact)));
                return holds.reduce(ExprTrait::or);
            }
        };
        match self.schema.source(fact)? {
            Source::Column(line) => Some(line.of_user(&self.asked)),
            Source::Link(line) => {
                let links = line.links(self.database(), &self.asked, id);
                all(line.of_row.into_iter().chain([links]))
            }
            Source::Value(value) => Some(value.eq(truth(true))),
            Source::Own(own) => self.is_so(fact, (own.holds)(&self.asked)),
            // `holds_by_id` renders a role, or the role never holds.
            Source::Role(_) => None,
        }
    }

    /// Returns the term as a condition on the id of a row that decides it. Returns `None` if the id does not suffice.
    pub(super) fn holds_by_id(&self, term: Term, id: Expr) -> Option<Expr> {
        if let Term::Fact(fact) = term
            && let Source::Link(line) = self.schema.source(fact)?
        {
            let has_all = line.of_row.is_none();
            return has_all.then(|| line.links(self.database(), &self.asked, id));
        }
        self.acts_as(term, &|of| self.has_role(&id, of))
    }

    /// Returns the service's own expression for a fact. The user's role must be one that has project roles, and a
    /// user who would act as both acts as Annotator.
    fn is_so(&self, fact: Fact, holds: Expr) -> Option<Expr> {
        if !EITHER.contains(&fact) {
            return Some(holds);
        }
        self.asked.role.project_role(&[])?;
        let annotator = match fact {
            Fact::ActsAsReviewer => self.holds_of(Term::Fact(Fact::ActsAsAnnotator)),
            _ => None,
        };
        Some(match annotator {
            Some(annotator) => holds.and(annotator.is_not(truth(true))),
            None => holds,
        })
    }
}

/// Returns the sum of the bits of all facts.
pub(super) fn sum_by(bit_of: impl Fn(&[Fact]) -> Option<Expr>) -> Expr {
    // `EITHER` is never both: one CASE, annotator first.
    let groups = Fact::ALL.chunk_by(|a, b| EITHER.contains(a) && EITHER.contains(b));
    groups.filter_map(bit_of).reduce(ExprTrait::add).unwrap_or(constant(0))
}

/// Returns the bit of the first of the facts that holds. Returns `None` if `holds` knows none of them.
pub(super) fn bit_by(holds: impl Fn(Term) -> Option<Expr>, facts: &[Fact]) -> Option<Expr> {
    let known = facts
        .iter()
        .filter_map(|&fact| Some((holds(Term::Fact(fact))?, constant(fact.bit().into()))));
    let case = known.fold(None, |case: Option<CaseStatement>, (holds, bit)| {
        Some(case.unwrap_or_default().case(holds, bit))
    });
    Some(case?.finally(constant(0)).into())
}

/// The project role that the user acts as.
impl Render<'_> {
    fn is_own(&self, fact: Fact) -> bool {
        self.schema.own(fact).is_some()
    }

    /// Returns a condition: the user has one of these roles in the project. For an empty `of`, any role suffices.
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

    /// Returns the term as a condition on the user's project roles. `has` renders the condition that the user has one
    /// of these roles, or any role if there are none. Returns `None` for another term and for an own fact.
    pub(super) fn acts_as(&self, term: Term, has: &dyn Fn(&[&Value]) -> Expr) -> Option<Expr> {
        match term {
            Term::ActsAsEither => self.acts_as_either(has),
            Term::Fact(fact) => match self.schema.source(fact)? {
                Source::Role(ProjectRole::Reviewer) if self.is_own(Fact::ActsAsAnnotator) => None,
                Source::Role(role) => self.project_role(has, role),
                _ => None,
            },
        }
    }

    /// Returns a condition: the user acts as this role in the project. Asks
    /// [`Role::project_role`](crate::Role::project_role) about each state of the user's project roles. A user
    /// whose rows have only other codes is in no state.
    fn project_role(&self, has: &dyn Fn(&[&Value]) -> Expr, acts_as: ProjectRole) -> Option<Expr> {
        let roles = &self.schema.project_roles;
        let states = [
            (&[][..], has(&[]).not()),
            (&[ProjectRole::Annotator], has(&[&roles.annotator])),
            (&[ProjectRole::Reviewer], has(&[&roles.reviewer]).and(has(&[&roles.annotator]).not())),
        ];
        let states = states.into_iter();
        let states =
            states.filter(|(state, _)| self.asked.role.project_role(state) == Some(acts_as));
        states.map(|(_, is_so)| is_so).reduce(ExprTrait::or)
    }

    /// Returns true if a list must check project roles even where either role suffices.
    pub(super) fn asks_for_either(&self) -> bool {
        EITHER.into_iter().any(|fact| self.is_own(fact)) || !self.schema.project_roles.is_checked
    }

    fn acts_as_either(&self, has: &dyn Fn(&[&Value]) -> Expr) -> Option<Expr> {
        if EITHER.into_iter().any(|fact| self.is_own(fact)) {
            return None;
        }
        self.asked.role.project_role(&[])?;
        let roles = &self.schema.project_roles;
        let has_one = has(&[&roles.annotator, &roles.reviewer]);
        Some(has(&[]).not().or(has_one))
    }
}

impl Schema {
    /// Returns the id of the project of a row. The project of a project is itself.
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
