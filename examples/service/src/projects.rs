//! Projects, the members that are added to them, and the data that goes in and out.

use axum::Json;
use axum::body::Bytes;
use labelgate::decision::Granted;
use labelgate::membership::Member;
use labelgate::sql::Page;
use labelgate::{Action, act};
use sea_orm::FromQueryResult;
use serde_json::{Map, Value, json};

use crate::bodies::{
    ChangedProject, MemberQuery, NewProject, NewProjectMember, NewProjectMembers, NewRole,
    NewWorkspaceProject, NoQuery, ProjectFilter, ProjectQuery, Selection, SelectionQuery,
};
use crate::caller::{Caller, Exclusive};
use crate::columns::JsonText;
use crate::extract::{self, Id, Ids, Selected};
use crate::filters;
use crate::membership::no_such_user;
use crate::pages::PageQuery;
use crate::problem::{Answer, Changed, Result, bad_request};
use crate::project_roles;
use crate::rows::{Project, Row, RowPermit, Workspace};
use crate::transaction::values;

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

pub async fn list(caller: Caller, page: PageQuery, filter: ProjectFilter) -> Answer {
    let listing = caller.logged().authorize_list(act::ViewProject)?;
    let wanted = filters::of_projects(caller.app.database.schema.dialect, &filter)?;
    caller.page(&listing, &page, wanted).await?.answer(|row| to_json(&caller, row))
}

/// Asks whether a project may be put into a workspace, or into the organization where there is none.
async fn may_create_in(caller: &Caller, workspace: Option<i64>) -> Result<Granted> {
    let Some(id) = workspace else {
        let here = caller.subject.own_organization();
        return caller.logged().decide(Action::CreateProject, here);
    };
    let found = caller.find::<Workspace>(id).await?;
    caller.logged().decide(Action::CreateProject, found)
}

pub async fn create(caller: Caller, new: NewProject) -> Changed {
    let granted = may_create_in(&caller, new.workspace).await?;
    let mut answer = json!({ "title": new.title, "workspace": new.workspace });
    let sql = "INSERT INTO projects \
        (organization_id, workspace_id, title, created_by, show_annotation_history) \
        VALUES ($1, $2, $3, $4, $5)";
    let (organization, user) = (caller.subject.organization().0, caller.subject.user().0);
    let history = new.show_annotation_history;
    let values = values![organization, new.workspace, new.title, user, history];
    answer["id"] = caller.tx.insert(&granted, sql, values).await?.into();
    caller.created(answer).await
}

pub async fn get(caller: Caller, Id(id): Id) -> Answer {
    let permit = caller.permit::<Project, _>(act::ViewProject, id).await?;
    Ok(Json(to_json(&caller, permit.row())))
}

pub async fn change(Exclusive(caller): Exclusive, Id(id): Id, changed: ChangedProject) -> Changed {
    let permit = caller.permit::<Project, _>(act::ChangeProject, id).await?;
    let title = changed.title.unwrap_or_else(|| permit.title.clone());
    let history = changed.show_annotation_history.unwrap_or(permit.show_annotation_history);
    let workspace = changed.workspace.unwrap_or(permit.workspace_id);
    if workspace != permit.workspace_id {
        let _granted = may_create_in(&caller, workspace).await?;
    }
    let answer = json!({
        "id": id,
        "title": title,
        "workspace": workspace,
        "assignment_settings": {},
        "review_settings": {},
    });
    let columns = [
        ("title", title.into()),
        ("workspace_id", workspace.into()),
        ("show_annotation_history", history.into()),
    ];
    caller.tx.update(permit, columns).await?;
    caller.changed(answer).await
}

pub async fn list_in_workspace(caller: Caller, Id(id): Id) -> Answer {
    let permit = caller.permit::<Workspace, _>(act::ViewWorkspace, id).await?;
    let listing = caller.logged().authorize_list_in(act::ViewProject, permit.row())?;
    let projects: Vec<Row<Project>> = caller.list(&listing, &Page::of(u32::MAX)).await?;
    Ok(Json(projects.iter().map(|row| to_json(&caller, row)).collect()))
}

pub async fn put_into_workspace(
    Exclusive(caller): Exclusive,
    Id(workspace): Id,
    new: NewWorkspaceProject,
) -> Changed {
    let permit = caller.permit::<Project, _>(act::ChangeProject, new.project).await?;
    move_to(caller, permit, Some(workspace)).await
}

/// A project of another workspace is not found.
pub async fn take_out_of_workspace(
    Exclusive(caller): Exclusive,
    Id(workspace): Id,
    ProjectQuery { project: Id(project) }: ProjectQuery,
) -> Changed {
    let (id, found) = caller.find::<Project>(project).await?;
    let found = found.filter(|found| found.workspace_id == Some(workspace));
    let permit = caller.logged().authorize(act::ChangeProject, (id, found))?;
    move_to(caller, permit, None).await
}

async fn move_to(caller: Caller, permit: MayChange, workspace: Option<i64>) -> Changed {
    if workspace != permit.workspace_id {
        let _granted = may_create_in(&caller, workspace).await?;
        caller.tx.update(permit, [("workspace_id", workspace.into())]).await?;
    }
    caller.no_content().await
}

pub async fn delete(Exclusive(caller): Exclusive, Id(id): Id) -> Changed {
    let permit = caller.permit::<Project, _>(act::DeleteProject, id).await?;
    caller.tx.delete(permit).await?;
    caller.no_content().await
}

pub async fn add_member(caller: Caller, Id(id): Id, new: NewProjectMember) -> Changed {
    let permit = caller.permit::<Project, _>(act::ChangeProject, id).await?;
    let member = caller.active_member(new.user).await?;
    put_in(&caller, &permit, &[member]).await?;
    caller.created(json!({ "user": new.user })).await
}

pub async fn remove_member(
    Exclusive(caller): Exclusive,
    Id(id): Id,
    MemberQuery { user: Id(user) }: MemberQuery,
) -> Changed {
    let permit = caller.permit::<Project, _>(act::ChangeProject, id).await?;
    take_out(&caller, &permit, &Selected::Only(Ids(vec![user]))).await?;
    caller.no_content().await
}

/// Members, and roles in the project for some of them: all of it, or nothing.
pub async fn add_members(
    Exclusive(caller): Exclusive,
    Id(id): Id,
    _: NoQuery,
    new: NewProjectMembers,
) -> Changed {
    let permit = caller.permit::<Project, _>(act::ChangeProject, id).await?;
    let NewProjectMembers { all, included, excluded, roles, .. } = new;
    let members = caller.selected(&Selection { all, included, excluded }.try_into()?).await?;
    Ids::try_from(roles.iter().map(|new| new.user_id).collect::<Vec<_>>()).map_err(bad_request)?;
    let given = roles.iter().map(|&NewRole { user_id, role }| {
        let target = members.iter().find(|member| member.user.0 == user_id);
        let target = target.ok_or_else(no_such_user)?;
        caller.change(Some(user_id), |policy, by| {
            policy.give_project_role(by, target, permit.row(), role)
        })
    });
    let given: Vec<_> = given.collect::<Result<_>>()?;
    put_in(&caller, &permit, &members).await?;
    for given in &given {
        project_roles::insert(&caller, given).await?;
    }
    let answer = json!({ "assignments": members.len(), "skipped_user_ids": [] });
    caller.changed(answer).await
}

pub async fn remove_members(
    Exclusive(caller): Exclusive,
    Id(id): Id,
    query: SelectionQuery,
) -> Changed {
    let permit = caller.permit::<Project, _>(act::ChangeProject, id).await?;
    let selected = query.selected()?;
    caller.active(selected.named()).await?;
    let removed = take_out(&caller, &permit, &selected).await?;
    caller.changed(json!({ "unassignments": removed })).await
}

type MayChange = RowPermit<act::ChangeProject, Project>;

async fn put_in(caller: &Caller, permit: &MayChange, members: &[Member<i64>]) -> Result<()> {
    for member in members {
        let sql = "INSERT INTO project_members (project_id, user_id) \
            SELECT id, $1 FROM projects WHERE id = $2 AND version = $3 \
            ON CONFLICT (project_id, user_id) DO UPDATE SET user_id = excluded.user_id";
        let values = values![member.user.0, permit.id, permit.version];
        caller.tx.change(permit, sql, values).await?;
    }
    Ok(())
}

/// Who leaves a project leaves with the role and the tasks they had in it. Returns how many members there
/// are less. `Cleanup::statements_in_project` takes out one; here many leave at once.
async fn take_out(caller: &Caller, permit: &MayChange, users: &Selected) -> Result<u64> {
    let is_selected = users.condition("user_id");
    let mut removed = 0;
    for table in ["task_assignees", "project_roles", "project_members"] {
        let sql = format!("DELETE FROM {table} WHERE project_id = $1 AND {is_selected}");
        removed = caller.tx.write(permit, &sql, values![permit.id]).await?;
    }
    Ok(removed)
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
        ids.push(add_task(&caller, &permit, &data.into()).await?);
    }
    caller.created(json!({ "task_count": ids.len(), "task_ids": ids })).await
}

pub async fn add_task(
    caller: &Caller,
    permit: &RowPermit<act::ImportData, Project>,
    data: &Value,
) -> Result<i64> {
    let sql = "INSERT INTO tasks (project_id, data) \
        SELECT id, $1 FROM projects WHERE id = $2 AND version = $3";
    let values = values![data.to_string(), permit.id, permit.version];
    caller.tx.insert(permit, sql, values).await
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
