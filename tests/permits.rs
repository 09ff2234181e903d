//! Is a permit there exactly when the decision is yes, for every action, and does it cost nothing?

use labelgate::{
    Action, ActionType, OrganizationId, Permit, Project, ProjectId, Reason, Role, Subject, TaskId,
    UserId, act,
};

const HERE: OrganizationId<u64> = OrganizationId(1);
const ME: UserId<u64> = UserId(7);

fn check<A: ActionType + Copy>(action: A, expected: Action) {
    let project = HERE.project(ProjectId(1)).created_by(ME);
    let task = project.task(TaskId(1), &[ME]);
    for organization in [HERE, OrganizationId(2)] {
        for role in Role::ALL {
            let subject = Subject { organization, user: ME, role, memberships: () };
            let permit = subject.authorize(action, &task);
            assert_eq!(permit.is_ok(), subject.can(expected, &task), "{role} {expected}");
            match permit {
                Ok(permit) => {
                    assert_eq!(permit.action(), expected);
                    assert_eq!(permit.resource(), &task);
                }
                Err(denied) => {
                    assert_eq!(denied, subject.decide(expected, &task).unwrap_err());
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

#[test]
fn a_permit_costs_what_a_reference_costs() {
    let reference = size_of::<&Project<u64>>();
    assert_eq!(size_of::<Permit<'_, act::ExportData, Project<u64>>>(), reference);
}

#[test]
fn the_reason_comes_with_the_refusal() {
    let subject = Subject { organization: HERE, user: ME, role: Role::Owner, memberships: () };
    let elsewhere = OrganizationId(2).project(ProjectId(1)).created_by(ME);
    let denied = subject.authorize(act::ExportData, &elsewhere).unwrap_err();
    assert_eq!(denied.reason(), Reason::OutsideOrganization);
}
