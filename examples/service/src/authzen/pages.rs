//! Pages of search results.

use std::collections::BTreeMap;

use axum::Json;
use labelgate::sql::Page;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::authzen::request::{Anything, Body, Malformed, Object, given};
use crate::credentials::hash;
use crate::problem::{Answer, Result};
use crate::services::Service;

/// How many results a page has, if the request does not say, and at most.
const SIZE: u64 = 100;
const MOST: u64 = 1000;

/// The field `page` of a request.
#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default, deserialize_with = "given")]
    token: Option<String>,
    #[serde(default, deserialize_with = "given")]
    limit: Option<u64>,
    #[expect(dead_code, reason = "it decides nothing, but has to be an object")]
    #[serde(default, deserialize_with = "given")]
    properties: Option<Object<Anything>>,
}

/// JSON, of which the order of the fields does not count.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Sorted {
    Object(BTreeMap<String, Self>),
    Array(Vec<Self>),
    Other(Value),
}

/// A page of results, each of which has a number: they are in the order of the numbers.
pub struct At {
    limit: Option<u64>,
    /// The number of the last result of the page before.
    after: Option<i64>,
    /// What the request asks, of which service: the token of its next page is for nothing else.
    bound: String,
}

impl At {
    /// `fields` are those that the search reads. A token is bound to all of them.
    pub fn of(service: &Service, search: &str, fields: &[&str], body: &Body) -> Result<Self> {
        let fields = fields.iter().map(|name| body.optional::<Sorted>(name));
        let fields = fields.collect::<Result<Vec<_>, Malformed>>()?;
        let bound = json!([service.id, search, fields]).to_string();
        let Asked { token, limit, .. } = body.optional("page")?.unwrap_or_default();
        let Some(token) = token else { return Ok(Self { limit, after: None, bound }) };
        let at = Self::after(&token, bound)
            .filter(|at| limit.is_none_or(|limit| at.limit == Some(limit)));
        at.ok_or_else(|| Malformed::new("`page`: not a token of this request").into())
    }

    /// Returns the page that a token leads to, if it was made for what the request asks.
    fn after(token: &str, bound: String) -> Option<Self> {
        let mut parts = token.splitn(3, '.');
        let limit = match parts.next()? {
            "" => None,
            limit => Some(limit.parse().ok()?),
        };
        let after = match parts.next()? {
            "" => None,
            after => Some(after.parse().ok()?),
        };
        let at = Self { limit, after, bound };
        (at.token(after) == token).then_some(at)
    }

    fn token(&self, after: Option<i64>) -> String {
        let text = |number: Option<String>| number.unwrap_or_default();
        let limit = text(self.limit.map(|limit| limit.to_string()));
        let after = text(after.map(|after| after.to_string()));
        let digest = hash(format!("{limit}.{after}.{}", self.bound));
        format!("{limit}.{after}.{digest}")
    }

    fn size(&self) -> usize {
        self.limit.unwrap_or(SIZE).min(MOST) as usize
    }

    /// Returns the page for a query. It has one row more, which says whether there is a next page.
    pub fn page(&self) -> Page {
        let page = Page::of(self.size() as u32 + 1);
        match self.after {
            Some(after) => page.after(after),
            None => page,
        }
    }

    /// Returns the response. Results before this page are left out.
    pub fn answer(&self, results: impl IntoIterator<Item = (i64, Value)>) -> Answer {
        let is_after = |number: &i64| self.after.is_none_or(|after| *number > after);
        let mut results = results.into_iter().filter(|(number, _)| is_after(number));
        let shown: Vec<_> = results.by_ref().take(self.size()).collect();
        let last = shown.last().map(|(number, _)| *number);
        let next = results.next().map_or(String::new(), |_| self.token(last));
        let shown: Vec<Value> = shown.into_iter().map(|(_, result)| result).collect();
        let page = json!({ "next_token": next, "count": shown.len() });
        Ok(Json(json!({ "page": page, "results": shown })))
    }
}
