//! The request and response bodies of the API for memberships and permissions (feature `serde`).
//!
//! Bodies are read strictly: each is an object. An unknown code, an unknown field, a missing field or a duplicate
//! field is an error that names it. Errors escape and shorten the input that they quote, as an [`Excerpt`] does.
//!
//! Type parameters: `T` is the type of ids, `U` your representation of a user, `S` the type of strings.

use core::fmt::{self, Write as _};
use core::str::FromStr;

use serde::Serialize;

use crate::action::Action;
use crate::excerpt::Excerpt;
use crate::id::{OrganizationId, ProjectId, UserId};
use crate::membership::RoleSource;
use crate::role::{ProjectRole, Role, Roles};
use crate::serial::object;

/// The body of `POST` and `PATCH /api/organizations/{id}/memberships`.
///
/// ```
/// use labelgate::wire::AssignRole;
/// use labelgate::{Role, UserId};
///
/// let body: AssignRole<u64> = serde_json::from_str(r#"{"user_id": 9, "role": "AN"}"#)?;
/// assert_eq!(body, AssignRole { user_id: UserId(9), role: Role::Annotator });
///
/// let refused = serde_json::from_str::<AssignRole<u64>>(r#"{"user_id": 9, "role": "an"}"#);
/// assert!(refused.unwrap_err().to_string().starts_with("unknown role code `an`"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct AssignRole<T> {
    /// The id of the member.
    pub user_id: UserId<T>,
    /// The role to assign.
    pub role: Role,
}

object!(AssignRole<T> { user_id, role });

/// An element of `results` in the response to `GET /api/organizations/{id}/memberships`.
///
/// ```
/// use labelgate::membership::RoleSource;
/// use labelgate::wire::Membership;
/// use labelgate::{OrganizationId, Role};
///
/// let row = Membership {
///     id: 1,
///     organization: OrganizationId(1),
///     user: serde_json::json!({"id": 9, "email": "ann@example.com"}),
///     role: Role::Annotator,
///     role_source: RoleSource::Manual,
/// };
/// let json = serde_json::to_value(row)?;
/// assert_eq!((&json["role"], &json["role_source"]), (&"AN".into(), &"manual".into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Membership<T, U> {
    /// The id of the membership.
    pub id: T,
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The user.
    pub user: U,
    /// The user's role in the organization.
    pub role: Role,
    /// Who or what gave the role.
    pub role_source: RoleSource,
}

object!(Membership<T, U> { id, organization, user, role, role_source });

/// One page of a list. `R` is a collection of its elements, such as `Vec<Membership<i64, User>>`.
///
/// ```
/// use labelgate::wire::{Organization, Page};
/// use labelgate::OrganizationId;
///
/// let page: Page<Vec<Organization<i64, String>>, String> = serde_json::from_str(
///     r#"{"count": 1, "next": null, "previous": null, "results": [{"id": 1, "title": "Acme"}]}"#,
/// )?;
/// assert_eq!(page.results[0].id, OrganizationId(1));
///
/// let refused = serde_json::from_str::<Page<Vec<u8>, String>>(r#"{"count": 1, "results": []}"#);
/// assert!(refused.unwrap_err().to_string().starts_with("missing field `next`"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Page<R, S> {
    /// The number of elements on all pages.
    pub count: u64,
    /// The URL of the next page. `None` on the last page.
    pub next: Option<S>,
    /// The URL of the previous page. `None` on the first page.
    pub previous: Option<S>,
    /// The elements on this page.
    pub results: R,
}

object!(Page<R, S> { count, next, previous, results });

/// An element of the response to `GET /api/organizations/`, which tells a client the ids of organizations.
///
/// ```
/// use labelgate::wire::Organization;
/// use labelgate::OrganizationId;
///
/// let row = Organization { id: OrganizationId(1), title: "Acme" };
/// assert_eq!(serde_json::to_string(&row)?, r#"{"id":1,"title":"Acme"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Organization<T, S> {
    /// The id of the organization.
    pub id: OrganizationId<T>,
    /// The name of the organization.
    pub title: S,
}

object!(Organization<T, S> { id, title });

/// The response to `GET /api/invite` and `POST /api/invite/reset-token`. `Debug` does not show the token.
///
/// ```
/// use labelgate::wire::Invite;
///
/// let invite = Invite { token: "d8a928", invite_url: "/user/signup?token=d8a928" };
/// assert_eq!(
///     serde_json::to_string(&invite)?,
///     r#"{"token":"d8a928","invite_url":"/user/signup?token=d8a928"}"#,
/// );
/// assert!(!format!("{invite:?}").contains("d8a928"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Invite<S> {
    /// The token of the invitation link.
    pub token: S,
    /// The invitation link.
    pub invite_url: S,
}

object!(Invite<S> { token, invite_url });

impl<S> fmt::Debug for Invite<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invite").finish_non_exhaustive()
    }
}

/// The body of `PATCH /api/organizations/{id}/set-default-role`.
///
/// ```
/// use labelgate::wire::DefaultRole;
/// use labelgate::Role;
///
/// let body: DefaultRole = serde_json::from_str(r#"{"default_role": "AN"}"#)?;
/// assert_eq!(body.default_role, Role::Annotator);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct DefaultRole {
    /// The role that new members get when they sign up through the invitation link.
    pub default_role: Role,
}

object!(DefaultRole { default_role });

/// The body of `POST /api/projects/roles/`.
///
/// ```
/// use labelgate::wire::AssignProjectRole;
/// use labelgate::{ProjectId, ProjectRole, UserId};
///
/// let body: AssignProjectRole<i64> =
///     serde_json::from_str(r#"{"project": 100, "role": "RE", "user": 9}"#)?;
/// assert_eq!((body.project, body.user), (ProjectId(100), UserId(9)));
/// assert_eq!(body.role, ProjectRole::Reviewer);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct AssignProjectRole<T> {
    /// The project.
    pub project: ProjectId<T>,
    /// The user's role in the project.
    pub role: ProjectRole,
    /// The user.
    pub user: UserId<T>,
}

object!(AssignProjectRole<T> { project, role, user });

/// The response to `POST /api/projects/roles/`, and an element of the response to `GET /api/projects/{id}/roles`.
///
/// ```
/// use labelgate::membership::RoleSource;
/// use labelgate::wire::AssignedProjectRole;
/// use labelgate::{ProjectId, ProjectRole, UserId};
///
/// let row = AssignedProjectRole {
///     id: 5,
///     project: ProjectId(100),
///     role: ProjectRole::Reviewer,
///     role_source: RoleSource::Manual,
///     user: UserId(9),
/// };
/// let json = serde_json::to_value(row)?;
/// assert_eq!((&json["role"], &json["project"]), (&"RE".into(), &100.into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct AssignedProjectRole<T> {
    /// The id of the project role.
    pub id: T,
    /// The project.
    pub project: ProjectId<T>,
    /// The user's role in the project.
    pub role: ProjectRole,
    /// Who or what gave the role.
    pub role_source: RoleSource,
    /// The user.
    pub user: UserId<T>,
}

object!(AssignedProjectRole<T> { id, project, role, role_source, user });

/// One override in responses: an element of the response to `GET /api/organizations/{id}/permissions`, and the
/// response to `POST` on this path and to `GET`, `PUT` and `PATCH` of one permission.
///
/// The request body of `POST` and `PUT` is an [`Override`](crate::overrides::Override).
///
/// ```
/// use labelgate::overrides::Overrides;
/// use labelgate::sets::Roles;
/// use labelgate::wire::Permission;
/// use labelgate::{Action, OrganizationId};
///
/// let permission = Action::ExportData;
/// let row = Permission {
///     id: 5,
///     organization: OrganizationId(1),
///     permission,
///     roles: Roles::Administrator,
///     default: Overrides::default_roles(permission),
///     options: Overrides::options(permission),
/// };
/// assert_eq!(serde_json::to_value(row)?["default"], serde_json::json!(["OW", "AD", "MA"]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Permission<T> {
    /// The id of the override.
    pub id: T,
    /// The organization.
    pub organization: OrganizationId<T>,
    /// The action.
    pub permission: Action,
    /// The roles that have the action in the organization.
    pub roles: Roles,
    /// The roles that have the action in the built-in matrix.
    pub default: Roles,
    /// The roles that an override of the action [can contain](crate::overrides::Overrides::options).
    pub options: Roles,
}

object!(Permission<T> { id, organization, permission, roles, default, options });

/// The body of `PATCH /api/organizations/{id}/permissions/{permission}`.
///
/// ```
/// use labelgate::sets::Roles;
/// use labelgate::wire::PermissionRoles;
///
/// let body: PermissionRoles = serde_json::from_str(r#"{"roles": ["AD", "MA"]}"#)?;
/// assert_eq!(body.roles, Roles::Administrator | Roles::Manager);
///
/// let refused = serde_json::from_str::<PermissionRoles>(r#"{"roles": ["AD", "AD"]}"#);
/// assert!(refused.unwrap_err().to_string().starts_with("`AD` stands twice"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct PermissionRoles {
    /// The roles that have the action.
    pub roles: Roles,
}

object!(PermissionRoles { roles });

/// An element of the response to `GET /api/organizations/{id}/permissions/options`.
///
/// ```
/// use labelgate::overrides::Overrides;
/// use labelgate::wire::PermissionOptions;
/// use labelgate::Action;
///
/// let options = Action::ALL.map(|permission| PermissionOptions {
///     permission,
///     default: Overrides::default_roles(permission),
///     options: Overrides::options(permission),
/// });
/// assert_eq!(serde_json::to_value(options[Action::ExportData as usize])?["permission"], "data.export");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct PermissionOptions {
    /// The action.
    pub permission: Action,
    /// The roles that have the action in the built-in matrix.
    pub default: Roles,
    /// The roles that an override of the action [can contain](crate::overrides::Overrides::options). Empty if only
    /// the Owner can have the action.
    pub options: Roles,
}

object!(PermissionOptions { permission, default, options });

/// The `{id}` of an organization in a path. `0` stands for the only organization of the instance.
///
/// An integer must be written as `Display` writes it: `7`, not `07` or `+7`. Other types of ids are parsed by
/// their `FromStr` alone.
///
/// ```
/// use labelgate::wire::OrganizationRef;
/// use labelgate::OrganizationId;
///
/// let only: OrganizationRef<u64> = "0".parse()?;
/// assert_eq!(only.resolve(&[OrganizationId(7)]), Ok(&OrganizationId(7)));
///
/// let several = only.resolve(&[OrganizationId(7), OrganizationId(8)]);
/// assert_eq!(several.unwrap_err().to_string(), "`0` names the only organization, and there are several");
///
/// let refused = "+7".parse::<OrganizationRef<u64>>().unwrap_err();
/// assert_eq!(refused.to_string(), "not an organization id `+7`");
/// # Ok::<(), labelgate::wire::InvalidOrganizationRef>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrganizationRef<T> {
    /// `0`: the only organization of the instance.
    Only,
    /// The organization with this id.
    Id(OrganizationId<T>),
}

impl<T: FromStr + fmt::Display> FromStr for OrganizationRef<T> {
    type Err = InvalidOrganizationRef;

    fn from_str(text: &str) -> Result<Self, InvalidOrganizationRef> {
        if text == "0" {
            return Ok(Self::Only);
        }
        text.parse()
            .ok()
            .filter(|id| is_canonical(text, id))
            .map(|id| Self::Id(OrganizationId(id)))
            .ok_or_else(|| InvalidOrganizationRef(Excerpt::new(text)))
    }
}

/// Returns true if the id displays as the text, or is not an integer.
fn is_canonical(text: &str, id: &impl fmt::Display) -> bool {
    let mut comparison = Comparison { rest: Some(text), sign: false, digits: false, other: false };
    let displays = write!(comparison, "{id}").is_ok();
    let is_integer = comparison.digits && !comparison.other;
    displays && (comparison.rest == Some("") || !is_integer)
}

/// A writer that compares what is written with a text, without allocation.
struct Comparison<'a> {
    /// The rest of the text after what was written. `None` if the two differ.
    rest: Option<&'a str>,
    sign: bool,
    digits: bool,
    /// True if a character was written that no integer contains.
    other: bool,
}

impl fmt::Write for Comparison<'_> {
    fn write_str(&mut self, written: &str) -> fmt::Result {
        self.rest = self.rest.and_then(|rest| rest.strip_prefix(written));
        for c in written.chars() {
            match c {
                '0'..='9' => self.digits = true,
                '-' if !self.sign && !self.digits => self.sign = true,
                _ => self.other = true,
            }
        }
        Ok(())
    }
}

/// The error returned when an [`OrganizationRef`] cannot be parsed.
///
/// Answer 404, as for an organization that does not exist.
///
/// ```
/// use labelgate::wire::OrganizationRef;
///
/// let error = "acme".parse::<OrganizationRef<u64>>().unwrap_err();
/// assert_eq!(error.to_string(), "not an organization id `acme`");
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an organization id `{0}`")]
pub struct InvalidOrganizationRef(Excerpt);

impl<T: PartialEq> OrganizationRef<T> {
    /// Returns the organization that the reference names. `organizations` are all organizations of the instance.
    ///
    /// It does not check that the user is a member of the organization.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such organization, or if the reference is `0` and there are several.
    pub fn resolve<'a>(
        &self,
        organizations: &'a [OrganizationId<T>],
    ) -> Result<&'a OrganizationId<T>, Unresolved> {
        match (self, organizations) {
            (Self::Only, [only]) => Ok(only),
            (Self::Only, [_, _, ..]) => Err(Unresolved::Several),
            (Self::Only, []) => Err(Unresolved::None),
            (Self::Id(id), all) => all.iter().find(|&other| other == id).ok_or(Unresolved::None),
        }
    }
}

/// The error returned when an [`OrganizationRef`] cannot be resolved: answer 404.
///
/// ```
/// use labelgate::wire::{OrganizationRef, Unresolved};
/// use labelgate::OrganizationId;
///
/// let organizations = [OrganizationId(7), OrganizationId(8)];
/// let resolve = |path: &str| path.parse::<OrganizationRef<u64>>().unwrap().resolve(&organizations).copied();
/// assert_eq!(resolve("9"), Err(Unresolved::None));
/// assert_eq!(resolve("0"), Err(Unresolved::Several));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unresolved {
    /// There is no such organization.
    #[error("no such organization")]
    None,
    /// The reference is `0`, and there are several organizations. The client has to send an id.
    #[error("`0` names the only organization, and there are several")]
    Several,
}
