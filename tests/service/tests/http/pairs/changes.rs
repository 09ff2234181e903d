//! The changes that are paired.

use labelgate::Role;
use labelgate::Role::{Administrator, Annotator, Manager, Owner, Reviewer};

/// A request that changes something, and who sends it: a member by organization and role, or nobody.
pub struct Change {
    pub by: Option<(i64, Role)>,
    pub method: &'static str,
    pub path: &'static str,
    pub body: &'static str,
}

impl Change {
    pub fn name(&self) -> String {
        let by = self.by.map_or("nobody".to_owned(), |(_, role)| role.to_string());
        format!("{by} {} {} {}", self.method, self.path, self.body)
    }

    /// Without the query, as the log has it.
    pub fn path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

const fn change(
    role: Role,
    method: &'static str,
    path: &'static str,
    body: &'static str,
) -> Change {
    Change { by: Some((1, role)), method, path, body }
}

/// Every endpoint that writes, and the one that hands out the invitation. Who asks may do so by what another change
/// takes away. Users are numbered by their roles: from the Owner, 1, to the deactivated, 7, and in the other
/// organization from 8 to 14.
pub const CHANGES: &[Change] = &[
    Change {
        by: Some((2, Owner)),
        method: "PATCH",
        path: "/api/organizations/2/memberships",
        body: r#"{"user_id":10,"role":"DI"}"#,
    },
    change(Owner, "PATCH", "/api/organizations/1/memberships", r#"{"user_id":2,"role":"AN"}"#),
    change(Owner, "PATCH", "/api/organizations/1/memberships", r#"{"user_id":3,"role":"RE"}"#),
    change(Owner, "POST", "/api/organizations/1/memberships", r#"{"user_id":5,"role":"MA"}"#),
    change(
        Administrator,
        "POST",
        "/api/organizations/1/memberships",
        r#"{"user_id":3,"role":"DI"}"#,
    ),
    change(
        Administrator,
        "PATCH",
        "/api/organizations/1/memberships",
        r#"{"user_id":4,"role":"AN"}"#,
    ),
    change(
        Administrator,
        "PATCH",
        "/api/organizations/1/memberships",
        r#"{"user_id":6,"role":"AD"}"#,
    ),
    change(
        Administrator,
        "PATCH",
        "/api/organizations/1/memberships",
        r#"{"user_id":5,"role":"DI"}"#,
    ),
    change(Owner, "DELETE", "/api/organizations/1/memberships/2/", ""),
    change(Administrator, "DELETE", "/api/organizations/1/memberships/3/", ""),
    change(Administrator, "DELETE", "/api/organizations/1/memberships/5/", ""),
    change(Owner, "POST", "/api/organizations/1/owner", r#"{"user_id":2}"#),
    change(Owner, "POST", "/api/organizations/1/owner", r#"{"user_id":3}"#),
    change(
        Administrator,
        "PATCH",
        "/api/organizations/1/set-default-role",
        r#"{"default_role":"AN"}"#,
    ),
    change(Administrator, "GET", "/api/invite", ""),
    change(Administrator, "POST", "/api/invite/reset-token", ""),
    change(Administrator, "POST", "/api/invite/send-email", r#"{"emails":["x@x"]}"#),
    change(Administrator, "POST", "/api/invite/revoke", r#"{"email":"x@x"}"#),
    Change {
        by: None,
        method: "POST",
        path: "/user/signup?token={i}",
        body: r#"{"email":"new@x"}"#,
    },
    Change { by: Some((2, Manager)), method: "POST", path: "/user/signup?token={i}", body: "" },
    change(
        Owner,
        "POST",
        "/api/organizations/1/permissions",
        r#"{"permission":"data.import","roles":["AD"]}"#,
    ),
    change(
        Owner,
        "POST",
        "/api/organizations/1/permissions",
        r#"{"permission":"projects.change","roles":["AD"]}"#,
    ),
    change(
        Owner,
        "PUT",
        "/api/organizations/1/permissions/data.export",
        r#"{"permission":"data.export","roles":[]}"#,
    ),
    change(Owner, "PATCH", "/api/organizations/1/permissions/data.export", r#"{"roles":["AD"]}"#),
    change(Owner, "DELETE", "/api/organizations/1/permissions/data.export", ""),
    change(Manager, "POST", "/api/workspaces/", r#"{"title":"x"}"#),
    change(Manager, "PATCH", "/api/workspaces/1/", r#"{"title":"x"}"#),
    change(Manager, "POST", "/api/workspaces/1/memberships/", r#"{"user":2}"#),
    change(
        Manager,
        "POST",
        "/api/workspaces/1/memberships/bulk/",
        r#"{"all":true,"excluded":[1]}"#,
    ),
    change(Manager, "DELETE", "/api/workspaces/1/memberships/?user_id=5", ""),
    change(Owner, "DELETE", "/api/workspaces/3/memberships/?user_id=3", ""),
    change(Owner, "DELETE", "/api/workspaces/3/memberships/bulk/?all=true", ""),
    change(Manager, "DELETE", "/api/workspaces/1/", ""),
    change(Administrator, "DELETE", "/api/workspaces/3/", ""),
    change(Manager, "POST", "/api/projects/", r#"{"title":"x","workspace":1}"#),
    change(Manager, "POST", "/api/projects/", r#"{"title":"x","workspace":3}"#),
    change(Manager, "PATCH", "/api/projects/2/", r#"{"title":"x"}"#),
    change(Manager, "PATCH", "/api/projects/4/", r#"{"workspace":1}"#),
    change(Owner, "PATCH", "/api/projects/2/", r#"{"workspace":3}"#),
    change(Owner, "PATCH", "/api/projects/4/", r#"{"workspace":null}"#),
    change(Manager, "POST", "/api/projects/2/members/", r#"{"user":2}"#),
    change(
        Administrator,
        "POST",
        "/api/projects/2/members/bulk/",
        r#"{"all":true,"roles":[{"user_id":4,"role":"AN"}]}"#,
    ),
    change(Manager, "DELETE", "/api/projects/2/members/?user=5", ""),
    change(Owner, "DELETE", "/api/projects/2/members/bulk/?included=4,5", ""),
    change(Manager, "POST", "/api/projects/2/import", "[{}]"),
    change(Administrator, "POST", "/api/projects/roles/", r#"{"project":2,"role":"AN","user":4}"#),
    change(Administrator, "DELETE", "/api/projects/roles/1/", ""),
    change(Manager, "POST", "/api/tasks/", r#"{"data":{},"project":4}"#),
    change(Annotator, "POST", "/api/tasks/1/annotations/", "{}"),
    change(Owner, "DELETE", "/api/projects/1/tasks/1/assignees?type=AN&users=5", ""),
    change(Owner, "PATCH", "/api/projects/1/tasks/1/assignees", r#"{"type":"AN","users":[4]}"#),
    change(Annotator, "POST", "/api/tasks/3/annotations/", "{}"),
    change(Annotator, "PATCH", "/api/annotations/3/", r#"{"result":[1]}"#),
    change(Reviewer, "PATCH", "/api/annotations/4/", r#"{"result":[2]}"#),
    change(Reviewer, "POST", "/api/annotation-reviews/", r#"{"annotation":3,"accepted":true}"#),
    change(Manager, "POST", "/api/projects/2/tasks/3/assignees", r#"{"type":"RE","users":[4]}"#),
    change(
        Reviewer,
        "POST",
        "/api/projects/2/tasks/assignees",
        r#"{"type":"AN","users":[4],"selectedItems":{"all":true}}"#,
    ),
    change(Manager, "POST", "/api/workspaces/3/projects/", r#"{"project":2}"#),
    change(Administrator, "DELETE", "/api/workspaces/3/projects/?project=4", ""),
    change(Manager, "DELETE", "/api/projects/2/", ""),
];
