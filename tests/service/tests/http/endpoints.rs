//! Every endpoint that is about a row or a list, for every role, through a session and a token, on rows
//! that are reached in every way. What is expected is computed from the specification's table of
//! endpoints, typed here, and the tests' oracle, which walks the tables.

use labelgate::{OrganizationId, Role, Subject, UserId};
use labelgate_service::seed::Login;
use labelgate_service_tests::{By, Engine, Service, on_both, oracle};
use labelgate_sql_tests::World;
use labelgate_sql_tests::tables::Thing;
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value as Json, json};

on_both! { rows lists own_account organization nobody }

pub(crate) const HERE: i64 = 1;
const ELSEWHERE: i64 = 2;

/// What an endpoint asks, and of what.
#[derive(Clone, Copy, Debug)]
enum Asks {
    Workspace(&'static str),
    /// The same, where a personal sandbox is a conflict.
    Shared(&'static str),
    Project(&'static str),
    Task(&'static str),
    Record(&'static str),
    /// A list in the project: what is known of the project is given.
    In(&'static str),
    /// The right to change the project, and to create one where it goes.
    Move,
    /// The people of a project or a workspace: the right to view it, and then the people page.
    PeopleOfProject,
    PeopleOfWorkspace,
    PeopleOfTask,
    /// The right to change the project, and then its people.
    ExportOfPeople,
    /// The right to view the workspace, and then the list in it.
    InWorkspace(&'static str),
    /// The right to change the project of the workspace, and to create one outside of all workspaces.
    MoveOut,
}

/// The part of the page that is about rows. `{w}`, `{p}`, `{t}`, `{a}` are the ids of a workspace, a
/// project in it, a task and an annotation in that, `{u}` is a colleague, `{v}` another workspace.
const PAGE: &[(&str, &str, &str, Asks, u16)] = &[
    ("GET", "/api/workspaces/{w}/", "", Asks::Workspace("workspaces.view"), 200),
    (
        "PATCH",
        "/api/workspaces/{w}/",
        r#"{"title":"x"}"#,
        Asks::Workspace("workspaces.change"),
        200,
    ),
    (
        "POST",
        "/api/workspaces/{w}/memberships/",
        r#"{"user":{u}}"#,
        Asks::Shared("workspaces.change"),
        201,
    ),
    ("GET", "/api/workspaces/{w}/memberships/", "", Asks::PeopleOfWorkspace, 200),
    ("GET", "/api/workspaces/{w}/memberships/paginated/", "", Asks::PeopleOfWorkspace, 200),
    (
        "DELETE",
        "/api/workspaces/{w}/memberships/?user_id={u}",
        "",
        Asks::Shared("workspaces.change"),
        204,
    ),
    (
        "POST",
        "/api/projects/",
        r#"{"title":"x","workspace":{w}}"#,
        Asks::Workspace("projects.create"),
        201,
    ),
    ("GET", "/api/projects/{p}/", "", Asks::Project("projects.view"), 200),
    ("PATCH", "/api/projects/{p}/", r#"{"title":"x"}"#, Asks::Project("projects.change"), 200),
    ("PATCH", "/api/projects/{p}/", r#"{"workspace":{v}}"#, Asks::Move, 200),
    (
        "POST",
        "/api/projects/{p}/members/",
        r#"{"user":{u}}"#,
        Asks::Project("projects.change"),
        201,
    ),
    ("GET", "/api/projects/{p}/members/paginated/", "", Asks::PeopleOfProject, 200),
    ("GET", "/api/projects/{p}/people/?action=data.export", "", Asks::PeopleOfProject, 200),
    ("DELETE", "/api/projects/{p}/members/?user={u}", "", Asks::Project("projects.change"), 204),
    (
        "POST",
        "/api/projects/{p}/import",
        r#"[{"data":{"n":1}},{"n":2}]"#,
        Asks::Project("data.import"),
        201,
    ),
    ("GET", "/api/projects/{p}/export", "", Asks::Project("data.export"), 200),
    ("GET", "/api/projects/{p}/roles", "", Asks::Project("members.view"), 200),
    ("GET", "/api/projects/{p}/next/", "", Asks::In("tasks.label"), 200),
    ("GET", "/api/tasks/?project={p}", "", Asks::In("data.view"), 200),
    ("POST", "/api/tasks/", r#"{"data":{"n":1},"project":{p}}"#, Asks::Project("data.import"), 201),
    ("GET", "/api/tasks/{t}/", "", Asks::Task("data.view"), 200),
    (
        "POST",
        "/api/projects/{p}/tasks/{t}/assignees",
        r#"{"type":"AN","users":[{u}]}"#,
        Asks::Task("tasks.assign_annotators"),
        201,
    ),
    (
        "POST",
        "/api/projects/{p}/tasks/{t}/assignees",
        r#"{"type":"RE","users":[{u}]}"#,
        Asks::Task("tasks.assign_reviewers"),
        201,
    ),
    (
        "DELETE",
        "/api/projects/{p}/tasks/{t}/assignees?type=AN&users={u}",
        "",
        Asks::Task("tasks.assign_annotators"),
        204,
    ),
    (
        "DELETE",
        "/api/projects/{p}/tasks/{t}/assignees?type=RE&users={u}",
        "",
        Asks::Task("tasks.assign_reviewers"),
        204,
    ),
    ("GET", "/api/tasks/{t}/annotations/", "", Asks::In("data.view"), 200),
    ("POST", "/api/tasks/{t}/annotations/", r#"{"result":[]}"#, Asks::Task("tasks.label"), 201),
    ("GET", "/api/annotations/{a}/", "", Asks::Record("data.view"), 200),
    (
        "PATCH",
        "/api/annotations/{a}/",
        r#"{"result":[1]}"#,
        Asks::Record("annotations.change"),
        200,
    ),
    (
        "POST",
        "/api/annotation-reviews/",
        r#"{"annotation":{a},"accepted":true}"#,
        Asks::Record("annotations.review"),
        201,
    ),
    (
        "POST",
        "/api/workspaces/{w}/memberships/bulk/",
        r#"{"all":false,"included":[{u}]}"#,
        Asks::Shared("workspaces.change"),
        200,
    ),
    (
        "POST",
        "/api/projects/{p}/members/bulk/",
        r#"{"all":false,"included":[{u}]}"#,
        Asks::Project("projects.change"),
        200,
    ),
    (
        "POST",
        "/api/workspaces/{w}/memberships/bulk/",
        r#"{"all":true,"excluded":[{u}]}"#,
        Asks::Shared("workspaces.change"),
        200,
    ),
    (
        "POST",
        "/api/projects/{p}/members/bulk/",
        r#"{"all":true,"excluded":[{u}]}"#,
        Asks::Project("projects.change"),
        200,
    ),
    (
        "DELETE",
        "/api/workspaces/{w}/memberships/bulk/?included={u}",
        "",
        Asks::Shared("workspaces.change"),
        200,
    ),
    (
        "DELETE",
        "/api/projects/{p}/members/bulk/?included={u}",
        "",
        Asks::Project("projects.change"),
        200,
    ),
    (
        "DELETE",
        "/api/workspaces/{w}/memberships/bulk/?all=true&excluded={u}",
        "",
        Asks::Shared("workspaces.change"),
        200,
    ),
    (
        "DELETE",
        "/api/projects/{p}/members/bulk/?all=true&excluded={u}",
        "",
        Asks::Project("projects.change"),
        200,
    ),
    (
        "POST",
        "/api/projects/{p}/tasks/assignees",
        r#"{"selectedItems":{"all":false,"included":[{t}]},"type":"AN","users":[{u}]}"#,
        Asks::In("tasks.assign_annotators"),
        200,
    ),
    (
        "POST",
        "/api/projects/{p}/tasks/assignees",
        r#"{"selectedItems":{"all":true,"excluded":[{t}]},"type":"RE","users":[{u}]}"#,
        Asks::In("tasks.assign_reviewers"),
        200,
    ),
    (
        "GET",
        "/api/projects/{p}/members/paginated/?ordering=-email&search=%40&ids={u}",
        "",
        Asks::PeopleOfProject,
        200,
    ),
    ("GET", "/api/projects/{p}/members/export/", "", Asks::ExportOfPeople, 200),
    ("GET", "/api/projects/{p}/tasks/{t}/assignees", "", Asks::PeopleOfTask, 200),
    (
        "PATCH",
        "/api/projects/{p}/tasks/{t}/assignees",
        r#"{"type":"AN","users":[{u}]}"#,
        Asks::Task("tasks.assign_annotators"),
        200,
    ),
    (
        "PATCH",
        "/api/projects/{p}/tasks/{t}/assignees",
        r#"{"type":"RE","users":[{u}]}"#,
        Asks::Task("tasks.assign_reviewers"),
        200,
    ),
    ("GET", "/api/workspaces/{w}/projects/", "", Asks::InWorkspace("projects.view"), 200),
    ("POST", "/api/workspaces/{v}/projects/", r#"{"project":{p}}"#, Asks::Move, 204),
    ("DELETE", "/api/workspaces/{w}/projects/?project={p}", "", Asks::MoveOut, 204),
    ("DELETE", "/api/projects/{p}/", "", Asks::Project("projects.delete"), 204),
    ("DELETE", "/api/workspaces/{w}/", "", Asks::Workspace("workspaces.delete"), 204),
];

/// How a user comes to rows: what the rows say of them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape {
    is_elsewhere: bool,
    is_personal: bool,
    created_workspace: bool,
    in_workspace: bool,
    created_project: bool,
    in_project: bool,
    role: Option<&'static str>,
    shows_history: bool,
    is_assigned: bool,
    annotated: bool,
    is_gone: bool,
}

pub(crate) fn shapes() -> Vec<Shape> {
    let none = Shape::default();
    let all = Shape {
        created_workspace: true,
        in_workspace: true,
        created_project: true,
        in_project: true,
        shows_history: true,
        is_assigned: true,
        annotated: true,
        ..none
    };
    vec![
        none,
        all,
        Shape { is_elsewhere: true, ..all },
        Shape { is_gone: true, ..all },
        Shape { created_workspace: true, ..none },
        Shape { in_workspace: true, ..none },
        Shape { created_workspace: true, is_personal: true, ..none },
        Shape { in_workspace: true, is_personal: true, ..none }, // of somebody else
        Shape { created_project: true, shows_history: true, ..none },
        Shape { in_project: true, ..none },
        Shape { in_project: true, shows_history: true, annotated: true, ..none },
        Shape { is_assigned: true, shows_history: true, ..none },
        Shape { annotated: true, shows_history: true, ..none },
        Shape { in_project: true, role: Some("RE"), ..none },
        Shape { in_project: true, role: Some("AN"), annotated: true, shows_history: true, ..none },
    ]
}

/// The ids of rows of a shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    workspace: i64,
    project: i64,
    task: i64,
    annotation: i64,
    /// The colleague, and the workspace that projects are moved to.
    colleague: i64,
    other: i64,
}

pub(crate) async fn insert(service: &Service, user: i64, colleague: i64, shape: Shape) -> Ids {
    let organization = if shape.is_elsewhere { ELSEWHERE } else { HERE };
    let by = |is_so: bool| is_so.then_some(user);
    let workspace = service
        .id(
            "INSERT INTO workspaces (organization_id, title, created_by, is_personal) \
             VALUES ($1, 'w', $2, $3) RETURNING id",
            [organization.into(), by(shape.created_workspace).into(), shape.is_personal.into()],
        )
        .await;
    let project = service
        .id(
            "INSERT INTO projects (organization_id, workspace_id, title, created_by, \
             show_annotation_history) VALUES ($1, $2, 'p', $3, $4) RETURNING id",
            [
                organization.into(),
                workspace.into(),
                by(shape.created_project).into(),
                shape.shows_history.into(),
            ],
        )
        .await;
    let sql = "INSERT INTO tasks (project_id, data) VALUES ($1, '{}') RETURNING id";
    let task = service.id(sql, [project.into()]).await;
    service.id(sql, [project.into()]).await; // one that nobody annotated, to be the next
    let sql = "INSERT INTO annotations (task_id, completed_by, result) VALUES ($1, $2, '[]') RETURNING id";
    let annotation = service.id(sql, [task.into(), by(shape.annotated).into()]).await;
    if shape.in_workspace {
        let sql = "INSERT INTO workspace_members VALUES ($1, $2)";
        service.execute(sql, [workspace.into(), user.into()]).await;
    }
    if shape.in_project {
        let sql = "INSERT INTO project_members VALUES ($1, $2)";
        service.execute(sql, [project.into(), user.into()]).await;
    }
    if shape.is_assigned {
        let sql = "INSERT INTO task_assignees VALUES ($1, $2, $3, 'AN')";
        service.execute(sql, [task.into(), project.into(), user.into()]).await;
    }
    if let Some(role) = shape.role {
        let sql = "INSERT INTO project_roles (project_id, user_id, role, role_source) \
            VALUES ($1, $2, $3, 'manual')";
        service.execute(sql, [project.into(), user.into(), role.into()]).await;
    }
    // The user creates projects here and nowhere else.
    let sql = "INSERT INTO workspaces (organization_id, title, created_by, is_personal) \
        VALUES ($1, 'v', $2, FALSE) RETURNING id";
    let other = service.id(sql, [HERE.into(), by(shape.in_project).into()]).await;
    let ids = Ids { workspace, project, task, annotation, colleague, other };
    if shape.is_gone {
        let sql = "DELETE FROM projects WHERE id = $1";
        service.execute(sql, [project.into()]).await;
        let sql = "DELETE FROM workspaces WHERE id = $1";
        service.execute(sql, [workspace.into()]).await;
    }
    ids
}

/// What the seed does not have.
pub(crate) async fn clear(service: &Service) {
    service.execute("DELETE FROM projects WHERE id > 8", []).await;
    service.execute("DELETE FROM workspaces WHERE id > 6", []).await;
}

fn filled(template: &str, ids: Ids) -> String {
    [
        ("{w}", ids.workspace),
        ("{p}", ids.project),
        ("{t}", ids.task),
        ("{a}", ids.annotation),
        ("{u}", ids.colleague),
        ("{v}", ids.other),
    ]
    .into_iter()
    .fold(template.to_owned(), |text, (name, id)| text.replace(name, &id.to_string()))
}

fn body(template: &str, ids: Ids) -> Option<Json> {
    (!template.is_empty()).then(|| serde_json::from_str(&filled(template, ids)).expect("JSON"))
}

/// Who asks, for the oracle.
#[derive(Clone, Copy, Debug)]
struct Asked {
    role: &'static str,
    is_api: bool,
}

impl Asked {
    /// The status of a decision.
    fn status(self, key: &str, facts: Option<u16>, ok: u16) -> u16 {
        if oracle::narrowed(self.role, key, facts, self.is_api, None) {
            ok
        } else if oracle::narrowed_hidden(self.role, key, facts, self.is_api, None) {
            404
        } else {
            403
        }
    }

    /// The status of a list of people: whoever views the row is told that they may not see who else does.
    fn people(self, view: &str, facts: Option<u16>, ok: u16) -> u16 {
        match self.status(view, facts, ok) {
            status if status != ok => status,
            _ if oracle::narrowed(self.role, "members.view", facts, self.is_api, None) => ok,
            _ => 403,
        }
    }

    /// The status of a list in what is known: denied where nothing in there can be permitted.
    fn list(self, key: &str, known: Option<u16>, more: u16, ok: u16) -> u16 {
        let can_be = oracle::all().filter(|facts| {
            known.is_some_and(|known| facts & known == known && (facts ^ known) & !more == 0)
        });
        let mut can_be = can_be
            .filter(|&facts| oracle::narrowed(self.role, key, Some(facts), self.is_api, None));
        match can_be.next() {
            Some(_) => ok,
            None if oracle::narrowed_hidden(
                self.role,
                oracle::guard(key).unwrap_or(key),
                known,
                self.is_api,
                None,
            ) =>
            {
                404
            }
            None => 403,
        }
    }
}

fn expected(world: &World, user: i64, asked: Asked, ids: Ids, asks: Asks, ok: u16) -> u16 {
    let facts = |thing| world.facts(user, HERE, thing);
    let of_task = oracle::ASSIGNEE | oracle::AUTHOR;
    match asks {
        Asks::Workspace(key) => asked.status(key, facts(Thing::Workspace(ids.workspace)), ok),
        Asks::Shared(key) => {
            let found = world.workspace(ids.workspace);
            let ok = if found.is_some_and(|row| row.is_personal) { 409 } else { ok };
            asked.status(key, facts(Thing::Workspace(ids.workspace)), ok)
        }
        Asks::Project(key) => asked.status(key, facts(Thing::Project(ids.project)), ok),
        Asks::Task(key) => asked.status(key, facts(Thing::Task(ids.task)), ok),
        Asks::Record(key) => asked.status(key, facts(Thing::Annotation(ids.annotation)), ok),
        Asks::In(key) => asked.list(key, facts(Thing::Project(ids.project)), of_task, ok),
        Asks::PeopleOfProject => {
            asked.people("projects.view", facts(Thing::Project(ids.project)), ok)
        }
        Asks::PeopleOfWorkspace => {
            asked.people("workspaces.view", facts(Thing::Workspace(ids.workspace)), ok)
        }
        Asks::PeopleOfTask => asked.people("data.view", facts(Thing::Task(ids.task)), ok),
        Asks::ExportOfPeople => {
            match asked.status("projects.change", facts(Thing::Project(ids.project)), ok) {
                status if status == ok => {
                    asked.people("projects.view", facts(Thing::Project(ids.project)), ok)
                }
                status => status,
            }
        }
        Asks::InWorkspace(key) => {
            let known = facts(Thing::Workspace(ids.workspace));
            let of_workspace = oracle::WORKSPACE_CREATOR | oracle::WORKSPACE_MEMBER;
            match asked.status("workspaces.view", known, ok) {
                status if status == ok => asked.list(key, known, !of_workspace, ok),
                status => status,
            }
        }
        Asks::MoveOut => {
            match asked.status("projects.change", facts(Thing::Project(ids.project)), ok) {
                status if status == ok => asked.status("projects.create", Some(0), ok),
                status => status,
            }
        }
        Asks::Move => {
            match asked.status("projects.change", facts(Thing::Project(ids.project)), ok) {
                status if status == ok => {
                    asked.status("projects.create", facts(Thing::Workspace(ids.other)), ok)
                }
                status => status,
            }
        }
    }
}

/// The rows that are asked of before anything is decided.
fn read(asks: Asks, path: &str, ids: Ids) -> Vec<(&'static str, i64)> {
    match asks {
        Asks::Workspace(_) | Asks::Shared(_) | Asks::PeopleOfWorkspace | Asks::InWorkspace(_) => {
            vec![("workspaces", ids.workspace)]
        }
        Asks::Project(_) | Asks::PeopleOfProject | Asks::ExportOfPeople => {
            vec![("projects", ids.project)]
        }
        // A workspace that projects are created in is shown to whoever may.
        Asks::Move | Asks::MoveOut => vec![("projects", ids.project)],
        Asks::Task(_) | Asks::PeopleOfTask => vec![("tasks", ids.task)],
        Asks::In(_) if path.contains("{t}") => vec![("tasks", ids.task)],
        Asks::In(_) => vec![("projects", ids.project)],
        Asks::Record(_) => vec![("annotations", ids.annotation)],
    }
}

/// Whether row-level security shows the rows to somebody. Where it does not, the answer is 404.
async fn shows(service: &Service, login: &Login, user: i64, rows: &[(&'static str, i64)]) -> bool {
    let Some(security) = &service.app.database.security else { return true };
    let tx = service.app.database.pool.begin().await.expect("a transaction");
    let subject = Subject::new(OrganizationId(login.organization), UserId(user), login.role);
    tx.execute(&security.settings(&subject)).await.expect("the settings");
    for (table, id) in rows {
        let query = sea_orm::sea_query::Query::select()
            .column("id")
            .from(*table)
            .and_where(sea_orm::sea_query::ExprTrait::eq(sea_orm::sea_query::Expr::col("id"), *id))
            .to_owned();
        if tx.query_one(&query).await.expect("rows").is_none() {
            return false;
        }
    }
    true
}

fn code(role: Role) -> &'static str {
    oracle::CODES.into_iter().find(|&code| code == role.code()).expect("a code of the page")
}

async fn rows(service: &Service) {
    let colleague = service.user(service.login(HERE, Role::Annotator)).await;
    let mut counts = std::collections::BTreeMap::new();
    for login in service.logins.iter().filter(|login| login.organization == HERE) {
        let user = service.user(login).await;
        // The colleague is somebody else.
        let colleague = match login.role {
            Role::Annotator => service.user(service.login(HERE, Role::Reviewer)).await,
            _ => colleague,
        };
        for shape in shapes() {
            let mut ids = insert(service, user, colleague, shape).await;
            let mut world = service.world().await;
            for (method, path, template, asks, ok) in PAGE {
                for by in By::both(login) {
                    let asked = Asked { role: code(login.role), is_api: by.is_api() };
                    let mut expected = expected(&world, user, asked, ids, *asks, *ok);
                    if !shows(service, login, user, &read(*asks, path, ids)).await {
                        assert!(expected >= 400, "{asked:?} {path} {shape:?}: hidden by a policy");
                        expected = 404;
                    }
                    let method: Method = method.parse().expect("a method");
                    let changes = method != Method::GET;
                    let (status, answer) = service
                        .send(by, method.clone(), &filled(path, ids), body(template, ids))
                        .await;
                    assert_eq!(status, expected, "{asked:?} {method} {path} {shape:?}: {answer}");
                    *counts.entry(expected).or_insert(0) += 1;
                    if status.is_client_error() {
                        assert_eq!(answer["status"], expected, "a problem: {answer}");
                    }
                    if status.is_success() && changes {
                        clear(service).await;
                        ids = insert(service, user, colleague, shape).await;
                        world = service.world().await;
                    } else if changes {
                        assert_eq!(service.world().await, world, "{asked:?} {path} changed rows");
                    }
                }
            }
            clear(service).await;
        }
    }
    println!("{counts:?}");
    assert!([200, 201, 204, 403, 404, 409].iter().all(|status| counts.contains_key(status)));
}

/// The ids on all pages of a list, which are all of the size but the last.
async fn pages(service: &Service, by: By<'_>, path: &str, of: &str, total: &str) -> Vec<i64> {
    let mut ids = Vec::new();
    for page in 1.. {
        let (status, answer) = service.get(by, &format!("{path}?page={page}&page_size=2")).await;
        assert_eq!(status, StatusCode::OK);
        let rows = answer[of].as_array().expect("a list");
        ids.extend(rows.iter().map(|row| row["id"].as_i64().expect("an id")));
        let count = answer[total].as_u64().expect("a count");
        assert_eq!(rows.len() as u64, count.saturating_sub(2 * (page - 1)).min(2));
        if rows.is_empty() {
            assert_eq!(ids.len() as u64, count);
            return ids;
        }
    }
    unreachable!("pages end")
}

/// Lists have exactly the rows that the oracle says yes to, and each of them can be read by itself.
async fn lists(service: &Service) {
    let colleague = service.user(service.login(HERE, Role::Owner)).await;
    for login in service.logins.iter().filter(|login| login.organization == HERE) {
        let user = service.user(login).await;
        for shape in shapes() {
            insert(service, user, colleague, shape).await;
        }
        let world = service.world().await;
        for by in By::both(login) {
            let asked = Asked { role: code(login.role), is_api: by.is_api() };
            let may = |key: &str, thing| {
                let facts = world.facts(user, HERE, thing);
                oracle::narrowed(asked.role, key, facts, asked.is_api, None)
            };
            let all = world.things();
            let listed = |key, of: fn(&Thing) -> Option<i64>| {
                let mut ids: Vec<_> =
                    all.iter().filter(|&&thing| may(key, thing)).filter_map(of).collect();
                ids.sort_unstable();
                ids
            };
            type Id = fn(&Thing) -> Option<i64>;
            let workspace: Id = |thing| match thing {
                Thing::Workspace(id) => Some(*id),
                _ => None,
            };
            let project: Id = |thing| match thing {
                Thing::Project(id) => Some(*id),
                _ => None,
            };
            let task: Id = |thing| match thing {
                Thing::Task(id) => Some(*id),
                _ => None,
            };
            let everything = (1 << oracle::FACTS.len()) - 1;
            for (path, key, of, total, id) in [
                ("/api/workspaces/", "workspaces.view", "", "", workspace),
                ("/api/projects/", "projects.view", "results", "count", project),
                ("/api/tasks/", "data.view", "tasks", "total", task),
            ] {
                let (status, answer) = service.get(by, path).await;
                assert_eq!(status, asked.list(key, Some(0), everything, 200), "{asked:?} {path}");
                if status != StatusCode::OK {
                    assert!(listed(key, id).is_empty(), "{asked:?} {path}");
                    continue;
                }
                let ids = match of {
                    "" => answer
                        .as_array()
                        .expect("a list")
                        .iter()
                        .map(|row| row["id"].as_i64().expect("an id"))
                        .collect(),
                    _ => pages(service, by, path, of, total).await,
                };
                assert_eq!(ids, listed(key, id), "{asked:?} {path}");
                for thing in all.iter().filter_map(id) {
                    let (status, _) = service.get(by, &format!("{path}{thing}/")).await;
                    assert_eq!(
                        status == StatusCode::OK,
                        ids.contains(&thing),
                        "{asked:?} {path}{thing}/"
                    );
                }
            }
            // The records in a task: those in the list, in the task, and one by one are the same.
            for task in &world.tasks {
                let of_task =
                    |row: &&labelgate_sql_tests::tables::AnnotationRow| row.task_id == task.id;
                let mut ids: Vec<i64> =
                    world.annotations.iter().filter(of_task).map(|row| row.id).collect();
                ids.retain(|&id| may("data.view", Thing::Annotation(id)));
                let read = |rows: &Json| -> Vec<i64> {
                    rows.as_array()
                        .into_iter()
                        .flatten()
                        .map(|row| row["id"].as_i64().expect("an id"))
                        .collect()
                };
                let (status, answer) =
                    service.get(by, &format!("/api/tasks/{}/annotations/", task.id)).await;
                if status == StatusCode::OK {
                    assert_eq!(read(&answer), ids, "{asked:?} {task:?}");
                } else {
                    assert!(ids.is_empty(), "{asked:?} {task:?}");
                }
                let (status, answer) = service.get(by, &format!("/api/tasks/{}/", task.id)).await;
                if status == StatusCode::OK {
                    assert_eq!(read(&answer["annotations"]), ids, "{asked:?} {task:?}");
                }
            }
        }
        clear(service).await;
    }
}

/// Oneself: the actions of one's organization, and one's organization.
async fn own_account(service: &Service) {
    for login in &service.logins {
        for by in By::both(login) {
            let asked = Asked { role: code(login.role), is_api: by.is_api() };
            let ok = if asked.role == "DI" { 403 } else { 200 };
            let (status, answer) = service.get(by, "/api/current-user/whoami").await;
            assert_eq!(status, ok, "{asked:?}");
            let (listed, organizations) = service.get(by, "/api/organizations/").await;
            assert_eq!(listed, ok, "{asked:?}");
            if ok != 200 {
                continue;
            }
            let actions = oracle::TABLE
                .iter()
                .map(|row| row.1)
                .filter(|key| oracle::kind(key) == "Organization")
                .filter(|key| oracle::narrowed(asked.role, key, Some(0), asked.is_api, None));
            assert_eq!(answer["actions"], json!(actions.collect::<Vec<_>>()), "{asked:?}");
            assert_eq!(answer["username"], login.email);
            let ids: Vec<_> = organizations
                .as_array()
                .expect("a list")
                .iter()
                .map(|row| row["id"].as_i64())
                .collect();
            let own: &[_] = if asked.role == "NO" { &[] } else { &[Some(login.organization)] };
            assert_eq!(ids, own);
        }
    }
}

/// What is asked of an organization, one's own and another.
async fn organization(service: &Service) {
    for login in &service.logins {
        for by in By::both(login) {
            let asked = Asked { role: code(login.role), is_api: by.is_api() };
            for id in [HERE, ELSEWHERE, 0, 3, -1] {
                let known = (id == login.organization).then_some(0);
                for path in [
                    "",
                    "/memberships",
                    "/memberships?page=1&page_size=3&role=AN,OW",
                    "/memberships/filter-schema",
                    "/memberships/search?role=AN,OW",
                    "/memberships?ordering=-email&search=W%40Acme&role=AN,OW",
                    "/memberships/search?search=W%40Acme&role=AN,OW",
                    "/memberships/search?filters={%22version%22:1,%22role%22:[%22AN%22]}&role=AN,OW",
                ] {
                    let path = format!("/api/organizations/{id}{path}");
                    let (status, answer) = service.get(by, &path).await;
                    assert_eq!(
                        status,
                        asked.status("members.view", known, 200),
                        "{asked:?} {path}"
                    );
                    if status == StatusCode::OK && path.ends_with("memberships") {
                        assert_eq!(answer["count"], 7);
                    }
                    if status == StatusCode::OK && path.ends_with("OW") {
                        let is_there = login.organization == HERE;
                        let found = match &path {
                            path if path.contains("%40") => usize::from(is_there),
                            path if path.contains("filters") => 1,
                            _ => 2,
                        };
                        assert_eq!(answer["results"].as_array().expect("a list").len(), found);
                        assert_eq!(answer["count"], found, "{path}");
                    }
                }
            }
            for id in [HERE, ELSEWHERE, 3] {
                let path = format!("/api/organizations/{id}/memberships/search");
                let body = json!({ "filters": { "version": 1, "role": ["AN"], "search": "@" } });
                let (status, answer) = service.send(by, Method::POST, &path, body).await;
                let known = (id == login.organization).then_some(0);
                assert_eq!(status, asked.status("members.view", known, 200), "{asked:?} {path}");
                if status == StatusCode::OK {
                    assert_eq!(
                        (&answer["count"], answer["results"][0]["role"].as_str()),
                        (&json!(1), Some("AN"))
                    );
                }
            }
            // One of the members, and others.
            for user in 1..=15 {
                let there = (user - 1) / 7 + 1; // the seed's users are seven in each
                let known = (there == login.organization).then_some(0);
                let path = format!("/api/organizations/{}/memberships/{user}/", login.organization);
                let (status, answer) = service.get(by, &path).await;
                let ok = if known.is_some() { 200 } else { 404 };
                assert_eq!(status, asked.status("members.view", Some(0), ok), "{asked:?} {path}");
                if status == StatusCode::OK {
                    assert_eq!(
                        (&answer["organization"], &answer["user"]),
                        (&json!(there), &json!(user))
                    );
                }
                let path =
                    format!("/api/organizations/{}/memberships/{user}/", 3 - login.organization);
                assert_eq!(
                    service.get(by, &path).await.0,
                    StatusCode::NOT_FOUND,
                    "{asked:?} {path}"
                );
            }
            let (status, _) = service.get(by, "/api/activity-logs/").await;
            assert_eq!(status, asked.status("activity_log.view", Some(0), 200), "{asked:?}");
            let body = json!({ "title": "x", "is_personal": true });
            let (status, _) = service.send(by, Method::POST, "/api/workspaces/", body).await;
            assert_eq!(status, asked.status("workspaces.create", Some(0), 201), "{asked:?}");
            let body = json!({ "title": "x", "workspace": null });
            let (status, _) = service.send(by, Method::POST, "/api/projects/", body).await;
            assert_eq!(status, asked.status("projects.create", Some(0), 201), "{asked:?}");
        }
    }
}

/// Without a token, with one that nobody has, and with one of the other kind: 401, whatever the path.
async fn nobody(service: &Service) {
    let login = service.login(HERE, Role::Owner);
    let ids = insert(service, 1, 2, Shape::default()).await;
    let rows = PAGE.iter().map(|(method, path, body, ..)| (*method, *path, *body));
    let others = [
        ("GET", "/api/current-user/whoami", ""),
        ("GET", "/api/organizations/", ""),
        ("GET", "/api/organizations/1", ""),
        ("GET", "/api/organizations/1/memberships", ""),
        ("PATCH", "/api/organizations/1/memberships", r#"{"user_id":{u},"role":"RE"}"#),
        ("POST", "/api/organizations/1/memberships", r#"{"user_id":{u},"role":"RE"}"#),
        ("DELETE", "/api/organizations/1/memberships/{u}/", ""),
        ("POST", "/api/organizations/1/owner", r#"{"user_id":{u}}"#),
        ("PATCH", "/api/organizations/1/set-default-role", r#"{"default_role":"AN"}"#),
        ("GET", "/api/invite", ""),
        ("POST", "/api/invite/reset-token", ""),
        ("POST", "/api/invite/revoke", r#"{"email":"x@x"}"#),
        ("POST", "/api/invite/send-email", r#"{"emails":["x@x"]}"#),
        ("GET", "/api/organizations/1/memberships/search", ""),
        ("POST", "/api/organizations/1/memberships/search", r#"{"filters":{"version":1}}"#),
        ("GET", "/api/organizations/1/memberships/filter-schema", ""),
        ("GET", "/api/organizations/1/memberships/{u}/", ""),
        ("GET", "/api/projects/roles/", ""),
        ("GET", "/api/organizations/1/permissions", ""),
        (
            "POST",
            "/api/organizations/1/permissions",
            r#"{"permission":"data.export","roles":["AD"]}"#,
        ),
        ("GET", "/api/organizations/1/permissions/options", ""),
        ("GET", "/api/organizations/1/permissions/data.export", ""),
        (
            "PUT",
            "/api/organizations/1/permissions/data.export",
            r#"{"permission":"data.export","roles":["AD"]}"#,
        ),
        ("PATCH", "/api/organizations/1/permissions/data.export", r#"{"roles":["AD"]}"#),
        ("DELETE", "/api/organizations/1/permissions/data.export", ""),
        ("GET", "/api/workspaces/", ""),
        ("POST", "/api/workspaces/", r#"{"title":"x"}"#),
        ("GET", "/api/projects/", ""),
        ("POST", "/api/projects/roles/", r#"{"project":{p},"role":"RE","user":{u}}"#),
        ("DELETE", "/api/projects/roles/1/", ""),
        ("GET", "/api/tasks/", ""),
        ("GET", "/api/activity-logs/", ""),
    ];
    let world = service.world().await;
    for (method, path, template) in rows.chain(others) {
        let by = [
            By::Nobody,
            By::Token("0"),
            By::Token(&login.cookie),
            By::Session(""),
            By::Session(&login.token),
        ];
        for by in by {
            let method: Method = method.parse().expect("a method");
            let (status, answer) =
                service.send(by, method, &filled(path, ids), body(template, ids)).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{by:?} {path}: {answer}");
        }
    }
    assert_eq!(service.world().await, world);
    assert_eq!(service.app.database.security.is_some(), engine(service) == Engine::Postgres);
}

fn engine(service: &Service) -> Engine {
    match service.owner.get_database_backend() {
        sea_orm::DbBackend::Postgres => Engine::Postgres,
        _ => Engine::Sqlite,
    }
}
