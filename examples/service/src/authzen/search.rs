//! Searches: which users may do the action to the resource, to which resources may the user do the action, and which
//! actions may the user do to the resource? Whatever a search returns, an evaluation permits, and the other way round.

use labelgate::{Kind, Role, UserId};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, Query};
use serde_json::json;

use crate::authzen::pages::At;
use crate::authzen::request::{Body, Entity, Named, NamedAction, Resource, Target, USER};
use crate::authzen::seen::{Seen, table, with_row};
use crate::columns::Code;
use crate::problem::{Answer, Result, internal};
use crate::services::{NoProof, Service};

/// The people of the row. They are listed for the Owner that the service asks as.
pub async fn subjects(service: Service, body: Body) -> Answer {
    let target: Target = body.required("subject")?;
    let action: Named = body.required("action")?;
    let resource: Entity = body.required("resource")?;
    let at = At::of(&service, "subject", &Body::ENTITIES, &body)?;
    let resource = resource.resource().filter(|_| target.r#type == USER);
    let asked = resource
        .and_then(|resource| Some((NamedAction::done_to(resource.kind, &action.name)?, resource)));
    let users = match asked {
        Some((action, resource)) => people(&service, action, resource, &at).await?,
        None => Vec::new(),
    };
    let user = |user: i64| (user, json!({ "type": USER, "id": user.to_string() }));
    at.answer(users.into_iter().map(user))
}

/// A member of the organization.
#[derive(FromQueryResult)]
struct Selected {
    user_id: i64,
    role: Code<Role>,
    facts: i64,
}

async fn people(
    service: &Service,
    NamedAction { name, action }: NamedAction,
    resource: Resource,
    at: &At,
) -> Result<Vec<i64>> {
    let (owner, mut seen) = (&service.owner, Seen::default());
    seen.read(service, owner, resource.kind, [resource.id]).await?;
    let logged = owner.logged(|entry| service.keep_own(entry, name));
    with_row!(&seen, owner, resource, |row| {
        let people = permitted(logged.authorize_people_of(action, row))?;
        let Some(people) = people else { return Ok(Vec::new()) };
        let query = service.app.database.schema.people(&people, &at.page());
        let found: Vec<Selected> = service.tx.select(&query).await?;
        let user = |Selected { user_id, role, facts }: Selected| {
            let person = people.person(UserId(user_id), role.0, facts).map_err(internal)?;
            Ok(person.map(|person| person.user().0))
        };
        found.into_iter().filter_map(|found| user(found).transpose()).collect()
    })
}

/// A list within the organization.
pub async fn resources(service: Service, body: Body) -> Answer {
    let subject: Entity = body.required("subject")?;
    let action: Named = body.required("action")?;
    let target: Target = body.required("resource")?;
    let at = At::of(&service, "resource", &Body::ENTITIES, &body)?;
    let asked = target
        .r#type
        .parse()
        .ok()
        .zip(subject.user())
        .and_then(|(kind, user)| Some((NamedAction::done_to(kind, &action.name)?, kind, user)));
    let ids = match asked {
        Some((action, kind, user)) => listed(&service, action, kind, user, &at).await?,
        None => Vec::new(),
    };
    let row = |id: i64| (id, json!({ "type": target.r#type, "id": id.to_string() }));
    at.answer(ids.into_iter().map(row))
}

/// The id of a row.
#[derive(FromQueryResult)]
struct Listed {
    id: i64,
}

async fn listed(
    service: &Service,
    NamedAction { name, action }: NamedAction,
    kind: Kind,
    user: i64,
    at: &At,
) -> Result<Vec<i64>> {
    let Some(subject) = service.subjects(&[user]).await?.pop() else { return Ok(Vec::new()) };
    let logged = subject.logged(|entry| service.keep(entry, name));
    let organization = subject.own_organization();
    let Some(table) = table(kind) else {
        let permitted = permitted(logged.decide(action, organization))?;
        return Ok(permitted.map(|_| organization.id().0).into_iter().collect());
    };
    let listing = logged.authorize_list_of(action, organization).map(permitted);
    let listing = listing.transpose()?.flatten().and_then(|listing| match kind {
        Kind::Record => listing.records(),
        _ => Some(listing),
    });
    let Some(listing) = listing else { return Ok(Vec::new()) };
    let schema = &service.app.database.schema;
    let mut query = Query::select();
    query.expr_as(Expr::col(schema.id(kind)), "id").from(table);
    schema.paginate(&mut query, &listing, &at.page());
    let rows: Vec<Listed> = service.tx.select(&query).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The actions of the row.
pub async fn actions(service: Service, body: Body) -> Answer {
    let subject: Entity = body.required("subject")?;
    let resource: Entity = body.required("resource")?;
    let at = At::of(&service, "action", &["subject", "resource", "context"], &body)?;
    let names = match subject.user().zip(resource.resource()) {
        Some((user, resource)) => names(&service, user, resource).await?,
        None => Vec::new(),
    };
    at.answer((0..).zip(names.into_iter().map(|name| json!({ "name": name }))))
}

/// The log has no actions of a row, so each that is permitted is logged as the decision that it is.
async fn names(service: &Service, user: i64, resource: Resource) -> Result<Vec<&'static str>> {
    let Some(subject) = service.subjects(&[user]).await?.pop() else { return Ok(Vec::new()) };
    let mut seen = Seen::default();
    seen.read(service, &subject, resource.kind, [resource.id]).await?;
    let mut names = Vec::new();
    with_row!(&seen, &subject, resource, |row| {
        let actions = subject.actions(row);
        for NamedAction { name, action } in NamedAction::all() {
            let logged = subject.logged(|entry| service.keep(entry, name));
            if actions.has(action) && permitted(logged.decide(action, row))?.is_some() {
                names.push(name);
            }
        }
    });
    Ok(names)
}

/// What is denied is found nowhere. Any other failure is an error.
fn permitted<P>(answer: Result<P, NoProof>) -> Result<Option<P>> {
    match answer {
        Ok(proof) => Ok(Some(proof)),
        Err(NoProof::Denied(_)) => Ok(None),
        Err(NoProof::Failed(failure)) => Err(failure),
    }
}
