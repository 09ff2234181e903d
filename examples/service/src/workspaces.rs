//! Workspaces, and the members that are added to them.

use axum::Json;
use axum::extract::FromRequestParts;
use labelgate::act;
use serde::Deserialize;
use serde_json::json;

use crate::bodies::{ChangedWorkspace, NewWorkspace, NewWorkspaceMember};
use crate::caller::{Caller, Exclusive};
use crate::extract::{self, Id};
use crate::problem::{Answer, Changed, Failure, bad_request};
use crate::rows::{self, Workspace};

pub async fn list(caller: Caller) -> Answer {
    let listing = caller.logged().authorize_list(act::ViewWorkspace)?;
    let workspaces = caller.all::<Workspace, _, _>(&listing).await?;
    Ok(Json(workspaces.iter().map(rows::to_json).collect()))
}

pub async fn create(caller: Caller, new: NewWorkspace) -> Changed {
    let here = caller.subject.own_organization();
    let permit = caller.logged().authorize(act::CreateWorkspace, here)?;
    let mut answer = json!({
        "title": new.title, "created_by": caller.subject.user(), "is_personal": new.is_personal,
    });
    answer["id"] = caller.tx.create_workspace(permit, new).await?.into();
    caller.created(answer).await
}

pub async fn get(caller: Caller, Id(id): Id) -> Answer {
    let permit = caller.permit::<Workspace, _>(act::ViewWorkspace, id).await?;
    Ok(Json(rows::to_json(permit.row())))
}

pub async fn change(caller: Caller, Id(id): Id, changed: ChangedWorkspace) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::ChangeWorkspace, id).await?;
    let mut answer = rows::to_json(permit.row());
    if let Some(title) = changed.title {
        answer["title"] = title.clone().into();
        caller.tx.rename_workspace(permit, title).await?;
    }
    caller.changed(answer).await
}

pub async fn delete(Exclusive(caller): Exclusive, Id(id): Id) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::DeleteWorkspace, id).await?;
    caller.tx.delete_workspace(permit).await?;
    caller.no_content().await
}

pub async fn add_member(caller: Caller, Id(id): Id, new: NewWorkspaceMember) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::ChangeWorkspace, id).await?;
    if new.workspace.is_some_and(|other| other != id) {
        return Err(bad_request("another workspace than that of the path"));
    }
    let member = caller.active_member(new.user).await?;
    caller.tx.add_to_workspace(permit, &member).await?;
    caller.created(json!({ "user": new.user, "workspace": id })).await
}

#[derive(Deserialize, FromRequestParts)]
#[from_request(via(extract::Query), rejection(Failure))]
pub struct MemberQuery {
    #[serde(alias = "user_id")]
    pub user: Id,
}

pub async fn remove_member(
    Exclusive(caller): Exclusive,
    Id(id): Id,
    MemberQuery { user: Id(user) }: MemberQuery,
) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::ChangeWorkspace, id).await?;
    caller.tx.remove_from_workspace(permit, user).await?;
    caller.no_content().await
}
