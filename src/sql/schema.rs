//! The tables of a service, by name.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use sea_query::{
    ColumnRef, DynIden, Expr, IntoIden, Nullable, SelectStatement, TableName, TableRef, Value,
};

use super::dialect::Dialect;
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

    /// The table of a kind. Nothing is known from the row of an organization.
    pub(super) const fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Organization => None,
            Kind::Workspace => Some(Self::Workspaces),
            Kind::Project => Some(Self::Projects),
            Kind::Task => Some(Self::Tasks),
            Kind::Record => Some(Self::Records),
        }
    }

    /// The table whose row a fact is known from.
    pub(super) const fn that_have(fact: Fact) -> Self {
        match Self::of(fact.level()) {
            Some(rows) => rows,
            None => Self::Workspaces,
        }
    }
}

/// A table, as statements call it.
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

/// A table by itself: its columns, as statements call them.
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

/// Declares the tables: by field, the type, what it is and the default.
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
            #[doc = concat!("The table. `", $table, "`; `(\"schema\", \"table\").into()` is one in a schema.")]
            pub table: TableName,
            /// What queries call the table (`FROM table AS alias`). `None` is the table's name.
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
    /// Organizations: a table of [row-level security](super::RowSecurity) and of nothing else.
    Organizations = "organizations" {
        /// `id`
        id: DynIden = name("id"),
    }

    /// Workspaces, personal sandboxes among them. [`Kind::Workspace`].
    Workspaces = "workspaces" {
        /// `id`
        id: DynIden = name("id"),
        /// `organization_id`
        organization_id: DynIden = name("organization_id"),
        /// `created_by`: the user who created the workspace, or whose sandbox it is; NULL is nobody.
        created_by: DynIden = name("created_by"),
        /// `is_personal`: a boolean. A workspace counts as shared where it is false, not where it is NULL.
        is_personal: DynIden = name("is_personal"),
    }

    /// Who was added to a workspace.
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
        /// `workspace_id`: the workspace that holds the project; NULL is none.
        workspace_id: DynIden = name("workspace_id"),
        /// `created_by`: the user who created the project; NULL is nobody.
        created_by: DynIden = name("created_by"),
        /// `show_annotation_history`: a boolean, whether annotators may view their own data.
        show_annotation_history: DynIden = name("show_annotation_history"),
    }

    /// Who was added to a project.
    ProjectMembers = "project_members" {
        /// `project_id`
        project_id: DynIden = name("project_id"),
        /// `user_id`
        user_id: DynIden = name("user_id"),
    }

    /// The roles of annotators and reviewers in single projects. A row with a code that is neither, or
    /// with NULL, leaves the user without a role there.
    ProjectRoles = "project_roles" {
        /// `project_id`
        project_id: DynIden = name("project_id"),
        /// `user_id`
        user_id: DynIden = name("user_id"),
        /// `role`
        role: DynIden = name("role"),
        /// What the column has for an Annotator: the code, `'AN'`. Written into statements as a constant.
        /// NULL is in no row: nobody then has the role by a row.
        annotator: Value = ProjectRole::Annotator.code().into(),
        /// What the column has for a Reviewer: the code, `'RE'`.
        reviewer: Value = ProjectRole::Reviewer.code().into(),
        /// Whether the database guarantees that each row has one of the two, as in
        /// `role TEXT NOT NULL CHECK (role IN ('AN', 'RE'))`. Lists then do not look at project roles
        /// where either of them suffices. False.
        is_checked: bool = false,
    }

    /// Tasks. [`Kind::Task`].
    Tasks = "tasks" {
        /// `id`
        id: DynIden = name("id"),
        /// `project_id`
        project_id: DynIden = name("project_id"),
    }

    /// Whom tasks are assigned to.
    TaskAssignees = "task_assignees" {
        /// `task_id`
        task_id: DynIden = name("task_id"),
        /// `user_id`
        user_id: DynIden = name("user_id"),
        /// `project_id`: the project of the task, kept here for an index. `None` asks the task for it.
        project_id: Option<DynIden> = Some(name("project_id")),
        /// Whether the database guarantees that it is the project of the task, as in
        /// `FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id)`. Lists of assigned tasks
        /// then ask about the project without looking at the task. False.
        is_checked: bool = false,
    }

    /// Records in tasks. [`Kind::Record`]. For another kind of record, change this in a clone of the
    /// schema.
    Records = "annotations" {
        /// `id`
        id: DynIden = name("id"),
        /// `task_id`
        task_id: DynIden = name("task_id"),
        /// `completed_by`: the user who made the record, or whom it is about; NULL is nobody.
        completed_by: DynIden = name("completed_by"),
        /// The project of the task, where the table keeps it. `None` asks the task for it.
        project_id: Option<DynIden> = None,
        /// Whether the database guarantees that it is the project of the task, as in
        /// `FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id)`. Policies of
        /// [row-level security](super::RowSecurity) then do not compare the two. False.
        is_checked: bool = false,
    }
}

/// An id that a statement binds: a number, a text, a UUID with sea-query's feature for it.
///
/// It is any type that sea-query takes as a value and that is not optional. A type of your own implements
/// `From` for [`Value`], and [`Nullable`]; SeaORM derives both.
///
/// An id that is absent would match nothing, and an empty list would look like the end of it. So an `Option`
/// is no id. This compiles:
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
/// If a type of your own makes NULL of an id, the page after it is the first one. As any other id, it matches
/// no row.
pub trait Id: Into<Value> + Nullable + Clone {}

impl<T: Into<Value> + Nullable + Clone> Id for T {}

pub(super) fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

/// The user, the organization and the role that a statement is made for. A [fact of your own](OwnFact) asks
/// for them.
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

    /// Nobody is in no organization: without a user it is NULL, which no row has.
    fn new<T: Id, U: Id>(organization: &OrganizationId<T>, user: &UserId<U>, role: Role) -> Self {
        let mut organization: Value = organization.0.clone().into();
        let user: Value = user.0.clone().into();
        if is_null(&user) {
            organization = organization.as_null();
        }
        Self { organization: Expr::val(organization), user: Expr::val(user), role }
    }

    /// The id of the organization. It is a bound parameter, and in policies a setting.
    #[must_use]
    pub fn organization(&self) -> Expr {
        self.organization.clone()
    }

    /// The id of the user. It is a bound parameter, and in policies a setting.
    #[must_use]
    pub fn user(&self) -> Expr {
        self.user.clone()
    }

    /// The role in the organization.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }
}

type Holds = dyn Fn(&Principal) -> Expr + Send + Sync;
type Ids = dyn Fn(&Principal) -> SelectStatement + Send + Sync;

/// A fact as your service keeps it, if it is no row of the tables of a [`Schema`]. See [`Schema::with_fact`].
///
/// ```
/// use labelgate::sql::{OwnFact, Schema};
/// use labelgate::Fact;
/// use sea_query::{Expr, ExprTrait};
///
/// // The creator is kept as the owner of a project.
/// let owner = OwnFact::new(|asked| Expr::col(("projects", "owner_id")).eq(asked.user()));
/// let schema = Schema::postgres().with_fact(Fact::ProjectCreator, owner);
/// ```
#[derive(Clone)]
pub struct OwnFact {
    pub(super) holds: Arc<Holds>,
    pub(super) ids: Option<Arc<Ids>>,
    pub(super) column: Option<DynIden>,
}

impl OwnFact {
    /// A condition on the row from which the fact is known: a workspace, a project, a task or a record, each
    /// by its alias. NULL counts as false.
    ///
    /// Name the table of every column, as in `("projects", "owner_id")`. SQLite takes a name in quotes that is no
    /// column for a text: `"owner_di" = 7` is false for every row, and no error. `"projects"."owner_di"` is one.
    #[must_use]
    pub fn new(holds: impl Fn(&Principal) -> Expr + Send + Sync + 'static) -> Self {
        Self { holds: Arc::new(holds), ids: None, column: None }
    }

    /// Adds a query for the ids of the rows of which the fact holds. Without it, a page cannot start at the
    /// user, and walks the rows of the organization.
    #[must_use]
    pub fn with_ids(
        self,
        ids: impl Fn(&Principal) -> SelectStatement + Send + Sync + 'static,
    ) -> Self {
        Self { ids: Some(Arc::new(ids)), ..self }
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
        f.debug_struct("OwnFact").field("has_ids", &self.ids.is_some()).finish_non_exhaustive()
    }
}

/// The tables of your service: what they and their columns are called, and how you keep facts.
///
/// The docs of each field say its default. Rename what you call otherwise:
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
    /// The database that statements are made for.
    pub dialect: Dialect,
    /// Organizations.
    pub organizations: Organizations,
    /// Workspaces.
    pub workspaces: Workspaces,
    /// Who was added to a workspace.
    pub workspace_members: WorkspaceMembers,
    /// Projects.
    pub projects: Projects,
    /// Who was added to a project.
    pub project_members: ProjectMembers,
    /// The roles of annotators and reviewers in single projects.
    pub project_roles: ProjectRoles,
    /// Tasks.
    pub tasks: Tasks,
    /// Whom tasks are assigned to.
    pub task_assignees: TaskAssignees,
    /// Records in tasks.
    pub records: Records,
    /// Whether statements run under the policies of [`row_security`](Self::row_security). PostgreSQL holds
    /// policies against each row that a join reads, so lists are then rendered without joins. False.
    pub is_secured: bool,
    own: Vec<(Fact, OwnFact)>,
    absent: FactSet,
}

impl Schema {
    /// The tables by their default names.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            organizations: Organizations::default(),
            workspaces: Workspaces::default(),
            workspace_members: WorkspaceMembers::default(),
            projects: Projects::default(),
            project_members: ProjectMembers::default(),
            project_roles: ProjectRoles::default(),
            tasks: Tasks::default(),
            task_assignees: TaskAssignees::default(),
            records: Records::default(),
            is_secured: false,
            own: Vec::new(),
            absent: FactSet::empty(),
        }
    }

    /// The tables by their default names, in SQLite.
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

    /// The tables by their default names, in PostgreSQL.
    #[must_use]
    pub fn postgres() -> Self {
        Self::new(Dialect::Postgres)
    }

    /// The same schema with a fact that your service keeps in a way of its own.
    ///
    /// Take care: if the expression is true where the fact does not hold, it gives away what the fact
    /// permits. If it is false or NULL, it can only deny. If both roles to act as are true, the user acts as
    /// an Annotator.
    ///
    /// ```
    /// use labelgate::sql::{Principal, OwnFact, Schema};
    /// use labelgate::{Fact, Kind, OrganizationId, Role, Subject, UserId};
    /// use sea_query::{Expr, ExprTrait, Query, PostgresQueryBuilder};
    ///
    /// // People are in a project through teams.
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

    /// The same schema without facts that your service does not keep. They never hold, and no statement reads
    /// the tables that they would be in.
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
    /// If you leave out both facts of workspaces, nothing reads the workspaces or `workspace_id` of projects. If
    /// you leave out [`Fact::Author`], there are no indexes and no policies for records. If there is no table of roles in
    /// projects, see [`without_project_roles`](Self::without_project_roles).
    #[must_use]
    pub fn without(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        for fact in facts {
            self.own.retain(|(other, _)| *other != fact);
            self.absent.insert(FactSet::of(fact));
        }
        self
    }

    /// The same schema for a service that gives no roles in single projects: annotators and reviewers act in
    /// each project as what they are in the organization, and no statement reads a table of roles.
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
        let as_in_organization = |role: Role| OwnFact::new(move |asked| truth(asked.role == role));
        self.with_fact(Fact::ActsAsAnnotator, as_in_organization(Role::Annotator))
            .with_fact(Fact::ActsAsReviewer, as_in_organization(Role::Reviewer))
    }

    pub(super) const fn is_without(&self, fact: Fact) -> bool {
        self.absent.has(fact)
    }

    /// Whether there is such a table.
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

    /// The column with the id of the rows of a kind, by the table's alias.
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
