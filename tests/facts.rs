//! Does the crate decide as the oracle does, on all questions about facts?

use labelgate::error::InvalidFacts;
use labelgate::row::{InnerRowId, MaybeRow};
use labelgate::sets::Scopes;
use labelgate::{
    Action, Actions, Fact, Facts, Kind, Matrix, OrganizationId, ProjectId, ProjectRole, Reason,
    RecordId, Role, Row, ScopeCtx, Subject, TaskId, UserId, WorkspaceId,
};
use labelgate_test_support::oracle;
use labelgate_test_support::rows::{may, name};
use proptest::prelude::*;
use proptest::sample::select;

const HERE: OrganizationId<u32> = OrganizationId(1);
const ELSEWHERE: OrganizationId<u32> = OrganizationId(2);
const ME: UserId<u64> = UserId(7);

/// A row whose organization and user have ids of two types.
fn row_of<Id: InnerRowId + From<u8>>(
    organization: OrganizationId<u32>,
    user: UserId<u64>,
    facts: Facts,
) -> Row<Id, (), u32, u64> {
    Row::seen_by(user, Id::from(5), organization, facts).unwrap()
}

fn row<Id: InnerRowId + From<u8>>(facts: Facts) -> Row<Id, (), u32, u64> {
    row_of(HERE, ME, facts)
}

fn me(role: Role) -> Subject<u32, u64> {
    Subject::new(HERE, ME, role)
}

fn facts_of(bits: u16) -> Facts {
    Facts::from_bits(bits.into()).unwrap()
}

/// What is asked of rows of any kind. The bits are those that count, or `None` for a row of another
/// organization.
trait Ask {
    fn ask<R>(&mut self, kind: Kind, bits: Option<u16>, row: R)
    where
        R: MaybeRow<Organization = u32, User = u64> + Copy;
}

/// Asks of a row of each kind with these facts. With `None`, of rows of another organization.
fn ask_of(facts: Option<u16>, ask: &mut impl Ask) {
    let organization = if facts.is_some() { HERE } else { ELSEWHERE };
    let said = facts_of(facts.unwrap_or(Facts::ALL[Facts::COUNT - 1].bits()));
    let counts = |kind| facts.map(|bits| oracle::known(name(kind), bits));
    let mine = Subject::new(organization, ME, Role::Owner).own_organization();
    ask.ask(Kind::Organization, counts(Kind::Organization), mine);
    let workspace = row_of::<WorkspaceId<u8>>(organization, ME, said);
    ask.ask(Kind::Workspace, counts(Kind::Workspace), workspace);
    ask.ask(Kind::Project, counts(Kind::Project), row_of::<ProjectId<u8>>(organization, ME, said));
    ask.ask(Kind::Task, counts(Kind::Task), row_of::<TaskId<u8>>(organization, ME, said));
    ask.ask(Kind::Record, counts(Kind::Record), row_of::<RecordId<u8>>(organization, ME, said));
}

/// The 576, and the state outside.
fn states() -> impl Iterator<Item = Option<u16>> {
    oracle::all().map(Some).chain([None])
}

/// The actions that are done to the kind. Of a record they are those on tasks.
fn keys(kind: Kind) -> impl Iterator<Item = Action> {
    Action::ALL.into_iter().filter(move |action| {
        let done_to = if kind == Kind::Record { Kind::Task } else { kind };
        action.kind() == done_to
    })
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

/// All questions about facts, asked backwards; and forwards of rows of all kinds.
#[test]
fn every_question_has_the_oracle_s_answer() {
    struct Questions {
        asked: usize,
    }

    impl Ask for Questions {
        fn ask<R>(&mut self, kind: Kind, bits: Option<u16>, row: R)
        where
            R: MaybeRow<Organization = u32, User = u64> + Copy,
        {
            for role in Role::ALL {
                let (subject, code) = (me(role), role.code());
                let actions = subject.actions(row);
                for action in Action::ALL {
                    let key = action.key();
                    let case = format_args!("{role} {action} {kind} {bits:?}");
                    let expected = oracle::may(code, key, bits);
                    assert_eq!(subject.can(action, row), expected, "{case}");
                    let is_done_to_it = keys(kind).any(|other| other == action);
                    assert_eq!(actions.has(action), expected && is_done_to_it, "{case}");
                    match subject.decide(action, row) {
                        Ok(granted) => {
                            assert!(expected && !granted.scopes().is_empty(), "{case}");
                        }
                        Err(denied) => {
                            let hidden = oracle::hidden(code, key, bits);
                            assert!(!expected, "{case}");
                            assert_eq!(denied.is_hidden(), hidden, "{case}");
                            let reason = oracle::reason(code, key, bits, false, None);
                            assert_eq!(denied.reason().code(), reason, "{case}");
                        }
                    }
                    self.asked += 1;
                }
            }
        }
    }

    let (mut questions, mut backwards) = (Questions { asked: 0 }, 0);
    for facts in states() {
        ask_of(facts, &mut questions);
        for role in Role::ALL {
            for action in Action::ALL {
                let matches =
                    facts.is_some_and(|bits| me(role).filter(action).matches(facts_of(bits)));
                let expected = oracle::may(role.code(), action.key(), facts);
                assert_eq!(matches, expected, "{role} {action} {facts:?}");
                backwards += 1;
            }
        }
    }
    assert_eq!(backwards, (Facts::COUNT + 1) * Role::COUNT * Action::COUNT);
    assert_eq!(questions.asked, backwards * Kind::COUNT);
}

#[test]
fn the_scopes_are_the_page_s() {
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
            }
        }
    }
}

/// Of every denial, since a decision that is yes names no role.
#[test]
fn the_effective_role_is_the_page_s() {
    let mut asked = 0;
    for bits in oracle::all() {
        let row = row::<TaskId<u8>>(facts_of(bits));
        for role in Role::ALL {
            for action in Action::ALL {
                let Err(denied) = me(role).decide(action, row) else { continue };
                let expected = oracle::acts_as(role.code(), oracle::kind(action.key()), bits);
                assert_eq!(denied.effective_role().map(Role::code), expected);
                asked += 1;
            }
        }
    }
    assert!(asked > Facts::COUNT);
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
            Ok(bits) if bits < 1 << Fact::COUNT => {
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
    let next = 1 << labelgate::Fact::ALL.len();
    assert_eq!(message(next), format!("`{next}` has bits that stand for no fact"));
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
                let (before, after) = (may(&me(role), facts), may(&me(role), more));
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
                .any(|role| may(&me(role), facts) != may(&me(role), facts.with(fact)))
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
        let may = |role| may(&me(role), facts);
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
    struct Guards;

    impl Ask for Guards {
        fn ask<R>(&mut self, kind: Kind, bits: Option<u16>, row: R)
        where
            R: MaybeRow<Organization = u32, User = u64> + Copy,
        {
            for subject in Role::ALL.map(me) {
                for action in Action::ALL.into_iter().filter(|&action| subject.can(action, row)) {
                    let guard = action.guard();
                    let sees = guard.is_none_or(|guard| subject.can(guard, row));
                    assert!(sees, "{} {action} {kind} {bits:?}", subject.role());
                }
            }
        }
    }

    states().for_each(|facts| ask_of(facts, &mut Guards));
}

#[test]
fn other_organizations_and_other_users_facts_permit_nothing() {
    fn check(row: impl MaybeRow<Organization = u32, User = u64> + Copy, expected: Reason) {
        for role in Role::ALL {
            assert!(me(role).actions(row).is_empty());
            assert!(me(role).actions_in(row).is_empty());
            for action in Action::ALL {
                assert!(!me(role).can(action, row));
                let denied = me(role).decide(action, row).unwrap_err();
                let reason = if role.is_active() { expected } else { denied.reason() };
                assert_eq!(denied.reason(), reason);
                assert!(denied.is_hidden() && denied.held().is_empty());
            }
        }
    }
    for (organization, user, expected) in [
        (ELSEWHERE, ME, Reason::OutsideOrganization),
        (HERE, UserId(8), Reason::OtherUser),
        // The organization is compared first.
        (ELSEWHERE, UserId(8), Reason::OutsideOrganization),
    ] {
        check(Subject::new(organization, user, Role::Owner).own_organization(), expected);
        for facts in Facts::ALL {
            check(row_of::<WorkspaceId<u8>>(organization, user, facts), expected);
            check(row_of::<ProjectId<u8>>(organization, user, facts), expected);
            check(row_of::<TaskId<u8>>(organization, user, facts), expected);
            check(row_of::<RecordId<u8>>(organization, user, facts), expected);
        }
    }
}

/// Through the API, and limited to some actions.
#[test]
fn narrowing_is_the_page_s_and_only_narrows() {
    struct Narrowed {
        limit: Option<Actions>,
        through_api: bool,
    }

    impl Ask for Narrowed {
        fn ask<R>(&mut self, kind: Kind, bits: Option<u16>, row: R)
        where
            R: MaybeRow<Organization = u32, User = u64> + Copy,
        {
            let Self { limit, through_api } = *self;
            let keys: Option<Vec<_>> = limit.map(|set| set.elements().map(Action::key).collect());
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
                    let case = format_args!("{role} {key} {kind} {bits:?} {limit:?} {through_api}");
                    let is_done_to_it = self::keys(kind).any(|other| other == action);
                    assert_eq!(may.has(action), expected && is_done_to_it, "{case}");
                    assert_eq!(subject.can(action, row), expected, "{case}");
                    let Err(denied) = subject.decide(action, row) else {
                        assert!(expected, "{case}");
                        continue;
                    };
                    assert!(!expected, "{case}");
                    let hidden = oracle::narrowed_hidden(code, key, bits, through_api, keys);
                    assert_eq!(denied.is_hidden(), hidden, "{case}");
                    let reason = oracle::reason(code, key, bits, through_api, keys);
                    assert_eq!(denied.reason().code(), reason, "{case}");
                }
            }
        }
    }

    let guarded = Actions::ExportData | Actions::ViewProject | Actions::LabelTasks;
    let unguarded = Actions::ExportData | Actions::CreateWorkspace | Actions::ViewWorkspace;
    for limit in [None, Some(guarded), Some(unguarded), Some(Actions::empty())] {
        for through_api in [false, true] {
            states().for_each(|facts| ask_of(facts, &mut Narrowed { limit, through_api }));
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
        let most = Facts::ALL[Facts::COUNT - 1];
        assert_eq!(subject.can(action, row::<TaskId<u8>>(most)), is_projects);
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
            assert_eq!(role.project_role(rows), expected, "{role} {rows:?}");
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
    let cell = (select(&Role::ALL[..5]), select(&Action::ALL[..]), 0..=Scopes::all().bits());
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
        let limit = Actions::from_bits_truncate(limit);
        let keys: Vec<_> = limit.elements().map(Action::key).collect();
        let person = me(role).with_matrix(matrix);
        let narrowed = person.limited_to(limit);
        let narrowed = if through_api { narrowed.through_api() } else { narrowed };
        for facts in states() {
            ask_of(facts, &mut Changed { matrix: &matrix, person, narrowed, keys: &keys, through_api });
        }
        for facts in Facts::ALL {
            for more in Fact::ALL.map(|fact| facts.with(fact)).into_iter().filter(|more| more.contains(facts)) {
                prop_assert!(may(&narrowed, more).contains(may(&narrowed, facts)));
            }
        }
    }
}

/// What is asked of a person, and of the same one narrowed, by a changed matrix.
struct Changed<'a> {
    matrix: &'a Matrix,
    person: Subject<u32, u64>,
    narrowed: Subject<u32, u64>,
    keys: &'a [&'a str],
    through_api: bool,
}

impl Ask for Changed<'_> {
    fn ask<R>(&mut self, kind: Kind, bits: Option<u16>, row: R)
    where
        R: MaybeRow<Organization = u32, User = u64> + Copy,
    {
        let Self { matrix, person, narrowed, keys, through_api } = *self;
        let (may, all, cells) = (narrowed.actions(row), person.actions(row), cell_of(matrix));
        assert!(all.contains(may));
        for action in Action::ALL {
            let (code, key) = (person.role().code(), action.key());
            let case = format_args!("{code} {key} {kind} {bits:?}");
            let is_done_to_it = self::keys(kind).any(|other| other == action);
            let held = oracle::may_in(&cells, code, key, bits);
            assert_eq!(person.can(action, row), held, "{case}");
            assert_eq!(all.has(action), held && is_done_to_it, "{case}");
            let expected = oracle::narrowed_in(&cells, code, key, bits, through_api, Some(keys));
            assert_eq!(may.has(action), expected && is_done_to_it, "{case}");
            match narrowed.decide(action, row) {
                Ok(granted) => {
                    assert!(expected && granted.audit().agrees_with(matrix), "{case}");
                }
                Err(denied) => {
                    assert!(!expected && denied.audit().agrees_with(matrix), "{case}");
                    let hidden = oracle::narrowed_hidden_in(
                        &cells,
                        code,
                        key,
                        bits,
                        through_api,
                        Some(keys),
                    );
                    assert_eq!(denied.is_hidden(), hidden, "{case}");
                }
            }
        }
    }
}
