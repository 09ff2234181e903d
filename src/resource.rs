//! Where a thing sits.

use crate::id::{OrganizationId, ProjectId, RecordId, TaskId, UserId, WorkspaceId};

/// The thing that a subject wants to do something with: an organization (by its id), a
/// [`Workspace`], a [`Project`], a [`Task`] or a [`Record`].
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

/// The kinds of resource, from the outside in; each action is [done to](crate::Action::kind) one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, strum::EnumCount)]
pub enum Kind {
    /// An organization, or something of it as a whole: its people, its activity log.
    Organization,
    /// A workspace, or a personal sandbox.
    Workspace,
    /// A project, its data as a whole, or its template.
    Project,
    /// A thing in a project that is somebody's: a task, or a record.
    Task,
}

impl Kind {
    /// How many there are.
    pub const COUNT: usize = <Self as strum::EnumCount>::COUNT;

    /// All of them, from the outside in.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Organization, Self::Workspace, Self::Project, Self::Task];
}

/// A resource and all that holds it. The type cannot be named, which seals [`Resource`].
#[derive(Debug)]
pub struct Place<'a, T> {
    pub(crate) organization: &'a OrganizationId<T>,
    pub(crate) workspace: Option<&'a Workspace<T>>,
    pub(crate) project: Option<&'a Project<T>>,
    pub(crate) people: Option<People<'a, T>>,
}

/// Whose a thing in a project is.
#[derive(Debug)]
pub(crate) struct People<'a, T> {
    pub(crate) users: &'a [UserId<T>],
    /// Whether it is a task that is assigned to them.
    pub(crate) assigned: bool,
}

impl<T> Place<'_, T> {
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self { people: Some(_), .. } => Kind::Task,
            Self { project: Some(_), .. } => Kind::Project,
            Self { workspace: Some(_), .. } => Kind::Workspace,
            Self { .. } => Kind::Organization,
        }
    }
}

/// An organization, or something of it as a whole.
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
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
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
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Project<T> {
    holder: Holder<T>,
    pub(crate) id: ProjectId<T>,
    pub(crate) creator: Option<UserId<T>>,
    pub(crate) annotators_view_own_data: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
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

    /// A task in the project, and the users it is assigned to. An empty list makes it nobody's.
    #[must_use]
    pub const fn task(self, id: TaskId<T>, assignees: &[UserId<T>]) -> Task<'_, T> {
        Item { project: self, id, people: assignees, assigned: true }
    }

    /// A record in the project: an annotation or a prediction and the users who made it, or
    /// somebody's performance and whom it is about. An empty list makes it nobody's.
    #[must_use]
    pub const fn record(self, id: RecordId<T>, people: &[UserId<T>]) -> Record<'_, T> {
        Item { project: self, id, people, assigned: false }
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

/// A task in a project.
pub type Task<'a, T> = Item<'a, T, TaskId<T>>;

/// A record in a project: an annotation, a prediction, somebody's performance.
pub type Record<'a, T> = Item<'a, T, RecordId<T>>;

/// A thing in a project that is somebody's: a [`Task`] or a [`Record`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Item<'a, T, Id> {
    project: Project<T>,
    id: Id,
    people: &'a [UserId<T>],
    assigned: bool,
}

impl<T, Id> Item<'_, T, Id> {
    /// The id of the thing.
    #[must_use]
    pub const fn id(&self) -> &Id {
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

impl<T, Id> Resource<T> for Item<'_, T, Id> {
    fn place(&self) -> Place<'_, T> {
        let people = People { users: self.people, assigned: self.assigned };
        Place { people: Some(people), ..self.project.place() }
    }
}
