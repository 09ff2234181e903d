//! Who asks, and how they hold what they ask about.

use crate::context::ScopeCtx;
use crate::id::{IdSet, OrganizationId, ProjectId, UserId, WorkspaceId};
use crate::matrix::Action;
use crate::resource::{Kind, Place, Project, Resource, Workspace};
use crate::role::Role;

/// A user as a member of one organization.
///
/// A person with memberships in several organizations is several subjects; which of them asks is
/// for the service to say. A member of no workspace and no project has the memberships `()`.
///
/// ```
/// use labelgate::{
///     Action, Lists, OrganizationId, ProjectId, Role, Subject, UserId, WorkspaceId,
/// };
///
/// let subject = Subject {
///     organization: OrganizationId(1),
///     user: UserId(7),
///     role: Role::Manager,
///     memberships: Lists {
///         workspaces: [WorkspaceId(10), WorkspaceId(11)],
///         projects: (),
///         assignments: (),
///         annotator_in: (),
///         reviewer_in: (),
///     },
/// };
///
/// let here = OrganizationId(1).workspace(WorkspaceId(10));
/// assert!(subject.can(Action::ExportData, &here.project(ProjectId(100))));
///
/// // The same ids in another organization are other things.
/// let elsewhere = OrganizationId(2).workspace(WorkspaceId(10));
/// assert!(!subject.can(Action::ExportData, &elsewhere.project(ProjectId(100))));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject<T, M> {
    /// The organization of the membership.
    pub organization: OrganizationId<T>,
    /// The user, who may have other memberships.
    pub user: UserId<T>,
    /// The role in the organization.
    pub role: Role,
    /// What the user belongs to in the organization.
    pub memberships: M,
}

/// What a user belongs to in one organization: workspaces and projects.
///
/// [`Lists`] answers from lists of ids; a service can answer from a store of its own. All questions
/// have to be answered, since a role in a project can be less than the one it replaces: a reviewer
/// whose role of annotator in a project is left out stays a reviewer there.
pub trait Memberships<T> {
    /// Whether the user was added to the workspace.
    fn in_workspace(&self, workspace: &WorkspaceId<T>) -> bool;
    /// Whether the user was added to the project, or has tasks assigned in it.
    fn in_project(&self, project: &ProjectId<T>) -> bool;
    /// Whether the user has the role Annotator in the project, whatever the role elsewhere. It alone
    /// does not put the user in the project.
    fn annotator_in(&self, project: &ProjectId<T>) -> bool;
    /// Whether the user has the role Reviewer in the project, whatever the role elsewhere. It alone
    /// does not put the user in the project.
    fn reviewer_in(&self, project: &ProjectId<T>) -> bool;
}

noun! {
    /// A role that annotators and reviewers can hold in one project.
    pub enum ProjectRole {
        /// [`Role::Annotator`].
        Annotator = "AN",
        /// [`Role::Reviewer`].
        Reviewer = "RE",
    }

    /// The code of the role.
    pub const fn code;

    /// A text that is no code of a role in a project.
    pub struct UnknownProjectRole: "project role code";
}

impl From<ProjectRole> for Role {
    fn from(role: ProjectRole) -> Self {
        match role {
            ProjectRole::Annotator => Self::Annotator,
            ProjectRole::Reviewer => Self::Reviewer,
        }
    }
}

/// Memberships as lists, each of any type that is an [`IdSet`] of the ids it is named for.
///
/// All are spelled out, so that none is forgotten; `()` is an empty one, and an empty list is a
/// scope not held. A list of other ids does not compile:
///
/// ```compile_fail,E0599
/// use labelgate::{Lists, Memberships, ProjectId, WorkspaceId};
///
/// let lists = Lists {
///     workspaces: [ProjectId(10)], // a project is not a workspace
///     projects: (),
///     assignments: (),
///     annotator_in: (),
///     reviewer_in: (),
/// };
/// let member = lists.in_workspace(&WorkspaceId(10));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lists<Workspaces, Projects, Assignments, AnnotatorIn, ReviewerIn> {
    /// The workspaces the user was added to.
    pub workspaces: Workspaces,
    /// The projects the user was added to.
    pub projects: Projects,
    /// The projects in which tasks are assigned to the user.
    pub assignments: Assignments,
    /// The projects in which the user has the role Annotator, whatever the role elsewhere. It alone
    /// does not put the user in a project: those the user was added to are `projects`.
    pub annotator_in: AnnotatorIn,
    /// The projects in which the user has the role Reviewer, whatever the role elsewhere. It alone
    /// does not put the user in a project: those the user was added to are `projects`.
    pub reviewer_in: ReviewerIn,
}

impl<T, Workspaces, Projects, Assignments, AnnotatorIn, ReviewerIn> Memberships<T>
    for Lists<Workspaces, Projects, Assignments, AnnotatorIn, ReviewerIn>
where
    Workspaces: IdSet<WorkspaceId<T>>,
    Projects: IdSet<ProjectId<T>>,
    Assignments: IdSet<ProjectId<T>>,
    AnnotatorIn: IdSet<ProjectId<T>>,
    ReviewerIn: IdSet<ProjectId<T>>,
{
    fn in_workspace(&self, workspace: &WorkspaceId<T>) -> bool {
        self.workspaces.contains(workspace)
    }

    fn in_project(&self, project: &ProjectId<T>) -> bool {
        self.projects.contains(project) || self.assignments.contains(project)
    }

    fn annotator_in(&self, project: &ProjectId<T>) -> bool {
        self.annotator_in.contains(project)
    }

    fn reviewer_in(&self, project: &ProjectId<T>) -> bool {
        self.reviewer_in.contains(project)
    }
}

/// Belongs to nothing.
impl<T> Memberships<T> for () {
    fn in_workspace(&self, _: &WorkspaceId<T>) -> bool {
        false
    }

    fn in_project(&self, _: &ProjectId<T>) -> bool {
        false
    }

    fn annotator_in(&self, _: &ProjectId<T>) -> bool {
        false
    }

    fn reviewer_in(&self, _: &ProjectId<T>) -> bool {
        false
    }
}

impl<T, M: Memberships<T> + ?Sized> Memberships<T> for &M {
    fn in_workspace(&self, workspace: &WorkspaceId<T>) -> bool {
        (**self).in_workspace(workspace)
    }

    fn in_project(&self, project: &ProjectId<T>) -> bool {
        (**self).in_project(project)
    }

    fn annotator_in(&self, project: &ProjectId<T>) -> bool {
        (**self).annotator_in(project)
    }

    fn reviewer_in(&self, project: &ProjectId<T>) -> bool {
        (**self).reviewer_in(project)
    }
}

impl<T: PartialEq, M: Memberships<T>> Subject<T, M> {
    /// How the subject holds the resource.
    ///
    /// In another organization that is not at all, and nothing else is looked at. Otherwise, each
    /// scope by itself:
    ///
    /// - Workspace: the user created the workspace or was added to it; a sandbox counts for its
    ///   user alone.
    /// - Project: the user was added to the project, or has tasks assigned in it; or created it, and
    ///   is active and not [bound](Role::is_project_bound) to the projects they work in.
    /// - Own: the user created the workspace or the project, or is among the people whose the task
    ///   or record is. Creating a project does not make what is in it one's own.
    #[must_use]
    pub fn context(&self, resource: &impl Resource<T>) -> ScopeCtx {
        let place = resource.place();
        Held::context(self.hold(&place).as_ref(), place.kind())
    }

    /// The role and the context that count for an action on the resource.
    ///
    /// They are those on the resource if the action is done to its [kind](Action::kind). An action
    /// that is done to what holds the resource is decided there: deleting the workspace of one's own
    /// project is deleting a workspace. For one that is done to what the resource holds, nothing
    /// there is one's own yet.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, OrganizationId, ProjectId, Role, ScopeCtx, Subject, UserId, WorkspaceId};
    ///
    /// let (organization, user) = (OrganizationId(1), UserId(7));
    /// let subject = Subject { organization, user, role: Role::Manager, memberships: () };
    /// let project = organization.workspace(WorkspaceId(10)).project(ProjectId(100)).created_by(user);
    ///
    /// let (role, ctx) = subject.standing(Action::DeleteWorkspace, &project);
    /// assert_eq!((role, ctx), (Role::Manager, ScopeCtx::organization()));
    /// assert!(!Matrix::BUILT_IN.can(role, Action::DeleteWorkspace, ctx));
    /// ```
    #[must_use]
    pub fn standing(&self, action: Action, resource: &impl Resource<T>) -> (Role, ScopeCtx) {
        let place = resource.place();
        let held = self.hold(&place);
        (self.role_at(&place, action.kind()), Held::context(held.as_ref(), action.kind()))
    }

    /// How the subject holds what is at the place; not at all outside the organization.
    pub(crate) fn hold(&self, place: &Place<'_, T>) -> Option<Held> {
        let Place { organization, workspace, project, people } = place;
        if **organization != self.organization {
            return None;
        }
        let is_self = |user: &Option<UserId<T>>| user.as_ref() == Some(&self.user);
        let own_workspace = workspace.is_some_and(|workspace| is_self(&workspace.creator));
        let own_project = project.is_some_and(|project| is_self(&project.creator));
        let own_task = people.as_ref().is_some_and(|people| people.users.contains(&self.user));
        let assigned = own_task && people.as_ref().is_some_and(|people| people.assigned);
        Some(Held {
            in_workspace: own_workspace
                || workspace.is_some_and(|Workspace { id, sandbox, .. }| {
                    !sandbox && self.memberships.in_workspace(id)
                }),
            in_project: assigned
                || (own_project && self.role.is_active() && !self.role.is_project_bound())
                || project.is_some_and(|Project { id, .. }| self.memberships.in_project(id)),
            own_workspace,
            own_project,
            own_task,
            permitted: project.is_some_and(|project| project.annotators_view_own_data),
        })
    }

    /// The role that counts in a project of the subject's organization.
    ///
    /// Annotators and reviewers may hold the other of the two roles in one project, and nobody else
    /// can: a member who is promoted above them keeps the role of the organization everywhere, and
    /// one who is not activated or deactivated stays powerless. Data that names both roles for one
    /// project contradicts itself and makes an annotator.
    #[must_use]
    pub fn effective_role(&self, project: &ProjectId<T>) -> Role {
        if !self.role.is_project_bound() {
            self.role
        } else if self.memberships.annotator_in(project) {
            Role::Annotator
        } else if self.memberships.reviewer_in(project) {
            Role::Reviewer
        } else {
            self.role
        }
    }

    /// The role that counts on the resource: in a project the [effective](Self::effective_role) one,
    /// elsewhere the one in the organization.
    #[must_use]
    pub fn role_on(&self, resource: &impl Resource<T>) -> Role {
        let place = resource.place();
        self.role_at(&place, place.kind())
    }

    /// The role that counts at the place for what is done to a kind of resource.
    pub(crate) fn role_at(&self, place: &Place<'_, T>, kind: Kind) -> Role {
        match (kind, place.project) {
            (Kind::Project | Kind::Task, Some(project))
                if *place.organization == self.organization =>
            {
                self.effective_role(&project.id)
            }
            _ => self.role,
        }
    }
}

/// How a subject holds what is at a place, from which the context of each kind of resource there
/// follows.
pub(crate) struct Held {
    in_workspace: bool,
    in_project: bool,
    own_workspace: bool,
    own_project: bool,
    own_task: bool,
    permitted: bool,
}

impl Held {
    /// The context for what is done to a kind of resource.
    pub(crate) const fn context(held: Option<&Self>, kind: Kind) -> ScopeCtx {
        let Some(held) = held else { return ScopeCtx::outside() };
        let (workspace, project, own, permitted) = match kind {
            Kind::Organization => (false, false, false, false),
            Kind::Workspace => (held.in_workspace, false, held.own_workspace, false),
            Kind::Project => (held.in_workspace, held.in_project, held.own_project, held.permitted),
            Kind::Task => (held.in_workspace, held.in_project, held.own_task, held.permitted),
        };
        let mut ctx = ScopeCtx::organization();
        if workspace {
            ctx = ctx.in_workspace();
        }
        if project {
            ctx = ctx.in_project();
        }
        match (own, permitted) {
            (false, _) => ctx,
            (true, false) => ctx.own(),
            (true, true) => ctx.own_permitted(),
        }
    }
}
