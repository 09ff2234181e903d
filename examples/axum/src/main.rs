//! Teaches a whole service in one file: a session, a guarded row, a list in two orders, who may, and a log.

use std::{error::Error, io::Write, sync::LazyLock};

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::{StatusCode, header::COOKIE, request::Parts};
use axum::{Json, Router, response::IntoResponse, response::Response, routing::get};
use labelgate::log::{LogEntry, Logged};
use labelgate::sql::{ByColumn, Page, Schema};
use labelgate::{Answer, Kind, OrganizationId, Permit, ProjectId, Row, Subject, UserId, act};
use sea_query::{Expr, ExprTrait, SelectStatement, SqliteQueryBuilder};
use sea_query_sqlx::SqlxBinder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, query, query_as, query_as_with};

type Result<T, E = Problem> = std::result::Result<T, E>;
type Project = Row<ProjectId<i64>, ProjectData>; // as the caller sees it: with its facts
type Projects = labelgate::Listing<act::ViewProject, OrganizationId<i64>>; // a permitted list

struct ProjectData {
    title: String,
    version: i64,
}

async fn show(request: Request, Path(id): Path<ProjectId<i64>>) -> Result<Json<Value>> {
    let project = request.project(id).await?;
    let permit = request.caller.authorize(act::ViewProject, (id, project))?;
    let buttons = request.caller.subject().actions(permit.row());
    Ok(Json(json!({ "title": permit.title, "buttons": buttons })))
}

async fn rename(request: Request, Path(id): Path<ProjectId<i64>>, title: String) -> Result<()> {
    let project = request.project(id).await?; // Option<Project>: a row, selected with its facts
    let permit = request.caller.authorize(act::ChangeProject, (id, project))?; // else 403 or 404
    request.rename(permit, &title).await // takes Permit<act::ChangeProject, Project>
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    by_title: bool,
    skip: u32,
}

async fn list(request: Request, Query(asked): Query<Asked>) -> Result<Json<Value>> {
    let listing = request.caller.authorize_list(act::ViewProject)?; // a denial, and no empty page
    let page = Page::of(50).by(if asked.by_title { "title" } else { "id" }).offset(asked.skip);
    let line = |project: Project| json!({ "id": project.id(), "title": project.title });
    Ok(Json(request.projects(&listing, &page).await?.into_iter().map(line).collect()))
}

async fn who_may(request: Request, Path(id): Path<ProjectId<i64>>) -> Result<impl IntoResponse> {
    let project = request.project(id).await?;
    let people = request.caller.authorize_people(act::ChangeProject, (id, project))?;
    let (sql, values) = SCHEMA.people(&people, &Page::of(50)).build_sqlx(SqliteQueryBuilder);
    let rows: Vec<(i64, String, i64)> =
        query_as_with(AssertSqlSafe(sql), values).fetch_all(&request.pool).await?;
    Ok(Json(people.persons(rows).collect::<Result<Vec<_>, _>>()?))
}

static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| Schema::sqlite().with_order(Kind::Project, "title"));

/// What a handler works with. Each decision of the caller is logged.
struct Request {
    caller: Logged<fn(&LogEntry) -> Result<()>, i64>,
    pool: SqlitePool,
}

impl Request {
    /// A page of the projects that the listing permits. There is no other way to more than one project.
    async fn projects(&self, listing: &Projects, page: &Page<ByColumn>) -> Result<Vec<Project>> {
        let mut query = SelectStatement::new();
        SCHEMA.paginate(&mut query, listing, page); // the condition, the order and the limit
        self.select(query).await
    }

    async fn project(&self, ProjectId(id): ProjectId<i64>) -> Result<Option<Project>> {
        let is_it = Expr::col(("projects", "id")).eq(id);
        Ok(self.select(SelectStatement::new().and_where(is_it).to_owned()).await?.pop())
    }

    /// The projects of a query as the caller sees them: each with its facts.
    async fn select(&self, mut query: SelectStatement) -> Result<Vec<Project>> {
        let columns = ["id", "organization_id", "title", "version"].map(|name| ("projects", name));
        let facts = SCHEMA.facts(self.caller.subject(), Kind::Project);
        query.columns(columns).expr(facts).from("projects");
        let (sql, values) = query.build_sqlx(SqliteQueryBuilder);
        let rows = query_as_with(AssertSqlSafe(sql), values).fetch_all(&self.pool).await?;
        let project = |(id, org, title, version, facts): (_, _, _, _, i64)| {
            let row = self.caller.subject().row(ProjectId(id), OrganizationId(org), facts)?;
            Ok(row.with(ProjectData { title, version }))
        };
        rows.into_iter().map(project).collect()
    }

    /// Changes the version that was checked, or nothing.
    async fn rename(&self, permit: Permit<act::ChangeProject, Project>, title: &str) -> Result<()> {
        let sql = "UPDATE projects SET title = $1, version = $2 + 1 WHERE id = $3 AND version = $2";
        let update = query(sql).bind(title).bind(permit.version).bind(permit.id().0);
        let is_done = update.execute(&self.pool).await?.rows_affected() == 1;
        is_done.then_some(()).ok_or(Problem(409, "somebody else changed it"))
    }
}

/// One query says who has the session, and which role they have at this moment.
impl FromRequestParts<SqlitePool> for Request {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, pool: &SqlitePool) -> Result<Self> {
        let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
        let secret = cookies.flat_map(|it| it.split("; ")).find_map(|it| it.strip_prefix("sid="));
        let sql = "SELECT organization_id, user_id, role FROM signed_in WHERE hash = $1";
        let hash = secret.map(|it| Sha256::digest(it).to_vec());
        let member = query_as(sql).bind(hash).fetch_optional(pool).await?;
        let (organization, user, role): (_, _, String) = member.ok_or(Problem(401, "sign in"))?;
        let subject = Subject::new(OrganizationId(organization), UserId(user), role.parse()?);
        Ok(Self { caller: subject.logged(log), pool: pool.clone() })
    }
}

/// Writes a decision as a line of JSON before it is returned. If that fails, nothing is permitted: 500. Whatever
/// collects the lines adds the time.
fn log(entry: &LogEntry) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string(entry)?)?)
}

/// The status and the text of a response.
#[derive(Debug)]
struct Problem(u16, &'static str);

impl<E: Error + 'static> From<E> for Problem {
    fn from(error: E) -> Self {
        eprintln!("{error}");
        Answer::of(&error).map_or(Self(500, "internal error"), |it| Self(it.status(), it.text()))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.1).into_response()
    }
}

/// The service with a new database in memory, which lives as long as its only connection.
async fn open() -> Result<(Router, SqlitePool)> {
    let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = pool.connect("sqlite::memory:").await?;
    let tables = [include_str!("tables.sql").to_owned()].into_iter();
    for sql in tables.chain(SCHEMA.indexes()).chain(SCHEMA.people_indexes()) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&pool).await?;
    }
    let app = Router::new()
        .route("/projects", get(list))
        .route("/projects/{id}", get(show).patch(rename))
        .route("/projects/{id}/people", get(who_may));
    Ok((app.with_state(pool.clone()), pool))
}

/// Starts a session of somebody whom you know, and returns the secret for its cookie: `Set-Cookie: sid=SECRET;
/// HttpOnly; Secure; SameSite=Lax; Path=/`. How you come to know them is your service's: a password, or OAuth.
async fn sign_in(pool: &SqlitePool, organization: i64, user: i64) -> Result<String> {
    let secret = format!("{:016x}{:016x}", getrandom::u64()?, getrandom::u64()?);
    let sql = "INSERT INTO sessions (hash, organization_id, user_id) VALUES ($1, $2, $3)";
    let hash = Sha256::digest(&secret).to_vec();
    query(sql).bind(hash).bind(organization).bind(user).execute(pool).await?;
    Ok(secret)
}

#[tokio::main]
async fn main() -> Result<()> {
    let (app, pool) = open().await?;
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    for (user, role) in (1..).zip(["OW", "AD", "MA", "MA", "RE", "AN", "NO", "DI"]) {
        let (address, secret) = (listener.local_addr()?, sign_in(&pool, 1, user).await?);
        eprintln!("curl -b sid={secret} http://{address}/projects/100 # {role}");
    }
    Ok(axum::serve(listener, app).await?)
}

#[cfg(test)]
mod tests;
