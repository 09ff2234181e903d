//! Table 2: which facts give which scope, and which role counts.

use crate::context::ScopeCtx;
use crate::fact::{Fact, FactSet, Facts};
use crate::kind::Kind;
use crate::role::{ProjectRole, Role};

/// One row of the reach table: for each scope, the facts any one of which gives it.
struct Row {
    own: FactSet,
    project: FactSet,
    workspace: FactSet,
}

/// A list of facts any one of which is enough, `-` for none.
macro_rules! any {
    (-) => { FactSet::empty() };
    ($($Fact:ident);+) => { FactSet::empty()$(.union(FactSet::$Fact))+ };
}

macro_rules! reach {
    (Own Project Workspace $( $Kind:ident [$($own:tt)+] [$($project:tt)+] [$($workspace:tt)+] )+) => {
        impl Row {
            #[inline]
            const fn of(kind: Kind) -> &'static Self {
                match kind {
                    $( Kind::$Kind => const {
                        &Self {
                            own: any!($($own)+),
                            project: any!($($project)+),
                            workspace: any!($($workspace)+),
                        }
                    } )+
                }
            }
        }
    };
}

reach! {
                 Own                 Project                                          Workspace
    Organization [-]                 [-]                                              [-]
    Workspace    [WorkspaceCreator]  [-]                                              [WorkspaceCreator; WorkspaceMember]
    Project      [ProjectCreator]    [ProjectMember; ProjectAssignee; ProjectCreator] [WorkspaceCreator; WorkspaceMember]
    Task         [Assignee; Author]  [ProjectMember; ProjectAssignee; ProjectCreator] [WorkspaceCreator; WorkspaceMember]
}

/// Does not count for organization roles Annotator and Reviewer: a demoted manager does not keep working in
/// what they once created.
const NOT_PROJECT_BOUND: FactSet = FactSet::ProjectCreator;

/// Gives Own only to whoever holds Project too: a member who was taken out of a project does not go on
/// changing what they once annotated there.
const OWN_WITH_PROJECT: FactSet = FactSet::Author;

impl ScopeCtx {
    /// The scopes that the facts give to a user with this role in the organization, for what is done to a
    /// kind of resource. The resource must be in the user's organization.
    ///
    /// ```
    /// use labelgate::{Fact, Facts, Kind, Role, ScopeCtx};
    ///
    /// let facts = Facts::none().with(Fact::ProjectCreator);
    /// let held = ScopeCtx::from_facts(Role::Manager, Kind::Project, facts);
    /// assert_eq!(held, ScopeCtx::organization().in_project().own());
    ///
    /// // A demoted manager does not keep working in what they once created.
    /// let held = ScopeCtx::from_facts(Role::Annotator, Kind::Project, facts);
    /// assert_eq!(held, ScopeCtx::organization());
    /// ```
    #[must_use]
    #[inline]
    pub const fn from_facts(role: Role, kind: Kind, facts: Facts) -> Self {
        let row = Row::of(kind);
        let counted = match role.is_project_bound() {
            true => facts.set().difference(NOT_PROJECT_BOUND),
            false => facts.set(),
        };
        let in_project = counted.intersects(row.project);
        let own = if in_project { row.own } else { row.own.difference(OWN_WITH_PROJECT) };
        let mut held = Self::organization();
        if counted.intersects(row.workspace) {
            held = held.in_workspace();
        }
        if in_project {
            held = held.in_project();
        }
        if counted.intersects(own) {
            held = held.own();
            // The setting is a project's.
            if kind.is_in_project() && counted.has(Fact::OwnDataPermitted) {
                held = held.own_permitted();
            }
        }
        held
    }
}

impl Role {
    /// The role that counts for what is done to a kind of resource, if this is the role in the organization.
    ///
    /// In projects, an Annotator or Reviewer counts as what the facts say that they act as. `None` means that
    /// the facts say neither: the user counts as nobody and holds nothing. Other roles count as they are.
    ///
    /// ```
    /// use labelgate::{Fact, Facts, Kind, Role};
    ///
    /// let reviews = Facts::none().with(Fact::ActsAsReviewer);
    /// assert_eq!(Role::Annotator.that_counts(Kind::Project, reviews), Some(Role::Reviewer));
    /// assert_eq!(Role::Annotator.that_counts(Kind::Workspace, reviews), Some(Role::Annotator));
    /// assert_eq!(Role::Annotator.that_counts(Kind::Project, Facts::none()), None);
    /// assert_eq!(Role::Manager.that_counts(Kind::Project, reviews), Some(Role::Manager));
    /// ```
    #[must_use]
    #[inline]
    pub const fn that_counts(self, kind: Kind, facts: Facts) -> Option<Self> {
        if !self.is_project_bound() || !kind.is_in_project() {
            Some(self)
        } else if facts.has(Fact::ActsAsAnnotator) {
            Some(Self::Annotator)
        } else if facts.has(Fact::ActsAsReviewer) {
            Some(Self::Reviewer)
        } else {
            None
        }
    }

    /// What a member with this role in the organization acts as in one project, if the data names these roles
    /// in the project for them.
    ///
    /// This is how [`Fact::ActsAsAnnotator`] and [`Fact::ActsAsReviewer`] are computed from rows. Only an
    /// Annotator or Reviewer of the organization acts as either. If the data names both roles, they act as an
    /// Annotator.
    ///
    /// ```
    /// use labelgate::{ProjectRole, Role};
    ///
    /// assert_eq!(Role::Annotator.acts_as(&[]), Some(ProjectRole::Annotator));
    /// assert_eq!(Role::Annotator.acts_as(&[ProjectRole::Reviewer]), Some(ProjectRole::Reviewer));
    /// assert_eq!(Role::Manager.acts_as(&[ProjectRole::Reviewer]), None);
    /// ```
    #[must_use]
    pub const fn acts_as(self, in_project: &[ProjectRole]) -> Option<ProjectRole> {
        let mut acts_as = match self {
            Self::Annotator => ProjectRole::Annotator,
            Self::Reviewer => ProjectRole::Reviewer,
            Self::Owner
            | Self::Administrator
            | Self::Manager
            | Self::NotActivated
            | Self::Deactivated => return None,
        };
        if let [first, rest @ ..] = in_project {
            acts_as = *first;
            let mut rest = rest;
            while let [role, tail @ ..] = rest {
                if matches!(role, ProjectRole::Annotator) {
                    acts_as = ProjectRole::Annotator;
                }
                rest = tail;
            }
        }
        Some(acts_as)
    }
}
