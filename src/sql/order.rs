//! Pages in any order, and searches in them.
//!
//! Two queries can find a page in the order of a column, and the number of the user's rows decides which is faster.
//! One finds the user's rows and sorts them. The other walks the index of the order and checks for each row whether
//! it is in the listing. A search has two queries as well: one checks each row that it finds, the other reads a page
//! with the search as a condition. A gate counts rows up to a limit, and one of the two runs.

use alloc::vec;
use alloc::vec::Vec;

use sea_query::{
    ColumnRef, CommonTableExpression, DynIden, Expr, ExprTrait, Order, SelectStatement, UnionType,
};

use super::dialect::{GATE, ID, IS_MANY, Keyed, concat};
use super::expr::{and, any, truth, union};
use super::facts::Render;
use super::page::{Bounds, Page};
use super::plan::{AccessPath, Conjunction, Ways};
use super::schema::{Rows, Schema, is_null};
use crate::filter::Filter;

impl Schema {
    /// Returns the columns that a page is sorted by.
    pub(super) fn order_of(&self, rows: Rows, page: &Page) -> Vec<(ColumnRef, Order)> {
        let column = self.sorted_by(rows, page).map(|column| self.named(rows).column(column));
        let columns = column.into_iter().chain([self.id_of(rows)]);
        columns.map(|column| (column, page.order().clone())).collect()
    }

    /// Returns the column that a page is sorted by. Returns `None` if that is the id.
    fn sorted_by<'a>(&self, rows: Rows, page: &'a Page) -> Option<&'a DynIden> {
        let is_other = |column: &&DynIden| self.named(rows).column(column) != self.id_of(rows);
        page.column().filter(is_other)
    }
}

/// Pages in any order.
impl Render<'_> {
    /// Returns a condition: the row is on the page.
    pub(super) fn page_in_order(&self, filter: &Filter, rows: Rows, page: &Page) -> Expr {
        let mut page = page.clone();
        match page.take_search() {
            Some(search) => self.searched(filter, rows, page, search),
            None if self.schema.sorted_by(rows, &page).is_some() => {
                self.sorted(filter, rows, &page)
            }
            None => self.page(filter, rows, &page),
        }
    }

    fn sorted(&self, filter: &Filter, rows: Rows, page: &Page) -> Expr {
        match self.plan(filter, rows).ways {
            Ways::None => truth(false),
            Ways::Walk(alternatives) => self.walked_in_order(rows, page, &alternatives),
            Ways::Paths(paths) => self.sorted_or_walked(filter, rows, page, paths),
        }
    }

    /// Renders a page of everything, which the index of the order has.
    fn walked_in_order(&self, rows: Rows, page: &Page, alternatives: &[Conjunction]) -> Expr {
        let condition = and(self.walked(rows), [self.one_of(rows, alternatives)]);
        match &self.ranges(rows, page)[..] {
            [range] => and(condition, [range.clone(), page.condition().cloned()]),
            _ => {
                let mut query = self.ids_of(rows);
                query.and_where(condition);
                let first = self.first_of_each_range(rows, page, &query);
                self.is_in(Expr::col(self.schema.id_of(rows)), first)
            }
        }
    }

    /// Renders a page of the user's rows. If they are few, they are sorted. If not, the index of the order is walked.
    fn sorted_or_walked(
        &self,
        filter: &Filter,
        rows: Rows,
        page: &Page,
        mut paths: Vec<AccessPath>,
    ) -> Expr {
        let common = match rows {
            Rows::Workspaces | Rows::Projects => self.take_common(rows, &mut paths),
            Rows::Tasks | Rows::Records => None,
        };
        let found = self.union(rows, paths, Bounds::Outside, UnionType::All);
        let Some(found) = found else { return truth(false) };

        let mut sort = self.database().by_ids(self.keyed(rows), found.clone());
        sort.and_where(and(self.bounds(rows), [common]));
        let mut walk = self.ids_of(rows);
        walk.and_where(self.matches(filter, rows));
        let many = self.first_of_each_range(rows, page, &walk);
        let few = self.first_of_all(rows, page, sort);
        self.one_of_two(rows, exceeds(found, self.schema.sort_limit), few, many)
    }

    /// Renders a page of the rows that a search finds. If they are few, each is checked. If not, the page is read
    /// with the search as a condition.
    fn searched(&self, filter: &Filter, rows: Rows, page: Page, search: Expr) -> Expr {
        if self.alternatives(filter, rows).is_empty() {
            return truth(false);
        }
        let mut hits = self.ids_of(rows);
        hits.and_where(search.clone());
        let mut few = self.database().by_ids(self.keyed(rows), hits.clone());
        few.and_where(self.matches(filter, rows));
        let few = self.first_of_all(rows, &page, few);

        let page = page.only(search);
        let mut many = self.ids_of(rows);
        many.and_where(self.page_in_order(filter, rows, &page));
        let many = self.first(rows, &page, many);
        self.one_of_two(rows, exceeds(hits, self.schema.search_limit), few, many)
    }

    /// Returns a condition: one of two queries selects the id of the row. The gate says which of them runs.
    fn one_of_two(
        &self,
        rows: Rows,
        gate: SelectStatement,
        few: SelectStatement,
        many: SelectStatement,
    ) -> Expr {
        let gated = |query, if_many| self.database().gated(self.keyed(rows), query, if_many);
        let mut query = union(UnionType::All, gated(few, false), [gated(many, true)]);
        let mut named = CommonTableExpression::new();
        named.table_name(GATE).query(gate);
        query.with_cte(named);
        self.is_in(Expr::col(self.schema.id_of(rows)), query)
    }
}

/// Finds the rows after a cursor.
impl Render<'_> {
    /// Returns the first rows of a query in each range of the page. The rows of the page are among these.
    fn first_of_each_range(
        &self,
        rows: Rows,
        page: &Page,
        query: &SelectStatement,
    ) -> SelectStatement {
        let first = |range: Option<Expr>| self.first_of(rows, page, query.clone(), range);
        let mut ranges = self.ranges(rows, page).into_iter().map(first);
        match (ranges.next(), ranges.len()) {
            (Some(first), 0) => first,
            (Some(first), _) => concat(first, ranges),
            (None, _) => query.clone(),
        }
    }

    /// Returns the first rows of a query that reads all of its rows anyway. One condition has all ranges.
    fn first_of_all(&self, rows: Rows, page: &Page, query: SelectStatement) -> SelectStatement {
        let ranges: Option<Vec<Expr>> = self.ranges(rows, page).into_iter().collect();
        self.first_of(rows, page, query, ranges.map(any))
    }

    fn first_of(
        &self,
        rows: Rows,
        page: &Page,
        mut query: SelectStatement,
        range: Option<Expr>,
    ) -> SelectStatement {
        for condition in range.iter().chain(page.condition()) {
            query.and_where(condition.clone());
        }
        self.first(rows, page, query)
    }

    fn first(&self, rows: Rows, page: &Page, mut query: SelectStatement) -> SelectStatement {
        query.order_by_columns(self.schema.order_of(rows, page)).limit(page.reads());
        query
    }

    /// Returns the ranges of rows after the cursor. An index finds each range, but not an OR of them, which would be
    /// checked for each row from the start of the index. `None` has all rows.
    fn ranges(&self, rows: Rows, page: &Page) -> Vec<Option<Expr>> {
        let id = || Expr::col(self.schema.id_of(rows));
        let Some(column) = self.schema.sorted_by(rows, page) else {
            return vec![page.begins(self.schema.id_of(rows))];
        };
        let Some((value, after)) = page.cursor() else { return vec![None] };
        let column = || self.schema.named(rows).col(column);
        let nulls_last = self.database().has_nulls_last(page.order());
        let begins = |row: Expr, cursor: Expr| match page.order() {
            Order::Desc => row.lt(cursor),
            _ => row.gt(cursor),
        };
        let ties = |is_tie: Expr| is_tie.and(begins(id(), Expr::val(after.clone())));
        let mut ranges = Vec::new();
        if is_null(value) {
            ranges.push(ties(column().is_null()));
            ranges.extend((!nulls_last).then(|| column().is_not_null()));
        } else {
            let [value, after] = [value, after].map(|value| Expr::val(value.clone()));
            if self.database().compares_rows() {
                ranges.push(begins(Expr::tuple([column(), id()]), Expr::tuple([value, after])));
            } else {
                ranges.push(ties(column().eq(value.clone())));
                ranges.push(begins(column(), value));
            }
            ranges.extend(nulls_last.then(|| column().is_null()));
        }
        ranges.into_iter().map(Some).collect()
    }

    fn ids_of(&self, rows: Rows) -> SelectStatement {
        let Keyed { table, id } = self.keyed(rows);
        let mut query = SelectStatement::new();
        query.expr_as(Expr::col(id), ID).from(table);
        query
    }

    fn keyed(&self, rows: Rows) -> Keyed {
        Keyed { table: self.schema.named(rows).from(), id: self.schema.id_of(rows) }
    }
}

/// Returns the query of the gate: whether a query has more rows than the limit. It reads one row above it at most.
fn exceeds(query: SelectStatement, limit: u32) -> SelectStatement {
    let mut next = SelectStatement::new();
    next.expr(truth(true)).from_subquery(query, "found_ids").limit(1).offset(limit.into());
    let mut exceeds = SelectStatement::new();
    exceeds.expr_as(Expr::exists(next), IS_MANY);
    exceeds
}
