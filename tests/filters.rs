//! Is a filter the decision read backwards: exactly, and in the fewest words?

use labelgate::sets::Scopes;
use labelgate::{
    Action, Actions, Fact, Facts, Filter, Matrix, OrganizationId, RecordId, Role, Subject, TaskId,
    UserId,
};
use labelgate_test_support::oracle;
use proptest::prelude::*;
use proptest::sample::select;

const HERE: OrganizationId<u32> = OrganizationId(1);
const ME: UserId<u32> = UserId(7);

fn me(role: Role) -> Subject<u32> {
    Subject::new(HERE, ME, role)
}

fn facts_of(set: impl IntoIterator<Item = Fact>) -> Facts {
    set.into_iter().collect()
}

/// It matches where the decision is yes, and nothing in it can be left out.
fn check(subject: &Subject<u32>, action: Action) {
    let filter = subject.filter(action);
    let case = format!("{} {action} {filter}", subject.role());
    for facts in Facts::ALL {
        let task = subject.row(TaskId(5), HERE, facts).unwrap();
        let record = subject.row(RecordId(5), HERE, facts).unwrap();
        let may = subject.can(action, task) || subject.can(action, record);
        assert_eq!(filter.matches(facts), may, "{case}: {facts}");
    }
    assert_eq!(filter.is_nothing(), filter.alternatives().count() == 0);
    let everything = Facts::ALL.into_iter().all(|facts| filter.matches(facts));
    assert_eq!(filter.is_everything(), everything);
    minimal(&filter, &case);
}

fn minimal(filter: &Filter, case: &str) {
    let all: Vec<_> = filter.alternatives().collect();
    assert!(all.len() <= Filter::MOST, "{case}");
    assert!(all.is_sorted_by(|one, other| one.bits() < other.bits()), "{case}");
    for alternative in &all {
        let enough = facts_of(alternative.elements());
        assert!(filter.matches(enough), "{case}");
        // It is not enough for another one,
        let others = all.iter().filter(|other| *other != alternative);
        for other in others {
            assert!(!enough.contains(facts_of(other.elements())), "{case}");
        }
        // and with one fact less it is not enough for any.
        for fact in alternative.elements() {
            let less = facts_of(alternative.elements().filter(|&other| other != fact));
            assert!(!filter.matches(less), "{case}: {fact}");
        }
    }
}

#[test]
fn filters_are_the_decision_read_backwards() {
    let limits = [Actions::all(), Actions::ExportData | Actions::ViewProject, Actions::LabelTasks];
    for role in Role::ALL {
        for action in Action::ALL {
            for limit in limits {
                let subject = me(role).limited_to(limit);
                check(&subject, action);
                check(&subject.through_api(), action);
            }
        }
    }
}

#[test]
fn filters_are_the_page_s() {
    let filter = |role: Role, action| me(role).filter(action).to_string();
    for role in [Role::Administrator, Role::Owner] {
        for action in Action::ALL {
            let holds = oracle::cell(role.code(), action.key()) == "G";
            let expected = if holds { "everything in the organization" } else { "nothing" };
            assert_eq!(filter(role, action), expected);
        }
    }
    assert_eq!(filter(Role::Manager, Action::ViewProject), "everything in the organization");
    assert_eq!(
        filter(Role::Manager, Action::ExportData),
        "workspace_creator; workspace_member; project_creator; project_member; project_assignee"
    );
    assert_eq!(
        filter(Role::Manager, Action::UseApi),
        "workspace_creator; workspace_member; project_creator"
    );
    for role in [Role::Annotator, Role::Reviewer] {
        assert_eq!(
            filter(role, Action::ViewProject),
            "project_member and acts_as_annotator; project_assignee and acts_as_annotator; \
             project_member and acts_as_reviewer; project_assignee and acts_as_reviewer"
        );
        assert_eq!(
            filter(role, Action::ReviewAnnotations),
            "project_member and acts_as_reviewer; project_assignee and acts_as_reviewer"
        );
        assert_eq!(
            filter(role, Action::ViewProjectData),
            "project_member and acts_as_reviewer; project_assignee and acts_as_reviewer; \
             acts_as_annotator and own_data_permitted and assignee; \
             project_member and acts_as_annotator and own_data_permitted and author; \
             project_assignee and acts_as_annotator and own_data_permitted and author"
        );
        assert_eq!(filter(role, Action::ExportData), "nothing");
    }
}

/// The cells that differ in what they give: `O` contains `O?`, and `G` all.
fn cells() -> Vec<Scopes> {
    let own = [Scopes::empty(), Scopes::OwnPermitted, Scopes::Own];
    let mut cells = vec![Scopes::Organization];
    for own in own {
        for project in [Scopes::empty(), Scopes::Project] {
            cells.extend([own | project, own | project | Scopes::Workspace]);
        }
    }
    cells
}

#[test]
fn the_most_alternatives_are_five_ten_and_fourteen() {
    let count = |subject: &Subject<u32>, action| subject.filter(action).alternatives().count();
    let mut most = 0;
    for role in Role::ALL {
        for action in Action::ALL {
            most = most.max(count(&me(role), action));
        }
    }
    assert_eq!(most, 5);

    // Two roles can count in a project, each with a cell for the action and one for the API.
    let (mut any, mut narrowed) = (0, 0);
    let cells = cells();
    let with = |matrix: Matrix, role, action, cell| matrix.with_cell(role, action, cell).unwrap();
    for action in [Action::ReviewAnnotations, Action::ChangeProject] {
        for &annotator in &cells {
            let matrix = with(Matrix::BUILT_IN, Role::Annotator, action, annotator);
            for &reviewer in &cells {
                let matrix = with(matrix, Role::Reviewer, action, reviewer);
                let subject = me(Role::Annotator).with_matrix(matrix);
                any = any.max(count(&subject, action));
                check(&subject, action);
                for &api_annotator in &cells {
                    let matrix = with(matrix, Role::Annotator, Action::UseApi, api_annotator);
                    for &api_reviewer in &cells {
                        let matrix = with(matrix, Role::Reviewer, Action::UseApi, api_reviewer);
                        let subject = me(Role::Annotator).with_matrix(matrix).through_api();
                        let found = count(&subject, action);
                        if found > narrowed || found == Filter::MOST {
                            check(&subject, action);
                        }
                        narrowed = narrowed.max(found);
                    }
                }
            }
        }
    }
    assert_eq!((any, narrowed), (10, Filter::MOST));
    assert_eq!(Filter::MOST, 14);
}

#[test]
fn counting_a_long_slice_does_not_overflow() {
    let everything = vec![Facts::none(); 200_003];
    assert_eq!(me(Role::Owner).filter(Action::ExportData).count(&everything), 200_003);
    assert_eq!(me(Role::Deactivated).filter(Action::ExportData).count(&everything), 0);
}

fn matrices() -> impl Strategy<Value = Matrix> {
    let cell = (select(&Role::ALL[..5]), select(&Action::ALL[..]), 0..=Scopes::all().bits());
    proptest::collection::vec(cell, 0..80).prop_map(|cells| {
        cells.into_iter().fold(Matrix::BUILT_IN, |matrix, (role, action, scopes)| {
            matrix.with_cell(role, action, Scopes::from_bits_truncate(scopes)).unwrap()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn filters_follow_any_matrix_and_narrowing(
        matrix in matrices(),
        role in select(&Role::ALL[..]),
        limit in 0..=Actions::all().bits(),
        through_api: bool,
    ) {
        let subject = me(role).with_matrix(matrix);
        let limited = subject.limited_to(Actions::from_bits_truncate(limit));
        let subject = if through_api { subject.through_api() } else { limited };
        for action in Action::ALL {
            check(&subject, action);
        }
    }

    #[test]
    fn counting_is_filter_and_count(
        matrix in matrices(),
        through_api: bool,
        facts in proptest::collection::vec(select(&Facts::ALL[..]), 0..600),
    ) {
        let subject = me(Role::Annotator).with_matrix(matrix);
        let subject = if through_api { subject.through_api() } else { subject };
        for action in Action::ALL {
            let filter = subject.filter(action);
            let expected = facts.iter().filter(|&&facts| filter.matches(facts)).count();
            prop_assert_eq!(filter.count(&facts), expected, "{}", filter);
        }
    }
}
