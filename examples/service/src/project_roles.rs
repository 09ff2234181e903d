//! Roles that members have in one project.

use axum::Json;
use labelgate::membership::{Approved, ProjectRoleGiven, ProjectRoleTakenBack, RoleSource};
use labelgate::wire::{AssignProjectRole, AssignedProjectRole};
use labelgate::{ProjectId, ProjectRole, act};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use serde_json::{Value, json};

use crate::bodies::OwnRolesQuery;
use crate::caller::{Caller, Exclusive};
use crate::columns::Code;
use crate::extract::{Body, Id, Ids};
use crate::problem::{Answer, Changed, Result};
use crate::rows::{Project, Row};
use crate::transaction::values;

#[derive(FromQueryResult)]
struct RoleInProject {
    id: i64,
    project_id: i64,
    user_id: i64,
    role: Code<ProjectRole>,
    role_source: Code<RoleSource>,
}

const COLUMNS: [&str; 5] = ["id", "project_id", "user_id", "role", "role_source"];
const ROLES: &str = "SELECT id, project_id, user_id, role, role_source FROM project_roles WHERE";

fn answer(rows: Vec<RoleInProject>) -> Answer {
    let roles = rows.into_iter().map(|row| {
        json!(AssignedProjectRole {
            id: row.id,
            project: row.project_id.into(),
            role: row.role.0,
            role_source: row.role_source.0,
            user: row.user_id.into(),
        })
    });
    Ok(Json(roles.collect()))
}

pub async fn list(caller: Caller, Id(id): Id) -> Answer {
    let permit = caller.permit::<Project, _>(act::ViewPeoplePage, id).await?;
    let sql = format!("{ROLES} project_id = $1 ORDER BY id");
    answer(caller.tx.all(&sql, values![permit.id]).await?)
}

/// The caller's own roles, in the projects of the list that they may view, or in those of the ids.
pub async fn own(caller: Caller, OwnRolesQuery { ids }: OwnRolesQuery) -> Answer {
    let listing = caller.logged().authorize_list(act::ViewProject)?;
    let may_be_viewed = Query::select()
        .column(("projects", "id"))
        .from("projects")
        .and_where(caller.app.database.schema.set(&listing))
        .to_owned();
    let query = Query::select()
        .columns(COLUMNS)
        .from("project_roles")
        .and_where(Expr::col("user_id").eq(caller.subject.user().0))
        .and_where(Expr::col("project_id").in_subquery(may_be_viewed))
        .and_where_option(ids.map(|Ids(ids)| Expr::col("project_id").is_in(ids)))
        .order_by("id", Order::Asc)
        .to_owned();
    answer(caller.tx.select(&query).await?)
}

pub async fn give(
    Exclusive(caller): Exclusive,
    Body(AssignProjectRole { project, role, user }): Body<AssignProjectRole<i64>>,
) -> Changed {
    let target = caller.target(user.0).await?;
    let (id, found) = caller.find::<Project>(project.0).await?;
    let given = caller.change(Some(user.0), |policy, by| {
        policy.give_project_role(by, target.as_ref(), (id, &found), role)
    })?;
    let answer = insert(&caller, &given).await?;
    caller.created(answer).await
}

/// A role that the policy gives, and as the client reads it.
pub async fn insert(
    caller: &Caller,
    given: &Approved<ProjectRoleGiven<i64, &Row<Project>>>,
) -> Result<Value> {
    let ProjectRoleGiven { member, project: row, role, source: role_source, .. } = given.change();
    let sql = "INSERT INTO project_roles (project_id, user_id, role, role_source) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (project_id, user_id) DO UPDATE \
        SET role = excluded.role, role_source = excluded.role_source";
    let values = values![row.id, member.user.0, role.code(), role_source.code()];
    let id = caller.tx.insert(given, sql, values).await?;
    let (project, user) = (ProjectId(row.id), member.user);
    let (role, role_source) = (*role, *role_source);
    Ok(json!(AssignedProjectRole { id, project, role, role_source, user }))
}

pub async fn take_back(Exclusive(caller): Exclusive, Id(id): Id) -> Changed {
    let found: Option<RoleInProject> =
        caller.tx.one(&format!("{ROLES} id = $1"), values![id]).await?;
    let (user, project) = match &found {
        Some(found) => (found.user_id, caller.find::<Project>(found.project_id).await?),
        None => (caller.subject.user().0, (ProjectId(0), None)),
    };
    let target = caller.target(user).await?;
    let taken = caller.change(Some(user), |policy, by| {
        policy.take_back_project_role(by, target.as_ref(), project)
    })?;
    let ProjectRoleTakenBack { member, project, .. } = taken.change();
    let sql = "DELETE FROM project_roles WHERE project_id = $1 AND user_id = $2";
    caller.tx.change(&taken, sql, values![project.id, member.user.0]).await?;
    caller.no_content().await
}
