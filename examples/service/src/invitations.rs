//! The invitation link of an organization, and signing up through it.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use labelgate::log::LogEntry;
use labelgate::membership::{Applicant, Approved, Invitation, Member, MembershipPolicy, Refused};
use labelgate::wire::Invite;
use labelgate::{OrganizationId, UserId};
use sea_orm::FromQueryResult;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::activity::Activity;
use crate::bodies::SignUp;
use crate::caller::{Caller, Exclusive};
use crate::credentials::{Credentials, hash, secret};
use crate::database::values;
use crate::extract::{Body, Query};
use crate::problem::{Answer, Changed, Failure, not_found, stored};
use crate::transaction::Lock;

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

fn invite(token: &str) -> Value {
    json!(Invite { token, invite_url: &*format!("/user/signup?token={token}") })
}

async fn invitation(caller: &Caller) -> Result<Invitation<i64, String>, Failure> {
    let sql = format!("{INVITED} organization_id = $1");
    let organization = caller.subject.organization().0;
    let found: Option<Invited> = caller.tx.one(&sql, values![organization]).await?;
    found.ok_or_else(not_found)?.invitation()
}

/// With the link somebody could come back who is no longer an administrator.
pub async fn read(Exclusive(caller): Exclusive) -> Answer {
    let invitation = invitation(&caller).await?;
    let read =
        caller.change(None, |subject| caller.policy.read_invitation(subject, &invitation))?;
    Ok(Json(invite(read.token)))
}

pub async fn reset(Exclusive(caller): Exclusive) -> Changed {
    let invitation = invitation(&caller).await?;
    let token = secret()?;
    let reset = caller
        .change(None, |subject| caller.policy.reset_invitation(subject, invitation, token))?;
    let token = caller.tx.reset_invitation(reset).await?;
    caller.created(invite(&token)).await
}

#[derive(Deserialize)]
pub struct InvitationQuery {
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
    Query(InvitationQuery { token }): Query<InvitationQuery>,
    request: Request,
) -> Result<impl IntoResponse, Failure> {
    let (parts, body) = request.into_parts();
    let activity = Activity::of(&parts);
    let credentials = Credentials::of(&parts, &app)?;
    let caller = Caller::load(&app, &activity, &credentials, Lock::None).await?;
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
            let Body(SignUp { email }) = Body::<SignUp>::from_request(request, &app).await?;
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
