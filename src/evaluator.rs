//! The evaluator: applies the matrix, the reach table, the token's limit and the API rule to the facts of a row.

use crate::context::ScopeCtx;
use crate::decision::{self, Asked, Denied, Granted, Reason};
use crate::fact::{Fact, Facts};
use crate::kind::Kind;
use crate::matrix::{Action, Actions, Matrix};
use crate::role::Role;
use crate::scope::Scopes;

/// A role in an organization, the matrix it is judged by, and how it is narrowed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Evaluator {
    role: Role,
    matrix: Matrix,
    /// INVARIANT: if an action is in the set, so is its guard.
    limit: Actions,
    through_api: bool,
}

/// How the subject stands to one kind of row, by its facts.
pub(crate) struct Standing {
    /// `None` if an Annotator or Reviewer has no role in the project.
    pub(crate) effective_role: Option<Role>,
    pub(crate) held: ScopeCtx,
    is_kept_from_api: bool,
}

impl Evaluator {
    /// Reads the reach table.
    #[inline]
    pub(crate) const fn standing(&self, kind: Kind, facts: Facts) -> Standing {
        Standing {
            effective_role: self.role.that_counts(kind, facts),
            held: ScopeCtx::from_facts(self.role, kind, facts),
            is_kept_from_api: self.through_api && !self.may_use_api(kind, facts),
        }
    }

    /// Returns true if the person may use the API for what is done to this kind of row. In a project, that is
    /// asked of the project. Elsewhere it is enough that the role has `api.use` at all.
    const fn may_use_api(&self, kind: Kind, facts: Facts) -> bool {
        if !kind.is_in_project() {
            return !self.matrix.scopes(self.role, Action::UseApi).is_empty();
        }
        let held = ScopeCtx::from_facts(self.role, Kind::Project, facts);
        match self.role.that_counts(kind, facts) {
            Some(role) => self.matrix.can(role, Action::UseApi, held),
            None => false,
        }
    }

    /// Returns the scopes of which the matrix requires one.
    #[inline]
    const fn required(&self, action: Action, standing: &Standing) -> Scopes {
        match standing.effective_role {
            Some(role) => self.matrix.scopes(role, action),
            None => Scopes::empty(),
        }
    }

    /// Returns the scopes that permit the action, or the first reason why none does: the person's, the
    /// limit's, the API's.
    #[inline]
    const fn judge(&self, action: Action, standing: &Standing) -> Result<Scopes, Reason> {
        let (required, held) = (self.required(action, standing), standing.held.scopes());
        if standing.effective_role.is_none() {
            Err(Reason::ActsAsNobody)
        } else if !required.intersects(held) {
            Err(decision::reason(self.role, required, held))
        } else if !self.limit.has(action) {
            Err(Reason::NotInLimit)
        } else if standing.is_kept_from_api {
            Err(Reason::NotThroughApi)
        } else {
            Ok(required.intersection(held))
        }
    }

    #[inline]
    pub(crate) const fn can(&self, action: Action, facts: Facts) -> bool {
        self.judge(action, &self.standing(action.kind(), facts)).is_ok()
    }

    /// Returns the actions that are permitted.
    pub(crate) const fn actions(&self, facts: Facts) -> Actions {
        let mut permitted = Actions::empty();
        let mut kinds: &[Kind] = &Kind::ALL;
        while let [kind, other_kinds @ ..] = kinds {
            let standing = self.standing(*kind, facts);
            let mut actions = Actions::done_to(*kind);
            let mut rest: &[Action] = &Action::ALL;
            while let [action, tail @ ..] = rest {
                if actions.has(*action) && self.judge(*action, &standing).is_err() {
                    actions = actions.difference(Actions::of(*action));
                }
                rest = tail;
            }
            permitted = permitted.union(actions);
            kinds = other_kinds;
        }
        permitted
    }

    #[inline]
    pub(crate) const fn decide(&self, action: Action, facts: Facts) -> Result<Granted, Denied> {
        let standing = self.standing(action.kind(), facts);
        match self.judge(action, &standing) {
            Ok(through) => Ok(Granted { asked: self.asked(action, Some(facts)), through }),
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
            asked: self.asked(action, Some(facts)),
            acting: standing.effective_role,
            held: standing.held.scopes(),
            suffices: self.required(action, standing),
            reason,
            hidden: match action.guard() {
                Some(guard) => !self.can(guard, facts),
                None => false,
            },
        }
    }

    /// Denies an action on a row of which no facts count, for this reason.
    #[cold]
    pub(crate) const fn deny_without_facts(&self, action: Action, reason: Reason) -> Denied {
        let reason = match decision::powerless(self.role) {
            Some(powerless) => powerless,
            None => reason,
        };
        let (acting, suffices) = (Some(self.role), self.matrix.scopes(self.role, action));
        let asked = self.asked(action, None);
        Denied { asked, acting, held: Scopes::empty(), suffices, reason, hidden: true }
    }

    /// Denies a list within a row in which nothing can be permitted. The reason is computed as if every
    /// unknown fact were true, and an unknown role in the project were Reviewer.
    #[cold]
    pub(crate) fn deny_list(&self, action: Action, within: Kind, known: Facts) -> Denied {
        let unknown = Fact::ALL.into_iter().filter(|fact| fact.level() > within);
        let most = unknown.fold(known, |most, fact| match fact {
            Fact::ActsAsAnnotator => most,
            // Nobody is assigned to a task in a project without having tasks there.
            Fact::Assignee => most.with_if(fact, most.has(Fact::ProjectAssignee)),
            _ => most.with(fact),
        });
        let standing = self.standing(action.kind(), most);
        let reason = self.judge(action, &standing).err().unwrap_or(Reason::ScopeNotHeld);
        Denied {
            acting: self.role.that_counts(action.kind(), known),
            ..self.deny(action, known, &standing, reason)
        }
    }

    const fn asked(&self, action: Action, facts: Option<Facts>) -> Asked {
        let Self { role, through_api, limit, .. } = *self;
        Asked { role, action, facts, limit, through_api, matrix: self.matrix.fingerprint() }
    }
}

impl Evaluator {
    pub(crate) const fn new(role: Role) -> Self {
        Self { role, matrix: Matrix::BUILT_IN, limit: Actions::all(), through_api: false }
    }

    pub(crate) const fn with_matrix(self, matrix: Matrix) -> Self {
        Self { matrix, ..self }
    }

    pub(crate) const fn through_api(self) -> Self {
        Self { through_api: true, ..self }
    }

    /// Limits the evaluator to the actions that are in the set together with their guards.
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
