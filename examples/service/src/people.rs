//! Who may do something to a row: the share dialog of a project, and who is in a project or a workspace.

use axum::Json;
use labelgate::people::{People, Person};
use labelgate::row::RowId;
use labelgate::sql::Page;
use labelgate::{Kind, Role, UserId, act};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Order, Query};
use serde_json::{Value, json};

use crate::bodies::PeopleQuery;
use crate::caller::Caller;
use crate::columns::Code;
use crate::extract::Id;
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
        let schema = &self.app.database.schema;
        let (page, count) = match only {
            None => (page, schema.count_people(people)),
            Some(only) => {
                let count = pages::count("members", schema.is_person(people).and(only.clone()));
                (page.only(only), count)
            }
        };
        let in_project = match I::KIND {
            Kind::Project => Expr::col(("project_roles", "project_id")).eq(*people.row().value()),
            _ => Expr::val(false), // there are no roles
        };
        let has_role = Expr::col(("project_roles", "user_id")).equals(("people", "user_id"));
        let rows = Query::select()
            .column(("people", Asterisk))
            .expr_as(Expr::col(("people", "user_id")), "id")
            .column(("users", "email"))
            .expr_as(Expr::col(("project_roles", "role")), "project_role")
            .expr_as(Expr::col(("project_roles", "role_source")), "project_role_source")
            .from_subquery(schema.people(people, &page), "people")
            .left_join("users", Expr::col(("users", "id")).equals(("people", "user_id")))
            .left_join("project_roles", in_project.and(has_role))
            .to_owned();
        let Paged { count, rows } = self.paged::<Listed>(rows, count, [("id", Order::Asc)]).await?;
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
pub async fn in_project(caller: Caller, Id(id): Id, page: PageQuery) -> Answer {
    let project = caller.find::<Project>(id).await?;
    let people = caller.logged().authorize_people(act::ViewProject, project)?;
    caller.people(&people, page.page()?, None).await?.answer(|entry| {
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

/// Those who may view the workspace and were added to it.
async fn members(caller: &Caller, id: i64, page: Page) -> Result<Paged<Entry>> {
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
    let only = if is_personal { Expr::val(false) } else { is_added };
    caller.people(&people, page, Some(only)).await
}

pub async fn in_workspace(caller: Caller, Id(id): Id) -> Answer {
    let found = members(&caller, id, Page::of(u32::MAX)).await?;
    let members = found.rows.iter();
    Ok(Json(members.map(|entry| json!({ "user": entry.user(), "workspace": id })).collect()))
}

pub async fn page_in_workspace(caller: Caller, Id(id): Id, page: PageQuery) -> Answer {
    members(&caller, id, page.page()?).await?.answer(Entry::user)
}
