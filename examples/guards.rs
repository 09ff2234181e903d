//! Unit-testing the guards of a service: assert on the decision and on its reason.
//!
//! `cargo run --example guards` calls the handlers; `cargo test` runs the tests below too.

use labelgate::{
    Denied, Memberships, OrganizationId, Permit, Project, ProjectId, Role, Subject, UserId,
    WorkspaceId, act,
};

/// What the service does, which cannot be called unchecked.
fn export(permit: Permit<'_, act::ExportData, Project<u64>>) -> String {
    format!("rows of project {}", permit.resource().id())
}

/// What the service answers: a body, or a status and a body that reveals no more than it may.
fn handle_export<M: Memberships<u64>>(
    subject: &Subject<u64, M>,
    project: &Project<u64>,
) -> Result<String, (u16, String)> {
    let permit = subject.authorize(act::ExportData, project).map_err(answer)?;
    Ok(export(permit))
}

fn answer(denied: Denied) -> (u16, String) {
    let body = if denied.is_hidden() { "not found".to_owned() } else { denied.to_string() };
    (denied.http_status(), body)
}

const ACME: OrganizationId<u64> = OrganizationId(1);
const MIA: UserId<u64> = UserId(7);

fn mia(role: Role) -> Subject<u64, ()> {
    Subject { organization: ACME, user: MIA, role, memberships: () }
}

fn main() {
    let project = ACME.workspace(WorkspaceId(10)).project(ProjectId(100)).created_by(MIA);
    for role in Role::ALL {
        match handle_export(&mia(role), &project) {
            Ok(body) => println!("{role}  200  {body}"),
            Err((status, body)) => println!("{role}  {status}  {body}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use labelgate::{Action, Reason, Scopes};

    use super::*;

    #[test]
    fn managers_export_what_they_created() {
        let project = ACME.project(ProjectId(100)).created_by(MIA);
        assert_eq!(handle_export(&mia(Role::Manager), &project).unwrap(), "rows of project 100");

        let granted = mia(Role::Manager).decide(Action::ExportData, &project).unwrap();
        assert_eq!(granted.through(), Scopes::Own | Scopes::Project);
    }

    #[test]
    fn managers_see_that_other_projects_exist_and_do_not_export_them() {
        let project = ACME.project(ProjectId(100));
        let denied = mia(Role::Manager).decide(Action::ExportData, &project).unwrap_err();
        assert_eq!(denied.reason(), Reason::ScopeNotHeld);
        assert_eq!(denied.suffices(), Scopes::Own | Scopes::Project | Scopes::Workspace);
        assert_eq!(handle_export(&mia(Role::Manager), &project).unwrap_err().0, 403);
    }

    #[test]
    fn other_organizations_do_not_exist() {
        let elsewhere = OrganizationId(2).project(ProjectId(100)).created_by(MIA);
        for role in Role::ALL {
            let answer = handle_export(&mia(role), &elsewhere).unwrap_err();
            assert_eq!(answer, (404, "not found".to_owned()));
        }
        let denied = mia(Role::Owner).decide(Action::ExportData, &elsewhere).unwrap_err();
        assert_eq!(denied.reason(), Reason::OutsideOrganization);
    }
}
