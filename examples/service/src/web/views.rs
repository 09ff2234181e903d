//! The pages themselves. A button is there if the caller may press it; what is not there and not hidden says
//! who may.

use axum::extract::State;
use axum::http::StatusCode;
use labelgate::explain::Change;
use labelgate::membership::{Member, RoleSource};
use labelgate::overrides::Overrides;
use labelgate::row::RowId;
use labelgate::sets::{Roles, Scopes};
use labelgate::{Action, Actions, Answer, Fact, Kind, Role, Scope, UserId, act};
use maud::{DOCTYPE, Markup, html};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait};
use serde::Deserialize;

use super::forms::{Boxes, edited};
use crate::App;
use crate::bodies::PeopleQuery;
use crate::caller::Caller;
use crate::columns::Code;
use crate::extract::{Id, Path, Query};
use crate::filters::{Ordering, Wanted};
use crate::impact::{Numbers, impact};
use crate::pages::{PageQuery, Paged};
use crate::permissions::read;
use crate::problem::{Result, not_found};
use crate::rows::{Annotation, Project, Row, Task, Workspace};

type Page = Result<Markup>;

fn document(title: &str, links: &Markup, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " - labelgate" }
                link rel="stylesheet" href="/web/style.css";
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header { nav aria-label="Pages" { (links) } }
                main #main { h1 { (title) } (body) }
            }
        }
    }
}

fn sign_in_link(app: &App) -> Markup {
    html! { @if !app.logins.is_empty() { a href="/web/sign-in" { "Sign in as somebody" } } }
}

fn page(caller: &Caller, title: &str, body: &Markup) -> Markup {
    let Caller { subject, policy, overrides, email, app, .. } = caller;
    let links = html! {
        @if subject.authorize_list(act::ViewProject).is_ok() { a href="/" { "Projects" } }
        @if subject.can(Action::ViewPeoplePage, subject.own_organization()) {
            a href="/web/people" { "People" }
        }
        @if policy.read_overrides(subject, *overrides).is_ok() {
            a href="/web/permissions" { "Permissions" }
        }
        span.who { (email) ", " (subject.role().name()) }
        (sign_in_link(app))
    };
    document(title, &links, body)
}

pub fn problem(app: &App, status: StatusCode, detail: &str) -> Markup {
    document(
        &status.to_string(),
        &sign_in_link(app),
        &html! { p.problem role="alert" { (detail) } },
    )
}

pub async fn sign_in(State(app): State<App>) -> Markup {
    let body = html! {
        p { "The database is in memory, and nobody else reaches it: no password is needed." }
        ul.rows {
            @for login in &*app.logins {
                li {
                    form method="post" {
                        input type="hidden" name="email" value=(login.email);
                        button { (login.email) }
                        " " (login.role.name()) " of organization " (login.organization)
                    }
                }
            }
        }
    };
    document("Sign in", &html! {}, &body)
}

/// A form that is one button.
fn button(path: &str, label: &str, name: &str) -> Markup {
    html! { form method="post" action=(path) { button aria-label={ (label) " " (name) } { (label) } } }
}

/// A form that is a text and a button.
fn text_form(path: &str, name: &str, label: &str, value: &str, send: &str) -> Markup {
    html! {
        form method="post" action=(path) {
            label { (label) " " input name=(name) value=(value) required; }
            button { (send) }
        }
    }
}

/// A form that picks a user.
fn user_form(path: &str, users: &[Listed], label: &str, more: &Markup, send: &str) -> Markup {
    html! {
        @if !users.is_empty() {
            form method="post" action=(path) {
                (more)
                label {
                    (label) " "
                    select name="user" {
                        @for user in users { option value=(user.user_id) { (user.email) } }
                    }
                }
                button { (send) }
            }
        }
    }
}

/// Where the answer to an action would be 403: what would permit it. Where it is 404, nothing.
fn why_not<I: RowId<Value = i64>, D>(
    caller: &Caller,
    row: &labelgate::Row<I, D>,
    actions: Actions,
) -> Markup {
    let denied = |action: &Action| {
        let decided = caller.subject.decide(*action, row);
        decided.is_err_and(|denied| denied.answer() == Answer::Forbidden)
    };
    let denied: Vec<_> = actions.elements().filter(denied).collect();
    html! {
        @if !denied.is_empty() {
            details.why {
                summary { "Why not more?" }
                dl {
                    @for action in denied {
                        dt data-action=(action.key()) { (action.description().trim_end_matches('.')) }
                        dd { (alternatives(caller.subject.explain(action, row))) }
                    }
                }
            }
        }
    }
}

fn alternatives(changes: impl Iterator<Item = Change>) -> String {
    let words: Vec<_> = changes.map(words).collect();
    if words.is_empty() { "nobody may".to_owned() } else { words.join(", or ") }
}

fn words(change: Change) -> String {
    let role = change.role.map(|role| format!("as {}", role.name()));
    let scopes = scopes(change.scopes);
    role.into_iter().chain((!scopes.is_empty()).then_some(scopes)).collect::<Vec<_>>().join(" ")
}

fn scopes(scopes: Scopes) -> String {
    let words = scopes.elements().map(|scope| match scope {
        Scope::Own => "on what is their own",
        Scope::OwnPermitted => "where the project shows people their own data",
        Scope::Project => "as a member of the project",
        Scope::Workspace => "as a member of the workspace",
        Scope::Organization => "everywhere in the organization",
    });
    words.collect::<Vec<_>>().join(", ")
}

fn pager(path: &str, at: &PageQuery, count: i64) -> Page {
    let (size, offset) = at.limits()?;
    let (number, size) = (offset / size + 1, i64::from(size));
    let more = i64::from(offset) + size < count;
    Ok(html! {
        p.count { (count) " in all" }
        @if number > 1 || more {
            nav aria-label="Further pages" {
                @if number > 1 { a href={ (path) "page=" (number - 1) } { "Page before" } }
                @if more { a href={ (path) "page=" (number + 1) } { "Next page" } }
            }
        }
    })
}

pub async fn projects(caller: Caller, at: PageQuery) -> Page {
    let listing = caller.logged().authorize_list(act::ViewProject)?;
    let found = caller.page::<Project, _, _>(&listing, &at, Wanted::all()).await?;
    Ok(page(
        &caller,
        "Projects",
        &html! {
            ul.rows {
                @for row in &found.rows {
                    li {
                        h2 { a href={ "/web/projects/" (row.id) } { (row.title) } }
                        (project_buttons(&caller, row))
                    }
                }
            }
            (pager("/?", &at, found.count)?)
            (new_project(&caller).await?)
        },
    ))
}

/// In a workspace where the caller may create projects, or in none.
async fn new_project(caller: &Caller) -> Page {
    let workspaces: Vec<Row<Workspace>> = match caller.subject.authorize_list(act::CreateProject) {
        Ok(listing) => caller.list(&listing, &labelgate::sql::Page::of(1000)).await?,
        Err(_) => Vec::new(),
    };
    let here = caller.subject.own_organization();
    let in_none = caller.subject.can(Action::CreateProject, here);
    Ok(html! {
        section {
            h2 { "New project" }
            @if in_none || !workspaces.is_empty() {
                form method="post" action="/web/projects" {
                    label { "Title " input name="title" required; }
                    label {
                        "Workspace "
                        select name="workspace" {
                            @if in_none { option value="" { "none" } }
                            @for row in &workspaces { option value=(row.id) { (row.title) } }
                        }
                    }
                    button { "Create" }
                }
            }
            (why_not(caller, &here, Actions::CreateProject))
        }
    })
}

fn project_buttons(caller: &Caller, row: &Row<Project>) -> Markup {
    let may = caller.subject.actions(row);
    let path = format!("/web/projects/{}", row.id);
    let shares = caller.subject.authorize_people(act::ViewProject, row).is_ok();
    // For these there is nothing to press here.
    let more = may & (Actions::SaveProjectTemplates | Actions::UseApi);
    html! {
        div.buttons {
            @if shares { a href={ (path) "/share?action=projects.view" } { "Share" } }
            @if may.has(Action::ExportData) { a href={ "/api/projects/" (row.id) "/export" } { "Export" } }
            @if may.has(Action::ImportData) { a href={ (path) "#import" } { "Import" } }
            @if may.has(Action::ChangeProject) { a href={ (path) "#change" } { "Change" } }
            @if may.has(Action::DeleteProject) {
                (button(&format!("{path}/delete"), "Delete", &row.title))
            }
        }
        @if !more.is_empty() {
            p.more { "Also: " (more.elements().map(Action::source).collect::<Vec<_>>().join(", ")) }
        }
        (why_not(caller, row, Actions::done_to(Kind::Project)))
    }
}

#[derive(Deserialize)]
pub struct Tab {
    tab: Option<Action>,
}

pub async fn project(
    caller: Caller,
    Id(id): Id,
    at: PageQuery,
    Query(Tab { tab }): Query<Tab>,
) -> Page {
    let permit = caller.permit::<Project, _>(act::ViewProject, id).await?;
    let row = permit.row();
    let (may, tabs) = (caller.subject.actions(row), caller.subject.actions_in(row));
    let tab = tab.or_else(|| tabs.elements().next());
    let path = format!("/web/projects/{id}");
    Ok(page(
        &caller,
        &row.title,
        &html! {
            (project_buttons(&caller, row))
            nav.tabs aria-label="What to do in the project" {
                @for action in tabs.elements() {
                    a href={ (path) "?tab=" (action) } aria-current=[(tab == Some(action)).then_some("page")] {
                        (action.source())
                    }
                }
            }
            @if let Some(action) = tab { (tasks(&caller, row, action, &at).await?) }
            @if may.has(Action::ImportData) {
                section #import {
                    h2 { "Import" }
                    (text_form(&format!("{path}/import"), "text", "Text of the task", "", "Add the task"))
                }
            }
            @if may.has(Action::ChangeProject) {
                section #change {
                    h2 { "Change" }
                    (text_form(&format!("{path}/rename"), "text", "Title", &row.title, "Rename"))
                }
            }
        },
    ))
}

/// What a tab has: the tasks and the annotations of the list, each with buttons of its own.
async fn tasks(caller: &Caller, project: &Row<Project>, action: Action, at: &PageQuery) -> Page {
    let listing = caller.logged().authorize_list_of(action, project).ok_or_else(not_found)??;
    let tasks = caller.page::<Task, _, _>(&listing, at, Wanted::all()).await?;
    let records = listing.records().ok_or_else(not_found)?;
    let annotations = caller.page::<Annotation, _, _>(&records, at, Wanted::all()).await?;
    let bound = Role::ALL.into_iter().filter(|role| role.is_project_bound()).collect();
    let people = pick(caller, bound).await?;
    let path = format!("/web/projects/{}?tab={action}&", project.id);
    Ok(html! {
        section {
            h2 { "Tasks" }
            ul.rows { @for row in &tasks.rows { li { (task(caller, row, &people)) } } }
            (pager(&path, at, tasks.count)?)
        }
        section {
            h2 { "Annotations" }
            ul.rows { @for row in &annotations.rows { li { (record(caller, row)) } } }
            (pager(&path, at, annotations.count)?)
        }
    })
}

fn task(caller: &Caller, row: &Row<Task>, people: &[Listed]) -> Markup {
    let may = caller.subject.actions(row);
    let assign = format!("/web/projects/{}/tasks/{}/assign", row.project_id, row.id);
    let r#as = |code: &str| html! { input type="hidden" name="type" value=(code); };
    let shown = Actions::LabelTasks | Actions::AssignAnnotators | Actions::AssignReviewers;
    html! {
        h3 { "Task " (row.id) }
        @if may.has(Action::ViewProjectData) || may.has(Action::LabelTasks) {
            pre { (row.data.0) }
        }
        div.buttons {
            @if may.has(Action::LabelTasks) {
                (text_form(&format!("/web/tasks/{}/annotate", row.id), "text", "Label", "", "Annotate"))
            }
            @if may.has(Action::AssignAnnotators) {
                (user_form(&assign, people, "Annotator", &r#as("AN"), "Assign"))
            }
            @if may.has(Action::AssignReviewers) {
                (user_form(&assign, people, "Reviewer", &r#as("RE"), "Assign"))
            }
        }
        (why_not(caller, row, shown))
    }
}

fn record(caller: &Caller, row: &Row<Annotation>) -> Markup {
    let may = caller.subject.actions(row);
    let path = format!("/web/annotations/{}", row.id);
    let verdict = |accepted: bool, label: &str| {
        html! {
            form method="post" action={ (path) "/review" } {
                input type="hidden" name="accepted" value=(accepted);
                button { (label) }
            }
        }
    };
    html! {
        h3 { "Annotation " (row.id) " of task " (row.task_id) }
        @if may.has(Action::ViewProjectData) { pre { (row.result.0) } }
        div.buttons {
            @if may.has(Action::ReviewAnnotations) { (verdict(true, "Accept")) (verdict(false, "Reject")) }
            @if may.has(Action::ChangeAnnotations) {
                (text_form(&format!("{path}/change"), "text", "Label", "", "Change"))
            }
        }
        (why_not(caller, row, Actions::ReviewAnnotations | Actions::ChangeAnnotations))
    }
}

/// The share dialog.
pub async fn share(caller: Caller, Id(id): Id, at: PageQuery, asked: PeopleQuery) -> Page {
    let project = caller.find::<Project>(id).await?;
    let people =
        caller.logged().authorize_people_of(asked.action, (project.0, project.1.as_ref()))?;
    let row = project.1.as_ref().ok_or_else(not_found)?;
    let Paged { count, rows } = caller.people(&people, at.page()?, None).await?;
    let changes = caller.subject.can(Action::ChangeProject, row);
    let members = if changes { pick(&caller, active()).await? } else { Vec::new() };
    let path = format!("/web/projects/{id}");
    let asks = |action: &Action| matches!(action.kind(), Kind::Project | Kind::Task);
    Ok(page(
        &caller,
        &format!("Who may: {}", row.title),
        &html! {
            p { a href=(path) { "Back to " (row.title) } }
            form action={ (path) "/share" } {
                label {
                    "Who may do "
                    select name="action" {
                        @for action in Action::ALL.into_iter().filter(asks) {
                            option value=(action) selected[action == asked.action] { (action.source()) }
                        }
                    }
                }
                button { "Show" }
            }
            div.scroll tabindex="0" role="region" aria-label="Who may" {
                table {
                    tr { th { "Who" } th { "As" } th { "May" } th { "Known of them" } th { "Change" } }
                    @for entry in &rows {
                        tr {
                            th scope="row" { (entry.listed.email) }
                            td { (entry.person.effective_role().name()) }
                            td { (scopes(entry.person.scopes())) }
                            td { (entry.person.facts().elements().map(fact).collect::<Vec<_>>().join(", ")) }
                            td {
                                @if changes && entry.person.facts().has(Fact::ProjectMember) {
                                    form method="post" action={ (path) "/members/remove" } {
                                        input type="hidden" name="user" value=(entry.listed.id);
                                        button aria-label={ "Remove " (entry.listed.email) } { "Remove" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            (pager(&format!("{path}/share?action={}&", asked.action), &at, count)?)
            (user_form(&format!("{path}/members"), &members, "Member", &html! {}, "Add to the project"))
            (why_not(&caller, row, Actions::ChangeProject))
        },
    ))
}

fn fact(fact: Fact) -> String {
    fact.name().replace('_', " ")
}

fn active() -> Roles {
    Role::ALL.into_iter().filter(|role| role.is_active()).collect()
}

/// A member of the organization.
#[derive(FromQueryResult)]
struct Listed {
    user_id: i64,
    email: String,
    role: Code<Role>,
    role_source: Code<RoleSource>,
}

async fn listed(caller: &Caller, only: Expr, at: &PageQuery) -> Result<Paged<Listed>> {
    let here = Expr::col(("members", "organization_id")).eq(caller.subject.organization().0);
    caller.page_with_users("members", here.and(only), Ordering::BY_ID, at).await
}

/// Whom the caller may choose from: members of these roles, or oneself where one may not see others.
async fn pick(caller: &Caller, roles: Roles) -> Result<Vec<Listed>> {
    let has_role = Expr::col(("members", "role")).is_in(roles.elements().map(Role::code));
    let sees = caller.subject.can(Action::ViewPeoplePage, caller.subject.own_organization());
    let is_self = Expr::col(("members", "user_id")).eq(caller.subject.user().0);
    let only = if sees { has_role } else { has_role.and(is_self) };
    Ok(listed(caller, only, &PageQuery::of(1000)).await?.rows)
}

pub async fn people(caller: Caller, at: PageQuery) -> Page {
    let here = caller.subject.own_organization();
    let _permit = caller.logged().authorize(act::ViewPeoplePage, &here)?;
    let Paged { count, rows } = listed(&caller, Expr::val(true), &at).await?;
    Ok(page(
        &caller,
        "People",
        &html! {
            div.scroll tabindex="0" role="region" aria-label="Members" {
                table {
                    tr { th { "Who" } th { "Role" } th { "Change" } }
                    @for one in rows { (person(&caller, one)) }
                }
            }
            (pager("/web/people?", &at, count)?)
            (why_not(&caller, &here, Actions::done_to(Kind::Organization)))
        },
    ))
}

/// A member with the roles that the caller may give to them, and nothing where that is none.
fn person(caller: &Caller, one: Listed) -> Markup {
    let Listed { user_id, email, role: Code(role), role_source: Code(source) } = one;
    let (subject, policy) = (&caller.subject, &caller.policy);
    let member =
        Member { organization: *subject.organization(), user: UserId(user_id), role, source };
    let gives = |role: &Role| policy.assign(subject, &member, *role).is_ok();
    let roles: Vec<_> = Role::ALL.into_iter().filter(gives).collect();
    let removed = policy.remove(subject, &member);
    let path = format!("/web/people/{user_id}");
    html! {
        tr {
            th scope="row" { (email) }
            td { (role.name()) }
            td.buttons {
                @if roles.iter().any(|other| *other != role) {
                    form method="post" action={ (path) "/role" } {
                        select name="role" aria-label={ "Role of " (email) } {
                            @for other in roles {
                                option value=(other) selected[other == role] { (other.name()) }
                            }
                        }
                        button { "Give" }
                    }
                }
                @match &removed {
                    Ok(_) => (button(&format!("{path}/remove"), "Remove", &email)),
                    Err(refused) if refused.missing().is_empty() => { (refused) },
                    Err(_) => {},
                }
            }
        }
    }
}

fn names(roles: Roles) -> String {
    let names: Vec<_> = roles.elements().map(Role::name).collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

pub async fn permissions(caller: Caller) -> Page {
    let set = read(&caller)?;
    Ok(page(
        &caller,
        "Permissions",
        &html! {
            p { "What the organization changes in the matrix. What a change would do is shown before it is saved." }
            ul.rows {
                @for action in Action::ALL.into_iter().filter(|action| !Overrides::options(*action).is_empty()) {
                    li { (permission_form(&set, action)) }
                }
            }
        },
    ))
}

fn permission_form(set: &Overrides, action: Action) -> Markup {
    let (default, set) = (Overrides::default_roles(action), set.get(action));
    let roles = set.unwrap_or(default);
    let path = format!("/web/permissions/{action}");
    html! {
        form action=(path) {
            fieldset {
                legend { (action.source()) }
                @for role in Overrides::options(action).elements() {
                    label {
                        input type="checkbox" name="roles" value=(role) checked[roles.has(role)];
                        " " (role.name())
                    }
                }
                button { "Preview" }
            }
        }
        @if set.is_some() {
            p { "Built in: " (names(default)) }
            (button(&format!("{path}/reset"), "Reset", action.source()))
        }
    }
}

/// What an override would do, before it is saved.
pub async fn permission(
    caller: Caller,
    Path(key): Path<String>,
    Query(boxes): Query<Boxes>,
) -> Page {
    let one = edited(&key, &boxes)?;
    let (impact, action) = (impact(&caller, one)?, one.permission);
    let impact = impact.change();
    let gained = Numbers::of(&caller, &impact.gained(action)).await?;
    let lost = Numbers::of(&caller, &impact.lost(action)).await?;
    let is_changed = impact.before() != impact.after();
    Ok(page(
        &caller,
        action.source(),
        &html! {
            p { "For: " (names(one.roles)) }
            @if is_changed { (number("gain", &gained)) (number("lose", &lost)) }
            @else { p { "Nothing changes." } }
            form method="post" action={ "/web/permissions/" (key) } {
                @for role in one.roles.elements() { input type="hidden" name="roles" value=(role); }
                button { "Save" }
            }
            p { a href="/web/permissions" { "Leave it as it is" } }
        },
    ))
}

fn number(verb: &str, Numbers { members, rows, .. }: &Numbers) -> Markup {
    html! { p { (members) " members " (verb) " it, on " (rows) " rows." } }
}
