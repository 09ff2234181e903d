use labelgate::resource::{Resource, Seen};
use labelgate::{Fact, Facts, Kind, OrganizationId, Subject, UserId};

struct Row(OrganizationId<i64>, UserId<i64>, Facts);

impl Resource for Row {
    type Id = i64;
    type UserId = i64;
    const KIND: Kind = Kind::Project;

    fn seen(&self) -> Seen<'_, i64, i64> {
        Seen { organization: &self.0, user: &self.1, facts: self.2 }
    }
}

fn answer(role: &str, action: &str, is_member: bool) -> bool {
    let facts = Facts::none().with_if(Fact::ProjectMember, is_member);
    let subject = Subject::new(OrganizationId(1), UserId(7), role.parse().unwrap());
    subject.can(action.parse().unwrap(), Row(OrganizationId(1), UserId(7), facts))
}
