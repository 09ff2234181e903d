//! Who may do something to a row, over HTTP: the entries that the oracle says yes to, on all pages, with through
//! what; after an organization changed its matrix; and in the log.

use std::collections::BTreeMap;

use labelgate::log::{LogEntry, Question};
use labelgate::{Action, Matrix, Role};
use labelgate_service_tests::{By, Service, on_both, oracle};
use labelgate_sql_tests::World;
use labelgate_sql_tests::tables::Thing;
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};

use crate::endpoints::{HERE, clear, insert, shapes};

on_both! { entries members matrix log spelling }

/// Rows that everybody comes to in every way: each user is another one's colleague.
pub async fn fill(service: &Service) -> World {
    for login in service.logins.iter().filter(|login| login.organization == HERE) {
        let user = service.user(login).await;
        for shape in shapes() {
            insert(service, user, user, shape).await;
        }
    }
    service.world().await
}

/// What the oracle says of each member of the organization who may do the action, by the id of the user.
pub fn may(world: &World, key: &str, thing: Thing) -> BTreeMap<i64, (&'static str, u16)> {
    let here = world.organization_members.iter().filter(|row| row.organization_id == HERE);
    let people = here.filter(|row| world.may(row.user_id, HERE, key, thing));
    people
        .map(|row| (row.user_id, (row.role, world.facts(row.user_id, HERE, thing).expect("facts"))))
        .collect()
}

/// Those who are in a project by more than their role and its workspace.
pub fn is_explicit(role: &str, facts: u16) -> bool {
    let creates = role != "AN" && role != "RE";
    facts & (oracle::PROJECT_MEMBER | oracle::PROJECT_ASSIGNEE) != 0
        || facts & oracle::PROJECT_CREATOR != 0 && creates
}

/// All entries, page by page, by the path of a page.
pub async fn pages(
    service: &Service,
    by: By<'_>,
    path: impl Fn(usize, Option<&Json>) -> String,
) -> Vec<Json> {
    let mut all: Vec<Json> = Vec::new();
    for page in 1.. {
        let path = path(page, all.last());
        let (status, answer) = service.get(by, &path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        let results = answer["results"].as_array().expect("a list");
        let count = answer["count"].as_u64().expect("a count") as usize;
        assert_eq!(results.len(), count.saturating_sub(all.len()).min(2), "{path}: {answer}");
        if results.is_empty() {
            assert_eq!(all.len(), count, "{path}");
            return all;
        }
        all.extend_from_slice(results);
    }
    unreachable!("pages end")
}

fn words(list: &Json) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|word| word.as_str().expect("a word")).collect()
}

/// The share dialog, for each action and project, by number and by the last user.
async fn entries(service: &Service) {
    let world = fill(service).await;
    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    let (mut listed, mut others) = (0, 0);
    let here = world.projects.iter().filter(|row| row.organization_id == HERE);
    for (n, project) in here.enumerate() {
        // Each project with some of the actions: all of them with each shape.
        for (at, (_, key, ..)) in oracle::TABLE.iter().enumerate() {
            if at % 6 != n % 6 {
                continue;
            }
            let expected = may(&world, key, Thing::Project(project.id));
            let path = format!("/api/projects/{}/people/?action={key}&page_size=2", project.id);
            let numbered = pages(service, owner, |page, _| format!("{path}&page={page}")).await;
            let found = pages(service, owner, |_, last| match last {
                Some(last) => format!("{path}&after={}", last["user"]["id"]),
                None => path.clone(),
            });
            // `after` counts what is left of nothing: the count is of all pages.
            let found = found.await;
            assert_eq!(found, numbered, "{path}");
            let ids: Vec<_> = found.iter().map(|entry| entry["user"]["id"].as_i64()).collect();
            let all: Vec<_> = expected.keys().map(|&user| Some(user)).collect();
            assert_eq!(ids, all, "{key} {project:?}");
            for (entry, (role, facts)) in found.iter().zip(expected.into_values()) {
                let case = format!("{key} {project:?}: {entry}");
                let done_to = oracle::kind(key);
                let acting = oracle::acts_as(role, done_to, facts).expect("a role");
                assert_eq!(
                    (&entry["role"], &entry["effective_role"]),
                    (&json!(role), &json!(acting))
                );
                assert_eq!(entry["implicit_member"], !is_explicit(role, facts), "{case}");
                let names = oracle::FACTS.iter().map(|fact| fact.0);
                let names: Vec<_> = names.filter(|name| oracle::holds(facts, name)).collect();
                assert_eq!(words(&entry["facts"]), names, "{case}");
                let held = oracle::scopes(role, done_to, facts);
                let symbol = |name: &str| match name {
                    "own" => "O",
                    "own_permitted" => "O?",
                    "project" => "P",
                    "workspace" => "W",
                    "organization" => "G",
                    other => panic!("{other}"),
                };
                let mut scopes: Vec<_> = words(&entry["scopes"]).into_iter().map(symbol).collect();
                let cell = oracle::cell(acting, key).split_whitespace();
                let mut expected: Vec<_> = cell.filter(|letter| held.contains(letter)).collect();
                scopes.sort_unstable();
                expected.sort_unstable();
                assert_eq!(scopes, expected, "{case}");
                listed += 1;
            }
            others += 7 - ids.len();
        }
    }
    assert!(listed > 500 && others > 500, "{listed} {others}");
    clear(service).await;
}

/// Projects' and workspaces' members as the stock client reads them.
async fn members(service: &Service) {
    let world = fill(service).await;
    let manager = By::Session(&service.login(HERE, Role::Manager).cookie);
    let (mut implicit, mut with_role) = (0, 0);
    for project in world.projects.iter().filter(|row| row.organization_id == HERE) {
        let path = format!("/api/projects/{}/members/paginated/?page_size=2", project.id);
        let found = pages(service, manager, |page, _| format!("{path}&page={page}")).await;
        let expected = may(&world, "projects.view", Thing::Project(project.id));
        let said = found.iter().map(|entry| {
            let membership = &entry["organization_membership"];
            assert_eq!(membership["organization_id"], HERE);
            (
                entry["id"].as_i64(),
                &membership["role"],
                &entry["implicit_member"],
                &entry["project_role"],
            )
        });
        let said: Vec<_> = said.map(|said| json!([said.0, said.1, said.2, said.3])).collect();
        let expected = expected.into_iter().map(|(user, (role, facts))| {
            let mut roles = world.project_roles.iter();
            let given = roles.find(|row| row.project_id == project.id && row.user_id == user);
            let given = given.map(|row| row.role);
            let is_implicit = !is_explicit(role, facts);
            implicit += usize::from(is_implicit);
            with_role += usize::from(given.is_some());
            json!([user, role, is_implicit, given])
        });
        assert_eq!(said, expected.collect::<Vec<_>>(), "{project:?}");
    }
    assert!(implicit > 50 && with_role > 5, "{implicit} {with_role}");

    let mut added = 0;
    for workspace in world.workspaces.iter().filter(|row| row.organization_id == HERE) {
        let may = may(&world, "workspaces.view", Thing::Workspace(workspace.id));
        let is_added = |&(&user, _): &(&i64, &_)| {
            let mut rows = world.workspace_members.iter();
            !workspace.is_personal
                && rows.any(|row| row.workspace_id == workspace.id && row.user_id == user)
        };
        let expected: Vec<_> = may.iter().filter(is_added).map(|(user, _)| *user).collect();
        let path = format!("/api/workspaces/{}/memberships/", workspace.id);
        let (status, answer) = service.get(manager, &path).await;
        assert_eq!(status, StatusCode::OK);
        let users = answer.as_array().expect("a list").iter().map(|entry| {
            assert_eq!(entry["workspace"], workspace.id);
            entry["user"]["id"].as_i64().expect("an id")
        });
        assert_eq!(users.collect::<Vec<_>>(), expected, "{workspace:?}");
        let found =
            pages(service, manager, |page, _| format!("{path}paginated/?page_size=2&page={page}"));
        let users = found.await.into_iter().map(|user| user["id"].as_i64().expect("an id"));
        assert_eq!(users.collect::<Vec<_>>(), expected, "{workspace:?}");
        added += expected.len();
    }
    assert_eq!(added, 2 * 5, "each active role, in two workspaces");
    clear(service).await;
}

/// An organization's matrix decides who asks, and who is listed.
async fn matrix(service: &Service) {
    let [owner, manager, annotator] = [Role::Owner, Role::Manager, Role::Annotator]
        .map(|role| By::Session(&service.login(HERE, role).cookie));
    let id = service.user(service.login(HERE, Role::Manager)).await;
    let path = "/api/projects/2/people/?action=data.export";
    let is_listed = async |by| {
        let (status, answer) = service.get(by, path).await;
        let results = answer["results"].as_array();
        (status.as_u16(), results.is_some_and(|all| all.iter().any(|one| one["user"]["id"] == id)))
    };
    assert_eq!(is_listed(manager).await, (200, true));
    let permit = async |permission: &str, roles: &[&str]| {
        let body = json!({ "permission": permission, "roles": roles });
        let path = "/api/organizations/1/permissions";
        let (status, answer) = service.send(owner, Method::POST, path, body).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
    };
    permit("data.export", &["AD"]).await;
    assert_eq!(is_listed(manager).await, (200, false));
    // Project 2 is in a workspace of theirs, which does not give the people page back.
    permit("members.view", &["AD"]).await;
    assert_eq!(is_listed(manager).await, (403, false));
    assert_eq!(service.get(manager, "/api/projects/2/").await.0, StatusCode::OK);
    for path in ["/api/projects/2/members/paginated/", "/api/workspaces/1/memberships/"] {
        assert_eq!(service.get(manager, path).await.0, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(service.get(owner, path).await.0, StatusCode::OK, "{path}");
    }
    let (status, _) = service
        .send(owner, Method::DELETE, "/api/organizations/1/permissions/members.view", None)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    permit("members.view", &["AD", "MA", "RE", "AN"]).await;
    assert_eq!(is_listed(annotator).await, (200, false));
    // A project that is hidden from them stays so.
    let (status, _) = service.get(annotator, "/api/projects/1/people/?action=data.export").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

/// The log names the question, and replays it.
async fn log(service: &Service) {
    let [owner, annotator] =
        [Role::Owner, Role::Annotator].map(|role| By::Session(&service.login(HERE, role).cookie));
    let asked = [
        (owner, "/api/projects/2/people/?action=data.export", 200, "data.export"),
        (owner, "/api/projects/2/members/paginated/", 200, "projects.view"),
        (owner, "/api/workspaces/1/memberships/", 200, "workspaces.view"),
        (annotator, "/api/projects/2/people/?action=data.export", 403, "data.export"),
        (annotator, "/api/projects/1/people/?action=data.export", 404, "data.export"),
        (owner, "/api/projects/6/people/?action=data.export", 404, "data.export"),
        (owner, "/api/projects/999/people/?action=data.export", 404, "data.export"),
    ];
    for (by, path, expected, name) in asked {
        let (status, answer) = service.get(by, path).await;
        assert_eq!(status, expected, "{path}: {answer}");
        let (_, log) = service.get(owner, "/api/activity-logs/?page_size=1").await;
        // The log's own question is in the next one: this is of the question before.
        let entry = &log[0]["data"][0];
        let [said] = &entry["extra_data"].as_array().expect("entries")[..] else {
            panic!("one question was asked: {entry}")
        };
        let entry: LogEntry = serde_json::from_value(said.clone()).expect("an entry");
        assert_eq!((entry.question, entry.name.as_str()), (Question::People, name), "{entry}");
        assert_eq!(entry.is_allowed(), expected == 200, "{entry}");
        assert!(entry.agrees_with(&Matrix::BUILT_IN), "{entry}");
        let number = path.split('/').nth(3).expect("an id");
        assert_eq!(entry.id.expect("an id").as_str(), number);
        let denied = entry.decision.expect("a record").action;
        let expected = if expected == 404 { Action::ViewProject } else { Action::ViewPeoplePage };
        assert_eq!(denied, expected, "{entry}");
    }
}

/// What is spelled in another way is no question.
async fn spelling(service: &Service) {
    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    for query in [
        "",
        "?action=",
        "?action=data",
        "?action=Data.export",
        "?action=data.export&after=",
        "?action=data.export&after=+1",
        "?action=data.export&after=01",
        "?action=data.export&page=0",
        "?action=data.export&page_size=0",
        "?action=data.export&page_size=1001",
    ] {
        let (status, answer) = service.get(owner, &format!("/api/projects/2/people/{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}: {answer}");
    }
    // Behind the last there is nobody, and the count is that of all.
    for query in ["page=99", "after=9223372036854775807"] {
        let path = format!("/api/projects/2/people/?action=projects.view&{query}");
        let (status, answer) = service.get(owner, &path).await;
        assert_eq!((status, &answer["results"]), (StatusCode::OK, &json!([])), "{query}");
        assert_eq!(answer["count"], 5, "{query}: {answer}");
    }
}
