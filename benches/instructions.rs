//! What `instructions.sh` counts: the functions below, each called as often as is printed.

use std::hint::black_box;

use labelgate::{Action, Actions, Denied, Granted, Matrix, Role, ScopeCtx, Scopes, can, decide};

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
    decide(role, action, ctx).map_or_else(Denied::http_status, |_| 200)
}

#[inline(never)]
fn counted_actions(role: Role, ctx: ScopeCtx) -> Actions {
    Matrix::BUILT_IN.actions(role, ctx)
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
    let all = allowed + denied;
    println!("can {all}\nhand_written {all}\nactions {all}\ngranted {allowed}\ndenied {denied}");
}
