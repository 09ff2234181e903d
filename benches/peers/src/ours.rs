//! The crate itself.

use labelgate::{Action, Fact, OrganizationId, RecordId, Role, Subject, TaskId, UserId};

use crate::policy::{HERE, Lists, Peer, Question, Row, Rule};

const ME: UserId<i32> = UserId(7);

/// By role: whoever asks is known before a row is.
pub(crate) struct Labelgate([Subject<i32>; Role::COUNT]);

/// A row as it was selected, of one of the two kinds that an action on tasks is asked of.
pub(crate) enum Selected {
    Task(labelgate::Row<TaskId<usize>, (), i32>),
    Record(labelgate::Row<RecordId<usize>, (), i32>),
}

fn selected(Row { id, organization, facts }: Row) -> Selected {
    let organization = OrganizationId(organization);
    let possible = "facts that were added up can be";
    if facts.has(Fact::Author) {
        let row = labelgate::Row::seen_by(ME, RecordId(id), organization, facts);
        Selected::Record(row.expect(possible))
    } else {
        Selected::Task(
            labelgate::Row::seen_by(ME, TaskId(id), organization, facts).expect(possible),
        )
    }
}

fn can(subject: &Subject<i32>, action: Action, row: &Selected) -> bool {
    match row {
        Selected::Task(row) => subject.can(action, row),
        Selected::Record(row) => subject.can(action, row),
    }
}

/// What all peers are held against.
pub(crate) fn decides(question: &Question) -> bool {
    let subject = Subject::new(OrganizationId(HERE), ME, question.role);
    can(&subject, question.action, &selected(question.row))
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
        can(&self.0[*role as usize], *action, row)
    }
}

/// Each request is of somebody else.
pub(crate) struct Anew;

impl Peer for Anew {
    const NAME: &'static str = "labelgate, the subject made anew";

    type Request = (Role, Action, Selected);

    fn load(_: &[Rule]) -> Self {
        Self
    }

    fn request(&self, question: Question) -> Self::Request {
        (question.role, question.action, selected(question.row))
    }

    fn permits(&mut self, (role, action, row): &Self::Request) -> bool {
        can(&Subject::new(OrganizationId(HERE), ME, *role), *action, row)
    }
}

impl Lists for Labelgate {
    type Rows = Vec<Selected>;

    fn rows(&self, rows: &[Row]) -> Vec<Selected> {
        rows.iter().copied().map(selected).collect()
    }

    fn list(&mut self, role: Role, action: Action, rows: &Vec<Selected>) -> Vec<usize> {
        let subject = &self.0[role as usize];
        let seen = rows.iter().filter(|row| can(subject, action, row));
        let ids = seen.map(|row| match row {
            Selected::Task(row) => row.id().0,
            Selected::Record(row) => row.id().0,
        });
        ids.collect()
    }
}
