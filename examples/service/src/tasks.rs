//! Tasks, who they are assigned to, annotations and reviews.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use labelgate::{Action, ProjectRole, act};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bodies::{AnnotationBody, Assignees, NewReview, NewTask};
use crate::caller::{Caller, Exclusive};
use crate::extract::{self, Id, Path};
use crate::membership::no_such_user;
use crate::pages::PageQuery;
use crate::problem::{Answer, Changed, Failure, Result, bad_request};
use crate::rows::{self, Annotation, Project, Task};
use crate::store::AssignPermit;

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
    Ok(match caller.first::<Task, _, _>(&listing, only).await? {
        Some(task) => Json(rows::to_json(&task)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

#[derive(Deserialize, FromRequestParts)]
#[from_request(via(extract::Query), rejection(Failure))]
pub struct TaskFilter {
    project: Option<Id>,
}

/// The tasks of a project, without asking about memberships again; or all that the caller may see.
pub async fn list(caller: Caller, page: PageQuery, TaskFilter { project }: TaskFilter) -> Answer {
    let found = match project {
        Some(Id(id)) => {
            let project = caller.find::<Project>(id).await?;
            let listing = caller.logged().authorize_list_in(act::ViewProjectData, project)?;
            caller.page::<Task, _, _>(&listing, &page).await?
        }
        None => caller.page(&caller.logged().authorize_list(act::ViewProjectData)?, &page).await?,
    };
    let tasks: Vec<_> = found.rows.iter().map(rows::to_json).collect();
    Ok(Json(json!({
        "tasks": tasks, "total": found.count, "total_annotations": 0, "total_predictions": 0,
    })))
}

pub async fn create(caller: Caller, NewTask { project, data, .. }: NewTask) -> Changed {
    let permit = caller.permit::<Project, _>(act::ImportData, project).await?;
    let data = Value::from(data);
    let id = caller.tx.import(&permit, &data).await?;
    caller.created(json!({ "id": id, "project": project, "data": data })).await
}

pub async fn get(caller: Caller, Id(id): Id) -> Answer {
    let permit = caller.permit::<Task, _>(act::ViewProjectData, id).await?;
    let mut answer = rows::to_json(permit.row());
    answer["annotations"] = json!([]);
    // Who sees a task does not see what everybody annotated in it.
    if let Ok(listing) = caller.subject.authorize_list_in(act::ViewProjectData, permit.row()) {
        let annotations = caller.all::<Annotation, _, _>(&listing).await?;
        answer["annotations"] = annotations.iter().map(rows::to_json).collect();
    }
    Ok(Json(answer))
}

pub async fn annotations(caller: Caller, Id(id): Id) -> Answer {
    let task = caller.find::<Task>(id).await?;
    let listing = caller.logged().authorize_list_in(act::ViewProjectData, task)?;
    let annotations = caller.all::<Annotation, _, _>(&listing).await?;
    Ok(Json(annotations.iter().map(rows::to_json).collect()))
}

pub async fn annotate(caller: Caller, Id(id): Id, new: AnnotationBody) -> Changed {
    let permit = caller.permit::<Task, _>(act::LabelTasks, id).await?;
    let result = Value::from(new.result.unwrap_or_default());
    let mut answer = json!({ "task": id, "completed_by": permit.user(), "result": result });
    answer["id"] = caller.tx.annotate(permit, result).await?.into();
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
        answer["result"] = result.clone().into();
        caller.tx.change_annotation(permit, result.into()).await?;
    }
    caller.changed(answer).await
}

pub async fn review(caller: Caller, new: NewReview) -> Changed {
    let NewReview { annotation, accepted, .. } = new;
    let permit = caller.permit::<Annotation, _>(act::ReviewAnnotations, annotation).await?;
    let id = caller.tx.review(permit, accepted).await?;
    caller.created(json!({ "id": id, "annotation": annotation, "accepted": accepted })).await
}

/// The right to assign a task as what the role says. A task of another project is none.
async fn assigning(
    caller: &Caller,
    (Id(project), Id(task)): (Id, Id),
    role: ProjectRole,
) -> Result<AssignPermit> {
    let (id, found) = caller.find::<Task>(task).await?;
    let found = (id, found.filter(|found| found.project_id == project));
    let logged = caller.logged();
    Ok(match role {
        ProjectRole::Annotator => {
            AssignPermit::Annotators(logged.authorize(act::AssignAnnotators, found)?)
        }
        ProjectRole::Reviewer => {
            AssignPermit::Reviewers(logged.authorize(act::AssignReviewers, found)?)
        }
    })
}

pub async fn assign(caller: Caller, Path(ids): Path<(Id, Id)>, body: Assignees) -> Changed {
    let Assignees { users, r#type: role } = body;
    let permit = assigning(&caller, ids, role).await?;
    for member in &caller.active(&users).await? {
        // A task puts a person in the project, so that others than annotators and reviewers have to
        // hold it already.
        if !member.role.is_project_bound() {
            let other = member.subject().with_matrix(*caller.subject.matrix());
            let project = caller.find_as::<Project>(&other, permit.task().project_id).await?;
            if !other.can(Action::LabelTasks, project) {
                return Err(no_such_user());
            }
        }
        caller.tx.assign_task(&permit, member).await?;
    }
    let task = permit.task().id;
    caller.created(json!({ "task": task, "assignee": users.first(), "type": role.code() })).await
}

#[derive(Deserialize, FromRequestParts)]
#[from_request(via(extract::Query), rejection(Failure))]
pub struct AssigneeQuery {
    users: String,
    r#type: ProjectRole,
}

pub async fn unassign(
    Exclusive(caller): Exclusive,
    Path(ids): Path<(Id, Id)>,
    AssigneeQuery { users, r#type: role }: AssigneeQuery,
) -> Changed {
    let permit = assigning(&caller, ids, role).await?;
    let users: Result<Vec<Id>, _> = users.split(',').map(str::parse).collect();
    for Id(user) in users.map_err(bad_request)? {
        caller.tx.unassign_task(&permit, user).await?;
    }
    caller.no_content().await
}
