//! What happens over time: memberships that end, rows that move, and many at once.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::Request;
use labelgate::log::LogEntry;
use labelgate::{Actions, Matrix, Role, act};
use labelgate_service::caller::Caller;
use labelgate_service::membership::token;
use labelgate_service::problem::Failure;
use labelgate_service::rows::Project;
use labelgate_service_tests::{By, Service, on_both};
use reqwest::{Method, StatusCode, header};
use serde_json::json;
use tokio::task::JoinHandle;

on_both! {
    a_live_token_stops_at_once
    tokens_are_for_members_who_are_not_deactivated
    the_removed_come_back_with_nothing
    the_removed_come_back_without_their_tokens
    many_at_once_leave_one_owner
    a_row_that_moved_is_a_conflict
    a_row_that_moves_in_between_is_a_conflict
    sessions_change_nothing_for_another_origin
    signing_up
    no_token_signs_up
    the_log
    secrets_are_hashed
}

async fn set_role(service: &Service, by: By<'_>, user: i64, role: &str) -> StatusCode {
    let body = json!({ "user_id": user, "role": role });
    let path = "/api/organizations/1/memberships";
    service.send(by, Method::PATCH, path, body).await.0
}

async fn a_live_token_stops_at_once(service: &Service) {
    let owner = By::Session(&service.login(1, Role::Owner).cookie);
    let manager = service.login(1, Role::Manager);
    let user = service.user(manager).await;
    // Another role ends no session; a deactivation ends the session and the token, for good.
    for (role, expected) in [
        ("RE", StatusCode::OK),
        ("MA", StatusCode::OK),
        ("DI", StatusCode::UNAUTHORIZED),
        ("MA", StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(set_role(service, owner, user, role).await, StatusCode::OK);
        for by in By::both(manager) {
            for path in ["/api/current-user/whoami", "/api/organizations/"] {
                assert_eq!(service.get(by, path).await.0, expected, "{role} {by:?} {path}");
            }
        }
    }
    // Those of others are left.
    let sessions = "SELECT COUNT(*) FROM sessions";
    assert_eq!(service.id(sessions, []).await, 2 * 14 - 2);
}

/// What the command makes for somebody who is deactivated would work as soon as they are reactivated.
async fn tokens_are_for_members_who_are_not_deactivated(service: &Service) {
    for login in &service.logins {
        let email = login.email.parse().expect("an address");
        let made = token(&service.app.database, &email, login.organization, Actions::all()).await;
        assert_eq!(made.is_ok(), login.role != Role::Deactivated, "{}", login.email);
        if let Ok(made) = made {
            let (status, oneself) = service.get(By::Token(&made), "/api/current-user/whoami").await;
            assert_eq!((status, &oneself["email"]), (StatusCode::OK, &json!(login.email)));
        }
        let elsewhere =
            token(&service.app.database, &email, 3 - login.organization, Actions::all()).await;
        assert!(elsewhere.is_err());
    }
}

/// What belonged to a member who was removed, and roles in projects of one who was promoted.
async fn the_removed_come_back_with_nothing(service: &Service) {
    let owner = By::Session(&service.login(1, Role::Owner).cookie);
    let annotator = service.login(1, Role::Annotator);
    let user = service.user(annotator).await;
    let body = json!({ "project": 2, "role": "RE", "user": user });
    for role in ["MA", "DI"] {
        let path = "/api/projects/roles/";
        let (status, _) = service.send(owner, Method::POST, path, body.clone()).await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!(set_role(service, owner, user, role).await, StatusCode::OK);
        assert!(service.world().await.project_roles.is_empty());
        assert_eq!(set_role(service, owner, user, "AN").await, StatusCode::OK);
    }
    let manager = service.login(1, Role::Manager);
    for login in [annotator, manager] {
        let user = service.user(login).await;
        let path = format!("/api/organizations/1/memberships/{user}/");
        let (status, _) = service.send(owner, Method::DELETE, &path, None).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        for by in By::both(login) {
            let (status, _) = service.get(by, "/api/current-user/whoami").await;
            assert_eq!(status, StatusCode::UNAUTHORIZED);
        }
        let world = service.world().await;
        assert!(world.project_members.iter().all(|row| row.user_id != user));
        assert!(world.workspace_members.iter().all(|row| row.user_id != user));
        assert!(world.task_assignees.iter().all(|row| row.user_id != user));
        let mut creators = world.projects.iter().map(|row| row.created_by);
        assert!(creators.all(|creator| creator != Some(user)));
        let mut creators = world.workspaces.iter().map(|row| row.created_by);
        assert!(creators.all(|creator| creator != Some(user)));
    }
    // They left nothing of another organization.
    assert_eq!(service.world().await.project_members.len(), 2 * 4 - 2);
}

/// Somebody of another organization signs up, is removed, and signs up again.
async fn the_removed_come_back_without_their_tokens(service: &Service) {
    let owner = By::Session(&service.login(1, Role::Owner).cookie);
    let login = service.login(2, Role::Manager);
    let user = service.user(login).await;
    let (_, invite) = service.get(owner, "/api/invite").await;
    let path = format!("/user/signup?token={}", invite["token"].as_str().expect("a token"));
    let sign_up = async || {
        let request = service.request(By::Session(&login.cookie), Method::POST, &path);
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::CREATED);
        let cookie = response.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
        cookie.split(['=', ';']).nth(1).expect("a session").to_owned()
    };
    let session = sign_up().await;
    let email = login.email.parse().expect("an address");
    let token = token(&service.app.database, &email, 1, Actions::all()).await.expect("a token");
    let whoami = async |by| service.get(by, "/api/current-user/whoami").await.0;
    for by in [By::Session(&session), By::Token(&token)] {
        assert_eq!(whoami(by).await, StatusCode::OK);
    }
    let member = format!("/api/organizations/1/memberships/{user}/");
    let (status, _) = service.send(owner, Method::DELETE, &member, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let new = sign_up().await;
    for by in [By::Session(&session), By::Token(&token)] {
        assert_eq!(whoami(by).await, StatusCode::UNAUTHORIZED, "{by:?}");
    }
    // In the other organization they stay signed in.
    for by in By::both(login).into_iter().chain([By::Session(&new)]) {
        assert_eq!(whoami(by).await, StatusCode::OK, "{by:?}");
    }
}

async fn many_at_once_leave_one_owner(service: &Service) {
    let logins: Vec<_> = service.logins.iter().filter(|login| login.organization == 1).collect();
    let mut users = Vec::new();
    for login in &logins {
        users.push(service.user(login).await);
    }
    for round in 0..8 {
        let requests = (0..32).map(|n| {
            let by = By::Session(&logins[(n * 5 + round) % 3].cookie); // the three most powerful
            let target = users[(n * 3 + round) % 5];
            let role = ["AD", "MA", "DI", "RE"][(n + round) % 4];
            let request = match n % 4 {
                0 => service
                    .request(by, Method::POST, "/api/organizations/1/owner")
                    .json(&json!({ "user_id": target })),
                // The last of the rounds removes as well.
                1 if round == 7 => {
                    let path = format!("/api/organizations/1/memberships/{target}/");
                    service.request(by, Method::DELETE, &path)
                }
                _ => service
                    .request(by, Method::PATCH, "/api/organizations/1/memberships")
                    .json(&json!({ "user_id": target, "role": role })),
            };
            tokio::spawn(async move { request.send().await.expect("a response").status() })
        });
        let requests: Vec<_> = requests.collect();
        let mut changed = 0;
        for request in requests {
            let status = request.await.expect("a status");
            assert!(!status.is_server_error(), "{status}");
            changed += u32::from(status.is_success());
        }
        assert!(changed > 0, "round {round} changed nothing");
        let sql = "SELECT COUNT(*) FROM members WHERE organization_id = 1 AND role = 'OW'";
        assert_eq!(service.id(sql, []).await, 1, "round {round}");
    }
}

/// A caller as a handler gets one.
async fn caller(service: &Service, role: Role) -> Result<Caller, Failure> {
    let cookie = format!("sessionid={}", service.login(1, role).cookie);
    let request = Request::builder().header(header::COOKIE, cookie).body(()).expect("a request");
    Caller::from_request_parts(&mut request.into_parts().0, &service.app).await
}

async fn a_row_that_moved_is_a_conflict(service: &Service) {
    let caller = caller(service, Role::Manager).await.expect("a caller");
    let project = caller.find::<Project>(2).await.expect("a query");
    let permit = caller.logged().authorize(act::ChangeProject, project).expect("a permit");
    let sql = "UPDATE projects SET version = version + 1 WHERE id = 2";
    assert_eq!(caller.tx.execute(sql, []).await.expect("a change"), 1);
    let changed = caller.tx.update(permit, [("title", "renamed".into())]).await;
    assert!(matches!(changed, Err(Failure(StatusCode::CONFLICT, _))));
    let project = caller.find::<Project>(2).await.expect("a query").1.expect("a row");
    assert_eq!(project.title, "Cats");
}

/// Over HTTP: the request reads the row, and waits for somebody else who changes it.
async fn a_row_that_moves_in_between_is_a_conflict(service: &Service) {
    if service.app.database.security.is_none() {
        return; // there is one connection: nobody is in between
    }
    use sea_orm::{ConnectionTrait, TransactionTrait};
    let other = service.owner.begin().await.expect("a transaction");
    let sql = "UPDATE projects SET workspace_id = NULL, version = version + 1 WHERE id = 2";
    other.execute_unprepared(sql).await.expect("a change");
    let by = By::Session(&service.login(1, Role::Manager).cookie);
    let request = service.request(by, Method::PATCH, "/api/projects/2/");
    let request = request.json(&json!({ "title": "renamed" })).send();
    let request = tokio::spawn(request);
    assert!(waits(service, 1, &request).await);
    other.commit().await.expect("a commit");
    let response = request.await.expect("a task").expect("a response");
    assert_eq!(response.status(), StatusCode::CONFLICT);
    let sql = "SELECT COUNT(*) FROM projects WHERE id = 2 AND title = 'Cats'";
    assert_eq!(service.id(sql, []).await, 1);
}

/// Returns true as soon as so many requests wait for a lock, and false if this one was answered before.
pub async fn waits<T>(service: &Service, requests: i64, one: &JoinHandle<T>) -> bool {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity \
        WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while service.id(sql, []).await < requests {
        if one.is_finished() {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    true
}

async fn sessions_change_nothing_for_another_origin(service: &Service) {
    let login = service.login(1, Role::Owner);
    let cookie = format!("sessionid={}", login.cookie);
    let origin = service.app.origin.to_string();
    let post = |origin: Option<&str>| {
        let mut request = service
            .request(By::Nobody, Method::POST, "/api/workspaces/")
            .header(header::COOKIE, format!("a=b; {cookie}; c=d"))
            .json(&json!({ "title": "x" }));
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        labelgate_service_tests::answer(request)
    };
    assert_eq!(post(Some(&origin)).await.0, StatusCode::CREATED);
    for other in [None, Some("null"), Some("http://evil.example"), Some(&*format!("{origin}0"))] {
        assert_eq!(post(other).await.0, StatusCode::FORBIDDEN, "{other:?}");
    }
    // A token needs no origin, and counts before the cookie also where it is not a valid one.
    let both = |token: &str| {
        let request = service
            .request(By::Nobody, Method::POST, "/api/workspaces/")
            .header(header::COOKIE, cookie.clone())
            .header(header::AUTHORIZATION, token)
            .json(&json!({ "title": "x" }));
        labelgate_service_tests::answer(request)
    };
    assert_eq!(both(&format!("Token {}", login.token)).await.0, StatusCode::CREATED);
    for bad in ["Token 0", "Bearer x", "", "Token"] {
        assert_eq!(both(bad).await.0, StatusCode::UNAUTHORIZED, "{bad}");
    }
}

async fn signing_up(service: &Service) {
    let owner = By::Session(&service.login(1, Role::Owner).cookie);
    let sign_up = async |by: By<'_>, token: &str, email: &str| {
        let path = format!("/user/signup?token={token}");
        let body = json!({ "email": email });
        let request = service.request(by, Method::POST, &path).json(&body);
        let response = request.send().await.expect("a response");
        let cookie = response.headers().get(header::SET_COOKIE).cloned();
        let cookie = cookie.map(|cookie| cookie.to_str().expect("text").to_owned());
        (response.status(), cookie)
    };
    let token = async || {
        let (_, invite) = service.get(owner, "/api/invite").await;
        invite["token"].as_str().expect("a token").to_owned()
    };
    let first = token().await;
    let before = service.world().await;
    for bad in ["", "0", &first[1..], &format!("{first}0"), "%00"] {
        assert_eq!(sign_up(By::Nobody, bad, "x@x.example").await.0, StatusCode::NOT_FOUND, "{bad}");
    }
    for bad in ["an@acme.example", "ow@globex.example"] {
        assert_eq!(sign_up(By::Nobody, &first, bad).await.0, StatusCode::CONFLICT, "{bad}");
    }
    assert_eq!(sign_up(By::Nobody, &first, "nonsense").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(service.world().await, before);

    // A new account, which waits for a role.
    let (status, cookie) = sign_up(By::Nobody, &first, "new@acme.example").await;
    assert_eq!(status, StatusCode::CREATED);
    let cookie = cookie.expect("a session");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let session = cookie.split(['=', ';']).nth(1).expect("a session");
    let (_, oneself) = service.get(By::Session(session), "/api/current-user/whoami").await;
    assert_eq!((&oneself["role"], &oneself["actions"]), (&json!("NO"), &json!([])));
    let by = By::Session(session);
    assert_eq!(sign_up(by, &first, "other@acme.example").await.0, StatusCode::CONFLICT);

    // The deactivated do not come back this way; somebody of another organization does, with the
    // default role.
    let gone = By::Session(&service.login(1, Role::Deactivated).cookie);
    assert_eq!(sign_up(gone, &first, "").await.0, StatusCode::CONFLICT);
    let path = "/api/organizations/1/set-default-role";
    let body = json!({ "default_role": "AN" });
    assert_eq!(service.send(owner, Method::PATCH, path, body).await.0, StatusCode::OK);
    let elsewhere = service.login(2, Role::Owner);
    let (status, cookie) = sign_up(By::Session(&elsewhere.cookie), &first, "").await;
    assert_eq!(status, StatusCode::CREATED);
    let cookie = cookie.expect("a session");
    let session = cookie.split(['=', ';']).nth(1).expect("a session");
    let (_, oneself) = service.get(By::Session(session), "/api/current-user/whoami").await;
    assert_eq!((&oneself["role"], &oneself["active_organization"]), (&json!("AN"), &json!(1)));

    // A reset makes the earlier link worthless.
    let (status, _) = service.send(owner, Method::POST, "/api/invite/reset-token", None).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(sign_up(By::Nobody, &first, "y@x.example").await.0, StatusCode::NOT_FOUND);
    let (status, _) = sign_up(By::Nobody, &token().await, "y@x.example").await;
    assert_eq!(status, StatusCode::CREATED);
}

/// A session can do more than a token. Nobody turns the one into the other, with a link of their own
/// organization or of another.
async fn no_token_signs_up(service: &Service) {
    let mut links = Vec::new();
    for organization in [1, 2] {
        let owner = By::Session(&service.login(organization, Role::Owner).cookie);
        let (_, invite) = service.get(owner, "/api/invite").await;
        links.push(format!("/user/signup?token={}", invite["token"].as_str().expect("a token")));
    }
    let before = service.world().await;
    let sessions = "SELECT COUNT(*) FROM sessions";
    let kept = service.id(sessions, []).await;
    for login in &service.logins {
        for path in &links {
            // With a session beside it, a token counts as well. A body makes no new account of it.
            let request = service
                .request(By::Token(&login.token), Method::POST, path)
                .header(header::COOKIE, format!("sessionid={}", login.cookie))
                .header(header::ORIGIN, &*service.app.origin)
                .json(&json!({ "email": "new@x.example" }));
            let response = request.send().await.expect("a response");
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{} {path}", login.email);
            assert!(!response.headers().contains_key(header::SET_COOKIE));
        }
        // A link that is none is no more than that.
        let by = By::Token(&login.token);
        let (status, _) = service.send(by, Method::POST, "/user/signup?token=0", None).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
    assert_eq!(service.world().await, before);
    assert_eq!(service.id(sessions, []).await, kept);
    // What was tried is in the log.
    let owner = By::Session(&service.login(1, Role::Owner).cookie);
    let (_, log) = service.get(owner, "/api/activity-logs/?page_size=1").await;
    let tried = &log[0]["data"][0]["extra_data"][0]["change"];
    assert_eq!((&tried["operation"], &tried["refusal"]), (&json!("sign_up"), &json!("narrowed")));
}

/// Each entry says what was decided, and its records can be replayed.
async fn the_log(service: &Service) {
    let [owner, annotator] =
        [Role::Owner, Role::Annotator].map(|role| By::Session(&service.login(1, role).cookie));
    service.get(annotator, "/api/projects/2/").await;
    service.get(annotator, "/api/projects/1/").await;
    service.get(annotator, "/api/projects/2/export").await;
    let body =
        json!({ "user_id": service.user(service.login(1, Role::Reviewer)).await, "role": "MA" });
    let path = "/api/organizations/1/memberships";
    service.send(annotator, Method::PATCH, path, body.clone()).await;
    service.send(owner, Method::PATCH, path, body).await;
    let (_, log) = service.get(owner, "/api/activity-logs/?page_size=5").await;
    assert_eq!(log[0]["recordsTotal"], 5);
    let said: Vec<_> = log[0]["data"]
        .as_array()
        .expect("a list")
        .iter()
        .rev()
        .map(|entry| {
            let logged: LogEntry =
                serde_json::from_value(entry["extra_data"][0].clone()).expect("an entry");
            let is_decision = logged.decision.is_some();
            assert_eq!(logged.agrees_with(&Matrix::BUILT_IN), is_decision, "{entry}");
            assert!(is_decision != logged.change.is_some());
            let status = entry["response_code"].as_str().expect("a code").to_owned();
            (status, logged.is_allowed())
        })
        .collect();
    let expected = [("200", true), ("404", false), ("403", false), ("404", false), ("200", true)];
    let expected: Vec<_> = expected.map(|(status, allowed)| (status.to_owned(), allowed)).into();
    assert_eq!(said, expected);
    // Another organization has a log of its own.
    let other = By::Session(&service.login(2, Role::Owner).cookie);
    let (_, log) = service.get(other, "/api/activity-logs/").await;
    assert_eq!(log[0]["recordsTotal"], 0);
}

async fn secrets_are_hashed(service: &Service) {
    let rows = service.rows("SELECT hash FROM sessions", []).await;
    let hashes: Vec<String> =
        rows.iter().map(|row| row.try_get_by_index(0).expect("text")).collect();
    assert_eq!(hashes.len(), 2 * 14);
    for login in &service.logins {
        for secret in [&login.token, &login.cookie] {
            assert!(!hashes.contains(secret));
            assert!(hashes.contains(&labelgate_service::credentials::hash(secret)));
        }
    }
}
