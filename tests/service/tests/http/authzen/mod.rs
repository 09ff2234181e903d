//! The service as a decision point, by AuthZEN 1.0: who may ask, what cannot be read, batches, pages, and the log.

mod certification;
mod client;
mod guide;
mod worlds;

use std::collections::BTreeSet;

use labelgate::log::{LogEntry, Question};
use labelgate::{Matrix, Role};
use labelgate_service::credentials::hash;
use labelgate_service::extract::LIMIT;
use labelgate_service::services;
use labelgate_service_tests::{By, Service, answer, on_both};
use reqwest::header::HeaderValue;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_both! { credentials semantics reasons reads log }

/// Things that are asked without a question of the database.
mod sqlite {
    use labelgate_service_tests::{Engine, run};

    macro_rules! tests {
        ($($test:ident)+) => {$(
            #[test]
            fn $test() {
                run(Engine::Sqlite, super::$test);
            }
        )+};
    }

    tests! { fields texts ignored malformed defaults limits pages tokens identified discovered }
}

const HERE: i64 = 1;

/// The endpoints for questions.
const PATHS: [&str; 5] = [EVALUATION, EVALUATIONS, SUBJECTS, RESOURCES, ACTIONS];
const EVALUATION: &str = "/access/v1/evaluation";
const EVALUATIONS: &str = "/access/v1/evaluations";
const SUBJECTS: &str = "/access/v1/search/subject";
const RESOURCES: &str = "/access/v1/search/resource";
const ACTIONS: &str = "/access/v1/search/action";

async fn credential(service: &Service, organization: i64) -> String {
    let made = services::create(&service.app.database, organization, "gateway").await;
    made.expect("a credential")
}

async fn ask(service: &Service, secret: &str, path: &str, body: Json) -> (StatusCode, Json) {
    service.send(By::Service(secret), Method::POST, path, body).await
}

/// The answer to a question that can be read.
async fn answered(service: &Service, secret: &str, path: &str, body: Json) -> Json {
    let (status, answer) = ask(service, secret, path, body.clone()).await;
    assert_eq!(status, StatusCode::OK, "{path} {body}: {answer}");
    answer
}

fn user(id: impl ToString) -> Json {
    json!({ "type": "user", "id": id.to_string() })
}

fn resource(kind: &str, id: impl ToString) -> Json {
    json!({ "type": kind, "id": id.to_string() })
}

fn question(by: impl ToString, action: &str, of: Json) -> Json {
    json!({ "subject": user(by), "action": { "name": action }, "resource": of })
}

/// A question that each endpoint can read: the manager may change project 2.
fn readable() -> Json {
    question(3, "projects.change", resource("project", 2))
}

/// The field of an object, without one, or with another value.
fn with(mut body: Json, path: &[&str], value: Option<Json>) -> Json {
    let (last, before) = path.split_last().expect("a field");
    let object = before.iter().fold(&mut body, |at, name| &mut at[*name]);
    match value {
        Some(value) => object[*last] = value,
        None => drop(object.as_object_mut().expect("an object").remove(*last)),
    }
    body
}

/// Services have credentials of their own kind.
async fn credentials(service: &Service) {
    let secret = credential(service, HERE).await;
    let login = service.login(HERE, Role::Owner);
    for path in PATHS {
        let status = async |by| service.send(by, Method::POST, path, readable()).await.0.as_u16();
        assert_eq!(status(By::Service(&secret)).await, 200, "{path}");
        // Whoever is asked about: the Owner's own token and cookie are none.
        for by in [
            By::Nobody,
            By::Token(&login.token),
            By::Token(&secret),
            By::Session(&login.cookie),
            By::Session(&secret),
            By::Service(&login.token),
            By::Service(&login.cookie),
            By::Service(""),
            By::Service(&hash(&secret)),
        ] {
            assert_eq!(status(by).await, 401, "{path} {by:?}");
        }
        // The question is not read before the credential.
        let nobody = service.request(By::Nobody, Method::POST, path).body("{").send().await;
        let nobody = nobody.expect("a response");
        assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(nobody.headers()[header::WWW_AUTHENTICATE], "Bearer");
    }
    // Nor is a service's credential one of a user.
    for by in [By::Service(&secret), By::Token(&secret), By::Session(&secret)] {
        for path in ["/api/current-user/whoami", "/api/projects/2/", "/api/activity-logs/"] {
            assert_eq!(service.get(by, path).await.0, StatusCode::UNAUTHORIZED, "{path} {by:?}");
        }
    }
    // What is kept is a hash.
    let kept =
        service.id("SELECT COUNT(*) FROM services WHERE hash = $1", [secret.as_str().into()]);
    assert_eq!(kept.await, 0);

    let database = &service.app.database;
    for sql in ["DELETE FROM services", "UPDATE services SET hash = 'x'"] {
        // On PostgreSQL, the role of requests may not.
        let tx = database.begin().await.expect("a transaction");
        assert_eq!(tx.execute(sql, []).await.is_err(), database.security.is_some(), "{sql}");
    }
    assert!(services::create(database, HERE, "gateway").await.is_err(), "the name is taken");
    assert!(services::create(database, 999, "gateway").await.is_err(), "no organization");
    assert!(services::revoke(database, HERE, "another").await.is_err(), "no such service");
    let other = credential(service, 2).await;
    services::revoke(database, HERE, "gateway").await.expect("revoked");
    for path in PATHS {
        assert_eq!(ask(service, &secret, path, readable()).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(ask(service, &other, path, readable()).await.0, StatusCode::OK);
    }
    let again = credential(service, HERE).await;
    assert_eq!(ask(service, &secret, EVALUATION, readable()).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(service, &again, EVALUATION, readable()).await.0, StatusCode::OK);

    // A service of another organization knows neither its people nor its rows.
    let none = answered(service, &other, EVALUATION, readable()).await;
    assert_eq!(none, json!({ "decision": false, "context": { "reason": "not_found" } }));
    for path in [SUBJECTS, RESOURCES, ACTIONS] {
        let none = answered(service, &other, path, readable()).await;
        assert_eq!(none["results"], json!([]), "{path}");
        let some = answered(service, &again, path, readable()).await;
        assert_ne!(some["results"], json!([]), "{path}");
    }
}

/// A field that is missing or mistyped is a 400 with a message, if the endpoint reads it.
async fn fields(service: &Service) {
    let secret = credential(service, HERE).await;
    let wrong = [json!("x"), json!(7), json!(null), json!(["user", "3"]), json!(true)];
    let mut bodies: Vec<(Json, &[&str])> = Vec::new();
    // To leave out the id of what is searched for is no error.
    let needed: [(&[&str], &[&str]); 8] = [
        (&["subject"], &PATHS),
        (&["action"], &PATHS[..4]),
        (&["resource"], &PATHS),
        (&["subject", "type"], &PATHS),
        (&["subject", "id"], &[EVALUATION, EVALUATIONS, RESOURCES, ACTIONS]),
        (&["action", "name"], &PATHS[..4]),
        (&["resource", "type"], &PATHS),
        (&["resource", "id"], &[EVALUATION, EVALUATIONS, SUBJECTS, ACTIONS]),
    ];
    for (field, paths) in needed {
        bodies.push((with(readable(), field, None), paths));
        let is_text = field.len() == 2;
        for wrong in wrong.iter().filter(|wrong| !(is_text && wrong.is_string())) {
            bodies.push((with(readable(), field, Some(wrong.clone())), paths));
        }
    }
    let objects: [(&[&str], &[&str]); 5] = [
        (&["context"], &PATHS),
        (&["subject", "properties"], &PATHS),
        (&["resource", "properties"], &PATHS),
        (&["action", "properties"], &PATHS[..4]),
        (&["page"], &PATHS[2..]),
    ];
    for (field, paths) in objects {
        bodies.extend(wrong.iter().map(|no| (with(readable(), field, Some(no.clone())), paths)));
    }
    for (field, wrong) in [
        ("page", json!({ "limit": -1 })),
        ("page", json!({ "limit": 1.5 })),
        ("page", json!({ "limit": "1" })),
        ("page", json!({ "limit": null })),
        ("page", json!({ "token": 1 })),
        ("page", json!({ "token": "" })),
        ("page", json!({ "token": null })),
        ("page", json!({ "properties": 1 })),
        ("evaluations", json!({})),
        ("evaluations", json!("x")),
        ("evaluations", json!(null)),
        ("options", json!("x")),
        ("options", json!([])),
        ("options", json!(null)),
        ("options", json!({ "evaluations_semantic": "all" })),
        ("options", json!({ "evaluations_semantic": null })),
    ] {
        let paths = if field == "page" { &PATHS[2..] } else { &PATHS[1..2] };
        bodies.push((with(readable(), &[field], Some(wrong)), paths));
    }
    let mut asked = 0;
    for (body, paths) in bodies {
        for path in PATHS {
            let (status, answer) = ask(service, &secret, path, body.clone()).await;
            let expected = if paths.contains(&path) { 400 } else { 200 };
            assert_eq!(status, expected, "{path} {body}: {answer}");
            assert_eq!(answer["detail"].is_string(), expected == 400, "{answer}");
            asked += 1;
        }
    }
    assert!(asked > 400, "{asked}");
}

/// The status and the message of a body that is sent as it stands.
async fn sent(
    service: &Service,
    secret: &str,
    path: &str,
    content_type: Option<&str>,
    text: &str,
) -> (u16, Json) {
    let request = service.request(By::Service(secret), Method::POST, path).body(text.to_owned());
    let request = match content_type {
        Some(name) => request.header(header::CONTENT_TYPE, name),
        None => request,
    };
    let (status, answer) = answer(request).await;
    assert_eq!(answer["detail"].is_string(), status != 200, "{answer}");
    (status.as_u16(), answer)
}

const JSON: Option<&str> = Some("application/json");

/// What is no JSON object, or does not say that it is one, is a 400 with a message.
async fn texts(service: &Service) {
    let secret = credential(service, HERE).await;
    let deep = format!(r#"{{"subject":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let twice = readable().to_string().replacen('{', r#"{"subject":{"type":"user","id":"1"},"#, 1);
    let again = readable().to_string().replacen(r#""type":"#, r#""type":"x","type":"#, 1);
    let broken = "{\"subject\":\u{7f}}";
    for text in ["", " ", "{", "[]", "7", "null", "{} x", broken, &deep, &twice, &again] {
        for path in PATHS {
            assert_eq!(sent(service, &secret, path, JSON, text).await.0, 400, "{path} {text:.40}");
        }
    }
    for (content_type, expected) in [
        (None, 400),
        (Some("text/plain"), 400),
        (Some("application/x-www-form-urlencoded"), 400),
        (Some("application/jsonx"), 400),
        (Some("application/json; charset=utf-8"), 200),
        (Some("Application/JSON"), 200),
    ] {
        for path in PATHS {
            let text = readable().to_string();
            let (status, _) = sent(service, &secret, path, content_type, &text).await;
            assert_eq!(status, expected, "{path} {content_type:?}");
        }
    }
    for path in PATHS {
        let get = service.get(By::Service(&secret), path).await.0;
        assert_eq!(get, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

/// What no endpoint knows is ignored, wherever it stands, and whatever it is.
async fn ignored(service: &Service) {
    let secret = credential(service, HERE).await;
    let mut more = readable();
    for at in ["", "/subject", "/action", "/resource"] {
        more.pointer_mut(at).expect("an object")["later"] = json!([{ "x": null }]);
    }
    more["subject"]["properties"] = json!({ "role": "OW" });
    more["context"] = json!({ "time": "now" });
    let deep = format!("{}1{}", r#"{"x":"#.repeat(100_000), "}".repeat(100_000));
    let deep = more.to_string().replacen(r#"{"role":"OW"}"#, &deep, 1);
    for path in PATHS {
        let expected = answered(service, &secret, path, readable()).await;
        assert_eq!(answered(service, &secret, path, more.clone()).await, expected, "{path}");
        // A search is bound to all of it, and reads no depth without end.
        let (status, answer) = sent(service, &secret, path, JSON, &deep).await;
        match path {
            EVALUATION | EVALUATIONS => assert_eq!((status, answer), (200, expected), "{path}"),
            _ => assert_eq!(status, 400, "{path}"),
        }
    }
}

/// An evaluation that cannot be read is denied, and the others are decided.
async fn malformed(service: &Service) {
    let secret = credential(service, HERE).await;
    let one = readable();
    let wrong = [
        json!(7),
        json!("x"),
        json!(null),
        json!([{ "type": "user", "id": "3" }]),
        with(one.clone(), &["subject"], None),
        with(one.clone(), &["action"], None),
        with(one.clone(), &["resource", "id"], None),
        with(one.clone(), &["resource", "id"], Some(json!(2))),
        with(one.clone(), &["subject"], Some(json!(["user", "3"]))),
        with(one.clone(), &["action", "name"], Some(json!(null))),
        with(one.clone(), &["context"], Some(json!("now"))),
    ];
    let mut evaluations = vec![one.clone()];
    evaluations.extend(wrong.iter().cloned());
    evaluations.push(one);
    let body = json!({ "evaluations": evaluations });
    let answer = answered(service, &secret, EVALUATIONS, body).await;
    let answers = answer["evaluations"].as_array().expect("a list");
    assert_eq!(answers.len(), wrong.len() + 2);
    for (n, answer) in answers.iter().enumerate() {
        if n == 0 || n == wrong.len() + 1 {
            assert_eq!(*answer, json!({ "decision": true }));
        } else {
            assert_eq!(answer["decision"], false, "{n}");
            assert_eq!(answer["context"]["error"]["status"], 400, "{answer}");
            assert!(answer["context"]["error"]["message"].is_string(), "{answer}");
        }
    }
}

/// An evaluation's own field takes the place of a default as a whole.
async fn defaults(service: &Service) {
    let secret = credential(service, HERE).await;
    let decisions = async |body: Json| -> Vec<Option<bool>> {
        let answer = answered(service, &secret, EVALUATIONS, body).await;
        assert!(answer.get("decision").is_none());
        let answers = answer["evaluations"].as_array().expect("a list").iter();
        answers
            .map(|one| one["context"]["error"].is_null().then_some(one["decision"] == true))
            .collect()
    };
    let project = resource("project", 2);
    let batch =
        |defaults: Json, evaluations: Json| with(defaults, &["evaluations"], Some(evaluations));
    let all = batch(readable(), json!([{}, { "subject": user(5) }, { "subject": user(1) }]));
    assert_eq!(decisions(all).await, [Some(true), Some(false), Some(true)]);
    let actions = json!([
        { "action": { "name": "projects.view" }, "subject": user(5) },
        { "action": { "name": "projects.delete" }, "subject": user(5) },
    ]);
    assert_eq!(decisions(batch(readable(), actions)).await, [Some(true), Some(false)]);
    // The type is no default of its own.
    let ids = json!([{ "resource": { "id": "2" } }, { "resource": { "type": "project" } }]);
    assert_eq!(decisions(batch(readable(), ids)).await, [None, None]);
    // A default that is not whole is one of those that give another.
    let part = with(readable(), &["resource", "id"], None);
    let given = json!([{}, { "resource": project }]);
    assert_eq!(decisions(batch(part, given.clone())).await, [None, Some(true)]);
    let none = with(readable(), &["resource"], None);
    assert_eq!(decisions(batch(none, given)).await, [None, Some(true)]);
    assert_eq!(decisions(json!({ "evaluations": [readable()] })).await, [Some(true)]);
    // A default that is no object is no request.
    let text = batch(with(readable(), &["subject"], Some(json!("3"))), json!([readable()]));
    assert_eq!(ask(service, &secret, EVALUATIONS, text).await.0, StatusCode::BAD_REQUEST);

    // Without evaluations, it is one.
    for none in [None, Some(json!([]))] {
        let single = with(readable(), &["evaluations"], none.clone().or(Some(json!([]))));
        let single = if none.is_none() { readable() } else { single };
        let answer = answered(service, &secret, EVALUATIONS, single).await;
        assert_eq!(answer, json!({ "decision": true }));
    }
}

/// A batch ends where it was told to.
async fn semantics(service: &Service) {
    let secret = credential(service, HERE).await;
    let (yes, no, broken) = (json!({}), json!({ "subject": user(5) }), json!(7));
    let all = [&yes, &no, &broken];
    for (n, semantic) in
        [None, Some("execute_all"), Some("deny_on_first_deny"), Some("permit_on_first_permit")]
            .into_iter()
            .enumerate()
    {
        for mix in 0..27 {
            let evaluations = [all[mix % 3], all[mix / 3 % 3], all[mix / 9]];
            let mut body = with(readable(), &["evaluations"], Some(json!(evaluations)));
            if let Some(semantic) = semantic {
                body["options"] = json!({ "evaluations_semantic": semantic, "later": 1 });
            }
            let answer = answered(service, &secret, EVALUATIONS, body).await;
            let answers = answer["evaluations"].as_array().expect("a list");
            let answers: Vec<_> = answers.iter().map(|one| one["decision"] == true).collect();
            let mut expected: Vec<_> = evaluations.iter().map(|one| **one == yes).collect();
            let end = match n {
                2 => expected.iter().position(|is_permitted| !is_permitted),
                3 => expected.iter().position(|is_permitted| *is_permitted),
                _ => None,
            };
            expected.truncate(end.map_or(3, |end| end + 1));
            assert_eq!(answers, expected, "{semantic:?} {mix}");
        }
    }
}

/// A request has at most 100 evaluations.
async fn limits(service: &Service) {
    let secret = credential(service, HERE).await;
    for (count, expected) in [(1, 200), (100, 200), (101, 400), (5_000, 400)] {
        let body = with(readable(), &["evaluations"], Some(json!(vec![json!({}); count])));
        let (status, answer) = ask(service, &secret, EVALUATIONS, body).await;
        assert_eq!(status, expected, "{answer}");
        let answers = answer["evaluations"].as_array();
        assert_eq!(answers.map(Vec::len), (expected == 200).then_some(count));
    }
}

/// Users of the seed.
const ANNOTATOR: i64 = 5;
const DEACTIVATED: i64 = 7;
const ELSEWHERE: i64 = 8;

/// Questions about what is hidden, what is elsewhere and what there is not at all.
fn hidden() -> Vec<Json> {
    let project = |id: i64| resource("project", id);
    vec![
        question(ANNOTATOR, "projects.change", project(1)),
        question(ANNOTATOR, "projects.view", project(1)),
        question(1, "projects.view", project(6)),
        question(1, "projects.view", project(999)),
        question(1, "projects.view", resource("project", "02")),
        question(1, "projects.view", resource("project", "+2")),
        question(1, "projects.view", resource("project", "")),
        question(1, "projects.view", resource("project", "2\0")),
        question(1, "projects.view", resource("project", "99999999999999999999")),
        question(1, "projects.view", resource("Project", 2)),
        question(1, "projects.view", resource("folder", 2)),
        question(1, "workspaces.view", project(2)),
        question(1, "data.view", project(2)),
        question(1, "projects.view", resource("task", 3)),
        question(1, "members.view", resource("organization", 2)),
        question(1, "members.view", resource("workspace", 1)),
        question(1, "projects.sell", project(2)),
        question(1, "Projects.view", project(2)),
        question(1, "", project(2)),
        question(DEACTIVATED, "projects.view", project(2)),
        question(ELSEWHERE, "projects.view", project(2)),
        question(ELSEWHERE, "projects.view", project(6)),
        question(999, "projects.view", project(2)),
        question(-1, "projects.view", project(2)),
        question("01", "projects.view", project(2)),
        question("alice", "projects.view", project(2)),
        with(readable(), &["subject", "type"], Some(json!("service"))),
    ]
}

/// Reasons are for rows that the user may see. All others are one answer, and no search has them.
async fn reasons(service: &Service) {
    let secret = credential(service, HERE).await;
    for (id, organization, role) in [
        (ANNOTATOR, HERE, Role::Annotator),
        (DEACTIVATED, HERE, Role::Deactivated),
        (ELSEWHERE, 2, Role::Owner),
    ] {
        assert_eq!(service.user(service.login(organization, role)).await, id);
    }
    let project = |id: i64| resource("project", id);
    let denied = [
        (question(ANNOTATOR, "projects.change", project(2)), "role_never_holds"),
        (question(3, "projects.change", project(3)), "scope_not_held"),
        (question(3, "webhooks.manage", project(3)), "scope_not_held"),
    ];
    let hidden = hidden().into_iter().map(|body| (body, "not_found"));
    for (body, reason) in denied.into_iter().chain(hidden) {
        let answer = answered(service, &secret, EVALUATION, body.clone()).await;
        let expected = json!({ "decision": false, "context": { "reason": reason } });
        assert_eq!(answer, expected, "{body}");
        assert_eq!(answered(service, &secret, EVALUATION, body.clone()).await, expected, "again");
        for (path, name) in [(SUBJECTS, "subject"), (RESOURCES, "resource"), (ACTIONS, "action")] {
            let answer = answered(service, &secret, path, body.clone()).await;
            let results = answer["results"].as_array().expect("a list");
            assert!(!results.contains(&body[name]), "{path} {body}: {answer}");
        }
    }
    for permitted in [
        question(1, "projects.view", project(2)),
        question(3, "webhooks.manage", project(2)),
        question(1, "members.view", resource("organization", 1)),
        question(1, "workspaces.view", resource("workspace", 1)),
        question(1, "data.view", resource("task", 3)),
        question(1, "data.view", resource("record", 3)),
    ] {
        let answer = answered(service, &secret, EVALUATION, permitted.clone()).await;
        assert_eq!(answer, json!({ "decision": true }), "{permitted}");
    }
}

/// Each row is read once, and each member.
async fn reads(service: &Service) {
    let secret = credential(service, HERE).await;
    let selects = async |path: &str, body: Json| {
        service.statements();
        answered(service, &secret, path, body).await;
        let mut selects = service.statements();
        selects.retain(|sql| sql.starts_with("SELECT") || sql.starts_with("WITH"));
        selects.retain(|sql| !sql.starts_with("SELECT set_config"));
        selects.len()
    };
    // The service, the member, the row.
    assert_eq!(selects(EVALUATION, readable()).await, 3);
    // The row is read for the one who asks, and then the people.
    assert_eq!(selects(SUBJECTS, readable()).await, 3);
    assert_eq!(selects(RESOURCES, readable()).await, 3);
    assert_eq!(selects(ACTIONS, readable()).await, 3);
    // 100 evaluations of two members and rows of two kinds: the service, the members, and the rows.
    let of = |n: usize| match n % 2 {
        0 => question(1 + n / 50, "projects.view", resource("project", 1 + n % 4)),
        _ => question(1 + n / 50, "data.view", resource("task", 1 + n % 8)),
    };
    let all: Vec<_> = (0..100).map(of).collect();
    assert_eq!(selects(EVALUATIONS, json!({ "evaluations": all })).await, 2 + 2 * 2);
    // Nothing is read for what there cannot be.
    let nobody = question("alice", "projects.view", resource("project", 2));
    assert_eq!(selects(EVALUATION, nobody.clone()).await, 1);
    assert_eq!(selects(RESOURCES, nobody).await, 1);
}

/// What the tests of pages search for: it has several results in each search.
fn searched() -> Json {
    question(3, "projects.view", resource("project", 2))
}

fn paged(page: Json) -> Json {
    with(searched(), &["page"], Some(page))
}

/// All pages have what one page has.
async fn pages(service: &Service) {
    let secret = credential(service, HERE).await;
    for path in [SUBJECTS, RESOURCES, ACTIONS] {
        let all = answered(service, &secret, path, searched()).await;
        let results = all["results"].as_array().expect("a list");
        let count = results.len();
        assert!((3..100).contains(&count), "{path}: {all}");
        assert_eq!(all["page"], json!({ "next_token": "", "count": count }), "{path}");

        for limit in 1..=count + 1 {
            let mut body = paged(json!({ "limit": limit }));
            let mut found: Vec<Json> = Vec::new();
            loop {
                let answer = answered(service, &secret, path, body).await;
                let results = answer["results"].as_array().expect("a list");
                assert_eq!(results.len(), limit.min(count - found.len()), "{path} {answer}");
                assert_eq!(answer["page"]["count"], results.len());
                found.extend_from_slice(results);
                let token = &answer["page"]["next_token"];
                assert_eq!(token == "", found.len() == count, "{answer}");
                if token == "" {
                    break;
                }
                // The limit may stand beside the token, or not.
                body = match found.len() % 2 {
                    0 => paged(json!({ "limit": limit, "token": token })),
                    _ => paged(json!({ "token": token })),
                };
            }
            assert_eq!(found, *results, "{path} {limit}");
        }
        // No results leave all of them for the next page.
        let none = answered(service, &secret, path, paged(json!({ "limit": 0 }))).await;
        assert_eq!(none["results"], json!([]));
        let token = none["page"]["next_token"].as_str().expect("a token").to_owned();
        let again = paged(json!({ "token": token }));
        assert_eq!(answered(service, &secret, path, again).await, none);
        let most = answered(service, &secret, path, paged(json!({ "limit": u64::MAX }))).await;
        assert_eq!(most["results"], all["results"]);
    }
}

/// A token leads to the next page of the same request, and of no other.
async fn tokens(service: &Service) {
    let secret = credential(service, HERE).await;
    for path in [SUBJECTS, RESOURCES, ACTIONS] {
        let first = answered(service, &secret, path, paged(json!({ "limit": 1 }))).await;
        let text = first["page"]["next_token"].as_str().expect("a token");
        let next = paged(json!({ "token": text }));
        // The order of the fields does not count.
        let fields = ["page", "resource", "action", "subject"];
        let fields = fields.map(|name| format!(r#""{name}" : {}"#, next[name]));
        let sorted = format!("{{{}}}", fields.join(" , "));
        assert_eq!(sent(service, &secret, path, JSON, &sorted).await.0, 200, "{path}");

        let change = |field: &[&str], value: Json| with(next.clone(), field, Some(value));
        let mut changed = vec![
            change(&["subject", "properties"], json!({ "x": 1 })),
            change(&["context"], json!({})),
            change(&["page", "limit"], json!(2)),
            change(&["page", "token"], json!(text.to_uppercase())),
            change(&["page", "token"], json!(format!("{text}0"))),
            change(&["page", "token"], json!(text.replacen('1', "2", 1))),
            change(&["page", "token"], json!("1.0.0")),
            change(&["resource", "type"], json!("workspace")),
        ];
        if path != ACTIONS {
            changed.push(change(&["action", "name"], json!("projects.change")));
        }
        if path != RESOURCES {
            changed.push(change(&["resource", "id"], json!("3")));
        }
        if path != SUBJECTS {
            changed.push(change(&["subject", "id"], json!("2")));
        }
        for body in changed {
            let (status, answer) = ask(service, &secret, path, body.clone()).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {body}: {answer}");
        }
        // Another search, and another service of the organization.
        let elsewhere = [SUBJECTS, RESOURCES, ACTIONS].into_iter().filter(|other| *other != path);
        for other in elsewhere {
            assert_eq!(ask(service, &secret, other, next.clone()).await.0, StatusCode::BAD_REQUEST);
        }
        let database = &service.app.database;
        let other = services::create(database, HERE, path).await.expect("a credential");
        assert_eq!(ask(service, &other, path, next).await.0, StatusCode::BAD_REQUEST);
    }
}

/// A request's id comes back, whatever the answer.
async fn identified(service: &Service) {
    let secret = credential(service, HERE).await;
    let bodies = [readable().to_string(), "{".to_owned()];
    let mut statuses = BTreeSet::new();
    for path in PATHS.into_iter().chain(["/.well-known/authzen-configuration", "/nowhere"]) {
        for by in [By::Service(&secret), By::Nobody] {
            for body in &bodies {
                // An arbitrary text, also one that is not ASCII.
                let id = HeaderValue::from_bytes(b"bfe9eb29-ab87 \"\xe9\"").expect("a value");
                for id in [Some(id), None] {
                    let request = service.request(by, Method::POST, path);
                    let request = request.header(header::CONTENT_TYPE, "application/json");
                    let request = match &id {
                        Some(id) => request.header("X-Request-ID", id),
                        None => request,
                    };
                    let response = request.body(body.clone()).send().await.expect("a response");
                    assert_eq!(
                        response.headers().get("X-Request-ID"),
                        id.as_ref(),
                        "{path} {by:?}"
                    );
                    statuses.insert(response.status().as_u16());
                }
            }
        }
    }
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), [200, 400, 401, 404, 405]);

    // A body that is too long is refused before it is sent.
    for path in PATHS {
        let address = service.app.origin.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {secret}\r\n\
             content-type: application/json\r\nx-request-id: long\r\ncontent-length: {}\r\n\r\n",
            LIMIT + 1,
        );
        stream.write_all(head.as_bytes()).await.expect("a request");
        let mut response = [0; 12];
        stream.read_exact(&mut response).await.expect("a response");
        assert_eq!(&response, b"HTTP/1.1 413", "{path}");
        let mut headers = vec![0; 100];
        let mut text = String::new();
        while !text.contains("x-request-id: long") {
            let read = stream.read(&mut headers).await.expect("headers");
            assert!(read > 0, "{path} {text}");
            text += &String::from_utf8_lossy(&headers[..read]);
        }
    }
}

/// Anybody may ask where to ask.
async fn discovered(service: &Service) {
    let path = "/.well-known/authzen-configuration";
    let (status, found) = service.get(By::Nobody, path).await;
    assert_eq!(status, StatusCode::OK);
    let origin = &*service.app.origin;
    assert_eq!(found["policy_decision_point"], origin);
    let secret = credential(service, HERE).await;
    let endpoints = [
        ("access_evaluation_endpoint", EVALUATION),
        ("access_evaluations_endpoint", EVALUATIONS),
        ("search_subject_endpoint", SUBJECTS),
        ("search_resource_endpoint", RESOURCES),
        ("search_action_endpoint", ACTIONS),
    ];
    assert_eq!(found.as_object().expect("an object").len(), endpoints.len() + 1);
    for (name, path) in endpoints {
        assert_eq!(found[name], format!("{origin}{path}"));
        assert_eq!(ask(service, &secret, path, readable()).await.0, StatusCode::OK);
    }
}

/// The log names the service, the member and the action. Each answer can be decided again.
async fn log(service: &Service) {
    let secret = credential(service, HERE).await;
    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    let with_name = |name: &str| with(readable(), &["action", "name"], Some(json!(name)));
    let batch = json!([{}, { "subject": user(5) }, 7]);
    let of_actions = Some("projects.view");
    let asked = [
        (EVALUATION, readable(), Some("projects.change"), vec![Question::Decision]),
        (
            EVALUATION,
            with_name("webhooks.manage"),
            Some("webhooks.manage"),
            vec![Question::Decision],
        ),
        (
            EVALUATIONS,
            with(readable(), &["evaluations"], Some(batch)),
            Some("projects.change"),
            vec![Question::Decision; 2],
        ),
        (SUBJECTS, with_name("webhooks.manage"), Some("webhooks.manage"), vec![Question::People]),
        (RESOURCES, with_name("webhooks.manage"), Some("webhooks.manage"), vec![Question::List]),
        (ACTIONS, question(5, "", resource("project", 2)), of_actions, vec![Question::Decision]),
    ];
    for (path, body, name, questions) in asked {
        answered(service, &secret, path, body).await;
        let (_, log) = service.get(owner, "/api/activity-logs/?page_size=1").await;
        let entry = &log[0]["data"][0];
        assert_eq!((&entry["service"], &entry["email"]), (&json!("gateway"), &Json::Null));
        assert_eq!((&entry["request_url"], &entry["organization_id"]), (&json!(path), &json!(1)));
        let said = entry["extra_data"].as_array().expect("entries").iter();
        let said: Vec<LogEntry> =
            said.map(|one| serde_json::from_value(one.clone()).expect("an entry")).collect();
        assert_eq!(said.iter().map(|one| one.question).collect::<Vec<_>>(), questions, "{path}");
        for (n, entry) in said.iter().enumerate() {
            assert_eq!(Some(entry.name.as_str()), name, "{entry}");
            assert!(entry.agrees_with(&Matrix::BUILT_IN), "{entry}");
            let expected = match entry.question {
                Question::People => "service gateway",
                _ if n == 1 || path == ACTIONS => "5",
                _ => "3",
            };
            assert_eq!(entry.user.as_str(), expected, "{entry}");
        }
        // The log of what the Owner asks names no service.
        let (_, log) = service.get(owner, "/api/activity-logs/?page_size=1").await;
        assert_eq!(log[0]["data"][0]["service"], Json::Null);
    }
}
