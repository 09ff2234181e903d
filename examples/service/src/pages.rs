//! Pages by their number, sorted and searched as the client asks for them, and how many rows there are on all
//! pages. A page and the number are one query.

use axum::Json;
use axum::extract::FromRequestParts;
use labelgate::Listing;
use labelgate::row::RowId;
use labelgate::sql::Page;
use sea_orm::sea_query::{
    Asterisk, Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement,
};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::extract;
use crate::filters::{Ordering, Wanted};
use crate::problem::{Answer, Failure, Result, bad_request};
use crate::rows::{Row, Selected, Table};

#[derive(Deserialize, FromRequestParts)]
#[from_request(via(extract::Query), rejection(Failure))]
pub struct PageQuery {
    page: Option<u32>,
    page_size: Option<u32>,
}

impl PageQuery {
    /// The first page, of this size.
    pub fn of(size: u32) -> Self {
        Self { page: None, page_size: Some(size) }
    }

    /// How many rows a page has, and how many there are before it.
    pub fn limits(&self) -> Result<(u32, u32)> {
        match (self.page.unwrap_or(1), self.page_size.unwrap_or(30)) {
            (page @ 1.., size @ 1..=1000) => Ok((size, (page - 1).saturating_mul(size))),
            _ => Err(bad_request("pages begin with 1, and have 1 to 1000 rows")),
        }
    }

    pub fn page(&self) -> Result<Page> {
        let (size, offset) = self.limits()?;
        Ok(Page::of(size).offset(offset))
    }
}

pub struct Paged<T> {
    pub count: i64,
    pub rows: Vec<T>,
}

impl<T> Paged<T> {
    /// A page as the client reads it.
    pub fn answer(&self, json: impl Fn(&T) -> Value) -> Answer {
        let results: Vec<_> = self.rows.iter().map(json).collect();
        Ok(Json(json!({ "count": self.count, "next": null, "previous": null, "results": results })))
    }
}

/// A row of a page, or none where the page is behind the last.
struct Counted<T> {
    count: i64,
    row: Option<T>,
}

impl<T: FromQueryResult> FromQueryResult for Counted<T> {
    fn from_query_result(row: &QueryResult, pre: &str) -> Result<Self, DbErr> {
        let count = row.try_get(pre, "count")?;
        let id: Option<i64> = row.try_get(pre, "id")?;
        Ok(Self { count, row: id.map(|_| T::from_query_result(row, pre)).transpose()? })
    }
}

pub fn count(table: &'static str, condition: Expr) -> SelectStatement {
    let count = Func::count(Expr::col(Asterisk));
    Query::select().expr(count).from(table).and_where(condition).to_owned()
}

impl Caller {
    /// A page of rows that have an `id`, and the number that a query counts. The order is that of the rows again.
    pub async fn paged<T: FromQueryResult>(
        &self,
        rows: SelectStatement,
        count: SelectStatement,
        order: impl IntoIterator<Item = (&'static str, Order)>,
    ) -> Result<Paged<T>> {
        let count = Expr::SubQuery(None, Box::new(count.into()));
        let query = Query::select()
            .column(Asterisk)
            .from_subquery(Query::select().expr_as(count, "count").to_owned(), "counted")
            .join_subquery(JoinType::LeftJoin, rows, "listed", Expr::val(true))
            .order_by_columns(order.into_iter().map(|(column, order)| (("listed", column), order)))
            .to_owned();
        let found: Vec<Counted<T>> = self.tx.select(&query).await?;
        let count = found.first().map_or(0, |first| first.count);
        Ok(Paged { count, rows: found.into_iter().filter_map(|found| found.row).collect() })
    }

    /// A page of rows that name a user, with the e-mail address.
    pub async fn page_with_users<T: FromQueryResult>(
        &self,
        table: &'static str,
        condition: Expr,
        ordering: Ordering,
        at: &PageQuery,
    ) -> Result<Paged<T>> {
        let (size, offset) = at.limits()?;
        let columns = ordering.columns();
        let of = |column| if column == "email" { ("users", column) } else { (table, column) };
        let rows = Query::select()
            .column((table, Asterisk))
            .column(("users", "email"))
            .from(table)
            .left_join("users", Expr::col(("users", "id")).equals((table, "user_id")))
            .and_where(condition.clone())
            .order_by_columns(columns.clone().map(|(column, order)| (of(column), order)))
            .limit(size.into())
            .offset(offset.into())
            .to_owned();
        self.paged(rows, count(table, condition), columns).await
    }

    /// A page of a list.
    pub async fn page<T: Table, A, I: RowId<Value = i64>>(
        &self,
        listing: &Listing<A, I>,
        at: &PageQuery,
        Wanted { ordering, only }: Wanted,
    ) -> Result<Paged<Row<T>>> {
        let schema = &self.app.database.schema;
        let (size, offset) = at.limits()?;
        let mut page = ordering.page(size).offset(offset);
        let mut count = count(T::NAME, schema.set(listing));
        if let Some(only) = only {
            count.and_where(only.clone());
            page = page.only(only);
        }
        let mut rows = self.select::<T>(&self.subject);
        let [(by, order), by_id] = ordering.columns();
        schema.paginate(rows.expr_as(Expr::col((T::NAME, by)), "sorted_by"), listing, &page);
        let order = [("sorted_by", order), by_id];
        let Paged { count, rows } = self.paged::<Selected<T>>(rows, count, order).await?;
        let rows = rows.into_iter().map(|row| row.row(&self.subject));
        Ok(Paged { count, rows: rows.collect::<Result<_, _>>()? })
    }
}
