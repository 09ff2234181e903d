//! Row-level security is the same rule: on generated worlds, for everybody in them, what PostgreSQL lets
//! a role through that owns nothing is what the oracle says of the row before and of the row after, by built-in and
//! changed matrices. And what goes wrong around it: settings that are missing or stale, views, owners.

mod around;
mod attacks;
mod statements;

use std::env;

use labelgate::overrides::Overrides;
use labelgate::sql::{OwnFact, Principal, RowSecurity, Schema};
use labelgate::{Fact, Role};
use labelgate_sql_tests::security::compare::{Compare, Member, add_misfiled, add_rare};
use labelgate_sql_tests::security::service::{self, Asks, Service, id_types, secure};
use labelgate_sql_tests::{Cells, Engine, Ids, Postgres, World, few, load, load_few};
use sea_query::{Expr, ExprTrait, Query, SelectStatement};

/// What is said of the tables, in different ways for different worlds.
fn tables(seed: u64) -> Schema {
    let mut schema = service::schema();
    let members = |asked: &Principal| -> SelectStatement {
        let of_user = Expr::col("user_id").eq(asked.user());
        Query::select().column("project_id").from("project_members").and_where(of_user).to_owned()
    };
    match seed / 3 % 5 {
        0 => {}
        1 => {
            schema.records.project_id = Some("project_id".into());
            schema.projects.alias = Some("p".into());
            schema.project_members.alias = Some("m".into());
        }
        2 => schema.project_roles.is_checked = true,
        3 => {
            let of_row =
                move |asked: &Principal| Expr::col(("projects", "id")).in_subquery(members(asked));
            let own = if seed.is_multiple_of(2) {
                OwnFact::new(of_row)
            } else {
                OwnFact::new(of_row).with_ids(members)
            };
            schema = schema.with_fact(Fact::ProjectMember, own);
        }
        // By other names in statements, and differently for each role.
        _ => {
            schema.workspaces.alias = Some("work".into());
            schema.projects.alias = Some("p".into());
            schema.tasks.alias = Some("my".into());
            let of_row = move |asked: &Principal| {
                let is_member = Expr::col(("p", "id")).in_subquery(members(asked));
                let is_fixed = Expr::val(asked.role() == Role::Manager);
                is_fixed.clone().and(is_member.clone()).or(is_fixed.not().and(is_member))
            };
            let creates = |asked: &Principal| Expr::col(("work", "created_by")).eq(asked.user());
            let assigned = |asked: &Principal| {
                let of_user = Expr::col("user_id").eq(asked.user());
                let tasks = Query::select()
                    .column("task_id")
                    .from("task_assignees")
                    .and_where(of_user)
                    .to_owned();
                Expr::col(("my", "id")).in_subquery(tasks)
            };
            let shows = |_: &Principal| Expr::col(("p", "show_annotation_history"));
            schema = schema
                .with_fact(Fact::ProjectMember, OwnFact::new(of_row))
                .with_fact(Fact::WorkspaceCreator, OwnFact::new(creates).with_column("created_by"))
                .with_fact(Fact::Assignee, OwnFact::new(assigned))
                .with_fact(Fact::OwnDataPermitted, OwnFact::new(shows));
        }
    }
    schema
}

/// The policies of a matrix on the tables of a world, and whoever is in it.
struct Worlds {
    engine: Postgres,
    service: Service,
    ids: Ids,
    asked: usize,
    compared: usize,
}

impl Worlds {
    fn new(ids: Ids) -> Worlds {
        let mut engine = Postgres::create();
        let service = Service::connect(&mut engine);
        Worlds { engine, service, ids, asked: 0, compared: 0 }
    }

    fn compare(
        &mut self,
        world: &World,
        schema: &Schema,
        security: &RowSecurity,
        cells: &Cells,
        parts: &[Cells],
    ) {
        for row in &world.organization_members {
            let asks = Asks {
                ids: self.ids,
                organization: row.organization_id,
                user: row.user_id,
                role: row.role,
            };
            let keeps_project = schema.records.project_id.is_some();
            let member = Member { world, cells, asks, keeps_project };
            let mut compare = Compare::new(&mut self.service, security);
            compare.member(&member, parts).unwrap_or_else(|difference| panic!("{difference}"));
            self.compared += compare.count;
            self.asked += 1;
        }
    }
}

/// Everybody in each world asks for everything.
fn policies_are_the_rule(ids: Ids, default: u64) {
    let worlds = env::var("LABELGATE_WORLDS").ok().map(|worlds| worlds.parse().expect("a number"));
    let all = [Ids::INTEGER, Ids::TEXT, Ids::TEXT_USERS, Ids::UUID];
    let way = all.into_iter().position(|other| other == ids).expect("a way") as u64;
    let mut run = Worlds::new(ids);
    for n in 0..worlds.unwrap_or(default) {
        let seed = 3 * n + way;
        let schema = tables(seed);
        let mut world = World::generate(seed);
        if !schema.project_roles.is_checked {
            add_rare(&mut world);
        }
        load(&mut run.engine, &world, ids);
        if schema.records.project_id.is_some() {
            add_misfiled(&mut run.engine, &world, ids);
        }
        let (one, other) = (Cells::generate(2 * seed, 16), Cells::generate(2 * seed + 1, 16));
        let matrices = [
            (Cells::built_in(), vec![Cells::built_in()]),
            (
                Cells::widest(&[one.clone(), other.clone()]),
                vec![Cells::built_in(), one.clone(), other],
            ),
            (one.clone(), vec![one]),
            // What a service with overrides takes: no accepted set permits more.
            (
                Cells::of(Overrides::widest().matrix()),
                vec![
                    Cells::built_in(),
                    Cells::overridden(2 * seed),
                    Cells::overridden(2 * seed + 1),
                ],
            ),
        ];
        for (cells, parts) in &matrices {
            let security = schema.row_security(&cells.matrix, id_types(ids)).expect("policies");
            secure(&mut run.engine, &security);
            run.compare(&world, &schema, &security, cells, parts);
            // Tables that policies read are not dropped under them.
            security.remove().iter().for_each(|statement| run.engine.run(statement));
        }
    }
    println!("{} people, {} comparisons: no differences", run.asked, run.compared);
    assert!(run.compared > 10_000, "{}", run.compared);
}

mod worlds {
    use super::*;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn with_integers() {
        policies_are_the_rule(Ids::INTEGER, 5);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn with_text() {
        policies_are_the_rule(Ids::TEXT, 2);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn with_users_of_text() {
        policies_are_the_rule(Ids::TEXT_USERS, 1);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn with_uuids() {
        policies_are_the_rule(Ids::UUID, 1);
    }
}

#[test]
#[ignore = "needs PostgreSQL"]
fn with_few_tables() {
    let mut run = Worlds::new(Ids::INTEGER);
    run.service.is_few = true;
    let cells = Cells::built_in();
    let mut schema = few(labelgate::sql::Dialect::Postgres);
    schema.is_secured = true;
    let security = schema.row_security(&cells.matrix, id_types(run.ids)).expect("policies");
    for seed in 0..3 {
        let mut world = World::generate(seed);
        load_few(&mut run.engine, &mut world, run.ids);
        secure(&mut run.engine, &security);
        run.compare(&world, &schema, &security, &cells, &[Cells::built_in()]);
        security.remove().iter().for_each(|statement| run.engine.run(statement));
    }
    assert!(run.compared > 1000, "{}", run.compared);
}
