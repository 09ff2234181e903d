//! What a decision costs, beside what it would cost written by hand: compare rows of one run.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use labelgate::{Action, Matrix, Role, ScopeCtx, can};

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

/// One role, one action, ten million contexts.
#[divan::bench_group(sample_count = 50)]
mod slice {
    use super::*;

    const LEN: usize = 10_000_000;

    fn read(bencher: Bencher, count: impl Fn(&[ScopeCtx]) -> usize + Sync) {
        let contexts: Vec<_> = ScopeCtx::ALL.into_iter().cycle().take(LEN).collect();
        bencher.counter(BytesCount::of_slice(&contexts)).bench(|| count(black_box(&contexts)));
    }

    /// The yardstick: as fast as the bytes can be read.
    #[divan::bench]
    fn or_reduce(bencher: Bencher) {
        read(bencher, |contexts| {
            contexts.iter().fold(0, |all, ctx| all | ctx.scopes().bits()).into()
        });
    }

    #[divan::bench]
    fn count_allowed(bencher: Bencher) {
        read(bencher, |contexts| {
            Matrix::BUILT_IN.count_allowed(
                black_box(Role::Reviewer),
                black_box(Action::ViewProjectData),
                contexts,
            )
        });
    }

    #[divan::bench]
    fn filter_count(bencher: Bencher) {
        read(bencher, |contexts| {
            let (role, action) = (black_box(Role::Reviewer), black_box(Action::ViewProjectData));
            contexts.iter().filter(|&&ctx| can(role, action, ctx)).count()
        });
    }
}
