//! Where each fact is kept: one line per fact, in [`Schema::source`].
//!
//! Derived from each line: the condition that the fact holds for a row, the query for a user's rows, whether a
//! list may start from the fact, and the indexes.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use sea_query::{ColumnRef, DynIden, Expr, ExprTrait, SelectStatement, TableName};

use super::dialect::{Database, ID};
use super::expr::{any_of, truth};
use super::schema::{Named, OrganizationMembers, OwnFact, Principal, Rows, Schema, Table, Tasks};
use crate::fact::Fact;
use crate::role::ProjectRole;

/// Where a fact is kept.
pub(super) enum Source<'a> {
    /// In a column of the row that has the user's id.
    Column(Line<'a>),
    /// In another table that links users and rows.
    Link(Line<'a>),
    /// In a boolean column of the row, the same for all users.
    Value(Expr),
    /// In the table of project roles. The fact depends on all the user's roles in the project, and on their role
    /// in the organization.
    Role(ProjectRole),
    /// In the service's own way, by an expression of the service.
    Own(&'a OwnFact),
}

/// The columns that link a user and a row.
#[derive(Clone)]
pub(super) struct Line<'a> {
    pub(super) table: Named<'a>,
    /// The column with the id of the user.
    pub(super) user: &'a DynIden,
    /// The column with the id of the row, or of a task in it.
    pub(super) key: &'a DynIden,
    /// A condition that the row itself must meet as well.
    pub(super) of_row: Option<Expr>,
    /// Whether the table may link one user and one row several times. If so, statements compare the user first.
    pub(super) repeats: bool,
    /// The table of tasks, if `key` is the id of a task and the row is the task's project.
    pub(super) tasks: Option<&'a Tasks>,
    /// The column with the id of the row's project, if the table has one.
    pub(super) project: Option<&'a DynIden>,
    /// Whether the database guarantees that `project` is the row's project.
    pub(super) is_checked: bool,
    /// The last column of the index, for lists that read it with the key.
    covers: Option<&'a DynIden>,
}

/// The facts from which a list may start. The facts by which a user has the fewest rows come first.
const STARTS: [Fact; Fact::ALL.len()] = [
    Fact::Assignee,
    Fact::Author,
    Fact::ProjectCreator,
    Fact::ProjectMember,
    Fact::ProjectAssignee,
    Fact::WorkspaceCreator,
    Fact::WorkspaceMember,
    // Only if the service gave a query for them.
    Fact::ActsAsAnnotator,
    Fact::ActsAsReviewer,
    Fact::OwnDataPermitted,
];

impl Schema {
    /// Returns where the fact is kept, or `None` if the service does not keep it.
    pub(super) fn source(&self, fact: Fact) -> Option<Source<'_>> {
        use Source::{Column, Link, Role, Value};

        let Self { workspaces: w, workspace_members: wm, projects: p, project_members: pm, .. } =
            self;
        let Self { tasks: t, task_assignees: a, records: r, .. } = self;
        if self.is_without(fact) {
            return None;
        }
        if let Some(own) = self.own(fact) {
            return Some(Source::Own(own));
        }
        let line = Line::new;
        Some(match fact {
            //                                 table       user              row
            Fact::WorkspaceCreator => Column(line(w.named(), &w.created_by, &w.id)),
            Fact::WorkspaceMember => Link(Line {
                of_row: Some(w.col(&w.is_personal).eq(truth(false))), // no personal sandbox
                ..line(wm.named(), &wm.user_id, &wm.workspace_id)
            }),
            Fact::ProjectCreator => Column(line(p.named(), &p.created_by, &p.id)),
            Fact::ProjectMember => Link(line(pm.named(), &pm.user_id, &pm.project_id)),
            Fact::ProjectAssignee => Link(match &a.project_id {
                Some(project_id) => Line {
                    repeats: true,
                    covers: Some(&a.task_id),
                    ..line(a.named(), &a.user_id, project_id)
                },
                None => Line {
                    repeats: true,
                    tasks: Some(t),
                    ..line(a.named(), &a.user_id, &a.task_id)
                },
            }),
            Fact::ActsAsAnnotator => Role(ProjectRole::Annotator),
            Fact::ActsAsReviewer => Role(ProjectRole::Reviewer),
            Fact::OwnDataPermitted => Value(p.col(&p.show_annotation_history)),
            Fact::Assignee => Link(Line {
                project: a.project_id.as_ref(),
                is_checked: a.is_checked,
                covers: a.project_id.as_ref().filter(|_| a.is_checked),
                ..line(a.named(), &a.user_id, &a.task_id)
            }),
            Fact::Author => Column(line(r.named(), &r.completed_by, &r.id)),
        })
    }

    /// Returns the rank of the fact as a start of lists: 0 is best. Returns `None` if no query finds a user's
    /// rows by it.
    pub(super) fn rank(&self, fact: Fact) -> Option<usize> {
        match self.source(fact)? {
            Source::Column(_) | Source::Link(_) => {}
            Source::Own(own) => drop(own.ids.as_ref()?),
            Source::Value(_) | Source::Role(_) => return None,
        }
        STARTS.iter().position(|&start| start == fact)
    }
}

impl<'a> Line<'a> {
    pub(super) const fn new(table: Named<'a>, user: &'a DynIden, key: &'a DynIden) -> Self {
        let (of_row, tasks, project, covers) = (None, None, None, None);
        let (repeats, is_checked) = (false, false);
        Self { table, user, key, of_row, repeats, tasks, project, is_checked, covers }
    }

    /// The column with the user.
    pub(super) const fn user(&self) -> &'a DynIden {
        self.user
    }

    /// Returns a condition: `user` is this user.
    pub(super) fn of_user(&self, asked: &Principal) -> Expr {
        self.table.col(self.user).eq(asked.user())
    }

    /// Returns a condition: the table links the user and the row with this id.
    pub(super) fn links(&self, database: &dyn Database, asked: &Principal, row: Expr) -> Expr {
        let mut query = any_of(self.table.from());
        let key = self.table.col(self.key);
        match self.tasks {
            None if self.repeats => query.and_where(self.of_user(asked)).and_where(key.eq(row)),
            None => query.and_where(key.eq(row)).and_where(self.of_user(asked)),
            Some(tasks) => {
                // The outer query may be on tasks too: an alias keeps the two apart.
                let tasks = Tasks { alias: Some("assigned_tasks".into()), ..tasks.clone() };
                let mut task = any_of(tasks.from());
                task.and_where(tasks.col(&tasks.id).eq(key))
                    .and_where(tasks.col(&tasks.project_id).eq(row));
                query.and_where(self.of_user(asked)).and_where(database.exists(task))
            }
        };
        database.exists(query)
    }

    /// Returns a query for the ids of the user's rows, and the column that it selects. The ids repeat if
    /// [`repeats`](Self::repeats) is true. The query does not check [`of_row`](Self::of_row).
    pub(super) fn rows_of(
        &self,
        database: &dyn Database,
        asked: &Principal,
    ) -> (SelectStatement, ColumnRef) {
        let key = self.table.column(self.key);
        let of_user = |key: ColumnRef| {
            let mut query = SelectStatement::new();
            query.from(self.table.from()).and_where(self.of_user(asked));
            (query, key)
        };
        let (mut query, key) = match self.tasks {
            None => of_user(key),
            Some(tasks) => {
                let (mut assigned, task) = of_user(key);
                assigned.column(task);
                let mut query = SelectStatement::new();
                query.from(tasks.from());
                query.and_where(database.is_in(tasks.col(&tasks.id), assigned));
                (query, tasks.column(&tasks.project_id))
            }
        };
        query.expr_as(Expr::col(key.clone()), ID);
        (query, key)
    }

    /// Returns a query for the users of the row with this id, and the column that it selects. A user is repeated if
    /// [`repeats`](Self::repeats) says so. The query does not check `of_row`.
    pub(super) fn users_of(
        &self,
        database: &dyn Database,
        row: Expr,
    ) -> (SelectStatement, ColumnRef) {
        let (user, key) = (self.table.column(self.user), self.table.col(self.key));
        let mut query = SelectStatement::new();
        query.expr_as(Expr::col(user.clone()), ID).from(self.table.from());
        query.and_where(match self.tasks {
            None => key.eq(row),
            Some(tasks) => {
                let mut of_project = SelectStatement::new();
                of_project.column(tasks.column(&tasks.id)).from(tasks.from());
                of_project.and_where(tasks.col(&tasks.project_id).eq(row));
                database.is_in(key, of_project)
            }
        });
        (query, user)
    }

    /// Returns a query for all users and rows that the table links, which selects nothing yet, and the column of the
    /// rows' ids. Users and rows are repeated if [`repeats`](Self::repeats) says so. The query does not check `of_row`.
    pub(super) fn links_of_all(&self) -> (SelectStatement, ColumnRef) {
        let mut query = SelectStatement::new();
        query.from(self.table.from());
        let key = match self.tasks {
            None => self.table.column(self.key),
            Some(tasks) => {
                let is_its = tasks.col(&tasks.id).eq(self.table.col(self.key));
                query.inner_join(tasks.from(), is_its);
                tasks.column(&tasks.project_id)
            }
        };
        (query, key)
    }

    /// Returns true if an index returns the ids of a user's rows in order.
    pub(super) const fn is_in_order(&self) -> bool {
        self.tasks.is_none()
    }

    /// Returns the columns of the index that finds a user's rows.
    fn index(&self) -> Columns<'a> {
        let columns = [Some(self.user), Some(self.key), self.covers];
        (self.table.table, columns.into_iter().flatten().collect())
    }

    /// Returns the columns of the index that finds a user's rows in a project.
    fn index_in_project(&self) -> Option<Columns<'a>> {
        Some((self.table.table, vec![self.user, self.project?, self.key]))
    }
}

/// A table and some of its columns.
type Columns<'a> = (&'a TableName, Vec<&'a DynIden>);

impl Schema {
    /// Returns the indexes that statements need beside the primary keys, as `CREATE INDEX IF NOT EXISTS` for a
    /// migration.
    ///
    /// The index for a fact begins with the user, and then has the id, so that a page reads no more rows than it
    /// shows. If a column does not exist, the database rejects the statement.
    ///
    /// The name of an index is made of the table and the columns, so that an index on another column has another
    /// name. It ends with a hash of them, and is cut to the 63 bytes that PostgreSQL keeps of a name.
    ///
    /// ```
    /// use labelgate::sql::Schema;
    ///
    /// let mut schema = Schema::postgres();
    /// let expected = r#"
    ///     CREATE INDEX IF NOT EXISTS "labelgate_projects_created_by_id_fb732d22"
    ///     ON "projects" ("created_by", "id")
    /// "#;
    /// # let words = |sql: &str| sql.split_whitespace().collect::<String>();
    /// assert_eq!(words(&schema.indexes()[5]), words(expected));
    ///
    /// schema.projects.created_by = "owner_id".into();
    /// let expected = r#"
    ///     CREATE INDEX IF NOT EXISTS "labelgate_projects_owner_id_id_4b5ead23"
    ///     ON "projects" ("owner_id", "id")
    /// "#;
    /// assert_eq!(words(&schema.indexes()[5]), words(expected));
    /// ```
    #[must_use]
    pub fn indexes(&self) -> Vec<String> {
        let Self { workspaces: w, projects: p, tasks: t, records: r, .. } = self;
        let [assigned_in_project, assigned] = self.indexes_of_assignments();
        let of_fact = |fact| Some(self.line(fact)?.index());
        let of_parent = |table, parent, id| Some((table, vec![parent, id]));
        let of_rows = |rows, index: Option<_>| index.filter(|_| self.has(rows));
        let of_record = |parent| of_rows(Rows::Records, of_parent(&r.table, parent, &r.id));
        let indexes = [
            of_rows(Rows::Workspaces, of_parent(&w.table, &w.organization_id, &w.id)),
            of_fact(Fact::WorkspaceCreator),
            of_fact(Fact::WorkspaceMember),
            of_parent(&p.table, &p.organization_id, &p.id),
            of_rows(Rows::Workspaces, of_parent(&p.table, &p.workspace_id, &p.id)),
            of_fact(Fact::ProjectCreator),
            of_fact(Fact::ProjectMember),
            self.index_of_roles(),
            of_parent(&t.table, &t.project_id, &t.id),
            assigned_in_project,
            assigned,
            of_fact(Fact::Author),
            of_record(&r.task_id),
            r.project_id.as_ref().and_then(of_record),
        ];
        let orders =
            self.orders.iter().flat_map(|(rows, column)| self.order_indexes(*rows, column));
        self.create_indexes(indexes.into_iter().chain(orders.map(Some)))
    }

    /// Returns the indexes that [`people`](Self::people) needs besides [`indexes`](Self::indexes): of members by role,
    /// and of each table that links users and rows, by the row.
    ///
    /// ```
    /// use labelgate::sql::Schema;
    ///
    /// assert_eq!(
    ///     Schema::sqlite().people_indexes()[1],
    ///     r#"CREATE INDEX IF NOT EXISTS "labelgate_organization_members_organization_id_role_us_2d3317f0" ON "organization_members" (`organization_id`, `role`, `user_id`)"#,
    /// );
    /// ```
    #[must_use]
    pub fn people_indexes(&self) -> Vec<String> {
        let members = &self.organization_members;
        let OrganizationMembers { organization_id, user_id, role, .. } = members;
        let of_members = [vec![organization_id, user_id], vec![organization_id, role, user_id]];
        let of_members = of_members.map(|columns| (&members.table, columns));
        let of_roles = self.index_of_roles().map(|(table, _)| {
            let roles = &self.project_roles;
            (table, vec![&roles.project_id, &roles.user_id, &roles.role])
        });
        let of_fact = |fact| match self.source(fact) {
            Some(Source::Link(line)) => Some((line.table.table, vec![line.key, line.user])),
            _ => None,
        };
        let mut indexes: Vec<_> = of_members.into_iter().chain(of_roles).collect();
        indexes.extend(Fact::ALL.into_iter().filter_map(of_fact));
        indexes.dedup();
        self.create_indexes(indexes.into_iter().map(Some))
    }

    fn create_indexes<'a>(
        &self,
        indexes: impl IntoIterator<Item = Option<Columns<'a>>>,
    ) -> Vec<String> {
        let database = self.database();
        let create = |(table, columns): Columns<'_>| {
            database.create_index(&index_name(table, &columns), table, &columns)
        };
        indexes.into_iter().flatten().map(create).collect()
    }

    /// Returns the indexes for pages in the order of a column.
    fn order_indexes<'a>(&'a self, rows: Rows, column: &'a DynIden) -> Vec<Columns<'a>> {
        let Self { workspaces: w, projects: p, tasks: t, records: r, .. } = self;
        let (table, of, id) = match rows {
            Rows::Workspaces => (&w.table, vec![Some(&w.organization_id)], &w.id),
            Rows::Projects => (&p.table, vec![Some(&p.organization_id)], &p.id),
            Rows::Tasks => (&t.table, vec![Some(&t.project_id), None], &t.id),
            Rows::Records => (&r.table, vec![r.project_id.as_ref(), None], &r.id),
        };
        let mut of = if self.has(rows) { of } else { Vec::new() };
        of.dedup();
        let columns = |of: Option<&'a DynIden>| of.into_iter().chain([column, id]).collect();
        of.into_iter().map(|of| (table, columns(of))).collect()
    }

    /// Returns the columns that link a user and a row by the fact, if the fact is kept in such columns.
    pub(super) fn line(&self, fact: Fact) -> Option<Line<'_>> {
        match self.source(fact)? {
            Source::Column(line) | Source::Link(line) => Some(line),
            Source::Value(_) | Source::Role(_) | Source::Own(_) => None,
        }
    }

    /// Returns the indexes that find a user's assignments in one project, and in all projects. If assignments have no
    /// project, the index that finds their tasks serves both.
    fn indexes_of_assignments(&self) -> [Option<Columns<'_>>; 2] {
        let assignee = self.line(Fact::Assignee);
        let in_project = assignee.as_ref().and_then(Line::index_in_project);
        let assigned = assignee.or(self.line(Fact::ProjectAssignee));
        [in_project, assigned.as_ref().map(Line::index)]
    }

    fn index_of_roles(&self) -> Option<Columns<'_>> {
        let roles = &self.project_roles;
        let is_role = |&fact: &Fact| matches!(self.source(fact), Some(Source::Role(_)));
        let is_kept = [Fact::ActsAsAnnotator, Fact::ActsAsReviewer].iter().any(is_role);
        is_kept.then(|| (&roles.table, vec![&roles.user_id, &roles.project_id, &roles.role]))
    }
}

/// How many bytes of a name PostgreSQL keeps.
const NAME: usize = 63;

/// Returns the name of an index: its table and columns, cut to fit, and a hash of the full names.
fn index_name(TableName(schema, table): &TableName, columns: &[&DynIden]) -> String {
    let mut hash = 0x811c_9dc5_u32; // FNV-1a
    let mut add = |name: &DynIden| {
        for byte in name.inner().bytes().chain([0]) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    };
    let mut index = String::from("labelgate");
    schema.iter().for_each(|schema| add(&schema.1));
    for name in [table].into_iter().chain(columns.iter().copied()) {
        add(name);
        index.push('_');
        index.extend(name.inner().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }));
    }
    index.truncate(NAME - 9);
    format!("{index}_{hash:08x}")
}
