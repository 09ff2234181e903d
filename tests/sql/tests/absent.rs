//! An id that is NULL: an `Option` is no id, but a type of the service's own can still make NULL of one.

use labelgate::row::RowId;
use labelgate::sql::{Dialect, Page, Schema};
use labelgate::{
    Action, Fact, Facts, Kind, Listing, OrganizationId, ProjectId, Role, Row, Subject, TaskId,
    UserId, WorkspaceId,
};
use labelgate_sql_tests::{Engine, Ids, Postgres, Sqlite, Value, World, few, load, load_few};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

/// The kinds of row, by an action that lists them.
const LISTS: [(Kind, &str, Action); 4] = [
    (Kind::Workspace, "workspaces", Action::ViewWorkspace),
    (Kind::Project, "projects", Action::ViewProject),
    (Kind::Task, "tasks", Action::ViewProjectData),
    (Kind::Record, "annotations", Action::ViewProjectData),
];

fn list(schema: &Schema, kind: Kind, table: &'static str, condition: Expr) -> SelectStatement {
    Query::select()
        .column(schema.id(kind))
        .from(table)
        .and_where(condition)
        .order_by(schema.id(kind), Order::Asc)
        .limit(3)
        .to_owned()
}

/// The listing of such rows within a row, unless it is denied or there are none.
fn listing<Id>(
    subject: &Subject<Value>,
    action: Action,
    kind: Kind,
    row: &Row<Id, (), Value>,
) -> Option<Listing<Action, Id, Value>>
where
    Id: RowId<Value = Value> + Clone,
{
    let listing = subject.authorize_list_of(action, row)?.ok()?;
    let listing = if kind == Kind::Record { listing.records()? } else { listing };
    (listing.kind() == kind).then_some(listing)
}

/// The listing in each shape.
fn shapes<Id>(schema: &Schema, listing: Option<Listing<Action, Id, Value>>) -> Vec<Expr>
where
    Id: RowId<Value = Value>,
{
    let shapes = listing.map(|listing| {
        let page = schema.page(&listing, &Page::of(3));
        [page, schema.set(&listing), schema.matches(&listing)]
    });
    shapes.into_iter().flatten().collect()
}

fn absent_ids<E: Engine>(mut engine: E, dialect: Dialect) {
    let schema = Schema::new(dialect);
    let world = World::generate(1);
    load(&mut engine, &world, Ids::INTEGER);
    let (mut pages, mut within) = (0, 0);
    for role in Role::ALL {
        for member in world.organization_members.iter().take(6) {
            let id = Value::Integer;
            let (organization, user) = (id(member.organization_id), id(member.user_id));
            let subject = |organization: &Value, user: &Value| {
                Subject::new(OrganizationId(organization.clone()), UserId(user.clone()), role)
            };
            let somebody = subject(&organization, &user);
            let nobodies = [subject(&Value::Null, &user), subject(&organization, &Value::Null)];
            let facts = Fact::ALL.into_iter().filter(|fact| *fact != Fact::ActsAsAnnotator);
            let facts: Facts = facts.collect();
            for (kind, table, action) in LISTS {
                if let Some(listing) =
                    listing(&somebody, action, kind, &somebody.own_organization())
                {
                    let mut page = |page: &Page| {
                        engine.select(&list(&schema, kind, table, schema.page(&listing, page)))
                    };
                    let first = page(&Page::of(3));
                    pages += usize::from(!first.is_empty());
                    assert_eq!(page(&Page::of(3).after(Value::Null)), first, "{role} {action}");
                }

                // Within a row whose id is NULL.
                let mut conditions = Vec::new();
                let here = somebody.organization();
                let row = somebody.row(WorkspaceId(Value::Null), here.clone(), facts).unwrap();
                conditions.extend(shapes(&schema, listing(&somebody, action, kind, &row)));
                let row = somebody.row(ProjectId(Value::Null), here.clone(), facts).unwrap();
                conditions.extend(shapes(&schema, listing(&somebody, action, kind, &row)));
                let row = somebody.row(TaskId(Value::Null), here.clone(), facts).unwrap();
                conditions.extend(shapes(&schema, listing(&somebody, action, kind, &row)));
                within += conditions.len();

                for nobody in &nobodies {
                    let own = nobody.own_organization();
                    conditions.extend(shapes(&schema, listing(nobody, action, kind, &own)));
                    conditions.push(schema.in_organization(nobody, kind));
                    let facts = Query::select().expr(schema.facts(nobody, kind)).from(table).take();
                    for row in engine.select(&facts) {
                        assert_eq!(row, [Value::Integer(0)], "{role} {table}");
                    }
                }
                for condition in conditions {
                    let found = engine.select(&list(&schema, kind, table, condition));
                    assert!(found.is_empty(), "{role} {action} {found:?}");
                }
            }
        }
    }
    assert!(within > 500, "{within} conditions within rows without ids");
    assert!(pages > 50, "{pages} pages with rows");
}

/// Nobody has a role by a row where no row can have it.
fn absent_codes<E: Engine>(mut engine: E, dialect: Dialect) {
    let mut schema = Schema::new(dialect);
    schema.project_roles.annotator = sea_query::Value::String(None);
    schema.project_roles.reviewer = sea_query::Value::String(None);
    let world = World::generate(1);
    load(&mut engine, &world, Ids::INTEGER);
    assert!(!world.project_roles.is_empty());
    for row in &world.project_roles {
        let project = world.projects.iter().find(|project| project.id == row.project_id);
        let Some(project) = project else { continue };
        for role in [Role::Annotator, Role::Reviewer] {
            let organization = OrganizationId(project.organization_id);
            let subject = Subject::new(organization, UserId(row.user_id), role);
            let facts = Query::select()
                .expr(schema.facts(&subject, Kind::Project))
                .from("projects")
                .and_where(Expr::col(("projects", "id")).eq(project.id))
                .take();
            let [Value::Integer(bits)] = engine.select(&facts)[0][..] else { panic!("no facts") };
            let facts = Facts::try_from(bits).expect("facts");
            for acts_as in [Fact::ActsAsAnnotator, Fact::ActsAsReviewer] {
                assert!(!facts.has(acts_as), "{row:?} {facts}");
            }
        }
    }
}

/// Within a workspace there is nothing for a service that has none, and no column of it is read.
fn absent_workspaces<E: Engine>(mut engine: E, dialect: Dialect) {
    let schema = few(dialect);
    let mut world = World::generate(1);
    load_few(&mut engine, &mut world, Ids::INTEGER);
    let organization = OrganizationId(Value::Integer(world.projects[0].organization_id));
    let owner = Subject::new(organization.clone(), UserId(Value::Integer(1)), Role::Owner);
    let row = owner.row(WorkspaceId(Value::Integer(1)), organization, 0).expect("no facts");
    let mut conditions = 0;
    // A service without workspaces may have these tables alone.
    for (kind, table, action) in [LISTS[1], LISTS[2]] {
        for condition in shapes(&schema, listing(&owner, action, kind, &row)) {
            let found = engine.select(&list(&schema, kind, table, condition));
            assert!(found.is_empty(), "{action} {found:?}");
            conditions += 1;
        }
    }
    assert!(conditions >= 6, "{conditions}");
}

mod sqlite {
    use super::*;

    #[test]
    fn absent_workspaces() {
        super::absent_workspaces(Sqlite::create(), Dialect::Sqlite);
    }

    #[test]
    fn absent_ids() {
        super::absent_ids(Sqlite::create(), Dialect::Sqlite);
    }

    #[test]
    fn absent_codes() {
        super::absent_codes(Sqlite::create(), Dialect::Sqlite);
    }
}

mod postgres {
    use super::*;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn absent_workspaces() {
        super::absent_workspaces(Postgres::create(), Dialect::Postgres);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn absent_ids() {
        super::absent_ids(Postgres::create(), Dialect::Postgres);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn absent_codes() {
        super::absent_codes(Postgres::create(), Dialect::Postgres);
    }
}
