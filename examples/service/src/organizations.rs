//! The caller's own account, and the organization that the session is in.

use axum::Json;
use labelgate::membership::DefaultRoleSet;
use labelgate::{Role, act};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::bodies::SetDefaultRole;
use crate::caller::{Caller, Exclusive};
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

pub async fn get(caller: Caller) -> Answer {
    let here = caller.subject.own_organization();
    let _permit = caller.logged().authorize(act::ViewPeoplePage, here)?;
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

pub async fn set_default_role(Exclusive(caller): Exclusive, new: SetDefaultRole) -> Changed {
    let change = caller.change(None, |policy, by| policy.set_default_role(by, new.default_role))?;
    let DefaultRoleSet { organization, role, was, .. } = change.change();
    let sql = "UPDATE organization_settings SET default_role = $1 \
        WHERE organization_id = $2 AND default_role = $3";
    caller.tx.change(&change, sql, values![role.code(), organization.0, was.code()]).await?;
    let answer = json!({ "organization": organization, "default_role": role });
    caller.changed(answer).await
}
