//! Everything that differs between databases. No other file depends on the database.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sea_query::{
    ColumnRef, DynIden, Expr, ExprTrait, Func, JoinType, Order, PgFunc, PostgresQueryBuilder,
    QueryBuilder, QueryStatement, SelectStatement, SqliteQueryBuilder, TableName, TableRef,
    UnionType, Values,
};

use super::expr::{quote, quoted, subquery, truth, union};

/// The database that statements are written for.
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
    /// Returns the writer for this database. `is_secured`: the statements run under policies.
    pub(super) const fn database(self, is_secured: bool) -> &'static dyn Database {
        match self {
            Self::Sqlite => &Sqlite,
            Self::Postgres if is_secured => &Postgres { is_secured: true },
            Self::Postgres => &Postgres { is_secured: false },
        }
    }

    /// The statement as text, and the values that it binds.
    pub(super) fn build(self, statement: &QueryStatement) -> (String, Values) {
        fn build(statement: &QueryStatement, builder: impl QueryBuilder) -> (String, Values) {
            match statement {
                QueryStatement::Select(statement) => statement.build(builder),
                QueryStatement::Insert(statement) => statement.build(builder),
                QueryStatement::Update(statement) => statement.build(builder),
                QueryStatement::Delete(statement) => statement.build(builder),
            }
        }
        match self {
            Self::Sqlite => build(statement, SqliteQueryBuilder),
            Self::Postgres => build(statement, PostgresQueryBuilder),
        }
    }
}

/// The name of the column in each query for ids.
pub(super) const ID: &str = "id";

/// A query for the keys of rows, on a table that links users and rows.
pub(super) struct Keys {
    /// Selects the keys as [`ID`].
    pub(super) query: SelectStatement,
    /// The column that `query` selects.
    pub(super) key: ColumnRef,
    /// Whether `query` may select a key more than once.
    pub(super) repeats: bool,
    /// The order of the page.
    pub(super) order: Order,
}

/// A table, and the column with the ids of its rows.
pub(super) struct Keyed {
    pub(super) table: TableRef,
    pub(super) id: ColumnRef,
}

/// The name of the query that decides which of two [gated](Database::gated) queries runs. It has one row, with the
/// column [`IS_MANY`].
pub(super) const GATE: &str = "labelgate_gate";
pub(super) const IS_MANY: &str = "is_many";

/// A table, and its [bounds](super::facts::Render::bounds).
pub(super) struct Bounded {
    pub(super) table: TableRef,
    pub(super) id: ColumnRef,
    pub(super) bounds: Expr,
}

/// The name of a query for rows, with their ids as [`ROW_ID`].
pub(super) const ROWS: &str = "labelgate_rows";
pub(super) const ROW_ID: &str = "row_id";
/// The columns of members in the lines of a report.
pub(super) const USER_ID: &str = "user_id";
pub(super) const ROLE: &str = "role";

/// The members of each of the [`ROWS`].
pub(super) struct OfEachRow {
    pub(super) table: TableRef,
    pub(super) user: ColumnRef,
    pub(super) role: ColumnRef,
    /// Names the columns of the row and of the member.
    pub(super) condition: Expr,
}

/// Writes statements so that one database plans them well.
pub(super) trait Database {
    /// Returns a condition: the query returns a row. The query may name columns of the outer query.
    fn exists(&self, query: SelectStatement) -> Expr;

    /// Returns a condition: the query returns the value. The query names no column of the outer query, and so
    /// runs once.
    fn is_in(&self, value: Expr, query: SelectStatement) -> Expr;

    /// Returns a query that selects once each key that meets the condition, and the column of the keys. Checks the
    /// condition once per key.
    fn distinct(
        &self,
        keys: Keys,
        condition: &dyn Fn(ColumnRef) -> Expr,
    ) -> (SelectStatement, ColumnRef);

    /// Returns true if a page [joins](Self::join) rows when only their bounds are left to check, and false if it
    /// looks up each.
    fn joins_pages(&self) -> bool;

    /// Returns a query that selects once each key whose row is in the bounds, and the column of the keys. The query
    /// can be read in the order of the page.
    fn join(&self, keys: Keys, rows: Bounded) -> (SelectStatement, ColumnRef);

    /// Returns true if a set joins projects when only their bounds are left to check, and false if it looks up each.
    fn joins_sets(&self) -> bool;

    /// Returns true if a count of people joins the members to all users that facts link to the row, and false if it
    /// looks for the members of each role among these users.
    fn joins_members(&self) -> bool;

    /// Returns the facts that a statement selects as an integer of eight bytes.
    fn facts(&self, bits: Expr) -> Expr;

    /// Returns all bits that are set in a group of rows. Each row has one bit at most.
    fn bits_of_group(&self, bits: Expr) -> Expr;

    /// Returns true if each of several parts gets its own LIMIT. `in_order`: an index returns the ids of the part in
    /// order.
    fn limits_part(&self, in_order: bool) -> bool;

    /// Merges the ordered parts of a page into distinct ids in the same order.
    fn merge(
        &self,
        first: SelectStatement,
        rest: Vec<SelectStatement>,
        order: Order,
    ) -> SelectStatement;

    /// Selects rows by the ids that a query selects, which may repeat. The rows are found by these ids, and by no
    /// other index.
    fn by_ids(&self, rows: Keyed, found: SelectStatement) -> SelectStatement;

    /// Selects the [`ROWS`] and the members of each, in the order of the rows and the users. The database reads row
    /// after row, until there are enough lines.
    fn lines(&self, rows: SelectStatement, members: OfEachRow, limit: u64) -> SelectStatement;

    /// Makes a query for ids of the rows run only if [`IS_MANY`] is `if_many`.
    fn gated(&self, rows: Keyed, query: SelectStatement, if_many: bool) -> SelectStatement;

    /// Returns true if NULLs come last in this order.
    fn has_nulls_last(&self, order: &Order) -> bool;

    /// Returns true if an index finds the rows after a value and an id by one comparison of both.
    fn compares_rows(&self) -> bool;

    /// Returns a statement that creates an index. The database rejects it if a column does not exist.
    fn create_index(&self, name: &str, table: &TableName, columns: &[&DynIden]) -> String;

    /// Returns true if the database has row-level security.
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

    /// All integers of SQLite are alike.
    fn facts(&self, bits: Expr) -> Expr {
        bits
    }

    /// SQLite has no aggregate of bits.
    fn bits_of_group(&self, bits: Expr) -> Expr {
        Expr::cust_with_expr("SUM(DISTINCT ?)", bits)
    }

    /// Without a LIMIT, SQLite reads some parts of a union to the end.
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

    /// `CROSS JOIN` keeps SQLite from starting with an index that has the order.
    fn by_ids(&self, rows: Keyed, found: SelectStatement) -> SelectStatement {
        let mut distinct = SelectStatement::new();
        distinct.distinct().column(ID).from_subquery(found, "part");
        let mut query = SelectStatement::new();
        query.expr_as(Expr::col(rows.id.clone()), ID).from_subquery(distinct, "found_ids");
        query.cross_join(rows.table);
        query.and_where(Expr::col(rows.id).eq(Expr::col(("found_ids", ID))));
        query
    }

    /// `CROSS JOIN` keeps SQLite from starting with the members. The `+` keeps it from walking the primary key, which
    /// has both orders, but the rows of all organizations.
    fn lines(&self, rows: SelectStatement, members: OfEachRow, limit: u64) -> SelectStatement {
        let (row, OfEachRow { table, user, role, condition }) = ((ROWS, ROW_ID), members);
        let mut query = SelectStatement::new();
        query
            .expr_as(Expr::col(row), ROW_ID)
            .expr_as(Expr::col(user.clone()), USER_ID)
            .expr_as(Expr::col(role), ROLE)
            .from_subquery(rows, ROWS)
            .cross_join(table)
            .and_where(condition)
            .order_by(row, Order::Asc)
            .order_by_expr(Expr::cust_with_expr("+?", Expr::col(user)), Order::Asc)
            .limit(limit);
        query
    }

    /// A condition in WHERE does not keep SQLite from running a subquery in FROM. The subquery of an `IN` runs when
    /// its left side has the first row, and here there is none if the gate is closed.
    fn gated(&self, rows: Keyed, query: SelectStatement, if_many: bool) -> SelectStatement {
        let is_many = Expr::col((GATE, IS_MANY));
        let mut gated = SelectStatement::new();
        gated.expr_as(Expr::col(rows.id.clone()), ID).from(GATE).cross_join(rows.table);
        gated.and_where(if if_many { is_many } else { is_many.not() });
        gated.and_where(self.is_in(Expr::col(rows.id), query));
        gated
    }

    fn has_nulls_last(&self, order: &Order) -> bool {
        *order == Order::Desc
    }

    /// SQLite seeks the first column of the two, and reads through all ties.
    fn compares_rows(&self) -> bool {
        false
    }

    /// SQLite takes the schema with the index's name. Columns are quoted by backticks: SQLite reads an unknown
    /// name in double quotes as a text, and would index the text.
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
    /// Whether the statements run under policies. PostgreSQL checks policies on each row that a join reads, so
    /// rows are looked up instead.
    is_secured: bool,
}

impl Database for Postgres {
    /// `OFFSET 0` keeps the planner from turning the subquery into a join of whole tables.
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

    /// Lets PostgreSQL merge two indexes in the order of the ids, starting at the user's first key.
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

    /// With a join, PostgreSQL may read the organization's projects once, in place of one look-up per found id.
    fn joins_sets(&self) -> bool {
        !self.is_secured
    }

    /// PostgreSQL hashes the members once, and looks up each of them otherwise.
    fn joins_members(&self) -> bool {
        !self.is_secured
    }

    /// A sum of small constants has four bytes, and drivers do not read it as a greater integer.
    fn facts(&self, bits: Expr) -> Expr {
        bits.cast_as("BIGINT")
    }

    fn bits_of_group(&self, bits: Expr) -> Expr {
        Func::bit_or(bits).into()
    }

    /// Without a LIMIT, PostgreSQL plans to read a part to the end. With a LIMIT but no index in id order, it would
    /// read the whole table in the order of the ids.
    fn limits_part(&self, in_order: bool) -> bool {
        in_order
    }

    /// `DISTINCT ON` lets PostgreSQL merge the ordered parts. `DISTINCT` and `UNION` hash all ids.
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

    fn by_ids(&self, rows: Keyed, found: SelectStatement) -> SelectStatement {
        let mut query = SelectStatement::new();
        query.expr_as(Expr::col(rows.id.clone()), ID).from(rows.table);
        query.and_where(self.is_in(Expr::col(rows.id), found));
        query
    }

    /// The LIMIT in the subquery keeps PostgreSQL from joining all rows with all members.
    fn lines(&self, rows: SelectStatement, members: OfEachRow, limit: u64) -> SelectStatement {
        let (row, OfEachRow { table, user, role, condition }) = ((ROWS, ROW_ID), members);
        let mut of_row = SelectStatement::new();
        of_row
            .expr_as(Expr::col(user.clone()), USER_ID)
            .expr_as(Expr::col(role), ROLE)
            .from(table)
            .and_where(condition)
            .order_by(user, Order::Asc)
            .limit(limit);
        let [user, role] = [USER_ID, ROLE].map(|column| ("of_row", column));
        let mut query = SelectStatement::new();
        query
            .expr_as(Expr::col(row), ROW_ID)
            .expr_as(Expr::col(user), USER_ID)
            .expr_as(Expr::col(role), ROLE)
            .from_subquery(rows, ROWS)
            .join_lateral(JoinType::InnerJoin, of_row, "of_row", truth(true))
            .order_by(row, Order::Asc)
            .order_by(user, Order::Asc)
            .limit(limit);
        query
    }

    /// PostgreSQL checks a condition without columns once, before it reads a row.
    fn gated(&self, _: Keyed, query: SelectStatement, if_many: bool) -> SelectStatement {
        let mut gate = SelectStatement::new();
        gate.column(IS_MANY).from(GATE);
        let is_many = subquery(gate);
        let mut gated = part(query);
        gated.and_where(if if_many { is_many } else { is_many.not() });
        gated
    }

    fn has_nulls_last(&self, order: &Order) -> bool {
        *order == Order::Asc
    }

    fn compares_rows(&self) -> bool {
        true
    }

    fn create_index(&self, name: &str, table: &TableName, columns: &[&DynIden]) -> String {
        index(quote(name, '"'), quoted(table), columns, '"')
    }

    fn has_row_security(&self) -> bool {
        true
    }
}

/// Returns a query for each key once, in the order of the page, and the column that it selects.
fn distinct_ids(Keys { mut query, key, order, .. }: Keys) -> (SelectStatement, ColumnRef) {
    query.distinct_on([key.clone()]).order_by_expr(Expr::col(key), order);
    let id: ColumnRef = ("distinct_ids", ID).into();
    let mut distinct = SelectStatement::new();
    distinct.column(id.clone()).from_subquery(query, "distinct_ids");
    (distinct, id)
}

/// Wraps a query that has its own ORDER BY and LIMIT, so that a union can start with it.
fn part(query: SelectStatement) -> SelectStatement {
    let mut part = SelectStatement::new();
    part.column(ID).from_subquery(query, "part");
    part
}

/// Concatenates queries that have an order and a limit of their own.
pub(super) fn concat(
    first: SelectStatement,
    rest: impl IntoIterator<Item = SelectStatement>,
) -> SelectStatement {
    union(UnionType::All, part(first), rest.into_iter().map(part))
}

/// Writes the statement that creates an index. `mark` quotes the columns.
fn index(name: String, table: String, columns: &[&DynIden], mark: char) -> String {
    let columns: Vec<_> = columns.iter().map(|column| quote(&column.inner(), mark)).collect();
    format!("CREATE INDEX IF NOT EXISTS {name} ON {table} ({})", columns.join(", "))
}
