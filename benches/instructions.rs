//! What `instructions.sh` counts: the function that it names, called for each group of cases.

use std::hint::black_box;

use labelgate::sets::Scopes;
use labelgate::{
    Action, Actions, Facts, Filter, Matrix, OrganizationId, ProjectId, Role, ScopeCtx, Subject,
    TaskId, UserId, can,
};

mod hand_written;

const HERE: OrganizationId<u64> = OrganizationId(1);
const ME: UserId<u64> = UserId(7);

/// A row of a service, with integer ids.
type Row = labelgate::Row<TaskId<u64>>;

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
    Subject::new(*row.organization(), *row.user(), role).can(action, row)
}

/// The same with all that a subject can be given.
#[inline(never)]
fn counted_narrowed_and_row(
    (role, matrix, limit): (Role, &Matrix, Actions),
    action: Action,
    row: &Row,
) -> bool {
    let subject = Subject::new(*row.organization(), *row.user(), role).with_matrix(*matrix);
    subject.through_api().limited_to(limit).can(action, row)
}

#[inline(never)]
fn counted_actions(subject: &Subject<u64>, row: &Row) -> Actions {
    subject.actions(row)
}

#[inline(never)]
fn counted_actions_in(subject: &Subject<u64>, facts: Facts) -> Actions {
    subject.actions_in(labelgate::Row::seen_by(ME, ProjectId(1), HERE, facts).ok())
}

#[inline(never)]
fn counted_listing(subject: &Subject<u64>, action: Action) -> bool {
    subject.authorize_list_of(action, subject.own_organization()).is_some_and(|list| list.is_ok())
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
    let row = |case: usize| black_box(Row::seen_by(ME, TaskId(1), HERE, Facts::ALL[case]).unwrap());
    let matrix = Matrix::BUILT_IN.with_cell(Role::Reviewer, Action::ExportData, Scopes::Project);
    let (matrix, limit) = black_box((matrix.unwrap(), Actions::all() - Actions::DeleteProject));
    for role in Role::ALL.map(black_box) {
        let subject = black_box(Subject::new(HERE, ME, role));
        let facts = |call: &mut dyn FnMut(&Row)| {
            group(Facts::COUNT, |case| call(&row(case)));
        };
        match name.as_str() {
            "counted_matrix_actions" => group(ScopeCtx::COUNT, |case| {
                black_box(counted_matrix_actions(role, black_box(ScopeCtx::ALL[case])));
            }),
            "counted_actions" => facts(&mut |row| _ = black_box(counted_actions(&subject, row))),
            "counted_actions_in" => {
                facts(&mut |row| _ = black_box(counted_actions_in(&subject, row.facts())));
            }
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
                "counted_listing" => {
                    group(1, |_| _ = black_box(counted_listing(&subject, action)));
                }
                _ => {}
            }
        }
    }
}
