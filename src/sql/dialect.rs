//! All that differs between databases. Nothing else asks which database a statement is for.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sea_query::{
    ColumnRef, DynIden, Expr, ExprTrait, Func, JoinType, Order, PgFunc, SelectStatement, TableName,
    TableRef, UnionType,
};

use super::expr::{quote, quoted, subquery, union};

/// The database that statements are made for.
///
/// Build statements with the builder of the same database:
/// [`SqliteQueryBuilder`](sea_query::SqliteQueryBuilder) or
/// [`PostgresQueryBuilder`](sea_query::PostgresQueryBuilder).
///
/// ```
/// use labelgate::sql::{Dialect, Schema};
///
/// let url = "postgres://localhost/service";
/// let dialect = if url.starts_with("postgres") { Dialect::Postgres } else { Dialect::Sqlite };
/// assert_eq!(Schema::new(dialect).dialect, Schema::postgres().dialect);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite, 3.23 or later.
    Sqlite,
    /// PostgreSQL, 12 or later.
    Postgres,
}

impl Dialect {
    /// `is_secured`: the statements run under policies.
    pub(super) const fn database(self, is_secured: bool) -> &'static dyn Database {
        match self {
            Self::Sqlite => &Sqlite,
            Self::Postgres if is_secured => &Postgres { is_secured: true },
            Self::Postgres => &Postgres { is_secured: false },
        }
    }
}

/// What each query for ids calls its column.
pub(super) const ID: &str = "id";

/// A query for keys of rows, from another table.
pub(super) struct Keys {
    /// It selects the keys as [`ID`].
    pub(super) query: SelectStatement,
    /// The column that it selects.
    pub(super) key: ColumnRef,
    /// The table may have a key more than once.
    pub(super) repeats: bool,
    /// The order of the page.
    pub(super) order: Order,
}

/// The rows of a table that are in the organization.
pub(super) struct Bounded {
    pub(super) table: TableRef,
    pub(super) id: ColumnRef,
    pub(super) bounds: Expr,
}

/// How a database wants a statement to be written, so that it is planned well.
pub(super) trait Database {
    /// A condition: the query selects a row. The query may name columns of the row outside.
    fn exists(&self, query: SelectStatement) -> Expr;

    /// A condition: the query selects the value. The query names no column of the row outside, and runs
    /// once.
    fn is_in(&self, value: Expr, query: SelectStatement) -> Expr;

    /// Selects each key once that meets the condition, and asks the condition once for each key. Returns the
    /// query and the column that it selects.
    fn distinct(
        &self,
        keys: Keys,
        condition: &dyn Fn(ColumnRef) -> Expr,
    ) -> (SelectStatement, ColumnRef);

    /// Whether a page [joins](Self::join) the rows of which nothing but the organization is asked. Else it
    /// looks each of them up.
    fn joins_pages(&self) -> bool;

    /// Selects each key once whose row is in bounds, in the order of the page. Returns the query and the
    /// column that it selects.
    fn join(&self, keys: Keys, rows: Bounded) -> (SelectStatement, ColumnRef);

    /// Whether a set joins the projects of which nothing but the organization is asked. Else
    /// it looks each of them up.
    fn joins_sets(&self) -> bool;

    /// Whether a count of the people of a row joins the members to all users that the row leads to. Else it looks
    /// for the members of each role among them.
    fn joins_members(&self) -> bool;

    /// Whether one of several parts of a page gets a limit of its own. `in_order`: an index has the part in
    /// the order of the ids.
    fn limits_part(&self, in_order: bool) -> bool;

    /// Merges the parts of a page, each of them ordered, into distinct ids in the same order.
    fn merge(
        &self,
        first: SelectStatement,
        rest: Vec<SelectStatement>,
        order: Order,
    ) -> SelectStatement;

    /// A statement that creates an index. A column that the table does not have is an error.
    fn create_index(&self, name: &str, table: &TableName, columns: &[&DynIden]) -> String;

    /// Whether there is row-level security.
    fn has_row_security(&self) -> bool;
}

struct Sqlite;

impl Database for Sqlite {
    fn exists(&self, query: SelectStatement) -> Expr {
        Expr::exists(query)
    }

    fn is_in(&self, value: Expr, query: SelectStatement) -> Expr {
        value.in_subquery(query)
    }

    fn distinct(
        &self,
        Keys { mut query, key, .. }: Keys,
        condition: &dyn Fn(ColumnRef) -> Expr,
    ) -> (SelectStatement, ColumnRef) {
        query.group_by_col(key.clone()).and_having(condition(key.clone()));
        (query, key)
    }

    fn joins_pages(&self) -> bool {
        true
    }

    /// `CROSS JOIN` keeps SQLite from starting with all rows of the organization.
    fn join(
        &self,
        Keys { mut query, key, repeats, .. }: Keys,
        Bounded { table, id, bounds }: Bounded,
    ) -> (SelectStatement, ColumnRef) {
        query.cross_join(table);
        query.and_where(Expr::col(id).eq(Expr::col(key.clone()))).and_where(bounds);
        if repeats {
            query.distinct();
        }
        (query, key)
    }

    fn joins_sets(&self) -> bool {
        false
    }

    fn joins_members(&self) -> bool {
        false
    }

    /// SQLite reads some parts of a union to their ends, unless they are limited.
    fn limits_part(&self, _: bool) -> bool {
        true
    }

    fn merge(
        &self,
        first: SelectStatement,
        rest: Vec<SelectStatement>,
        order: Order,
    ) -> SelectStatement {
        let mut query = union(UnionType::Distinct, part(first), rest.into_iter().map(part));
        query.order_by_expr(Expr::cust("1"), order);
        query
    }

    /// SQLite says the schema with the index. It takes a name in double quotes that is no column for a text, and
    /// would index that.
    fn create_index(&self, name: &str, table: &TableName, columns: &[&DynIden]) -> String {
        let TableName(schema, table) = table;
        let name = quoted(&TableName(schema.clone(), DynIden::from(name.to_owned())));
        let table = quoted(&TableName(None, table.clone()));
        index(name, table, columns, '`')
    }

    fn has_row_security(&self) -> bool {
        false
    }
}

struct Postgres {
    /// The statements run under policies. A policy is held against each row that a join reads, so rows are
    /// looked up instead.
    is_secured: bool,
}

impl Database for Postgres {
    /// `OFFSET 0` keeps the planner from joining whole tables instead.
    fn exists(&self, query: SelectStatement) -> Expr {
        Expr::cust_with_expr("EXISTS ($1 OFFSET 0)", subquery(query))
    }

    fn is_in(&self, value: Expr, query: SelectStatement) -> Expr {
        value.eq(PgFunc::any(Func::cust("ARRAY").arg(subquery(query))))
    }

    fn distinct(
        &self,
        keys: Keys,
        condition: &dyn Fn(ColumnRef) -> Expr,
    ) -> (SelectStatement, ColumnRef) {
        let (mut query, id) = distinct_ids(keys);
        query.and_where(condition(id.clone()));
        (query, id)
    }

    fn joins_pages(&self) -> bool {
        !self.is_secured
    }

    /// PostgreSQL may merge two indexes in the order of the ids, and start where the user's first key is.
    fn join(
        &self,
        keys: Keys,
        Bounded { table, id, bounds }: Bounded,
    ) -> (SelectStatement, ColumnRef) {
        let mut first = keys.query.clone();
        first.order_by_expr(Expr::col(keys.key.clone()), keys.order.clone()).limit(1);
        let (row, first) = (Expr::col(id), subquery(first));
        let begins = match keys.order {
            Order::Desc => row.clone().lte(first),
            _ => row.clone().gte(first),
        };
        let (mut query, key) =
            if keys.repeats { distinct_ids(keys) } else { (keys.query, keys.key) };
        query.join(JoinType::InnerJoin, table, row.eq(Expr::col(key.clone())));
        query.and_where(bounds).and_where(begins);
        (query, key)
    }

    /// PostgreSQL may read all rows of the organization beside all that were found.
    fn joins_sets(&self) -> bool {
        !self.is_secured
    }

    /// PostgreSQL hashes the members once, and looks up each of them otherwise.
    fn joins_members(&self) -> bool {
        !self.is_secured
    }

    /// PostgreSQL estimates that it reads parts to their ends, unless they are limited. Where no index has
    /// the order, it would walk the whole table in search of one.
    fn limits_part(&self, in_order: bool) -> bool {
        in_order
    }

    /// `DISTINCT ON` keeps the merge. `DISTINCT` and `UNION` hash all ids.
    fn merge(
        &self,
        first: SelectStatement,
        rest: Vec<SelectStatement>,
        order: Order,
    ) -> SelectStatement {
        let merged = union(UnionType::All, part(first), rest);
        let mut query = SelectStatement::new();
        query.distinct_on([ID]).column(ID).from_subquery(merged, "merged").order_by(ID, order);
        query
    }

    fn create_index(&self, name: &str, table: &TableName, columns: &[&DynIden]) -> String {
        index(quote(name, '"'), quoted(table), columns, '"')
    }

    fn has_row_security(&self) -> bool {
        true
    }
}

/// Each key once, in the order of the page.
fn distinct_ids(Keys { mut query, key, order, .. }: Keys) -> (SelectStatement, ColumnRef) {
    query.distinct_on([key.clone()]).order_by_expr(Expr::col(key), order);
    let id: ColumnRef = ("distinct_ids", ID).into();
    let mut distinct = SelectStatement::new();
    distinct.column(id.clone()).from_subquery(query, "distinct_ids");
    (distinct, id)
}

/// A query with an order and a limit of its own, as the first part of a union.
fn part(query: SelectStatement) -> SelectStatement {
    let mut part = SelectStatement::new();
    part.column(ID).from_subquery(query, "part");
    part
}

/// `columns` are quoted by the mark.
fn index(name: String, table: String, columns: &[&DynIden], mark: char) -> String {
    let columns: Vec<_> = columns.iter().map(|column| quote(&column.inner(), mark)).collect();
    format!("CREATE INDEX IF NOT EXISTS {name} ON {table} ({})", columns.join(", "))
}
