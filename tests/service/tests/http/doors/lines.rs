//! The table: every route, what it needs of who asks, and the status where it is permitted. The routes about rows
//! are in `endpoints`.

use std::sync::LazyLock;

use crate::endpoints::{Asks, PAGE};

/// What a route needs of who asks.
#[derive(Clone, Copy, Debug)]
pub enum Needs {
    /// Nothing: it serves everybody.
    Nothing,
    /// That a page of the service sends it.
    OwnOrigin,
    /// The credential of a service.
    Service,
    /// A membership that is not deactivated.
    Oneself,
    /// A permission in the organization of who asks.
    Permission(&'static str),
    /// A list within that organization.
    List(&'static str),
    /// What the matrix says of a row.
    Row(Asks),
    /// A permission in the organization, and that the colleague is in it.
    Colleague(&'static str),
    /// The same, and the role of the Owner.
    Heir,
    /// The role of the Owner.
    Owner,
    /// The right to invite people, and perhaps to activate them.
    Invites,
    Activates,
    /// The right to change roles, and that colleague and project are in the organization.
    ProjectRole,
    /// A good invitation, and that nobody comes who is there already, or who is narrowed.
    Invitation,
}

/// A method, a path, a body, what is needed, and the status. `{o}` is an organization, `{r}` a role in a project and
/// `{i}` an invitation; the others are those of `endpoints`. A body that is no JSON is a form.
pub type Line = (&'static str, &'static str, &'static str, Needs, u16);

const REST: &[Line] = &[
    ("GET", "/api/current-user/whoami", "", Needs::Oneself, 200),
    ("GET", "/api/organizations/", "", Needs::Oneself, 200),
    ("GET", "/api/organizations/{o}", "", Needs::Permission("members.view"), 200),
    ("GET", "/api/organizations/{o}/memberships", "", Needs::Permission("members.view"), 200),
    (
        "GET",
        "/api/organizations/{o}/memberships/search",
        "",
        Needs::Permission("members.view"),
        200,
    ),
    (
        "POST",
        "/api/organizations/{o}/memberships/search",
        r#"{"filters":{"version":1}}"#,
        Needs::Permission("members.view"),
        200,
    ),
    (
        "GET",
        "/api/organizations/{o}/memberships/filter-schema",
        "",
        Needs::Permission("members.view"),
        200,
    ),
    ("GET", "/api/organizations/{o}/memberships/{u}/", "", Needs::Colleague("members.view"), 200),
    (
        "PATCH",
        "/api/organizations/{o}/memberships",
        r#"{"user_id":{u},"role":"RE"}"#,
        Needs::Colleague("members.change_role"),
        200,
    ),
    (
        "POST",
        "/api/organizations/{o}/memberships",
        r#"{"user_id":{u},"role":"DI"}"#,
        Needs::Colleague("members.change_role"),
        200,
    ),
    (
        "DELETE",
        "/api/organizations/{o}/memberships/{u}/",
        "",
        Needs::Colleague("members.change_role"),
        204,
    ),
    ("POST", "/api/organizations/{o}/owner", r#"{"user_id":{u}}"#, Needs::Heir, 204),
    (
        "PATCH",
        "/api/organizations/{o}/set-default-role",
        r#"{"default_role":"AN"}"#,
        Needs::Activates,
        200,
    ),
    ("GET", "/api/organizations/{o}/permissions", "", Needs::Owner, 200),
    (
        "POST",
        "/api/organizations/{o}/permissions",
        r#"{"permission":"data.import","roles":["AD"]}"#,
        Needs::Owner,
        201,
    ),
    ("GET", "/api/organizations/{o}/permissions/options", "", Needs::Owner, 200),
    (
        "POST",
        "/api/organizations/{o}/permissions/impact",
        r#"{"permission":"data.import","roles":["AD"]}"#,
        Needs::Owner,
        200,
    ),
    (
        "POST",
        "/api/organizations/{o}/permissions/impact/members?change=lost",
        r#"{"permission":"data.import","roles":["AD"]}"#,
        Needs::Owner,
        200,
    ),
    (
        "POST",
        "/api/organizations/{o}/permissions/impact/rows?change=lost",
        r#"{"permission":"data.import","roles":["AD"]}"#,
        Needs::Owner,
        200,
    ),
    ("GET", "/api/organizations/{o}/permissions/data.export", "", Needs::Owner, 200),
    (
        "PUT",
        "/api/organizations/{o}/permissions/data.export",
        r#"{"permission":"data.export","roles":["AD"]}"#,
        Needs::Owner,
        200,
    ),
    (
        "PATCH",
        "/api/organizations/{o}/permissions/data.export",
        r#"{"roles":["AD"]}"#,
        Needs::Owner,
        200,
    ),
    ("DELETE", "/api/organizations/{o}/permissions/data.export", "", Needs::Owner, 204),
    ("GET", "/api/invite", "", Needs::Invites, 200),
    ("POST", "/api/invite/reset-token", "", Needs::Invites, 201),
    ("POST", "/api/invite/revoke", r#"{"email":"x@x"}"#, Needs::Invites, 204),
    ("POST", "/api/invite/send-email", r#"{"emails":["x@x"]}"#, Needs::Invites, 204),
    ("POST", "/user/signup?token={i}", r#"{"email":"new@x"}"#, Needs::Invitation, 201),
    ("GET", "/api/activity-logs/", "", Needs::Permission("activity_log.view"), 200),
    ("GET", "/api/workspaces/", "", Needs::List("workspaces.view"), 200),
    ("POST", "/api/workspaces/", r#"{"title":"x"}"#, Needs::Permission("workspaces.create"), 201),
    ("GET", "/api/projects/", "", Needs::List("projects.view"), 200),
    ("POST", "/api/projects/", r#"{"title":"x"}"#, Needs::Permission("projects.create"), 201),
    ("GET", "/api/projects/roles/", "", Needs::List("projects.view"), 200),
    (
        "POST",
        "/api/projects/roles/",
        r#"{"project":{p},"role":"RE","user":{u}}"#,
        Needs::ProjectRole,
        201,
    ),
    ("DELETE", "/api/projects/roles/{r}/", "", Needs::ProjectRole, 204),
    ("GET", "/api/tasks/", "", Needs::List("data.view"), 200),
];

/// The questions of other services.
const AUTHZEN: &[Line] = &[
    ("GET", "/.well-known/authzen-configuration", "", Needs::Nothing, 200),
    (
        "POST",
        "/access/v1/evaluation",
        r#"{"subject":{"type":"user","id":"{u}"},"action":{"name":"projects.view"},
            "resource":{"type":"project","id":"{p}"}}"#,
        Needs::Service,
        200,
    ),
    (
        "POST",
        "/access/v1/evaluations",
        r#"{"subject":{"type":"user","id":"{u}"},"action":{"name":"projects.view"},
            "evaluations":[{"resource":{"type":"project","id":"{p}"}}]}"#,
        Needs::Service,
        200,
    ),
    (
        "POST",
        "/access/v1/search/subject",
        r#"{"subject":{"type":"user"},"action":{"name":"projects.view"},
            "resource":{"type":"project","id":"{p}"}}"#,
        Needs::Service,
        200,
    ),
    (
        "POST",
        "/access/v1/search/resource",
        r#"{"subject":{"type":"user","id":"{u}"},"action":{"name":"projects.view"},
            "resource":{"type":"project"}}"#,
        Needs::Service,
        200,
    ),
    (
        "POST",
        "/access/v1/search/action",
        r#"{"subject":{"type":"user","id":"{u}"},"resource":{"type":"project","id":"{p}"}}"#,
        Needs::Service,
        200,
    ),
];

/// The pages for a browser, and their forms.
const PAGES: &[Line] = &[
    ("GET", "/", "", Needs::List("projects.view"), 200),
    ("GET", "/web/style.css", "", Needs::Nothing, 200),
    ("GET", "/web/sign-in", "", Needs::Nothing, 200),
    ("POST", "/web/sign-in", "email=ma@acme.example", Needs::OwnOrigin, 303),
    ("GET", "/web/people", "", Needs::Permission("members.view"), 200),
    ("POST", "/web/people/{u}/role", "role=RE", Needs::Colleague("members.change_role"), 303),
    ("POST", "/web/people/{u}/remove", "", Needs::Colleague("members.change_role"), 303),
    ("GET", "/web/permissions", "", Needs::Owner, 200),
    ("GET", "/web/permissions/data.export?roles=AD", "", Needs::Owner, 200),
    ("POST", "/web/permissions/data.export", "roles=AD", Needs::Owner, 303),
    ("POST", "/web/permissions/data.import", "roles=AD", Needs::Owner, 303),
    ("POST", "/web/permissions/data.export/reset", "", Needs::Owner, 303),
    (
        "POST",
        "/web/projects",
        "title=x&workspace={w}",
        Needs::Row(Asks::Workspace("projects.create")),
        303,
    ),
    ("POST", "/web/projects", "title=x&workspace=", Needs::Permission("projects.create"), 303),
    ("GET", "/web/projects/{p}", "", Needs::Row(Asks::Project("projects.view")), 200),
    (
        "GET",
        "/web/projects/{p}/share?action=data.export",
        "",
        Needs::Row(Asks::PeopleOfProject),
        200,
    ),
    (
        "POST",
        "/web/projects/{p}/rename",
        "text=x",
        Needs::Row(Asks::Project("projects.change")),
        303,
    ),
    ("POST", "/web/projects/{p}/delete", "", Needs::Row(Asks::Project("projects.delete")), 303),
    ("POST", "/web/projects/{p}/import", "text=x", Needs::Row(Asks::Project("data.import")), 303),
    (
        "POST",
        "/web/projects/{p}/members",
        "user={u}",
        Needs::Row(Asks::Project("projects.change")),
        303,
    ),
    (
        "POST",
        "/web/projects/{p}/members/remove",
        "user={u}",
        Needs::Row(Asks::Project("projects.change")),
        303,
    ),
    (
        "POST",
        "/web/projects/{p}/tasks/{t}/assign",
        "user={u}&type=AN",
        Needs::Row(Asks::Task("tasks.assign_annotators")),
        303,
    ),
    (
        "POST",
        "/web/projects/{p}/tasks/{t}/assign",
        "user={u}&type=RE",
        Needs::Row(Asks::Task("tasks.assign_reviewers")),
        303,
    ),
    ("POST", "/web/tasks/{t}/annotate", "text=x", Needs::Row(Asks::Task("tasks.label")), 303),
    (
        "POST",
        "/web/annotations/{a}/change",
        "text=x",
        Needs::Row(Asks::Record("annotations.change")),
        303,
    ),
    (
        "POST",
        "/web/annotations/{a}/review",
        "accepted=true",
        Needs::Row(Asks::Record("annotations.review")),
        303,
    ),
];

/// The whole table.
pub static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let row = |&(method, path, body, asks, ok): &(_, _, _, _, _)| {
        (method, path, body, Needs::Row(asks), ok)
    };
    let rest = [REST, AUTHZEN, PAGES].into_iter().flatten().copied();
    PAGE.iter().map(row).chain(rest).collect()
});
