//! Tasks, who they are assigned to, annotations and reviews.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use labelgate::decision::Granted;
use labelgate::membership::Member;
use labelgate::row::RowId;
use labelgate::sql::Page;
use labelgate::{Action, Listing, ProjectRole, TaskId, act};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use serde_json::{Value, json};

use crate::bodies::{
    AnnotationBody, AssigneeQuery, Assignees, ManyAssignees, NewReview, NewTask, TaskFilter,
};
use crate::caller::{Caller, Exclusive};
use crate::extract::{Id, Ids, MANY, Path, Selected, is_one_of};
use crate::filters;
use crate::membership::{no_such_user, too_many};
use crate::pages::PageQuery;
use crate::problem::{Answer, Changed, Result, bad_request, not_found};
use crate::projects::add_task;
use crate::rows::{self, Annotation, Found, Project, Row, Task};
use crate::transaction::values;

/// A task to label: the first that the caller has no annotation in. The data of a task that one labels
/// is seen by right of labeling it.
pub async fn next(caller: Caller, Id(id): Id) -> Result<Response> {
    let project = caller.find::<Project>(id).await?;
    let listing = caller.logged().authorize_list_in(act::LabelTasks, project)?;
    let annotated = Query::select()
        .column("task_id")
        .from("annotations")
        .and_where(Expr::col("completed_by").eq(caller.subject.user().0))
        .to_owned();
    let only = Expr::col(("tasks", "id")).not_in_subquery(annotated);
    let found: Vec<Row<Task>> = caller.list(&listing, &Page::of(1).only(only)).await?;
    Ok(match found.first() {
        Some(task) => Json(rows::to_json(task)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// The tasks of a project, without asking about memberships again; or all that the caller may see.
pub async fn list(caller: Caller, page: PageQuery, filter: TaskFilter) -> Answer {
    let wanted = filters::of_tasks(caller.app.database.schema.dialect, filter.query.as_deref())?;
    let found = match filter.project {
        Some(Id(id)) => {
            let project = caller.find::<Project>(id).await?;
            let listing = caller.logged().authorize_list_in(act::ViewProjectData, project)?;
            caller.page::<Task, _, _>(&listing, &page, wanted).await?
        }
        None => {
            let listing = caller.logged().authorize_list(act::ViewProjectData)?;
            caller.page(&listing, &page, wanted).await?
        }
    };
    let tasks: Vec<_> = found.rows.iter().map(rows::to_json).collect();
    Ok(Json(json!({
        "tasks": tasks, "total": found.count, "total_annotations": 0, "total_predictions": 0,
    })))
}

pub async fn create(caller: Caller, NewTask { project, data, .. }: NewTask) -> Changed {
    let permit = caller.permit::<Project, _>(act::ImportData, project).await?;
    let data = Value::from(data);
    let id = add_task(&caller, &permit, &data).await?;
    caller.created(json!({ "id": id, "project": project, "data": data })).await
}

pub async fn get(caller: Caller, Id(id): Id) -> Answer {
    let permit = caller.permit::<Task, _>(act::ViewProjectData, id).await?;
    let mut answer = rows::to_json(permit.row());
    answer["annotations"] = json!([]);
    // Who sees a task does not see what everybody annotated in it.
    if let Ok(listing) = caller.subject.authorize_list_in(act::ViewProjectData, permit.row()) {
        answer["annotations"] = all_annotations(&caller, &listing).await?;
    }
    Ok(Json(answer))
}

pub async fn annotations(caller: Caller, Id(id): Id) -> Answer {
    let task = caller.find::<Task>(id).await?;
    let listing = caller.logged().authorize_list_in(act::ViewProjectData, task)?;
    Ok(Json(all_annotations(&caller, &listing).await?))
}

async fn all_annotations<A>(caller: &Caller, listing: &Listing<A, TaskId<i64>>) -> Result<Value> {
    let found: Vec<Row<Annotation>> = caller.list(listing, &Page::of(u32::MAX)).await?;
    Ok(found.iter().map(rows::to_json).collect())
}

pub async fn annotate(caller: Caller, Id(id): Id, new: AnnotationBody) -> Changed {
    let permit = caller.permit::<Task, _>(act::LabelTasks, id).await?;
    let result = Value::from(new.result.unwrap_or_default());
    let mut answer = json!({ "task": id, "completed_by": permit.user(), "result": result });
    let sql = "INSERT INTO annotations (task_id, completed_by, result) VALUES ($1, $2, $3)";
    let values = values![id, permit.user().0, result.to_string()];
    answer["id"] = caller.tx.insert(&permit, sql, values).await?.into();
    caller.created(answer).await
}

pub async fn get_annotation(caller: Caller, Id(id): Id) -> Answer {
    let permit = caller.permit::<Annotation, _>(act::ViewProjectData, id).await?;
    Ok(Json(rows::to_json(permit.row())))
}

pub async fn change_annotation(caller: Caller, Id(id): Id, changed: AnnotationBody) -> Changed {
    let permit = caller.permit::<Annotation, _>(act::ChangeAnnotations, id).await?;
    let mut answer = rows::to_json(permit.row());
    if let Some(result) = changed.result {
        answer["result"] = result.into();
        let column = ("result", answer["result"].to_string().into());
        caller.tx.update(permit, [column]).await?;
    }
    caller.changed(answer).await
}

pub async fn review(caller: Caller, new: NewReview) -> Changed {
    let NewReview { annotation, accepted, .. } = new;
    let permit = caller.permit::<Annotation, _>(act::ReviewAnnotations, annotation).await?;
    let sql = "INSERT INTO annotation_reviews (annotation_id, created_by, accepted) \
        VALUES ($1, $2, $3)";
    let values = values![annotation, permit.user().0, accepted];
    let id = caller.tx.insert(&permit, sql, values).await?;
    caller.created(json!({ "id": id, "annotation": annotation, "accepted": accepted })).await
}

/// Reads a task of a project. One of another project is not found.
async fn find_in(caller: &Caller, (Id(project), Id(task)): (Id, Id)) -> Result<Found<Task>> {
    let (id, found) = caller.find::<Task>(task).await?;
    Ok((id, found.filter(|found| found.project_id == project)))
}

/// Asks whether the caller may assign a task to people of a role.
async fn may_assign(caller: &Caller, ids: (Id, Id), role: ProjectRole) -> Result<Granted> {
    let found = find_in(caller, ids).await?;
    caller.logged().decide(assigning(role), found)
}

#[derive(FromQueryResult)]
struct Assigned {
    user_id: i64,
    r#type: String,
}

/// Whom a task is assigned to, of those who may label it: data that they label is seen by right of that.
pub async fn assigned(caller: Caller, Path(ids): Path<(Id, Id)>) -> Answer {
    let task = find_in(&caller, ids).await?;
    let people = caller.logged().authorize_people(act::LabelTasks, task)?;
    let query = Query::select()
        .columns(["user_id", "type"].map(|column| ("task_assignees", column)))
        .from("task_assignees")
        .inner_join(
            "members",
            Expr::col(("members", "user_id")).equals(("task_assignees", "user_id")),
        )
        .and_where(Expr::col(("task_assignees", "task_id")).eq(*people.row().value()))
        .and_where(caller.app.database.schema.is_person(&people))
        .order_by(("task_assignees", "user_id"), Order::Asc)
        .order_by(("task_assignees", "type"), Order::Asc)
        .to_owned();
    let assigned: Vec<Assigned> = caller.tx.select(&query).await?;
    let task = people.row().value();
    let entries = assigned.iter().map(
        |Assigned { user_id, r#type }| json!({ "task": task, "assignee": user_id, "type": r#type }),
    );
    Ok(Json(entries.collect()))
}

fn assigning(role: ProjectRole) -> Action {
    match role {
        ProjectRole::Annotator => Action::AssignAnnotators,
        ProjectRole::Reviewer => Action::AssignReviewers,
    }
}

pub async fn assign(caller: Caller, Path(ids): Path<(Id, Id)>, body: Assignees) -> Changed {
    let Assignees { users: Ids(users), r#type: role } = body;
    let granted = may_assign(&caller, ids, role).await?;
    let (Id(project), Id(task)) = ids;
    let members = assignees(&caller, project, &users).await?;
    insert(&caller, &granted, (task, project), &members, role).await?;
    caller.created(json!({ "task": task, "assignee": users.first(), "type": role.code() })).await
}

/// Assigns a task to these users of a role, and to nobody else of it.
pub async fn reassign(
    Exclusive(caller): Exclusive,
    Path(ids): Path<(Id, Id)>,
    body: Assignees,
) -> Changed {
    let Assignees { users: Ids(users), r#type: role } = body;
    let granted = may_assign(&caller, ids, role).await?;
    let (Id(project), Id(task)) = ids;
    let first = users.first().ok_or_else(|| bad_request("`users` names at least one"))?;
    let members = assignees(&caller, project, &users).await?;
    let others = Selected::AllBut(Ids(users.clone())).condition("user_id");
    let sql = format!("DELETE FROM task_assignees WHERE task_id = $1 AND type = $2 AND {others}");
    caller.tx.write(&granted, &sql, values![task, role.code()]).await?;
    insert(&caller, &granted, (task, project), &members, role).await?;
    caller.changed(json!({ "task": task, "assignee": first, "type": role.code() })).await
}

/// Assigns each of the users to each of the tasks, or nobody to any.
pub async fn assign_many(caller: Caller, Id(project): Id, body: ManyAssignees) -> Changed {
    let ManyAssignees { tasks, users: Ids(users), r#type: role, .. } = body;
    let tasks = selected(&caller, project, &tasks.try_into()?, role).await?;
    let granted = tasks.iter().map(|task| caller.logged().decide(assigning(role), task));
    let granted: Vec<_> = granted.collect::<Result<_>>()?;
    let members = assignees(&caller, project, &users).await?;
    if tasks.len() * members.len() > MANY {
        return Err(too_many());
    }
    for (task, granted) in tasks.iter().zip(&granted) {
        insert(&caller, granted, (task.id, project), &members, role).await?;
    }
    let ids: Vec<_> = tasks.iter().map(|task| task.id).collect();
    let assignments = tasks.len() * members.len();
    let answer = json!({ "assignments": assignments, "async": false, "task_ids": ids });
    caller.changed(answer).await
}

/// The tasks of a project that the caller may assign to people of a role, and that are selected. Those of
/// others and those that there are not are not told apart.
async fn selected(
    caller: &Caller,
    project: i64,
    tasks: &Selected,
    role: ProjectRole,
) -> Result<Vec<Row<Task>>> {
    let project = caller.find::<Project>(project).await?;
    let listing = caller.logged().authorize_list_of(assigning(role), project);
    let listing = listing.ok_or_else(not_found)??;
    let page = Page::of(MANY as u32 + 1);
    let named = Expr::cust(is_one_of("tasks.id", tasks.named()));
    let named = caller.list(&listing, &page.clone().only(named)).await?;
    if named.len() < tasks.named().len() {
        return Err(bad_request("not a task of the project"));
    }
    let Selected::AllBut(_) = tasks else { return Ok(named) };
    let others = Expr::cust(tasks.condition("tasks.id"));
    let found = caller.list(&listing, &page.only(others)).await?;
    if found.len() > MANY { Err(too_many()) } else { Ok(found) }
}

/// The users as those whom a task of a project can be assigned to.
async fn assignees(caller: &Caller, project: i64, users: &[i64]) -> Result<Vec<Member<i64>>> {
    let members = caller.active(users).await?;
    for member in &members {
        // A task puts a person in the project, so that others than annotators and reviewers have to
        // hold it already.
        if !member.role.is_project_bound() {
            let other = member.subject().with_matrix(*caller.subject.matrix());
            let found = caller.find_as::<Project>(&other, project).await?;
            if !other.can(Action::LabelTasks, found) {
                return Err(no_such_user());
            }
        }
    }
    Ok(members)
}

async fn insert(
    caller: &Caller,
    granted: &Granted,
    (task, project): (i64, i64),
    members: &[Member<i64>],
    role: ProjectRole,
) -> Result<()> {
    for member in members {
        let sql = "INSERT INTO task_assignees (task_id, project_id, user_id, type) \
            VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        let values = values![task, project, member.user.0, role.code()];
        caller.tx.write(granted, sql, values).await?;
    }
    Ok(())
}

pub async fn unassign(
    Exclusive(caller): Exclusive,
    Path(ids): Path<(Id, Id)>,
    AssigneeQuery { users, r#type: role }: AssigneeQuery,
) -> Changed {
    let granted = may_assign(&caller, ids, role).await?;
    let Ids(users) = users.parse().map_err(|error: &str| bad_request(error))?;
    for user in users {
        let sql = "DELETE FROM task_assignees WHERE task_id = $1 AND user_id = $2 AND type = $3";
        caller.tx.write(&granted, sql, values![ids.1.0, user, role.code()]).await?;
    }
    caller.no_content().await
}
