//! Row-level security from the same tables: a backstop in PostgreSQL.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use sea_query::{Expr, ExprTrait, PostgresQueryBuilder, QueryBuilder, SelectStatement};

use super::expr::{all, and, any_of, quoted, truth};
use super::facts::{Render, Term};
use super::page::{Asks, Bounds, one_of_by};
use super::plan::{AccessPath, Conjunction, common, take_out};
use super::schema::{Id, Principal, Rows, Schema, Table};
use super::sources::Source;
use crate::action::Action;
use crate::evaluator::Evaluator;
use crate::fact::{Fact, FactSet};
use crate::filter::Filter;
use crate::kind::Kind;
use crate::matrix::Matrix;
use crate::overrides::join;
use crate::role::Role;
use crate::subject::Subject;

/// Which actions make a policy that lets rows be written. Where there is none there is no policy, and
/// nobody may. Inserting is asked of what holds the new row.
struct Writes {
    rows: Rows,
    held_by: Option<Rows>,
    insert: Option<Action>,
    update: Option<Action>,
    delete: Option<Action>,
}

macro_rules! writes {
    (held_by INSERT UPDATE DELETE $( $Rows:ident $holder:tt $insert:tt $update:tt $delete:tt )+) => {
        const WRITES: [Writes; Rows::ALL.len()] = [$(
            Writes {
                rows: Rows::$Rows,
                held_by: writes!(@ Rows $holder),
                insert: writes!(@ Action $insert),
                update: writes!(@ Action $update),
                delete: writes!(@ Action $delete),
            },
        )+];
    };
    (@ $Type:ident -) => { None };
    (@ $Type:ident $name:ident) => { Some($Type::$name) };
}

writes! {
               held_by    INSERT          UPDATE            DELETE
    Workspaces -          CreateWorkspace ChangeWorkspace   DeleteWorkspace
    Projects   Workspaces CreateProject   ChangeProject     DeleteProject
    Tasks      Projects   ImportData      -                 -
    Records    Tasks      LabelTasks      ChangeAnnotations -
}

/// The type of a column of ids, for [`IdTypes`].
///
/// ```
/// use labelgate::sql::{IdType, IdTypes};
///
/// // Users come from an identity provider that calls them by text.
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
    fn setting(name: &str, id: IdType) -> String {
        let cast = match id {
            IdType::Text => String::new(),
            IdType::BigInt | IdType::Uuid => format!("::{}", id.name()),
        };
        format!("NULLIF(current_setting('{name}', true), ''){cast}")
    }

    fn user(self) -> Expr {
        Expr::cust(Self::setting(USER, self.user))
    }

    /// The organization, for these roles and only where there is a user.
    fn organization(self, roles: &[Role]) -> Expr {
        let codes: Vec<_> = roles.iter().map(|role| format!("'{}'", role.code())).collect();
        Expr::cust(format!(
            "CASE WHEN current_setting('{ROLE}', true) IN ({}) \
             AND current_setting('{USER}', true) <> '' THEN {} END",
            codes.join(", "),
            Self::setting(ORGANIZATION, self.organization),
        ))
    }
}

/// Row-level security for the tables of a [`Schema`] in PostgreSQL: what a migration runs, and what each
/// transaction starts with. See [the module](super#row-level-security).
///
/// ```
/// use labelgate::overrides::Overrides;
/// use labelgate::sql::{IdTypes, RowSecurity, Schema};
///
/// let widest = Overrides::widest().matrix();
/// let security = Schema::postgres().row_security(&widest, IdTypes::BIGINT)?;
///
/// // The migration runs these as the owner of the tables, and these on the way back.
/// assert!(security.create()[0].starts_with(r#"ALTER TABLE "organizations" ENABLE ROW LEVEL SECURITY"#));
/// assert!(security.remove()[0].starts_with("DROP POLICY IF EXISTS"));
///
/// // The service asks this once per connection, and reads the answer with `Enforced::try_from`.
/// assert!(security.enforcement_query().starts_with("SELECT"));
/// assert_eq!(RowSecurity::BEGIN, "BEGIN");
/// # Ok::<(), labelgate::sql::NoRowSecurity>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct RowSecurity {
    tables: Vec<Secured>,
    ids: IdTypes,
}

/// A table and its policies, as text.
#[derive(Clone, PartialEq, Debug)]
struct Secured {
    /// Quoted.
    table: String,
    policies: Vec<Policy>,
}

#[derive(Clone, PartialEq, Debug)]
struct Policy {
    command: Command,
    holds: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Command {
    Select,
    Insert,
    Update,
    Delete,
}

impl Command {
    const ALL: [Self; 4] = [Self::Select, Self::Insert, Self::Update, Self::Delete];

    /// The command, the name of its policy, and what the policy says of rows. An update is held against
    /// the row before and the row after.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Select => ("SELECT", "labelgate_select", "USING"),
            Self::Insert => ("INSERT", "labelgate_insert", "WITH CHECK"),
            Self::Update => ("UPDATE", "labelgate_update", "USING"),
            Self::Delete => ("DELETE", "labelgate_delete", "USING"),
        }
    }
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
}

impl Schema {
    /// Row-level security for these tables, for the widest matrix that your service uses: see
    /// [`RowSecurity::widest`].
    ///
    /// ```
    /// use labelgate::sql::{IdTypes, RowSecurity, Schema};
    ///
    /// let widest = RowSecurity::widest([/* the matrices that organizations changed */]);
    /// let security = Schema::postgres().row_security(&widest, IdTypes::BIGINT)?;
    /// let migration: Vec<String> = security.create();
    /// assert!(migration.iter().any(|sql| sql.starts_with(r#"CREATE POLICY "labelgate_select" ON "projects""#)));
    /// # Ok::<(), labelgate::sql::NoRowSecurity>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error for SQLite. Returns an error too if
    /// [`TaskAssignees::project_id`](super::TaskAssignees) is `None` and the schema has no fact of your own
    /// for [`Fact::ProjectAssignee`].
    pub fn row_security(
        &self,
        widest: &Matrix,
        ids: IdTypes,
    ) -> Result<RowSecurity, NoRowSecurity> {
        if !self.dialect.database(self.is_secured).has_row_security() {
            return Err(NoRowSecurity::Dialect);
        }
        let reads_tasks = self.task_assignees.project_id.is_none();
        let is_own = self.own(Fact::ProjectAssignee).is_some();
        if reads_tasks && !is_own && !self.is_without(Fact::ProjectAssignee) {
            return Err(NoRowSecurity::Assignments);
        }
        // A policy calls its table by its name.
        let mut schema = self.clone();
        schema.organizations.alias = None;
        schema.workspaces.alias = None;
        schema.projects.alias = None;
        schema.tasks.alias = None;
        schema.records.alias = None;
        let policies = Policies { schema: &schema, matrix: widest, ids };
        let mut tables = vec![policies.organizations()];
        let writes = WRITES.iter().filter(|writes| self.has(writes.rows));
        tables.extend(writes.map(|writes| policies.table(writes)));
        Ok(RowSecurity { tables, ids })
    }
}

/// What policies are made from.
struct Policies<'a> {
    schema: &'a Schema,
    matrix: &'a Matrix,
    ids: IdTypes,
}

impl Policies<'_> {
    fn organizations(&self) -> Secured {
        let organizations = &self.schema.organizations;
        let active: Vec<_> = Role::ALL.into_iter().filter(|role| role.is_active()).collect();
        let own = organizations.col(&organizations.id).eq(self.ids.organization(&active));
        let policies = vec![Policy { command: Command::Select, holds: text(&own) }];
        Secured { table: quoted(&organizations.table), policies }
    }

    fn table(&self, writes: &Writes) -> Secured {
        let rows = writes.rows;
        let policy = |command| {
            let holds = match command {
                Command::Select => self.of_rows(rows, |evaluator| seen(evaluator, rows)),
                Command::Insert => self.inserted(writes),
                Command::Update => self.of_action(rows, writes.update),
                Command::Delete => self.of_action(rows, writes.delete),
            };
            Some(Policy { command, holds: text(&holds?) })
        };
        let policies = Command::ALL.into_iter().filter_map(policy).collect();
        Secured { table: quoted(self.schema.named(rows).table), policies }
    }

    fn render(&self, role: Role, roles: &[Role]) -> Render<'_> {
        let organization = self.ids.organization(roles);
        let asked = Principal { organization, user: self.ids.user(), role };
        Render { schema: self.schema, asked, workspace: None, project: None }
    }

    /// What is asked of the rows themselves.
    fn of_rows(&self, rows: Rows, filter: impl Fn(&Evaluator) -> Filter) -> Option<Expr> {
        let holds = self.of_roles(filter, |render, filter| render.policy(filter, rows))?;
        Some(self.render(Role::Owner, &[]).policy_in_project(rows, holds))
    }

    fn of_action(&self, rows: Rows, action: Option<Action>) -> Option<Expr> {
        let action = action?;
        self.of_rows(rows, |evaluator| Filter::new(evaluator, action))
    }

    /// What is asked of the row that holds a new one.
    fn inserted(&self, writes: &Writes) -> Option<Expr> {
        let Schema { tasks, records, .. } = self.schema;
        let action = writes.insert?;
        let filter = |evaluator: &Evaluator| Filter::new(evaluator, action);
        match writes.held_by.filter(|&rows| self.schema.has(rows)) {
            // Of a task, all that is asked is asked of its project.
            None | Some(Rows::Projects) => self.of_rows(writes.rows, filter),
            Some(Rows::Workspaces) => {
                self.of_roles(filter, |render, filter| render.new_project(filter))
            }
            Some(Rows::Tasks | Rows::Records) => {
                let held = self.of_rows(Rows::Tasks, filter)?;
                let mut task = any_of(self.schema.named(Rows::Tasks).from());
                task.and_where(tasks.col(&tasks.id).eq(records.col(&records.task_id)));
                if let Some(project_id) = &records.project_id {
                    // What a record keeps of its task is so.
                    task.and_where(tasks.col(&tasks.project_id).eq(records.col(project_id)));
                }
                task.and_where(held);
                Some(self.render(Role::Owner, &[]).exists(task))
            }
        }
    }

    /// What holds for one of the roles. Roles of which the same is asked are asked together.
    fn of_roles(
        &self,
        filter: impl Fn(&Evaluator) -> Filter,
        holds: impl Fn(&Render<'_>, &Filter) -> Expr,
    ) -> Option<Expr> {
        let rendered =
            |role, roles: &[Role], filter: &Filter| holds(&self.render(role, roles), filter);
        let mut groups: Vec<(Expr, Vec<Role>, Filter)> = Vec::new();
        for role in Role::ALL.into_iter().filter(|role| role.is_active()) {
            let filter = filter(&Evaluator::new(role).with_matrix(*self.matrix));
            let alone = rendered(role, &[], &filter);
            if filter.is_nothing() || alone == truth(false) {
                continue;
            }
            match groups.iter_mut().find(|(other, ..)| *other == alone) {
                Some((_, roles, _)) => roles.push(role),
                None => groups.push((alone, vec![role], filter)),
            }
        }
        let groups = groups
            .into_iter()
            .filter_map(|(_, roles, filter)| Some(rendered(*roles.first()?, &roles, &filter)));
        groups.reduce(ExprTrait::or)
    }
}

/// The rows to which something may be done, or to something in them: what a policy reads on the way to a
/// row has to be seen as well.
fn seen(evaluator: &Evaluator, rows: Rows) -> Filter {
    let (kind, known) = match rows {
        Rows::Workspaces => (Kind::Workspace, FactSet::known_from(Kind::Workspace)),
        Rows::Projects => (Kind::Project, FactSet::known_from(Kind::Project)),
        Rows::Tasks => (Kind::Task, FactSet::known_from(Kind::Task)),
        Rows::Records => (Kind::Task, FactSet::all()),
    };
    let mut seen = Vec::new();
    for action in Action::ALL.into_iter().filter(|action| action.kind() as u8 >= kind as u8) {
        for facts in Filter::new(evaluator, action).alternatives().map(FactSet::implied) {
            // Whoever holds a project without its workspace does not come through it.
            if rows != Rows::Workspaces || action.kind() == kind || facts.intersects(known) {
                seen.push(facts.intersection(known));
            }
        }
    }
    Filter::of(&seen)
}

impl Render<'_> {
    /// That a new project is in a workspace that the filter matches. Outside any workspace it is asked of
    /// the organization.
    fn new_project(&self, filter: &Filter) -> Expr {
        let projects = &self.schema.projects;
        let workspace = projects.col(&projects.workspace_id);
        let mut query = any_of(self.schema.named(Rows::Workspaces).from());
        query
            .and_where(Expr::col(self.schema.id_of(Rows::Workspaces)).eq(workspace.clone()))
            .and_where(self.matches(filter, Rows::Workspaces));
        let held = self.exists(query);
        let held = if filter.is_everything() { workspace.is_null().or(held) } else { held };
        self.bounds(Rows::Projects).and(held)
    }
}

/// Conditions of policies.
impl Render<'_> {
    /// As a policy asks it of each row, whatever the query is. Nothing in it reads the table that the
    /// row is of, which would be under the same policy. Of tasks and records it is a condition inside of
    /// [`policy_in_project`](Self::policy_in_project).
    fn policy(&self, filter: &Filter, rows: Rows) -> Expr {
        let alternatives = self.alternatives(filter, rows);
        if alternatives.is_empty() {
            return truth(false);
        }
        let paths = match rows {
            Rows::Workspaces => None,
            Rows::Projects => self.paths(&alternatives),
            Rows::Tasks | Rows::Records => {
                let any = self.in_its_project(rows, alternatives);
                return and(self.bounds(Rows::Projects), [any]);
            }
        };
        let Some(mut paths) = paths else { return self.matches(filter, rows) };
        // What all of them ask is asked once, unless it leads to rows.
        let mut common = common(&alternatives);
        common.retain(|&term| paths.iter().all(|path| Term::Fact(path.from) != term));
        take_out(&mut paths, &common);
        let holds =
            |path: &AccessPath| and(self.starts(path.from), [self.one_of(rows, &path.rest)]);
        let any = paths.iter().map(holds).reduce(ExprTrait::or);
        and(self.bounds(rows), [any, self.one_of(rows, &[common])])
    }

    /// That there is a project which a task or a record is in, and this holds there. It is read once,
    /// since it is under policies of its own, which the database puts in wherever it is read.
    fn policy_in_project(&self, rows: Rows, holds: Expr) -> Expr {
        match rows {
            Rows::Workspaces | Rows::Projects => holds,
            Rows::Tasks | Rows::Records => self.in_project(rows, holds),
        }
    }

    /// One of the alternatives, beside the project that the row is in. The workspace is read once for
    /// each fact of it.
    fn in_its_project(&self, rows: Rows, alternatives: Vec<Conjunction>) -> Option<Expr> {
        let holds = |term: Term| match term.rows() {
            Rows::Workspaces | Rows::Projects => self.holds(Rows::Projects, term),
            Rows::Tasks | Rows::Records => self.holds(rows, term),
        };
        let mut groups: Vec<(Option<Term>, Vec<Conjunction>)> = Vec::new();
        for mut terms in alternatives {
            let through = terms.iter().copied().find(|term| term.rows() == Rows::Workspaces);
            terms.retain(|&term| Some(term) != through);
            match groups.iter_mut().find(|(other, _)| *other == through) {
                Some((_, rest)) => rest.push(terms),
                None => groups.push((through, vec![terms])),
            }
        }
        let group = |(through, rest): (Option<Term>, Vec<Conjunction>)| {
            let rest = one_of_by(holds, &rest);
            all(through.and_then(holds).into_iter().chain(rest))
        };
        let groups: Option<Vec<Expr>> = groups.into_iter().map(group).collect();
        groups?.into_iter().reduce(ExprTrait::or)
    }

    /// A condition on a project: a fact leads from the user to it. It is in a set that is read once.
    fn starts(&self, from: Fact) -> Expr {
        let projects = &self.schema.projects;
        let id = projects.col(&projects.id);
        let ids = |rows, bounds| {
            self.ids(rows, &AccessPath::from(from), Asks { bounds, page: None }).query
        };
        match self.schema.source(from) {
            _ if Rows::that_have(from) == Rows::Workspaces => {
                let workspaces = ids(Rows::Workspaces, Bounds::Inside);
                self.is_in(projects.col(&projects.workspace_id), workspaces)
            }
            Some(Source::Column(line)) => line.of_user(&self.asked),
            Some(Source::Own(own)) => {
                let ids = own.ids.as_ref().map(|ids| ids(&self.asked));
                ids.map_or(truth(false), |ids| self.is_in(id, ids))
            }
            _ => self.is_in(id, ids(Rows::Projects, Bounds::Outside)),
        }
    }
}

impl RowSecurity {
    /// Starts a transaction, for a driver that does not do it by itself. [`settings`](Self::settings) come
    /// next.
    pub const BEGIN: &'static str = "BEGIN";

    /// The built-in matrix joined with others, cell by cell: the least that permits whatever one of them
    /// permits.
    ///
    /// Policies are fixed in a migration while your matrices change, so make the policies for this one. If
    /// your organizations have overrides, [`Overrides::widest`](crate::overrides::Overrides::widest) is the
    /// widest that there can be.
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

    /// The statements of the migration, in their order. Run them as the owner of the tables.
    #[must_use]
    pub fn create(&self) -> Vec<String> {
        let statements = self.tables.iter().flat_map(|Secured { table, policies }| {
            let enable =
                format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
            let policies = policies.iter().map(move |Policy { command, holds }| {
                let (command, name, says) = command.words();
                format!(r#"CREATE POLICY "{name}" ON {table} FOR {command} {says} ({holds})"#)
            });
            [enable].into_iter().chain(policies)
        });
        statements.collect()
    }

    /// The statements of the migration back, in their order. They remove the policies of any matrix.
    #[must_use]
    pub fn remove(&self) -> Vec<String> {
        let statements = self.tables.iter().flat_map(|Secured { table, .. }| {
            let policies = Command::ALL.into_iter().map(move |command| {
                let (_, name, _) = command.words();
                format!(r#"DROP POLICY IF EXISTS "{name}" ON {table}"#)
            });
            let disable = format!(
                "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"
            );
            policies.chain([disable])
        });
        statements.collect()
    }

    /// What a transaction starts with, right after its `BEGIN`: who asks.
    ///
    /// The three settings end with the transaction. Without them, no row is seen and none is written.
    ///
    /// ```
    /// use labelgate::sql::{IdTypes, RowSecurity, Schema};
    /// use labelgate::{Matrix, OrganizationId, Role, Subject, UserId};
    /// use sea_query::PostgresQueryBuilder;
    ///
    /// let security = Schema::postgres().row_security(&Matrix::BUILT_IN, IdTypes::BIGINT)?;
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

    /// A question to a connection: do the policies hold for it?
    ///
    /// The answer is a row of four booleans, for [`Enforced::try_from`]. Ask each connection once, as the
    /// role that your service works as, and do not use one that is refused.
    #[must_use]
    pub fn enforcement_query(&self) -> String {
        let tables: Vec<_> = self
            .tables
            .iter()
            .map(|table| format!("({}::regclass)", literal(&table.table)))
            .collect();
        format!(
            "SELECT current.rolsuper, current.rolbypassrls, \
             bool_or(pg_has_role(current.oid, secured.relowner, 'USAGE') \
             AND NOT secured.relforcerowsecurity), \
             bool_or(NOT secured.relrowsecurity) \
             FROM (VALUES {}) AS named(id) \
             JOIN pg_catalog.pg_class AS secured ON secured.oid = named.id \
             JOIN pg_catalog.pg_roles AS current ON current.rolname = current_user \
             GROUP BY current.rolsuper, current.rolbypassrls",
            tables.join(", "),
        )
    }
}

/// The proof that the policies hold for a connection, made from the answer to [`RowSecurity::enforcement_query`].
///
/// ```
/// use labelgate::sql::{Enforced, NotEnforced};
///
/// // The row that the database returned.
/// assert_eq!(Enforced::try_from((true, false, false, false)), Err(NotEnforced::Superuser));
/// assert!(Enforced::try_from((false, false, false, false)).is_ok());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Enforced(());

impl TryFrom<(bool, bool, bool, bool)> for Enforced {
    type Error = NotEnforced;

    fn try_from(answer: (bool, bool, bool, bool)) -> Result<Self, NotEnforced> {
        match answer {
            (true, ..) => Err(NotEnforced::Superuser),
            (_, true, ..) => Err(NotEnforced::BypassesRowSecurity),
            (_, _, true, _) => Err(NotEnforced::OwnerWithoutForce),
            (.., true) => Err(NotEnforced::Disabled),
            (false, false, false, false) => Ok(Self(())),
        }
    }
}

/// Why policies do not hold for a connection. [`Enforced::try_from`] returns it; the text says what to
/// change.
///
/// ```
/// use labelgate::sql::{Enforced, NotEnforced};
///
/// let answer = (false, false, false, true);
/// assert_eq!(Enforced::try_from(answer), Err(NotEnforced::Disabled));
/// assert_eq!(
///     NotEnforced::Disabled.to_string(),
///     "a table has no row-level security: run the statements of the migration",
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotEnforced {
    /// The role is a superuser, who is under no policy.
    #[error(
        "the role of the connection is a superuser: connect as a role of its own for the service"
    )]
    Superuser,
    /// The role has BYPASSRLS, and is under no policy.
    #[error("the role of the connection has BYPASSRLS: run `ALTER ROLE .. NOBYPASSRLS`")]
    BypassesRowSecurity,
    /// The role owns a table, or is in a role that does, and the table's policies are not forced upon its
    /// owner.
    #[error(
        "the role of the connection owns a table whose policies are not forced: run `ALTER TABLE .. \
         FORCE ROW LEVEL SECURITY`, or connect as a role that owns no table"
    )]
    OwnerWithoutForce,
    /// A table has no row-level security.
    #[error("a table has no row-level security: run the statements of the migration")]
    Disabled,
}

fn text(expr: &Expr) -> String {
    let mut sql = String::new();
    PostgresQueryBuilder.prepare_expr(expr, &mut sql);
    sql
}

/// A text as it stands in a statement, whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    let quotes = text.replace('\'', "''");
    match quotes.contains('\\') {
        true => format!("E'{}'", quotes.replace('\\', "\\\\")),
        false => format!("'{quotes}'"),
    }
}
