//! Requests that are served at the same time as one that takes away what permits them. Each waits where the
//! test holds a lock, so that every run has the same order. On SQLite there is one connection, and nobody
//! is in between.

use std::time::Duration;

use labelgate::{Actions, Role};
use labelgate_service::membership::token;
use labelgate_service_tests::{By, Service, on_both};
use labelgate_sql_tests::World;
use reqwest::{Method, RequestBuilder, StatusCode};
use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::{Value as Json, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::life::waits;
use crate::members::reset;
use crate::routes::{is_of, routes};

on_both! {
    the_demoted_do_nothing_more
    nothing_is_carried_out_after_the_answer
    nothing_is_carried_out_after_a_removal_in_bulk
    nothing_is_carried_out_after_a_replacement
    two_demote_each_other
    a_session_that_ended_signs_nobody_up
    a_token_is_not_made_during_a_deactivation
    who_sends_slowly_holds_up_nobody
}

const OWNER: i64 = 1;
const ADMINISTRATOR: i64 = 2;
const MANAGER: i64 = 3;

/// Every endpoint that writes, and the one that hands out the invitation, in an order in which each is
/// served: who asks, and for what.
const WRITES: &[Sent] = &[
    (
        Role::Administrator,
        "PATCH",
        "/api/organizations/1/memberships",
        r#"{"user_id":4,"role":"AN"}"#,
    ),
    (
        Role::Administrator,
        "POST",
        "/api/organizations/1/memberships",
        r#"{"user_id":4,"role":"AN"}"#,
    ),
    (
        Role::Administrator,
        "PATCH",
        "/api/organizations/1/set-default-role",
        r#"{"default_role":"AN"}"#,
    ),
    (Role::Administrator, "GET", "/api/invite", ""),
    (Role::Administrator, "POST", "/api/invite/reset-token", ""),
    (Role::Administrator, "POST", "/api/invite/send-email", r#"{"emails":["x@x"]}"#),
    (Role::Administrator, "POST", "/api/invite/revoke", r#"{"email":"x@x"}"#),
    (
        Role::Owner,
        "POST",
        "/api/organizations/1/permissions",
        r#"{"permission":"data.export","roles":["AD"]}"#,
    ),
    (
        Role::Owner,
        "PUT",
        "/api/organizations/1/permissions/data.export",
        r#"{"permission":"data.export","roles":[]}"#,
    ),
    (Role::Owner, "PATCH", "/api/organizations/1/permissions/data.export", r#"{"roles":["AD"]}"#),
    (Role::Owner, "DELETE", "/api/organizations/1/permissions/data.export", ""),
    (Role::Owner, "POST", "/api/organizations/1/owner", r#"{"user_id":2}"#),
    (Role::Administrator, "POST", "/api/workspaces/", r#"{"title":"x"}"#),
    (Role::Administrator, "PATCH", "/api/workspaces/1/", r#"{"title":"x"}"#),
    (
        Role::Administrator,
        "POST",
        "/api/workspaces/1/memberships/bulk/",
        r#"{"all":false,"included":[4]}"#,
    ),
    (Role::Administrator, "DELETE", "/api/workspaces/1/memberships/bulk/?included=4", ""),
    (Role::Administrator, "POST", "/api/workspaces/1/memberships/", r#"{"user":4}"#),
    (Role::Administrator, "DELETE", "/api/workspaces/1/memberships/?user_id=4", ""),
    (Role::Administrator, "POST", "/api/projects/", r#"{"title":"x"}"#),
    (Role::Administrator, "PATCH", "/api/projects/2/", r#"{"title":"x"}"#),
    (
        Role::Administrator,
        "POST",
        "/api/projects/2/members/bulk/",
        r#"{"all":false,"included":[4]}"#,
    ),
    (Role::Administrator, "DELETE", "/api/projects/2/members/bulk/?included=4", ""),
    (Role::Administrator, "POST", "/api/projects/2/members/", r#"{"user":4}"#),
    (Role::Administrator, "POST", "/api/projects/2/import", "[{}]"),
    (Role::Administrator, "POST", "/api/projects/roles/", r#"{"project":2,"role":"RE","user":5}"#),
    (Role::Administrator, "DELETE", "/api/projects/roles/1/", ""),
    (Role::Administrator, "POST", "/api/tasks/", r#"{"data":{},"project":2}"#),
    (Role::Administrator, "POST", "/api/tasks/3/annotations/", "{}"),
    (Role::Administrator, "PATCH", "/api/annotations/3/", r#"{"result":[1]}"#),
    (Role::Administrator, "POST", "/api/annotation-reviews/", r#"{"annotation":3}"#),
    (
        Role::Administrator,
        "POST",
        "/api/projects/2/tasks/assignees",
        r#"{"type":"AN","users":[5],"selectedItems":{"all":false,"included":[3]}}"#,
    ),
    (
        Role::Administrator,
        "POST",
        "/api/projects/2/tasks/3/assignees",
        r#"{"type":"AN","users":[5]}"#,
    ),
    (
        Role::Administrator,
        "PATCH",
        "/api/projects/2/tasks/3/assignees",
        r#"{"type":"AN","users":[4]}"#,
    ),
    (Role::Administrator, "DELETE", "/api/projects/2/tasks/3/assignees?type=AN&users=5", ""),
    (Role::Administrator, "POST", "/api/workspaces/3/projects/", r#"{"project":2}"#),
    (Role::Administrator, "DELETE", "/api/workspaces/3/projects/?project=2", ""),
    (Role::Administrator, "DELETE", "/api/projects/2/members/?user=4", ""),
    (Role::Administrator, "DELETE", "/api/projects/2/", ""),
    (Role::Administrator, "DELETE", "/api/workspaces/1/", ""),
    (Role::Administrator, "DELETE", "/api/organizations/1/memberships/3/", ""),
];

#[test]
fn every_write_is_raced() {
    let unsafe_routes = routes().into_iter().filter(|(method, _)| method != "GET");
    let routes: Vec<_> = unsafe_routes.filter(|(_, route)| route.starts_with("/api/")).collect();
    assert!(routes.len() > 25, "{routes:?}");
    for (method, route) in routes {
        // An impact and a search read.
        let writes = !route.contains("/permissions/impact") && !route.ends_with("/search");
        let is_raced = WRITES.iter().any(|(_, by, path, _)| *by == method && is_of(path, &route));
        assert!(is_raced || !writes, "{method} {route} is not raced");
    }
}

fn is_sqlite(service: &Service) -> bool {
    service.app.database.security.is_none()
}

/// Holds what the statement locks, until it is rolled back.
async fn hold(service: &Service, sql: &str) -> DatabaseTransaction {
    let held = service.owner.begin().await.expect("a transaction");
    held.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
    held
}

fn request(service: &Service, by: Role, method: &str, path: &str, body: &str) -> RequestBuilder {
    let by = By::Session(&service.login(1, by).cookie);
    let request = service.request(by, method.parse().expect("a method"), path);
    match body {
        "" => request,
        body => request.json(&serde_json::from_str::<Json>(body).expect("JSON")),
    }
}

/// Sends a request, and does not wait for its answer.
fn sent(request: RequestBuilder) -> JoinHandle<StatusCode> {
    tokio::spawn(async move {
        let response = request.send().await.expect("a response");
        response.status()
    })
}

fn demotion(service: &Service, user: i64) -> RequestBuilder {
    let path = "/api/organizations/1/memberships";
    let body = json!({ "user_id": user, "role": "AN" }).to_string();
    request(service, Role::Owner, "PATCH", path, &body)
}

/// All rows but those of memberships.
async fn rows(service: &Service) -> World {
    let mut world = service.world().await;
    world.organization_members.clear();
    world
}

/// The demotion comes first, and is not committed yet when the request arrives. It waits, and is decided
/// on the role that its caller has then.
async fn the_demoted_do_nothing_more(service: &Service) {
    if is_sqlite(service) {
        return;
    }
    for &(by, method, path, body) in WRITES {
        let text = format!("{method} {path}");
        let before = rows(service).await;
        // The Owner's role goes by a transfer alone.
        let (user, demotion, ok) = match by {
            Role::Owner => {
                let heir = json!({ "user_id": ADMINISTRATOR }).to_string();
                let path = "/api/organizations/1/owner";
                (OWNER, request(service, by, "POST", path, &heir), StatusCode::NO_CONTENT)
            }
            _ => (ADMINISTRATOR, demotion(service, ADMINISTRATOR), StatusCode::OK),
        };
        let sql = format!(
            "SELECT FROM members WHERE organization_id = 1 AND user_id = {user} FOR UPDATE"
        );
        let held = hold(service, &sql).await;
        let demotion = sent(demotion);
        assert!(waits(service, 1, &demotion).await, "{text}: the demotion");
        let late = sent(request(service, by, method, path, body));
        let waited = waits(service, 2, &late).await;
        held.rollback().await.expect("a rollback");
        assert_eq!(demotion.await.expect("a status"), ok, "{text}");
        let status = late.await.expect("a status");
        let is_denied = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&status);
        assert!(is_denied && waited, "{text}: {status}, waited {waited}");
        assert_eq!(rows(service).await, before, "{text}");

        // With their role it is served.
        reset(service).await;
        let status = sent(request(service, by, method, path, body)).await.expect("a status");
        assert!(status.is_success(), "{text}: {status}");
        reset(service).await;
    }
}

/// A request of a caller: by whom, and for what.
type Sent<'a> = (Role, &'a str, &'a str, &'a str);

/// The first request waits for a row that is held. The Owner's request that takes away the right waits for the first.
async fn carried_out_first(
    service: &Service,
    held: &str,
    (by, method, path, body): Sent<'_>,
    (taken, from, what): (&str, &str, &str),
) {
    let text = format!("{method} {path}, then {taken} {from}");
    let held = hold(service, held).await;
    let first = sent(request(service, by, method, path, body));
    assert!(waits(service, 1, &first).await, "{text}: the first was not held");
    let second = sent(request(service, Role::Owner, taken, from, what));
    assert!(waits(service, 2, &second).await, "{text}: answered, and the first is to come");
    held.rollback().await.expect("a rollback");
    let (first, second) = (first.await.expect("a status"), second.await.expect("a status"));
    assert!(first.is_success() && second.is_success(), "{text}: {first} {second}");
}

/// The request comes first: it is decided, and waits for a row. What takes away the right is not answered
/// before it is carried out.
async fn nothing_is_carried_out_after_the_answer(service: &Service) {
    if is_sqlite(service) {
        return;
    }
    service.execute("INSERT INTO workspace_members VALUES (3, $1)", [MANAGER.into()]).await;
    let row = |table: &str, id: i64| format!("SELECT FROM {table} WHERE id = {id} FOR UPDATE");
    let demoted = r#"{"user_id":2,"role":"AN"}"#;
    let memberships = "/api/organizations/1/memberships";
    let task = row("tasks", 3);
    // What is held, whose request waits for it, and what takes away their right.
    for (held, first, taken) in [
        (
            row("workspaces", 1),
            (Role::Administrator, "PATCH", "/api/workspaces/1/", r#"{"title":"x"}"#),
            ("PATCH", memberships, demoted),
        ),
        (
            row("projects", 1),
            (Role::Administrator, "DELETE", "/api/projects/1/", ""),
            ("PATCH", memberships, demoted),
        ),
        (
            row("projects", 4),
            (Role::Manager, "POST", "/api/projects/4/import", "[{}]"),
            ("DELETE", "/api/workspaces/3/memberships/?user_id=3", ""),
        ),
        (
            row("projects", 2),
            (Role::Manager, "POST", "/api/projects/2/import", "[{}]"),
            ("PATCH", "/api/projects/2/", r#"{"workspace":3}"#),
        ),
        (
            row("projects", 2),
            (Role::Administrator, "POST", "/api/projects/2/import", "[{}]"),
            (
                "POST",
                "/api/organizations/1/permissions",
                r#"{"permission":"data.import","roles":[]}"#,
            ),
        ),
        (
            task.clone(),
            (Role::Annotator, "POST", "/api/tasks/3/annotations/", "{}"),
            ("DELETE", "/api/projects/2/tasks/3/assignees?type=AN&users=5", ""),
        ),
        (
            task,
            (Role::Annotator, "POST", "/api/tasks/3/annotations/", "{}"),
            ("DELETE", "/api/projects/2/members/?user=5", ""),
        ),
        (
            row("workspaces", 1),
            (Role::Manager, "PATCH", "/api/workspaces/1/", r#"{"title":"y"}"#),
            ("DELETE", "/api/organizations/1/memberships/3/", ""),
        ),
    ] {
        carried_out_first(service, &held, first, taken).await;
        if taken.1 == memberships {
            reset(service).await;
        }
    }
}

/// The same, where members are taken out in bulk.
async fn nothing_is_carried_out_after_a_removal_in_bulk(service: &Service) {
    if is_sqlite(service) {
        return;
    }
    service.execute("INSERT INTO workspace_members VALUES (3, $1)", [MANAGER.into()]).await;
    let row = |table: &str, id: i64| format!("SELECT FROM {table} WHERE id = {id} FOR UPDATE");
    let import = (Role::Manager, "POST", "/api/projects/4/import", "[{}]");
    let removal = ("DELETE", "/api/workspaces/3/memberships/bulk/?included=3", "");
    carried_out_first(service, &row("projects", 4), import, removal).await;
    let label = (Role::Annotator, "POST", "/api/tasks/3/annotations/", "{}");
    let removal = ("DELETE", "/api/projects/2/members/bulk/?included=5", "");
    carried_out_first(service, &row("tasks", 3), label, removal).await;
}

/// The same, where a task gets other assignees, and where a project leaves its workspace.
async fn nothing_is_carried_out_after_a_replacement(service: &Service) {
    if is_sqlite(service) {
        return;
    }
    let row = |table: &str, id: i64| format!("SELECT FROM {table} WHERE id = {id} FOR UPDATE");
    let label = (Role::Annotator, "POST", "/api/tasks/3/annotations/", "{}");
    let others = r#"{"type":"AN","users":[4]}"#;
    let replaced = ("PATCH", "/api/projects/2/tasks/3/assignees", others);
    carried_out_first(service, &row("tasks", 3), label, replaced).await;
    for moved in [
        ("POST", "/api/workspaces/3/projects/", r#"{"project":2}"#),
        ("POST", "/api/workspaces/1/projects/", r#"{"project":2}"#),
        ("DELETE", "/api/workspaces/1/projects/?project=2", ""),
    ] {
        let import = (Role::Administrator, "POST", "/api/projects/2/import", "[{}]");
        carried_out_first(service, &row("projects", 2), import, moved).await;
    }
}

/// One after the other: the second is no administrator any more.
async fn two_demote_each_other(service: &Service) {
    if is_sqlite(service) {
        return;
    }
    let sql = "UPDATE members SET role = 'AD' WHERE organization_id = 1 AND user_id = $1";
    service.execute(sql, [MANAGER.into()]).await;
    let path = "/api/organizations/1/memberships";
    let demote = |by, user: i64| {
        let body = json!({ "user_id": user, "role": "AN" }).to_string();
        sent(request(service, by, "PATCH", path, &body))
    };
    let sql =
        format!("SELECT FROM members WHERE organization_id = 1 AND user_id = {MANAGER} FOR UPDATE");
    let held = hold(service, &sql).await;
    let first = demote(Role::Administrator, MANAGER);
    assert!(waits(service, 1, &first).await);
    let second = demote(Role::Manager, ADMINISTRATOR);
    assert!(waits(service, 2, &second).await, "decided beside the first");
    held.rollback().await.expect("a rollback");
    assert_eq!(first.await.expect("a status"), StatusCode::OK);
    assert_eq!(second.await.expect("a status"), StatusCode::NOT_FOUND);
    let sql = "SELECT user_id FROM members WHERE organization_id = 1 AND role = 'AD'";
    assert_eq!(service.id(sql, []).await, ADMINISTRATOR);
}

/// The request has found its session, and waits for the invitation; the session ends meanwhile.
async fn a_session_that_ended_signs_nobody_up(service: &Service) {
    if is_sqlite(service) {
        return;
    }
    let owner = By::Session(&service.login(1, Role::Owner).cookie);
    let (_, invite) = service.get(owner, "/api/invite").await;
    let path = format!("/user/signup?token={}", invite["token"].as_str().expect("a token"));
    let elsewhere = service.login(2, Role::Manager);
    let sql = "SELECT FROM organization_settings WHERE organization_id = 1 FOR UPDATE";
    let held = hold(service, sql).await;
    let late = sent(service.request(By::Session(&elsewhere.cookie), Method::POST, &path));
    assert!(waits(service, 1, &late).await);
    let by = By::Session(&service.login(2, Role::Owner).cookie);
    let body = json!({ "user_id": service.user(elsewhere).await, "role": "DI" });
    let path = "/api/organizations/2/memberships";
    let (status, _) = service.send(by, Method::PATCH, path, body).await;
    assert_eq!(status, StatusCode::OK);
    held.rollback().await.expect("a rollback");
    assert_eq!(late.await.expect("a status"), StatusCode::UNAUTHORIZED);
    let sql = "SELECT COUNT(*) FROM members WHERE organization_id = 1";
    assert_eq!(service.id(sql, []).await, 7);
}

async fn a_token_is_not_made_during_a_deactivation(service: &Service) {
    if is_sqlite(service) {
        return;
    }
    let sql =
        format!("SELECT FROM members WHERE organization_id = 1 AND user_id = {MANAGER} FOR UPDATE");
    let held = hold(service, &sql).await;
    let path = "/api/organizations/1/memberships";
    let body = json!({ "user_id": MANAGER, "role": "DI" }).to_string();
    let deactivation = sent(request(service, Role::Owner, "PATCH", path, &body));
    assert!(waits(service, 1, &deactivation).await);
    let (database, email) = (service.app.database.clone(), "ma@acme.example".parse());
    let email = email.expect("an address");
    let made =
        tokio::spawn(async move { token(&database, &email, 1, Actions::all()).await.is_ok() });
    assert!(waits(service, 2, &made).await, "made beside it");
    held.rollback().await.expect("a rollback");
    assert_eq!(deactivation.await.expect("a status"), StatusCode::OK);
    assert!(!made.await.expect("an answer"), "it would work after a reactivation");
}

/// An administrator who announces a body and does not send it cannot put off being demoted.
async fn who_sends_slowly_holds_up_nobody(service: &Service) {
    let address = service.app.origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let cookie = &service.login(1, Role::Administrator).cookie;
    let origin = &service.app.origin;
    let head = format!(
        "POST /api/workspaces/ HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\n\
         Cookie: sessionid={cookie}\r\nContent-Length: 100\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let demotion = demotion(service, ADMINISTRATOR).send();
    let answer = tokio::time::timeout(Duration::from_secs(5), demotion).await;
    let status = answer.expect("held up").expect("a response").status();
    assert_eq!(status, StatusCode::OK);
    drop(stream);
}
