//! A toy store: it does what proofs say, and nothing else changes it.

use labelgate::membership::{
    Approved, Assignment, DefaultRoleSet, InvitationReset, Member, MemberData, MemberDataSet,
    Planned, ProjectRoleGiven, ProjectRoleTakenBack, Removal, SignUp, Transfer,
};
use labelgate::{OrganizationId, ProjectId, ProjectRole, Role, UserId};

pub(crate) type Row = Member<u32>;

pub(crate) type Project = labelgate::Row<ProjectId<u32>>;

/// Something that a user has in an organization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Has {
    pub(crate) organization: OrganizationId<u32>,
    pub(crate) user: UserId<u32>,
    pub(crate) what: MemberData,
    /// In a project, the role there.
    pub(crate) in_project: Option<(u32, ProjectRole)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Organization {
    pub(crate) id: OrganizationId<u32>,
    pub(crate) default_role: Role,
    pub(crate) token: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Store {
    pub(crate) organizations: Vec<Organization>,
    pub(crate) members: Vec<Row>,
    pub(crate) has: Vec<Has>,
}

impl Store {
    pub(crate) fn find(&self, organization: OrganizationId<u32>, user: UserId<u32>) -> Option<Row> {
        let mut rows = self.members.iter();
        rows.find(|row| row.organization == organization && row.user == user).copied()
    }

    pub(crate) fn organization(&self, id: OrganizationId<u32>) -> &Organization {
        self.organizations.iter().find(|row| row.id == id).unwrap()
    }

    fn organization_mut(&mut self, id: OrganizationId<u32>) -> &mut Organization {
        self.organizations.iter_mut().find(|row| row.id == id).unwrap()
    }

    /// The row that a change was decided on: `WHERE role = <was>` finds exactly one.
    fn position(&self, member: &Row, was: Role) -> usize {
        let is_it = |row: &Row| {
            row.organization == member.organization && row.user == member.user && row.role == was
        };
        assert_eq!(self.members.iter().filter(|row| is_it(row)).count(), 1, "{member:?} {was}");
        self.members.iter().position(is_it).unwrap()
    }

    fn delete(&mut self, member: &Row, deletes: MemberDataSet) {
        self.has.retain(|has| {
            let is_theirs = has.organization == member.organization && has.user == member.user;
            !(is_theirs && deletes.has(has.what))
        });
    }

    fn write(&mut self, change: Assignment<u32>) {
        let Assignment { member, was, deletes, .. } = change;
        let at = self.position(&member, was);
        self.members[at] = member;
        self.delete(&member, deletes);
    }

    fn erase(&mut self, change: Removal<u32>) {
        let Removal { member, deletes, .. } = change;
        let at = self.position(&member, member.role);
        self.members.remove(at);
        self.delete(&member, deletes);
    }

    pub(crate) fn assign(&mut self, change: Approved<Assignment<u32>>) {
        self.write(change.into_change());
    }

    pub(crate) fn remove(&mut self, change: Approved<Removal<u32>>) {
        self.erase(change.into_change());
    }

    pub(crate) fn transfer(&mut self, change: Approved<Transfer<u32>>) {
        let Transfer { former, heir, .. } = change.into_change();
        self.write(former);
        self.write(heir);
    }

    pub(crate) fn sign_up(&mut self, change: Approved<SignUp<u32>>) {
        let SignUp { member, .. } = change.into_change();
        assert_eq!(self.find(member.organization, member.user), None);
        self.members.push(member);
    }

    pub(crate) fn plan(&mut self, change: Approved<Vec<Planned<u32>>>) {
        for planned in change.into_change() {
            match planned {
                Planned::Assign(change) => self.write(change),
                Planned::Remove(change) => self.erase(change),
            }
        }
    }

    fn replace_role(&mut self, member: &Row, project: u32, role: Option<ProjectRole>) {
        self.position(member, member.role);
        let (organization, user, what) =
            (member.organization, member.user, MemberData::ProjectRoles);
        self.has.retain(|has| {
            let is_it = has.organization == organization && has.user == user && has.what == what;
            !(is_it && has.in_project.is_some_and(|(id, _)| id == project))
        });
        if let Some(role) = role {
            self.has.push(Has { organization, user, what, in_project: Some((project, role)) });
        }
    }

    pub(crate) fn give(&mut self, change: Approved<ProjectRoleGiven<u32, Project>>) {
        let ProjectRoleGiven { member, project, role, .. } = change.into_change();
        self.replace_role(&member, project.id().0, Some(role));
    }

    pub(crate) fn take_back(&mut self, change: Approved<ProjectRoleTakenBack<u32, Project>>) {
        let ProjectRoleTakenBack { member, project, .. } = change.into_change();
        self.replace_role(&member, project.id().0, None);
    }

    pub(crate) fn set_default_role(&mut self, change: Approved<DefaultRoleSet<u32>>) {
        let DefaultRoleSet { organization, role, was, .. } = change.into_change();
        let row = self.organization_mut(organization);
        assert_eq!(row.default_role, was);
        row.default_role = role;
    }

    pub(crate) fn reset(&mut self, change: Approved<InvitationReset<u32, String>>) {
        let InvitationReset { organization, token, was, .. } = change.into_change();
        let row = self.organization_mut(organization);
        assert_eq!(row.token, was);
        row.token = token;
    }
}
