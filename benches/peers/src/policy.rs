//! The policy as the peers are given it, printed from the crate's tables; and what they are asked.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use labelgate::{Action, Fact, Facts, Filter, OrganizationId, Role, Subject, UserId};

/// The organization of whoever asks.
pub(crate) const HERE: i32 = 1;

/// What one role may do where the same facts are enough.
pub(crate) struct Rule {
    pub(crate) role: Role,
    pub(crate) actions: Vec<Action>,
    pub(crate) enough: Filter,
}

impl Rule {
    /// The alternatives in a language that has `and` and `or`, such as `(a and b) or (c)`.
    pub(crate) fn condition(&self, fact: &str, and: &str, or: &str, always: &str) -> String {
        if self.enough.is_everything() {
            return always.to_owned();
        }
        let alternatives = self.enough.alternatives().map(|facts| {
            let facts = facts.elements().map(|held| fact.replace("FACT", held.name()));
            format!("({})", facts.collect::<Vec<_>>().join(and))
        });
        alternatives.collect::<Vec<_>>().join(or)
    }
}

/// The whole policy. What nobody may do is in no rule.
pub(crate) fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for role in Role::ALL {
        let subject = Subject::new(OrganizationId(HERE), UserId(7), role);
        for action in Action::ALL {
            let enough = subject.filter(action);
            if enough.is_nothing() {
                continue;
            }
            match rules.iter_mut().find(|rule| rule.role == role && rule.enough == enough) {
                Some(rule) => rule.actions.push(action),
                None => rules.push(Rule { role, actions: vec![action], enough }),
            }
        }
    }
    rules
}

/// A row of a service, with the facts of whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: usize,
    pub(crate) organization: i32,
    pub(crate) facts: Facts,
}

/// The states that a row can be in: all facts there are of a task or of a record, and a record of another
/// organization.
pub(crate) fn rows() -> Vec<Row> {
    let outside =
        Row { id: Facts::COUNT, organization: HERE + 1, facts: Facts::ALL[Facts::COUNT - 1] };
    // A task has no author, and a record is assigned to nobody.
    let is_one = |facts: &Facts| !(facts.has(Fact::Assignee) && facts.has(Fact::Author));
    let inside = Facts::ALL.into_iter().enumerate().filter(|(_, facts)| is_one(facts));
    let inside = inside.map(|(id, facts)| Row { id, organization: HERE, facts });
    inside.chain([outside]).collect()
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    pub(crate) role: Role,
    pub(crate) action: Action,
    pub(crate) row: Row,
}

/// All questions there are, in an order that no branch predictor knows.
pub(crate) fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for role in Role::ALL {
        for action in Action::ALL {
            questions.extend(rows().into_iter().map(|row| Question { role, action, row }));
        }
    }
    let len = questions.len();
    (0..len).map(|position| questions[position * 65_537 % len]).collect()
}

/// Something that decides.
pub(crate) trait Peer {
    const NAME: &'static str;

    /// A question as the peer is asked it.
    type Request;

    fn load(rules: &[Rule]) -> Self;
    fn request(&self, question: Question) -> Self::Request;
    fn permits(&mut self, request: &Self::Request) -> bool;
}

/// Something that lists what somebody may see without asking about each row.
pub(crate) trait Lists: Peer {
    /// Rows as the peer is asked about them.
    type Rows;

    fn rows(&self, rows: &[Row]) -> Self::Rows;

    /// The ids of the rows, in any order.
    fn list(&mut self, role: Role, action: Action, rows: &Self::Rows) -> Vec<usize>;
}

/// The value of a future that waits for nothing.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("there is nothing to wait for"),
    }
}
