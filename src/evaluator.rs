//! The evaluator: applies the matrix, the reach table, the token's limit and the API rule to the facts of a row.

use crate::action::{Action, Actions};
use crate::context::ScopeCtx;
use crate::decision::{self, Denied, Granted, Reason, Request};
use crate::fact::{Fact, FactSet, Facts};
use crate::kind::Kind;
use crate::matrix::Matrix;
use crate::reach::effective_role;
use crate::role::Role;
use crate::scope::Scopes;

/// A role in an organization, with the matrix, the limit and the API rule that decide what it may do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Evaluator {
    role: Role,
    matrix: Matrix,
    /// The limit of the token. INVARIANT: if an action is in the set, so is its guard.
    limit: Actions,
    /// Whether the API rule applies.
    through_api: bool,
}

/// The role and the scopes of a subject on a row, for actions on one kind of row.
pub(crate) struct Standing {
    /// `None` if an Annotator or Reviewer has no role in the project.
    pub(crate) effective_role: Option<Role>,
    pub(crate) held: ScopeCtx,
    /// Whether the API rule denies the action.
    is_denied_by_api: bool,
}

impl Evaluator {
    /// Applies the reach table and the API rule.
    #[inline]
    pub(crate) const fn standing(&self, kind: Kind, facts: Facts) -> Standing {
        Standing {
            effective_role: effective_role(self.role, kind, facts),
            held: ScopeCtx::from_facts(self.role, kind, facts),
            is_denied_by_api: self.through_api && !self.may_use_api(kind, facts),
        }
    }

    /// Returns true if the API may be used for actions on this kind of row. For a project and the rows in it,
    /// `api.use` must be permitted on the project. For an organization or a workspace, the role's cell of `api.use`
    /// must not be empty.
    const fn may_use_api(&self, kind: Kind, facts: Facts) -> bool {
        if !kind.is_in_project() {
            return !self.matrix.scopes(self.role, Action::UseApi).is_empty();
        }
        let held = ScopeCtx::from_facts(self.role, Kind::Project, facts);
        match effective_role(self.role, kind, facts) {
            Some(role) => self.matrix.can(role, Action::UseApi, held),
            None => false,
        }
    }

    /// Returns the scopes, each of which permits the action by the matrix.
    #[inline]
    const fn required(&self, action: Action, standing: &Standing) -> Scopes {
        match standing.effective_role {
            Some(role) => self.matrix.scopes(role, action),
            None => Scopes::empty(),
        }
    }

    /// Returns the scopes that permit the action, or the reason of the denial. A reason of role and scopes comes
    /// first, then the limit, then the API rule.
    #[inline]
    const fn judge(&self, action: Action, standing: &Standing) -> Result<Scopes, Reason> {
        let (required, held) = (self.required(action, standing), standing.held.scopes());
        if standing.effective_role.is_none() {
            Err(Reason::ActsAsNobody)
        } else if !required.intersects(held) {
            Err(decision::reason(self.role, required, held))
        } else if !self.limit.has(action) {
            Err(Reason::NotInLimit)
        } else if standing.is_denied_by_api {
            Err(Reason::NotThroughApi)
        } else {
            Ok(required.intersection(held))
        }
    }

    #[inline]
    pub(crate) const fn can(&self, action: Action, facts: Facts) -> bool {
        self.judge(action, &self.standing(action.kind(), facts)).is_ok()
    }

    /// Returns the permitted actions among those that are done to this kind of row.
    pub(crate) const fn actions(&self, kind: Kind, facts: Facts) -> Actions {
        let mut permitted = Actions::done_to(kind);
        let standing = self.standing(kind, facts);
        let mut rest: &[Action] = &Action::ALL;
        while let [action, tail @ ..] = rest {
            if permitted.has(*action) && self.judge(*action, &standing).is_err() {
                permitted = permitted.difference(Actions::of(*action));
            }
            rest = tail;
        }
        permitted
    }

    /// Returns the permitted actions among those that are done to this kind of row or to the kinds within it.
    pub(crate) fn actions_from(&self, kind: Kind, facts: Facts) -> Actions {
        let kinds = Kind::ALL.into_iter().filter(|other| *other >= kind);
        kinds.fold(Actions::empty(), |actions, kind| actions.union(self.actions(kind, facts)))
    }

    /// Returns the actions for which rows within this row may be listed.
    pub(crate) fn actions_in(&self, within: Kind, facts: Facts) -> Actions {
        let kinds = Kind::ALL.into_iter().filter(|&kind| within.lists(kind).is_some());
        let roles = [Fact::ActsAsAnnotator, Fact::ActsAsReviewer];
        let most = roles.map(|role| most_within(within, facts, role));
        kinds.fold(Actions::empty(), |actions, kind| {
            most.iter().fold(actions, |actions, &most| actions.union(self.actions(kind, most)))
        })
    }

    #[inline]
    pub(crate) const fn decide(&self, action: Action, facts: Facts) -> Result<Granted, Denied> {
        let standing = self.standing(action.kind(), facts);
        match self.judge(action, &standing) {
            Ok(scopes) => Ok(Granted { request: self.request(action, Some(facts)), scopes }),
            Err(reason) => Err(self.deny(action, facts, &standing, reason)),
        }
    }

    #[cold]
    const fn deny(
        &self,
        action: Action,
        facts: Facts,
        standing: &Standing,
        reason: Reason,
    ) -> Denied {
        Denied {
            request: self.request(action, Some(facts)),
            effective_role: standing.effective_role,
            held: standing.held.scopes(),
            required: self.required(action, standing),
            reason,
            hidden: match action.guard() {
                Some(guard) => !self.can(guard, facts),
                None => false,
            },
        }
    }

    /// Denies an action on a row without facts for this subject. The reason says why there are none.
    #[cold]
    pub(crate) const fn deny_without_facts(&self, action: Action, reason: Reason) -> Denied {
        let reason = match decision::powerless(self.role) {
            Some(powerless) => powerless,
            None => reason,
        };
        let (effective_role, required) = (Some(self.role), self.matrix.scopes(self.role, action));
        let request = self.request(action, None);
        Denied { request, effective_role, held: Scopes::empty(), required, reason, hidden: true }
    }

    /// Denies a list within a row, because no row within it can be permitted. The reason is computed as if every
    /// unknown fact were true and an unknown project role were Reviewer.
    #[cold]
    pub(crate) fn deny_list(&self, action: Action, within: Kind, known: Facts) -> Denied {
        let most = most_within(within, known, Fact::ActsAsReviewer);
        let standing = self.standing(action.kind(), most);
        let reason = self.judge(action, &standing).err().unwrap_or(Reason::ScopeNotHeld);
        Denied {
            effective_role: effective_role(self.role, action.kind(), known),
            ..self.deny(action, known, &standing, reason)
        }
    }

    /// Returns the action that views a row of this kind: for a task or a record, its data.
    pub(crate) const fn view(kind: Kind) -> Action {
        match kind {
            Kind::Organization => Action::ViewPeoplePage,
            Kind::Workspace => Action::ViewWorkspace,
            Kind::Project => Action::ViewProject,
            Kind::Task | Kind::Record => Action::ViewProjectData,
        }
    }

    /// Decides whether a list of people may be seen: the people who may do an action to a row of this kind. The view
    /// action of the row comes first, with its answer. The answer of a denied [`Action::ViewPeoplePage`] is 403, since
    /// the row is not hidden.
    pub(crate) const fn decide_people(&self, kind: Kind, facts: Facts) -> Result<Granted, Denied> {
        if let Err(denied) = self.decide(Self::view(kind), facts) {
            return Err(denied);
        }
        match self.decide(Action::ViewPeoplePage, facts) {
            Ok(granted) => Ok(granted),
            Err(denied) => Err(Denied { hidden: false, ..denied }),
        }
    }

    /// Decides whether a report of the organization may be seen. Each of the two denials has its own answer.
    pub(crate) const fn decide_report(&self, facts: Facts) -> Result<Granted, Denied> {
        match self.decide(Action::ViewPeoplePage, facts) {
            Ok(_) => self.decide(Action::ViewActivityLog, facts),
            denied => denied,
        }
    }

    pub(crate) const fn request(&self, action: Action, facts: Option<Facts>) -> Request {
        let Self { role, through_api, limit, .. } = *self;
        Request { role, action, facts, limit, through_api, matrix: self.matrix.fingerprint() }
    }
}

impl Evaluator {
    pub(crate) const fn new(role: Role) -> Self {
        Self { role, matrix: Matrix::BUILT_IN, limit: Actions::all(), through_api: false }
    }

    /// Returns the evaluator for a member as this matrix judges them: in a browser's session, without a limit.
    pub(crate) const fn of_member(role: Role, matrix: &Matrix) -> Self {
        Self::new(role).with_matrix(*matrix)
    }

    pub(crate) const fn with_matrix(self, matrix: Matrix) -> Self {
        Self { matrix, ..self }
    }

    pub(crate) const fn through_api(self) -> Self {
        Self { through_api: true, ..self }
    }

    /// Limits the evaluator further, to the actions whose guards are in the set too.
    pub(crate) const fn limited_to(self, actions: Actions) -> Self {
        Self { limit: self.limit.intersection(actions.with_guards()), ..self }
    }

    pub(crate) const fn role(&self) -> Role {
        self.role
    }

    pub(crate) const fn matrix(&self) -> &Matrix {
        &self.matrix
    }

    pub(crate) const fn limit(&self) -> Actions {
        self.limit
    }

    pub(crate) const fn is_through_api(&self) -> bool {
        self.through_api
    }
}

/// Returns the most facts that a row within this row can have: the known facts, and all unknown ones. An unknown
/// project role is taken to be `project_role`.
fn most_within(within: Kind, facts: Facts, project_role: Fact) -> Facts {
    let known = facts.among(FactSet::known_within(within));
    FactSet::unknown_within(within).elements().fold(known, |most, fact| match fact {
        Fact::ActsAsAnnotator | Fact::ActsAsReviewer => most.with_if(fact, fact == project_role),
        // It implies `ProjectAssignee`, which may be known to be false.
        Fact::Assignee => most.with_if(fact, most.has(Fact::ProjectAssignee)),
        _ => most.with(fact),
    })
}
