//! What a request costs: one `SELECT` for who asks, one for each row or list that is asked of, and for one
//! that writes another for the lock. The settings of row-level security and the log are not counted.

use labelgate::log::{LogEntry, Question};
use labelgate::{Kind, Role};
use labelgate_service_tests::{By, Service, on_both};
use labelgate_sql_tests::blessed;
use reqwest::{Method, StatusCode};

use crate::routes::{is_of, routes};

on_both! { statements }

/// A request of a handler, and the rows and lists that it asks of. Each is served after those before it.
const COSTS: &[(&str, &str, &str, &[&str])] = &[
    ("GET", "/api/current-user/whoami", "", &[]),
    ("GET", "/api/organizations/", "", &["the organization"]),
    ("GET", "/api/organizations/1", "", &["the organization"]),
    ("GET", "/api/organizations/1/memberships", "", &["members"]),
    ("GET", "/api/organizations/1/memberships?ordering=-email&search=a", "", &["members"]),
    ("GET", "/api/organizations/1/memberships/search?search=a", "", &["members"]),
    (
        "POST",
        "/api/organizations/1/memberships/search",
        r#"{"filters":{"version":1,"role":["AN"],"search":"a"}}"#,
        &["members"],
    ),
    ("GET", "/api/organizations/1/memberships/filter-schema", "", &[]),
    ("GET", "/api/organizations/1/memberships/4/", "", &["the member"]),
    ("PATCH", "/api/organizations/1/set-default-role", r#"{"default_role":"NO"}"#, &[]),
    ("GET", "/api/organizations/1/permissions", "", &[]),
    ("POST", "/api/organizations/1/permissions", EXPORT, &[]),
    ("GET", "/api/organizations/1/permissions/options", "", &[]),
    ("GET", "/api/organizations/1/permissions/data.export", "", &[]),
    ("PUT", "/api/organizations/1/permissions/data.export", EXPORT, &[]),
    ("PATCH", "/api/organizations/1/permissions/data.export", r#"{"roles":["AD"]}"#, &[]),
    ("DELETE", "/api/organizations/1/permissions/data.export", "", &[]),
    ("POST", "/api/organizations/1/permissions/impact", EXPORT, &["who loses it"]),
    (
        "POST",
        "/api/organizations/1/permissions/impact/members?change=lost",
        EXPORT,
        &["who loses it"],
    ),
    ("POST", "/api/organizations/1/permissions/impact/rows?change=lost", EXPORT, &["the rows"]),
    ("GET", "/api/invite", "", &["the lock", "the invitation"]),
    ("POST", "/api/invite/reset-token", "", &["the invitation"]),
    ("POST", "/api/invite/send-email", r#"{"emails":["a@x","b@x"]}"#, &["the invitation"]),
    ("POST", "/api/invite/revoke", r#"{"email":"a@x"}"#, &["the invitation"]),
    ("GET", "/api/workspaces/", "", &["workspaces"]),
    ("POST", "/api/workspaces/", r#"{"title":"x"}"#, &[]),
    ("GET", "/api/workspaces/1/", "", &["the workspace"]),
    ("PATCH", "/api/workspaces/1/", r#"{"title":"x"}"#, &["the workspace"]),
    ("POST", "/api/workspaces/1/memberships/", r#"{"user":4}"#, &["the workspace", "the user"]),
    ("GET", "/api/workspaces/1/memberships/", "", &["the workspace", "its people"]),
    ("GET", "/api/workspaces/1/memberships/paginated/", "", &["the workspace", "its people"]),
    (
        "GET",
        "/api/workspaces/1/memberships/paginated/?ordering=-email&search=a&ids=4,5",
        "",
        &["the workspace", "its people"],
    ),
    ("DELETE", "/api/workspaces/1/memberships/?user_id=4", "", &["the workspace"]),
    (
        "POST",
        "/api/workspaces/1/memberships/bulk/",
        r#"{"all":false,"included":[4,5]}"#,
        &["the workspace", "the users"],
    ),
    (
        "POST",
        "/api/workspaces/1/memberships/bulk/",
        r#"{"all":true,"excluded":[4,5]}"#,
        &["the workspace", "those excluded", "the others"],
    ),
    (
        "DELETE",
        "/api/workspaces/1/memberships/bulk/?included=4,5",
        "",
        &["the workspace", "the users"],
    ),
    ("GET", "/api/workspaces/1/projects/", "", &["the workspace", "its projects"]),
    ("POST", "/api/workspaces/3/projects/", r#"{"project":2}"#, &["the project", "the workspace"]),
    ("DELETE", "/api/workspaces/3/projects/?project=2", "", &["the project"]),
    ("GET", "/api/projects/", "", &["projects"]),
    ("GET", "/api/projects/?page=2&page_size=1", "", &["projects"]),
    ("GET", "/api/projects/?ordering=-created_at&search=a", "", &["projects"]),
    ("POST", "/api/projects/", r#"{"title":"x"}"#, &[]),
    ("POST", "/api/projects/", r#"{"title":"x","workspace":1}"#, &["the workspace"]),
    ("GET", "/api/projects/2/", "", &["the project"]),
    ("PATCH", "/api/projects/2/", r#"{"title":"x"}"#, &["the project"]),
    ("PATCH", "/api/projects/2/", r#"{"workspace":3}"#, &["the project", "the workspace"]),
    ("POST", "/api/projects/2/import", "[{}]", &["the project"]),
    ("GET", "/api/projects/2/export", "", &["the project", "its tasks"]),
    ("POST", "/api/projects/2/members/", r#"{"user":3}"#, &["the project", "the user"]),
    ("GET", "/api/projects/2/members/paginated/", "", &["the project", "its people"]),
    (
        "GET",
        "/api/projects/2/members/paginated/?ordering=-email&search=a&ids=4,5",
        "",
        &["the project", "its people"],
    ),
    ("GET", "/api/projects/2/members/export/", "", &["the project", "its people"]),
    ("DELETE", "/api/projects/2/members/?user=3", "", &["the project"]),
    (
        "POST",
        "/api/projects/2/members/bulk/",
        r#"{"all":false,"included":[4,5],"roles":[{"user_id":5,"role":"RE"}]}"#,
        &["the project", "the users"],
    ),
    (
        "POST",
        "/api/projects/2/members/bulk/",
        r#"{"all":true,"excluded":[1]}"#,
        &["the project", "those excluded", "the others"],
    ),
    ("DELETE", "/api/projects/2/members/bulk/?included=2,3", "", &["the project", "the users"]),
    ("GET", "/api/projects/2/people/?action=data.export", "", &["the project", "its people"]),
    ("GET", "/api/projects/2/roles", "", &["the project", "its roles"]),
    ("GET", "/api/projects/roles/", "", &["the roles"]),
    ("GET", "/api/projects/roles/?ids=1,2", "", &["the roles"]),
    (
        "POST",
        "/api/projects/roles/",
        r#"{"project":2,"role":"RE","user":5}"#,
        &["the member", "the project"],
    ),
    ("DELETE", "/api/projects/roles/1/", "", &["the role", "the project", "the member"]),
    ("GET", "/api/projects/2/next/", "", &["the project", "a task"]),
    ("GET", "/api/tasks/", "", &["tasks"]),
    ("GET", "/api/tasks/?project=2", "", &["the project", "its tasks"]),
    ("POST", "/api/tasks/", r#"{"data":{},"project":2}"#, &["the project"]),
    ("GET", "/api/tasks/3/", "", &["the task", "its annotations"]),
    ("GET", "/api/tasks/3/annotations/", "", &["the task", "its annotations"]),
    ("POST", "/api/tasks/3/annotations/", "{}", &["the task"]),
    (
        "POST",
        "/api/projects/2/tasks/3/assignees",
        r#"{"type":"AN","users":[4,5]}"#,
        &["the task", "the users"],
    ),
    (
        "POST",
        "/api/projects/2/tasks/3/assignees",
        r#"{"type":"RE","users":[4]}"#,
        &["the task", "the users"],
    ),
    ("GET", "/api/projects/2/tasks/3/assignees", "", &["the task", "its assignees"]),
    (
        "PATCH",
        "/api/projects/2/tasks/3/assignees",
        r#"{"type":"AN","users":[4]}"#,
        &["the task", "the users"],
    ),
    (
        "PATCH",
        "/api/projects/2/tasks/3/assignees",
        r#"{"type":"RE","users":[4,5]}"#,
        &["the task", "the users"],
    ),
    ("DELETE", "/api/projects/2/tasks/3/assignees?type=AN&users=4", "", &["the task"]),
    ("DELETE", "/api/projects/2/tasks/3/assignees?type=RE&users=4,5", "", &["the task"]),
    (
        "POST",
        "/api/projects/2/tasks/assignees",
        r#"{"type":"AN","users":[4,5],"selectedItems":{"all":false,"included":[3,4]}}"#,
        &["the project", "the tasks", "the users"],
    ),
    (
        "POST",
        "/api/projects/2/tasks/assignees",
        r#"{"type":"RE","users":[4,5],"selectedItems":{"all":true,"excluded":[3]}}"#,
        &["the project", "those excluded", "the others", "the users"],
    ),
    ("GET", "/api/annotations/3/", "", &["the annotation"]),
    ("PATCH", "/api/annotations/3/", r#"{"result":[1]}"#, &["the annotation"]),
    ("POST", "/api/annotation-reviews/", r#"{"annotation":3}"#, &["the annotation"]),
    ("PATCH", "/api/organizations/1/memberships", r#"{"user_id":4,"role":"AN"}"#, &["the member"]),
    ("POST", "/api/organizations/1/memberships", r#"{"user_id":4,"role":"RE"}"#, &["the member"]),
    ("DELETE", "/api/organizations/1/memberships/4/", "", &["the member"]),
    ("GET", "/api/activity-logs/", "", &["the log"]),
    ("DELETE", "/api/projects/2/", "", &["the project"]),
    ("DELETE", "/api/workspaces/1/", "", &["the workspace"]),
    // What is denied costs no more.
    ("GET", "/api/projects/6/", "", &["the project"]),
    ("GET", "/api/projects/999/", "", &["the project"]),
    // The last, since it takes the role.
    ("POST", "/api/organizations/1/owner", r#"{"user_id":2}"#, &["the member"]),
];

/// An override.
const EXPORT: &str = r#"{"permission":"data.export","roles":["AD"]}"#;

async fn statements(service: &Service) {
    let by = By::Session(&service.login(1, Role::Owner).cookie);
    let mut asked_for = Vec::new();
    for (method, path, body, asked) in COSTS {
        service.execute("DELETE FROM activity", []).await;
        service.statements();
        let body: Option<serde_json::Value> = serde_json::from_str(body).ok();
        let method: Method = method.parse().expect("a method");
        let locks = usize::from(!method.is_safe());
        let (status, answer) = service.send(by, method.clone(), path, body).await;
        assert!(!status.is_server_error(), "{method} {path}: {answer}");
        let is_denied = path.contains("/6/") || path.contains("999");
        assert_eq!(status.is_success(), !is_denied, "{method} {path}: {answer}");
        let mut selects = service.statements();
        selects.retain(|sql| sql.starts_with("SELECT") || sql.starts_with("WITH"));
        selects.retain(|sql| !sql.starts_with("SELECT set_config"));
        assert_eq!(
            selects.len(),
            1 + locks + asked.len(),
            "{method} {path} {asked:?}: {selects:#?}"
        );
        if !is_denied {
            asked_for.push((method.to_string(), *path, questions(service).await));
        }
    }
    readme_has(service, asked_for).await;
}

/// What the log says that a request asked.
async fn questions(service: &Service) -> String {
    let mut asked = Vec::new();
    for row in service.rows("SELECT extra_data FROM activity ORDER BY id", []).await {
        let decisions: String = row.try_get_by_index(0).expect("a text");
        let entries: Vec<LogEntry> = serde_json::from_str(&decisions).expect("entries");
        asked.extend(entries.iter().map(question));
    }
    asked.dedup();
    if asked.is_empty() { "who asks".to_owned() } else { asked.join(", then ") }
}

fn question(entry: &LogEntry) -> String {
    let LogEntry { name, question, kind, .. } = entry;
    let kind = kind.map(|kind: Kind| kind.to_string().to_lowercase());
    match (question, kind) {
        (Question::Decision, Some(kind)) => format!("`{name}` of the {kind}"),
        (Question::List, Some(kind)) => format!("a list by `{name}` in the {kind}"),
        (Question::List, None) => format!("a list by `{name}`"),
        (Question::People, Some(kind)) => format!("who may `{name}` of the {kind}"),
        (Question::Change, _) => format!("the membership policy: `{name}`"),
        other => panic!("{other:?}"),
    }
}

/// README has a row for each route of the API, in the order of the routes.
async fn readme_has(service: &Service, asked_for: Vec<(String, &str, String)>) {
    let mut table = String::from("| Method | Path | Asks |\n|---|---|---|\n");
    let routes = routes();
    let api = routes.iter().filter(|(_, route)| route.starts_with("/api/"));
    for (method, route) in api.clone() {
        let of_route = asked_for.iter().filter(|(by, path, _)| {
            let routes = api.clone().filter(|(of, route)| of == by && is_of(path, route));
            // `/api/projects/roles/` is no project.
            let nearest = routes.min_by_key(|(_, route)| route.matches('{').count());
            nearest.is_some_and(|nearest| (&nearest.0, &nearest.1) == (method, route))
        });
        let mut asked: Vec<_> = of_route.map(|(.., asked)| &**asked).collect();
        assert!(!asked.is_empty(), "{method} {route} is not asked for");
        asked.dedup();
        table += &format!("| {method} | `{route}` | {} |\n", asked.join("; or "));
    }
    service.execute("DELETE FROM activity", []).await;
    let token = "SELECT invitation FROM organization_settings WHERE organization_id = 1";
    let token: String = service.rows(token, []).await[0].try_get_by_index(0).expect("a token");
    let (path, body) = (format!("/user/signup?token={token}"), r#"{"email":"new@x.example"}"#);
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let (status, answer) = service.send(By::Nobody, Method::POST, &path, body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    table += &format!("| POST | `/user/signup` | {} |\n", questions(service).await);

    let file = "examples/service/README.md";
    let readme = include_str!("../../../../examples/service/README.md");
    let start = readme.find("| Method |").expect("a table");
    let end = start + readme[start..].find("\n\n").expect("its end") + 1;
    blessed::file(file, &format!("{}{table}{}", &readme[..start], &readme[end..]));
}
