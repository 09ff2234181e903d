//! Lists in SQL that are the same rule (feature `sea-query`).
//!
//! A decision says whether a subject may do an action to one row. A list asks which rows there are that
//! they may do it to. A [`Listing`] is the proof that a list may be seen, and a [`Schema`] renders it as conditions on
//! your own tables, for queries of [sea-query](sea_query). Nothing here runs a query. Matrices that an organization
//! changed and subjects that are narrowed need nothing more: their listings are rendered like any other. The guide
//! [*List what somebody may see*](crate::guide::lists) has it as a program.
//!
//! The feature needs Rust 1.88, as sea-query 1 does, and the standard library. Everything else in this
//! crate keeps to its own `rust-version`.
//!
//! ```
//! use labelgate::sql::{Page, Schema};
//! use labelgate::{Denied, Kind, OrganizationId, Role, Subject, UserId, act};
//! use sea_query::{Order, Query, SqliteQueryBuilder};
//!
//! let mut schema = Schema::sqlite();
//! schema.project_roles.is_checked = true; // role TEXT NOT NULL CHECK (role IN ('AN', 'RE'))
//!
//! let ann = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
//! let listing = ann.authorize_list(act::ViewProject)?; // a denial, and no empty page
//! let page = Page::of(50).after(100);
//! let (sql, values) = Query::select()
//!     .column(("projects", "title"))
//!     .from("projects")
//!     .and_where(schema.page(&listing, &page))
//!     .order_by(schema.id(Kind::Project), Order::Asc)
//!     .limit(50)
//!     .build(SqliteQueryBuilder);
//!
//! let expected = r#"
//!     SELECT "projects"."title" FROM "projects" WHERE "projects"."id" IN (
//!         SELECT "id" FROM (SELECT "project_members"."project_id" AS "id"
//!             FROM "project_members" CROSS JOIN "projects"
//!             WHERE "project_members"."user_id" = ? AND "project_members"."project_id" > ?
//!             AND "projects"."id" = "project_members"."project_id" AND "projects"."organization_id" = ?
//!             ORDER BY "project_members"."project_id" ASC LIMIT ?) AS "part"
//!         UNION
//!         SELECT "id" FROM (SELECT DISTINCT "task_assignees"."project_id" AS "id"
//!             FROM "task_assignees" CROSS JOIN "projects"
//!             WHERE "task_assignees"."user_id" = ? AND "task_assignees"."project_id" > ?
//!             AND "projects"."id" = "task_assignees"."project_id" AND "projects"."organization_id" = ?
//!             ORDER BY "task_assignees"."project_id" ASC LIMIT ?) AS "part"
//!         ORDER BY 1 ASC LIMIT ?)
//!     ORDER BY "projects"."id" ASC LIMIT ?
//! "#;
//! # let words = |sql: &str| sql.split_whitespace().collect::<String>();
//! assert_eq!(words(&sql), words(expected));
//! assert_eq!(values.iter().count(), 10); // ids are bound, and never written into a statement
//! # Ok::<(), Denied>(())
//! ```
//!
//! # Four shapes
//!
//! No one shape of SQL is good for a row, a page and a whole set, so you say what you want.
//!
//! | Wanted | | Reads |
//! |---|---|---|
//! | The facts of a row, or of each row of a page | [`Schema::facts`] | the row's own memberships, by index |
//! | A page in the order of the ids | [`Schema::page`] | as much as the page shows, with the exceptions [below](#where-a-page-is-not-cheap) |
//! | All of it: a count, an export, a join | [`Schema::set`] | all that the user can see |
//! | What a search finds, by an index of its own | [`Schema::matches`] | what the search finds |
//!
//! A list that can have nothing is rendered as `FALSE`, without a subquery. One that has everything compares the
//! organization. [`Schema::indexes`] says which indexes the shapes need.
//!
//! # A page and what its rows permit
//!
//! A list that shows what may be done with each row selects the facts as well. The answer needs no other
//! query: see [`Subject::actions`](crate::Subject::actions).
//!
//! ```
//! use labelgate::sql::{Page, Schema};
//! use labelgate::{Denied, Kind, OrganizationId, Role, Subject, UserId, act};
//! use sea_query::{Order, PostgresQueryBuilder, Query};
//!
//! let (schema, cursor) = (Schema::postgres(), 100);
//! let caller = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
//!
//! let listing = caller.authorize_list(act::ViewProject)?;
//! let page = Page::of(50).after(cursor);
//! let query = Query::select()
//!     .columns([("projects", "id"), ("projects", "title"), ("projects", "organization_id")])
//!     .expr(schema.facts(&caller, Kind::Project)) // so that each row says what else it permits
//!     .from("projects")
//!     .and_where(schema.page(&listing, &page))
//!     .order_by(("projects", "id"), Order::Asc)
//!     .limit(50)
//!     .to_owned();
//!
//! // A Manager views all projects of the organization, and is a member of some.
//! let sql = query.to_string(PostgresQueryBuilder);
//! assert!(sql.starts_with(
//!     r#"SELECT "projects"."id", "projects"."title", "projects"."organization_id", (CASE WHEN "#
//! ));
//! assert!(sql.contains(r#"FROM "project_members" WHERE "project_members"."project_id" = "projects"."id""#));
//! assert!(sql.ends_with(
//!     r#" FROM "projects" WHERE "projects"."organization_id" = 1 AND "projects"."id" > 100 ORDER BY "projects"."id" ASC LIMIT 50"#
//! ));
//! # Ok::<(), Denied>(())
//! ```
//!
//! # One row and its facts
//!
//! The facts come back as one integer, which [`Subject::row`](crate::Subject::row) takes together with the id and
//! the organization of the row.
//!
//! ```
//! use labelgate::sql::Schema;
//! use labelgate::{Action, Kind, OrganizationId, Role, Subject, TaskId, UserId};
//! use sea_query::{Expr, ExprTrait, PostgresQueryBuilder, Query};
//!
//! let schema = Schema::postgres();
//! let ann = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
//! let (sql, values) = Query::select()
//!     .expr(schema.organization(Kind::Task))
//!     .expr(schema.facts(&ann, Kind::Task))
//!     .from("tasks")
//!     .and_where(Expr::col(("tasks", "id")).eq(1000))
//!     .and_where(schema.in_organization(&ann, Kind::Task))
//!     .build(PostgresQueryBuilder);
//!
//! // What the database returned.
//! # let (organization, facts) = (1, 8 + 32);
//! let task = ann.row(TaskId(1000), OrganizationId(organization), facts)?;
//! assert!(ann.can(Action::LabelTasks, &task));
//! # Ok::<(), labelgate::error::InvalidFacts>(())
//! ```
//!
//! # Within a project that is known
//!
//! With the row of a project, [`Subject::authorize_list_in`](crate::Subject::authorize_list_in) denies the list of
//! its tasks, or proves it. What is left to ask is who is assigned and who is the author: memberships are not asked
//! about again, and the statement has only rows of this project.
//!
//! ```
//! use labelgate::sql::{Page, Schema};
//! use labelgate::{Denied, Fact, Facts, OrganizationId, ProjectId, Role, Subject, UserId, act};
//! use sea_query::{Order, Query, SqliteQueryBuilder};
//!
//! let ann = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
//! let facts = [Fact::ProjectMember, Fact::ProjectAssignee, Fact::ActsAsAnnotator, Fact::OwnDataPermitted];
//! let project = ann.row(ProjectId(100), OrganizationId(1), facts.into_iter().collect::<Facts>()).unwrap();
//!
//! let listing = ann.authorize_list_in(act::ViewProjectData, &project)?; // a denial, and no empty page
//! assert_eq!(listing.condition().to_string(), "assignee; author");
//!
//! let page = Page::of(50);
//! let sql = Query::select()
//!     .column(("tasks", "id"))
//!     .from("tasks")
//!     .and_where(Schema::sqlite().page(&listing, &page))
//!     .order_by(("tasks", "id"), Order::Asc)
//!     .limit(50)
//!     .to_string(SqliteQueryBuilder);
//! let expected = r#"
//!     SELECT "tasks"."id" FROM "tasks" WHERE "tasks"."id" IN (
//!         SELECT "task_assignees"."task_id" AS "id" FROM "task_assignees"
//!         WHERE "task_assignees"."user_id" = 7 AND "task_assignees"."project_id" = (SELECT "projects"."id" FROM "projects"
//!             WHERE "projects"."id" = 100 AND "projects"."organization_id" = 1)
//!         AND EXISTS(SELECT 1 FROM "tasks" WHERE "tasks"."id" = "task_assignees"."task_id"
//!             AND "tasks"."project_id" = (SELECT "projects"."id" FROM "projects"
//!             WHERE "projects"."id" = 100 AND "projects"."organization_id" = 1))
//!         ORDER BY "task_assignees"."task_id" ASC LIMIT 50)
//!     ORDER BY "tasks"."id" ASC LIMIT 50
//! "#;
//! # let words = |sql: &str| sql.split_whitespace().collect::<String>();
//! assert_eq!(words(&sql), words(expected));
//! # Ok::<(), Denied>(())
//! ```
//!
//! # From a filter to a statement
//!
//! An annotator who reviews in some projects lists the tasks whose data they may view:
//!
//! 1. `filter.rs` asks the rule which facts suffice. Each alternative is a set of facts.
//! 2. `sql/plan.rs` makes access paths of the alternatives. Each starts from the fact that leads from the user to
//!    the fewest rows, and asks of these rows what else the alternative does. Facts of projects lead to the
//!    projects first, and from their ids to the tasks.
//! 3. `sql/sources.rs` says where the facts are kept, one line for each: [`Fact::Assignee`](crate::Fact) is a row
//!    of `task_assignees` with the user in `user_id` and the task in `task_id`.
//! 4. `sql/page.rs` renders a query for each path, with the organization, the cursor and your own condition inside,
//!    and merges them into a page. `sql/dialect.rs` writes what databases want to be written differently.
//!
//! [`Schema::plan`] shows the second step:
//!
//! ```
//! use labelgate::sql::Schema;
//! use labelgate::{Denied, OrganizationId, Role, Subject, UserId, act};
//!
//! let caller = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
//! let listing = caller.authorize_list(act::ReviewAnnotations)?;
//! assert_eq!(
//!     listing.condition().to_string(),
//!     "project_member and acts_as_reviewer; project_assignee and acts_as_reviewer",
//! );
//! assert_eq!(
//!     Schema::postgres().plan(&listing).to_string(),
//!     "tasks in projects from project_member where acts_as_reviewer, \
//!      or from project_assignee where acts_as_reviewer",
//! );
//! # Ok::<(), Denied>(())
//! ```
//!
//! `cargo run --features sea-query --example sql -- AN annotations.review` prints all steps with the
//! statements for both databases.
//!
//! # What your service has to do
//!
//! - Ids bind as what they are: an id of another type than the column's is an error on PostgreSQL, and
//!   so is text with NUL in it.
//! - Each table is called by its alias, or by its name where it has none; the query has to call the
//!   listed table the same.
//! - A page repeats its order and its size in the query: the condition says which rows there are, and not
//!   in which order the database returns them. A page of everything has no limit of its own.
//! - Let a primary key see to it that somebody is a member of a project, and assigned to a task, by one row:
//!   a page counts these rows, and comes up short where one is repeated.
//! - Rows that a service deletes softly are still rows: the condition that leaves them out belongs into
//!   [`Page::only`], or beside the set.
//! - The project's id that an assignment keeps says in which projects somebody has tasks; the organization
//!   of a task is that of the task's own project, unless the database
//!   [guarantees](TaskAssignees::is_checked) that they are the same.
//!
//! # Row-level security
//!
//! [`Schema::row_security`] makes policies for PostgreSQL from the same rule. They are a backstop for the
//! handler that forgets its check. Your service still decides, and where a policy hides a row, its answer
//! is 404.
//!
//! - **Seen** is a row by whoever may do something to it, or to something in it.
//! - **Written** is a row by whoever may do the action of that name: change a project, delete a workspace. Where
//!   there is no such action, nobody may write. A new row is asked of what holds it: a project of its
//!   workspace, a task of its project, a record of its task.
//! - **Forged** is no row. The creator of a new row is the user or NULL. An update leaves the id, the organization,
//!   the creator and the author as they are, and so the task of a record. A project is moved by whoever may create
//!   one in the other workspace.
//!
//! Policies are fixed in a migration while matrices change, so make them for
//! [the widest](RowSecurity::widest) matrix that your service uses. They then deny nothing that your service permits.
//!
//! ```
//! use labelgate::sql::{IdTypes, RowSecurity, Schema};
//!
//! let mut schema = Schema::postgres();
//! schema.is_secured = true; // the service's lists are rendered for tables under policies
//! let widest = RowSecurity::widest([/* the matrices that organizations changed */]);
//! let security = schema.row_security(&widest, IdTypes::BIGINT)?;
//!
//! let statements = security.create(); // for a migration; `remove` is the way back
//! let policy = statements.iter().find(|sql| sql.starts_with(r#"CREATE POLICY labelgate_select ON "projects""#));
//! let expected = r#"
//!     CREATE POLICY labelgate_select ON "projects" FOR SELECT USING (
//!         "projects"."organization_id" = labelgate.organization_id()
//!         AND ((SELECT labelgate.role_in('OW', 'AD', 'MA'))
//!             OR EXISTS (SELECT FROM labelgate.my_projects AS my WHERE my.id = "projects"."id")
//!                 AND (SELECT role FROM labelgate.acts_as("projects"."id") AS role) IS NOT NULL))
//! "#;
//! # let words = |sql: &str| sql.split_whitespace().collect::<String>();
//! assert_eq!(policy.map(|sql| words(sql)), Some(words(expected)));
//! # Ok::<(), labelgate::sql::NoRowSecurity>(())
//! ```
//!
//! The schema `labelgate` has what policies read: functions that say who asks, and views of the rows that facts of
//! the user lead to, such as `labelgate.my_projects`.
//!
//! A transaction starts with [`RowSecurity::BEGIN`] and [`RowSecurity::settings`]. Without settings no row
//! is seen and none is written, and they end with the transaction.
//!
//! ## Three roles of the database
//!
//! - **The owner** of the tables runs migrations, and is under no policy. `ALTER ROLE .. SET row_security = off` makes
//!   an error of what a policy would hide from it, in place of 0 rows.
//! - **The service** owns nothing. [`RowSecurity::enforcement_query`] tells for a connection whether the policies hold
//!   for it. Set `jit = off` for the role, since PostgreSQL takes seconds to compile what it estimates to be costly,
//!   `plan_cache_mode = force_custom_plan`, since a plan that was made for somebody with few projects is a bad one for
//!   others, and a `work_mem` of 16 MB. If the service has to own the tables, see [`RowSecurity::forced`].
//! - **Jobs**, for which nobody asks, are a role of their own: see [`RowSecurity::with_jobs`]. Giving a row to somebody
//!   else, taking its creator away and importing for others are jobs.
//!
//! ## What to know
//!
//! - Whoever runs SQL of their own sets any user. Policies are against handlers that forget, and not against
//!   injected SQL.
//! - Tables of memberships, roles and assignments have no policies. Let the privileges of the service's role say
//!   who writes them. A policy that the service puts on them must not hide what takes power away, such as a role in
//!   a project.
//! - What a row keeps of another has to be so. The project in an assignment is that of its task if there is
//!   `FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id)`. For that in a record say
//!   [`Records::is_checked`], or the policies compare the two.
//! - A column that a fact of your own reads can be written by whoever may update the row, unless
//!   [`OwnFact::with_column`] names it.
//! - Unique keys and foreign keys tell that an id exists which is hidden: `INSERT` fails with another error.
//! - Deleting a workspace with `ON DELETE SET NULL` moves its projects out of it, whoever deletes it. `RESTRICT`
//!   does not.
//! - `SELECT .. FOR UPDATE` and other locking reads return the rows that the user may update. In a table whose rows nobody
//!   updates, such as tasks, they return what is seen; an `UPDATE` there is an error, and not 0 rows.
//! - An update is asked of the row before and after, so whoever moves a row to where they may not change it is refused. So is
//!   `INSERT .. RETURNING` of a row that the user does not see.
//! - `COPY .. FROM` is refused by PostgreSQL.
//! - A view reads as its owner, unless it is one `WITH (security_invoker)`.
//! - Other permissive policies on the tables add to these.
//! - A function that is not leakproof, such as `lower()` or `LIKE`, is not run before the policies, so an
//!   index on it is not used.
//! - A fact of your own must not read a table that has policies: they would read each other without end.
//! - The views and functions read columns, so PostgreSQL does not drop or retype these. Let such a migration run
//!   [`remove`](RowSecurity::remove) before and [`create`](RowSecurity::create) after.
//!
#![doc = include_str!("costs.md")]

mod dialect;
mod expr;
mod facts;
mod page;
mod plan;
mod policies;
mod schema;
mod security;
mod sources;

use sea_query::{Expr, ExprTrait, SelectStatement, Value};

use self::expr::{constant, subquery, truth};
use self::facts::Render;
use self::schema::{Rows, Table};
use crate::kind::Kind;
use crate::listing::Listing;
use crate::row::RowId;
use crate::subject::Subject;

pub use self::dialect::Dialect;
pub use self::page::Page;
pub use self::plan::Plan;
pub use self::schema::{
    Id, Organizations, OwnFact, Principal, ProjectMembers, ProjectRoles, Projects, Records, Schema,
    TaskAssignees, Tasks, WorkspaceMembers, Workspaces,
};
pub use self::security::{Enforced, IdType, IdTypes, NoRowSecurity, NotEnforced, RowSecurity};

impl Schema {
    fn render<T: Id, U: Id>(&self, subject: &Subject<T, U>) -> Render<'_> {
        Render { schema: self, asked: Principal::by(subject), workspace: None, project: None }
    }

    /// An expression for the facts of the subject's user and a row, as one integer for
    /// [`Subject::row`](crate::Subject::row). A row of another organization has no facts, and nothing is asked
    /// about it.
    ///
    /// ```
    /// use labelgate::sql::Schema;
    /// use labelgate::{Kind, OrganizationId, Role, Subject, UserId};
    /// use sea_query::{Query, SqliteQueryBuilder};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let sql = Query::select()
    ///     .expr(Schema::sqlite().facts(&subject, Kind::Workspace))
    ///     .from("workspaces")
    ///     .to_string(SqliteQueryBuilder);
    /// let expected = r#"
    ///     SELECT (CASE WHEN ("workspaces"."organization_id" = 1) THEN
    ///         (CASE WHEN ("workspaces"."created_by" = 7) THEN 1 ELSE 0 END)
    ///         + (CASE WHEN ("workspaces"."is_personal" = FALSE
    ///             AND EXISTS(SELECT 1 FROM "workspace_members"
    ///                 WHERE "workspace_members"."workspace_id" = "workspaces"."id"
    ///                 AND "workspace_members"."user_id" = 7)) THEN 2 ELSE 0 END)
    ///     ELSE 0 END) FROM "workspaces"
    /// "#;
    /// # let words = |sql: &str| sql.split_whitespace().collect::<String>();
    /// assert_eq!(words(&sql), words(expected));
    /// ```
    #[must_use]
    pub fn facts<T: Id, U: Id>(&self, subject: &Subject<T, U>, kind: Kind) -> Expr {
        Rows::of(kind).map_or(constant(0), |rows| self.render(subject).sum(rows))
    }

    /// An expression for the organization that a row is in: the column of a workspace or a project, and for a
    /// task or a record that of its project.
    #[must_use]
    pub fn organization(&self, kind: Kind) -> Expr {
        match Rows::of(kind) {
            None => Expr::col(self.id(kind)),
            Some(Rows::Workspaces) => self.workspaces.col(&self.workspaces.organization_id),
            Some(Rows::Projects) => self.projects.col(&self.projects.organization_id),
            Some(rows @ (Rows::Tasks | Rows::Records)) => {
                let projects = &self.projects;
                let mut query = SelectStatement::new();
                query
                    .column(projects.column(&projects.organization_id))
                    .from(projects.from())
                    .and_where(projects.col(&projects.id).eq(self.project(rows)));
                subquery(query)
            }
        }
    }

    /// A condition: the row is in the subject's organization. It is for a query that selects one row by its id.
    #[must_use]
    pub fn in_organization<T: Id, U: Id>(&self, subject: &Subject<T, U>, kind: Kind) -> Expr {
        let render = self.render(subject);
        let own = || Expr::col(self.id(kind)).eq(render.asked.organization());
        Rows::of(kind).map_or_else(own, |rows| render.bounds(rows))
    }

    /// How a page of the listing finds its rows. No statement takes it; see [`Plan`].
    #[must_use]
    pub fn plan<A, I, T, U>(&self, listing: &Listing<A, I, T, U>) -> Plan
    where
        I: RowId<Value: Id>,
        T: Id,
        U: Id,
    {
        let listed = self.listed(listing);
        listed.map_or(Plan::NONE, |(rows, render, _)| render.plan(listing.filter(), rows))
    }

    /// A condition: the row is on a page of the listing.
    ///
    /// Each alternative of the listing is read from the user's own rows in the order of the ids, until the page
    /// is full. Repeat the order and the size in the query.
    ///
    /// ```
    /// use labelgate::sql::{Page, Schema};
    /// use labelgate::{Denied, Kind, OrganizationId, Role, Subject, UserId, act};
    /// use sea_query::{Expr, ExprTrait, Query, PostgresQueryBuilder};
    ///
    /// let schema = Schema::postgres();
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Administrator);
    /// let listing = subject.authorize_list(act::ExportData)?;
    ///
    /// // Everything in the organization asks about no membership.
    /// let page = Page::of(50).after(100).only(Expr::col(("projects", "title")).eq("Cats"));
    /// let sql = Query::select()
    ///     .column(schema.id(Kind::Project))
    ///     .from("projects")
    ///     .and_where(schema.page(&listing, &page))
    ///     .order_by(schema.id(Kind::Project), page.order().clone())
    ///     .limit(page.size().into())
    ///     .to_string(PostgresQueryBuilder);
    /// assert_eq!(
    ///     sql,
    ///     r#"SELECT "projects"."id" FROM "projects" WHERE "projects"."organization_id" = 1 AND "projects"."id" > 100 AND "projects"."title" = 'Cats' ORDER BY "projects"."id" ASC LIMIT 50"#,
    /// );
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn page<A, I, T, U>(&self, listing: &Listing<A, I, T, U>, page: &Page) -> Expr
    where
        I: RowId<Value: Id>,
        T: Id,
        U: Id,
    {
        let Some((rows, render, within)) = self.listed(listing) else { return truth(false) };
        let page = within.into_iter().fold(page.clone(), Page::only);
        render.page(listing.filter(), rows, &page)
    }

    /// A condition: the row is in the set of all that the listing has. Use it to count, to export, to join, or to
    /// order by something else. Conditions of your own go beside it.
    ///
    /// ```
    /// use labelgate::sql::Schema;
    /// use labelgate::{Denied, Kind, OrganizationId, Role, Subject, UserId, act};
    /// use sea_query::{Expr, Func, Query, PostgresQueryBuilder};
    ///
    /// let mut schema = Schema::postgres();
    /// schema.workspaces.alias = Some("w".into());
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    /// let listing = subject.authorize_list(act::ViewWorkspace)?;
    /// let sql = Query::select()
    ///     .expr(Func::count(Expr::col(schema.id(Kind::Workspace))))
    ///     .from_as("workspaces", "w")
    ///     .and_where(schema.set(&listing))
    ///     .to_string(PostgresQueryBuilder);
    /// let expected = r#"
    ///     SELECT COUNT("w"."id") FROM "workspaces" AS "w" WHERE "w"."organization_id" = 1
    ///     AND "w"."id" = ANY(ARRAY((
    ///         SELECT "w"."id" AS "id" FROM "workspaces" AS "w" WHERE "w"."created_by" = 7
    ///         UNION ALL
    ///         (SELECT "workspace_members"."workspace_id" AS "id" FROM "workspace_members"
    ///         WHERE "workspace_members"."user_id" = 7
    ///         AND (EXISTS ((SELECT 1 FROM "workspaces" AS "w"
    ///             WHERE "w"."id" = "workspace_members"."workspace_id"
    ///             AND "w"."is_personal" = FALSE) OFFSET 0))))))
    /// "#;
    /// # let words = |sql: &str| sql.split_whitespace().collect::<String>();
    /// assert_eq!(words(&sql), words(expected));
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn set<A, I, T, U>(&self, listing: &Listing<A, I, T, U>) -> Expr
    where
        I: RowId<Value: Id>,
        T: Id,
        U: Id,
    {
        let Some((rows, render, within)) = self.listed(listing) else { return truth(false) };
        within.into_iter().fold(render.set(listing.filter(), rows), ExprTrait::and)
    }

    /// A condition: the row is in the listing. It is asked row by row, for a search that finds few rows by an
    /// index of its own, in any order.
    ///
    /// ```
    /// use labelgate::sql::Schema;
    /// use labelgate::{Denied, Kind, OrganizationId, Role, Subject, UserId, act};
    /// use sea_query::{Expr, ExprTrait, Order, Query, SqliteQueryBuilder};
    ///
    /// let schema = Schema::sqlite();
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    /// let listing = subject.authorize_list(act::ViewWorkspace)?;
    /// let sql = Query::select()
    ///     .column(schema.id(Kind::Workspace))
    ///     .from("workspaces")
    ///     .and_where(Expr::col(("workspaces", "title")).like("Cat%"))
    ///     .and_where(schema.matches(&listing))
    ///     .order_by(("workspaces", "title"), Order::Asc)
    ///     .limit(50)
    ///     .to_string(SqliteQueryBuilder);
    /// let expected = r#"
    ///     SELECT "workspaces"."id" FROM "workspaces" WHERE "workspaces"."title" LIKE 'Cat%'
    ///     AND ("workspaces"."organization_id" = 1 AND ("workspaces"."created_by" = 7
    ///         OR ("workspaces"."is_personal" = FALSE AND EXISTS(SELECT 1 FROM "workspace_members"
    ///             WHERE "workspace_members"."workspace_id" = "workspaces"."id"
    ///             AND "workspace_members"."user_id" = 7))))
    ///     ORDER BY "workspaces"."title" ASC LIMIT 50
    /// "#;
    /// # let words = |sql: &str| sql.split_whitespace().collect::<String>();
    /// assert_eq!(words(&sql), words(expected));
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn matches<A, I, T, U>(&self, listing: &Listing<A, I, T, U>) -> Expr
    where
        I: RowId<Value: Id>,
        T: Id,
        U: Id,
    {
        let Some((rows, render, within)) = self.listed(listing) else { return truth(false) };
        within.into_iter().fold(render.matches(listing.filter(), rows), ExprTrait::and)
    }

    /// The table of a listing, what renders it, and the condition that a row is within the listing's row, if
    /// that is a task: what holds projects, and projects, are asked about with everything else.
    fn listed<A, I, T, U>(
        &self,
        listing: &Listing<A, I, T, U>,
    ) -> Option<(Rows, Render<'_>, Option<Expr>)>
    where
        I: RowId<Value: Id>,
        T: Id,
        U: Id,
    {
        let rows = Rows::of(listing.kind())?;
        let id: Value = listing.within().value().clone().into();
        let asked = Principal::of(listing);
        let mut render = Render { schema: self, asked, workspace: None, project: None };
        let within = match I::KIND {
            Kind::Organization => None,
            Kind::Workspace if !self.has(Rows::Workspaces) => return None,
            Kind::Workspace => {
                render.workspace = Some(id);
                None
            }
            Kind::Project => {
                render.project = Some(id);
                None
            }
            Kind::Task | Kind::Record => {
                Some(self.records.col(&self.records.task_id).eq(Expr::val(id)))
            }
        };
        Some((rows, render, within))
    }
}
