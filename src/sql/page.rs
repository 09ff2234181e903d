//! Renders a filter as a condition on rows: for a page, for a set, or row by row.

use alloc::vec::Vec;
use core::marker::PhantomData;

use sea_query::{
    ColumnRef, DynIden, Expr, ExprTrait, IntoIden, Order, SelectStatement, UnionType, Value,
};

use super::dialect::{Bounded, Database, ID, Keys};
use super::expr::{all, and, any, any_of, truth, union};
use super::facts::{Render, Term};
use super::plan::{
    AccessPath, Conjunction, Step, Ways, common, of_parents, parents, steps, take_out,
};
use super::schema::{Id, Rows, Schema, Table, is_null};
use super::sources::{Line, Source};
use crate::filter::Filter;

/// A page of a list, for [`Schema::paginate`] and [`Schema::page`]: in the order of the ids, or of a
/// [column](Self::by).
///
/// ```
/// use labelgate::sql::Page;
/// use sea_query::{Expr, ExprTrait, Order};
///
/// let first = Page::of(50);
/// assert_eq!((first.size(), first.order()), (50, &Order::Asc));
///
/// // The next page starts after the last row of this one. The cursor is the id of that row.
/// let next = first.clone().after(1234);
///
/// // The newest tasks that are not deleted.
/// let newest = Page::of(20)
///     .descending()
///     .only(Expr::col(("tasks", "deleted_at")).is_null());
/// assert_eq!(newest.order(), &Order::Desc);
///
/// // The projects that were changed last. The cursor is the value of the last row, and its id.
/// let changed = Page::of(20).by("changed_at").descending();
/// let next = changed.clone().after("2026-03-01 12:00:00", 1234);
///
/// // The third page of 20.
/// let third = changed.offset(40);
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Page<By = ById> {
    size: u32,
    offset: u32,
    order: Order,
    column: Option<DynIden>,
    /// The value that the column has in the row of `after`.
    value: Option<Value>,
    after: Option<Value>,
    only: Option<Expr>,
    search: Option<Expr>,
    by: PhantomData<By>,
}

/// The order of a [`Page`]: by the id. The cursor is an id.
///
/// ```
/// use labelgate::sql::{ById, Page};
///
/// let page: Page<ById> = Page::of(50).after(1234);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ById {}

/// The order of a [`Page`]: by a column, and by the id where values are equal. The cursor is a value and an id.
///
/// A cursor without the value does not compile:
///
/// ```compile_fail,E0061
/// use labelgate::sql::{ByColumn, Page};
///
/// let page: Page<ByColumn> = Page::of(50).by("created_at").after(1234);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ByColumn {}

impl Page {
    /// Returns the first page, with at most `size` rows in ascending order of the ids.
    #[must_use]
    pub const fn of(size: u32) -> Self {
        Self {
            size,
            offset: 0,
            order: Order::Asc,
            column: None,
            value: None,
            after: None,
            only: None,
            search: None,
            by: PhantomData,
        }
    }

    /// Returns the page after the row with this id. Give the id of the last row of the page before.
    #[must_use]
    pub fn after(self, id: impl Id) -> Self {
        self.after_value(id.into())
    }

    /// See [`after`](Self::after).
    pub(super) fn after_value(self, id: Value) -> Self {
        Self { after: Some(id).filter(|id| !is_null(id)), ..self }
    }

    /// Returns the first page in the order of a column of the listed table, and of the ids where values are equal.
    /// NULLs are where the database puts them: PostgreSQL takes them for the greatest values, SQLite for the least.
    ///
    /// Name the column in [`Schema::with_order`] as well, so that [`Schema::indexes`] has the index for it. The
    /// column of the ids gives the order of the ids.
    #[must_use]
    pub fn by(self, column: impl IntoIden) -> Page<ByColumn> {
        Page { column: Some(column.into_iden()), after: None, ..self.retyped() }
    }
}

impl Page<ByColumn> {
    /// Returns the page after the row with this value and this id. Give those of the last row of the page before.
    ///
    /// The value is what the database had in the column when the row was read. Do not round it: a timestamp without
    /// its microseconds is another value. NULL is the `None` of any `Option`, such as `None::<i64>`.
    ///
    /// Rows may change while somebody reads page after page. Each row that does not change is on exactly one page.
    #[must_use]
    pub fn after(self, value: impl Into<Value>, id: impl Id) -> Self {
        let after = Some(id.into()).filter(|id| !is_null(id));
        Self { value: Some(value.into()), after, ..self }
    }
}

impl<By> Page<By> {
    /// Returns the page in descending order: from the greatest id or value down.
    #[must_use]
    pub fn descending(self) -> Self {
        Self { order: Order::Desc, ..self }
    }

    /// Adds a condition of your own, such as "not deleted": the page has only rows that meet it.
    ///
    /// The condition is an expression or a [`Condition`](sea_query::Condition) on columns of the listed table, by
    /// its alias. If you add the condition to the query instead, pages have fewer rows than their size.
    #[must_use]
    pub fn only(self, condition: impl Into<Expr>) -> Self {
        let only = all(self.only.into_iter().chain([condition.into()]));
        Self { only, ..self }
    }

    /// Adds a condition which few rows may meet, and for which there is an index: what somebody types into a search
    /// box.
    ///
    /// The statement first counts the rows that meet the condition, in all organizations. If there are at most
    /// [500](Schema::search_limit), it checks for each whether it is in the listing. If there are more, it reads the
    /// page as with [`only`](Self::only). If there is no index for the condition, use `only`.
    ///
    /// ```
    /// use labelgate::sql::Page;
    /// use sea_query::{Expr, ExprTrait};
    ///
    /// let found = Page::of(50).search(Expr::col(("projects", "title")).like("%cats%"));
    /// ```
    #[must_use]
    pub fn search(self, condition: impl Into<Expr>) -> Self {
        let search = all(self.search.into_iter().chain([condition.into()]));
        Self { search, ..self }
    }

    /// Returns the page that skips this many rows, for pages with a number: page 3 of 50 skips 100. The database
    /// reads the rows that it skips, and a row that is added or deleted meanwhile moves others to another page. A
    /// cursor has neither problem.
    ///
    /// [`Schema::paginate`] adds the offset to the query. The condition of [`Schema::page`] alone selects the skipped
    /// rows too.
    #[must_use]
    pub fn offset(self, rows: u32) -> Self {
        Self { offset: rows, ..self }
    }

    /// Returns the greatest number of rows on the page. Give the query the same LIMIT.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }

    /// Returns the direction of the order. Give the query the same ORDER BY.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// Returns a copy of the page for code that handles any order.
    pub(super) fn retyped<Other>(&self) -> Page<Other> {
        Page {
            size: self.size,
            offset: self.offset,
            order: self.order.clone(),
            column: self.column.clone(),
            value: self.value.clone(),
            after: self.after.clone(),
            only: self.only.clone(),
            search: self.search.clone(),
            by: PhantomData,
        }
    }

    /// Adds the LIMIT and the OFFSET of the page to a query.
    pub(super) fn limit(&self, query: &mut SelectStatement) {
        query.limit(self.size.into());
        if self.offset > 0 {
            query.offset(self.offset.into());
        }
    }

    /// Returns how many rows are read at most: those that are skipped and those that are shown.
    pub(super) const fn reads(&self) -> u64 {
        self.size as u64 + self.offset as u64
    }

    pub(super) const fn column(&self) -> Option<&DynIden> {
        self.column.as_ref()
    }

    /// Returns the value and the id of the last row of the page before.
    pub(super) fn cursor(&self) -> Option<(&Value, &Value)> {
        Some((self.value.as_ref()?, self.after.as_ref()?))
    }

    /// Returns the condition of [`only`](Self::only).
    pub(super) const fn condition(&self) -> Option<&Expr> {
        self.only.as_ref()
    }

    /// Takes out what is searched for.
    pub(super) const fn take_search(&mut self) -> Option<Expr> {
        self.search.take()
    }

    /// Returns a query for the first ids that the queries find, in the order of the page. Returns `None` if there is
    /// no query.
    pub(super) fn first_of(
        &self,
        database: &dyn Database,
        found: Vec<Ids>,
    ) -> Option<SelectStatement> {
        let is_one = found.len() == 1;
        let ordered = |Ids { mut query, id, in_order, .. }| {
            query.order_by_expr(Expr::col(id), self.order.clone());
            if !is_one && database.limits_part(in_order) {
                query.limit(self.reads());
            }
            query
        };
        let mut found = found.into_iter().map(ordered);
        let first = found.next()?;
        let mut query = match is_one {
            true => first,
            false => database.merge(first, found.collect(), self.order.clone()),
        };
        query.limit(self.reads());
        Some(query)
    }

    pub(super) fn begins(&self, id: ColumnRef) -> Option<Expr> {
        let (id, after) = (Expr::col(id), Expr::val(self.after.clone()?));
        Some(if self.order == Order::Asc { id.gt(after) } else { id.lt(after) })
    }
}

/// The conditions, besides the filter's, on found rows.
#[derive(Clone, Copy)]
pub(super) struct Asks<'a> {
    pub(super) bounds: Bounds,
    pub(super) page: Option<&'a Page>,
}

/// Which query checks that a row is in the [bounds](Render::bounds).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bounds {
    /// The query of each path.
    Inside,
    /// The query that takes the ids.
    Outside,
}

/// A query for ids.
pub(super) struct Ids {
    pub(super) query: SelectStatement,
    /// The column that `query` selects.
    pub(super) id: ColumnRef,
    /// The conditions of `query`, if its FROM is the table of the rows alone.
    pub(super) of_rows: Option<Expr>,
    /// Whether an index returns the ids in order, so that reading stops when a page is full.
    pub(super) in_order: bool,
}

/// The three shapes of a list.
impl Render<'_> {
    pub(super) fn page(&self, filter: &Filter, rows: Rows, page: &Page) -> Expr {
        let asks = Asks { bounds: Bounds::Inside, page: Some(page) };
        let page_of = match self.plan(filter, rows).ways {
            Ways::None => None,
            Ways::Walk(alternatives) => {
                let asks = Asks { bounds: Bounds::Outside, ..asks };
                let narrowed = self.narrowed(rows, asks, self.one_of(rows, &alternatives));
                all([self.walked(rows)].into_iter().chain(narrowed))
            }
            Ways::Paths(paths) => self.page_of(rows, page, self.found(rows, paths, asks)),
        };
        page_of.unwrap_or(truth(false))
    }

    pub(super) fn set(&self, filter: &Filter, rows: Rows) -> Expr {
        match self.plan(filter, rows).ways {
            Ways::None => truth(false),
            Ways::Walk(alternatives) => and(self.walked(rows), [self.one_of(rows, &alternatives)]),
            Ways::Paths(paths) => match rows {
                Rows::Workspaces | Rows::Projects => self.set_of(rows, paths),
                Rows::Tasks | Rows::Records => self.set_in_projects(rows, paths),
            },
        }
    }

    pub(super) fn matches(&self, filter: &Filter, rows: Rows) -> Expr {
        let alternatives = self.alternatives(filter, rows);
        if alternatives.is_empty() {
            return truth(false);
        }
        and(self.bounds(rows), [self.one_of(rows, &alternatives)])
    }

    /// ORs the alternatives. Returns `None` (no condition) if one of them has no terms.
    pub(super) fn one_of(&self, rows: Rows, alternatives: &[Conjunction]) -> Option<Expr> {
        one_of_by(|term| self.holds(rows, term), alternatives)
    }
}

/// See [`Render::one_of`]. A term for which `holds` returns `None` is false.
pub(super) fn one_of_by(
    holds: impl Fn(Term) -> Option<Expr>,
    alternatives: &[Conjunction],
) -> Option<Expr> {
    let holds = |term: &Term| holds(*term).unwrap_or(truth(false));
    let common = common(alternatives);
    let rest =
        |terms: &Conjunction| all(terms.iter().filter(|term| !common.contains(term)).map(holds));
    let rest: Option<Vec<Expr>> = alternatives.iter().map(rest).collect();
    let rest = rest.and_then(|rest| rest.into_iter().reduce(ExprTrait::or));
    all(common.iter().map(holds).chain(rest))
}

/// Makes pages and sets of the ids that paths find.
impl Render<'_> {
    /// Returns a condition: the id is one of the first that the queries find, in the order of the page. Returns
    /// `None` if there is no query.
    fn page_of(&self, rows: Rows, page: &Page, found: Vec<Ids>) -> Option<Expr> {
        if let [Ids { of_rows: Some(of_rows), .. }] = &found[..] {
            // The conditions suffice: the caller's query has the same ORDER BY and LIMIT.
            return Some(of_rows.clone());
        }
        Some(self.is_in(Expr::col(self.schema.id_of(rows)), page.first_of(self.database(), found)?))
    }

    /// Returns a condition: the workspace or project is in the set. The bounds, and the terms that all paths
    /// share, are checked on the row itself.
    fn set_of(&self, rows: Rows, mut paths: Vec<AccessPath>) -> Expr {
        let common = self.take_common(rows, &mut paths);
        let found = self.is_found(rows, paths, Bounds::Outside);
        and(self.bounds(rows), [found, common])
    }

    /// Removes the terms that all paths share, and returns them as a condition.
    pub(super) fn take_common(&self, rows: Rows, paths: &mut [AccessPath]) -> Option<Expr> {
        let common = common(paths.iter().flat_map(|path| &path.rest));
        take_out(paths, &common);
        self.one_of(rows, &[common])
    }

    /// Returns a condition: the task or record is in the set. Paths that need only the project become a set that has
    /// the row's project.
    fn set_in_projects(&self, rows: Rows, paths: Vec<AccessPath>) -> Expr {
        let (of_projects, of_rows) = of_parents(rows, paths);
        let in_projects = (!of_projects.is_empty()).then(|| self.in_parents(rows, of_projects));
        let found = self.is_found(rows, of_rows, Bounds::Inside);
        any(in_projects.into_iter().chain(found))
    }

    /// Returns a condition: at least one of the paths finds the row. Returns `None` if there is no path.
    fn is_found(&self, rows: Rows, paths: Vec<AccessPath>, bounds: Bounds) -> Option<Expr> {
        let found = self.union(rows, paths, bounds, UnionType::All)?;
        Some(self.is_in(Expr::col(self.schema.id_of(rows)), found))
    }

    /// Returns a query for the ids that at least one of the paths finds. Returns `None` if there is no path.
    pub(super) fn union(
        &self,
        rows: Rows,
        paths: Vec<AccessPath>,
        bounds: Bounds,
        union_type: UnionType,
    ) -> Option<SelectStatement> {
        let found = self.found(rows, paths, Asks { bounds, page: None });
        let mut found = found.into_iter().map(|ids| ids.query);
        Some(union(union_type, found.next()?, found))
    }

    /// Returns a query for the ids of a set of workspaces or projects, to find the rows that they hold.
    fn ids_of_set(&self, rows: Rows, paths: Vec<AccessPath>) -> SelectStatement {
        let id = self.schema.id_of(rows);
        let mut query = SelectStatement::new();
        query.column(id.clone());
        // Workspaces are not joined: the database cannot estimate how many rows a user's workspaces hold.
        let is_plain = |path: &AccessPath| {
            Rows::that_have(path.from) == Rows::Projects && path.asks_nothing_else()
        };
        let joins = self.database().joins_sets() && paths.iter().all(is_plain);
        let found =
            joins.then(|| self.union(rows, paths.clone(), Bounds::Outside, UnionType::Distinct));
        if let Some(found) = found.flatten() {
            let is_found = Expr::col(id).eq(Expr::col(("found_ids", ID)));
            query.from_subquery(found, "found_ids");
            query.inner_join(self.schema.named(rows).from(), is_found);
            query.and_where(self.bounds(rows));
        } else {
            query.from(self.schema.named(rows).from()).and_where(self.set_of(rows, paths));
        }
        query
    }

    /// Returns the [bounds](Self::bounds) for a list that starts from no fact. Within a workspace or a project,
    /// the rows are found by the id of what holds them, and other rows are not read.
    pub(super) fn walked(&self, rows: Rows) -> Expr {
        let Schema { tasks, records, .. } = self.schema;
        let is_by_task = rows == Rows::Records && records.project_id.is_none();
        if is_by_task && self.project.is_some() {
            let mut of_project = SelectStatement::new();
            of_project.column(tasks.column(&tasks.id)).from(tasks.from());
            of_project.and_where(self.bounds(Rows::Tasks));
            self.is_in(records.col(&records.task_id), of_project)
        } else if rows >= Rows::Tasks && self.workspace.is_some() {
            let projects = &self.schema.projects;
            let mut of_workspace = SelectStatement::new();
            of_workspace.column(projects.column(&projects.id)).from(projects.from());
            of_workspace.and_where(self.bounds(Rows::Projects));
            self.held_by(rows, of_workspace)
        } else {
            self.bounds(rows)
        }
    }

    /// Returns a condition: one of the paths finds the row's parent, within the bounds.
    fn in_parents(&self, rows: Rows, paths: Vec<AccessPath>) -> Expr {
        self.held_by(rows, self.ids_of_set(parents(rows), paths))
    }

    /// Returns a condition: the query selects the id of the workspace or project that holds the row.
    fn held_by(&self, rows: Rows, query: SelectStatement) -> Expr {
        let Schema { projects, tasks, records, .. } = self.schema;
        match (rows, &records.project_id) {
            (Rows::Workspaces | Rows::Projects, _) => {
                self.is_in(projects.col(&projects.workspace_id), query)
            }
            (Rows::Tasks, _) => self.is_in(tasks.col(&tasks.project_id), query),
            (Rows::Records, Some(project_id)) => self.is_in(records.col(project_id), query),
            (Rows::Records, None) => {
                let mut of_projects = SelectStatement::new();
                of_projects
                    .column(tasks.column(&tasks.id))
                    .from(tasks.from())
                    .and_where(self.is_in(tasks.col(&tasks.project_id), query));
                self.is_in(records.col(&records.task_id), of_projects)
            }
        }
    }
}

/// Finds the ids of rows by paths.
impl Render<'_> {
    /// Returns the queries that find the rows of the paths.
    pub(super) fn found(&self, rows: Rows, paths: Vec<AccessPath>, asks: Asks<'_>) -> Vec<Ids> {
        let ids = |step| match step {
            Step::Rows(path) => self.ids(rows, &path, asks),
            Step::Parents { paths, rest } => {
                // A project in the bounds holds only rows in the bounds. A workspace may hold projects of another
                // organization.
                let bounds = if rows == Rows::Projects { asks.bounds } else { Bounds::Outside };
                let in_parents = self.in_parents(rows, paths);
                let rest = self.one_of(rows, &rest);
                self.ids_of_rows(rows, in_parents, Asks { bounds, ..asks }, rest)
            }
        };
        steps(rows, paths).into_iter().map(ids).collect()
    }

    /// Returns a query for the ids that a path from a fact of these rows finds.
    pub(super) fn ids(&self, rows: Rows, path: &AccessPath, asks: Asks<'_>) -> Ids {
        let (starts, in_order) = match self.schema.source(path.from) {
            Some(Source::Link(line)) => return self.ids_of_link(rows, path, line, asks),
            Some(Source::Column(line)) => (line.of_user(&self.asked), true),
            Some(Source::Own(own)) => {
                let ids = own.ids.as_ref().map(|ids| ids(&self.asked));
                let id = Expr::col(self.schema.id_of(rows));
                (ids.map_or(truth(false), |ids| self.is_in(id, ids)), false)
            }
            // No list starts from such a fact.
            Some(Source::Value(_) | Source::Role(_)) | None => (truth(false), false),
        };
        let rest = self.one_of(rows, &path.rest);
        Ids { in_order, ..self.ids_of_rows(rows, starts, asks, rest) }
    }

    /// Returns a query for the ids of a path that starts from a table that links users and rows.
    fn ids_of_link(&self, rows: Rows, path: &AccessPath, line: Line<'_>, asks: Asks<'_>) -> Ids {
        let (mut query, key) = line.rows_of(self.database(), &self.asked);
        if let (Some(column), Some(project)) = (line.project, self.project_in_bounds()) {
            query.and_where(line.table.col(column).eq(project));
        }
        if let Some(begins) = asks.page.and_then(|page| page.begins(key.clone())) {
            query.and_where(begins);
        }
        let (in_order, repeats) = (line.is_in_order(), line.repeats);
        let order = asks.page.map_or(Order::Asc, |page| page.order.clone());
        let joins = self.joins(path, &line, asks);
        let (query, id) = match self.look_up(rows, path, line, asks) {
            None => (query, key),
            Some(_) if joins => {
                let keys = Keys { query, key, repeats, order };
                let (table, id) = (self.schema.named(rows).from(), self.schema.id_of(rows));
                let bounds = self.bounds(rows);
                self.database().join(keys, Bounded { table, id, bounds })
            }
            Some(row) if repeats => {
                self.database().distinct(Keys { query, key, repeats, order }, &row)
            }
            Some(row) => {
                query.and_where(row(key.clone()));
                (query, key)
            }
        };
        Ids { query, id, of_rows: None, in_order }
    }

    /// Returns true if a page joins the rows of a path: if only their bounds are left to check, and are one column.
    fn joins(&self, path: &AccessPath, line: &Line<'_>, Asks { bounds, page }: Asks<'_>) -> bool {
        let asks_nothing_else = path.asks_nothing_else() && line.of_row.is_none();
        self.database().joins_pages()
            && Rows::that_have(path.from) <= Rows::Projects
            && bounds == Bounds::Inside
            && page.is_some_and(|page| page.only.is_none())
            && asks_nothing_else
            && line.is_in_order()
    }

    /// Returns what is left to check of a linked row, as a condition on its id. Returns `None` if nothing is
    /// left.
    fn look_up(
        &self,
        rows: Rows,
        path: &AccessPath,
        line: Line<'_>,
        asks: Asks<'_>,
    ) -> Option<impl Fn(ColumnRef) -> Expr> {
        let only = asks.page.and_then(|page| page.only.clone());
        // If the assignment is sure to have the task's project, the project is looked up in place of the task.
        let of_project = path.rest_is_known_from(Rows::Projects) && only.is_none();
        let project = line.project.filter(|_| line.is_checked && of_project);
        let rows = if project.is_some() { Rows::Projects } else { rows };
        let column = project.map(|project| line.table.column(project));
        let is_bound = column.is_some() && self.project.is_some();
        let binds = asks.bounds == Bounds::Inside && !is_bound;
        let rest = all(line.of_row.into_iter().chain(self.one_of(rows, &path.rest)));
        if !binds && rest.is_none() && only.is_none() {
            return None;
        }
        Some(move |key| {
            let id = Expr::col(self.schema.id_of(rows));
            let mut query = any_of(self.schema.named(rows).from());
            query.and_where(id.eq(Expr::col(column.clone().unwrap_or(key))));
            if binds {
                self.bound(&mut query, rows);
            }
            for condition in rest.iter().chain(&only) {
                query.and_where(condition.clone());
            }
            self.exists(query)
        })
    }

    /// Returns a query for the ids of the rows that meet a condition.
    fn ids_of_rows(&self, rows: Rows, condition: Expr, asks: Asks<'_>, rest: Option<Expr>) -> Ids {
        let id = self.schema.id_of(rows);
        let of_rows = self.narrowed(rows, asks, rest).fold(condition, ExprTrait::and);
        let mut query = SelectStatement::new();
        query.expr_as(Expr::col(id.clone()), ID).from(self.schema.named(rows).from());
        query.and_where(of_rows.clone());
        Ids { query, id, of_rows: Some(of_rows), in_order: false }
    }

    /// Returns the further conditions on a row: bounds, cursor, the path's terms, and the condition of the page.
    fn narrowed(
        &self,
        rows: Rows,
        Asks { bounds, page }: Asks<'_>,
        rest: Option<Expr>,
    ) -> impl Iterator<Item = Expr> {
        let bounds = (bounds == Bounds::Inside).then(|| self.bounds(rows));
        let begins = page.and_then(|page| page.begins(self.schema.id_of(rows)));
        let only = page.and_then(|page| page.only.clone());
        [bounds, begins, rest, only].into_iter().flatten()
    }
}
