//! An independent client, the crate `authzen-rs`: it finds the endpoints, asks, and checks each response by what
//! AuthZEN says of it.

use std::collections::BTreeSet;

use authzen_rs::client::AuthZenClient;
use authzen_rs::{
    Action, ActionSearchRequest, AuthZenError, EvaluationOptions, EvaluationRequest,
    EvaluationsRequest, EvaluationsSemantic, PageRequest, Resource, ResourceSearchRequest, Subject,
    SubjectSearchRequest,
};
use labelgate_service_tests::{Secured, Service, on_both};
use serde_json::json;

use super::{HERE, credential};

on_both! { an_independent_client }

const KEYS: [&str; 5] =
    ["projects.view", "projects.change", "data.export", "api.use", "webhooks.manage"];
const USERS: [&str; 7] = ["1", "2", "3", "4", "5", "6", "999"];
const PROJECTS: [&str; 6] = ["1", "2", "3", "4", "6", "999"];

async fn client(secured: &Secured, secret: &str) -> AuthZenClient {
    let client = AuthZenClient::builder(&secured.origin).http_client(secured.client.clone());
    client.bearer_token(secret).discover().build().await.expect("what the client discovered")
}

fn user(id: &str) -> Subject {
    Subject::new("user", id)
}

fn project(id: &str) -> Resource {
    Resource::new("project", id)
}

async fn an_independent_client(service: &Service) {
    let secret = credential(service, HERE).await;
    let secured = Secured::start(service).await;
    let client = client(&secured, &secret).await;

    let mut permitted = BTreeSet::new();
    for by in USERS {
        for key in KEYS {
            for of in PROJECTS {
                let request = EvaluationRequest::new(user(by), Action::new(key), project(of));
                let decision = client.evaluate(request).await.expect("a decision");
                assert_eq!(decision.context().is_none(), decision.allowed(), "a reason");
                if decision.allowed() {
                    permitted.insert((by, key, of));
                }
            }
        }
    }
    assert!(permitted.len() > 20, "{permitted:?}");
    batches(&client, &permitted).await;
    searches(&client, &permitted).await;

    for secret in ["", "x", &service.logins[0].token] {
        let client = self::client(&secured, secret).await;
        let request = EvaluationRequest::new(user("1"), Action::new(KEYS[0]), project("2"));
        let error = client.evaluate(request).await.expect_err("no credential");
        assert!(matches!(error, AuthZenError::Pdp { status: 401, .. }), "{error}");
    }
}

/// The client checks where a batch ends.
async fn batches(client: &AuthZenClient, permitted: &BTreeSet<(&str, &str, &str)>) {
    for by in USERS {
        for key in KEYS {
            for semantic in [
                EvaluationsSemantic::ExecuteAll,
                EvaluationsSemantic::DenyOnFirstDeny,
                EvaluationsSemantic::PermitOnFirstPermit,
            ] {
                let items = PROJECTS.map(|of| json!({ "resource": project(of) }));
                let items = items.map(|item| serde_json::from_value(item).expect("an item"));
                let request = EvaluationsRequest::new(items.to_vec())
                    .with_defaults(Some(user(by)), Some(Action::new(key)), None, None)
                    .with_options(EvaluationOptions::new(semantic));
                let response = client.evaluations(request).await.expect("decisions");
                let decisions = response.evaluations().iter().map(|one| one.allowed());
                let expected = PROJECTS.map(|of| permitted.contains(&(by, key, of)));
                let decisions: Vec<_> = decisions.collect();
                assert_eq!(decisions, expected[..decisions.len()], "{by} {key}");
            }
        }
    }
}

/// Page by page.
async fn searches(client: &AuthZenClient, permitted: &BTreeSet<(&str, &str, &str)>) {
    let page = || PageRequest::new().with_limit(2);
    for key in KEYS {
        for of in PROJECTS {
            let request =
                SubjectSearchRequest::new(Subject::query("user"), Action::new(key), project(of));
            let mut pages = client.paginate_subjects(request.with_page(page())).expect("a request");
            let mut found = Vec::new();
            while let Some(page) = pages.next_page().await.expect("a page") {
                found.extend(page.results().iter().filter_map(|one| one.id().map(str::to_owned)));
            }
            let expected = permitted.iter().filter(|one| (one.1, one.2) == (key, of));
            assert_eq!(found, expected.map(|one| one.0).collect::<Vec<_>>(), "{key} {of}");
        }
        for by in USERS {
            let request =
                ResourceSearchRequest::new(user(by), Action::new(key), Resource::query("project"));
            let mut pages =
                client.paginate_resources(request.with_page(page())).expect("a request");
            let mut found = Vec::new();
            while let Some(page) = pages.next_page().await.expect("a page") {
                found.extend(page.results().iter().filter_map(|one| one.id().map(str::to_owned)));
            }
            let expected = permitted.iter().filter(|one| (one.0, one.1) == (by, key));
            assert_eq!(found, expected.map(|one| one.2).collect::<Vec<_>>(), "{key} {by}");
        }
    }
    for by in USERS {
        for of in PROJECTS {
            let request = ActionSearchRequest::new(user(by), project(of)).with_page(page());
            let mut pages = client.paginate_actions(request).expect("a request");
            let mut found = BTreeSet::new();
            while let Some(page) = pages.next_page().await.expect("a page") {
                found.extend(page.results().iter().filter_map(|one| one.name().map(str::to_owned)));
            }
            for key in KEYS {
                assert_eq!(
                    found.contains(key),
                    permitted.contains(&(by, key, of)),
                    "{by} {key} {of}"
                );
            }
        }
    }
}
