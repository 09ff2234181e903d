//! Pages by their number, as the client asks for them, and how many rows there are on all pages.

use labelgate::Listing;
use labelgate::row::RowId;
use labelgate::sql::Page;
use sea_orm::sea_query::{Asterisk, Expr, Func, JoinType, Order, Query};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use serde::Deserialize;

use crate::caller::Caller;
use crate::problem::{Failure, bad_request};
use crate::rows::{self, Selected, Table};

/// A page by its number, as the client asks for it.
#[derive(Clone, Copy, Deserialize)]
pub struct PageQuery {
    #[serde(default = "first")]
    page: u32,
    #[serde(default = "size")]
    page_size: u32,
}

impl PageQuery {
    /// How many rows a page has, and how many there are before it.
    pub fn limits(self) -> Result<(u32, u32), Failure> {
        match self {
            Self { page: 1.., page_size: size @ 1..=1000 } => {
                Ok((size, (self.page - 1).saturating_mul(size)))
            }
            _ => Err(bad_request("pages begin with 1, and have 1 to 1000 rows")),
        }
    }
}

const fn first() -> u32 {
    1
}

const fn size() -> u32 {
    30
}

pub struct Listed<T: Table> {
    pub count: i64,
    pub rows: Vec<rows::Row<T>>,
}

/// A row of a page, or none where the page is behind the last.
struct Counted<T> {
    count: i64,
    row: Option<Selected<T>>,
}

impl<T: Table> FromQueryResult for Counted<T> {
    fn from_query_result(row: &QueryResult, pre: &str) -> Result<Self, DbErr> {
        let id: Option<i64> = row.try_get(pre, "id")?;
        Ok(Self {
            count: row.try_get(pre, "count")?,
            row: id.map(|_| Selected::from_query_result(row, pre)).transpose()?,
        })
    }
}

impl Caller {
    /// One page of a list by its number, and how many rows there are, in one query.
    pub async fn numbered<T: Table, A, I: RowId<Value = i64>>(
        &self,
        listing: &Listing<A, I>,
        at: PageQuery,
    ) -> Result<Listed<T>, Failure> {
        let (size, offset) = at.limits()?;
        let schema = &self.app.database.schema;
        let counted = Query::select()
            .expr_as(Func::count(Expr::col(Asterisk)), "count")
            .from(T::NAME)
            .and_where(schema.set(listing))
            .to_owned();
        // Up to the end of this page: where a client can say which row it has seen last, `Page::after`
        // reads one page alone.
        let until = Page::of(offset.saturating_add(size));
        let listed = rows::select::<T>(schema, &self.subject)
            .and_where(schema.page(listing, &until))
            .order_by(schema.id(T::Id::KIND), until.order().clone())
            .limit(size.into())
            .offset(offset.into())
            .to_owned();
        let query = Query::select()
            .column(("counted", "count"))
            .column(("listed", Asterisk))
            .from_subquery(counted, "counted")
            .join_subquery(JoinType::LeftJoin, listed, "listed", Expr::val(true))
            .order_by(("listed", "id"), Order::Asc)
            .to_owned();
        let found: Vec<Counted<T>> = self.tx.select(&query).await?;
        let count = found.first().map_or(0, |first| first.count);
        let rows = found.into_iter().filter_map(|found| found.row);
        let rows: Result<_, DbErr> = rows.map(|row| row.row(&self.subject)).collect();
        Ok(Listed { count, rows: rows? })
    }
}
