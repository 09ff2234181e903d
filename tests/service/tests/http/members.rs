//! Changes of memberships, of the invitation and of the matrix, for every role, through a session and a
//! token. What is expected follows the page on memberships, and the oracle for who may do what.

use labelgate::Role;
use labelgate_service::credentials::hash;
use labelgate_service::seed::Login;
use labelgate_service_tests::{By, Service, on_both, oracle};
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};

on_both! { assigned removed transferred invitations permissions project_roles many_roles own_roles }

const HERE: i64 = 1;
const NOBODY: i64 = 999;

pub struct Asked<'a> {
    pub login: &'a Login,
    pub by: By<'a>,
    user: i64,
}

/// A member whose membership changes, or nobody.
type Target = Option<(i64, &'static str)>;

impl Asked<'_> {
    fn may(&self, key: &str) -> bool {
        oracle::narrowed(self.login.role.code(), key, Some(0), self.by.is_api(), None)
    }

    /// The refusals that come first: the people page is not to be seen, the right is not there, nobody
    /// is there.
    fn refused(&self, right: &str, target: Target) -> Option<u16> {
        match target {
            _ if !self.may("members.view") => Some(404),
            _ if !self.may(right) => Some(403),
            None => Some(404),
            Some(_) => None,
        }
    }

    fn assigns(&self, target: Target, new: &str) -> u16 {
        let is_active = |role| role != "NO" && role != "DI";
        let activates = is_active(new) && target.is_some_and(|(_, role)| !is_active(role));
        let right = if activates { "members.activate" } else { "members.change_role" };
        match (self.refused(right, target), target) {
            (Some(refused), _) => refused,
            (_, Some((_, role))) if role == new => 200,
            (_, Some((user, _))) if user == self.user => 405,
            (_, Some((_, "OW"))) => 403,
            _ if new == "OW" || new == "NO" => 409,
            _ => 200,
        }
    }

    fn removes(&self, target: Target) -> u16 {
        match (self.refused("members.change_role", target), target) {
            (Some(refused), _) => refused,
            (_, Some((user, _))) if user == self.user => 405,
            (_, Some((_, "OW"))) => 403,
            _ => 204,
        }
    }

    fn transfers(&self, target: Target) -> u16 {
        match (self.refused("members.change_role", target), target) {
            (Some(refused), _) => refused,
            (_, Some((user, _))) if user == self.user => 405,
            _ if self.login.role != Role::Owner => 403,
            (_, Some((_, "NO" | "DI"))) => 409,
            _ => 204,
        }
    }

    /// Of the Owner's alone.
    pub fn owns(&self, ok: u16) -> u16 {
        match self.refused("members.change_role", Some((0, ""))) {
            Some(refused) => refused,
            None if self.login.role == Role::Owner => ok,
            None => 403,
        }
    }
}

/// Everybody who asks, with both ways to.
pub async fn askers(service: &Service) -> Vec<Asked<'_>> {
    let mut askers = Vec::new();
    for login in service.logins.iter().filter(|login| login.organization == HERE) {
        let user = service.user(login).await;
        askers.extend(By::both(login).map(|by| Asked { login, by, user }));
    }
    askers
}

/// Everybody whose membership could change, and who is none: nobody, and the owner elsewhere.
async fn targets(service: &Service) -> Vec<(i64, Target)> {
    let mut targets = vec![(NOBODY, None)];
    for login in &service.logins {
        let user = service.user(login).await;
        let code = oracle::CODES.into_iter().find(|&code| code == login.role.code());
        let member = code.filter(|_| login.organization == HERE).map(|code| (user, code));
        if member.is_some() || login.role == Role::Owner {
            targets.push((user, member));
        }
    }
    targets
}

async fn members(service: &Service) -> Vec<(i64, String, String)> {
    let sql =
        "SELECT user_id, role, role_source FROM members WHERE organization_id = 1 ORDER BY id";
    let rows = service.rows(sql, []).await;
    let row = |row: &sea_orm::QueryResult| {
        Some((
            row.try_get_by_index(0).ok()?,
            row.try_get_by_index(1).ok()?,
            row.try_get_by_index(2).ok()?,
        ))
    };
    rows.iter().map(|it| row(it).expect("a member")).collect()
}

/// Sets the roles back to those of the seed, and the sessions, which end with a deactivation.
pub async fn reset(service: &Service) {
    let sql = "UPDATE members SET role = 'NO', role_source = 'manual' WHERE organization_id = 1";
    service.execute(sql, []).await;
    for login in service.logins.iter().filter(|login| login.organization == HERE) {
        let user = service.user(login).await;
        let sql = "UPDATE members SET role = $1 WHERE organization_id = 1 AND user_id = $2";
        service.execute(sql, [login.role.code().into(), user.into()]).await;
        for (secret, is_token) in [(&login.token, true), (&login.cookie, false)] {
            let sql = "INSERT INTO sessions (hash, is_token, organization_id, user_id) \
                SELECT $1, $2, organization_id, user_id FROM members \
                WHERE organization_id = 1 AND user_id = $3 ON CONFLICT DO NOTHING";
            service.execute(sql, [hash(secret).into(), is_token.into(), user.into()]).await;
        }
    }
}

async fn assigned(service: &Service) {
    let before = members(service).await;
    for asked in askers(service).await {
        for (user, target) in targets(service).await {
            for role in oracle::CODES {
                let path = "/api/organizations/1/memberships";
                let body = json!({ "user_id": user, "role": role });
                let method = if user % 2 == 0 { Method::PATCH } else { Method::POST };
                let (status, answer) = service.send(asked.by, method, path, body).await;
                let expected = asked.assigns(target, role);
                let who = format!("{} {:?} {target:?} {role}", asked.login.email, asked.by);
                assert_eq!(status, expected, "{who}: {answer}");
                let after = members(service).await;
                if status == StatusCode::OK {
                    let source = if asked.by.is_api() { "api" } else { "manual" };
                    let source = if target == Some((user, role)) { "manual" } else { source };
                    assert!(after.contains(&(user, role.to_owned(), source.to_owned())), "{who}");
                    assert_eq!(answer["role"], role);
                    reset(service).await;
                } else {
                    assert_eq!(after, before, "{who}");
                }
            }
        }
        // Another organization is not there, whoever asks.
        let body = json!({ "user_id": 8, "role": "RE" });
        for path in ["/api/organizations/2/memberships", "/api/organizations/0/memberships"] {
            let (status, _) = service.send(asked.by, Method::PATCH, path, body.clone()).await;
            assert_eq!(status, StatusCode::NOT_FOUND);
        }
    }
}

async fn removed(service: &Service) {
    let before = members(service).await;
    for asked in askers(service).await {
        for (user, target) in targets(service).await {
            let path = format!("/api/organizations/1/memberships/{user}/");
            let expected = asked.removes(target);
            if expected == 204 {
                continue; // below, once
            }
            let (status, answer) = service.send(asked.by, Method::DELETE, &path, None).await;
            assert_eq!(status, expected, "{} {target:?}: {answer}", asked.login.email);
            assert_eq!(members(service).await, before);
        }
    }
    // The administrator removes everybody but the owner.
    let by = By::Session(&service.login(HERE, Role::Administrator).cookie);
    for (user, target) in targets(service).await {
        let is_removed = target.is_some_and(|(_, role)| role != "OW" && role != "AD");
        if is_removed {
            let path = format!("/api/organizations/1/memberships/{user}/");
            let (status, _) = service.send(by, Method::DELETE, &path, None).await;
            assert_eq!(status, StatusCode::NO_CONTENT);
        }
    }
    let roles: Vec<_> = members(service).await.into_iter().map(|member| member.1).collect();
    assert_eq!(roles, ["OW", "AD"]);
}

async fn transferred(service: &Service) {
    let before = members(service).await;
    for asked in askers(service).await {
        for (user, target) in targets(service).await {
            let body = json!({ "user_id": user });
            let path = "/api/organizations/1/owner";
            let (status, answer) = service.send(asked.by, Method::POST, path, body).await;
            assert_eq!(
                status,
                asked.transfers(target),
                "{} {target:?}: {answer}",
                asked.login.email
            );
            let after = members(service).await;
            if status == StatusCode::NO_CONTENT {
                let role =
                    |of| after.iter().find(|(user, ..)| *user == of).map(|row| row.1.as_str());
                assert_eq!((role(user), role(asked.user)), (Some("OW"), Some("AD")));
                reset(service).await;
            } else {
                assert_eq!(after, before);
            }
        }
    }
}

async fn invitations(service: &Service) {
    for role in oracle::CODES {
        for asked in askers(service).await {
            let invites = match role {
                _ if !asked.may("members.view") => Some(404),
                _ if !asked.may("organizations.invite") => Some(403),
                "NO" => None,
                _ if !asked.may("members.activate") => Some(403),
                _ => None,
            };
            let never = (role == "OW" || role == "DI").then_some(409);
            let path = "/api/organizations/1/set-default-role";
            let body = json!({ "default_role": role });
            let (status, answer) = service.send(asked.by, Method::PATCH, path, body).await;
            assert_eq!(
                status,
                invites.or(never).unwrap_or(200),
                "{} {role}: {answer}",
                asked.login.email
            );
        }
        if role == "OW" || role == "DI" {
            continue;
        }
        for asked in askers(service).await {
            let refused = match role {
                _ if !asked.may("members.view") => Some(404),
                _ if !asked.may("organizations.invite") => Some(403),
                _ => None,
            };
            let (status, read) = service.get(asked.by, "/api/invite").await;
            assert_eq!(status, refused.unwrap_or(200), "{}", asked.login.email);
            let path = "/api/invite/reset-token";
            let (status, reset) = service.send(asked.by, Method::POST, path, None).await;
            assert_eq!(status, refused.unwrap_or(201), "{}", asked.login.email);
            assert!(refused.is_some() || read["token"] != reset["token"]);
            let gives = json!({ "emails": ["new@x.example"], "role": role });
            let path = "/api/invite/send-email";
            let (status, none) = service.send(asked.by, Method::POST, path, gives).await;
            assert_eq!(status, refused.unwrap_or(204), "{}: {none}", asked.login.email);
            let other = if role == "RE" { "AN" } else { "RE" };
            let gives = json!({ "emails": ["other@x.example"], "role": other });
            let (status, _) = service.send(asked.by, Method::POST, path, gives).await;
            assert_eq!(status, refused.unwrap_or(409), "{}", asked.login.email);
            let wait =
                service.id("SELECT COUNT(*) FROM outbox WHERE email = 'new@x.example'", []).await;
            assert_eq!(wait, i64::from(refused.is_none()), "{}", asked.login.email);
            assert_eq!(service.id("SELECT COUNT(*) FROM outbox", []).await, wait);
            let body = json!({ "email": "new@x.example" });
            let path = "/api/invite/revoke";
            let (status, none) = service.send(asked.by, Method::POST, path, body).await;
            assert_eq!(status, refused.unwrap_or(204), "{}", asked.login.email);
            let (_, read) = service.get(asked.by, "/api/invite").await;
            assert!(refused.is_some() || none.is_null() && read["token"] != reset["token"]);
            assert_eq!(service.id("SELECT COUNT(*) FROM outbox", []).await, 0);
        }
    }
}

/// The Owner changes the matrix, one permission at a time; nobody else reads what was changed.
async fn permissions(service: &Service) {
    let path = "/api/organizations/1/permissions";
    let export = format!("{path}/data.export");
    let overridden = |roles: Json| json!({ "permission": "data.export", "roles": roles });
    for asked in askers(service).await {
        let send = async |method: Method, path: &str, body: Option<Json>, ok: u16| {
            let (status, answer) = service.send(asked.by, method.clone(), path, body).await;
            assert_eq!(status, asked.owns(ok), "{} {method} {path}: {answer}", asked.login.email);
            answer
        };
        send(Method::GET, path, None, 200).await;
        send(Method::GET, &format!("{path}/options"), None, 200).await;
        send(Method::GET, &export, None, 404).await;
        send(Method::DELETE, &export, None, 404).await;
        send(Method::PATCH, &export, Some(json!({ "roles": [] })), 404).await;
        send(Method::GET, &format!("{path}/no.such"), None, 404).await;
        send(Method::POST, path, Some(overridden(json!(["AN"]))), 400).await; // a gap
        send(Method::POST, path, Some(overridden(json!(["AD"]))), 201).await;
        send(Method::POST, path, Some(overridden(json!(["AD"]))), 409).await;
        send(Method::PUT, &export, Some(overridden(json!([]))), 200).await;
        send(Method::PATCH, &export, Some(json!({ "roles": ["AD", "MA"] })), 200).await;
        let read = send(Method::GET, &export, None, 200).await;
        if asked.owns(200) == 200 {
            assert_eq!(read["roles"], json!(["AD", "MA"]));
            let (status, _) = service
                .send(asked.by, Method::PUT, &format!("{path}/data.view"), overridden(json!([])))
                .await;
            assert_eq!(status, StatusCode::BAD_REQUEST); // another permission than the path's
        }
        send(Method::DELETE, &export, None, 204).await;
        // What guards another cannot be taken back before it.
        let both = ["members.view", "organizations.invite"];
        for key in both {
            let body = json!({ "permission": key, "roles": ["AD", "MA", "RE"] });
            send(Method::POST, path, Some(body), 201).await;
        }
        send(Method::DELETE, &format!("{path}/members.view"), None, 409).await;
        for key in both.into_iter().rev() {
            send(Method::DELETE, &format!("{path}/{key}"), None, 204).await;
        }
        let (status, _) = service.get(asked.by, "/api/organizations/2/permissions").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
    // An override counts at once.
    let [owner, manager] =
        [Role::Owner, Role::Manager].map(|role| By::Session(&service.login(HERE, role).cookie));
    let (status, _) = service.get(manager, "/api/projects/2/export").await;
    assert_eq!(status, StatusCode::OK);
    service.send(owner, Method::POST, path, overridden(json!(["AD"]))).await;
    let (status, _) = service.get(manager, "/api/projects/2/export").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

async fn project_roles(service: &Service) {
    for asked in askers(service).await {
        for (user, target) in targets(service).await {
            for (project, is_here) in [(2, true), (6, false), (NOBODY, false)] {
                for role in ["AN", "RE"] {
                    let expected =
                        match (asked.refused("members.change_role", Some((0, ""))), target) {
                            (Some(refused), _) => refused,
                            _ if !is_here => 404,
                            (_, None) => 404,
                            (_, Some((user, _))) if user == asked.user => 405,
                            (_, Some((_, "AN"))) if role == "RE" => 201,
                            (_, Some((_, "RE"))) if role == "AN" => 201,
                            _ => 409,
                        };
                    let body = json!({ "project": project, "role": role, "user": user });
                    let path = "/api/projects/roles/";
                    let (status, answer) = service.send(asked.by, Method::POST, path, body).await;
                    assert_eq!(
                        status, expected,
                        "{} {target:?} {project} {role}: {answer}",
                        asked.login.email
                    );
                    if status != StatusCode::CREATED {
                        continue;
                    }
                    let path = format!("/api/projects/roles/{}/", answer["id"]);
                    let manager = By::Session(&service.login(HERE, Role::Manager).cookie);
                    let (status, _) = service.send(manager, Method::DELETE, &path, None).await;
                    assert_eq!(status, StatusCode::FORBIDDEN);
                    let (_, read) = service.get(manager, "/api/projects/2/roles").await;
                    assert_eq!(read, json!([answer]));
                    let (status, _) = service.send(asked.by, Method::DELETE, &path, None).await;
                    assert_eq!(status, StatusCode::NO_CONTENT);
                    let (status, _) = service.send(asked.by, Method::DELETE, &path, None).await;
                    assert_eq!(status, StatusCode::NOT_FOUND);
                }
            }
        }
    }
}

/// Roles that come with new members of a project: each as if it was given by itself, and all or nothing.
async fn many_roles(service: &Service) {
    let path = "/api/projects/2/members/bulk/";
    for asked in askers(service).await {
        // Reviewers and annotators are in the project: by a session they see it.
        let is_inside = matches!(asked.login.role.code(), "AN" | "RE");
        let changes = matches!(asked.login.role.code(), "OW" | "AD" | "MA");
        let hidden = if is_inside && !asked.by.is_api() { 403 } else { 404 };
        let hidden = match asked.login.role {
            Role::NotActivated | Role::Deactivated => None,
            _ => Some(hidden),
        };
        for (user, target) in targets(service).await {
            for role in ["AN", "RE"] {
                let is_active = target.is_some_and(|(_, role)| role != "NO" && role != "DI");
                let other = target.is_some_and(|(_, held)| (held, role) == ("AN", "RE"));
                let other = other || target.is_some_and(|(_, held)| (held, role) == ("RE", "AN"));
                let expected = match asked.refused("members.change_role", Some((0, ""))) {
                    _ if !changes => hidden,
                    _ if !is_active => Some(400),
                    Some(refused) => Some(refused),
                    None if user == asked.user => Some(405),
                    None if !other => Some(409),
                    None => Some(200),
                };
                let body = json!({
                    "all": false, "included": [user, 1], "roles": [{ "user_id": user, "role": role }],
                });
                let body = match user {
                    1 => json!({
                        "all": true, "excluded": [2], "roles": [{ "user_id": user, "role": role }],
                    }),
                    _ => body,
                };
                let before = service.world().await;
                let (status, answer) = service.send(asked.by, Method::POST, path, body).await;
                let who =
                    format!("{} {:?} {target:?} {role}: {answer}", asked.login.email, asked.by);
                match expected {
                    Some(expected) => assert_eq!(status, expected, "{who}"),
                    None => assert!(matches!(status.as_u16(), 403 | 404), "{who}"),
                }
                let after = service.world().await;
                if status != StatusCode::OK {
                    assert_eq!(after, before, "{who}");
                    continue;
                }
                let given: Vec<_> =
                    after.project_roles.iter().map(|row| (row.user_id, row.role)).collect();
                assert_eq!(given, [(user, role)], "{who}");
                let added = |of| {
                    after.project_members.iter().any(|row| (row.project_id, row.user_id) == (2, of))
                };
                assert!(added(user) && added(1), "{who}");
                for sql in [
                    "DELETE FROM project_roles",
                    "DELETE FROM project_members WHERE project_id = 2 AND user_id = 1",
                ] {
                    service.execute(sql, []).await;
                }
            }
        }
    }
}

/// The roles that one has oneself, in the projects that one may view.
async fn own_roles(service: &Service) {
    let annotator = service.login(HERE, Role::Annotator);
    let user = service.user(annotator).await;
    // In Cats they are a member; Notes is not theirs; project 6 is another organization's.
    for (project, of) in [(2, user), (1, user), (6, user), (2, 4)] {
        let sql = "INSERT INTO project_roles (project_id, user_id, role, role_source) \
            VALUES ($1, $2, 'RE', 'manual')";
        service.execute(sql, [project.into(), of.into()]).await;
    }
    let world = service.world().await;
    for asked in askers(service).await {
        let is_denied = !matches!(asked.login.role.code(), "OW" | "AD" | "MA")
            && (asked.by.is_api() || !asked.login.role.is_active());
        for (query, named) in [
            ("", vec![1, 2, 6]),
            ("?ids=2", vec![2]),
            ("?ids=1,6,999", vec![1, 6]),
            ("?ids=6,2,1", vec![1, 2, 6]),
        ] {
            let path = format!("/api/projects/roles/{query}");
            let (status, answer) = service.get(asked.by, &path).await;
            let who = format!("{} {:?} {path}: {answer}", asked.login.email, asked.by);
            assert_eq!(status.is_client_error(), is_denied, "{who}");
            if is_denied {
                continue;
            }
            let mine = world.project_roles.iter().filter(|row| row.user_id == asked.user);
            let expected = mine.map(|row| row.project_id).filter(|project| {
                let thing = labelgate_sql_tests::tables::Thing::Project(*project);
                named.contains(project) && world.may(asked.user, HERE, "projects.view", thing)
            });
            let mut expected: Vec<_> = expected.collect();
            expected.sort_unstable();
            let read = answer.as_array().expect("a list").iter().map(|row| {
                assert_eq!(
                    (&row["user"], &row["role"]),
                    (&json!(asked.user), &json!("RE")),
                    "{who}"
                );
                row["project"].as_i64().expect("an id")
            });
            let mut read: Vec<_> = read.collect();
            read.sort_unstable();
            assert_eq!(read, expected, "{who}");
        }
    }
    let (_, answer) = service.get(By::Session(&annotator.cookie), "/api/projects/roles/").await;
    assert!(answer.as_array().is_some_and(|roles| !roles.is_empty()), "{answer}");
    for wrong in ["?ids=", "?ids=1,1", "?ids=01", "?ids=1,", "?ids=x"] {
        let by = By::Session(&annotator.cookie);
        let (status, _) = service.get(by, &format!("/api/projects/roles/{wrong}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
