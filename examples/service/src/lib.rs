//! A labeling service whose handlers are guarded by labelgate: its routes. README has a map of the files.

pub mod activity;
pub mod authzen;
pub mod bodies;
pub mod caller;
pub mod columns;
pub mod credentials;
pub mod database;
pub mod extract;
pub mod filters;
pub mod impact;
pub mod invitations;
pub mod members;
pub mod membership;
pub mod organizations;
pub mod pages;
pub mod people;
pub mod permissions;
pub mod problem;
pub mod project_roles;
pub mod projects;
pub mod rows;
pub mod seed;
pub mod services;
pub mod store;
pub mod tasks;
pub mod transaction;
pub mod web;
pub mod workspaces;

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
    /// Whom the pages sign in, without a password: nobody, unless `web::signs_in_as_anybody`.
    pub logins: Arc<[seed::Login]>,
}

pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/current-user/whoami", get(organizations::whoami))
        .route("/api/organizations/", get(organizations::list))
        .route("/api/organizations/{id}", get(organizations::get))
        .route(
            "/api/organizations/{id}/memberships",
            get(members::list).patch(members::assign).post(members::assign),
        )
        .route(
            "/api/organizations/{id}/memberships/search",
            get(members::list_filtered).post(members::search),
        )
        .route("/api/organizations/{id}/memberships/filter-schema", get(members::filter_schema))
        .route(
            "/api/organizations/{id}/memberships/{user}/",
            get(members::get).delete(members::remove),
        )
        .route("/api/organizations/{id}/owner", post(members::transfer))
        .route("/api/organizations/{id}/set-default-role", patch(organizations::set_default_role))
        .route(
            "/api/organizations/{id}/permissions",
            get(permissions::list).post(permissions::create),
        )
        .route("/api/organizations/{id}/permissions/options", get(permissions::options))
        .route("/api/organizations/{id}/permissions/impact", post(impact::numbers))
        .route("/api/organizations/{id}/permissions/impact/members", post(impact::members))
        .route("/api/organizations/{id}/permissions/impact/rows", post(impact::rows))
        .route(
            "/api/organizations/{id}/permissions/{key}",
            get(permissions::get)
                .put(permissions::replace)
                .patch(permissions::update)
                .delete(permissions::delete),
        )
        .route("/api/invite", get(invitations::read))
        .route("/api/invite/reset-token", post(invitations::reset))
        .route("/api/invite/revoke", post(invitations::revoke))
        .route("/api/invite/send-email", post(invitations::send))
        .route("/user/signup", post(invitations::sign_up))
        .route("/api/activity-logs/", get(activity::list))
        .route("/api/workspaces/", get(workspaces::list).post(workspaces::create))
        .route(
            "/api/workspaces/{id}/",
            get(workspaces::get).patch(workspaces::change).delete(workspaces::delete),
        )
        .route(
            "/api/workspaces/{id}/memberships/",
            get(people::in_workspace)
                .post(workspaces::add_member)
                .delete(workspaces::remove_member),
        )
        .route("/api/workspaces/{id}/memberships/paginated/", get(people::page_in_workspace))
        .route(
            "/api/workspaces/{id}/memberships/bulk/",
            post(workspaces::add_members).delete(workspaces::remove_members),
        )
        .route(
            "/api/workspaces/{id}/projects/",
            get(projects::list_in_workspace)
                .post(projects::put_into_workspace)
                .delete(projects::take_out_of_workspace),
        )
        .route("/api/projects/", get(projects::list).post(projects::create))
        .route(
            "/api/projects/{id}/",
            get(projects::get).patch(projects::change).delete(projects::delete),
        )
        .route(
            "/api/projects/{id}/members/",
            post(projects::add_member).delete(projects::remove_member),
        )
        .route(
            "/api/projects/{id}/members/bulk/",
            post(projects::add_members).delete(projects::remove_members),
        )
        .route("/api/projects/{id}/members/paginated/", get(people::in_project))
        .route("/api/projects/{id}/members/export/", get(people::export))
        .route("/api/projects/{id}/people/", get(people::who_may))
        .route("/api/projects/{id}/import", post(projects::import))
        .route("/api/projects/{id}/export", get(projects::export))
        .route("/api/projects/{id}/roles", get(project_roles::list))
        .route("/api/projects/roles/", get(project_roles::own).post(project_roles::give))
        .route("/api/projects/roles/{id}/", delete(project_roles::take_back))
        .route("/api/projects/{id}/next/", get(tasks::next))
        .route("/api/projects/{id}/tasks/assignees", post(tasks::assign_many))
        .route(
            "/api/projects/{id}/tasks/{task}/assignees",
            get(tasks::assigned).post(tasks::assign).patch(tasks::reassign).delete(tasks::unassign),
        )
        .route("/api/tasks/", get(tasks::list).post(tasks::create))
        .route("/api/tasks/{id}/", get(tasks::get))
        .route("/api/tasks/{id}/annotations/", get(tasks::annotations).post(tasks::annotate))
        .route("/api/annotations/{id}/", get(tasks::get_annotation).patch(tasks::change_annotation))
        .route("/api/annotation-reviews/", post(tasks::review))
        .merge(authzen::routes())
        .merge(web::routes(&app))
        .fallback(async || problem::not_found())
        .method_not_allowed_fallback(async || {
            Failure(StatusCode::METHOD_NOT_ALLOWED, "not with this method".to_owned())
        })
        .layer(middleware::from_fn_with_state(app.clone(), activity::record))
        .layer(middleware::from_fn(extract::read_body))
        .layer(DefaultBodyLimit::max(extract::LIMIT))
        .layer(middleware::from_fn(authzen::identify))
        .with_state(app)
}
