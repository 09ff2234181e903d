//! What a filter costs to make, and to run over ten million facts, beside reading the slice: compare rows
//! of one run.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::BytesCount;
use labelgate::{Action, Facts, Filter, OrganizationId, Role, Subject, UserId};

fn main() {
    divan::main();
}

fn subject(role: Role) -> Subject<u64> {
    Subject::new(OrganizationId(1), UserId(7), role)
}

/// The filters with the most alternatives of the built-in matrix, and one through the API.
#[divan::bench_group]
mod make {
    use super::*;

    #[divan::bench]
    fn annotator_views_data(bencher: Bencher) {
        let subject = black_box(subject(Role::Annotator));
        bencher.bench_local(|| subject.filter(black_box(Action::ViewProjectData)));
    }

    #[divan::bench]
    fn manager_exports(bencher: Bencher) {
        let subject = black_box(subject(Role::Manager));
        bencher.bench_local(|| subject.filter(black_box(Action::ExportData)));
    }

    #[divan::bench]
    fn manager_exports_through_the_api(bencher: Bencher) {
        let subject = black_box(subject(Role::Manager).through_api());
        bencher.bench_local(|| subject.filter(black_box(Action::ExportData)));
    }
}

#[divan::bench_group(sample_count = 50)]
mod slice {
    use super::*;

    const LEN: usize = 10_000_000;

    fn read(bencher: Bencher, count: impl Fn(&[Facts]) -> usize + Sync) {
        let facts: Vec<_> = Facts::ALL.into_iter().cycle().take(LEN).collect();
        bencher.counter(BytesCount::of_slice(&facts)).bench(|| count(black_box(&facts)));
    }

    fn filter(role: Role, action: Action) -> Filter {
        black_box(subject(role).filter(action))
    }

    /// The yardstick: as fast as the facts can be read.
    #[divan::bench]
    fn or_reduce(bencher: Bencher) {
        read(bencher, |facts| facts.iter().fold(0, |all, facts| all | facts.bits()).into());
    }

    #[divan::bench]
    fn count_one_alternative(bencher: Bencher) {
        let filter = filter(Role::Owner, Action::ExportData);
        read(bencher, |facts| filter.count(facts));
    }

    #[divan::bench]
    fn count_five_alternatives(bencher: Bencher) {
        let filter = filter(Role::Annotator, Action::ViewProjectData);
        read(bencher, |facts| filter.count(facts));
    }

    #[divan::bench]
    fn filter_count_five_alternatives(bencher: Bencher) {
        let filter = filter(Role::Annotator, Action::ViewProjectData);
        read(bencher, |facts| facts.iter().filter(|&&facts| filter.matches(facts)).count());
    }
}
