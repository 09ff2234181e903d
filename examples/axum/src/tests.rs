//! Who gets which answer: every role, another organization, what is denied, and what is hidden.

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request as HttpRequest};
use tower::ServiceExt;

use super::*;

const DENIED: (u16, &str) = (403, "forbidden");
const HIDDEN: (u16, &str) = (404, "not found");

struct Service {
    app: Router,
    pool: SqlitePool,
}

impl Service {
    async fn open() -> Self {
        let (app, pool) = open().await.unwrap();
        Self { app, pool }
    }

    async fn send(&self, cookie: &str, method: Method, path: &str) -> (u16, String) {
        let request = HttpRequest::builder().method(method).uri(path).header(COOKIE, cookie);
        let request = request.body(Body::from("Mice")).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// A request of a user, in a session of their own.
    async fn ask(&self, user: i64, method: Method, path: &str) -> (u16, String) {
        let organization = if user == 9 { 2 } else { 1 };
        let secret = sign_in(&self.pool, organization, user).await.unwrap();
        self.send(&format!("sid={secret}"), method, path).await
    }

    async fn get(&self, user: i64, path: &str) -> (u16, String) {
        self.ask(user, Method::GET, path).await
    }

    async fn run(&self, sql: &'static str) {
        query(sql).execute(&self.pool).await.unwrap();
    }

    async fn title(&self, project: i64) -> String {
        let title = sqlx::query_scalar("SELECT title FROM projects WHERE id = $1").bind(project);
        title.fetch_one(&self.pool).await.unwrap()
    }
}

fn ok(body: &str) -> (u16, &str) {
    (200, body)
}

/// For each user from 1 to 9: owner, administrator, two managers, reviewer, annotator, not activated, deactivated,
/// and the owner of another organization.
async fn expect(method: Method, path: &str, expected: [(u16, &str); 9]) {
    for (user, (status, body)) in (1..).zip(expected) {
        let service = Service::open().await; // a change is not there for the next
        let answer = service.ask(user, method.clone(), path).await;
        assert_eq!(answer, (status, body.to_owned()), "user {user}: {method} {path}");
    }
}

#[tokio::test]
async fn who_sees_a_project_and_with_which_buttons() {
    let all = ok(concat!(
        r#"{"buttons":["projects.view","projects.change","projects.delete","templates.create","#,
        r#""data.import","data.export","api.use"],"title":"Cats"}"#
    ));
    let none = ok(r#"{"buttons":["projects.view"],"title":"Cats"}"#);
    let expected = [all, all, all, none, none, none, HIDDEN, HIDDEN, HIDDEN];
    let service = Service::open().await;
    for (user, (status, body)) in (1..).zip(expected) {
        let (got, page) = service.get(user, "/projects/100").await;
        assert_eq!((got, page.as_str()), (status, body), "user {user}");
    }
}

#[tokio::test]
async fn who_renames_a_project() {
    let done = ok("");
    let cats = [done, done, done, DENIED, DENIED, DENIED, HIDDEN, HIDDEN, HIDDEN];
    expect(Method::PATCH, "/projects/100", cats).await;
    // User 8 created the dogs, and is deactivated.
    let dogs = [done, done, DENIED, DENIED, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN];
    expect(Method::PATCH, "/projects/101", dogs).await;
    // User 4 is in the workspace of the birds.
    let birds = [done, done, DENIED, done, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN];
    expect(Method::PATCH, "/projects/102", birds).await;
    // Another organization's: user 6 was added to it, which counts for nothing.
    let secret = [HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, done];
    expect(Method::PATCH, "/projects/200", secret).await;
    expect(Method::PATCH, "/projects/999", [HIDDEN; 9]).await;
}

#[tokio::test]
async fn only_what_is_permitted_changes_anything() {
    let service = Service::open().await;
    for user in [4, 5, 6, 7, 8, 9] {
        assert_ne!(service.ask(user, Method::PATCH, "/projects/100").await.0, 200);
        assert_eq!(service.title(100).await, "Cats");
    }
    assert_eq!(service.ask(3, Method::PATCH, "/projects/100").await.0, 200);
    assert_eq!(service.title(100).await, "Mice");
    assert_eq!(service.title(101).await, "Dogs");
    assert_eq!(service.ask(1, Method::PATCH, "/projects/101").await.0, 200);
    assert_eq!(service.title(101).await, "Mice");
}

#[tokio::test]
async fn a_project_that_moved_is_not_changed() {
    let (_, pool) = open().await.unwrap();
    let subject = Subject::new(OrganizationId(1), UserId(3), labelgate::Role::Manager);
    let request = Request { caller: subject.logged(|_| Ok(())), pool };
    let checked = async || {
        let project = request.project(ProjectId(100)).await.unwrap();
        request.caller.authorize(act::ChangeProject, (ProjectId(100), project)).unwrap()
    };
    let (first, second) = (checked().await, checked().await);
    request.rename(first, "Lions").await.unwrap();
    assert_eq!(request.rename(second, "Mice").await.unwrap_err().0, 409);
    assert_eq!(request.project(ProjectId(100)).await.unwrap().unwrap().title, "Lions");
}

#[tokio::test]
async fn who_lists_what_in_two_orders() {
    let [cats, dogs, birds] = [
        r#"{"id":100,"title":"Cats"}"#,
        r#"{"id":101,"title":"Dogs"}"#,
        r#"{"id":102,"title":"Birds"}"#,
    ];
    let list = |lines: &[&str]| format!("[{}]", lines.join(","));
    let all = list(&[cats, dogs, birds]);
    let (all, own, secret) = (ok(&all), list(&[cats]), list(&[r#"{"id":200,"title":"Secret"}"#]));
    let expected = [all, all, all, all, ok(&own), ok(&own), HIDDEN, HIDDEN, ok(&secret)];
    expect(Method::GET, "/projects", expected).await;

    let service = Service::open().await;
    for (path, lines) in [
        ("/projects?by_title=false", &[cats, dogs, birds][..]),
        ("/projects?by_title=true", &[birds, cats, dogs]),
        ("/projects?skip=1", &[dogs, birds]),
        ("/projects?by_title=true&skip=2", &[dogs]),
        ("/projects?skip=3", &[]),
    ] {
        assert_eq!(service.get(3, path).await, (200, list(lines)), "{path}");
    }
    assert_eq!(service.get(3, "/projects?skip=-1").await.0, 400);
}

#[tokio::test]
async fn who_may_ask_who_may_change_a_project() {
    let implicit = |user, role| {
        format!(r#"{{"user":{user},"role":"{role}","effective_role":"{role}","facts":[],"#)
            + r#""scopes":["organization"],"is_explicit":false}"#
    };
    let mia = concat!(
        r#"{"user":3,"role":"MA","effective_role":"MA","facts":["project_creator"],"#,
        r#""scopes":["own","project"],"is_explicit":true}"#
    );
    let cats = format!("[{},{},{mia}]", implicit(1, "OW"), implicit(2, "AD"));
    let cats = ok(&cats);
    let expected = [cats, cats, cats, cats, DENIED, DENIED, HIDDEN, HIDDEN, HIDDEN];
    expect(Method::GET, "/projects/100/people", expected).await;

    let (status, birds) = Service::open().await.get(3, "/projects/102/people").await;
    assert_eq!(status, 200);
    assert!(birds.ends_with(r#","scopes":["workspace"],"is_explicit":false}]"#), "{birds}");
    assert!(birds.contains(r#""user":4"#) && !birds.contains(r#""user":3"#), "{birds}");
    expect(Method::GET, "/projects/999/people", [HIDDEN; 9]).await;
}

/// User 3 manages the cats in one organization. In the other, where they are an annotator, there are none.
#[tokio::test]
async fn a_session_is_in_one_organization() {
    let service = Service::open().await;
    let secret = sign_in(&service.pool, 2, 3).await.unwrap();
    let ask = async |method, path| service.send(&format!("sid={secret}"), method, path).await;
    for (method, path) in [
        (Method::GET, "/projects/100"),
        (Method::PATCH, "/projects/100"),
        (Method::GET, "/projects/100/people"),
        (Method::GET, "/projects/200"),
    ] {
        assert_eq!(ask(method, path).await, (HIDDEN.0, HIDDEN.1.to_owned()), "{path}");
    }
    assert_eq!(ask(Method::GET, "/projects").await, (200, "[]".to_owned()));
}

#[tokio::test]
async fn a_session_is_of_a_member_as_they_are_now() {
    let service = Service::open().await;
    let path = "/projects/100";
    let secret = sign_in(&service.pool, 1, 3).await.unwrap();
    let cookie = format!("theme=dark; sid={secret}");
    let status = async |cookie: &str| service.send(cookie, Method::GET, path).await.0;

    assert_eq!(status(&cookie).await, 200);
    for cookie in ["", "sid=", "sid=0", "theme=dark", secret.as_str(), &format!("xsid={secret}")] {
        assert_eq!(status(cookie).await, 401, "{cookie}");
    }
    // The hash in the table is no secret.
    let hashes: Vec<(String,)> =
        query_as("SELECT lower(hex(hash)) FROM sessions").fetch_all(&service.pool).await.unwrap();
    assert_eq!(hashes.len(), 1);
    assert_eq!(status(&format!("sid={}", hashes[0].0)).await, 401);

    service.run("UPDATE organization_members SET role = 'DI' WHERE user_id = 3").await;
    assert_eq!(status(&cookie).await, 404);
    service.run("UPDATE organization_members SET role = 'XX' WHERE user_id = 3").await;
    assert_eq!(status(&cookie).await, 500);
    service.run("UPDATE organization_members SET role = 'MA' WHERE user_id = 3").await;
    assert_eq!(status(&cookie).await, 200);
    service.run("UPDATE sessions SET expires_at = unixepoch() - 1").await;
    assert_eq!(status(&cookie).await, 401);
    service.run("UPDATE sessions SET expires_at = unixepoch() + 10").await;
    service.run("DELETE FROM organization_members WHERE user_id = 3").await;
    assert_eq!(status(&cookie).await, 401);
}
