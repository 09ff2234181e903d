//! Is a list permitted where some row in it can be, does it ask what is left, and of the rows that it was
//! permitted for?

use labelgate::log::{LogEntry, Question};
use labelgate::row::MaybeRow;
use labelgate::sets::Scopes;
use labelgate::{
    Action, ActionType, Actions, Denied, Fact, Facts, Kind, Listing, Matrix, ProjectId, Reason,
    RecordId, Role, Row, Subject, TaskId, UserId, WorkspaceId, act,
};
use labelgate_test_support::narrowed::{
    ELSEWHERE, HERE, ME, Narrowed, built_in, everybody, letters, me,
};
use labelgate_test_support::rows::{Condition, all_known, known, name};
use labelgate_test_support::{of_kind, oracle};
use proptest::prelude::*;
use proptest::sample::select;

fn facts_of<const N: usize>(facts: [Fact; N]) -> Facts {
    facts.into_iter().collect()
}

/// What a test reads of a listing, whatever it is within.
struct Listed {
    kind: Kind,
    condition: Condition,
    allowed_with: Option<Facts>,
}

fn read<Id: labelgate::row::RowId>(listing: &Listing<Action, Id, u32>) -> Listed {
    assert_eq!((listing.organization(), listing.user()), (&HERE, &ME));
    let audit = listing.audit();
    assert!(audit.allowed && audit.reason.is_none());
    assert_eq!((audit.role, audit.action), (listing.role(), listing.action()));
    let condition = Condition::read(listing.condition());
    Listed { kind: listing.kind(), condition, allowed_with: audit.facts }
}

/// The list for the action within a row of the kind with these facts.
fn list(
    subject: &Subject<u32>,
    action: Action,
    within: Kind,
    facts: Facts,
) -> Option<Result<Listed, Denied>> {
    of_kind!(within, HERE, ME, facts, row => {
        let found = subject.authorize_list_of(action, row)?;
        Some(found.map(|listing| read(&listing)))
    })
}

/// Nothing in the condition can be left out, and nothing is asked that is known.
fn minimal(condition: &Condition, within: Kind, case: &str) {
    let asked = if within == Kind::Task { oracle::AUTHOR } else { !0 };
    let asked =
        asked & !oracle::known(["Project", name(within)][usize::from(within < Kind::Task)], !0);
    let all = condition.alternatives();
    for (at, set) in all.iter().enumerate() {
        assert_eq!(set & !asked, 0, "{case}");
        let others = || all.iter().enumerate().filter(|other| other.0 != at);
        assert!(others().all(|(_, other)| set & other != *other), "{case}");
        // Who has the task has tasks in its project: the second is not said beside the first.
        let implied = set & oracle::ASSIGNEE != 0 && set & oracle::PROJECT_ASSIGNEE != 0;
        assert!(!implied, "{case}");
    }
}

/// Every list there is for the action, against the oracle.
fn check(who: &Narrowed, cells: oracle::Cells<'_>, action: Action) {
    let Narrowed { subject, .. } = who;
    let mut may = vec![None; 1 << oracle::FACTS.len()];
    let mut may =
        |bits: u16| *may[usize::from(bits)].get_or_insert_with(|| who.may(cells, action, bits));
    for within in Kind::ALL {
        let listed = oracle::lists(name(within), action.key());
        for facts in all_known(within) {
            let case = format!("{subject:?} {action} within {within}: {facts}");
            let Some(found) = list(subject, action, within, facts) else {
                assert_eq!(listed, None, "{case}");
                continue;
            };
            let inside = || oracle::inside(name(within), facts.bits());
            let any = inside().any(&mut may);
            assert_eq!(found.is_ok(), any, "{case}");
            match found {
                Ok(found) => {
                    assert_eq!(Some(name(found.kind)), listed, "{case}");
                    assert_eq!(found.allowed_with, Some(facts), "{case}");
                    for bits in inside() {
                        assert_eq!(found.condition.matches(bits), may(bits), "{case}: {bits:b}");
                    }
                    minimal(&found.condition, within, &case);
                }
                Err(denied) => {
                    assert_eq!(denied.audit().facts, Some(facts), "{case}");
                    assert_eq!((denied.role(), denied.action()), (subject.role(), action));
                    // The role that counts for what is known.
                    let (role, kind) = (subject.role().code(), oracle::kind(action.key()));
                    let acting = denied.effective_role().map(Role::code);
                    assert_eq!(acting, oracle::acts_as(role, kind, facts.bits()), "{case}");
                }
            }
        }
    }
}

#[test]
fn a_list_asks_what_is_left_and_is_denied_where_nothing_is() {
    for who in everybody() {
        for action in Action::ALL {
            check(&who, &built_in, action);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn lists_follow_any_matrix_and_narrowing(
        cells in proptest::collection::vec(
            (select(&Role::ALL[..5]), select(&Action::ALL[..]), 0..32u8), 0..80,
        ),
        role in select(&Role::ALL[..]),
        limit in 0..=Actions::all().bits(),
        through_api: bool,
        action in select(&Action::ALL[..]),
    ) {
        let matrix = cells.into_iter().fold(Matrix::BUILT_IN, |matrix, (role, action, scopes)| {
            matrix.with_cell(role, action, Scopes::from_bits_truncate(scopes)).unwrap()
        });
        let cells = |role: &str, key: &str| {
            letters(matrix.scopes(role.parse().unwrap(), key.parse().unwrap()))
        };
        let subject = me(role).with_matrix(matrix);
        let limited = subject.limited_to(Actions::from_bits_truncate(limit));
        let subject = if through_api { subject.through_api() } else { limited };
        for action in [action, Action::ViewProjectData, Action::ChangeWorkspace] {
            check(&Narrowed::new(subject), &cells, action);
        }
    }
}

#[test]
fn a_denied_list_has_the_guard_s_status_and_the_reason_of_the_most_that_could_be() {
    for who in everybody() {
        let Narrowed { subject, through_api, limit } = &who;
        let (role, limit) = (subject.role().code(), limit.as_deref());
        for action in Action::ALL {
            let key = action.key();
            for within in Kind::ALL {
                for facts in all_known(within) {
                    let Some(Err(denied)) = list(subject, action, within, facts) else { continue };
                    let case = format!("{subject:?} {action} within {within}: {facts}");
                    let seen = Some(facts.bits());
                    let hidden = oracle::narrowed_hidden(role, key, seen, *through_api, limit);
                    assert_eq!(denied.is_hidden(), hidden, "{case}");
                    // As a reviewer, where it is not known.
                    let acts_as_annotator = facts.bits() & oracle::ACTS_AS_ANNOTATOR != 0;
                    let most = oracle::inside(name(within), facts.bits())
                        .filter(|f| f & oracle::ACTS_AS_ANNOTATOR == 0 || acts_as_annotator)
                        .max_by_key(|f| f.count_ones());
                    let reason = oracle::reason(role, key, most, *through_api, limit);
                    assert_eq!(denied.reason().code(), reason, "{case}");
                }
            }
        }
    }
}

#[test]
fn the_tabs_of_a_row_are_the_lists_that_are_not_denied() {
    for Narrowed { subject, .. } in everybody() {
        for within in Kind::ALL {
            for facts in Facts::ALL {
                let lists = Action::ALL.into_iter().filter(|&action| {
                    list(&subject, action, within, facts).is_some_and(|found| found.is_ok())
                });
                let lists: Actions = lists.collect();
                let tabs = of_kind!(within, HERE, ME, facts, row => subject.actions_in(row));
                assert_eq!(tabs, lists, "{subject:?} within {within}: {facts}");
            }
        }
        let nothing: Option<Row<ProjectId<u32>>> = None;
        assert!(subject.actions_in(nothing).is_empty());
    }
}

#[test]
fn lists_are_denied_outside_to_others_and_to_the_powerless() {
    for Narrowed { subject, .. } in everybody() {
        for action in Action::ALL {
            for within in Kind::ALL {
                let elsewhere = of_kind!(within, ELSEWHERE, ME, Facts::ALL[Facts::COUNT - 1], row => {
                    let found = subject.authorize_list_of(action, row);
                    assert!(subject.actions_in(row).is_empty());
                    found.map(|found| found.map(drop).unwrap_err())
                });
                let yours = of_kind!(within, HERE, UserId(8), Facts::ALL[Facts::COUNT - 1], row => {
                    let found = subject.authorize_list_of(action, row);
                    assert!(subject.actions_in(row).is_empty());
                    found.map(|found| found.map(drop).unwrap_err())
                });
                let listed = oracle::lists(name(within), action.key()).is_some();
                assert_eq!((elsewhere.is_some(), yours.is_some()), (listed, listed));
                for (denied, reason) in
                    [(elsewhere, Reason::OutsideOrganization), (yours, Reason::OtherUser)]
                {
                    let Some(denied) = denied else { continue };
                    assert!(denied.is_hidden() && denied.audit().facts.is_none());
                    let role = subject.role();
                    assert!(!role.is_active() || denied.reason() == reason, "{role} {denied}");
                }
                if !subject.role().is_active() {
                    let found = list(&subject, action, within, Facts::ALL[Facts::COUNT - 1]);
                    assert!(found.is_none_or(|found| found.is_err()));
                    assert!(subject.filter(action).is_nothing());
                }
            }
        }
    }
}

/// Within a project that the annotator has tasks in, which lets them view their own data.
#[test]
fn what_is_known_of_a_project_is_not_asked_again() {
    let tasks = |role, facts| {
        let project = me(role).row(ProjectId(100), HERE, facts).unwrap();
        let listing = me(role).authorize_list_in(act::ViewProjectData, &project)?;
        Ok::<_, Denied>(listing.condition().to_string())
    };
    let acts = facts_of([Fact::ActsAsAnnotator, Fact::OwnDataPermitted]);
    let (member, assigned) = (acts.with(Fact::ProjectMember), acts.with(Fact::ProjectAssignee));
    for role in [Role::Annotator, Role::Reviewer] {
        assert_eq!(tasks(role, assigned).unwrap(), "assignee; author");
        assert_eq!(tasks(role, member.with(Fact::ProjectAssignee)).unwrap(), "assignee; author");
        // Whoever has no tasks in a project is assigned to none of its tasks.
        assert_eq!(tasks(role, member).unwrap(), "author");
        assert_eq!(tasks(role, acts).unwrap_err().answer().status(), 404);
        let reviews = facts_of([Fact::ProjectMember, Fact::ActsAsReviewer]);
        assert_eq!(tasks(role, reviews).unwrap(), "everything in the organization");
    }
}

/// A list says whose it is, for which action, and within which row: another project's rows are in none of it.
#[test]
fn a_list_is_within_the_row_that_was_asked_about() {
    let reviewer = me(Role::Annotator);
    let reviews = facts_of([Fact::ProjectMember, Fact::ActsAsReviewer]);
    let mine = reviewer.row(ProjectId(100), HERE, reviews).unwrap();
    let theirs = reviewer.row(ProjectId(101), HERE, 0).unwrap();
    let listing = reviewer.authorize_list_in(act::ViewProjectData, &mine).unwrap();
    assert_eq!(listing.within(), &ProjectId(100));
    assert_eq!((listing.organization(), listing.user()), (&HERE, &ME));
    assert_eq!((listing.role(), listing.action()), (Role::Annotator, Action::ViewProjectData));
    assert_eq!(listing.kind(), Kind::Task);
    assert_eq!(listing.condition().to_string(), "everything in the organization");
    assert_eq!(listing.audit().facts, Some(reviews));
    let shown = format!("{listing:?}");
    assert!(
        shown.starts_with(
            "Listing { action: ViewProjectData, user: UserId(7), within: ProjectId(100)"
        )
    );
    // Of project 101 there is no listing, and so no way to its rows.
    let denied = reviewer.authorize_list_in(act::ViewProjectData, &theirs).unwrap_err();
    assert_eq!((denied.answer().status(), denied.reason()), (404, Reason::ActsAsNobody));
    // What was denied by one action is not listed by another that is permitted: it lists its own table.
    let annotates = facts_of([Fact::ProjectMember, Fact::ActsAsAnnotator]);
    let project = reviewer.row(ProjectId(102), HERE, annotates).unwrap();
    assert!(reviewer.authorize_list_in(act::ViewProjectData, &project).is_err());
    let projects = reviewer.authorize_list(act::ViewProject).unwrap();
    assert_eq!((projects.kind(), projects.within()), (Kind::Project, &HERE));
}

/// What the listing is within, is in its type.
fn of_project<A: ActionType>(listing: Listing<A, ProjectId<u32>>) -> (Action, Kind, u32) {
    (listing.action(), listing.kind(), listing.within().0)
}

#[test]
fn actions_on_tasks_list_records_too() {
    let mia = me(Role::Manager);
    let project = mia.row(ProjectId(100), HERE, facts_of([Fact::ProjectMember])).unwrap();
    let tasks = mia.authorize_list_in(act::ChangeAnnotations, &project).unwrap();
    let (action, condition) = (tasks.action(), tasks.condition().to_string());
    assert_eq!(tasks.kind(), Kind::Task);
    let records = tasks.records();
    assert_eq!(records.condition().to_string(), condition);
    assert_eq!(of_project(records), (action, Kind::Record, 100));
    for action in Action::ALL {
        for within in Kind::ALL {
            let owner = me(Role::Owner);
            of_kind!(within, HERE, ME, Facts::none(), row => {
                let Some(Ok(listing)) = owner.authorize_list_of(action, row) else { continue };
                let records = listing.records();
                assert_eq!(records.is_some(), action.kind() == Kind::Task, "{action}");
                assert!(records.is_none_or(|records| records.kind() == Kind::Record));
            });
        }
    }
}

/// Who is assigned to a task owns nothing of what others annotated in it.
#[test]
fn within_a_task_records_are_listed_by_the_project_s_facts() {
    let ann = me(Role::Annotator);
    let acts = facts_of([Fact::ActsAsAnnotator, Fact::OwnDataPermitted, Fact::ProjectAssignee]);
    let records = |facts| {
        let task = ann.row(TaskId(5), HERE, facts).unwrap();
        let listing = ann.authorize_list_in(act::ViewProjectData, &task).unwrap();
        assert_eq!((listing.kind(), listing.within()), (Kind::Record, &TaskId(5)));
        listing.condition().to_string()
    };
    assert_eq!(records(acts), "author");
    assert_eq!(records(acts.with(Fact::Assignee)), "author");
    // The record still has what was known of the task.
    let task = ann.row(TaskId(5), HERE, acts.with(Fact::Assignee)).unwrap();
    let listing = ann.authorize_list_in(act::ViewProjectData, &task).unwrap();
    assert_eq!(listing.audit().facts, Some(acts.with(Fact::Assignee)));
    for facts in all_known(Kind::Task) {
        for Narrowed { subject, .. } in everybody() {
            for action in Action::ALL {
                let with = list(&subject, action, Kind::Task, facts);
                let without = list(&subject, action, Kind::Task, known(Kind::Record, facts));
                let said = |found: Option<Result<Listed, Denied>>| {
                    found.map(|found| {
                        found.ok().map(|found| found.condition.alternatives().to_vec())
                    })
                };
                assert_eq!(said(with), said(without), "{subject:?} {action} {facts}");
            }
        }
    }
}

/// The three ways to ask for a list are one.
#[test]
fn a_list_by_a_type_is_the_list_by_its_action() {
    fn same<A: ActionType, Id: labelgate::row::RowId + PartialEq + std::fmt::Debug>(
        typed: &Result<Listing<A, Id, u32>, Denied>,
        known: &Result<Listing<Action, Id, u32>, Denied>,
    ) {
        match (typed, known) {
            (Ok(typed), Ok(known)) => {
                let said = typed.condition().to_string();
                assert_eq!(said, known.condition().to_string());
                assert_eq!((typed.within(), typed.kind()), (known.within(), known.kind()));
                assert_eq!((typed.audit(), typed.action()), (known.audit(), A::ACTION));
            }
            (Err(typed), Err(known)) => assert_eq!(typed, known),
            _ => panic!("two answers to one question"),
        }
    }
    for Narrowed { subject, .. } in everybody() {
        let own = subject.own_organization();
        let view = subject.authorize_list_of(Action::ViewProject, own).unwrap();
        same(&subject.authorize_list(act::ViewProject), &view);
        same(&subject.authorize_list_in(act::ViewProject, own), &view);
        for facts in all_known(Kind::Project) {
            let project = subject.row(ProjectId(5), HERE, facts).unwrap();
            let data = subject.authorize_list_of(Action::ViewProjectData, &project).unwrap();
            same(&subject.authorize_list_in(act::ViewProjectData, &project), &data);
            same(&subject.authorize_list_in(act::ViewProjectData, Some(project)), &data);
        }
    }
}

/// The entries of the log of one question.
fn entries<Id>(subject: Subject<u32>, action: Action, row: Row<Id>) -> Vec<LogEntry>
where
    Id: labelgate::row::RowId<Value = u32> + Clone + std::fmt::Display,
{
    let entries = std::cell::RefCell::new(Vec::new());
    let logged = subject.logged(|entry: &LogEntry| {
        entries.borrow_mut().push(*entry);
        Ok::<(), Denied>(())
    });
    let found = logged.authorize_list_of(action, &row).map(|found| found.is_ok());
    let decided = logged.decide(action, &row).is_ok();
    let entries = entries.into_inner();
    let asked: Vec<_> = entries.iter().map(|entry| (entry.question, entry.is_allowed())).collect();
    let list = found.map(|found| (Question::List, found));
    let expected = list.into_iter().chain([(Question::Decision, decided)]);
    assert_eq!(asked, expected.collect::<Vec<_>>());
    entries
}

/// What a log kept of a list asks the list again.
#[test]
fn the_record_of_a_list_is_replayed_as_one() {
    let strict = Matrix::BUILT_IN.with_cell(Role::Manager, Action::ExportData, Scopes::empty());
    let (matrix, other) = (&Matrix::BUILT_IN, strict.unwrap());
    let (mut permitted, mut denied) = (0, 0);
    for Narrowed { subject, .. } in everybody() {
        for action in Action::ALL {
            for within in Kind::ALL {
                for facts in all_known(within).step_by(5) {
                    let entries =
                        of_kind!(within, HERE, ME, facts, row => entries(subject, action, row));
                    for entry in entries {
                        let case = format!("{subject:?} {facts}: {entry}");
                        assert!(entry.agrees_with(matrix), "{case}");
                        assert!(!entry.agrees_with(&other), "{case}");
                        let record = entry.decision.unwrap();
                        let json = serde_json::to_string(&entry).unwrap();
                        assert_eq!(serde_json::from_str::<LogEntry>(&json).unwrap(), entry);
                        let mut forged = entry;
                        forged.decision.as_mut().unwrap().allowed ^= true;
                        assert!(!forged.agrees_with(matrix), "{case}");
                        for reason in Reason::ALL.map(Some).into_iter().chain([None]) {
                            let mut forged = entry;
                            forged.decision.as_mut().unwrap().reason = reason;
                            assert!(
                                !forged.agrees_with(matrix) || reason == record.reason,
                                "{case}"
                            );
                        }
                        if entry.question == Question::List {
                            *if record.allowed { &mut permitted } else { &mut denied } += 1;
                            // Of what no such list is within, there is none.
                            let mut forged = entry;
                            forged.kind = Some(Kind::Record);
                            assert!(!forged.agrees_with(matrix), "{case}");
                        }
                    }
                }
            }
        }
    }
    assert!(permitted > 1000 && denied > 1000, "{permitted} {denied}");
}

/// Nothing is known of the rows of a list: its record is none of a decision about one.
#[test]
fn a_permitted_list_is_no_permitted_decision() {
    let ann = me(Role::Annotator);
    let record = ann.authorize_list(act::ViewProject).unwrap().audit();
    assert!(record.allowed && record.facts == Some(Facts::none()));
    assert!(!record.agrees_with(&Matrix::BUILT_IN));
    let [list, decision] = entries(ann, Action::ViewProject, ann.own_organization())[..] else {
        panic!("two questions were asked")
    };
    assert_eq!(list.decision, Some(record));
    assert!(list.agrees_with(&Matrix::BUILT_IN) && decision.agrees_with(&Matrix::BUILT_IN));
    for (entry, other) in [(list, Question::Decision), (decision, Question::List)] {
        let mut forged = entry;
        forged.question = other;
        assert!(!forged.agrees_with(&Matrix::BUILT_IN), "{entry}");
    }
    let mut nowhere = list;
    nowhere.kind = None;
    assert!(!nowhere.agrees_with(&Matrix::BUILT_IN));
}

/// Rows of any kind are asked about as a reference, an `Option` and a pair, too.
#[test]
fn lists_take_what_a_query_returned() {
    fn within<R: MaybeRow<Id = WorkspaceId<u32>, Organization = u32, User = u32>>(row: R) -> u32 {
        let listing = me(Role::Owner).authorize_list_in(act::ViewProject, row).unwrap();
        listing.within().0
    }
    let workspace = me(Role::Owner).row(WorkspaceId(5), HERE, 0).unwrap();
    assert_eq!(within(workspace), 5);
    let (reference, found) = (&workspace, &Some(workspace));
    assert_eq!(within(reference), 5);
    assert_eq!(within(Some(workspace)), 5);
    assert_eq!(within(Some(&workspace)), 5);
    assert_eq!(within(found), 5);
    // The list is within the row that was found.
    assert_eq!(within((WorkspaceId(6), workspace)), 5);
    let missing: Option<Row<RecordId<u32>>> = None;
    assert!(me(Role::Owner).authorize_list_of(Action::ViewProjectData, missing).is_none());
}
