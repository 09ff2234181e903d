//! Row-level security is the same rule: on generated worlds, for everybody in them, what PostgreSQL lets
//! a role through that owns nothing is what the oracle says of all actions done to a row, by built-in and
//! changed matrices. And what goes wrong around it: settings that are missing or stale, views, owners.

use std::collections::{BTreeSet, HashMap};
use std::env;
use std::sync::{Mutex, PoisonError};

use labelgate::overrides::{Override, Overrides};
use labelgate::sets::Scopes;
use labelgate::sql::{
    Dialect, Enforced, IdType, IdTypes, NoRowSecurity, NotEnforced, OwnFact, RowSecurity, Schema,
};
use labelgate::{Action, Fact, Matrix, OrganizationId, Role, Scope, Subject, UserId};
use labelgate_sql_tests::schema::{self, TABLES};
use labelgate_sql_tests::tables::Thing;
use labelgate_sql_tests::{Engine, Ids, Postgres, Value, World, few, load, load_few, oracle};
use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, Error, Statement};
use sea_query::{Expr, ExprTrait, PostgresQueryBuilder, Query};

type Bound = Value;

/// The cells of a matrix, as the oracle reads them, and the crate's with it.
#[derive(Clone)]
struct Cells {
    cells: HashMap<(&'static str, &'static str), String>,
    matrix: Matrix,
}

impl Cells {
    fn built_in() -> Cells {
        let mut cells = HashMap::new();
        for (_, key, _, row) in oracle::TABLE {
            for (role, cell) in oracle::COLUMNS.into_iter().zip(row) {
                cells.insert((role, key), cell.to_owned());
            }
        }
        Cells { cells, matrix: Matrix::BUILT_IN }
    }

    /// Some cells made up from a number, whether or not the result makes sense.
    fn generate(seed: u64) -> Cells {
        let mut random = seed.wrapping_add(77);
        let mut below = |n: usize| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % n
        };
        let mut changed = Cells::built_in();
        for _ in 0..16 {
            let role = oracle::COLUMNS[below(oracle::COLUMNS.len())];
            let action = Action::ALL[below(Action::COUNT)];
            let cells = ["-", "-", "O", "O?", "P", "W", "G", "O P", "O? W", "P W", "O P W"];
            let cell = cells[below(cells.len())];
            changed.cells.insert((role, action.key()), cell.to_owned());
            let scopes = cell.split(' ').fold(Scopes::empty(), |scopes, letter| {
                scopes
                    | match letter {
                        "O" => Scopes::Own,
                        "O?" => Scopes::OwnPermitted,
                        "P" => Scopes::Project,
                        "W" => Scopes::Workspace,
                        "G" => Scopes::Organization,
                        _ => Scopes::empty(),
                    }
            });
            let role = role.parse().expect("a code");
            changed.matrix =
                changed.matrix.with_cell(role, action, scopes).expect("an active role");
        }
        changed
    }

    /// The cells of a matrix that the crate made.
    fn of(matrix: Matrix) -> Cells {
        let mut cells = Cells::built_in();
        for ((role, key), cell) in &mut cells.cells {
            let scopes = matrix.scopes(role.parse().expect("a code"), key.parse().expect("a key"));
            let letters: Vec<_> = scopes.elements().map(Scope::symbol).collect();
            *cell = if letters.is_empty() { "-".to_owned() } else { letters.join(" ") };
        }
        Cells { matrix, ..cells }
    }

    /// The matrix of some overrides, whichever of a few made from a number are accepted.
    fn overridden(seed: u64) -> Cells {
        let chain = [Role::Administrator, Role::Manager, Role::Reviewer, Role::Annotator];
        let overrides = (0..12).fold(Overrides::none(), |overrides, n| {
            let random = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(5 * n);
            let permission = Action::ALL[random as usize % Action::COUNT];
            let roles =
                chain.into_iter().take((random >> 32) as usize % (chain.len() + 1)).collect();
            overrides.with(Override { permission, roles }).unwrap_or(overrides)
        });
        Cells::of(overrides.matrix())
    }

    /// All letters of all of them, beside the built-in ones.
    fn widest(others: &[Cells]) -> Cells {
        let mut widest = Cells::built_in();
        for other in others {
            for (cell, letters) in &other.cells {
                widest.cells.entry(*cell).and_modify(|all| *all = format!("{all} {letters}"));
            }
        }
        widest.matrix = RowSecurity::widest(others.iter().map(|other| other.matrix));
        widest
    }

    fn cell(&self, role: &str, key: &str) -> String {
        let found = self.cells.iter().find(|((r, k), _)| (*r, *k) == (role, key));
        found.map_or("-".to_owned(), |(_, cell)| cell.clone())
    }

    fn may(&self, role: &str, key: &str, facts: Option<u16>) -> bool {
        oracle::may_in(&|role, key| self.cell(role, key), role, key, facts)
    }
}

/// The tables that have policies, each with the kind of what is in it.
const SECURED: [(&str, &str); 5] = [
    ("organizations", "Organization"),
    ("workspaces", "Workspace"),
    ("projects", "Project"),
    ("tasks", "Task"),
    ("annotations", "Task"),
];

fn keys(kinds: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    let keys = oracle::TABLE.into_iter().map(|row| row.1);
    keys.filter(move |key| kinds.contains(&oracle::kind(key)))
}

fn thing(table: &str, id: i64) -> Thing {
    match table {
        "organizations" => Thing::Organization(id),
        "workspaces" => Thing::Workspace(id),
        "projects" => Thing::Project(id),
        "tasks" => Thing::Task(id),
        "annotations" => Thing::Annotation(id),
        other => panic!("no policy on {other}"),
    }
}

fn things(world: &World, table: &str) -> Vec<i64> {
    match table {
        "organizations" => world.organizations.iter().map(|row| row.id).collect(),
        "workspaces" => world.workspaces.iter().map(|row| row.id).collect(),
        "projects" => world.projects.iter().map(|row| row.id).collect(),
        "tasks" => world.tasks.iter().map(|row| row.id).collect(),
        "annotations" => world.annotations.iter().map(|row| row.id).collect(),
        other => panic!("no policy on {other}"),
    }
}

const OF_WORKSPACE: u16 = oracle::WORKSPACE_CREATOR | oracle::WORKSPACE_MEMBER;

/// A member of a world, and the matrix that the policies are of.
struct Member<'a> {
    world: &'a World,
    cells: &'a Cells,
    user: i64,
    organization: i64,
    role: &'static str,
}

impl Member<'_> {
    fn facts(&self, table: &str, id: i64) -> Option<u16> {
        self.world.facts(self.user, self.organization, thing(table, id))
    }

    /// Whether a row is seen: something may be done to it, or to something in it.
    fn sees(&self, table: &str, id: i64) -> bool {
        let may = |key, facts| self.cells.may(self.role, key, Some(facts));
        if table == "organizations" {
            return id == self.organization && !["NO", "DI"].contains(&self.role);
        }
        let Some(facts) = self.facts(table, id) else { return false };
        match table {
            "workspaces" => {
                // What it gives in it, to whomever: a right that is not held without it.
                let gives = |key| {
                    let rest = oracle::all().map(|other| other & !OF_WORKSPACE);
                    let mut rest = rest.filter(|other| oracle::possible(*other));
                    rest.any(|other| may(key, other | facts & OF_WORKSPACE) && !may(key, other))
                };
                keys(&["Workspace"]).any(|key| may(key, facts))
                    || facts & OF_WORKSPACE != 0 && keys(&["Project", "Task"]).any(gives)
            }
            "projects" => {
                let assignee = match facts & oracle::PROJECT_ASSIGNEE {
                    0 => 0,
                    _ => oracle::ASSIGNEE,
                };
                keys(&["Project"]).any(|key| may(key, facts))
                    || keys(&["Task"]).any(|key| {
                        [0, assignee, oracle::AUTHOR].iter().any(|more| may(key, facts | more))
                    })
            }
            "tasks" => keys(&["Task"])
                .any(|key| may(key, facts) || may(key, facts & !oracle::ASSIGNEE | oracle::AUTHOR)),
            _ => keys(&["Task"]).any(|key| may(key, facts)),
        }
    }

    /// Whether a row may be written, by the action of the table that says so, if there is one.
    fn writes(&self, command: &str, table: &str, id: i64) -> bool {
        writes(self.world, self.cells, self.user, self.organization, command, table, id)
    }
}

fn writes(
    world: &World,
    cells: &Cells,
    user: i64,
    organization: i64,
    command: &str,
    table: &str,
    id: i64,
) -> bool {
    let role = world.role(user, organization).expect("a member");
    let facts = |thing| world.facts(user, organization, thing);
    let of_organization = |other| (other == organization).then_some(0);
    let (key, facts) = match (command, table) {
        ("INSERT", "organizations") => return false,
        ("INSERT", "workspaces") => {
            let row = world.workspace(id).expect("a workspace");
            ("workspaces.create".to_owned(), of_organization(row.organization_id))
        }
        ("INSERT", "projects") => {
            let row = world.project(id).expect("a project");
            let here = of_organization(row.organization_id);
            let there = match row.workspace_id {
                None => here,
                Some(workspace) => here.and(facts(Thing::Workspace(workspace))),
            };
            ("projects.create".to_owned(), there)
        }
        ("INSERT", "tasks") => {
            let row = world.task(id).expect("a task");
            ("data.import".to_owned(), facts(Thing::Project(row.project_id)))
        }
        ("INSERT", _) => {
            let row = world.annotation(id).expect("an annotation");
            ("tasks.label".to_owned(), facts(Thing::Task(row.task_id)))
        }
        ("UPDATE", _) => (format!("{table}.change"), facts(thing(table, id))),
        _ => (format!("{table}.delete"), facts(thing(table, id))),
    };
    let key = oracle::TABLE.into_iter().map(|row| row.1).find(|known| *known == key);
    key.is_some_and(|key| cells.may(role, key, facts))
}

/// A connection as a role that owns nothing.
struct Service {
    client: Client,
    prepared: HashMap<String, Statement>,
}

const SERVICE: &str = "labelgate_service";

impl Service {
    fn connect(engine: &mut Postgres) -> Service {
        role(engine, SERVICE, "LOGIN");
        let client = engine.connect(SERVICE);
        Service { client, prepared: HashMap::new() }
    }

    fn run(&mut self, sql: &str) {
        self.client.batch_execute(sql).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
    }

    fn try_rows(&mut self, sql: &str, binds: &[Value]) -> Result<Vec<Vec<Value>>, Error> {
        if !self.prepared.contains_key(sql) {
            self.prepared.insert(sql.to_owned(), self.client.prepare(sql)?);
        }
        let binds: Vec<&(dyn ToSql + Sync)> = binds.iter().map(|bind| bind as _).collect();
        let rows = self.client.query(&self.prepared[sql], &binds)?;
        Ok(rows.iter().map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect())
    }

    #[track_caller]
    fn column(&mut self, sql: &str) -> BTreeSet<Value> {
        let rows = self.try_rows(sql, &[]).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
        rows.into_iter().map(|mut row| row.remove(0)).collect()
    }

    fn begin(&mut self, security: &RowSecurity, subject: &Subject<Bound>) {
        self.run(RowSecurity::BEGIN);
        let (sql, binds) = security.settings(subject).build(PostgresQueryBuilder);
        let binds: Vec<Value> = binds.into_iter().map(Value::from).collect();
        self.try_rows(&sql, &binds).expect("settings");
    }

    /// What a write comes to, after which it is undone. Refused is one by a policy alone.
    fn is_written(&mut self, sql: &str, binds: &[Value]) -> bool {
        self.run("SAVEPOINT written");
        let written = match self.try_rows(sql, binds) {
            Ok(_) => true,
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                let message = error.as_db_error().expect("an error of the database").message();
                assert!(message.contains("row-level security"), "{message}");
                false
            }
            Err(error) => panic!("{error:?}\n{sql}"),
        };
        self.run("ROLLBACK TO SAVEPOINT written");
        written
    }

    /// The number of rows in each secured table.
    fn counts(&mut self) -> Vec<usize> {
        let mut count = |table: &str| self.column(&format!("SELECT id FROM {table}")).len();
        SECURED.into_iter().map(|(table, _)| count(table)).collect()
    }
}

/// A role of the server, which is made once: tests share the server.
fn role(engine: &mut Postgres, name: &str, options: &str) {
    static LOCK: Mutex<()> = Mutex::new(());
    let _lock = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
    // What policies cost looks like worth compiling, which takes seconds.
    let jit = format!("ALTER ROLE {name} SET jit = off");
    engine.run(&format!(
        "DO $$ BEGIN CREATE ROLE {name} {options}; EXCEPTION WHEN duplicate_object THEN NULL; END $$; {jit}"
    ));
}

/// The tables of a world with their policies, for the service to use.
fn secure(engine: &mut Postgres, security: &RowSecurity) {
    for statement in security.remove().into_iter().chain(security.create()) {
        engine.run(&statement);
    }
    engine.run(&format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {SERVICE}"
    ));
}

fn id_types(ids: Ids) -> IdTypes {
    let of = |ids| match ids {
        labelgate_sql_tests::IdType::Integer => IdType::BigInt,
        labelgate_sql_tests::IdType::Text => IdType::Text,
        labelgate_sql_tests::IdType::Uuid => IdType::Uuid,
    };
    IdTypes { organization: of(ids.others), user: of(ids.users) }
}

fn subject(ids: Ids, organization: i64, user: i64, role: &str) -> Subject<Bound> {
    let organization = OrganizationId(Bound::from(ids.other(organization)));
    let user = UserId(Bound::from(ids.user(user)));
    Subject::new(organization, user, role.parse().expect("a code"))
}

/// What is said of the tables, in different ways for different worlds.
fn tables(seed: u64) -> Schema {
    let mut schema = Schema::postgres();
    schema.is_secured = true;
    match seed / 3 % 4 {
        0 => {}
        1 => {
            schema.records.project_id = Some("project_id".into());
            schema.projects.alias = Some("p".into());
            schema.project_members.alias = Some("m".into());
        }
        2 => schema.project_roles.is_checked = true,
        _ => {
            let members = |asked: &labelgate::sql::Principal| {
                Query::select()
                    .column("project_id")
                    .from("project_members")
                    .and_where(Expr::col("user_id").eq(asked.user()))
                    .to_owned()
            };
            let of_row = move |asked: &labelgate::sql::Principal| {
                Expr::col(("projects", "id")).in_subquery(members(asked))
            };
            let own = if seed.is_multiple_of(2) {
                OwnFact::new(of_row)
            } else {
                OwnFact::new(of_row).with_ids(members)
            };
            schema = schema.with_fact(Fact::ProjectMember, own);
        }
    }
    schema
}

/// All that a member can see and write is compared. Says how many rows that were.
fn member(
    service: &mut Service,
    security: &RowSecurity,
    ids: Ids,
    asks: &Member<'_>,
    parts: &[Cells],
) -> usize {
    let Member { world, user, organization, role, .. } = *asks;
    service.begin(security, &subject(ids, organization, user, role));
    let mut compared = 0;
    for (table, kind) in SECURED {
        let all = things(world, table);
        if world.workspaces.is_empty() && ["workspaces", "annotations"].contains(&table) {
            continue; // a service with few tables
        }
        let who = format!("{role} {user} of {organization} in {table}");
        let values = |is: &dyn Fn(i64) -> bool| -> BTreeSet<Value> {
            all.iter().filter(|id| is(**id)).map(|id| ids.other(*id)).collect()
        };

        let seen = service.column(&format!("SELECT id FROM {table}"));
        assert_eq!(seen, values(&|id| asks.sees(table, id)), "{who} sees");
        service.run("SAVEPOINT here");
        for (command, sql) in [
            ("UPDATE", format!("UPDATE {table} SET id = id RETURNING id")),
            ("DELETE", format!("DELETE FROM {table} RETURNING id")),
        ] {
            let written = service.column(&sql);
            assert_eq!(written, values(&|id| asks.writes(command, table, id)), "{who}: {command}");
            service.run("ROLLBACK TO SAVEPOINT here");
        }

        // Each row once more, with an id that is free.
        let definition = TABLES.iter().find(|other| other.name == table).expect("a table");
        let places: Vec<_> = (1..=definition.columns.len()).map(|n| format!("${n}")).collect();
        let insert = format!("INSERT INTO {table} VALUES ({})", places.join(", "));
        let rows = schema::rows(world, table, ids);
        let mut inserted = BTreeSet::new();
        for (mut row, id) in rows.into_iter().zip(&all) {
            let id = ids.other(*id);
            assert_eq!(row[0], id);
            row[0] = ids.other(1_000_000);
            if service.is_written(&insert, &row) {
                inserted.insert(id);
            }
        }
        assert_eq!(inserted, values(&|id| asks.writes("INSERT", table, id)), "{who}: INSERT");
        compared += all.len() * 4;

        // Never narrower than what is permitted by one of the matrices.
        for part in parts {
            let asks = Member { cells: part, ..*asks };
            if table != "organizations" {
                let kinds: &[&str] = match kind {
                    "Workspace" => &["Workspace"],
                    "Project" => &["Project"],
                    _ => &["Task"],
                };
                let may = |id| {
                    let facts = asks.facts(table, id);
                    let mut keys = oracle::TABLE.into_iter().map(|row| row.1);
                    keys.any(|key| kinds.contains(&oracle::kind(key)) && part.may(role, key, facts))
                };
                assert!(seen.is_superset(&values(&may)), "{who} sees too little");
            }
            let may = |id| asks.writes("INSERT", table, id);
            assert!(inserted.is_superset(&values(&may)), "{who} inserts too little");
        }

        // Never wider than reach, whatever the matrix.
        let roles: &[&str] = match role {
            "AN" | "RE" => &["AN", "RE"],
            _ => &[role],
        };
        let organization_wide = oracle::TABLE.iter().any(|row| {
            let cell = |role: &&str| asks.cells.cell(role, row.1);
            oracle::kind(row.1) != "Organization" && roles.iter().map(cell).any(|c| c.contains('G'))
        });
        for &id in all.iter().filter(|id| seen.contains(&ids.other(**id))) {
            assert_eq!(world.organization_of(thing(table, id)), Some(organization), "{who}");
            let facts = asks.facts(table, id).expect("a row of the organization");
            let given = OF_WORKSPACE
                | oracle::PROJECT_CREATOR
                | oracle::PROJECT_MEMBER
                | oracle::PROJECT_ASSIGNEE;
            let is_given = table == "organizations" || facts & given != 0;
            assert!(is_given || organization_wide, "{who} sees {id}, which nobody gave");
        }
    }
    service.run("ROLLBACK");
    compared
}

/// Everybody in each world asks for everything.
fn policies_are_the_rule(ids: Ids, default: u64) {
    let worlds = env::var("LABELGATE_WORLDS").ok().map(|worlds| worlds.parse().expect("a number"));
    let way = Ids::ALL.into_iter().position(|other| other == ids).expect("a way") as u64;
    let mut engine = Postgres::create();
    let (mut count, mut asked, mut compared) = (0, 0, 0);
    let mut service = Service::connect(&mut engine);
    for seed in (0..worlds.unwrap_or(default)).filter(|seed| seed % 3 == way) {
        let world = World::generate(seed);
        load(&mut engine, &world, ids);
        let schema = tables(seed);
        let (one, other) = (Cells::generate(2 * seed), Cells::generate(2 * seed + 1));
        let matrices = [
            (Cells::built_in(), vec![Cells::built_in()]),
            (
                Cells::widest(&[one.clone(), other.clone()]),
                vec![Cells::built_in(), one.clone(), other],
            ),
            (one.clone(), vec![one]),
            // What a service with overrides takes: no accepted set permits more.
            (
                Cells::of(Overrides::widest().matrix()),
                vec![
                    Cells::built_in(),
                    Cells::overridden(2 * seed),
                    Cells::overridden(2 * seed + 1),
                ],
            ),
        ];
        for (cells, parts) in &matrices {
            let security = schema.row_security(&cells.matrix, id_types(ids)).expect("policies");
            secure(&mut engine, &security);
            for row in &world.organization_members {
                let (user, organization, role) = (row.user_id, row.organization_id, row.role);
                let asks = Member { world: &world, cells, user, organization, role };
                compared += member(&mut service, &security, ids, &asks, parts);
                asked += 1;
            }
            // Tables that policies read are not dropped under them.
            security.remove().iter().for_each(|statement| engine.run(statement));
        }
        count += 1;
    }
    println!("{count} worlds, {asked} people, {compared} rows: no differences");
}

mod worlds {
    use super::*;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn with_integers() {
        policies_are_the_rule(Ids::INTEGER, 12);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn with_text() {
        policies_are_the_rule(Ids::TEXT, 12);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn with_users_of_text() {
        policies_are_the_rule(Ids::TEXT_USERS, 12);
    }
}

#[test]
#[ignore = "needs PostgreSQL"]
fn with_few_tables() {
    let ids = Ids::INTEGER;
    let mut engine = Postgres::create();
    let mut service = Service::connect(&mut engine);
    let cells = Cells::built_in();
    let security =
        few(Dialect::Postgres).row_security(&cells.matrix, id_types(ids)).expect("policies");
    let mut compared = 0;
    for seed in 0..3 {
        let mut world = World::generate(seed);
        load_few(&mut engine, &mut world, ids);
        secure(&mut engine, &security);
        for row in &world.organization_members {
            let (user, organization, role) = (row.user_id, row.organization_id, row.role);
            let asks = Member { world: &world, cells: &cells, user, organization, role };
            compared += member(&mut service, &security, ids, &asks, &[Cells::built_in()]);
        }
        security.remove().iter().for_each(|statement| engine.run(statement));
    }
    assert!(compared > 1000, "{compared}");
}

/// The first world in a database, its policies by the built-in matrix, and a member of each role.
struct Secured {
    engine: Postgres,
    service: Service,
    world: World,
    security: RowSecurity,
    ids: Ids,
}

impl Secured {
    fn new(ids: Ids) -> Secured {
        let mut engine = Postgres::create();
        let world = World::generate(0);
        load(&mut engine, &world, ids);
        let schema = Schema::postgres();
        let security = schema.row_security(&Matrix::BUILT_IN, id_types(ids)).expect("policies");
        let service = Service::connect(&mut engine);
        secure(&mut engine, &security);
        Secured { engine, service, world, security, ids }
    }

    /// Somebody of a role, who sees something.
    fn someone(&self, role: &str) -> (i64, i64) {
        let mut rows = self.world.organization_members.iter();
        let has_projects = |organization| {
            self.world.projects.iter().any(|row| row.organization_id == organization)
        };
        let row = rows.find(|row| row.role == role && has_projects(row.organization_id));
        let row = row.expect("somebody of the role");
        (row.organization_id, row.user_id)
    }

    fn subject(&self, role: &str) -> Subject<Bound> {
        let (organization, user) = self.someone(role);
        subject(self.ids, organization, user, role)
    }

    /// That nothing is seen, and nothing can be written.
    #[track_caller]
    fn is_shut(&mut self) {
        assert_eq!(self.service.counts(), [0; 5]);
        self.service.run("BEGIN");
        for (table, _) in SECURED {
            let definition = TABLES.iter().find(|other| other.name == table).expect("a table");
            let places: Vec<_> = (1..=definition.columns.len()).map(|n| format!("${n}")).collect();
            let insert = format!("INSERT INTO {table} VALUES ({})", places.join(", "));
            for mut row in schema::rows(&self.world, table, self.ids) {
                row[0] = self.ids.other(1_000_000);
                assert!(!self.service.is_written(&insert, &row), "{table}: {row:?}");
            }
            let update = format!("UPDATE {table} SET id = id RETURNING id");
            assert_eq!(self.service.column(&update).len(), 0, "{table}");
            let delete = format!("DELETE FROM {table} RETURNING id");
            assert_eq!(self.service.column(&delete).len(), 0, "{table}");
        }
        self.service.run("ROLLBACK");
    }
}

mod settings {
    use super::*;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn nothing_without_them() {
        for ids in [Ids::INTEGER, Ids::TEXT] {
            let mut secured = Secured::new(ids);
            secured.is_shut();
            let (organization, user) = secured.someone("MA");
            let value = |value: Value| match value {
                Value::Integer(number) => number.to_string(),
                Value::Text(text) => text.replace('\'', "''"),
                other => panic!("no id: {other:?}"),
            };
            let all = [
                ("organization", value(ids.other(organization))),
                ("user", value(ids.user(user))),
                ("role", "OW".to_owned()),
            ];
            let set = |service: &mut Service, name: &str, value: &str| {
                service.run(&format!("SELECT set_config('labelgate.{name}', '{value}', false)"));
            };
            // All three are needed, and an empty one is none.
            for (missing, _) in &all {
                secured.service.run("DISCARD ALL");
                secured.service.prepared.clear();
                for (name, value) in all.iter().filter(|(name, _)| name != missing) {
                    set(&mut secured.service, name, value);
                }
                secured.is_shut();
                set(&mut secured.service, missing, "");
                secured.is_shut();
            }
            let (last, value) = &all[2];
            for role in ["NO", "DI", "ow", "OW ", "XX", "OW,AD"] {
                set(&mut secured.service, last, role);
                secured.is_shut();
            }
            set(&mut secured.service, last, value);
            assert!(secured.service.counts()[2] > 0, "projects");
        }
    }

    /// They end with the transaction, however it ends: the next one on a pooled connection sees nothing
    /// until it says who asks.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn they_end_with_the_transaction() {
        let mut secured = Secured::new(Ids::INTEGER);
        let (owner, annotator) = (secured.subject("MA"), secured.subject("AN"));
        for end in ["COMMIT", "ROLLBACK"] {
            secured.service.begin(&secured.security, &owner);
            let all = secured.service.counts();
            assert!(all[2] > 0);
            secured.service.run(end);
            secured.is_shut();
            secured.service.run("BEGIN");
            assert_eq!(secured.service.counts(), [0; 5]);
            secured.service.run("COMMIT");

            secured.service.begin(&secured.security, &annotator);
            assert_ne!(secured.service.counts(), all);
            secured.service.run(end);
        }
    }

    /// Nothing in a setting is SQL, and an id that is none is an error.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn they_are_values() {
        let mut secured = Secured::new(Ids::INTEGER);
        for (name, value) in [("organization", "1 OR TRUE"), ("user", "1"), ("role", "OW")] {
            secured
                .service
                .run(&format!("SELECT set_config('labelgate.{name}', '{value}', false)"));
        }
        assert!(secured.service.try_rows("SELECT id FROM projects", &[]).is_err());
    }
}

mod around {
    use super::*;

    /// A view reads as its owner, unless it is one of the invoker.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn views() {
        let mut secured = Secured::new(Ids::INTEGER);
        secured.engine.run(&format!(
            "CREATE VIEW owned AS SELECT * FROM projects; \
             CREATE VIEW invoked WITH (security_invoker) AS SELECT * FROM projects; \
             GRANT SELECT ON owned, invoked TO {SERVICE}"
        ));
        secured.service.begin(&secured.security, &secured.subject("AN"));
        let mut ids = |from: &str| secured.service.column(&format!("SELECT id FROM {from}"));
        assert_eq!(ids("invoked"), ids("projects"));
        assert_eq!(ids("owned").len(), secured.world.projects.len(), "the owner is a superuser");
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn connections_that_are_under_no_policy() {
        let mut secured = Secured::new(Ids::INTEGER);
        role(&mut secured.engine, "labelgate_bypasses", "LOGIN BYPASSRLS");
        role(&mut secured.engine, "labelgate_owns", "LOGIN");
        role(&mut secured.engine, "labelgate_inherits", "LOGIN IN ROLE labelgate_owns");
        let question = secured.security.enforcement_query();
        let ask = |secured: &Secured, role: &str| {
            let row = secured.engine.connect(role).query_one(&question, &[]).expect("an answer");
            Enforced::try_from((row.get(0), row.get(1), row.get(2), row.get(3)))
        };
        assert_eq!(ask(&secured, "postgres"), Err(NotEnforced::Superuser));
        assert_eq!(ask(&secured, "labelgate_bypasses"), Err(NotEnforced::BypassesRowSecurity));
        assert!(ask(&secured, SERVICE).is_ok());

        // The owner is under them only where they are forced.
        for (table, _) in SECURED {
            secured.engine.run(&format!("ALTER TABLE {table} OWNER TO labelgate_owns"));
        }
        secured.engine.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO labelgate_owns");
        assert!(ask(&secured, "labelgate_owns").is_ok());
        let mut owner = secured.engine.connect("labelgate_owns");
        assert_eq!(owner.query("SELECT FROM projects", &[]).expect("rows").len(), 0);
        secured.engine.run("ALTER TABLE projects NO FORCE ROW LEVEL SECURITY");
        assert_ne!(owner.query("SELECT FROM projects", &[]).expect("rows").len(), 0);
        for role in ["labelgate_owns", "labelgate_inherits"] {
            assert_eq!(ask(&secured, role), Err(NotEnforced::OwnerWithoutForce));
        }
        assert!(ask(&secured, SERVICE).is_ok());
        secured.engine.run("ALTER TABLE tasks DISABLE ROW LEVEL SECURITY");
        assert_eq!(ask(&secured, SERVICE), Err(NotEnforced::Disabled));

        // The migration back leaves nothing.
        for statement in secured.security.remove() {
            secured.engine.run(&statement);
        }
        let left = "SELECT count(*) FROM pg_policies";
        assert_eq!(secured.engine.column(left, &[]), [Value::Integer(0)]);
        assert_eq!(secured.service.counts()[2], secured.world.projects.len());
    }

    /// A row is not moved to where it could not be written, and what is inserted can be returned.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn rows_stay_in_the_organization() {
        let mut secured = Secured::new(Ids::INTEGER);
        let (organization, user) = secured.someone("MA");
        let mut others = secured.world.organizations.iter();
        let other = others.find(|row| row.id != organization).expect("another").id;
        let [here, user] = [organization, user].map(Value::Integer);
        secured.service.begin(&secured.security, &secured.subject("MA"));
        let insert = "INSERT INTO workspaces VALUES (1000000, $1, $2, FALSE) RETURNING id";
        let service = &mut secured.service;
        let rows = service.try_rows(insert, &[here.clone(), user.clone()]).expect("a workspace");
        assert_eq!(rows.len(), 1);
        let insert = "INSERT INTO projects VALUES (1000000, $1, 1000000, $2, FALSE) RETURNING id";
        assert_eq!(service.try_rows(insert, &[here, user]).expect("a project").len(), 1);
        for table in ["workspaces", "projects"] {
            let moved = format!("UPDATE {table} SET organization_id = $1 WHERE id = 1000000");
            assert!(!service.is_written(&moved, &[Value::Integer(other)]), "{table}");
        }
    }

    /// Names that have to be quoted, in schemas of their own, and ids that are uuids.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn names_and_uuids() {
        let mut engine = Postgres::create();
        let mut service = Service::connect(&mut engine);
        engine.run(
            &schema::ddl(labelgate_sql_tests::Dialect::Postgres, Ids::INTEGER)
                .replace("BIGINT", "UUID"),
        );
        engine.run("CREATE SCHEMA \"it's\"; ALTER TABLE projects SET SCHEMA \"it's\"");
        engine.run("ALTER TABLE \"it's\".projects RENAME TO \"a\"\"b\\\"");
        engine.run("ALTER TABLE \"it's\".\"a\"\"b\\\" RENAME created_by TO \"select\"");
        let mut schema = Schema::postgres();
        schema.projects.table = ("it's", "a\"b\\").into();
        schema.projects.created_by = "select".into();
        let security = schema.row_security(&Matrix::BUILT_IN, IdTypes::UUID).expect("policies");
        secure(&mut engine, &security);
        engine.run(&format!(
            "GRANT USAGE ON SCHEMA \"it's\" TO {SERVICE}; GRANT ALL ON \"it's\".\"a\"\"b\\\" TO {SERVICE}"
        ));
        let id = |n: u8| format!("00000000-0000-0000-0000-00000000000{n}");
        engine.run(&format!(
            "INSERT INTO \"it's\".\"a\"\"b\\\" VALUES ('{0}', '{0}', NULL, '{1}', FALSE), \
             ('{1}', '{1}', NULL, '{1}', FALSE); INSERT INTO tasks VALUES ('{0}', '{0}'), ('{1}', '{1}'); \
             INSERT INTO project_members VALUES ('{0}', '{1}')",
            id(1),
            id(2),
        ));
        let answer =
            service.client.query_one(&security.enforcement_query(), &[]).expect("an answer");
        let answer = (answer.get(0), answer.get(1), answer.get(2), answer.get(3));
        assert!(Enforced::try_from(answer).is_ok());

        let subject = Subject::new(OrganizationId(id(1)), UserId(id(2)), Role::Annotator);
        let settings = security.settings(&subject).to_string(PostgresQueryBuilder);
        service.run(&format!("BEGIN; {settings}"));
        for table in ["\"it's\".\"a\"\"b\\\"", "tasks"] {
            let ids = service.column(&format!("SELECT id::text FROM {table}"));
            assert_eq!(ids, BTreeSet::from([Value::Text(id(1))]), "{table}");
        }
    }
}

mod statements {
    use super::*;

    #[test]
    fn what_has_none() {
        let of = |schema: &Schema| schema.row_security(&Matrix::BUILT_IN, IdTypes::BIGINT);
        assert_eq!(of(&Schema::sqlite()), Err(NoRowSecurity::Dialect));
        let mut schema = Schema::postgres();
        schema.task_assignees.project_id = None;
        assert_eq!(of(&schema), Err(NoRowSecurity::Assignments));
        let own = OwnFact::new(|_| Expr::val(false));
        assert!(of(&schema.with_fact(Fact::ProjectAssignee, own)).is_ok());
    }

    /// The actions that make policies are those that are called like it, and two that are not.
    #[test]
    fn policies_are_named_after_actions() {
        let all = Action::ALL.into_iter().flat_map(|action| {
            Role::ALL.into_iter().filter(|role| role.is_active()).map(move |role| (role, action))
        });
        let everything = all.fold(Matrix::BUILT_IN, |matrix, (role, action)| {
            matrix.with_cell(role, action, Scopes::Organization).expect("an active role")
        });
        let security =
            Schema::postgres().row_security(&everything, IdTypes::TEXT).expect("policies");
        let statements = security.create();
        for (table, _) in SECURED {
            for (command, verb) in
                [("INSERT", "create"), ("UPDATE", "change"), ("DELETE", "delete")]
            {
                let key = format!("{table}.{verb}");
                let is_action = oracle::TABLE.iter().any(|row| row.1 == key)
                    && table != "organizations" // another one is created, and not this one
                    || command == "INSERT" && ["tasks", "annotations"].contains(&table);
                let policy = format!("ON \"{table}\" FOR {command} ");
                let has = statements.iter().any(|statement| statement.contains(&policy));
                assert_eq!(has, is_action, "{policy}");
            }
        }
        // No policy reads the table that it is on.
        for statement in &statements {
            if let Some((_, rest)) = statement.split_once(" ON ") {
                let table = rest.split(' ').next().expect("a table");
                assert!(!rest.contains(&format!("FROM {table}")), "{statement}");
            }
        }
    }
}
