//! What PostgreSQL lets a member see and write, against what the oracle says of the row before and of the row after.

use std::collections::{BTreeMap, BTreeSet};

use labelgate::sql::RowSecurity;
use postgres::error::SqlState;

use crate::schema::{self, TABLES};
use crate::security::service::{Asks, SECURED, Service, Shape, cell};
use crate::tables::{
    AnnotationRow, OrganizationMemberRow, ProjectMemberRow, ProjectRoleRow, ProjectRow, TaskRow,
    Thing, WorkspaceMemberRow, WorkspaceRow,
};
use crate::{Cells, Engine, Ids, Postgres, Value, World, oracle};

const OF_WORKSPACE: u16 = oracle::WORKSPACE_CREATOR | oracle::WORKSPACE_MEMBER;

fn keys(kinds: &'static [&'static str]) -> impl Iterator<Item = &'static str> {
    let keys = oracle::TABLE.into_iter().map(|row| row.1);
    keys.filter(move |key| kinds.contains(&oracle::kind(key)))
}

fn kinds(table: &str) -> &'static [&'static str] {
    match table {
        "organizations" => &["Organization"],
        "workspaces" => &["Workspace"],
        "projects" => &["Project"],
        _ => &["Task"],
    }
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

/// Adds what generated worlds hardly have: for a member of each role, somebody else's sandbox that the user was added
/// to, a shared workspace that they were not added to, each with a project, and a project in which they have a role
/// that nobody can read.
pub fn add_rare(world: &mut World) {
    for (place, role) in ["OW", "AD", "MA", "RE", "AN"].into_iter().enumerate() {
        let mut members = world.organization_members.iter();
        let Some(&member) = members.find(|row| row.role == role) else { continue };
        let OrganizationMemberRow { organization_id, user_id, .. } = member;
        for is_personal in [true, false] {
            let id = 900_000 + 10 * place as i64 + i64::from(is_personal);
            world.workspaces.push(WorkspaceRow {
                id,
                organization_id,
                created_by: None,
                is_personal,
            });
            if is_personal {
                world.workspace_members.push(WorkspaceMemberRow { workspace_id: id, user_id });
            }
            world.projects.push(ProjectRow {
                id,
                organization_id,
                workspace_id: Some(id),
                created_by: None,
                show_annotation_history: true,
            });
            world.tasks.push(TaskRow { id, project_id: id });
            world.annotations.push(AnnotationRow { id, task_id: id, completed_by: None });
        }
        let projects = world.projects.iter();
        let mut ids =
            projects.filter(|row| row.organization_id == organization_id).map(|row| row.id);
        let project_id = ids.next().expect("a project");
        world.project_roles.retain(|row| (row.project_id, row.user_id) != (project_id, user_id));
        world.project_roles.push(ProjectRoleRow { project_id, user_id, role: "XX" });
        if !world.project_members.contains(&ProjectMemberRow { project_id, user_id }) {
            world.project_members.push(ProjectMemberRow { project_id, user_id });
        }
    }
}

/// Adds records that are filed under another project than that of their task. Nobody sees them where the schema says
/// that records keep the project.
pub fn add_misfiled(engine: &mut Postgres, world: &World, ids: Ids) {
    for (place, mut row) in (0..).zip(schema::rows(world, "annotations", ids)) {
        let mut projects = world.projects.iter().map(|row| ids.other(row.id));
        row[0] = ids.other(800_000 + place);
        row[3] = projects.find(|id| *id != row[3]).expect("another project");
        engine.rows("INSERT INTO annotations VALUES ($1, $2, $3, $4)", &row);
    }
}

/// A member of a world, and the matrix that the policies are of.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    pub world: &'a World,
    pub cells: &'a Cells,
    pub asks: Asks,
    /// Records keep the project of their task, and nothing but the policies sees to it.
    pub keeps_project: bool,
}

impl Member<'_> {
    fn may(&self, key: &str, facts: Option<u16>) -> bool {
        self.cells.may(self.asks.role, key, facts)
    }

    fn facts(&self, world: &World, table: &str, id: i64) -> Option<u16> {
        world.facts(self.asks.user, self.asks.organization, thing(table, id))
    }

    /// Whether a row is seen: something may be done to it, or to something in it.
    fn sees(&self, world: &World, table: &str, id: i64) -> bool {
        let may = |key, facts| self.may(key, Some(facts));
        if table == "organizations" {
            return id == self.asks.organization && !["NO", "DI"].contains(&self.asks.role);
        }
        let Some(facts) = self.facts(world, table, id) else { return false };
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

    /// Whether the action of the table that is called like this is permitted.
    fn may_write(&self, world: &World, verb: &str, table: &str, id: i64) -> bool {
        let key = format!("{table}.{verb}");
        let key = oracle::TABLE.into_iter().map(|row| row.1).find(|known| *known == key);
        key.is_some_and(|key| self.may(key, self.facts(world, table, id)))
    }

    /// Whether anybody may update rows of the table. Where nobody may, they can be locked.
    fn is_updated(&self, table: &str) -> bool {
        let key = format!("{table}.change");
        let key = oracle::TABLE.into_iter().map(|row| row.1).find(|known| *known == key);
        let kind = if table == "annotations" { "Record" } else { kinds(table)[0] };
        let may = |key| {
            let roles = ["OW", "AD", "MA", "RE", "AN"].into_iter();
            roles
                .flat_map(|role| oracle::all().map(move |facts| (role, facts)))
                .any(|(role, facts)| self.cells.may(role, key, Some(oracle::known(kind, facts))))
        };
        key.is_some_and(may)
    }

    /// Whether a locking read has the row.
    fn locks(&self, table: &str, id: i64) -> bool {
        let updated = !self.is_updated(table) || self.may_write(self.world, "change", table, id);
        self.sees(self.world, table, id) && updated
    }

    /// Whether a project may be created in a workspace, or in none.
    fn creates_in(&self, world: &World, workspace: Option<i64>) -> bool {
        let facts = match workspace {
            None => Some(0),
            Some(id) => self.facts(world, "workspaces", id),
        };
        self.may("projects.create", facts)
    }

    /// Whether a row of a world may be inserted there: whether what holds it may be written to, and its maker is
    /// the user or nobody.
    fn inserts(&self, world: &World, table: &str, id: i64) -> bool {
        let Asks { organization, user, .. } = self.asks;
        let of_organization = |other| (other == organization).then_some(0);
        let own = |maker: Option<i64>| maker.is_none_or(|maker| maker == user);
        match table {
            "organizations" => false,
            "workspaces" => {
                let row = world.workspace(id).expect("a workspace");
                let here = of_organization(row.organization_id);
                own(row.created_by) && self.may("workspaces.create", here)
            }
            "projects" => {
                let row = world.project(id).expect("a project");
                let here = row.organization_id == organization;
                own(row.created_by) && here && self.creates_in(world, row.workspace_id)
            }
            "tasks" => {
                let row = world.task(id).expect("a task");
                self.may("data.import", self.facts(world, "projects", row.project_id))
            }
            _ => {
                let row = world.annotation(id).expect("an annotation");
                let facts = self.facts(world, "tasks", row.task_id);
                own(row.completed_by) && self.may("tasks.label", facts)
            }
        }
    }

    /// What a change of one row comes to, if it is carried out whatever was seen before.
    fn is_changed(&self, table: &str, id: i64, change: &Change) -> bool {
        self.is_updated(table)
            && self.may_write(self.world, "change", table, id)
            && !change.is_fixed
            && self.may_write(&change.world, "change", table, id)
            && self.sees(&change.world, table, id)
            && change.moved.is_none_or(|workspace| self.creates_in(&change.world, workspace))
    }
}

/// A row that is written in another way: what it is set to, and the world afterwards.
struct Change {
    /// The column and its value.
    set: (&'static str, Value),
    world: World,
    /// Nobody changes this.
    is_fixed: bool,
    /// The workspace that a project is moved to.
    moved: Option<Option<i64>>,
}

fn find<T>(rows: &mut [T], is_it: impl Fn(&T) -> bool) -> &mut T {
    rows.iter_mut().find(|row| is_it(row)).expect("a row")
}

/// What can be changed in a row, with values that matter to the user.
fn changes(member: &Member<'_>, table: &str, id: i64) -> Vec<Change> {
    let Member { world, asks: Asks { ids, user, organization, .. }, keeps_project, .. } = *member;
    let mut changes = Vec::new();
    let other = world.organizations.iter().map(|row| row.id).find(|&id| id != organization);
    let other = other.expect("another organization");
    let somebody = world.users.iter().copied().find(|&id| id != user).expect("another user");
    let makers = [Some(user), None, Some(somebody)];
    let or_null = |id: Option<i64>, value: &dyn Fn(i64) -> Value| id.map_or(Value::Null, value);
    let user_or_null = |id| or_null(id, &|id| ids.user(id));
    let other_or_null = |id| or_null(id, &|id| ids.other(id));
    let mut add = |set, is_fixed, moved, change: &dyn Fn(&mut World)| {
        let mut world = world.clone();
        change(&mut world);
        changes.push(Change { set, world, is_fixed, moved });
    };
    match table {
        "workspaces" => {
            let row = world.workspace(id).expect("a workspace");
            add(("is_personal", Value::Bool(row.is_personal)), false, None, &|_| {});
            add(("is_personal", Value::Bool(!row.is_personal)), false, None, &|world| {
                find(&mut world.workspaces, |row| row.id == id).is_personal ^= true;
            });
            for to in [organization, other] {
                let is_other = to != row.organization_id;
                add(("organization_id", ids.other(to)), is_other, None, &|world| {
                    find(&mut world.workspaces, |row| row.id == id).organization_id = to;
                });
            }
            for maker in makers {
                let is_other = maker != row.created_by;
                add(("created_by", user_or_null(maker)), is_other, None, &|world| {
                    find(&mut world.workspaces, |row| row.id == id).created_by = maker;
                });
            }
            add(("id", ids.other(1_000_000)), true, None, &|_| {});
        }
        "projects" => {
            let row = world.project(id).expect("a project");
            let shows = row.show_annotation_history;
            for shows in [shows, !shows] {
                add(("show_annotation_history", Value::Bool(shows)), false, None, &|world| {
                    find(&mut world.projects, |row| row.id == id).show_annotation_history = shows;
                });
            }
            for to in [organization, other] {
                let is_other = to != row.organization_id;
                add(("organization_id", ids.other(to)), is_other, None, &|world| {
                    find(&mut world.projects, |row| row.id == id).organization_id = to;
                });
            }
            for maker in makers {
                let is_other = maker != row.created_by;
                add(("created_by", user_or_null(maker)), is_other, None, &|world| {
                    find(&mut world.projects, |row| row.id == id).created_by = maker;
                });
            }
            let workspaces = world.workspaces.iter().map(|row| Some(row.id)).chain([None]);
            for to in workspaces.filter(|_| !world.workspaces.is_empty()) {
                let moved = (to != row.workspace_id).then_some(to);
                add(("workspace_id", other_or_null(to)), false, moved, &|world| {
                    find(&mut world.projects, |row| row.id == id).workspace_id = to;
                });
            }
            add(("id", ids.other(1_000_000)), true, None, &|_| {});
        }
        "tasks" => {
            let row = world.task(id).expect("a task");
            add(("project_id", ids.other(row.project_id)), false, None, &|_| {});
            for project in world.projects.iter().take(3) {
                let is_other = project.id != row.project_id;
                add(("project_id", ids.other(project.id)), is_other, None, &|_| {});
            }
        }
        "annotations" => {
            let row = world.annotation(id).expect("an annotation");
            let project = world.task(row.task_id).expect("a task").project_id;
            add(("task_id", ids.other(row.task_id)), false, None, &|_| {});
            for task in world.tasks.iter().take(4) {
                let is_other = task.id != row.task_id;
                add(("task_id", ids.other(task.id)), is_other, None, &|_| {});
            }
            for maker in makers {
                let is_other = maker != row.completed_by;
                add(("completed_by", user_or_null(maker)), is_other, None, &|world| {
                    find(&mut world.annotations, |row| row.id == id).completed_by = maker;
                });
            }
            add(("project_id", ids.other(project)), false, None, &|_| {});
            let other = world.projects.iter().map(|row| row.id).find(|&id| id != project);
            let other = ids.other(other.expect("another project"));
            add(("project_id", other), keeps_project, None, &|_| {});
            add(("id", ids.other(1_000_000)), true, None, &|_| {});
        }
        _ => add(("id", ids.other(id)), false, None, &|_| {}),
    }
    changes
}

/// A statement with the cells of a row and a value, and what it has to come to.
struct Attempt {
    shape: Shape,
    cells: Vec<Option<String>>,
    expected: String,
}

impl Attempt {
    fn new(
        table: &str,
        sql: String,
        row: &[Value],
        set: &(&'static str, Value),
        expected: String,
    ) -> Attempt {
        let (column, value) = set;
        let shape = Shape { table: table.to_owned(), sql, column };
        let cells = row.iter().chain([value]).map(cell).collect();
        Attempt { shape, cells, expected }
    }
}

/// Compares what members can see and write. What a method finds first that is not so, it returns.
pub struct Compare<'a> {
    service: &'a mut Service,
    security: &'a RowSecurity,
    /// Of the changes of a row, each n-th is tried.
    pub sample: usize,
    /// The tables that are compared.
    pub tables: Vec<&'static str>,
    /// How much was compared.
    pub count: usize,
}

/// A service with few tables has no workspaces and no records.
fn has(world: &World, table: &str) -> bool {
    !(world.workspaces.is_empty() && ["workspaces", "annotations"].contains(&table))
}

impl<'a> Compare<'a> {
    pub fn new(service: &'a mut Service, security: &'a RowSecurity) -> Compare<'a> {
        Compare { service, security, sample: 3, tables: SECURED.to_vec(), count: 0 }
    }

    #[track_caller]
    fn same<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: &dyn Fn() -> String,
        found: T,
        expected: T,
    ) -> Result<(), String> {
        self.count += 1;
        if found == expected {
            Ok(())
        } else {
            Err(format!("{}: {found:?}, not {expected:?}", what()))
        }
    }

    /// Everything of a member.
    pub fn member(&mut self, member: &Member<'_>, parts: &[Cells]) -> Result<(), String> {
        self.functions(member)?;
        self.each_table(member, |compare, table| {
            compare.reads(member, table)?;
            compare.writes(member, table)?;
            compare.bounds(member, table, parts)
        })
    }

    /// What functions say of the member where no policy asks them: to the owner of the tables, for every row.
    pub fn functions(&mut self, member: &Member<'_>) -> Result<(), String> {
        let Member { world, asks, .. } = *member;
        let create = self.security.create();
        let has = |function: &str| create.iter().any(|sql| sql.contains(function));
        let who =
            |what: &str| format!("{} {} of {} {what}", asks.role, asks.user, asks.organization);
        if has("labelgate.acts_as(") {
            let acts = "SELECT id, role FROM projects, labelgate.acts_as(id) AS role";
            let [acts] = self.service.asked_as_owner(self.security, &asks, [acts]);
            let acts: BTreeMap<Value, Value> =
                acts.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
            for project in &world.projects {
                let Some(facts) = member.facts(world, "projects", project.id) else { continue };
                let expected = match facts {
                    _ if facts & oracle::ACTS_AS_ANNOTATOR != 0 => Value::Text("AN".to_owned()),
                    _ if facts & oracle::ACTS_AS_REVIEWER != 0 => Value::Text("RE".to_owned()),
                    _ => Value::Null,
                };
                let found = acts.get(&asks.ids.other(project.id));
                self.same(&|| who("acts in a project as"), found, Some(&expected))?;
            }
        }
        if has("labelgate.may_create_project(") {
            let inside = "SELECT id FROM workspaces WHERE labelgate.may_create_project(id)";
            let outside = "SELECT labelgate.may_create_project(NULL)";
            let queries = [inside, outside];
            let [inside, outside] = self.service.asked_as_owner(self.security, &asks, queries);
            let inside: BTreeSet<Value> = inside.into_iter().flatten().collect();
            let workspaces = world.workspaces.iter().map(|row| row.id);
            let expected = workspaces.filter(|id| member.creates_in(world, Some(*id)));
            let expected = expected.map(|id| asks.ids.other(id)).collect();
            self.same(&|| who("creates projects in"), inside, expected)?;
            let expected = vec![vec![Value::Bool(member.creates_in(world, None))]];
            self.same(&|| who("creates projects in none"), outside, expected)?;
        }
        Ok(())
    }

    /// Compares table by table, and undoes what was written.
    pub fn each_table(
        &mut self,
        member: &Member<'_>,
        compare: impl Fn(&mut Self, &str) -> Result<(), String>,
    ) -> Result<(), String> {
        self.service.begin(self.security, &member.asks);
        let tables = self.tables.clone().into_iter().filter(|table| has(member.world, table));
        let compared = tables.into_iter().try_for_each(|table| compare(self, table));
        self.service.run("ROLLBACK");
        compared
    }

    /// SELECT, locking reads, a view, COPY, and UPDATE and DELETE of all rows.
    pub fn reads(&mut self, member: &Member<'_>, table: &str) -> Result<(), String> {
        let Member { world, asks: Asks { ids, user, organization, role, .. }, .. } = *member;
        let all = things(world, table);
        let values = |is: &dyn Fn(i64) -> bool| -> BTreeSet<Value> {
            all.iter().filter(|id| is(**id)).map(|id| ids.other(*id)).collect()
        };
        let who = |what: &str| format!("{role} {user} of {organization} {what} {table}");
        let sees = values(&|id| member.sees(world, table, id));
        let seen = self.service.column(&format!("SELECT id FROM {table}"));
        self.same(&|| who("sees"), &seen, &sees)?;
        let copied = self.service.copied(&format!("{table} (id)"));
        self.same(&|| who("copies"), copied, sees.len())?;

        let locks = values(&|id| member.locks(table, id));
        for strength in ["UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"] {
            let sql = format!("SELECT id FROM {table} FOR {strength}");
            let locked = self.service.column(&sql);
            self.same(&|| who(&format!("locks for {strength}")), &locked, &locks)?;
        }
        self.service.run("SAVEPOINT here");
        let mut written = Vec::new();
        if member.is_updated(table) {
            written.push(("change", format!("UPDATE {table} SET id = id RETURNING id")));
        }
        written.push(("delete", format!("DELETE FROM {table} RETURNING id")));
        for (verb, sql) in written {
            let rows = self.service.try_column(&sql).map_err(|error| format!("{sql}: {error}"))?;
            let expected = values(&|id| member.may_write(world, verb, table, id));
            self.same(&|| who(verb), rows, expected)?;
            self.service.run("ROLLBACK TO SAVEPOINT here");
        }
        // Where no column is read, the policy for SELECT says nothing.
        for (verb, sql) in [
            ("change", format!("UPDATE {table} SET note = 'x'")),
            ("delete", format!("DELETE FROM {table}")),
        ] {
            let refused = verb == "change" && !member.is_updated(table) && !sees.is_empty();
            let expected = match refused {
                true => Err(SqlState::INSUFFICIENT_PRIVILEGE),
                false => Ok(values(&|id| member.may_write(world, verb, table, id)).len()),
            };
            let rows = self.service.written(&sql);
            self.same(&|| who(&sql), rows, expected)?;
            self.service.run("ROLLBACK TO SAVEPOINT here");
        }
        Ok(())
    }

    /// INSERT, UPDATE, ON CONFLICT and MERGE, row by row.
    pub fn writes(&mut self, member: &Member<'_>, table: &str) -> Result<(), String> {
        let world = member.world;
        let rows = schema::rows(world, table, member.asks.ids);
        let mut attempts = Vec::new();
        for (row, id) in rows.into_iter().zip(things(world, table)) {
            assert_eq!(row[0], member.asks.ids.other(id));
            attempts.extend(inserts(member, table, id, &row));
            let all = changes(member, table, id);
            for (n, change) in all.iter().enumerate() {
                if (n + attempts.len()).is_multiple_of(self.sample) {
                    // By UPDATE, and by one of the other ways.
                    let mut ways = updates(member, table, id, &row, change);
                    let other = ways.remove(1 + attempts.len() % (ways.len() - 1));
                    attempts.extend([ways.remove(0), other]);
                }
            }
            attempts.push(merged_delete(member, table, id, &row));
        }
        attempts.sort_by(|a, b| a.shape.cmp(&b.shape));
        for attempts in attempts.chunk_by(|a, b| a.shape == b.shape) {
            let cells = attempts.iter().flat_map(|attempt| attempt.cells.clone());
            let outcomes = self.service.attempt(&attempts[0].shape, &cells.collect::<Vec<_>>());
            assert_eq!(outcomes.len(), attempts.len());
            for (Attempt { shape, cells, expected }, outcome) in attempts.iter().zip(outcomes) {
                let Asks { organization, user, role, .. } = member.asks;
                let who = || format!("{role} {user} of {organization}: {} {cells:?}", shape.sql);
                self.same(&who, &outcome, expected)?;
            }
        }
        Ok(())
    }

    /// What is seen and inserted is never less than one of the matrices permits, and never more than reach, whatever
    /// the matrix is.
    fn bounds(&mut self, member: &Member<'_>, table: &str, parts: &[Cells]) -> Result<(), String> {
        let Member { world, cells, asks: Asks { organization, role, .. }, .. } = *member;
        if table == "organizations" {
            return Ok(());
        }
        let all = things(world, table);
        for part in parts {
            let member = Member { cells: part, ..*member };
            for &id in &all {
                let facts = member.facts(world, table, id);
                let may = keys(kinds(table)).any(|key| part.may(role, key, facts));
                let sees = member.sees(world, table, id);
                self.same(&|| format!("{role} sees {id} in {table}"), !may || sees, true)?;
            }
        }
        let roles: &[&str] = match role {
            "AN" | "RE" => &["AN", "RE"],
            _ => &[role],
        };
        let organization_wide = oracle::TABLE.iter().any(|row| {
            let cell = |role: &&str| cells.cell(role, row.1);
            oracle::kind(row.1) != "Organization" && roles.iter().map(cell).any(|c| c.contains('G'))
        });
        for &id in all.iter().filter(|id| member.sees(world, table, **id)) {
            let of = world.organization_of(thing(table, id));
            self.same(&|| format!("{role} sees {id} in {table}"), of, Some(organization))?;
            let facts = member.facts(world, table, id).expect("a row of the organization");
            let given = OF_WORKSPACE
                | oracle::PROJECT_CREATOR
                | oracle::PROJECT_MEMBER
                | oracle::PROJECT_ASSIGNEE;
            let is_given = facts & given != 0 || organization_wide;
            self.same(
                &|| format!("{role} sees {id} in {table}, which nobody gave"),
                is_given,
                true,
            )?;
        }
        Ok(())
    }
}

fn outcome(is_written: bool) -> String {
    if is_written { "1" } else { "refused" }.to_owned()
}

/// The cells of a row, as variables of an attempt.
fn tuple(table: &str) -> String {
    let definition = TABLES.iter().find(|other| other.name == table).expect("a table");
    let cells: Vec<_> = (0..definition.columns.len()).map(|n| format!("c{n}")).collect();
    cells.join(", ")
}

/// The place of the column with the user who made a row.
fn maker(table: &str) -> Option<usize> {
    match table {
        "workspaces" => Some(2),
        "projects" => Some(3),
        "annotations" => Some(2),
        _ => None,
    }
}

/// The row once more, with an id that is free, made by each of the users that matter.
fn inserts(member: &Member<'_>, table: &str, id: i64, row: &[Value]) -> Vec<Attempt> {
    let Member { world, asks: Asks { ids, user, .. }, keeps_project, .. } = *member;
    let sql = format!("INSERT INTO {table} VALUES ({})", tuple(table));
    let mut attempts = Vec::new();
    let mut insert = |row: &[Value], world: &World| {
        let mut row = row.to_vec();
        row[0] = ids.other(1_000_000);
        let expected = outcome(member.inserts(world, table, id));
        attempts.push(Attempt::new(table, sql.clone(), &row, &("id", Value::Null), expected));
    };
    insert(row, world);
    if let Some(place) = maker(table) {
        for maker in [Some(user), None] {
            let (mut row, mut world) = (row.to_vec(), world.clone());
            row[place] = maker.map_or(Value::Null, |user| ids.user(user));
            match table {
                "workspaces" => find(&mut world.workspaces, |row| row.id == id).created_by = maker,
                "projects" => find(&mut world.projects, |row| row.id == id).created_by = maker,
                _ => find(&mut world.annotations, |row| row.id == id).completed_by = maker,
            }
            insert(&row, &world);
        }
    }
    if keeps_project && table == "annotations" {
        // Filed under another project than that of its task.
        let mut projects = world.projects.iter().map(|row| ids.other(row.id));
        let project = projects.find(|id| *id != row[3]).expect("another project");
        let row = [ids.other(1_000_000), row[1].clone(), ids.user(user), project];
        attempts.push(Attempt::new(table, sql, &row, &("id", Value::Null), outcome(false)));
    }
    attempts
}

/// The same change by UPDATE, by MERGE, by ON CONFLICT and by UPDATE of all columns.
fn updates(
    member: &Member<'_>,
    table: &str,
    id: i64,
    row: &[Value],
    change: &Change,
) -> Vec<Attempt> {
    let world = member.world;
    let column = change.set.0;
    let set = format!("{column} = v");
    let is_changed = member.is_changed(table, id, change);
    let sees = member.sees(world, table, id);
    let reaches =
        sees && (!member.is_updated(table) || member.may_write(world, "change", table, id));
    let attempt = |sql, expected| Attempt::new(table, sql, row, &change.set, expected);
    let if_reached = || if reaches { outcome(is_changed) } else { "0".to_owned() };
    let update = attempt(format!("UPDATE {table} SET {set} WHERE id = c0"), if_reached());
    let merge = attempt(
        format!(
            "MERGE INTO {table} AS t USING (VALUES (1)) AS s ON t.id = c0 \
             WHEN MATCHED THEN UPDATE SET {set}"
        ),
        if sees { outcome(is_changed) } else { "0".to_owned() },
    );
    // What is proposed is asked about as well.
    let inserts = member.inserts(world, table, id);
    let conflict = attempt(
        format!(
            "INSERT INTO {table} VALUES ({}) ON CONFLICT (id) DO UPDATE SET {set}",
            tuple(table)
        ),
        outcome(inserts && reaches && is_changed),
    );
    // All columns, as an ORM writes them.
    let definition = TABLES.iter().find(|other| other.name == table).expect("a table");
    let columns =
        definition.columns.iter().enumerate().map(|(n, other)| match other.name == column {
            true => set.clone(),
            false => format!("{} = c{n}", other.name),
        });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let all = attempt(format!("UPDATE {table} SET {columns} WHERE id = c0"), if_reached());
    // A service with few tables calls a column otherwise.
    let all = (!world.workspaces.is_empty()).then_some(all);
    [update, merge, conflict].into_iter().chain(all).collect()
}

fn merged_delete(member: &Member<'_>, table: &str, id: i64, row: &[Value]) -> Attempt {
    let sql = format!(
        "MERGE INTO {table} AS t USING (VALUES (1)) AS s ON t.id = c0 WHEN MATCHED THEN DELETE"
    );
    let expected = match member.sees(member.world, table, id) {
        true => outcome(member.may_write(member.world, "delete", table, id)),
        false => "0".to_owned(),
    };
    Attempt::new(table, sql, row, &("id", Value::Null), expected)
}
