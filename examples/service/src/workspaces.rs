//! Workspaces and their members.

use axum::Json;
use labelgate::act;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bodies::{ChangedWorkspace, NewWorkspace, NewWorkspaceMember};
use crate::caller::{Caller, Exclusive};
use crate::extract::{Body, Id, Path, Query};
use crate::problem::{Answer, Changed, bad_request};
use crate::rows::{Row, Workspace};

fn workspace(row: &Row<Workspace>) -> Value {
    json!({
        "id": row.id,
        "title": row.title,
        "created_by": row.created_by,
        "is_personal": row.is_personal,
    })
}

pub async fn list(caller: Caller) -> Answer {
    let listing = caller.logged().authorize_list(act::ViewWorkspace)?;
    let rows = caller.all::<Workspace, _, _>(&listing).await?;
    Ok(Json(rows.iter().map(workspace).collect()))
}

pub async fn create(caller: Caller, Body(new): Body<NewWorkspace>) -> Changed {
    let permit =
        caller.logged().authorize(act::CreateWorkspace, caller.subject.own_organization())?;
    let mut answer = json!({
        "title": new.title, "created_by": caller.subject.user(), "is_personal": new.is_personal,
    });
    answer["id"] = caller.tx.create_workspace(permit, new).await?.into();
    caller.created(answer).await
}

pub async fn get(caller: Caller, Path(Id(id)): Path<Id>) -> Answer {
    let permit = caller.permit::<Workspace, _>(act::ViewWorkspace, id).await?;
    Ok(Json(workspace(permit.row())))
}

pub async fn change(
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Body(changed): Body<ChangedWorkspace>,
) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::ChangeWorkspace, id).await?;
    let mut answer = workspace(permit.row());
    if let Some(title) = changed.title {
        answer["title"] = title.clone().into();
        caller.tx.rename_workspace(permit, title).await?;
    }
    caller.changed(answer).await
}

pub async fn delete(Exclusive(caller): Exclusive, Path(Id(id)): Path<Id>) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::DeleteWorkspace, id).await?;
    caller.tx.delete_workspace(permit).await?;
    caller.no_content().await
}

pub async fn add_member(
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Body(new): Body<NewWorkspaceMember>,
) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::ChangeWorkspace, id).await?;
    if new.workspace.is_some_and(|other| other != id) {
        return Err(bad_request("another workspace than that of the path"));
    }
    let member = caller.active_member(new.user).await?;
    caller.tx.add_to_workspace(permit, &member).await?;
    let answer = json!({ "user": new.user, "workspace": id });
    caller.created(answer).await
}

#[derive(Deserialize)]
pub struct MemberQuery {
    #[serde(alias = "user_id")]
    pub user: Id,
}

pub async fn remove_member(
    Exclusive(caller): Exclusive,
    Path(Id(id)): Path<Id>,
    Query(MemberQuery { user: Id(user) }): Query<MemberQuery>,
) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::ChangeWorkspace, id).await?;
    caller.tx.remove_from_workspace(permit, user).await?;
    caller.no_content().await
}
