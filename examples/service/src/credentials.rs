//! What a request says of who asks: an API token, or the cookie of a session. Both are random, and the
//! database keeps hashes of them alone.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use sea_orm::Value;
use sha2::{Digest, Sha256};

use crate::App;
use crate::problem::{Failure, Result, forbidden, unauthorized};
use crate::transaction::{Exists, Lock, Tx, values};

pub enum Credentials {
    Token(String),
    Cookie(String),
    None,
}

impl Credentials {
    /// A token counts before a cookie, also where it is not a valid one. What a browser sends by itself
    /// changes something only where a page of the service made it do so.
    pub fn of(parts: &Parts, app: &App) -> Result<Self> {
        if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(|value| value.strip_prefix("Token "));
            return token.map(|token| Self::Token(token.to_owned())).ok_or_else(unauthorized);
        }
        let Some(cookie) = cookie(&parts.headers) else { return Ok(Self::None) };
        let origin = parts.headers.get(header::ORIGIN);
        if !parts.method.is_safe() && origin.is_none_or(|origin| *origin != *app.origin) {
            return Err(forbidden("a session changes nothing for another origin"));
        }
        Ok(Self::Cookie(cookie.to_owned()))
    }

    pub fn is_token(&self) -> bool {
        matches!(self, Self::Token(_))
    }

    /// The hash, and whether it is that of a token: what the row of the session is found by.
    pub fn session(&self) -> Option<[Value; 2]> {
        match self {
            Self::Token(secret) => Some(values![hash(secret), true]),
            Self::Cookie(secret) => Some(values![hash(secret), false]),
            Self::None => None,
        }
    }

    /// An error where the session has ended. One that has not stays until the transaction ends.
    pub async fn still_hold(&self, tx: &Tx) -> Result<()> {
        let Some(session) = self.session() else { return Ok(()) };
        let locking = tx.locking(Lock::Shared);
        let sql = format!("SELECT 1 FROM sessions WHERE hash = $1 AND is_token = $2{locking}");
        tx.one::<Exists>(&sql, session).await?.map(drop).ok_or_else(unauthorized)
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix("sessionid="))
}

pub fn hash(secret: &str) -> String {
    hexadecimal(&Sha256::digest(secret))
}

/// A new token, cookie or invitation.
pub fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Internal(error.to_string().into()))?;
    Ok(hexadecimal(&bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
