//! Tasks, annotations and reviews.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use labelgate::{Action, ProjectRole, Subject, act};
use sea_orm::sea_query::{self, Expr, ExprTrait};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bodies::{Assignees, ChangedAnnotation, NewAnnotation, NewReview, NewTask};
use crate::caller::{Caller, Exclusive};
use crate::extract::{Body, Id, Path, Query};
use crate::pages::PageQuery;
use crate::problem::{Answer, Changed, Failure, bad_request, no_such_user};
use crate::rows::{Annotation, Project, Row, Task};
use crate::store::Assign;

/// JSON as it is kept.
pub fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn task(row: &Row<Task>) -> Value {
    json!({ "id": row.id, "project": row.project_id, "data": parsed(&row.data) })
}

fn annotation(row: &Row<Annotation>) -> Value {
    json!({
        "id": row.id,
        "task": row.task_id,
        "completed_by": row.completed_by,
        "result": parsed(&row.result),
    })
}

/// A task to label: the first that the caller has no annotation in. The data of a task that one labels
/// is seen by right of labeling it.
pub async fn next(caller: Caller, Path(Id(id)): Path<Id>) -> Result<Response, Failure> {
    let project = caller.find::<Project>(id).await?;
    let listing = caller.logged().authorize_list_in(act::LabelTasks, project)?;
    let annotated = sea_query::Query::select()
        .column("task_id")
        .from("annotations")
        .and_where(Expr::col("completed_by").eq(caller.subject.user().0))
        .to_owned();
    let only = Expr::col(("tasks", "id")).not_in_subquery(annotated);
    let found = caller.first::<Task, _, _>(&listing, only).await?;
    Ok(match found {
        Some(found) => Json(task(&found)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

#[derive(Deserialize)]
pub struct TaskFilter {
    project: Option<Id>,
}

/// The tasks of a project, without asking about memberships again; or all that the caller may see.
pub async fn list(
    caller: Caller,
    Query(at): Query<PageQuery>,
    Query(TaskFilter { project }): Query<TaskFilter>,
) -> Answer {
    let page = match project {
        Some(Id(id)) => {
            let project = caller.find::<Project>(id).await?;
            let listing = caller.logged().authorize_list_in(act::ViewProjectData, project)?;
            caller.numbered::<Task, _, _>(&listing, at).await?
        }
        None => caller.numbered(&caller.logged().authorize_list(act::ViewProjectData)?, at).await?,
    };
    let tasks: Vec<_> = page.rows.iter().map(task).collect();
    Ok(Json(json!({
        "tasks": tasks, "total": page.count, "total_annotations": 0, "total_predictions": 0,
    })))
}

pub async fn create(caller: Caller, Body(new): Body<NewTask>) -> Changed {
    let permit = caller.permit::<Project, _>(act::ImportData, new.project).await?;
    let data = Value::from(new.data);
    let id = caller.tx.import(&permit, &data).await?;
    let answer = json!({ "id": id, "project": new.project, "data": data });
    caller.created(answer).await
}

pub async fn get(caller: Caller, Path(Id(id)): Path<Id>) -> Answer {
    let permit = caller.permit::<Task, _>(act::ViewProjectData, id).await?;
    // Who sees a task does not see what everybody annotated in it.
    let annotations: Vec<Row<Annotation>> =
        match caller.subject.authorize_list_in(act::ViewProjectData, permit.row()) {
            Ok(listing) => caller.all(&listing).await?,
            Err(_) => Vec::new(),
        };
    let mut answer = task(permit.row());
    answer["annotations"] = annotations.iter().map(annotation).collect();
    Ok(Json(answer))
}

pub async fn annotations(caller: Caller, Path(Id(id)): Path<Id>) -> Answer {
    let found = caller.find::<Task>(id).await?;
    let listing = caller.logged().authorize_list_in(act::ViewProjectData, found)?;
    let rows = caller.all::<Annotation, _, _>(&listing).await?;
    Ok(Json(rows.iter().map(annotation).collect()))
}

pub async fn annotate(
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Body(new): Body<NewAnnotation>,
) -> Changed {
    let permit = caller.permit::<Task, _>(act::LabelTasks, id).await?;
    let result = Value::from(new.result);
    let mut answer = json!({ "task": id, "completed_by": permit.user(), "result": result });
    answer["id"] = caller.tx.annotate(permit, result).await?.into();
    caller.created(answer).await
}

pub async fn get_annotation(caller: Caller, Path(Id(id)): Path<Id>) -> Answer {
    let permit = caller.permit::<Annotation, _>(act::ViewProjectData, id).await?;
    Ok(Json(annotation(permit.row())))
}

pub async fn change_annotation(
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Body(changed): Body<ChangedAnnotation>,
) -> Changed {
    let permit = caller.permit::<Annotation, _>(act::ChangeAnnotations, id).await?;
    let mut answer = annotation(permit.row());
    if let Some(result) = changed.result {
        answer["result"] = result.clone().into();
        caller.tx.change_annotation(permit, result.into()).await?;
    }
    caller.changed(answer).await
}

pub async fn review(caller: Caller, Body(new): Body<NewReview>) -> Changed {
    let permit = caller.permit::<Annotation, _>(act::ReviewAnnotations, new.annotation).await?;
    let id = caller.tx.review(permit, new.accepted).await?;
    let answer = json!({ "id": id, "annotation": new.annotation, "accepted": new.accepted });
    caller.created(answer).await
}

/// The right to assign a task as what the role says. A task of another project is none.
async fn assigning(
    caller: &Caller,
    (project, task): (i64, i64),
    role: ProjectRole,
) -> Result<Assign, Failure> {
    let (id, found) = caller.find::<Task>(task).await?;
    let found = (id, found.filter(|found| found.project_id == project));
    Ok(match role {
        ProjectRole::Annotator => {
            Assign::Annotators(caller.logged().authorize(act::AssignAnnotators, found)?)
        }
        ProjectRole::Reviewer => {
            Assign::Reviewers(caller.logged().authorize(act::AssignReviewers, found)?)
        }
    })
}

pub async fn assign(
    caller: Caller,
    Path((Id(project), Id(task))): Path<(Id, Id)>,
    Body(Assignees { users, r#type: role }): Body<Assignees>,
) -> Changed {
    let permit = assigning(&caller, (project, task), role).await?;
    let members = caller.active(&users).await?;
    for member in &members {
        // A task puts a person in the project, so that others than annotators and reviewers have to
        // hold it already.
        if !member.role.is_project_bound() {
            let other = Subject::clone(&member.subject()).with_matrix(*caller.subject.matrix());
            let found = caller.find_as::<Project>(&other, project).await?;
            if !other.can(Action::LabelTasks, found) {
                return Err(no_such_user());
            }
        }
        caller.tx.assign_task(&permit, member).await?;
    }
    let answer = json!({ "task": task, "assignee": users.first(), "type": role.code() });
    caller.created(answer).await
}

#[derive(Deserialize)]
pub struct AssigneeQuery {
    users: String,
    r#type: ProjectRole,
}

pub async fn unassign(
    Exclusive(caller): Exclusive,
    Path((Id(project), Id(task))): Path<(Id, Id)>,
    Query(AssigneeQuery { users, r#type: role }): Query<AssigneeQuery>,
) -> Changed {
    let permit = assigning(&caller, (project, task), role).await?;
    let users: Result<Vec<Id>, _> = users.split(',').map(str::parse).collect();
    for Id(user) in users.map_err(bad_request)? {
        caller.tx.unassign_task(&permit, user).await?;
    }
    caller.no_content().await
}
