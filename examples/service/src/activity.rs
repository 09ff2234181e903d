//! The activity log: what each request asked, and what was decided.
//!
//! A change and its entry are one transaction. What changed nothing, a denial among it, is written when
//! the response is there.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use labelgate::log::LogEntry;
use labelgate::{OrganizationId, UserId, act};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value, json};

use crate::App;
use crate::caller::Caller;
use crate::database::values;
use crate::extract::Query;
use crate::pages::PageQuery;
use crate::problem::{Answer, Failure, stored};
use crate::transaction::Tx;

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
    /// The name of the service that asked, if it was no user.
    service: Option<String>,
    decisions: Vec<Value>,
}

impl Activity {
    /// The entry of a request, which [`record`] began.
    pub fn of(parts: &Parts) -> Self {
        parts.extensions.get().cloned().unwrap_or_else(|| Self::new(&parts.method, &parts.uri))
    }

    fn new(method: &Method, uri: &Uri) -> Self {
        Self { method: method.clone(), path: uri.path().to_owned(), entry: Arc::default() }
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

    /// Keeps an entry until the request's transaction writes it. What cannot be kept is not permitted.
    pub fn keep(&self, entry: &LogEntry) -> Result<(), Failure> {
        tracing::info!("{entry}");
        self.entry().decisions.push(serde_json::to_value(entry).map_err(stored)?);
        Ok(())
    }

    /// Returns true if there is something that was not written yet.
    fn is_open(&self) -> bool {
        let entry = self.entry();
        entry.caller.is_some() && !entry.decisions.is_empty()
    }

    pub async fn write(&self, tx: &Tx, status: StatusCode) -> Result<(), DbErr> {
        let decisions = Value::from(mem::take(&mut self.entry().decisions)).to_string();
        let Some((organization, user)) = self.entry().caller else { return Ok(()) };
        let service = self.entry().service.clone();
        let sql = "INSERT INTO activity \
            (organization_id, user_id, at, method, path, status, decisions, service) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        tx.execute(
            sql,
            values![
                organization.0,
                user.0,
                jiff::Timestamp::now().to_string(),
                self.method.as_str(),
                self.path.as_str(),
                i32::from(status.as_u16()),
                decisions,
                service
            ],
        )
        .await
        .map(drop)
    }
}

/// Wraps all routes.
pub async fn record(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let activity = Activity::new(request.method(), request.uri());
    request.extensions_mut().insert(activity.clone());
    let response = next.run(request).await;
    if activity.is_open()
        && let Err(error) = written(&app, &activity, response.status()).await
    {
        tracing::error!(%error, "the activity log was not written");
    }
    response
}

async fn written(app: &App, activity: &Activity, status: StatusCode) -> Result<(), DbErr> {
    let tx = app.database.begin().await?;
    activity.write(&tx, status).await?;
    tx.commit().await
}

#[derive(FromQueryResult)]
struct LoggedRequest {
    count: i64,
    id: Option<i64>,
    at: Option<String>,
    user_id: Option<i64>,
    email: Option<String>,
    method: Option<String>,
    path: Option<String>,
    status: Option<i32>,
    decisions: Option<String>,
    service: Option<String>,
}

pub async fn list(caller: Caller, Query(at): Query<PageQuery>) -> Answer {
    let permit =
        caller.logged().authorize(act::ViewActivityLog, caller.subject.own_organization())?;
    let organization = *permit.organization();
    let (size, offset) = at.limits()?;
    let sql = "SELECT counted.count, page.* FROM \
        (SELECT COUNT(*) AS count FROM activity WHERE organization_id = $1) counted \
        LEFT JOIN (SELECT a.id, a.at, a.user_id, u.email, a.method, a.path, a.status, a.decisions, \
        a.service FROM activity a LEFT JOIN users u ON u.id = a.user_id WHERE a.organization_id = $1 \
        ORDER BY a.id DESC LIMIT $2 OFFSET $3) page ON TRUE ORDER BY page.id DESC";
    let values = values![organization.0, i64::from(size), i64::from(offset)];
    let rows: Vec<LoggedRequest> = caller.tx.all(sql, values).await?;
    let count = rows.first().map_or(0, |row| row.count);
    let data = rows.into_iter().filter(|row| row.id.is_some()).map(|row| {
        json!({
            "id": row.id,
            "datetime": row.at,
            "organization_id": organization,
            "user_id": row.user_id,
            "email": row.email,
            "service": row.service,
            "request_method": row.method,
            "request_url": row.path,
            "response_code": row.status.map(|status| status.to_string()),
            "extra_data": row.decisions.and_then(|text| serde_json::from_str::<Value>(&text).ok()),
        })
    });
    let data: Vec<_> = data.collect();
    // The client reads a list of one.
    Ok(Json(json!([{ "data": data, "recordsFiltered": count, "recordsTotal": count }])))
}
