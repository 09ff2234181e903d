//! Generated worlds, written as tuples by `labelgate_export::data`, against the naive model of their tables.

use labelgate::Matrix;
use labelgate_engine_tests::case::Case;
use labelgate_engine_tests::tables::World;
use labelgate_engine_tests::{openfga, spicedb, worlds};
use labelgate_export::model::Model;
use labelgate_export::rules::Rules;

/// A world, with all lists of users, and some of the lists of objects and checks: every n-th. A world has about 480
/// lists of users, 330 lists of objects and 330 checks. OpenFGA takes ten times as long for a check or a list of objects
/// as for a list of users.
fn case(seed: u64, every: usize) -> Case {
    let mut case = worlds::case(&World::generate(seed));
    case.objects = case.objects.into_iter().step_by(every).collect();
    case.checks = case.checks.into_iter().step_by(every).collect();
    assert!(case.users.len() > 300 && case.objects.len() > 10 && case.checks.len() > 10);
    case
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn openfga_lists_and_checks_the_same() {
    let model = Model::new(&Rules::of(Matrix::BUILT_IN));
    let cases: Vec<_> = (0..3).map(|seed| case(seed, 23)).collect();
    openfga::ask(&labelgate_export::openfga::print(&model), &cases).assert_equal(&cases);
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn spicedb_lists_and_checks_the_same() {
    let schema = labelgate_export::spicedb::print(&Model::new(&Rules::of(Matrix::BUILT_IN)));
    for seed in 3..5 {
        // One at a time: worlds have the same ids.
        let cases = [case(seed, 3)];
        spicedb::ask(&schema, &cases).assert_equal(&cases);
    }
}
