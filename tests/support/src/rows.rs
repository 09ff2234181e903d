//! Rows as a service has them, of every kind, and what a list asks of them.

use std::fmt::Display;

use labelgate::row::InnerRowId;
use labelgate::{
    Actions, Facts, Kind, OrganizationId, ProjectId, RecordId, Row, Subject, TaskId, UserId,
    WorkspaceId,
};

use crate::oracle;

/// A row of an organization as this user sees it.
pub fn row_of<Id: InnerRowId<Value = u32> + From<u32>>(
    organization: OrganizationId<u32>,
    user: UserId<u32>,
    facts: Facts,
) -> Row<Id> {
    Row::seen_by(user, Id::from(5), organization, facts).unwrap()
}

/// Evaluates the expression with a row of the kind, which is chosen when it runs.
#[macro_export]
macro_rules! of_kind {
    ($kind:expr, $organization:expr, $user:expr, $facts:expr, $row:ident => $answer:expr) => {
        match $kind {
            labelgate::Kind::Organization => {
                let anybody = labelgate::Subject::new($organization, $user, labelgate::Role::Owner);
                let $row = anybody.own_organization();
                $answer
            }
            labelgate::Kind::Workspace => {
                let $row = $crate::rows::row_of::<labelgate::WorkspaceId<u32>>(
                    $organization,
                    $user,
                    $facts,
                );
                $answer
            }
            labelgate::Kind::Project => {
                let $row =
                    $crate::rows::row_of::<labelgate::ProjectId<u32>>($organization, $user, $facts);
                $answer
            }
            labelgate::Kind::Task => {
                let $row =
                    $crate::rows::row_of::<labelgate::TaskId<u32>>($organization, $user, $facts);
                $answer
            }
            labelgate::Kind::Record => {
                let $row =
                    $crate::rows::row_of::<labelgate::RecordId<u32>>($organization, $user, $facts);
                $answer
            }
        }
    };
}
/// The kind as the specification spells it.
pub fn name(kind: Kind) -> &'static str {
    ["Organization", "Workspace", "Project", "Task", "Record"][kind as usize]
}

/// Those of the facts that are known from a row of the kind.
pub fn known(kind: Kind, facts: Facts) -> Facts {
    Facts::from_bits(oracle::known(name(kind), facts.bits()).into()).unwrap()
}

/// All that can be known from a row of the kind, each once.
pub fn all_known(kind: Kind) -> impl Iterator<Item = Facts> {
    Facts::ALL.into_iter().filter(move |&facts| known(kind, facts) == facts)
}

/// What somebody may do with these facts: to their organization, and to a row of each other kind.
pub fn may<U: Clone + PartialEq>(subject: &Subject<u32, U>, facts: Facts) -> Actions {
    let here = *subject.organization();
    subject.actions(subject.own_organization())
        | subject.actions(subject.row(WorkspaceId(5), here, facts).unwrap())
        | subject.actions(subject.row(ProjectId(5), here, facts).unwrap())
        | subject.actions(subject.row(TaskId(5), here, facts).unwrap())
        | subject.actions(subject.row(RecordId(5), here, facts).unwrap())
}

/// What a list asks of its rows, read from its words.
pub struct Condition(Vec<u16>);

impl Condition {
    pub fn read(words: impl Display) -> Self {
        match words.to_string().as_str() {
            "nothing" => Self(Vec::new()),
            "everything in the organization" => Self(vec![0]),
            words => {
                let sets = words.split("; ");
                Self(sets.map(|set| set.split(" and ").map(oracle::bit).sum()).collect())
            }
        }
    }

    pub fn matches(&self, bits: u16) -> bool {
        self.0.iter().any(|set| bits & set == *set)
    }

    pub fn alternatives(&self) -> &[u16] {
        &self.0
    }
}
