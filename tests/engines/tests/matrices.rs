//! Other matrices, narrowed subjects, and models that were broken on purpose.

use labelgate::overrides::Overrides;
use labelgate::{Actions, Facts, Matrix, OrganizationId, Role, Subject, UserId};
use labelgate_engine_tests::case::{Case, Report};
use labelgate_engine_tests::every::{self, Organization};
use labelgate_engine_tests::tables::Random;
use labelgate_engine_tests::{mutants, openfga, spicedb};
use labelgate_export::levels::{self, Levels};
use labelgate_export::model::Model;
use labelgate_export::rules::Rules;
use labelgate_export::tuple::Id;
use labelgate_test_support::random::narrowest;

type Make = dyn Fn(OrganizationId<i64>, UserId<i64>, Role) -> Subject<i64>;

/// One of eight users of each role, others for each number: with both settings 72 values of `Facts`.
fn sample(number: i64, subject: &Make) -> Case {
    let facts: Vec<Facts> = every::of_users().skip(number as usize % 8).step_by(8).collect();
    assert_eq!(facts.len(), 36);
    let mut case = Case::default();
    Organization { number, facts, subject }.add(&mut case);
    case
}

fn rules(subject: &Make) -> Rules {
    Rules::by(|role| subject(OrganizationId(0), UserId(0), role))
}

/// Subjects whose rules are not those of the built-in matrix.
fn subjects() -> Vec<Box<Make>> {
    let mut random = Random(27);
    let mut matrices = vec![Overrides::widest().matrix(), narrowest().matrix()];
    matrices.extend((0..4).map(|_| random.overrides().matrix()));
    matrices.extend((0..4).map(|_| random.matrix()));
    let mut subjects: Vec<Box<Make>> = Vec::new();
    for matrix in matrices {
        subjects.push(Box::new(move |o, u, role| Subject::new(o, u, role).with_matrix(matrix)));
    }
    let matrix = random.overrides().matrix();
    subjects.push(Box::new(|o, u, role| Subject::new(o, u, role).through_api()));
    subjects.push(Box::new(move |o, u, role| {
        Subject::new(o, u, role).with_matrix(matrix).through_api()
    }));
    let limit = Actions::ViewProject | Actions::ViewProjectData | Actions::ViewWorkspace;
    subjects.push(Box::new(move |o, u, role| Subject::new(o, u, role).limited_to(limit)));
    subjects
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn openfga_decides_by_other_matrices() {
    for (number, subject) in subjects().iter().enumerate() {
        let model = Model::new(&rules(subject));
        let cases = [sample(number as i64, subject)];
        openfga::ask(&labelgate_export::openfga::print(&model), &cases).assert_equal(&cases);
    }
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn spicedb_decides_by_other_matrices() {
    // Every fourth: one of overrides, two that are made up, one narrowed.
    for (number, subject) in subjects().iter().enumerate().step_by(4) {
        let model = Model::new(&rules(subject));
        let cases = [sample(number as i64, subject)];
        spicedb::ask(&labelgate_export::spicedb::print(&model), &cases).assert_equal(&cases);
    }
}

/// Organizations with different overrides, under one model.
fn organizations() -> Vec<Case> {
    let mut random = Random(2700);
    let mut sets = vec![Overrides::none(), Overrides::widest(), narrowest()];
    sets.extend((0..2).map(|_| random.overrides()));
    let case = |(number, overrides): (usize, Overrides)| {
        let matrix = overrides.matrix();
        let mut case =
            sample(number as i64, &move |o, u, role| Subject::new(o, u, role).with_matrix(matrix));
        case.tuples.extend(levels::tuples(OrganizationId(Id::from(number as i64)), &overrides));
        case
    };
    sets.into_iter().enumerate().map(case).collect()
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn spicedb_decides_by_levels() {
    let schema = labelgate_export::spicedb::print(&Model::with_levels(&Levels::new()));
    let cases = organizations();
    spicedb::ask(&schema, &cases).assert_equal(&cases);
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn openfga_decides_by_levels() {
    let model = labelgate_export::openfga::print(&Model::with_levels(&Levels::new()));
    let cases = organizations();
    openfga::ask(&model, &cases).assert_equal(&cases);
}

/// Asks about some of the mutants. Each is noticed.
fn notices(first: usize, step: usize, ask: impl Fn(&Model, &[Case]) -> Report) {
    let cases = [sample(3, &Subject::new)];
    let all = mutants::mutants(&Model::new(&Rules::of(Matrix::BUILT_IN)));
    assert!(all.len() > 100, "{}", all.len());
    let mut noticed = 0;
    for (name, mutant) in all.into_iter().skip(first).step_by(step) {
        assert!(!ask(&mutant, &cases).differences.is_empty(), "not noticed: {name}");
        noticed += 1;
    }
    println!("{noticed} models broken on purpose, all noticed");
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn a_broken_model_of_openfga_is_noticed() {
    notices(3, 20, |mutant, cases| openfga::ask(&labelgate_export::openfga::print(mutant), cases));
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn a_broken_schema_of_spicedb_is_noticed() {
    notices(13, 40, |mutant, cases| spicedb::ask(&labelgate_export::spicedb::print(mutant), cases));
}
