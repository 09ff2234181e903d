//! What an edited override would do, before it is saved: how many members gain or lose the permission, on how many
//! rows, and who and what they are. The client has no methods for it. A body is that of saving the override.

use axum::Json;
use labelgate::impact::{Effect, Impact};
use labelgate::membership::Approved;
use labelgate::overrides::Override;
use labelgate::sql::{Page, Schema};
use labelgate::{Kind, OrganizationId, ProjectId, Role, TaskId, UserId, WorkspaceId};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Order, Query, SelectStatement};
use serde::Serialize;
use serde_json::json;

use crate::bodies::{ImpactQuery, Side};
use crate::caller::Caller;
use crate::columns::Code;
use crate::extract::{Body, Id};
use crate::members::user;
use crate::pages::PageQuery;
use crate::permissions::read;
use crate::problem::{Answer, Result, bad_request};

/// The proof that whoever asks may see it: it takes what saving takes.
pub fn impact(caller: &Caller, edited: Override) -> Result<Approved<Impact<i64>>> {
    let was = read(caller)?;
    let edited = was.with(edited).map_err(bad_request)?;
    caller.change(None, |policy, by| policy.preview_matrix(by, was.matrix(), edited.matrix()))
}

#[derive(Default, FromQueryResult, Serialize)]
pub struct Numbers {
    pub members: i64,
    pub rows: i64,
    pub pairs: i64,
}

impl Numbers {
    pub async fn of(caller: &Caller, effect: &Effect<'_, i64>) -> Result<Self> {
        if effect.roles().is_empty() {
            return Ok(Self::default());
        }
        let query = caller.app.database.schema.count_effect(effect);
        Ok(caller.tx.select(&query).await?.pop().unwrap_or_default())
    }
}

pub async fn numbers(caller: Caller, Body(edited): Body<Override>) -> Answer {
    let impact = impact(&caller, edited)?;
    let (impact, permission) = (impact.change(), edited.permission);
    Ok(Json(json!({
        "permission": permission,
        "kind": permission.kind(),
        "gained": Numbers::of(&caller, &impact.gained(permission)).await?,
        "lost": Numbers::of(&caller, &impact.lost(permission)).await?,
    })))
}

fn effect(side: Side, impact: &Impact<i64>, edited: Override) -> Effect<'_, i64> {
    match side {
        Side::Gained => impact.gained(edited.permission),
        Side::Lost => impact.lost(edited.permission),
    }
}

fn members_on(schema: &Schema, effect: &Effect<'_, i64>, row: i64, page: &Page) -> SelectStatement {
    match effect.kind() {
        Kind::Organization => schema.effect_members_on(effect, &OrganizationId(row), page),
        Kind::Workspace => schema.effect_members_on(effect, &WorkspaceId(row), page),
        Kind::Project => schema.effect_members_on(effect, &ProjectId(row), page),
        Kind::Task | Kind::Record => schema.effect_members_on(effect, &TaskId(row), page),
    }
}

#[derive(FromQueryResult)]
struct MemberRow {
    user_id: i64,
    email: String,
    role: Code<Role>,
    rows: i64,
}

pub async fn members(
    caller: Caller,
    page: PageQuery,
    ImpactQuery { change, after, row, .. }: ImpactQuery,
    Body(edited): Body<Override>,
) -> Answer {
    let impact = impact(&caller, edited)?;
    let effect = effect(change, impact.change(), edited);
    let page = after.into_iter().fold(page.page()?, |page, Id(user)| page.after(user));
    let schema = &caller.app.database.schema;
    let members = match row {
        None => schema.effect_members(&effect, &page),
        Some(Id(row)) => members_on(schema, &effect, row, &page),
    };
    let query = Query::select()
        .column(("listed", Asterisk))
        .column(("users", "email"))
        .from_subquery(members, "listed")
        .inner_join("users", Expr::col(("users", "id")).equals(("listed", "user_id")))
        .order_by(("listed", "user_id"), Order::Asc)
        .to_owned();
    let found: Vec<MemberRow> = caller.tx.select(&query).await?;
    let results = found.into_iter().map(|MemberRow { user_id, email, role, rows }| {
        json!({ "user": user(user_id, &email), "role": role.0, "rows": rows })
    });
    Ok(Json(json!({ "results": results.collect::<Vec<_>>() })))
}

#[derive(FromQueryResult, Serialize)]
struct AffectedRow {
    id: i64,
    members: i64,
}

pub async fn rows(
    caller: Caller,
    page: PageQuery,
    ImpactQuery { change, after, user, .. }: ImpactQuery,
    Body(edited): Body<Override>,
) -> Answer {
    let impact = impact(&caller, edited)?;
    let effect = effect(change, impact.change(), edited);
    let page = after.into_iter().fold(page.page()?, |page, Id(row)| page.after(row));
    let schema = &caller.app.database.schema;
    let query = match user {
        None => schema.effect_rows(&effect, &page),
        Some(Id(user)) => schema.effect_rows_of(&effect, &UserId(user), &page),
    };
    let found: Vec<AffectedRow> = caller.tx.select(&query).await?;
    Ok(Json(json!({ "results": found })))
}
