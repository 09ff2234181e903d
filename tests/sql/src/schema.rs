//! The tables of a service, described once for both engines, and the rows of a world in them.

use labelgate::sql::{self, OwnFact, Principal, Schema};
use labelgate::{Fact, Kind, Role};
use sea_query::{Expr, ExprTrait, Query, SelectStatement};

use crate::tables::{text_id, uuid};
use crate::{Dialect, Engine, Value, World};

/// How a service keeps its ids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum IdType {
    Integer,
    Text,
    Uuid,
}

/// Users may be known by ids of another type than everything else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ids {
    pub users: IdType,
    pub others: IdType,
}

impl Ids {
    pub const INTEGER: Ids = Ids { users: IdType::Integer, others: IdType::Integer };
    pub const TEXT: Ids = Ids { users: IdType::Text, others: IdType::Text };
    pub const TEXT_USERS: Ids = Ids { users: IdType::Text, others: IdType::Integer };
    pub const UUID: Ids = Ids { users: IdType::Uuid, others: IdType::Uuid };
    /// Those that sea-query binds with none of its features.
    pub const ALL: [Ids; 3] = [Ids::INTEGER, Ids::TEXT, Ids::TEXT_USERS];

    /// A user's id, as it is in these tables.
    pub fn user(self, id: i64) -> Value {
        self.users.value(id)
    }

    /// The id of anything but a user, as it is in these tables.
    pub fn other(self, id: i64) -> Value {
        self.others.value(id)
    }
}

impl IdType {
    fn value(self, id: i64) -> Value {
        match self {
            IdType::Integer => Value::Integer(id),
            IdType::Text => Value::Text(text_id(id)),
            IdType::Uuid => Value::Uuid(uuid(id)),
        }
    }

    fn sql(self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            (IdType::Integer, Dialect::Sqlite) => "INTEGER",
            (IdType::Integer, Dialect::Postgres) => "BIGINT",
            (IdType::Text, _) => "TEXT",
            (IdType::Uuid, Dialect::Sqlite) => "BLOB",
            (IdType::Uuid, Dialect::Postgres) => "UUID",
        }
    }
}

pub struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    pub key: &'static str,
}

pub struct Column {
    pub name: &'static str,
    is: Is,
    or_null: bool,
}

#[derive(Clone, Copy)]
enum Is {
    User,
    Other,
    Code,
    Bool,
}

const fn column(name: &'static str, is: Is) -> Column {
    Column { name, is, or_null: false }
}

const fn or_null(name: &'static str, is: Is) -> Column {
    Column { name, is, or_null: true }
}

/// The table of the rows of a kind.
pub fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Organization => "organizations",
        Kind::Workspace => "workspaces",
        Kind::Project => "projects",
        Kind::Task => "tasks",
        Kind::Record => "annotations",
    }
}

pub const TABLES: [Table; 10] = [
    Table { name: "organizations", columns: &[column("id", Is::Other)], key: "id" },
    Table {
        name: "organization_members",
        columns: &[
            column("organization_id", Is::Other),
            column("user_id", Is::User),
            column("role", Is::Code),
        ],
        key: "organization_id, user_id",
    },
    Table {
        name: "workspaces",
        columns: &[
            column("id", Is::Other),
            column("organization_id", Is::Other),
            or_null("created_by", Is::User),
            column("is_personal", Is::Bool),
        ],
        key: "id",
    },
    Table {
        name: "workspace_members",
        columns: &[column("workspace_id", Is::Other), column("user_id", Is::User)],
        key: "workspace_id, user_id",
    },
    Table {
        name: "projects",
        columns: &[
            column("id", Is::Other),
            column("organization_id", Is::Other),
            or_null("workspace_id", Is::Other),
            or_null("created_by", Is::User),
            column("show_annotation_history", Is::Bool),
        ],
        key: "id",
    },
    Table {
        name: "project_members",
        columns: &[column("project_id", Is::Other), column("user_id", Is::User)],
        key: "project_id, user_id",
    },
    Table {
        name: "project_roles",
        columns: &[
            column("project_id", Is::Other),
            column("user_id", Is::User),
            column("role", Is::Code),
        ],
        key: "project_id, user_id, role",
    },
    Table {
        name: "tasks",
        columns: &[column("id", Is::Other), column("project_id", Is::Other)],
        key: "id",
    },
    Table {
        name: "task_assignees",
        columns: &[
            column("task_id", Is::Other),
            column("user_id", Is::User),
            column("project_id", Is::Other),
        ],
        key: "task_id, user_id",
    },
    Table {
        name: "annotations",
        columns: &[
            column("id", Is::Other),
            column("task_id", Is::Other),
            or_null("completed_by", Is::User),
            column("project_id", Is::Other), // of the task, for who keeps it here as well
        ],
        key: "id",
    },
];

/// An index for each fact, from the user to the id, and those of the ways down.
const INDEXES: [&str; 12] = [
    "organization_members (user_id, organization_id)",
    "workspaces (created_by, id)",
    "workspace_members (user_id, workspace_id)",
    "projects (organization_id, id)",
    "projects (workspace_id, id)",
    "projects (created_by, id)",
    "project_members (user_id, project_id)",
    "tasks (project_id, id)",
    "task_assignees (user_id, project_id)",
    "task_assignees (user_id, task_id)",
    "annotations (completed_by, task_id)",
    "annotations (task_id, id)",
];

/// The statements that make the tables, in place of those that are there. No row is promised to lead anywhere: there are no foreign
/// keys, as a service may have dropped them.
pub fn ddl(dialect: Dialect, ids: Ids) -> String {
    let mut sql = String::new();
    for Table { name, columns, key } in TABLES {
        let columns: Vec<String> = columns
            .iter()
            .map(|column| {
                let ty = match column.is {
                    Is::User => ids.users.sql(dialect),
                    Is::Other => ids.others.sql(dialect),
                    Is::Code => "TEXT",
                    Is::Bool => "BOOLEAN",
                };
                let null = if column.or_null { "" } else { " NOT NULL" };
                format!("{} {ty}{null}", column.name)
            })
            .collect();
        sql += &format!("DROP TABLE IF EXISTS {name};\n");
        sql += &format!("CREATE TABLE {name} ({}, PRIMARY KEY ({key}));\n", columns.join(", "));
    }
    for (n, index) in INDEXES.iter().enumerate() {
        sql += &format!("CREATE INDEX index_{n} ON {index};\n");
    }
    sql
}

/// The rows of a table, in the order of its columns.
pub fn rows(world: &World, table: &str, ids: Ids) -> Vec<Vec<Value>> {
    let user = |id| ids.user(id);
    let other = |id| ids.other(id);
    let user_or_null = |id: Option<i64>| id.map_or(Value::Null, user);
    let other_or_null = |id: Option<i64>| id.map_or(Value::Null, other);
    let code = |code: &str| Value::Text(code.to_owned());
    match table {
        "organizations" => world.organizations.iter().map(|row| vec![other(row.id)]).collect(),
        "organization_members" => world
            .organization_members
            .iter()
            .map(|row| vec![other(row.organization_id), user(row.user_id), code(row.role)])
            .collect(),
        "workspaces" => world
            .workspaces
            .iter()
            .map(|row| {
                vec![
                    other(row.id),
                    other(row.organization_id),
                    user_or_null(row.created_by),
                    Value::Bool(row.is_personal),
                ]
            })
            .collect(),
        "workspace_members" => world
            .workspace_members
            .iter()
            .map(|row| vec![other(row.workspace_id), user(row.user_id)])
            .collect(),
        "projects" => world
            .projects
            .iter()
            .map(|row| {
                vec![
                    other(row.id),
                    other(row.organization_id),
                    other_or_null(row.workspace_id),
                    user_or_null(row.created_by),
                    Value::Bool(row.show_annotation_history),
                ]
            })
            .collect(),
        "project_members" => world
            .project_members
            .iter()
            .map(|row| vec![other(row.project_id), user(row.user_id)])
            .collect(),
        "project_roles" => world
            .project_roles
            .iter()
            .map(|row| vec![other(row.project_id), user(row.user_id), code(row.role)])
            .collect(),
        "tasks" => {
            world.tasks.iter().map(|row| vec![other(row.id), other(row.project_id)]).collect()
        }
        "task_assignees" => world
            .task_assignees
            .iter()
            .map(|row| vec![other(row.task_id), user(row.user_id), other(row.project_id)])
            .collect(),
        "annotations" => world
            .annotations
            .iter()
            .map(|row| {
                let project_id = world.task(row.task_id).expect("a task").project_id;
                let completed_by = user_or_null(row.completed_by);
                vec![other(row.id), other(row.task_id), completed_by, other(project_id)]
            })
            .collect(),
        _ => panic!("no table of these tests: {table}"),
    }
}

/// Makes the tables and puts a world into them. A world that was loaded before is gone.
pub fn load(engine: &mut impl Engine, world: &World, ids: Ids) {
    let dialect = engine.dialect();
    engine.run("BEGIN");
    engine.run(&ddl(dialect, ids));
    for table in &TABLES {
        let rows = rows(world, table.name, ids);
        for rows in rows.chunks(100) {
            let width = table.columns.len();
            let places: Vec<String> = (0..rows.len())
                .map(|row| {
                    let places = (1..=width).map(|n| dialect.placeholder(row * width + n));
                    format!("({})", places.collect::<Vec<_>>().join(", "))
                })
                .collect();
            let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            let sql = format!(
                "INSERT INTO {} ({}) VALUES {}",
                table.name,
                columns.join(", "),
                places.join(", ")
            );
            engine.rows(&sql, &rows.concat());
        }
    }
    engine.run("COMMIT");
}

/// What a service says of its tables that has no workspaces, no roles in projects and no records.
pub fn few(dialect: sql::Dialect) -> sql::Schema {
    sql::Schema::new(dialect)
        .without([Fact::WorkspaceCreator, Fact::WorkspaceMember, Fact::Author])
        .without_project_roles()
}

/// [`load`], for a service that has [`few`] of the tables. The world loses what it does not know.
pub fn load_few(engine: &mut impl Engine, world: &mut World, ids: Ids) {
    world.workspaces.clear();
    world.workspace_members.clear();
    world.projects.iter_mut().for_each(|project| project.workspace_id = None);
    world.project_roles.clear();
    world.annotations.clear();
    load(engine, world, ids);
    engine.run(
        "DROP TABLE workspaces; DROP TABLE workspace_members; DROP TABLE project_roles;
         DROP TABLE annotations; ALTER TABLE projects RENAME COLUMN workspace_id TO something_else",
    );
}

/// What is said of the tables, in different ways for different worlds.
pub fn said(dialect: Dialect, seed: u64) -> Schema {
    let mut schema = Schema::new(dialect.into());
    match seed % 5 {
        0 => {}
        1 => {
            schema.task_assignees.project_id = None;
            schema.records.project_id = Some("project_id".into());
        }
        2 => {
            schema.workspaces.alias = Some("w".into());
            schema.projects.alias = Some("select".into());
            schema.tasks.alias = Some("t\"'".into());
            schema.records.alias = Some("r".into());
            schema.project_members.alias = Some("m".into());
            schema.task_assignees.alias = Some("a".into());
        }
        3 => {
            schema.project_roles.is_checked = true;
            schema.task_assignees.is_checked = true;
            schema.is_secured = seed.is_multiple_of(4);
        }
        _ => schema = own_facts(schema),
    }
    schema
}

/// The same facts as expressions of the service's own: some with ids, some without.
fn own_facts(schema: Schema) -> Schema {
    fn rows(table: &'static str, id: &'static str, asked: &Principal) -> SelectStatement {
        let of_user = Expr::col((table, "user_id")).eq(asked.user());
        Query::select().column((table, id)).from(table).and_where(of_user).to_owned()
    }
    fn is_in(id: (&'static str, &'static str), query: SelectStatement) -> Expr {
        Expr::col(id).in_subquery(query)
    }
    fn of_role(role: &'static str, asked: &Principal) -> Expr {
        let is = Expr::col(("project_roles", "role")).eq(role);
        let rows = rows("project_roles", "project_id", asked).and_where(is).take();
        is_in(("projects", "id"), rows)
    }
    let members = |asked: &Principal| rows("project_members", "project_id", asked);
    let project_member =
        OwnFact::new(move |asked| is_in(("projects", "id"), members(asked))).with_ids(members);
    let shared = |asked: &Principal| {
        let shared = Query::select()
            .column("id")
            .from("workspaces")
            .and_where(Expr::col("is_personal").eq(false))
            .to_owned();
        let id = ("workspace_members", "workspace_id");
        rows("workspace_members", "workspace_id", asked).and_where(is_in(id, shared)).take()
    };
    let workspace_member =
        OwnFact::new(move |asked| is_in(("workspaces", "id"), shared(asked))).with_ids(shared);
    let assigned = |asked: &Principal| rows("task_assignees", "task_id", asked);
    let assignee = OwnFact::new(move |asked| is_in(("tasks", "id"), assigned(asked)));
    let permitted = OwnFact::new(|_| Expr::col(("projects", "show_annotation_history")));
    // They may both hold.
    let either = |asked: &Principal, code: &'static str, role: Role| {
        let is_none = is_in(("projects", "id"), rows("project_roles", "project_id", asked)).not();
        let of_role = of_role(code, asked);
        if asked.role() == role { of_role.or(is_none) } else { of_role }
    };
    let annotator = OwnFact::new(move |asked| either(asked, "AN", Role::Annotator));
    let reviewer = OwnFact::new(move |asked| either(asked, "RE", Role::Reviewer));
    schema
        .with_fact(Fact::ProjectMember, project_member)
        .with_fact(Fact::WorkspaceMember, workspace_member)
        .with_fact(Fact::Assignee, assignee)
        .with_fact(Fact::OwnDataPermitted, permitted)
        .with_fact(Fact::ActsAsAnnotator, annotator)
        .with_fact(Fact::ActsAsReviewer, reviewer)
}
