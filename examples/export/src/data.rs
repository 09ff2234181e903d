//! The rows of a service, the tuples of each, and what to write when one changes.
//!
//! Each type is a row, or what a service knows of a member. `tuples` returns its tuples, and [`Changes::between`]
//! what to delete and write when it changes. Put both into one write of the engine. Leave out of both states what does not
//! change: to add a member to a project, the other projects are not needed.
//!
//! | What happens | Before | After |
//! |---|---|---|
//! | A member is added | nothing | [`Member`] |
//! | A role is changed, a member deactivated | [`Member`], with all projects | the same with the new role |
//! | A member is added to a project, leaves it, or gets a project role | [`Member`], with this project | the same, changed |
//! | A task is assigned, or an assignment ends | [`Member`], with this project; [`Task`] | the same, changed |
//! | A row is created | nothing | [`Workspace`], [`Project`], [`Task`], [`Record`] |
//! | A project is moved, or its setting about own data changed | [`Project`] | the same, changed |
//! | A workspace gets a member, or becomes a sandbox | [`Workspace`] | the same, changed |
//! | A row is deleted | its type, with all that is in it | nothing |
//! | An organization changes its overrides | [`levels::tuples`](crate::levels::tuples) | the same |

use std::collections::BTreeSet;

use labelgate::{
    Fact, Facts, Kind, OrganizationId, ProjectId, ProjectRole, RecordId, Role, TaskId, UserId,
    WorkspaceId,
};

use crate::tuple::{Id, Object, Tuple};

/// What to tell an engine. Both lists go into one write, or somebody has two roles in between.
///
/// ```
/// use labelgate::{OrganizationId, Role, UserId};
/// use labelgate_export::data::{Changes, Member};
///
/// let (organization, user) = (OrganizationId(1.into()), UserId(7.into()));
/// let manager = Member { organization, user, role: Role::Manager, projects: vec![] };
/// let promoted = Member { role: Role::Administrator, ..manager.clone() };
/// let changes = Changes::between(manager.tuples(), promoted.tuples());
/// assert_eq!(changes.deletes[0].spicedb(), "organization:1#manager@user:7");
/// assert_eq!(changes.writes[0].spicedb(), "organization:1#administrator@user:7");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Tuples that are so no longer.
    pub deletes: Vec<Tuple>,
    /// Tuples that are so now.
    pub writes: Vec<Tuple>,
}

impl Changes {
    /// What differs between two states.
    #[must_use]
    pub fn between(
        before: impl IntoIterator<Item = Tuple>,
        after: impl IntoIterator<Item = Tuple>,
    ) -> Self {
        let (before, after): (BTreeSet<_>, BTreeSet<_>) =
            (before.into_iter().collect(), after.into_iter().collect());
        Self {
            deletes: before.difference(&after).cloned().collect(),
            writes: after.difference(&before).cloned().collect(),
        }
    }
}

/// A member of an organization, and the projects that they are in.
///
/// ```
/// use labelgate::{OrganizationId, ProjectId, Role, UserId};
/// use labelgate_export::data::{InProject, Member};
///
/// let project = InProject { project: ProjectId(100.into()), is_member: true, has_tasks: false, roles: vec![] };
/// let member = Member {
///     organization: OrganizationId(1.into()),
///     user: UserId(7.into()),
///     role: Role::Annotator,
///     projects: vec![project],
/// };
/// let tuples: Vec<_> = member.tuples().iter().map(|tuple| tuple.spicedb()).collect();
/// assert_eq!(tuples, [
///     "organization:1#annotator@user:7",
///     "project:100#project_member@user:7",
///     "project:100#acts_as_annotator@user:7",
/// ]);
/// ```
#[derive(Clone, Debug)]
pub struct Member {
    /// The organization.
    pub organization: OrganizationId<Id>,
    /// The user.
    pub user: UserId<Id>,
    /// The role in the organization.
    pub role: Role,
    /// The projects that the member was added to or has tasks in.
    pub projects: Vec<InProject>,
}

/// What a member is in a project.
#[derive(Clone, Debug)]
pub struct InProject {
    /// The project.
    pub project: ProjectId<Id>,
    /// Whether the member was added to the project.
    pub is_member: bool,
    /// Whether tasks of the project are assigned to the member.
    pub has_tasks: bool,
    /// The project roles that the member's rows for the project name.
    pub roles: Vec<ProjectRole>,
}

impl Member {
    /// The tuples of the member's role, and of the projects. The roles of an annotator or reviewer are said for each
    /// project that they are in.
    #[must_use]
    pub fn tuples(&self) -> Vec<Tuple> {
        let role = Tuple::role(self.organization.clone(), self.user.clone(), self.role);
        let projects =
            self.projects.iter().flat_map(|InProject { project, is_member, has_tasks, roles }| {
                let acts_as = self.role.project_role(roles).filter(|_| *is_member || *has_tasks);
                let facts = Facts::none()
                    .with_if(Fact::ProjectMember, *is_member)
                    .with_if(Fact::ProjectAssignee, *has_tasks)
                    .acting_as(acts_as);
                facts
                    .elements()
                    .map(|fact| Tuple::fact(fact, project.0.clone(), self.user.0.clone()))
            });
        role.into_iter().chain(projects).collect()
    }
}

/// A workspace.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId<Id>,
    /// Its organization.
    pub organization: OrganizationId<Id>,
    /// The user who created it, or whose sandbox it is.
    pub creator: Option<UserId<Id>>,
    /// Whether it is a personal sandbox. It has no members then.
    pub is_sandbox: bool,
    /// The users who were added to it.
    pub members: Vec<UserId<Id>>,
}

impl Workspace {
    /// The tuples of the workspace.
    ///
    /// ```
    /// use labelgate::{OrganizationId, UserId, WorkspaceId};
    /// use labelgate_export::data::Workspace;
    ///
    /// let sandbox = Workspace {
    ///     id: WorkspaceId(10.into()),
    ///     organization: OrganizationId(1.into()),
    ///     creator: Some(UserId(7.into())),
    ///     is_sandbox: true,
    ///     members: vec![UserId(8.into())],
    /// };
    /// let tuples: Vec<_> = sandbox.tuples().iter().map(|tuple| tuple.spicedb()).collect();
    /// assert_eq!(tuples, ["workspace:10#organization@organization:1", "workspace:10#workspace_creator@user:7"]);
    /// ```
    #[must_use]
    pub fn tuples(&self) -> Vec<Tuple> {
        let fact =
            |fact| move |user: &UserId<Id>| Tuple::fact(fact, self.id.0.clone(), user.0.clone());
        let members = self.members.iter().filter(|_| !self.is_sandbox);
        let mut tuples = vec![in_organization(Kind::Workspace, &self.id.0, &self.organization)];
        tuples.extend(self.creator.iter().map(fact(Fact::WorkspaceCreator)));
        tuples.extend(members.map(fact(Fact::WorkspaceMember)));
        tuples
    }
}

/// A project. Its members and their tasks are in [`Member`].
#[derive(Clone, Debug)]
pub struct Project {
    /// Its id.
    pub id: ProjectId<Id>,
    /// Its organization.
    pub organization: OrganizationId<Id>,
    /// The workspace that it is in, and the workspace's organization. A workspace of another organization counts for
    /// nothing, so it is left out.
    pub workspace: Option<(WorkspaceId<Id>, OrganizationId<Id>)>,
    /// The user who created it.
    pub creator: Option<UserId<Id>>,
    /// Whether it lets annotators view their own data.
    pub own_data_permitted: bool,
}

impl Project {
    /// The tuples of the project.
    ///
    /// ```
    /// use labelgate::{OrganizationId, ProjectId, UserId, WorkspaceId};
    /// use labelgate_export::data::{Changes, Project};
    ///
    /// let acme = OrganizationId(1.into());
    /// let project = Project {
    ///     id: ProjectId(100.into()),
    ///     organization: acme.clone(),
    ///     workspace: Some((WorkspaceId(10.into()), acme)),
    ///     creator: Some(UserId(7.into())),
    ///     own_data_permitted: false,
    /// };
    /// let changed = Project { own_data_permitted: true, ..project.clone() };
    /// let changes = Changes::between(project.tuples(), changed.tuples());
    /// assert!(changes.deletes.is_empty());
    /// assert_eq!(changes.writes[0].spicedb(), "project:100#own_data_permitted@user:*");
    /// ```
    #[must_use]
    pub fn tuples(&self) -> Vec<Tuple> {
        let fact = |fact, user: &Id| Tuple::fact(fact, self.id.0.clone(), user.clone());
        let mut tuples = vec![in_organization(Kind::Project, &self.id.0, &self.organization)];
        let workspace = self.workspace.as_ref().filter(|(_, of)| *of == self.organization);
        tuples.extend(workspace.map(|(workspace, _)| {
            let object = Object { kind: Kind::Workspace, id: workspace.0.clone() };
            Tuple::within(Kind::Project, self.id.0.clone(), object)
        }));
        tuples.extend(self.creator.iter().map(|user| fact(Fact::ProjectCreator, &user.0)));
        // Whose fact it is makes no difference.
        tuples.extend(self.own_data_permitted.then(|| fact(Fact::OwnDataPermitted, &self.id.0)));
        tuples
    }
}

/// A task. Whoever is assigned to it also `has_tasks` in its project: write both, see [`InProject`].
#[derive(Clone, Debug)]
pub struct Task {
    /// Its id.
    pub id: TaskId<Id>,
    /// Its project.
    pub project: ProjectId<Id>,
    /// The users whom it is assigned to.
    pub assignees: Vec<UserId<Id>>,
}

impl Task {
    /// The tuples of the task.
    ///
    /// ```
    /// use labelgate::{ProjectId, TaskId, UserId};
    /// use labelgate_export::data::Task;
    ///
    /// let (project, assignees) = (ProjectId(100.into()), vec![UserId(7.into())]);
    /// let task = Task { id: TaskId(1000.into()), project, assignees };
    /// let tuples: Vec<_> = task.tuples().iter().map(|tuple| tuple.spicedb()).collect();
    /// assert_eq!(tuples, ["task:1000#project@project:100", "task:1000#assignee@user:7"]);
    /// ```
    #[must_use]
    pub fn tuples(&self) -> Vec<Tuple> {
        let mut tuples = vec![in_project(Kind::Task, &self.id.0, &self.project)];
        let fact =
            |user: &UserId<Id>| Tuple::fact(Fact::Assignee, self.id.0.clone(), user.0.clone());
        tuples.extend(self.assignees.iter().map(fact));
        tuples
    }
}

/// A record in a project: an annotation, a prediction, a performance record.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its id.
    pub id: RecordId<Id>,
    /// Its project.
    pub project: ProjectId<Id>,
    /// The user who made it, or whom it is about.
    pub author: Option<UserId<Id>>,
}

impl Record {
    /// The tuples of the record.
    ///
    /// ```
    /// use labelgate::{ProjectId, RecordId, UserId};
    /// use labelgate_export::data::Record;
    ///
    /// let (project, author) = (ProjectId(100.into()), Some(UserId(7.into())));
    /// let record = Record { id: RecordId(5.into()), project, author };
    /// let tuples: Vec<_> = record.tuples().iter().map(|tuple| tuple.spicedb()).collect();
    /// assert_eq!(tuples, ["record:5#project@project:100", "record:5#author@user:7"]);
    /// ```
    #[must_use]
    pub fn tuples(&self) -> Vec<Tuple> {
        let mut tuples = vec![in_project(Kind::Record, &self.id.0, &self.project)];
        let fact = |user: &UserId<Id>| Tuple::fact(Fact::Author, self.id.0.clone(), user.0.clone());
        tuples.extend(self.author.iter().map(fact));
        tuples
    }
}

fn in_organization(kind: Kind, id: &Id, organization: &OrganizationId<Id>) -> Tuple {
    let object = Object { kind: Kind::Organization, id: organization.0.clone() };
    Tuple::within(kind, id.clone(), object)
}

fn in_project(kind: Kind, id: &Id, project: &ProjectId<Id>) -> Tuple {
    Tuple::within(kind, id.clone(), Object { kind: Kind::Project, id: project.0.clone() })
}
