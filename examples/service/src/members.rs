//! The members of an organization, and the roles that they are given.

use axum::Json;
use labelgate::error::UnknownRole;
use labelgate::sets::Roles;
use labelgate::{Role, act};
use sea_orm::FromQueryResult;
use serde::Deserialize;
use serde_json::json;

use crate::bodies::{Assign, NewOwner};
use crate::caller::{Caller, Exclusive};
use crate::database::values;
use crate::extract::{Body, Id, OrganizationParam, Path, Query};
use crate::pages::PageQuery;
use crate::problem::{Answer, Changed, bad_request};

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
pub struct RoleFilter {
    role: Option<String>,
}

pub async fn list(
    caller: Caller,
    Path(id): Path<OrganizationParam>,
    Query(at): Query<PageQuery>,
    Query(RoleFilter { role }): Query<RoleFilter>,
) -> Answer {
    let permit = caller.logged().authorize(act::ViewPeoplePage, caller.organization(&id)?)?;
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

pub async fn assign(
    Exclusive(caller): Exclusive,
    Path(id): Path<OrganizationParam>,
    Body(body): Body<Assign>,
) -> Changed {
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
    caller.changed(answer).await
}

pub async fn remove(
    Exclusive(caller): Exclusive,
    Path((id, Id(user))): Path<(OrganizationParam, Id)>,
) -> Changed {
    caller.organization(&id)?;
    let (target, _) = caller.target(user).await?.unzip();
    let removal =
        caller.change(Some(user), |subject| caller.policy.remove(subject, target.as_ref()))?;
    caller.tx.remove(removal, &caller.app.database.cleanup).await?;
    caller.no_content().await
}

/// The Owner hands the organization over. The client has no method for it.
pub async fn transfer(
    Exclusive(caller): Exclusive,
    Path(id): Path<OrganizationParam>,
    Body(body): Body<NewOwner>,
) -> Changed {
    caller.organization(&id)?;
    let (heir, _) = caller.target(body.user_id).await?.unzip();
    let transfer = caller
        .change(Some(body.user_id), |subject| caller.policy.transfer(subject, heir.as_ref()))?;
    caller.tx.transfer(transfer, &caller.app.database.cleanup).await?;
    caller.no_content().await
}
