//! The service as a decision point: [AuthZEN 1.0](https://openid.net/specs/authorization-api-1_0.html), as other
//! services ask it.
//!
//! A subject is a `user`, an action has the key of one of labelgate's actions or a name of [`OWN`](request::OWN), and
//! the type of a resource is the name of a `Kind`. Facts come from the database: `properties` and `context` decide
//! nothing.

pub mod evaluate;
pub mod pages;
pub mod request;
pub mod search;
pub mod seen;

use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::App;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub fn routes() -> Router<App> {
    Router::new()
        .route("/access/v1/evaluation", post(evaluate::evaluation))
        .route("/access/v1/evaluations", post(evaluate::evaluations))
        .route("/access/v1/search/subject", post(search::subjects))
        .route("/access/v1/search/resource", post(search::resources))
        .route("/access/v1/search/action", post(search::actions))
        .route("/.well-known/authzen-configuration", get(configuration))
}

/// Where each question is asked. Anybody may read it.
async fn configuration(State(App { origin, .. }): State<App>) -> Json<Value> {
    Json(json!({
        "policy_decision_point": &*origin,
        "access_evaluation_endpoint": format!("{origin}/access/v1/evaluation"),
        "access_evaluations_endpoint": format!("{origin}/access/v1/evaluations"),
        "search_subject_endpoint": format!("{origin}/access/v1/search/subject"),
        "search_resource_endpoint": format!("{origin}/access/v1/search/resource"),
        "search_action_endpoint": format!("{origin}/access/v1/search/action"),
    }))
}

/// Sends the `X-Request-ID` of a request back with its response. Wraps all routes.
pub async fn identify(request: Request, next: Next) -> Response {
    let ids: Vec<_> = request.headers().get_all(REQUEST_ID).iter().cloned().collect();
    let mut response = next.run(request).await;
    for id in ids {
        response.headers_mut().append(REQUEST_ID, id);
    }
    response
}
