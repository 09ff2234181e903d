//! Is a permit there exactly when the decision is yes, for every action, and can it leave a function?

use std::thread;

use labelgate::resource::{InProject, Organization, Project, ProjectId, Task, TaskId};
use labelgate::{
    Action, ActionType, Denied, OrganizationId, Permit, Reason, Role, Subject, UserId, act,
};

const HERE: OrganizationId<u64> = OrganizationId(1);
const ME: UserId<u64> = UserId(7);

fn project_in(organization: OrganizationId<u64>) -> Project<u64> {
    let place = InProject {
        created_by: Some(ME),
        is_member: false,
        has_tasks: false,
        acts_as: None,
        own_data_permitted: false,
    };
    Organization::seen_by(organization, ME).project(ProjectId(1), place)
}

fn check<A: ActionType>(action: A, expected: Action) {
    let task = project_in(HERE).task(TaskId(1), &[ME]);
    for organization in [HERE, OrganizationId(2)] {
        for role in Role::ALL {
            let subject = Subject::new(organization, ME, role);
            let permit = subject.authorize(action, &task);
            assert_eq!(permit.is_ok(), subject.can(expected, task), "{role} {expected}");
            match permit {
                Ok(permit) => {
                    assert_eq!(permit.action(), expected);
                    assert_eq!(*permit.resource(), &task);
                    assert_eq!((permit.organization(), permit.user()), (&HERE, &ME));
                    assert!(permit.audit().allowed && permit.audit().action == expected);
                    assert_eq!(permit.through(), permit.granted().through());
                    assert_eq!(*permit.into_resource(), task);
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

check_all! {
    ChangeUserRoles
    ViewPeoplePage
    InvitePeople
    CreateWorkspace
    ViewWorkspace
    ChangeWorkspace
    DeleteWorkspace
    CreateProject
    ViewProject
    ChangeProject
    DeleteProject
    SaveProjectTemplates
    ViewProjectData
    ImportData
    ExportData
    AssignAnnotators
    LabelTasks
    ReviewAnnotations
    MonitorAgreement
    ReviewPerformance
    VerifyAnnotations
    AssignReviewers
    UseApi
    TrackDashboards
    ViewAnnotatorDashboard
    ViewActivityLog
    CreateOrganization
    ActivateMembers
    ChangeAnnotations
    ViewOwnerAccount
}

/// What an extractor does: it owns the row and hands the permit on.
fn extract<A: ActionType>(row: Option<Task<u64>>) -> Result<Permit<A, Task<u64>>, Denied> {
    let subject = Subject::new(HERE, ME, Role::Manager);
    subject.authorize(A::default(), row)
}

#[test]
fn a_permit_leaves_the_function_and_the_thread() {
    let task = project_in(HERE).task(TaskId(1), &[]);
    let permit = extract::<act::LabelTasks>(Some(task)).unwrap();
    let id = thread::spawn(move || *permit.resource().id()).join().unwrap();
    assert_eq!(id, TaskId(1));
    assert_eq!(extract::<act::LabelTasks>(None).unwrap_err().reason(), Reason::NotFound);
}

#[test]
fn a_permit_displays_what_it_permits_and_not_the_matrix() {
    let permit = extract::<act::LabelTasks>(Some(project_in(HERE).task(TaskId(1), &[]))).unwrap();
    let text = format!("{permit:?}");
    assert!(text.starts_with("Permit { action: LabelTasks, resource: Located"), "{text}");
    let subject = Subject::new(HERE, ME, Role::Manager);
    let text = format!("{subject:?}");
    assert!(text.contains("role: Manager") && text.len() < 400, "{text}");
}

#[test]
fn the_reason_comes_with_the_refusal() {
    let subject = Subject::new(HERE, ME, Role::Owner);
    let denied = subject.authorize(act::ExportData, project_in(OrganizationId(2))).unwrap_err();
    assert_eq!(denied.reason(), Reason::OutsideOrganization);
}
