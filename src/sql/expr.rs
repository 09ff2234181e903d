//! Expressions that sea-query has no short word for.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sea_query::{Expr, ExprTrait, SelectStatement, TableName, TableRef, UnionType, Value};

/// `SELECT 1 FROM table`.
pub(super) fn any_of(table: TableRef) -> SelectStatement {
    let mut query = SelectStatement::new();
    query.expr(constant(1)).from(table);
    query
}

/// An integer that is written into the statement.
pub(super) fn constant(number: i32) -> Expr {
    Expr::Constant(Value::Int(Some(number)))
}

/// A truth value that is written into the statement.
pub(super) fn truth(is_so: bool) -> Expr {
    Expr::Constant(Value::Bool(Some(is_so)))
}

/// A query in parentheses.
pub(super) fn subquery(query: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(query.into()))
}

/// ANDs the conditions. Returns `None` if there are none.
pub(super) fn all(conditions: impl IntoIterator<Item = Expr>) -> Option<Expr> {
    conditions.into_iter().reduce(ExprTrait::and)
}

/// ANDs a condition with those that there are.
pub(super) fn and<const N: usize>(first: Expr, conditions: [Option<Expr>; N]) -> Expr {
    conditions.into_iter().flatten().fold(first, ExprTrait::and)
}

/// ORs the conditions. Without any, nothing holds.
pub(super) fn any(conditions: impl IntoIterator<Item = Expr>) -> Expr {
    conditions.into_iter().reduce(ExprTrait::or).unwrap_or(truth(false))
}

/// One query after the other.
pub(super) fn union(
    union_type: UnionType,
    first: SelectStatement,
    rest: impl IntoIterator<Item = SelectStatement>,
) -> SelectStatement {
    let mut query = first;
    query.unions(rest.into_iter().map(|query| (union_type, query)));
    query
}

/// A table's name as it stands in a statement.
pub(super) fn quoted(TableName(schema, table): &TableName) -> String {
    let names = schema.iter().map(|schema| &schema.1).chain([table]);
    names.map(|name| quote(&name.inner(), '"')).collect::<Vec<_>>().join(".")
}

/// A name between two of the marks.
pub(super) fn quote(name: &str, mark: char) -> String {
    format!("{mark}{}{mark}", name.replace(mark, &format!("{mark}{mark}")))
}
