//! Is a filter the decision read backwards: exactly, and in the fewest words?

mod common;

use common::oracle;
use labelgate::resource::{Resource, Seen};
use labelgate::{
    Action, Actions, Fact, Facts, Filter, Kind, Matrix, OrganizationId, Role, Scopes, Subject,
    UserId,
};
use proptest::prelude::*;
use proptest::sample::select;

const HERE: OrganizationId<u32> = OrganizationId(1);
const ME: UserId<u32> = UserId(7);

struct Row<const KIND: u8>(Facts);

macro_rules! rows {
    ($($number:literal $Kind:ident)+) => {$(
        impl Resource for Row<$number> {
            type Id = u32;
            type UserId = u32;
            const KIND: Kind = Kind::$Kind;
            fn seen(&self) -> Seen<'_, u32, u32> {
                Seen { organization: &HERE, user: &ME, facts: self.0 }
            }
        }
    )+};
}

rows! { 0 Organization 1 Workspace 2 Project 3 Task }

fn me(role: Role) -> Subject<u32> {
    Subject::new(HERE, ME, role)
}

fn facts_of(set: impl IntoIterator<Item = Fact>) -> Facts {
    set.into_iter().collect()
}

/// The facts of a level and above it.
fn up_to(kind: Kind, facts: Facts) -> Facts {
    facts_of(facts.elements().filter(|fact| fact.level() <= kind))
}

/// It matches where the decision is yes, and nothing in it can be left out.
fn check(subject: &Subject<u32>, action: Action) {
    let filter = subject.filter(action);
    let case = format!("{} {action} {filter}", subject.role());
    for facts in Facts::ALL {
        assert_eq!(filter.matches(facts), subject.can(action, Row::<3>(facts)), "{case}: {facts}");
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

/// What is left once facts up to a kind are known matches what the whole matches.
fn check_given(filter: &Filter, case: &str) {
    for kind in Kind::ALL {
        let mut known = Vec::new();
        for facts in Facts::ALL {
            let before = up_to(kind, facts);
            let left = filter.given(kind, before);
            assert_eq!(left.matches(facts), filter.matches(facts), "{case} {kind:?}: {facts}");
            // What is narrower than the kind makes no difference to what is known.
            assert_eq!(left, filter.given(kind, facts));
            if !known.contains(&before) {
                known.push(before);
                minimal(&left, case);
                let asked = left.alternatives().flat_map(|alternative| alternative.elements());
                assert!(asked.into_iter().all(|fact| fact.level() > kind));
            }
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
            check_given(&me(role).filter(action), &format!("{role} {action}"));
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
        let data = me(role).filter(Action::ViewProjectData);
        let acts = [Fact::ActsAsAnnotator, Fact::OwnDataPermitted];
        let known = facts_of(acts.into_iter().chain([Fact::ProjectMember, Fact::ProjectAssignee]));
        assert_eq!(data.given(Kind::Project, known).to_string(), "assignee; author");
        // Whoever has no tasks in a project is assigned to none of its tasks.
        let known = facts_of(acts.into_iter().chain([Fact::ProjectMember]));
        assert_eq!(data.given(Kind::Project, known).to_string(), "author");
        assert!(data.given(Kind::Project, facts_of(acts)).is_nothing());
        let reviews = facts_of([Fact::ProjectMember, Fact::ActsAsReviewer]);
        assert!(data.given(Kind::Project, reviews).is_everything());
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
fn a_list_in_which_nothing_can_be_is_denied() {
    fn check<const KIND: u8>(kind: Kind)
    where
        Row<KIND>: Resource<Id = u32, UserId = u32>,
    {
        for role in Role::ALL {
            for subject in [
                me(role),
                me(role).through_api(),
                me(role).limited_to(Actions::ViewProjectData | Actions::ViewProject),
            ] {
                for action in Action::ALL {
                    for facts in Facts::ALL {
                        let known = up_to(kind, facts);
                        if known != facts {
                            continue;
                        }
                        let case = format!("{subject:?} {action} {kind:?} {known}");
                        let possible = Facts::ALL.into_iter().filter(|&f| up_to(kind, f) == known);
                        let mut possible = possible.collect::<Vec<_>>();
                        let may = |&facts: &Facts| subject.can(action, Row::<3>(facts));
                        let left = subject.filter_in(action, Row::<KIND>(known));
                        assert_eq!(left.is_ok(), possible.iter().any(may), "{case}");
                        let Err(denied) = left else { continue };
                        let guard = action.guard();
                        let sees = guard.is_none_or(|guard| subject.can(guard, Row::<3>(known)));
                        assert_eq!(denied.is_hidden(), !sees, "{case}");
                        // The reason is that of the most that could still be, as a reviewer.
                        possible.retain(|facts| {
                            !facts.has(Fact::ActsAsAnnotator) || known.has(Fact::ActsAsAnnotator)
                        });
                        let most = possible.iter().max_by_key(|facts| facts.elements().count());
                        let reason = subject.decide(action, Row::<3>(*most.unwrap())).unwrap_err();
                        assert_eq!(denied.reason(), reason.reason(), "{case}");
                    }
                }
            }
        }
    }
    check::<0>(Kind::Organization);
    check::<1>(Kind::Workspace);
    check::<2>(Kind::Project);
}

#[test]
fn lists_are_denied_outside_and_to_the_powerless() {
    for role in Role::ALL {
        let subject = Subject::new(OrganizationId(2), ME, role);
        for action in Action::ALL {
            let denied = subject.filter_in(action, Row::<2>(Facts::ALL[575])).unwrap_err();
            assert!(denied.is_hidden());
            if !role.is_active() {
                assert!(me(role).filter_in(action, me(role).here()).is_err());
                assert!(me(role).filter(action).is_nothing());
            }
        }
    }
}

#[test]
fn counting_a_long_slice_does_not_overflow() {
    let everything = vec![Facts::none(); 200_003];
    assert_eq!(me(Role::Owner).filter(Action::ExportData).count(&everything), 200_003);
    assert_eq!(me(Role::Deactivated).filter(Action::ExportData).count(&everything), 0);
}

fn matrices() -> impl Strategy<Value = Matrix> {
    let cell = (select(&Role::ALL[..5]), select(&Action::ALL[..]), 0..32u8);
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
        for action in [Action::ViewProjectData, Action::ChangeWorkspace] {
            check_given(&subject.filter(action), "any");
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
