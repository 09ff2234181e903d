//! What `instructions.sh` counts: the functions below, each called as often as is printed.

use std::hint::black_box;

use labelgate::resource::{Resource, Seen};
use labelgate::{
    Action, Actions, Answer, Facts, Granted, Kind, Matrix, OrganizationId, Role, ScopeCtx, Scopes,
    Subject, UserId, can, decide,
};

mod hand_written;

#[inline(never)]
fn counted_can(role: Role, action: Action, ctx: ScopeCtx) -> bool {
    can(role, action, ctx)
}

#[inline(never)]
fn counted_hand_written(role: Role, action: Action, ctx: ScopeCtx) -> bool {
    hand_written::can(role, action, ctx)
}

/// Called where the answer is yes.
#[inline(never)]
fn counted_granted(role: Role, action: Action, ctx: ScopeCtx) -> Scopes {
    decide(role, action, ctx).map_or(Scopes::empty(), Granted::through)
}

/// Called where the answer is no.
#[inline(never)]
fn counted_denied(role: Role, action: Action, ctx: ScopeCtx) -> u16 {
    decide(role, action, ctx).map_or_else(|denied| denied.answer(), |_| Answer::Conflict).status()
}

#[inline(never)]
fn counted_actions(role: Role, ctx: ScopeCtx) -> Actions {
    Matrix::BUILT_IN.actions(role, ctx)
}

/// A row of a service, with integer ids.
struct Row {
    organization: OrganizationId<u64>,
    user: UserId<u64>,
    facts: Facts,
}

impl Resource for Row {
    type Id = u64;
    type UserId = u64;
    const KIND: Kind = Kind::Task;

    fn seen(&self) -> Seen<'_, u64, u64> {
        Seen { organization: &self.organization, user: &self.user, facts: self.facts }
    }
}

/// A decision about facts: the ids are nothing to compare.
struct Known(Facts);

impl Resource for Known {
    type Id = ();
    type UserId = ();
    const KIND: Kind = Kind::Task;

    fn seen(&self) -> Seen<'_, (), ()> {
        Seen { organization: &OrganizationId(()), user: &UserId(()), facts: self.0 }
    }
}

#[inline(never)]
fn counted_facts(subject: &Subject<()>, action: Action, facts: Facts) -> bool {
    subject.can(action, Known(facts))
}

#[inline(never)]
fn counted_row(subject: &Subject<u64>, action: Action, row: &Row) -> bool {
    subject.can(action, row)
}

fn main() {
    let (mut allowed, mut denied) = (0, 0);
    for role in Role::ALL.map(black_box) {
        for action in Action::ALL.map(black_box) {
            for ctx in ScopeCtx::ALL.map(black_box) {
                black_box(counted_hand_written(role, action, ctx));
                black_box(counted_actions(role, ctx));
                if black_box(counted_can(role, action, ctx)) {
                    black_box(counted_granted(role, action, ctx));
                    allowed += 1;
                } else {
                    black_box(counted_denied(role, action, ctx));
                    denied += 1;
                }
            }
        }
    }
    let mut rows = 0;
    for role in Role::ALL.map(black_box) {
        let known = black_box(Subject::new(OrganizationId(()), UserId(()), role));
        let (organization, user) = (OrganizationId(1), UserId(7));
        let subject = black_box(Subject::new(organization, user, role));
        for action in Action::ALL.map(black_box) {
            for facts in Facts::ALL.map(black_box) {
                let row = Row { organization, user, facts };
                let answer = black_box(counted_facts(&known, action, facts));
                assert_eq!(black_box(counted_row(&subject, action, &row)), answer);
                rows += 1;
            }
        }
    }
    println!("facts {rows}\nrow {rows}");
    let all = allowed + denied;
    println!("can {all}\nhand_written {all}\nactions {all}\ngranted {allowed}\ndenied {denied}");
}
