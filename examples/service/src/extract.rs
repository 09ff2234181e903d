//! The parameters of a path, of a query, and the body, read strictly: what cannot be read is an error of the client's.

use std::str::FromStr;

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use labelgate::wire::{InvalidOrganizationRef, OrganizationRef};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

use crate::App;
use crate::problem::{Failure, bad_request};

/// How many bytes a body has at most.
pub const LIMIT: usize = 1 << 20;

/// Reads the body before a transaction begins, or whoever sends slowly would hold up everybody who waits
/// for its locks. Wraps all routes.
pub async fn read_body(request: Request, next: Next) -> Result<Response, Failure> {
    // Refused before it is sent, where its length is said.
    if request.body().size_hint().lower() > LIMIT as u64 {
        let detail = format!("a body of more than {LIMIT} bytes");
        return Err(Failure::Problem(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    let (parts, body) = request.into_parts();
    let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await?;
    Ok(next.run(Request::from_parts(parts, bytes.into())).await)
}

/// A body that is a JSON object.
pub struct Body<T>(pub T);

/// A body that is a JSON list.
pub struct ListBody<T>(pub Vec<T>);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        parse(request, app, '{').await.map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<App> for ListBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        parse(request, app, '[').await.map(Self)
    }
}

/// Reads a body that begins so: serde would read the fields of an object from a list as well.
async fn parse<T: DeserializeOwned>(
    request: Request,
    app: &App,
    begin: char,
) -> Result<T, Failure> {
    let bytes = Bytes::from_request(request, app).await?;
    if bytes.trim_ascii_start().first() != Some(&(begin as u8)) {
        return Err(bad_request(format!("a body that begins with `{begin}`")));
    }
    // PostgreSQL keeps no such text.
    if bytes.windows(6).any(|window| window == br"\u0000") {
        return Err(bad_request("a body without NUL"));
    }
    serde_json::from_slice(&bytes).map_err(bad_request)
}

/// The parameters of a path. Where one cannot be read, there is nothing: 404.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Failure))]
pub struct Path<T>(pub T);

/// The parameters of a query.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Failure))]
pub struct Query<T>(pub T);

/// An id as a path or a query spells it. It has one spelling: `7` is one, `+7` and `07` are none.
#[derive(Clone, Copy)]
pub struct Id(pub i64);

#[derive(Debug, thiserror::Error)]
#[error("not an id")]
pub struct InvalidId;

impl FromStr for Id {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let id: i64 = text.parse().map_err(|_| InvalidId)?;
        if id.to_string() == text { Ok(Self(id)) } else { Err(InvalidId) }
    }
}

/// An organization as a path names it: its id, or `0` for the only one there is.
pub struct OrganizationParam(pub OrganizationRef<i64>);

impl FromStr for OrganizationParam {
    type Err = InvalidOrganizationRef;

    fn from_str(text: &str) -> Result<Self, InvalidOrganizationRef> {
        text.parse().map(Self)
    }
}

/// An e-mail address, in lower case: addresses are compared without case.
#[derive(Clone, Debug)]
pub struct Email(String);

#[derive(Debug, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    /// ASCII alone, in which every character is seen and has one lower case.
    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let is_seen = text.bytes().all(|byte| byte.is_ascii_graphic());
        let (user, host) = text.split_once('@').ok_or(InvalidEmail)?;
        if is_seen
            && !user.is_empty()
            && !host.is_empty()
            && !host.contains('@')
            && text.len() <= 254
        {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidEmail)
        }
    }
}

macro_rules! from_text {
    ($($Type:ty)+) => {$(
        impl<'de> Deserialize<'de> for $Type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )+};
}

from_text! { Id OrganizationParam Email }
