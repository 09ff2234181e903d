//! Short functions for expressions that take several calls of sea-query.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sea_query::{Expr, ExprTrait, SelectStatement, TableName, TableRef, UnionType, Value};

/// Returns `SELECT 1 FROM table`.
pub(super) fn any_of(table: TableRef) -> SelectStatement {
    let mut query = SelectStatement::new();
    query.expr(constant(1)).from(table);
    query
}

/// Returns an integer that is written into the statement.
pub(super) fn constant(number: i32) -> Expr {
    Expr::Constant(Value::Int(Some(number)))
}

/// Returns TRUE or FALSE, written into the statement.
pub(super) fn truth(is_so: bool) -> Expr {
    Expr::Constant(Value::Bool(Some(is_so)))
}

/// Returns the query in parentheses.
pub(super) fn subquery(query: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(query.into()))
}

/// ANDs the conditions. Returns `None` if there are none.
pub(super) fn all(conditions: impl IntoIterator<Item = Expr>) -> Option<Expr> {
    conditions.into_iter().reduce(ExprTrait::and)
}

/// ANDs `first` with the conditions that are not `None`.
pub(super) fn and<const N: usize>(first: Expr, conditions: [Option<Expr>; N]) -> Expr {
    conditions.into_iter().flatten().fold(first, ExprTrait::and)
}

/// ORs the conditions. Returns FALSE if there are none.
pub(super) fn any(conditions: impl IntoIterator<Item = Expr>) -> Expr {
    conditions.into_iter().reduce(ExprTrait::or).unwrap_or(truth(false))
}

/// Combines the queries by UNION.
pub(super) fn union(
    union_type: UnionType,
    first: SelectStatement,
    rest: impl IntoIterator<Item = SelectStatement>,
) -> SelectStatement {
    let mut query = first;
    query.unions(rest.into_iter().map(|query| (union_type, query)));
    query
}

/// Returns the quoted name of a table.
pub(super) fn quoted(TableName(schema, table): &TableName) -> String {
    let names = schema.iter().map(|schema| &schema.1).chain([table]);
    names.map(|name| quote(&name.inner(), '"')).collect::<Vec<_>>().join(".")
}

/// Quotes a name by the mark, and doubles the mark within the name.
pub(super) fn quote(name: &str, mark: char) -> String {
    format!("{mark}{}{mark}", name.replace(mark, &format!("{mark}{mark}")))
}
