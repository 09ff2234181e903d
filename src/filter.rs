//! The rule read backwards: which facts are enough.

use core::fmt;

use crate::evaluator::Evaluator;
use crate::fact::{FactSet, Facts};
use crate::kind::Kind;
use crate::matrix::Action;

/// The most alternatives there can be, whatever the matrix and however the subject is narrowed. For
/// the built-in matrix there are at most five. A test derives both.
const MOST: usize = 14;

/// Which rows a subject may do an action to: everything in the organization, nothing, or a few alternatives.
/// An alternative is a set of facts that must all hold.
///
/// [`Subject::filter`](crate::Subject::filter) returns one. It matches exactly where the decision is yes. It
/// is as short as possible: no alternative, and no fact in one, can be left out.
///
/// Facts alone know neither the organization nor the user. To filter resources, use
/// [`Subject::permitted`](crate::Subject::permitted), which compares both; to filter rows in a database, the
/// module `sql`.
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
    /// In ascending order, and empty from `len` on.
    alternatives: [FactSet; MOST],
    len: usize,
}

impl Filter {
    /// The most alternatives that a filter can have, whatever the matrix and however the subject is narrowed.
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

    /// Asks the evaluator about the facts that are known for the action's kind.
    pub(crate) fn new(evaluator: &Evaluator, action: Action) -> Self {
        let asked = FactSet::up_to(action.kind());
        Self::minimal(asked, FactSet::empty(), Facts::none(), |facts| evaluator.can(action, facts))
    }

    /// The filter that matches where one of the alternatives holds.
    #[cfg(feature = "sea-query")]
    pub(crate) fn of(alternatives: &[FactSet]) -> Self {
        let holds = |facts: Facts| alternatives.iter().any(|&set| facts.set().contains(set));
        Self::minimal(FactSet::all(), FactSet::empty(), Facts::none(), holds)
    }

    /// Finds the smallest sets of facts for which the rule says yes. Some facts are known already, and those
    /// of them hold that are `given`; of the others, the rule reads those that are `asked`.
    ///
    /// [`Facts::ALL`] is in ascending order, so a set comes after all that it contains. One more fact never
    /// takes anything away, so a set that contains a smaller one adds nothing.
    fn minimal(asked: FactSet, known: FactSet, given: Facts, rule: impl Fn(Facts) -> bool) -> Self {
        let mut filter = Self { alternatives: [FactSet::empty(); MOST], len: 0 };
        let asked = asked.union(known);
        for facts in Facts::ALL {
            let is_asked = asked.contains(facts.set()) && facts.among(known) == given;
            if is_asked && !filter.matches(facts) && rule(facts) {
                // A test shows that there is always a place. A missing alternative could only deny.
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

    /// Returns true if nothing matches. Deny the list then: [`Subject::filter_in`](crate::Subject::filter_in)
    /// does it.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.len == 0
    }

    /// Returns true if everything in the organization matches.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.sets().first().is_some_and(|set| set.is_empty())
    }

    /// Returns true if all facts of one of the alternatives hold.
    #[must_use]
    #[inline]
    pub fn matches(&self, facts: Facts) -> bool {
        self.sets().iter().any(|&alternative| facts.set().contains(alternative))
    }

    /// The alternatives, each a set of facts that must all hold.
    ///
    /// There are none if nothing matches, and one that is empty if everything does. A fact that another one
    /// implies is not listed beside it.
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

    /// What is left to ask if the facts of one kind of resource, and of what holds it, are known.
    ///
    /// You have to say the kind, since a fact that does not hold and one that is not known look alike.
    /// [`Subject::filter_in`](crate::Subject::filter_in) takes the facts from a resource, and denies where
    /// nothing is left.
    ///
    /// ```
    /// use labelgate::{Action, Fact, Facts, Kind, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    /// let filter = subject.filter(Action::ViewProjectData);
    ///
    /// let project = Facts::none()
    ///     .with(Fact::ProjectMember)
    ///     .with(Fact::ProjectAssignee)
    ///     .with(Fact::ActsAsAnnotator)
    ///     .with(Fact::OwnDataPermitted);
    /// assert_eq!(filter.given(Kind::Project, project).to_string(), "assignee; author");
    /// assert!(filter.given(Kind::Project, Facts::none()).is_nothing());
    /// ```
    #[must_use]
    pub fn given(&self, kind: Kind, facts: Facts) -> Self {
        let known = FactSet::up_to(kind);
        Self::minimal(FactSet::all(), known, facts.among(known), |facts| self.matches(facts))
    }

    /// How many of the facts match. It returns what `facts.iter().filter(..).count()` does, at about the
    /// speed of reading the slice.
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
        // The number of alternatives is a constant of the loop.
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

/// Facts are counted in lanes of a vector register; a chunk is short enough for a lane to hold its
/// count.
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

/// Such as "project_member and acts_as_reviewer; project_assignee and acts_as_reviewer".
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
                crate::noun::list(f, " and ", facts.elements())
            })
        }
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({self})")
    }
}
