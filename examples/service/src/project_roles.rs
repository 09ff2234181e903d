//! Roles that members have in one project.

use axum::Json;
use labelgate::wire::{AssignProjectRole, AssignedProjectRole};
use labelgate::{ProjectId, act};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::caller::{Caller, Exclusive};
use crate::database::values;
use crate::extract::{Body, Id, Path};
use crate::problem::{Answer, Changed, Failure, stored};
use crate::rows::Project;

#[derive(FromQueryResult)]
struct RoleInProject {
    id: i64,
    project_id: i64,
    user_id: i64,
    role: String,
    role_source: String,
}

pub async fn list(caller: Caller, Path(Id(id)): Path<Id>) -> Answer {
    let permit = caller.permit::<Project, _>(act::ViewPeoplePage, id).await?;
    let sql = "SELECT id, project_id, user_id, role, role_source FROM project_roles \
        WHERE project_id = $1 ORDER BY id";
    let rows: Vec<RoleInProject> = caller.tx.all(sql, values![permit.id]).await?;
    let roles = rows.into_iter().map(|row| {
        Ok(AssignedProjectRole {
            id: row.id,
            project: row.project_id.into(),
            role: row.role.parse().map_err(stored)?,
            role_source: row.role_source.parse().map_err(stored)?,
            user: row.user_id.into(),
        })
    });
    Ok(Json(json!(roles.collect::<Result<Vec<_>, Failure>>()?)))
}

pub async fn give(
    Exclusive(caller): Exclusive,
    Body(body): Body<AssignProjectRole<i64>>,
) -> Changed {
    let (target, _) = caller.target(body.user.0).await?.unzip();
    let project = caller.find::<Project>(body.project.0).await?;
    let given = caller.change(Some(body.user.0), |subject| {
        caller.policy.give_project_role(subject, target.as_ref(), project, body.role)
    })?;
    let source = given.source;
    let id = caller.tx.give_project_role(given).await?;
    let AssignProjectRole { project, role, user } = body;
    let answer = json!(AssignedProjectRole { id, project, role, role_source: source, user });
    caller.created(answer).await
}

pub async fn take_back(Exclusive(caller): Exclusive, Path(Id(id)): Path<Id>) -> Changed {
    let sql = "SELECT id, project_id, user_id, role, role_source FROM project_roles WHERE id = $1";
    let found: Option<RoleInProject> = caller.tx.one(sql, values![id]).await?;
    let (user, project) = match &found {
        Some(found) => (found.user_id, caller.find::<Project>(found.project_id).await?),
        None => (caller.subject.user().0, (ProjectId(0), None)),
    };
    let (target, _) = caller.target(user).await?.unzip();
    let taken = caller.change(Some(user), |subject| {
        caller.policy.take_back_project_role(subject, target.as_ref(), project)
    })?;
    caller.tx.take_back_project_role(taken).await?;
    caller.no_content().await
}
