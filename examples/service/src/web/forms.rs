//! What the forms of the pages are sent to: the API's handlers, each with the body that it reads, and then a
//! page again.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect};
use labelgate::ProjectRole;
use labelgate::overrides::Override;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::App;
use crate::bodies::{Assign, MemberQuery, NewProjectMember};
use crate::caller::{Caller, Exclusive};
use crate::credentials::is_same_origin;
use crate::extract::{Body, Form, Id, Path};
use crate::problem::{Failure, Result, bad_request, forbidden, not_found};
use crate::{members, permissions, projects, tasks};

type Done = Result<Redirect>;

/// The page that the form is on.
pub struct Back(Redirect);

impl FromRequestParts<App> for Back {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let referer = parts.headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
        let is_ours =
            |url: &&str| url.strip_prefix(&*app.origin).is_some_and(|path| path.starts_with('/'));
        Ok(Self(Redirect::to(referer.filter(is_ours).unwrap_or("/"))))
    }
}

/// The body that a client would send.
fn body<T: DeserializeOwned>(json: Value) -> Result<T> {
    serde_json::from_value(json).map_err(bad_request)
}

#[derive(Deserialize)]
pub struct NewProjectForm {
    title: String,
    /// Empty for none.
    workspace: String,
}

pub async fn create_project(caller: Caller, Form(new): Form<NewProjectForm>) -> Done {
    let NewProjectForm { title, workspace } = new;
    let workspace = Some(workspace).filter(|id| !id.is_empty()).map(Id::try_from).transpose();
    let workspace = workspace.map_err(bad_request)?.map(|Id(id)| id);
    projects::create(caller, body(json!({ "title": title, "workspace": workspace }))?).await?;
    Ok(Redirect::to("/"))
}

#[derive(Deserialize)]
pub struct Text {
    text: String,
}

pub async fn rename_project(
    Back(back): Back,
    caller: Exclusive,
    id: Id,
    Form(new): Form<Text>,
) -> Done {
    projects::change(caller, id, body(json!({ "title": new.text }))?).await?;
    Ok(back)
}

pub async fn delete_project(caller: Exclusive, id: Id) -> Done {
    projects::delete(caller, id).await?;
    Ok(Redirect::to("/"))
}

pub async fn import(Back(back): Back, caller: Caller, Id(id): Id, Form(new): Form<Text>) -> Done {
    let task = json!({ "project": id, "data": { "text": new.text } });
    tasks::create(caller, body(task)?).await?;
    Ok(back)
}

pub async fn add_to_project(
    Back(back): Back,
    caller: Caller,
    id: Id,
    Form(new): Form<NewProjectMember>,
) -> Done {
    projects::add_member(caller, id, new).await?;
    Ok(back)
}

pub async fn remove_from_project(
    Back(back): Back,
    caller: Exclusive,
    id: Id,
    Form(member): Form<MemberQuery>,
) -> Done {
    projects::remove_member(caller, id, member).await?;
    Ok(back)
}

#[derive(Deserialize)]
pub struct Assignee {
    user: i64,
    r#type: ProjectRole,
}

pub async fn assign_task(
    Back(back): Back,
    caller: Caller,
    ids: Path<(Id, Id)>,
    Form(Assignee { user, r#type }): Form<Assignee>,
) -> Done {
    tasks::assign(caller, ids, body(json!({ "users": [user], "type": r#type }))?).await?;
    Ok(back)
}

/// An annotation that is a text.
fn annotation(Text { text }: Text) -> Value {
    json!({ "result": [{ "type": "textarea", "value": { "text": [text] } }] })
}

pub async fn annotate(Back(back): Back, caller: Caller, id: Id, Form(text): Form<Text>) -> Done {
    tasks::annotate(caller, id, body(annotation(text))?).await?;
    Ok(back)
}

pub async fn change_annotation(
    Back(back): Back,
    caller: Caller,
    id: Id,
    Form(text): Form<Text>,
) -> Done {
    tasks::change_annotation(caller, id, body(annotation(text))?).await?;
    Ok(back)
}

#[derive(Deserialize)]
pub struct Verdict {
    accepted: bool,
}

pub async fn review(
    Back(back): Back,
    caller: Caller,
    Id(id): Id,
    Form(Verdict { accepted }): Form<Verdict>,
) -> Done {
    tasks::review(caller, body(json!({ "annotation": id, "accepted": accepted }))?).await?;
    Ok(back)
}

#[derive(Deserialize)]
pub struct GivenRole {
    role: String,
}

pub async fn set_role(
    caller: Exclusive,
    Id(id): Id,
    Form(GivenRole { role }): Form<GivenRole>,
) -> Done {
    let given: Assign = body(json!({ "user_id": id, "role": role }))?;
    members::assign(caller, given).await?;
    Ok(Redirect::to("/web/people"))
}

pub async fn remove_member(caller: Exclusive, id: Id) -> Done {
    members::remove(caller, Path((String::new(), id))).await?;
    Ok(Redirect::to("/web/people"))
}

/// Each box that is ticked is a field.
pub type Boxes = Vec<(String, String)>;

pub fn edited(key: &str, boxes: &Boxes) -> Result<Override> {
    let roles: Vec<_> =
        boxes.iter().filter(|(name, _)| name == "roles").map(|(_, role)| role).collect();
    body(json!({ "permission": key, "roles": roles }))
}

pub async fn set_permission(
    caller: Exclusive,
    Path(key): Path<String>,
    Form(boxes): Form<Boxes>,
) -> Done {
    let one = edited(&key, &boxes)?;
    match caller.0.overrides.get(one.permission) {
        None => permissions::create(caller, Body(one)).await?,
        Some(_) => permissions::replace(caller, body(json!({ "key": key }))?, Body(one)).await?,
    };
    Ok(Redirect::to("/web/permissions"))
}

pub async fn reset_permission(caller: Exclusive, key: permissions::Key) -> Done {
    permissions::delete(caller, key).await?;
    Ok(Redirect::to("/web/permissions"))
}

#[derive(Deserialize)]
pub struct As {
    email: String,
}

/// Gives the cookie of somebody of the seed. There is no such route elsewhere: see `signs_in_as_anybody`.
pub async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Form(As { email }): Form<As>,
) -> Result<impl IntoResponse> {
    if !is_same_origin(&headers, &app) {
        return Err(forbidden("another origin signs nobody in"));
    }
    let login = app.logins.iter().find(|login| login.email == email).ok_or_else(not_found)?;
    let cookie = format!("sessionid={}; Path=/; HttpOnly; SameSite=Lax", login.cookie);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")))
}
