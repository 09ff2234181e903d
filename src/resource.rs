//! What actions are done to: your own rows, and resources that are put together from ids.
//!
//! Implement [`Resource`] for the rows of your database. Where you have no database, for instance in a test,
//! start with [`Organization::seen_by`] and go inwards. See the guide [*Guard a
//! handler*](crate::guide::handler).

pub use crate::fact::FactSet;
use crate::fact::{Fact, Facts};
pub use crate::id::{OrganizationId, ProjectId, RecordId, TaskId, UserId, WorkspaceId};
use crate::kind::Kind;
use crate::role::ProjectRole;

/// Something that a subject wants to do something to. Implement it for your own row types.
///
/// A row says three things: which organization it is in, for which user its facts were selected, and the
/// facts. [`Subject`](crate::Subject) compares the first two with itself, so a row cannot be used for
/// somebody else. Without a database, use a [`Located`] resource.
///
/// ```
/// use labelgate::resource::{Resource, Seen};
/// use labelgate::{Action, Fact, Facts, Kind, OrganizationId, Role, Subject, UserId};
///
/// struct Project {
///     title: String,
///     organization: OrganizationId<i64>,
///     asked_by: UserId<i64>,
///     facts: Facts,
/// }
///
/// impl Resource for Project {
///     type Id = i64;
///     type UserId = i64;
///     const KIND: Kind = Kind::Project;
///
///     fn seen(&self) -> Seen<'_, i64, i64> {
///         Seen { organization: &self.organization, user: &self.asked_by, facts: self.facts }
///     }
/// }
///
/// // SELECT title, organization_id, $user AS asked_by, <facts> AS facts FROM projects WHERE id = $1
/// let row = Project {
///     title: "Cats".to_owned(),
///     organization: OrganizationId(1),
///     asked_by: UserId(7),
///     facts: Facts::from_bits(8)?,
/// };
/// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// assert!(subject.can(Action::ExportData, &row));
///
/// // Another user, or a member of another organization, may do nothing with this row.
/// assert!(!Subject::new(OrganizationId(1), UserId(8), Role::Owner).can(Action::ExportData, &row));
/// assert!(!Subject::new(OrganizationId(2), UserId(7), Role::Owner).can(Action::ExportData, &row));
/// # Ok::<(), labelgate::error::InvalidFacts>(())
/// ```
pub trait Resource {
    /// The type of the organization's id.
    type Id;
    /// The type of the user's id.
    type UserId;
    /// The kind of resource. Facts of a kind further inside do not count: on a project, `assignee` is
    /// ignored.
    const KIND: Kind;

    /// Returns the organization that the resource is in, the user for whom its facts were selected, and the
    /// facts.
    fn seen(&self) -> Seen<'_, Self::Id, Self::UserId>;
}

/// A resource as one user sees it: what [`Resource::seen`] returns.
///
/// ```
/// use labelgate::resource::{Organization, Resource};
/// use labelgate::{Facts, OrganizationId, UserId};
///
/// let organization = Organization::seen_by(OrganizationId(1), UserId(7));
/// let seen = organization.seen();
/// assert_eq!((seen.organization, seen.user), (&OrganizationId(1), &UserId(7)));
/// assert_eq!(seen.facts, Facts::none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen<'a, T, U> {
    /// The organization that the resource is in.
    pub organization: &'a OrganizationId<T>,
    /// The user for whom the facts were selected.
    pub user: &'a UserId<U>,
    /// The facts about the user and the resource.
    pub facts: Facts,
}

impl<R: Resource + ?Sized> Resource for &R {
    type Id = R::Id;
    type UserId = R::UserId;
    const KIND: Kind = R::KIND;

    fn seen(&self) -> Seen<'_, R::Id, R::UserId> {
        (**self).seen()
    }
}

/// A resource, or an `Option` of one that a query may not have found. It is sealed.
///
/// `None` gets the answer that a hidden resource gets, so hand over what the query returned.
///
/// ```
/// use labelgate::resource::Project;
/// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
///
/// let owner = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
/// let missing: Option<Project<i64>> = None;
/// assert_eq!(owner.decide(Action::ViewProject, missing).unwrap_err().answer().status(), 404);
/// ```
pub trait Found: sealed::Sealed {
    /// The resource.
    type Resource: Resource;

    /// The resource, if there is one.
    fn found(self) -> Option<Self::Resource>;
}

impl<R: Resource> Found for R {
    type Resource = R;

    fn found(self) -> Option<R> {
        Some(self)
    }
}

impl<R: Resource> Found for Option<R> {
    type Resource = R;

    fn found(self) -> Self {
        self
    }
}

mod sealed {
    pub trait Sealed {}

    impl<R: super::Resource> Sealed for R {}
    impl<R: super::Resource> Sealed for Option<R> {}
}

/// A resource that is put together from ids, as one user sees it: an [`Organization`], a [`Workspace`], a
/// [`Project`], a [`Task`] or a [`Record`].
///
/// Build it from the outside in, so that it is in the organization of what holds it. [`InWorkspace`] and
/// [`InProject`] say what is known of the user's place. All of it has to be said: they have no defaults.
///
/// ```
/// use labelgate::resource::{InProject, InWorkspace, Organization, ProjectId, TaskId, WorkspaceId};
/// use labelgate::{Action, OrganizationId, ProjectRole, Role, Subject, UserId};
///
/// let (acme, ann) = (OrganizationId(1), UserId(7));
/// let project = Organization::seen_by(acme, ann)
///     .workspace(
///         WorkspaceId(10),
///         InWorkspace { created_by: Some(UserId(3)), is_member: false, is_sandbox: false },
///     )
///     .project(
///         ProjectId(100),
///         InProject {
///             created_by: None,
///             is_member: true,
///             has_tasks: false,
///             acts_as: Some(ProjectRole::Annotator),
///             own_data_permitted: false,
///         },
///     );
/// let task = project.task(TaskId(1000), &[]);
///
/// let subject = Subject::new(acme, ann, Role::Annotator);
/// assert!(subject.can(Action::LabelTasks, &task));
/// assert!(!subject.can(Action::ReviewAnnotations, &task));
/// assert_eq!(task.id(), &TaskId(1000));
/// assert_eq!(task.facts().to_string(), "project_member, acts_as_annotator");
/// ```
///
/// A task without a project does not compile:
///
/// ```compile_fail,E0599
/// # use labelgate::resource::{InWorkspace, Organization, TaskId, WorkspaceId};
/// # use labelgate::{OrganizationId, UserId};
/// # let place = InWorkspace { created_by: None, is_member: true, is_sandbox: false };
/// let acme = Organization::seen_by(OrganizationId(1), UserId(7));
/// let task = acme.workspace(WorkspaceId(10), place).task(TaskId(1000), &[]);
/// ```
///
/// Ids that are strings can be borrowed: `Organization::seen_by(OrganizationId("acme"), UserId("ann"))` is
/// compared with a subject whose ids are `String`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Located<Id, T, U = T> {
    organization: OrganizationId<T>,
    user: UserId<U>,
    facts: Facts,
    id: Id,
}

/// An organization, or something of it as a whole, as one user sees it.
///
/// ```
/// use labelgate::resource::Organization;
/// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
///
/// let (acme, mia) = (OrganizationId(1), UserId(7));
/// let mia_is_manager = Subject::new(acme, mia, Role::Manager);
/// assert!(mia_is_manager.can(Action::CreateWorkspace, Organization::seen_by(acme, mia)));
/// ```
pub type Organization<T, U = T> = Located<(), T, U>;
/// A workspace, or a personal sandbox, as one user sees it.
///
/// ```
/// use labelgate::resource::{InWorkspace, Organization, Workspace, WorkspaceId};
/// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
///
/// let (acme, ann) = (OrganizationId(1), UserId(7));
/// let place = InWorkspace { created_by: None, is_member: true, is_sandbox: false };
/// let workspace: Workspace<i64> = Organization::seen_by(acme, ann).workspace(WorkspaceId(10), place);
/// assert!(Subject::new(acme, ann, Role::Annotator).can(Action::ViewWorkspace, workspace));
/// ```
pub type Workspace<T, U = T> = Located<WorkspaceId<T>, T, U>;
/// A project, its data as a whole, or its template, as one user sees it.
///
/// ```
/// use labelgate::resource::{InProject, Organization, Project, ProjectId};
/// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
///
/// let (acme, mia) = (OrganizationId(1), UserId(7));
/// let place = InProject {
///     created_by: Some(mia),
///     is_member: false,
///     has_tasks: false,
///     acts_as: None,
///     own_data_permitted: false,
/// };
/// let project: Project<i64> = Organization::seen_by(acme, mia).project(ProjectId(100), place);
/// assert!(Subject::new(acme, mia, Role::Manager).can(Action::DeleteProject, project));
/// ```
pub type Project<T, U = T> = Located<ProjectId<T>, T, U>;
/// A task in a project, as one user sees it. [`Located`] shows how to build one.
///
/// ```
/// use labelgate::resource::Task;
/// use labelgate::{Denied, Subject, act};
///
/// fn label(caller: &Subject<i64>, task: Option<Task<i64>>) -> Result<(), Denied> {
///     let permit = caller.authorize(act::LabelTasks, task)?;
///     println!("labels task {}", permit.resource().id());
///     Ok(())
/// }
/// ```
pub type Task<T, U = T> = Located<TaskId<T>, T, U>;
/// A record in a project (an annotation, a prediction, somebody's performance), as one user sees it.
///
/// ```
/// use labelgate::resource::{InProject, Organization, ProjectId, Record, RecordId};
/// use labelgate::{Action, OrganizationId, ProjectRole, Role, Subject, UserId};
///
/// let (acme, ann) = (OrganizationId(1), UserId(7));
/// let place = InProject {
///     created_by: None,
///     is_member: true,
///     has_tasks: false,
///     acts_as: Some(ProjectRole::Annotator),
///     own_data_permitted: false,
/// };
/// let project = Organization::seen_by(acme, ann).project(ProjectId(100), place);
/// let annotation: Record<i64> = project.record(RecordId(5000), &[ann]);
/// assert!(Subject::new(acme, ann, Role::Annotator).can(Action::ChangeAnnotations, annotation));
/// ```
pub type Record<T, U = T> = Located<RecordId<T>, T, U>;

/// What is known of a user's place in a workspace.
///
/// ```
/// use labelgate::resource::{InWorkspace, Organization, WorkspaceId};
/// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
///
/// let (acme, mia) = (OrganizationId(1), UserId(7));
/// let can_change = |place| {
///     let workspace = Organization::seen_by(acme, mia).workspace(WorkspaceId(10), place);
///     Subject::new(acme, mia, Role::Manager).can(Action::ChangeWorkspace, workspace)
/// };
/// assert!(can_change(InWorkspace { created_by: None, is_member: true, is_sandbox: false }));
///
/// // Nobody is a member of somebody else's sandbox.
/// assert!(!can_change(InWorkspace { created_by: None, is_member: true, is_sandbox: true }));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct InWorkspace<U> {
    /// Who created the workspace, or whose personal sandbox it is. `None` is nobody.
    pub created_by: Option<UserId<U>>,
    /// Whether the user was added to the workspace. In a sandbox it counts for nothing.
    pub is_member: bool,
    /// Whether it is a personal sandbox.
    pub is_sandbox: bool,
}

/// What is known of a user's place in a project.
///
/// ```
/// use labelgate::resource::{InProject, Organization, ProjectId};
/// use labelgate::{Action, OrganizationId, ProjectRole, Role, Subject, UserId};
///
/// let (acme, ann) = (OrganizationId(1), UserId(7));
/// let place = InProject {
///     created_by: None,
///     is_member: true,
///     has_tasks: false,
///     // An annotator of the organization, who reviews in this project.
///     acts_as: Role::Annotator.acts_as(&[ProjectRole::Reviewer]),
///     own_data_permitted: false,
/// };
/// let project = Organization::seen_by(acme, ann).project(ProjectId(100), place);
/// assert!(Subject::new(acme, ann, Role::Annotator).can(Action::ReviewAnnotations, project));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct InProject<U> {
    /// Who created the project. `None` is nobody.
    pub created_by: Option<UserId<U>>,
    /// Whether the user was added to the project.
    pub is_member: bool,
    /// Whether the user has tasks assigned in the project.
    pub has_tasks: bool,
    /// What the user acts as in the project: see [`Role::acts_as`](crate::Role::acts_as). `None` is nobody,
    /// which counts for annotators and reviewers of the organization only.
    pub acts_as: Option<ProjectRole>,
    /// Whether the project lets annotators view their own data (Label Studio:
    /// `show_annotation_history`).
    pub own_data_permitted: bool,
}

impl<T, U> Organization<T, U> {
    /// The organization, as the user sees it. [`Subject::here`](crate::Subject::here) is the subject's own.
    #[must_use]
    pub const fn seen_by(organization: OrganizationId<T>, user: UserId<U>) -> Self {
        Self { organization, user, facts: Facts::none(), id: () }
    }
}

impl<T, U: PartialEq> Organization<T, U> {
    /// A workspace of the organization.
    #[must_use]
    pub fn workspace(self, id: WorkspaceId<T>, place: InWorkspace<U>) -> Workspace<T, U> {
        let InWorkspace { created_by, is_member, is_sandbox } = place;
        let facts = Facts::none()
            .with_if(Fact::WorkspaceCreator, created_by.as_ref() == Some(&self.user))
            .with_if(Fact::WorkspaceMember, is_member && !is_sandbox);
        self.with(id, facts)
    }

    /// A project that is in no workspace.
    #[must_use]
    pub fn project(self, id: ProjectId<T>, place: InProject<U>) -> Project<T, U> {
        self.with_project(id, place)
    }
}

impl<T, U: PartialEq> Workspace<T, U> {
    /// A project in the workspace.
    #[must_use]
    pub fn project(self, id: ProjectId<T>, place: InProject<U>) -> Project<T, U> {
        self.with_project(id, place)
    }
}

impl<T, U: PartialEq> Project<T, U> {
    /// A task in the project, with the users that it is assigned to.
    #[must_use]
    pub fn task(self, id: TaskId<T>, assignees: &[UserId<U>]) -> Task<T, U> {
        let facts = self.facts.with_if(Fact::Assignee, assignees.contains(&self.user));
        self.with(id, facts)
    }

    /// A record in the project: an annotation or a prediction with the users who made it, or somebody's
    /// performance with the user whom it is about. Whoever is assigned to a task does not own the records in
    /// it.
    #[must_use]
    pub fn record(self, id: RecordId<T>, people: &[UserId<U>]) -> Record<T, U> {
        let facts = self.facts.with_if(Fact::Author, people.contains(&self.user));
        self.with(id, facts)
    }
}

impl<Id, T, U> Located<Id, T, U> {
    fn with<Other>(self, id: Other, facts: Facts) -> Located<Other, T, U> {
        Located { organization: self.organization, user: self.user, facts, id }
    }

    /// The id of the resource.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// The facts that hold for the user and the resource.
    #[must_use]
    pub const fn facts(&self) -> Facts {
        self.facts
    }
}

impl<Id, T, U: PartialEq> Located<Id, T, U> {
    fn with_project(self, id: ProjectId<T>, place: InProject<U>) -> Project<T, U> {
        let InProject { created_by, is_member, has_tasks, acts_as, own_data_permitted } = place;
        let facts = self
            .facts
            .with_if(Fact::ProjectCreator, created_by.as_ref() == Some(&self.user))
            .with_if(Fact::ProjectMember, is_member)
            .with_if(Fact::ProjectAssignee, has_tasks)
            .with_if(Fact::OwnDataPermitted, own_data_permitted)
            .acting_as(acts_as);
        self.with(id, facts)
    }
}

/// The kind of a thing, by its id.
macro_rules! located {
    ($( $Id:ty: $Kind:ident, )+) => {$(
        impl<T, U> Resource for Located<$Id, T, U> {
            type Id = T;
            type UserId = U;
            const KIND: Kind = Kind::$Kind;

            fn seen(&self) -> Seen<'_, T, U> {
                Seen { organization: &self.organization, user: &self.user, facts: self.facts }
            }
        }
    )+};
}

located! {
    (): Organization,
    WorkspaceId<T>: Workspace,
    ProjectId<T>: Project,
    TaskId<T>: Task,
    RecordId<T>: Task,
}
