//! How requests are read: the parameters of paths and queries, and bodies. What cannot be read, or could be
//! read in two ways, is refused before a handler begins.

use std::str::FromStr;

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::App;
use crate::problem::{Failure, Result, bad_request};

/// How many bytes a body has at most.
pub const LIMIT: usize = 1 << 20;

/// Reads the body before a transaction begins, or whoever sends slowly would hold up everybody who waits
/// for its locks. Wraps all routes.
pub async fn read_body(request: Request, next: Next) -> Result<Response> {
    // Refused before it is sent, where its length is said.
    if request.body().size_hint().lower() > LIMIT as u64 {
        let detail = format!("a body of more than {LIMIT} bytes");
        return Err(Failure(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    let (parts, body) = request.into_parts();
    let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await?;
    Ok(next.run(Request::from_parts(parts, bytes.into())).await)
}

/// A JSON object.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let bytes = Bytes::from_request(request, app).await?;
        parse_json(&bytes, '{').map(Self)
    }
}

/// Reads JSON that begins with a character: serde would read the fields of an object from a list as well.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8], begin: char) -> Result<T> {
    if !bytes.trim_ascii_start().starts_with(&[begin as u8]) {
        return Err(bad_request(format!("a body that begins with `{begin}`")));
    }
    // PostgreSQL keeps no such text.
    if bytes.windows(6).any(|window| window == br"\u0000") {
        return Err(bad_request("a body without NUL"));
    }
    serde_json::from_slice(bytes).map_err(bad_request)
}

/// The fields of a form of the pages.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), app).await?;
        if bytes.contains(&0) || bytes.windows(3).any(|window| window == b"%00") {
            return Err(bad_request("a body without NUL"));
        }
        let request = Request::from_parts(parts, bytes.into());
        let axum::Form(form) = axum::Form::from_request(request, app).await?;
        Ok(Self(form))
    }
}

/// The parameters of a path. Where one cannot be read, there is nothing: 404.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Failure))]
pub struct Path<T>(pub T);

/// The parameters of a query.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Failure))]
pub struct Query<T>(pub T);

/// An id in a path or a query, and the only parameter of a path. It has one spelling: `7` is one, `+7` and
/// `07` are none.
#[derive(Clone, Copy, Deserialize, FromRequestParts)]
#[from_request(via(Path), rejection(Failure))]
#[serde(try_from = "String")]
pub struct Id(pub i64);

impl TryFrom<String> for Id {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let id = text.parse().ok().filter(|id: &i64| id.to_string() == text);
        id.map(Self).ok_or("not an id")
    }
}

/// How many rows a request names at most, or changes at once.
pub const MANY: usize = 1000;

/// Ids of which a request names several: no more than [`MANY`], and each once.
#[derive(Clone, Default, Deserialize)]
#[serde(try_from = "Vec<i64>")]
pub struct Ids(pub Vec<i64>);

impl TryFrom<Vec<i64>> for Ids {
    type Error = &'static str;

    fn try_from(ids: Vec<i64>) -> Result<Self, &'static str> {
        let mut each = ids.clone();
        each.sort_unstable();
        each.dedup();
        match each.len() == ids.len() && ids.len() <= MANY {
            true => Ok(Self(ids)),
            false => Err("each id once, and no more than 1000"),
        }
    }
}

/// Ids with commas between them.
impl FromStr for Ids {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let ids = text.split(',').map(|id| Id::try_from(id.to_owned()).map(|Id(id)| id));
        ids.collect::<Result<Vec<_>, _>>()?.try_into()
    }
}

/// Reads ids of a query, with commas between them.
pub fn listed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Ids>, D::Error> {
    let ids = String::deserialize(deserializer)?.parse();
    ids.map(Some).map_err(serde::de::Error::custom)
}

/// Which rows a request is about that changes many.
pub enum Selected {
    Only(Ids),
    AllBut(Ids),
}

impl Selected {
    /// The ids that the request names.
    pub fn named(&self) -> &[i64] {
        let (Self::Only(Ids(ids)) | Self::AllBut(Ids(ids))) = self;
        ids
    }

    /// The condition that a column has the id of a row that is selected.
    pub fn condition(&self, column: &str) -> String {
        let is_named = is_one_of(column, self.named());
        match self {
            Self::Only(_) => is_named,
            Self::AllBut(_) => format!("({is_named}) IS NOT TRUE"),
        }
    }
}

/// The condition that a column has one of the ids.
pub fn is_one_of(column: &str, ids: &[i64]) -> String {
    let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
    let ids = if ids.is_empty() { "NULL".to_owned() } else { ids.join(", ") };
    format!("{column} IN ({ids})")
}
