//! Filters: the sets of facts that permit an action.

use core::fmt;

use crate::action::Action;
#[cfg(feature = "sea-query")]
use crate::action::Actions;
use crate::evaluator::Evaluator;
use crate::fact::{FactSet, Facts};
use crate::kind::Kind;

/// The most alternatives that a filter can have with any matrix, limit and API rule. With the built-in matrix there
/// are at most five. A test computes both numbers.
const MOST: usize = 14;

/// The rows to which a subject may do an action: everything in the organization, nothing, or the rows that match one
/// of a few alternatives. An alternative is a set of facts that must all hold.
///
/// [`Subject::filter`](crate::Subject::filter) returns one. It matches the facts of a row if and only if the action
/// on the row is permitted. It is as short as possible: no alternative, and no fact in one, can be left out.
///
/// Use it to inspect a rule, not to select rows: it does not compare organizations and users. Filter rows in memory
/// with [`Subject::can`](crate::Subject::can), and rows in a database with a [`Listing`](crate::Listing).
///
/// ```
/// use labelgate::{Action, Fact, Facts, OrganizationId, Role, Subject, UserId};
///
/// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// let filter = subject.filter(Action::UseApi);
/// assert_eq!(filter.to_string(), "workspace_creator; workspace_member; project_creator");
/// assert!(filter.matches(Facts::none().with(Fact::WorkspaceMember)));
/// assert!(!filter.matches(Facts::none().with(Fact::ProjectMember)));
///
/// assert!(subject.filter(Action::ViewProject).is_everything());
/// assert!(subject.filter(Action::InvitePeople).is_nothing());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Filter {
    /// In ascending order. Those from `len` on are empty and unused.
    alternatives: [FactSet; MOST],
    len: usize,
}

impl Filter {
    /// The most alternatives that a filter can have with any matrix, limit and API rule.
    ///
    /// ```
    /// use labelgate::{Action, Filter, OrganizationId, Role, Subject, UserId};
    ///
    /// // With the built-in matrix there are at most five.
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let alternatives = subject.filter(Action::ExportData).alternatives().count();
    /// assert!(alternatives <= 5 && 5 <= Filter::MOST);
    /// ```
    pub const MOST: usize = MOST;

    /// The filter of an action: tries the evaluator on all facts that a decision about the action reads.
    pub(crate) fn new(evaluator: &Evaluator, action: Action) -> Self {
        let free = FactSet::read_for(action.kind());
        Self::minimal(free, FactSet::empty(), Facts::none(), |facts| evaluator.can(action, facts))
    }

    /// The filter of an action for the rows within a row whose facts are known. It does not have the id of that row,
    /// which is in the [`Listing`](crate::Listing).
    pub(crate) fn within(
        evaluator: &Evaluator,
        action: Action,
        within: Kind,
        facts: Facts,
    ) -> Self {
        let known = FactSet::known_within(within);
        let free = FactSet::read_for(action.kind()).intersection(FactSet::unknown_within(within));
        Self::minimal(free, known, facts.among(known), |facts| evaluator.can(action, facts))
    }

    /// The filter of an action for a row of this kind: tries the evaluator on all facts that such a row can have.
    #[cfg(feature = "sea-query")]
    pub(crate) fn of_row(evaluator: &Evaluator, action: Action, kind: Kind) -> Self {
        let free = FactSet::read_for(action.kind()).intersection(FactSet::known_from(kind));
        Self::minimal(free, FactSet::empty(), Facts::none(), |facts| evaluator.can(action, facts))
    }

    /// The filter of a report: the facts of a row of this kind that permit an action which the role alone does not.
    /// For an organization, whose row has no facts: everything if the role alone permits an action.
    #[cfg(feature = "sea-query")]
    pub(crate) fn of_report(evaluator: &Evaluator, kind: Kind) -> Self {
        let free = FactSet::known_from(kind);
        let by_role = match kind {
            Kind::Organization => Actions::empty(),
            _ => evaluator.actions_from(kind, Facts::none()),
        };
        let gives_more = |facts| !by_role.contains(evaluator.actions_from(kind, facts));
        Self::minimal(free, FactSet::empty(), Facts::none(), gives_more)
    }

    /// The filter that matches if all facts of one of these alternatives hold.
    #[cfg(feature = "sea-query")]
    pub(crate) fn of(alternatives: &[FactSet]) -> Self {
        let holds = |facts: Facts| alternatives.iter().any(|&set| facts.set().contains(set));
        Self::minimal(FactSet::all(), FactSet::empty(), Facts::none(), holds)
    }

    /// Finds the smallest sets of `free` facts that the rule permits. The `known` facts are fixed: those in `held`
    /// are true, the others false.
    ///
    /// [`Facts::ALL`] is in ascending order, so each set comes after its subsets. Facts can only grant, so a
    /// superset of a permitted set is not an alternative.
    fn minimal(free: FactSet, known: FactSet, held: Facts, rule: impl Fn(Facts) -> bool) -> Self {
        let mut filter = Self { alternatives: [FactSet::empty(); MOST], len: 0 };
        let read = free.union(known);
        for facts in Facts::ALL {
            let is_possible = read.contains(facts.set()) && facts.among(known) == held;
            if is_possible && !filter.matches(facts) && rule(facts) {
                // There is always a place, as a test shows. A missing alternative would only deny.
                if let Some(place) = filter.alternatives.get_mut(filter.len) {
                    *place = facts.set().difference(known).minimal();
                    filter.len += 1;
                }
            }
        }
        filter
    }

    fn sets(&self) -> &[FactSet] {
        self.alternatives.get(..self.len).unwrap_or_default()
    }

    /// Returns true if nothing matches. [`Subject::authorize_list`](crate::Subject::authorize_list) then denies
    /// the list.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.len == 0
    }

    /// Returns true if everything in the organization matches.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.sets().first().is_some_and(|set| set.is_empty())
    }

    /// Returns true if all facts of at least one alternative hold.
    #[must_use]
    #[inline]
    pub fn matches(&self, facts: Facts) -> bool {
        self.sets().iter().any(|&alternative| facts.set().contains(alternative))
    }

    /// Returns the alternatives, each a set of facts that must all hold.
    ///
    /// If nothing matches, there are none. If everything matches, there is one, the empty set. An alternative leaves
    /// out the facts that its other facts imply.
    ///
    /// ```
    /// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Reviewer);
    /// for facts in subject.filter(Action::ReviewAnnotations).alternatives() {
    ///     let names: Vec<_> = facts.elements().map(|fact| fact.name()).collect();
    ///     println!("{}", names.join(" and "));
    /// }
    /// ```
    pub fn alternatives(&self) -> impl Iterator<Item = FactSet> + Clone {
        let Self { alternatives, len } = *self;
        alternatives.into_iter().take(len)
    }

    /// Counts the elements of the slice that match, at about the speed of reading the slice.
    ///
    /// ```
    /// use labelgate::{Action, Fact, Facts, OrganizationId, Role, Subject, UserId};
    ///
    /// let filter = Subject::new(OrganizationId(1), UserId(7), Role::Manager).filter(Action::UseApi);
    /// let rows = [Facts::none(), Facts::none().with(Fact::ProjectCreator)];
    /// assert_eq!(filter.count(&rows), 1);
    /// ```
    #[must_use]
    pub fn count(&self, facts: &[Facts]) -> usize {
        // In each arm, the number of alternatives is a constant, so that the loop is vectorized.
        match *self.sets() {
            [] => 0,
            [a] => count([a], facts),
            [a, b] => count([a, b], facts),
            [a, b, c] => count([a, b, c], facts),
            [a, b, c, d] => count([a, b, c, d], facts),
            [a, b, c, d, e] => count([a, b, c, d, e], facts),
            [first, ..] => {
                let mut all = [first; MOST];
                for (place, set) in all.iter_mut().zip(self.sets()) {
                    *place = *set;
                }
                count(all, facts)
            }
        }
    }
}

/// Counts the facts that match. It counts each chunk in a `u16`, so that many facts fit in a vector register.
fn count<const N: usize>(alternatives: [FactSet; N], facts: &[Facts]) -> usize {
    let chunks = facts.chunks(u16::MAX as usize);
    let matching = chunks.map(|chunk| {
        let matching: u16 = chunk
            .iter()
            .map(|facts| {
                let bits = facts.bits();
                alternatives.iter().fold(0, |any, alternative| {
                    any | u16::from(bits & alternative.bits() == alternative.bits())
                })
            })
            .sum();
        usize::from(matching)
    });
    matching.sum()
}

/// Displays the alternatives, such as "project_member and acts_as_reviewer; project_assignee and acts_as_reviewer".
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nothing() {
            f.write_str("nothing")
        } else if self.is_everything() {
            f.write_str("everything in the organization")
        } else {
            let all = self.alternatives();
            all.enumerate().try_for_each(|(position, facts)| {
                f.write_str(if position > 0 { "; " } else { "" })?;
                crate::macros::list(f, " and ", facts.elements())
            })
        }
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({self})")
    }
}
