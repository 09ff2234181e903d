//! What the Owner changed in the matrix of the organization: overrides, one for each permission.

use axum::Json;
use axum::extract::FromRequestParts;
use labelgate::Action;
use labelgate::overrides::{InvalidOverrides, Override, Overrides};
use labelgate::wire::{Permission, PermissionOptions};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bodies::ChangedPermission;
use crate::caller::{Caller, Exclusive};
use crate::extract::{self, Body, OrganizationParam};
use crate::problem::{Answer, Changed, Failure, Result, bad_request, conflict, not_found};

#[derive(Deserialize, FromRequestParts)]
#[from_request(via(extract::Path), rejection(Failure))]
pub struct PermissionPath {
    id: OrganizationParam,
    key: String,
}

fn to_json(caller: &Caller, one: Override) -> Value {
    json!(Permission {
        id: one.permission as i64 + 1, // its row in the matrix
        organization: *caller.subject.organization(),
        permission: one.permission,
        roles: one.roles,
        default: Overrides::default_roles(one.permission),
        options: Overrides::options(one.permission),
    })
}

fn read(caller: &Caller, organization: &OrganizationParam) -> Result<Overrides> {
    caller.organization(organization)?;
    let read = caller.change(None, |policy, by| policy.read_overrides(by, caller.overrides))?;
    Ok(read.overrides)
}

fn find(set: &Overrides, key: &str) -> Result<Override> {
    let permission: Action = key.parse().map_err(|_| not_found())?;
    let roles = set.get(permission).ok_or_else(not_found)?;
    Ok(Override { permission, roles })
}

async fn write(
    caller: &Caller,
    set: Result<Overrides, InvalidOverrides>,
    invalid: fn(InvalidOverrides) -> Failure,
) -> Result<()> {
    let set = set.map_err(invalid)?;
    let change =
        caller.change(None, |policy, by| policy.set_overrides(by, caller.overrides, set))?;
    caller.tx.set_overrides(change).await
}

pub async fn list(caller: Caller, organization: OrganizationParam) -> Answer {
    let set = read(&caller, &organization)?;
    Ok(Json(set.iter().map(|one| to_json(&caller, one)).collect()))
}

pub async fn options(caller: Caller, organization: OrganizationParam) -> Answer {
    read(&caller, &organization)?;
    let options = Action::ALL.map(|permission| PermissionOptions {
        permission,
        default: Overrides::default_roles(permission),
        options: Overrides::options(permission),
    });
    Ok(Json(options.into_iter().map(|one| json!(one)).collect()))
}

pub async fn get(caller: Caller, path: PermissionPath) -> Answer {
    let set = read(&caller, &path.id)?;
    Ok(Json(to_json(&caller, find(&set, &path.key)?)))
}

pub async fn create(
    Exclusive(caller): Exclusive,
    organization: OrganizationParam,
    Body(one): Body<Override>,
) -> Changed {
    let set = read(&caller, &organization)?;
    if set.get(one.permission).is_some() {
        return Err(conflict("it is overridden already"));
    }
    write(&caller, set.with(one), bad_request).await?;
    let answer = to_json(&caller, one);
    caller.created(answer).await
}

pub async fn replace(
    caller: Exclusive,
    path: PermissionPath,
    Body(Override { permission, roles }): Body<Override>,
) -> Changed {
    if permission.key() != path.key {
        return Err(bad_request("another permission than that of the path"));
    }
    update(caller, path, ChangedPermission::to(roles)).await
}

pub async fn update(
    Exclusive(caller): Exclusive,
    path: PermissionPath,
    changed: ChangedPermission,
) -> Changed {
    let set = read(&caller, &path.id)?;
    let one = Override { roles: changed.roles, ..find(&set, &path.key)? };
    write(&caller, set.with(one), bad_request).await?;
    let answer = to_json(&caller, one);
    caller.changed(answer).await
}

pub async fn delete(Exclusive(caller): Exclusive, path: PermissionPath) -> Changed {
    let set = read(&caller, &path.id)?;
    let without = set.without(find(&set, &path.key)?.permission);
    write(&caller, without, conflict).await?;
    caller.no_content().await
}
