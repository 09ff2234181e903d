//! The database: SQLite in this process, or PostgreSQL by a URL.
//!
//! SeaORM is used for what differs between the two, the connections and the transactions. Statements
//! are sea-query's where labelgate renders a part of them, and otherwise text with `$1`, which both
//! databases read.

use std::time::Duration;

use labelgate::overrides::Overrides;
use labelgate::sql::{Cleanup, Credentials, Enforced, IdTypes, RowSecurity, Schema};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement,
    TransactionTrait,
};

use crate::problem::Failure;
use crate::seed;
use crate::transaction::Tx;

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
