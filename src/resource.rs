//! Where a thing sits.

use core::marker::PhantomData;

use crate::id::{OrganizationId, ProjectId, UserId, WorkspaceId};

/// What kind of thing a [`Resource`] is; each is built from what holds it.
pub mod kind {
    /// An organization, or something of it as a whole: its people, its activity log.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Organization {}

    /// A workspace, or a personal sandbox.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Workspace {}

    /// A project, its data as a whole, or its template.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Project {}

    /// A thing in a project that is somebody's: a task, an annotation, a performance record.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Task {}

    /// What can hold a project.
    pub trait HoldsProjects: sealed::Sealed {}
    impl HoldsProjects for Organization {}
    impl HoldsProjects for Workspace {}

    mod sealed {
        pub trait Sealed {}
        impl Sealed for super::Organization {}
        impl Sealed for super::Workspace {}
    }
}

/// The thing that a subject wants to do something with, and where it sits.
///
/// Built from the outside in, so that a thing is in the organization of what holds it and cannot
/// be in two.
///
/// ```
/// use labelgate::{OrganizationId, ProjectId, Resource, UserId, WorkspaceId};
///
/// let organization = Resource::organization(OrganizationId(1));
/// let workspace = organization.workspace(WorkspaceId(10)).created_by(UserId(3));
/// let project = workspace.project(ProjectId(100)).annotators_view_own_data(true);
/// let task = project.task(&[UserId(7), UserId(8)]);
/// ```
///
/// A task without a project does not compile:
///
/// ```compile_fail,E0599
/// use labelgate::{OrganizationId, Resource, UserId, WorkspaceId};
///
/// let workspace = Resource::organization(OrganizationId(1)).workspace(WorkspaceId(10));
/// let task = workspace.task(&[UserId(7)]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resource<'a, T, Kind> {
    pub(crate) organization: OrganizationId<T>,
    pub(crate) workspace: Option<Workspace<T>>,
    pub(crate) project: Option<Project<T>>,
    pub(crate) people: Option<&'a [UserId<T>]>,
    kind: PhantomData<Kind>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Workspace<T> {
    /// None is a sandbox: nobody can be added to it.
    pub(crate) id: Option<WorkspaceId<T>>,
    pub(crate) creator: Option<UserId<T>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Project<T> {
    pub(crate) id: ProjectId<T>,
    pub(crate) creator: Option<UserId<T>>,
    pub(crate) annotators_view_own_data: bool,
}

impl<'a, T, Kind> Resource<'a, T, Kind> {
    /// The same thing, called another kind.
    fn of_kind<Other>(self) -> Resource<'a, T, Other> {
        Resource {
            organization: self.organization,
            workspace: self.workspace,
            project: self.project,
            people: self.people,
            kind: PhantomData,
        }
    }
}

impl<'a, T> Resource<'a, T, kind::Organization> {
    /// The organization itself.
    #[must_use]
    pub const fn organization(id: OrganizationId<T>) -> Self {
        Self { organization: id, workspace: None, project: None, people: None, kind: PhantomData }
    }

    /// A workspace of the organization.
    #[must_use]
    pub fn workspace(mut self, id: WorkspaceId<T>) -> Resource<'a, T, kind::Workspace> {
        self.workspace = Some(Workspace { id: Some(id), creator: None });
        self.of_kind()
    }

    /// The personal sandbox of a user: a workspace that counts for that user alone, whatever the
    /// lists of members say.
    #[must_use]
    pub fn sandbox_of(mut self, user: UserId<T>) -> Resource<'a, T, kind::Workspace> {
        self.workspace = Some(Workspace { id: None, creator: Some(user) });
        self.of_kind()
    }
}

impl<T> Resource<'_, T, kind::Workspace> {
    /// Says who created the workspace. A sandbox is its user's, whoever created it.
    #[must_use]
    pub fn created_by(mut self, user: UserId<T>) -> Self {
        if let Some(workspace @ Workspace { id: Some(_), .. }) = &mut self.workspace {
            workspace.creator = Some(user);
        }
        self
    }
}

impl<'a, T, Kind: kind::HoldsProjects> Resource<'a, T, Kind> {
    /// A project in the workspace, or in no workspace of the organization.
    #[must_use]
    pub fn project(mut self, id: ProjectId<T>) -> Resource<'a, T, kind::Project> {
        self.project = Some(Project { id, creator: None, annotators_view_own_data: false });
        self.of_kind()
    }
}

impl<'a, T> Resource<'a, T, kind::Project> {
    /// Says who created the project.
    #[must_use]
    pub fn created_by(mut self, user: UserId<T>) -> Self {
        if let Some(project) = &mut self.project {
            project.creator = Some(user);
        }
        self
    }

    /// Says whether the project lets annotators view their own data, which it does not unless
    /// said so: the setting that Label Studio calls `show_annotation_history`.
    #[must_use]
    pub fn annotators_view_own_data(mut self, permitted: bool) -> Self {
        if let Some(project) = &mut self.project {
            project.annotators_view_own_data = permitted;
        }
        self
    }

    /// A thing in the project, and the people whose it is: those a task is assigned to, who made
    /// an annotation, whom a performance record is about. An empty list makes it nobody's.
    #[must_use]
    pub fn task(mut self, people: &'a [UserId<T>]) -> Resource<'a, T, kind::Task> {
        self.people = Some(people);
        self.of_kind()
    }
}
