//! A connection as a role that owns nothing, and the databases that it connects to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use crate::schema::{self, TABLES};
use crate::tables::{text_id, uuid};
use crate::{self as tests, Engine, Ids, Postgres, Value, World, load};
use labelgate::sql::{Enforced, IdType, IdTypes, NotEnforced, RowSecurity, Schema};
use labelgate::{Matrix, OrganizationId, Subject, UserId};
use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, Error, Statement};
use sea_query::PostgresQueryBuilder;

/// The tables that have policies.
pub const SECURED: [&str; 5] = ["organizations", "workspaces", "projects", "tasks", "annotations"];

pub const SERVICE: &str = "labelgate_service";

/// Runs a statement with the values of rows, one by one, and undoes it each time. Says what each came to: how many
/// rows it wrote, that a policy refused it, or another error. The plan is made once, and kept for whoever asks.
fn attempt(name: &str, Shape { table, sql, column }: &Shape) -> String {
    let definition = TABLES.iter().find(|other| other.name == *table).expect("a table");
    let width = definition.columns.len() + 1;
    let types = (0..width - 1).map(|n| format!("c{n} \"{table}\".%TYPE"));
    let types = types
        .zip(definition.columns)
        .map(|(ty, column)| ty.replace(".%", &format!(".{}%", column.name)));
    let types = types.chain([format!("v \"{table}\".{column}%TYPE")]);
    let sets = (1..width).map(|n| format!("c{} := cells[i * {width} + {n}];", n - 1));
    let sets = sets.chain([format!("v := cells[i * {width} + {width}];")]);
    format!(
        "CREATE OR REPLACE FUNCTION {name}(cells text[]) RETURNS text[] LANGUAGE plpgsql AS $$
        DECLARE
            {};
            written bigint;
            outcomes text[] := '{{}}';
        BEGIN
            FOR i IN 0 .. cardinality(cells) / {width} - 1 LOOP
                {}
                BEGIN
                    {sql};
                    GET DIAGNOSTICS written = ROW_COUNT;
                    RAISE EXCEPTION USING ERRCODE = 'LG000';
                EXCEPTION
                    WHEN SQLSTATE 'LG000' THEN outcomes := outcomes || written::text;
                    WHEN insufficient_privilege THEN outcomes := outcomes ||
                        CASE WHEN SQLERRM LIKE '%row-level security%' THEN 'refused' ELSE SQLERRM END;
                    WHEN OTHERS THEN outcomes := outcomes || SQLERRM;
                END;
            END LOOP;
            RETURN outcomes;
        END $$",
        types.collect::<Vec<_>>().join("; "),
        sets.collect::<Vec<_>>().join(" "),
    )
}

/// A statement on a table: `c0`, `c1` and so on are the cells of a row, and `v` a value of the column.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shape {
    pub table: String,
    pub sql: String,
    pub column: &'static str,
}

pub struct Service {
    pub client: Client,
    pub prepared: HashMap<String, Statement>,
    shapes: BTreeMap<Shape, String>,
    /// The service has few tables.
    pub is_few: bool,
    /// Makes the functions of the shapes. It is under no policy.
    owner: Client,
}

impl Service {
    pub fn connect(engine: &mut Postgres) -> Service {
        role(engine, SERVICE, "LOGIN");
        Service {
            client: engine.connect(SERVICE),
            prepared: HashMap::new(),
            shapes: BTreeMap::new(),
            is_few: false,
            owner: engine.connect("postgres"),
        }
    }

    #[track_caller]
    pub fn run(&mut self, sql: &str) {
        self.client.batch_execute(sql).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
    }

    pub fn try_rows(&mut self, sql: &str, binds: &[Value]) -> Result<Vec<Vec<Value>>, Error> {
        if !self.prepared.contains_key(sql) {
            self.prepared.insert(sql.to_owned(), self.client.prepare(sql)?);
        }
        let binds: Vec<&(dyn ToSql + Sync)> = binds.iter().map(|bind| bind as _).collect();
        let rows = self.client.query(&self.prepared[sql], &binds)?;
        Ok(rows.iter().map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect())
    }

    pub fn try_column(&mut self, sql: &str) -> Result<BTreeSet<Value>, Error> {
        Ok(self.try_rows(sql, &[])?.into_iter().map(|mut row| row.remove(0)).collect())
    }

    #[track_caller]
    pub fn column(&mut self, sql: &str) -> BTreeSet<Value> {
        self.try_column(sql).unwrap_or_else(|error| panic!("{error:?}\n{sql}"))
    }

    /// How many rows a statement writes, or the code of its error.
    pub fn written(&mut self, sql: &str) -> Result<usize, SqlState> {
        let rows = self.client.execute(sql, &[]);
        let code = |error: Error| error.code().expect("an error of the database").clone();
        rows.map(|rows| rows as usize).map_err(code)
    }

    /// What a statement comes to with each of the rows and values. It is undone.
    pub fn attempt(&mut self, shape: &Shape, cells: &[Option<String>]) -> Vec<String> {
        if !self.shapes.contains_key(shape) {
            let name = format!("attempt_{}", self.shapes.len());
            let mut function = attempt(&name, shape);
            if self.is_few {
                // See `load_few`.
                function =
                    function.replace("\"projects\".workspace_id", "\"projects\".something_else");
            }
            self.owner.batch_execute(&function).expect("a function");
            self.shapes.insert(shape.clone(), format!("SELECT {name}($1)"));
        }
        let sql = &self.shapes[shape];
        let row = self
            .client
            .query_one(sql, &[&cells])
            .unwrap_or_else(|error| panic!("{error:?}\n{}", shape.sql));
        row.get(0)
    }

    /// How many rows `COPY .. TO` writes.
    pub fn copied(&mut self, what: &str) -> usize {
        let mut text = String::new();
        let mut copy = self.client.copy_out(&format!("COPY {what} TO STDOUT")).expect("a copy");
        copy.read_to_string(&mut text).expect("a text");
        text.lines().count()
    }

    pub fn begin(&mut self, security: &RowSecurity, asks: &Asks) {
        self.run(RowSecurity::BEGIN);
        asks.set(self, security);
    }

    /// The rows of queries that the owner of the tables runs with the settings of a member.
    pub fn asked_as_owner<const N: usize>(
        &mut self,
        security: &RowSecurity,
        asks: &Asks,
        queries: [&str; N],
    ) -> [Vec<Vec<Value>>; N] {
        let mut transaction = self.owner.transaction().expect("a transaction");
        transaction.batch_execute(&asks.settings(security)).expect("settings");
        queries.map(|sql| {
            let rows =
                transaction.query(sql, &[]).unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
            rows.iter().map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect()
        })
    }

    /// The number of rows in each secured table.
    pub fn counts(&mut self) -> Vec<usize> {
        let mut count = |table: &'static str| self.column(&format!("SELECT id FROM {table}")).len();
        SECURED.into_iter().map(&mut count).collect()
    }
}

/// Who asks, by the ids of a database.
#[derive(Clone, Copy)]
pub struct Asks {
    pub ids: Ids,
    pub organization: i64,
    pub user: i64,
    pub role: &'static str,
}

impl Asks {
    /// The settings with their values in the text.
    fn settings(&self, security: &RowSecurity) -> String {
        let Asks { ids, organization, user, role } = *self;
        let role = role.parse().expect("a code");
        let settings = if ids == Ids::UUID {
            // Without a feature of sea-query for them, they are texts.
            let (organization, user) = (OrganizationId(text(organization)), UserId(text(user)));
            security.settings(&Subject::new(organization, user, role))
        } else {
            let (organization, user) =
                (OrganizationId(ids.other(organization)), UserId(ids.user(user)));
            security.settings(&Subject::new(organization, user, role))
        };
        settings.to_string(PostgresQueryBuilder)
    }

    fn set(&self, service: &mut Service, security: &RowSecurity) {
        if self.ids == Ids::UUID {
            service.run(&self.settings(security));
        } else {
            let role = self.role.parse().expect("a code");
            let organization = OrganizationId(self.ids.other(self.organization));
            let user = UserId(self.ids.user(self.user));
            let settings = security.settings(&Subject::new(organization, user, role));
            let (sql, binds) = settings.build(PostgresQueryBuilder);
            let binds: Vec<Value> = binds.into_iter().map(Value::from).collect();
            service.try_rows(&sql, &binds).expect("settings");
        }
    }
}

fn text(id: i64) -> String {
    format!("{:032x}", uuid(id))
}

/// A value as a cell of [`Service::attempt`].
pub fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(is_so) => Some(is_so.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Text(text) => Some(text.clone()),
        Value::Uuid(id) => Some(format!("{id:032x}")),
    }
}

/// A role of the server, which is made once: tests share the server.
pub fn role(engine: &mut Postgres, name: &str, options: &str) {
    static LOCK: Mutex<()> = Mutex::new(());
    let _lock = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
    // What policies cost looks like worth compiling, which takes seconds. Plans are made once, for all users.
    let jit = format!(
        "ALTER ROLE {name} SET jit = off; ALTER ROLE {name} SET plan_cache_mode = force_generic_plan"
    );
    engine.run(&format!(
        "DO $$ BEGIN CREATE ROLE {name} {options}; EXCEPTION WHEN duplicate_object THEN NULL; END $$; {jit}"
    ));
}

/// The tables of a world with their policies, for the service to use.
pub fn secure(engine: &mut Postgres, security: &RowSecurity) {
    apply(engine, security, &security.create());
}

/// The same with other statements than those that the crate prints.
pub fn apply(engine: &mut Postgres, security: &RowSecurity, create: &[String]) {
    let remove = security.remove();
    // A column that no policy and no trigger asks about.
    let notes = SECURED
        .map(|table| format!("ALTER TABLE IF EXISTS {table} ADD COLUMN IF NOT EXISTS note TEXT"));
    let statements = notes.iter().chain(&remove).chain(create);
    let statements: Vec<&str> = statements.map(String::as_str).collect();
    engine.run(&format!(
        "SET client_min_messages = error; {};
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {SERVICE}",
        statements.join(";\n"),
    ));
}

pub fn id_types(ids: Ids) -> IdTypes {
    let of = |ids| match ids {
        tests::IdType::Integer => IdType::BigInt,
        tests::IdType::Text => IdType::Text,
        tests::IdType::Uuid => IdType::Uuid,
    };
    IdTypes { organization: of(ids.others), user: of(ids.users) }
}

/// The default tables, whose policies are by the built-in matrix.
pub fn schema() -> Schema {
    let mut schema = Schema::postgres();
    schema.is_secured = true;
    schema
}

/// What a connection is told about policies.
pub fn enforced(client: &mut Client, security: &RowSecurity) -> Result<Enforced, NotEnforced> {
    let row = client.query_one(&security.enforcement_query(), &[]).expect("an answer");
    Enforced::try_from(row.get::<_, &str>(0))
}

/// The first world in a database, its policies by the built-in matrix, and a member of each role.
pub struct Secured {
    pub engine: Postgres,
    pub service: Service,
    pub world: World,
    pub security: RowSecurity,
    pub ids: Ids,
}

impl Secured {
    pub fn new(ids: Ids) -> Secured {
        Secured::by(ids, &schema(), &Matrix::BUILT_IN)
    }

    pub fn by(ids: Ids, schema: &Schema, matrix: &Matrix) -> Secured {
        let mut engine = Postgres::create();
        let world = World::generate(0);
        load(&mut engine, &world, ids);
        let security = schema.row_security(matrix, id_types(ids)).expect("policies");
        let service = Service::connect(&mut engine);
        secure(&mut engine, &security);
        Secured { engine, service, world, security, ids }
    }

    /// Somebody of a role, who sees something.
    pub fn someone(&self, role: &'static str) -> Asks {
        let mut rows = self.world.organization_members.iter();
        let has_projects = |organization| {
            self.world.projects.iter().any(|row| row.organization_id == organization)
        };
        let row = rows.find(|row| row.role == role && has_projects(row.organization_id));
        let row = row.expect("somebody of the role");
        Asks { ids: self.ids, organization: row.organization_id, user: row.user_id, role }
    }

    pub fn begin(&mut self, asks: &Asks) {
        self.service.begin(&self.security, asks);
    }

    /// That nothing is seen, and nothing can be written.
    #[track_caller]
    pub fn is_shut(&mut self) {
        assert_eq!(self.service.counts(), [0; 5]);
        self.service.run("BEGIN");
        for table in SECURED {
            let definition = TABLES.iter().find(|other| other.name == table).expect("a table");
            let places: Vec<_> = (1..=definition.columns.len()).map(|n| format!("${n}")).collect();
            let insert = format!("INSERT INTO {table} VALUES ({})", places.join(", "));
            for mut row in schema::rows(&self.world, table, self.ids).into_iter().take(3) {
                row[0] = self.ids.other(1_000_000);
                self.service.run("SAVEPOINT here");
                let cells: Vec<&(dyn ToSql + Sync)> = row.iter().map(|cell| cell as _).collect();
                let error = self.service.client.execute(&insert, &cells).expect_err("no policy");
                let message = error.as_db_error().expect("an error of the database").message();
                assert!(message.contains("row-level security"), "{message}");
                self.service.run("ROLLBACK TO SAVEPOINT here");
            }
            let update = format!("UPDATE {table} SET id = id RETURNING id");
            assert_eq!(self.service.column(&update).len(), 0, "{table}");
            let delete = format!("DELETE FROM {table} RETURNING id");
            assert_eq!(self.service.column(&delete).len(), 0, "{table}");
        }
        self.service.run("ROLLBACK");
    }
}

/// The text of an id that is bound nowhere.
pub fn setting(ids: tests::IdType, id: i64) -> String {
    match ids {
        tests::IdType::Integer => id.to_string(),
        tests::IdType::Text => text_id(id),
        tests::IdType::Uuid => text(id),
    }
}
