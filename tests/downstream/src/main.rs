//! Decides by each feature that is on, and says so.

use labelgate::membership::{Member, MembershipPolicy, Refused, RoleSource};
use labelgate::{Action, Answer, Denied, OrganizationId, Permit, ProjectId, Role, Row, Subject, UserId, act};

const ACME: OrganizationId<i64> = OrganizationId(1);
const MIA: UserId<i64> = UserId(7);

/// A row of this service.
type Project = Row<ProjectId<i64>>;

fn export(permit: Permit<act::ExportData, Project>) -> i64 {
    permit.user().0
}

fn project(bits: i64) -> Project {
    Row::seen_by(MIA, ProjectId(100), ACME, bits).expect("bits of facts")
}

fn decides(mia: &Subject<i64>) -> Result<(), Denied> {
    assert_eq!(export(mia.authorize(act::ExportData, project(8))?), 7);
    let denied = mia.authorize(act::ExportData, project(0)).unwrap_err();
    assert_eq!(denied.answer(), Answer::Forbidden);
    let rows = [project(0), project(8), project(128)];
    assert_eq!(rows.iter().filter(|row| mia.can(Action::ExportData, *row)).count(), 1);
    let listing = mia.authorize_list(act::ViewProject)?;
    assert_eq!(listing.within(), &ACME);
    Ok(())
}

fn changes_members() -> Result<(), Refused> {
    let admin = Subject::new(ACME, UserId(2), Role::Administrator);
    let source = RoleSource::Manual;
    let waiting = Member { organization: ACME, user: MIA, role: Role::NotActivated, source };
    let change = MembershipPolicy::new(ACME).assign(&admin, &waiting, Role::Manager)?;
    assert_eq!(change.into_change().member.role, Role::Manager);
    Ok(())
}

fn main() {
    let mia = Subject::new(ACME, MIA, Role::Manager);
    decides(&mia).expect("a manager exports what they were added to");
    changes_members().expect("an administrator activates");
    print!("decides");

    #[cfg(feature = "alloc")]
    {
        let mut rows = vec![project(0), project(8)];
        rows.retain(|row| mia.can(Action::ExportData, row));
        assert_eq!(rows.len(), 1);
        print!(", with alloc");
    }
    #[cfg(feature = "serde")]
    {
        let denied = mia.decide(Action::ExportData, project(0)).unwrap_err();
        let record = serde_json::to_string(&denied.audit()).expect("a record is JSON");
        let read: labelgate::audit::Audit = serde_json::from_str(&record).expect("as it was");
        assert!(read.agrees_with(mia.matrix()) && !read.allowed);
        print!(", with serde");
    }
    #[cfg(feature = "invitations")]
    {
        let link = labelgate::membership::Invitation::new(ACME, "d8a928").expect("a token");
        let policy = MembershipPolicy::new(ACME);
        let by = labelgate::membership::Applicant::Anonymous(MIA);
        assert!(policy.sign_up(by, Some(&link), "d8a928", None).is_ok());
        assert!(policy.sign_up(by, Some(&link), "d8a929", None).is_err());
        print!(", with invitations");
    }
    #[cfg(feature = "sea-query")]
    {
        use labelgate::sql::Schema;
        use sea_query::{Query, SqliteQueryBuilder};

        let listing = mia.authorize_list(act::ExportData).expect("a manager has projects");
        let mut query = Query::select();
        query.column("id").from("projects").and_where(Schema::sqlite().set(&listing));
        assert!(query.to_string(SqliteQueryBuilder).contains("project_members"));
        let nobody = Subject::new(ACME, MIA, Role::Deactivated);
        assert!(nobody.authorize_list(act::ExportData).is_err());
        print!(", with sea-query");
    }
    println!();
}
