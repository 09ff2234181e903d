//! The crate itself.

use labelgate::resource::{Resource, Seen};
use labelgate::{Action, Facts, Kind, OrganizationId, Role, Subject, UserId};

use crate::policy::{HERE, Lists, Peer, Question, Row, Rule};

const ME: UserId<i32> = UserId(7);

/// By role: whoever asks is known before a row is.
pub(crate) struct Labelgate([Subject<i32>; Role::COUNT]);

pub(crate) struct Selected {
    id: usize,
    organization: OrganizationId<i32>,
    facts: Facts,
}

impl Resource for Selected {
    type Id = i32;
    type UserId = i32;
    const KIND: Kind = Kind::Task;

    fn seen(&self) -> Seen<'_, i32, i32> {
        Seen { organization: &self.organization, user: &ME, facts: self.facts }
    }
}

fn selected(row: Row) -> Selected {
    Selected { id: row.id, organization: OrganizationId(row.organization), facts: row.facts }
}

/// What all peers are held against.
pub(crate) fn decides(question: &Question) -> bool {
    let subject = Subject::new(OrganizationId(HERE), ME, question.role);
    subject.decide(question.action, selected(question.row)).is_ok()
}

impl Peer for Labelgate {
    const NAME: &'static str = "labelgate";

    type Request = (Role, Action, Selected);

    fn load(_: &[Rule]) -> Self {
        Self(Role::ALL.map(|role| Subject::new(OrganizationId(HERE), ME, role)))
    }

    fn request(&self, question: Question) -> Self::Request {
        (question.role, question.action, selected(question.row))
    }

    fn permits(&mut self, (role, action, row): &Self::Request) -> bool {
        self.0[*role as usize].can(*action, row)
    }
}

impl Lists for Labelgate {
    type Rows = Vec<Selected>;

    fn rows(&self, rows: &[Row]) -> Vec<Selected> {
        rows.iter().copied().map(selected).collect()
    }

    fn list(&mut self, role: Role, action: Action, rows: &Vec<Selected>) -> Vec<usize> {
        let subject = &self.0[role as usize];
        subject.permitted(action, rows).map(|row| row.id).collect()
    }
}
