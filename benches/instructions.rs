//! What `instructions.sh` counts: the function that it names, called for each group of cases.

use std::hint::black_box;

use labelgate::resource::{Resource, Seen};
use labelgate::{
    Action, Actions, Facts, Filter, Kind, Matrix, OrganizationId, Role, ScopeCtx, Scopes, Subject,
    UserId, can,
};

mod hand_written;

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

#[inline(never)]
fn counted_can(role: Role, action: Action, ctx: ScopeCtx) -> bool {
    can(role, action, ctx)
}

#[inline(never)]
fn counted_hand_written(role: Role, action: Action, ctx: ScopeCtx) -> bool {
    hand_written::can(role, action, ctx)
}

#[inline(never)]
fn counted_matrix_actions(role: Role, ctx: ScopeCtx) -> Actions {
    Matrix::BUILT_IN.actions(role, ctx)
}

#[inline(never)]
fn counted_row(subject: &Subject<u64>, action: Action, row: &Row) -> bool {
    subject.can(action, row)
}

/// What a request does: it makes a subject, and asks it once.
#[inline(never)]
fn counted_subject_and_row(role: Role, action: Action, row: &Row) -> bool {
    Subject::new(row.organization, row.user, role).can(action, row)
}

/// The same with all that a subject can be given.
#[inline(never)]
fn counted_narrowed_and_row(
    (role, matrix, limit): (Role, &Matrix, Actions),
    action: Action,
    row: &Row,
) -> bool {
    let subject = Subject::new(row.organization, row.user, role).with_matrix(*matrix);
    subject.through_api().limited_to(limit).can(action, row)
}

#[inline(never)]
fn counted_actions(subject: &Subject<u64>, row: &Row) -> Actions {
    subject.actions(row)
}

#[inline(never)]
fn counted_filter(subject: &Subject<u64>, action: Action) -> Filter {
    subject.filter(action)
}

/// The shell script has the instructions written down at each end of it.
#[inline(never)]
fn group(cases: usize, mut call: impl FnMut(usize)) {
    (0..cases).for_each(&mut call);
    println!("{cases}");
}

fn main() {
    let name = std::env::args().find(|name| name.starts_with("counted_"));
    let Some(name) = name else { return };
    let (organization, user) = (OrganizationId(1), UserId(7));
    let row = |case: usize| Row { organization, user, facts: black_box(Facts::ALL[case]) };
    let matrix = Matrix::BUILT_IN.with_cell(Role::Reviewer, Action::ExportData, Scopes::Project);
    let (matrix, limit) = black_box((matrix.unwrap(), Actions::all() - Actions::DeleteProject));
    for role in Role::ALL.map(black_box) {
        let subject = black_box(Subject::new(organization, user, role));
        let facts = |call: &mut dyn FnMut(&Row)| {
            group(Facts::COUNT, |case| call(&row(case)));
        };
        match name.as_str() {
            "counted_matrix_actions" => group(ScopeCtx::COUNT, |case| {
                black_box(counted_matrix_actions(role, black_box(ScopeCtx::ALL[case])));
            }),
            "counted_actions" => facts(&mut |row| _ = black_box(counted_actions(&subject, row))),
            _ => {}
        }
        for action in Action::ALL.map(black_box) {
            let contexts = |call: fn(Role, Action, ScopeCtx) -> bool| {
                group(ScopeCtx::COUNT, |case| {
                    black_box(call(role, action, black_box(ScopeCtx::ALL[case])));
                });
            };
            match name.as_str() {
                "counted_can" => contexts(counted_can),
                "counted_hand_written" => contexts(counted_hand_written),
                "counted_row" => {
                    facts(&mut |row| _ = black_box(counted_row(&subject, action, row)));
                }
                "counted_subject_and_row" => {
                    facts(&mut |row| _ = black_box(counted_subject_and_row(role, action, row)));
                }
                "counted_narrowed_and_row" => {
                    let known = (role, &matrix, limit);
                    facts(&mut |row| _ = black_box(counted_narrowed_and_row(known, action, row)));
                }
                "counted_filter" => {
                    group(1, |_| _ = black_box(counted_filter(&subject, action)));
                }
                _ => {}
            }
        }
    }
}
