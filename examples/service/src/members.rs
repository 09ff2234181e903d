//! The members of an organization, and the roles that they are given.

use axum::Json;
use labelgate::error::UnknownRole;
use labelgate::membership::{Assignment, Member, Transfer};
use labelgate::sets::Roles;
use labelgate::sql::EndsMemberData;
use labelgate::{Role, act};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait};
use serde_json::{Value, json};

use crate::bodies::{
    Assign, FilterVersion, FiltersQuery, MemberFilters, MemberSearch, MembershipsQuery, NewOwner,
};
use crate::caller::{Caller, Exclusive};
use crate::extract::{Id, Path, parse_json};
use crate::filters::{Ordering, email_contains};
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

pub async fn list(caller: Caller, page: PageQuery, query: MembershipsQuery) -> Answer {
    let all = MemberFilters { _version: FilterVersion, role: Roles::all(), search: None };
    matching(&caller, &page, query, all).await
}

/// The members that meet `filters`, in the format of [`filter_schema`], besides the parameters of the list.
pub async fn list_filtered(
    caller: Caller,
    page: PageQuery,
    query: MembershipsQuery,
    FiltersQuery { filters }: FiltersQuery,
) -> Answer {
    let Some(text) = filters else { return list(caller, page, query).await };
    matching(&caller, &page, query, parse_json(text.as_bytes(), '{')?).await
}

/// The same, with the filters in the body.
pub async fn search(
    caller: Caller,
    page: PageQuery,
    query: MembershipsQuery,
    MemberSearch { filters }: MemberSearch,
) -> Answer {
    matching(&caller, &page, query, filters).await
}

/// The format of the filters of members. The client documents none of its own.
pub async fn filter_schema(caller: Caller) -> Answer {
    let here = caller.subject.own_organization();
    let _permit = caller.logged().authorize(act::ViewPeoplePage, here)?;
    Ok(Json(json!({
        "version": FilterVersion::NUMBER,
        "filters": [
            { "name": "role", "type": "list", "options": Roles::all() },
            { "name": "search", "type": "string" },
        ],
    })))
}

async fn matching(
    caller: &Caller,
    page: &PageQuery,
    query: MembershipsQuery,
    filters: MemberFilters,
) -> Answer {
    let here = caller.subject.own_organization();
    let permit = caller.logged().authorize(act::ViewPeoplePage, here)?;
    let MembershipsQuery { ordering, role, search } = query;
    let ordering = Ordering::of_users(ordering.as_deref(), &["id", "role"])?;
    let roles = role.map_or(Ok(Roles::all()), |codes| {
        let roles: Result<_, UnknownRole> = codes.split(',').map(str::parse::<Role>).collect();
        roles.map_err(bad_request)
    })?;
    let roles = roles & filters.role;
    let mut is_listed = Expr::col(("members", "organization_id"))
        .eq(permit.organization().0)
        .and(Expr::col(("members", "role")).is_in(roles.elements().map(Role::code)));
    for text in search.iter().chain(&filters.search) {
        let is_found = email_contains(caller.app.database.schema.dialect, text)?;
        is_listed = is_listed.and(is_found);
    }
    let page = caller.page_with_users("members", is_listed, ordering, page).await?;
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
