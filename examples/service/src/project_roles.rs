//! Roles that members have in one project.

use axum::Json;
use labelgate::membership::{ProjectRoleGiven, ProjectRoleTakenBack, RoleSource};
use labelgate::wire::{AssignProjectRole, AssignedProjectRole};
use labelgate::{ProjectId, ProjectRole, act};
use sea_orm::FromQueryResult;
use serde_json::json;

use crate::caller::{Caller, Exclusive};
use crate::columns::Code;
use crate::extract::{Body, Id};
use crate::problem::{Answer, Changed};
use crate::rows::Project;
use crate::transaction::values;

#[derive(FromQueryResult)]
struct RoleInProject {
    id: i64,
    project_id: i64,
    user_id: i64,
    role: Code<ProjectRole>,
    role_source: Code<RoleSource>,
}

const ROLES: &str = "SELECT id, project_id, user_id, role, role_source FROM project_roles WHERE";

pub async fn list(caller: Caller, Id(id): Id) -> Answer {
    let permit = caller.permit::<Project, _>(act::ViewPeoplePage, id).await?;
    let sql = format!("{ROLES} project_id = $1 ORDER BY id");
    let rows: Vec<RoleInProject> = caller.tx.all(&sql, values![permit.id]).await?;
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

pub async fn give(
    Exclusive(caller): Exclusive,
    Body(AssignProjectRole { project, role, user }): Body<AssignProjectRole<i64>>,
) -> Changed {
    let target = caller.target(user.0).await?;
    let found = caller.find::<Project>(project.0).await?;
    let given = caller.change(Some(user.0), |policy, by| {
        policy.give_project_role(by, target.as_ref(), found, role)
    })?;
    let ProjectRoleGiven { member, project: row, role, source: role_source, .. } = given.change();
    let sql = "INSERT INTO project_roles (project_id, user_id, role, role_source) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (project_id, user_id) DO UPDATE \
        SET role = excluded.role, role_source = excluded.role_source";
    let values = values![row.id, member.user.0, role.code(), role_source.code()];
    let id = caller.tx.insert(&given, sql, values).await?;
    let (role, role_source) = (*role, *role_source);
    caller.created(json!(AssignedProjectRole { id, project, role, role_source, user })).await
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
