//! The activity log: what each request asked, and what was decided. A change and its entry are one
//! transaction. What changed nothing, a denial among it, is written when the response is there.

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
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use serde::Serialize;
use serde_json::{Value, json};

use crate::App;
use crate::caller::Caller;
use crate::columns::JsonText;
use crate::pages::{self, PageQuery, Paged};
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

    /// Keeps a decision until the request's transaction writes it. What cannot be kept is not permitted.
    pub fn keep(&self, entry: &LogEntry) -> Result<()> {
        tracing::info!("{entry}");
        self.entry().decisions.push(serde_json::to_value(entry).map_err(internal)?);
        Ok(())
    }

    pub async fn write(&self, tx: &Tx, status: StatusCode) -> Result<()> {
        let Entry { caller, decisions } = mem::take(&mut *self.entry());
        let Some((organization, user)) = caller else { return Ok(()) };
        let sql = "INSERT INTO activity (organization_id, user_id, at, method, path, status, decisions) \
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let (at, status) = (jiff::Timestamp::now().to_string(), i32::from(status.as_u16()));
        let (method, path) = (self.method.as_str(), self.path.as_str());
        let decisions = Value::from(decisions).to_string();
        tx.execute(sql, values![organization.0, user.0, at, method, path, status, decisions])
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
pub async fn record(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let activity = Activity::new(request.method(), request.uri());
    request.extensions_mut().insert(activity.clone());
    let response = next.run(request).await;
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
    #[serde(rename = "datetime")]
    at: String,
    #[serde(rename = "request_method")]
    method: String,
    #[serde(rename = "request_url")]
    path: String,
    #[serde(rename = "response_code")]
    status: String,
    #[serde(rename = "extra_data")]
    decisions: JsonText,
}

pub async fn list(caller: Caller, page: PageQuery) -> Answer {
    let permit =
        caller.logged().authorize(act::ViewActivityLog, caller.subject.own_organization())?;
    let (size, offset) = page.limits()?;
    let is_here = Expr::col(("activity", "organization_id")).eq(permit.organization().0);
    let columns = ["id", "organization_id", "user_id", "at", "method", "path", "decisions"];
    let rows = Query::select()
        .columns(columns.map(|column| ("activity", column)))
        .expr_as(Expr::col(("activity", "status")).cast_as("TEXT"), "status")
        .column(("users", "email"))
        .from("activity")
        .left_join("users", Expr::col(("users", "id")).equals(("activity", "user_id")))
        .and_where(is_here.clone())
        .order_by(("activity", "id"), Order::Desc)
        .limit(size.into())
        .offset(offset.into())
        .to_owned();
    let count = pages::count("activity", is_here);
    let Paged::<Logged> { count, rows } = caller.paged(rows, count, Order::Desc).await?;
    // The client reads a list of one.
    Ok(Json(json!([{ "data": rows, "recordsFiltered": count, "recordsTotal": count }])))
}
