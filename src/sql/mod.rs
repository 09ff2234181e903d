//! Lists in SQL, from the rules of decisions (feature `sea-query`).
//!
//! A decision says whether a subject may do an action to one row. A list has all rows that the subject may do the
//! action to. A [`Listing`] proves that the subject may see the list, and a [`Schema`] renders it as a condition
//! on your own tables, for queries of [sea-query](sea_query). Nothing here runs a query. Changed matrices and
//! narrowed subjects need no further code. The guide [*List what somebody may see*](crate::guide::lists) shows a
//! whole program.
//!
//! The feature needs Rust 1.88 and the standard library, because sea-query 1 does. Without the feature, the
//! `rust-version` of this crate suffices.
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
//! let listing = ann.authorize_list(act::ViewProject)?; // a denial is an error, not an empty page
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
//! No one shape of SQL is fast for a row, a page and a whole set. Choose by what you want.
//!
//! | Wanted | | Reads |
//! |---|---|---|
//! | The facts of a row, or of each row of a page | [`Schema::facts`] | the row's own memberships, by index |
//! | A page in the order of the ids, or of [a column](#other-orders-numbers-totals-and-searches) | [`Schema::page`] | as many rows as the page shows, with the exceptions [below](#where-a-page-is-not-cheap) |
//! | The whole list: a count, an export, a join | [`Schema::set`] | all that the user can see |
//! | The rows of a search that has an index of its own | [`Schema::matches`] | the rows that the search finds |
//!
//! A list that no row can be in is rendered as `FALSE`, without a subquery. A list of everything only compares the
//! organization. [`Schema::indexes`] returns the indexes that the shapes need.
//!
//! # Other orders, numbers, totals and searches
//!
//! A page is in the order of the ids unless you name a column. [`Schema::paginate`] adds the condition, the order,
//! the limit and the offset to your query, so that they agree.
//!
//! ```
//! use labelgate::sql::{Page, Schema};
//! use labelgate::{Denied, Kind, OrganizationId, Role, Subject, UserId, act};
//! use sea_query::{Expr, ExprTrait, Query};
//!
//! let schema = Schema::postgres().with_order(Kind::Project, "created_at"); // for its index
//! let caller = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
//! let listing = caller.authorize_list(act::ViewProject)?;
//!
//! // The newest projects, and those after the last row that was shown: its value and its id.
//! let newest = Page::of(50).by("created_at").descending();
//! let next = newest.clone().after("2026-03-01 12:00:00.123456", 1234);
//! // Page 3, which skips 100 rows.
//! let third = newest.clone().offset(100);
//! // What somebody types into a search box, with an index on the title.
//! let found = newest.search(Expr::col(("projects", "title")).like("%cats%"));
//!
//! for page in [next, third, found] {
//!     let mut query = Query::select().column(("projects", "title")).from("projects").to_owned();
//!     schema.paginate(&mut query, &listing, &page);
//! }
//! // "1,000+": counts up to 1,001 rows.
//! let total = schema.count(&listing, &Page::of(1_001));
//! # Ok::<(), Denied>(())
//! ```
//!
//! - **By a column** ([`Page::by`]): rows with the same value are in the order of their ids, in the same direction.
//!   NULLs come where the database puts them: last in ascending order on PostgreSQL, first on SQLite. The statement
//!   counts the rows of the user, up to [5,001](Schema::sort_limit). Up to 5,000 rows are sorted. For a user with
//!   more, the index of the order is walked until the page is full. A list of everything needs the index alone.
//! - **By number** ([`Page::offset`]): the database reads the rows that the page skips.
//! - **Totals**: [`Schema::count`] counts the rows of a page, and costs as much as the page. An exact total counts
//!   [`Schema::set`], which reads all that the user can see.
//! - **Searches**: [`Page::only`] for a condition that many rows meet, [`Page::search`] for one that few rows may
//!   meet and that has an index. [`Schema::matches`] is for a search whose rows you sort and limit yourself.
//!
//! [What they cost](#what-other-orders-totals-and-searches-cost) is measured below.
//!
//! # A page and what its rows permit
//!
//! To show what the subject may do to each row, select the facts as well.
//! [`Subject::actions`](crate::Subject::actions) answers from them, without another query.
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
//!     .expr(schema.facts(&caller, Kind::Project)) // for the actions that each row permits
//!     .from("projects")
//!     .and_where(schema.page(&listing, &page))
//!     .order_by(("projects", "id"), Order::Asc)
//!     .limit(50)
//!     .to_owned();
//!
//! // A Manager views all projects of the organization, and is a member of some.
//! let sql = query.to_string(PostgresQueryBuilder);
//! assert!(sql.starts_with(
//!     r#"SELECT "projects"."id", "projects"."title", "projects"."organization_id", CAST((CASE WHEN "#
//! ));
//! assert!(sql.contains(r#"FROM "project_members" WHERE "project_members"."project_id" = "projects"."id""#));
//! let (_, condition) = sql.rsplit_once(r#" FROM "projects" WHERE "#).unwrap();
//! assert_eq!(
//!     condition,
//!     r#""projects"."organization_id" = 1 AND "projects"."id" > 100 ORDER BY "projects"."id" ASC LIMIT 50"#,
//! );
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
//! # Within a loaded project
//!
//! With the row of a project, [`Subject::authorize_list_in`](crate::Subject::authorize_list_in) permits or denies
//! the list of its tasks. The statement then checks only assignees and authors, because the memberships are known
//! from the row. It has only tasks of this project.
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
//! let listing = ann.authorize_list_in(act::ViewProjectData, &project)?; // a denial is an error, not an empty page
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
//!         WHERE "task_assignees"."user_id" = 7
//!         AND "task_assignees"."project_id" = (SELECT "projects"."id" FROM "projects"
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
//! # Who may do something to a row
//!
//! With a [`People`](crate::people::People), [`Schema::people`] is a query for a page of those who may do the action
//! to the row, [`Schema::count_people`] one for their number, and [`Schema::is_person`] a condition for a query of
//! your own. They read the table of [members](OrganizationMembers), and find nobody if the row is of another
//! organization. [`Schema::people_indexes`] says which indexes they need beside those of the lists.
//!
//! # Who may do what in an organization
//!
//! With a [`Report`](crate::report::Report), [`Schema::report`] is a query for a [page](ReportPage) of the access
//! report: who may do what to the organization, to each workspace and to each project. It takes the indexes of both
//! [`Schema::indexes`] and [`Schema::people_indexes`].
//!
//! # What another matrix would do
//!
//! With an [`Effect`](crate::impact::Effect), [`Schema::count_effect`] is a query for the numbers of members, rows and
//! pairs that gain or lose an action. [`Schema::effect_members`] and [`Schema::effect_rows`] list them by pages,
//! [`Schema::effect_members_on`] for one row and [`Schema::effect_rows_of`] for one member. They need
//! [`Schema::people_indexes`] too. See the guide [*Customize the matrix*](crate::guide::matrix).
//!
//! # From a filter to a statement
//!
//! An annotator who reviews in some projects lists the tasks in which they may review annotations:
//!
//! 1. `filter.rs` asks the evaluator which facts suffice. Each such set is an alternative.
//! 2. `sql/plan.rs` turns the alternatives into access paths. Each path starts from the fact by which the user
//!    has the fewest rows, and checks the other facts of the alternative on these rows. Facts of projects find
//!    the projects first, and the tasks by the ids of the projects.
//! 3. `sql/sources.rs` says where the facts are kept, one line for each: the fact `project_member` is a row of
//!    `project_members` with the user in `user_id` and the project in `project_id`.
//! 4. `sql/page.rs` renders a query for each path, with the organization, the cursor and your own condition
//!    inside, and merges the queries into a page. `sql/dialect.rs` has everything that differs between databases.
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
//! - Give ids the type of their columns. PostgreSQL rejects an id of another type, and a text that contains NUL.
//! - Name the listed table in your query as the schema does: by its alias, or by its name if it has no alias.
//! - Give the query the same ORDER BY and LIMIT as the page. The condition does not order the rows, and for a
//!   page of everything it does not limit them.
//! - Give memberships and assignments a primary key, so that only one row links a user and a project or a task. A
//!   page counts these rows, and has too few if one is repeated.
//! - Give the table of members a name or alias that no other table of the schema has.
//! - Exclude softly deleted rows by [`Page::only`], or by a condition beside the set.
//! - The `project_id` of an assignment says in which projects a user has tasks. A task's organization is read from
//!   its own project, or from the assignment's if they are [sure](TaskAssignees::is_checked) to be the same.
//!
//! # After a change of memberships
//!
//! The proof of a removal, a deactivation or another change of role says which data of the member to delete.
//! [`Schema::cleanup`] renders it as statements: see [`Cleanup`], and the guide
//! [*Members and invitations*](crate::guide::members#clean-up).
//!
//! # Row-level security
//!
//! [`Schema::row_security`] renders policies for PostgreSQL from the filters. They are a backstop for a handler that
//! forgets its check. Your service still decides. If a policy hides a row, answer 404.
//!
//! - **SELECT** returns a row if the user may do any action to it or to its contents.
//! - **UPDATE and DELETE** take the permission of the action, such as `projects.change` on the row. If there is no
//!   such action, no user can write the rows.
//! - **INSERT** is decided on the row that will hold the new one: a project on its workspace, a task on its project,
//!   a record on its task. The creator or author is the user or NULL.
//! - **No update forges a fact.** An update that changes the id, the organization, the creator, the author or a
//!   record's task is an error. Moving a project takes `projects.create` on the other workspace.
//!
//! A migration fixes the policies, while the matrices of organizations change. Make the policies for
//! [the widest](RowSecurity::widest) matrix that your organizations have: then they deny nothing that your service
//! permits.
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
//! The policies read functions and views in a schema `labelgate`: functions for the user, the role and the
//! organization of the transaction, and views of the user's rows, such as `labelgate.my_projects`.
//!
//! Start each transaction with [`RowSecurity::BEGIN`] and [`RowSecurity::settings`]. The settings end with the
//! transaction. Without settings, a query sees no row and writes none.
//!
//! ## Three roles of the database
//!
//! - **The owner** of the tables runs migrations, and is under no policy. With `ALTER ROLE .. SET row_security =
//!   off`, a statement of the owner fails if a policy would hide a row from it.
//! - **The service** owns no table. [`RowSecurity::enforcement_query`] checks whether the policies hold for its
//!   connection. Set three parameters for this role: `jit = off`, because PostgreSQL takes seconds to compile
//!   statements that it estimates to be costly; `plan_cache_mode = force_custom_plan`, because a plan for a user with
//!   few projects is slow for a user with many; and a `work_mem` of 16 MB. If the service owns the tables, see
//!   [`RowSecurity::forced`].
//! - **Jobs** act for no user, and have a role of their own: see [`RowSecurity::with_jobs`]. Use it to change the
//!   creator or the organization of a row, and to import rows for other users.
//!
//! ## What to know
//!
//! - SQL that is injected can set any user. Policies protect against a missing check, not against injection.
//! - Tables of members, roles, assignments and sessions have no policies: a forgotten check reads and writes the rows
//!   of all organizations. Let the service read them only, and change memberships as the role of jobs. If you add
//!   policies to these tables, do not hide rows that limit a user, such as a role in a project.
//! - The project in an assignment has to be that of its task: declare
//!   `FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id)`. If records have such a key, set
//!   [`Records::is_checked`]; otherwise the policies compare the two projects.
//! - A user who may update a row can write a column that an own fact reads, unless [`OwnFact::with_column`] names it.
//! - Unique keys, and foreign keys of tables without policies, reveal that a hidden id exists: an `INSERT` with the
//!   id fails with another error, or does not fail.
//! - Deleting a workspace with `ON DELETE SET NULL` moves its projects out of the workspace. Use `RESTRICT`.
//! - Locking reads such as `SELECT .. FOR UPDATE` return the rows that the user may update. In a table without an
//!   action for updates, such as tasks, they return the visible rows, and an `UPDATE` is an error.
//! - An update is checked on the row before and after: a user who moves a row to where they may not change it gets an
//!   error. `INSERT .. RETURNING` of a row that the user cannot see is an error too.
//! - PostgreSQL refuses `COPY .. FROM` into these tables.
//! - A view reads as its owner, unless it is created `WITH (security_invoker)`.
//! - Other permissive policies on the tables add to these.
//! - PostgreSQL runs a function that is not leakproof, such as `lower()` or `LIKE`, after the policies, and uses no
//!   index on it.
//! - An own fact must not read a table that has policies: the policies would read each other without end.
//! - PostgreSQL does not drop or retype columns that the views and functions read. Let such a migration run
//!   [`remove`](RowSecurity::remove) first and [`create`](RowSecurity::create) last.
//!
#![doc = include_str!("costs.md")]

mod cleanup;
mod dialect;
mod expr;
mod facts;
mod impact;
mod order;
mod page;
mod people;
mod plan;
mod policies;
mod report;
mod schema;
mod security;
mod sources;

use sea_query::{Asterisk, Expr, ExprTrait, Func, SelectStatement, Value};

use self::expr::{constant, subquery, truth};
use self::facts::Render;
use self::schema::{Rows, Table};
use crate::kind::Kind;
use crate::listing::Listing;
use crate::row::RowId;
use crate::subject::Subject;

pub use self::cleanup::{Cleanup, Credentials, EndsMemberData, NoCleanup};
pub use self::dialect::Dialect;
pub use self::page::{ByColumn, ById, Page};
pub use self::plan::Plan;
pub use self::report::ReportPage;
pub use self::schema::{
    Id, OrganizationMembers, Organizations, OwnFact, Principal, ProjectMembers, ProjectRoles,
    Projects, Records, Schema, TakenOut, TaskAssignees, Tasks, WorkspaceMembers, Workspaces,
};
pub use self::security::{Enforced, IdType, IdTypes, NoRowSecurity, NotEnforced, RowSecurity};

impl Schema {
    fn render<T: Id, U: Id>(&self, subject: &Subject<T, U>) -> Render<'_> {
        Render { schema: self, asked: Principal::by(subject), workspace: None, project: None }
    }

    /// Returns an expression for the facts of a row and the subject's user, as one integer for
    /// [`Subject::row`](crate::Subject::row): an `i64` in both databases. For a row of another organization it is 0,
    /// and no membership is read.
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
        let facts = Rows::of(kind).map_or(constant(0), |rows| self.render(subject).sum(rows));
        self.database().facts(facts)
    }

    /// Returns an expression for the organization of a row. A workspace or a project has a column for it; a task
    /// or a record is in the organization of its project.
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

    /// Returns a condition: the row is in the subject's organization. Use it in a query that selects one row by
    /// its id.
    #[must_use]
    pub fn in_organization<T: Id, U: Id>(&self, subject: &Subject<T, U>, kind: Kind) -> Expr {
        let render = self.render(subject);
        let own = || Expr::col(self.id(kind)).eq(render.asked.organization());
        Rows::of(kind).map_or_else(own, |rows| render.bounds(rows))
    }

    /// Returns how a page of the listing finds its rows, for people to read: see [`Plan`].
    #[must_use]
    pub fn plan<A, I, T, U>(&self, listing: &Listing<A, I, T, U>) -> Plan
    where
        I: RowId<Value: Id>,
        T: Id,
        U: Id,
    {
        match self.listed(listing) {
            Some((rows, render, _)) => render.plan(listing.filter(), rows),
            None => Plan::none(listing.kind()),
        }
    }

    /// Returns a condition: the row is on a page of the listing.
    ///
    /// For each alternative of the listing, the database reads the user's own rows in the order of the ids, until
    /// the page is full. Give the query the same ORDER BY and LIMIT as the page.
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
    /// // The list has everything in the organization, so no membership is read.
    /// let page = Page::of(50).after(100).only(Expr::col(("projects", "title")).eq("Cats"));
    /// let sql = Query::select()
    ///     .column(schema.id(Kind::Project))
    ///     .from("projects")
    ///     .and_where(schema.page(&listing, &page))
    ///     .order_by(schema.id(Kind::Project), page.order().clone())
    ///     .limit(page.size().into())
    ///     .to_string(PostgresQueryBuilder);
    /// let expected = r#"
    ///     SELECT "projects"."id" FROM "projects"
    ///     WHERE "projects"."organization_id" = 1 AND "projects"."id" > 100 AND "projects"."title" = 'Cats'
    ///     ORDER BY "projects"."id" ASC LIMIT 50
    /// "#;
    /// # let words = |sql: &str| sql.split_whitespace().collect::<String>();
    /// assert_eq!(words(&sql), words(expected));
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn page<A, I, T, U, By>(&self, listing: &Listing<A, I, T, U>, page: &Page<By>) -> Expr
    where
        I: RowId<Value: Id>,
        T: Id,
        U: Id,
    {
        let Some((rows, render, within)) = self.listed(listing) else { return truth(false) };
        let page = within.into_iter().fold(page.retyped(), Page::only);
        render.page_in_order(listing.filter(), rows, &page)
    }

    /// Adds a page of the listing to a query for rows of its table: the condition of [`page`](Self::page), the order,
    /// the limit and the [offset](Page::offset).
    ///
    /// ```
    /// use labelgate::sql::{Page, Schema};
    /// use labelgate::{Denied, Kind, OrganizationId, Role, Subject, UserId, act};
    /// use sea_query::{PostgresQueryBuilder, Query};
    ///
    /// let schema = Schema::postgres();
    /// let owner = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
    /// let listing = owner.authorize_list(act::ViewProject)?;
    ///
    /// let page = Page::of(50).by("created_at").descending().after("2026-03-01 12:00:00", 1234);
    /// let mut query = Query::select().column(("projects", "title")).from("projects").to_owned();
    /// schema.paginate(&mut query, &listing, &page);
    /// let expected = r#"
    ///     SELECT "projects"."title" FROM "projects" WHERE "projects"."organization_id" = 1
    ///     AND ("projects"."created_at", "projects"."id") < ('2026-03-01 12:00:00', 1234)
    ///     ORDER BY "projects"."created_at" DESC, "projects"."id" DESC LIMIT 50
    /// "#;
    /// # let words = |sql: &str| sql.split_whitespace().collect::<String>();
    /// assert_eq!(words(&query.to_string(PostgresQueryBuilder)), words(expected));
    /// # Ok::<(), Denied>(())
    /// ```
    ///
    /// A query of SeaORM is one of sea-query: `schema.paginate(select.query(), &listing, &page)`.
    pub fn paginate<A, I, T, U, By>(
        &self,
        query: &mut SelectStatement,
        listing: &Listing<A, I, T, U>,
        page: &Page<By>,
    ) where
        I: RowId<Value: Id>,
        T: Id,
        U: Id,
    {
        query.and_where(self.page(listing, page));
        page.limit(query);
        if let Some(rows) = Rows::of(listing.kind()) {
            query.order_by_columns(self.order_of(rows, &page.retyped()));
        }
    }

    /// A query that counts the rows of a page of the listing: a total that says "1,000+" is the count of a page
    /// of 1,001. It costs what the page does.
    ///
    /// An exact total counts the rows of [`set`](Self::set), and costs what the user can see.
    ///
    /// ```
    /// use labelgate::sql::{Page, Schema};
    /// use labelgate::{Denied, OrganizationId, Role, Subject, UserId, act};
    /// use sea_query::PostgresQueryBuilder;
    ///
    /// let schema = Schema::postgres();
    /// let owner = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
    /// let listing = owner.authorize_list(act::ViewProject)?;
    /// let count = schema.count(&listing, &Page::of(1_001));
    /// let expected = r#"
    ///     SELECT COUNT(*) FROM (SELECT "projects"."id" FROM "projects"
    ///         WHERE "projects"."organization_id" = 1 ORDER BY "projects"."id" ASC LIMIT 1001) AS "counted"
    /// "#;
    /// # let words = |sql: &str| sql.split_whitespace().collect::<String>();
    /// assert_eq!(words(&count.to_string(PostgresQueryBuilder)), words(expected));
    /// # Ok::<(), Denied>(())
    /// ```
    #[must_use]
    pub fn count<A, I, T, U>(&self, listing: &Listing<A, I, T, U>, page: &Page) -> SelectStatement
    where
        I: RowId<Value: Id>,
        T: Id,
        U: Id,
    {
        let mut rows = SelectStatement::new();
        rows.column(self.id(listing.kind()));
        rows.from(
            Rows::of(listing.kind())
                .map_or(self.organizations.from(), |rows| self.named(rows).from()),
        );
        self.paginate(&mut rows, listing, page);
        let mut query = SelectStatement::new();
        query.expr(Func::count(Expr::col(Asterisk))).from_subquery(rows, "counted");
        query
    }

    /// Returns a condition: the row is in the listing. Use it to count, to export, to join, or to order by
    /// another column. Add your own conditions beside it.
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

    /// Returns a condition: the row is in the listing. The database checks it row by row. Use it for a search
    /// that finds few rows by an index of its own, in any order.
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

    /// Returns the table of a listing, its renderer, and, for a listing within a task, the condition that a row
    /// is in that task. The renderer's bounds have a workspace or a project that the listing is within.
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
