//! Do the examples do what they say, on the files that come with them and on malformed ones?

mod common;
#[path = "common/world.rs"]
#[allow(dead_code, reason = "nothing is generated here")]
mod world;

#[allow(dead_code, reason = "its main is not called")]
#[path = "../examples/decide.rs"]
mod decide;
#[allow(dead_code, reason = "its main is not called")]
#[path = "../examples/world.rs"]
mod world_example;

use std::collections::BTreeSet;

use labelgate::{Action, Role};
use serde_json::Value;
use world::{Member, ProjectRole, ProjectRow, TaskRow, Thing, WorkspaceRow, World};

const REQUESTS: &str = include_str!("../examples/requests.json");

#[test]
fn decide_prints_the_oracle_s_decision_for_every_request() {
    let requests: Vec<serde_json::Value> = serde_json::from_str(REQUESTS).unwrap();
    assert!(requests.len() >= 40);
    let decisions = decide::decide_all(REQUESTS).unwrap();
    assert_eq!(decisions.lines().count(), requests.len());

    let mut seen = BTreeSet::new();
    for (request, decision) in requests.iter().zip(decisions.lines()) {
        let text = |name: &str| request[name].as_str().unwrap();
        let fact = |name: &str| request["facts"][name] == true;
        let facts = common::Facts {
            organization: fact("organization"),
            workspace: fact("workspace"),
            project: fact("project"),
            own: fact("own"),
            own_permitted: fact("own_permitted"),
        };
        let allowed = common::may(text("role"), text("action"), facts);
        let words: Vec<_> = decision.split_whitespace().take(3).collect();
        assert_eq!(words, [if allowed { "allow" } else { "deny" }, text("role"), text("action")]);
        seen.extend([(text("action"), allowed), (text("role"), facts.organization)]);
    }
    for action in Action::ALL {
        assert!(seen.contains(&(action.key(), true)), "{action} is never allowed");
        assert!(seen.contains(&(action.key(), false)), "{action} is never denied");
    }
    for role in Role::ALL {
        assert!(seen.contains(&(role.code(), true)), "no member is {role}");
    }
}

#[test]
fn decide_refuses_malformed_requests_with_line_and_reason() {
    let good = r#"{"role": "MA", "action": "data.export", "facts": {"organization": true}}"#;
    for (bad, reason) in [
        (
            r#"{"role": "ma", "action": "data.view", "facts": {}}"#,
            "unknown role code `ma` at line 2",
        ),
        (r#"{"role": "MA", "action": "data", "facts": {}}"#, "unknown action key `data` at line 2"),
        (r#"{"role": "MA", "action": "data.view"}"#, "missing field `facts` at line 2"),
        (
            r#"{"role": "MA", "action": "data.view", "facts": {"project": true}}"#,
            "`project` needs `organization` at line 2",
        ),
        (
            r#"{"role": "MA", "action": "data.view", "facts": {}, "admin": true}"#,
            "unknown field `admin`, expected one of `role`, `action`, `facts` at line 2",
        ),
        (r#"{"role": "MA""#, "expected `,` or `}` at line 3"),
    ] {
        let error = decide::decide_all(&format!("[{good},\n{bad}\n]")).unwrap_err().to_string();
        assert!(error.starts_with(reason), "{error}");
    }
    assert_eq!(decide::decide_all("[]").unwrap(), "");
    assert!(decide::decide_all("").is_err());
}

const WORLD: &str = include_str!("../examples/world.json");

/// The world of the file in the tables of the naive model, and a name for each thing in it.
struct Tables {
    users: Vec<String>,
    world: World,
    names: Vec<(Thing, String)>,
}

impl Tables {
    fn read(json: &str) -> Self {
        let json: Value = serde_json::from_str(json).unwrap();
        let mut tables = Self { users: Vec::new(), world: World::default(), names: Vec::new() };
        for (number, organization) in json["organizations"].as_array().unwrap().iter().enumerate() {
            let number = number as u32;
            let name = text(&organization["id"]);
            tables.world.organizations += 1;
            tables.names.push((Thing::Organization(number), name.clone()));
            for (user, role) in organization["members"].as_object().unwrap() {
                let user = tables.user(user);
                tables.world.members.push(Member { organization: number, user, role: code(role) });
            }
            for row in organization["workspaces"].as_array().unwrap() {
                let (creator, workspace) =
                    (tables.user(&text(&row["creator"])), tables.world.workspaces.len());
                let place = format!("{name}/{}", text(&row["id"]));
                tables.names.push((Thing::Workspace(workspace), place.clone()));
                let members = tables.users(&row["members"]);
                tables.world.workspaces.push(WorkspaceRow {
                    organization: number,
                    id: workspace as u32,
                    creator: Some(creator),
                    sandbox_of: (row["sandbox"] == true).then_some(creator),
                    members,
                });
                tables.projects(number, Some(workspace), &place, &row["projects"]);
            }
            tables.projects(number, None, &name, &organization["projects"]);
        }
        tables
    }

    fn projects(&mut self, organization: u32, workspace: Option<usize>, place: &str, rows: &Value) {
        for row in rows.as_array().unwrap() {
            let project = self.world.projects.len();
            let place = format!("{place}/{}", text(&row["id"]));
            self.names.push((Thing::Project(project), place.clone()));
            let (creator, members) =
                (self.user(&text(&row["creator"])), self.users(&row["members"]));
            self.world.projects.push(ProjectRow {
                organization,
                id: project as u32,
                workspace,
                creator: Some(creator),
                setting: row["annotators_view_own_data"] == true,
                members,
            });
            for (user, role) in row["roles"].as_object().into_iter().flatten() {
                let user = self.user(user);
                self.world.project_roles.push(ProjectRole { project, user, role: code(role) });
            }
            for task in row["tasks"].as_array().unwrap() {
                let task_name = format!("{place}/{}", text(&task["id"]));
                self.names.push((Thing::Task(self.world.tasks.len()), task_name));
                let assignees = self.users(&task["assignees"]);
                self.world.tasks.push(TaskRow { project, record: false, people: assignees });
            }
        }
    }

    fn user(&mut self, name: &str) -> u32 {
        let known = self.users.iter().position(|user| user == name);
        known.unwrap_or_else(|| {
            self.users.push(name.to_owned());
            self.users.len() - 1
        }) as u32
    }

    fn users(&mut self, names: &Value) -> Vec<u32> {
        names.as_array().unwrap().iter().map(|name| self.user(&text(name))).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn code(value: &Value) -> &'static str {
    common::CODES.into_iter().find(|&code| value == code).unwrap()
}

#[test]
fn world_prints_what_the_naive_model_finds_in_the_same_world() {
    let tables = Tables::read(WORLD);
    let table = world_example::table(WORLD).unwrap();
    let printed: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split("  ").map(str::trim).filter(|word| !word.is_empty()).collect())
        .collect();

    let mut rows = 0;
    for (thing, place) in &tables.names {
        for member in &tables.world.members {
            let organization = &tables.names.iter().find(|(thing, _)| {
                matches!(thing, Thing::Organization(number) if *number == member.organization)
            });
            let who = format!("{}@{}", tables.users[member.user as usize], organization.unwrap().1);
            let role = tables.world.role(member, *thing);
            let may: Vec<_> = common::TABLE
                .iter()
                .map(|row| row.1)
                .filter(|key| tables.world.may(member, key, *thing))
                .collect();
            let row = printed.iter().find(|row| row[0] == place && row[1] == who);
            assert_eq!(row.is_some(), !may.is_empty(), "{who} on {place}");
            if let Some(row) = row {
                let expected =
                    if may.len() > 6 { format!("{} actions", may.len()) } else { may.join(", ") };
                assert_eq!((row[2], row[4]), (role, expected.as_str()), "{who} on {place}");
                rows += 1;
            }
        }
    }
    assert_eq!(printed.len(), rows);
}

#[test]
fn world_refuses_a_malformed_world_with_line_and_reason() {
    for (good, bad, reason) in [
        (r#""rob": "RE""#, r#""rob": "Reviewer""#, "unknown role code `Reviewer` at line 7"),
        (r#""rob": "AN""#, r#""rob": "MA""#, "unknown project role code `MA` at line 20"),
        (r#""sandbox": true,"#, r#""sand": true,"#, "unknown field `sand`"),
        (r#""creator": "abe","#, "", "missing field `creator` at line 45"),
    ] {
        assert!(WORLD.contains(good));
        let error = world_example::table(&WORLD.replacen(good, bad, 1)).err().unwrap().to_string();
        assert!(error.starts_with(reason), "{error}");
    }
}
