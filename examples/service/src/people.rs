//! Who may do something to a row: the share dialog of a project, and who is in a project or a workspace.

use axum::Json;
use labelgate::people::{People, Person};
use labelgate::row::RowId;
use labelgate::sql::Page;
use labelgate::{Action, Kind, UserId, act};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{self, Asterisk, Expr, ExprTrait, Func, JoinType, Order, SelectStatement};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::extract::{Id, Path, Query};
use crate::pages::PageQuery;
use crate::problem::{Answer, Failure, stored};
use crate::rows::{Project, Workspace};

/// A row of a page, or none where the page is behind the last.
#[derive(FromQueryResult)]
struct Listed {
    count: i64,
    user_id: Option<i64>,
    role: Option<String>,
    facts: Option<i32>,
    email: Option<String>,
    project_role: Option<String>,
    project_role_source: Option<String>,
}

/// A person, and what the database says of them beside the facts.
struct Entry {
    person: Person<i64>,
    email: String,
    /// The role that was given to them in the project, whatever it is worth.
    project_role: Option<String>,
    project_role_source: Option<String>,
}

impl Entry {
    fn user(&self) -> Value {
        json!({ "id": self.person.user(), "username": self.email, "email": self.email })
    }
}

/// Who is on a page, and how many there are on all pages.
struct Entries {
    count: i64,
    entries: Vec<Entry>,
}

impl Listed {
    fn entry<A, I: RowId>(self, people: &People<A, I, i64>) -> Result<Option<Entry>, Failure> {
        let Self { user_id, role, facts, email, project_role, project_role_source, .. } = self;
        let (Some(user), Some(role), Some(facts), Some(email)) = (user_id, role, facts, email)
        else {
            return Ok(None);
        };
        let role = role.parse().map_err(stored)?;
        let person = people.person(UserId(user), role, facts).map_err(stored)?;
        Ok(person.map(|person| Entry { person, email, project_role, project_role_source }))
    }
}

impl Caller {
    /// How many people there are, of those who meet a condition as well.
    fn count<A, I: RowId<Value = i64>>(
        &self,
        people: &People<A, I, i64>,
        only: Option<Expr>,
    ) -> SelectStatement {
        let schema = &self.app.database.schema;
        match only {
            None => schema.count_people(people),
            Some(only) => sea_query::Query::select()
                .expr(Func::count(Expr::col(Asterisk)))
                .from("members")
                .and_where(schema.is_person(people))
                .and_where(only)
                .to_owned(),
        }
    }

    /// One page of people, and how many there are, in one query.
    async fn people<A, I: RowId<Value = i64>>(
        &self,
        people: &People<A, I, i64>,
        (size, offset): (u32, u32),
        after: Option<i64>,
        only: Option<Expr>,
    ) -> Result<Entries, Failure> {
        let until = Page::of(offset.saturating_add(size));
        let until = after.map_or(until.clone(), |user| until.after(user));
        let until = only.clone().map_or(until.clone(), |only| until.only(only));
        let listed = sea_query::Query::select()
            .column(("people", Asterisk))
            .from_subquery(self.app.database.schema.people(people, &until), "people")
            .order_by(("people", "user_id"), until.order().clone())
            .limit(size.into())
            .offset(offset.into())
            .to_owned();
        let count = Expr::SubQuery(None, Box::new(self.count(people, only).into()));
        let in_project = match I::KIND {
            Kind::Project => Expr::col(("project_roles", "project_id")).eq(*people.row().value()),
            _ => Expr::val(false), // there are no roles
        };
        let in_project =
            in_project.and(Expr::col(("project_roles", "user_id")).equals(("listed", "user_id")));
        let query = sea_query::Query::select()
            .column(("counted", "count"))
            .columns(["user_id", "role", "facts"].map(|column| ("listed", column)))
            .column(("users", "email"))
            .expr_as(Expr::col(("project_roles", "role")), "project_role")
            .expr_as(Expr::col(("project_roles", "role_source")), "project_role_source")
            .from_subquery(sea_query::Query::select().expr_as(count, "count").to_owned(), "counted")
            .join_subquery(JoinType::LeftJoin, listed, "listed", Expr::val(true))
            .left_join("users", Expr::col(("users", "id")).equals(("listed", "user_id")))
            .left_join("project_roles", in_project)
            .order_by(("listed", "user_id"), Order::Asc)
            .to_owned();
        let found: Vec<Listed> = self.tx.select(&query).await?;
        let count = found.first().map_or(0, |first| first.count);
        let entries = found.into_iter().map(|listed| listed.entry(people));
        let entries: Result<Vec<_>, Failure> = entries.collect();
        Ok(Entries { count, entries: entries?.into_iter().flatten().collect() })
    }
}

#[derive(Deserialize)]
pub struct PeopleQuery {
    action: Action,
    /// The last user of the page before.
    after: Option<Id>,
}

/// The share dialog: who may do an action to the project, and through what. The client has no method for it.
pub async fn who_may(
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(at): Query<PageQuery>,
    Query(PeopleQuery { action, after }): Query<PeopleQuery>,
) -> Answer {
    let found = caller.find::<Project>(id).await?;
    let people = caller.logged().authorize_people_of(action, found)?;
    let after = after.map(|Id(user)| user);
    let Entries { count, entries } = caller.people(&people, at.limits()?, after, None).await?;
    let results = entries.iter().map(|entry| {
        let person = &entry.person;
        json!({
            "user": entry.user(),
            "role": person.role(),
            "effective_role": person.effective_role(),
            "scopes": person.scopes(),
            "facts": person.facts(),
            "implicit_member": !person.is_explicit(),
        })
    });
    let results: Vec<_> = results.collect();
    Ok(Json(json!({ "action": action, "count": count, "results": results })))
}

/// A page by its number, as the client reads it.
fn numbered(listed: &Entries, results: Vec<Value>) -> Answer {
    let count = listed.count;
    Ok(Json(json!({ "count": count, "next": null, "previous": null, "results": results })))
}

/// Who may view the project.
pub async fn in_project(
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(at): Query<PageQuery>,
) -> Answer {
    let found = caller.find::<Project>(id).await?;
    let people = caller.logged().authorize_people(act::ViewProject, found)?;
    let listed = caller.people(&people, at.limits()?, None, None).await?;
    let results = listed.entries.iter().map(|entry| {
        let mut member = entry.user();
        member["implicit_member"] = (!entry.person.is_explicit()).into();
        member["project_role"] = entry.project_role.clone().into();
        member["project_role_source"] = entry.project_role_source.clone().into();
        member["organization_membership"] = json!({
            "organization_id": people.organization(), "role": entry.person.role(), "active": true,
        });
        member
    });
    numbered(&listed, results.collect())
}

/// Those who may view the workspace and were added to it.
async fn members(caller: &Caller, id: i64, limits: (u32, u32)) -> Result<Entries, Failure> {
    let found = caller.find::<Workspace>(id).await?;
    // Whoever was added to a sandbox is not a member of it.
    let is_personal = found.1.as_ref().is_some_and(|workspace| workspace.is_personal);
    let people = caller.logged().authorize_people(act::ViewWorkspace, found)?;
    let added = sea_query::Query::select()
        .column(("workspace_members", "user_id"))
        .from("workspace_members")
        .and_where(Expr::col(("workspace_members", "workspace_id")).eq(id))
        .to_owned();
    let is_added = Expr::col(("members", "user_id")).in_subquery(added);
    let only = if is_personal { Expr::val(false) } else { is_added };
    caller.people(&people, limits, None, Some(only)).await
}

pub async fn in_workspace(caller: Caller, Path(Id(id)): Path<Id>) -> Answer {
    let listed = members(&caller, id, (u32::MAX, 0)).await?;
    let members = listed.entries.iter();
    Ok(Json(members.map(|entry| json!({ "user": entry.user(), "workspace": id })).collect()))
}

pub async fn page_in_workspace(
    caller: Caller,
    Path(Id(id)): Path<Id>,
    Query(at): Query<PageQuery>,
) -> Answer {
    let listed = members(&caller, id, at.limits()?).await?;
    let results = listed.entries.iter().map(Entry::user).collect();
    numbered(&listed, results)
}
