//! What a change of memberships says to delete is deleted, and nothing else: on generated worlds, for each member
//! and each change. Whoever is removed and signs up again is a newcomer, and whoever is deactivated has nothing left
//! to sign in with. Whoever is taken out of one project has nothing left in it but what they created, and all that they
//! had elsewhere.
//!
//! Foreign keys are on, and of half of the worlds so many that most orders of the statements are errors.

use std::collections::BTreeSet;

use labelgate::membership::{Actor, Member, MembershipPolicy, Planned, RoleSource};
use labelgate::sql::{
    Cleanup, Credentials, EndsMemberData, NoCleanup, OwnFact, Principal, Schema, TakenOut,
};
use labelgate::{
    Action, Fact, Facts, Kind, Matrix, OrganizationId, Permit, ProjectId, Role, Row, Subject,
    UserId, act,
};
use labelgate_sql_tests::schema::{self, IdType, TABLES};
use labelgate_sql_tests::tables::{
    OrganizationMemberRow, ProjectMemberRow, Thing, WorkspaceMemberRow,
};
use labelgate_sql_tests::{
    Dialect, Engine, Ids, Postgres, Sqlite, Value, World, few, load, load_few, oracle,
};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

/// A table, its columns, the table that they refer to, and its columns.
type ForeignKey = (&'static str, &'static str, &'static str, &'static str);

const FOREIGN_KEYS: [ForeignKey; 13] = [
    ("organization_members", "organization_id", "organizations", "id"),
    ("workspaces", "organization_id", "organizations", "id"),
    ("workspace_members", "workspace_id", "workspaces", "id"),
    ("projects", "organization_id", "organizations", "id"),
    ("projects", "workspace_id", "workspaces", "id"),
    ("project_members", "project_id", "projects", "id"),
    ("project_roles", "project_id", "projects", "id"),
    ("tasks", "project_id", "projects", "id"),
    ("task_assignees", "task_id", "tasks", "id"),
    ("annotations", "task_id", "tasks", "id"),
    ("sessions", "organization_id, user_id", "organization_members", "organization_id, user_id"),
    ("api_tokens", "organization_id, user_id", "organization_members", "organization_id, user_id"),
    ("sessions", "token", "api_tokens", "hash"), // the session was opened with it
];

/// Creators, assignees and who has a role are members.
const STRICT: [ForeignKey; 4] = [
    ("workspaces", "id, created_by", "workspace_members", "workspace_id, user_id"),
    ("projects", "id, created_by", "project_members", "project_id, user_id"),
    ("project_roles", "project_id, user_id", "project_members", "project_id, user_id"),
    ("task_assignees", "project_id, user_id", "project_members", "project_id, user_id"),
];

/// A database that holds foreign keys.
trait Holds: Engine {
    /// Removes what an earlier world has left.
    fn clear(&mut self);
    fn refer(&mut self, keys: &[ForeignKey]);
}

impl Holds for Sqlite {
    fn clear(&mut self) {
        self.run("PRAGMA foreign_keys = OFF; DROP TABLE IF EXISTS sessions; DROP TABLE IF EXISTS api_tokens");
    }

    /// SQLite adds no foreign key to a table. It is written into what the table was created by.
    fn refer(&mut self, keys: &[ForeignKey]) {
        self.run("PRAGMA writable_schema = ON");
        for (table, columns, target, of_target) in keys {
            self.run(&format!(
                "UPDATE sqlite_master SET sql = substr(sql, 1, length(sql) - 1)
                     || ', FOREIGN KEY ({columns}) REFERENCES {target} ({of_target}))'
                 WHERE type = 'table' AND name = '{table}'"
            ));
        }
        self.run("PRAGMA writable_schema = RESET; PRAGMA foreign_keys = ON");
        let count =
            self.rows("SELECT count(*) FROM sqlite_master m, pragma_foreign_key_list(m.name)", &[]);
        let columns: usize = keys.iter().map(|key| key.1.split(", ").count()).sum();
        assert_eq!(count, [[Value::Integer(columns as i64)]]);
        assert_eq!(self.rows("PRAGMA foreign_key_check", &[]), Vec::<Vec<Value>>::new());
    }
}

impl Holds for Postgres {
    fn clear(&mut self) {
        self.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }

    fn refer(&mut self, keys: &[ForeignKey]) {
        for (table, columns, target, of_target) in keys {
            self.run(&format!(
                "ALTER TABLE {table} ADD FOREIGN KEY ({columns}) REFERENCES {target} ({of_target})"
            ));
        }
    }
}

/// Sessions and API tokens: two of each for every member.
#[derive(Clone, Debug, PartialEq)]
struct Credential {
    table: &'static str,
    hash: String,
    organization: i64,
    user: i64,
}

fn credentials(world: &World) -> Vec<Credential> {
    let of = |member: &OrganizationMemberRow| {
        let (organization, user) = (member.organization_id, member.user_id);
        let tables = ["api_tokens", "api_tokens", "sessions", "sessions"].into_iter().enumerate();
        tables.map(move |(n, table)| {
            let hash = format!("{table} {n} of {user} in {organization}");
            Credential { table, hash, organization, user }
        })
    };
    world.organization_members.iter().flat_map(of).collect()
}

/// Some may have been opened with a token of the same member.
fn load_credentials(engine: &mut impl Engine, ids: Ids, credentials: &[Credential]) {
    let ty = |id| if id == IdType::Integer { "BIGINT" } else { "TEXT" };
    let columns = format!(
        "hash TEXT PRIMARY KEY, organization_id {} NOT NULL, user_id {} NOT NULL",
        ty(ids.others),
        ty(ids.users)
    );
    engine.run(&format!("CREATE TABLE api_tokens ({columns})"));
    engine.run(&format!("CREATE TABLE sessions ({columns}, token TEXT)"));
    let dialect = engine.dialect();
    let places: Vec<String> = (1..=3).map(|n| dialect.placeholder(n)).collect();
    for Credential { table, hash, organization, user } in credentials {
        let sql = format!(
            "INSERT INTO {table} (hash, organization_id, user_id) VALUES ({})",
            places.join(", ")
        );
        let values = [Value::Text(hash.clone()), ids.other(*organization), ids.user(*user)];
        engine.rows(&sql, &values);
    }
    engine.run(
        "UPDATE sessions SET token = (SELECT min(api_tokens.hash) FROM api_tokens
         WHERE api_tokens.user_id = sessions.user_id
         AND api_tokens.organization_id = sessions.organization_id)",
    );
}

/// What is said of the tables, in different ways for different worlds.
fn schema(dialect: Dialect, seed: u64) -> Schema {
    let mut schema = Schema::new(dialect.into());
    match seed % 5 {
        0 => {}
        1 => schema.task_assignees.project_id = None,
        2 => {
            schema.workspaces.alias = Some("w".into());
            schema.projects.alias = Some("select".into());
            schema.tasks.alias = Some("t\"'".into());
            schema.project_members.alias = Some("m".into());
            schema.project_roles.alias = Some("r".into());
            schema.task_assignees.alias = Some("a".into());
        }
        3 => {
            schema.project_roles.is_checked = true;
            schema.task_assignees.is_checked = true;
            schema.is_secured = true;
        }
        _ => schema = schema.with_fact(Fact::ProjectMember, own_member()),
    }
    schema
}

/// The members of projects, as a fact of the service's own. The project of who is taken out is NULL in another
/// organization.
fn own_member() -> OwnFact {
    let leaves = |out: &TakenOut| {
        let delete = Query::delete()
            .from_table("project_members")
            .and_where(Expr::col("user_id").eq(out.user()))
            .and_where(Expr::col("project_id").eq(out.project()))
            .to_owned();
        vec![delete.into()]
    };

    fn projects(asked: &Principal) -> SelectStatement {
        let of_user = Expr::col(("project_members", "user_id")).eq(asked.user());
        Query::select().column("project_id").from("project_members").and_where(of_user).take()
    }
    OwnFact::new(|asked| Expr::col(("projects", "id")).in_subquery(projects(asked)))
        .with_cleanup(|asked| {
            let here = Query::select()
                .column("id")
                .from("projects")
                .and_where(Expr::col("organization_id").eq(asked.organization()))
                .take();
            let delete = Query::delete()
                .from_table("project_members")
                .and_where(Expr::col("user_id").eq(asked.user()))
                .and_where(Expr::col("project_id").in_subquery(here))
                .to_owned();
            vec![delete.into()]
        })
        .with_project_cleanup(leaves)
}

/// A clean-up, and whether a session is good for all organizations of its user.
fn cleanup(schema: &Schema, seed: u64) -> (Cleanup, bool) {
    let is_everywhere = seed % 3 == 2;
    let mut sessions = Credentials::in_table("sessions");
    if is_everywhere {
        sessions.organization_id = None;
    }
    (
        schema.cleanup(sessions, Credentials::in_table("api_tokens")).expect("a clean-up"),
        is_everywhere,
    )
}

/// A statement with its values.
type Statements = Vec<(String, sea_query::Values)>;

fn run(engine: &mut impl Engine, statements: Statements) {
    for (sql, values) in statements {
        let values: Vec<Value> = values.into_iter().map(Value::from).collect();
        engine.rows(&sql, &values);
    }
}

/// A world in an engine.
struct Case<'a, E> {
    engine: &'a mut E,
    world: &'a World,
    credentials: &'a [Credential],
    ids: Ids,
    schema: &'a Schema,
    cleanup: &'a Cleanup,
    is_everywhere: bool,
    /// How many rows went or changed, by table.
    gone: &'a mut [usize; TABLES.len() + 1],
}

/// What is left.
#[derive(Clone)]
struct Left {
    world: World,
    credentials: Vec<Credential>,
}

impl<E: Engine> Case<'_, E> {
    fn member(&self, row: &OrganizationMemberRow) -> Member<Value> {
        Member {
            organization: OrganizationId(self.ids.other(row.organization_id)),
            user: UserId(self.ids.user(row.user_id)),
            role: row.role.parse().expect("a code"),
            source: RoleSource::Scim,
        }
    }

    /// What is to be left of a member after a removal, by the pages.
    fn removed(&self, row: &OrganizationMemberRow) -> Left {
        let (user, here) = (row.user_id, row.organization_id);
        let mut world = self.without_roles(row);
        let before = self.world;
        let in_project = |id| before.organization_of(Thing::Project(id)) == Some(here);
        let in_workspace = |id| before.organization_of(Thing::Workspace(id)) == Some(here);
        world.project_members.retain(|row| row.user_id != user || !in_project(row.project_id));
        world
            .workspace_members
            .retain(|row| row.user_id != user || !in_workspace(row.workspace_id));
        world.task_assignees.retain(|row| {
            row.user_id != user || before.organization_of(Thing::Task(row.task_id)) != Some(here)
        });
        for row in &mut world.projects {
            row.created_by.take_if(|creator| *creator == user && row.organization_id == here);
        }
        for row in &mut world.workspaces {
            row.created_by.take_if(|creator| *creator == user && row.organization_id == here);
        }
        Left { world, credentials: self.signed_out(row) }
    }

    /// The world without the roles in projects.
    fn without_roles(&self, row: &OrganizationMemberRow) -> World {
        let here = |id| self.world.organization_of(Thing::Project(id)) == Some(row.organization_id);
        let mut world = self.world.clone();
        world.project_roles.retain(|role| role.user_id != row.user_id || !here(role.project_id));
        world
    }

    fn signed_out(&self, row: &OrganizationMemberRow) -> Vec<Credential> {
        let mut credentials = self.credentials.to_vec();
        credentials.retain(|credential| {
            let is_good_here = credential.organization == row.organization_id
                || self.is_everywhere && credential.table == "sessions";
            credential.user != row.user_id || !is_good_here
        });
        credentials
    }

    /// What is to be left after a change of role, by the pages.
    fn assigned(&self, row: &OrganizationMemberRow, role: Role) -> Left {
        let (was, now) = (row.role, role.code());
        let is_bound = |role| role == "AN" || role == "RE";
        let keeps_roles = was == now || is_bound(was) && is_bound(now);
        let world = if keeps_roles { self.world.clone() } else { self.without_roles(row) };
        let is_ended = was != now && now == "DI";
        let credentials = if is_ended { self.signed_out(row) } else { self.credentials.to_vec() };
        Left { world, credentials }
    }

    /// Runs the statements of a change in a transaction, then does what is to be done, and rolls back. The tables
    /// have exactly what is to be left.
    fn clean_up(
        &mut self,
        change: &impl EndsMemberData<Value, Value>,
        left: &Left,
        then: impl FnOnce(&mut Self),
    ) {
        self.leaves(self.cleanup.statements(change), left, then);
    }

    /// The same with the statements themselves.
    fn leaves(&mut self, statements: Statements, left: &Left, then: impl FnOnce(&mut Self)) {
        self.engine.rows("BEGIN", &[]);
        run(self.engine, statements);
        for (n, table) in TABLES.iter().enumerate() {
            let rows = sorted(self.engine.rows(&format!("SELECT * FROM {}", table.name), &[]));
            let expected = sorted(schema::rows(&left.world, table.name, self.ids));
            assert_eq!(rows, expected, "{}", table.name);
            let before = sorted(schema::rows(self.world, table.name, self.ids));
            self.gone[n] += before.iter().filter(|row| !expected.contains(row)).count();
        }
        let sql = "SELECT hash FROM sessions UNION ALL SELECT hash FROM api_tokens";
        let hashes: BTreeSet<Value> = self.engine.column(sql, &[]).into_iter().collect();
        let expected = left.credentials.iter().map(|one| Value::Text(one.hash.clone()));
        assert_eq!(hashes, expected.collect());
        self.gone[TABLES.len()] += self.credentials.len() - left.credentials.len();
        then(self);
        self.engine.rows("ROLLBACK", &[]);
    }

    /// Deletes the membership: nothing refers to it any more. Signs the user up again, as anything.
    fn come_back(&mut self, row: &OrganizationMemberRow, left: &Left) {
        let dialect = self.engine.dialect();
        let [one, two, three] = [1, 2, 3].map(|n| dialect.placeholder(n));
        let id = [self.ids.other(row.organization_id), self.ids.user(row.user_id)];
        let delete = format!(
            "DELETE FROM organization_members WHERE organization_id = {one} AND user_id = {two}"
        );
        self.engine.rows(&delete, &id);
        let insert = format!("INSERT INTO organization_members VALUES ({one}, {two}, {three})");
        let [organization, user] = id;
        self.engine.rows(&insert, &[organization, user, Value::Text("NO".into())]);

        for role in ["AN", "RE", "MA"] {
            let mut world = left.world.clone();
            // Nobody has ever heard of this user.
            let stranger = world.users.iter().max().expect("users").checked_sub(5).expect("an id");
            assert!(!world.users.contains(&stranger));
            let newcomer = OrganizationMemberRow { role, user_id: stranger, ..*row };
            world.organization_members.retain(|other| other != row);
            world.organization_members.extend([OrganizationMemberRow { role, ..*row }, newcomer]);
            let here = row.organization_id;
            for thing in world.things() {
                let facts = world.facts(row.user_id, here, thing);
                let of_newcomer = world.facts(stranger, here, thing);
                // Records stay theirs, which is nothing without the project.
                let but_author = facts.map(|facts| facts & !oracle::AUTHOR);
                assert_eq!(but_author, of_newcomer, "{role} {thing:?}");
                for (_, key, ..) in oracle::TABLE {
                    let may = world.may(row.user_id, here, key, thing);
                    assert_eq!(
                        may,
                        world.may(stranger, here, key, thing),
                        "{role} {key} {thing:?}"
                    );
                }
            }
            self.selects(&world, row, role);
        }
    }

    /// What the database says of the newcomer is what the oracle says.
    fn selects(&mut self, world: &World, row: &OrganizationMemberRow, role: &'static str) {
        let member = self.member(&OrganizationMemberRow { role, ..*row });
        let subject = member.subject();
        for (kind, table) in KINDS {
            let query = Query::select()
                .column(self.schema.id(kind))
                .expr(self.schema.facts(&subject, kind))
                .from(from(self.schema, kind, table))
                .take();
            let expected = world.things().into_iter().filter_map(|thing| {
                let id = id_of(kind, thing)?;
                let facts = world.facts(row.user_id, row.organization_id, thing).unwrap_or(0);
                Some(vec![self.ids.other(id), Value::Integer(facts.into())])
            });
            let expected = sorted(expected.collect());
            assert_eq!(sorted(self.engine.select(&query)), expected, "{role} {kind}");
        }
        if role != "MA" {
            let listing = subject.authorize_list(act::ViewProject).expect("a list");
            let query = Query::select()
                .column(self.schema.id(Kind::Project))
                .from(from(self.schema, Kind::Project, "projects"))
                .and_where(self.schema.set(&listing))
                .take();
            assert_eq!(self.engine.select(&query), Vec::<Vec<Value>>::new(), "{role}");
        }
    }

    /// Nobody else has gained or lost a fact, nor has the member in another organization.
    fn others_are_as_they_were(&self, row: &OrganizationMemberRow, left: &Left) {
        for other in self.world.organization_members.iter().filter(|other| *other != row) {
            for thing in self.world.things() {
                let facts =
                    |world: &World| world.facts(other.user_id, other.organization_id, thing);
                assert_eq!(facts(&left.world), facts(self.world), "{other:?} {thing:?}");
            }
        }
    }

    fn everything(&mut self) {
        for row in &self.world.organization_members {
            let member = self.member(row);
            let policy = MembershipPolicy::new(member.organization.clone());
            let directory =
                Actor::source(&member.organization, RoleSource::Scim, &Matrix::BUILT_IN);
            if row.role == "OW" {
                self.transfer(row);
                continue;
            }
            for role in [Role::Manager, Role::Reviewer, Role::Annotator, Role::Deactivated] {
                let change = policy.assign(directory, &member, role).expect("a change");
                let left = self.assigned(row, role);
                self.others_are_as_they_were(row, &left);
                self.clean_up(&change, &left, |_| ());
                let statements = self.cleanup.statements(&change);
                assert_eq!(self.cleanup.statements(change.change()), statements);
            }
            let left = self.removed(row);
            self.others_are_as_they_were(row, &left);
            let removal = policy.remove(directory, &member).expect("a removal");
            self.clean_up(&removal, &left, |case| case.come_back(row, &left));
        }
        self.plan();
    }

    /// The former Owner and the heir have no roles in projects afterwards.
    fn transfer(&mut self, owner: &OrganizationMemberRow) {
        let by = self.member(owner).subject();
        let policy = MembershipPolicy::new(by.organization().clone());
        let mut rows = self.world.organization_members.iter();
        let heir =
            rows.find(|row| row.organization_id == owner.organization_id && row.role == "AN");
        let Some(heir) = heir else { return };
        let transfer = policy.transfer(&by, &self.member(heir)).expect("a transfer");
        let mut left = self.assigned(owner, Role::Administrator);
        let of_heir = self.assigned(heir, Role::Owner).world.project_roles;
        left.world.project_roles.retain(|role| of_heir.contains(role));
        self.clean_up(&transfer, &left, |_| ());
    }

    /// Two members at once: one goes, and one is deactivated.
    fn plan(&mut self) {
        let rows: Vec<_> = self.world.organization_members.iter().collect();
        let here = rows.iter().find(|row| row.role == "AN").expect("an annotator").organization_id;
        let is_bound = |row: &&&OrganizationMemberRow| {
            row.organization_id == here && ["AN", "RE"].contains(&row.role)
        };
        let mut two = rows.iter().filter(is_bound);
        let (Some(goes), Some(stays)) = (two.next(), two.next()) else { return };
        let changes = [(self.member(goes), None), (self.member(stays), Some(Role::Deactivated))];
        let organization = changes[0].0.organization.clone();
        let directory = Actor::source(&organization, RoleSource::Scim, &Matrix::BUILT_IN);
        let plan =
            MembershipPolicy::new(organization.clone()).plan(directory, &changes).expect("a plan");
        assert!(matches!(plan.change()[..], [Planned::Remove(_), Planned::Assign(_)]));
        let (mut left, of_stays) = (self.removed(goes), self.assigned(stays, Role::Deactivated));
        left.world.project_roles.retain(|role| of_stays.world.project_roles.contains(role));
        left.credentials.retain(|one| of_stays.credentials.contains(one));
        self.clean_up(&plan, &left, |_| ());
    }
}

/// The proof that somebody may change a project.
type MayChange = Permit<act::ChangeProject, Row<ProjectId<Value>>>;

/// What an owner of an organization may change: a project of which the service says that it is there.
fn may_change(organization: &Value, owner: &Value, project: &Value) -> MayChange {
    let here = OrganizationId(organization.clone());
    let owner = Subject::new(here.clone(), UserId(owner.clone()), Role::Owner);
    let project = owner.row(ProjectId(project.clone()), here, 0).expect("facts");
    owner.authorize(act::ChangeProject, project).expect("a permit")
}

/// Somebody is taken out of one project.
impl<E: Engine> Case<'_, E> {
    /// Everybody, also who is no member of the organization, out of each project. Where the service says that the
    /// project is another organization's, nothing is deleted.
    fn everybody_out_of_each_project(&mut self) {
        let world = self.world;
        for project in &world.projects {
            for &user in &world.users {
                let left = world.without(project.id, user);
                self.access_ends(project.id, user, &left);
                for organization in &world.organizations {
                    let id = [project.id, organization.id].map(|id| self.ids.other(id));
                    let user = self.ids.user(user);
                    let permit = may_change(&id[1], &user, &id[0]);
                    let statements = self.cleanup.statements_in_project(&permit, &UserId(user));
                    let is_its = organization.id == project.organization_id;
                    let world = if is_its { left.clone() } else { world.clone() };
                    let left = Left { world, credentials: self.credentials.to_vec() };
                    self.leaves(statements.expect("statements"), &left, |_| ());
                }
            }
        }
    }

    /// By the naive model: of the project, the user has what a newcomer of the same role has, and what they created.
    /// Everything else is as it was.
    fn access_ends(&self, project: i64, user: i64, left: &World) {
        const STAYS: u16 = oracle::WORKSPACE_CREATOR
            | oracle::WORKSPACE_MEMBER
            | oracle::PROJECT_CREATOR
            | oracle::AUTHOR;
        let stranger = self.world.users.iter().max().expect("users") - 5;
        assert!(!self.world.users.contains(&stranger));
        for row in &self.world.organization_members {
            let here = row.organization_id;
            let mut joined = left.clone();
            joined.organization_members.push(OrganizationMemberRow { user_id: stranger, ..*row });
            for thing in self.world.things() {
                let before = self.world.facts(row.user_id, here, thing);
                let after = left.facts(row.user_id, here, thing);
                let is_in = left.project_of(thing).is_some_and(|row| row.id == project);
                if !is_in || row.user_id != user {
                    assert_eq!(after, before, "{row:?} {thing:?}");
                } else if let (Some(before), Some(after)) = (before, after) {
                    let given = joined.facts(stranger, here, thing).expect("facts");
                    assert_eq!(after, given & !STAYS | before & STAYS, "{row:?} {thing:?}");
                }
            }
        }
    }
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Workspace, "workspaces"),
    (Kind::Project, "projects"),
    (Kind::Task, "tasks"),
    (Kind::Record, "annotations"),
];

fn id_of(kind: Kind, thing: Thing) -> Option<i64> {
    match (kind, thing) {
        (Kind::Workspace, Thing::Workspace(id))
        | (Kind::Project, Thing::Project(id))
        | (Kind::Task, Thing::Task(id))
        | (Kind::Record, Thing::Annotation(id)) => Some(id),
        _ => None,
    }
}

/// The table as the schema calls it.
fn from(schema: &Schema, kind: Kind, table: &'static str) -> sea_query::TableRef {
    let alias = match kind {
        Kind::Workspace => &schema.workspaces.alias,
        Kind::Project => &schema.projects.alias,
        Kind::Task => &schema.tasks.alias,
        Kind::Organization | Kind::Record => &None,
    };
    sea_query::TableRef::Table(table.into(), alias.clone())
}

/// In order, and with booleans as SQLite has them.
fn sorted(mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    for value in rows.iter_mut().flatten() {
        if let Value::Bool(is_so) = *value {
            *value = Value::Integer(is_so.into());
        }
    }
    rows.sort();
    rows
}

/// A world in which creators, assignees and who has a role are members.
fn strict(world: &mut World) {
    let roles = world.project_roles.iter().map(|row| (row.project_id, row.user_id));
    let assigned = world.task_assignees.iter().map(|row| (row.project_id, row.user_id));
    let created = world.projects.iter().filter_map(|row| Some((row.id, row.created_by?)));
    for (project_id, user_id) in roles.chain(assigned).chain(created) {
        let row = ProjectMemberRow { project_id, user_id };
        if !world.project_members.contains(&row) {
            world.project_members.push(row);
        }
    }
    for row in &world.workspaces {
        let Some(user_id) = row.created_by else { continue };
        let row = WorkspaceMemberRow { workspace_id: row.id, user_id };
        if !world.workspace_members.contains(&row) {
            world.workspace_members.push(row);
        }
    }
}

/// Does something with each world, by each of the schemas. Exactly these tables lose or change rows.
fn on_each_world<E: Holds>(
    mut engine: E,
    worlds: u64,
    strict_keys: &[ForeignKey],
    check: fn(&mut Case<'_, E>),
    loses: &[&str],
) {
    let mut gone = [0; TABLES.len() + 1];
    for seed in 0..worlds {
        let mut world = World::generate(seed);
        let is_strict = seed % 2 == 1;
        let mut keys = FOREIGN_KEYS.to_vec();
        if is_strict {
            strict(&mut world);
            keys.extend(strict_keys);
        }
        let ids = Ids::ALL[(seed % 3) as usize];
        let credentials = credentials(&world);
        engine.clear();
        load(&mut engine, &world, ids);
        load_credentials(&mut engine, ids, &credentials);
        engine.refer(&keys);
        let schema = schema(engine.dialect(), seed);
        let (cleanup, is_everywhere) = cleanup(&schema, seed);
        let mut case = Case {
            engine: &mut engine,
            world: &world,
            credentials: &credentials,
            ids,
            schema: &schema,
            cleanup: &cleanup,
            is_everywhere,
            gone: &mut gone,
        };
        check(&mut case);
    }
    let names = TABLES.map(|table| table.name);
    for (name, gone) in names.into_iter().chain(["credentials"]).zip(gone) {
        assert_eq!(gone > 0, loses.contains(&name), "{gone} rows of {name}");
        println!("{gone} rows of {name}");
    }
}

const OF_PROJECTS: [&str; 3] = ["project_members", "project_roles", "task_assignees"];

fn what_goes_is_what_the_proof_names<E: Holds>(engine: E, worlds: u64) {
    let others = ["workspaces", "workspace_members", "projects", "credentials"];
    let loses = [&OF_PROJECTS[..], &others].concat();
    on_each_world(engine, worlds, &STRICT, |case| case.everything(), &loses);
}

fn who_is_taken_out_of_a_project_leaves_nothing_in_it<E: Holds>(engine: E, worlds: u64) {
    let [_, _, of_roles, of_assignees] = STRICT; // creators stay, as members or not
    let keys = [of_roles, of_assignees];
    on_each_world(engine, worlds, &keys, |case| case.everybody_out_of_each_project(), &OF_PROJECTS);
}

/// A service that has few of the tables cleans up those that it has.
fn few_tables<E: Engine>(mut engine: E) {
    let mut world = World::generate(3);
    load_few(&mut engine, &mut world, Ids::INTEGER);
    let schema = few(engine.dialect().into());
    let cleanup = schema.cleanup(None, None).expect("a clean-up");
    let mut gone = 0;
    for row in world.organization_members.iter().filter(|row| row.role != "OW") {
        let (organization, user) = (OrganizationId(row.organization_id), UserId(row.user_id));
        let (role, source) = (row.role.parse().expect("a code"), RoleSource::Manual);
        let member = Member { organization, user, role, source };
        let directory = Actor::source(&organization, RoleSource::Scim, &Matrix::BUILT_IN);
        let removal = MembershipPolicy::new(organization).remove(directory, &member).unwrap();
        engine.rows("BEGIN", &[]);
        run(&mut engine, cleanup.statements(&removal));
        let subject = Subject::new(organization, user, Role::Manager);
        for (kind, table) in [(Kind::Project, "projects"), (Kind::Task, "tasks")] {
            let query = Query::select().expr(schema.facts(&subject, kind)).from(table).take();
            for row in engine.select(&query) {
                let [Value::Integer(bits)] = row[..] else { panic!("{row:?}") };
                let facts = Facts::try_from(bits).expect("facts");
                let setting = Fact::OwnDataPermitted;
                assert_eq!(facts.with(setting), Facts::none().with(setting), "{facts}");
            }
        }
        engine.rows("ROLLBACK", &[]);
        let here = |id| world.organization_of(Thing::Project(id)) == Some(row.organization_id);
        for project in world.projects.iter().filter(|project| here(project.id)) {
            let ids = [row.organization_id, row.user_id, project.id].map(Value::Integer);
            let permit = may_change(&ids[0], &ids[1], &ids[2]);
            engine.rows("BEGIN", &[]);
            let statements = cleanup.statements_in_project(&permit, &UserId(ids[1].clone()));
            run(&mut engine, statements.expect("statements"));
            let left = world.without(project.id, row.user_id);
            for table in ["project_members", "task_assignees"] {
                let rows = engine.rows(&format!("SELECT * FROM {table}"), &[]);
                assert_eq!(sorted(rows), sorted(schema::rows(&left, table, Ids::INTEGER)));
            }
            engine.rows("ROLLBACK", &[]);
        }
        let members = world.project_members.iter();
        gone += members.filter(|m| m.user_id == row.user_id && here(m.project_id)).count();
    }
    assert!(gone > 5, "{gone}");
}

/// Where an assignment keeps another project than that of its task, it counts in both. It goes with either.
fn an_assignment_that_lies<E: Engine>(mut engine: E) {
    let schema = Schema::new(engine.dialect().into());
    let cleanup = schema.cleanup(None, None).expect("a clean-up");
    let world = World::default();
    load(&mut engine, &world, Ids::INTEGER);
    engine.run(
        "INSERT INTO organizations VALUES (1), (2);
         INSERT INTO projects VALUES (1, 1, NULL, NULL, FALSE), (2, 2, NULL, NULL, FALSE);
         INSERT INTO tasks VALUES (1, 1), (2, 2);
         INSERT INTO task_assignees VALUES (1, 9, 2), (2, 9, 2), (2, 8, 1);",
    );
    let assigned = |engine: &mut E| {
        let query = Query::select()
            .columns(["task_id", "user_id"])
            .from("task_assignees")
            .order_by("task_id", Order::Asc)
            .order_by("user_id", Order::Asc)
            .take();
        engine.select(&query)
    };
    let row = |task, user| vec![Value::Integer(task), Value::Integer(user)];
    for (project, user, left) in [
        (1, 9, vec![row(2, 8), row(2, 9)]),
        (1, 8, vec![row(1, 9), row(2, 9)]),
        (2, 9, vec![row(2, 8)]),
        (2, 8, vec![row(1, 9), row(2, 9)]),
    ] {
        let [id, user] = [project, user].map(Value::Integer);
        let permit = may_change(&id, &user, &id); // the organizations have the ids of their projects
        let statements = cleanup.statements_in_project(&permit, &UserId(user));
        engine.rows("BEGIN", &[]);
        run(&mut engine, statements.expect("statements"));
        assert_eq!(assigned(&mut engine), left);
        engine.rows("ROLLBACK", &[]);
    }
    let mut left = |organization, user| {
        let (organization, user) = (OrganizationId(organization), UserId(user));
        let (role, source) = (Role::Annotator, RoleSource::Manual);
        let member = Member { organization, user, role, source };
        let directory = Actor::source(&organization, RoleSource::Scim, &Matrix::BUILT_IN);
        let removal = MembershipPolicy::new(organization).remove(directory, &member).unwrap();
        run(&mut engine, cleanup.statements(&removal));
        assigned(&mut engine)
    };
    assert_eq!(left(1, 9), [row(2, 8), row(2, 9)]);
    assert_eq!(left(1, 8), [row(2, 9)]);
    assert_eq!(left(2, 9), Vec::<Vec<Value>>::new());
}

/// A fact of the service's own says how it ends, if it follows from data that is deleted.
#[test]
fn own_facts_say_how_they_end() {
    for fact in Fact::ALL {
        let own = OwnFact::new(|_| Expr::val(true));
        let follows = ![Fact::OwnDataPermitted, Fact::Author].contains(&fact);
        for schema in [Schema::sqlite(), Schema::postgres()] {
            let error = schema.clone().with_fact(fact, own.clone()).cleanup(None, None).err();
            assert_eq!(error, follows.then(|| NoCleanup::OwnFacts([fact].into_iter().collect())));
            let own = own.clone().with_cleanup(|_| Vec::new());
            assert!(schema.with_fact(fact, own).cleanup(None, None).is_ok());
        }
    }
}

/// The same with one project: the end in the whole organization does not stand in for it, which would delete rows of
/// other projects.
#[test]
fn own_facts_say_how_they_end_in_a_project() {
    let id = Value::Integer(1);
    let permit = may_change(&id, &id, &id);
    let in_project =
        ["project_member", "project_assignee", "acts_as_annotator", "acts_as_reviewer", "assignee"];
    for fact in Fact::ALL {
        let delete = |table: &'static str| Query::delete().from_table(table).to_owned();
        let own = OwnFact::new(|_| Expr::val(true))
            .with_cleanup(move |_| vec![delete("everywhere").into()]);
        let follows = in_project.contains(&fact.name());
        for schema in [Schema::sqlite(), Schema::postgres()] {
            let statements = |own: &OwnFact| {
                let schema = schema.clone().with_fact(fact, own.clone());
                let cleanup = schema.cleanup(None, None).expect("a clean-up");
                cleanup.statements_in_project(&permit, &UserId(id.clone()))
            };
            let facts = || NoCleanup::OwnFactsInProject([fact].into_iter().collect());
            assert_eq!(statements(&own).err(), follows.then(facts));
            let own = own.clone().with_project_cleanup(move |_| vec![delete("here").into()]);
            let statements = statements(&own).expect("statements");
            let names = |table: &str| statements.iter().any(|(sql, _)| sql.contains(table));
            assert_eq!((names("here"), names("everywhere")), (follows, false), "{fact}");
        }
    }
}

/// An id that is NULL is nobody's, and deletes nothing.
fn absent_ids<E: Engine>(mut engine: E) {
    let world = World::generate(1);
    let credentials = credentials(&world);
    load(&mut engine, &world, Ids::INTEGER);
    load_credentials(&mut engine, Ids::INTEGER, &credentials);
    let mut sessions = Credentials::in_table("sessions");
    sessions.organization_id = None;
    let schema = Schema::new(engine.dialect().into());
    let cleanup = schema.cleanup(sessions, Credentials::in_table("api_tokens")).unwrap();
    let [one, other] = [world.organization_members[0].organization_id, world.users[0]];
    for (organization, user) in
        [(Value::Null, Value::Integer(other)), (Value::Integer(one), Value::Null)]
    {
        let (organization, user) = (OrganizationId(organization), UserId(user));
        let (role, source) = (Role::Annotator, RoleSource::Manual);
        let is_nobody = user.0 == Value::Null;
        let member = Member { organization: organization.clone(), user, role, source };
        let directory = Actor::source(&organization, RoleSource::Scim, &Matrix::BUILT_IN);
        let policy = MembershipPolicy::new(organization.clone());
        let removal = policy.remove(directory, &member).unwrap();
        engine.rows("BEGIN", &[]);
        run(&mut engine, cleanup.statements(&removal));
        for table in &TABLES {
            let rows = engine.rows(&format!("SELECT * FROM {}", table.name), &[]);
            assert_eq!(sorted(rows), sorted(schema::rows(&world, table.name, Ids::INTEGER)));
        }
        let sessions = engine.column("SELECT count(*) FROM sessions", &[]);
        let all = credentials.iter().filter(|one| one.table == "sessions").count() as i64;
        // Those of the user, which are good everywhere, go all the same.
        assert_eq!(sessions == [Value::Integer(all)], is_nobody);
        engine.rows("ROLLBACK", &[]);
    }
    for row in &world.project_members {
        let here = world.organization_of(Thing::Project(row.project_id)).expect("an organization");
        let ids = [here, row.user_id, row.project_id].map(Value::Integer);
        for absent in 0..ids.len() {
            let mut ids = ids.clone();
            ids[absent] = Value::Null;
            let permit = may_change(&ids[0], &ids[1], &ids[2]);
            let statements = cleanup.statements_in_project(&permit, &UserId(ids[1].clone()));
            run(&mut engine, statements.expect("statements"));
        }
    }
    for table in &TABLES {
        let rows = engine.rows(&format!("SELECT * FROM {}", table.name), &[]);
        assert_eq!(sorted(rows), sorted(schema::rows(&world, table.name, Ids::INTEGER)));
    }
}

/// Each action is asked of the oracle, and no other.
#[test]
fn the_oracle_knows_all_actions() {
    assert_eq!(oracle::TABLE.len(), Action::COUNT);
}

mod sqlite {
    use super::*;

    #[test]
    fn what_goes_is_what_the_proof_names() {
        super::what_goes_is_what_the_proof_names(Sqlite::create(), 30);
    }

    #[test]
    fn who_is_taken_out_of_a_project_leaves_nothing_in_it() {
        super::who_is_taken_out_of_a_project_leaves_nothing_in_it(Sqlite::create(), 15);
    }

    #[test]
    fn few_tables() {
        super::few_tables(Sqlite::create());
    }

    #[test]
    fn an_assignment_that_lies() {
        super::an_assignment_that_lies(Sqlite::create());
    }

    #[test]
    fn absent_ids() {
        super::absent_ids(Sqlite::create());
    }
}

mod postgres {
    use labelgate_sql_tests::security::service::{Asks, Secured};

    use super::*;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn what_goes_is_what_the_proof_names() {
        super::what_goes_is_what_the_proof_names(Postgres::create(), 10);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn who_is_taken_out_of_a_project_leaves_nothing_in_it() {
        super::who_is_taken_out_of_a_project_leaves_nothing_in_it(Postgres::create(), 5);
    }

    /// The role that serves requests runs the statements, for everybody who may change a project.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn who_may_change_a_project_takes_people_out_of_it_under_policies() {
        let mut schema = labelgate_sql_tests::security::service::schema();
        schema.task_assignees.is_checked = true;
        let ids = Ids::INTEGER;
        let mut secured = Secured::by(ids, &schema, &Matrix::BUILT_IN);
        let cleanup = schema.cleanup(None, None).expect("a clean-up");
        let mut asked = BTreeSet::new();
        let mut gone = 0;
        let world = secured.world.clone();
        for member in &world.organization_members {
            let asks = Asks {
                ids,
                organization: member.organization_id,
                user: member.user_id,
                role: member.role,
            };
            let here = OrganizationId(ids.other(asks.organization));
            let role = member.role.parse().expect("a code");
            let subject = Subject::new(here.clone(), UserId(ids.user(asks.user)), role);
            for project in &world.projects {
                let thing = Thing::Project(project.id);
                let Some(facts) = world.facts(asks.user, asks.organization, thing) else {
                    continue;
                };
                let id = ProjectId(ids.other(project.id));
                let row = subject.row(id, here.clone(), i64::from(facts)).expect("facts");
                let Ok(permit) = subject.authorize(act::ChangeProject, row) else { continue };
                asked.insert(asks.role);
                for &user in &world.users {
                    secured.begin(&asks);
                    let user_id = UserId(ids.user(user));
                    let statements = cleanup.statements_in_project(&permit, &user_id);
                    for (sql, values) in statements.expect("statements") {
                        let values: Vec<Value> = values.into_iter().map(Value::from).collect();
                        secured.service.try_rows(&sql, &values).expect("no error");
                    }
                    let left = world.without(project.id, user);
                    for table in OF_PROJECTS {
                        let sql = format!("SELECT * FROM {table}");
                        let rows = sorted(secured.service.try_rows(&sql, &[]).expect("rows"));
                        let expected = sorted(schema::rows(&left, table, ids));
                        assert_eq!(rows, expected, "{member:?} {table}");
                        gone += schema::rows(&world, table, ids).len() - rows.len();
                    }
                    secured.service.run("ROLLBACK");
                }
            }
        }
        assert!(gone > 50, "{gone}");
        assert_eq!(asked, BTreeSet::from(["MA", "OW"]));
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn few_tables() {
        super::few_tables(Postgres::create());
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn an_assignment_that_lies() {
        super::an_assignment_that_lies(Postgres::create());
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn absent_ids() {
        super::absent_ids(Postgres::create());
    }
}
