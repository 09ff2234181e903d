//! Who asks: the extractor that each handler begins with. It begins the transaction of the request, locks
//! what permits, and reads session, membership and overrides in one query.

use std::fmt::Display;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use labelgate::Subject;
use labelgate::log::{LogEntry, Logged};
use labelgate::membership::{Approved, MembershipPolicy, Refused};
use labelgate::overrides::Overrides;
use serde_json::Value;

use crate::App;
use crate::activity::Activity;
use crate::credentials::Credentials;
use crate::membership::Membership;
use crate::problem::{Changed, Failure, Result, not_found, unauthorized};
use crate::transaction::{Exists, Lock, Tx};

pub struct Caller {
    pub app: App,
    pub tx: Tx,
    pub subject: Subject<i64>,
    pub activity: Activity,
    pub policy: MembershipPolicy<i64>,
    pub overrides: Overrides,
    pub email: String,
}

/// The caller of a request that changes or removes what decisions are made on: nobody else writes in the
/// organization meanwhile.
pub struct Exclusive(pub Caller);

impl FromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let lock = if parts.method.is_safe() { Lock::None } else { Lock::Shared };
        Self::load(app, parts, lock).await?.ok_or_else(unauthorized)
    }
}

impl FromRequestParts<App> for Exclusive {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Caller::load(app, parts, Lock::Exclusive).await?.map(Self).ok_or_else(unauthorized)
    }
}

impl Caller {
    /// None where the request has no credentials. What permits stays so until the transaction ends, if the
    /// organization is locked.
    pub async fn load(app: &App, parts: &mut Parts, lock: Lock) -> Result<Option<Self>> {
        let credentials = Credentials::of(parts, app)?;
        let Some(credentials) = credentials else { return Ok(None) };
        let session = credentials.session();
        let tx = app.database.begin().await?;
        // Locked first: what a query reads that waits for a lock is older than the lock.
        let organization = "SELECT organization_id FROM sessions WHERE hash = $1 AND is_token = $2";
        tx.lock(lock, organization, session.clone()).await?;
        let signed_in = tx.signed_in(session).await?.ok_or_else(unauthorized)?;
        let subject = signed_in.subject(credentials.is_token);
        if let Some(security) = &app.database.security {
            tx.select::<Exists>(&security.settings(&subject)).await?;
        }
        let activity = Activity::of(parts);
        activity.asked_by(*subject.organization(), *subject.user());
        if !signed_in.membership.is_in(parts.uri.path()) {
            return Err(not_found());
        }
        let Membership { policy, overrides, email, .. } = signed_in.membership;
        Ok(Some(Self { app: app.clone(), tx, subject, activity, policy, overrides, email }))
    }

    /// The caller, whose questions are in the log.
    pub fn logged(&self) -> Logged<impl Fn(&LogEntry) -> Result<()>, i64> {
        self.subject.logged(|entry| self.activity.keep(entry))
    }

    /// A change that the policy decides, of this member if there is one, and its record in the log.
    pub fn change<C>(
        &self,
        member: Option<i64>,
        decide: impl FnOnce(&MembershipPolicy<i64>, &Subject<i64>) -> Result<Approved<C>, Refused>,
    ) -> Result<Approved<C>> {
        let member = member.as_ref().map(|member| member as &dyn Display);
        self.logged().change(member, |subject| decide(&self.policy, subject))
    }

    pub async fn created(self, answer: Value) -> Changed {
        self.commit(StatusCode::CREATED, Json(answer)).await
    }

    pub async fn changed(self, answer: Value) -> Changed {
        self.commit(StatusCode::OK, Json(answer)).await
    }

    pub async fn no_content(self) -> Changed {
        self.commit(StatusCode::NO_CONTENT, ()).await
    }

    /// Commits the changes, and with them their entry in the log.
    async fn commit(self, status: StatusCode, body: impl IntoResponse) -> Changed {
        self.activity.write(&self.tx, status).await?;
        self.tx.commit().await?;
        Ok((status, body).into_response())
    }
}
