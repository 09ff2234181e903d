//! How a list is sorted and searched, as the client asks for it.

use labelgate::sql::{ByColumn, Dialect, Page};
use sea_orm::sea_query::extension::postgres::PgExpr;
use sea_orm::sea_query::{BinOper, Expr, ExprTrait, LikeExpr, Order, Query};
use serde::Deserialize;

use crate::bodies::{MembersQuery, ProjectFilter};
use crate::extract::{Ids, parse_json};
use crate::problem::{Result, bad_request};

/// What of a list is wanted, and in which order.
pub struct Wanted {
    pub ordering: Ordering,
    pub only: Option<Expr>,
}

impl Wanted {
    /// All rows, in the order of their ids.
    pub fn all() -> Self {
        Self { ordering: Ordering::BY_ID, only: None }
    }
}

/// The column that a list is sorted by. Rows with the same value are sorted by their ids.
#[derive(Clone, Copy)]
pub struct Ordering {
    column: &'static str,
    is_descending: bool,
}

impl Ordering {
    pub const BY_ID: Self = Self { column: "id", is_descending: false };
    pub const NEWEST: Self = Self { column: "id", is_descending: true };

    /// Reads one of the columns, with `-` before it for the descending order. By the ids, where nothing is said.
    pub fn parse(text: Option<&str>, columns: &[&'static str]) -> Result<Self> {
        let Some(text) = text else { return Ok(Self::BY_ID) };
        let name = text.strip_prefix('-').unwrap_or(text);
        let column = columns.iter().find(|column| **column == name).copied();
        let column = column
            .ok_or_else(|| bad_request(format!("`ordering` is one of {}", columns.join(", "))))?;
        Ok(Self { column, is_descending: text != name })
    }

    /// Reads an order of users. The name of a user is the e-mail address.
    pub fn of_users(text: Option<&str>, columns: &[&'static str]) -> Result<Self> {
        let ordering = Self::parse(text, &[columns, &["email", "username"]].concat())?;
        let column = if ordering.column == "username" { "email" } else { ordering.column };
        Ok(Self { column, ..ordering })
    }

    pub fn is_by_id(self) -> bool {
        self.column == "id"
    }

    /// The first page in this order.
    pub fn page(self, size: u32) -> Page<ByColumn> {
        self.directed(Page::of(size).by(self.column))
    }

    /// The page in the direction of this order.
    pub fn directed<By>(self, page: Page<By>) -> Page<By> {
        if self.is_descending { page.descending() } else { page }
    }

    /// The columns that rows are sorted by.
    pub fn columns(self) -> [(&'static str, Order); 2] {
        let order = if self.is_descending { Order::Desc } else { Order::Asc };
        [(self.column, order.clone()), ("id", order)]
    }
}

/// A condition: the text is a part of the value, without regard to the case of ASCII letters. `%` and `_` stand for
/// themselves.
pub fn contains(dialect: Dialect, value: Expr, text: &str) -> Result<Expr> {
    if text.contains('\0') {
        return Err(bad_request("a text without NUL")); // PostgreSQL keeps no such text
    }
    let part = text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    let part = format!("%{part}%");
    Ok(match dialect {
        Dialect::Sqlite => value.like(LikeExpr::new(part).escape('\\')),
        _ => value.ilike(part),
    })
}

/// The parameter `query` of a list of tasks: JSON of the client's data manager. Of its filters there is one, a text
/// in a field of the data.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct TaskQuery {
    filters: Option<Filters>,
    ordering: Vec<String>,
    selected_items: Option<SelectedItems>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filters {
    conjunction: Conjunction,
    items: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Conjunction {
    And,
    Or,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    filter: String,
    operator: Operator,
    r#type: TextType,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Operator {
    Contains,
}

#[derive(Deserialize)]
enum TextType {
    String,
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SelectedItems {
    all: bool,
    included: Option<Vec<i64>>,
    excluded: Option<Vec<i64>>,
}

impl Filter {
    fn condition(&self, dialect: Dialect) -> Result<Expr> {
        let Self { filter, operator: Operator::Contains, r#type, value } = self;
        let (TextType::String | TextType::Unknown) = r#type;
        let field = filter.strip_prefix("filter:tasks:data.").unwrap_or_default();
        if field.is_empty() || field.contains(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            return Err(bad_request("`filter` is `filter:tasks:data.` and the name of a field"));
        }
        let data = Expr::col(("tasks", "data"));
        let data = if dialect == Dialect::Sqlite { data } else { data.cast_as("jsonb") };
        contains(dialect, data.binary(BinOper::Custom("->>"), field), value)
    }
}

impl SelectedItems {
    fn condition(self) -> Result<Expr> {
        let id = Expr::col(("tasks", "id"));
        match self {
            Self { all: true, included: None, excluded } => {
                Ok(id.is_not_in(excluded.unwrap_or_default()))
            }
            Self { all: false, included: Some(ids), excluded: None } => Ok(id.is_in(ids)),
            _ => Err(bad_request("`selectedItems` are all but those excluded, or those included")),
        }
    }
}

/// A condition on the table of members: the text is a part of the e-mail address.
pub fn email_contains(dialect: Dialect, text: &str) -> Result<Expr> {
    let found = Query::select()
        .column("id")
        .from("users")
        .and_where(contains(dialect, Expr::col(("users", "email")), text)?)
        .to_owned();
    Ok(Expr::col(("members", "user_id")).in_subquery(found))
}

/// Reads what a list of the members of a project or a workspace is asked for.
pub fn of_members(dialect: Dialect, query: MembersQuery) -> Result<Wanted> {
    let ordering = Ordering::of_users(query.ordering.as_deref(), &["id"])?;
    let is_named = query.ids.map(|Ids(ids)| Expr::col(("members", "user_id")).is_in(ids));
    let is_found = query.search.map(|text| email_contains(dialect, &text)).transpose()?;
    Ok(Wanted { ordering, only: is_named.into_iter().chain(is_found).reduce(ExprTrait::and) })
}

/// Reads what a list of projects is asked for.
pub fn of_projects(dialect: Dialect, filter: &ProjectFilter) -> Result<Wanted> {
    let ordering = Ordering::parse(filter.ordering.as_deref(), &["id", "title", "created_at"])?;
    let parts = [&filter.search, &filter.title].into_iter().flatten();
    let parts = parts.map(|part| contains(dialect, Expr::col(("projects", "title")), part));
    let parts = parts.collect::<Result<Vec<_>>>()?;
    Ok(Wanted { ordering, only: parts.into_iter().reduce(ExprTrait::and) })
}

/// Reads what a list of tasks is asked for.
pub fn of_tasks(dialect: Dialect, query: Option<&str>) -> Result<Wanted> {
    let query = query.map(|text| parse_json(text.as_bytes(), '{')).transpose()?;
    let query: TaskQuery = query.unwrap_or_default();
    let ordering = match &query.ordering[..] {
        [] => Ordering::BY_ID,
        [one] => Ordering::parse(Some(&one.replacen("tasks:", "", 1)), &["id"])?,
        _ => return Err(bad_request("`ordering` has one field")),
    };
    let mut only = query.selected_items.map(SelectedItems::condition).transpose()?;
    if let Some(Filters { conjunction, items }) = query.filters {
        let items = items.iter().map(|item| item.condition(dialect)).collect::<Result<Vec<_>>>()?;
        let both: fn(Expr, Expr) -> Expr = match conjunction {
            Conjunction::And => ExprTrait::and,
            Conjunction::Or => ExprTrait::or,
        };
        only = items.into_iter().reduce(both).into_iter().chain(only).reduce(ExprTrait::and);
    }
    Ok(Wanted { ordering, only })
}
