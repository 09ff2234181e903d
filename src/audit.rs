//! What a log keeps of a decision.
//!
//! [`Permit::audit`], [`Denied::audit`] and [`Granted::audit`] return the record of the one evaluation that
//! made them.

use crate::decision::{Asked, Denied, Granted, Reason};
use crate::evaluator::Evaluator;
use crate::fact::Facts;
pub use crate::matrix::Fingerprint;
use crate::matrix::{Action, ActionType, Actions, Matrix};
use crate::permit::Permit;
use crate::role::Role;

/// The record of a decision: what was asked, of whom, what was known, what the answer was and why, and by
/// which matrix. It can be replayed, and it holds no personal data: add who asked and about what.
///
/// The permit and the denial carry the evaluation that made them, so a log cannot contradict what was
/// enforced. With the feature `serde`:
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use labelgate::resource::Organization;
/// use labelgate::{Matrix, OrganizationId, Role, Subject, UserId, act};
///
/// let (acme, mia) = (OrganizationId(1), UserId(7));
/// let subject = Subject::new(acme, mia, Role::Manager);
/// let denied = subject.authorize(act::InvitePeople, Organization::seen_by(acme, mia)).unwrap_err();
/// assert_eq!(
///     serde_json::to_value(denied.audit()).unwrap(),
///     serde_json::json!({
///         "role": "MA",
///         "action": "organizations.invite",
///         "facts": [],
///         "through_api": false,
///         "limit": null,
///         "allowed": false,
///         "reason": "role_never_holds",
///         "matrix": Matrix::BUILT_IN.fingerprint().to_string(),
///     }),
/// );
/// assert!(denied.audit().agrees_with(&Matrix::BUILT_IN));
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Audit {
    /// The role in the organization.
    pub role: Role,
    /// The action that was asked about.
    pub action: Action,
    /// The facts that were known. `None` if none counted, because the resource was not found, is in another
    /// organization, or was selected for another user. Also `None` for a decision about a
    /// [`ScopeCtx`](crate::ScopeCtx), which cannot be replayed.
    pub facts: Option<Facts>,
    /// Whether the subject asked through the API.
    pub through_api: bool,
    /// The actions that the subject was limited to. `None` if it was not limited.
    pub limit: Option<Actions>,
    /// Whether the action was permitted.
    pub allowed: bool,
    /// Why the action was denied. `None` if it was permitted.
    pub reason: Option<Reason>,
    /// The matrix that decided.
    pub matrix: Fingerprint,
}

#[cfg(feature = "serde")]
crate::serial::object!(Audit { role, action, facts, through_api, limit, allowed, reason, matrix });

impl Audit {
    const fn new(asked: Asked, reason: Option<Reason>) -> Self {
        let Asked { role, action, facts, limit, through_api, matrix } = asked;
        let limit = if limit.is_all() { None } else { Some(limit) };
        let allowed = reason.is_none();
        Self { role, action, facts, through_api, limit, allowed, reason, matrix }
    }

    /// Returns true if this matrix made the decision and makes it again: if the record is as it was made.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
    /// let mut record = subject.decide(Action::InvitePeople, subject.here()).unwrap().audit();
    /// assert!(record.agrees_with(&Matrix::BUILT_IN));
    ///
    /// record.role = Role::Annotator; // somebody changed the log
    /// assert!(!record.agrees_with(&Matrix::BUILT_IN));
    /// ```
    #[must_use]
    pub fn agrees_with(&self, matrix: &Matrix) -> bool {
        let mut evaluator = Evaluator::new(self.role).with_matrix(*matrix);
        if self.through_api {
            evaluator = evaluator.through_api();
        }
        if let Some(limit) = self.limit {
            evaluator = evaluator.limited_to(limit);
        }
        let again = match (self.facts, self.reason) {
            (Some(facts), _) => match evaluator.decide(self.action, facts) {
                Ok(granted) => granted.audit(),
                Err(denied) => denied.audit(),
            },
            // The person's reason comes first, if there is one.
            (None, Some(Reason::NotActivated | Reason::Deactivated)) => {
                evaluator.deny_without_facts(self.action, Reason::NotFound).audit()
            }
            (
                None,
                Some(reason @ (Reason::NotFound | Reason::OutsideOrganization | Reason::OtherUser)),
            ) => evaluator.deny_without_facts(self.action, reason).audit(),
            (None, _) => return false,
        };
        *self == again
    }
}

impl Granted {
    /// The record of the decision.
    #[must_use]
    pub const fn audit(&self) -> Audit {
        Audit::new(self.asked, None)
    }
}

impl Denied {
    /// The record of the decision.
    #[must_use]
    pub const fn audit(&self) -> Audit {
        Audit::new(self.asked, Some(self.reason))
    }
}

impl<A: ActionType, R> Permit<A, R> {
    /// The record of the decision.
    #[must_use]
    pub const fn audit(&self) -> Audit {
        self.granted().audit()
    }
}
