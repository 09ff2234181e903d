//! What an edited override would do, over HTTP: guarded as saving it is, changing nothing, and the members and rows
//! for whom the oracle says yes by one matrix and no by the other.

use std::collections::BTreeMap;

use labelgate::overrides::{Override, Overrides};
use labelgate::sets::Roles;
use labelgate::{Action, Kind, Role};
use labelgate_service_tests::{By, Service, on_both};
use labelgate_sql_tests::tables::Thing;
use labelgate_sql_tests::{Cells, World};
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};

use crate::endpoints::{HERE, clear};
use crate::members::askers;
use crate::people::fill;

on_both! { guarded counted }

const PATH: &str = "/api/organizations/1/permissions/impact";

fn edited(permission: &str, roles: &[&str]) -> Json {
    json!({ "permission": permission, "roles": roles })
}

/// Whoever may save may see it, and nobody else. What is refused when it is saved is refused here.
async fn guarded(service: &Service) {
    let lists = [
        PATH.to_owned(),
        format!("{PATH}/members?change=lost"),
        format!("{PATH}/rows?change=lost&user=2"),
    ];
    for asked in askers(service).await {
        for path in &lists {
            let send = async |path: &str, body: Json| {
                let (status, _) = service.send(asked.by, Method::POST, path, body).await;
                status.as_u16()
            };
            let email = &asked.login.email;
            assert_eq!(
                send(path, edited("data.export", &["AD"])).await,
                asked.owns(200),
                "{email}"
            );
            let gap = edited("data.export", &["AN"]);
            assert_eq!(send(path, gap).await, asked.owns(400), "{email}");
            let elsewhere = path.replace("/1/", "/2/");
            assert_eq!(send(&elsewhere, edited("data.export", &["AD"])).await, 404, "{email}");
        }
    }
    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    for path in ["?change=", "?change=both", "", "?change=lost&after=+1", "?change=lost&page=0"] {
        let path = format!("{PATH}/members{path}");
        let body = edited("data.export", &["AD"]);
        let (status, _) = service.send(owner, Method::POST, &path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
    }
    // Nothing was saved, and the log says what was asked.
    let (_, saved) = service.get(owner, "/api/organizations/1/permissions").await;
    assert_eq!(saved, json!([]));
    service.send(owner, Method::POST, PATH, edited("data.export", &["AD"])).await;
    let (_, log) = service.get(owner, "/api/activity-logs/?page_size=1").await;
    let entry = &log[0]["data"][0];
    assert_eq!(
        (&entry["request_method"], &entry["response_code"]),
        (&json!("POST"), &json!("200"))
    );
    let operations = entry["extra_data"].as_array().expect("entries");
    let operations = operations.iter().map(|entry| &entry["change"]["operation"]);
    assert_eq!(operations.collect::<Vec<_>>(), ["read_overrides", "preview_matrix"]);
}

/// The rows of the kind, whichever organization they are of.
fn things(world: &World, kind: Kind) -> Vec<(i64, Thing)> {
    let is = |thing: &Thing| match *thing {
        Thing::Organization(id) => (Kind::Organization, id),
        Thing::Workspace(id) => (Kind::Workspace, id),
        Thing::Project(id) => (Kind::Project, id),
        Thing::Task(id) => (Kind::Task, id),
        Thing::Annotation(id) => (Kind::Record, id),
    };
    let things = world.things().into_iter().map(|thing| (is(&thing), thing));
    things.filter(|((of, _), _)| *of == kind).map(|((_, id), thing)| (id, thing)).collect()
}

/// The numbers, and all pages put together, of overrides that give and take.
async fn counted(service: &Service) {
    let world = fill(service).await;
    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    let edits: [(&str, &[&str]); 8] = [
        ("data.export", &["AD"]),
        ("data.export", &["AD", "MA", "RE"]),
        ("projects.view", &["AD", "MA"]),
        ("data.view", &["AD", "MA", "RE"]),
        ("annotations.review", &["AD", "MA", "RE", "AN"]),
        ("workspaces.view", &[]),
        ("api.use", &["AD", "MA", "RE", "AN"]),
        ("members.view", &["AD", "MA", "RE", "AN"]),
    ];
    let mut total = 0;
    for (key, roles) in edits {
        let permission: Action = key.parse().expect("a key");
        let of: Roles = roles.iter().map(|code| code.parse::<Role>().expect("a code")).collect();
        let Ok(set) = Overrides::new([Override { permission, roles: of }]) else {
            let (status, _) = service.send(owner, Method::POST, PATH, edited(key, roles)).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{key}");
            continue;
        };
        let (before, after) = (Cells::built_in(), Cells::of(set.matrix()));
        let (status, answer) = service.send(owner, Method::POST, PATH, edited(key, roles)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        for (side, granting, denying) in [("gained", &after, &before), ("lost", &before, &after)] {
            let mut pairs: Vec<(i64, i64)> = Vec::new();
            let here = world.organization_members.iter().filter(|row| row.organization_id == HERE);
            for member in here {
                for (id, thing) in things(&world, permission.kind()) {
                    let facts = world.facts(member.user_id, HERE, thing);
                    let may = |cells: &Cells| cells.may(member.role, key, facts);
                    if may(granting) && !may(denying) {
                        pairs.push((member.user_id, id));
                    }
                }
            }
            let count = |of: fn(&(i64, i64)) -> i64| {
                pairs.iter().fold(BTreeMap::new(), |mut counts, pair| {
                    *counts.entry(of(pair)).or_insert(0) += 1;
                    counts
                })
            };
            let (members, rows) = (count(|pair| pair.0), count(|pair| pair.1));
            let numbers = json!({
                "members": members.len(), "rows": rows.len(), "pairs": pairs.len(),
            });
            assert_eq!(answer[side], numbers, "{key} {side}");
            total += pairs.len();
            let list = async |what: &str| pages(service, owner, what, edited(key, roles)).await;
            assert_eq!(list(&format!("members?change={side}")).await, members, "{key} {side}");
            assert_eq!(list(&format!("rows?change={side}")).await, rows, "{key} {side}");
            if let Some((user, row)) = pairs.get(pairs.len() / 2).copied() {
                let of_user: BTreeMap<_, _> =
                    pairs.iter().filter(|pair| pair.0 == user).map(|pair| (pair.1, 1)).collect();
                assert_eq!(list(&format!("rows?change={side}&user={user}")).await, of_user);
                let of_row: BTreeMap<_, _> =
                    pairs.iter().filter(|pair| pair.1 == row).map(|pair| (pair.0, 1)).collect();
                assert_eq!(list(&format!("members?change={side}&row={row}")).await, of_row);
            }
        }
    }
    assert!(total > 50, "{total}");
    clear(service).await;
}

/// The ids of all pages, and how many rows or members each has.
async fn pages(service: &Service, by: By<'_>, list: &str, body: Json) -> BTreeMap<i64, i64> {
    let mut all: Vec<(i64, i64)> = Vec::new();
    loop {
        let after = all.last().map_or(String::new(), |(id, _)| format!("&after={id}"));
        let path = format!("{PATH}/{list}&page_size=3{after}");
        let (status, answer) = service.send(by, Method::POST, &path, body.clone()).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        let results = answer["results"].as_array().expect("a list");
        let number = |value: &Json| value.as_i64().expect("a number");
        all.extend(results.iter().map(|entry| match entry.get("user") {
            Some(user) => (number(&user["id"]), number(&entry["rows"])),
            None => (number(&entry["id"]), number(&entry["members"])),
        }));
        if results.len() < 3 {
            let ordered: BTreeMap<_, _> = all.iter().copied().collect();
            assert_eq!(ordered.len(), all.len(), "{path}: twice on a page");
            return ordered;
        }
    }
}
