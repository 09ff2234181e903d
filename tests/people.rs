//! Does a list of people have exactly those who may do the action, may only those ask who may view the row and
//! the people page, and does the log say what was asked?

use std::cell::RefCell;

use labelgate::audit::Audit;
use labelgate::error::{InvalidFacts, InvalidPerson};
use labelgate::log::{LogEntry, Question};
use labelgate::overrides::{Override, Overrides};
use labelgate::people::{People, Person};
use labelgate::row::{MaybeRow, RowId};
use labelgate::sets::{Roles, Scopes};
use labelgate::{
    Action, ActionType, Actions, Denied, Facts, Kind, Matrix, OrganizationId, ProjectId, Reason,
    Role, Row, Subject, TaskId, UserId, WorkspaceId, act,
};
use labelgate_test_support::narrowed::{
    ELSEWHERE, HERE, ME, Narrowed, built_in, everybody, letters, me,
};
use labelgate_test_support::rows::{all_known, known, name};
use labelgate_test_support::{of_kind, oracle};
use proptest::prelude::*;
use proptest::sample::select;

const SHE: UserId<u32> = UserId(8);

/// An action of the service's own.
struct ManageWebhooks;

impl ActionType for ManageWebhooks {
    const ACTION: Action = Action::ChangeProject;
    const NAME: &'static str = "webhooks.manage";
}

/// An entry by the page *People*: scopes, the effective role, and whether it is explicit.
fn entry(
    cells: oracle::Cells<'_>,
    kind: Kind,
    role: &str,
    key: &str,
    bits: u16,
) -> Option<(Vec<&'static str>, String, bool)> {
    if !oracle::may_in(cells, role, key, Some(bits)) {
        return None;
    }
    let done_to = oracle::kind(key);
    let acting = oracle::acts_as(role, done_to, bits)?.to_owned();
    let cell = cells(&acting, key);
    let mut scopes = oracle::scopes(role, done_to, bits);
    scopes.retain(|letter| cell.split_whitespace().any(|of_cell| of_cell == *letter));
    // A membership, an assignment, having created it. Workers create no projects.
    let is_worker = role == "AN" || role == "RE";
    let has = |facts: u16| bits & facts != 0;
    let is_explicit = match name(kind) {
        "Organization" => false,
        "Workspace" => has(oracle::WORKSPACE_MEMBER | oracle::WORKSPACE_CREATOR),
        _ => {
            has(oracle::PROJECT_MEMBER | oracle::PROJECT_ASSIGNEE)
                || has(oracle::PROJECT_CREATOR) && !is_worker
        }
    };
    scopes.sort_unstable();
    Some((scopes, acting, is_explicit))
}

#[test]
fn an_entry_is_an_object_that_a_share_dialog_shows() {
    let owner = me(Role::Owner);
    let row = owner.row(ProjectId(100), HERE, Facts::none()).unwrap();
    let people = owner.authorize_people(act::ReviewAnnotations, &row).unwrap();
    let ann = people.person(SHE, Role::Annotator, 64 + 16).unwrap().unwrap();
    let expected = serde_json::json!({
        "user": 8, "role": "AN", "effective_role": "RE", "facts": ["project_assignee", "acts_as_reviewer"],
        "scopes": ["project"], "is_explicit": true,
    });
    assert_eq!(serde_json::to_value(ann).unwrap(), expected);
}

/// The same of the crate.
fn said(person: &Person<u32>) -> (Vec<&'static str>, String, bool) {
    let mut scopes: Vec<_> = person.scopes().elements().map(labelgate::Scope::symbol).collect();
    scopes.sort_unstable();
    (scopes, person.effective_role().code().to_owned(), person.is_explicit())
}

/// The people who may do the action to a row of the kind, by an Owner, to whom no matrix denies the question.
fn check(matrix: Matrix, cells: oracle::Cells<'_>, kind: Kind, action: Action) -> [usize; 2] {
    let (mut listed, mut others) = (0, 0);
    of_kind!(kind, HERE, ME, Facts::none(), row => {
        let owner = me(Role::Owner).with_matrix(matrix);
        let people = owner.authorize_people_of(action, row).unwrap();
        assert_eq!((people.organization(), people.user()), (&HERE, &ME));
        assert_eq!((people.row(), people.action()), (row.id(), action));
        for role in Role::ALL {
            for facts in Facts::ALL {
                let case = format!("{action} to {kind} by {role}: {facts}");
                let person = people.person(SHE, role, facts).unwrap();
                let seen = known(kind, facts);
                let expected = entry(cells, kind, role.code(), action.key(), seen.bits());
                assert_eq!(person.as_ref().map(said), expected, "{case}");
                // What the page says it is: the decision about that member and the row.
                let may = of_kind!(kind, HERE, SHE, facts, hers => {
                    Subject::new(HERE, SHE, role).with_matrix(matrix).can(action, hers)
                });
                assert_eq!(person.is_some(), may, "{case}");
                let Some(person) = person else {
                    others += 1;
                    continue;
                };
                assert_eq!((person.user(), person.role(), person.facts()), (&SHE, role, seen));
                assert!(role.is_active(), "{case}");
                listed += 1;
            }
        }
    });
    [listed, others]
}

#[test]
fn people_are_those_who_may_by_the_built_in_matrix() {
    let (mut listed, mut others) = (0, 0);
    for kind in Kind::ALL {
        for action in Action::ALL {
            let counts = check(Matrix::BUILT_IN, &built_in, kind, action);
            listed += counts[0];
            others += counts[1];
        }
    }
    assert!(listed > 100_000 && others > 100_000, "{listed} {others}");
}

#[test]
fn people_are_those_who_may_by_an_organization_s_matrix() {
    let [strict, generous] = [
        Override { permission: Action::ExportData, roles: Roles::Administrator },
        Override {
            permission: Action::ViewPeoplePage,
            roles: Roles::Administrator | Roles::Manager | Roles::Reviewer | Roles::Annotator,
        },
    ];
    let matrix = Overrides::new([strict, generous]).unwrap().matrix();
    let cells = |role: &str, key: &str| match (role, key) {
        ("MA", "data.export") => "-".to_owned(),
        ("AN" | "RE", "members.view") => "G".to_owned(),
        _ => built_in(role, key),
    };
    for kind in Kind::ALL {
        for action in [Action::ExportData, Action::ViewPeoplePage, Action::ViewProject] {
            check(matrix, &cells, kind, action);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn people_are_those_who_may_by_any_matrix(
        changes in proptest::collection::vec(
            (select(&Role::ALL[1..5]), select(&Action::ALL[..]), 0..32u8), 0..80,
        ),
        action in select(&Action::ALL[..]),
    ) {
        let matrix = changes.into_iter().fold(Matrix::BUILT_IN, |matrix, (role, action, scopes)| {
            matrix.with_cell(role, action, Scopes::from_bits_truncate(scopes)).unwrap()
        });
        let cells = |role: &str, key: &str| {
            letters(matrix.scopes(role.parse().unwrap(), key.parse().unwrap()))
        };
        for kind in Kind::ALL {
            for action in [action, Action::ViewProjectData, Action::ChangeWorkspace] {
                check(matrix, &cells, kind, action);
            }
        }
    }
}

/// How the one who asks is narrowed narrows the question, and nobody who is listed.
#[test]
fn the_people_are_the_same_whoever_asks() {
    let (mut asked, mut denied) = (0, 0);
    for Narrowed { subject, .. } in everybody() {
        let facts = Facts::ALL.into_iter().filter(|facts| facts.bits() % 7 == 0);
        for facts in facts.chain([Facts::ALL[Facts::COUNT - 1]]) {
            let row = subject.row(ProjectId(5), HERE, facts).unwrap();
            let Ok(people) = subject.authorize_people(act::ExportData, row) else {
                denied += 1;
                continue;
            };
            asked += 1;
            for (role, bits) in [(Role::Manager, 8), (Role::Manager, 0), (Role::Owner, 0)] {
                let person = people.person(SHE, role, bits).unwrap();
                let may = oracle::may(role.code(), "data.export", Some(bits as u16));
                assert_eq!(person.is_some(), may, "{subject:?} {role} {bits}");
            }
        }
    }
    assert!(asked > 100 && denied > 100, "{asked} {denied}");
}

#[test]
fn what_is_no_set_of_facts_is_an_error() {
    let row = me(Role::Owner).row(ProjectId(5), HERE, 0).unwrap();
    let people = me(Role::Owner).authorize_people(act::ExportData, row).unwrap();
    for bits in [1 << 10, -1, i64::MAX] {
        let error = people.person(SHE, Role::Owner, bits).unwrap_err();
        assert_eq!(error, InvalidFacts::Unknown { bits });
    }
    let both = i32::from(oracle::ACTS_AS_ANNOTATOR | oracle::ACTS_AS_REVIEWER);
    assert_eq!(people.person(SHE, Role::Owner, both), Err(InvalidFacts::Contradiction));
}

/// The members in the order of the query, without those who may not. What cannot be read is an error in its place.
#[test]
fn persons_are_each_a_person() {
    let row = me(Role::Owner).row(ProjectId(5), HERE, 0).unwrap();
    let people = me(Role::Owner).authorize_people(act::ExportData, row).unwrap();
    let rows = || {
        let of_role = |role: Role| Facts::ALL.into_iter().map(move |facts| (role, facts));
        let members = Role::ALL.into_iter().flat_map(of_role).zip(1..);
        members.map(|((role, facts), user)| (user, role, facts))
    };
    let one = |(user, role, facts)| people.person(UserId(user), role, facts).unwrap();
    let each: Vec<_> = rows().filter_map(one).collect();
    let codes = rows().map(|(user, role, facts)| (user, role.code(), i32::from(facts.bits())));
    let all: Result<Vec<_>, _> = people.persons(codes).collect();
    assert!(each.len() > 1000);
    assert_eq!(all, Ok(each));

    let read = [("OW", 0), ("XX", 0), ("ow", 0), ("", 0), ("DI", 0), ("AN", 96), ("MA", 8)];
    let read = read.map(|(role, facts)| (1, role.to_owned(), facts));
    let read: Vec<_> = people.persons(read).map(|it| it.map(|person| person.role())).collect();
    let unknown = |code: &str| Err(InvalidPerson::Role(code.parse::<Role>().unwrap_err()));
    let both = Err(InvalidPerson::Facts(InvalidFacts::Contradiction));
    let expected =
        [Ok(Role::Owner), unknown("XX"), unknown("ow"), unknown(""), both, Ok(Role::Manager)];
    assert_eq!(read, expected);
}

/// A denied question: the action that is denied, its reason and its status.
type No = (&'static str, &'static str, u16);

/// Who may ask, by the page: the row is viewed first, and then the people page.
fn question(
    kind: Kind,
    role: &str,
    bits: u16,
    through_api: bool,
    limit: Option<&[&str]>,
) -> Result<(), No> {
    let view = match name(kind) {
        "Organization" => "members.view",
        "Workspace" => "workspaces.view",
        "Project" => "projects.view",
        _ => "data.view",
    };
    let seen = Some(bits);
    for key in [view, "members.view"] {
        if !oracle::narrowed(role, key, seen, through_api, limit) {
            let hidden =
                key == view && oracle::narrowed_hidden(role, key, seen, through_api, limit);
            let status = if hidden { 404 } else { 403 };
            return Err((key, oracle::reason(role, key, seen, through_api, limit), status));
        }
    }
    Ok(())
}

/// The answer that the subject gets for the action and a row of the kind with these facts.
fn ask(subject: &Subject<u32>, action: Action, kind: Kind, facts: Facts) -> Result<Audit, Denied> {
    of_kind!(kind, HERE, ME, facts, row => {
        subject.authorize_people_of(action, row).map(|people| people.audit())
    })
}

#[test]
fn who_views_the_row_and_the_people_page_may_ask() {
    let mut answers = std::collections::BTreeMap::new();
    for Narrowed { subject, through_api, limit } in everybody() {
        let (role, limit) = (subject.role().code(), limit.as_deref());
        for kind in Kind::ALL {
            for facts in all_known(kind) {
                let expected = question(kind, role, facts.bits(), through_api, limit);
                *answers.entry(expected.map_err(|no| no.2)).or_insert(0) += 1;
                for action in Action::ALL {
                    let case = format!("{subject:?} {action} to {kind}: {facts}");
                    let found = ask(&subject, action, kind, facts);
                    let audit = found.unwrap_or_else(|denied| denied.audit());
                    assert_eq!((audit.facts, audit.role), (Some(facts), subject.role()), "{case}");
                    let found = found.map(|audit| {
                        assert!(audit.allowed && audit.action.key() == "members.view", "{case}");
                    });
                    let found = found.map_err(|denied| {
                        let (key, reason) = (denied.action().key(), denied.reason().code());
                        let acting = oracle::acts_as(role, oracle::kind(key), facts.bits());
                        assert_eq!(denied.effective_role().map(Role::code), acting, "{case}");
                        (key, reason, denied.answer().status())
                    });
                    assert_eq!(found, expected, "{case}");
                }
            }
        }
    }
    assert_eq!(answers.keys().copied().collect::<Vec<_>>(), [Ok(()), Err(403), Err(404)]);
    assert!(answers.values().all(|&count| count > 1000), "{answers:?}");
}

/// Managers of a project from whom an organization took the people page do not get it through a share dialog.
#[test]
fn nobody_gets_the_people_page_through_a_row() {
    let only = |permission, roles| Override { permission, roles };
    let strict = only(Action::ViewPeoplePage, Roles::Administrator);
    // What the people page guards goes with it.
    let strict = Overrides::new([strict]).unwrap().matrix();
    let workers = Roles::Administrator | Roles::Manager | Roles::Reviewer | Roles::Annotator;
    let generous = Overrides::new([only(Action::ViewPeoplePage, workers)]).unwrap().matrix();
    for (matrix, who) in [(strict, &["OW", "AD"][..]), (generous, &["OW", "AD", "MA", "RE", "AN"])]
    {
        let cells = |role: &str, key: &str| match key {
            "members.view" if who.contains(&role) => "G".to_owned(),
            "members.view" => "-".to_owned(),
            _ => built_in(role, key),
        };
        for role in Role::ALL {
            let subject = me(role).with_matrix(matrix);
            for kind in [Kind::Workspace, Kind::Project] {
                let view = ["workspaces.view", "projects.view"][usize::from(kind == Kind::Project)];
                for facts in all_known(kind) {
                    let case = format!("{role} {kind} {facts}");
                    let views = oracle::may_in(&cells, role.code(), view, Some(facts.bits()));
                    let found = ask(&subject, Action::ViewProject, kind, facts);
                    assert_eq!(found.is_ok(), views && who.contains(&role.code()), "{case}");
                    if let Err(denied) = found {
                        let (key, status) = if views { ("members.view", 403) } else { (view, 404) };
                        let answer = (denied.action().key(), denied.answer().status());
                        assert_eq!(answer, (key, status), "{case}");
                    }
                }
            }
        }
    }
}

/// The reasons of a row without facts: of another organization, of another user, and missing.
fn without_facts<Id>(subject: &Subject<u32>, row: Row<Id>, reason: Reason)
where
    Id: RowId<Value = u32> + Clone + std::fmt::Debug,
{
    let view = ["members.view", "workspaces.view", "projects.view", "data.view", "data.view"];
    for (found, reason) in [(Some(&row), reason), (None, Reason::NotFound)] {
        for action in Action::ALL {
            let denied = subject.authorize_people_of(action, found).map(drop).unwrap_err();
            let reason = match subject.role() {
                Role::NotActivated => Reason::NotActivated,
                Role::Deactivated => Reason::Deactivated,
                _ => reason,
            };
            assert_eq!((denied.reason(), denied.answer().status()), (reason, 404));
            assert_eq!(denied.action().key(), view[Id::KIND as usize]);
            assert_eq!(denied.audit().facts, None);
        }
    }
}

#[test]
fn rows_of_others_are_not_found() {
    let most = Facts::ALL[Facts::COUNT - 1];
    for Narrowed { subject, .. } in everybody() {
        for kind in Kind::ALL {
            of_kind!(kind, ELSEWHERE, ME, most, row => {
                without_facts(&subject, row, Reason::OutsideOrganization);
            });
            of_kind!(kind, HERE, SHE, most, row => {
                without_facts(&subject, row, Reason::OtherUser);
            });
            // The organization is compared first.
            of_kind!(kind, ELSEWHERE, SHE, most, row => {
                without_facts(&subject, row, Reason::OutsideOrganization);
            });
        }
    }
}

/// The ways to ask are one, and each takes what a query returned.
#[test]
fn people_by_a_type_are_the_people_by_its_action() {
    fn same<A: ActionType>(subject: &Subject<u32>, action: A, row: Row<ProjectId<u32>>) {
        let typed = subject.authorize_people(action, row);
        let by_action = subject.authorize_people_of(A::ACTION, Some(&row));
        match (typed, by_action) {
            (Ok(typed), Ok(by_action)) => {
                assert_eq!(typed.audit(), by_action.audit());
                assert_eq!((typed.action(), typed.row()), (A::ACTION, &ProjectId(5)));
                let person = |bits: i64| typed.person(SHE, Role::Manager, bits);
                assert_eq!(person(8), by_action.person(SHE, Role::Manager, 8i64));
                assert_eq!(person(0), by_action.person(SHE, Role::Manager, 0i64));
            }
            (typed, by_action) => assert_eq!(typed.err().unwrap(), by_action.err().unwrap()),
        }
    }
    for Narrowed { subject, .. } in everybody() {
        for facts in all_known(Kind::Project) {
            let row = subject.row(ProjectId(5), HERE, facts).unwrap();
            same(&subject, act::ExportData, row);
            same(&subject, ManageWebhooks, row);
        }
    }
    fn row<R: MaybeRow<Id = WorkspaceId<u32>, Organization = u32, User = u32>>(row: R) -> u32 {
        me(Role::Owner).authorize_people(act::ViewProject, row).unwrap().row().0
    }
    let workspace = me(Role::Owner).row(WorkspaceId(5), HERE, 0).unwrap();
    let (reference, found) = (&workspace, &Some(workspace));
    assert_eq!((row(workspace), row(reference), row(Some(workspace))), (5, 5, 5));
    assert_eq!((row(found), row((WorkspaceId(6), workspace))), (5, 5));
    let people = me(Role::Owner).authorize_people(act::ViewProject, workspace).unwrap();
    assert_eq!(
        format!("{people:?}"),
        "People { action: ViewProject, user: UserId(7), row: WorkspaceId(5), .. }"
    );
}

/// What people of a row are asked for is in their type.
#[test]
fn people_are_of_the_row_that_was_asked_about() {
    fn of_task<A>(people: &People<A, TaskId<u32>>) -> (OrganizationId<u32>, u32) {
        (*people.organization(), people.row().0)
    }
    let task = me(Role::Manager).row(TaskId(5), HERE, 8).unwrap();
    let people = me(Role::Manager).authorize_people(act::LabelTasks, task).unwrap();
    assert_eq!(of_task(&people), (HERE, 5));
    // `assignee` counts of a task, and of nothing else.
    let ann = i64::from(oracle::bits(&["project_assignee", "assignee", "acts_as_annotator"]));
    let ann = ann | i64::from(oracle::OWN_DATA_PERMITTED | oracle::AUTHOR);
    let people = me(Role::Manager).authorize_people(act::ViewProjectData, task).unwrap();
    let person = people.person(SHE, Role::Annotator, ann).unwrap().unwrap();
    assert!(person.facts().has(labelgate::Fact::Assignee));
    assert!(!person.facts().has(labelgate::Fact::Author));
    let project = me(Role::Manager).row(ProjectId(5), HERE, 8).unwrap();
    let people = me(Role::Manager).authorize_people(act::ViewProjectData, project).unwrap();
    assert_eq!(people.person(SHE, Role::Annotator, ann), Ok(None));
}

/// The entry of the log of the question.
fn logged(subject: &Subject<u32>, action: Action, kind: Kind, facts: Facts) -> LogEntry {
    let entries = RefCell::new(Vec::new());
    let logged = subject.logged(|entry: &LogEntry| {
        entries.borrow_mut().push(*entry);
        Ok::<(), Denied>(())
    });
    let is_ok = of_kind!(kind, HERE, ME, facts, row => {
        logged.authorize_people_of(action, row).is_ok()
    });
    let [entry] = entries.into_inner()[..] else { panic!("one question was asked") };
    assert_eq!((entry.question, entry.is_allowed()), (Question::People, is_ok));
    assert_eq!((entry.name.as_str(), entry.kind), (action.key(), Some(kind)));
    assert!(entry.id.is_some() && entry.change.is_none());
    entry
}

/// Whether an entry says what would have been answered, by the page.
fn is_true(entry: &LogEntry) -> bool {
    let (Some(audit), Some(kind)) = (entry.decision, entry.kind) else { return false };
    let keys: Option<Vec<_>> = audit.limit.map(|limit| limit.elements().map(Action::key).collect());
    let bits = audit.facts.unwrap().bits();
    let answer = question(kind, audit.role.code(), bits, audit.through_api, keys.as_deref());
    match answer {
        Ok(()) => audit.allowed && audit.action.key() == "members.view" && audit.reason.is_none(),
        Err((key, reason, _)) => {
            !audit.allowed
                && audit.action.key() == key
                && audit.reason.map(Reason::code) == Some(reason)
        }
    }
}

/// All that somebody could change in an entry, one at a time.
fn forgeries(entry: LogEntry) -> Vec<LogEntry> {
    let mut all = Vec::new();
    let mut forge = |change: &dyn Fn(&mut LogEntry, &mut Audit)| {
        let (mut forged, mut audit) = (entry, entry.decision.unwrap());
        change(&mut forged, &mut audit);
        forged.decision = Some(audit);
        all.push(forged);
    };
    forge(&|_, audit| audit.allowed ^= true);
    forge(&|_, audit| audit.through_api ^= true);
    forge(&|entry, _| entry.kind = None);
    for reason in Reason::ALL.map(Some).into_iter().chain([None]) {
        forge(&|_, audit| audit.reason = reason);
        forge(&|_, audit| (audit.reason, audit.allowed) = (reason, reason.is_none()));
    }
    for role in Role::ALL {
        forge(&|_, audit| audit.role = role);
    }
    for kind in Kind::ALL {
        forge(&|entry, _| entry.kind = Some(kind));
    }
    for action in Action::ALL {
        forge(&|_, audit| audit.action = action);
    }
    for facts in Facts::ALL.into_iter().step_by(11) {
        forge(&|_, audit| audit.facts = Some(facts));
    }
    all
}

#[test]
fn the_record_of_people_is_replayed_and_a_forged_one_does_not_agree() {
    let matrix = &Matrix::BUILT_IN;
    let other = matrix.with_cell(Role::Manager, Action::ExportData, Scopes::empty()).unwrap();
    let mut counts = [[0; 2]; 2];
    for Narrowed { subject, .. } in everybody() {
        for kind in Kind::ALL {
            for facts in all_known(kind).step_by(9) {
                for action in [Action::ExportData, Action::ViewPeoplePage, Action::LabelTasks] {
                    let entry = logged(&subject, action, kind, facts);
                    let case = format!("{subject:?} {facts}: {entry}");
                    let answer = ask(&subject, action, kind, facts);
                    let audit = answer.unwrap_or_else(|denied| denied.audit());
                    assert_eq!(entry.decision, Some(audit), "{case}");
                    assert!(is_true(&entry) && entry.agrees_with(matrix), "{case}");
                    assert!(!entry.agrees_with(&other), "{case}");
                    let json = serde_json::to_string(&entry).unwrap();
                    assert_eq!(serde_json::from_str::<LogEntry>(&json).unwrap(), entry);
                    let mut gone = entry;
                    gone.decision = None;
                    assert!(!gone.agrees_with(matrix), "{case}");
                    for forged in forgeries(entry) {
                        let agrees = forged.agrees_with(matrix);
                        assert_eq!(agrees, is_true(&forged), "{case}: {forged:?}");
                        let is_ok = usize::from(entry.is_allowed());
                        counts[is_ok][usize::from(agrees)] += 1;
                    }
                }
            }
        }
    }
    assert!(counts.as_flattened().iter().all(|&count| count > 1000), "{counts:?}");
}

/// That somebody may ask who exports does not say that they may export, and the other way round.
#[test]
fn a_question_about_people_is_no_decision() {
    let mia = me(Role::Manager);
    let entry = logged(&mia, Action::ExportData, Kind::Project, Facts::none());
    assert!(entry.is_allowed() && entry.agrees_with(&Matrix::BUILT_IN));
    for question in [Question::Decision, Question::List, Question::Change] {
        let mut forged = entry;
        forged.question = question;
        assert!(!forged.agrees_with(&Matrix::BUILT_IN), "{question}");
    }
    let entries = RefCell::new(Vec::new());
    for Narrowed { subject, .. } in everybody() {
        let caller = subject.logged(|entry: &LogEntry| {
            entries.borrow_mut().push(*entry);
            Ok::<(), Denied>(())
        });
        for facts in all_known(Kind::Project) {
            let project = subject.row(ProjectId(5), HERE, facts).unwrap();
            let permitted = caller.authorize(act::ChangeProject, project).is_ok();
            _ = caller.authorize(ManageWebhooks, project);
            for mut forged in entries.take() {
                forged.question = Question::People;
                assert!(!forged.agrees_with(&Matrix::BUILT_IN), "{permitted} {forged}");
            }
        }
    }
}

/// An own action is logged by its name, and a row that was not found by the id that the handler knows.
#[test]
fn a_question_about_a_row_without_facts_is_replayed() {
    let most = Facts::ALL[Facts::COUNT - 1];
    let entries = RefCell::new(Vec::new());
    for Narrowed { subject, .. } in everybody() {
        let caller = subject.logged(|entry: &LogEntry| {
            entries.borrow_mut().push(*entry);
            Ok::<(), Denied>(())
        });
        let missing: Option<Row<ProjectId<u32>>> = None;
        let theirs = Row::seen_by(SHE, ProjectId(5), HERE, most).unwrap();
        let elsewhere = Row::seen_by(ME, ProjectId(5), ELSEWHERE, most).unwrap();
        for row in [missing, Some(theirs), Some(elsewhere)] {
            assert!(caller.authorize_people(ManageWebhooks, (ProjectId(6), row)).is_err());
            let [entry] = entries.take()[..] else { panic!("one question was asked") };
            assert_eq!((entry.name.as_str(), entry.kind), ("webhooks.manage", Some(Kind::Project)));
            assert_eq!(entry.id.unwrap().as_str(), if row.is_some() { "5" } else { "6" });
            assert!(entry.agrees_with(&Matrix::BUILT_IN), "{entry}");
            let line = entry.to_string();
            assert!(line.contains(": people for webhooks.manage of project "), "{line}");
            assert!(line.contains(": projects.view: "), "{line}");
            for kind in Kind::ALL {
                let mut forged = entry;
                forged.kind = Some(kind);
                assert_eq!(forged.agrees_with(&Matrix::BUILT_IN), kind == Kind::Project);
            }
            let changes: [&dyn Fn(&mut Audit); 4] = [
                &|audit| audit.allowed = true,
                &|audit| audit.reason = None,
                &|audit| audit.action = Action::ChangeProject,
                &|audit| audit.reason = Some(Reason::ScopeNotHeld),
            ];
            for change in changes {
                let mut forged = entry;
                change(forged.decision.as_mut().unwrap());
                assert!(!forged.agrees_with(&Matrix::BUILT_IN), "{forged:?}");
            }
        }
        // Whom the row is not hidden from is told apart.
        let limit = Actions::ViewProject;
        let project = subject.row(ProjectId(5), HERE, most).unwrap();
        let denied = subject.limited_to(limit).authorize_people(act::ViewProject, project);
        assert!(denied.is_err());
    }
}
