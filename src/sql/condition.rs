//! Filters as conditions on rows: a page, a set, and row by row.

use alloc::vec;
use alloc::vec::Vec;

use sea_query::{ColumnRef, Expr, ExprTrait, Order, SelectStatement, UnionType, Value};

use super::facts::{Render, Term, all};
use super::schema::{Dialect, Id, Rows, Schema, any_of, is_null, truth};
use crate::fact::Fact;
use crate::filter::Filter;

/// A page of a list in the order of the ids, for [`Schema::page`].
///
/// ```
/// use labelgate::sql::Page;
/// use sea_query::{Expr, ExprTrait, Order};
///
/// let first = Page::of(50);
/// assert_eq!((first.size(), first.order()), (50, &Order::Asc));
///
/// // The next page ends where this one does. The cursor is the id of its last row.
/// let next = first.clone().after(1234);
///
/// // The newest ones of one project that are not deleted.
/// let newest = Page::of(20)
///     .descending()
///     .in_project(100)
///     .only(Expr::col(("tasks", "deleted_at")).is_null());
/// assert_eq!(newest.order(), &Order::Desc);
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    size: u32,
    order: Order,
    after: Option<Value>,
    only: Option<Expr>,
    pub(super) project: Option<Value>,
}

impl Page {
    /// The first page, in ascending order of the ids.
    #[must_use]
    pub const fn of(size: u32) -> Self {
        Self { size, order: Order::Asc, after: None, only: None, project: None }
    }

    /// The same page in descending order: from the greatest id down.
    #[must_use]
    pub fn descending(self) -> Self {
        Self { order: Order::Desc, ..self }
    }

    /// The page that follows the row with this id, which is the last one of the page before.
    #[must_use]
    pub fn after(self, id: impl Id) -> Self {
        Self { after: Some(id.into()).filter(|id| !is_null(id)), ..self }
    }

    /// Only rows of one project. Conditions on the project are then asked once, and not for each row.
    ///
    /// As in [`after`](Self::after), an id that may be absent does not compile:
    ///
    /// ```compile_fail,E0277
    /// use labelgate::sql::Page;
    ///
    /// let page = Page::of(50).in_project(None::<i64>);
    /// ```
    #[must_use]
    pub fn in_project(self, id: impl Id) -> Self {
        Self { project: Some(id.into()), ..self }
    }

    /// Only rows that meet a condition of your own as well, such as "not deleted".
    ///
    /// The condition is an expression or a [`Condition`](sea_query::Condition) on columns of the listed
    /// table, by its alias. Say it here: if you add it to the query alone, pages come up short.
    #[must_use]
    pub fn only(self, condition: impl Into<Expr>) -> Self {
        let only = all(self.only.into_iter().chain([condition.into()]));
        Self { only, ..self }
    }

    /// The most rows that the page has. The query repeats it as its limit.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }

    /// The direction of the ids. The query repeats it as its order.
    #[must_use]
    pub const fn order(&self) -> &Order {
        &self.order
    }

    fn begins(&self, id: ColumnRef) -> Option<Expr> {
        let (id, after) = (Expr::col(id), Expr::val(self.after.clone()?));
        Some(if self.order == Order::Asc { id.gt(after) } else { id.lt(after) })
    }
}

/// An alternative: terms that must all hold.
type All = Vec<Term>;

/// Alternatives that are found in the same way.
#[derive(Clone)]
struct Branch {
    /// What leads from the user to the rows.
    from: Fact,
    /// What else must hold of them: one of these.
    rest: Vec<All>,
}

impl Branch {
    /// Whether all of it is known from rows of a table, and of those that hold them.
    fn is_known_from(&self, rows: Rows) -> bool {
        let terms = self.rest.iter().flatten().copied();
        terms.chain([Term::Fact(self.from)]).all(|term| term.rows() <= rows)
    }
}

/// A query for ids.
struct Ids {
    query: SelectStatement,
    /// The column that it selects.
    id: ColumnRef,
    /// The conditions of the query, if it selects from the table of the rows and nothing else.
    of_rows: Option<Expr>,
    /// Whether an index has them in their order, so that the first ones are all that is read.
    in_order: bool,
}

/// What each query for ids calls its column.
const ID: &str = "id";

impl Render<'_> {
    pub(super) fn page(&self, filter: &Filter, rows: Rows, page: &Page) -> Expr {
        let alternatives = self.alternatives(filter, rows);
        if alternatives.is_empty() {
            return truth(false);
        }
        let page_of = match self.branches(&alternatives) {
            Some(branches) => self.page_of(rows, &branches, page),
            None => all(self.narrowed(rows, Some(page), true, self.one_of(rows, &alternatives))),
        };
        page_of.unwrap_or(truth(false))
    }

    fn page_of(&self, rows: Rows, branches: &[Branch], page: &Page) -> Option<Expr> {
        let mut found = self.found(rows, branches, Some(page), true);
        if let [Ids { of_rows: Some(of_rows), .. }] = &found[..] {
            // In the order of the ids, as the query itself is.
            return Some(of_rows.clone());
        }
        let (order, size) = (page.order.clone(), page.size.into());
        let is_one = found.len() == 1;
        // SQLite reads some parts of a union to their ends, PostgreSQL estimates that it does: each ends
        // by itself. Where there is no order yet, PostgreSQL would walk the whole table in search of one.
        let ends = |in_order| !is_one && (in_order || self.schema.dialect == Dialect::Sqlite);
        let ordered = |Ids { mut query, id, in_order, .. }| {
            query.order_by_expr(Expr::col(id), order.clone());
            if ends(in_order) {
                query.limit(size);
            }
            query
        };
        let mut found = found.drain(..).map(ordered);
        let first = found.next()?;
        // What has an order of its own is no part of a union, unless it is selected from.
        let part = |query| {
            let mut part = SelectStatement::new();
            part.column(ID).from_subquery(query, "part");
            part
        };
        let mut query = match self.schema.dialect {
            _ if is_one => first,
            Dialect::Sqlite => {
                let mut query = part(first);
                query.unions(found.map(|query| (UnionType::Distinct, part(query))));
                query.order_by_expr(Expr::cust("1"), order.clone());
                query
            }
            Dialect::Postgres => {
                let mut merged = part(first);
                merged.unions(found.map(|query| (UnionType::All, query)));
                let mut query = SelectStatement::new();
                query.distinct_on([ID]).column(ID).from_subquery(merged, "merged");
                query.order_by(ID, order.clone());
                query
            }
        };
        query.limit(size);
        Some(self.is_in(Expr::col(self.schema.id(rows)), query))
    }

    pub(super) fn set(&self, filter: &Filter, rows: Rows) -> Expr {
        let alternatives = self.alternatives(filter, rows);
        if alternatives.is_empty() {
            return truth(false);
        }
        let Some(branches) = self.branches(&alternatives) else {
            return and(self.pinned(rows), [self.one_of(rows, &alternatives)]);
        };
        match rows {
            Rows::Workspaces | Rows::Projects => self.set_of(rows, branches),
            Rows::Tasks | Rows::Records => {
                let (of_projects, of_rows): (Vec<_>, Vec<_>) =
                    branches.into_iter().partition(|branch| branch.is_known_from(Rows::Projects));
                let in_projects = (!of_projects.is_empty()).then(|| {
                    let held = self.held(Rows::Projects, of_projects);
                    self.of_projects(rows, held)
                });
                let found = union(self.found(rows, &of_rows, None, true));
                let found = found.map(|query| self.is_in(Expr::col(self.schema.id(rows)), query));
                let either = [in_projects, found].into_iter().flatten().reduce(ExprTrait::or);
                either.unwrap_or(truth(false))
            }
        }
    }

    /// A set of workspaces or projects. The organization, and what all alternatives ask, are asked of
    /// the row.
    fn set_of(&self, rows: Rows, mut branches: Vec<Branch>) -> Expr {
        let rest: Vec<All> = branches.iter().flat_map(|branch| branch.rest.clone()).collect();
        let common = common(&rest);
        for terms in branches.iter_mut().flat_map(|branch| &mut branch.rest) {
            terms.retain(|term| !common.contains(term));
        }
        let common = (!common.is_empty()).then(|| self.one_of(rows, &[common])).flatten();
        let found = union(self.found(rows, &branches, None, false));
        let found = found.map(|query| self.is_in(Expr::col(self.schema.id(rows)), query));
        and(self.pinned(rows), [found, common])
    }

    /// The ids of a set of workspaces or projects, for what they hold.
    fn held(&self, rows: Rows, branches: Vec<Branch>) -> SelectStatement {
        let mut query = SelectStatement::new();
        query.column(self.schema.id(rows)).from(self.schema.from(rows));
        query.and_where(self.set_of(rows, branches));
        query
    }

    pub(super) fn matches(&self, filter: &Filter, rows: Rows) -> Expr {
        let alternatives = self.alternatives(filter, rows);
        if alternatives.is_empty() {
            return truth(false);
        }
        and(self.pinned(rows), [self.one_of(rows, &alternatives)])
    }

    /// As a policy asks it of each row, whatever the query is. Nothing in it reads the table that the
    /// row is of, which would be under the same policy. Of tasks and records it is a condition inside of
    /// [`policy_in_project`](Self::policy_in_project).
    pub(super) fn policy(&self, filter: &Filter, rows: Rows) -> Expr {
        let alternatives = self.alternatives(filter, rows);
        if alternatives.is_empty() {
            return truth(false);
        }
        let branches = match rows {
            Rows::Workspaces => None,
            Rows::Projects => self.branches(&alternatives),
            Rows::Tasks | Rows::Records => {
                let any = self.in_its_project(rows, alternatives);
                return and(self.pinned(Rows::Projects), [any]);
            }
        };
        let Some(mut branches) = branches else { return self.matches(filter, rows) };
        // What all of them ask is asked once, unless it leads to rows.
        let mut common = common(&alternatives);
        common.retain(|&term| branches.iter().all(|branch| Term::Fact(branch.from) != term));
        for terms in branches.iter_mut().flat_map(|branch| &mut branch.rest) {
            terms.retain(|term| !common.contains(term));
        }
        let holds = |branch: &Branch| {
            let led = self.led(rows, branch.from);
            all([led].into_iter().chain(self.one_of(rows, &branch.rest))).unwrap_or(truth(false))
        };
        let any = branches.iter().map(holds).reduce(ExprTrait::or);
        let common = (!common.is_empty()).then(|| self.one_of(rows, &[common])).flatten();
        and(self.pinned(rows), [any, common])
    }

    /// That there is a project which a task or a record is in, and this holds there. It is read once,
    /// since it is under policies of its own, which the database puts in wherever it is read.
    pub(super) fn policy_in_project(&self, rows: Rows, holds: Expr) -> Expr {
        match rows {
            Rows::Workspaces | Rows::Projects => holds,
            Rows::Tasks | Rows::Records => self.in_project(rows, holds),
        }
    }

    /// One of the alternatives, beside the project that the row is in. The workspace is read once for
    /// each fact of it.
    fn in_its_project(&self, rows: Rows, alternatives: Vec<All>) -> Option<Expr> {
        let holds = |term: Term| match term.rows() {
            Rows::Workspaces | Rows::Projects => self.holds(Rows::Projects, term),
            Rows::Tasks | Rows::Records => self.holds(rows, term),
        };
        let mut groups: Vec<(Option<Term>, Vec<All>)> = Vec::new();
        for mut terms in alternatives {
            let through = terms.iter().copied().find(|term| term.rows() == Rows::Workspaces);
            terms.retain(|&term| Some(term) != through);
            match groups.iter_mut().find(|(other, _)| *other == through) {
                Some((_, rest)) => rest.push(terms),
                None => groups.push((through, vec![terms])),
            }
        }
        let group = |(through, rest): (Option<Term>, Vec<All>)| {
            let rest = self.one_of_by(holds, &rest);
            all(through.and_then(holds).into_iter().chain(rest))
        };
        let groups: Option<Vec<Expr>> = groups.into_iter().map(group).collect();
        groups?.into_iter().reduce(ExprTrait::or)
    }

    /// That a fact leads from the user to a project: it is in a set that is read once.
    fn led(&self, rows: Rows, from: Fact) -> Expr {
        let branch = Branch { from, rest: vec![All::new()] };
        let Schema { projects, .. } = self.schema;
        let has_ids = self.schema.own(from).is_some_and(|own| own.ids.is_some());
        let through = Rows::that_have(from) == Rows::Workspaces;
        match from {
            Fact::ProjectCreator if !has_ids => {
                self.holds(rows, Term::Fact(from)).unwrap_or(truth(false))
            }
            _ if through => union(self.found(Rows::Workspaces, &[branch], None, true))
                .map_or(truth(false), |ids| self.is_in(projects.col(&projects.workspace_id), ids)),
            _ if has_ids => {
                let own = self.schema.own(from).and_then(|own| own.ids.as_ref());
                own.map_or(truth(false), |ids| {
                    self.is_in(Expr::col(self.schema.id(rows)), ids(&self.asked))
                })
            }
            _ => {
                let ids = self.ids(rows, &branch, None, false);
                self.is_in(Expr::col(self.schema.id(rows)), ids.query)
            }
        }
    }

    /// The alternatives that such rows can meet. Two that differ in what the user acts as are one.
    fn alternatives(&self, filter: &Filter, rows: Rows) -> Vec<All> {
        let terms = filter.alternatives().map(|set| set.elements().map(Term::Fact).collect());
        let mut rest: Vec<All> = terms
            .filter(|terms: &All| terms.iter().all(|&term| self.holds(rows, term).is_some()))
            .collect();
        let [annotator, reviewer] = [Fact::ActsAsAnnotator, Fact::ActsAsReviewer].map(Term::Fact);
        let mut alternatives = Vec::new();
        while let Some(mut terms) = rest.pop() {
            // Of two that are twins, that of the annotator comes first.
            let other = |&term: &Term| if term == reviewer { annotator } else { term };
            let twin: All = terms.iter().map(other).collect();
            let twin = rest.iter().position(|terms| *terms == twin);
            if let Some(twin) = twin {
                rest.remove(twin);
                terms.retain(|&term| term != annotator && term != reviewer);
                if self.asks_for_either() {
                    terms.push(Term::ActsAsEither);
                }
            }
            alternatives.push(terms);
        }
        alternatives.reverse();
        alternatives
    }

    /// The alternatives by what leads from the user to the rows; nothing where one has nothing that
    /// does, so that the rows of the organization are walked.
    fn branches(&self, alternatives: &[All]) -> Option<Vec<Branch>> {
        let mut branches: Vec<Branch> = Vec::new();
        for terms in alternatives {
            let ranked = terms.iter().filter_map(|&term| Some((self.rank(term)?, term)));
            let Term::Fact(from) = ranked.min_by_key(|(rank, _)| *rank)?.1 else { return None };
            let rest = terms.iter().copied().filter(|&term| term != Term::Fact(from)).collect();
            match branches.iter_mut().find(|branch| branch.from == from) {
                Some(branch) => branch.rest.push(rest),
                None => branches.push(Branch { from, rest: vec![rest] }),
            }
        }
        Some(branches)
    }

    /// How well a term leads from the user to rows: the least is the best.
    fn rank(&self, term: Term) -> Option<u8> {
        let Term::Fact(fact) = term else { return None };
        let own = self.schema.own(fact);
        if own.is_some_and(|own| own.ids.is_none()) {
            return None;
        }
        match fact {
            Fact::Assignee | Fact::Author => Some(0),
            // It is the same for all rows of the project.
            _ if self.project.is_some() => None,
            Fact::ProjectCreator => Some(1),
            Fact::ProjectMember => Some(2),
            Fact::ProjectAssignee => Some(3),
            Fact::WorkspaceCreator => Some(4),
            Fact::WorkspaceMember => Some(5),
            _ => own.map(|_| 6),
        }
    }

    /// One of the alternatives, as a condition on a row; nothing where one asks nothing.
    fn one_of(&self, rows: Rows, alternatives: &[All]) -> Option<Expr> {
        self.one_of_by(|term| self.holds(rows, term), alternatives)
    }

    fn one_of_by(
        &self,
        holds: impl Fn(Term) -> Option<Expr>,
        alternatives: &[All],
    ) -> Option<Expr> {
        let holds = |term: &Term| holds(*term).unwrap_or(truth(false));
        let common = common(alternatives);
        let rest = |terms: &All| all(terms.iter().filter(|term| !common.contains(term)).map(holds));
        let rest: Option<Vec<Expr>> = alternatives.iter().map(rest).collect();
        let rest = rest.and_then(|rest| rest.into_iter().reduce(ExprTrait::or));
        all(common.iter().map(holds).chain(rest))
    }

    /// The ids of the rows of the branches: all of them, or those of a page. Where they are not pinned,
    /// the row that they are compared with is.
    fn found(
        &self,
        rows: Rows,
        branches: &[Branch],
        page: Option<&Page>,
        pinned: bool,
    ) -> Vec<Ids> {
        let holds = match rows {
            Rows::Workspaces | Rows::Projects => Rows::Workspaces,
            Rows::Tasks | Rows::Records => Rows::Projects,
        };
        let mut found = Vec::new();
        let mut through = Vec::new();
        for branch in branches {
            if Rows::that_have(branch.from) == rows {
                found.push(self.ids(rows, branch, page, pinned));
            } else if branch.is_known_from(holds) {
                through.push(branch.clone());
            } else {
                let held = Branch { from: branch.from, rest: vec![All::new()] };
                let rest = self.one_of(rows, &branch.rest);
                found.push(self.through(rows, holds, vec![held], rest, page, pinned));
            }
        }
        if !through.is_empty() {
            found.push(self.through(rows, holds, through, None, page, pinned));
        }
        found
    }

    /// The ids of the rows that are held by those of the branches.
    fn through(
        &self,
        rows: Rows,
        holds: Rows,
        branches: Vec<Branch>,
        rest: Option<Expr>,
        page: Option<&Page>,
        pinned: bool,
    ) -> Ids {
        let held = self.held(holds, branches);
        let projects = &self.schema.projects;
        let held = match rows {
            Rows::Workspaces | Rows::Projects => {
                self.is_in(projects.col(&projects.workspace_id), held)
            }
            Rows::Tasks | Rows::Records => self.of_projects(rows, held),
        };
        self.of_rows(rows, held, page, pinned && rows == Rows::Projects, rest)
    }

    /// The ids of the rows of a branch that leads from the user to them.
    fn ids(&self, rows: Rows, branch: &Branch, page: Option<&Page>, pinned: bool) -> Ids {
        let Schema { workspaces, workspace_members, projects, project_members, .. } = self.schema;
        let Schema { tasks, task_assignees, records, .. } = self.schema;
        let user = self.asked.user();
        let id = self.schema.id(rows);
        let from = branch.from;
        let own = self.schema.own(from).and_then(|own| own.ids.as_ref());
        let of_row = match (from, own) {
            (_, Some(ids)) => Some(self.is_in(Expr::col(id.clone()), ids(&self.asked))),
            (Fact::WorkspaceCreator, _) => {
                Some(workspaces.col(&workspaces.created_by).eq(user.clone()))
            }
            (Fact::ProjectCreator, _) => Some(projects.col(&projects.created_by).eq(user.clone())),
            (Fact::Author, _) => Some(records.col(&records.completed_by).eq(user.clone())),
            _ => None,
        };
        if let Some(of_row) = of_row {
            let rest = self.one_of(rows, &branch.rest);
            let ids = self.of_rows(rows, of_row, page, pinned, rest);
            return Ids { in_order: own.is_none(), ..ids };
        }

        // From a table of memberships or assignments, and the row by its id.
        let (table, of_user, key, repeats) = match (from, &task_assignees.project_id) {
            (Fact::WorkspaceMember, _) => {
                let table = workspace_members;
                let key = table.column(&table.workspace_id);
                (table.from(), table.col(&table.user_id).eq(user), key, false)
            }
            (Fact::ProjectAssignee, Some(project_id)) => {
                let table = task_assignees;
                let key = table.column(project_id);
                (table.from(), table.col(&table.user_id).eq(user), key, true)
            }
            (Fact::ProjectAssignee, None) => {
                let table = task_assignees;
                let mut assigned = SelectStatement::new();
                assigned
                    .column(table.column(&table.task_id))
                    .from(table.from())
                    .and_where(table.col(&table.user_id).eq(user));
                let assigned = self.is_in(tasks.col(&tasks.id), assigned);
                (tasks.from(), assigned, tasks.column(&tasks.project_id), true)
            }
            (Fact::Assignee, project_id) => {
                let table = task_assignees;
                let mut of_user = table.col(&table.user_id).eq(user);
                if let (Some(project_id), Some(project)) = (project_id, self.pinned_project()) {
                    of_user = of_user.and(table.col(project_id).eq(project));
                }
                (table.from(), of_user, table.column(&table.task_id), false)
            }
            _ => {
                let table = project_members;
                let key = table.column(&table.project_id);
                (table.from(), table.col(&table.user_id).eq(user), key, false)
            }
        };
        let in_order = from != Fact::ProjectAssignee || task_assignees.project_id.is_some();
        let shared = (from == Fact::WorkspaceMember).then(|| self.is_shared());
        let only = page.and_then(|page| page.only.clone());
        // Where the project of an assignment is sure, it is asked about and the task is not.
        let is_known = branch.rest.iter().flatten().all(|term| term.rows() <= Rows::Projects);
        let of_project = match (from, &task_assignees.project_id) {
            (Fact::Assignee, Some(project_id)) if task_assignees.is_checked => {
                (is_known && only.is_none()).then(|| task_assignees.column(project_id))
            }
            _ => None,
        };
        let rows = if of_project.is_some() { Rows::Projects } else { rows };
        let rest = all(shared.into_iter().chain(self.one_of(rows, &branch.rest)));
        let pinned = pinned && (of_project.is_none() || self.project.is_none());
        let asks = pinned || rest.is_some() || only.is_some();
        let by_id = {
            let id = Expr::col(self.schema.id(rows));
            move |key: ColumnRef| id.eq(Expr::col(of_project.unwrap_or(key)))
        };
        let asked = |query: &mut SelectStatement| {
            if pinned {
                self.pin(query, rows);
            }
            for condition in rest.into_iter().chain(only) {
                query.and_where(condition);
            }
        };

        let mut query = SelectStatement::new();
        query.expr_as(Expr::col(key.clone()), ID).from(table).and_where(of_user);
        if let Some(begins) = page.and_then(|page| page.begins(key.clone())) {
            query.and_where(begins);
        }
        if !asks {
            return Ids { query, id: key, of_rows: None, in_order };
        }
        let row = |key: ColumnRef| {
            let mut query = any_of(self.schema.from(rows));
            query.and_where(by_id(key));
            asked(&mut query);
            self.exists(query)
        };
        match self.schema.dialect {
            _ if !repeats => {
                query.and_where(row(key.clone()));
                Ids { query, id: key, of_rows: None, in_order }
            }
            // Each row is asked about once.
            Dialect::Sqlite => {
                query.group_by_col(key.clone()).and_having(row(key.clone()));
                Ids { query, id: key, of_rows: None, in_order }
            }
            Dialect::Postgres => {
                let order = page.map_or(Order::Asc, |page| page.order.clone());
                query.distinct_on([key.clone()]).order_by_expr(Expr::col(key), order);
                let id: ColumnRef = ("distinct_ids", ID).into();
                let mut distinct = SelectStatement::new();
                distinct.column(id.clone()).from_subquery(query, "distinct_ids");
                distinct.and_where(row(id.clone()));
                Ids { query: distinct, id, of_rows: None, in_order }
            }
        }
    }

    /// The ids of rows that meet a condition.
    fn of_rows(
        &self,
        rows: Rows,
        condition: Expr,
        page: Option<&Page>,
        pinned: bool,
        rest: Option<Expr>,
    ) -> Ids {
        let id = self.schema.id(rows);
        let conditions = self.narrowed(rows, page, pinned, rest);
        let of_rows = conditions.fold(condition, ExprTrait::and);
        let mut query = SelectStatement::new();
        query.expr_as(Expr::col(id.clone()), ID).from(self.schema.from(rows));
        query.and_where(of_rows.clone());
        Ids { query, id, of_rows: Some(of_rows), in_order: false }
    }

    /// What else is asked of a row.
    fn narrowed(
        &self,
        rows: Rows,
        page: Option<&Page>,
        pinned: bool,
        rest: Option<Expr>,
    ) -> impl Iterator<Item = Expr> {
        let pinned = pinned.then(|| self.pinned(rows));
        let begins = page.and_then(|page| page.begins(self.schema.id(rows)));
        let only = page.and_then(|page| page.only.clone());
        [pinned, begins, rest, only].into_iter().flatten()
    }

    /// That a task or a record is in one of the projects.
    fn of_projects(&self, rows: Rows, query: SelectStatement) -> Expr {
        let Schema { tasks, records, .. } = self.schema;
        match (rows, &records.project_id) {
            (Rows::Records, Some(project_id)) => self.is_in(records.col(project_id), query),
            (Rows::Records, None) => {
                let mut of_projects = SelectStatement::new();
                of_projects
                    .column(tasks.column(&tasks.id))
                    .from(tasks.from())
                    .and_where(self.is_in(tasks.col(&tasks.project_id), query));
                self.is_in(records.col(&records.task_id), of_projects)
            }
            _ => self.is_in(tasks.col(&tasks.project_id), query),
        }
    }
}

fn union(found: Vec<Ids>) -> Option<SelectStatement> {
    let mut found = found.into_iter().map(|ids| ids.query);
    let mut query = found.next()?;
    query.unions(found.map(|query| (UnionType::All, query)));
    Some(query)
}

/// The terms that are in all of the alternatives.
fn common(alternatives: &[All]) -> All {
    let mut alternatives = alternatives.iter();
    let mut common = alternatives.next().cloned().unwrap_or_default();
    for terms in alternatives {
        common.retain(|term| terms.contains(term));
    }
    common
}

fn and<const N: usize>(first: Expr, conditions: [Option<Expr>; N]) -> Expr {
    conditions.into_iter().flatten().fold(first, ExprTrait::and)
}
