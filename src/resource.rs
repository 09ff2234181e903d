//! Where a thing sits.

use crate::id::{OrganizationId, ProjectId, TaskId, UserId, WorkspaceId};

/// The thing that a subject wants to do something with: an organization (by its id), a
/// [`Workspace`], a [`Project`], or a [`Task`].
///
/// They are built from the outside in, so that a thing is in the organization of what holds it and
/// cannot be in two. The trait is sealed.
///
/// ```
/// use labelgate::{OrganizationId, ProjectId, TaskId, UserId, WorkspaceId};
///
/// let workspace = OrganizationId(1).workspace(WorkspaceId(10)).created_by(UserId(3));
/// let project = workspace.project(ProjectId(100)).annotators_view_own_data(true);
/// let task = project.task(TaskId(1000), &[UserId(7), UserId(8)]);
/// ```
///
/// A task without a project does not compile:
///
/// ```compile_fail,E0599
/// use labelgate::{OrganizationId, TaskId, UserId, WorkspaceId};
///
/// let workspace = OrganizationId(1).workspace(WorkspaceId(10));
/// let task = workspace.task(TaskId(1000), &[UserId(7)]);
/// ```
pub trait Resource<T> {
    #[doc(hidden)]
    fn place(&self) -> Place<'_, T>;
}

/// A resource and all that holds it. The type cannot be named, which seals [`Resource`].
#[derive(Clone, Copy, Debug)]
pub struct Place<'a, T> {
    pub(crate) organization: &'a OrganizationId<T>,
    pub(crate) workspace: Option<&'a Workspace<T>>,
    pub(crate) project: Option<&'a Project<T>>,
    pub(crate) people: Option<&'a [UserId<T>]>,
}

/// An organization, or something of it as a whole: its people, its activity log.
impl<T> Resource<T> for OrganizationId<T> {
    fn place(&self) -> Place<'_, T> {
        Place { organization: self, workspace: None, project: None, people: None }
    }
}

impl<T> OrganizationId<T> {
    /// A workspace of the organization.
    #[must_use]
    pub const fn workspace(self, id: WorkspaceId<T>) -> Workspace<T> {
        Workspace { organization: self, id, creator: None, sandbox: false }
    }

    /// The personal sandbox of a user: a workspace that counts for that user alone, whatever the
    /// lists of members say.
    #[must_use]
    pub const fn sandbox(self, id: WorkspaceId<T>, user: UserId<T>) -> Workspace<T> {
        Workspace { organization: self, id, creator: Some(user), sandbox: true }
    }

    /// A project that is in no workspace.
    #[must_use]
    pub const fn project(self, id: ProjectId<T>) -> Project<T> {
        Project::new(Holder::Organization(self), id)
    }
}

/// A workspace, or a personal sandbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Workspace<T> {
    organization: OrganizationId<T>,
    pub(crate) id: WorkspaceId<T>,
    pub(crate) creator: Option<UserId<T>>,
    pub(crate) sandbox: bool,
}

impl<T> Workspace<T> {
    /// Says who created the workspace. A sandbox is its user's, whoever created it.
    #[must_use]
    pub fn created_by(mut self, user: UserId<T>) -> Self {
        if !self.sandbox {
            self.creator = Some(user);
        }
        self
    }

    /// A project in the workspace.
    #[must_use]
    pub const fn project(self, id: ProjectId<T>) -> Project<T> {
        Project::new(Holder::Workspace(self), id)
    }

    /// The id of the workspace.
    #[must_use]
    pub const fn id(&self) -> &WorkspaceId<T> {
        &self.id
    }

    /// The organization it is in.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }
}

impl<T> Resource<T> for Workspace<T> {
    fn place(&self) -> Place<'_, T> {
        Place { workspace: Some(self), ..self.organization.place() }
    }
}

/// A project, its data as a whole, or its template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Project<T> {
    holder: Holder<T>,
    pub(crate) id: ProjectId<T>,
    pub(crate) creator: Option<UserId<T>>,
    pub(crate) annotators_view_own_data: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Holder<T> {
    Organization(OrganizationId<T>),
    Workspace(Workspace<T>),
}

impl<T> Project<T> {
    const fn new(holder: Holder<T>, id: ProjectId<T>) -> Self {
        Self { holder, id, creator: None, annotators_view_own_data: false }
    }

    /// Says who created the project.
    #[must_use]
    pub fn created_by(mut self, user: UserId<T>) -> Self {
        self.creator = Some(user);
        self
    }

    /// Says whether the project lets annotators view their own data, which it does not unless
    /// said so: the setting that Label Studio calls `show_annotation_history`.
    #[must_use]
    pub fn annotators_view_own_data(mut self, permitted: bool) -> Self {
        self.annotators_view_own_data = permitted;
        self
    }

    /// A thing in the project, and the people whose it is: those a task is assigned to, who made
    /// an annotation, whom a performance record is about. An empty list makes it nobody's.
    #[must_use]
    pub const fn task(self, id: TaskId<T>, people: &[UserId<T>]) -> Task<'_, T> {
        Task { project: self, id, people }
    }

    /// The id of the project.
    #[must_use]
    pub const fn id(&self) -> &ProjectId<T> {
        &self.id
    }

    /// The organization it is in.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        match &self.holder {
            Holder::Organization(organization) => organization,
            Holder::Workspace(workspace) => workspace.organization(),
        }
    }
}

impl<T> Resource<T> for Project<T> {
    fn place(&self) -> Place<'_, T> {
        let holder = match &self.holder {
            Holder::Organization(organization) => organization.place(),
            Holder::Workspace(workspace) => workspace.place(),
        };
        Place { project: Some(self), ..holder }
    }
}

/// A thing in a project that is somebody's: a task, an annotation, a performance record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Task<'a, T> {
    project: Project<T>,
    id: TaskId<T>,
    people: &'a [UserId<T>],
}

impl<T> Task<'_, T> {
    /// The id of the thing.
    #[must_use]
    pub const fn id(&self) -> &TaskId<T> {
        &self.id
    }

    /// The project it is in.
    #[must_use]
    pub const fn project(&self) -> &Project<T> {
        &self.project
    }

    /// The organization it is in.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        self.project.organization()
    }
}

impl<T> Resource<T> for Task<'_, T> {
    fn place(&self) -> Place<'_, T> {
        Place { people: Some(self.people), ..self.project.place() }
    }
}
