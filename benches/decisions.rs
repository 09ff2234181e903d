//! What a decision costs, beside what it would cost written by hand: compare rows of one run.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::ItemsCount;
use labelgate::{Action, Role, ScopeCtx, can};

mod hand_written;

fn main() {
    divan::main();
}

/// All questions there are, in an order that no branch predictor knows.
fn questions() -> Vec<(Role, Action, ScopeCtx)> {
    let mut questions = Vec::new();
    for role in Role::ALL {
        for action in Action::ALL {
            questions.extend(ScopeCtx::ALL.map(|ctx| (role, action, ctx)));
        }
    }
    let len = questions.len();
    (0..len).map(|position| questions[position * 1009 % len]).collect()
}

#[divan::bench_group]
mod decision {
    use super::*;

    fn ask(bencher: Bencher, decide: impl Fn(Role, Action, ScopeCtx) -> bool + Sync) {
        let questions = questions();
        bencher.counter(ItemsCount::new(questions.len())).bench(|| {
            for &(role, action, ctx) in black_box(&questions) {
                black_box(decide(role, action, ctx));
            }
        });
    }

    #[divan::bench]
    fn labelgate(bencher: Bencher) {
        ask(bencher, can);
    }

    #[divan::bench]
    fn hand_written(bencher: Bencher) {
        ask(bencher, super::hand_written::can);
    }
}
