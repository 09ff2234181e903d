//! What a request costs: one `SELECT` for who asks, one for each row or list that is asked of, and for one
//! that writes another for the lock. The settings of row-level security and the log are not counted.

use labelgate::Role;
use labelgate_service_tests::{By, Service, on_both};
use reqwest::Method;

on_both! { statements }

/// A request of a handler, and the rows and lists that it asks of.
const COSTS: &[(&str, &str, &str, &[&str])] = &[
    ("GET", "/api/current-user/whoami", "", &[]),
    ("GET", "/api/organizations/", "", &["the organization"]),
    ("GET", "/api/organizations/1", "", &["the organization"]),
    ("GET", "/api/organizations/1/memberships", "", &["members"]),
    ("GET", "/api/organizations/1/permissions", "", &[]),
    ("GET", "/api/invite", "", &["the lock", "the invitation"]),
    ("GET", "/api/workspaces/", "", &["workspaces"]),
    ("GET", "/api/workspaces/1/", "", &["the workspace"]),
    ("PATCH", "/api/workspaces/1/", r#"{"title":"x"}"#, &["the workspace"]),
    ("POST", "/api/workspaces/1/memberships/", r#"{"user":4}"#, &["the workspace", "the user"]),
    ("GET", "/api/workspaces/1/memberships/", "", &["the workspace", "its people"]),
    ("GET", "/api/workspaces/1/memberships/paginated/", "", &["the workspace", "its people"]),
    ("GET", "/api/projects/", "", &["projects"]),
    ("GET", "/api/projects/?page=2&page_size=1", "", &["projects"]),
    ("GET", "/api/projects/?ordering=-created_at&search=a", "", &["projects"]),
    ("POST", "/api/projects/", r#"{"title":"x","workspace":1}"#, &["the workspace"]),
    ("GET", "/api/projects/2/", "", &["the project"]),
    ("PATCH", "/api/projects/2/", r#"{"workspace":3}"#, &["the project", "the workspace"]),
    ("POST", "/api/projects/2/import", "[{}]", &["the project"]),
    ("GET", "/api/projects/2/export", "", &["the project", "its tasks"]),
    ("GET", "/api/projects/2/members/paginated/", "", &["the project", "its people"]),
    ("GET", "/api/projects/2/people/?action=data.export", "", &["the project", "its people"]),
    ("GET", "/api/projects/2/roles", "", &["the project", "its roles"]),
    ("GET", "/api/projects/2/next/", "", &["the project", "a task"]),
    ("GET", "/api/tasks/", "", &["tasks"]),
    ("GET", "/api/tasks/?project=2", "", &["the project", "its tasks"]),
    ("GET", "/api/tasks/3/", "", &["the task", "its annotations"]),
    ("GET", "/api/tasks/3/annotations/", "", &["the task", "its annotations"]),
    ("POST", "/api/tasks/3/annotations/", "{}", &["the task"]),
    (
        "POST",
        "/api/projects/2/tasks/3/assignees",
        r#"{"type":"AN","users":[4,5]}"#,
        &["the task", "the users"],
    ),
    ("GET", "/api/annotations/3/", "", &["the annotation"]),
    ("PATCH", "/api/annotations/3/", r#"{"result":[1]}"#, &["the annotation"]),
    ("POST", "/api/annotation-reviews/", r#"{"annotation":3}"#, &["the annotation"]),
    ("PATCH", "/api/organizations/1/memberships", r#"{"user_id":4,"role":"AN"}"#, &["the member"]),
    ("DELETE", "/api/organizations/1/memberships/4/", "", &["the member"]),
    ("GET", "/api/activity-logs/", "", &["the log"]),
    ("DELETE", "/api/projects/2/", "", &["the project"]),
    ("DELETE", "/api/workspaces/1/", "", &["the workspace"]),
    // What is denied costs no more.
    ("GET", "/api/projects/6/", "", &["the project"]),
    ("GET", "/api/projects/999/", "", &["the project"]),
];

async fn statements(service: &Service) {
    let by = By::Session(&service.login(1, Role::Owner).cookie);
    for (method, path, body, asked) in COSTS {
        service.statements();
        let body: Option<serde_json::Value> = serde_json::from_str(body).ok();
        let method: Method = method.parse().expect("a method");
        let locks = usize::from(!method.is_safe());
        let (status, answer) = service.send(by, method.clone(), path, body).await;
        assert!(!status.is_server_error(), "{method} {path}: {answer}");
        assert!(status.is_success() || path.contains("/6/") || path.contains("999"), "{answer}");
        let mut selects = service.statements();
        selects.retain(|sql| sql.starts_with("SELECT") || sql.starts_with("WITH"));
        selects.retain(|sql| !sql.starts_with("SELECT set_config"));
        assert_eq!(
            selects.len(),
            1 + locks + asked.len(),
            "{method} {path} {asked:?}: {selects:#?}"
        );
    }
}
