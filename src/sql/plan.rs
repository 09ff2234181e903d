//! Plans a list: turns a filter into access paths, each of which starts from a fact of the user.
//!
//! A list that checks each row reads the whole organization. So lists start from the user instead: an
//! [`AccessPath`] reads the rows of one fact, such as the projects that the user is a member of, and checks the
//! other terms of the filter on these rows.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::facts::{Render, Term};
use super::schema::Rows;
use crate::fact::Fact;
use crate::filter::Filter;
use crate::kind::Kind;
use crate::macros::list;

/// Terms that must all hold.
pub(super) type Conjunction = Vec<Term>;

/// One way to find rows: the rows of one fact, narrowed by other terms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct AccessPath {
    /// The fact by which the user's rows are found.
    pub(super) from: Fact,
    /// Alternatives: the rows must meet one of them. A conjunction without terms is always met.
    pub(super) rest: Vec<Conjunction>,
}

impl AccessPath {
    /// Returns the path to all rows of a fact.
    pub(super) fn from(from: Fact) -> Self {
        Self { from, rest: vec![Conjunction::new()] }
    }

    /// Returns true if all terms are facts of this table's rows, or of the rows' parents.
    fn is_known_from(&self, rows: Rows) -> bool {
        Rows::that_have(self.from) <= rows && self.rest_is_known_from(rows)
    }

    /// Returns true if `rest` is always met.
    pub(super) fn asks_nothing_else(&self) -> bool {
        self.rest.iter().any(Conjunction::is_empty)
    }

    /// Returns true if the terms of `rest` are facts of this table's rows, or of the rows' parents.
    pub(super) fn rest_is_known_from(&self, rows: Rows) -> bool {
        self.rest.iter().flatten().all(|term| term.rows() <= rows)
    }
}

/// How a list finds its rows: the facts that it starts from, and the other facts that it checks on the rows.
/// [`Schema::plan`](super::Schema::plan) returns it.
///
/// The text of a plan is for people. Do not parse it: it may change with any version.
///
/// ```
/// use labelgate::sql::Schema;
/// use labelgate::{Denied, OrganizationId, Role, Subject, UserId, act};
///
/// let subject = |role| Subject::new(OrganizationId(1), UserId(7), role);
/// let listing = subject(Role::Annotator).authorize_list(act::ViewProjectData)?;
/// assert_eq!(
///     Schema::sqlite().plan(&listing).to_string(),
///     "tasks from assignee where acts_as_annotator and own_data_permitted\n\
///      tasks in projects from project_member where acts_as_reviewer, \
///      or from project_assignee where acts_as_reviewer",
/// );
/// let listing = subject(Role::Owner).authorize_list(act::ViewProject)?;
/// assert_eq!(Schema::sqlite().plan(&listing).to_string(), "all projects");
/// # Ok::<(), Denied>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    rows: Rows,
    pub(super) ways: Ways,
}

impl Plan {
    /// Returns the plan of a list within a row that the schema has no table for.
    pub(super) fn none(kind: Kind) -> Self {
        Self { rows: Rows::of(kind).unwrap_or(Rows::Workspaces), ways: Ways::None }
    }
}

/// The ways to find the rows of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Ways {
    /// No row can match.
    None,
    /// One of the alternatives has no fact to start from, so all rows of the organization are checked.
    Walk(Vec<Conjunction>),
    /// The list has the rows of all these paths.
    Paths(Vec<AccessPath>),
}

/// One query for the ids of rows.
pub(super) enum Step {
    /// Finds the rows by a fact that is known from them.
    Rows(AccessPath),
    /// Finds the parents of the rows by `paths`, and the rows by the ids of the parents. The rows must meet one
    /// of `rest`, unless `rest` is empty.
    Parents { paths: Vec<AccessPath>, rest: Vec<Conjunction> },
}

impl Render<'_> {
    pub(super) fn plan(&self, filter: &Filter, rows: Rows) -> Plan {
        let alternatives = self.alternatives(filter, rows);
        let ways = match self.paths(&alternatives) {
            _ if alternatives.is_empty() => Ways::None,
            Some(paths) => Ways::Paths(paths),
            None => Ways::Walk(alternatives),
        };
        Plan { rows, ways }
    }

    /// Returns the alternatives that rows of this table can meet. Merges two that differ only in the project
    /// role.
    pub(super) fn alternatives(&self, filter: &Filter, rows: Rows) -> Vec<Conjunction> {
        let terms = filter.alternatives().map(|set| set.elements().map(Term::Fact).collect());
        let mut rest: Vec<Conjunction> = terms
            .filter(|terms: &Conjunction| {
                terms.iter().all(|&term| self.holds(rows, term).is_some())
            })
            .collect();
        let [annotator, reviewer] = [Fact::ActsAsAnnotator, Fact::ActsAsReviewer].map(Term::Fact);
        let mut alternatives = Vec::new();
        while let Some(mut terms) = rest.pop() {
            // The loop goes backwards, and an annotator's alternative comes before the reviewer's.
            let other = |&term: &Term| if term == reviewer { annotator } else { term };
            let twin: Conjunction = terms.iter().map(other).collect();
            let twin = rest.iter().position(|terms| *terms == twin);
            if let Some(twin) = twin {
                rest.remove(twin);
                terms.retain(|&term| term != annotator && term != reviewer);
                if self.asks_for_either() {
                    terms.push(Term::ActsAsEither);
                }
            }
            alternatives.push(terms);
        }
        alternatives.reverse();
        alternatives
    }

    /// Groups the alternatives by the fact that each starts from. Returns `None` if one has no fact to start
    /// from.
    pub(super) fn paths(&self, alternatives: &[Conjunction]) -> Option<Vec<AccessPath>> {
        paths_by(|term| self.rank(term), alternatives)
    }

    /// Returns the rank of a term as a start of lists, and its fact: 0 is best. Returns `None` if no list starts
    /// from it.
    fn rank(&self, term: Term) -> Option<(usize, Fact)> {
        let Term::Fact(fact) = term else { return None };
        // Within one project, a fact of the project is the same for all rows.
        let is_same = self.project.is_some() && Rows::that_have(fact) <= Rows::Projects;
        Some((self.schema.rank(fact).filter(|_| !is_same)?, fact))
    }
}

/// See [`Render::paths`]. `rank` returns the rank of a term as a start, and its fact: 0 is best.
pub(super) fn paths_by(
    rank: impl Fn(Term) -> Option<(usize, Fact)>,
    alternatives: &[Conjunction],
) -> Option<Vec<AccessPath>> {
    let path = |terms: &Conjunction| {
        let ranked = terms.iter().filter_map(|&term| rank(term));
        let (_, from) = ranked.min_by_key(|(rank, _)| *rank)?;
        let rest = terms.iter().copied().filter(|&term| term != Term::Fact(from)).collect();
        Some((from, rest))
    };
    let paths: Option<Vec<(Fact, Conjunction)>> = alternatives.iter().map(path).collect();
    Some(grouped(paths?).into_iter().map(|(from, rest)| AccessPath { from, rest }).collect())
}

/// Groups values by their keys. Keys and values stay in order.
pub(super) fn grouped<K: PartialEq, V>(
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Vec<(K, Vec<V>)> {
    let mut groups: Vec<(K, Vec<V>)> = Vec::new();
    for (key, value) in pairs {
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, values)) => values.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    groups
}

/// Returns the table of the parents by which a list finds rows: projects are found by their workspace, tasks and
/// records by their project.
pub(super) const fn parents(rows: Rows) -> Rows {
    match rows {
        Rows::Workspaces | Rows::Projects => Rows::Workspaces,
        Rows::Tasks | Rows::Records => Rows::Projects,
    }
}

/// Returns the queries for the ids of rows. Paths known from the parents of the rows share one query.
pub(super) fn steps(rows: Rows, paths: Vec<AccessPath>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut through = Vec::new();
    for path in paths {
        if Rows::that_have(path.from) == rows {
            steps.push(Step::Rows(path));
        } else if path.is_known_from(parents(rows)) {
            through.push(path);
        } else {
            let paths = vec![AccessPath::from(path.from)];
            steps.push(Step::Parents { paths, rest: path.rest });
        }
    }
    if !through.is_empty() {
        steps.push(Step::Parents { paths: through, rest: Vec::new() });
    }
    steps
}

/// Splits the paths into those known from the parents of the rows, and the others.
pub(super) fn of_parents(rows: Rows, paths: Vec<AccessPath>) -> (Vec<AccessPath>, Vec<AccessPath>) {
    paths.into_iter().partition(|path| path.is_known_from(parents(rows)))
}

/// Returns the terms that all alternatives share.
pub(super) fn common<'a>(alternatives: impl IntoIterator<Item = &'a Conjunction>) -> Conjunction {
    let mut alternatives = alternatives.into_iter();
    let mut common = alternatives.next().cloned().unwrap_or_default();
    for terms in alternatives {
        common.retain(|term| terms.contains(term));
    }
    common
}

/// Removes terms from the paths, for a query that checks them once.
pub(super) fn take_out(paths: &mut [AccessPath], common: &Conjunction) {
    for terms in paths.iter_mut().flat_map(|path| &mut path.rest) {
        terms.retain(|term| !common.contains(term));
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = plural(self.rows);
        let paths = match &self.ways {
            Ways::None => return write!(f, "no {rows}"),
            Ways::Walk(alternatives) => {
                return write!(f, "all {rows}{}", Where(alternatives));
            }
            Ways::Paths(paths) => paths.clone(),
        };
        for (position, step) in steps(self.rows, paths).into_iter().enumerate() {
            f.write_str(if position > 0 { "\n" } else { "" })?;
            match step {
                Step::Rows(path) => write!(f, "{rows} from {path}")?,
                Step::Parents { paths, rest } => {
                    write!(f, "{rows} in {} from ", plural(parents(self.rows)))?;
                    list(f, ", or from ", paths.iter())?;
                    write!(f, "{}", Where(&rest))?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for AccessPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.from, Where(&self.rest))
    }
}

/// Writes the alternatives, or nothing if one of them is always met.
struct Where<'a>(&'a [Conjunction]);

impl fmt::Display for Where<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asks = self.0.iter().all(|terms| !terms.is_empty());
        for (position, terms) in self.0.iter().enumerate().filter(|_| asks) {
            f.write_str(if position > 0 { "; " } else { " where " })?;
            list(f, " and ", terms.iter())?;
        }
        Ok(())
    }
}

const fn plural(rows: Rows) -> &'static str {
    match rows {
        Rows::Workspaces => "workspaces",
        Rows::Projects => "projects",
        Rows::Tasks => "tasks",
        Rows::Records => "records",
    }
}
