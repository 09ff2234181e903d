//! Who may do something to a row: the share dialog of a project, and who is in a project or a workspace.

use axum::Json;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use labelgate::people::{People, Person};
use labelgate::row::RowId;
use labelgate::sql::Page;
use labelgate::{Kind, Role, UserId, act};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Order, Query, SelectStatement};
use serde_json::{Value, json};

use crate::bodies::{ExportQuery, MembersQuery, PeopleQuery};
use crate::caller::Caller;
use crate::columns::Code;
use crate::extract::Id;
use crate::filters::{self, Wanted};
use crate::members::user;
use crate::pages::{self, PageQuery, Paged};
use crate::problem::{Answer, Result, internal};
use crate::rows::{Project, Workspace};

/// What the database says of a person.
#[derive(FromQueryResult)]
pub struct Listed {
    pub id: i64,
    role: Code<Role>,
    facts: i64,
    pub email: String,
    /// The role that was given to them in the project, whatever it is worth.
    project_role: Option<String>,
    project_role_source: Option<String>,
}

pub struct Entry {
    pub person: Person<i64>,
    pub listed: Listed,
}

impl Entry {
    fn user(&self) -> Value {
        user(self.listed.id, &self.listed.email)
    }
}

impl Caller {
    /// A page of people who meet a condition as well, and how many there are.
    pub async fn people<A, I: RowId<Value = i64>>(
        &self,
        people: &People<A, I, i64>,
        page: Page,
        only: Option<Expr>,
    ) -> Result<Paged<Entry>> {
        let order = [("id", page.order().clone())];
        self.entries(people, self.select_people(people, page, &only), only, &order).await
    }

    /// A page of people as the client sorts and searches them.
    async fn members<A, I: RowId<Value = i64>>(
        &self,
        people: &People<A, I, i64>,
        (size, offset): (u32, u32),
        Wanted { ordering, only }: Wanted,
    ) -> Result<Paged<Entry>> {
        if ordering.is_by_id() {
            let page = ordering.directed(Page::of(size).offset(offset));
            return self.people(people, page, only).await;
        }
        let columns = ordering.columns();
        // Pages of people are in the order of the ids: for another one all of them are found.
        let rows = self
            .select_people(people, Page::of(u32::MAX), &only)
            .order_by_columns(columns.clone().map(|(column, order)| (("users", column), order)))
            .limit(size.into())
            .offset(offset.into())
            .to_owned();
        self.entries(people, rows, only, &columns).await
    }

    fn select_people<A, I: RowId<Value = i64>>(
        &self,
        people: &People<A, I, i64>,
        page: Page,
        only: &Option<Expr>,
    ) -> SelectStatement {
        let page = only.iter().cloned().fold(page, Page::search);
        let in_project = match I::KIND {
            Kind::Project => Expr::col(("project_roles", "project_id")).eq(*people.row().value()),
            _ => Expr::val(false), // there are no roles
        };
        let has_role = Expr::col(("project_roles", "user_id")).equals(("people", "user_id"));
        Query::select()
            .column(("people", Asterisk))
            .expr_as(Expr::col(("people", "user_id")), "id")
            .column(("users", "email"))
            .expr_as(Expr::col(("project_roles", "role")), "project_role")
            .expr_as(Expr::col(("project_roles", "role_source")), "project_role_source")
            .from_subquery(self.app.database.schema.people(people, &page), "people")
            .left_join("users", Expr::col(("users", "id")).equals(("people", "user_id")))
            .left_join("project_roles", in_project.and(has_role))
            .to_owned()
    }

    async fn entries<A, I: RowId<Value = i64>>(
        &self,
        people: &People<A, I, i64>,
        rows: SelectStatement,
        only: Option<Expr>,
        order: &[(&'static str, Order)],
    ) -> Result<Paged<Entry>> {
        let schema = &self.app.database.schema;
        let count = match only {
            None => schema.count_people(people),
            Some(only) => pages::count("members", schema.is_person(people).and(only)),
        };
        let Paged { count, rows } = self.paged::<Listed>(rows, count, order.to_vec()).await?;
        let entries = rows.into_iter().filter_map(|listed| {
            let person = people.person(UserId(listed.id), listed.role.0, listed.facts);
            Some(person.map_err(internal).transpose()?.map(|person| Entry { person, listed }))
        });
        Ok(Paged { count, rows: entries.collect::<Result<_>>()? })
    }
}

/// The share dialog: who may do an action to the project, and through what. The client has no method for it.
pub async fn who_may(
    caller: Caller,
    Id(id): Id,
    page: PageQuery,
    PeopleQuery { action, after }: PeopleQuery,
) -> Answer {
    let project = caller.find::<Project>(id).await?;
    let people = caller.logged().authorize_people_of(action, project)?;
    let page = after.into_iter().fold(page.page()?, |page, Id(user)| page.after(user));
    let Paged { count, rows } = caller.people(&people, page, None).await?;
    let results = rows.iter().map(|entry| {
        json!({
            "user": entry.user(),
            "role": entry.person.role(),
            "effective_role": entry.person.effective_role(),
            "scopes": entry.person.scopes(),
            "facts": entry.person.facts(),
            "implicit_member": !entry.person.is_explicit(),
        })
    });
    let results: Vec<_> = results.collect();
    Ok(Json(json!({ "action": action, "count": count, "results": results })))
}

/// Who may view the project.
pub async fn in_project(
    caller: Caller,
    Id(id): Id,
    page: PageQuery,
    query: MembersQuery,
) -> Answer {
    let wanted = filters::of_members(caller.app.database.schema.dialect, query)?;
    let project = caller.find::<Project>(id).await?;
    let people = caller.logged().authorize_people(act::ViewProject, project)?;
    caller.members(&people, page.limits()?, wanted).await?.answer(|entry| {
        let mut member = entry.user();
        member["implicit_member"] = (!entry.person.is_explicit()).into();
        member["project_role"] = entry.listed.project_role.clone().into();
        member["project_role_source"] = entry.listed.project_role_source.clone().into();
        member["organization_membership"] = json!({
            "organization_id": people.organization(), "role": entry.person.role(), "active": true,
        });
        member
    })
}

/// The same as a file, for those who may change the project.
pub async fn export(caller: Caller, Id(id): Id, query: ExportQuery) -> Result<Response> {
    let wanted = filters::of_members(caller.app.database.schema.dialect, query.into())?;
    let permit = caller.permit::<Project, _>(act::ChangeProject, id).await?;
    let people = caller.logged().authorize_people(act::ViewProject, permit.row())?;
    let found = caller.members(&people, (u32::MAX, 0), wanted).await?;
    let mut csv = "id,email,role,project_role,implicit_member\r\n".to_owned();
    for Entry { person, listed } in &found.rows {
        let (role, is_implicit) = (person.role().code(), !person.is_explicit());
        let project_role = listed.project_role.as_deref().unwrap_or_default();
        let line = [&listed.id.to_string(), &quoted(&listed.email), role, project_role];
        csv += &format!("{},{is_implicit}\r\n", line.join(","));
    }
    let file = "attachment; filename=\"members.csv\"";
    Ok(([(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, file)], csv)
        .into_response())
}

/// A field of CSV. What a spreadsheet would take for a formula begins with an apostrophe.
fn quoted(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

/// Those who may view the workspace and were added to it.
async fn in_shared_workspace(
    caller: &Caller,
    id: i64,
    at: (u32, u32),
    Wanted { ordering, only }: Wanted,
) -> Result<Paged<Entry>> {
    let workspace = caller.find::<Workspace>(id).await?;
    // Whoever was added to a sandbox is not a member of it.
    let is_personal = workspace.1.as_ref().is_some_and(|workspace| workspace.is_personal);
    let people = caller.logged().authorize_people(act::ViewWorkspace, workspace)?;
    let added = Query::select()
        .column("user_id")
        .from("workspace_members")
        .and_where(Expr::col("workspace_id").eq(id))
        .to_owned();
    let is_added = Expr::col(("members", "user_id")).in_subquery(added);
    let is_member = if is_personal { Expr::val(false) } else { is_added };
    let only = only.into_iter().fold(is_member, ExprTrait::and);
    caller.members(&people, at, Wanted { ordering, only: Some(only) }).await
}

pub async fn in_workspace(caller: Caller, Id(id): Id) -> Answer {
    let found = in_shared_workspace(&caller, id, (u32::MAX, 0), Wanted::all()).await?;
    let members = found.rows.iter();
    Ok(Json(members.map(|entry| json!({ "user": entry.user(), "workspace": id })).collect()))
}

pub async fn page_in_workspace(
    caller: Caller,
    Id(id): Id,
    page: PageQuery,
    query: MembersQuery,
) -> Answer {
    let wanted = filters::of_members(caller.app.database.schema.dialect, query)?;
    in_shared_workspace(&caller, id, page.limits()?, wanted).await?.answer(Entry::user)
}
