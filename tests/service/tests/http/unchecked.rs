//! What a handler does on PostgreSQL that forgets its check: it shows no more than some action would, and writes no
//! more than the action of the statement would. Policies are made for all that overrides can give.

use std::collections::BTreeSet;

use axum::extract::FromRequestParts;
use axum::http::Request;
use labelgate::overrides::Overrides;
use labelgate::sql::RowSecurity;
use labelgate::{Matrix, Role, Scope};
use labelgate_service::caller::Caller;
use labelgate_service::seed::Login;
use labelgate_service_tests::{Service, on_both, oracle};
use labelgate_sql_tests::World;
use labelgate_sql_tests::tables::Thing;
use reqwest::header;
use sea_orm::{ConnectionTrait, FromQueryResult};

on_both! { shows_nothing_hidden writes_nothing_refused }

/// Somebody who signed in, and what overrides can give them at most.
struct Asks {
    caller: Caller,
    role: Role,
    user: i64,
    here: i64,
    widest: Matrix,
}

impl Asks {
    async fn by(service: &Service, login: &Login) -> Self {
        let cookie = format!("sessionid={}", login.cookie);
        let request = Request::builder().header(header::COOKIE, cookie).body(());
        let mut parts = request.expect("a request").into_parts().0;
        let caller = Caller::from_request_parts(&mut parts, &service.app).await;
        let Ok(caller) = caller else { panic!("{} is not signed in", login.email) };
        let (user, here) = (service.user(login).await, login.organization);
        let widest = RowSecurity::widest([Overrides::widest().matrix()]);
        Self { caller, role: login.role, user, here, widest }
    }

    fn may(&self, world: &World, key: &str, thing: Thing) -> bool {
        let cell = |role: &str, key: &str| {
            let (role, action) = (role.parse().expect("a role"), key.parse().expect("an action"));
            let letters = self.widest.scopes(role, action).elements().map(Scope::symbol);
            letters.collect::<Vec<_>>().join(" ")
        };
        oracle::may_in(&cell, self.role.code(), key, world.facts(self.user, self.here, thing))
    }

    fn may_some(&self, world: &World, kinds: &[&str], thing: Thing) -> bool {
        let keys = oracle::TABLE.iter().map(|row| row.1);
        let mut keys = keys.filter(|key| kinds.contains(&oracle::kind(key)));
        keys.any(|key| self.may(world, key, thing))
    }

    /// Whether something may be done to the thing, or to what is in it.
    fn sees(&self, world: &World, thing: Thing) -> bool {
        match thing {
            Thing::Organization(id) => id == self.here && self.role.is_active(),
            Thing::Workspace(_) => self.may_some(world, &["Workspace", "Project", "Task"], thing),
            Thing::Project(_) => self.may_some(world, &["Project", "Task"], thing),
            Thing::Task(_) | Thing::Annotation(_) => self.may_some(world, &["Task"], thing),
        }
    }

    /// Whether a project may be created in a workspace, or in none.
    fn creates_in(&self, world: &World, workspace: Option<i64>) -> bool {
        let holds = workspace.map_or(Thing::Organization(self.here), Thing::Workspace);
        self.may(world, "projects.create", holds)
    }
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

async fn shows_nothing_hidden(service: &Service) {
    if service.app.database.security.is_none() {
        return; // SQLite has no policies
    }
    let world = service.world().await;
    let mut shown = 0;
    for login in &service.logins {
        let asks = Asks::by(service, login).await;
        for (table, things) in tables(&world) {
            for lock in ["", " FOR SHARE", " FOR UPDATE"] {
                let sql = format!("SELECT id FROM {table}{lock}");
                let rows: Vec<Id> = asks.caller.tx.all(&sql, []).await.expect("rows");
                let ids: BTreeSet<i64> = rows.into_iter().map(|row| row.id).collect();
                let sees = things.iter().filter(|(_, thing)| asks.sees(&world, *thing));
                let sees: BTreeSet<i64> = sees.map(|(id, _)| *id).collect();
                let hidden: Vec<_> = ids.difference(&sees).collect();
                assert!(hidden.is_empty(), "{} sees {hidden:?}: {sql}", asks.role);
                shown += ids.len();
            }
        }
    }
    assert!(shown > 100, "{shown}");
}

/// The rows of each table.
fn tables(world: &World) -> [(&'static str, Vec<(i64, Thing)>); 5] {
    let things = world.things();
    let rows = |table, id: fn(&Thing) -> Option<i64>| {
        (table, things.iter().filter_map(|thing| Some((id(thing)?, *thing))).collect())
    };
    [
        rows("organizations", |thing| match thing {
            Thing::Organization(id) => Some(*id),
            _ => None,
        }),
        rows("workspaces", |thing| match thing {
            Thing::Workspace(id) => Some(*id),
            _ => None,
        }),
        rows("projects", |thing| match thing {
            Thing::Project(id) => Some(*id),
            _ => None,
        }),
        rows("tasks", |thing| match thing {
            Thing::Task(id) => Some(*id),
            _ => None,
        }),
        rows("annotations", |thing| match thing {
            Thing::Annotation(id) => Some(*id),
            _ => None,
        }),
    ]
}

/// Statements on one row each, and whether the rule permits them.
type Statements = Vec<(String, bool)>;

fn or_null(id: Option<i64>) -> String {
    id.map_or("NULL".to_owned(), |id| id.to_string())
}

/// What changes rows, or deletes them.
fn changes(asks: &Asks, world: &World) -> Statements {
    let mut statements = Vec::new();
    for (table, things) in tables(world) {
        let set = match table {
            "tasks" => "data = data",
            "annotations" => "result = result",
            _ => "title = title",
        };
        for (id, thing) in things {
            let may = |verb: &str| {
                let key = format!("{table}.{verb}");
                let key = oracle::TABLE.iter().map(|row| row.1).find(|other| *other == key);
                table != "organizations" && key.is_some_and(|key| asks.may(world, key, thing))
            };
            statements.push((format!("UPDATE {table} SET {set} WHERE id = {id}"), may("change")));
            statements.push((format!("DELETE FROM {table} WHERE id = {id}"), may("delete")));
        }
    }
    statements
}

/// What would give somebody a fact, or take one.
fn forgeries(asks: &Asks, world: &World) -> Statements {
    let mut statements = Vec::new();
    let mut never = |table: &str, set: String, id: i64| {
        statements.push((format!("UPDATE {table} SET {set} WHERE id = {id}"), false));
    };
    let makers = [Some(asks.user), None];
    let elsewhere = world.organizations.iter().map(|row| row.id).find(|id| *id != asks.here);
    let elsewhere = elsewhere.expect("another organization");
    for row in &world.workspaces {
        for maker in makers.into_iter().filter(|maker| *maker != row.created_by) {
            never("workspaces", format!("created_by = {}", or_null(maker)), row.id);
        }
        never("workspaces", format!("organization_id = {elsewhere}"), row.id);
    }
    for row in &world.projects {
        for maker in makers.into_iter().filter(|maker| *maker != row.created_by) {
            never("projects", format!("created_by = {}", or_null(maker)), row.id);
        }
        never("projects", format!("organization_id = {elsewhere}"), row.id);
    }
    for row in &world.annotations {
        for maker in makers.into_iter().filter(|maker| *maker != row.completed_by) {
            never("annotations", format!("completed_by = {}", or_null(maker)), row.id);
        }
        for task in world.tasks.iter().filter(|task| task.id != row.task_id).take(2) {
            never("annotations", format!("task_id = {}", task.id), row.id);
        }
    }
    for (place, row) in world.projects.iter().enumerate() {
        let workspaces = world.workspaces.iter().map(|other| Some(other.id)).chain([None]);
        for to in workspaces.filter(|to| *to != row.workspace_id) {
            let mut moved = world.clone();
            moved.projects[place].workspace_id = to;
            let thing = Thing::Project(row.id);
            let changes = |world| asks.may(world, "projects.change", thing);
            let sees = asks.sees(&moved, thing);
            let may = changes(world) && asks.creates_in(world, to) && changes(&moved) && sees;
            let set = format!("workspace_id = {}", or_null(to));
            statements.push((format!("UPDATE projects SET {set} WHERE id = {}", row.id), may));
        }
    }
    statements
}

/// New rows in whatever there is, made by the user, by nobody and by somebody else.
fn inserts(asks: &Asks, world: &World) -> Statements {
    let mut statements = vec![("INSERT INTO organizations (title) VALUES ('x')".to_owned(), false)];
    let somebody = world.users.iter().copied().find(|user| *user != asks.user);
    let makers = [(Some(asks.user), true), (None, true), (somebody, false)];
    for organization in world.organizations.iter().map(|row| row.id) {
        let is_here = organization == asks.here;
        for (maker, is_own) in makers {
            let thing = Thing::Organization(organization);
            let may = is_own && is_here && asks.may(world, "workspaces.create", thing);
            let maker = or_null(maker);
            let columns = "(organization_id, title, created_by, is_personal)";
            let values = format!("({organization}, 'x', {maker}, FALSE)");
            statements.push((format!("INSERT INTO workspaces {columns} VALUES {values}"), may));
            for workspace in world.workspaces.iter().map(|row| Some(row.id)).chain([None]) {
                let may = is_own && is_here && asks.creates_in(world, workspace);
                let columns =
                    "(organization_id, workspace_id, title, created_by, show_annotation_history)";
                let workspace = or_null(workspace);
                let values = format!("({organization}, {workspace}, 'x', {maker}, FALSE)");
                statements.push((format!("INSERT INTO projects {columns} VALUES {values}"), may));
            }
        }
    }
    for project in world.projects.iter().map(|row| row.id) {
        let may = asks.may(world, "data.import", Thing::Project(project));
        let sql = format!("INSERT INTO tasks (project_id, data) VALUES ({project}, 'x')");
        statements.push((sql, may));
    }
    for task in world.tasks.iter().map(|row| row.id) {
        for (maker, is_own) in makers {
            let may = is_own && asks.may(world, "tasks.label", Thing::Task(task));
            let values = format!("({task}, {}, '[]')", or_null(maker));
            let columns = "(task_id, completed_by, result)";
            statements.push((format!("INSERT INTO annotations {columns} VALUES {values}"), may));
        }
    }
    statements
}

/// Runs a statement as the caller, and returns how many rows it wrote, or the database's own error: the service
/// tells nobody.
const ATTEMPT: &str = "CREATE FUNCTION attempt(statement TEXT, OUT rows BIGINT, OUT error TEXT)
    LANGUAGE plpgsql AS $$ BEGIN
        EXECUTE statement;
        GET DIAGNOSTICS rows = ROW_COUNT;
    EXCEPTION WHEN OTHERS THEN
        error := SQLERRM;
    END $$";

#[derive(FromQueryResult)]
struct Attempt {
    rows: Option<i64>,
    error: Option<String>,
}

async fn writes_nothing_refused(service: &Service) {
    if service.app.database.security.is_none() {
        return; // SQLite has no policies
    }
    service.owner.execute_unprepared(ATTEMPT).await.expect("a function");
    let world = service.world().await;
    let (mut permitted, mut refused) = (0, 0);
    for login in service.logins.iter().filter(|login| login.organization == 1) {
        let asks = Asks::by(service, login).await;
        let all = [changes(&asks, &world), forgeries(&asks, &world), inserts(&asks, &world)];
        for (sql, may) in all.into_iter().flatten() {
            let tx = &asks.caller.tx;
            tx.execute("SAVEPOINT here", []).await.expect("a savepoint");
            let attempt = tx.one::<Attempt>("SELECT * FROM attempt($1)", [sql.as_str().into()]);
            let Attempt { rows, error } = attempt.await.expect("an answer").expect("a row");
            let written = error.map_or(Ok(rows), Err);
            let who = || format!("{} {} of {}: {sql}", asks.role, asks.user, asks.here);
            match &written {
                Ok(rows) => assert_eq!(*rows, Some(i64::from(may)), "{}", who()),
                Err(error) => {
                    assert!(!may && error.contains("row-level security"), "{}: {error}", who());
                }
            }
            tx.execute("ROLLBACK TO SAVEPOINT here", []).await.expect("undone");
            *(if may { &mut permitted } else { &mut refused }) += 1;
        }
    }
    assert!(permitted > 100 && refused > 1000, "{permitted} permitted, {refused} refused");
}
