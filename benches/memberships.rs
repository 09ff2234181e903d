//! What it costs to find out how a subject holds a resource, by how many memberships it has.
//! Nothing here allocates: tests/no_std links the same code without an allocator.

use std::collections::{BTreeSet, HashSet};
use std::hint::black_box;

use divan::Bencher;
use labelgate::{
    IdSet, Lists, OrganizationId, ProjectId, Role, Sorted, Subject, UserId, WorkspaceId,
};

const MEMBERSHIPS: [u64; 3] = [10, 1_000, 100_000];

fn main() {
    divan::main();
}

/// Even numbers, so that half of what is asked for is missing.
fn ids(count: u64) -> Vec<ProjectId<u64>> {
    (0..count).map(|number| ProjectId(number * 2)).collect()
}

fn resolve(bencher: Bencher, count: u64, projects: impl IdSet<ProjectId<u64>> + Sync) {
    let subject = Subject {
        organization: OrganizationId(1),
        user: UserId(7),
        role: Role::Manager,
        memberships: Lists {
            workspaces: [WorkspaceId(1)],
            projects,
            assignments: (),
            annotator_in: (),
            reviewer_in: (),
        },
    };
    let here = OrganizationId(1).workspace(WorkspaceId(2));
    let resources: Vec<_> =
        (0..1009).map(|number| here.project(ProjectId(number * 7919 % (2 * count)))).collect();
    bencher.counter(divan::counter::ItemsCount::new(resources.len())).bench(|| {
        for resource in black_box(&resources) {
            black_box(subject.context(resource));
        }
    });
}

#[divan::bench(args = MEMBERSHIPS)]
fn sorted(bencher: Bencher, count: u64) {
    resolve(bencher, count, Sorted::new(&ids(count)).unwrap());
}

#[divan::bench(args = MEMBERSHIPS)]
fn btree_set(bencher: Bencher, count: u64) {
    resolve(bencher, count, ids(count).into_iter().collect::<BTreeSet<_>>());
}

#[divan::bench(args = MEMBERSHIPS)]
fn hash_set(bencher: Bencher, count: u64) {
    resolve(bencher, count, ids(count).into_iter().collect::<HashSet<_>>());
}

/// Linear: for few memberships only.
#[divan::bench(args = &MEMBERSHIPS[..2])]
fn slice(bencher: Bencher, count: u64) {
    resolve(bencher, count, ids(count));
}
