//! Table 2: which facts give which scope, and which role counts.

use crate::context::ScopeCtx;
use crate::fact::{Fact, FactSet, Facts};
use crate::kind::Kind;
use crate::matrix::Action;
use crate::role::{ProjectRole, Role};
use crate::scope::{Scope, Scopes};

/// A line: by scope, the facts of which one gives it.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    /// Whether it is of a project, or of something in one.
    pub(crate) is_in_project: bool,
    /// Where the scope Project is not held, and where it is.
    own: [FactSet; 2],
    project: FactSet,
    workspace: FactSet,
}

/// A list of facts of which one suffices, `-` for none.
macro_rules! any {
    (-) => { FactSet::empty() };
    ($($Fact:ident);+) => { FactSet::empty()$(.union(FactSet::$Fact))+ };
}

macro_rules! reach {
    (Own Project Workspace $( $Kind:ident [$($own:tt)+] [$($project:tt)+] [$($workspace:tt)+] )+) => {
        /// A line for each kind of resource, in the order of [`Kind::ALL`].
        const LINES: [Line; Kind::COUNT] = [$(
            Line {
                is_in_project: Kind::$Kind as u8 >= Kind::Project as u8,
                own: [any!($($own)+).difference(WITH_PROJECT), any!($($own)+)],
                project: any!($($project)+),
                workspace: any!($($workspace)+),
            },
        )+];

        const _: () = {
            let mut line = 0;
            $(
                assert!(Kind::$Kind as usize == line);
                line += 1;
            )+
            assert!(line == Kind::COUNT);
        };
    };
}

reach! {
                 Own                 Project                                          Workspace
    Organization [-]                 [-]                                              [-]
    Workspace    [WorkspaceCreator]  [-]                                              [WorkspaceCreator; WorkspaceMember]
    Project      [ProjectCreator]    [ProjectMember; ProjectAssignee; ProjectCreator] [WorkspaceCreator; WorkspaceMember]
    Task         [Assignee; Author]  [ProjectMember; ProjectAssignee; ProjectCreator] [WorkspaceCreator; WorkspaceMember]
}

/// Not for organization roles Annotator and Reviewer: a demoted manager does not keep working in what
/// they once created.
const NOT_PROJECT_BOUND: FactSet = FactSet::ProjectCreator;

/// Only together with the scope Project: who was taken out of a project does not go on changing what
/// they once annotated there.
const WITH_PROJECT: FactSet = FactSet::Author;

/// The lines by action: those of the kinds that they are done to.
const LINES_BY_ACTION: [Line; Action::COUNT] = {
    let mut lines = [LINES[0]; Action::COUNT];
    let mut rest: &[Action] = &Action::ALL;
    while let [action, tail @ ..] = rest {
        #[expect(clippy::indexing_slicing, reason = "by fieldless enums")]
        {
            lines[*action as usize] = LINES[action.kind() as usize];
        }
        rest = tail;
    }
    lines
};

impl Line {
    /// The scopes that facts give, of which only some are kept; `OwnPermitted` is left out. A scope that
    /// is held adds its flag: there is no branch in it.
    #[expect(clippy::indexing_slicing, reason = "by a bool")]
    #[inline]
    pub(crate) const fn held(&self, kept: FactSet, facts: Facts) -> Scopes {
        const fn flag(scope: Scope, held: bool) -> u8 {
            (held as u8) << scope as u8
        }
        let facts = facts.set().intersection(kept);
        let in_project = facts.intersects(self.project);
        Scopes::from_bits_retain(
            flag(Scope::Organization, true)
                | flag(Scope::Own, facts.intersects(self.own[in_project as usize]))
                | flag(Scope::Project, in_project)
                | flag(Scope::Workspace, facts.intersects(self.workspace)),
        )
    }
}

/// By role, the facts that count at all.
const KEPT: [FactSet; Role::COUNT] = {
    let mut kept = [FactSet::all(); Role::COUNT];
    let mut rest: &[Role] = &Role::ALL;
    while let [role, tail @ ..] = rest {
        if role.is_project_bound() {
            #[expect(clippy::indexing_slicing, reason = "by a fieldless enum")]
            {
                kept[*role as usize] = FactSet::all().difference(NOT_PROJECT_BOUND);
            }
        }
        rest = tail;
    }
    kept
};

#[expect(clippy::indexing_slicing, reason = "by a fieldless enum")]
#[inline]
pub(crate) const fn line(action: Action) -> &'static Line {
    &LINES_BY_ACTION[action as usize]
}

#[expect(clippy::indexing_slicing, reason = "by a fieldless enum")]
pub(crate) const fn kept(role: Role) -> FactSet {
    KEPT[role as usize]
}

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
    #[expect(clippy::indexing_slicing, reason = "by fieldless enums")]
    #[inline]
    pub const fn from_facts(role: Role, kind: Kind, facts: Facts) -> Self {
        let held = LINES[kind as usize].held(KEPT[role as usize], facts);
        Self::from_reach(if held.has(Scope::Own) && facts.has(Fact::OwnDataPermitted) {
            held.union(Scopes::OwnPermitted)
        } else {
            held
        })
    }
}

/// The table read backwards: each set of facts that gives the scope to a user with this role in the
/// organization.
pub(crate) fn giving(role: Role, kind: Kind, scope: Scope, mut enough: impl FnMut(FactSet)) {
    #[expect(clippy::indexing_slicing, reason = "by fieldless enums")]
    let (line, kept) = (&LINES[kind as usize], KEPT[role as usize]);
    let facts = |set: FactSet| set.intersection(kept).elements().map(FactSet::of);
    match scope {
        Scope::Organization => enough(FactSet::empty()),
        Scope::Project => facts(line.project).for_each(enough),
        Scope::Workspace => facts(line.workspace).for_each(enough),
        Scope::Own | Scope::OwnPermitted => {
            let with = match scope {
                Scope::OwnPermitted => FactSet::OwnDataPermitted,
                _ => FactSet::empty(),
            };
            let [alone, in_project] = line.own;
            facts(alone).for_each(|own| enough(own.union(with)));
            for own in facts(in_project.difference(alone)) {
                facts(line.project).for_each(|project| enough(own.union(project).union(with)));
            }
        }
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
        if !self.is_project_bound() || (kind as u8) < Kind::Project as u8 {
            Some(self)
        } else if facts.has(Fact::ActsAsAnnotator) {
            Some(Self::Annotator)
        } else if facts.has(Fact::ActsAsReviewer) {
            Some(Self::Reviewer)
        } else {
            None
        }
    }

    /// The row of a matrix by which [the role that counts](Self::that_counts) is judged. Nobody holds
    /// nothing in any matrix, as somebody who is not activated.
    #[expect(clippy::indexing_slicing, reason = "by fieldless enums, and by two bits")]
    #[inline]
    pub(crate) const fn row(self, kind: Kind, facts: Facts) -> Self {
        const ACTS_AS: u16 = Fact::ActsAsAnnotator as u16;
        const ROWS: [[[Role; 4]; Kind::COUNT]; Role::COUNT] = {
            let mut rows = [[[Role::NotActivated; 4]; Kind::COUNT]; Role::COUNT];
            let mut at = 0;
            while at < Role::COUNT * Kind::COUNT * 3 {
                let (role, kind, acts_as) = (at / 12, at % 12 / 3, at % 3);
                let facts = match acts_as {
                    0 => Facts::none(),
                    1 => Facts::none().with(Fact::ActsAsAnnotator),
                    _ => Facts::none().with(Fact::ActsAsReviewer),
                };
                if let Some(counts) = Role::ALL[role].that_counts(Kind::ALL[kind], facts) {
                    rows[role][kind][acts_as] = counts;
                }
                at += 1;
            }
            rows
        };
        ROWS[self as usize][kind as usize][(facts.bits() >> ACTS_AS & 3) as usize]
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
