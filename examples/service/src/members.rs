//! The members of an organization, and the roles that they are given.

use axum::extract::FromRequestParts;
use labelgate::error::UnknownRole;
use labelgate::sets::Roles;
use labelgate::{Role, act};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bodies::{Assign, NewOwner};
use crate::caller::{Caller, Exclusive};
use crate::extract::{self, Id, OrganizationParam, Path};
use crate::pages::{self, PageQuery};
use crate::problem::{Answer, Changed, Failure, bad_request};

#[derive(FromQueryResult)]
struct Listed {
    id: i64,
    organization_id: i64,
    user_id: i64,
    email: String,
    role: String,
    role_source: String,
}

/// A user as the client reads them.
pub fn user(id: i64, email: &str) -> Value {
    json!({ "id": id, "username": email, "email": email })
}

#[derive(Deserialize, FromRequestParts)]
#[from_request(via(extract::Query), rejection(Failure))]
pub struct RoleFilter {
    role: Option<String>,
}

pub async fn list(
    caller: Caller,
    organization: OrganizationParam,
    page: PageQuery,
    RoleFilter { role }: RoleFilter,
) -> Answer {
    let row = caller.organization(&organization)?;
    let permit = caller.logged().authorize(act::ViewPeoplePage, row)?;
    let (size, offset) = page.limits()?;
    let roles = role.map_or(Ok(Roles::all()), |codes| {
        let roles: Result<_, UnknownRole> = codes.split(',').map(str::parse::<Role>).collect();
        roles.map_err(bad_request)
    })?;
    let is_listed = Expr::col(("members", "organization_id"))
        .eq(permit.organization().0)
        .and(Expr::col(("members", "role")).is_in(roles.elements().map(Role::code)));
    let columns = ["id", "organization_id", "user_id", "role", "role_source"];
    let rows = Query::select()
        .columns(columns.map(|column| ("members", column)))
        .column(("users", "email"))
        .from("members")
        .inner_join("users", Expr::col(("users", "id")).equals(("members", "user_id")))
        .and_where(is_listed.clone())
        .order_by(("members", "id"), Order::Asc)
        .limit(size.into())
        .offset(offset.into())
        .to_owned();
    let page = caller.paged(rows, pages::count("members", is_listed), Order::Asc).await?;
    page.answer(|member: &Listed| {
        json!({
            "id": member.id,
            "organization": member.organization_id,
            "user": user(member.user_id, &member.email),
            "role": member.role,
            "role_source": member.role_source,
        })
    })
}

pub async fn assign(
    Exclusive(caller): Exclusive,
    organization: OrganizationParam,
    Assign { user_id, role, .. }: Assign,
) -> Changed {
    caller.organization(&organization)?;
    let found = caller.membership(user_id).await?;
    let target = found.as_ref().map(|found| &found.member);
    let change = caller.change(Some(user_id), |policy, by| policy.assign(by, target, role))?;
    let answer = json!({
        "organization": change.member.organization,
        "user": found.as_ref().map(|found| user(user_id, &found.email)),
        "role": change.member.role,
        "role_source": change.member.source,
    });
    caller.tx.assign(change, &caller.app.database.cleanup).await?;
    caller.changed(answer).await
}

pub async fn remove(
    Exclusive(caller): Exclusive,
    Path((organization, Id(user))): Path<(OrganizationParam, Id)>,
) -> Changed {
    caller.organization(&organization)?;
    let target = caller.target(user).await?;
    let removal = caller.change(Some(user), |policy, by| policy.remove(by, target.as_ref()))?;
    caller.tx.remove(removal, &caller.app.database.cleanup).await?;
    caller.no_content().await
}

/// The Owner hands the organization over. The client has no method for it.
pub async fn transfer(
    Exclusive(caller): Exclusive,
    organization: OrganizationParam,
    NewOwner { user_id }: NewOwner,
) -> Changed {
    caller.organization(&organization)?;
    let heir = caller.target(user_id).await?;
    let transfer = caller.change(Some(user_id), |policy, by| policy.transfer(by, heir.as_ref()))?;
    caller.tx.transfer(transfer, &caller.app.database.cleanup).await?;
    caller.no_content().await
}
