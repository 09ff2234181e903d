//! The activity log: what each request asked, and what was decided. A change and its entry are one
//! transaction. What changed nothing, a denial among it, is written when the response is there.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use labelgate::log::LogEntry;
use labelgate::{OrganizationId, UserId, act};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait};
use serde::Serialize;
use serde_json::{Value, json};

use crate::App;
use crate::caller::Caller;
use crate::columns::JsonText;
use crate::filters::Ordering;
use crate::pages::{PageQuery, Paged};
use crate::problem::{Answer, Result, internal};
use crate::transaction::{Tx, values};

/// The entry of one request.
#[derive(Clone)]
pub struct Activity {
    method: Method,
    /// Without the query, which may have an invitation's token.
    path: String,
    entry: Arc<Mutex<Entry>>,
}

#[derive(Default)]
struct Entry {
    caller: Option<(OrganizationId<i64>, UserId<i64>)>,
    /// The name of the service that asks, if it is no user.
    service: Option<String>,
    decisions: Vec<Value>,
}

impl Activity {
    /// The entry of a request. Whoever asks first begins it.
    pub fn of(parts: &mut Parts) -> Self {
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        parts.extensions.get_or_insert(Self { method, path, entry: Arc::default() }).clone()
    }

    fn entry(&self) -> impl std::ops::DerefMut<Target = Entry> {
        self.entry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn asked_by(&self, organization: OrganizationId<i64>, user: UserId<i64>) {
        self.entry().caller = Some((organization, user));
    }

    /// The user is the service's own: see [`Service`](crate::services::Service).
    pub fn asked_by_service(
        &self,
        organization: OrganizationId<i64>,
        user: UserId<i64>,
        name: &str,
    ) {
        self.asked_by(organization, user);
        self.entry().service = Some(name.to_owned());
    }

    /// Keeps a decision until the request's transaction writes it. What cannot be kept is not permitted.
    pub fn keep(&self, entry: &LogEntry) -> Result<()> {
        tracing::info!("{entry}");
        self.entry().decisions.push(serde_json::to_value(entry).map_err(internal)?);
        Ok(())
    }

    pub async fn write(&self, tx: &Tx, status: StatusCode) -> Result<()> {
        let Entry { caller, service, decisions } = mem::take(&mut *self.entry());
        let Some((organization, user)) = caller else { return Ok(()) };
        let sql = "INSERT INTO activity (organization_id, user_id, datetime, request_method, \
            request_url, response_code, extra_data, service) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let (now, status) = (jiff::Timestamp::now().to_string(), status.as_str());
        let (method, path) = (self.method.as_str(), self.path.as_str());
        let decisions = Value::from(decisions).to_string();
        let (organization, user) = (organization.0, user.0);
        tx.execute(sql, values![organization, user, now, method, path, status, decisions, service])
            .await?;
        Ok(())
    }

    /// Returns true if there is something that was not written yet.
    fn is_open(&self) -> bool {
        let entry = self.entry();
        entry.caller.is_some() && !entry.decisions.is_empty()
    }
}

/// Wraps all routes.
pub async fn record(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let activity = Activity::of(&mut parts);
    let response = next.run(Request::from_parts(parts, body)).await;
    if activity.is_open()
        && let Err(error) = write_alone(&app, &activity, response.status()).await
    {
        tracing::error!(%error, "the activity log was not written");
    }
    response
}

async fn write_alone(app: &App, activity: &Activity, status: StatusCode) -> Result<()> {
    let tx = app.database.begin().await?;
    activity.write(&tx, status).await?;
    tx.commit().await
}

#[derive(FromQueryResult, Serialize)]
struct Logged {
    id: i64,
    organization_id: i64,
    user_id: i64,
    email: Option<String>,
    datetime: String,
    request_method: String,
    request_url: String,
    response_code: String,
    extra_data: JsonText,
    service: Option<String>,
}

pub async fn list(caller: Caller, page: PageQuery) -> Answer {
    let here = caller.subject.own_organization();
    let permit = caller.logged().authorize(act::ViewActivityLog, here)?;
    let is_here = Expr::col(("activity", "organization_id")).eq(permit.organization().0);
    let Paged::<Logged> { count, rows } =
        caller.page_with_users("activity", is_here, Ordering::NEWEST, &page).await?;
    // The client reads a list of one.
    Ok(Json(json!([{ "data": rows, "recordsFiltered": count, "recordsTotal": count }])))
}
