//! The organization: its members, its invitation, what it changed in the matrix, its log.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use labelgate::error::UnknownRole;
use labelgate::log::LogEntry;
use labelgate::membership::{Applicant, Approved, Invitation, Member, MembershipPolicy, Refused};
use labelgate::overrides::{InvalidOverrides, Override, Overrides};
use labelgate::sets::Roles;
use labelgate::wire::{
    AssignProjectRole, AssignedProjectRole, Invite, Permission, PermissionOptions,
};
use labelgate::{Action, OrganizationId, ProjectId, Role, UserId, act};
use sea_orm::FromQueryResult;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::activity::Activity;
use crate::bodies::{
    Assign, Body, ChangedPermission, Id, Named, NewOwner, Of, SetDefaultRole, SignUp, With,
};
use crate::caller::{Alone, Caller, Credentials, Numbered, hash, stored};
use crate::database::{Lock, values};
use crate::problem::{Answer, Changed, Failure, Gone, bad_request, conflict, forbidden, not_found};
use crate::rows::Project;
use crate::store::secret;

/// Oneself, and what one may do in the organization. The deactivated are told so.
pub async fn whoami(caller: Caller) -> Answer {
    is_not_deactivated(&caller)?;
    Ok(Json(json!({
        "id": caller.subject.user(),
        "username": caller.email,
        "email": caller.email,
        "active_organization": caller.subject.organization(),
        "role": caller.subject.role(),
        "actions": caller.subject.actions(caller.subject.own_organization()),
    })))
}

fn is_not_deactivated(caller: &Caller) -> Result<(), Failure> {
    match caller.subject.role() {
        Role::Deactivated => Err(forbidden("deactivated")),
        _ => Ok(()),
    }
}

#[derive(FromQueryResult)]
struct Organization {
    id: i64,
    title: String,
}

/// A session is in one organization, so this is a list of one; of none where the caller has no role yet.
pub async fn list(caller: Caller) -> Answer {
    is_not_deactivated(&caller)?;
    if !caller.subject.role().is_active() {
        return Ok(Json(json!([])));
    }
    let found = organization(&caller).await?;
    Ok(Json(json!([{ "id": found.id, "title": found.title }])))
}

async fn organization(caller: &Caller) -> Result<Organization, Failure> {
    let sql = "SELECT id, title FROM organizations WHERE id = $1";
    let found = caller.tx.one(sql, values![caller.subject.organization().0]).await?;
    found.ok_or_else(not_found)
}

pub async fn get(caller: Caller, Of(id): Of<Named>) -> Answer {
    let _permit = caller.authorize(act::ViewPeoplePage, caller.organization(&id)?)?;
    let found = organization(&caller).await?;
    Ok(Json(json!({ "id": found.id, "title": found.title, "billing": {} })))
}

#[derive(FromQueryResult)]
struct Listed {
    count: i64,
    id: Option<i64>,
    user_id: Option<i64>,
    email: Option<String>,
    role: Option<String>,
    role_source: Option<String>,
}

#[derive(Deserialize)]
pub struct OfRoles {
    role: Option<String>,
}

pub async fn members(
    caller: Caller,
    Of(id): Of<Named>,
    With(at): With<Numbered>,
    With(OfRoles { role }): With<OfRoles>,
) -> Answer {
    let permit = caller.authorize(act::ViewPeoplePage, caller.organization(&id)?)?;
    let organization = *permit.organization();
    let (size, offset) = at.limits()?;
    let roles = role.map_or(Ok(Roles::all()), |codes| {
        let roles: Result<_, UnknownRole> = codes.split(',').map(str::parse::<Role>).collect();
        roles.map_err(bad_request)
    })?;
    // Codes of the crate's own, not what was sent.
    let codes: Vec<_> = roles.elements().map(|role| format!("'{}'", role.code())).collect();
    let sql = format!(
        "WITH listed AS (SELECT m.id, m.user_id, u.email, m.role, m.role_source \
         FROM members m JOIN users u ON u.id = m.user_id \
         WHERE m.organization_id = $1 AND m.role IN ({})) \
         SELECT counted.count, page.* FROM (SELECT COUNT(*) AS count FROM listed) counted \
         LEFT JOIN (SELECT * FROM listed ORDER BY id LIMIT $2 OFFSET $3) page ON TRUE \
         ORDER BY page.id",
        codes.join(", "),
    );
    let values = values![organization.0, i64::from(size), i64::from(offset)];
    let rows: Vec<Listed> = caller.tx.all(&sql, values).await?;
    let results = rows.iter().filter(|row| row.id.is_some()).map(|row| {
        json!({
            "id": row.id,
            "organization": organization,
            "user": { "id": row.user_id, "username": row.email, "email": row.email },
            "role": row.role,
            "role_source": row.role_source,
        })
    });
    let count = rows.first().map_or(0, |row| row.count);
    let results: Vec<_> = results.collect();
    Ok(Json(json!({ "count": count, "next": null, "previous": null, "results": results })))
}

pub async fn assign(Alone(caller): Alone, Of(id): Of<Named>, Body(body): Body<Assign>) -> Changed {
    caller.organization(&id)?;
    let (target, email) = caller.target(body.user_id).await?.unzip();
    let change = caller.change(Some(body.user_id), |subject| {
        caller.policy.assign(subject, target.as_ref(), body.role)
    })?;
    let member = change.member;
    caller.tx.assign(change, &caller.app.database.cleanup).await?;
    let answer = json!({
        "organization": member.organization,
        "user": { "id": member.user, "username": email, "email": email },
        "role": member.role,
        "role_source": member.source,
    });
    Ok((caller.commit(StatusCode::OK).await?, Json(answer)))
}

pub async fn remove(Alone(caller): Alone, Of((id, Id(user))): Of<(Named, Id)>) -> Gone {
    caller.organization(&id)?;
    let (target, _) = caller.target(user).await?.unzip();
    let removal =
        caller.change(Some(user), |subject| caller.policy.remove(subject, target.as_ref()))?;
    caller.tx.remove(removal, &caller.app.database.cleanup).await?;
    Ok(caller.commit(StatusCode::NO_CONTENT).await?)
}

/// The Owner hands the organization over. The client has no method for it.
pub async fn transfer(Alone(caller): Alone, Of(id): Of<Named>, Body(body): Body<NewOwner>) -> Gone {
    caller.organization(&id)?;
    let (heir, _) = caller.target(body.user_id).await?.unzip();
    let transfer = caller
        .change(Some(body.user_id), |subject| caller.policy.transfer(subject, heir.as_ref()))?;
    caller.tx.transfer(transfer, &caller.app.database.cleanup).await?;
    Ok(caller.commit(StatusCode::NO_CONTENT).await?)
}

pub async fn set_default_role(
    Alone(caller): Alone,
    Of(id): Of<Named>,
    Body(body): Body<SetDefaultRole>,
) -> Changed {
    caller.organization(&id)?;
    let change = caller
        .change(None, |subject| caller.policy.set_default_role(subject, body.default_role))?;
    let answer = json!({ "organization": change.organization, "default_role": change.role });
    caller.tx.set_default_role(change).await?;
    Ok((caller.commit(StatusCode::OK).await?, Json(answer)))
}

#[derive(FromQueryResult)]
struct Invited {
    organization_id: i64,
    default_role: String,
    invitation: String,
}

impl Invited {
    fn invitation(&self) -> Result<Invitation<i64, String>, Failure> {
        let organization = OrganizationId(self.organization_id);
        Invitation::new(organization, self.invitation.clone()).map_err(stored)
    }
}

const INVITED: &str =
    "SELECT organization_id, default_role, invitation FROM organization_settings WHERE";

fn invite(token: &str) -> Json<Value> {
    Json(json!(Invite { token, invite_url: &*format!("/user/signup?token={token}") }))
}

async fn invitation(caller: &Caller) -> Result<Invitation<i64, String>, Failure> {
    let sql = format!("{INVITED} organization_id = $1");
    let organization = caller.subject.organization().0;
    let found: Option<Invited> = caller.tx.one(&sql, values![organization]).await?;
    found.ok_or_else(not_found)?.invitation()
}

/// With the link somebody could come back who is no longer an administrator.
pub async fn read_invitation(Alone(caller): Alone) -> Answer {
    let invitation = invitation(&caller).await?;
    let read =
        caller.change(None, |subject| caller.policy.read_invitation(subject, &invitation))?;
    Ok(invite(read.token))
}

pub async fn reset_invitation(Alone(caller): Alone) -> Changed {
    let invitation = invitation(&caller).await?;
    let token = secret()?;
    let reset = caller
        .change(None, |subject| caller.policy.reset_invitation(subject, invitation, token))?;
    let token = caller.tx.reset_invitation(reset).await?;
    Ok((caller.commit(StatusCode::CREATED).await?, invite(&token)))
}

#[derive(Deserialize)]
pub struct Token {
    #[serde(default)]
    token: String,
}

#[derive(FromQueryResult)]
struct Joined {
    role: String,
    role_source: String,
}

/// A membership for the account of the session, or for a new account where there is none.
pub async fn sign_up(
    State(app): State<App>,
    With(Token { token }): With<Token>,
    request: Request,
) -> Result<impl IntoResponse, Failure> {
    let (parts, body) = request.into_parts();
    let activity = Activity::of(&parts);
    let credentials = Credentials::of(&parts, &app)?;
    let caller = Caller::load(&app, &activity, &credentials, Lock::Nothing).await?;
    let (tx, subject) = match caller {
        Some(caller) => (caller.tx, Some(caller.subject)),
        None => (app.database.begin().await?, None),
    };
    // Found by its hash, and compared in constant time by the policy.
    let sql = format!("{INVITED} invitation_hash = $1{}", tx.for_update());
    let found: Option<Invited> = tx.one(&sql, values![hash(&token)]).await?;
    let found = found.ok_or_else(not_found)?;
    credentials.still_hold(&tx).await?;
    let organization = OrganizationId(found.organization_id);
    let policy = MembershipPolicy::new(organization)
        .with_default_role(found.default_role.parse().map_err(stored)?)
        .map_err(stored)?;

    let by = match &subject {
        Some(subject) => Applicant::Subject(subject),
        None => {
            let request = Request::from_parts(parts, body);
            let Body(SignUp { email }) = <Body<SignUp>>::from_request(request, &app).await?;
            let sql = "INSERT INTO users (email) VALUES ($1)";
            Applicant::Anonymous(UserId(tx.insert(sql, values![email.as_str()]).await?))
        }
    };
    let user = match by {
        Applicant::Subject(subject) => *subject.user(),
        Applicant::Anonymous(user) => user,
    };
    let sql = "SELECT role, role_source FROM members WHERE organization_id = $1 AND user_id = $2";
    let joined: Option<Joined> = tx.one(sql, values![organization.0, user.0]).await?;
    let joined = joined.map(|Joined { role, role_source }| {
        let (role, source) = (role.parse().map_err(stored)?, role_source.parse().map_err(stored)?);
        Ok::<_, Failure>(Member { organization, user, role, source })
    });
    let joined = joined.transpose()?;
    let decided = policy.sign_up(by, Some(&found.invitation()?), token, joined.as_ref());
    activity.asked_by(organization, user);
    let audit = decided.as_ref().map_or_else(Refused::audit, Approved::audit);
    activity.keep(&LogEntry::change(&organization, &user, audit))?;
    let sign_up = decided?.into_change();
    let role = sign_up.member.role;
    tx.sign_up(sign_up).await?;
    let session = tx.sign_in(organization, user, false).await?;
    activity.write(&tx, StatusCode::CREATED).await?;
    tx.commit().await?;
    let cookie = format!("sessionid={session}; Path=/; HttpOnly; SameSite=Lax");
    let answer = json!({ "id": user, "organization": organization, "role": role });
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(answer)))
}

fn permission(caller: &Caller, one: Override) -> Value {
    json!(Permission {
        id: one.permission as i64 + 1, // its row in the matrix
        organization: *caller.subject.organization(),
        permission: one.permission,
        roles: one.roles,
        default: Overrides::default_roles(one.permission),
        options: Overrides::options(one.permission),
    })
}

fn overridden(overrides: &Overrides, key: &str) -> Result<Override, Failure> {
    let permission: Action = key.parse().map_err(|_| not_found())?;
    let roles = overrides.get(permission).ok_or_else(not_found)?;
    Ok(Override { permission, roles })
}

/// What the Owner changed in the matrix.
pub fn overrides(caller: &Caller, id: &Named) -> Result<Overrides, Failure> {
    caller.organization(id)?;
    let read =
        caller.change(None, |subject| caller.policy.read_overrides(subject, caller.overrides))?;
    Ok(read.overrides)
}

async fn set_overrides(
    caller: &Caller,
    set: Result<Overrides, InvalidOverrides>,
    refused: fn(String) -> Failure,
) -> Result<(), Failure> {
    let set = set.map_err(|error| refused(error.to_string()))?;
    let change = caller
        .change(None, |subject| caller.policy.set_overrides(subject, caller.overrides, set))?;
    caller.tx.set_overrides(change).await
}

pub async fn permissions(caller: Caller, Of(id): Of<Named>) -> Answer {
    let set = overrides(&caller, &id)?;
    Ok(Json(set.iter().map(|one| permission(&caller, one)).collect()))
}

pub async fn permission_options(caller: Caller, Of(id): Of<Named>) -> Answer {
    overrides(&caller, &id)?;
    let options = Action::ALL.into_iter().map(|permission| PermissionOptions {
        permission,
        default: Overrides::default_roles(permission),
        options: Overrides::options(permission),
    });
    Ok(Json(json!(options.collect::<Vec<_>>())))
}

pub async fn get_permission(caller: Caller, Of((id, key)): Of<(Named, String)>) -> Answer {
    let set = overrides(&caller, &id)?;
    Ok(Json(permission(&caller, overridden(&set, &key)?)))
}

pub async fn create_permission(
    Alone(caller): Alone,
    Of(id): Of<Named>,
    Body(one): Body<Override>,
) -> Changed {
    let set = overrides(&caller, &id)?;
    if set.get(one.permission).is_some() {
        return Err(conflict("it is overridden already"));
    }
    set_overrides(&caller, set.with(one), bad_request).await?;
    let answer = permission(&caller, one);
    Ok((caller.commit(StatusCode::CREATED).await?, Json(answer)))
}

pub async fn replace_permission(
    caller: Alone,
    Of((id, key)): Of<(Named, String)>,
    Body(one): Body<Override>,
) -> Changed {
    if one.permission.key() != key {
        return Err(bad_request("another permission than that of the path"));
    }
    update_permission(caller, Of((id, key)), Body(ChangedPermission::to(one.roles))).await
}

pub async fn update_permission(
    Alone(caller): Alone,
    Of((id, key)): Of<(Named, String)>,
    Body(changed): Body<ChangedPermission>,
) -> Changed {
    let set = overrides(&caller, &id)?;
    let one = Override { roles: changed.roles, ..overridden(&set, &key)? };
    set_overrides(&caller, set.with(one), bad_request).await?;
    let answer = permission(&caller, one);
    Ok((caller.commit(StatusCode::OK).await?, Json(answer)))
}

pub async fn delete_permission(Alone(caller): Alone, Of((id, key)): Of<(Named, String)>) -> Gone {
    let set = overrides(&caller, &id)?;
    let without = set.without(overridden(&set, &key)?.permission);
    set_overrides(&caller, without, |refused| conflict(&refused)).await?;
    Ok(caller.commit(StatusCode::NO_CONTENT).await?)
}

#[derive(FromQueryResult)]
struct RoleInProject {
    id: i64,
    project_id: i64,
    user_id: i64,
    role: String,
    role_source: String,
}

pub async fn project_roles(caller: Caller, Of(Id(id)): Of<Id>) -> Answer {
    let project = caller.find::<Project>(id).await?;
    let permit = caller.authorize(act::ViewPeoplePage, project)?;
    let sql = "SELECT id, project_id, user_id, role, role_source FROM project_roles \
        WHERE project_id = $1 ORDER BY id";
    let rows: Vec<RoleInProject> = caller.tx.all(sql, values![permit.id]).await?;
    let roles = rows.into_iter().map(|row| {
        Ok(AssignedProjectRole {
            id: row.id,
            project: row.project_id.into(),
            role: row.role.parse().map_err(stored)?,
            role_source: row.role_source.parse().map_err(stored)?,
            user: row.user_id.into(),
        })
    });
    Ok(Json(json!(roles.collect::<Result<Vec<_>, Failure>>()?)))
}

pub async fn give_project_role(
    Alone(caller): Alone,
    Body(body): Body<AssignProjectRole<i64>>,
) -> Changed {
    let (target, _) = caller.target(body.user.0).await?.unzip();
    let project = caller.find::<Project>(body.project.0).await?;
    let given = caller.change(Some(body.user.0), |subject| {
        caller.policy.give_project_role(subject, target.as_ref(), project, body.role)
    })?;
    let source = given.source;
    let id = caller.tx.give_project_role(given).await?;
    let AssignProjectRole { project, role, user } = body;
    let answer = json!(AssignedProjectRole { id, project, role, role_source: source, user });
    Ok((caller.commit(StatusCode::CREATED).await?, Json(answer)))
}

pub async fn take_back_project_role(Alone(caller): Alone, Of(Id(id)): Of<Id>) -> Gone {
    let sql = "SELECT id, project_id, user_id, role, role_source FROM project_roles WHERE id = $1";
    let found: Option<RoleInProject> = caller.tx.one(sql, values![id]).await?;
    let (user, project) = match &found {
        Some(found) => (found.user_id, caller.find::<Project>(found.project_id).await?),
        None => (caller.subject.user().0, (ProjectId(0), None)),
    };
    let (target, _) = caller.target(user).await?.unzip();
    let taken = caller.change(Some(user), |subject| {
        caller.policy.take_back_project_role(subject, target.as_ref(), project)
    })?;
    caller.tx.take_back_project_role(taken).await?;
    Ok(caller.commit(StatusCode::NO_CONTENT).await?)
}

#[derive(FromQueryResult)]
struct Logged {
    count: i64,
    id: Option<i64>,
    at: Option<String>,
    user_id: Option<i64>,
    email: Option<String>,
    method: Option<String>,
    path: Option<String>,
    status: Option<i32>,
    decisions: Option<String>,
}

pub async fn activity(caller: Caller, With(at): With<Numbered>) -> Answer {
    let permit = caller.authorize(act::ViewActivityLog, caller.subject.own_organization())?;
    let organization = *permit.organization();
    let (size, offset) = at.limits()?;
    let sql = "SELECT counted.count, page.* FROM \
        (SELECT COUNT(*) AS count FROM activity WHERE organization_id = $1) counted \
        LEFT JOIN (SELECT a.id, a.at, a.user_id, u.email, a.method, a.path, a.status, a.decisions \
        FROM activity a LEFT JOIN users u ON u.id = a.user_id WHERE a.organization_id = $1 \
        ORDER BY a.id DESC LIMIT $2 OFFSET $3) page ON TRUE ORDER BY page.id DESC";
    let values = values![organization.0, i64::from(size), i64::from(offset)];
    let rows: Vec<Logged> = caller.tx.all(sql, values).await?;
    let count = rows.first().map_or(0, |row| row.count);
    let data = rows.into_iter().filter(|row| row.id.is_some()).map(|row| {
        json!({
            "id": row.id,
            "datetime": row.at,
            "organization_id": organization,
            "user_id": row.user_id,
            "email": row.email,
            "request_method": row.method,
            "request_url": row.path,
            "response_code": row.status.map(|status| status.to_string()),
            "extra_data": row.decisions.and_then(|text| serde_json::from_str::<Value>(&text).ok()),
        })
    });
    let data: Vec<_> = data.collect();
    // The client reads a list of one.
    Ok(Json(json!([{ "data": data, "recordsFiltered": count, "recordsTotal": count }])))
}
