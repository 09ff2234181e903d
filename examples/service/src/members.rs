//! The members of an organization, and the roles that they are given.

use axum::Json;
use labelgate::error::UnknownRole;
use labelgate::membership::{Assignment, Member, Transfer};
use labelgate::sets::Roles;
use labelgate::sql::EndsMemberData;
use labelgate::{Role, act};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use serde_json::{Value, json};

use crate::bodies::{Assign, NewOwner, RoleFilter, SearchQuery};
use crate::caller::{Caller, Exclusive};
use crate::extract::{Id, Path};
use crate::filters::contains;
use crate::pages::PageQuery;
use crate::problem::{Answer, Changed, Result, bad_request, not_found};
use crate::store::Proof;
use crate::transaction::values;

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

pub async fn list(caller: Caller, page: PageQuery, RoleFilter { role }: RoleFilter) -> Answer {
    matching(&caller, page, role, "").await
}

/// The members with a text in the e-mail address. The client documents no format of its `filters`.
pub async fn search(caller: Caller, page: PageQuery, query: SearchQuery) -> Answer {
    let SearchQuery { role, search, filters } = query;
    if filters.is_some() {
        return Err(bad_request("`role` and `search` are what members are found by"));
    }
    matching(&caller, page, role, &search).await
}

async fn matching(caller: &Caller, page: PageQuery, role: Option<String>, search: &str) -> Answer {
    let here = caller.subject.own_organization();
    let permit = caller.logged().authorize(act::ViewPeoplePage, here)?;
    let roles = role.map_or(Ok(Roles::all()), |codes| {
        let roles: Result<_, UnknownRole> = codes.split(',').map(str::parse::<Role>).collect();
        roles.map_err(bad_request)
    })?;
    let is_listed = Expr::col(("members", "organization_id"))
        .eq(permit.organization().0)
        .and(Expr::col(("members", "role")).is_in(roles.elements().map(Role::code)));
    let is_listed = match search {
        "" => is_listed,
        text => {
            let email = Expr::col(("users", "email"));
            let found = Query::select()
                .column("id")
                .from("users")
                .and_where(contains(caller.app.database.schema.dialect, email, text)?)
                .to_owned();
            is_listed.and(Expr::col(("members", "user_id")).in_subquery(found))
        }
    };
    let page = caller.page_with_users("members", is_listed, Order::Asc, &page).await?;
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

pub async fn get(caller: Caller, Path((_, Id(user))): Path<(String, Id)>) -> Answer {
    let here = caller.subject.own_organization();
    let _permit = caller.logged().authorize(act::ViewPeoplePage, here)?;
    let Member { organization, user, role, source } =
        caller.target(user).await?.ok_or_else(not_found)?;
    Ok(Json(json!({
        "organization": organization, "user": user, "role": role, "role_source": source,
    })))
}

pub async fn assign(Exclusive(caller): Exclusive, Assign { user_id, role, .. }: Assign) -> Changed {
    let found = caller.membership(user_id).await?;
    let target = found.as_ref().map(|found| &found.member);
    let change = caller.change(Some(user_id), |policy, by| policy.assign(by, target, role))?;
    clean_up(&caller, &change).await?;
    set_role(&caller, &change, change.change()).await?;
    let Member { organization, role, source, .. } = change.change().member;
    let user = found.map(|found| user(user_id, &found.email));
    let answer = json!({
        "organization": organization, "user": user, "role": role, "role_source": source,
    });
    caller.changed(answer).await
}

/// The Owner hands the organization over. The client has no method for it.
pub async fn transfer(Exclusive(caller): Exclusive, NewOwner { user_id }: NewOwner) -> Changed {
    let heir = caller.target(user_id).await?;
    let transfer = caller.change(Some(user_id), |policy, by| policy.transfer(by, heir.as_ref()))?;
    clean_up(&caller, &transfer).await?;
    let Transfer { former, heir, .. } = transfer.change();
    set_role(&caller, &transfer, former).await?; // first: there are never two owners
    set_role(&caller, &transfer, heir).await?;
    caller.no_content().await
}

pub async fn remove(
    Exclusive(caller): Exclusive,
    Path((_, Id(user))): Path<(String, Id)>,
) -> Changed {
    let target = caller.target(user).await?;
    let removal = caller.change(Some(user), |policy, by| policy.remove(by, target.as_ref()))?;
    clean_up(&caller, &removal).await?;
    let Member { organization, user, role, .. } = removal.change().member;
    let sql = "DELETE FROM members WHERE organization_id = $1 AND user_id = $2 AND role = $3";
    caller.tx.change(&removal, sql, values![organization.0, user.0, role.code()]).await?;
    caller.no_content().await
}

async fn set_role(caller: &Caller, proof: &impl Proof, change: &Assignment<i64>) -> Result<()> {
    let Assignment { member, was, .. } = change;
    let sql = "UPDATE members SET role = $1, role_source = $2 \
        WHERE organization_id = $3 AND user_id = $4 AND role = $5";
    let (role, source) = (member.role.code(), member.source.code());
    let (organization, user) = (member.organization.0, member.user.0);
    caller.tx.change(proof, sql, values![role, source, organization, user, was.code()]).await
}

/// What goes with a role, the proof says.
async fn clean_up(caller: &Caller, change: &impl EndsMemberData<i64, i64>) -> Result<()> {
    caller.tx.run_as("labelgate_jobs").await?; // policies refuse to take a creator away
    for (sql, values) in caller.app.database.cleanup.statements(change) {
        caller.tx.execute(&sql, values).await?;
    }
    caller.tx.run_as("labelgate_service").await
}
