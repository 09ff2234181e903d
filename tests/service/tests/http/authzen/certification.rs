//! The certification scenario of the AuthZEN working group (`openid/authzen`, *Authorization API 1.0 - Certification
//! Scenario*), at the levels that decide by identifiers: Basic Core, Batch Core, Search Core, and Discovery.
//!
//! The scenario has its own words for users, rows and actions. The fixture has what they stand for here: a record is a
//! project, which is found by its title. Requests are translated on their way to the service, and results on their way
//! back. Each check says its number in the scenario.

use std::collections::BTreeSet;

use labelgate_service_tests::{Secured, Service, on_both};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::{Value as Json, json};

use super::{ACTIONS, EVALUATION, EVALUATIONS, HERE, RESOURCES, SUBJECTS, credential, with};

on_both! { core_and_discovery }

/// The checks of the four levels, by their numbers.
const CHECKS: [&str; 32] = [
    "2.2.1", "2.2.2", "2.2.3", "2.2.8", "2.2.9", "2.3", "2.4", "2.5", "2.6", // Basic Core
    "3.2.1", "3.2.2", "3.2.5", "3.2.6", "3.3", "3.4", // Batch Core
    "4.2.1", "4.2.2", "4.2.3", "4.3.1", "4.3.2", "4.3.3", "4.4.1", "4.4.2", // Search Core
    "4.5.1", "4.5.2", "4.5.3", "4.6.1", "4.6.2", "4.7.1", "4.7.2", // and its pages and errors
    "5", "6",
];

/// A word of the scenario, and what it stands for.
type Words = Vec<(&'static str, String)>;

struct Harness {
    origin: String,
    client: Client,
    secret: String,
    words: Words,
    done: BTreeSet<&'static str>,
}

/// What a response says, in the words of the scenario.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Json,
}

/// Two managers of one organization. Only Alice is in the projects.
async fn fixture(service: &Service) -> Words {
    let mut words = vec![
        ("record", "project".to_owned()),
        ("read", "projects.view".to_owned()),
        ("write", "projects.change".to_owned()),
    ];
    for name in ["alice", "bob"] {
        let sql = "INSERT INTO users (email) VALUES ($1) RETURNING id";
        let user = service.id(sql, [format!("{name}@example.com").into()]).await;
        let sql = "INSERT INTO members (organization_id, user_id, role, role_source) \
            VALUES ($1, $2, 'MA', 'manual')";
        service.execute(sql, [HERE.into(), user.into()]).await;
        words.push((name, user.to_string()));
    }
    for title in ["record-1", "record-2"] {
        let sql = "INSERT INTO projects (organization_id, title, show_annotation_history) \
            VALUES ($1, $2, FALSE)";
        service.execute(sql, [HERE.into(), title.into()]).await;
        let sql = "SELECT id FROM projects WHERE title = $1";
        words.push((title, service.id(sql, [title.into()]).await.to_string()));
        let sql = "INSERT INTO project_members (project_id, user_id) SELECT p.id, u.id \
            FROM projects p, users u WHERE p.title = $1 AND u.email = 'alice@example.com'";
        service.execute(sql, [title.into()]).await;
    }
    words
}

impl Harness {
    /// Translates the types, the ids and the names in a body.
    fn translated(&self, body: &Json, to_service: bool) -> Json {
        let word = |text: &str| {
            let pairs = self.words.iter().map(|(ours, theirs)| match to_service {
                true => (*ours, theirs.as_str()),
                false => (theirs.as_str(), *ours),
            });
            pairs.clone().find(|(from, _)| *from == text).map_or(text, |(_, to)| to).to_owned()
        };
        match body {
            Json::Array(all) => all.iter().map(|one| self.translated(one, to_service)).collect(),
            Json::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| {
                    let value = match (name.as_str(), value.as_str()) {
                        ("type" | "id" | "name", Some(text)) => word(text).into(),
                        ("properties" | "context" | "page", _) => value.clone(),
                        _ => self.translated(value, to_service),
                    };
                    (name.clone(), value)
                });
                Json::Object(fields.collect())
            }
            other => other.clone(),
        }
    }

    async fn read(&self, response: Response) -> Answer {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("a body");
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Answer { status, headers, body: self.translated(&body, false) }
    }

    async fn post(&self, path: &str, body: Json, request_id: Option<&str>) -> Answer {
        let request = self.client.post(format!("{}{path}", self.origin)).bearer_auth(&self.secret);
        let request = request.json(&self.translated(&body, true));
        let request = match request_id {
            Some(id) => request.header("X-Request-ID", id),
            None => request,
        };
        self.read(request.send().await.expect("a response")).await
    }

    /// Sends a text that may be no JSON, or with another content type.
    async fn send(&self, path: &str, content_type: &str, text: &str) -> Answer {
        let request = self.client.post(format!("{}{path}", self.origin)).bearer_auth(&self.secret);
        let request = request.header(CONTENT_TYPE, content_type).body(text.to_owned());
        self.read(request.send().await.expect("a response")).await
    }

    /// A successful response is JSON.
    async fn ok(&self, check: &str, path: &str, body: Json) -> Json {
        let answer = self.post(path, body.clone(), None).await;
        assert_eq!(answer.status, StatusCode::OK, "{check}: {body}: {}", answer.body);
        let content_type = &answer.headers[CONTENT_TYPE];
        assert!(content_type.as_bytes().starts_with(b"application/json"), "{check}");
        answer.body
    }

    async fn refused(&self, check: &str, path: &str, body: Json) {
        let answer = self.post(path, body.clone(), None).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{check}: {body}: {}", answer.body);
    }

    /// A decision is a boolean, and its context an object.
    async fn decision(&self, check: &str, path: &str, body: Json) -> bool {
        decided(check, &self.ok(check, path, body).await)
    }

    async fn decisions(&self, check: &str, body: Json) -> Vec<bool> {
        let count = body["evaluations"].as_array().expect("a batch").len();
        let answer = self.ok(check, EVALUATIONS, body).await;
        let answers = answer["evaluations"].as_array().expect(check);
        assert_eq!(answers.len(), count, "{check}: as many answers as evaluations");
        answers.iter().map(|answer| decided(check, answer)).collect()
    }

    /// The results, each of which is one of what is searched for.
    async fn results(&self, check: &str, path: &str, body: Json) -> Vec<Json> {
        let answer = self.ok(check, path, body).await;
        if let Some(page) = answer.get("page") {
            assert!(page.is_object() && page["next_token"].is_string(), "{check}: {answer}");
            for count in ["count", "total"] {
                assert!(page.get(count).is_none_or(Json::is_u64), "{check}: {answer}");
            }
        }
        let results = answer["results"].as_array().expect(check);
        let kind = match path {
            SUBJECTS => Some("user"),
            RESOURCES => Some("record"),
            _ => None,
        };
        for result in results {
            match kind {
                Some(kind) => {
                    assert!(
                        result["type"] == kind && result["id"].is_string(),
                        "{check}: {result}"
                    );
                }
                None => assert!(result["name"].is_string(), "{check}: {result}"),
            }
        }
        results.clone()
    }
}

fn decided(check: &str, answer: &Json) -> bool {
    assert!(answer.get("context").is_none_or(Json::is_object), "{check}: {answer}");
    answer["decision"].as_bool().unwrap_or_else(|| panic!("{check}: {answer}"))
}

fn user(id: &str) -> Json {
    json!({ "type": "user", "id": id })
}

fn record(id: &str) -> Json {
    json!({ "type": "record", "id": id })
}

fn action(name: &str) -> Json {
    json!({ "name": name })
}

fn question(by: &str, name: &str, of: &str) -> Json {
    json!({ "subject": user(by), "action": action(name), "resource": record(of) })
}

fn alice_reads() -> Json {
    question("alice", "read", "record-1")
}

/// A context, which changes no decision.
fn context() -> Json {
    json!({ "time": "2026-01-01T00:00:00Z", "ip": "192.0.2.1" })
}

async fn core_and_discovery(service: &Service) {
    let secured = Secured::start(service).await;
    let words = fixture(service).await;
    let secret = credential(service, HERE).await;
    let Secured { origin, client } = secured;
    let mut harness = Harness { origin, client, secret, words, done: BTreeSet::new() };
    basic(&mut harness).await;
    basic_errors(&mut harness).await;
    headers(&mut harness).await;
    batch(&mut harness).await;
    batch_errors(&mut harness).await;
    search_subjects(&mut harness).await;
    search_resources_and_actions(&mut harness).await;
    pages(&mut harness).await;
    search_errors(&mut harness).await;
    discovery(&mut harness).await;
    assert_eq!(harness.done, BTreeSet::from(CHECKS), "all checks were made");
}

async fn basic(harness: &mut Harness) {
    for (check, body, expected) in [
        ("2.2.1", alice_reads(), true),
        ("2.2.2", question("bob", "write", "record-1"), false),
        ("2.2.3", with(alice_reads(), &["context"], Some(context())), true),
        ("2.3", question("alice", "write", "record-1"), true),
        ("2.3", question("bob", "read", "record-1"), true),
    ] {
        assert_eq!(harness.decision(check, EVALUATION, body).await, expected, "{check}");
        harness.done.insert(check);
    }
    let mut more = alice_reads();
    more["subject"]["properties"] = json!({ "department": "Sales", "role": "none" });
    more["action"]["properties"] = json!({ "method": "GET" });
    more["resource"]["properties"] = json!({ "status": "archived" });
    assert!(harness.decision("2.2.8", EVALUATION, more).await);
    let mut unknown = alice_reads();
    unknown["foo"] = json!("bar");
    unknown["later"] = json!({ "nested": true });
    assert!(harness.decision("2.2.9", EVALUATION, unknown).await);
    harness.done.extend(["2.2.8", "2.2.9"]);
}

async fn basic_errors(harness: &mut Harness) {
    let fields: [&[&str]; 8] = [
        &["subject"],
        &["action"],
        &["resource"],
        &["subject", "type"],
        &["subject", "id"],
        &["action", "name"],
        &["resource", "type"],
        &["resource", "id"],
    ];
    for field in fields {
        harness.refused("2.4.2", EVALUATION, with(alice_reads(), field, None)).await;
    }
    let text = harness.translated(&alice_reads(), true).to_string();
    for (check, content_type, text) in [
        ("2.4.3", "text/plain", text.as_str()),
        ("2.4.3", "application/xml", text.as_str()),
        ("2.4.4", "application/json", "{ not JSON"),
        ("2.4.5", "application/json", ""),
    ] {
        let answer = harness.send(EVALUATION, content_type, text).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{check} {content_type}");
    }
    for (field, wrong) in [(&["subject"][..], json!("alice")), (&["action", "name"], json!(123))] {
        harness.refused("2.4.6", EVALUATION, with(alice_reads(), field, Some(wrong))).await;
    }
    harness.done.insert("2.4");
}

/// And the requirements of the transport, of which each check over HTTPS is a part.
async fn headers(harness: &mut Harness) {
    assert!(harness.origin.starts_with("https://"), "5");
    for path in [EVALUATION, EVALUATIONS, SUBJECTS, RESOURCES, ACTIONS] {
        let answer = harness.post(path, alice_reads(), Some("a-request-0001")).await;
        assert_eq!(answer.status, StatusCode::OK, "5");
        let echoed = answer.headers.get("X-Request-ID");
        assert_eq!(echoed, Some(&HeaderValue::from_static("a-request-0001")), "2.5.1 {path}");
        assert_eq!(harness.post(path, alice_reads(), None).await.status, StatusCode::OK, "2.5.2");
        let unknown = with(alice_reads(), &["later"], Some(json!(1)));
        harness.ok("5", path, unknown).await;
    }
    for (by, expected) in [("alice", true), ("bob", false)] {
        for _ in 0..5 {
            let body = question(by, "write", "record-1");
            assert_eq!(harness.decision("2.6", EVALUATION, body).await, expected, "2.6");
        }
    }
    harness.done.extend(["2.5", "2.6", "5"]);
}

async fn batch(harness: &mut Harness) {
    let records = json!([{ "resource": record("record-1") }, { "resource": record("record-2") }]);
    let body =
        json!({ "subject": user("alice"), "action": action("read"), "evaluations": records });
    harness.decisions("3.2.1", body.clone()).await;

    let actions = json!([{ "action": action("read") }, { "action": action("write") }]);
    let bob =
        json!({ "subject": user("bob"), "resource": record("record-1"), "evaluations": actions });
    assert_eq!(harness.decisions("3.2.2", bob).await, [true, false], "3.2.2 and 3.3.2");

    let whole = json!({ "evaluations": [alice_reads(), question("bob", "write", "record-1")] });
    assert_eq!(harness.decisions("3.2.5", whole).await, [true, false], "3.2.5");

    let mut contexts = with(body, &["context"], Some(context()));
    contexts["evaluations"][1]["context"] = json!({ "time": "later", "source": "a batch" });
    harness.decisions("3.2.6", contexts).await;
    harness.done.extend(["3.2.1", "3.2.2", "3.2.5", "3.2.6", "3.3"]);
}

async fn batch_errors(harness: &mut Harness) {
    let mut body = json!({
        "subject": user("alice"),
        "action": action("read"),
        "evaluations": [{ "resource": record("record-1") }, {}],
    });
    assert_eq!(harness.decisions("3.4.1", body.clone()).await, [true, false], "3.4.1");
    body["options"] = json!({ "evaluations_semantic": "execute_all" });
    assert_eq!(harness.decisions("3.4.1", body).await, [true, false], "3.4.1");
    assert!(harness.decision("3.4.2", EVALUATIONS, alice_reads()).await);
    let empty = with(alice_reads(), &["evaluations"], Some(json!([])));
    assert!(harness.decision("3.4.3", EVALUATIONS, empty).await);
    let answer = harness.send(EVALUATIONS, "application/json", "{ not JSON").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "3.4.1");
    harness.done.insert("3.4");
}

fn readers() -> Json {
    with(alice_reads(), &["subject", "id"], None)
}

async fn search_subjects(harness: &mut Harness) {
    let found = harness.results("4.2.1", SUBJECTS, readers()).await;
    assert!(found.contains(&user("alice")) && found.contains(&user("bob")), "4.2.1: {found:?}");
    let body = with(readers(), &["context"], Some(context()));
    assert_eq!(harness.results("4.2.2", SUBJECTS, body).await, found, "4.2.2");
    assert_eq!(harness.results("4.2.3", SUBJECTS, alice_reads()).await, found, "4.2.3");
    harness.done.extend(["4.2.1", "4.2.2", "4.2.3"]);
}

async fn search_resources_and_actions(harness: &mut Harness) {
    let body = with(alice_reads(), &["resource", "id"], None);
    let found = harness.results("4.3.1", RESOURCES, body.clone()).await;
    assert!(found.contains(&record("record-1")), "4.3.1: {found:?}");
    let body = with(body, &["context"], Some(context()));
    assert_eq!(harness.results("4.3.2", RESOURCES, body).await, found, "4.3.2");
    assert_eq!(harness.results("4.3.3", RESOURCES, alice_reads()).await, found, "4.3.3");

    let body = with(alice_reads(), &["action"], None);
    let found = harness.results("4.4.1", ACTIONS, body.clone()).await;
    assert!(
        found.contains(&action("read")) && found.contains(&action("write")),
        "4.4.1: {found:?}"
    );
    let body = with(body, &["context"], Some(context()));
    assert_eq!(harness.results("4.4.2", ACTIONS, body).await, found, "4.4.2");
    harness.done.extend(["4.3.1", "4.3.2", "4.3.3", "4.4.1", "4.4.2"]);
}

async fn pages(harness: &mut Harness) {
    let all = harness.results("4.5.1", SUBJECTS, readers()).await;
    let mut found = Vec::new();
    let mut body = with(readers(), &["page"], Some(json!({ "limit": 1 })));
    loop {
        let results = harness.results("4.5.1", SUBJECTS, body.clone()).await;
        let page = harness.ok("4.5.2", SUBJECTS, body).await["page"].clone();
        assert_eq!(page["count"], results.len(), "4.5.3");
        found.extend(results);
        let token = page["next_token"].as_str().expect("4.5.2");
        assert_eq!(
            token.is_empty(),
            found.len() == all.len(),
            "4.5.2: the last page alone has none"
        );
        if token.is_empty() {
            break;
        }
        body = with(readers(), &["page"], Some(json!({ "token": token })));
    }
    assert_eq!(found, all, "4.5.2");
    harness.done.extend(["4.5.1", "4.5.2", "4.5.3"]);
}

async fn search_errors(harness: &mut Harness) {
    for path in [SUBJECTS, RESOURCES, ACTIONS] {
        // What is searched for has no id that could be unknown.
        let entities = [("subject", SUBJECTS), ("resource", RESOURCES)];
        for (entity, _) in entities.into_iter().filter(|(_, searched)| *searched != path) {
            let body = with(alice_reads(), &[entity, "id"], Some(json!("nonexistent")));
            assert!(harness.results("4.6.1", path, body).await.is_empty(), "4.6.1 {path} {entity}");
        }
        for entity in ["subject", "resource"] {
            let body = with(alice_reads(), &[entity, "type"], Some(json!("spaceship")));
            assert!(harness.results("4.6.2", path, body).await.is_empty(), "4.6.2 {path} {entity}");
        }
        for field in ["subject", "action", "resource"] {
            if (field, path) != ("action", ACTIONS) {
                harness.refused("4.7.1", path, with(alice_reads(), &[field], None)).await;
            }
        }
    }
    // The same body: each search has another entity that it needs whole.
    let body = with(readers(), &["resource", "id"], None);
    harness.refused("4.7.2", SUBJECTS, body.clone()).await;
    harness.refused("4.7.2", RESOURCES, body).await;
    harness.refused("4.7.2", ACTIONS, with(readers(), &["action"], None)).await;
    let body = with(alice_reads(), &["resource", "id"], None);
    harness.refused("4.7.2", ACTIONS, body).await;
    harness.done.extend(["4.6.1", "4.6.2", "4.7.1", "4.7.2"]);
}

async fn discovery(harness: &mut Harness) {
    let url = format!("{}/.well-known/authzen-configuration", harness.origin);
    let response = harness.client.get(url).send().await.expect("a response");
    let Answer { status, headers, body } = harness.read(response).await;
    assert_eq!(status, StatusCode::OK, "6.2");
    assert_eq!(headers[CONTENT_TYPE], "application/json", "6.2");
    assert_eq!(body["policy_decision_point"], harness.origin.as_str(), "6.5");
    for (name, path) in [
        ("access_evaluation_endpoint", EVALUATION),
        ("access_evaluations_endpoint", EVALUATIONS),
        ("search_subject_endpoint", SUBJECTS),
        ("search_resource_endpoint", RESOURCES),
        ("search_action_endpoint", ACTIONS),
    ] {
        let url: Url = body[name].as_str().expect(name).parse().expect(name);
        assert_eq!((url.scheme(), url.path()), ("https", path), "6.5");
    }
    for absent in ["capabilities", "signed_metadata"] {
        assert!(body.get(absent).is_none(), "6.4: {absent}");
    }
    harness.done.insert("6");
}
