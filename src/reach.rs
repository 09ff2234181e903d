//! Table 2: which facts grant which scope; and the role that an annotator or reviewer has in a project.

use crate::context::ScopeCtx;
use crate::fact::{Fact, FactSet, Facts};
use crate::kind::Kind;
use crate::role::Role;

/// One row of the reach table: for each scope, the facts, each of which grants it.
struct Row {
    own: FactSet,
    project: FactSet,
    workspace: FactSet,
}

/// Expands to the set of the listed facts; `-` is none.
macro_rules! any {
    (-) => { FactSet::empty() };
    ($($Fact:ident);+) => { FactSet::empty()$(.union(FactSet::$Fact))+ };
}

macro_rules! reach {
    (Own Project Workspace $( $($Kind:ident)+ [$($own:tt)+] [$($project:tt)+] [$($workspace:tt)+] )+) => {
        impl Row {
            #[inline]
            const fn of(kind: Kind) -> &'static Self {
                match kind {
                    $( $(Kind::$Kind)|+ => const {
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
    Task Record  [Assignee; Author]  [ProjectMember; ProjectAssignee; ProjectCreator] [WorkspaceCreator; WorkspaceMember]
}

/// The facts that grant nothing to an Annotator or Reviewer of the organization: a demoted manager loses access to
/// the projects that they created.
const NOT_IF_PROJECT_BOUND: FactSet = FactSet::ProjectCreator;

/// The facts that grant Own only if Project is held too: a member who was removed from a project cannot change
/// their annotations in it.
const OWN_IF_PROJECT: FactSet = FactSet::Author;

impl ScopeCtx {
    /// The scopes that the facts of a row grant to a user with this role in the organization, for actions on this
    /// kind of row. The row must be in the user's organization.
    ///
    /// ```
    /// use labelgate::{Fact, Facts, Kind, Role, ScopeCtx};
    ///
    /// let facts = Facts::none().with(Fact::ProjectCreator);
    /// let held = ScopeCtx::from_facts(Role::Manager, Kind::Project, facts);
    /// assert_eq!(held, ScopeCtx::organization().in_project().own());
    ///
    /// // A demoted manager loses access to the projects that they created.
    /// let held = ScopeCtx::from_facts(Role::Annotator, Kind::Project, facts);
    /// assert_eq!(held, ScopeCtx::organization());
    /// ```
    #[must_use]
    #[inline]
    pub const fn from_facts(role: Role, kind: Kind, facts: Facts) -> Self {
        let row = Row::of(kind);
        let counted = match role.is_project_bound() {
            true => facts.set().difference(NOT_IF_PROJECT_BOUND),
            false => facts.set(),
        };
        let in_project = counted.intersects(row.project);
        let own = if in_project { row.own } else { row.own.difference(OWN_IF_PROJECT) };
        let mut held = Self::organization();
        if counted.intersects(row.workspace) {
            held = held.in_workspace();
        }
        if in_project {
            held = held.in_project();
        }
        if counted.intersects(own) {
            held = held.own();
            // A workspace has no such setting.
            if kind.is_in_project() && counted.has(Fact::OwnDataPermitted) {
                held = held.own_permitted();
            }
        }
        held
    }
}

/// Returns the role whose cells decide about actions on this kind of row: the role in the organization or, for an
/// Annotator or Reviewer in a project, the role in the project. Returns `None` if the facts have no role in the
/// project: then every action is denied.
#[inline]
pub(crate) const fn effective_role(role: Role, kind: Kind, facts: Facts) -> Option<Role> {
    if !role.is_project_bound() || !kind.is_in_project() {
        Some(role)
    } else if facts.has(Fact::ActsAsAnnotator) {
        Some(Role::Annotator)
    } else if facts.has(Fact::ActsAsReviewer) {
        Some(Role::Reviewer)
    } else {
        None
    }
}
