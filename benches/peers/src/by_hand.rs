//! What one would write by hand for these rules and no others: by role and action, the facts of which
//! one set is enough, as masks.

use labelgate::{Action, Role};

use crate::policy::{HERE, Lists, Peer, Question, Row, Rule};

/// The most alternatives that the built-in matrix gives.
const MOST: usize = 5;

/// No row has all bits.
const NEVER: u16 = u16::MAX;

pub(crate) struct Table([[[u16; MOST]; Action::COUNT]; Role::COUNT]);

impl Table {
    fn permits(&self, role: Role, action: Action, row: &Row) -> bool {
        let masks = &self.0[role as usize][action as usize];
        let bits = row.facts.bits();
        row.organization == HERE && masks.iter().any(|mask| bits & mask == *mask)
    }
}

impl Peer for Table {
    const NAME: &'static str = "a table by hand";

    type Request = Question;

    fn load(rules: &[Rule]) -> Self {
        let mut table = [[[NEVER; MOST]; Action::COUNT]; Role::COUNT];
        for rule in rules {
            for action in &rule.actions {
                let masks = table[rule.role as usize][*action as usize].iter_mut();
                let mut alternatives = rule.enough.alternatives();
                for (mask, facts) in masks.zip(&mut alternatives) {
                    *mask = facts.bits();
                }
                assert!(alternatives.next().is_none());
            }
        }
        Self(table)
    }

    fn request(&self, question: Question) -> Question {
        question
    }

    fn permits(&mut self, question: &Question) -> bool {
        Self::permits(self, question.role, question.action, &question.row)
    }
}

impl Lists for Table {
    type Rows = Vec<Row>;

    fn rows(&self, rows: &[Row]) -> Vec<Row> {
        rows.to_vec()
    }

    fn list(&mut self, role: Role, action: Action, rows: &Vec<Row>) -> Vec<usize> {
        let seen = rows.iter().filter(|row| Self::permits(self, role, action, row));
        seen.map(|row| row.id).collect()
    }
}
