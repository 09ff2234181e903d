//! Decides by each feature that is on, and says so.

use labelgate::membership::{Member, MembershipPolicy, Refused, RoleSource};
use labelgate::resource::{Resource, Seen};
use labelgate::{
    Action, Answer, Denied, Facts, Kind, OrganizationId, Permit, Role, Subject, UserId, act,
};

const ACME: OrganizationId<i64> = OrganizationId(1);
const MIA: UserId<i64> = UserId(7);

/// A row of this service.
#[derive(Debug)]
struct Project {
    organization: OrganizationId<i64>,
    asked_by: UserId<i64>,
    facts: Facts,
}

impl Resource for Project {
    type Id = i64;
    type UserId = i64;
    const KIND: Kind = Kind::Project;

    fn seen(&self) -> Seen<'_, i64, i64> {
        Seen { organization: &self.organization, user: &self.asked_by, facts: self.facts }
    }
}

fn export(permit: Permit<act::ExportData, Project>) -> i64 {
    permit.user().0
}

fn project(bits: i64) -> Project {
    let facts = Facts::from_bits(bits).expect("bits of facts");
    Project { organization: ACME, asked_by: MIA, facts }
}

fn decides(mia: &Subject<i64>) -> Result<(), Denied> {
    assert_eq!(export(mia.authorize(act::ExportData, project(8))?), 7);
    let denied = mia.authorize(act::ExportData, project(0)).unwrap_err();
    assert_eq!(denied.answer(), Answer::Forbidden);
    let rows = [project(0), project(8), project(128)];
    assert_eq!(mia.permitted(Action::ExportData, &rows).count(), 1);
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

    #[cfg(any(feature = "alloc", feature = "std"))]
    {
        let mut rows = vec![project(0), project(8)];
        mia.retain(Action::ExportData, &mut rows);
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
        use labelgate::sql::{Rows, Schema};
        use sea_query::{Query, SqliteQueryBuilder};

        let set = |subject: &Subject<i64>| {
            let filter = subject.filter(Action::ExportData);
            let set = Schema::sqlite().set(subject, &filter, Rows::Projects);
            let mut query = Query::select();
            query.column("id").from("projects").and_where(set).to_string(SqliteQueryBuilder)
        };
        assert!(set(&mia).contains("project_members"));
        let nobody = Subject::new(ACME, MIA, Role::Deactivated);
        assert!(set(&nobody).ends_with("WHERE FALSE"), "{}", set(&nobody));
        print!(", with sea-query");
    }
    println!();
}
