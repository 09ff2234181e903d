//! What a store has to do for a change that was decided.

use super::member::{Member, RoleSource};
use crate::id::OrganizationId;
use crate::overrides::Overrides;
use crate::role::{ProjectRole, Role};

noun! {
    /// What a member has in an organization besides the membership.
    pub enum Belonging {
        /// The roles inside projects.
        ProjectRoles = "project_roles",
        /// Having been added to projects.
        ProjectMemberships = "project_memberships",
        /// Having been added to workspaces.
        WorkspaceMemberships = "workspace_memberships",
        /// The tasks that are assigned to the user.
        Assignments = "assignments",
        /// Standing as the creator of workspaces, sandboxes and projects. Deleting it leaves them to
        /// nobody.
        Creations = "creations",
    }

    /// The name of it.
    pub const fn name;

    /// A text that is no name of a belonging.
    pub struct UnknownBelonging: "belonging";

    /// A set of belongings, which are deleted in the transaction that stores a change.
    pub struct Belongings: u8;
}

/// A member gets a role: activated, changed, deactivated or reactivated; or keeps the one they have.
///
/// Store it as `UPDATE .. SET role = <member.role>, source = <member.source> WHERE .. AND role = <was>`,
/// and what it deletes in the same transaction. No row is changed if the member moved on in
/// between: answer 409.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Assignment<T, U = T> {
    /// The new row.
    pub member: Member<T, U>,
    /// The role of the row that it was decided on.
    pub was: Role,
    /// What the member loses with the old role. Roles in projects count for annotators and reviewers only,
    /// and would count again as soon as the member is one.
    pub deletes: Belongings,
}

impl<T, U> Assignment<T, U> {
    pub(super) fn new(member: Member<T, U>, was: Role) -> Self {
        let stays_bound = was.is_project_bound() && member.role.is_project_bound();
        let deletes = if stays_bound || was as u8 == member.role as u8 {
            Belongings::empty()
        } else {
            Belongings::ProjectRoles
        };
        Self { member, was, deletes }
    }
}

/// A member is removed, with all that they had in the organization.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Removal<T, U = T> {
    /// The row that it was decided on: delete it `WHERE .. AND role = <member.role>`.
    pub member: Member<T, U>,
    /// All there is: it would count again if the user came back.
    pub deletes: Belongings,
    /// The role with which the user can come back through the invitation link, until the link is reset.
    pub returns_as: Role,
}

/// The organization is handed over. Both rows are written in one step.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Transfer<T, U = T> {
    /// The former Owner, an administrator from now on.
    pub former: Assignment<T, U>,
    /// The new Owner.
    pub heir: Assignment<T, U>,
}

/// Somebody signs up: a row is inserted, and must not be there yet. (Feature `invitations`.)
#[cfg(feature = "invitations")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct SignUp<T, U = T> {
    /// The new row.
    pub member: Member<T, U>,
}

/// A member gets a role inside one project, in place of one that they had there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct ProjectRoleGiven<T, R, U = T> {
    /// The row of the member that it was decided on.
    pub member: Member<T, U>,
    /// The project.
    pub project: R,
    /// The role there.
    pub role: ProjectRole,
    /// What gave it.
    pub source: RoleSource,
}

/// A member loses the role that they have inside one project, if any.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct ProjectRoleTakenBack<T, R, U = T> {
    /// The row of the member that it was decided on.
    pub member: Member<T, U>,
    /// The project.
    pub project: R,
}

/// An organization gets another default role.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct DefaultRoleSet<T> {
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The role of those who sign up from now on.
    pub role: Role,
    /// The default role that it was decided on.
    pub was: Role,
}

/// The overrides of an organization may be shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct OverridesRead {
    /// The overrides.
    pub overrides: Overrides,
}

/// An organization gets other overrides of the matrix.
///
/// Subjects that were built before keep the matrix that they carry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct OverridesSet<T> {
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The overrides from now on.
    pub overrides: Overrides,
    /// The overrides that it was decided on.
    pub was: Overrides,
}

/// The invitation link may be handed out. (Feature `invitations`.)
#[cfg(feature = "invitations")]
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvitationRead<K> {
    /// The token of the link. It is not displayed.
    pub token: K,
}

/// The invitation gets a new token, and links with the old one are worthless. (Feature `invitations`.)
#[cfg(feature = "invitations")]
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvitationReset<T, K> {
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The new token. It is not displayed.
    pub token: K,
    /// The token that it was decided on. It is not displayed.
    pub was: K,
}

#[cfg(feature = "invitations")]
impl<K> core::fmt::Debug for InvitationRead<K> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("InvitationRead").finish_non_exhaustive()
    }
}

#[cfg(feature = "invitations")]
impl<T: core::fmt::Debug, K> core::fmt::Debug for InvitationReset<T, K> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("InvitationReset")
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}
