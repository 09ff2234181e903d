//! Does the crate decide as the oracle does, on all 577 x 7 x 30 questions about facts?

mod common;

use common::oracle;
use labelgate::error::InvalidFacts;
use labelgate::resource::{Resource, Seen};
use labelgate::{
    Action, Actions, Fact, Facts, Kind, Matrix, OrganizationId, ProjectRole, Reason, Role,
    ScopeCtx, Scopes, Subject, UserId,
};
use proptest::prelude::*;
use proptest::sample::select;

const HERE: OrganizationId<u32> = OrganizationId(1);
const ME: UserId<u64> = UserId(7);

/// A row of a service: of a task, so that all facts count.
#[derive(Debug, Clone, Copy)]
struct Row {
    organization: OrganizationId<u32>,
    user: UserId<u64>,
    facts: Facts,
}

impl Resource for Row {
    type Id = u32;
    type UserId = u64;
    const KIND: Kind = Kind::Task;

    fn seen(&self) -> Seen<'_, u32, u64> {
        Seen { organization: &self.organization, user: &self.user, facts: self.facts }
    }
}

fn row(facts: Facts) -> Row {
    Row { organization: HERE, user: ME, facts }
}

fn me(role: Role) -> Subject<u32, u64> {
    Subject::new(HERE, ME, role)
}

/// The 576, and the state outside as a row of another organization.
fn rows() -> impl Iterator<Item = (Option<u16>, Row)> {
    let elsewhere = Row { organization: OrganizationId(2), ..row(Facts::ALL[575]) };
    let inside =
        oracle::all().map(|bits| (Some(bits), row(Facts::from_bits(bits.into()).unwrap())));
    inside.chain([(None, elsewhere)])
}

/// The letters of a cell, from a changed matrix.
fn text(scopes: Scopes) -> String {
    let letters: Vec<_> = scopes
        .elements()
        .map(|scope| match scope.name() {
            "own" => "O",
            "own_permitted" => "O?",
            "project" => "P",
            "workspace" => "W",
            _ => "G",
        })
        .collect();
    letters.join(" ")
}

fn cell_of(matrix: &Matrix) -> impl Fn(&str, &str) -> String {
    move |role, key| text(matrix.scopes(role.parse().unwrap(), key.parse().unwrap()))
}

#[test]
fn every_question_has_the_oracle_s_answer() {
    let mut asked = 0;
    for (bits, row) in rows() {
        for role in Role::ALL {
            let (subject, code) = (me(role), role.code());
            let actions = subject.actions(row);
            for action in Action::ALL {
                let (key, case) = (action.key(), format!("{role} {action} {row:?}"));
                let expected = oracle::may(code, key, bits);
                assert_eq!(subject.can(action, row), expected, "{case}");
                assert_eq!(actions.has(action), expected, "{case}");
                match subject.decide(action, row) {
                    Ok(granted) => {
                        assert!(expected && !granted.through().is_empty(), "{case}");
                    }
                    Err(denied) => {
                        assert!(!expected, "{case}");
                        assert_eq!(denied.is_hidden(), oracle::hidden(code, key, bits), "{case}");
                        assert_eq!(denied.reason(), reason(code, key, bits), "{case}");
                    }
                }
                asked += 1;
            }
        }
    }
    assert_eq!(asked, 121_170);
}

/// The first reason of the documented order that applies.
fn reason(role: &str, key: &str, bits: Option<u16>) -> Reason {
    let kind = oracle::kind(key);
    match (role, bits) {
        ("NO", _) => Reason::NotActivated,
        ("DI", _) => Reason::Deactivated,
        (_, None) => Reason::OutsideOrganization,
        (_, Some(bits)) => match oracle::acts_as(role, kind, bits) {
            None => Reason::ActsAsNobody,
            Some(acting) => match oracle::cell(acting, key) {
                "-" => Reason::RoleNeverHolds,
                "O?" if oracle::scopes(role, kind, bits).contains(&"O") => Reason::SettingOff,
                _ => Reason::ScopeNotHeld,
            },
        },
    }
}

#[test]
fn the_scopes_and_the_role_that_counts_are_the_page_s() {
    for bits in oracle::all() {
        let facts = Facts::from_bits(bits.into()).unwrap();
        for role in Role::ALL.into_iter().filter(|role| role.is_active()) {
            for kind in Kind::ALL {
                let name = format!("{kind:?}");
                let held = text(ScopeCtx::from_facts(role, kind, facts).scopes());
                let mut held: Vec<_> = held.split(' ').collect();
                let mut expected = oracle::scopes(role.code(), &name, bits);
                held.sort();
                expected.sort();
                assert_eq!(held, expected, "{role} {name} {facts}");
                let counts = role.that_counts(kind, facts).map(Role::code);
                assert_eq!(counts, oracle::acts_as(role.code(), &name, bits));
            }
        }
    }
}

#[test]
fn positions_names_and_levels_are_promised() {
    let facts = Fact::ALL.map(|fact| (fact.name(), fact.bit(), format!("{:?}", fact.level())));
    for (position, (name, level)) in oracle::FACTS.into_iter().enumerate() {
        assert_eq!(facts[position], (name, 1 << position, level.to_owned()));
    }
    assert_eq!(Fact::COUNT, oracle::FACTS.len());
}

/// Every integer around, and at, the 1,024.
#[test]
fn integers_decode_or_are_refused() {
    for bits in -2048..4096i64 {
        let expected = match u16::try_from(bits) {
            Ok(bits) if bits < 1024 => {
                let both = bits & 0b110_0000 == 0b110_0000;
                if both { Err(InvalidFacts::Contradiction) } else { Ok(bits) }
            }
            _ => Err(InvalidFacts::Unknown { bits }),
        };
        // Who is assigned to a task has tasks in its project.
        let implied = |bits| {
            if bits & oracle::ASSIGNEE != 0 { bits | oracle::PROJECT_ASSIGNEE } else { bits }
        };
        let found = Facts::from_bits(bits);
        assert_eq!(found.map(Facts::bits), expected.map(implied), "{bits}");
        assert_eq!(Facts::try_from(bits), found);
        assert_eq!(Facts::try_from(bits as i32), found);
    }
    for bits in [i64::MIN, i64::MAX, 1 << 32, (1 << 32) + 8] {
        assert_eq!(Facts::from_bits(bits), Err(InvalidFacts::Unknown { bits }));
    }
    assert!(Facts::try_from(i32::MIN).is_err());
    let all: Vec<_> = oracle::all().collect();
    assert_eq!(Facts::ALL.map(Facts::bits).to_vec(), all);
}

#[test]
fn the_errors_of_integers_say_what_is_wrong() {
    let message = |bits| Facts::from_bits(bits).unwrap_err().to_string();
    assert_eq!(message(1 << 10), "`1024` has bits that stand for no fact");
    assert_eq!(message(-1), "`-1` has bits that stand for no fact");
    assert_eq!(message(32 + 64), "`acts_as_annotator` and `acts_as_reviewer` exclude each other");
}

#[test]
fn facts_come_from_lists_of_names() {
    use serde_json::{from_value, json, to_value};
    for facts in Facts::ALL {
        let names: Vec<_> = facts.elements().map(Fact::name).collect();
        assert_eq!(to_value(facts).unwrap(), json!(names));
        assert_eq!(from_value::<Facts>(json!(names)).unwrap(), facts);
    }
    let assignee = Facts::none().with(Fact::Assignee);
    assert_eq!(from_value::<Facts>(json!(["assignee"])).unwrap(), assignee);
    let refusal = |wire| from_value::<Facts>(wire).unwrap_err().to_string();
    assert_eq!(refusal(json!(["owner"])), "unknown fact `owner`");
    assert_eq!(refusal(json!(["author", "author"])), "`author` stands twice");
    assert_eq!(
        refusal(json!(["acts_as_annotator", "acts_as_reviewer"])),
        "`acts_as_annotator` and `acts_as_reviewer` exclude each other"
    );
    assert!(refusal(json!(8)).starts_with("invalid type: integer `8`"));
}

#[test]
fn one_more_fact_takes_nothing_away() {
    for facts in Facts::ALL {
        for fact in Fact::ALL {
            let more = facts.with(fact);
            if !more.contains(facts) {
                // It would be the other thing to act as.
                assert!(matches!(fact, Fact::ActsAsAnnotator));
                continue;
            }
            for role in Role::ALL {
                let (before, after) = (me(role).actions(row(facts)), me(role).actions(row(more)));
                assert!(after.contains(before), "{role} {facts} and {fact}");
            }
        }
    }
}

/// A fact that no table reads would be in the bits and count for nothing.
#[test]
fn every_fact_makes_a_difference_to_some_decision() {
    for fact in Fact::ALL {
        let mut others = Facts::ALL.into_iter().filter(|facts| !facts.has(fact));
        let makes_one = |facts: Facts| {
            Role::ALL
                .into_iter()
                .any(|role| me(role).actions(row(facts)) != me(role).actions(row(facts.with(fact))))
        };
        assert!(others.any(makes_one), "{fact}");
    }
}

/// The mission's property, over facts.
#[test]
fn a_more_powerful_role_may_with_the_same_facts() {
    let chain = [Role::Annotator, Role::Reviewer, Role::Manager, Role::Administrator, Role::Owner];
    let mut exception = Actions::empty();
    for facts in Facts::ALL {
        let may = |role| me(role).actions(row(facts));
        for (rank, &more) in chain.iter().enumerate() {
            let below = [Role::NotActivated, Role::Deactivated];
            for less in chain[..rank].iter().copied().chain(below) {
                let lost = may(less) - may(more);
                assert!(
                    Matrix::NOT_INHERITED.contains(lost),
                    "{more} below {less}: {lost} ({facts})"
                );
                exception |= lost;
            }
        }
    }
    assert_eq!(exception, Actions::of(Action::ViewAnnotatorDashboard));
}

#[test]
fn whatever_is_permitted_its_guard_is_permitted() {
    for facts in Facts::ALL {
        for role in Role::ALL {
            let may = me(role).actions(row(facts));
            for action in may.elements() {
                assert!(
                    action.guard().is_none_or(|guard| may.has(guard)),
                    "{role} {action} {facts}"
                );
            }
        }
    }
}

#[test]
fn other_organizations_and_other_users_facts_permit_nothing() {
    for facts in Facts::ALL {
        for role in Role::ALL {
            let strangers = [
                (
                    Row { organization: OrganizationId(2), ..row(facts) },
                    Reason::OutsideOrganization,
                ),
                (Row { user: UserId(8), ..row(facts) }, Reason::OtherUser),
                // The organization is compared first.
                (
                    Row { organization: OrganizationId(2), user: UserId(8), facts },
                    Reason::OutsideOrganization,
                ),
            ];
            for (row, expected) in strangers {
                assert!(me(role).actions(row).is_empty());
                for action in Action::ALL {
                    assert!(!me(role).can(action, row));
                    let denied = me(role).decide(action, row).unwrap_err();
                    let reason = if role.is_active() { expected } else { denied.reason() };
                    assert_eq!(denied.reason(), reason);
                    assert!(denied.is_hidden() && denied.held().is_empty());
                }
            }
        }
    }
}

#[test]
fn a_row_has_no_facts_of_a_narrower_kind() {
    struct Of<const KIND: u8>(Facts);
    macro_rules! of {
        ($number:literal $Kind:ident) => {
            impl Resource for Of<$number> {
                type Id = u32;
                type UserId = u64;
                const KIND: Kind = Kind::$Kind;
                fn seen(&self) -> Seen<'_, u32, u64> {
                    Seen { organization: &HERE, user: &ME, facts: self.0 }
                }
            }
        };
    }
    of!(0 Organization);
    of!(1 Workspace);
    of!(2 Project);
    for facts in Facts::ALL {
        let up_to = |levels: &[&str]| {
            let known = levels.iter().fold(0, |bits, level| bits | oracle::level(level));
            // What is implied by a fact that does not count does not count either, but that the
            // integer said both.
            row(Facts::from_bits((facts.bits() & known).into()).unwrap())
        };
        for role in Role::ALL {
            let subject = me(role);
            assert_eq!(subject.actions(Of::<0>(facts)), subject.actions(up_to(&[])));
            assert_eq!(subject.actions(Of::<1>(facts)), subject.actions(up_to(&["Workspace"])));
            let project = up_to(&["Workspace", "Project"]);
            assert_eq!(subject.actions(Of::<2>(facts)), subject.actions(project));
        }
    }
}

/// Through the API, and limited to some actions.
#[test]
fn narrowing_is_the_page_s_and_only_narrows() {
    let guarded = Actions::ExportData | Actions::ViewProject | Actions::LabelTasks;
    let unguarded = Actions::ExportData | Actions::CreateWorkspace | Actions::ViewWorkspace;
    for limit in [None, Some(guarded), Some(unguarded), Some(Actions::empty())] {
        let keys: Option<Vec<_>> = limit.map(|set| set.elements().map(Action::key).collect());
        for through_api in [false, true] {
            for (bits, row) in rows() {
                for role in Role::ALL {
                    let mut subject = me(role);
                    if let Some(limit) = limit {
                        subject = subject.limited_to(limit);
                    }
                    if through_api {
                        subject = subject.through_api();
                    }
                    let may = subject.actions(row);
                    assert!(me(role).actions(row).contains(may));
                    for action in Action::ALL {
                        let (code, key, keys) = (role.code(), action.key(), keys.as_deref());
                        let expected = oracle::narrowed(code, key, bits, through_api, keys);
                        let case = format!("{role} {key} {row:?} {limit:?} {through_api}");
                        assert_eq!(may.has(action), expected, "{case}");
                        assert_eq!(subject.can(action, row), expected, "{case}");
                        let Err(denied) = subject.decide(action, row) else {
                            assert!(expected, "{case}");
                            continue;
                        };
                        assert!(!expected, "{case}");
                        let hidden = oracle::narrowed_hidden(code, key, bits, through_api, keys);
                        assert_eq!(denied.is_hidden(), hidden, "{case}");
                        // The person's reason, then the limit's, then the API's.
                        let why = if !oracle::may(code, key, bits) {
                            reason(code, key, bits)
                        } else if !oracle::narrowed(code, key, bits, false, keys) {
                            Reason::NotInLimit
                        } else {
                            Reason::NotThroughApi
                        };
                        assert_eq!(denied.reason(), why, "{case}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_workspace_has_no_setting_about_own_data() {
    for action in [Action::ChangeWorkspace, Action::ChangeProject] {
        let cell = Scopes::OwnPermitted;
        let matrix = Matrix::BUILT_IN.with_cell(Role::Manager, action, cell).unwrap();
        let subject = me(Role::Manager).with_matrix(matrix);
        let is_projects = action == Action::ChangeProject;
        assert_eq!(subject.can(action, row(Facts::ALL[575])), is_projects);
        assert_eq!(subject.filter(action).is_nothing(), !is_projects);
    }
}

#[test]
fn limits_add_up() {
    let (one, other) = (Actions::ExportData | Actions::ViewProject, Actions::ViewProject);
    let subject = me(Role::Owner);
    assert_eq!(subject.limit(), Actions::all());
    assert_eq!(subject.limited_to(one).limited_to(other).limit(), Actions::ViewProject);
    assert_eq!(subject.limited_to(other).limited_to(one).limit(), Actions::ViewProject);
    // Without its guard an action is not in a limit.
    assert_eq!(subject.limited_to(Actions::ExportData).limit(), Actions::empty());
    assert!(subject.through_api().is_through_api() && !subject.is_through_api());
}

#[test]
fn what_somebody_acts_as_is_computed_from_rows() {
    use ProjectRole::{Annotator as A, Reviewer as R};
    for rows in [&[][..], &[A], &[R], &[A, R], &[R, A], &[R, R], &[R, R, A]] {
        for role in Role::ALL {
            let expected = match role {
                Role::Annotator | Role::Reviewer if rows.contains(&A) => Some(A),
                Role::Annotator | Role::Reviewer if rows.contains(&R) => Some(R),
                Role::Annotator => Some(A),
                Role::Reviewer => Some(R),
                _ => None,
            };
            assert_eq!(role.acts_as(rows), expected, "{role} {rows:?}");
        }
    }
}

#[test]
fn both_roles_to_act_as_make_an_annotator_in_any_order() {
    let both = [Fact::ActsAsAnnotator, Fact::ActsAsReviewer];
    let annotator = Facts::none().with(Fact::ActsAsAnnotator);
    assert_eq!(both.into_iter().collect::<Facts>(), annotator);
    assert_eq!(both.into_iter().rev().collect::<Facts>(), annotator);
    assert_eq!(Facts::none().acting_as(None), Facts::none());
}

fn matrices() -> impl Strategy<Value = Matrix> {
    let cell = (select(&Role::ALL[..5]), select(&Action::ALL[..]), 0..32u8);
    proptest::collection::vec(cell, 0..60).prop_map(|cells| {
        cells.into_iter().fold(Matrix::BUILT_IN, |matrix, (role, action, scopes)| {
            matrix.with_cell(role, action, Scopes::from_bits_truncate(scopes)).unwrap()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any matrix: the answers are the oracle's, one more fact takes nothing away, outside holds
    /// nothing, nobody holds nothing, and narrowing only narrows.
    #[test]
    fn a_changed_matrix_is_read_by_the_same_rules(
        matrix in matrices(),
        limit in 0..=Actions::all().bits(),
        through_api: bool,
        role in select(&Role::ALL[..]),
    ) {
        let (limit, cells) = (Actions::from_bits_truncate(limit), cell_of(&matrix));
        let keys: Vec<_> = limit.elements().map(Action::key).collect();
        let person = me(role).with_matrix(matrix);
        let narrowed = person.limited_to(limit);
        let narrowed = if through_api { narrowed.through_api() } else { narrowed };
            for (bits, row) in rows() {
                let (may, all) = (narrowed.actions(row), person.actions(row));
                prop_assert!(all.contains(may));
                for action in Action::ALL {
                    let (code, key) = (role.code(), action.key());
                    prop_assert_eq!(all.has(action), oracle::may_in(&cells, code, key, bits));
                    let expected =
                        oracle::narrowed_in(&cells, code, key, bits, through_api, Some(&keys));
                    prop_assert_eq!(may.has(action), expected, "{} {} {:?}", role, key, row);
                    match narrowed.decide(action, row) {
                        Ok(granted) => {
                            prop_assert!(expected && granted.audit().agrees_with(&matrix));
                        }
                        Err(denied) => {
                            prop_assert!(!expected && denied.audit().agrees_with(&matrix));
                            let hidden = oracle::narrowed_hidden_in(
                                &cells, code, key, bits, through_api, Some(&keys),
                            );
                            prop_assert_eq!(denied.is_hidden(), hidden);
                        }
                    }
                }
                if bits.is_none() {
                    prop_assert!(all.is_empty());
                }
                for more in Fact::ALL.map(|fact| row.facts.with(fact)) {
                    if more.contains(row.facts) {
                        let after = narrowed.actions(Row { facts: more, ..row });
                        prop_assert!(after.contains(may));
                    }
                }
            }
    }
}
