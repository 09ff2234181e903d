//! What the Owner changed in the matrix of the organization: overrides, one for each permission.

use axum::Json;
use axum::extract::FromRequestParts;
use labelgate::Action;
use labelgate::membership::OverridesSet;
use labelgate::overrides::{Override, Overrides};
use labelgate::sets::Roles;
use labelgate::wire::{Permission, PermissionOptions};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bodies::ChangedPermission;
use crate::caller::{Caller, Exclusive};
use crate::extract::{self, Body};
use crate::problem::{Answer, Changed, Failure, Result, bad_request, conflict, not_found};
use crate::transaction::values;

#[derive(Deserialize, FromRequestParts)]
#[from_request(via(extract::Path), rejection(Failure))]
pub struct Key {
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

pub fn read(caller: &Caller) -> Result<Overrides> {
    let read = caller.change(None, |policy, by| policy.read_overrides(by, caller.overrides))?;
    Ok(read.change().overrides)
}

fn find(set: &Overrides, Key { key }: &Key) -> Result<Override> {
    let permission: Action = key.parse().map_err(|_| not_found())?;
    let roles = set.get(permission).ok_or_else(not_found)?;
    Ok(Override { permission, roles })
}

async fn write(caller: &Caller, set: Overrides) -> Result<()> {
    let change =
        caller.change(None, |policy, by| policy.set_overrides(by, caller.overrides, set))?;
    let OverridesSet { organization, overrides, was, .. } = change.change();
    let sql = "UPDATE organization_settings SET overrides = $1 \
        WHERE organization_id = $2 AND overrides = $3";
    let [overrides, was] = [overrides, was].map(|set| json!(set).to_string());
    caller.tx.change(&change, sql, values![overrides, organization.0, was]).await
}

pub async fn list(caller: Caller) -> Answer {
    let set = read(&caller)?;
    Ok(Json(set.iter().map(|one| to_json(&caller, one)).collect()))
}

pub async fn options(caller: Caller) -> Answer {
    read(&caller)?;
    let options = Action::ALL.map(|permission| PermissionOptions {
        permission,
        default: Overrides::default_roles(permission),
        options: Overrides::options(permission),
    });
    Ok(Json(options.into_iter().map(|one| json!(one)).collect()))
}

pub async fn get(caller: Caller, key: Key) -> Answer {
    let set = read(&caller)?;
    Ok(Json(to_json(&caller, find(&set, &key)?)))
}

pub async fn create(Exclusive(caller): Exclusive, Body(one): Body<Override>) -> Changed {
    let set = read(&caller)?;
    if set.get(one.permission).is_some() {
        return Err(conflict("it is overridden already"));
    }
    write(&caller, set.with(one).map_err(bad_request)?).await?;
    let answer = to_json(&caller, one);
    caller.created(answer).await
}

pub async fn replace(caller: Exclusive, key: Key, Body(one): Body<Override>) -> Changed {
    if one.permission.key() != key.key {
        return Err(bad_request("another permission than that of the path"));
    }
    set_roles(caller, key, one.roles).await
}

pub async fn update(caller: Exclusive, key: Key, changed: ChangedPermission) -> Changed {
    set_roles(caller, key, changed.roles).await
}

async fn set_roles(Exclusive(caller): Exclusive, key: Key, roles: Roles) -> Changed {
    let set = read(&caller)?;
    let one = Override { roles, ..find(&set, &key)? };
    write(&caller, set.with(one).map_err(bad_request)?).await?;
    let answer = to_json(&caller, one);
    caller.changed(answer).await
}

pub async fn delete(Exclusive(caller): Exclusive, key: Key) -> Changed {
    let set = read(&caller)?;
    let without = set.without(find(&set, &key)?.permission);
    write(&caller, without.map_err(conflict)?).await?;
    caller.no_content().await
}
