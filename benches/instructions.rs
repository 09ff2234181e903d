//! What `instructions.sh` counts: the functions below, each called `CALLS` times.

use std::hint::black_box;

use labelgate::{Action, Actions, Matrix, Role, ScopeCtx};

mod hand_written;

#[inline(never)]
fn counted_can(role: Role, action: Action, ctx: ScopeCtx) -> bool {
    labelgate::can(role, action, ctx)
}

#[inline(never)]
fn counted_hand_written(role: Role, action: Action, ctx: ScopeCtx) -> bool {
    hand_written::can(role, action, ctx)
}

#[inline(never)]
fn counted_actions(role: Role, ctx: ScopeCtx) -> Actions {
    Matrix::BUILT_IN.actions(role, ctx)
}

fn main() {
    let mut calls = 0;
    for role in Role::ALL.map(black_box) {
        for action in Action::ALL.map(black_box) {
            for ctx in ScopeCtx::ALL.map(black_box) {
                black_box(counted_can(role, action, ctx));
                black_box(counted_hand_written(role, action, ctx));
                black_box(counted_actions(role, ctx));
                calls += 1;
            }
        }
    }
    println!("CALLS={calls}");
}
