//! The caller's own account, and the organization that the session is in.

use axum::Json;
use labelgate::{Role, act};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::bodies::SetDefaultRole;
use crate::caller::{Caller, Exclusive};
use crate::database::values;
use crate::extract::{Body, OrganizationParam, Path};
use crate::problem::{Answer, Changed, Failure, forbidden, not_found};

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

pub async fn get(caller: Caller, Path(id): Path<OrganizationParam>) -> Answer {
    let _permit = caller.logged().authorize(act::ViewPeoplePage, caller.organization(&id)?)?;
    let found = organization(&caller).await?;
    Ok(Json(json!({ "id": found.id, "title": found.title, "billing": {} })))
}

pub async fn set_default_role(
    Exclusive(caller): Exclusive,
    Path(id): Path<OrganizationParam>,
    Body(body): Body<SetDefaultRole>,
) -> Changed {
    caller.organization(&id)?;
    let change = caller
        .change(None, |subject| caller.policy.set_default_role(subject, body.default_role))?;
    let answer = json!({ "organization": change.organization, "default_role": change.role });
    caller.tx.set_default_role(change).await?;
    caller.changed(answer).await
}
