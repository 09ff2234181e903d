//! Who knocks: with no credential, with one that nobody has or has any more, as each member in each way, and as
//! another service.

use labelgate::{Action, Actions, Role};
use labelgate_service::credentials::hash;
use labelgate_service::membership::token;
use labelgate_service::seed::Login;
use labelgate_service::services;
use labelgate_service_tests::{By, Service};
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, ORIGIN};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::Rows;
use super::lines::Needs;
use crate::endpoints::{Asked, code};

/// Tokens that carry some actions alone: of whom, and which. An action without its guard permits nothing.
const LIMITED: [(Role, &[&str]); 8] = [
    (Role::Owner, &["workspaces.view", "projects.view", "data.view", "members.view"]),
    (Role::Owner, &["members.view", "members.change_role"]),
    (Role::Owner, &["members.change_role", "projects.change", "data.export", "workspaces.delete"]),
    (Role::Administrator, &["members.view", "organizations.invite"]),
    (Role::Administrator, &["members.view", "organizations.invite", "members.activate"]),
    (Role::Administrator, &["activity_log.view", "workspaces.create"]),
    (Role::Manager, &["projects.view", "projects.change", "data.import", "tasks.label"]),
    (Role::Annotator, &["projects.view", "data.view", "tasks.label"]),
];

pub struct Caller<'a> {
    pub name: String,
    pub headers: HeaderMap,
    pub is: Is<'a>,
}

/// Whom a request comes from.
pub enum Is<'a> {
    Nobody,
    /// A credential that stands for nobody.
    Unknown,
    Member(Member<'a>),
    /// A browser that a page of another origin sends.
    OtherOrigin(Member<'a>),
    /// Of an organization.
    Service(i64),
}

#[derive(Clone, Copy)]
pub struct Member<'a> {
    pub login: &'a Login,
    pub user: i64,
    pub asked: Asked,
}

impl Caller<'_> {
    pub fn is_of_own_origin(&self, origin: &str) -> bool {
        self.headers.get(ORIGIN).is_some_and(|sent| sent == origin)
    }
}

impl Member<'_> {
    /// The status of what a permission in the organization decides.
    pub fn expected(&self, needs: Needs, rows: &Rows, ok: u16) -> u16 {
        let may = |key: &str| self.asked.may(key, Some(0));
        let is_here = rows.organization == self.login.organization;
        // Whoever does not see the people is told of nothing.
        let refused = |rights: &[&str]| match rights.iter().all(|right| may(right)) {
            _ if !may("members.view") => Some(404),
            true => None,
            false => Some(403),
        };
        let everything = (1 << labelgate_service_tests::oracle::FACTS.len()) - 1;
        match needs {
            Needs::Oneself => {
                if self.asked.role == "DI" {
                    403
                } else {
                    ok
                }
            }
            Needs::Permission(key) => self.asked.status(key, Some(0), ok),
            Needs::List(key) => self.asked.list(key, Some(0), everything, ok),
            Needs::Colleague(right) => refused(&[right]).unwrap_or(if is_here { ok } else { 404 }),
            Needs::Heir => match refused(&["members.change_role"]) {
                Some(status) => status,
                None if !is_here => 404,
                None => {
                    if self.asked.role == "OW" {
                        ok
                    } else {
                        403
                    }
                }
            },
            Needs::Owner => match refused(&["members.change_role"]) {
                Some(status) => status,
                None => {
                    if self.asked.role == "OW" {
                        ok
                    } else {
                        403
                    }
                }
            },
            Needs::Invites => refused(&["organizations.invite"]).unwrap_or(ok),
            Needs::Activates => {
                refused(&["organizations.invite", "members.activate"]).unwrap_or(ok)
            }
            Needs::ProjectRole => {
                refused(&["members.change_role"]).unwrap_or(if is_here { ok } else { 404 })
            }
            Needs::Invitation if rows.invitation == "none" => 404,
            Needs::Invitation if self.asked.is_api => 403,
            Needs::Invitation => {
                if is_here {
                    409
                } else {
                    ok
                }
            }
            Needs::Row(_) | Needs::Nothing | Needs::OwnOrigin | Needs::Service => {
                unreachable!("{needs:?} is no permission in the organization")
            }
        }
    }
}

fn value(text: impl AsRef<[u8]>) -> HeaderValue {
    HeaderValue::from_bytes(text.as_ref()).expect("a value")
}

fn cookie(service: &Service, cookie: &str) -> HeaderMap {
    let origin = value(service.app.origin.as_bytes());
    HeaderMap::from_iter([(COOKIE, value(cookie)), (ORIGIN, origin)])
}

fn session(service: &Service, secret: &str) -> HeaderMap {
    cookie(service, &format!("sessionid={secret}"))
}

fn authorization(text: impl AsRef<[u8]>) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, value(text))])
}

fn api(secret: &str) -> HeaderMap {
    authorization(format!("Token {secret}"))
}

fn bearer(secret: &str) -> HeaderMap {
    authorization(format!("Bearer {secret}"))
}

fn unknown(name: &str, headers: HeaderMap) -> Caller<'static> {
    Caller { name: name.to_owned(), headers, is: Is::Unknown }
}

/// Fills the rows that the table asks about, and makes all credentials.
pub async fn callers(service: &Service) -> Vec<Caller<'_>> {
    let ended = ended(service).await;
    prepare(service).await;
    let secret = &service.login(1, Role::Owner).cookie;
    let nobody = [
        ("nobody", HeaderMap::new()),
        ("a cookie of another name", cookie(service, &format!("session_id={secret}"))),
        ("a cookie's name in capitals", cookie(service, &format!("SESSIONID={secret}"))),
    ];
    let nobody =
        nobody.map(|(name, headers)| Caller { name: name.to_owned(), headers, is: Is::Nobody });
    let mut callers: Vec<_> = nobody.into_iter().chain(ended).collect();
    let database = &service.app.database;
    for organization in [1, 2] {
        let secret = services::create(database, organization, "asks").await.expect("a credential");
        for (name, headers) in [("token", api(&secret)), ("cookie", session(service, &secret))] {
            callers.push(unknown(&format!("a service's credential as a {name}"), headers));
        }
        callers.push(unknown("the hash of a service's credential", bearer(&hash(&secret))));
        let name = format!("a service of {organization}");
        callers.push(Caller { name, headers: bearer(&secret), is: Is::Service(organization) });
    }
    callers.extend(no_credentials(service).await);
    callers.extend(members(service).await);
    callers
}

/// Two colleagues who never sign in, one in each organization, and an override that changes nothing.
async fn prepare(service: &Service) {
    for organization in [1, 2] {
        let sql = "INSERT INTO users (email) VALUES ($1) RETURNING id";
        let email = format!("colleague@{organization}.example");
        let user = service.id(sql, [email.as_str().into()]).await;
        for sql in [
            "INSERT INTO members (organization_id, user_id, role, role_source) \
             VALUES ($1, $2, 'AN', 'manual')",
            "INSERT INTO workspace_members SELECT id, $2 FROM workspaces \
             WHERE organization_id = $1 AND title = 'Animals'",
            "INSERT INTO project_roles (project_id, user_id, role, role_source) \
             SELECT id, $2, 'RE', 'manual' FROM projects \
             WHERE organization_id = $1 AND title = 'Cats'",
            "INSERT INTO task_assignees SELECT t.id, p.id, $2, 'AN' FROM tasks t \
             JOIN projects p ON p.id = t.project_id \
             WHERE p.organization_id = $1 AND p.title = 'Cats'",
        ] {
            assert!(service.execute(sql, [organization.into(), user.into()]).await > 0, "{sql}");
        }
        let owner = By::Session(&service.login(organization, Role::Owner).cookie);
        let path = format!("/api/organizations/{organization}/permissions");
        let body = json!({ "permission": "data.export", "roles": ["AD", "MA"] });
        let (status, _) = service.send(owner, Method::POST, &path, body).await;
        assert_eq!(status, StatusCode::CREATED);
    }
}

/// Credentials that were good once: of somebody who was removed, of somebody who was deactivated, of somebody who
/// came back from that, and of a service that was revoked.
async fn ended(service: &Service) -> Vec<Caller<'static>> {
    let mut ended = Vec::new();
    let owner = By::Session(&service.login(1, Role::Owner).cookie);
    let memberships = "/api/organizations/1/memberships";
    for (name, roles) in
        [("removed", &[][..]), ("deactivated", &["DI"]), ("reactivated", &["DI", "AD"])]
    {
        let email = format!("{name}@x.example");
        let owned = service.login(1, Role::Owner);
        let (_, invite) = service.get(By::Session(&owned.cookie), "/api/invite").await;
        let path = format!("/user/signup?token={}", invite["token"].as_str().expect("a token"));
        let request = service.request(By::Nobody, Method::POST, &path);
        let response = request.json(&json!({ "email": email })).send().await.expect("a response");
        let set = response.headers()["set-cookie"].to_str().expect("a cookie").to_owned();
        let set = set.split(['=', ';']).nth(1).expect("a session").to_owned();
        let user = response.json::<serde_json::Value>().await.expect("JSON")["id"].clone();
        let assign = async |role: &str| {
            let body = json!({ "user_id": user, "role": role });
            service.send(owner, Method::PATCH, memberships, body).await.0
        };
        assert_eq!(assign("AD").await, StatusCode::OK);
        let email = email.parse().expect("an address");
        let made = token(&service.app.database, &email, 1, Actions::all()).await.expect("a token");
        for by in [By::Session(&set), By::Token(&made)] {
            assert_eq!(service.get(by, "/api/projects/").await.0, StatusCode::OK, "{by:?}");
        }
        for role in roles {
            assert_eq!(assign(role).await, StatusCode::OK);
        }
        if roles.is_empty() {
            let path = format!("{memberships}/{user}/");
            let (status, _) = service.send(owner, Method::DELETE, &path, None).await;
            assert_eq!(status, StatusCode::NO_CONTENT);
        }
        ended.push(unknown(&format!("the session of one {name}"), session(service, &set)));
        ended.push(unknown(&format!("the token of one {name}"), api(&made)));
    }
    let database = &service.app.database;
    let secret = services::create(database, 1, "revoked").await.expect("a credential");
    services::revoke(database, 1, "revoked").await.expect("revoked");
    ended.push(unknown("a service that was revoked", bearer(&secret)));
    ended
}

/// What stands for nobody, whatever it is made from.
async fn no_credentials(service: &Service) -> Vec<Caller<'static>> {
    let Login { token, cookie: secret, .. } = service.login(1, Role::Owner);
    let invitation = "SELECT invitation FROM organization_settings WHERE organization_id = 1";
    let invitation = service.rows(invitation, []).await;
    let invitation: String = invitation[0].try_get_by_index(0).expect("a token");
    let mut beside = session(service, secret);
    beside.insert(AUTHORIZATION, value("Token 0"));
    let mut first = session(service, "0");
    first.append(COOKIE, value(format!("sessionid={secret}")));
    vec![
        unknown("a token that nobody has", api("0")),
        unknown("an empty token", authorization("Token ")),
        unknown("a scheme alone", authorization("Token")),
        unknown("a token with no scheme", authorization(token)),
        unknown("another scheme", authorization(format!("Basic {token}"))),
        unknown("a token of a member as a service's", bearer(token)),
        unknown("a cookie as a token", api(secret)),
        unknown("the hash of a token", api(&hash(token))),
        unknown("a token with a space before", api(&format!(" {token}"))),
        unknown("a token in quotes", api(&format!("\"{token}\""))),
        unknown("a token in capitals", api(&token.to_uppercase())),
        unknown("bytes that are no text", authorization(b"Token \xe9\xff")),
        unknown("an invitation as a token", api(&invitation)),
        unknown("a service's credential that nobody has", bearer("0")),
        unknown("an empty service's credential", authorization("Bearer ")),
        unknown("a cookie as a service's", bearer(secret)),
        unknown("a session that nobody has", session(service, "0")),
        unknown("an empty session", session(service, "")),
        unknown("a token as a cookie", session(service, token)),
        unknown("the hash of a cookie", session(service, &hash(secret))),
        unknown("an invitation as a cookie", session(service, &invitation)),
        unknown("a token that nobody has beside a session", beside),
        unknown("a session that nobody has before another", first),
    ]
}

/// Each member with both credentials, some tokens that are limited, and the Owner's session from other origins.
async fn members(service: &Service) -> Vec<Caller<'_>> {
    let mut callers = Vec::new();
    let member = async |login, is_api, limit| {
        let user = service.user(login).await;
        Member { login, user, asked: Asked { role: code(login.role), is_api, limit } }
    };
    for login in &service.logins {
        let (email, secret) = (&login.email, &login.cookie);
        let is = Is::Member(member(login, false, None).await);
        let name = format!("the session of {email}");
        callers.push(Caller { name, headers: session(service, secret), is });
        let is = Is::Member(member(login, true, None).await);
        let name = format!("the token of {email}");
        callers.push(Caller { name, headers: api(&login.token), is });
    }
    for (role, limit) in LIMITED {
        let login = service.login(1, role);
        let email = login.email.parse().expect("an address");
        let actions: Actions =
            limit.iter().map(|key| key.parse::<Action>().expect("a key")).collect();
        let made = token(&service.app.database, &email, 1, actions).await;
        let is = Is::Member(member(login, true, Some(limit)).await);
        let name = format!("a token of {} for {limit:?}", login.email);
        callers.push(Caller { name, headers: api(&made.expect("a token")), is });
    }
    let owner = service.login(1, Role::Owner);
    let origin = &service.app.origin;
    for other in [None, Some("null"), Some("http://elsewhere.example"), Some(&format!("{origin}0"))]
    {
        let mut headers = session(service, &owner.cookie);
        headers.remove(ORIGIN);
        if let Some(other) = other {
            headers.insert(ORIGIN, value(other));
        }
        let is = Is::OtherOrigin(member(owner, false, None).await);
        callers.push(Caller { name: format!("the Owner's session from {other:?}"), headers, is });
    }
    let administrator = service.login(1, Role::Administrator);
    let mut headers = session(service, &owner.cookie);
    headers.insert(AUTHORIZATION, value(format!("Token {}", administrator.token)));
    headers.insert(ORIGIN, value("http://elsewhere.example"));
    let is = Is::Member(member(administrator, true, None).await);
    let name = "a token beside somebody else's session".to_owned();
    callers.push(Caller { name, headers, is });
    callers
}
