//! The invitation link of an organization, and signing up through it.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use labelgate::log::LogEntry;
use labelgate::membership::{
    Applicant, Approved, Invitation, InvitationReset, MembershipPolicy, Refused,
};
use labelgate::wire::Invite;
use labelgate::{OrganizationId, UserId};
use sea_orm::FromQueryResult;
use serde_json::{Value, json};

use crate::App;
use crate::activity::Activity;
use crate::bodies::{Emails, InvitationQuery, NewInvitations, Revoked, SignUp};
use crate::caller::{Caller, Exclusive};
use crate::columns::Code;
use crate::credentials::{Credentials, hash, secret, sign_in};
use crate::database::Database;
use crate::problem::{Answer, Changed, Result, bad_request, conflict, internal, not_found};
use crate::transaction::{Lock, values};

#[derive(FromQueryResult)]
struct Invited {
    organization_id: i64,
    default_role: Code<labelgate::Role>,
    invitation: String,
}

impl Invited {
    fn invitation(self) -> Result<Invitation<i64, String>> {
        Invitation::new(OrganizationId(self.organization_id), self.invitation).map_err(internal)
    }
}

const INVITED: &str =
    "SELECT organization_id, default_role, invitation FROM organization_settings WHERE";

fn invite(token: &str) -> Value {
    json!(Invite { token, invite_url: &*sign_up_path(token) })
}

fn sign_up_path(token: &str) -> String {
    format!("/user/signup?token={token}")
}

async fn invitation(caller: &Caller) -> Result<Invitation<i64, String>> {
    let sql = format!("{INVITED} organization_id = $1");
    let organization = caller.subject.organization().0;
    let found: Option<Invited> = caller.tx.one(&sql, values![organization]).await?;
    found.ok_or_else(not_found)?.invitation()
}

/// With the link somebody could come back who is no longer an administrator: nobody is demoted meanwhile.
pub async fn read(Exclusive(caller): Exclusive) -> Answer {
    let invitation = invitation(&caller).await?;
    let read = caller.change(None, |policy, by| policy.read_invitation(by, &invitation))?;
    Ok(Json(invite(read.change().token)))
}

pub async fn reset(Exclusive(caller): Exclusive) -> Changed {
    let answer = invite(replace(&caller).await?.change().token.as_str());
    caller.created(answer).await
}

/// An organization has one link: what was sent to whomever by it is revoked together. What was not sent yet is
/// sent with the new link, but to this address.
pub async fn revoke(Exclusive(caller): Exclusive, Revoked { email }: Revoked) -> Changed {
    let reset = replace(&caller).await?;
    let sql = "DELETE FROM outbox WHERE organization_id = $1 AND email = $2";
    let values = values![caller.subject.organization().0, email.as_str()];
    caller.tx.write(&reset, sql, values).await?;
    caller.no_content().await
}

/// Puts the link into the outbox, for each of the addresses: whoever may read it may hand it out. It gives the
/// default role, and nothing else.
pub async fn send(Exclusive(caller): Exclusive, new: NewInvitations) -> Changed {
    let NewInvitations { emails: Emails(emails), role, projects, workspaces, .. } = new;
    let invitation = invitation(&caller).await?;
    let read = caller.change(None, |policy, by| policy.read_invitation(by, &invitation))?;
    let gives = caller.policy.default_role();
    if role.is_some_and(|role| role != gives) {
        return Err(conflict(format!(
            "the link gives the default role, which is {}",
            gives.code()
        )));
    }
    if !projects.is_empty() || !workspaces.is_empty() {
        return Err(bad_request("the link puts nobody into projects or workspaces"));
    }
    for email in &emails {
        let sql =
            "INSERT INTO outbox (organization_id, email) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let values = values![caller.subject.organization().0, email.as_str()];
        caller.tx.write(&read, sql, values).await?;
    }
    caller.no_content().await
}

#[derive(FromQueryResult)]
struct Mail {
    email: String,
    invitation: String,
}

/// Hands what is in the outbox to a mailer, with the link as it is now. If that fails, all of it stays there.
pub async fn send_mails(
    database: &Database,
    mut send: impl FnMut(&str, &str) -> std::io::Result<()>,
) -> Result<()> {
    let tx = database.begin().await?;
    let sql = "DELETE FROM outbox RETURNING email, (SELECT o.invitation FROM organization_settings o \
        WHERE o.organization_id = outbox.organization_id) AS invitation";
    let mails: Vec<Mail> = tx.all(sql, []).await?;
    for Mail { email, invitation } in &mails {
        send(email, &sign_up_path(invitation)).map_err(internal)?;
    }
    tx.commit().await
}

async fn replace(caller: &Caller) -> Result<Approved<InvitationReset<i64, String>>> {
    let (invitation, token) = (invitation(caller).await?, secret()?);
    let reset = caller.change(None, |policy, by| policy.reset_invitation(by, invitation, token))?;
    let InvitationReset { organization, token, was, .. } = reset.change();
    let sql = "UPDATE organization_settings SET invitation = $1, invitation_hash = $2 \
        WHERE organization_id = $3 AND invitation = $4";
    let values = values![token.as_str(), hash(token), organization.0, was.as_str()];
    caller.tx.change(&reset, sql, values).await?;
    Ok(reset)
}

/// A membership for the account of the session, or for a new account where there is none.
pub async fn sign_up(
    State(app): State<App>,
    InvitationQuery { token }: InvitationQuery,
    request: Request,
) -> Result<impl IntoResponse> {
    let (mut parts, body) = request.into_parts();
    let credentials = Credentials::of(&parts, &app)?;
    let (tx, subject) = match Caller::load(&app, &mut parts, Lock::None).await? {
        Some(caller) => (caller.tx, Some(caller.subject)),
        None => (app.database.begin().await?, None),
    };
    // Found by its hash, and compared in constant time by the policy.
    let sql = format!("{INVITED} invitation_hash = $1{}", tx.locking(Lock::Exclusive));
    let found: Option<Invited> = tx.one(&sql, values![hash(&token)]).await?;
    let found = found.ok_or_else(not_found)?;
    if let Some(credentials) = credentials {
        credentials.still_hold(&tx).await?;
    }
    let organization = OrganizationId(found.organization_id);
    let policy = MembershipPolicy::new(organization).with_default_role(found.default_role.0);
    let (policy, invitation) = (policy.map_err(internal)?, found.invitation()?);

    let activity = Activity::of(&mut parts);
    let (by, user) = match &subject {
        Some(subject) => (Applicant::Subject(subject), *subject.user()),
        None => {
            let request = Request::from_parts(parts, body);
            let SignUp { email } = SignUp::from_request(request, &app).await?;
            let sql = "INSERT INTO users (email) VALUES ($1)";
            let user = UserId(tx.insert_unchecked(sql, values![email.as_str()]).await?);
            (Applicant::Anonymous(user), user)
        }
    };
    let joined = tx.membership(organization, user).await?.map(|joined| joined.member);
    let decided = policy.sign_up(by, Some(&invitation), token, joined.as_ref());
    activity.asked_by(organization, user);
    let audit = decided.as_ref().map_or_else(Refused::audit, Approved::audit);
    activity.keep(&LogEntry::change(&organization, &user, audit))?;
    let sign_up = decided?;
    let member = &sign_up.change().member;
    let sql = "INSERT INTO members (organization_id, user_id, role, role_source) \
        VALUES ($1, $2, $3, $4)";
    let (role, source) = (member.role.code(), member.source.code());
    tx.change(&sign_up, sql, values![organization.0, user.0, role, source]).await?;
    let session = sign_in(&tx, member, false).await?;
    activity.write(&tx, StatusCode::CREATED).await?;
    tx.commit().await?;
    let cookie = format!("sessionid={session}; Path=/; HttpOnly; SameSite=Lax");
    let answer = json!({ "id": user, "organization": organization, "role": role });
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(answer)))
}
