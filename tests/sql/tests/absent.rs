//! An id that is NULL: an `Option` is no id, but a type of the service's own can still make NULL of one.

use labelgate::sql::{Dialect, Page, Rows, Schema};
use labelgate::{Action, Fact, Facts, OrganizationId, Role, Subject, UserId};
use labelgate_sql_tests::{Engine, Ids, Postgres, Sqlite, Value, World, load};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

/// The kinds of rows, by an action that is listed in them.
const LISTS: [(Rows, &str, Action); 4] = [
    (Rows::Workspaces, "workspaces", Action::ViewWorkspace),
    (Rows::Projects, "projects", Action::ViewProject),
    (Rows::Tasks, "tasks", Action::ViewProjectData),
    (Rows::Records, "annotations", Action::ViewProjectData),
];

fn list(schema: &Schema, rows: Rows, table: &'static str, condition: Expr) -> SelectStatement {
    Query::select()
        .column(schema.id(rows))
        .from(table)
        .and_where(condition)
        .order_by(schema.id(rows), Order::Asc)
        .limit(3)
        .to_owned()
}

fn absent_ids<E: Engine>(mut engine: E, dialect: Dialect) {
    let schema = Schema::new(dialect);
    let world = World::generate(1);
    load(&mut engine, &world, Ids::INTEGER);
    let mut pages = 0;
    for role in Role::ALL {
        for member in world.organization_members.iter().take(6) {
            let id = Value::Integer;
            let (organization, user) = (id(member.organization_id), id(member.user_id));
            let subject = |organization: &Value, user: &Value| {
                Subject::new(OrganizationId(organization.clone()), UserId(user.clone()), role)
            };
            let somebody = subject(&organization, &user);
            let nobodies = [subject(&Value::Null, &user), subject(&organization, &Value::Null)];
            for (rows, table, action) in LISTS {
                let filter = somebody.filter(action);
                let mut page = |page: &Page| {
                    let page = schema.page(&somebody, &filter, rows, page);
                    engine.select(&list(&schema, rows, table, page))
                };
                let first = page(&Page::of(3));
                pages += usize::from(!first.is_empty());
                assert_eq!(page(&Page::of(3).after(Value::Null)), first, "{role} {action}");
                assert!(page(&Page::of(3).in_project(Value::Null)).is_empty(), "{role} {action}");

                for nobody in &nobodies {
                    let conditions = [
                        schema.page(nobody, &filter, rows, &Page::of(3)),
                        schema.set(nobody, &filter, rows),
                        schema.matches(nobody, &filter, rows),
                        schema.in_organization(nobody, rows),
                    ];
                    for condition in conditions {
                        let found = engine.select(&list(&schema, rows, table, condition));
                        assert!(found.is_empty(), "{role} {action} {found:?}");
                    }
                    let facts = Query::select().expr(schema.facts(nobody, rows)).from(table).take();
                    for row in engine.select(&facts) {
                        assert_eq!(row, [Value::Integer(0)], "{role} {table}");
                    }
                }
            }
        }
    }
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
                .expr(schema.facts(&subject, Rows::Projects))
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

mod sqlite {
    use super::*;

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
    #[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed: it needs initdb and pg_ctl")]
    fn absent_ids() {
        super::absent_ids(Postgres::create(), Dialect::Postgres);
    }

    #[test]
    #[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed: it needs initdb and pg_ctl")]
    fn absent_codes() {
        super::absent_codes(Postgres::create(), Dialect::Postgres);
    }
}
