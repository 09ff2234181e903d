//! How requests are read: the parameters of paths and queries, and bodies. What cannot be read, or could be
//! read in two ways, is refused before a handler begins.

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;

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
