//! Projects, the members that are added to them, and the data that goes in and out.

use axum::Json;
use axum::body::Bytes;
use labelgate::act;
use sea_orm::FromQueryResult;
use serde_json::{Map, Value, json};

use crate::bodies::{ChangedProject, NewProject, NewProjectMember};
use crate::caller::{Caller, Exclusive};
use crate::columns::JsonText;
use crate::extract::{self, Id};
use crate::pages::PageQuery;
use crate::problem::{Answer, Changed, Result, bad_request};
use crate::rows::{Project, Row, Workspace};
use crate::store::Place;
use crate::transaction::values;
use crate::workspaces::MemberQuery;

/// With what the caller may do to the project, for a page to show.
fn to_json(caller: &Caller, row: &Row<Project>) -> Value {
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

pub async fn list(caller: Caller, page: PageQuery) -> Answer {
    let listing = caller.logged().authorize_list(act::ViewProject)?;
    caller.page(&listing, &page).await?.answer(|row| to_json(&caller, row))
}

/// Where a project may be put: asked of the workspace, or of the organization where there is none.
async fn place(caller: &Caller, workspace: Option<i64>) -> Result<Place> {
    let Some(id) = workspace else {
        let here = caller.subject.own_organization();
        return Ok(Place::Organization(caller.logged().authorize(act::CreateProject, here)?));
    };
    let permit = caller.permit::<Workspace, _>(act::CreateProject, id).await?;
    Ok(Place::Workspace(permit))
}

pub async fn create(caller: Caller, new: NewProject) -> Changed {
    let place = place(&caller, new.workspace).await?;
    let mut answer = json!({ "title": new.title, "workspace": new.workspace });
    answer["id"] = caller.tx.create_project(place, new).await?.into();
    caller.created(answer).await
}

pub async fn get(caller: Caller, Id(id): Id) -> Answer {
    let permit = caller.permit::<Project, _>(act::ViewProject, id).await?;
    Ok(Json(to_json(&caller, permit.row())))
}

pub async fn change(Exclusive(caller): Exclusive, Id(id): Id, changed: ChangedProject) -> Changed {
    let permit = caller.permit::<Project, _>(act::ChangeProject, id).await?;
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
    caller.changed(answer).await
}

pub async fn delete(Exclusive(caller): Exclusive, Id(id): Id) -> Changed {
    let permit = caller.permit::<Project, _>(act::DeleteProject, id).await?;
    caller.tx.delete_project(permit).await?;
    caller.no_content().await
}

pub async fn add_member(caller: Caller, Id(id): Id, new: NewProjectMember) -> Changed {
    let permit = caller.permit::<Project, _>(act::ChangeProject, id).await?;
    let member = caller.active_member(new.user).await?;
    caller.tx.add_to_project(permit, &member).await?;
    caller.created(json!({ "user": new.user })).await
}

pub async fn remove_member(
    Exclusive(caller): Exclusive,
    Id(id): Id,
    MemberQuery { user: Id(user) }: MemberQuery,
) -> Changed {
    let permit = caller.permit::<Project, _>(act::ChangeProject, id).await?;
    caller.tx.remove_from_project(permit, user).await?;
    caller.no_content().await
}

/// Each task is its data, or an object with the data in it.
pub async fn import(caller: Caller, Id(id): Id, body: Bytes) -> Changed {
    let tasks: Vec<Map<String, Value>> = extract::parse_json(&body, '[')?;
    let permit = caller.permit::<Project, _>(act::ImportData, id).await?;
    let mut ids = Vec::new();
    for mut task in tasks {
        let data = match task.remove("data") {
            Some(Value::Object(data)) => data,
            Some(_) => return Err(bad_request("`data` is an object")),
            None => task,
        };
        ids.push(caller.tx.import(&permit, &data.into()).await?);
    }
    caller.created(json!({ "task_count": ids.len(), "task_ids": ids })).await
}

#[derive(FromQueryResult)]
struct Exported {
    id: i64,
    data: JsonText,
    annotation_id: Option<i64>,
    completed_by: Option<i64>,
    result: Option<JsonText>,
}

pub async fn export(caller: Caller, Id(id): Id) -> Answer {
    let permit = caller.permit::<Project, _>(act::ExportData, id).await?;
    let sql = "SELECT t.id, t.data, a.id AS annotation_id, a.completed_by, a.result \
        FROM tasks t LEFT JOIN annotations a ON a.task_id = t.id \
        WHERE t.project_id = $1 ORDER BY t.id, a.id";
    let rows: Vec<Exported> = caller.tx.all(sql, values![permit.id]).await?;
    let tasks = rows.chunk_by(|one, next| one.id == next.id).map(|rows| {
        let annotations = rows.iter().filter_map(|row| {
            let id = row.annotation_id?;
            Some(json!({ "id": id, "completed_by": row.completed_by, "result": row.result }))
        });
        let annotations: Vec<_> = annotations.collect();
        json!({ "id": rows[0].id, "data": rows[0].data, "annotations": annotations })
    });
    Ok(Json(tasks.collect()))
}
