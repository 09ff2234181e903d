use labelgate::{Fact, Facts, OrganizationId, ProjectId, Subject, UserId};

fn answer(role: &str, action: &str, is_member: bool) -> bool {
    let facts = Facts::none().with_if(Fact::ProjectMember, is_member);
    let subject = Subject::new(OrganizationId(1), UserId(7), role.parse().unwrap());
    let project = subject.row(ProjectId(100), OrganizationId(1), facts).unwrap();
    subject.can(action.parse().unwrap(), project)
}
