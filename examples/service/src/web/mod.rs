//! The pages: HTML for a browser, made here, with forms that work without a script. A page asks as the API's
//! handlers do, and a form calls them.

mod forms;
mod views;

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, middleware};
use serde_json::Value;

use crate::App;
use crate::extract::LIMIT;
use crate::problem::{Result, internal};

/// Returns true if whoever opens the pages may sign in as anybody of the seed: on a database that is gone
/// with the process, on this machine alone, with nothing in front of it.
pub fn signs_in_as_anybody(database_url: &str, listens: SocketAddr, origin: Option<&str>) -> bool {
    database_url == "sqlite::memory:" && listens.ip().is_loopback() && origin.is_none()
}

pub fn routes(app: &App) -> Router<App> {
    let style = ([(header::CONTENT_TYPE, "text/css")], include_str!("style.css"));
    let mut routes = Router::new()
        .route("/", get(views::projects))
        .route("/web/style.css", get(style))
        .route("/web/people", get(views::people))
        .route("/web/people/{id}/role", post(forms::set_role))
        .route("/web/people/{id}/remove", post(forms::remove_member))
        .route("/web/permissions", get(views::permissions))
        .route("/web/permissions/{key}", get(views::permission).post(forms::set_permission))
        .route("/web/permissions/{key}/reset", post(forms::reset_permission))
        .route("/web/projects", post(forms::create_project))
        .route("/web/projects/{id}", get(views::project))
        .route("/web/projects/{id}/rename", post(forms::rename_project))
        .route("/web/projects/{id}/delete", post(forms::delete_project))
        .route("/web/projects/{id}/import", post(forms::import))
        .route("/web/projects/{id}/share", get(views::share))
        .route("/web/projects/{id}/members", post(forms::add_to_project))
        .route("/web/projects/{id}/members/remove", post(forms::remove_from_project))
        .route("/web/projects/{id}/tasks/{task}/assign", post(forms::assign_task))
        .route("/web/tasks/{id}/annotate", post(forms::annotate))
        .route("/web/annotations/{id}/change", post(forms::change_annotation))
        .route("/web/annotations/{id}/review", post(forms::review));
    if !app.logins.is_empty() {
        routes = routes.route("/web/sign-in", get(views::sign_in).post(forms::sign_in));
    }
    routes.layer(middleware::map_response_with_state(app.clone(), finish))
}

const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
         frame-ancestors 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// Makes a page of a problem, with the same status and words, and adds the headers of all pages.
async fn finish(State(app): State<App>, response: Response) -> Result<Response> {
    let (mut parts, mut body) = response.into_parts();
    let problem = parts.headers.get(header::CONTENT_TYPE);
    if problem.is_some_and(|kind| kind == "application/problem+json") {
        let bytes = to_bytes(body, LIMIT).await.map_err(internal)?;
        let problem: Value = serde_json::from_slice(&bytes).map_err(internal)?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        body = Body::from(views::problem(&app, parts.status, detail).into_string());
        parts.headers.remove(header::CONTENT_LENGTH);
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        parts.headers.insert(header::CONTENT_TYPE, html);
    }
    for (name, value) in HEADERS {
        parts.headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(Response::from_parts(parts, body))
}
