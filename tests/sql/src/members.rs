//! Worlds and schemas for statements about members: who may do something, and what a report says.

use labelgate::Fact;
use labelgate::sql::{OwnFact, Principal, Schema};
use sea_query::{Expr, ExprTrait, Query};

use crate::tables::OrganizationMemberRow;
use crate::{Dialect, Engine, Ids, Value, World, few, load_few, schema};

/// A member of the organization, as the world and as the database knows the user.
#[derive(Clone)]
pub struct Member {
    pub user: i64,
    pub id: Value,
    pub role: &'static str,
}

/// The members of an organization, in the order in which the engine has the ids of users.
pub fn members(
    engine: &mut impl Engine,
    world: &World,
    ids: Ids,
    organization: i64,
) -> Vec<Member> {
    let order = "SELECT DISTINCT user_id FROM organization_members ORDER BY user_id";
    let order = engine.column(order, &[]);
    let of = world.organization_members.iter();
    let of = of.filter(|row| row.organization_id == organization);
    let member = |user, role| Member { user, id: ids.user(user), role };
    let mut members: Vec<_> = of.map(|row| member(row.user_id, row.role)).collect();
    members.sort_by_key(|member| order.iter().position(|id| *id == member.id));
    members
}

/// Puts a world into the tables, with roles that cannot be read, and makes the indexes of people.
pub fn load(engine: &mut impl Engine, schema: &Schema, world: &mut World, ids: Ids, has: Has) {
    add_unreadable(world, schema.project_roles.is_checked);
    match has {
        Has::All => schema::load(engine, world, ids),
        Has::Few => load_few(engine, world, ids),
    }
    for index in schema.people_indexes() {
        engine.run(&index);
    }
}

/// Who has a role that cannot be read is nobody: in the organization, and in a project.
fn add_unreadable(world: &mut World, is_checked: bool) {
    let users = world.users.clone();
    for organization in world.organizations.clone() {
        let is_member = |user: &&i64| world.role(**user, organization.id).is_some();
        let outside = users.iter().filter(|user| !is_member(user)).copied().chain([1_000]);
        let row = OrganizationMemberRow {
            organization_id: organization.id,
            user_id: outside.min().expect("a user"),
            role: "XX",
        };
        world.organization_members.push(row);
    }
    for n in 0..3 {
        let mut row = world.project_members[n];
        row.user_id = 1_000;
        world.project_members.push(row);
    }
    world.project_members.sort_by_key(|row| (row.project_id, row.user_id));
    world.project_members.dedup();
    if !is_checked {
        add_unreadable_project_roles(world);
    }
}

/// Gives project members roles that are none: who has one is nobody there.
pub fn add_unreadable_project_roles(world: &mut World) {
    for n in [0, 1, 2] {
        let mut row = world.project_roles[n];
        row.role = "XX";
        row.user_id = world.project_members[n].user_id;
        if !world.project_roles.contains(&row) {
            world.project_roles.push(row);
        }
    }
}

/// Facts whose expressions read the table of members, or ask for the role.
fn facts_of_members(schema: Schema) -> Schema {
    let is_creator = |asked: &Principal| {
        let member = |column: &'static str| Expr::col(("organization_members", column));
        let query = Query::select()
            .expr(member("user_id"))
            .from("organization_members")
            .and_where(member("organization_id").eq(asked.organization()))
            .and_where(member("user_id").eq(asked.user()))
            .to_owned();
        Expr::col(("projects", "created_by")).in_subquery(query)
    };
    let is_author = |asked: &Principal| Expr::col(("annotations", "completed_by")).eq(asked.user());
    schema
        .with_fact(Fact::ProjectCreator, OwnFact::new(is_creator))
        .with_fact(Fact::Author, OwnFact::new(is_author))
}

/// Which tables a service has.
#[derive(Clone, Copy, PartialEq)]
pub enum Has {
    All,
    /// No workspaces, no roles in projects and no records.
    Few,
}

/// The schema of a world.
pub fn said(dialect: Dialect, seed: u64, has: Has) -> Schema {
    if has == Has::Few {
        return few(dialect.into());
    }
    let mut schema = schema::said(dialect, seed);
    match seed % 5 {
        2 => schema.organization_members.alias = Some("of".into()),
        4 if seed.is_multiple_of(2) => schema = facts_of_members(schema),
        _ => {}
    }
    schema
}
