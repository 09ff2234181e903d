//! The caller's own account, and the organization that the session is in.

use axum::Json;
use labelgate::{Role, act};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::bodies::SetDefaultRole;
use crate::caller::{Caller, Exclusive};
use crate::extract::OrganizationParam;
use crate::problem::{Answer, Changed, Result, forbidden, not_found};
use crate::transaction::values;

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

fn is_not_deactivated(caller: &Caller) -> Result<()> {
    match caller.subject.role() {
        Role::Deactivated => Err(forbidden("deactivated")),
        _ => Ok(()),
    }
}

/// A session is in one organization, so this is a list of one; of none where the caller has no role yet.
pub async fn list(caller: Caller) -> Answer {
    is_not_deactivated(&caller)?;
    if !caller.subject.role().is_active() {
        return Ok(Json(json!([])));
    }
    let Organization { id, title } = own(&caller).await?;
    Ok(Json(json!([{ "id": id, "title": title }])))
}

pub async fn get(caller: Caller, organization: OrganizationParam) -> Answer {
    let row = caller.organization(&organization)?;
    let _permit = caller.logged().authorize(act::ViewPeoplePage, row)?;
    let Organization { id, title } = own(&caller).await?;
    Ok(Json(json!({ "id": id, "title": title, "billing": {} })))
}

#[derive(FromQueryResult)]
struct Organization {
    id: i64,
    title: String,
}

async fn own(caller: &Caller) -> Result<Organization> {
    let sql = "SELECT id, title FROM organizations WHERE id = $1";
    let found = caller.tx.one(sql, values![caller.subject.organization().0]).await?;
    found.ok_or_else(not_found)
}

pub async fn set_default_role(
    Exclusive(caller): Exclusive,
    organization: OrganizationParam,
    SetDefaultRole { default_role, .. }: SetDefaultRole,
) -> Changed {
    caller.organization(&organization)?;
    let change = caller.change(None, |policy, by| policy.set_default_role(by, default_role))?;
    let answer = json!({ "organization": change.organization, "default_role": change.role });
    caller.tx.set_default_role(change).await?;
    caller.changed(answer).await
}
