//! The names of a service's tables and columns.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use sea_query::{
    ColumnRef, DynIden, Expr, IntoIden, Nullable, QueryStatement, SelectStatement, TableName,
    TableRef, Value,
};

use super::dialect::{Database, Dialect};
use super::expr::truth;
use crate::fact::{Fact, FactSet};
use crate::id::{OrganizationId, UserId};
use crate::kind::Kind;
use crate::listing::Listing;
use crate::role::{ProjectRole, Role};
use crate::row::RowId;
use crate::subject::Subject;

/// The tables whose rows have facts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Rows {
    Workspaces,
    Projects,
    Tasks,
    Records,
}

impl Rows {
    pub(super) const ALL: [Self; 4] =
        [Self::Workspaces, Self::Projects, Self::Tasks, Self::Records];

    /// Returns the table of a kind, or `None` for an organization, whose row has no facts.
    pub(super) const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Organization => None,
            Kind::Workspace => Some(Self::Workspaces),
            Kind::Project => Some(Self::Projects),
            Kind::Task => Some(Self::Tasks),
            Kind::Record => Some(Self::Records),
        }
    }

    /// Returns the table whose rows have the fact.
    pub(super) const fn that_have(fact: Fact) -> Self {
        match Self::of(fact.level()) {
            Some(rows) => rows,
            None => Self::Workspaces,
        }
    }
}

/// A table, by the name that statements use.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) table: &'a TableName,
    alias: Option<&'a DynIden>,
}

impl Named<'_> {
    pub(super) fn column(self, column: &DynIden) -> ColumnRef {
        let table = self.alias.unwrap_or(&self.table.1);
        (table.clone(), column.clone()).into()
    }

    pub(super) fn col(self, column: &DynIden) -> Expr {
        Expr::col(self.column(column))
    }

    pub(super) fn from(self) -> TableRef {
        TableRef::Table(self.table.clone(), self.alias.cloned())
    }

    /// What statements call the table.
    pub(super) fn name(self) -> DynIden {
        self.alias.unwrap_or(&self.table.1).clone()
    }
}

/// A table that names its columns for statements.
pub(super) trait Table {
    fn named(&self) -> Named<'_>;

    fn column(&self, column: &DynIden) -> ColumnRef {
        self.named().column(column)
    }

    fn col(&self, column: &DynIden) -> Expr {
        self.named().col(column)
    }

    fn from(&self) -> TableRef {
        self.named().from()
    }
}

/// Declares the tables. A field has its docs, its type and its default.
macro_rules! tables {
    ($(
        $(#[$meta:meta])*
        $Table:ident = $table:literal {$(
            $(#[$field_meta:meta])*
            $field:ident: $ty:ty = $default:expr,
        )+}
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug)]
        #[non_exhaustive]
        pub struct $Table {
            #[doc = concat!("The table, by default `", $table, "`. For a table in a schema,")]
            /// write `("schema", "table").into()`.
            pub table: TableName,
            /// The alias of the table in queries (`FROM table AS alias`). With `None`, queries use the table's
            /// name.
            pub alias: Option<DynIden>,
            $( $(#[$field_meta])* pub $field: $ty, )+
        }

        impl Default for $Table {
            fn default() -> Self {
                Self { table: $table.into(), alias: None, $( $field: $default, )+ }
            }
        }

        impl Table for $Table {
            fn named(&self) -> Named<'_> {
                Named { table: &self.table, alias: self.alias.as_ref() }
            }
        }
    )+};
}

fn name(name: &'static str) -> DynIden {
    name.into_iden()
}

tables! {
    /// Organizations. Only [row-level security](super::RowSecurity) needs this table.
    Organizations = "organizations" {
        /// `id`
        id: DynIden = name("id"),
    }

    /// Who is a member of an organization, and in which role: the table of [`Schema::people`] and of nothing else.
    /// Let a primary key see to it that somebody is a member by one row. A member with a code that cannot be read, or
    /// with NULL, may do nothing.
    OrganizationMembers = "organization_members" {
        /// `organization_id`
        organization_id: DynIden = name("organization_id"),
        /// `user_id`
        user_id: DynIden = name("user_id"),
        /// `role`: the [code](crate::Role::code) of the role.
        role: DynIden = name("role"),
    }

    /// Workspaces, personal sandboxes among them. [`Kind::Workspace`].
    Workspaces = "workspaces" {
        /// `id`
        id: DynIden = name("id"),
        /// `organization_id`
        organization_id: DynIden = name("organization_id"),
        /// `created_by`: the user who created the workspace, or whose sandbox it is; NULL means nobody.
        created_by: DynIden = name("created_by"),
        /// `is_personal`: a boolean. A workspace is shared if this is false. NULL counts as personal.
        is_personal: DynIden = name("is_personal"),
    }

    /// The members of workspaces.
    WorkspaceMembers = "workspace_members" {
        /// `workspace_id`
        workspace_id: DynIden = name("workspace_id"),
        /// `user_id`
        user_id: DynIden = name("user_id"),
    }

    /// Projects. [`Kind::Project`].
    Projects = "projects" {
        /// `id`
        id: DynIden = name("id"),
        /// `organization_id`
        organization_id: DynIden = name("organization_id"),
        /// `workspace_id`: the workspace that holds the project; NULL means none.
        workspace_id: DynIden = name("workspace_id"),
        /// `created_by`: the user who created the project; NULL means nobody.
        created_by: DynIden = name("created_by"),
        /// `show_annotation_history`: a boolean, whether annotators may view their own data.
        show_annotation_history: DynIden = name("show_annotation_history"),
    }

    /// The members of projects.
    ProjectMembers = "project_members" {
        /// `project_id`
        project_id: DynIden = name("project_id"),
        /// `user_id`
        user_id: DynIden = name("user_id"),
    }

    /// Project roles: the roles of Annotators and Reviewers in single projects. A user whose row has another
    /// code, or NULL, has no role in that project.
    ProjectRoles = "project_roles" {
        /// `project_id`
        project_id: DynIden = name("project_id"),
        /// `user_id`
        user_id: DynIden = name("user_id"),
        /// `role`
        role: DynIden = name("role"),
        /// The value of `role` for an Annotator, by default `'AN'`. Statements have it as a constant. If it is
        /// NULL, no row gives the role.
        annotator: Value = ProjectRole::Annotator.code().into(),
        /// The value of `role` for a Reviewer, by default `'RE'`.
        reviewer: Value = ProjectRole::Reviewer.code().into(),
        /// Whether the database guarantees that each row has one of the two values, as in
        /// `role TEXT NOT NULL CHECK (role IN ('AN', 'RE'))`. If so, a list for which either role
        /// suffices does not read this table. By default false.
        is_checked: bool = false,
    }

    /// Tasks. [`Kind::Task`].
    Tasks = "tasks" {
        /// `id`
        id: DynIden = name("id"),
        /// `project_id`
        project_id: DynIden = name("project_id"),
    }

    /// The assignments of tasks to users.
    TaskAssignees = "task_assignees" {
        /// `task_id`
        task_id: DynIden = name("task_id"),
        /// `user_id`
        user_id: DynIden = name("user_id"),
        /// `project_id`: the project of the task, kept here for an index. With `None`, statements read it from
        /// the task.
        project_id: Option<DynIden> = Some(name("project_id")),
        /// Whether the database guarantees that `project_id` is the project of the task, as in
        /// `FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id)`. If so, lists of assigned tasks
        /// check the project without reading the task. By default false.
        is_checked: bool = false,
    }

    /// Records in tasks. [`Kind::Record`]. For a second table of records, change this in a clone of the schema.
    Records = "annotations" {
        /// `id`
        id: DynIden = name("id"),
        /// `task_id`
        task_id: DynIden = name("task_id"),
        /// `completed_by`: the user who made the record, or whom it is about; NULL means nobody.
        completed_by: DynIden = name("completed_by"),
        /// The project of the task, if the table has a column for it. With `None`, statements read it from the
        /// task.
        project_id: Option<DynIden> = None,
        /// Whether the database guarantees that it is the project of the task, as in
        /// `FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id)`. Policies of
        /// [row-level security](super::RowSecurity) then do not compare the two. False.
        is_checked: bool = false,
    }
}

/// An id that a statement binds: a number, a text, a UUID with sea-query's feature for it.
///
/// Every type that sea-query takes as a value is one, except `Option`. For a type of your own, implement
/// [`Nullable`], and `From<YourType>` for [`Value`]; SeaORM derives both.
///
/// An `Option` is not an id: an absent id would match no row, and an empty page would look like the end of the
/// list. This compiles:
///
/// ```
/// use labelgate::sql::Page;
///
/// let last_seen: Option<i64> = None;
/// let page = Page::of(50);
/// let page = match last_seen {
///     Some(id) => page.after(id),
///     None => page,
/// };
/// ```
///
/// and this does not:
///
/// ```compile_fail,E0277
/// use labelgate::sql::Page;
///
/// let last_seen: Option<i64> = None;
/// let page = Page::of(50).after(last_seen);
/// ```
///
/// If a type of your own converts an id to NULL, the page after that id is the first page. Any other NULL matches
/// no row.
pub trait Id: Into<Value> + Nullable + Clone {}

impl<T: Into<Value> + Nullable + Clone> Id for T {}

pub(super) fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

/// The user, the organization and the role that a statement is made for. A [fact of your own](OwnFact) takes
/// them.
///
/// ```
/// use labelgate::sql::Principal;
/// use labelgate::Role;
/// use sea_query::{Expr, ExprTrait};
///
/// /// Members of the team that owns the project; for managers only.
/// fn in_team(asked: &Principal) -> Expr {
///     let of_user = Expr::col(("teams", "member_id")).eq(asked.user());
///     let here = Expr::col(("teams", "organization_id")).eq(asked.organization());
///     of_user.and(here).and(asked.role() == Role::Manager)
/// }
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Principal {
    pub(super) organization: Expr,
    pub(super) user: Expr,
    pub(super) role: Role,
}

impl Principal {
    pub(super) fn by<T: Id, U: Id>(subject: &Subject<T, U>) -> Self {
        Self::new(subject.organization(), subject.user(), subject.role())
    }

    pub(super) fn of<A, I: RowId, T: Id, U: Id>(listing: &Listing<A, I, T, U>) -> Self {
        Self::new(listing.organization(), listing.user(), listing.role())
    }

    /// Sets the organization to NULL if the user is NULL. Then no row matches, and nothing is found.
    pub(super) fn new<T: Id, U: Id>(
        organization: &OrganizationId<T>,
        user: &UserId<U>,
        role: Role,
    ) -> Self {
        let mut organization: Value = organization.0.clone().into();
        let user: Value = user.0.clone().into();
        if is_null(&user) {
            organization = organization.as_null();
        }
        Self { organization: Expr::val(organization), user: Expr::val(user), role }
    }

    /// Returns the id of the organization: a bound parameter, or a setting in policies.
    #[must_use]
    pub fn organization(&self) -> Expr {
        self.organization.clone()
    }

    /// Returns the id of the user: a bound parameter, a setting in policies, or a column in a list of people.
    #[must_use]
    pub fn user(&self) -> Expr {
        self.user.clone()
    }

    /// Returns the user's role in the organization.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }
}

type Holds = dyn Fn(&Principal) -> Expr + Send + Sync;
type Ids = dyn Fn(&Principal) -> SelectStatement + Send + Sync;
type Ends = dyn Fn(&Principal) -> Vec<QueryStatement> + Send + Sync;
type EndsInProject = dyn Fn(&TakenOut) -> Vec<QueryStatement> + Send + Sync;

/// Who is taken out of which project. A [fact of your own](OwnFact::with_project_cleanup) takes it.
///
/// ```
/// use labelgate::sql::TakenOut;
/// use sea_query::{DeleteStatement, Expr, ExprTrait, Query};
///
/// fn seat(taken_out: &TakenOut) -> DeleteStatement {
///     Query::delete()
///         .from_table("seats")
///         .and_where(Expr::col(("seats", "project_id")).eq(taken_out.project()))
///         .and_where(Expr::col(("seats", "user_id")).eq(taken_out.user()))
///         .to_owned()
/// }
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct TakenOut {
    pub(super) project: Expr,
    pub(super) user: Expr,
}

impl TakenOut {
    /// Returns the id of the project. It is NULL if the project is in another organization.
    #[must_use]
    pub fn project(&self) -> Expr {
        self.project.clone()
    }

    /// Returns the id of the user.
    #[must_use]
    pub fn user(&self) -> Expr {
        self.user.clone()
    }
}

/// How your service keeps a fact, if the tables of a [`Schema`] do not have it. See [`Schema::with_fact`].
///
/// ```
/// use labelgate::sql::{OwnFact, Schema};
/// use labelgate::Fact;
/// use sea_query::{Expr, ExprTrait};
///
/// // The service keeps the creator of a project as its owner.
/// let owner = OwnFact::new(|asked| Expr::col(("projects", "owner_id")).eq(asked.user()));
/// let schema = Schema::postgres().with_fact(Fact::ProjectCreator, owner);
/// ```
#[derive(Clone)]
pub struct OwnFact {
    pub(super) holds: Arc<Holds>,
    pub(super) ids: Option<Arc<Ids>>,
    pub(super) ends: Option<Arc<Ends>>,
    pub(super) ends_in_project: Option<Arc<EndsInProject>>,
    pub(super) column: Option<DynIden>,
}

impl OwnFact {
    /// Makes the fact from a condition on its row: a workspace, a project, a task or a record, each by its alias.
    /// NULL counts as false.
    ///
    /// Name the table of every column, as in `("projects", "owner_id")`. SQLite reads an unknown name in quotes
    /// as a text: the misspelled `"owner_di" = 7` is false for every row. `"projects"."owner_di" = 7` is an
    /// error.
    #[must_use]
    pub fn new(holds: impl Fn(&Principal) -> Expr + Send + Sync + 'static) -> Self {
        let (ids, ends, ends_in_project, column) = (None, None, None, None);
        Self { holds: Arc::new(holds), ids, ends, ends_in_project, column }
    }

    /// Adds a query for the ids of the rows for which the fact holds. Without it, a list cannot start from the
    /// fact, and may read all rows of the organization.
    #[must_use]
    pub fn with_ids(
        self,
        ids: impl Fn(&Principal) -> SelectStatement + Send + Sync + 'static,
    ) -> Self {
        Self { ids: Some(Arc::new(ids)), ..self }
    }

    /// Adds the statements after which the fact holds of no row of the organization for the user.
    /// [`Schema::cleanup`] needs them if the fact follows from [data](crate::membership::MemberData) that a change
    /// of memberships deletes. If it follows from nothing but the role, return no statements.
    ///
    /// ```
    /// use labelgate::sql::OwnFact;
    /// use sea_query::{Expr, ExprTrait, Query};
    ///
    /// // People are in a project through teams, which are an organization's.
    /// let team = |column: &'static str| Expr::col(("team_members", column));
    /// let member = OwnFact::new(|asked| Expr::cust("..")).with_cleanup(move |asked| {
    ///     let of_user = team("user_id").eq(asked.user());
    ///     let here = team("organization_id").eq(asked.organization());
    ///     vec![Query::delete().from_table("team_members").and_where(of_user).and_where(here).to_owned().into()]
    /// });
    /// ```
    #[must_use]
    pub fn with_cleanup(
        self,
        statements: impl Fn(&Principal) -> Vec<QueryStatement> + Send + Sync + 'static,
    ) -> Self {
        Self { ends: Some(Arc::new(statements)), ..self }
    }

    /// Adds the statements after which the fact does not hold for the user and one project, or the tasks in it.
    /// [`Cleanup::statements_in_project`](super::Cleanup::statements_in_project) needs them if the fact puts users
    /// into projects. If it follows from nothing but the role, return no statements.
    ///
    /// ```
    /// use labelgate::sql::OwnFact;
    /// use sea_query::{Expr, ExprTrait, Query};
    ///
    /// // A member of a project has a seat in it.
    /// let seat = |column: &'static str| Expr::col(("seats", column));
    /// let member = OwnFact::new(|asked| Expr::cust("..")).with_project_cleanup(move |taken_out| {
    ///     let of_user = seat("user_id").eq(taken_out.user());
    ///     let here = seat("project_id").eq(taken_out.project());
    ///     vec![Query::delete().from_table("seats").and_where(of_user).and_where(here).to_owned().into()]
    /// });
    /// ```
    ///
    /// If people are in several projects through one row, such as that of a team, nobody can be taken out of one
    /// project alone. Then leave this out: `statements_in_project` returns an error, and deletes no row of the team.
    #[must_use]
    pub fn with_project_cleanup(
        self,
        statements: impl Fn(&TakenOut) -> Vec<QueryStatement> + Send + Sync + 'static,
    ) -> Self {
        Self { ends_in_project: Some(Arc::new(statements)), ..self }
    }

    /// Says that the fact is read from a column of its row, which has a user. The policies of
    /// [row-level security](super::RowSecurity) then take a new row if the column has the user or NULL, and let nobody
    /// change it. Nothing else asks.
    ///
    /// ```
    /// use labelgate::sql::{OwnFact, Schema};
    /// use labelgate::Fact;
    /// use sea_query::{Expr, ExprTrait};
    ///
    /// let owner = OwnFact::new(|asked| Expr::col(("projects", "owner_id")).eq(asked.user()));
    /// let schema = Schema::postgres().with_fact(Fact::ProjectCreator, owner.with_column("owner_id"));
    /// ```
    #[must_use]
    pub fn with_column(self, column: impl IntoIden) -> Self {
        Self { column: Some(column.into_iden()), ..self }
    }
}

impl fmt::Debug for OwnFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnFact")
            .field("has_ids", &self.ids.is_some())
            .field("has_cleanup", &self.ends.is_some())
            .finish_non_exhaustive()
    }
}

/// The tables of your service: their names, the names of their columns, and how you keep facts.
///
/// The docs of each field say its default. Change the names that differ in your database:
///
/// ```
/// use labelgate::sql::Schema;
///
/// let mut schema = Schema::postgres();
/// schema.projects.table = "project".into();
/// schema.projects.alias = Some("p".into());
/// schema.projects.created_by = "created_by_id".into();
/// schema.workspace_members.table = ("people", "workspace_member").into();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Schema {
    /// The database that statements are written for.
    pub dialect: Dialect,
    /// Organizations.
    pub organizations: Organizations,
    /// The members of organizations.
    pub organization_members: OrganizationMembers,
    /// Workspaces.
    pub workspaces: Workspaces,
    /// The members of workspaces.
    pub workspace_members: WorkspaceMembers,
    /// Projects.
    pub projects: Projects,
    /// The members of projects.
    pub project_members: ProjectMembers,
    /// The roles of annotators and reviewers in single projects.
    pub project_roles: ProjectRoles,
    /// Tasks.
    pub tasks: Tasks,
    /// The assignments of tasks to users.
    pub task_assignees: TaskAssignees,
    /// Records in tasks.
    pub records: Records,
    /// Whether statements run under the policies of [`row_security`](Self::row_security). PostgreSQL checks
    /// policies on each row that a join reads, so lists are then rendered without joins. By default false.
    pub is_secured: bool,
    /// The most rows that a page in the order of a [column](super::Page::by) collects and sorts. Of a user who sees
    /// more, it walks the index of the order. 5,000.
    pub sort_limit: u32,
    /// The most rows that a [search](super::Page::search) may find so that it is asked of each whether it is in the
    /// listing. 500.
    pub search_limit: u32,
    pub(super) orders: Vec<(Rows, DynIden)>,
    own: Vec<(Fact, OwnFact)>,
    absent: FactSet,
}

impl Schema {
    /// Returns the tables with their default names.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            organizations: Organizations::default(),
            organization_members: OrganizationMembers::default(),
            workspaces: Workspaces::default(),
            workspace_members: WorkspaceMembers::default(),
            projects: Projects::default(),
            project_members: ProjectMembers::default(),
            project_roles: ProjectRoles::default(),
            tasks: Tasks::default(),
            task_assignees: TaskAssignees::default(),
            records: Records::default(),
            is_secured: false,
            sort_limit: 5_000,
            search_limit: 500,
            orders: Vec::new(),
            own: Vec::new(),
            absent: FactSet::empty(),
        }
    }

    /// Returns the tables with their default names, in SQLite.
    ///
    /// ```
    /// use labelgate::sql::{Dialect, Schema};
    ///
    /// assert_eq!(Schema::sqlite().dialect, Dialect::Sqlite);
    /// ```
    #[must_use]
    pub fn sqlite() -> Self {
        Self::new(Dialect::Sqlite)
    }

    /// Returns the tables with their default names, in PostgreSQL.
    #[must_use]
    pub fn postgres() -> Self {
        Self::new(Dialect::Postgres)
    }

    /// Returns the schema with a fact that your service keeps in its own way.
    ///
    /// Take care: an expression that is true where the fact does not hold grants what the fact permits. FALSE and
    /// NULL can only deny. If both project roles are true, the user acts as an Annotator.
    ///
    /// ```
    /// use labelgate::sql::{Principal, OwnFact, Schema};
    /// use labelgate::{Fact, Kind, OrganizationId, Role, Subject, UserId};
    /// use sea_query::{Expr, ExprTrait, Query, PostgresQueryBuilder};
    ///
    /// // Users are members of a project through teams.
    /// let team = |column: &'static str| Expr::col(("team_projects", column));
    /// let teams = move |asked: &Principal| {
    ///     let of_user = team("member_id").eq(asked.user());
    ///     Query::select().expr(team("project_id")).from("team_projects").and_where(of_user).to_owned()
    /// };
    /// let schema = Schema::postgres().with_fact(
    ///     Fact::ProjectMember,
    ///     OwnFact::new(move |asked| Expr::col(("projects", "id")).in_subquery(teams(asked)))
    ///         .with_ids(teams),
    /// );
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let sql = Query::select().expr(schema.facts(&subject, Kind::Project)).from("projects").to_owned();
    /// assert!(sql.to_string(PostgresQueryBuilder).contains(r#"WHERE "team_projects"."member_id" = 7"#));
    /// ```
    #[must_use]
    pub fn with_fact(mut self, fact: Fact, own: OwnFact) -> Self {
        self = self.without([fact]);
        self.absent.remove(FactSet::of(fact));
        self.own.push((fact, own));
        self
    }

    /// Returns the schema without facts that your service does not keep. These facts never hold, and no statement
    /// reads their tables.
    ///
    /// ```
    /// use labelgate::sql::Schema;
    /// use labelgate::Fact;
    ///
    /// // There are no workspaces, and no records in tasks.
    /// let facts = [Fact::WorkspaceCreator, Fact::WorkspaceMember, Fact::Author];
    /// let schema = Schema::sqlite().without(facts);
    /// assert!(schema.indexes().len() < Schema::sqlite().indexes().len());
    /// ```
    ///
    /// Without both facts of workspaces, no statement reads workspaces or the `workspace_id` of projects. Without
    /// [`Fact::Author`], there are no indexes and no policies for records. If your service has no project roles,
    /// see [`without_project_roles`](Self::without_project_roles).
    #[must_use]
    pub fn without(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        for fact in facts {
            self.own.retain(|(other, _)| *other != fact);
            self.absent.insert(FactSet::of(fact));
        }
        self
    }

    /// Returns the schema for a service without project roles: Annotators and Reviewers act in each project by
    /// their role in the organization, and no statement reads a table of project roles.
    ///
    /// ```
    /// use labelgate::sql::Schema;
    /// use labelgate::{Kind, OrganizationId, Role, Subject, UserId};
    /// use sea_query::{Query, SqliteQueryBuilder};
    ///
    /// let schema = Schema::sqlite().without_project_roles();
    /// let ann = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    /// let sql = Query::select().expr(schema.facts(&ann, Kind::Project)).from("projects").to_owned();
    /// assert!(!sql.to_string(SqliteQueryBuilder).contains("project_roles"));
    /// ```
    #[must_use]
    pub fn without_project_roles(self) -> Self {
        let as_in_organization = |role: Role| {
            let own = OwnFact::new(move |asked| truth(asked.role == role));
            own.with_cleanup(|_| Vec::new()).with_project_cleanup(|_| Vec::new())
        };
        self.with_fact(Fact::ActsAsAnnotator, as_in_organization(Role::Annotator))
            .with_fact(Fact::ActsAsReviewer, as_in_organization(Role::Reviewer))
    }

    /// The same schema with a column that pages of the kind are in the [order](super::Page::by) of. Its index is one
    /// of [`indexes`](Self::indexes).
    ///
    /// ```
    /// use labelgate::Kind;
    /// use labelgate::sql::Schema;
    ///
    /// let schema = Schema::postgres().with_order(Kind::Project, "created_at");
    /// let index = schema.indexes().pop();
    /// assert!(index.unwrap().ends_with(r#" ON "projects" ("organization_id", "created_at", "id")"#));
    /// ```
    ///
    /// Tasks and records have two indexes: one for lists in a project, and one for those of the organization, which
    /// begins with the column.
    #[must_use]
    pub fn with_order(mut self, kind: Kind, column: impl IntoIden) -> Self {
        self.orders.extend(Rows::of(kind).map(|rows| (rows, column.into_iden())));
        self
    }

    pub(super) const fn database(&self) -> &'static dyn Database {
        self.dialect.database(self.is_secured)
    }

    pub(super) const fn is_without(&self, fact: Fact) -> bool {
        self.absent.has(fact)
    }

    /// Returns true if the service has this table.
    pub(super) const fn has(&self, rows: Rows) -> bool {
        let known_from = match rows {
            Rows::Workspaces => FactSet::known_from(Kind::Workspace),
            Rows::Records => FactSet::Author,
            Rows::Projects | Rows::Tasks => return true,
        };
        !self.absent.contains(known_from)
    }

    pub(super) fn own(&self, fact: Fact) -> Option<&OwnFact> {
        self.own.iter().find(|(other, _)| *other == fact).map(|(_, own)| own)
    }

    /// Returns the id column of the table of a kind, by the table's alias.
    ///
    /// ```
    /// use labelgate::Kind;
    /// use labelgate::sql::Schema;
    /// use sea_query::IntoColumnRef;
    ///
    /// assert_eq!(Schema::sqlite().id(Kind::Record), ("annotations", "id").into_column_ref());
    /// ```
    #[must_use]
    pub fn id(&self, kind: Kind) -> ColumnRef {
        match Rows::of(kind) {
            Some(rows) => self.id_of(rows),
            None => self.organizations.column(&self.organizations.id),
        }
    }

    pub(super) fn id_of(&self, rows: Rows) -> ColumnRef {
        match rows {
            Rows::Workspaces => self.workspaces.column(&self.workspaces.id),
            Rows::Projects => self.projects.column(&self.projects.id),
            Rows::Tasks => self.tasks.column(&self.tasks.id),
            Rows::Records => self.records.column(&self.records.id),
        }
    }

    pub(super) fn named(&self, rows: Rows) -> Named<'_> {
        match rows {
            Rows::Workspaces => self.workspaces.named(),
            Rows::Projects => self.projects.named(),
            Rows::Tasks => self.tasks.named(),
            Rows::Records => self.records.named(),
        }
    }
}
