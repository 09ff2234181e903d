//! Teaches how to guard a handler, and how to unit-test the guard: assert the decision and its reason.
//!
//! `cargo run --example guards` calls the handlers; `cargo test` runs the tests below too.

use labelgate::{
    Denied, Fact, Facts, OrganizationId, Permit, ProjectId, Role, Row, Subject, UserId, act,
};

/// A project of the service, which has data of its own in place of `()`.
type Project = Row<ProjectId<u64>>;

/// What the service does, which cannot be called unchecked.
fn export(permit: Permit<act::ExportData, Project>) -> String {
    format!("rows of project {}", permit.id())
}

/// What the service answers: a body, or a status and a text that say no more than they may.
fn handle_export(
    caller: &Subject<u64>,
    project: Option<Project>,
) -> Result<String, (u16, &'static str)> {
    let permit = caller.authorize(act::ExportData, project).map_err(respond)?;
    Ok(export(permit))
}

fn respond(denied: Denied) -> (u16, &'static str) {
    (denied.answer().status(), denied.answer().text())
}

const ACME: OrganizationId<u64> = OrganizationId(1);
const MIA: UserId<u64> = UserId(7);

fn mia(role: Role) -> Subject<u64> {
    Subject::new(ACME, MIA, role)
}

/// A guard is tested with facts that the test says.
fn project_in(organization: OrganizationId<u64>, created_by: UserId<u64>) -> Project {
    let facts = Facts::none().with_if(Fact::ProjectCreator, created_by == MIA);
    Row::seen_by(MIA, ProjectId(100), organization, facts).expect("facts that were added up can be")
}

fn main() {
    for role in Role::ALL {
        match handle_export(&mia(role), Some(project_in(ACME, MIA))) {
            Ok(body) => println!("{role}  200  {body}"),
            Err((status, body)) => println!("{role}  {status}  {body}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use labelgate::sets::Scopes;
    use labelgate::{Action, Reason};

    use super::*;

    #[test]
    fn managers_export_what_they_created() {
        let mine = project_in(ACME, MIA);
        assert_eq!(handle_export(&mia(Role::Manager), Some(mine)).unwrap(), "rows of project 100");

        let granted = mia(Role::Manager).decide(Action::ExportData, mine).unwrap();
        assert_eq!(granted.scopes(), Scopes::Own | Scopes::Project);
    }

    #[test]
    fn managers_see_that_other_projects_exist_and_do_not_export_them() {
        let theirs = project_in(ACME, UserId(8));
        let denied = mia(Role::Manager).decide(Action::ExportData, theirs).unwrap_err();
        assert_eq!(denied.reason(), Reason::ScopeNotHeld);
        assert_eq!(denied.required(), Scopes::Own | Scopes::Project | Scopes::Workspace);
        assert_eq!(handle_export(&mia(Role::Manager), Some(theirs)).unwrap_err().0, 403);
    }

    #[test]
    fn other_organizations_do_not_exist() {
        let elsewhere = project_in(OrganizationId(2), MIA);
        for role in Role::ALL {
            let hidden = handle_export(&mia(role), Some(elsewhere)).unwrap_err();
            assert_eq!(hidden, (404, "not found"));
            assert_eq!(handle_export(&mia(role), None).unwrap_err(), hidden);
        }
        let denied = mia(Role::Owner).decide(Action::ExportData, elsewhere).unwrap_err();
        assert_eq!(denied.reason(), Reason::OutsideOrganization);
    }
}
