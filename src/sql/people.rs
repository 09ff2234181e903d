//! Who may do an action to a row: the filters of the roles as conditions on the members of its organization.

use alloc::vec::Vec;

use sea_query::{Asterisk, CaseStatement, Expr, ExprTrait, Func, SelectStatement, Value};

use super::dialect::{Database, ID};
use super::expr::{all, and, any, any_of, constant, subquery};
use super::facts::{Render, Term, bit_by, sum_by};
use super::page::{Page, one_of_by};
use super::plan::Conjunction;
use super::schema::{Id, Principal, Rows, Schema, Table};
use super::sources::Source;
use crate::kind::Kind;
use crate::people::People;
use crate::role::Role;
use crate::row::RowId;

/// What a fact of the service's own calls the member that it is asked of. Its query may read the table of members
/// itself, whose name would hide the member.
const ASKED: &str = "asked_member";

/// Roles of which the same is asked, and what that is.
type Asked<T> = (Vec<Role>, T);

/// What statements about the people of a row are rendered from.
struct Who<'a> {
    schema: &'a Schema,
    organization: Value,
    kind: Kind,
    /// The id of the row.
    id: Value,
    /// The roles that may be among the people: for each, the facts of which one alternative must hold.
    roles: Vec<(Role, Vec<Conjunction>)>,
}

/// The question.
impl<'a> Who<'a> {
    fn new<A, I, T, U>(schema: &'a Schema, people: &People<A, I, T, U>) -> Self
    where
        I: RowId<Value: Id>,
        T: Id,
    {
        let organization: Value = people.organization().0.clone().into();
        let id: Value = people.row().value().clone().into();
        let mut who = Self { schema, organization, kind: I::KIND, id, roles: Vec::new() };
        let rows = Rows::of(I::KIND);
        if rows.is_none_or(|rows| schema.has(rows)) {
            let active = Role::ALL.into_iter().filter(|role| role.is_active());
            let asked = active.map(|role| {
                let filter = people.filter(role);
                let alternatives = match rows {
                    Some(rows) => who.render(role).alternatives(&filter, rows),
                    None => filter.is_everything().then(Conjunction::new).into_iter().collect(),
                };
                (role, alternatives)
            });
            who.roles = asked.filter(|(_, alternatives)| !alternatives.is_empty()).collect();
        }
        who
    }

    fn database(&self) -> &'static dyn Database {
        self.schema.dialect.database(self.schema.is_secured)
    }

    /// The column of the members' table.
    fn user(&self) -> Expr {
        let members = &self.schema.organization_members;
        members.col(&members.user_id)
    }

    fn is_role(&self, roles: &[Role]) -> Expr {
        let members = &self.schema.organization_members;
        let role = members.col(&members.role);
        let codes = roles.iter().map(|role| Expr::Constant(role.code().into()));
        match roles {
            [only] => role.eq(Expr::Constant(only.code().into())),
            _ => role.is_in(codes),
        }
    }

    /// A member of this role, whose id is in the column.
    fn render(&self, role: Role) -> Render<'a> {
        self.render_for(role, self.user())
    }

    fn render_for(&self, role: Role, user: Expr) -> Render<'a> {
        let asked = Principal { organization: Expr::val(self.organization.clone()), user, role };
        Render { schema: self.schema, asked, workspace: None, project: None }
    }

    /// Asks something for each of the roles, once where it is the same.
    fn by_roles<T: PartialEq>(&self, ask: impl Fn(Role, &[Conjunction]) -> T) -> Vec<Asked<T>> {
        let mut all: Vec<Asked<T>> = Vec::new();
        for (role, alternatives) in &self.roles {
            let asked = ask(*role, alternatives);
            match all.iter_mut().find(|(_, other)| *other == asked) {
                Some((roles, _)) => roles.push(*role),
                None => all.push((alloc::vec![*role], asked)),
            }
        }
        all
    }
}

/// The row: its id, and those of what holds it.
impl Who<'_> {
    /// A condition: the member is in the organization, and so is the row.
    fn bounds(&self) -> Expr {
        let members = &self.schema.organization_members;
        let organization = members.col(&members.organization_id);
        let here = organization.clone().eq(Expr::val(self.organization.clone()));
        let id = Expr::val(self.id.clone());
        let Some(rows) = Rows::of(self.kind) else { return here.and(organization.eq(id)) };
        let mut row = any_of(self.schema.named(rows).from());
        row.and_where(Expr::col(self.schema.id_of(rows)).eq(id));
        // What the role is does not matter to the organization of a row.
        row.and_where(self.render(Role::Owner).bounds(rows));
        here.and(self.database().exists(row))
    }

    /// The id of the row, or of the row of another table that holds it. It names no column of a row outside, so
    /// that it is asked for once. It is NULL, or the row of another organization, where there is no such row.
    fn key(&self, rows: Rows, only: Option<Expr>) -> Expr {
        let Schema { workspaces, projects, tasks, records, .. } = self.schema;
        let id = Expr::val(self.id.clone());
        let select = |table: &dyn Table, column, key, is: Expr| {
            let mut query = SelectStatement::new();
            query.expr(table.col(column)).from(table.from()).and_where(table.col(key).eq(is));
            query
        };
        let mut query = match (rows, self.kind) {
            (Rows::Workspaces, Kind::Workspace) if only.is_some() => {
                select(workspaces, &workspaces.id, &workspaces.id, id)
            }
            (Rows::Workspaces, Kind::Project | Kind::Task | Kind::Record) => {
                let project = self.key(Rows::Projects, None);
                let workspace = select(projects, &projects.workspace_id, &projects.id, project);
                let mut query =
                    select(workspaces, &workspaces.id, &workspaces.id, subquery(workspace));
                let here = Expr::val(self.organization.clone());
                query.and_where(workspaces.col(&workspaces.organization_id).eq(here));
                query
            }
            (Rows::Projects, Kind::Task) => select(tasks, &tasks.project_id, &tasks.id, id),
            (Rows::Projects, Kind::Record) => match &records.project_id {
                Some(project_id) => select(records, project_id, &records.id, id),
                None => {
                    let task = select(records, &records.task_id, &records.id, id);
                    select(tasks, &tasks.project_id, &tasks.id, subquery(task))
                }
            },
            _ => return id,
        };
        query.and_where_option(only);
        subquery(query)
    }
}

/// The facts of a member and the row.
impl Who<'_> {
    /// The term as a condition on a member of this role. Returns `None` if it never holds of such a row.
    fn holds(&self, role: Role, term: Term) -> Option<Expr> {
        let render = self.render(role);
        render.holds(Rows::of(self.kind)?, term)?;
        let (rows, database) = (term.rows(), self.database());
        let source = match term {
            Term::Fact(fact) => self.schema.source(fact),
            Term::ActsAsEither => None,
        };
        match source {
            Some(Source::Column(line)) => {
                let (users, _) = line.users_of(database, self.key(rows, None));
                Some(self.user().eq(subquery(users)))
            }
            Some(Source::Link(line)) => {
                let key = self.key(rows, line.of_row.clone());
                Some(line.links(database, &render.asked, key))
            }
            Some(Source::Value(_)) => {
                let row = any_of(self.schema.named(rows).from());
                Some(self.of_row(row, rows, render.holds_of(term)?))
            }
            _ => {
                let by_id = render.holds_by_id(term, self.key(rows, None));
                by_id.or_else(|| self.is_so(role, term))
            }
        }
    }

    /// What the service says of a fact.
    fn is_so(&self, role: Role, term: Term) -> Option<Expr> {
        let mut member = SelectStatement::new();
        member.expr_as(self.user(), ID);
        let render = self.render_for(role, Expr::col((ASKED, ID)));
        let mut row = any_of(self.schema.named(term.rows()).from());
        row.from_subquery(member, ASKED);
        Some(self.of_row(row, term.rows(), render.holds_of(term)?))
    }

    /// A condition on the row, or on the one that holds it, as a condition on a member.
    fn of_row(&self, mut row: SelectStatement, rows: Rows, condition: Expr) -> Expr {
        let id = Expr::col(self.schema.id_of(rows));
        row.and_where(id.eq(self.key(rows, None))).and_where(condition);
        self.database().exists(row)
    }

    /// The facts of a member and the row as an integer.
    fn facts(&self) -> Expr {
        sum_by(|facts| {
            let bits = self.by_roles(|role, _| bit_by(|term| self.holds(role, term), facts));
            let known = bits.iter().filter_map(|(roles, bit)| Some((roles, bit.clone()?)));
            match bits.as_slice() {
                [(_, bit)] => bit.clone(),
                _ => known
                    .fold(None, |case: Option<CaseStatement>, (roles, bit)| {
                        Some(case.unwrap_or_default().case(self.is_role(roles), bit))
                    })
                    .map(|case| case.finally(constant(0)).into()),
            }
        })
    }

    /// ORs the alternatives, as conditions on a member. See [`one_of_by`].
    fn one_of(&self, role: Role, alternatives: &[Conjunction]) -> Option<Expr> {
        one_of_by(|term| self.holds(role, term), alternatives)
    }
}

/// The three kinds of statements.
impl Who<'_> {
    /// A condition on a member, asked member by member.
    fn matches(&self) -> Expr {
        let asked = self.by_roles(|role, alternatives| self.one_of(role, alternatives));
        let one_of = asked.into_iter().map(|(roles, asked)| and(self.is_role(&roles), [asked]));
        self.bounds().and(any(one_of))
    }

    fn page(&self, page: &Page) -> SelectStatement {
        let members = &self.schema.organization_members;
        let mut query = SelectStatement::new();
        query
            .expr_as(self.user(), "user_id")
            .expr_as(members.col(&members.role), "role")
            .expr_as(self.facts(), "facts")
            .from(members.from())
            .and_where(self.matches())
            .and_where_option(all(page
                .begins(members.column(&members.user_id))
                .into_iter()
                .chain(page.condition().cloned())))
            .order_by_expr(self.user(), page.order().clone())
            .limit(page.size().into());
        query
    }

    fn count(&self) -> SelectStatement {
        let mut query = SelectStatement::new();
        query
            .expr(Func::count(Expr::col(Asterisk)))
            .from(self.schema.organization_members.from())
            .and_where(self.matches());
        query
    }
}

impl Schema {
    /// A query for a page of the people: the members of the row's organization who may do the action to the row, in
    /// the order of the ids of the users. It selects `user_id`, `role` and `facts`, for
    /// [`People::person`].
    ///
    /// The cursor of [`Page::after`] is the id of a user. The condition of [`Page::only`] is on the table of
    /// [members](super::OrganizationMembers).
    ///
    /// ```
    /// use labelgate::sql::{Page, Schema};
    /// use labelgate::{Denied, OrganizationId, ProjectId, Role, Subject, UserId, act};
    /// use sea_query::PostgresQueryBuilder;
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let project = mia.row(ProjectId(100), OrganizationId(1), 8).unwrap();
    /// let people = mia.authorize_people(act::ExportData, &project)?;
    /// let page = Page::of(50).after(8);
    /// let (sql, values) = Schema::postgres().people(&people, &page).build(PostgresQueryBuilder);
    /// assert!(sql.starts_with(r#"SELECT "organization_members"."user_id" AS "user_id""#));
    ///
    /// // What the database returned.
    /// # let (user, role, facts) = (9, "OW", 4);
    /// let person = people.person(UserId(user), role.parse().unwrap(), facts).unwrap();
    /// assert_eq!(person.expect("a person").user(), &UserId(9));
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn people<A, I, T, U>(&self, people: &People<A, I, T, U>, page: &Page) -> SelectStatement
    where
        I: RowId<Value: Id>,
        T: Id,
    {
        Who::new(self, people).page(page)
    }

    /// A query for the number of the people.
    ///
    /// ```
    /// use labelgate::sql::Schema;
    /// use labelgate::{Denied, OrganizationId, Role, Subject, UserId, act};
    /// use sea_query::SqliteQueryBuilder;
    ///
    /// let ada = Subject::new(OrganizationId(1), UserId(7), Role::Administrator);
    /// let people = ada.authorize_people(act::CreateWorkspace, ada.own_organization())?;
    /// let sql = Schema::sqlite().count_people(&people).to_string(SqliteQueryBuilder);
    /// assert!(sql.contains(r#""organization_members"."role" IN ('OW', 'AD', 'MA')"#));
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn count_people<A, I, T, U>(&self, people: &People<A, I, T, U>) -> SelectStatement
    where
        I: RowId<Value: Id>,
        T: Id,
    {
        Who::new(self, people).count()
    }

    /// A condition on the table of [members](super::OrganizationMembers): the member is one of the people. It is
    /// asked member by member, in a query of your own that finds few members by an index of its own.
    ///
    /// ```
    /// use labelgate::sql::Schema;
    /// use labelgate::{Denied, OrganizationId, ProjectId, Role, Subject, UserId, act};
    /// use sea_query::{Expr, ExprTrait, Query, SqliteQueryBuilder};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let project = mia.row(ProjectId(100), OrganizationId(1), 8).unwrap();
    /// let people = mia.authorize_people(act::ReviewAnnotations, &project)?;
    /// let sql = Query::select()
    ///     .column(("users", "name"))
    ///     .from("users")
    ///     .inner_join(
    ///         "organization_members",
    ///         Expr::col(("organization_members", "user_id")).equals(("users", "id")),
    ///     )
    ///     .and_where(Expr::col(("users", "name")).like("Ma%"))
    ///     .and_where(Schema::sqlite().is_person(&people))
    ///     .to_string(SqliteQueryBuilder);
    /// assert!(sql.contains(r#""users"."name" LIKE 'Ma%' AND ("organization_members"."organization_id" = 1"#));
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn is_person<A, I, T, U>(&self, people: &People<A, I, T, U>) -> Expr
    where
        I: RowId<Value: Id>,
        T: Id,
    {
        Who::new(self, people).matches()
    }
}
