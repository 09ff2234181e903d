//! Workspaces, and the members that are added to them.

use axum::Json;
use labelgate::act;
use labelgate::membership::Member;
use serde_json::json;

use crate::bodies::{
    ChangedWorkspace, MemberQuery, NewWorkspace, NewWorkspaceMember, Selection, SelectionQuery,
    WorkspaceFilter,
};
use crate::caller::{Caller, Exclusive};
use crate::extract::{Id, Ids, Selected};
use crate::filters::Ordering;
use crate::problem::{Answer, Changed, Result, bad_request, conflict};
use crate::rows::{self, Row, RowPermit, Workspace};
use crate::transaction::values;

pub async fn list(caller: Caller, filter: WorkspaceFilter) -> Answer {
    let listing = caller.logged().authorize_list(act::ViewWorkspace)?;
    let page = Ordering::parse(filter.ordering.as_deref(), &["id", "title"])?.page(u32::MAX);
    let workspaces: Vec<Row<Workspace>> = caller.list(&listing, &page).await?;
    Ok(Json(workspaces.iter().map(rows::to_json).collect()))
}

pub async fn create(caller: Caller, new: NewWorkspace) -> Changed {
    let here = caller.subject.own_organization();
    let permit = caller.logged().authorize(act::CreateWorkspace, here)?;
    let mut answer = json!({
        "title": new.title, "created_by": caller.subject.user(), "is_personal": new.is_personal,
    });
    let sql = "INSERT INTO workspaces (organization_id, title, created_by, is_personal) \
        VALUES ($1, $2, $3, $4)";
    let values = values![permit.organization().0, new.title, permit.user().0, new.is_personal];
    answer["id"] = caller.tx.insert(&permit, sql, values).await?.into();
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
        caller.tx.update(permit, [("title", title.into())]).await?;
    }
    caller.changed(answer).await
}

pub async fn delete(Exclusive(caller): Exclusive, Id(id): Id) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::DeleteWorkspace, id).await?;
    caller.tx.delete(permit).await?;
    caller.no_content().await
}

pub async fn add_member(caller: Caller, Id(id): Id, new: NewWorkspaceMember) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::ChangeWorkspace, id).await?;
    if new.workspace.is_some_and(|other| other != id) {
        return Err(bad_request("another workspace than that of the path"));
    }
    let member = caller.active_member(new.user).await?;
    is_shared(&permit)?;
    put_in(&caller, &permit, &[member]).await?;
    caller.created(json!({ "user": new.user, "workspace": id })).await
}

pub async fn remove_member(
    Exclusive(caller): Exclusive,
    Id(id): Id,
    MemberQuery { user: Id(user) }: MemberQuery,
) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::ChangeWorkspace, id).await?;
    is_shared(&permit)?;
    take_out(&caller, &permit, &Selected::Only(Ids(vec![user]))).await?;
    caller.no_content().await
}

pub async fn add_members(caller: Caller, Id(id): Id, selection: Selection) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::ChangeWorkspace, id).await?;
    let members = caller.selected(&selection.try_into()?).await?;
    is_shared(&permit)?;
    put_in(&caller, &permit, &members).await?;
    caller.changed(json!({ "assignments": members.len() })).await
}

pub async fn remove_members(
    Exclusive(caller): Exclusive,
    Id(id): Id,
    query: SelectionQuery,
) -> Changed {
    let permit = caller.permit::<Workspace, _>(act::ChangeWorkspace, id).await?;
    let selected = query.selected()?;
    caller.active(selected.named()).await?;
    is_shared(&permit)?;
    let removed = take_out(&caller, &permit, &selected).await?;
    caller.changed(json!({ "unassignments": removed })).await
}

type MayChange = RowPermit<act::ChangeWorkspace, Workspace>;

async fn put_in(caller: &Caller, permit: &MayChange, members: &[Member<i64>]) -> Result<()> {
    for member in members {
        let sql = "INSERT INTO workspace_members VALUES ($1, $2) ON CONFLICT DO NOTHING";
        caller.tx.write(permit, sql, values![permit.id, member.user.0]).await?;
    }
    Ok(())
}

/// Returns how many members there are less.
async fn take_out(caller: &Caller, permit: &MayChange, users: &Selected) -> Result<u64> {
    let is_selected = users.condition("user_id");
    let sql = format!("DELETE FROM workspace_members WHERE workspace_id = $1 AND {is_selected}");
    caller.tx.write(permit, &sql, values![permit.id]).await
}

/// A sandbox is its creator's alone.
fn is_shared(workspace: &Workspace) -> Result<()> {
    if workspace.is_personal {
        return Err(conflict("a personal sandbox has no members"));
    }
    Ok(())
}
