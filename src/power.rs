//! What somebody may do: matrix and reach together, and how both are narrowed.

use crate::context::ScopeCtx;
use crate::decision::{self, Asked, Denied, Granted, Reason};
use crate::fact::{Fact, FactSet, Facts};
use crate::kind::Kind;
use crate::matrix::{Action, Actions, Matrix};
use crate::reach;
use crate::role::Role;
use crate::scope::{Scope, Scopes};

/// A role in an organization, the matrix it is judged by, and how it is narrowed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Power {
    role: Role,
    through_api: bool,
    /// Whatever is in it stands there together with its guard.
    limit: Actions,
    matrix: Matrix,
    /// What follows from the four above, so that a decision has no branches.
    compiled: Compiled,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Compiled {
    /// The facts that count for the role at all.
    kept: FactSet,
    /// By action, and by [`place`]: the scopes that suffice. None where the limit leaves the action out.
    /// `OwnPermitted` is Own where the facts at the place permit it.
    cells: [[Scopes; PLACES]; Action::COUNT],
    /// By place, and by whether an action is done in a project: for each set of the other facts up to a
    /// project's a bit, which is set where the API may be used.
    api: [[u32; 2]; PLACES],
}

/// How many places there are.
const PLACES: usize = 8;

/// The facts that say by which cell somebody is judged, as a number: what they act as, and whether own
/// data is permitted. The facts before them are the [`rest`].
#[inline]
const fn place(facts: Facts) -> usize {
    facts.bits() as usize >> REST & (PLACES - 1)
}

/// The facts before those of the [`place`], as a number.
#[inline]
const fn rest(facts: Facts) -> u32 {
    facts.bits() as u32 & ((1 << REST) - 1)
}

const REST: u32 = Fact::ActsAsAnnotator as u32;

const _: () = assert!(
    Fact::ActsAsReviewer as u32 == REST + 1 && Fact::OwnDataPermitted as u32 == REST + 2,
    "the three facts of a place stand side by side"
);

impl Power {
    pub(crate) const fn new(role: Role) -> Self {
        let cells = [[Scopes::empty(); PLACES]; Action::COUNT];
        let api = [[u32::MAX; 2]; PLACES];
        let (limit, matrix) = (Actions::all(), Matrix::BUILT_IN);
        let compiled = Compiled { kept: reach::kept(role), cells, api };
        Self { role, through_api: false, limit, matrix, compiled }.compile()
    }

    pub(crate) const fn role(&self) -> Role {
        self.role
    }

    pub(crate) const fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    pub(crate) const fn is_through_api(&self) -> bool {
        self.through_api
    }

    pub(crate) const fn limit(&self) -> Actions {
        self.limit
    }

    pub(crate) const fn with_matrix(mut self, matrix: Matrix) -> Self {
        self.matrix = matrix;
        self.compile()
    }

    pub(crate) const fn through_api(mut self) -> Self {
        self.through_api = true;
        self.compile()
    }

    /// The same power, limited to what is in the set together with its guard.
    pub(crate) const fn limited_to(mut self, actions: Actions) -> Self {
        let mut rest: &[Action] = &Action::ALL;
        while let [action, tail @ ..] = rest {
            let guarded = match action.guard() {
                Some(guard) => actions.has(guard),
                None => true,
            };
            if !(actions.has(*action) && guarded) {
                self.limit = self.limit.difference(Actions::of(*action));
            }
            rest = tail;
        }
        self.compile()
    }

    #[expect(clippy::indexing_slicing, reason = "by fieldless enums, and by numbers in range")]
    const fn compile(mut self) -> Self {
        let mut bits = 0;
        while bits < 1 << REST << 3 {
            if let Ok(facts) = Facts::from_bits(bits) {
                let (place, rest) = (place(facts), rest(facts));
                if rest == 0 {
                    self.compile_cells(facts);
                }
                if self.through_api {
                    let [shared, in_project] = &mut self.compiled.api[place];
                    let (role, matrix) = (self.role, &self.matrix);
                    set(shared, rest, api_can(role, matrix, Kind::Workspace, facts));
                    set(in_project, rest, api_can(role, matrix, Kind::Project, facts));
                }
            }
            bits += 1;
        }
        self
    }

    #[expect(clippy::indexing_slicing, reason = "by fieldless enums, and by a place")]
    const fn compile_cells(&mut self, facts: Facts) {
        let mut rest: &[Action] = &Action::ALL;
        while let [action, tail @ ..] = rest {
            let mut suffices = self.matrix.scopes(self.role.row(action.kind(), facts), *action);
            if suffices.has(Scope::OwnPermitted) && facts.has(Fact::OwnDataPermitted) {
                suffices = suffices.union(Scopes::Own);
            }
            let permitted = if self.limit.has(*action) { suffices } else { Scopes::empty() };
            self.compiled.cells[*action as usize][place(facts)] = permitted;
            rest = tail;
        }
    }

    /// The scopes that suffice for the person, however they are narrowed, and those that the facts give
    /// them.
    pub(crate) const fn weigh(&self, action: Action, facts: Facts) -> (Scopes, ScopeCtx) {
        weigh(self.role, &self.matrix, action, facts)
    }

    /// Whether the person may use the API for what is done to a kind of resource.
    pub(crate) const fn api_can(&self, kind: Kind, facts: Facts) -> bool {
        api_can(self.role, &self.matrix, kind, facts)
    }

    /// Returns true if the action is permitted where these facts hold, in the organization.
    #[expect(clippy::indexing_slicing, reason = "by fieldless enums, a bool, and a place")]
    #[inline]
    pub(crate) const fn can(&self, action: Action, facts: Facts) -> bool {
        let (line, Compiled { kept, cells, api }) = (reach::line(action), &self.compiled);
        let place = place(facts);
        let suffices = cells[action as usize][place];
        let api = api[place][line.is_in_project as usize];
        suffices.intersects(line.held(*kept, facts)) & (api >> rest(facts) & 1 != 0)
    }

    /// All that is permitted where these facts hold, in the organization.
    pub(crate) const fn actions(&self, facts: Facts) -> Actions {
        let mut all = Actions::empty();
        let mut rest: &[Kind] = &Kind::ALL;
        while let [kind, tail @ ..] = rest {
            if let Some(role) = self.role.that_counts(*kind, facts) {
                if !self.through_api || self.api_can(*kind, facts) {
                    let ctx = ScopeCtx::from_facts(self.role, *kind, facts);
                    let may = self.matrix.actions(role, ctx);
                    all = all.union(may.intersection(Actions::done_to(*kind)));
                }
            }
            rest = tail;
        }
        all.intersection(self.limit)
    }

    const fn asked(&self, action: Action, facts: Option<Facts>) -> Asked {
        let Self { role, through_api, limit, .. } = *self;
        Asked { role, action, facts, limit, through_api, matrix: self.matrix.fingerprint() }
    }

    /// Decides about a resource in the organization, of which these facts are known.
    #[inline]
    pub(crate) const fn decide(&self, action: Action, facts: Facts) -> Result<Granted, Denied> {
        if self.can(action, facts) {
            let (suffices, held) = self.weigh(action, facts);
            let asked = self.asked(action, Some(facts));
            Ok(Granted { asked, through: suffices.intersection(held.scopes()) })
        } else {
            Err(self.denied(action, facts))
        }
    }

    #[cold]
    const fn denied(&self, action: Action, facts: Facts) -> Denied {
        self.denied_by(action, facts, facts)
    }

    /// The denial of an action with the reason that some facts give, which is hidden or not by what is
    /// known.
    const fn denied_by(&self, action: Action, facts: Facts, known: Facts) -> Denied {
        let acting = self.role.that_counts(action.kind(), facts);
        let (suffices, held) = self.weigh(action, facts);
        let held = held.scopes();
        let reason = if acting.is_none() {
            Reason::ActsAsNobody
        } else if !suffices.intersects(held) {
            decision::reason(self.role, suffices, held)
        } else if !self.limit.has(action) {
            Reason::NotInLimit
        } else {
            Reason::NotThroughApi
        };
        let hidden = match action.guard() {
            Some(guard) => !self.can(guard, known),
            None => false,
        };
        let asked = self.asked(action, Some(facts));
        Denied { asked, acting, held, suffices, reason, hidden }
    }

    /// The denial of a list in which nothing can be permitted, where the facts up to a kind are known.
    /// The reason is that of the most that could still be.
    #[cold]
    pub(crate) fn nothing_left(&self, action: Action, kind: Kind, known: Facts) -> Denied {
        let unknown = Fact::ALL.into_iter().filter(|fact| fact.level() > kind);
        let most = unknown.fold(known, |most, fact| match fact {
            // A reviewer may more.
            Fact::ActsAsAnnotator => most,
            // Nobody is assigned to a task in a project without having tasks there.
            Fact::Assignee => most.with_if(fact, most.has(Fact::ProjectAssignee)),
            _ => most.with(fact),
        });
        self.denied_by(action, most, known)
    }

    /// The denial of an action on a resource of which, for this reason, no facts count.
    #[cold]
    pub(crate) const fn unseen(&self, action: Action, reason: Reason) -> Denied {
        let reason = match decision::powerless(self.role) {
            Some(powerless) => powerless,
            None => reason,
        };
        let (acting, suffices) = (Some(self.role), self.matrix.scopes(self.role, action));
        let asked = self.asked(action, None);
        Denied { asked, acting, held: Scopes::empty(), suffices, reason, hidden: true }
    }
}

const fn set(bits: &mut u32, bit: u32, on: bool) {
    let bit = 1 << bit;
    *bits = if on { *bits | bit } else { *bits & !bit };
}

const fn weigh(role: Role, matrix: &Matrix, action: Action, facts: Facts) -> (Scopes, ScopeCtx) {
    let kind = action.kind();
    let suffices = matrix.scopes(role.row(kind, facts), action);
    (suffices, ScopeCtx::from_facts(role, kind, facts))
}

/// Whether a person may use the API for what is done to a kind of resource: on the project, or, for an
/// organization and a workspace, where the role has the row at all.
const fn api_can(role: Role, matrix: &Matrix, kind: Kind, facts: Facts) -> bool {
    if kind as u8 >= Kind::Project as u8 {
        let (suffices, held) = weigh(role, matrix, Action::UseApi, facts);
        suffices.intersects(held.scopes())
    } else {
        !matrix.scopes(role, Action::UseApi).is_empty()
    }
}
