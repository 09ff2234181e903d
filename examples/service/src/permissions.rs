//! What the Owner changed in the matrix: overrides.

use axum::Json;
use labelgate::Action;
use labelgate::overrides::{InvalidOverrides, Override, Overrides};
use labelgate::wire::{Permission, PermissionOptions};
use serde_json::{Value, json};

use crate::bodies::ChangedPermission;
use crate::caller::{Caller, Exclusive};
use crate::extract::{Body, OrganizationParam, Path};
use crate::problem::{Answer, Changed, Failure, bad_request, conflict, not_found};

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
fn overrides(caller: &Caller, id: &OrganizationParam) -> Result<Overrides, Failure> {
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

pub async fn list(caller: Caller, Path(id): Path<OrganizationParam>) -> Answer {
    let set = overrides(&caller, &id)?;
    Ok(Json(set.iter().map(|one| permission(&caller, one)).collect()))
}

pub async fn options(caller: Caller, Path(id): Path<OrganizationParam>) -> Answer {
    overrides(&caller, &id)?;
    let options = Action::ALL.into_iter().map(|permission| PermissionOptions {
        permission,
        default: Overrides::default_roles(permission),
        options: Overrides::options(permission),
    });
    Ok(Json(json!(options.collect::<Vec<_>>())))
}

pub async fn get(caller: Caller, Path((id, key)): Path<(OrganizationParam, String)>) -> Answer {
    let set = overrides(&caller, &id)?;
    Ok(Json(permission(&caller, overridden(&set, &key)?)))
}

pub async fn create(
    Exclusive(caller): Exclusive,
    Path(id): Path<OrganizationParam>,
    Body(one): Body<Override>,
) -> Changed {
    let set = overrides(&caller, &id)?;
    if set.get(one.permission).is_some() {
        return Err(conflict("it is overridden already"));
    }
    set_overrides(&caller, set.with(one), bad_request).await?;
    let answer = permission(&caller, one);
    caller.created(answer).await
}

pub async fn replace(
    caller: Exclusive,
    Path((id, key)): Path<(OrganizationParam, String)>,
    Body(one): Body<Override>,
) -> Changed {
    if one.permission.key() != key {
        return Err(bad_request("another permission than that of the path"));
    }
    update(caller, Path((id, key)), Body(ChangedPermission::to(one.roles))).await
}

pub async fn update(
    Exclusive(caller): Exclusive,
    Path((id, key)): Path<(OrganizationParam, String)>,
    Body(changed): Body<ChangedPermission>,
) -> Changed {
    let set = overrides(&caller, &id)?;
    let one = Override { roles: changed.roles, ..overridden(&set, &key)? };
    set_overrides(&caller, set.with(one), bad_request).await?;
    let answer = permission(&caller, one);
    caller.changed(answer).await
}

pub async fn delete(
    Exclusive(caller): Exclusive,
    Path((id, key)): Path<(OrganizationParam, String)>,
) -> Changed {
    let set = overrides(&caller, &id)?;
    let without = set.without(overridden(&set, &key)?.permission);
    set_overrides(&caller, without, |refused| conflict(&refused)).await?;
    caller.no_content().await
}
