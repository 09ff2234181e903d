//! What a store has to do for a change that was decided.

use super::member::{Member, RoleSource};
use crate::id::OrganizationId;
use crate::overrides::Overrides;
use crate::role::{ProjectRole, Role};

noun! {
    /// Something that a member has in an organization besides the membership.
    ///
    /// ```
    /// use labelgate::membership::Belonging;
    ///
    /// /// The table to delete from.
    /// fn table(belonging: Belonging) -> Option<&'static str> {
    ///     match belonging {
    ///         Belonging::ProjectRoles => Some("project_roles"),
    ///         Belonging::ProjectMemberships => Some("project_members"),
    ///         Belonging::WorkspaceMemberships => Some("workspace_members"),
    ///         Belonging::Assignments => Some("task_assignees"),
    ///         Belonging::Creations => None, // UPDATE .. SET created_by = NULL
    ///         Belonging::Sessions => Some("sessions"),
    ///         Belonging::ApiTokens => Some("api_tokens"),
    ///     }
    /// }
    /// assert_eq!(table("assignments".parse()?), Some("task_assignees"));
    /// assert_eq!(Belonging::Assignments.name(), "assignments");
    /// # Ok::<(), labelgate::error::UnknownBelonging>(())
    /// ```
    pub enum Belonging {
        /// The roles that the member has in single projects.
        ProjectRoles = "project_roles",
        /// That the member was added to projects.
        ProjectMemberships = "project_memberships",
        /// That the member was added to workspaces.
        WorkspaceMemberships = "workspace_memberships",
        /// The tasks that are assigned to the member.
        Assignments = "assignments",
        /// That the member created workspaces, sandboxes and projects. They stay, and are then created by
        /// nobody.
        Creations = "creations",
        /// The sessions in which the member is signed in to the organization.
        Sessions = "sessions",
        /// The API tokens that stand for the member in the organization.
        ApiTokens = "api_tokens",
    }

    /// The name of it.
    pub const fn name;

    /// A text that is no name of a belonging.
    ///
    /// Parsing a [`Belonging`] returns it. Names are matched exactly.
    ///
    /// ```
    /// use labelgate::membership::Belonging;
    ///
    /// let error = "projects".parse::<Belonging>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown belonging `projects`");
    /// ```
    pub struct UnknownBelonging: "belonging";

    /// A set of belongings: what to delete in the transaction that stores a change.
    ///
    /// ```
    /// use labelgate::membership::{Belonging, Belongings};
    ///
    /// let deletes = Belongings::ProjectRoles | Belongings::of(Belonging::Assignments);
    /// assert!(deletes.has(Belonging::Assignments));
    /// assert_eq!(deletes.elements().count(), 2);
    /// ```
    pub struct Belongings: u8;
}

/// A member gets a role: activated, changed, deactivated or reactivated. Or they keep the role that they
/// have.
///
/// Store it as `UPDATE .. SET role = <member.role>, source = <member.source> WHERE .. AND role = <was>`, and
/// delete what it names in the same transaction. If no row is changed, somebody else changed the member in
/// between: answer 409.
///
/// ```
/// use labelgate::membership::{Approved, Assignment, Belongings, Member, MembershipPolicy, RoleSource};
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
/// assert_eq!(deletes, Belongings::ProjectRoles); // managers hold no roles in single projects
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Assignment<T, U = T> {
    /// The new row.
    pub member: Member<T, U>,
    /// The role in the row when this was decided.
    pub was: Role,
    /// What the member loses with the old role. If the rows stayed, they would count again:
    ///
    /// - Roles in projects count for annotators and reviewers only.
    /// - Whoever is deactivated loses their sessions and API tokens. Left there, an old token would work again
    ///   as soon as its user is reactivated.
    pub deletes: Belongings,
}

impl<T, U> Assignment<T, U> {
    pub(super) fn new(member: Member<T, U>, was: Role) -> Self {
        let stays_bound = was.is_project_bound() && member.role.is_project_bound();
        let deletes = if stays_bound || was as u8 == member.role as u8 {
            Belongings::empty()
        } else if matches!(member.role, Role::Deactivated) {
            Belongings::ProjectRoles | Belongings::Sessions | Belongings::ApiTokens
        } else {
            Belongings::ProjectRoles
        };
        Self { member, was, deletes }
    }
}

/// A member is removed, with all that they had in the organization.
///
/// ```
/// use labelgate::membership::{Belongings, Member, MembershipPolicy, Removal, RoleSource};
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
/// assert_eq!((member, deletes), (ann, Belongings::all()));
/// assert_eq!(returns_as, Role::NotActivated);
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Removal<T, U = T> {
    /// The row as it was when this was decided. Delete it `WHERE .. AND role = <member.role>`.
    pub member: Member<T, U>,
    /// All belongings. If the rows stayed, they would count again if the user came back.
    pub deletes: Belongings,
    /// The role as which the user can come back through the invitation link, until the link is reset.
    pub returns_as: Role,
}

/// The organization is handed over. Write both rows in one transaction.
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
    /// The former Owner, who is an administrator from now on.
    pub former: Assignment<T, U>,
    /// The new Owner.
    pub heir: Assignment<T, U>,
}

/// Somebody signs up (feature `invitations`). Insert the row. If there is one already, answer 409.
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
    /// The new row.
    pub member: Member<T, U>,
}

/// A member gets a role in one project. Replace the one that they had there.
///
/// ```
/// use labelgate::membership::{Member, MembershipPolicy, ProjectRoleGiven, RoleSource};
/// use labelgate::resource::{InProject, Organization, ProjectId};
/// use labelgate::{OrganizationId, ProjectRole, Role, Subject, UserId};
///
/// let (acme, admin) = (OrganizationId(1), UserId(2));
/// let place = InProject {
///     created_by: None,
///     is_member: false,
///     has_tasks: false,
///     acts_as: None,
///     own_data_permitted: false,
/// };
/// let project = Organization::seen_by(acme, admin).project(ProjectId(100), place);
/// let (user, role, source) = (UserId(9), Role::Annotator, RoleSource::Manual);
/// let ann = Member { organization: acme, user, role, source };
///
/// let admin = Subject::new(acme, admin, Role::Administrator);
/// let change =
///     MembershipPolicy::new(acme).give_project_role(&admin, &ann, project, ProjectRole::Reviewer)?;
/// let ProjectRoleGiven { member, project, role, .. } = change.into_change();
/// assert_eq!((member.user, *project.id(), role), (UserId(9), ProjectId(100), ProjectRole::Reviewer));
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct ProjectRoleGiven<T, R, U = T> {
    /// The member's row as it was when this was decided.
    pub member: Member<T, U>,
    /// The project.
    pub project: R,
    /// The role there.
    pub role: ProjectRole,
    /// What gave it.
    pub source: RoleSource,
}

/// A member loses the role that they have in one project, if they have one.
///
/// ```
/// use labelgate::membership::{Approved, ProjectRoleTakenBack};
/// use labelgate::resource::Project;
///
/// /// The statement that stores it.
/// fn delete(change: &Approved<ProjectRoleTakenBack<i64, Project<i64>>>) -> String {
///     let ProjectRoleTakenBack { member, project, .. } = change.change();
///     let project = project.id();
///     format!("DELETE FROM project_roles WHERE project_id = {project} AND user_id = {}", member.user)
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct ProjectRoleTakenBack<T, R, U = T> {
    /// The member's row as it was when this was decided.
    pub member: Member<T, U>,
    /// The project.
    pub project: R,
}

/// An organization gets another default role.
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
    /// The role that people get who sign up from now on.
    pub role: Role,
    /// The default role when this was decided.
    pub was: Role,
}

/// The overrides of an organization may be shown.
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

/// An organization gets other overrides of the matrix.
///
/// Subjects that were built before keep the matrix that they carry. Build them anew in each request.
///
/// ```
/// use labelgate::membership::{Approved, OverridesSet};
///
/// /// The statement that stores it. No row: somebody else changed them in between, so answer 409.
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
    /// The overrides from now on.
    pub overrides: Overrides,
    /// The overrides that were decided on.
    pub was: Overrides,
}

/// The invitation link may be handed out (feature `invitations`).
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
/// assert!(!format!("{read:?}").contains("d8a928")); // no log has it by accident
/// # Ok::<(), labelgate::membership::Refused>(())
/// ```
#[cfg(feature = "invitations")]
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvitationRead<K> {
    /// The token of the link. `Debug` does not show it.
    pub token: K,
}

/// The invitation gets a new token (feature `invitations`). Links with the old one are worthless once it is
/// stored.
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
    /// The token when this was decided. `Debug` does not show it.
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
