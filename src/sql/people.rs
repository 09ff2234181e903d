//! Renders the people who may do an action to a row: the filters of the roles, as conditions on members.

use alloc::vec::Vec;
use core::ops::BitOr;

use sea_query::{
    CaseStatement, ColumnRef, Expr, ExprTrait, Func, SelectStatement, UnionType, Value,
};

use super::dialect::{Database, ID, Keys};
use super::expr::{and, any, any_of, constant, subquery, truth, union};
use super::facts::{Render, Term, bit_by, sum_by};
use super::page::{Ids, Page, one_of_by};
use super::plan::{AccessPath, Conjunction, common, grouped, paths_by, take_out};
use super::schema::{Id, Principal, ProjectRoles, Rows, Schema, Table};
use super::sources::Source;
use crate::fact::Fact;
use crate::filter::Filter;
use crate::kind::Kind;
use crate::people::People;
use crate::role::Role;
use crate::row::RowId;

/// The names of the member's row and id in the expression of an [own fact](super::OwnFact). The expression can read
/// the table of members itself, so the name of that table would be ambiguous.
pub(super) const ASKED: (&str, &str) = ("asked_member", "asked_user_id");

/// A query for users with bits: one for each fact, and one for each row of project roles.
const KNOWN: &str = "known";
const BITS: &str = "bits";
const ANNOTATOR: i32 = 1 << 16;
const REVIEWER: i32 = 1 << 17;
const NEITHER: i32 = 1 << 18;
const ALL_ROWS: i32 = ANNOTATOR + REVIEWER + NEITHER;

/// A condition on the members of a role. `None` is no condition.
type Asked = Option<Expr>;

/// A role that may do the action, if one of the alternatives holds of a member.
#[derive(Clone)]
struct OfRole {
    role: Role,
    alternatives: Vec<Conjunction>,
    /// The alternatives by the fact from which users are found. `None` if one of them has no such fact: then the
    /// query reads all members of the role.
    paths: Option<Vec<AccessPath>>,
}

/// Renders the statements about the people of a row.
#[derive(Clone)]
pub(super) struct Who<'a> {
    schema: &'a Schema,
    organization: Value,
    kind: Kind,
    /// The id of the row: a bound value, or a column of the outer query.
    id: Expr,
    roles: Vec<OfRole>,
}

/// The roles and their alternatives.
impl<'a> Who<'a> {
    fn new<A, I, T, U>(schema: &'a Schema, people: &People<A, I, T, U>) -> Self
    where
        I: RowId<Value: Id>,
        T: Id,
    {
        let organization = people.organization().0.clone().into();
        let id = Expr::val(people.row().value().clone());
        Self::of(schema, organization, I::KIND, id, |role| people.filter(role))
    }

    /// Makes the renderer for a row of this kind. `filter` returns the filter that decides for members of a role.
    pub(super) fn of(
        schema: &'a Schema,
        organization: Value,
        kind: Kind,
        id: Expr,
        filter: impl Fn(Role) -> Filter,
    ) -> Self {
        let mut who = Self { schema, organization, kind, id, roles: Vec::new() };
        let rows = Rows::of(kind);
        if rows.is_none_or(|rows| schema.has(rows)) {
            let asked = Role::ALL.into_iter().map(|role| {
                let filter = filter(role);
                let alternatives = match rows {
                    Some(rows) => who.render(role).alternatives(&filter, rows),
                    None => filter.is_everything().then(Conjunction::new).into_iter().collect(),
                };
                (role, alternatives)
            });
            let asked = asked.filter(|(_, alternatives)| !alternatives.is_empty());
            let asked = asked.map(|(role, alternatives)| {
                let paths = paths_by(|term| who.rank(term), &alternatives);
                OfRole { role, alternatives, paths }
            });
            who.roles = asked.collect();
        }
        who
    }

    fn database(&self) -> &'static dyn Database {
        self.schema.database()
    }

    /// The column of the members' table.
    fn user(&self) -> Expr {
        let members = &self.schema.organization_members;
        members.col(&members.user_id)
    }

    fn is_role(&self, roles: &[Role]) -> Expr {
        let members = &self.schema.organization_members;
        is_one_of(members.col(&members.role), roles)
    }

    /// Returns the renderer for a member with this role. The user is the column of the members' table.
    fn render(&self, role: Role) -> Render<'a> {
        self.render_for(role, self.user())
    }

    fn render_for(&self, role: Role, user: Expr) -> Render<'a> {
        let asked = Principal { organization: Expr::val(self.organization.clone()), user, role };
        Render { schema: self.schema, asked, workspace: None, project: None }
    }

    /// Returns the rank of a term as a start, and its fact: 0 is best. See [`Render::paths`].
    fn rank(&self, term: Term) -> Option<(usize, Fact)> {
        let Term::Fact(fact) = term else { return None };
        self.schema.line(fact)?;
        Some((self.schema.rank(fact)?, fact))
    }

    /// Returns a condition: the member has one of the roles, and meets its condition.
    fn one_of_roles(&self, asked: Vec<(Vec<Role>, Asked)>) -> Expr {
        any(asked.into_iter().map(|(roles, asked)| and(self.is_role(&roles), [asked])))
    }
}

/// Returns a condition: the column has the code of one of the roles.
pub(super) fn is_one_of(column: Expr, roles: &[Role]) -> Expr {
    let codes = roles.iter().map(|role| Expr::Constant(role.code().into()));
    match roles {
        [] => truth(false),
        [only] => column.eq(Expr::Constant(only.code().into())),
        _ => column.is_in(codes),
    }
}

/// Groups roles that have the same condition.
pub(super) fn by_roles<T: PartialEq>(
    asked: impl IntoIterator<Item = (Role, T)>,
) -> Vec<(Vec<Role>, T)> {
    let groups = grouped(asked.into_iter().map(|(role, asked)| (asked, role)));
    groups.into_iter().map(|(asked, roles)| (roles, asked)).collect()
}

/// Returns the bit of a row of project roles.
pub(super) fn project_role_bits(roles: &ProjectRoles) -> Expr {
    let is = |role: &Value| roles.col(&roles.role).eq(Expr::Constant(role.clone()));
    let bit = CaseStatement::new()
        .case(is(&roles.annotator), constant(ANNOTATOR))
        .case(is(&roles.reviewer), constant(REVIEWER));
    bit.finally(constant(NEITHER)).into()
}

/// Returns the bits of the rows that have one of these roles. For an empty `of`, those of all rows.
pub(super) fn role_bits(roles: &ProjectRoles, of: &[&Value]) -> i32 {
    let bit = |code: &&Value| if **code == roles.annotator { ANNOTATOR } else { REVIEWER };
    of.iter().map(bit).reduce(BitOr::bitor).unwrap_or(ALL_ROWS)
}

/// The row, and the rows that hold it.
impl Who<'_> {
    /// Returns a condition: the member is in the organization.
    fn is_here(&self) -> Expr {
        let members = &self.schema.organization_members;
        members.col(&members.organization_id).eq(Expr::val(self.organization.clone()))
    }

    /// Returns a condition: the member and the row are in the organization. It is false if no role may do the action:
    /// then the schema may not have the table of the row.
    fn bounds(&self) -> Expr {
        if self.roles.is_empty() {
            return truth(false);
        }
        let members = &self.schema.organization_members;
        let id = self.id.clone();
        let Some(rows) = Rows::of(self.kind) else {
            return self.is_here().and(members.col(&members.organization_id).eq(id));
        };
        let mut row = any_of(self.schema.named(rows).from());
        row.and_where(Expr::col(self.schema.id_of(rows)).eq(id));
        // The bounds are the same for all roles.
        row.and_where(self.render(Role::Owner).bounds(rows));
        self.is_here().and(self.database().exists(row))
    }

    /// Returns the id of the row, or of the workspace or project that holds it. The expression names no column of the
    /// outer query, so the database computes it once. It does not check the organization: [`bounds`](Self::bounds)
    /// does. `only` is a condition on the workspace: if it is false, the id is NULL.
    fn key(&self, rows: Rows, only: Option<Expr>) -> Expr {
        let Schema { workspaces, projects, tasks, records, .. } = self.schema;
        let id = self.id.clone();
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
    /// Returns the term as a condition on a member of this role, or `None` if it never holds for such a row.
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

    /// Returns the expression of an own fact for a member, checked on the row that decides it.
    fn is_so(&self, role: Role, term: Term) -> Option<Expr> {
        let mut member = SelectStatement::new();
        member.expr_as(self.user(), ASKED.1);
        let render = self.render_for(role, Expr::col(ASKED));
        let mut row = any_of(self.schema.named(term.rows()).from());
        row.from_subquery(member, ASKED.0);
        Some(self.of_row(row, term.rows(), render.holds_of(term)?))
    }

    /// Returns a condition: the row, or the one that holds it, meets `condition`. `row` selects from its table.
    fn of_row(&self, mut row: SelectStatement, rows: Rows, condition: Expr) -> Expr {
        let id = Expr::col(self.schema.id_of(rows));
        row.and_where(id.eq(self.key(rows, None))).and_where(condition);
        self.database().exists(row)
    }

    /// Returns the facts of a member and the row as an integer.
    fn facts(&self) -> Expr {
        self.facts_by(&|roles| self.is_role(roles), &|role, term| self.holds(role, term))
    }

    /// Returns the facts as an integer. `is_role` is a condition: the user has one of the roles. `holds` returns the
    /// term as a condition on the user and the row.
    fn facts_by(
        &self,
        is_role: &dyn Fn(&[Role]) -> Expr,
        holds: &dyn Fn(Role, Term) -> Option<Expr>,
    ) -> Expr {
        sum_by(|facts| {
            let bit = |role| bit_by(|term| holds(role, term), facts);
            let bits = by_roles(self.roles.iter().map(|of| (of.role, bit(of.role))));
            if let [(_, bit)] = bits.as_slice() {
                return bit.clone();
            }
            let known = bits.into_iter().filter_map(|(roles, bit)| Some((roles, bit?)));
            let case = known.fold(None, |case: Option<CaseStatement>, (roles, bit)| {
                Some(case.unwrap_or_default().case(is_role(&roles), bit))
            });
            Some(case?.finally(constant(0)).into())
        })
    }

    /// ORs the alternatives, as conditions on a member. See [`one_of_by`].
    fn one_of(&self, role: Role, alternatives: &[Conjunction]) -> Asked {
        one_of_by(|term| self.holds(role, term), alternatives)
    }
}

/// The three kinds of statements.
impl Who<'_> {
    /// Returns a condition: the member is one of the people. The database checks it member by member.
    pub(super) fn matches(&self) -> Expr {
        let asked = self.roles.iter().map(|of| (of.role, self.one_of(of.role, &of.alternatives)));
        self.bounds().and(self.user().is_not_null()).and(self.one_of_roles(by_roles(asked)))
    }

    fn page(&self, page: &Page) -> SelectStatement {
        let members = &self.schema.organization_members;
        let mut query = SelectStatement::new();
        query
            .expr_as(self.user(), "user_id")
            .expr_as(members.col(&members.role), "role")
            .expr_as(self.database().facts(self.facts()), "facts")
            .from(members.from())
            .and_where(self.bounds())
            .and_where(self.is_on(page))
            .and_where_option(page.condition().cloned())
            .order_by_expr(self.user(), page.order().clone());
        page.limit(&mut query);
        query
    }

    fn count(&self) -> SelectStatement {
        let mut query = SelectStatement::new();
        query.expr(Func::count(Expr::col(ID)));
        let mut parts = self.parts_of_set().into_iter();
        let first = parts.next().unwrap_or_else(|| self.members(&[], None));
        query.from_subquery(union(UnionType::All, first, parts), "people");
        query
    }
}

/// All of the people.
impl Who<'_> {
    /// Returns queries for the ids of users. Each has members of other roles, so no user is found twice.
    fn parts_of_set(&self) -> Vec<SelectStatement> {
        let (found, walked): (Vec<&OfRole>, Vec<&OfRole>) =
            self.roles.iter().partition(|of| of.paths.is_some());
        let walked = walked.into_iter().map(|of| (of.role, self.one_of(of.role, &of.alternatives)));
        let walked = by_roles(walked).into_iter().map(|(roles, asks)| self.members(&roles, asks));
        if self.database().joins_members() {
            walked.chain(self.united(&found)).collect()
        } else {
            let found = found.into_iter().map(|of| (of.role, self.leads(of)));
            let part = |(roles, (from, asks)): (Vec<Role>, (Vec<Fact>, Asked))| {
                let mut users = from.into_iter().filter_map(|from| Some(self.users(from)?.0));
                let users = users.next().map(|first| union(UnionType::All, first, users));
                let mut query = self.members(&roles, asks);
                query.and_where_option(users.map(|users| self.user().in_subquery(users))).take()
            };
            walked.chain(by_roles(found).into_iter().map(part)).collect()
        }
    }

    /// Returns a query for the members of these roles who meet the condition.
    fn members(&self, roles: &[Role], asks: Asked) -> SelectStatement {
        let mut query = SelectStatement::new();
        query.expr_as(self.user(), ID).from(self.schema.organization_members.from());
        query.and_where(self.bounds()).and_where(self.is_role(roles)).and_where_option(asks).take()
    }

    /// Returns the facts from which members of a role are found, and the condition on the found members.
    fn leads(&self, of: &OfRole) -> (Vec<Fact>, Asked) {
        let mut paths = of.paths.clone().unwrap_or_default();
        let rest = common(paths.iter().flat_map(|path| &path.rest));
        take_out(&mut paths, &rest);
        let asks = match paths.iter().all(AccessPath::asks_nothing_else) {
            true => self.one_of(of.role, &[rest]),
            false => self.one_of(of.role, &of.alternatives),
        };
        (paths.iter().map(|path| path.from).collect(), asks)
    }

    /// Returns a query for the members of these roles, which reads the users of the row once: it joins them to the
    /// members, groups them by member, and checks the bits of each. It joins before it groups, because PostgreSQL
    /// cannot estimate the number of groups.
    fn united(&self, found: &[&OfRole]) -> Option<SelectStatement> {
        let asked = |of: &OfRole| -> Vec<(Role, Term)> {
            of.alternatives.iter().flatten().map(|&term| (of.role, term)).collect()
        };
        let terms: Vec<_> = found.iter().flat_map(|of| asked(of)).collect();
        let is_asked = |fact: &Fact| terms.iter().any(|(_, term)| *term == Term::Fact(*fact));
        let facts = Fact::ALL.into_iter().filter(is_asked);
        let rows = facts.filter_map(|fact| {
            let (mut users, _) = self.users(fact)?;
            Some(users.expr_as(constant(fact.bit().into()), BITS).take())
        });
        let reads_roles = terms.iter().any(|(role, term)| self.acts_as(*role, *term).is_some());
        let mut rows = rows.chain(reads_roles.then(|| self.project_roles()));
        let rows = union(UnionType::All, rows.next()?, rows);

        let members = &self.schema.organization_members;
        let roles: Vec<Role> = found.iter().map(|of| of.role).collect();
        let holds = |of: &&OfRole| {
            let known = |term| self.is_known(of.role, term).or_else(|| self.holds(of.role, term));
            (of.role, one_of_by(known, &of.alternatives))
        };
        let mut query = SelectStatement::new();
        query
            .expr_as(self.user(), ID)
            .from_subquery(rows, KNOWN)
            .inner_join(members.from(), self.user().eq(Expr::col((KNOWN, ID))))
            .and_where(self.bounds())
            .and_where(self.is_role(&roles))
            .group_by_columns([members.column(&members.user_id), members.column(&members.role)])
            .and_having(self.one_of_roles(by_roles(found.iter().map(holds))));
        Some(query)
    }

    /// Returns a query for the users with roles in the project, with a bit for each row.
    fn project_roles(&self) -> SelectStatement {
        let roles = &self.schema.project_roles;
        let mut query = SelectStatement::new();
        query
            .expr_as(roles.col(&roles.user_id), ID)
            .expr_as(project_role_bits(roles), BITS)
            .from(roles.from())
            .and_where(roles.col(&roles.project_id).eq(self.key(Rows::Projects, None)));
        query
    }

    /// Returns the term as a condition on the bits of a member, or `None` if there is no bit for it.
    fn is_known(&self, role: Role, term: Term) -> Option<Expr> {
        match term {
            Term::Fact(fact) if self.schema.line(fact).is_some() => {
                Some(has_bits(fact.bit().into()))
            }
            _ => self.acts_as(role, term),
        }
    }

    /// Returns the project role of a member as a condition on the bits.
    fn acts_as(&self, role: Role, term: Term) -> Option<Expr> {
        let roles = &self.schema.project_roles;
        self.render(role).acts_as(term, &|of| has_bits(role_bits(roles, of)))
    }
}

/// Returns a condition: one of the bits is set in a row of the member.
fn has_bits(bits: i32) -> Expr {
    Expr::expr(Func::bit_or(Expr::col((KNOWN, BITS)))).bit_and(constant(bits)).ne(constant(0))
}

/// A page: parts in the order of the users, merged.
impl Who<'_> {
    /// Returns a condition: the user is one of the first that the parts find.
    fn is_on(&self, page: &Page) -> Expr {
        let found = self.walked(page).chain(self.found(page)).collect();
        let users = page.first_of(self.database(), found);
        users.map_or(truth(false), |users| self.database().is_in(self.user(), users))
    }

    /// Returns the parts that read all members of a role, and check each if there is a condition.
    fn walked(&self, page: &Page) -> impl Iterator<Item = Ids> {
        let members = &self.schema.organization_members;
        let walked = self.roles.iter().filter(|of| of.paths.is_none());
        walked.map(move |of| {
            let user = members.column(&members.user_id);
            let mut query = SelectStatement::new();
            query.expr_as(self.user(), ID).from(members.from());
            query.and_where(self.is_member(self.is_role(&[of.role]), page));
            query.and_where_option(page.begins(user.clone()));
            query.and_where_option(self.one_of(of.role, &of.alternatives));
            Ids { query, id: user, of_rows: None, in_order: true }
        })
    }

    /// Returns the parts that start from the users of the row.
    fn found(&self, page: &Page) -> impl Iterator<Item = Ids> {
        let paths = self.roles.iter().flat_map(|OfRole { role, paths, .. }| {
            paths.iter().flatten().map(move |path| (path.from, (*role, &path.rest)))
        });
        let asked = paths.map(|(from, (role, rest))| (from, (role, self.one_of(role, rest))));
        grouped(asked).into_iter().filter_map(|(from, asked)| self.found_from(from, asked, page))
    }

    /// Returns the users that a fact links to the row and that are members of these roles. The query looks up each
    /// user: if a statement is prepared once for rows with few and with many users, PostgreSQL plans a join badly.
    fn found_from(&self, from: Fact, asked: Vec<(Role, Asked)>, page: &Page) -> Option<Ids> {
        let members = &self.schema.organization_members;
        let (line, database) = (self.schema.line(from)?, self.database());
        let (mut query, user) = self.users(from)?;
        query.and_where_option(page.begins(user.clone()));
        let is_member = self.is_member(self.one_of_roles(by_roles(asked)), page);
        let look_up = |user: ColumnRef| {
            let mut member = any_of(members.from());
            member.and_where(self.user().eq(Expr::col(user))).and_where(is_member.clone());
            database.exists(member)
        };
        let (repeats, order) = (line.repeats, page.order().clone());
        let (query, user) = if repeats {
            database.distinct(Keys { query, key: user, repeats, order }, &look_up)
        } else {
            query.and_where(look_up(user.clone()));
            (query, user)
        };
        Some(Ids { query, id: user, of_rows: None, in_order: line.is_in_order() })
    }

    /// Returns a query for the users that a fact links to the row.
    fn users(&self, from: Fact) -> Option<(SelectStatement, ColumnRef)> {
        let line = self.schema.line(from)?;
        let key = self.key(Rows::that_have(from), line.of_row.clone());
        Some(line.users_of(self.database(), key))
    }

    /// Returns a condition: the member is in the organization, has the role, and meets that of the page.
    fn is_member(&self, is_role: Expr, page: &Page) -> Expr {
        and(self.is_here(), [Some(is_role), page.condition().cloned()])
    }
}

/// The people of each row of an outer query. That query checks the organization of the row.
impl Who<'_> {
    /// Returns the renderer for the row with this id.
    pub(super) fn of_id(&self, id: Expr) -> Self {
        Self { id, ..self.clone() }
    }

    /// Returns true if there are no people of any row.
    pub(super) fn is_nobody(&self) -> bool {
        self.roles.is_empty()
    }

    /// Returns a condition: the member is one of the people on a page.
    pub(super) fn is_of_page(&self, page: &Page) -> Expr {
        self.is_here().and(self.is_on(page))
    }

    /// Returns the facts of a user with this role and the row as an integer, for a query that reads the row.
    pub(super) fn facts_of(&self, user: &Expr, role: &Expr, rows: Rows) -> Expr {
        self.facts_by(&|roles| is_one_of(role.clone(), roles), &|role, term| {
            self.render_for(role, user.clone()).holds(rows, term)
        })
    }
}

impl Schema {
    /// Returns a query for a page of the people: the members of the row's organization who may do the action to the
    /// row, in the order of their user ids. It selects `user_id`, `role` and `facts`, for [`People::person`]. The
    /// facts are those that [`facts`](Self::facts) selects for the user and the row.
    ///
    /// [`Page::after`] takes the id of the last user of the page before, and [`Page::only`] a condition on the
    /// table of [members](super::OrganizationMembers). [`Page::search`] does the same as `only`.
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
        let mut page = page.clone();
        let search = page.take_search();
        let page = search.into_iter().fold(page, Page::only);
        Who::new(self, people).page(&page)
    }

    /// Returns a query for the number of the people.
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

    /// Returns a condition on the table of [members](super::OrganizationMembers): the member is one of the people.
    /// The database checks it member by member. Use it in a query that finds few members by an index.
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
