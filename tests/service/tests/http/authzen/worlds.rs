//! Whatever a search returns, an evaluation permits, and the other way round: both are what the oracle says, of all
//! users, actions and rows of generated databases.

use std::collections::{BTreeMap, BTreeSet};

use labelgate_service_tests::{Service, on_both, oracle};
use labelgate_sql_tests::tables::{Random, Thing};
use labelgate_sql_tests::{Cells, World};
use sea_orm::Value;
use serde_json::{Value as Json, json};

use super::{ACTIONS, EVALUATIONS, RESOURCES, SUBJECTS, answered, credential, resource, user};

on_both! { searches_and_evaluations_agree }

/// The action of the service's own, and the one that it is decided as.
const OWN: (&str, &str) = ("webhooks.manage", "projects.change");

/// Who is no user of any world, and no row.
const NOBODY: i64 = 12_345;

/// The type and the id of a row.
fn named(thing: Thing) -> (&'static str, i64) {
    match thing {
        Thing::Organization(id) => ("organization", id),
        Thing::Workspace(id) => ("workspace", id),
        Thing::Project(id) => ("project", id),
        Thing::Task(id) => ("task", id),
        Thing::Annotation(id) => ("record", id),
    }
}

const TYPES: [&str; 5] = ["organization", "workspace", "project", "task", "record"];

/// The actions that are done to rows of a type, with the keys that the oracle knows.
fn actions(of: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let keys = oracle::TABLE.iter().map(|(_, key, ..)| (*key, *key)).chain([OWN]);
    keys.filter(move |(_, key)| match of {
        "record" => oracle::kind(key) == "Task",
        of => oracle::kind(key).eq_ignore_ascii_case(of),
    })
}

/// Puts the rows of a world in the place of all rows, as far as the tables take them.
async fn load(service: &Service, world: &World) {
    let run = async |sql: &str, values: Vec<Value>| {
        service.execute(&format!("{sql} ON CONFLICT DO NOTHING"), values).await
    };
    for table in ["organizations", "users"] {
        service.execute(&format!("DELETE FROM {table}"), []).await;
    }
    for row in &world.organizations {
        run("INSERT INTO organizations (id, title) VALUES ($1, 'o')", vec![row.id.into()]).await;
        let text = row.id.to_string();
        let sql = "INSERT INTO organization_settings VALUES ($1, 'NO', TRUE, '[]', $2, $3)";
        run(sql, vec![row.id.into(), text.clone().into(), text.into()]).await;
    }
    for (n, &id) in world.users.iter().enumerate() {
        let email = format!("u{n}@example.com");
        run("INSERT INTO users (id, email) VALUES ($1, $2)", vec![id.into(), email.into()]).await;
    }
    for row in &world.organization_members {
        let sql = "INSERT INTO members (organization_id, user_id, role, role_source) \
            VALUES ($1, $2, $3, 'manual')";
        run(sql, vec![row.organization_id.into(), row.user_id.into(), row.role.into()]).await;
    }
    for row in &world.workspaces {
        let (id, organization, by) = (row.id, row.organization_id, row.created_by);
        let values = vec![id.into(), organization.into(), by.into(), row.is_personal.into()];
        run(
            "INSERT INTO workspaces (id, organization_id, title, created_by, is_personal) \
            VALUES ($1, $2, 'w', $3, $4)",
            values,
        )
        .await;
    }
    for row in &world.workspace_members {
        let values = vec![row.workspace_id.into(), row.user_id.into()];
        run("INSERT INTO workspace_members (workspace_id, user_id) VALUES ($1, $2)", values).await;
    }
    for row in &world.projects {
        let (id, organization, within) = (row.id, row.organization_id, row.workspace_id);
        let (by, shows) = (row.created_by, row.show_annotation_history);
        let values = vec![id.into(), organization.into(), within.into(), by.into(), shows.into()];
        run(
            "INSERT INTO projects \
            (id, organization_id, workspace_id, title, created_by, show_annotation_history) \
            VALUES ($1, $2, $3, 'p', $4, $5)",
            values,
        )
        .await;
    }
    for row in &world.project_members {
        let values = vec![row.project_id.into(), row.user_id.into()];
        run("INSERT INTO project_members (project_id, user_id) VALUES ($1, $2)", values).await;
    }
    for row in &world.project_roles {
        let sql = "INSERT INTO project_roles (project_id, user_id, role, role_source) \
            VALUES ($1, $2, $3, 'manual')";
        run(sql, vec![row.project_id.into(), row.user_id.into(), row.role.into()]).await;
    }
    for row in &world.tasks {
        let values = vec![row.id.into(), row.project_id.into()];
        run("INSERT INTO tasks (id, project_id, data) VALUES ($1, $2, '{}')", values).await;
    }
    for row in &world.task_assignees {
        let values = vec![row.task_id.into(), row.project_id.into(), row.user_id.into()];
        run("INSERT INTO task_assignees (task_id, project_id, user_id, type) VALUES ($1, $2, $3, 'AN')", values).await;
    }
    for row in &world.annotations {
        let values = vec![row.id.into(), row.task_id.into(), row.completed_by.into()];
        run(
            "INSERT INTO annotations (id, task_id, completed_by, result) VALUES ($1, $2, $3, '[]')",
            values,
        )
        .await;
    }
}

/// An organization of a world, and the service that asks about it.
struct Asked<'a> {
    service: &'a Service,
    secret: String,
    world: &'a World,
    cells: Cells,
    organization: i64,
    /// All answers of evaluations that permit: the user, the name of the action, the row.
    permitted: BTreeSet<(i64, &'static str, &'static str, i64)>,
}

impl Asked<'_> {
    fn may(&self, user: i64, key: &str, thing: Thing) -> bool {
        let facts = || self.world.facts(user, self.organization, thing);
        let role = self.world.role(user, self.organization);
        role.is_some_and(|role| self.cells.may(role, key, facts()))
    }

    /// Asks for a decision about each user, action and row. Returns how many were asked for.
    async fn evaluate(&mut self, things: &[Thing]) -> usize {
        let mut count = 0;
        for &by in self.world.users.iter().chain([&NOBODY]) {
            let mut all = Vec::new();
            for &thing in things {
                let (kind, id) = named(thing);
                all.extend(
                    actions(kind).map(|(name, key)| (name, kind, id, self.may(by, key, thing))),
                );
                // An action that is done to another kind of row.
                let other = TYPES[(TYPES.iter().position(|name| *name == kind).unwrap() + 1) % 3];
                all.extend(actions(other).map(|(name, _)| (name, kind, id, false)));
            }
            for some in all.chunks(100) {
                let evaluations = some.iter().map(|(name, kind, id, _)| {
                    json!({ "action": { "name": name }, "resource": resource(kind, id) })
                });
                let evaluations: Vec<_> = evaluations.collect();
                let body = json!({ "subject": user(by), "evaluations": evaluations });
                let answer = answered(self.service, &self.secret, EVALUATIONS, body).await;
                let answers = answer["evaluations"].as_array().expect("a list");
                assert_eq!(answers.len(), some.len());
                for ((name, kind, id, expected), answer) in some.iter().zip(answers) {
                    let decision = answer["decision"].as_bool().expect("a decision");
                    assert_eq!(decision, *expected, "{by} {name} {kind} {id}: {answer}");
                    if decision {
                        self.permitted.insert((by, name, kind, *id));
                    }
                }
                count += some.len();
            }
        }
        count
    }

    /// All results of a search, page by page.
    async fn search(&self, path: &str, mut body: Json) -> Vec<Json> {
        let (mut found, limit) = (Vec::new(), 3);
        body["page"] = json!({ "limit": limit });
        loop {
            let answer = answered(self.service, &self.secret, path, body.clone()).await;
            let results = answer["results"].as_array().expect("a list");
            assert!(results.len() <= limit);
            found.extend_from_slice(results);
            let token = &answer["page"]["next_token"];
            if token == "" {
                return found;
            }
            assert_eq!(results.len(), limit, "only the last page has fewer");
            body["page"] = json!({ "token": token });
        }
    }

    async fn search_subjects(&self, things: &[Thing]) {
        for &thing in things {
            let (kind, id) = named(thing);
            for (name, _) in actions(kind) {
                let body = json!({
                    "subject": { "type": "user" }, "action": { "name": name }, "resource": resource(kind, id),
                });
                let permitted = self.permitted.iter();
                let permitted =
                    permitted.filter(|(_, of, on, at)| (*of, *on, *at) == (name, kind, id));
                let expected: Vec<_> = permitted.map(|(by, ..)| user(by)).collect();
                assert_eq!(self.search(SUBJECTS, body).await, expected, "{name} {kind} {id}");
            }
        }
    }

    async fn search_resources(&self) {
        for &by in self.world.users.iter().chain([&NOBODY]) {
            for kind in TYPES {
                for (name, _) in actions(kind) {
                    let body = json!({
                        "subject": user(by), "action": { "name": name }, "resource": { "type": kind },
                    });
                    let permitted = self.permitted.iter();
                    let permitted =
                        permitted.filter(|(of, did, on, _)| (*of, *did, *on) == (by, name, kind));
                    let expected: Vec<_> = permitted.map(|(.., id)| resource(kind, id)).collect();
                    assert_eq!(self.search(RESOURCES, body).await, expected, "{by} {name} {kind}");
                }
            }
        }
    }

    async fn search_actions(&self, things: &[Thing]) {
        let mut names: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
        for &(by, name, kind, id) in &self.permitted {
            names.entry((by, kind, id)).or_default().insert(name);
        }
        for &by in self.world.users.iter().chain([&NOBODY]) {
            for (kind, id) in things.iter().copied().map(named) {
                let body = json!({ "subject": user(by), "resource": resource(kind, id) });
                let found = self.search(ACTIONS, body).await;
                let found: Vec<_> =
                    found.iter().map(|one| one["name"].as_str().expect("a name")).collect();
                let set: BTreeSet<_> = found.iter().copied().collect();
                assert_eq!(set.len(), found.len(), "each once");
                assert_eq!(
                    set,
                    names.remove(&(by, kind, id)).unwrap_or_default(),
                    "{by} {kind} {id}"
                );
            }
        }
    }
}

async fn searches_and_evaluations_agree(service: &Service) {
    let (mut asked, mut permitted) = (0, 0);
    for seed in 0..worlds() {
        load(service, &World::generate(seed)).await;
        let world = service.world().await;
        let mut things = world.things();
        things.extend([
            Thing::Organization(NOBODY),
            Thing::Workspace(NOBODY),
            Thing::Project(NOBODY),
            Thing::Task(NOBODY),
            Thing::Annotation(NOBODY),
        ]);
        for (n, row) in world.organizations.iter().enumerate() {
            let overrides = Random(seed + n as u64).overrides();
            let cells = if n == 0 { Cells::built_in() } else { Cells::of(overrides.matrix()) };
            if n != 0 {
                let text = json!(overrides).to_string();
                let sql =
                    "UPDATE organization_settings SET overrides = $1 WHERE organization_id = $2";
                service.execute(sql, [text.into(), row.id.into()]).await;
            }
            let (organization, permitted_here) = (row.id, BTreeSet::new());
            let secret = credential(service, organization).await;
            let mut here = Asked {
                service,
                secret,
                world: &world,
                cells,
                organization,
                permitted: permitted_here,
            };
            asked += here.evaluate(&things).await;
            permitted += here.permitted.len();
            here.search_subjects(&things).await;
            here.search_resources().await;
            here.search_actions(&things).await;
        }
    }
    println!("{asked} evaluations, {permitted} of them permitted");
    assert!(permitted > 500 && asked > 10 * permitted, "{asked} {permitted}");
}

/// How many worlds there are, as in the tests of SQL.
fn worlds() -> u64 {
    let worlds = std::env::var("LABELGATE_WORLDS").ok();
    worlds.map_or(1, |worlds| worlds.parse().expect("a number"))
}
