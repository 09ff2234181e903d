//! The bodies of the API around memberships and permissions, as types (feature `serde`).
//!
//! Bodies are read strictly. A body is an object, and an unknown code, an unknown field, a missing field and
//! a field that stands twice are errors that say which. What an error repeats of the input is escaped and
//! cut, as in an [`Excerpt`]. `T` is the type of your ids, `U` what you tell of a user, `S` your strings.

use core::fmt::{self, Write as _};
use core::str::FromStr;

use serde::Serialize;

use crate::excerpt::Excerpt;
use crate::id::{OrganizationId, ProjectId, UserId};
use crate::matrix::Action;
use crate::membership::RoleSource;
use crate::role::{ProjectRole, Role, Roles};
use crate::serial::object;

/// The body of `POST` and `PATCH /api/organizations/{id}/memberships`.
///
/// ```
/// use labelgate::{Role, UserId, wire::AssignRole};
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
    /// The user whose membership it is.
    pub user_id: UserId<T>,
    /// The role to assign.
    pub role: Role,
}

object!(AssignRole<T> { user_id, role });

/// One of the `results` of `GET /api/organizations/{id}/memberships`.
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
    /// What is told of the user.
    pub user: U,
    /// The role there.
    pub role: Role,
    /// What gave the role.
    pub role_source: RoleSource,
}

object!(Membership<T, U> { id, organization, user, role, role_source });

/// A page of a list. `R` is a collection of what is listed.
///
/// ```
/// use labelgate::OrganizationId;
/// use labelgate::wire::{Organization, Page};
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
    /// How many there are on all pages.
    pub count: u64,
    /// Where the next page is.
    pub next: Option<S>,
    /// Where the page before is.
    pub previous: Option<S>,
    /// What is on this page.
    pub results: R,
}

object!(Page<R, S> { count, next, previous, results });

/// An element of `GET /api/organizations/`, by which a client finds out the ids.
///
/// ```
/// use labelgate::OrganizationId;
/// use labelgate::wire::Organization;
///
/// let row = Organization { id: OrganizationId(1), title: "Acme" };
/// assert_eq!(serde_json::to_string(&row)?, r#"{"id":1,"title":"Acme"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Organization<T, S> {
    /// The id of the organization.
    pub id: OrganizationId<T>,
    /// Its name.
    pub title: S,
}

object!(Organization<T, S> { id, title });

/// The answer of `GET /api/invite` and `POST /api/invite/reset-token`. `Debug` does not show it.
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
    /// The token of the link.
    pub token: S,
    /// The link.
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
/// use labelgate::{Role, wire::DefaultRole};
///
/// let body: DefaultRole = serde_json::from_str(r#"{"default_role": "AN"}"#)?;
/// assert_eq!(body.default_role, Role::Annotator);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct DefaultRole {
    /// The role of those who sign up through the invitation link.
    pub default_role: Role,
}

object!(DefaultRole { default_role });

/// The body of `POST /api/projects/roles/`.
///
/// ```
/// use labelgate::resource::ProjectId;
/// use labelgate::wire::AssignProjectRole;
/// use labelgate::{ProjectRole, UserId};
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
    /// The role there.
    pub role: ProjectRole,
    /// The user.
    pub user: UserId<T>,
}

object!(AssignProjectRole<T> { project, role, user });

/// The answer of `POST /api/projects/roles/`, and an element of `GET /api/projects/{id}/roles`.
///
/// ```
/// use labelgate::membership::RoleSource;
/// use labelgate::resource::ProjectId;
/// use labelgate::wire::AssignedProjectRole;
/// use labelgate::{ProjectRole, UserId};
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
    /// The id of the assignment.
    pub id: T,
    /// The project.
    pub project: ProjectId<T>,
    /// The role there.
    pub role: ProjectRole,
    /// What gave the role.
    pub role_source: RoleSource,
    /// The user.
    pub user: UserId<T>,
}

object!(AssignedProjectRole<T> { id, project, role, role_source, user });

/// An element of `GET /api/organizations/{id}/permissions`, and the answer of the other methods there. The
/// body of `POST` and `PUT` is an [`Override`](crate::overrides::Override).
///
/// ```
/// use labelgate::overrides::Overrides;
/// use labelgate::wire::Permission;
/// use labelgate::{Action, OrganizationId, Roles};
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
    /// The roles that have it in the organization.
    pub roles: Roles,
    /// The roles that have it in the built-in matrix.
    pub default: Roles,
    /// The roles that an override can name.
    pub options: Roles,
}

object!(Permission<T> { id, organization, permission, roles, default, options });

/// The body of `PATCH /api/organizations/{id}/permissions/{permission}`.
///
/// ```
/// use labelgate::{Roles, wire::PermissionRoles};
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
    /// The roles that have it.
    pub roles: Roles,
}

object!(PermissionRoles { roles });

/// An element of `GET /api/organizations/{id}/permissions/options`.
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
/// assert_eq!(serde_json::to_value(options[14])?["permission"], "data.export");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct PermissionOptions {
    /// The action.
    pub permission: Action,
    /// The roles that have it in the built-in matrix.
    pub default: Roles,
    /// The roles that an override can name; none where the action is not configurable.
    pub options: Roles,
}

object!(PermissionOptions { permission, default, options });

/// The `{id}` of an organization in a path. `0` is the only organization of the instance.
///
/// A number has one spelling, the one that it displays as: `7`, and neither `07` nor `+7`. For ids that are
/// no integers, their own `FromStr` decides.
///
/// ```
/// use labelgate::{OrganizationId, wire::OrganizationRef};
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
    /// `0`: the only organization there is.
    Only,
    /// The organization of this id.
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
            .filter(|id| is_spelling(text, id))
            .map(|id| Self::Id(OrganizationId(id)))
            .ok_or_else(|| InvalidOrganizationRef(Excerpt::new(text)))
    }
}

/// Whether an id that was read from a text may be spelled so: an integer only as it displays.
fn is_spelling(text: &str, id: &impl fmt::Display) -> bool {
    let mut written = Written { rest: Some(text), sign: false, digits: false, other: false };
    let displays = write!(written, "{id}").is_ok();
    let is_integer = written.digits && !written.other;
    displays && (written.rest == Some("") || !is_integer)
}

/// What an id displays as, held against a text.
struct Written<'a> {
    /// What is left of the text, if it began with what was written so far.
    rest: Option<&'a str>,
    sign: bool,
    digits: bool,
    /// Whether anything was written that does not stand in an integer.
    other: bool,
}

impl fmt::Write for Written<'_> {
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

/// A text that is no reference to an organization.
///
/// Parsing an [`OrganizationRef`] returns it. Answer 404, as for an organization that does not exist.
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
    /// Which of the organizations of the instance is meant. Whether the user is a member of it is another
    /// question.
    ///
    /// # Errors
    ///
    /// Returns an error if it is none of them, or if it is `0` and there are several.
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

/// A reference names no organization. [`OrganizationRef::resolve`] returns it: answer 404.
///
/// ```
/// use labelgate::OrganizationId;
/// use labelgate::wire::{OrganizationRef, Unresolved};
///
/// let organizations = [OrganizationId(7), OrganizationId(8)];
/// let resolve = |path: &str| path.parse::<OrganizationRef<u64>>().unwrap().resolve(&organizations).copied();
/// assert_eq!(resolve("9"), Err(Unresolved::None));
/// assert_eq!(resolve("0"), Err(Unresolved::Several));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unresolved {
    /// There is no organization with this id.
    #[error("no such organization")]
    None,
    /// It is `0`, and there are several organizations. A client has to name one of them.
    #[error("`0` names the only organization, and there are several")]
    Several,
}
