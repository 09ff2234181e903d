//! Renders the access report: for each row that the subject may view, the people to whom facts give more than their
//! role alone does.

use sea_query::{Expr, ExprTrait, Order, SelectStatement, UnionType, Value};

use super::dialect::{OfEachRow, ROLE, ROW_ID, ROWS, USER_ID};
use super::expr::{constant, subquery, truth, union};
use super::facts::Render;
use super::page::Page;
use super::people::Who;
use super::schema::{Id, Principal, Rows, Schema, Table, is_null};
use crate::kind::Kind;
use crate::report::Report;

/// A page of an access report, for [`Schema::report`].
///
/// The lines are in the order of the kinds (organization, workspaces, projects), of the ids of the rows, and of the
/// ids of the users. A page has lines of one kind. [`next`](Self::next) walks the report. To go on where a report
/// ended, start with [`after`](Self::after) and the kind, row and user of the last line.
///
/// ```
/// use labelgate::Kind;
/// use labelgate::sql::ReportPage;
///
/// let first = ReportPage::of(500);
/// assert_eq!((first.kind(), first.size()), (Kind::Organization, 500));
///
/// // Its last line was of row 1 and user 9.
/// let second = first.next(Some((1, 9))).unwrap();
/// assert_eq!(second, ReportPage::of(500).after(Kind::Organization, 1, 9));
///
/// // It had no lines: the workspaces are next, and then the projects.
/// let workspaces = second.next(None::<(i64, i64)>).unwrap();
/// assert_eq!(workspaces.kind(), Kind::Workspace);
/// let projects = workspaces.next(None::<(i64, i64)>).unwrap();
/// assert_eq!((projects.kind(), projects.next(None::<(i64, i64)>)), (Kind::Project, None));
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct ReportPage {
    size: u32,
    kind: Kind,
    /// The row and the user of the last line of the page before.
    after: Option<(Value, Value)>,
}

impl ReportPage {
    /// Returns the first page, with at most `size` lines. A page has room for one line at least.
    #[must_use]
    pub const fn of(size: u32) -> Self {
        let size = if size == 0 { 1 } else { size };
        Self { size, kind: Kind::Organization, after: None }
    }

    /// Returns the page after the line of this row and this user. Nothing is after a line of another kind than an
    /// organization, a workspace or a project.
    #[must_use]
    pub fn after(self, kind: Kind, row: impl Id, user: impl Id) -> Self {
        let after: (Value, Value) = (row.into(), user.into());
        let after = Some(after).filter(|(row, user)| !is_null(row) && !is_null(user));
        Self { kind, after, ..self }
    }

    /// Returns the page after this one. `last` has the row and the user of the last line of this page. If the page
    /// had no lines, it is `None`, and the lines of the next kind follow. Returns `None` at the end of the report.
    #[must_use]
    pub fn next(self, last: Option<(impl Id, impl Id)>) -> Option<Self> {
        let next = match (last, self.kind) {
            (Some((row, user)), kind) => return Some(self.after(kind, row, user)),
            (None, Kind::Organization) => Kind::Workspace,
            (None, Kind::Workspace) => Kind::Project,
            (None, Kind::Project | Kind::Task | Kind::Record) => return None,
        };
        Some(Self { kind: next, after: None, ..self })
    }

    /// Returns the kind of the rows of this page.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the greatest number of lines on the page.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }
}

/// The name of the lines that are on a page.
const LINE: &str = "labelgate_line";

/// Renders the lines of workspaces or projects.
struct Lines<'a, T, U> {
    schema: &'a Schema,
    report: &'a Report<T, U>,
    rows: Rows,
    /// The people who have a line of one of the rows.
    who: Who<'a>,
    page: &'a ReportPage,
}

impl<T: Id, U: Id> Lines<'_, T, U> {
    /// Returns a query for the rows that the subject may view. `range` is a condition on them.
    fn viewed(&self, range: Option<Expr>) -> SelectStatement {
        let (schema, report) = (self.schema, self.report);
        let asked = Principal::new(report.organization(), report.user(), report.role());
        let subject = Render { schema, asked, workspace: None, project: None };
        let mut query = SelectStatement::new();
        query
            .expr_as(Expr::col(schema.id_of(self.rows)), ROW_ID)
            .from(schema.named(self.rows).from())
            .and_where(subject.matches(&report.viewed(self.page.kind), self.rows))
            .and_where_option(range);
        query
    }

    /// Returns a query for the lines of rows. `condition` is one on the members of a row.
    fn lines(&self, rows: SelectStatement, condition: Expr) -> SelectStatement {
        let members = &self.schema.organization_members;
        let [user, role] = [&members.user_id, &members.role].map(|column| members.column(column));
        let members = OfEachRow { table: members.from(), user, role, condition };
        self.schema.database().lines(rows, members, self.page.size.into())
    }

    /// Returns a query for the lines of the page: those of the row of the cursor, and then those of further rows.
    fn found(&self) -> SelectStatement {
        let id = || Expr::col(self.schema.id_of(self.rows));
        let users = Page::of(self.page.size);
        let further = |range| self.lines(self.viewed(range), self.who.is_of_page(&users));
        let Some((row, user)) = &self.page.after else { return further(None) };
        let row = || Expr::val(row.clone());
        let after = users.clone().after_value(user.clone());
        let of_row = self.who.of_id(row()).is_of_page(&after);
        let of_row = self.lines(self.viewed(Some(id().eq(row()))), of_row);
        let further = further(Some(id().gt(row())));
        let mut found = union(UnionType::All, part(of_row), [part(further)]);
        found.limit(self.page.size.into());
        found
    }

    fn page(&self) -> SelectStatement {
        let column = |name| Expr::col((LINE, name));
        let row = Expr::col(self.schema.id_of(self.rows));
        let of_line = self.who.facts_of(&column(USER_ID), &column(ROLE), self.rows);
        let mut facts = SelectStatement::new();
        facts
            .expr(self.schema.database().facts(of_line))
            .from(self.schema.named(self.rows).from())
            .and_where(row.eq(column(ROW_ID)));
        let mut query = SelectStatement::new();
        query
            .expr_as(column(ROW_ID), ROW_ID)
            .expr_as(column(USER_ID), USER_ID)
            .expr_as(column(ROLE), ROLE)
            .expr_as(subquery(facts), "facts")
            .from_subquery(self.found(), LINE)
            .order_by((LINE, ROW_ID), Order::Asc)
            .order_by((LINE, USER_ID), Order::Asc)
            .limit(self.page.size.into());
        query
    }
}

/// Wraps a query that has its own ORDER BY and LIMIT, so that it can be a part of a union.
fn part(query: SelectStatement) -> SelectStatement {
    let mut part = SelectStatement::new();
    part.columns([ROW_ID, USER_ID, ROLE]).from_subquery(query, "part");
    part
}

/// Returns the renderer of the people who have a line of a row. If the user who asks is NULL, nobody has one.
fn who<'a, T: Id, U: Id>(
    schema: &'a Schema,
    report: &Report<T, U>,
    kind: Kind,
    row: Expr,
) -> Who<'a> {
    let organization: Value = report.organization().0.clone().into();
    let is_nobody = is_null(&report.user().0.clone().into());
    let organization = if is_nobody { organization.as_null() } else { organization };
    Who::of(schema, organization, kind, row, |role| report.filter(role, kind))
}

impl Schema {
    /// Returns a query for a page of the access report. It selects `row_id`, `user_id`, `role` and `facts`, for
    /// [`ReportLine::new`](crate::report::ReportLine::new), in the order of the rows and the users. The kind of the
    /// rows is that of the [page](ReportPage::kind).
    ///
    /// To add names, join your tables to it: `SELECT .. FROM (report) AS line JOIN users ..`, and repeat the order.
    ///
    /// ```
    /// use labelgate::report::ReportLine;
    /// use labelgate::sql::{ReportPage, Schema};
    /// use labelgate::{Action, Denied, OrganizationId, Role, Subject, UserId};
    /// use sea_query::SqliteQueryBuilder;
    ///
    /// let ada = Subject::new(OrganizationId(1), UserId(7), Role::Administrator);
    /// let report = ada.authorize_report(ada.own_organization())?;
    /// let mut next = Some(ReportPage::of(500));
    /// while let Some(page) = next {
    ///     let (sql, values) = Schema::sqlite().report(&report, &page).build(SqliteQueryBuilder);
    ///
    ///     // What the database returned.
    ///     # let rows: Vec<(i64, i64, &str, i64)> =
    ///     #     if page == ReportPage::of(500) { vec![(1, 7, "AD", 0)] } else { Vec::new() };
    ///     for &(row, user, role, facts) in &rows {
    ///         let role = role.parse().unwrap();
    ///         let line = ReportLine::new(page.kind(), row, UserId(user), role, facts).unwrap();
    ///         assert!(line.actions(report.matrix()).has(Action::ExportData));
    ///     }
    ///     next = page.next(rows.last().map(|&(row, user, ..)| (row, user)));
    /// }
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn report<T: Id, U: Id>(
        &self,
        report: &Report<T, U>,
        page: &ReportPage,
    ) -> SelectStatement {
        let who = |row| who(self, report, page.kind, row);
        let rows = Rows::of(page.kind).filter(|rows| *rows <= Rows::Projects);
        match (page.kind, rows) {
            (Kind::Organization, _) => {
                let is_member = who(Expr::val(report.organization().0.clone())).matches();
                self.report_of_organization(page, is_member)
            }
            (_, Some(rows)) => {
                let who = who(Expr::col((ROWS, ROW_ID)));
                if who.is_nobody() {
                    return self.report_of_organization(page, truth(false));
                }
                Lines { schema: self, report, rows, who, page }.page()
            }
            (_, None) => self.report_of_organization(page, truth(false)),
        }
    }

    /// Returns a query for the lines of the organization. `condition` is one on members.
    fn report_of_organization(&self, page: &ReportPage, condition: Expr) -> SelectStatement {
        let members = &self.organization_members;
        let user = members.col(&members.user_id);
        let begins = page.after.as_ref().map(|(_, after)| user.clone().gt(after.clone()));
        let mut query = SelectStatement::new();
        query
            .expr_as(members.col(&members.organization_id), ROW_ID)
            .expr_as(user.clone(), USER_ID)
            .expr_as(members.col(&members.role), ROLE)
            .expr_as(self.database().facts(constant(0)), "facts")
            .from(members.from())
            .and_where(condition)
            .and_where_option(begins)
            .order_by_expr(user, Order::Asc)
            .limit(page.size.into());
        query
    }
}
