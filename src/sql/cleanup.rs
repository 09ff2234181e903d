//! Clean-up, as statements: what an approved change of memberships says to delete, and what gives somebody access to
//! one project.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use sea_query::{
    DeleteStatement, DynIden, Expr, ExprTrait, IntoIden, Keyword, QueryStatement, TableName,
    UpdateStatement, Values,
};

use super::expr::any_of;
use super::facts::Render;
use super::schema::{Id, OwnFact, Principal, Rows, Schema, Table, TakenOut};
use super::sources::{Line, Source};
use crate::action::ActionType;
use crate::fact::{Fact, FactSet};
use crate::id::{ProjectId, UserId};
use crate::membership::{
    Approved, Assignment, Member, MemberData, MemberDataSet, Planned, Removal, Transfer,
};
use crate::permit::Permit;
use crate::role::Role;
use crate::row::Row;

/// The data of members in the order in which it is deleted: credentials first, and each kind before the rows that its
/// foreign keys may refer to. A creator, a role and an assignment may refer to a membership of the project, a session
/// to the token that it was opened with.
const ORDER: [MemberData; MemberData::COUNT] = [
    MemberData::Sessions,
    MemberData::ApiTokens,
    MemberData::Creations,
    MemberData::ProjectRoles,
    MemberData::Assignments,
    MemberData::ProjectMemberships,
    MemberData::WorkspaceMemberships,
];

/// The data that puts a member into one project.
const IN_PROJECT: MemberDataSet = MemberDataSet::ProjectRoles
    .union(MemberDataSet::Assignments)
    .union(MemberDataSet::ProjectMemberships);

/// Returns the data of a member that a fact follows from. `Author` has none: a record keeps its author, who may do
/// nothing to it without the project. `OwnDataPermitted` is a setting of the project.
const fn data_of(fact: Fact) -> Option<MemberData> {
    match fact {
        Fact::WorkspaceCreator | Fact::ProjectCreator => Some(MemberData::Creations),
        Fact::WorkspaceMember => Some(MemberData::WorkspaceMemberships),
        Fact::ProjectMember => Some(MemberData::ProjectMemberships),
        Fact::ProjectAssignee | Fact::Assignee => Some(MemberData::Assignments),
        Fact::ActsAsAnnotator | Fact::ActsAsReviewer => Some(MemberData::ProjectRoles),
        Fact::OwnDataPermitted | Fact::Author => None,
    }
}

/// The table where your service keeps sessions or API tokens, for [`Schema::cleanup`].
///
/// ```
/// use labelgate::sql::Credentials;
///
/// let mut sessions = Credentials::in_table("logins");
/// sessions.user_id = "account_id".into();
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Credentials {
    /// The table.
    pub table: TableName,
    /// `organization_id`. `None`: a row is good for each organization of its user, and is deleted when one of their
    /// memberships ends.
    pub organization_id: Option<DynIden>,
    /// `user_id`
    pub user_id: DynIden,
}

impl Credentials {
    /// Returns the table of this name, with the default names of its columns.
    #[must_use]
    pub fn in_table(table: impl Into<TableName>) -> Self {
        let (organization_id, user_id) = ("organization_id".into_iden(), "user_id".into_iden());
        Self { table: table.into(), organization_id: Some(organization_id), user_id }
    }

    fn end(&self, asked: &Principal) -> QueryStatement {
        let col = |column: &DynIden| Expr::col((self.table.1.clone(), column.clone()));
        let mut delete = DeleteStatement::new();
        delete.from_table(self.table.clone()).and_where(col(&self.user_id).eq(asked.user()));
        if let Some(organization_id) = &self.organization_id {
            delete.and_where(col(organization_id).eq(asked.organization()));
        }
        delete.into()
    }
}

/// A change of memberships that says which data of members to delete: an [`Assignment`], a [`Removal`], a
/// [`Transfer`], a plan, or the proof of one of them. [`Cleanup::statements`] takes it. The trait is sealed.
///
/// ```
/// use labelgate::membership::{Approved, Planned, Transfer};
/// use labelgate::sql::EndsMemberData;
///
/// fn ends<T, U>(_: &impl EndsMemberData<T, U>) {}
///
/// fn check(transfer: &Approved<Transfer<i64>>, plan: &Approved<Vec<Planned<i64>>>) {
///     ends(transfer);
///     ends(plan);
/// }
/// ```
pub trait EndsMemberData<T, U>: sealed::Sealed<T, U> {}

impl<C: sealed::Sealed<T, U>, T, U> EndsMemberData<T, U> for C {}

mod sealed {
    use super::{
        Approved, Assignment, Member, MemberDataSet, Planned, Removal, Transfer, Vec, vec,
    };

    pub trait Sealed<T, U> {
        /// The members, each with the data to delete.
        fn ended(&self) -> Vec<(&Member<T, U>, MemberDataSet)>;
    }

    impl<T, U> Sealed<T, U> for Assignment<T, U> {
        fn ended(&self) -> Vec<(&Member<T, U>, MemberDataSet)> {
            vec![(&self.member, self.deletes)]
        }
    }

    impl<T, U> Sealed<T, U> for Removal<T, U> {
        fn ended(&self) -> Vec<(&Member<T, U>, MemberDataSet)> {
            vec![(&self.member, self.deletes)]
        }
    }

    impl<T, U> Sealed<T, U> for Transfer<T, U> {
        fn ended(&self) -> Vec<(&Member<T, U>, MemberDataSet)> {
            [&self.former, &self.heir].into_iter().flat_map(Sealed::ended).collect()
        }
    }

    impl<T, U> Sealed<T, U> for Planned<T, U> {
        fn ended(&self) -> Vec<(&Member<T, U>, MemberDataSet)> {
            match self {
                Self::Assign(change) => change.ended(),
                Self::Remove(change) => change.ended(),
            }
        }
    }

    impl<C: Sealed<T, U>, T, U> Sealed<T, U> for Vec<C> {
        fn ended(&self) -> Vec<(&Member<T, U>, MemberDataSet)> {
            self.iter().flat_map(Sealed::ended).collect()
        }
    }

    impl<C: Sealed<T, U>, T, U> Sealed<T, U> for Approved<C> {
        fn ended(&self) -> Vec<(&Member<T, U>, MemberDataSet)> {
            self.change().ended()
        }
    }
}

/// Why a schema cannot be cleaned up. [`Schema::cleanup`] and [`Cleanup::statements_in_project`] return it.
///
/// ```
/// use labelgate::sql::{Credentials, OwnFact, Schema};
/// use labelgate::Fact;
/// use sea_query::{Expr, ExprTrait};
///
/// let owner = OwnFact::new(|asked| Expr::col(("projects", "owner_id")).eq(asked.user()));
/// let schema = Schema::postgres().with_fact(Fact::ProjectCreator, owner);
/// let error = schema.cleanup(Credentials::in_table("sessions"), None).unwrap_err();
/// assert_eq!(error.to_string(), "no statements end these facts of your own: project_creator");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoCleanup {
    /// These facts are kept in a way of your own, and follow from data that a change of memberships deletes. Say with
    /// [`OwnFact::with_cleanup`](super::OwnFact::with_cleanup) how it is deleted.
    #[error("no statements end these facts of your own: {0}")]
    OwnFacts(FactSet),
    /// These facts are kept in a way of your own, and put somebody into a project. Say with
    /// [`OwnFact::with_project_cleanup`] how they end in one project.
    #[error("no statements end these facts of your own in one project: {0}")]
    OwnFactsInProject(FactSet),
}

/// The clean-up after changes of memberships, made by [`Schema::cleanup`] when the service starts. It also
/// [takes somebody out of one project](Self::statements_in_project).
///
/// ```
/// use labelgate::membership::{Member, MembershipPolicy, RoleSource};
/// use labelgate::sql::{Credentials, Schema};
/// use labelgate::{OrganizationId, Role, Subject, UserId};
///
/// let credentials = (Credentials::in_table("sessions"), Credentials::in_table("api_tokens"));
/// let cleanup = Schema::sqlite().cleanup(credentials.0, credentials.1)?;
///
/// let acme = OrganizationId(1);
/// let admin = Subject::new(acme, UserId(2), Role::Administrator);
/// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Manual);
/// let ann = Member { organization: acme, user, role, source };
/// let removal = MembershipPolicy::new(acme).remove(&admin, &ann)?;
///
/// let statements = cleanup.statements(&removal); // run them in the transaction that stores the removal
/// assert_eq!(statements.len(), 9);
/// let (sql, values) = &statements[2];
/// assert_eq!(
///     sql,
///     r#"UPDATE "workspaces" SET "created_by" = NULL WHERE "workspaces"."created_by" = ? AND "workspaces"."organization_id" = ?"#,
/// );
/// assert_eq!(values.0, [9.into(), 1.into()]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cleanup {
    schema: Schema,
    sessions: Option<Credentials>,
    api_tokens: Option<Credentials>,
}

impl Schema {
    /// Makes the clean-up after changes of memberships: what a proof says to delete, as statements on these tables
    /// and on those of sessions and API tokens.
    ///
    /// [`Credentials::in_table`] names a table. `None` in place of it says that the sessions or the tokens are not in
    /// this database. Then your service ends them, wherever a proof names [`MemberData::Sessions`] or
    /// [`MemberData::ApiTokens`]. If one table has both, name it twice.
    ///
    /// ```
    /// use labelgate::sql::{Credentials, Schema};
    ///
    /// let cleanup = Schema::postgres()
    ///     .cleanup(Credentials::in_table("sessions"), Credentials::in_table("api_tokens"))?;
    /// # Ok::<(), labelgate::sql::NoCleanup>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if a [fact of your own](super::OwnFact) follows from data that changes of memberships delete,
    /// and does not say [how it ends](super::OwnFact::with_cleanup).
    pub fn cleanup(
        &self,
        sessions: impl Into<Option<Credentials>>,
        api_tokens: impl Into<Option<Credentials>>,
    ) -> Result<Cleanup, NoCleanup> {
        let endless = self.endless(MemberDataSet::all(), |own| own.ends.is_none());
        if !endless.is_empty() {
            return Err(NoCleanup::OwnFacts(endless));
        }
        let (sessions, api_tokens) = (sessions.into(), api_tokens.into());
        Ok(Cleanup { schema: self.clone(), sessions, api_tokens })
    }

    /// Returns the facts of the service's own that follow from some of the data, and do not say how they end.
    fn endless(&self, data: MemberDataSet, is_endless: impl Fn(&OwnFact) -> bool) -> FactSet {
        let follows = |fact: &Fact| data_of(*fact).is_some_and(|of| data.has(of));
        let is_endless = |fact: &Fact| follows(fact) && self.own(*fact).is_some_and(&is_endless);
        Fact::ALL.into_iter().filter(is_endless).collect()
    }
}

impl Cleanup {
    /// Returns the statements that delete what the change says to delete, each with the values that it binds. They
    /// are built for the [dialect](Schema::dialect) of the schema.
    ///
    /// Run them in this order, in the transaction that stores the change, and before the membership is deleted: rows
    /// may refer to it by a foreign key. They change rows of the member in the organization of the membership, and
    /// no others: what the same user has in another organization stays. Creators are set to NULL. Facts that the
    /// schema is [without](Schema::without) have no statements.
    ///
    /// Under [row-level security](super::RowSecurity), run them as the role of [jobs](super::RowSecurity::with_jobs).
    /// Policies refuse to take a creator away, and hide every row from a directory that has no settings. Within the
    /// transaction, `SET LOCAL ROLE` changes the role and changes it back.
    #[must_use]
    pub fn statements<T: Id, U: Id>(
        &self,
        change: &impl EndsMemberData<T, U>,
    ) -> Vec<(String, Values)> {
        let ended = change.ended().into_iter();
        ended.flat_map(|(member, data)| self.of_member(member, data)).collect()
    }

    /// Returns the statements that take a user out of one project, each with the values that it binds: the statements
    /// that delete their roles in the project, the assignments of its tasks to them, and their membership of it.
    ///
    /// Run them in this order, in the transaction that locks what the permit was decided on. They delete rows of this
    /// user and this project alone. Sessions and API tokens stay. The user need not be a member of the organization
    /// any more.
    ///
    /// The permit is the proof that somebody may do something to the project: [`act::ChangeProject`], or an action of
    /// your own. The statements are the same for each action. So let the function that runs them take a permit for
    /// the one action that guards it.
    ///
    /// What gives the user access through other things than the project stays: the role in the organization, and the
    /// membership of the project's workspace. Whoever created the project still created it, and keeps what that
    /// permits. To hand the project over, set its column to another user.
    ///
    /// ```
    /// use labelgate::sql::{Cleanup, NoCleanup, Schema};
    /// use labelgate::{OrganizationId, Permit, ProjectId, Role, Row, Subject, UserId, act};
    /// use sea_query::Values;
    ///
    /// /// What takes somebody out of the project of the permit.
    /// fn take_out(
    ///     cleanup: &Cleanup,
    ///     permit: &Permit<act::ChangeProject, Row<ProjectId<i64>>>,
    ///     user: UserId<i64>,
    /// ) -> Result<Vec<(String, Values)>, NoCleanup> {
    ///     cleanup.statements_in_project(permit, &user)
    /// }
    ///
    /// let cleanup = Schema::sqlite().cleanup(None, None)?; // where sessions are does not matter here
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let permit = mia.authorize(act::ChangeProject, mia.row(ProjectId(100), OrganizationId(1), 8)?)?;
    ///
    /// let statements = take_out(&cleanup, &permit, UserId(9))?;
    /// let table = |sql: &str| sql.split('"').nth(1).map(str::to_owned);
    /// let tables: Vec<_> = statements.iter().filter_map(|(sql, _)| table(sql)).collect();
    /// assert_eq!(tables, ["project_roles", "task_assignees", "task_assignees", "project_members"]);
    /// let (sql, values) = &statements[3];
    /// let expected = r#"
    ///     DELETE FROM "project_members" WHERE "project_members"."user_id" = ? AND EXISTS(
    ///         SELECT 1 FROM "projects" WHERE "projects"."id" = "project_members"."project_id"
    ///         AND "projects"."id" = (SELECT "projects"."id" FROM "projects"
    ///             WHERE "projects"."id" = ? AND "projects"."organization_id" = ?))
    /// "#;
    /// # let words = |sql: &str| sql.split_whitespace().collect::<String>();
    /// assert_eq!(words(sql), words(expected));
    /// assert_eq!(values.0, [9_i64, 100, 1].map(Into::into));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Two statements delete assignments: those that name the project, and those whose task is in it. They differ
    /// where an assignment names another project than that of its task. If the database
    /// [guarantees](super::TaskAssignees::is_checked) that there is none, there is one statement.
    ///
    /// Under [row-level security](super::RowSecurity), run them as the role of
    /// [jobs](super::RowSecurity::with_jobs), like all that changes memberships. The role that serves requests can run
    /// them if you grant it `DELETE` on these tables, in a transaction with the
    /// [settings](super::RowSecurity::settings) of the subject who got the permit. It misses an assignment whose task
    /// a policy hides, unless the database guarantees the project of assignments.
    ///
    /// # Errors
    ///
    /// Returns an error if a [fact of your own](OwnFact) puts users into projects, and does not say
    /// [how it ends in one](OwnFact::with_project_cleanup). Whether there is one depends on the schema alone.
    ///
    /// [`act::ChangeProject`]: crate::act::ChangeProject
    pub fn statements_in_project<A: ActionType, I: Id, D, T: Id, U: Id>(
        &self,
        permit: &Permit<A, Row<ProjectId<I>, D, T, U>>,
        user: &UserId<U>,
    ) -> Result<Vec<(String, Values)>, NoCleanup> {
        let endless = self.schema.endless(IN_PROJECT, |own| own.ends_in_project.is_none());
        if !endless.is_empty() {
            return Err(NoCleanup::OwnFactsInProject(endless));
        }
        let ProjectId(project) = permit.row().id();
        // No statement depends on the role.
        let asked = Principal::new(permit.row().organization(), user, Role::NotActivated);
        let project = Some(project.clone().into());
        let render = Render { schema: &self.schema, asked, workspace: None, project };
        Ok(self.of_render(&render, IN_PROJECT))
    }

    fn of_member<T: Id, U: Id>(
        &self,
        Member { organization, user, role, .. }: &Member<T, U>,
        deleted: MemberDataSet,
    ) -> Vec<(String, Values)> {
        let asked = Principal::new(organization, user, *role);
        let render = Render { schema: &self.schema, asked, workspace: None, project: None };
        self.of_render(&render, deleted)
    }

    /// Returns each statement once, because several facts can follow from the same rows.
    fn of_render(&self, render: &Render<'_>, deleted: MemberDataSet) -> Vec<(String, Values)> {
        let mut statements = Vec::new();
        for data in ORDER.into_iter().filter(|data| deleted.has(*data)) {
            for statement in self.end(render, data) {
                let statement = self.schema.dialect.build(&statement);
                if !statements.contains(&statement) {
                    statements.push(statement);
                }
            }
        }
        statements
    }

    fn end(&self, render: &Render<'_>, data: MemberData) -> Vec<QueryStatement> {
        let credentials = match data {
            MemberData::Sessions => &self.sessions,
            MemberData::ApiTokens => &self.api_tokens,
            MemberData::ProjectRoles
            | MemberData::ProjectMemberships
            | MemberData::WorkspaceMemberships
            | MemberData::Assignments
            | MemberData::Creations => {
                let facts = Fact::ALL.into_iter().filter(|fact| data_of(*fact) == Some(data));
                return facts.flat_map(|fact| render.end(fact)).collect();
            }
        };
        credentials.iter().map(|credentials| credentials.end(&render.asked)).collect()
    }
}

/// Deletes what facts follow from.
impl Render<'_> {
    /// Returns the statements after which the fact holds for no row within the [bounds](Self::bounds).
    fn end(&self, fact: Fact) -> Vec<QueryStatement> {
        let roles = &self.schema.project_roles;
        match self.schema.source(fact) {
            None | Some(Source::Value(_)) => Vec::new(),
            Some(Source::Own(own)) => self.end_own(own).unwrap_or_default(),
            Some(Source::Column(line)) => vec![self.unset(fact, &line).into()],
            Some(Source::Link(line)) => vec![self.unlink(fact, &line).into()],
            Some(Source::Role(_)) => {
                let line = Line::new(roles.named(), &roles.user_id, &roles.project_id);
                vec![self.unlink(fact, &line).into()]
            }
        }
    }

    /// Returns `None` if the fact does not say how it ends, which is checked before anything is rendered.
    fn end_own(&self, own: &OwnFact) -> Option<Vec<QueryStatement>> {
        let Some(project) = self.project_in_bounds() else {
            return Some(own.ends.as_ref()?(&self.asked));
        };
        Some(own.ends_in_project.as_ref()?(&TakenOut { project, user: self.asked.user() }))
    }

    fn unset(&self, fact: Fact, line: &Line<'_>) -> UpdateStatement {
        let mut update = UpdateStatement::new();
        update
            .table(line.table.from())
            .value(line.user.clone(), Keyword::Null)
            .and_where(line.of_user(&self.asked))
            .and_where(self.bounds(Rows::that_have(fact)));
        update
    }

    /// Deletes memberships of sandboxes too: they would count when the sandbox becomes a workspace.
    fn unlink(&self, fact: Fact, line: &Line<'_>) -> DeleteStatement {
        let (key, rows) = match (line.tasks, line.project) {
            (Some(_), _) => (line.key, Rows::Tasks),
            (None, Some(project)) if line.is_checked => (project, Rows::Projects),
            (None, _) => (line.key, Rows::that_have(fact)),
        };
        let id = Expr::col(self.schema.id_of(rows));
        let mut row = any_of(self.schema.named(rows).from());
        row.and_where(id.eq(line.table.col(key))).and_where(self.bounds(rows));
        let mut delete = DeleteStatement::new();
        delete
            .from_table(line.table.from())
            .and_where(line.of_user(&self.asked))
            .and_where(self.exists(row));
        delete
    }
}
