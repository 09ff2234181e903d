//! Do the examples do what they say, on the files that come with them and on malformed ones?

use std::collections::BTreeSet;

use labelgate::act::Category;
use labelgate::overrides::Overrides;
use labelgate::{Action, Matrix, OrganizationId, Role, Subject, UserId};
use labelgate_examples::{common, decide, matrix, replay, world};
use labelgate_test_input::hostile::{self, hostile_texts};
use labelgate_test_support::oracle;
use labelgate_test_support::scopes::{self, ScopeFacts};
use labelgate_test_support::tables::{self, Thing, World};
use serde_json::Value;

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
        let facts = ScopeFacts {
            organization: fact("organization"),
            workspace: fact("workspace"),
            project: fact("project"),
            own: fact("own"),
            own_permitted: fact("own_permitted"),
        };
        let allowed = scopes::may(text("role"), text("action"), facts);
        let words: Vec<_> = decision.split_whitespace().take(3).collect();
        assert_eq!(words, [if allowed { "allow" } else { "deny" }, text("role"), text("action")]);
        seen.extend([(text("action"), allowed), (text("role"), facts.organization)]);
    }
    for category in Category::ALL {
        for allowed in [true, false] {
            let mut actions =
                Action::ALL.into_iter().filter(|action| action.category() == category);
            assert!(
                actions.any(|action| seen.contains(&(action.key(), allowed))),
                "{category} {allowed}"
            );
        }
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
        (
            r#"{"role": "MA", "role": "OW", "action": "data.view", "facts": {}}"#,
            "duplicate field `role` at line 2",
        ),
        (r#"["MA", "data.view", {}]"#, "invalid type: sequence, expected an object at line 2"),
        (r#"{"role": "MA""#, "expected `,` or `}` at line 3"),
    ] {
        let error = decide::decide_all(&format!("[{good},\n{bad}\n]")).unwrap_err();
        assert!(error.starts_with(reason), "{error}");
    }
    assert_eq!(decide::decide_all("[]").unwrap(), "");
    assert!(decide::decide_all("").is_err());
}

#[test]
fn replay_says_what_overrides_would_change_in_a_log() {
    let log = include_str!("../examples/log.jsonl");
    let overrides: Overrides =
        serde_json::from_str(include_str!("../examples/overrides.json")).unwrap();
    assert_eq!(
        replay::replay(log, &overrides.matrix()).unwrap(),
        "would_be_denied: user 7 of organization 1: data.export of project 100: allowed\n\
         would_be_denied: user 8 of organization 1: tasks.assign_annotators of task 1000: allowed\n\
         would_be_permitted: user 8 of organization 1: annotations.review of task 1000: not_through_api\n\n\
         not replayed: 1\nunchanged: 7\nwould_be_denied: 2\nwould_be_permitted: 1\n"
    );
    // Each entry that can be replayed is one that the built-in matrix decided.
    let unchanged = "\nnot replayed: 1\nunchanged: 10\n";
    assert_eq!(replay::replay(log, &Matrix::BUILT_IN).unwrap(), unchanged);
    let malformed = log.replacen("\"MA\"", "\"ma\"", 1);
    let error = replay::replay(&malformed, &Matrix::BUILT_IN).unwrap_err();
    assert!(error.starts_with("line 1: unknown role code `ma`"), "{error}");
}

#[test]
fn what_examples_print_of_an_error_is_one_short_line() {
    for text in hostile_texts() {
        let text = Value::from(text);
        for bad in [
            text.to_string(),
            format!("[{text}]"),
            format!("[{{{text}: 1}}]"),
            format!(r#"[{{"role": {text}}}]"#),
            format!(r#"[{{"role": "MA", "facts": {{{text}: true}}}}]"#),
            format!(r#"[{{"role": "MA", "facts": {{"own": {text}}}}}]"#),
        ] {
            refused_briefly(decide::decide_all, &bad);
        }
        for bad in [
            text.to_string(),
            format!("{{{text}: 1}}"),
            format!(r#"{{"organizations": {text}}}"#),
            format!(r#"{{"organizations": [{text}]}}"#),
            format!(r#"{{"organizations": [{{{text}: 1}}]}}"#),
            format!(r#"{{"organizations": [{{"id": {text}}}]}}"#),
            format!(r#"{{"organizations": [{{"members": {text}}}]}}"#),
            format!(r#"{{"organizations": [{{"members": {{{text}: "OW"}}}}]}}"#),
            format!(r#"{{"organizations": [{{"members": {{"ada": {text}}}}}]}}"#),
            format!(r#"{{"organizations": [{{"workspaces": [{{"sandbox": {text}}}]}}]}}"#),
        ] {
            refused_briefly(world::table, &bad);
        }
    }
    let path = format!("\u{1b}[2J\n{}", "a".repeat(1000));
    let refusal = common::answer_file(path.as_ref(), decide::decide_all).unwrap_err();
    assert!(refusal.starts_with(r"\u{1b}[2J\naaa"), "{refusal}");
    assert!(hostile::is_tame(&refusal), "{refusal}");
}

/// Refused in one short line that says where.
fn refused_briefly(answer: fn(&str) -> Result<String, String>, json: &str) {
    let refusal = answer(&format!("\n{json}")).unwrap_err();
    assert!(hostile::is_tame(&refusal), "{} bytes", refusal.len());
    assert!(refusal.contains(" at line 2 column "), "{refusal}");
}

const WORLD: &str = include_str!("../examples/world.json");

/// The world of the file in the tables of the naive model, and a name for each thing in it.
#[derive(Default)]
struct Tables {
    users: Vec<String>,
    world: World,
    names: Vec<(Thing, String)>,
}

impl Tables {
    fn read(json: &str) -> Self {
        let json: Value = serde_json::from_str(json).unwrap();
        let mut tables = Self::default();
        for organization in json["organizations"].as_array().unwrap() {
            let (id, name) = (tables.next(), text(&organization["id"]));
            tables.world.organizations.push(tables::OrganizationRow { id });
            tables.names.push((Thing::Organization(id), name.clone()));
            for (user, role) in organization["members"].as_object().unwrap() {
                let (user_id, role) = (tables.user(user), code(role));
                let row = tables::OrganizationMemberRow { organization_id: id, user_id, role };
                tables.world.organization_members.push(row);
            }
            for row in organization["workspaces"].as_array().unwrap() {
                let workspace_id = tables.next();
                let place = format!("{name}/{}", text(&row["id"]));
                tables.names.push((Thing::Workspace(workspace_id), place.clone()));
                let created_by = Some(tables.user(&text(&row["creator"])));
                tables.world.workspaces.push(tables::WorkspaceRow {
                    id: workspace_id,
                    organization_id: id,
                    created_by,
                    is_personal: row["sandbox"] == true,
                });
                for user_id in tables.users(&row["members"]) {
                    let row = tables::WorkspaceMemberRow { workspace_id, user_id };
                    tables.world.workspace_members.push(row);
                }
                tables.projects(id, Some(workspace_id), &place, &row["projects"]);
            }
            tables.projects(id, None, &name, &organization["projects"]);
        }
        tables
    }

    fn projects(&mut self, organization: i64, workspace: Option<i64>, place: &str, rows: &Value) {
        for row in rows.as_array().unwrap() {
            let (project_id, place) = (self.next(), format!("{place}/{}", text(&row["id"])));
            self.names.push((Thing::Project(project_id), place.clone()));
            let created_by = Some(self.user(&text(&row["creator"])));
            self.world.projects.push(tables::ProjectRow {
                id: project_id,
                organization_id: organization,
                workspace_id: workspace,
                created_by,
                show_annotation_history: row["annotators_view_own_data"] == true,
            });
            for user_id in self.users(&row["members"]) {
                self.world.project_members.push(tables::ProjectMemberRow { project_id, user_id });
            }
            for (user, role) in row["roles"].as_object().unwrap() {
                let (user_id, role) = (self.user(user), code(role));
                self.world.project_roles.push(tables::ProjectRoleRow { project_id, user_id, role });
            }
            for task in row["tasks"].as_array().unwrap() {
                let task_id = self.next();
                self.names.push((Thing::Task(task_id), format!("{place}/{}", text(&task["id"]))));
                self.world.tasks.push(tables::TaskRow { id: task_id, project_id });
                for user_id in self.users(&task["assignees"]) {
                    let row = tables::TaskAssigneeRow { task_id, user_id, project_id };
                    self.world.task_assignees.push(row);
                }
            }
        }
    }

    /// An id that nothing has yet.
    fn next(&self) -> i64 {
        self.names.len() as i64
    }

    fn user(&mut self, name: &str) -> i64 {
        let known = self.users.iter().position(|user| user == name);
        known.unwrap_or_else(|| {
            self.users.push(name.to_owned());
            self.users.len() - 1
        }) as i64
    }

    fn users(&mut self, names: &Value) -> Vec<i64> {
        names.as_array().unwrap().iter().map(|name| self.user(&text(name))).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn code(value: &Value) -> &'static str {
    oracle::CODES.into_iter().find(|&code| value == code).unwrap()
}

#[test]
fn world_prints_what_the_naive_model_finds_in_the_same_world() {
    let tables = Tables::read(WORLD);
    let table = world::table(WORLD).unwrap();
    let printed: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split("  ").map(str::trim).filter(|word| !word.is_empty()).collect())
        .collect();

    let mut rows = 0;
    for (thing, place) in &tables.names {
        for member in &tables.world.organization_members {
            let (organization, user) = (member.organization_id, member.user_id);
            let home = Thing::Organization(organization);
            let home = &tables.names.iter().find(|(thing, _)| *thing == home).unwrap().1;
            let who = format!("{}@{home}", tables.users[user as usize]);
            let may: Vec<_> = oracle::TABLE
                .iter()
                .map(|row| row.1)
                .filter(|key| tables.world.may(user, organization, key, *thing))
                .collect();
            let row = printed.iter().find(|row| row[0] == place && row[1] == who);
            assert_eq!(row.is_some(), !may.is_empty(), "{who} on {place}");
            if let Some(row) = row {
                let expected =
                    if may.len() > 6 { format!("{} actions", may.len()) } else { may.join(", ") };
                assert_eq!((row[2], row[3]), (member.role, expected.as_str()), "{who} on {place}");
                let facts = tables.world.facts(user, organization, *thing).unwrap();
                let facts = oracle::FACTS
                    .into_iter()
                    .map(|fact| fact.0)
                    .filter(|name| oracle::holds(facts, name));
                let facts = format!("[{}]", facts.collect::<Vec<_>>().join(", "));
                assert_eq!(row[4], facts, "{who} on {place}");
                rows += 1;
            }
        }
    }
    assert_eq!(printed.len(), rows);
}

#[test]
fn world_prints_the_filters_of_all_roles() {
    let printed = world::filters();
    let mut lines = printed.lines();
    for role in Role::ALL {
        for action in Action::ALL {
            let filter =
                Subject::new(OrganizationId(1), UserId(7), role).filter(action).to_string();
            if filter != "nothing" {
                let line = lines.next().unwrap();
                let words: Vec<_> = line.splitn(3, "  ").map(str::trim).collect();
                assert_eq!(words, [role.code(), action.key(), &filter]);
            }
        }
    }
    assert_eq!(lines.next(), None);
    assert!(!printed.contains("NO  ") && !printed.contains("DI  "));
}

#[test]
fn world_refuses_a_malformed_world_with_line_and_reason() {
    for (good, bad, reason) in [
        (r#""rob": "RE""#, r#""rob": "Reviewer""#, "unknown role code `Reviewer` at line 7"),
        (r#""rob": "AN""#, r#""rob": "MA""#, "unknown project role code `MA` at line 21"),
        (r#""sandbox": true,"#, r#""sand": true,"#, "unknown field `sand`, expected one of"),
        (r#""creator": "abe","#, "", "missing field `creator` at line 54"),
        (r#""ann": "AN","#, r#""ann": "AN", "ann": "OW","#, "`ann` stands twice at line 7"),
        (r#""old": "RE""#, r#""old": "RE", "rob": "RE""#, "`rob` stands twice at line 21"),
        (r#"["rob", "ann"]"#, r#"["rob", "ann", "rob"]"#, "`rob` stands twice at line 14"),
        (r#"["max", "amy"]"#, r#"["max", "max"]"#, "`max` stands twice at line 51"),
        (r#"["amy", "old"]"#, r#"["amy", "amy"]"#, "`amy` stands twice at line 24"),
        (r#""id": "2""#, r#""id": "1""#, "`1` stands twice at line 25"),
        (r#""id": "bolt""#, r#""id": "acme""#, "`acme` stands twice at line "),
        (r#""id": "sandbox""#, r#""id": "vision""#, "`vision` stands twice at line 45"),
        // In two workspaces, and in one and none: known at the end of the organization.
        (r#""id": "trial""#, r#""id": "cats""#, "`cats` stands twice at line 57"),
        (r#""id": "texts""#, r#""id": "trial""#, "`trial` stands twice at line 57"),
        (r#""id": "acme""#, r#""id": """#, "not an id ``, expected 1 to 64 ASCII letters"),
        (r#""id": "acme""#, r#""id": "ac\nme""#, r"not an id `ac\nme`"),
        (r#""id": "acme""#, r#""id": "ac me""#, "not an id `ac me`"),
        (r#""id": "acme""#, r#""id": "a` b""#, r"not an id `a\` b`"),
        (r#""id": "vision""#, r#""id": "a/b""#, "not an id `a/b`"),
        (r#""id": "cats""#, r#""id": "c\u00e4ts""#, "not an id `cäts`"),
        (r#""id": "1""#, r#""id": 1"#, "invalid type: integer `1`, expected a string at line 23"),
        (r#""new": "NO""#, r#""\u001b[2J": "NO""#, r"not an id `\u{1b}[2J`"),
        (r#""creator": "max""#, r#""creator": "m@x""#, "not an id `m@x`"),
        (r#"["rob", "ann"]"#, r#"["rob", "ann "]"#, "not an id `ann `"),
        (r#"["amy", "old"]"#, r#"["amy", ""]"#, "not an id ``"),
        (r#""old": "RE""#, r#""o,d": "RE""#, "not an id `o,d`"),
        (
            r#"{"id": "1", "assignees": ["ann"]}"#,
            r#"["1", ["ann"]]"#,
            "invalid type: sequence, expected an object at line 23",
        ),
    ] {
        assert!(WORLD.contains(good));
        let error = world::table(&WORLD.replacen(good, bad, 1)).unwrap_err();
        assert!(error.starts_with(reason), "{error}");
        assert!(error.contains(" at line "), "{error}");
    }
    let positional = format!("[{}]", &WORLD[WORLD.find('[').unwrap()..WORLD.rfind('}').unwrap()]);
    assert!(world::table(&positional).unwrap_err().starts_with("invalid type: sequence"));
}

#[test]
fn every_field_of_a_world_has_to_be_there() {
    let json: Value = serde_json::from_str(WORLD).unwrap();
    assert!(world::table(&json.to_string()).is_ok());
    let mut fields = Vec::new();
    objects(&json, String::new(), &mut fields);
    for (object, field) in fields {
        let mut less = json.clone();
        less.pointer_mut(&object).unwrap().as_object_mut().unwrap().remove(&field);
        let refused = world::table(&less.to_string());
        // A member is no field.
        if object.ends_with("/members") || object.ends_with("/roles") {
            assert!(refused.is_ok(), "{object}/{field}");
        } else {
            assert!(refused.unwrap_err().starts_with(&format!("missing field `{field}`")));
        }
    }
}

/// The fields of all objects in a value, by the path to the object.
fn objects(value: &Value, path: String, fields: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (field, value) in object {
                fields.push((path.clone(), field.clone()));
                objects(value, format!("{path}/{field}"), fields);
            }
        }
        Value::Array(list) => {
            for (position, value) in list.iter().enumerate() {
                objects(value, format!("{path}/{position}"), fields);
            }
        }
        _ => {}
    }
}

#[test]
fn ids_of_a_world_are_up_to_64_letters_digits_and_marks() {
    let id = |id: &str| world::table(&WORLD.replacen("\"acme\"", &Value::from(id).to_string(), 1));
    for good in ["a", "Z", "9", "-", "_", ".", "a-b_c.d", &"a".repeat(64)] {
        assert!(id(good).unwrap().starts_with(good));
    }
    for c in '\0'..'\u{250}' {
        let good = c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c);
        assert_eq!(id(&c.to_string()).is_ok(), good, "{c:?}");
    }
    assert!(id(&"a".repeat(65)).is_err());
}

#[test]
fn matrix_prints_the_organization_s_and_what_differs() {
    let overrides = include_str!("../examples/overrides.json");
    let text = matrix::matrix(overrides).unwrap();
    assert!(text.contains("| ExportData | `data.export` | - | - | - | G | G |\n"));
    assert!(text.ends_with("`RE` gains `api.use` through `project`\n"));
    let built_in = matrix::matrix("[]").unwrap();
    assert_eq!(built_in, format!("{}\n", labelgate::Matrix::BUILT_IN));
    for (bad, reason) in [
        ("[{", "EOF while parsing"),
        (r#"[{"permission": "x", "roles": []}]"#, "unknown action key `x` at line 1"),
        (
            "[{\"permission\": \"data.export\", \"roles\": [\"AN\"]}]",
            "`data.export` leaves out `AD`, which is more powerful than a role that it names",
        ),
    ] {
        let refusal = matrix::matrix(bad).unwrap_err();
        assert!(refusal.starts_with(reason), "{refusal}");
    }
}

/// What README shows is what `decide` prints, and its first screen is one.
#[test]
fn the_readme_shows_what_decide_prints() {
    let readme = include_str!("../README.md");
    assert!(readme.lines().count() - Action::COUNT <= 130);
    let printed = decide::decide_all(REQUESTS).unwrap();
    let (_, shown) = readme.split_once("```text\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    assert!(shown.lines().count() >= 2);
    for line in shown.lines() {
        assert!(printed.lines().any(|printed| printed == line), "{line}");
    }
}
