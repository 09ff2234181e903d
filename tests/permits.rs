//! Is a permit there exactly when the decision is yes, for every action, and can it leave a function?

use std::thread;

use labelgate::{
    Action, ActionType, Denied, Fact, Facts, OrganizationId, Permit, Reason, Role, Row, Subject,
    TaskId, UserId, act,
};
use labelgate_test_support::each_action;

const HERE: OrganizationId<u64> = OrganizationId(1);
const ME: UserId<u64> = UserId(7);

type Task = Row<TaskId<u64>>;

/// A task of a project that I created.
fn task_in(organization: OrganizationId<u64>) -> Task {
    let facts = Facts::none().with(Fact::ProjectCreator);
    Row::seen_by(ME, TaskId(1), organization, facts).unwrap()
}

fn check<A: ActionType + Copy>(action: A, expected: Action) {
    let mine = task_in(HERE).facts().with(Fact::Assignee);
    let task = Row::seen_by(ME, TaskId(1), HERE, mine).unwrap();
    for organization in [HERE, OrganizationId(2)] {
        for role in Role::ALL {
            let subject = Subject::new(organization, ME, role);
            let permit = subject.authorize(action, &task);
            assert_eq!(permit.is_ok(), subject.can(expected, task), "{role} {expected}");
            match permit {
                Ok(permit) => {
                    assert_eq!(permit.action(), expected);
                    assert_eq!(*permit.row(), &task);
                    assert_eq!(permit.id(), &TaskId(1));
                    assert_eq!((permit.organization(), permit.user()), (&HERE, &ME));
                    assert!(permit.audit().allowed && permit.audit().action == expected);
                    assert_eq!(permit.scopes(), permit.granted().scopes());
                    assert_eq!(*permit.into_row(), task);
                }
                Err(denied) => {
                    assert_eq!(denied, subject.decide(expected, task).unwrap_err());
                    assert!(!denied.audit().allowed && denied.audit().action == expected);
                }
            }
        }
    }
}

macro_rules! check_all {
    ($($Action:ident)+) => {
        #[test]
        fn every_action_has_a_type() {
            $( check(act::$Action, Action::$Action); )+
            assert_eq!([$( <act::$Action as ActionType>::ACTION ),+], Action::ALL);
        }
    };
}

each_action!(check_all);

/// What an extractor does: it owns the row and hands the permit on.
fn extract<A: ActionType + Default>(row: Option<Task>) -> Result<Permit<A, Task>, Denied> {
    let subject = Subject::new(HERE, ME, Role::Manager);
    subject.authorize(A::default(), row)
}

#[test]
fn a_permit_leaves_the_function_and_the_thread() {
    let permit = extract::<act::LabelTasks>(Some(task_in(HERE))).unwrap();
    let id = thread::spawn(move || *permit.id()).join().unwrap();
    assert_eq!(id, TaskId(1));
    assert_eq!(extract::<act::LabelTasks>(None).unwrap_err().reason(), Reason::NotFound);
}

#[test]
fn a_permit_displays_what_it_permits_and_not_the_matrix() {
    let permit = extract::<act::LabelTasks>(Some(task_in(HERE))).unwrap();
    let text = format!("{permit:?}");
    assert!(text.starts_with(r#"Permit { action: "tasks.label", row: Row"#), "{text}");
    let subject = Subject::new(HERE, ME, Role::Manager);
    let text = format!("{subject:?}");
    assert!(text.contains("role: Manager") && text.len() < 400, "{text}");
}

#[test]
fn the_reason_comes_with_the_refusal() {
    let subject = Subject::new(HERE, ME, Role::Owner);
    let denied = subject.authorize(act::ExportData, task_in(OrganizationId(2))).unwrap_err();
    assert_eq!(denied.reason(), Reason::OutsideOrganization);
}
