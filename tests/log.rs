//! Is each question logged once, before the proof is there, with who asked and what about?

use std::cell::RefCell;

use labelgate::audit::Audit;
use labelgate::log::{LogEntry, LogText, Logged, Question, Replay};
use labelgate::membership::{
    Approved, Assignment, Member, MembershipPolicy, Operation, Refusal, Refused, RoleSource,
};
use labelgate::{
    Action, ActionType, Denied, Facts, Kind, Matrix, OrganizationId, ProjectId, Reason, RecordId,
    Role, Row, Subject, TaskId, UserId, WorkspaceId, act,
};
use labelgate_test_input::hostile::{hostile_texts, is_tame, tame};
use serde_json::{Value, from_str, from_value, json, to_string, to_value};

const HERE: OrganizationId<u32> = OrganizationId(1);
const ME: UserId<u32> = UserId(7);

/// The error of a service's handlers.
#[derive(Debug, PartialEq)]
enum Problem {
    Denied(Denied),
    Refused(Refused),
    LogIsFull,
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// An action of the service's own.
struct ManageWebhooks;

impl ActionType for ManageWebhooks {
    const ACTION: Action = Action::ChangeProject;
    const NAME: &'static str = "webhooks.manage";
}

/// A log in memory, which may be full.
#[derive(Default)]
struct Log {
    entries: RefCell<Vec<LogEntry>>,
    is_full: bool,
}

impl Log {
    fn write(&self, entry: &LogEntry) -> Result<(), Problem> {
        if self.is_full {
            return Err(Problem::LogIsFull);
        }
        self.entries.borrow_mut().push(*entry);
        Ok(())
    }

    fn subject(&self, role: Role) -> Logged<impl Fn(&LogEntry) -> Result<(), Problem> + '_, u32> {
        Subject::new(HERE, ME, role).logged(|entry| self.write(entry))
    }

    /// The one entry that the last question made.
    #[track_caller]
    fn take(&self) -> LogEntry {
        let entries = self.entries.take();
        assert_eq!(entries.len(), 1);
        entries[0]
    }
}

fn member(user: u32, role: Role) -> Member<u32> {
    Member { organization: HERE, user: UserId(user), role, source: RoleSource::Manual }
}

/// What an entry says beside who asked.
type Said = (String, Question, Option<Kind>, Option<String>, Option<Audit>);

fn said(entry: LogEntry) -> Said {
    assert_eq!((entry.organization.as_str(), entry.user.as_str()), ("1", "7"));
    assert_eq!(entry.change, None);
    let decision = entry.decision;
    assert_eq!(Some(entry.is_allowed()), decision.map(|audit| audit.allowed));
    let id = entry.id.map(|id| id.to_string());
    (entry.name.to_string(), entry.question, entry.kind, id, decision)
}

fn expected<P>(
    name: &str,
    question: Question,
    (kind, id): (Kind, Option<&str>),
    answer: &Result<P, Problem>,
    audit: impl Fn(&P) -> Audit,
) -> Said {
    let audit = match answer {
        Ok(proof) => audit(proof),
        Err(Problem::Denied(denied)) => denied.audit(),
        Err(other) => panic!("{other:?}"),
    };
    (name.to_owned(), question, Some(kind), id.map(str::to_owned), Some(audit))
}

#[test]
fn each_door_is_logged_once_permitted_or_not() {
    let log = Log::default();
    let (mut permitted, mut denied) = (0, 0);
    let mut count = |is_ok: bool| *if is_ok { &mut permitted } else { &mut denied } += 1;
    for role in Role::ALL {
        let caller = log.subject(role);
        let subject = *caller.subject();
        assert_eq!(subject, Subject::new(HERE, ME, role));
        let project = subject.row(ProjectId(100), HERE, 8).unwrap();
        let elsewhere = subject.row(ProjectId(100), OrganizationId(2), 8).unwrap();
        for row in [Some(project), Some(elsewhere), None] {
            let about = (Kind::Project, row.map(|_| "100"));
            for action in Action::ALL {
                let found = caller.decide(action, row);
                count(found.is_ok());
                let said = said(log.take());
                let decided = subject.decide(action, row);
                assert_eq!(found, decided.map_err(Problem::Denied));
                assert_eq!(
                    said,
                    expected(action.key(), Question::Decision, about, &found, |yes| yes.audit())
                );

                let found = caller.authorize_people_of(action, row);
                count(found.is_ok());
                let said = self::said(log.take());
                let people = Question::People;
                assert_eq!(said, expected(action.key(), people, about, &found, |yes| yes.audit()));

                let Some(found) = caller.authorize_list_of(action, row) else {
                    assert!(log.entries.take().is_empty(), "{action}");
                    continue;
                };
                count(found.is_ok());
                let said = self::said(log.take());
                assert_eq!(
                    said,
                    expected(action.key(), Question::List, about, &found, |yes| yes.audit())
                );
            }
            let found = caller.authorize(act::ExportData, row);
            let said = self::said(log.take());
            assert_eq!(
                said,
                expected("data.export", Question::Decision, about, &found, |yes| yes.audit())
            );
            let found = caller.authorize(ManageWebhooks, row);
            let said = self::said(log.take());
            assert_eq!(
                said,
                expected("webhooks.manage", Question::Decision, about, &found, |yes| yes.audit())
            );
            let found = caller.authorize_people(ManageWebhooks, row);
            let said = self::said(log.take());
            let name = "webhooks.manage";
            assert_eq!(said, expected(name, Question::People, about, &found, |yes| yes.audit()));
            let found = caller.authorize_list_in(act::ViewProjectData, row);
            let said = self::said(log.take());
            assert_eq!(
                said,
                expected("data.view", Question::List, about, &found, |yes| yes.audit())
            );
        }
        let about = (Kind::Organization, Some("1"));
        let found = caller.authorize_list(act::ViewProject);
        let said = self::said(log.take());
        assert_eq!(
            said,
            expected("projects.view", Question::List, about, &found, |yes| yes.audit())
        );
        let found = caller.authorize_list(ManageWebhooks);
        let said = self::said(log.take());
        assert_eq!(
            said,
            expected("webhooks.manage", Question::List, about, &found, |yes| yes.audit())
        );
    }
    assert!(permitted > 100 && denied > 100, "{permitted} {denied}");
}

#[test]
fn an_entry_has_the_kind_and_the_id_of_what_was_asked_about() {
    let log = Log::default();
    let caller = log.subject(Role::Owner);
    let subject = *caller.subject();
    let about = || {
        let entry = log.take();
        (entry.kind, entry.id.map(|id| id.to_string()))
    };
    let of = |kind, id: &str| (Some(kind), Some(id.to_owned()));
    let action = Action::ViewProjectData;
    _ = caller.decide(action, subject.own_organization());
    assert_eq!(about(), of(Kind::Organization, "1"));
    _ = caller.decide(action, subject.organization_row(OrganizationId(2)));
    assert_eq!(about(), of(Kind::Organization, "2"));
    _ = caller.decide(action, subject.row(WorkspaceId(10), HERE, 0).unwrap());
    assert_eq!(about(), of(Kind::Workspace, "10"));
    _ = caller.decide(action, subject.row(TaskId("t"), HERE, 0).unwrap());
    assert_eq!(about(), of(Kind::Task, "t"));
    _ = caller.decide(action, subject.row(RecordId('r'), HERE, 0).unwrap());
    assert_eq!(about(), of(Kind::Record, "r"));

    // Of a row that was not found, the handler knows the id.
    let missing: Option<Row<ProjectId<u32>>> = None;
    _ = caller.decide(action, missing);
    assert_eq!(about(), (Some(Kind::Project), None));
    _ = caller.decide(action, (ProjectId(404), missing));
    assert_eq!(about(), of(Kind::Project, "404"));
    assert!(caller.authorize(act::ExportData, (ProjectId(404), missing)).is_err());
    assert_eq!(about(), of(Kind::Project, "404"));
    assert!(caller.authorize_list_in(act::LabelTasks, (ProjectId(404), &missing)).is_err());
    assert_eq!(about(), of(Kind::Project, "404"));
    // Of one that was, the row's own.
    let found = subject.row(ProjectId(100), HERE, 0).ok();
    assert!(caller.authorize(act::ExportData, (ProjectId(404), found)).is_ok());
    assert_eq!(about(), of(Kind::Project, "100"));
}

#[test]
fn a_membership_change_is_logged_with_the_member() {
    let log = Log::default();
    let policy = MembershipPolicy::new(HERE);
    let (mut approved, mut refused) = (0, 0);
    for role in Role::ALL {
        let caller = log.subject(role);
        for (was, now) in Role::ALL.into_iter().flat_map(|was| Role::ALL.map(|now| (was, now))) {
            let ann = member(9, was);
            let found: Result<Approved<Assignment<u32>>, Problem> =
                caller.change(Some(&ann.user), |by| policy.assign(by, &ann, now));
            let entry = log.take();
            assert_eq!((entry.organization.as_str(), entry.user.as_str()), ("1", "7"));
            assert_eq!(
                (entry.name.as_str(), entry.question, entry.kind),
                ("assign", Question::Change, None)
            );
            assert_eq!(entry.id.map(|id| id.to_string()), Some("9".to_owned()));
            let decided = policy.assign(caller.subject(), &ann, now);
            let audit = decided.as_ref().map_or_else(Refused::audit, Approved::audit);
            assert_eq!((entry.decision, entry.change), (None, Some(audit)));
            assert_eq!(entry.is_allowed(), decided.is_ok());
            assert_eq!(found, decided.map_err(Problem::Refused));
            assert!(!entry.agrees_with(&Matrix::BUILT_IN));
            assert_eq!(from_str::<LogEntry>(&to_string(&entry).unwrap()).unwrap(), entry);
            *if found.is_ok() { &mut approved } else { &mut refused } += 1;
        }
    }
    assert!(approved > 20 && refused > 100, "{approved} {refused}");
    // There is not always a member.
    let caller = log.subject(Role::Manager);
    let found = caller.change(None, |by| policy.set_default_role(by, Role::Owner));
    let entry = log.take();
    assert_eq!(
        (entry.name.to_string(), entry.id),
        (Operation::SetDefaultRole.code().to_owned(), None)
    );
    let Err(Problem::Refused(refused)) = found else { panic!("{found:?}") };
    assert_eq!(entry.change, Some(refused.audit()));
    let code = refused.refusal().code();
    assert_eq!(
        entry.to_string(),
        format!("user 7 of organization 1: set_default_role of user: {code}")
    );
    assert_eq!(refused.refusal(), Refusal::NotAllowed);
}

/// The answer of a matrix to the question that the entry logged, asked anew.
fn asked_anew(entry: &LogEntry, caller: &Subject<u32>) -> bool {
    let (kind, audit) = (entry.kind.unwrap(), entry.decision.unwrap());
    macro_rules! ask {
        ($row:expr) => {{
            let row = $row;
            match entry.question {
                Question::Decision => caller.can(audit.action, row),
                Question::List => caller.authorize_list_of(audit.action, row).unwrap().is_ok(),
                _ => caller.authorize_people_of(Action::ExportData, row).is_ok(),
            }
        }};
    }
    let facts = audit.facts.unwrap();
    match kind {
        Kind::Organization => ask!(caller.own_organization()),
        Kind::Workspace => ask!(caller.row(WorkspaceId(10), HERE, facts).unwrap()),
        Kind::Project => ask!(caller.row(ProjectId(100), HERE, facts).unwrap()),
        Kind::Task => ask!(caller.row(TaskId(1000), HERE, facts).unwrap()),
        Kind::Record => ask!(caller.row(RecordId(5000), HERE, facts).unwrap()),
    }
}

#[test]
fn another_matrix_answers_a_logged_question_as_if_it_were_asked_anew() {
    let log = Log::default();
    let mut seen = [0; Replay::COUNT];
    // A matrix in which each role may do what another one may.
    let swapped = [(Role::Administrator, Role::Annotator), (Role::Manager, Role::Reviewer)];
    let mut turned = Matrix::BUILT_IN;
    for (role, other) in swapped.into_iter().flat_map(|(one, two)| [(one, two), (two, one)]) {
        for action in Action::ALL {
            let cell = Matrix::BUILT_IN.scopes(other, action);
            turned = turned.with_cell(role, action, cell).unwrap();
        }
    }
    for (role, action, facts) in Role::ALL.into_iter().flat_map(|role| {
        Action::ALL.into_iter().flat_map(move |action| {
            Facts::ALL.into_iter().step_by(7).map(move |facts| (role, action, facts))
        })
    }) {
        let caller = log.subject(role);
        let project = caller.subject().row(ProjectId(100), HERE, facts).unwrap();
        let task = caller.subject().row(TaskId(1000), HERE, facts).unwrap();
        _ = caller.decide(action, caller.subject().own_organization());
        _ = caller.decide(action, project);
        _ = caller.decide(action, task);
        _ = caller.authorize_list_of(action, project);
        _ = caller.authorize_people_of(Action::ExportData, project);
        for entry in log.entries.take() {
            assert_eq!(entry.replay(&Matrix::BUILT_IN), Some(Replay::Unchanged));
            let was = entry.is_allowed();
            let is = asked_anew(&entry, &caller.subject().with_matrix(turned));
            let expected = match (was, is) {
                (true, false) => Replay::WouldBeDenied,
                (false, true) => Replay::WouldBePermitted,
                _ => Replay::Unchanged,
            };
            assert_eq!(entry.replay(&turned), Some(expected), "{entry}");
            seen[expected as usize] += 1;
        }
    }
    assert!(seen.into_iter().all(|count| count > 1000), "{seen:?}");
}

#[test]
fn what_is_not_replayed_by_another_matrix() {
    let log = Log::default();
    let caller = log.subject(Role::Owner);
    // Rows without facts stay denied.
    _ = caller.decide(Action::ViewProject, None::<Row<ProjectId<u32>>>);
    assert_eq!(log.take().replay(&Matrix::BUILT_IN), Some(Replay::Unchanged));
    _ = caller.decide(Action::ViewPeoplePage, caller.subject().organization_row(OrganizationId(2)));
    assert_eq!(log.take().replay(&Matrix::BUILT_IN), Some(Replay::Unchanged));
    // A change has no rows in the log, and this name is not that of the decided action.
    _ = caller.change(None, |by| MembershipPolicy::new(HERE).set_default_role(by, Role::Owner));
    assert_eq!(log.take().replay(&Matrix::BUILT_IN), None);
    _ = caller.decide(Action::ViewPeoplePage, caller.subject().own_organization());
    let entry = log.take();
    let mut other = entry;
    other.name = "data.view".parse().unwrap();
    assert_eq!(
        (other.replay(&Matrix::BUILT_IN), other.agrees_with(&Matrix::BUILT_IN)),
        (None, false)
    );
}

#[test]
fn without_a_log_there_is_no_proof() {
    let log = Log { is_full: true, ..Log::default() };
    for role in Role::ALL {
        let caller = log.subject(role);
        let row = caller.subject().row(ProjectId(100), HERE, 8).unwrap();
        let (full, policy, ann) =
            (Problem::LogIsFull, MembershipPolicy::new(HERE), member(9, Role::Annotator));
        for action in Action::ALL {
            assert_eq!(caller.decide(action, row), Err(Problem::LogIsFull));
            assert_eq!(
                caller.authorize_people_of(action, row).unwrap_err(),
                full,
                "{role} {action}"
            );
            if let Some(list) = caller.authorize_list_of(action, row) {
                assert_eq!(list.unwrap_err(), full, "{role} {action}");
            }
        }
        assert_eq!(caller.authorize(act::ExportData, row).unwrap_err(), full, "{role}");
        assert_eq!(
            caller.authorize(act::ExportData, None::<Row<ProjectId<u32>>>).unwrap_err(),
            full
        );
        assert_eq!(caller.authorize_list(act::ViewProject).unwrap_err(), full, "{role}");
        assert_eq!(caller.authorize_list_in(act::ViewProjectData, row).unwrap_err(), full);
        assert_eq!(caller.authorize_people(act::ExportData, row).unwrap_err(), full);
        let found = caller.change(Some(&ann.user), |by| policy.assign(by, &ann, Role::Reviewer));
        assert_eq!(found, Err(Problem::LogIsFull), "{role}");
    }
}

#[test]
fn what_is_asked_of_the_subject_is_not_logged() {
    let log = Log::default();
    let caller = log.subject(Role::Owner);
    let (subject, own) = (caller.subject(), caller.subject().own_organization());
    assert!(subject.can(Action::ViewPeoplePage, own) && !subject.actions(own).is_empty());
    assert!(!subject.actions_in(own).is_empty());
    assert!(subject.authorize_list(act::ViewProject).is_ok());
    assert!(log.entries.borrow().is_empty());
    assert!(format!("{caller:?}").starts_with("Logged { subject: Subject {"));
}

#[test]
fn an_entry_reads_as_a_line() {
    let log = Log::default();
    let line = || log.take().to_string();
    let caller = log.subject(Role::Manager);
    let project = |facts| caller.subject().row(ProjectId(100), HERE, facts).unwrap();
    _ = caller.decide(Action::ExportData, project(8));
    assert_eq!(line(), "user 7 of organization 1: data.export of project 100: allowed");
    _ = caller.decide(Action::ExportData, project(0));
    assert_eq!(line(), "user 7 of organization 1: data.export of project 100: scope_not_held");
    _ = caller.decide(Action::ExportData, None::<Row<ProjectId<u32>>>);
    assert_eq!(line(), "user 7 of organization 1: data.export of project: not_found");
    _ = caller.authorize_list_in(act::LabelTasks, project(0));
    assert_eq!(
        line(),
        "user 7 of organization 1: list of tasks.label within project 100: scope_not_held"
    );
    _ = caller.authorize_people(act::LabelTasks, project(0));
    assert_eq!(line(), "user 7 of organization 1: people for tasks.label of project 100: allowed");
    _ = caller.authorize_people(act::LabelTasks, None::<Row<ProjectId<u32>>>);
    let missing = "people for tasks.label of project: projects.view: not_found";
    assert_eq!(line(), format!("user 7 of organization 1: {missing}"));
    let caller = log.subject(Role::Administrator);
    let ann = member(9, Role::Annotator);
    let policy = MembershipPolicy::new(HERE);
    _ = caller.change(Some(&ann.user), |by| policy.assign(by, &ann, Role::Reviewer));
    assert_eq!(line(), "user 7 of organization 1: assign of user 9: allowed");
}

#[test]
fn ids_are_escaped_and_cut() {
    let texts = hostile_texts().into_iter().chain([
        String::new(),
        "é".repeat(40),
        "🦀".repeat(16),
        "🦀".repeat(17),
        "\u{301}\u{202e}".repeat(9),
        "x".repeat(64),
        "x".repeat(65),
        "a\nuser 1 of organization 1: data.export of project 1: allowed".to_owned(),
    ]);
    for text in texts {
        let entries = RefCell::new(Vec::new());
        let hostile = (OrganizationId(text.clone()), UserId(text.clone()));
        let caller = Subject::new(hostile.0, hostile.1, Role::Owner).logged(|entry: &LogEntry| {
            entries.borrow_mut().push(*entry);
            Ok::<(), Problem>(())
        });
        let organization = caller.subject().organization().clone();
        let row = caller.subject().row(ProjectId(text.clone()), organization, 0).unwrap();
        let missing: Option<Row<ProjectId<String>>> = None;
        assert!(caller.authorize(act::ExportData, &row).is_ok());
        assert!(caller.authorize(act::ExportData, (ProjectId(text.clone()), missing)).is_err());
        assert!(caller.authorize_list_in(act::LabelTasks, &row).is_ok());
        assert!(caller.authorize_people(act::LabelTasks, &row).is_ok());
        let member = UserId(text.clone());
        let policy = MembershipPolicy::new(caller.subject().organization().clone());
        assert!(caller.change(Some(&member), |by| policy.remove(by, None)).is_err());
        let entries = entries.into_inner();
        assert_eq!(entries.len(), 5);
        for entry in entries {
            assert!(is_tame(&entry.to_string()), "{entry}");
            for kept in [entry.organization, entry.user, entry.id.unwrap()] {
                assert_eq!(kept, LogText::new(&text));
                assert!(kept.as_str().len() <= 64 && is_tame(kept.as_str()), "{kept}");
                // It says that something is missing if something is.
                let escaped: String = text.chars().map(escaped).collect();
                let (is_whole, begins) =
                    (kept.as_str() == escaped, kept.as_str().strip_suffix("..."));
                assert!(is_whole || escaped.starts_with(begins.unwrap()), "{kept}");
                assert_eq!(is_whole, escaped.len() <= 64, "{kept}");
                // What is read from a log is not escaped again, nor cut.
                assert_eq!(kept.as_str().parse(), Ok(kept));
            }
            assert_eq!(from_str::<LogEntry>(&to_string(&entry).unwrap()).unwrap(), entry);
        }
    }
}

/// A character as a line of a log has it.
fn escaped(c: char) -> String {
    match c {
        ' '..='~' => c.to_string(),
        _ => c.escape_debug().to_string(),
    }
}

/// An entry of a decision.
fn decision() -> LogEntry {
    let log = Log::default();
    let caller = log.subject(Role::Manager);
    let project = caller.subject().row(ProjectId(100), HERE, 8).unwrap();
    assert!(caller.authorize(ManageWebhooks, project).is_ok());
    log.take()
}

#[test]
fn an_entry_is_an_object_of_its_fields() {
    let entry = decision();
    assert_eq!(
        to_value(entry).unwrap(),
        json!({
            "organization": "1",
            "user": "7",
            "name": "webhooks.manage",
            "question": "decision",
            "kind": "project",
            "id": "100",
            "decision": {
                "role": "MA",
                "action": "projects.change",
                "facts": ["project_member"],
                "through_api": false,
                "limit": null,
                "allowed": true,
                "reason": null,
                "matrix": Matrix::BUILT_IN.fingerprint().to_string(),
            },
            "change": null,
        })
    );
    assert!(entry.agrees_with(&Matrix::BUILT_IN));
}

#[test]
fn an_entry_is_read_strictly() {
    let wire = to_value(decision()).unwrap();
    let refusal = |wire: &Value| from_value::<LogEntry>(wire.clone()).unwrap_err().to_string();
    assert_eq!(from_value::<LogEntry>(wire.clone()).unwrap(), decision());
    let fields: Vec<_> = wire.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields.len(), 8);
    for field in &fields {
        let mut less = wire.clone();
        less.as_object_mut().unwrap().remove(field);
        assert_eq!(refusal(&less), format!("missing field `{field}`"));
        let twice = format!(r#"{{"{field}": {}, {}"#, wire[field], &wire.to_string()[1..]);
        let refused = from_str::<LogEntry>(&twice).unwrap_err().to_string();
        assert!(refused.starts_with(&format!("duplicate field `{field}`")), "{refused}");
        let mut other = wire.clone();
        other[field] = json!([1]);
        assert!(from_value::<LogEntry>(other).is_err(), "{field}");
    }
    let mut more = wire.clone();
    more["at"] = json!(5);
    assert!(refusal(&more).starts_with("unknown field `at`"));
    let mut folder = wire.clone();
    folder["kind"] = json!("folder");
    assert!(refusal(&folder).starts_with("unknown kind `folder`"));
    let array: Vec<_> = fields.iter().map(|field| &wire[field]).collect();
    assert!(refusal(&json!(array)).starts_with("invalid type: sequence, expected an object"));
    for hostile in hostile_texts() {
        tame::<LogEntry>(&json!(hostile));
        for field in ["question", "kind", "decision", "change", &hostile] {
            let mut other = wire.clone();
            other[field] = json!(hostile);
            tame::<LogEntry>(&other);
        }
    }
}

/// An entry says what was enforced, and a log that was changed does not.
#[test]
fn an_entry_that_was_changed_does_not_agree() {
    let entry = decision();
    let changes: [&dyn Fn(&mut LogEntry); 9] = [
        &|entry| entry.question = Question::List,
        &|entry| entry.question = Question::People,
        &|entry| entry.question = Question::Change,
        &|entry| entry.name = LogText::new(&"data.export"),
        &|entry| entry.kind = None,
        &|entry| entry.decision = None,
        &|entry| entry.decision.as_mut().unwrap().allowed = false,
        &|entry| entry.decision.as_mut().unwrap().role = Role::Annotator,
        &|entry| entry.decision.as_mut().unwrap().reason = Some(Reason::NotFound),
    ];
    for change in changes {
        let mut forged = entry;
        change(&mut forged);
        assert!(!forged.agrees_with(&Matrix::BUILT_IN), "{forged:?}");
    }
    assert!(entry.agrees_with(&Matrix::BUILT_IN));
}
