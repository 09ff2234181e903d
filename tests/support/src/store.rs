//! A toy store: it does what proofs say, and nothing else changes it.

use labelgate::membership::{
    Approved, Assignment, DefaultRoleSet, InvitationReset, Member, MemberData, MemberDataSet,
    Planned, ProjectRoleGiven, ProjectRoleTakenBack, Removal, SignUp, Transfer,
};
use labelgate::{OrganizationId, ProjectId, ProjectRole, Role, UserId};

pub type StoredMember = Member<u32>;

pub type StoredProject = labelgate::Row<ProjectId<u32>>;

/// Something that a user has in an organization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Has {
    pub organization: OrganizationId<u32>,
    pub user: UserId<u32>,
    pub what: MemberData,
    /// In a project, the role there.
    pub in_project: Option<(u32, ProjectRole)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct StoredOrganization {
    pub id: OrganizationId<u32>,
    pub default_role: Role,
    pub token: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    pub organizations: Vec<StoredOrganization>,
    pub members: Vec<StoredMember>,
    pub has: Vec<Has>,
}

impl Store {
    pub fn find(
        &self,
        organization: OrganizationId<u32>,
        user: UserId<u32>,
    ) -> Option<StoredMember> {
        let mut rows = self.members.iter();
        rows.find(|row| row.organization == organization && row.user == user).copied()
    }

    pub fn organization(&self, id: OrganizationId<u32>) -> &StoredOrganization {
        self.organizations.iter().find(|row| row.id == id).unwrap()
    }

    fn organization_mut(&mut self, id: OrganizationId<u32>) -> &mut StoredOrganization {
        self.organizations.iter_mut().find(|row| row.id == id).unwrap()
    }

    /// The row that a change was decided on: `WHERE role = <was>` finds exactly one.
    fn position(&self, member: &StoredMember, was: Role) -> usize {
        let is_it = |row: &StoredMember| {
            row.organization == member.organization && row.user == member.user && row.role == was
        };
        assert_eq!(self.members.iter().filter(|row| is_it(row)).count(), 1, "{member:?} {was}");
        self.members.iter().position(is_it).unwrap()
    }

    fn delete(&mut self, member: &StoredMember, deletes: MemberDataSet) {
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

    pub fn assign(&mut self, change: Approved<Assignment<u32>>) {
        self.write(change.into_change());
    }

    pub fn remove(&mut self, change: Approved<Removal<u32>>) {
        self.erase(change.into_change());
    }

    pub fn transfer(&mut self, change: Approved<Transfer<u32>>) {
        let Transfer { former, heir, .. } = change.into_change();
        self.write(former);
        self.write(heir);
    }

    pub fn sign_up(&mut self, change: Approved<SignUp<u32>>) {
        let SignUp { member, .. } = change.into_change();
        assert_eq!(self.find(member.organization, member.user), None);
        self.members.push(member);
    }

    pub fn plan(&mut self, change: Approved<Vec<Planned<u32>>>) {
        for planned in change.into_change() {
            match planned {
                Planned::Assign(change) => self.write(change),
                Planned::Remove(change) => self.erase(change),
            }
        }
    }

    fn replace_role(&mut self, member: &StoredMember, project: u32, role: Option<ProjectRole>) {
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

    pub fn give(&mut self, change: Approved<ProjectRoleGiven<u32, StoredProject>>) {
        let ProjectRoleGiven { member, project, role, .. } = change.into_change();
        self.replace_role(&member, project.id().0, Some(role));
    }

    pub fn take_back(&mut self, change: Approved<ProjectRoleTakenBack<u32, StoredProject>>) {
        let ProjectRoleTakenBack { member, project, .. } = change.into_change();
        self.replace_role(&member, project.id().0, None);
    }

    pub fn set_default_role(&mut self, change: Approved<DefaultRoleSet<u32>>) {
        let DefaultRoleSet { organization, role, was, .. } = change.into_change();
        let row = self.organization_mut(organization);
        assert_eq!(row.default_role, was);
        row.default_role = role;
    }

    pub fn reset(&mut self, change: Approved<InvitationReset<u32, String>>) {
        let InvitationReset { organization, token, was, .. } = change.into_change();
        let row = self.organization_mut(organization);
        assert_eq!(row.token, was);
        row.token = token;
    }
}
