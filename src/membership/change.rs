//! The approved changes: what your store has to write.

use super::member::{Member, RoleSource};
use crate::id::OrganizationId;
use crate::overrides::Overrides;
use crate::role::{ProjectRole, Role};

text_enum! {
    /// A kind of data that a member has in an organization besides the membership.
    ///
    /// ```
    /// use labelgate::membership::MemberData;
    ///
    /// /// The table to delete from.
    /// fn table(data: MemberData) -> Option<&'static str> {
    ///     match data {
    ///         MemberData::ProjectRoles => Some("project_roles"),
    ///         MemberData::ProjectMemberships => Some("project_members"),
    ///         MemberData::WorkspaceMemberships => Some("workspace_members"),
    ///         MemberData::Assignments => Some("task_assignees"),
    ///         MemberData::Creations => None, // UPDATE .. SET created_by = NULL
    ///         MemberData::Sessions => Some("sessions"),
    ///         MemberData::ApiTokens => Some("api_tokens"),
    ///     }
    /// }
    /// assert_eq!(table("assignments".parse()?), Some("task_assignees"));
    /// assert_eq!(MemberData::Assignments.name(), "assignments");
    /// # Ok::<(), labelgate::error::UnknownMemberData>(())
    /// ```
    pub enum MemberData {
        /// The member's roles in single projects.
        ProjectRoles = "project_roles",
        /// The member's memberships of projects.
        ProjectMemberships = "project_memberships",
        /// The member's memberships of workspaces.
        WorkspaceMemberships = "workspace_memberships",
        /// The tasks that are assigned to the member.
        Assignments = "assignments",
        /// The references to the member as creator of workspaces, sandboxes and projects. Set them to NULL, and
        /// keep the workspaces, sandboxes and projects.
        Creations = "creations",
        /// The member's sessions in the organization.
        Sessions = "sessions",
        /// The member's API tokens for the organization.
        ApiTokens = "api_tokens",
    }

    /// Returns the name, such as `"assignments"`.
    pub const fn name;

    /// The error returned when the name of member data cannot be parsed.
    ///
    /// Names are matched exactly.
    ///
    /// ```
    /// use labelgate::membership::MemberData;
    ///
    /// let error = "projects".parse::<MemberData>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown member data `projects`");
    /// ```
    pub struct UnknownMemberData: "member data";

    /// A set of member data: what to delete in the transaction that stores the change. With the feature `sea-query`,
    /// `Schema::cleanup` renders the statements.
    ///
    /// ```
    /// use labelgate::membership::{MemberData, MemberDataSet};
    ///
    /// let deletes = MemberDataSet::ProjectRoles | MemberDataSet::of(MemberData::Assignments);
    /// assert!(deletes.has(MemberData::Assignments));
    /// assert_eq!(deletes.elements().count(), 2);
    /// ```
    pub struct MemberDataSet: u8;
}

/// A member gets a role, or keeps the present one.
///
/// Store it as `UPDATE .. SET role = <member.role>, source = <member.source> WHERE .. AND role = <was>`. In the
/// same transaction, delete the data in [`deletes`](Self::deletes). If the statement changes no row, another
/// request has changed the member since: answer 409.
///
/// ```
/// use labelgate::membership::{Approved, Assignment, MemberDataSet, Member, MembershipPolicy, RoleSource};
/// use labelgate::{OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let admin = Subject::new(acme, UserId(2), Role::Administrator);
/// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Manual);
/// let ann = Member { organization: acme, user, role, source };
///
/// let change: Approved<Assignment<i32>> = MembershipPolicy::new(acme).assign(&admin, &ann, Role::Manager)?;
/// let Assignment { member, was, deletes, .. } = change.into_change();
/// assert_eq!((member.role, was), (Role::Manager, Role::Annotator));
/// assert_eq!(deletes, MemberDataSet::ProjectRoles); // managers have no project roles
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Assignment<T, U = T> {
    /// The membership after the change.
    pub member: Member<T, U>,
    /// The role before the change.
    pub was: Role,
    /// The data to delete, so that it does not become valid again with a later change of role:
    ///
    /// - Project roles, unless the role stays the same or changes between annotator and reviewer.
    /// - Sessions and API tokens, if the member is deactivated.
    pub deletes: MemberDataSet,
}

impl<T, U> Assignment<T, U> {
    pub(super) fn new(member: Member<T, U>, was: Role) -> Self {
        let stays_bound = was.is_project_bound() && member.role.is_project_bound();
        let deletes = if stays_bound || was as u8 == member.role as u8 {
            MemberDataSet::empty()
        } else if matches!(member.role, Role::Deactivated) {
            MemberDataSet::ProjectRoles | MemberDataSet::Sessions | MemberDataSet::ApiTokens
        } else {
            MemberDataSet::ProjectRoles
        };
        Self { member, was, deletes }
    }
}

/// A member is removed, with all [member data](MemberData) in the organization.
///
/// ```
/// use labelgate::membership::{MemberDataSet, Member, MembershipPolicy, Removal, RoleSource};
/// use labelgate::{OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let admin = Subject::new(acme, UserId(2), Role::Administrator);
/// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Manual);
/// let ann = Member { organization: acme, user, role, source };
///
/// // DELETE FROM members WHERE .. AND role = <member.role>
/// let Removal { member, deletes, returns_as, .. } =
///     MembershipPolicy::new(acme).remove(&admin, &ann)?.into_change();
/// assert_eq!((member, deletes), (ann, MemberDataSet::all()));
/// assert_eq!(returns_as, Role::NotActivated);
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Removal<T, U = T> {
    /// The membership to delete. Add `AND role = <member.role>` to the condition.
    pub member: Member<T, U>,
    /// What to delete or set to NULL: all kinds, so that nothing is valid if the user signs up again.
    pub deletes: MemberDataSet,
    /// The role that the user gets when they sign up again with the present invitation link. Reset the link to
    /// prevent that.
    pub returns_as: Role,
}

/// Another member becomes the Owner. Store both assignments in one transaction.
///
/// ```
/// use labelgate::membership::{Member, MembershipPolicy, RoleSource, Transfer};
/// use labelgate::{OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let owner = Subject::new(acme, UserId(1), Role::Owner);
/// let (user, role, source) = (UserId(2), Role::Administrator, RoleSource::Manual);
/// let heir = Member { organization: acme, user, role, source };
///
/// let Transfer { former, heir, .. } = MembershipPolicy::new(acme).transfer(&owner, &heir)?.into_change();
/// assert_eq!((former.member.user, former.member.role), (UserId(1), Role::Administrator));
/// assert_eq!((heir.member.user, heir.member.role), (UserId(2), Role::Owner));
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Transfer<T, U = T> {
    /// The former Owner becomes an administrator.
    pub former: Assignment<T, U>,
    /// The other member becomes the Owner.
    pub heir: Assignment<T, U>,
}

/// A user signs up (feature `invitations`). Insert the membership. If there is one already, answer 409.
///
/// ```
/// use labelgate::membership::{Applicant, Invitation, MembershipPolicy, SignUp};
/// use labelgate::{OrganizationId, Role, UserId};
///
/// let acme = OrganizationId(1);
/// let invitation = Invitation::new(acme, "d8a928").unwrap();
/// let by = Applicant::Anonymous(UserId(9)); // the new account
/// let change = MembershipPolicy::new(acme).sign_up(by, Some(&invitation), "d8a928", None)?;
/// let SignUp { member, .. } = change.into_change();
/// assert_eq!((member.user, member.role), (UserId(9), Role::NotActivated));
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[cfg(feature = "invitations")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct SignUp<T, U = T> {
    /// The new membership.
    pub member: Member<T, U>,
}

/// A member gets a role in one project. It replaces the project role that the member has there, if any.
///
/// ```
/// use labelgate::membership::{Member, MembershipPolicy, ProjectRoleGiven, RoleSource};
/// use labelgate::{OrganizationId, ProjectId, ProjectRole, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let admin = Subject::new(acme, UserId(2), Role::Administrator);
/// let project = admin.row(ProjectId(100), acme, 0).unwrap();
/// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Manual);
/// let ann = Member { organization: acme, user, role, source };
///
/// let change =
///     MembershipPolicy::new(acme).give_project_role(&admin, &ann, project, ProjectRole::Reviewer)?;
/// let ProjectRoleGiven { member, project, role, .. } = change.into_change();
/// assert_eq!((member.user, *project.id(), role), (UserId(9), ProjectId(100), ProjectRole::Reviewer));
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct ProjectRoleGiven<T, R, U = T> {
    /// The membership, unchanged.
    pub member: Member<T, U>,
    /// The project.
    pub project: R,
    /// The member's role in the project.
    pub role: ProjectRole,
    /// Who or what gave the project role.
    pub source: RoleSource,
}

/// A member loses the project role in one project, if there is one.
///
/// ```
/// use labelgate::membership::{Approved, ProjectRoleTakenBack};
/// use labelgate::{ProjectId, Row};
///
/// /// The statement that stores it.
/// fn delete(change: &Approved<ProjectRoleTakenBack<i64, Row<ProjectId<i64>>>>) -> String {
///     let ProjectRoleTakenBack { member, project, .. } = change.change();
///     let project = project.id();
///     format!("DELETE FROM project_roles WHERE project_id = {project} AND user_id = {}", member.user)
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct ProjectRoleTakenBack<T, R, U = T> {
    /// The membership, unchanged.
    pub member: Member<T, U>,
    /// The project.
    pub project: R,
}

/// An organization gets a new default role.
///
/// ```
/// use labelgate::membership::{DefaultRoleSet, MembershipPolicy};
/// use labelgate::{OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let admin = Subject::new(acme, UserId(2), Role::Administrator);
/// let change = MembershipPolicy::new(acme).set_default_role(&admin, Role::Annotator)?;
/// let DefaultRoleSet { organization, role, was, .. } = change.into_change();
/// assert_eq!((organization, role, was), (acme, Role::Annotator, Role::NotActivated));
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct DefaultRoleSet<T> {
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The new default role: new members get it when they sign up.
    pub role: Role,
    /// The default role before the change.
    pub was: Role,
}

/// The actor may read the overrides of the organization.
///
/// ```
/// use labelgate::membership::MembershipPolicy;
/// use labelgate::overrides::Overrides;
/// use labelgate::{OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let owner = Subject::new(acme, UserId(1), Role::Owner);
/// let read = MembershipPolicy::new(acme).read_overrides(&owner, Overrides::none())?;
/// assert_eq!(read.into_change().overrides, Overrides::none());
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct OverridesRead {
    /// The overrides.
    pub overrides: Overrides,
}

/// An organization gets new overrides of the matrix.
///
/// Subjects that exist already keep their matrix. Build new subjects in each request.
///
/// ```
/// use labelgate::membership::{Approved, OverridesSet};
///
/// /// Stores the change. If no row is changed, another request has changed the overrides: answer 409.
/// const UPDATE: &str = "UPDATE organizations SET overrides = $1 WHERE id = $2 AND overrides = $3";
///
/// fn store(change: Approved<OverridesSet<i64>>) {
///     let OverridesSet { organization, overrides, was, .. } = change.into_change();
///     println!("{UPDATE}: {overrides:?}, {organization}, {was:?}");
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct OverridesSet<T> {
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The new overrides.
    pub overrides: Overrides,
    /// The overrides before the change, as passed to the policy.
    pub was: Overrides,
}

/// The actor may read the invitation link (feature `invitations`).
///
/// ```
/// use labelgate::membership::{Invitation, MembershipPolicy};
/// use labelgate::{OrganizationId, Role, Subject, UserId};
///
/// let acme = OrganizationId(1);
/// let admin = Subject::new(acme, UserId(2), Role::Administrator);
/// let invitation = Invitation::new(acme, "d8a928").unwrap();
/// let read = MembershipPolicy::new(acme).read_invitation(&admin, &invitation)?;
/// assert_eq!(*read.change().token, "d8a928");
/// assert!(!format!("{read:?}").contains("d8a928")); // so it does not get into logs
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[cfg(feature = "invitations")]
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvitationRead<K> {
    /// The token of the link. `Debug` does not show it.
    pub token: K,
}

/// The invitation gets a new token (feature `invitations`). Once you have stored it, links with the old token
/// are invalid.
///
/// ```
/// use labelgate::membership::{Approved, InvitationReset};
///
/// /// UPDATE organizations SET invitation = <token> WHERE id = <organization> AND invitation = <was>
/// fn store(change: Approved<InvitationReset<i64, String>>) -> (String, i64, String) {
///     let InvitationReset { organization, token, was, .. } = change.into_change();
///     (token, organization.0, was)
/// }
/// ```
#[cfg(feature = "invitations")]
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvitationReset<T, K> {
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The new token. `Debug` does not show it.
    pub token: K,
    /// The token before the change. `Debug` does not show it.
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
