//! What a request says of who asks: an API token, or the cookie of a session. Both are random, and the
//! database keeps hashes of them alone.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use labelgate::Actions;
use labelgate::membership::Member;
use sea_orm::Value;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::App;
use crate::problem::{Result, forbidden, internal, unauthorized};
use crate::transaction::{Exists, Lock, Tx, values};

pub struct Credentials {
    secret: String,
    pub is_token: bool,
}

impl Credentials {
    /// A token counts before a cookie, also where it is not a valid one. What a browser sends by itself
    /// changes something only where a page of the service made it do so.
    pub fn of(parts: &Parts, app: &App) -> Result<Option<Self>> {
        if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(|value| value.strip_prefix("Token "));
            let secret = token.ok_or_else(unauthorized)?.to_owned();
            return Ok(Some(Self { secret, is_token: true }));
        }
        let Some(cookie) = cookie(&parts.headers) else { return Ok(None) };
        if !parts.method.is_safe() && !is_same_origin(&parts.headers, app) {
            return Err(forbidden("a session changes nothing for another origin"));
        }
        Ok(Some(Self { secret: cookie.to_owned(), is_token: false }))
    }

    /// What the row of the session is found by.
    pub fn session(&self) -> [Value; 2] {
        values![hash(&self.secret), self.is_token]
    }

    /// An error where the session has ended. One that has not stays until the transaction ends.
    pub async fn still_hold(&self, tx: &Tx) -> Result<()> {
        let locking = tx.locking(Lock::Shared);
        let sql = format!("SELECT 1 FROM sessions WHERE hash = $1 AND is_token = $2{locking}");
        tx.one::<Exists>(&sql, self.session()).await?.map(drop).ok_or_else(unauthorized)
    }
}

/// Returns true if a page of the service made the browser send the request.
pub fn is_same_origin(headers: &HeaderMap, app: &App) -> bool {
    headers.get(header::ORIGIN).is_some_and(|origin| *origin == *app.origin)
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix("sessionid="))
}

pub fn hash(secret: impl AsRef<[u8]>) -> String {
    format!("{:x}", Sha256::digest(secret))
}

/// A new token, cookie or invitation.
pub fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(internal)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What somebody signs in with.
pub enum NewCredential {
    /// The cookie of a browser's session.
    Session,
    /// A token of the API, and the actions that it is limited to.
    Token(Actions),
}

/// Keeps a new token or cookie, and returns it.
pub async fn sign_in(tx: &Tx, member: &Member<i64>, new: NewCredential) -> Result<String> {
    let secret = secret()?;
    let (is_token, limit) = match new {
        NewCredential::Session => (false, Actions::all()),
        NewCredential::Token(limit) => (true, limit),
    };
    let limit = (!limit.is_all()).then(|| json!(limit).to_string());
    let sql = "INSERT INTO sessions (hash, is_token, organization_id, user_id, actions) \
        VALUES ($1, $2, $3, $4, $5)";
    let (organization, user) = (member.organization.0, member.user.0);
    tx.execute(sql, values![hash(&secret), is_token, organization, user, limit]).await?;
    Ok(secret)
}
