//! The database: SQLite in this process, or PostgreSQL by a URL.
//!
//! SeaORM is used for what differs between the two, the connections and the transactions. Statements
//! are sea-query's where labelgate renders a part of them, and otherwise text with `$1`, which both
//! databases read.

use std::time::Duration;

use labelgate::overrides::Overrides;
use labelgate::sql::{Cleanup, Credentials, Enforced, IdTypes, RowSecurity, Schema};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    FromQueryResult, Statement, TransactionTrait, Value,
};

use crate::problem::{Failure, changed};
use crate::seed;

/// What is bound to `$1`, `$2` and so on.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        [$( sea_orm::Value::from($value) ),*]
    };
}

pub(crate) use values;

/// A connection pool, and what the tables are called.
pub struct Database {
    pub pool: DatabaseConnection,
    pub schema: Schema,
    pub cleanup: Cleanup,
    pub security: Option<RowSecurity>,
}

impl Database {
    /// Connects and migrates. A database without tables is filled with the [`seed`], and what one signs
    /// in with is returned.
    pub async fn open(url: &str) -> Result<(Self, Vec<seed::Login>), Box<dyn std::error::Error>> {
        let sqlite = url.starts_with("sqlite:");
        let mut schema = if sqlite { Schema::sqlite() } else { Schema::postgres() };
        // What the tables are called and guarantee, see migrations/tables.sql.
        schema.organization_members.table = "members".into();
        schema.project_roles.is_checked = true;
        schema.task_assignees.is_checked = true;
        schema.is_secured = !sqlite;
        // One table has both sessions and tokens.
        let signed_in = Credentials::in_table("sessions");
        let cleanup = schema.cleanup(signed_in.clone(), signed_in)?;

        let mut options = ConnectOptions::new(url);
        options.sqlx_logging(false).acquire_timeout(Duration::from_secs(10));
        if sqlite {
            // One writer at a time, and a database in memory is its connection's.
            options.max_connections(1);
            let pool = sea_orm::Database::connect(options).await?;
            let logins = migrate(&pool, &schema, None).await?;
            return Ok((Self { pool, schema, cleanup, security: None }, logins));
        }
        // Policies are fixed here, and organizations change their matrix: made for the widest.
        let widest = RowSecurity::widest([Overrides::widest().matrix()]);
        let security = schema.row_security(&widest, IdTypes::BIGINT)?.with_jobs("labelgate_jobs");
        let owner = sea_orm::Database::connect(options.clone()).await?;
        let logins = migrate(&owner, &schema, Some(&security)).await?;
        owner.close().await?;

        // Requests are served as a role that owns nothing. Policies look costly to PostgreSQL, which
        // would compile them.
        options.map_sqlx_postgres_opts(|options| {
            options.options([("role", "labelgate_service"), ("jit", "off")])
        });
        let pool = sea_orm::Database::connect(options).await?;
        let question = Statement::from_string(DbBackend::Postgres, security.enforcement_query());
        let answer = pool.query_one_raw(question).await?.ok_or("no answer about policies")?;
        Enforced::try_from(answer.try_get_by_index::<String>(0)?.as_str())?;
        Ok((Self { pool, schema, cleanup, security: Some(security) }, logins))
    }

    pub async fn begin(&self) -> Result<Tx, DbErr> {
        Ok(Tx(self.pool.begin().await?))
    }
}

/// Makes the tables where there are none, in one transaction.
async fn migrate(
    owner: &DatabaseConnection,
    schema: &Schema,
    security: Option<&RowSecurity>,
) -> Result<Vec<seed::Login>, Failure> {
    let backend = owner.get_database_backend();
    let tx = Tx(owner.begin().await?);
    tx.0.execute_unprepared("CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY)")
        .await?;
    let is_new =
        tx.execute("INSERT INTO migrations VALUES (1) ON CONFLICT DO NOTHING", []).await? == 1;
    let logins = if is_new { first(&tx, schema, security).await? } else { Vec::new() };
    if tx.execute("INSERT INTO migrations VALUES (2) ON CONFLICT DO NOTHING", []).await? == 1 {
        let services = with_ids(backend, include_str!("../migrations/services.sql"));
        tx.0.execute_unprepared(&services).await?;
        if security.is_some() {
            tx.0.execute_unprepared("GRANT SELECT ON services TO labelgate_service").await?;
        }
    }
    tx.commit().await?;
    Ok(logins)
}

/// The tables of the first version, and what they are filled with.
async fn first(
    tx: &Tx,
    schema: &Schema,
    security: Option<&RowSecurity>,
) -> Result<Vec<seed::Login>, Failure> {
    let tables = include_str!("../migrations/tables.sql");
    tx.0.execute_unprepared(&with_ids(tx.0.get_database_backend(), tables)).await?;
    for index in schema.indexes().into_iter().chain(schema.people_indexes()) {
        tx.0.execute_unprepared(&index).await?;
    }
    let logins = seed::fill(tx).await?; // under policies nobody makes organizations
    if let Some(security) = security {
        tx.0.execute_unprepared(include_str!("../migrations/role.sql")).await?;
        for statement in security.create() {
            tx.0.execute_unprepared(&statement).await?;
        }
    }
    Ok(logins)
}

/// Statements with the type of ids that the database counts up.
fn with_ids(backend: DbBackend, statements: &str) -> String {
    let id = match backend {
        DbBackend::Sqlite => "INTEGER PRIMARY KEY",
        _ => "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    };
    statements.replace("{id}", id)
}

/// A transaction. One that is dropped is rolled back.
pub struct Tx(DatabaseTransaction);

/// What a request does while others of the same organization are served. What takes something away from
/// somebody waits for all who write, and they for it: when a demotion is answered, nothing is carried out
/// any more that was decided before.
#[derive(Clone, Copy)]
pub enum Lock {
    /// It reads.
    Nothing,
    /// It writes, and takes away nothing that a decision is made on.
    Shared,
    /// It changes or removes what decisions are made on: memberships, settings, rows.
    Alone,
}

#[derive(FromQueryResult)]
struct Locked {}

/// The id of a row that was inserted.
#[derive(FromQueryResult)]
struct Inserted {
    id: i64,
}

impl Tx {
    pub async fn commit(self) -> Result<(), DbErr> {
        self.0.commit().await
    }

    fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.0.get_database_backend(), sql, values)
    }

    /// Returns how many rows the statement changed.
    pub async fn execute(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64, DbErr> {
        Ok(self.0.execute_raw(self.statement(sql, values)).await?.rows_affected())
    }

    /// Changes the role of the transaction. SQLite has none.
    pub async fn run_as(&self, role: &str) -> Result<(), DbErr> {
        if self.0.get_database_backend() == DbBackend::Postgres {
            self.0.execute_unprepared(&format!("SET LOCAL ROLE {role}")).await?;
        }
        Ok(())
    }

    /// Changes the one row that was checked. Where it is not there any more as it was, that is a
    /// conflict, and nothing changes.
    pub async fn change(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), Failure> {
        match self.execute(sql, values).await? {
            1 => Ok(()),
            _ => Err(changed()),
        }
    }

    /// Returns the id of the row that is inserted, beside a row that is there as it was checked.
    pub async fn insert(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<i64, Failure> {
        let inserted = self.one::<Inserted>(&format!("{sql} RETURNING id"), values).await?;
        inserted.map(|row| row.id).ok_or_else(changed)
    }

    pub async fn one<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, DbErr> {
        T::find_by_statement(self.statement(sql, values)).one(&self.0).await
    }

    pub async fn all<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, DbErr> {
        T::find_by_statement(self.statement(sql, values)).all(&self.0).await
    }

    pub async fn select<T: FromQueryResult>(
        &self,
        query: &SelectStatement,
    ) -> Result<Vec<T>, DbErr> {
        let statement = self.0.get_database_backend().build(query);
        T::find_by_statement(statement).all(&self.0).await
    }

    /// Runs a query that returns nothing of interest.
    pub async fn set(&self, query: &SelectStatement) -> Result<(), DbErr> {
        self.0.execute(query).await.map(drop)
    }

    /// What a query ends with whose rows nobody else changes or locks until the transaction ends. In
    /// SQLite nobody does: there is one connection.
    pub fn for_update(&self) -> &'static str {
        match self.0.get_database_backend() {
            DbBackend::Postgres => " FOR UPDATE",
            _ => "",
        }
    }

    /// The same, where others may read the rows in this way too.
    pub fn for_share(&self) -> &'static str {
        match self.0.get_database_backend() {
            DbBackend::Postgres => " FOR SHARE",
            _ => "",
        }
    }

    /// Locks an organization by the row of its settings, before anything is read that a decision is made on.
    pub async fn lock(
        &self,
        lock: Lock,
        organization: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<(), DbErr> {
        let lock = match lock {
            Lock::Nothing => return Ok(()),
            Lock::Shared => self.for_share(),
            Lock::Alone => self.for_update(),
        };
        let sql = format!(
            "SELECT 1 FROM organization_settings WHERE organization_id = ({organization}){lock}"
        );
        self.one::<Locked>(&sql, values).await.map(drop)
    }
}
