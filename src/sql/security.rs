//! Row-level security in PostgreSQL: the statements of a migration, and the settings of a transaction.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sea_query::{Expr, SelectStatement};

use super::expr::quote;
use super::policies::{
    FIXED, HELPERS, MOVED, POLICIES, Policies, Secured, Statements, active_roles, codes, literal,
};
use super::schema::{Id, Principal, Schema};
use super::sources::Source;
use crate::action::Action;
use crate::fact::Fact;
use crate::matrix::Matrix;
use crate::overrides::join;
use crate::role::Role;
use crate::subject::Subject;

/// The type of a column of ids, for [`IdTypes`].
///
/// ```
/// use labelgate::sql::{IdType, IdTypes};
///
/// // The identity provider's user ids are texts.
/// let ids = IdTypes { organization: IdType::BigInt, user: IdType::Text };
/// assert_ne!(ids, IdTypes::BIGINT);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IdType {
    /// `bigint`
    BigInt,
    /// `uuid`
    Uuid,
    /// `text`. An id that is the empty text counts as no id.
    Text,
}

impl IdType {
    const fn name(self) -> &'static str {
        match self {
            Self::BigInt => "bigint",
            Self::Uuid => "uuid",
            Self::Text => "text",
        }
    }
}

/// The types of the ids that a transaction's settings have. They are those of your columns.
///
/// ```
/// use labelgate::sql::{IdType, IdTypes};
///
/// assert_eq!(IdTypes::UUID, IdTypes { organization: IdType::Uuid, user: IdType::Uuid });
/// assert_eq!(IdTypes::TEXT, IdTypes { organization: IdType::Text, user: IdType::Text });
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct IdTypes {
    /// The ids of organizations.
    pub organization: IdType,
    /// The ids of users.
    pub user: IdType,
}

impl IdTypes {
    /// All ids are `bigint`.
    pub const BIGINT: Self = Self { organization: IdType::BigInt, user: IdType::BigInt };
    /// All ids are `uuid`.
    pub const UUID: Self = Self { organization: IdType::Uuid, user: IdType::Uuid };
    /// All ids are `text`.
    pub const TEXT: Self = Self { organization: IdType::Text, user: IdType::Text };
}

const ORGANIZATION: &str = "labelgate.organization";
const USER: &str = "labelgate.user";
const ROLE: &str = "labelgate.role";

impl IdTypes {
    /// Returns the functions that read the user, the role and the organization from the settings. An absent setting
    /// is NULL, and permits nothing.
    ///
    /// PostgreSQL inlines a function that is one expression and `STABLE`. An `IMMUTABLE` function would be evaluated
    /// when a plan is made, and the plan would answer for the wrong user.
    fn functions(self) -> [String; 3] {
        let setting = |name: &str| format!("NULLIF(current_setting('{name}', true), '')");
        let function = |comment: &str, declared: &str, value: &str| {
            format!(
                "-- {comment}\nCREATE FUNCTION labelgate.{declared} LANGUAGE sql STABLE PARALLEL SAFE\n  \
                 RETURN {value}"
            )
        };
        let (organization, user) = (self.organization.name(), self.user.name());
        [
            function(
                "The user of the transaction.",
                &format!("user_id() RETURNS {user}"),
                &format!("{}::{user}", setting(USER)),
            ),
            function(
                "Whether the user has one of the roles in the organization.",
                "role_in(VARIADIC roles text[]) RETURNS boolean",
                &format!("current_setting('{ROLE}', true) = ANY ($1)"),
            ),
            function(
                "The organization of the transaction, for a user who is active in it.",
                &format!("organization_id() RETURNS {organization}"),
                &format!(
                    "CASE WHEN labelgate.role_in({}) AND labelgate.user_id() IS NOT NULL\n    \
                     THEN {}::{organization} END",
                    codes(&active_roles()),
                    setting(ORGANIZATION),
                ),
            ),
        ]
    }
}

/// Row-level security for the tables of a [`Schema`] in PostgreSQL: what a migration runs, and what each
/// transaction starts with. See [the module](super#row-level-security).
///
/// ```
/// use labelgate::sql::{IdTypes, RowSecurity, Schema};
///
/// let widest = RowSecurity::widest([/* the matrices that organizations changed */]);
/// let mut schema = Schema::postgres();
/// schema.is_secured = true;
/// let security = schema.row_security(&widest, IdTypes::BIGINT)?;
///
/// // The migration runs these as the owner of the tables, and these on the way back.
/// assert!(security.create()[0].ends_with("CREATE SCHEMA labelgate"));
/// assert!(security.remove()[0].starts_with("DROP POLICY IF EXISTS"));
///
/// // The service asks this when it starts, and reads the answer with `Enforced::try_from`.
/// assert!(security.enforcement_query().starts_with("SELECT"));
/// assert_eq!(RowSecurity::BEGIN, "BEGIN");
/// # Ok::<(), labelgate::sql::NoRowSecurity>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct RowSecurity {
    statements: Statements,
    ids: IdTypes,
    jobs: Option<String>,
    is_forced: bool,
}

/// Why a schema cannot have row-level security. [`Schema::row_security`] returns it.
///
/// ```
/// use labelgate::sql::{IdTypes, NoRowSecurity, Schema};
/// use labelgate::Matrix;
///
/// let security = Schema::sqlite().row_security(&Matrix::BUILT_IN, IdTypes::BIGINT);
/// assert_eq!(security.unwrap_err(), NoRowSecurity::Dialect);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoRowSecurity {
    /// The schema is one of SQLite, which has no row-level security.
    #[error("only PostgreSQL has row-level security")]
    Dialect,
    /// Assignments do not keep the project of their task. The policy of projects would then read tasks, and
    /// that of tasks reads projects. Keep the project in the assignment, or say how the fact is kept with
    /// [`Schema::with_fact`].
    #[error(
        "assignments do not keep the project of the task: policies would read each other without end"
    )]
    Assignments,
    /// [`Schema::is_secured`] is false. Lists that are rendered for tables without policies are slow under them.
    #[error("the schema renders lists for tables without policies: set `Schema::is_secured`")]
    NotSecured,
}

impl Schema {
    /// Returns row-level security for these tables. `widest` is the widest matrix that your service uses: see
    /// [`RowSecurity::widest`].
    ///
    /// ```
    /// use labelgate::sql::{IdTypes, RowSecurity, Schema};
    ///
    /// let widest = RowSecurity::widest([/* the matrices that organizations changed */]);
    /// let mut schema = Schema::postgres();
    /// schema.is_secured = true;
    /// let security = schema.row_security(&widest, IdTypes::BIGINT)?;
    /// let migration: Vec<String> = security.create();
    /// assert!(migration.iter().any(|sql| sql.starts_with(r#"CREATE POLICY labelgate_select ON "projects""#)));
    /// # Ok::<(), labelgate::sql::NoRowSecurity>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error for SQLite, and if [`Schema::is_secured`] is false. Returns an error too if
    /// [`TaskAssignees::project_id`](super::TaskAssignees) is `None` and the schema has no fact of your own
    /// for [`Fact::ProjectAssignee`].
    pub fn row_security(
        &self,
        widest: &Matrix,
        ids: IdTypes,
    ) -> Result<RowSecurity, NoRowSecurity> {
        if !self.database().has_row_security() {
            return Err(NoRowSecurity::Dialect);
        }
        if !self.is_secured {
            return Err(NoRowSecurity::NotSecured);
        }
        let reads_tasks = self.task_assignees.project_id.is_none();
        if reads_tasks && matches!(self.source(Fact::ProjectAssignee), Some(Source::Link(_))) {
            return Err(NoRowSecurity::Assignments);
        }
        let statements = Policies::new(self, widest).statements();
        Ok(RowSecurity { statements, ids, jobs: None, is_forced: false })
    }
}

impl RowSecurity {
    /// Starts a transaction, for a driver that does not do it by itself. [`settings`](Self::settings) come
    /// next.
    pub const BEGIN: &'static str = "BEGIN";

    /// Joins the built-in matrix with others, cell by cell. The result permits what at least one of them permits, and
    /// no more.
    ///
    /// Make the policies for this matrix: a migration fixes them, while the matrices of organizations change. Join
    /// the matrices that your organizations have, and migrate again before one of them gets a wider one.
    /// [`Overrides::widest`](crate::overrides::Overrides::widest) joins all that overrides can permit. Its policies
    /// need no other migration, and protect less: if a handler forgets its check, an annotator who was added to a
    /// project changes or deletes it.
    ///
    /// ```
    /// use labelgate::sets::Scopes;
    /// use labelgate::sql::RowSecurity;
    /// use labelgate::{Action, Matrix, Role};
    ///
    /// let less = Matrix::BUILT_IN.with_cell(Role::Manager, Action::ExportData, Scopes::empty())?;
    /// let more = Matrix::BUILT_IN.with_cell(Role::Reviewer, Action::ExportData, Scopes::Project)?;
    ///
    /// assert_eq!(RowSecurity::widest([]), Matrix::BUILT_IN);
    /// assert_eq!(RowSecurity::widest([less, more]), more);
    /// # Ok::<(), labelgate::error::PowerlessRole>(())
    /// ```
    #[must_use]
    pub fn widest(others: impl IntoIterator<Item = Matrix>) -> Matrix {
        let mut widest = Matrix::BUILT_IN;
        for other in others {
            for role in Role::ALL {
                for action in Action::ALL {
                    let scopes = join(widest.scopes(role, action), other.scopes(role, action));
                    // Refused is only a role that holds nothing, ever.
                    widest = widest.with_cell(role, action, scopes).unwrap_or(widest);
                }
            }
        }
        widest
    }

    /// Adds a role of the database for jobs, which see and write every row.
    ///
    /// Make the role yourself, grant it the tables, and connect as it with a pool of its own. It needs no
    /// `BYPASSRLS`, which only a superuser grants. The role that serves requests must not be in it. (A login that is
    /// in both roles can start as the service's by the connection's option `role`, and change by `SET LOCAL ROLE`, as
    /// `examples/service` does: one pool less, but then injected SQL can do so too.)
    ///
    /// ```
    /// use labelgate::sql::{IdTypes, RowSecurity, Schema};
    ///
    /// let mut schema = Schema::postgres();
    /// schema.is_secured = true;
    /// let security = schema.row_security(&RowSecurity::widest([]), IdTypes::BIGINT)?.with_jobs("jobs");
    /// let policy = r#"CREATE POLICY labelgate_jobs ON "tasks" TO "jobs" USING (TRUE) WITH CHECK (TRUE)"#;
    /// assert!(security.create().iter().any(|sql| sql == policy));
    /// # Ok::<(), labelgate::sql::NoRowSecurity>(())
    /// ```
    #[must_use]
    pub fn with_jobs(self, role: &str) -> Self {
        Self { jobs: Some(role.to_string()), ..self }
    }

    /// Forces the policies upon the owner of the tables, for a service that connects as the owner.
    ///
    /// A migration is then under the policies too. Let it begin with `ALTER TABLE .. NO FORCE ROW LEVEL SECURITY` for
    /// each table that it writes, and end with `FORCE ROW LEVEL SECURITY`. Take from the owner what goes past
    /// policies: `REVOKE TRUNCATE, REFERENCES, TRIGGER`. A migration that creates policies grants `TRIGGER` until it
    /// ends. Records by their id take three times as long as otherwise, unless the views of the schema `labelgate`
    /// are owned by a role with BYPASSRLS that cannot log in.
    ///
    /// ```
    /// use labelgate::sql::{IdTypes, RowSecurity, Schema};
    ///
    /// let mut schema = Schema::postgres();
    /// schema.is_secured = true;
    /// let security = schema.row_security(&RowSecurity::widest([]), IdTypes::BIGINT)?.forced();
    /// let force = r#"ALTER TABLE "tasks" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"#;
    /// assert!(security.create().iter().any(|sql| sql == force));
    /// # Ok::<(), labelgate::sql::NoRowSecurity>(())
    /// ```
    #[must_use]
    pub fn forced(self) -> Self {
        Self { is_forced: true, ..self }
    }

    /// Returns the statements of the migration, in their order. Run them as the owner of the tables, in one
    /// transaction.
    #[must_use]
    pub fn create(&self) -> Vec<String> {
        let Statements { helpers, tables } = &self.statements;
        let mut statements = Vec::from([
            "-- What the policies of labelgate read.\nCREATE SCHEMA labelgate".to_string(),
            "GRANT USAGE ON SCHEMA labelgate TO PUBLIC".to_string(),
        ]);
        statements.extend(self.ids.functions());
        statements.extend(helpers.iter().cloned());
        statements.extend(self.of_triggers());
        statements.push("GRANT SELECT ON ALL TABLES IN SCHEMA labelgate TO PUBLIC".to_string());
        statements.push("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA labelgate TO PUBLIC".to_string());
        for Secured { table, policies, triggers } in tables {
            let force = if self.is_forced { "FORCE" } else { "NO FORCE" };
            statements.push(format!(
                "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, {force} ROW LEVEL SECURITY"
            ));
            statements.extend(policies.iter().cloned());
            statements.extend(self.jobs.iter().map(|jobs| {
                let jobs = quote(jobs, '"');
                format!(
                    "CREATE POLICY labelgate_jobs ON {table} TO {jobs} USING (TRUE) WITH CHECK (TRUE)"
                )
            }));
            statements.extend(triggers.iter().cloned());
        }
        statements
    }

    /// Returns the functions that triggers call.
    fn of_triggers(&self) -> [String; 2] {
        let of_jobs = self
            .jobs
            .iter()
            .map(|jobs| format!(" AND NOT pg_has_role({}, 'USAGE')", literal(jobs)));
        let of_jobs = of_jobs.collect::<String>();
        [
            format!(
                "-- Whether the policies of a table hold for whoever runs the statement.\n\
                 CREATE FUNCTION labelgate.is_bound(secured regclass) RETURNS boolean LANGUAGE sql STABLE\n  \
                 RETURN row_security_active($1){of_jobs}"
            ),
            "-- Refuses an update.\n\
             CREATE FUNCTION labelgate.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n  \
             RAISE EXCEPTION 'new row violates row-level security of table \"%\": % may not change so',\n    \
             TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'insufficient_privilege';\nEND $$"
                .to_string(),
        ]
    }

    /// Returns the statements that undo the migration, in their order. They remove the policies of any matrix, and
    /// those of version 0.2. If something of your own reads a function or view in the schema `labelgate`, they fail.
    #[must_use]
    pub fn remove(&self) -> Vec<String> {
        let mut statements = Vec::new();
        for Secured { table, .. } in &self.statements.tables {
            let policies = POLICIES.iter();
            statements
                .extend(policies.map(|name| format!("DROP POLICY IF EXISTS {name} ON {table}")));
            let triggers = [FIXED, MOVED].into_iter();
            statements.extend(
                triggers.map(|name| format!("DROP TRIGGER IF EXISTS \"{name}\" ON {table}")),
            );
            statements.push(format!(
                "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"
            ));
        }
        let helpers = HELPERS.iter().rev().map(|helper| (helper.kind, helper.name));
        let of_triggers = ["refuse", "is_bound"].map(|name| ("FUNCTION", name));
        let of_settings = ["organization_id", "role_in", "user_id"].map(|name| ("FUNCTION", name));
        let all = of_triggers.into_iter().chain(helpers).chain(of_settings);
        statements
            .extend(all.map(|(kind, name)| format!("DROP {kind} IF EXISTS labelgate.{name}")));
        statements.push("DROP SCHEMA IF EXISTS labelgate".to_string());
        statements
    }

    /// Returns the query that sets the user, the role and the organization of a transaction. Run it right after
    /// `BEGIN`.
    ///
    /// The three settings end with the transaction. Without them, no row is seen and none is written.
    ///
    /// ```
    /// use labelgate::sql::{IdTypes, RowSecurity, Schema};
    /// use labelgate::{Matrix, OrganizationId, Role, Subject, UserId};
    /// use sea_query::PostgresQueryBuilder;
    ///
    /// let mut schema = Schema::postgres();
    /// schema.is_secured = true;
    /// let security = schema.row_security(&Matrix::BUILT_IN, IdTypes::BIGINT)?;
    /// let subject = Subject::new(OrganizationId(1_i64), UserId(7_i64), Role::Manager);
    /// let (sql, values) = security.settings(&subject).build(PostgresQueryBuilder);
    /// let expected = "
    ///     SELECT set_config('labelgate.organization', CAST($1 AS bigint)::text, true),
    ///     set_config('labelgate.user', CAST($2 AS bigint)::text, true),
    ///     set_config('labelgate.role', CAST($3 AS text)::text, true)
    /// ";
    /// # let words = |sql: &str| sql.split_whitespace().collect::<String>();
    /// assert_eq!(words(&sql), words(expected));
    /// assert_eq!(values.iter().count(), 3);
    /// # Ok::<(), labelgate::sql::NoRowSecurity>(())
    /// ```
    #[must_use]
    pub fn settings<T: Id, U: Id>(&self, subject: &Subject<T, U>) -> SelectStatement {
        let asked = Principal::by(subject);
        let set = |name, value, id: IdType| {
            let set = format!("set_config('{name}', CAST($1 AS {})::text, true)", id.name());
            Expr::cust_with_expr(set, value)
        };
        let mut query = SelectStatement::new();
        query
            .expr(set(ORGANIZATION, asked.organization, self.ids.organization))
            .expr(set(USER, asked.user, self.ids.user))
            .expr(set(ROLE, Expr::val(asked.role.code()), IdType::Text));
        query
    }

    /// Returns a query that checks whether the policies hold for a connection.
    ///
    /// It selects one text, for [`Enforced::try_from`]. Run it when your service starts, once for each pool: all
    /// connections of a pool have the same role. To notice privileges that change later, run it for each new
    /// connection too, such as in `after_connect` of sqlx, and close a connection that is refused. It also checks the
    /// roles that this role can change to by `SET ROLE`.
    #[must_use]
    pub fn enforcement_query(&self) -> String {
        let tables = &self.statements.tables;
        let names: Vec<_> =
            tables.iter().map(|table| format!("({}::regclass)", literal(&table.table))).collect();
        let triggers = tables.iter().map(|table| table.triggers.len()).sum::<usize>();
        let cases = NotEnforced::CASES.into_iter().filter_map(|(reason, code)| {
            Some(format!("WHEN {} THEN '{code}'", self.asks(reason, triggers)?))
        });
        format!(
            "SELECT CASE {} ELSE '{ENFORCED}' END \
             FROM (VALUES {}) AS named(id) \
             JOIN pg_catalog.pg_class AS secured ON secured.oid = named.id \
             JOIN pg_catalog.pg_roles AS me ON me.rolname = current_user \
             JOIN pg_catalog.pg_roles AS role ON pg_has_role(me.oid, role.oid, 'MEMBER')",
            cases.collect::<Vec<_>>().join(" "),
            names.join(", "),
        )
    }

    /// Returns the condition under which the policies do not hold for this reason.
    fn asks(&self, reason: NotEnforced, triggers: usize) -> Option<String> {
        let all = match reason {
            NotEnforced::Superuser => "bool_or(role.rolsuper)".to_string(),
            NotEnforced::BypassesRowSecurity => "bool_or(role.rolbypassrls)".to_string(),
            NotEnforced::Owner if self.is_forced => {
                "bool_or(role.oid = secured.relowner AND NOT secured.relforcerowsecurity)"
                    .to_string()
            }
            NotEnforced::Owner => "bool_or(role.oid = secured.relowner)".to_string(),
            NotEnforced::Disabled => "bool_or(NOT secured.relrowsecurity)".to_string(),
            NotEnforced::TablePrivilege => "bool_or(has_table_privilege(role.oid, secured.oid, \
                 'TRUNCATE, REFERENCES, TRIGGER'))"
                .to_string(),
            NotEnforced::SchemaPrivilege => {
                let owner = if self.is_forced { " AND helpers.nspowner <> role.oid" } else { "" };
                format!(
                    "bool_or(EXISTS (SELECT FROM pg_catalog.pg_namespace AS helpers \
                     WHERE helpers.nspname = 'labelgate'{owner} \
                     AND has_schema_privilege(role.oid, helpers.oid, 'CREATE')))"
                )
            }
            NotEnforced::JobsRole => {
                format!("bool_or(role.rolname = {})", literal(self.jobs.as_ref()?))
            }
            NotEnforced::Triggers => format!(
                "(SELECT count(*) FROM pg_catalog.pg_trigger AS checks \
                 WHERE checks.tgrelid = ANY (array_agg(secured.oid)) \
                 AND checks.tgname IN ('{FIXED}', '{MOVED}') AND checks.tgenabled IN ('O', 'A')) < {triggers}"
            ),
            NotEnforced::Unknown => return None,
        };
        Some(all)
    }
}

/// The result of [`RowSecurity::enforcement_query`] if the policies hold.
const ENFORCED: &str = "enforced";

/// The proof that the policies hold for a connection, made from the answer to [`RowSecurity::enforcement_query`].
///
/// ```
/// use labelgate::sql::{Enforced, NotEnforced};
///
/// // The text that the database returned.
/// assert_eq!(Enforced::try_from("superuser"), Err(NotEnforced::Superuser));
/// assert!(Enforced::try_from("enforced").is_ok());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Enforced(());

impl TryFrom<&str> for Enforced {
    type Error = NotEnforced;

    fn try_from(answer: &str) -> Result<Self, NotEnforced> {
        if answer == ENFORCED {
            return Ok(Self(()));
        }
        let reason = NotEnforced::CASES.into_iter().find(|(_, code)| *code == answer);
        Err(reason.map_or(NotEnforced::Unknown, |(reason, _)| reason))
    }
}

/// Why policies do not hold for a connection. [`Enforced::try_from`] returns it; the text says what to
/// change.
///
/// ```
/// use labelgate::sql::{Enforced, NotEnforced};
///
/// assert_eq!(Enforced::try_from("disabled"), Err(NotEnforced::Disabled));
/// assert_eq!(
///     NotEnforced::Disabled.to_string(),
///     "a table has no row-level security: run the statements of the migration",
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotEnforced {
    /// The role is a superuser or may become one, who is under no policy.
    #[error(
        "the role of the connection is a superuser: connect as a role of its own for the service"
    )]
    Superuser,
    /// The role has BYPASSRLS or may become a role that has it, and is under no policy.
    #[error("the role of the connection has BYPASSRLS: run `ALTER ROLE .. NOBYPASSRLS`")]
    BypassesRowSecurity,
    /// The role owns a table or may become its owner, and the table's policies are not
    /// [forced](RowSecurity::forced) upon the owner.
    #[error(
        "the role of the connection may become the owner of a table: connect as a role that owns no table, \
         or make policies with `RowSecurity::forced`"
    )]
    Owner,
    /// A table has no row-level security.
    #[error("a table has no row-level security: run the statements of the migration")]
    Disabled,
    /// The role has a privilege that goes past policies: it can empty a table, see by a foreign key whether an id
    /// exists, or run a trigger of its own with the rights of others.
    #[error(
        "the role of the connection has a privilege that goes past policies: run \
         `REVOKE TRUNCATE, REFERENCES, TRIGGER ON .. FROM ..`"
    )]
    TablePrivilege,
    /// The role can put functions and views beside those that policies read.
    #[error("the role of the connection may create in the schema `labelgate`: revoke it")]
    SchemaPrivilege,
    /// The role is in the role of [jobs](RowSecurity::with_jobs), which is under no policy.
    #[error("the role of the connection is in the role of jobs: run `REVOKE .. FROM ..`")]
    JobsRole,
    /// A trigger of the migration is missing or disabled.
    #[error("a trigger of row-level security is missing or disabled: run `ENABLE TRIGGER`")]
    Triggers,
    /// The text does not come from [`RowSecurity::enforcement_query`].
    #[error("the answer is none to `RowSecurity::enforcement_query`")]
    Unknown,
}

impl NotEnforced {
    /// The reasons in the order in which the query checks them, each with the text that it selects.
    const CASES: [(Self, &'static str); 8] = [
        (Self::Superuser, "superuser"),
        (Self::BypassesRowSecurity, "bypasses"),
        (Self::Owner, "owner"),
        (Self::Disabled, "disabled"),
        (Self::TablePrivilege, "table_privilege"),
        (Self::SchemaPrivilege, "schema_privilege"),
        (Self::JobsRole, "jobs"),
        (Self::Triggers, "triggers"),
    ];
}
