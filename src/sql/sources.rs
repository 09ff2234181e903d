//! Where each fact is kept: one line per fact, in [`Schema::source`].
//!
//! From a line follow the condition that the fact holds of a row, the ids of a user's rows, whether a list
//! may start from the fact, and the indexes for all of it.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use sea_query::{ColumnRef, DynIden, Expr, ExprTrait, SelectStatement, TableName};

use super::dialect::{Database, ID};
use super::expr::{any_of, truth};
use super::schema::{Named, OwnFact, Principal, Rows, Schema, Table, Tasks};
use crate::fact::Fact;
use crate::role::ProjectRole;

/// Where a fact is kept.
pub(super) enum Source<'a> {
    /// In a column of the row, which has the user.
    Column(Line<'a>),
    /// In another table, which links the user and the row.
    Link(Line<'a>),
    /// In a column of the row, for all users.
    Value(Expr),
    /// In the table of project roles. The fact follows from all of the user's roles in the project, and
    /// from the role in the organization.
    Role(ProjectRole),
    /// As the service says.
    Own(&'a OwnFact),
}

/// A line of the table: columns that link a user and a row.
#[derive(Clone)]
pub(super) struct Line<'a> {
    pub(super) table: Named<'a>,
    /// The column with the user.
    pub(super) user: &'a DynIden,
    /// The column with the id of the row, or with that of a task in it.
    pub(super) key: &'a DynIden,
    /// What else must hold, of the row itself.
    pub(super) of_row: Option<Expr>,
    /// The table may have several rows for one user and one row. Then it is read by the user.
    pub(super) repeats: bool,
    /// The table of tasks, if the key is a task and the row is its project.
    pub(super) tasks: Option<&'a Tasks>,
    /// The column with the project that the row is in, if the table keeps it.
    pub(super) project: Option<&'a DynIden>,
    /// The database guarantees that it is the project of the row.
    pub(super) is_checked: bool,
    /// The column that the index has as well, for lists that need it.
    covers: Option<&'a DynIden>,
}

/// The facts from which a list may start, with the fewest rows of a user first.
const STARTS: [Fact; Fact::ALL.len()] = [
    Fact::Assignee,
    Fact::Author,
    Fact::ProjectCreator,
    Fact::ProjectMember,
    Fact::ProjectAssignee,
    Fact::WorkspaceCreator,
    Fact::WorkspaceMember,
    // Only as the service keeps them.
    Fact::ActsAsAnnotator,
    Fact::ActsAsReviewer,
    Fact::OwnDataPermitted,
];

impl Schema {
    /// Where the fact is kept. Returns `None` if it is not.
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

    /// How well a list starts from the fact: the least is the best. Returns `None` if no query finds the
    /// rows of a user.
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

    /// A condition: the column of the user has this one.
    pub(super) fn of_user(&self, asked: &Principal) -> Expr {
        self.table.col(self.user).eq(asked.user())
    }

    /// A condition: the table links the user and the row with this id.
    pub(super) fn links(&self, database: &dyn Database, asked: &Principal, row: Expr) -> Expr {
        let mut query = any_of(self.table.from());
        let key = self.table.col(self.key);
        match self.tasks {
            None if self.repeats => query.and_where(self.of_user(asked)).and_where(key.eq(row)),
            None => query.and_where(key.eq(row)).and_where(self.of_user(asked)),
            Some(tasks) => {
                // The row may be one of the same table, and is not to be hidden by it.
                let tasks = Tasks { alias: Some("assigned_tasks".into()), ..tasks.clone() };
                let mut task = any_of(tasks.from());
                task.and_where(tasks.col(&tasks.id).eq(key))
                    .and_where(tasks.col(&tasks.project_id).eq(row));
                query.and_where(self.of_user(asked)).and_where(database.exists(task))
            }
        };
        database.exists(query)
    }

    /// A query for the ids of the user's rows, and the column that it selects. An id is repeated if
    /// [`repeats`](Self::repeats) says so, and what must hold of the row itself is still to ask.
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

    /// Whether an index has the ids of a user's rows in their order.
    pub(super) const fn is_in_order(&self) -> bool {
        self.tasks.is_none()
    }

    /// The columns of the index by which a user's rows are found.
    fn index(&self) -> Columns<'a> {
        let columns = [Some(self.user), Some(self.key), self.covers];
        (self.table.table, columns.into_iter().flatten().collect())
    }

    /// The columns of the index by which a user's rows in a project are found.
    fn index_in_project(&self) -> Option<Columns<'a>> {
        Some((self.table.table, vec![self.user, self.project?, self.key]))
    }
}

/// A table, and columns of it.
type Columns<'a> = (&'a TableName, Vec<&'a DynIden>);

impl Schema {
    /// The indexes that the statements need beside the primary keys, as `CREATE INDEX IF NOT EXISTS` for a
    /// migration.
    ///
    /// There is one for each fact, which begins with the user and ends with the id. So a page reads no more
    /// than it shows. A column that the table does not have is an error.
    ///
    /// The name of an index has the table and the columns, so that the index on another column has another name.
    /// It has up to 63 bytes, which is what PostgreSQL keeps of a name, and ends with a hash of all of them.
    ///
    /// ```
    /// use labelgate::sql::Schema;
    ///
    /// let mut schema = Schema::postgres();
    /// assert_eq!(
    ///     schema.indexes()[5],
    ///     r#"CREATE INDEX IF NOT EXISTS "labelgate_projects_created_by_id_fb732d22" ON "projects" ("created_by", "id")"#,
    /// );
    /// schema.projects.created_by = "owner_id".into();
    /// assert_eq!(
    ///     schema.indexes()[5],
    ///     r#"CREATE INDEX IF NOT EXISTS "labelgate_projects_owner_id_id_4b5ead23" ON "projects" ("owner_id", "id")"#,
    /// );
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
        let database = self.dialect.database(self.is_secured);
        let create = |(table, columns): Columns<'_>| {
            database.create_index(&index_name(table, &columns), table, &columns)
        };
        indexes.into_iter().flatten().map(create).collect()
    }

    /// Where the fact is kept, if columns link a user and a row.
    fn line(&self, fact: Fact) -> Option<Line<'_>> {
        match self.source(fact)? {
            Source::Column(line) | Source::Link(line) => Some(line),
            Source::Value(_) | Source::Role(_) | Source::Own(_) => None,
        }
    }

    /// The indexes by which assignments of a user are found in a project, and in all projects.
    fn indexes_of_assignments(&self) -> [Option<Columns<'_>>; 2] {
        let assignee = self.line(Fact::Assignee);
        let in_project = assignee.as_ref().and_then(Line::index_in_project);
        let assignee = assignee.as_ref().map(Line::index);
        match self.line(Fact::ProjectAssignee) {
            // Its projects are found by its tasks.
            Some(line) if line.tasks.is_some() => [in_project, assignee.or(Some(line.index()))],
            line => [line.as_ref().map(Line::index).or(in_project), assignee],
        }
    }

    fn index_of_roles(&self) -> Option<Columns<'_>> {
        let roles = &self.project_roles;
        let is_role = |&fact: &Fact| matches!(self.source(fact), Some(Source::Role(_)));
        let is_kept = [Fact::ActsAsAnnotator, Fact::ActsAsReviewer].iter().any(is_role);
        is_kept.then(|| (&roles.table, vec![&roles.user_id, &roles.project_id, &roles.role]))
    }
}

/// What PostgreSQL keeps of a name, in bytes.
const NAME: usize = 63;

/// The name of an index: what it is on, as far as that fits, and a hash of it all.
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
