//! A labeling service whose handlers are guarded by labelgate. In the order of a request:
//!
//! - [`caller`]: who asks, in one query, as a `Subject`;
//! - [`rows`]: a row with its facts, in one query, as a `Row`;
//! - [`organizations`], [`projects`], [`tasks`], [`people`], [`impact`]: the handlers, which ask and get a `Permit`,
//!   or a proof that a membership may change;
//! - [`store`]: what changes rows, which takes such proofs and nothing else;
//! - [`activity`] and [`problem`]: what the log and the client are told.

pub mod activity;
pub mod bodies;
pub mod caller;
pub mod database;
pub mod impact;
pub mod organizations;
pub mod people;
pub mod problem;
pub mod projects;
pub mod rows;
pub mod seed;
pub mod store;
pub mod tasks;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{delete, get, patch, post};
use axum::{Router, middleware};

use crate::database::Database;
use crate::problem::Failure;

/// What the handlers share.
#[derive(Clone)]
pub struct App {
    pub database: Arc<Database>,
    /// Where the service's own pages come from, as browsers say it.
    pub origin: Arc<str>,
}

pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/current-user/whoami", get(organizations::whoami))
        .route("/api/organizations/", get(organizations::list))
        .route("/api/organizations/{id}", get(organizations::get))
        .route(
            "/api/organizations/{id}/memberships",
            get(organizations::members).patch(organizations::assign).post(organizations::assign),
        )
        .route("/api/organizations/{id}/memberships/{user}/", delete(organizations::remove))
        .route("/api/organizations/{id}/owner", post(organizations::transfer))
        .route("/api/organizations/{id}/set-default-role", patch(organizations::set_default_role))
        .route(
            "/api/organizations/{id}/permissions",
            get(organizations::permissions).post(organizations::create_permission),
        )
        .route(
            "/api/organizations/{id}/permissions/options",
            get(organizations::permission_options),
        )
        .route("/api/organizations/{id}/permissions/impact", post(impact::impact))
        .route("/api/organizations/{id}/permissions/impact/members", post(impact::members))
        .route("/api/organizations/{id}/permissions/impact/rows", post(impact::rows))
        .route(
            "/api/organizations/{id}/permissions/{key}",
            get(organizations::get_permission)
                .put(organizations::replace_permission)
                .patch(organizations::update_permission)
                .delete(organizations::delete_permission),
        )
        .route("/api/invite", get(organizations::read_invitation))
        .route("/api/invite/reset-token", post(organizations::reset_invitation))
        .route("/user/signup", post(organizations::sign_up))
        .route("/api/activity-logs/", get(organizations::activity))
        .route("/api/workspaces/", get(projects::list_workspaces).post(projects::create_workspace))
        .route(
            "/api/workspaces/{id}/",
            get(projects::get_workspace)
                .patch(projects::change_workspace)
                .delete(projects::delete_workspace),
        )
        .route(
            "/api/workspaces/{id}/memberships/",
            get(people::of_workspace)
                .post(projects::add_to_workspace)
                .delete(projects::remove_from_workspace),
        )
        .route("/api/workspaces/{id}/memberships/paginated/", get(people::page_of_workspace))
        .route("/api/projects/", get(projects::list_projects).post(projects::create_project))
        .route(
            "/api/projects/{id}/",
            get(projects::get_project)
                .patch(projects::change_project)
                .delete(projects::delete_project),
        )
        .route(
            "/api/projects/{id}/members/",
            post(projects::add_to_project).delete(projects::remove_from_project),
        )
        .route("/api/projects/{id}/members/paginated/", get(people::of_project))
        .route("/api/projects/{id}/people/", get(people::who_may))
        .route("/api/projects/{id}/import", post(projects::import))
        .route("/api/projects/{id}/export", get(projects::export))
        .route("/api/projects/{id}/roles", get(organizations::project_roles))
        .route("/api/projects/roles/", post(organizations::give_project_role))
        .route("/api/projects/roles/{id}/", delete(organizations::take_back_project_role))
        .route("/api/projects/{id}/next/", get(tasks::next))
        .route(
            "/api/projects/{id}/tasks/{task}/assignees",
            post(tasks::assign).delete(tasks::unassign),
        )
        .route("/api/tasks/", get(tasks::list).post(tasks::create))
        .route("/api/tasks/{id}/", get(tasks::get))
        .route("/api/tasks/{id}/annotations/", get(tasks::annotations).post(tasks::annotate))
        .route("/api/annotations/{id}/", get(tasks::get_annotation).patch(tasks::change_annotation))
        .route("/api/annotation-reviews/", post(tasks::review))
        .fallback(async || problem::not_found())
        .method_not_allowed_fallback(async || {
            Failure::Problem(StatusCode::METHOD_NOT_ALLOWED, "not with this method".to_owned())
        })
        .layer(middleware::from_fn_with_state(app.clone(), activity::record))
        .layer(middleware::from_fn(bodies::read))
        .layer(DefaultBodyLimit::max(bodies::LIMIT))
        .with_state(app)
}
