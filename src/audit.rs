//! Audit records of decisions, for a log.
//!
//! [`Permit::audit`], [`Listing::audit`], [`People::audit`], [`Report::audit`], [`Denied::audit`] and
//! [`Granted::audit`] return the record of the decision that made them.

use crate::action::{Action, ActionType, Actions};
use crate::decision::{Denied, Granted, Reason, Request};
use crate::evaluator::Evaluator;
use crate::fact::Facts;
use crate::filter::Filter;
use crate::kind::Kind;
use crate::listing::Listing;
pub use crate::matrix::Fingerprint;
use crate::matrix::Matrix;
use crate::people::People;
use crate::permit::Permit;
use crate::report::Report;
use crate::role::Role;
use crate::row::RowId;

/// The record of a decision: its inputs, the result, the reason of a denial, and the fingerprint of the matrix.
/// [`agrees_with`](Self::agrees_with) replays it. It has no personal data: your log adds the user and the row.
///
/// A permit or denial has the record of its own decision, so a log cannot contradict what was enforced. With the
/// feature `serde`:
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use labelgate::{Matrix, OrganizationId, Role, Subject, UserId, act};
///
/// let (acme, mia) = (OrganizationId(1), UserId(7));
/// let subject = Subject::new(acme, mia, Role::Manager);
/// let denied = subject.authorize(act::InvitePeople, subject.own_organization()).unwrap_err();
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
    /// The action that was decided.
    pub action: Action,
    /// The facts of the row. `None` if the row was not found, is in another organization, or has facts of another
    /// user: then its facts are not used. Also `None` for a decision about a [`ScopeCtx`](crate::ScopeCtx), which
    /// cannot be replayed.
    pub facts: Option<Facts>,
    /// Whether the request came through the API.
    pub through_api: bool,
    /// The actions that the subject was limited to. `None` if it was not limited.
    pub limit: Option<Actions>,
    /// Whether the action was permitted.
    pub allowed: bool,
    /// Why the action was denied. `None` if it was permitted.
    pub reason: Option<Reason>,
    /// The fingerprint of the matrix that decided.
    pub matrix: Fingerprint,
}

#[cfg(feature = "serde")]
crate::serial::object!(Audit { role, action, facts, through_api, limit, allowed, reason, matrix });

impl Audit {
    const fn new(request: Request, reason: Option<Reason>) -> Self {
        let Request { role, action, facts, limit, through_api, matrix } = request;
        let limit = if limit.is_all() { None } else { Some(limit) };
        let allowed = reason.is_none();
        Self { role, action, facts, through_api, limit, allowed, reason, matrix }
    }

    /// Replays the decision with this matrix. Returns true if it gives the same record, fingerprint included.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
    /// let mut record = subject.decide(Action::InvitePeople, subject.own_organization()).unwrap().audit();
    /// assert!(record.agrees_with(&Matrix::BUILT_IN));
    ///
    /// record.role = Role::Annotator; // somebody changed the log
    /// assert!(!record.agrees_with(&Matrix::BUILT_IN));
    /// ```
    #[must_use]
    pub fn agrees_with(&self, matrix: &Matrix) -> bool {
        self.replay(matrix) == Some(*self)
    }

    /// Decides again with this matrix. Returns `None` if the record does not have the inputs of its decision.
    pub(crate) fn replay(&self, matrix: &Matrix) -> Option<Self> {
        let evaluator = self.evaluator(matrix);
        Some(match (self.facts, self.reason) {
            (Some(facts), _) => {
                evaluator.decide(self.action, facts).map_or_else(|no| no.audit(), |yes| yes.audit())
            }
            // An inactive role's reason wins, so replaying with any reason about the row gives this record.
            (None, Some(Reason::NotActivated | Reason::Deactivated)) => {
                evaluator.deny_without_facts(self.action, Reason::NotFound).audit()
            }
            (
                None,
                Some(reason @ (Reason::NotFound | Reason::OutsideOrganization | Reason::OtherUser)),
            ) => evaluator.deny_without_facts(self.action, reason).audit(),
            (None, _) => return None,
        })
    }

    /// Decides a list within a row of this kind again, as [`replay`](Self::replay) does for a decision about one row.
    /// Facts of the listed rows alone are unknown, not false.
    pub(crate) fn replay_list(&self, within: Kind, matrix: &Matrix) -> Option<Self> {
        let Some(facts) = self.facts else { return self.replay(matrix) };
        within.lists(self.action.kind())?;
        let evaluator = self.evaluator(matrix);
        Some(if Filter::within(&evaluator, self.action, within, facts).is_nothing() {
            evaluator.deny_list(self.action, within, facts).audit()
        } else {
            Self::new(evaluator.request(self.action, Some(facts)), None)
        })
    }

    /// Decides again whether the people of a row of this kind may be listed.
    pub(crate) fn replay_people(&self, kind: Kind, matrix: &Matrix) -> Option<Self> {
        match self.facts {
            Some(facts) => {
                let again = self.evaluator(matrix).decide_people(kind, facts);
                Some(again.map_or_else(|no| no.audit(), |yes| yes.audit()))
            }
            None if self.action == Evaluator::view(kind) => self.replay(matrix),
            None => None,
        }
    }

    /// Decides again whether a report may be seen.
    pub(crate) fn replay_report(&self, matrix: &Matrix) -> Option<Self> {
        match self.facts {
            Some(facts) => {
                let again = self.evaluator(matrix).decide_report(facts);
                Some(again.map_or_else(|no| no.audit(), |yes| yes.audit()))
            }
            None if self.action == Action::ViewPeoplePage => self.replay(matrix),
            None => None,
        }
    }

    fn evaluator(&self, matrix: &Matrix) -> Evaluator {
        let evaluator = Evaluator::of_member(self.role, matrix);
        let evaluator = if self.through_api { evaluator.through_api() } else { evaluator };
        evaluator.limited_to(self.limit.unwrap_or(Actions::all()))
    }
}

impl Granted {
    /// Returns the record of the decision.
    #[must_use]
    pub const fn audit(&self) -> Audit {
        Audit::new(self.request, None)
    }
}

impl Denied {
    /// Returns the record of the decision.
    #[must_use]
    pub const fn audit(&self) -> Audit {
        Audit::new(self.request, Some(self.reason))
    }
}

impl<A: ActionType, R> Permit<A, R> {
    /// Returns the record of the decision.
    #[must_use]
    pub const fn audit(&self) -> Audit {
        self.granted().audit()
    }
}

impl<A, Id: RowId, T, U> People<A, Id, T, U> {
    /// Returns the record of the decision that the people may be listed: of
    /// [`Action::ViewPeoplePage`], with the facts of the user who asks. A
    /// [`LogEntry`](crate::log::LogEntry) has the action that was asked about beside it, and replays that the row may
    /// be viewed too.
    #[must_use]
    pub const fn audit(&self) -> Audit {
        self.granted().audit()
    }
}

impl<T, U> Report<T, U> {
    /// Returns the record of the decision that the report may be seen: of [`Action::ViewActivityLog`]. To replay that
    /// the people page may be seen too, use [`LogEntry::agrees_with`](crate::log::LogEntry::agrees_with).
    #[must_use]
    pub const fn audit(&self) -> Audit {
        self.granted().audit()
    }
}

impl<A, Id: RowId, T, U> Listing<A, Id, T, U> {
    /// Returns the record of the list, with the facts of the row that the list is within. To replay it, use
    /// [`LogEntry::agrees_with`](crate::log::LogEntry::agrees_with), not [`Audit::agrees_with`].
    #[must_use]
    pub const fn audit(&self) -> Audit {
        Audit::new(self.request(), None)
    }
}
