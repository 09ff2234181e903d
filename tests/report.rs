//! Do only those get an access report who may see the people page and the activity log, does a line say what the
//! oracle says, and does the log say what was asked?

use std::cell::RefCell;

use labelgate::log::{LogEntry, Question, Replay};
use labelgate::report::ReportLine;
use labelgate::sets::Scopes;
use labelgate::{Action, Actions, Denied, Facts, Kind, Matrix, Role, Row, Scope, Subject, UserId};
use labelgate_test_support::narrowed::{
    ELSEWHERE, HERE, ME, Narrowed, built_in, everybody, letters, me,
};
use labelgate_test_support::oracle;
use labelgate_test_support::rows::{known, name};

const RIGHTS: [Action; 2] = [Action::ViewPeoplePage, Action::ViewActivityLog];

/// Everybody, and those whose tokens have one right or both.
fn askers() -> impl Iterator<Item = Narrowed> {
    let [people, log] = [Actions::ViewPeoplePage, Actions::ViewActivityLog];
    let limits = [people, log, people | log];
    let limited = limits.map(|limit| Role::ALL.map(|role| me(role).limited_to(limit)));
    everybody().chain(limited.into_iter().flatten().map(Narrowed::new))
}

/// A report takes the people page and the activity log.
#[test]
fn a_report_takes_the_people_page_and_the_activity_log() {
    let (mut reports, mut denied) = (0, [0; 2]);
    let mia = |cell| Matrix::BUILT_IN.with_cell(Role::Manager, Action::ViewActivityLog, cell);
    for matrix in [Matrix::BUILT_IN, mia(Scopes::Organization).unwrap()] {
        let cells = |role: &str, key: &str| match (role, key) {
            ("MA", "activity_log.view") if matrix != Matrix::BUILT_IN => "G".to_owned(),
            _ => built_in(role, key),
        };
        for asker in askers() {
            let subject = asker.subject.with_matrix(matrix);
            let missing = RIGHTS.into_iter().position(|right| !asker.may(&cells, right, 0));
            match (subject.authorize_report(subject.own_organization()), missing) {
                (Ok(report), None) => {
                    reports += 1;
                    assert_eq!((report.organization(), report.user()), (&HERE, &ME));
                    assert_eq!(report.matrix(), &matrix);
                    let decided = subject.decide(RIGHTS[1], subject.own_organization());
                    assert_eq!(report.audit(), decided.unwrap().audit());
                }
                (Err(no), Some(missing)) => {
                    denied[missing] += 1;
                    // The answer is that of the action's own page.
                    let decided = subject.decide(RIGHTS[missing], subject.own_organization());
                    assert_eq!(no, decided.unwrap_err());
                }
                (report, missing) => panic!("{subject:?}: {report:?} {missing:?}"),
            }
            let others = subject.authorize_report(subject.organization_row(ELSEWHERE));
            assert_eq!(others.unwrap_err().answer().status(), 404);
            let theirs = Subject::new(HERE, UserId(8), Role::Owner).own_organization();
            assert_eq!(subject.authorize_report(theirs).unwrap_err().answer().status(), 404);
            let missing: Option<Row<_>> = None;
            assert_eq!(subject.authorize_report(missing).unwrap_err().answer().status(), 404);
        }
    }
    assert!(reports > 10 && denied.iter().all(|&count| count > 3), "{reports} {denied:?}");
}

/// A line says all that the user may do to its row, and to what is in it.
#[test]
fn a_line_says_what_the_oracle_says() {
    let changed = Matrix::BUILT_IN
        .with_cell(Role::Annotator, Action::ViewProject, Scopes::Organization)
        .and_then(|matrix| matrix.with_cell(Role::Manager, Action::ViewWorkspace, Scopes::Own))
        .unwrap();
    let (mut permitted, mut others) = (0, 0);
    for matrix in [Matrix::BUILT_IN, changed] {
        let cells = |role: &str, key: &str| {
            let scopes = match (role.parse(), key.parse()) {
                (Ok(role), Ok(action)) => matrix.scopes(role, action),
                _ => panic!("{role} {key}"),
            };
            if matrix == Matrix::BUILT_IN { built_in(role, key) } else { letters(scopes) }
        };
        for kind in Kind::ALL {
            for (role, facts) in
                Role::ALL.into_iter().flat_map(|role| Facts::ALL.map(|f| (role, f)))
            {
                let line = ReportLine::new(kind, 5, ME, role, facts).unwrap();
                let seen = known(kind, facts);
                assert_eq!((line.kind(), line.row(), line.user()), (kind, &5, &ME));
                assert_eq!((line.role(), line.facts()), (role, seen));
                for action in Action::ALL {
                    let key = action.key();
                    let is_within = action.kind() >= kind.min(Kind::Task);
                    let may = oracle::may_in(&cells, role.code(), key, Some(seen.bits()));
                    let case = format!("{role} {kind} {action}: {facts}");
                    assert_eq!(line.actions(&matrix).has(action), may && is_within, "{case}");
                    let mut scopes = oracle::scopes(role.code(), oracle::kind(key), seen.bits());
                    let acting = oracle::acts_as(role.code(), oracle::kind(key), seen.bits());
                    let cell = acting.map_or(String::new(), |acting| cells(acting, key));
                    let is_in_cell = |letter: &str| cell.split(' ').any(|other| other == letter);
                    scopes.retain(|letter| may && is_within && is_in_cell(letter));
                    scopes.sort_unstable();
                    let said = line.scopes(&matrix, action);
                    let mut said: Vec<_> = said.elements().map(Scope::symbol).collect();
                    said.sort_unstable();
                    assert_eq!(said, scopes, "{case}");
                    *if said.is_empty() { &mut others } else { &mut permitted } += 1;
                }
            }
        }
    }
    assert!(permitted > 100_000 && others > 100_000, "{permitted} {others}");
    assert!(name(Kind::Task) == "Task" && Kind::Project < Kind::Task);
    assert!(ReportLine::new(Kind::Project, 5, ME, Role::Owner, 32 + 64).is_err());
    assert!(ReportLine::new(Kind::Project, 5, ME, Role::Owner, -1).is_err());
}

fn logged(subject: &Subject<u32>, row: Option<Row<labelgate::OrganizationId<u32>>>) -> LogEntry {
    let entries = RefCell::new(Vec::new());
    let caller = subject.logged(|entry: &LogEntry| {
        entries.borrow_mut().push(*entry);
        Ok::<(), Denied>(())
    });
    let answer = caller.authorize_report(row);
    let [entry] = entries.into_inner()[..] else { panic!("one question was asked") };
    let audit = answer.map_or_else(|no| no.audit(), |report| report.audit());
    assert_eq!((entry.decision, entry.is_allowed()), (Some(audit), audit.allowed));
    entry
}

fn forged(mut entry: LogEntry, change: impl Fn(&mut LogEntry)) -> LogEntry {
    change(&mut entry);
    entry
}

/// The log has the report's record.
#[test]
fn the_log_has_the_report_s_record_and_replays_it() {
    let no_log = Matrix::BUILT_IN
        .with_cell(Role::Administrator, Action::ViewActivityLog, Scopes::empty())
        .unwrap();
    let no_people = Matrix::BUILT_IN
        .with_cell(Role::Administrator, Action::ViewPeoplePage, Scopes::empty())
        .unwrap();
    let mut allowed = 0;
    for Narrowed { subject, .. } in askers() {
        let rows =
            [Some(subject.own_organization()), Some(subject.organization_row(ELSEWHERE)), None];
        for row in rows {
            let entry = logged(&subject, row);
            assert_eq!((entry.question, entry.name.as_str()), (Question::Report, "access_report"));
            assert_eq!(entry.kind, Some(Kind::Organization));
            assert_eq!(entry.id.map(|id| id.to_string()), row.map(|row| row.id().to_string()));
            assert!(entry.agrees_with(&Matrix::BUILT_IN) && !entry.agrees_with(&no_log), "{entry}");
            assert_eq!(entry.replay(&Matrix::BUILT_IN), Some(Replay::Unchanged));
            let loses = entry.is_allowed() && subject.role() == Role::Administrator;
            let replay = if loses { Replay::WouldBeDenied } else { Replay::Unchanged };
            for matrix in [no_log, no_people] {
                assert_eq!(entry.replay(&matrix), Some(replay), "{entry}");
            }
            let json = serde_json::to_string(&entry).unwrap();
            assert_eq!(serde_json::from_str::<LogEntry>(&json).unwrap(), entry);
            allowed += usize::from(entry.is_allowed());
            for question in Question::ALL.into_iter().filter(|other| *other != Question::Report) {
                let forged = forged(entry, |entry| entry.question = question);
                assert!(!forged.agrees_with(&Matrix::BUILT_IN), "{forged}");
            }
            for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Organization) {
                let forged = forged(entry, |entry| entry.kind = Some(kind));
                assert!(!forged.agrees_with(&Matrix::BUILT_IN), "{forged}");
            }
            for action in Action::ALL {
                let mut forged = entry;
                let audit = forged.decision.as_mut().unwrap();
                let is_same = audit.action == action;
                audit.action = action;
                assert_eq!(forged.agrees_with(&Matrix::BUILT_IN), is_same, "{forged}");
            }
        }
    }
    assert!(allowed > 3, "{allowed}");
    let line = |role, limit: Actions| {
        let subject = me(role).limited_to(limit);
        logged(&subject, Some(subject.own_organization())).to_string()
    };
    let head = "user 7 of organization 1: access_report of organization 1";
    assert_eq!(line(Role::Owner, Actions::all()), format!("{head}: allowed"));
    let denied = format!("{head}: activity_log.view: role_never_holds");
    assert_eq!(line(Role::Manager, Actions::all()), denied);
    let denied = format!("{head}: members.view: not_in_limit");
    assert_eq!(line(Role::Owner, Actions::ViewActivityLog), denied);
}

/// That somebody may see the activity log does not say that they had a report.
#[test]
fn a_decision_is_no_report() {
    let entries = RefCell::new(Vec::new());
    let owner = me(Role::Owner);
    let caller = owner.logged(|entry: &LogEntry| {
        entries.borrow_mut().push(*entry);
        Ok::<(), Denied>(())
    });
    for action in RIGHTS {
        assert!(caller.decide(action, owner.own_organization()).is_ok());
    }
    for entry in entries.into_inner() {
        assert!(entry.agrees_with(&Matrix::BUILT_IN));
        let forged = forged(entry, |entry| entry.question = Question::Report);
        assert!(!forged.agrees_with(&Matrix::BUILT_IN), "{forged}");
    }
}
