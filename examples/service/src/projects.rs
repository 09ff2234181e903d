//! Workspaces and projects.

use axum::Json;
use axum::http::StatusCode;
use labelgate::act;
use sea_orm::FromQueryResult;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::bodies::{
    Body, ChangedProject, ChangedWorkspace, Id, NewProject, NewProjectMember, NewWorkspace,
    NewWorkspaceMember, Of, With,
};
use crate::caller::{Alone, Caller, Numbered};
use crate::database::values;
use crate::problem::{Answer, Changed, Failure, Gone, bad_request};
use crate::rows::{Project, Row, Workspace};
use crate::store::Place;
use crate::tasks::parsed;

fn workspace(row: &Row<Workspace>) -> Value {
    json!({
        "id": row.id,
        "title": row.title,
        "created_by": row.created_by,
        "is_personal": row.is_personal,
    })
}

pub async fn list_workspaces(caller: Caller) -> Answer {
    let listing = caller.authorize_list(act::ViewWorkspace)?;
    let rows = caller.all::<Workspace, _, _>(&listing).await?;
    Ok(Json(rows.iter().map(workspace).collect()))
}

pub async fn create_workspace(caller: Caller, Body(new): Body<NewWorkspace>) -> Changed {
    let permit = caller.authorize(act::CreateWorkspace, caller.subject.own_organization())?;
    let mut answer = json!({
        "title": new.title, "created_by": caller.subject.user(), "is_personal": new.is_personal,
    });
    answer["id"] = caller.tx.create_workspace(permit, new).await?.into();
    Ok((caller.commit(StatusCode::CREATED).await?, Json(answer)))
}

pub async fn get_workspace(caller: Caller, Of(Id(id)): Of<Id>) -> Answer {
    let found = caller.find::<Workspace>(id).await?;
    let permit = caller.authorize(act::ViewWorkspace, found)?;
    Ok(Json(workspace(permit.row())))
}

pub async fn change_workspace(
    caller: Caller,
    Of(Id(id)): Of<Id>,
    Body(changed): Body<ChangedWorkspace>,
) -> Changed {
    let found = caller.find::<Workspace>(id).await?;
    let permit = caller.authorize(act::ChangeWorkspace, found)?;
    let mut answer = workspace(permit.row());
    if let Some(title) = changed.title {
        answer["title"] = title.clone().into();
        caller.tx.rename_workspace(permit, title).await?;
    }
    Ok((caller.commit(StatusCode::OK).await?, Json(answer)))
}

pub async fn delete_workspace(Alone(caller): Alone, Of(Id(id)): Of<Id>) -> Gone {
    let found = caller.find::<Workspace>(id).await?;
    let permit = caller.authorize(act::DeleteWorkspace, found)?;
    caller.tx.delete_workspace(permit).await?;
    Ok(caller.commit(StatusCode::NO_CONTENT).await?)
}

pub async fn add_to_workspace(
    caller: Caller,
    Of(Id(id)): Of<Id>,
    Body(new): Body<NewWorkspaceMember>,
) -> Changed {
    let found = caller.find::<Workspace>(id).await?;
    let permit = caller.authorize(act::ChangeWorkspace, found)?;
    if new.workspace.is_some_and(|other| other != id) {
        return Err(bad_request("another workspace than that of the path"));
    }
    let member = caller.active_member(new.user).await?;
    caller.tx.add_to_workspace(permit, &member).await?;
    let answer = json!({ "user": new.user, "workspace": id });
    Ok((caller.commit(StatusCode::CREATED).await?, Json(answer)))
}

#[derive(Deserialize)]
pub struct WhichMember {
    #[serde(alias = "user_id")]
    user: Id,
}

pub async fn remove_from_workspace(
    Alone(caller): Alone,
    Of(Id(id)): Of<Id>,
    With(WhichMember { user: Id(user) }): With<WhichMember>,
) -> Gone {
    let found = caller.find::<Workspace>(id).await?;
    let permit = caller.authorize(act::ChangeWorkspace, found)?;
    caller.tx.remove_from_workspace(permit, user).await?;
    Ok(caller.commit(StatusCode::NO_CONTENT).await?)
}

/// With what the caller may do to the project, for a page to show.
fn project(caller: &Caller, row: &Row<Project>) -> Value {
    json!({
        "id": row.id,
        "title": row.title,
        "workspace": row.workspace_id,
        "created_by": row.created_by.map(|id| json!({ "id": id, "username": "" })),
        "show_annotation_history": row.show_annotation_history,
        "assignment_settings": {},
        "review_settings": {},
        "actions": caller.subject.actions(row),
    })
}

pub async fn list_projects(caller: Caller, With(at): With<Numbered>) -> Answer {
    let listing = caller.authorize_list(act::ViewProject)?;
    let page = caller.numbered::<Project, _, _>(&listing, at).await?;
    let results: Vec<_> = page.rows.iter().map(|row| project(&caller, row)).collect();
    Ok(Json(json!({ "count": page.count, "next": null, "previous": null, "results": results })))
}

/// Where a project may be put: asked of the workspace, or of the organization where there is none.
async fn place(caller: &Caller, workspace: Option<i64>) -> Result<Place, Failure> {
    let Some(id) = workspace else {
        let here = caller.subject.own_organization();
        return Ok(Place::Organization(caller.authorize(act::CreateProject, here)?));
    };
    let found = caller.find::<Workspace>(id).await?;
    Ok(Place::Workspace(caller.authorize(act::CreateProject, found)?))
}

pub async fn create_project(caller: Caller, Body(new): Body<NewProject>) -> Changed {
    let place = place(&caller, new.workspace).await?;
    let mut answer = json!({ "title": new.title, "workspace": new.workspace });
    answer["id"] = caller.tx.create_project(place, new).await?.into();
    Ok((caller.commit(StatusCode::CREATED).await?, Json(answer)))
}

pub async fn get_project(caller: Caller, Of(Id(id)): Of<Id>) -> Answer {
    let found = caller.find::<Project>(id).await?;
    let permit = caller.authorize(act::ViewProject, found)?;
    Ok(Json(project(&caller, permit.row())))
}

pub async fn change_project(
    Alone(caller): Alone,
    Of(Id(id)): Of<Id>,
    Body(changed): Body<ChangedProject>,
) -> Changed {
    let found = caller.find::<Project>(id).await?;
    let permit = caller.authorize(act::ChangeProject, found)?;
    let row = permit.row();
    let place = match changed.workspace {
        Some(workspace) if workspace != row.workspace_id => Some(place(&caller, workspace).await?),
        _ => None,
    };
    let answer = json!({
        "id": row.id,
        "title": changed.title.as_ref().unwrap_or(&row.title),
        "workspace": changed.workspace.unwrap_or(row.workspace_id),
        "assignment_settings": {},
        "review_settings": {},
    });
    caller.tx.change_project(permit, place, changed).await?;
    Ok((caller.commit(StatusCode::OK).await?, Json(answer)))
}

pub async fn delete_project(Alone(caller): Alone, Of(Id(id)): Of<Id>) -> Gone {
    let found = caller.find::<Project>(id).await?;
    let permit = caller.authorize(act::DeleteProject, found)?;
    caller.tx.delete_project(permit).await?;
    Ok(caller.commit(StatusCode::NO_CONTENT).await?)
}

pub async fn add_to_project(
    caller: Caller,
    Of(Id(id)): Of<Id>,
    Body(new): Body<NewProjectMember>,
) -> Changed {
    let found = caller.find::<Project>(id).await?;
    let permit = caller.authorize(act::ChangeProject, found)?;
    let member = caller.active_member(new.user).await?;
    caller.tx.add_to_project(permit, &member).await?;
    Ok((caller.commit(StatusCode::CREATED).await?, Json(json!({ "user": new.user }))))
}

pub async fn remove_from_project(
    Alone(caller): Alone,
    Of(Id(id)): Of<Id>,
    With(WhichMember { user: Id(user) }): With<WhichMember>,
) -> Gone {
    let found = caller.find::<Project>(id).await?;
    let permit = caller.authorize(act::ChangeProject, found)?;
    caller.tx.remove_from_project(permit, user).await?;
    Ok(caller.commit(StatusCode::NO_CONTENT).await?)
}

/// Each task is its data, or an object with the data in it.
pub async fn import(
    caller: Caller,
    Of(Id(id)): Of<Id>,
    Body(tasks): Body<Vec<Map<String, Value>>, b'['>,
) -> Changed {
    let found = caller.find::<Project>(id).await?;
    let permit = caller.authorize(act::ImportData, found)?;
    let mut ids = Vec::new();
    for mut task in tasks {
        let data = match task.remove("data") {
            Some(Value::Object(data)) => data,
            Some(_) => return Err(bad_request("`data` is an object")),
            None => task,
        };
        ids.push(caller.tx.import(&permit, &data.into()).await?);
    }
    let answer = json!({ "task_count": ids.len(), "task_ids": ids });
    Ok((caller.commit(StatusCode::CREATED).await?, Json(answer)))
}

#[derive(FromQueryResult)]
struct Exported {
    id: i64,
    data: String,
    annotation_id: Option<i64>,
    completed_by: Option<i64>,
    result: Option<String>,
}

pub async fn export(caller: Caller, Of(Id(id)): Of<Id>) -> Answer {
    let found = caller.find::<Project>(id).await?;
    let permit = caller.authorize(act::ExportData, found)?;
    let sql = "SELECT t.id, t.data, a.id AS annotation_id, a.completed_by, a.result \
        FROM tasks t LEFT JOIN annotations a ON a.task_id = t.id \
        WHERE t.project_id = $1 ORDER BY t.id, a.id";
    let rows: Vec<Exported> = caller.tx.all(sql, values![permit.id]).await?;
    let tasks = rows.chunk_by(|one, next| one.id == next.id).map(|rows| {
        let annotations = rows.iter().filter_map(|row| {
            let id = row.annotation_id?;
            let result = parsed(row.result.as_deref()?);
            Some(json!({ "id": id, "completed_by": row.completed_by, "result": result }))
        });
        let annotations: Vec<_> = annotations.collect();
        json!({ "id": rows[0].id, "data": parsed(&rows[0].data), "annotations": annotations })
    });
    Ok(Json(tasks.collect()))
}
