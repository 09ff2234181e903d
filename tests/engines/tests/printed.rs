//! What is printed, without an engine: lines that people can read, and names that the engines take.

use std::collections::BTreeSet;

use labelgate::overrides::Overrides;
use labelgate::{Action, Matrix, OrganizationId, Role, Subject, UserId};
use labelgate_engine_tests::tables::Random;
use labelgate_export::levels::{self, Levels};
use labelgate_export::model::{Model, Target, WIDTH, relation};
use labelgate_export::rules::Rules;
use labelgate_export::tuple::Holder;
use labelgate_export::{cedar, openfga, spicedb, typescript};
use labelgate_test_support::random::narrowest;

fn matrices() -> Vec<Matrix> {
    let mut random = Random(1);
    let mut matrices = vec![Matrix::BUILT_IN, Overrides::widest().matrix(), narrowest().matrix()];
    matrices.extend((0..100).map(|_| random.overrides().matrix()));
    matrices.extend((0..100).map(|_| random.matrix()));
    matrices
}

fn models() -> impl Iterator<Item = Model> {
    let plain = matrices().into_iter().map(|matrix| Model::new(&Rules::of(matrix)));
    let api = |role| Subject::new(OrganizationId(1), UserId(7), role).through_api();
    plain.chain([Model::new(&Rules::by(api)), Model::with_levels(&Levels::new())])
}

#[test]
fn no_line_is_long() {
    let widest = |text: &str| text.lines().map(str::len).max().unwrap_or(0);
    for model in models() {
        for text in [openfga::print(&model), spicedb::print(&model)] {
            assert!(widest(&text) <= WIDTH, "{text}");
            // OpenFGA's documentation: 256 KB.
            assert!(text.len() < 100_000);
        }
    }
    for matrix in matrices() {
        let rules = Rules::of(matrix);
        for text in [cedar::schema(), cedar::policies(&rules), typescript::print(&matrix)] {
            assert!(widest(&text) <= WIDTH, "{text}");
        }
    }
}

#[test]
fn names_are_short_and_stand_once() {
    for model in models() {
        assert_eq!(model.types.len(), 5);
        for of in &model.types {
            let names = of
                .relations
                .iter()
                .map(|(name, _)| name)
                .chain(of.definitions.iter().map(|(name, _)| name));
            let names: Vec<_> = names.collect();
            assert!(names.iter().all(|name| name.len() <= 50), "{names:?}");
            let distinct: BTreeSet<_> = names.iter().collect();
            assert_eq!(distinct.len(), names.len(), "{names:?}");
        }
    }
}

/// A client asks for any action, so that none is left out; and tuples are the same under all models of a matrix.
#[test]
fn models_differ_only_in_what_follows_from_tuples() {
    let built_in = Model::new(&Rules::of(Matrix::BUILT_IN));
    for matrix in matrices() {
        let model = Model::new(&Rules::of(matrix));
        for (of, other) in model.types.iter().zip(&built_in.types) {
            assert_eq!(of.relations, other.relations);
            let actions = Action::ALL.into_iter().filter(|action| {
                action.kind() == of.kind
                    || of.kind.name() == "record" && action.kind().name() == "task"
            });
            for action in actions {
                assert!(
                    of.definitions.iter().any(|(name, _)| *name == relation(action)),
                    "{action}"
                );
            }
        }
    }
}

/// Whatever an organization overrides, the model has the relations of its tuples.
#[test]
fn overrides_have_a_level() {
    let model = Model::with_levels(&Levels::new());
    let relations = &model.types[0].relations;
    let mut random = Random(3);
    let mut sets = vec![Overrides::none(), Overrides::widest(), narrowest()];
    sets.extend((0..2_000).map(|_| random.overrides()));
    let mut most = 0;
    for overrides in sets {
        let tuples = levels::tuples(OrganizationId(1.into()), &overrides);
        for tuple in &tuples {
            assert_eq!(tuple.holder, Holder::Everyone);
            assert!(relations.contains(&(tuple.relation.clone(), Target::Everyone)), "{tuple:?}");
        }
        most = most.max(tuples.len());
    }
    assert_eq!(most, 28);
}

/// A role without a relation could have no tuple.
#[test]
fn each_role_that_does_something_has_a_relation() {
    let model = Model::new(&Rules::of(Matrix::BUILT_IN));
    for role in Role::ALL {
        let tuple =
            labelgate_export::tuple::Tuple::role(OrganizationId(1.into()), UserId(7.into()), role);
        assert_eq!(tuple.is_some(), role.is_active());
        let relation = tuple.map(|tuple| (tuple.relation, Target::User));
        assert!(relation.is_none_or(|relation| model.types[0].relations.contains(&relation)));
    }
}

#[test]
fn the_guide_shows_what_is_printed() {
    let printed = openfga::print(&Model::new(&Rules::of(Matrix::BUILT_IN)));
    let guide = include_str!("../../../src/guide/engines.md");
    let (_, shown) = guide.split_once("```text\n").expect("an excerpt");
    let (shown, _) = shown.split_once("```").expect("its end");
    let shown: Vec<_> = shown.lines().filter(|line| !line.is_empty()).collect();
    assert!(shown.len() > 4);
    for line in shown {
        assert!(printed.lines().any(|other| other == line), "{line}");
    }
}
