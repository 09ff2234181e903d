//! Who asks: the extractor that each handler begins with.

use std::fmt::Display;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use labelgate::log::{LogEntry, Logged};
use labelgate::membership::{Approved, MembershipPolicy, Refused};
use labelgate::overrides::Overrides;
use labelgate::wire::OrganizationRef;
use labelgate::{OrganizationId, Row, Subject};
use serde_json::Value;

use crate::App;
use crate::activity::Activity;
use crate::credentials::Credentials;
use crate::extract::OrganizationParam;
use crate::membership::{MEMBERSHIPS, Membership};
use crate::problem::{Changed, Failure, not_found, unauthorized};
use crate::transaction::{Lock, Tx};

/// Who asks, and the transaction that the request is served in.
pub struct Caller {
    pub app: App,
    pub tx: Tx,
    pub subject: Subject<i64>,
    pub activity: Activity,
    pub policy: MembershipPolicy<i64>,
    pub overrides: Overrides,
    pub email: String,
    /// Whether the instance has no other organization.
    is_only: bool,
}

impl Caller {
    /// One query: the session, the membership, and the organization's overrides. They stay so until the
    /// transaction ends, if the organization is locked.
    pub async fn load(
        app: &App,
        activity: &Activity,
        credentials: &Credentials,
        lock: Lock,
    ) -> Result<Option<Self>, Failure> {
        let Some(session) = credentials.session() else { return Ok(None) };
        let tx = app.database.begin().await?;
        // Locked first: what a query reads that waits for a lock is older than the lock.
        let organization = "SELECT organization_id FROM sessions WHERE hash = $1 AND is_token = $2";
        tx.lock(lock, organization, session.clone()).await?;
        let sql = format!(
            "{MEMBERSHIPS} JOIN sessions s ON s.user_id = m.user_id \
             AND s.organization_id = m.organization_id WHERE s.hash = $1 AND s.is_token = $2"
        );
        let membership: Option<Membership> = tx.one(&sql, session).await?;
        let membership = membership.ok_or_else(unauthorized)?;
        let subject = membership.subject(credentials.is_token())?;
        if let Some(security) = &app.database.security {
            tx.set(&security.settings(&subject)).await?;
        }
        activity.asked_by(*subject.organization(), *subject.user());
        let (policy, overrides) = (membership.policy()?, membership.overrides()?);
        let (app, activity) = (app.clone(), activity.clone());
        let Membership { email, is_only, .. } = membership;
        Ok(Some(Self { app, tx, subject, activity, policy, overrides, email, is_only }))
    }

    /// The organization of the caller, as a path names it. Any other is outside.
    pub fn organization(
        &self,
        OrganizationParam(named): &OrganizationParam,
    ) -> Result<Row<OrganizationId<i64>>, Failure> {
        let own = *self.subject.organization();
        match named {
            OrganizationRef::Only if self.is_only => Ok(self.subject.own_organization()),
            OrganizationRef::Id(id) if *id == own => Ok(self.subject.own_organization()),
            _ => Err(not_found()),
        }
    }

    /// The caller, whose questions are in the log.
    pub fn logged(&self) -> Logged<impl Fn(&LogEntry) -> Result<(), Failure>, i64> {
        self.subject.logged(|entry| self.activity.keep(entry))
    }

    /// A change of memberships, of this member if there is one, and its record in the log.
    pub fn change<C>(
        &self,
        member: Option<i64>,
        decide: impl FnOnce(&Subject<i64>) -> Result<Approved<C>, Refused>,
    ) -> Result<C, Failure> {
        let member = member.as_ref().map(|member| member as &dyn Display);
        Ok(self.logged().change(member, decide)?.into_change())
    }

    /// 201, where the change and its entry in the log are committed.
    pub async fn created(self, answer: Value) -> Changed {
        self.commit(StatusCode::CREATED, Json(answer)).await
    }

    /// 200, where the change and its entry in the log are committed.
    pub async fn changed(self, answer: Value) -> Changed {
        self.commit(StatusCode::OK, Json(answer)).await
    }

    /// 204, where the change and its entry in the log are committed.
    pub async fn no_content(self) -> Changed {
        self.commit(StatusCode::NO_CONTENT, ()).await
    }

    async fn commit(self, status: StatusCode, body: impl IntoResponse) -> Changed {
        self.activity.write(&self.tx, status).await?;
        self.tx.commit().await?;
        Ok((status, body).into_response())
    }
}

/// The caller of a request that changes or removes what decisions are made on: nobody else writes in the
/// organization meanwhile.
pub struct Exclusive(pub Caller);

async fn from_parts(parts: &mut Parts, app: &App, lock: Lock) -> Result<Caller, Failure> {
    let credentials = Credentials::of(parts, app)?;
    let activity = Activity::of(parts);
    Caller::load(app, &activity, &credentials, lock).await?.ok_or_else(unauthorized)
}

impl FromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let lock = if parts.method.is_safe() { Lock::None } else { Lock::Shared };
        from_parts(parts, app, lock).await
    }
}

impl FromRequestParts<App> for Exclusive {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        from_parts(parts, app, Lock::Exclusive).await.map(Self)
    }
}
