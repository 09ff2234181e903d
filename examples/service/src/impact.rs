//! What an edited override would do, before it is saved: how many members gain or lose the permission, on how many
//! rows, and who and what they are. The client has no methods for it. A body is that of saving the override.

use axum::Json;
use labelgate::impact::{Effect, Impact};
use labelgate::overrides::Override;
use labelgate::sql::Page;
use labelgate::{Kind, OrganizationId, ProjectId, TaskId, UserId, WorkspaceId};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Order, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bodies::{Body, Id, Named, Of, With};
use crate::caller::{Caller, Numbered};
use crate::organizations::overrides;
use crate::problem::{Answer, Failure, bad_request};

impl Caller {
    /// The proof that whoever asks may see it: it takes what saving takes.
    fn impact(&self, id: &Named, edited: Override) -> Result<Impact<i64>, Failure> {
        let was = overrides(self, id)?;
        let edited = was.with(edited).map_err(bad_request)?;
        let (before, after) = (was.matrix(), edited.matrix());
        self.change(None, |subject| self.policy.preview_matrix(subject, before, after))
    }
}

#[derive(FromQueryResult)]
struct Numbers {
    members: i64,
    rows: i64,
    pairs: i64,
}

impl Numbers {
    async fn of(caller: &Caller, effect: &Effect<'_, i64>) -> Result<Value, Failure> {
        let none = Self { members: 0, rows: 0, pairs: 0 };
        let counted = match effect.roles().is_empty() {
            true => None,
            false => {
                caller.tx.select(&caller.app.database.schema.count_effect(effect)).await?.pop()
            }
        };
        let Self { members, rows, pairs } = counted.unwrap_or(none);
        Ok(json!({ "members": members, "rows": rows, "pairs": pairs }))
    }
}

pub async fn impact(caller: Caller, Of(id): Of<Named>, Body(edited): Body<Override>) -> Answer {
    let impact = caller.impact(&id, edited)?;
    let action = edited.permission;
    Ok(Json(json!({
        "permission": action,
        "kind": action.kind(),
        "gained": Numbers::of(&caller, &impact.gained(action)).await?,
        "lost": Numbers::of(&caller, &impact.lost(action)).await?,
    })))
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Gained,
    Lost,
}

#[derive(Deserialize)]
pub struct Listed {
    change: Side,
    /// The last of the page before.
    after: Option<Id>,
    /// The row whose members are listed.
    row: Option<Id>,
    /// The member whose rows are listed.
    user: Option<Id>,
}

impl Listed {
    fn effect<'a>(&self, impact: &'a Impact<i64>, edited: &Override) -> Effect<'a, i64> {
        match self.change {
            Side::Gained => impact.gained(edited.permission),
            Side::Lost => impact.lost(edited.permission),
        }
    }

    fn page(&self, at: Numbered) -> Result<Page, Failure> {
        let (size, offset) = at.limits()?;
        let page = Page::of(size).offset(offset);
        Ok(match self.after {
            Some(Id(after)) => page.after(after),
            None => page,
        })
    }
}

#[derive(FromQueryResult)]
struct Member {
    user_id: i64,
    email: String,
    role: String,
    rows: i64,
}

pub async fn members(
    caller: Caller,
    Of(id): Of<Named>,
    With(at): With<Numbered>,
    With(listed): With<Listed>,
    Body(edited): Body<Override>,
) -> Answer {
    let impact = caller.impact(&id, edited)?;
    let (effect, page) = (listed.effect(&impact, &edited), listed.page(at)?);
    let schema = &caller.app.database.schema;
    let members = match (listed.row, effect.kind()) {
        (None, _) => schema.effect_members(&effect, &page),
        (Some(Id(id)), Kind::Organization) => {
            schema.effect_members_on(&effect, &OrganizationId(id), &page)
        }
        (Some(Id(id)), Kind::Workspace) => {
            schema.effect_members_on(&effect, &WorkspaceId(id), &page)
        }
        (Some(Id(id)), Kind::Project) => schema.effect_members_on(&effect, &ProjectId(id), &page),
        (Some(Id(id)), Kind::Task | Kind::Record) => {
            schema.effect_members_on(&effect, &TaskId(id), &page)
        }
    };
    let query = Query::select()
        .column(("listed", Asterisk))
        .column(("users", "email"))
        .from_subquery(members, "listed")
        .inner_join("users", Expr::col(("users", "id")).equals(("listed", "user_id")))
        .order_by(("listed", "user_id"), Order::Asc)
        .to_owned();
    let found: Vec<Member> = caller.tx.select(&query).await?;
    let results = found.into_iter().map(|Member { user_id, email, role, rows }| {
        let user = json!({ "id": user_id, "username": email, "email": email });
        json!({ "user": user, "role": role, "rows": rows })
    });
    Ok(Json(json!({ "results": results.collect::<Vec<_>>() })))
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    members: i64,
}

pub async fn rows(
    caller: Caller,
    Of(id): Of<Named>,
    With(at): With<Numbered>,
    With(listed): With<Listed>,
    Body(edited): Body<Override>,
) -> Answer {
    let impact = caller.impact(&id, edited)?;
    let (effect, page) = (listed.effect(&impact, &edited), listed.page(at)?);
    let schema = &caller.app.database.schema;
    let query = match listed.user {
        None => schema.effect_rows(&effect, &page),
        Some(Id(user)) => schema.effect_rows_of(&effect, &UserId(user), &page),
    };
    let found: Vec<Row> = caller.tx.select(&query).await?;
    let results =
        found.into_iter().map(|Row { id, members }| json!({ "id": id, "members": members }));
    Ok(Json(json!({ "results": results.collect::<Vec<_>>() })))
}
