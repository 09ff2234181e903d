//! What it costs to say what another matrix would do: ours against the query that an expert writes by hand.
//!
//! `cargo bench -p labelgate-sql-tests --bench impact [-- sqlite|postgres]`. There are 1,000,000 projects in 20
//! organizations, 300,000 of them in the one that is asked about, with 20,000 members. `PLANS=1` prints the statements
//! and their plans.

use std::env;
use std::time::Instant;

use labelgate::impact::Impact;
use labelgate::membership::MembershipPolicy;
use labelgate::sets::Scopes;
use labelgate::sql::{Page, Schema};
use labelgate::{Action, Matrix, OrganizationId, Role, Subject, UserId};
use labelgate_sql_tests::measured::{self, Measured};
use labelgate_sql_tests::{Dialect, Engine, Postgres, Sqlite, Value};
use sea_query::{PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder};

const PROJECTS: i64 = 1_000_000;
/// Of each of 20 organizations, and five times as many of the first.
const MEMBERS: i64 = 4_000;

fn load(engine: &mut impl Engine, schema: &Schema) {
    let start = Instant::now();
    let dialect = engine.dialect();
    let series = |n| measured::series(dialect, n);
    measured::create_tables(engine);
    // The organization of a project, and one of its users: who they are repeats every 100,000.
    let of = "CASE WHEN i % 10 < 3 THEN 1 ELSE 2 + i % 19 END";
    let user = |n: &str| {
        format!(
            "({of}) * 100000 + ({n}) % CASE WHEN i % 10 < 3 THEN 5 * {MEMBERS} ELSE {MEMBERS} END"
        )
    };
    // In 100 members there are 1 administrator, 9 managers, 20 reviewers.
    let role = "CASE WHEN n = 0 THEN 'OW' WHEN n % 100 = 1 THEN 'AD' WHEN n % 100 < 11 THEN 'MA' WHEN n % 100 < 31 THEN 'RE' WHEN n % 97 = 3 THEN 'DI' ELSE 'AN' END";
    let members = format!(
        "SELECT o, o * 100000 + n, {role} FROM (SELECT CASE WHEN i < 5 * {MEMBERS} THEN 1 ELSE i / {MEMBERS} - 3 END AS o, CASE WHEN i < 5 * {MEMBERS} THEN i ELSE i % {MEMBERS} END AS n FROM s) AS m"
    );
    engine.run(&format!(
        "{} INSERT INTO organization_members {members};
         {} INSERT INTO workspaces SELECT o * 1000 + i / 20, o, o * 100000 + i, FALSE FROM (SELECT i, 1 + i % 20 AS o FROM s) AS w;
         {} INSERT INTO workspace_members SELECT DISTINCT o * 1000 + i / 20 % 300, o * 100000 + (i * 7919) % {MEMBERS} FROM (SELECT i, 1 + i % 20 AS o FROM s) AS w;
         {} INSERT INTO projects SELECT i, {of}, ({of}) * 1000 + i / 10 % 300, {}, i % 2 = 0 FROM s;
         {} INSERT INTO project_members SELECT i, {} FROM s UNION SELECT i, {} FROM s;
         {} INSERT INTO tasks SELECT i, i / 5 FROM s;
         {} INSERT INTO task_assignees SELECT i * 5 + i % 5, {}, i FROM s;
         {} INSERT INTO project_roles SELECT i * 10, {}, CASE WHEN i % 2 = 0 THEN 'AN' ELSE 'RE' END FROM s",
        series(24 * MEMBERS),
        series(20 * 300),
        series(60_000),
        series(PROJECTS),
        user("i * 31"),
        series(PROJECTS),
        user("i * 37"),
        user("i * 41 + 7"),
        series(5 * PROJECTS),
        series(PROJECTS),
        user("i * 43 + 3"),
        series(PROJECTS / 10),
        user("i * 37").replace('i', "(i * 10)"),
    ));
    for index in schema.indexes().iter().chain(&schema.people_indexes()) {
        if !index.contains("annotations") {
            engine.run(index);
        }
    }
    engine.run(match dialect {
        Dialect::Sqlite => "ANALYZE",
        Dialect::Postgres => "VACUUM ANALYZE",
    });
    eprintln!("loaded in {:.0} s", start.elapsed().as_secs_f64());
}

/// A cell that changes, and by hand the three numbers of who gains or loses by it.
struct Case {
    name: &'static str,
    role: Role,
    action: Action,
    cell: Scopes,
    is_gained: bool,
    by_hand: Option<String>,
}

fn cases() -> Vec<Case> {
    let of_role = |arm: &str, roles: &str| {
        format!(
            "SELECT m.user_id AS u, p.id AS p FROM organization_members m {arm} WHERE m.organization_id = 1 AND m.role IN ({roles}) AND p.organization_id = 1"
        )
    };
    let added =
        "JOIN project_members a ON a.user_id = m.user_id JOIN projects p ON p.id = a.project_id";
    let assigned =
        "JOIN task_assignees a ON a.user_id = m.user_id JOIN projects p ON p.id = a.project_id";
    let created = "JOIN projects p ON p.created_by = m.user_id";
    let leads = "JOIN workspaces w ON w.created_by = m.user_id AND w.organization_id = 1 JOIN projects p ON p.workspace_id = w.id";
    let shares = "JOIN workspace_members a ON a.user_id = m.user_id JOIN workspaces w ON w.id = a.workspace_id AND w.organization_id = 1 AND w.is_personal = FALSE JOIN projects p ON p.workspace_id = w.id";
    let arms = |arms: &[&str], roles: &str| {
        arms.iter().map(|arm| of_role(arm, roles)).collect::<Vec<_>>().join(" UNION ")
    };
    let numbers = |pairs: String| {
        format!("SELECT COUNT(DISTINCT u), COUNT(DISTINCT p), COUNT(*) FROM ({pairs}) AS pairs")
    };
    let all = arms(&[added, assigned, created, leads, shares], "'MA'");
    let row = "SELECT 1 FROM project_roles r WHERE r.project_id = pairs.p AND r.user_id = pairs.u";
    let reviews = format!(
        "SELECT u, p FROM ({}) AS pairs WHERE NOT EXISTS ({row}) UNION ALL SELECT u, p FROM ({}) AS pairs WHERE EXISTS ({row} AND r.role = 'RE') AND NOT EXISTS ({row} AND r.role = 'AN')",
        arms(&[added, assigned], "'RE'"),
        arms(&[added, assigned], "'RE', 'AN'"),
    );
    let invited = format!(
        "SELECT u, p FROM ({}) AS i EXCEPT SELECT u, p FROM ({}) AS o",
        arms(&[added, assigned], "'MA'"),
        arms(&[created, leads, shares], "'MA'"),
    );
    let managers =
        "(SELECT COUNT(*) FROM organization_members WHERE organization_id = 1 AND role = 'MA')";
    let projects = "(SELECT COUNT(*) FROM projects WHERE organization_id = 1)";
    let tasks = format!(
        "WITH pairs AS ({all}), sizes AS (SELECT t.project_id AS p, COUNT(*) AS size FROM tasks t JOIN projects p ON p.id = t.project_id WHERE p.organization_id = 1 GROUP BY t.project_id) SELECT COUNT(DISTINCT u), (SELECT CAST(SUM(size) AS BIGINT) FROM sizes WHERE p IN (SELECT p FROM pairs)), CAST(SUM(size) AS BIGINT) FROM pairs JOIN sizes ON sizes.p = pairs.p"
    );
    let case = |name, role, action, cell: Scopes, by_hand| {
        let is_gained = !cell.is_empty();
        Case { name, role, action, cell, is_gained, by_hand }
    };
    let (none, all_three) = (Scopes::empty(), Scopes::Own | Scopes::Project | Scopes::Workspace);
    let exports = Action::ExportData;
    let assigns = Action::AssignReviewers;
    let views = Action::ViewProjectData;
    vec![
        case(
            "managers lose what they have by memberships",
            Role::Manager,
            exports,
            none,
            Some(numbers(all)),
        ),
        case("reviewers gain it", Role::Reviewer, exports, Scopes::Project, Some(numbers(reviews))),
        case(
            "managers gain the API where invited",
            Role::Manager,
            Action::UseApi,
            all_three,
            Some(numbers(invited)),
        ),
        case(
            "managers lose the view of projects",
            Role::Manager,
            Action::ViewProject,
            none,
            Some(format!("SELECT {managers}, {projects}, {managers} * {projects}")),
        ),
        case("managers lose it on tasks", Role::Manager, assigns, none, Some(tasks)),
        case("annotators gain what is not theirs", Role::Annotator, views, Scopes::Project, None),
    ]
}

fn impact(case: &Case) -> Impact<i64> {
    let owner = Subject::new(OrganizationId(1), UserId(100_000), Role::Owner);
    let after = Matrix::BUILT_IN.with_cell(case.role, case.action, case.cell).expect("a role");
    let policy = MembershipPolicy::new(OrganizationId(1));
    policy.preview_matrix(&owner, Matrix::BUILT_IN, after).expect("the Owner may").into_change()
}

fn built(dialect: Dialect, query: &SelectStatement) -> (String, Vec<Value>) {
    let (sql, binds) = match dialect {
        Dialect::Sqlite => query.build(SqliteQueryBuilder),
        Dialect::Postgres => query.build(PostgresQueryBuilder),
    };
    (sql, binds.into_iter().map(Value::from).collect())
}

fn run<E: Measured>(mut engine: E) {
    let dialect = engine.dialect();
    let schema = Schema::new(dialect.into());
    load(&mut engine, &schema);
    println!(
        "\n{dialect:?}\n\n| what | query | ms | steps or buffers | by hand: ms | steps or buffers |\n|---|---|---|---|---|---|"
    );
    for case in cases() {
        let impact = impact(&case);
        let effect = match case.is_gained {
            true => impact.gained(case.action),
            false => impact.lost(case.action),
        };
        let late = Value::Integer(100_000 + 4 * MEMBERS);
        let queries = [
            ("numbers", schema.count_effect(&effect)),
            ("members", schema.effect_members(&effect, &Page::of(50))),
            ("members, deep", schema.effect_members(&effect, &Page::of(50).after(late))),
            ("rows", schema.effect_rows(&effect, &Page::of(50))),
        ];
        for (name, query) in queries {
            let (sql, binds) = built(dialect, &query);
            let ours = engine.rows(&sql, &binds);
            let (time, touched) = engine.measure(&sql, &binds);
            if env::var_os("PLANS").is_some() {
                println!("\n{sql}\n{}", engine.plan(&sql, &binds));
            }
            print!("| {} | {name} | {time:.0} | {touched} |", case.name);
            if let Some(by_hand) = case.by_hand.as_ref().filter(|_| name == "numbers") {
                let numbers = |rows: Vec<Vec<Value>>| format!("{rows:?}");
                assert_eq!(numbers(engine.rows(by_hand, &[])), numbers(ours), "{by_hand}");
                let (time, touched) = engine.measure(by_hand, &[]);
                if env::var_os("PLANS").is_some() {
                    println!("\n{by_hand}\n{}", engine.plan(by_hand, &[]));
                }
                print!(" {time:.0} | {touched} |");
            }
            println!();
        }
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let wants = |name: &str| {
        let named = |argument: &String| ["sqlite", "postgres"].contains(&argument.as_str());
        !arguments.iter().any(named) || arguments.iter().any(|argument| argument == name)
    };
    if wants("sqlite") {
        run(Sqlite::create());
    }
    if wants("postgres") {
        run(Postgres::create());
    }
}
