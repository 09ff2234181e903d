//! What it costs to ask who may do an action to a row: ours against two queries by hand. One walks the members of
//! the organization, the other starts from the users of the row.
//!
//! `cargo bench -p labelgate-sql-tests --bench people [-- sqlite|postgres]`. The rows have 3, 1,000 and 100,000
//! members, of 200,000 in the organization. `PLANS=1` prints the statements and their plans.

mod report;

use std::env;
use std::time::Instant;

use labelgate::people::People;
use labelgate::sql::{Page, Schema};
use labelgate::{Action, OrganizationId, ProjectId, Role, Subject, UserId};
use labelgate_sql_tests::measured::{self, Measured};
use labelgate_sql_tests::{Dialect, Engine, Postgres, Sqlite, Value};
use sea_query::{PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder};

const ORGANIZATION: i64 = 1;
const MEMBERS: i64 = 200_000;
/// Projects by how many were added to them. As many have tasks.
const PROJECTS: [(i64, i64); 3] = [(3, 3), (4, 1_000), (5, 100_000)];
const ACTIONS: [Action; 3] = [Action::ViewProject, Action::ExportData, Action::ReviewAnnotations];

fn load(engine: &mut impl Engine, schema: &Schema) {
    let start = Instant::now();
    let dialect = engine.dialect();
    let series = |n| measured::series(dialect, n);
    measured::create_tables(engine);
    // An owner, 20 administrators, 4,000 managers, and of the others one in seven a reviewer.
    let role = "CASE WHEN i = 0 THEN 'OW' WHEN i < 21 THEN 'AD' WHEN i % 51 = 1 THEN 'MA' WHEN i % 97 = 3 THEN 'DI' WHEN i % 7 = 2 THEN 'RE' ELSE 'AN' END";
    engine.run(&format!(
        "{} INSERT INTO organization_members SELECT 1, 1000 + i, {role} FROM s;
         {} INSERT INTO organization_members SELECT 2 + i % 19, 900000 + i, {role} FROM s;
         {} INSERT INTO workspaces SELECT i, CASE WHEN i < 3000 THEN 1 ELSE 2 + i % 19 END, 1000 + i, FALSE FROM s;
         {} INSERT INTO projects SELECT i, CASE WHEN i % 10 < 6 THEN 1 ELSE 2 + i % 19 END, i % 3000, 1000 + i * 3, i % 2 = 0 FROM s;
         {} INSERT INTO project_members SELECT 10 + i % 20000, 1000 + (i * 31 + i / 20000 * 17) % {MEMBERS} FROM s;
         {} INSERT INTO tasks SELECT i, i % 20000 FROM s;
         {} INSERT INTO task_assignees SELECT 1000000 + i, 1000 + (i * 37) % {MEMBERS}, 10 + i % 20000 FROM s;
         {} INSERT INTO project_roles SELECT 10 + i % 20000, 1000 + (i * 31) % {MEMBERS}, CASE WHEN i % 2 = 0 THEN 'AN' ELSE 'RE' END FROM s;
         {} INSERT INTO workspace_members SELECT i % 3000, 1000 + (i * 41) % {MEMBERS} FROM s",
        series(MEMBERS),
        series(100_000),
        series(4_000),
        series(20_010),
        series(400_000),
        series(200_000),
        series(400_000),
        series(100_000),
        series(30_000),
    ));
    for (project, count) in PROJECTS {
        // Three tasks for every second of the members, and as many for others; roles for every tenth.
        let user = |i: &str| format!("1000 + ({i}) * {MEMBERS} / {count}");
        engine.run(&format!(
            "DELETE FROM project_members WHERE project_id = {project};
             {series} INSERT INTO project_members SELECT {project}, {user} FROM s;
             {series} INSERT INTO task_assignees SELECT {project} * 10000000 + i * 3 + n, CASE WHEN i % 2 = 0 THEN {user} ELSE 1000 + (i * 7919) % {MEMBERS} END, {project} FROM s, (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2) AS three;
             {series} INSERT INTO project_roles SELECT {project}, {user}, CASE WHEN i % 20 = 0 THEN 'AN' ELSE 'RE' END FROM s WHERE i % 10 = 0",
            series = series(count),
            user = user("i"),
        ));
    }
    for index in schema.indexes().iter().chain(&schema.people_indexes()) {
        engine.run(index);
    }
    engine.run(match dialect {
        Dialect::Sqlite => "ANALYZE",
        Dialect::Postgres => "VACUUM ANALYZE",
    });
    eprintln!("loaded in {:.0} s", start.elapsed().as_secs_f64());
}

/// What somebody has to have, in SQL by hand: of the members `m`, and by users of the project.
fn by_hand(action: Action, project: i64, page: Option<i64>) -> [String; 2] {
    let here = format!(
        "(SELECT id FROM projects WHERE id = {project} AND organization_id = {ORGANIZATION}) IS NOT NULL"
    );
    let workspace = format!(
        "(SELECT w.id FROM projects p JOIN workspaces w ON w.id = p.workspace_id AND w.organization_id = {ORGANIZATION} AND w.is_personal = FALSE WHERE p.id = {project})"
    );
    let created = format!(
        "(SELECT w.created_by FROM projects p JOIN workspaces w ON w.id = p.workspace_id AND w.organization_id = {ORGANIZATION} WHERE p.id = {project})"
    );
    let added = format!("SELECT user_id FROM project_members WHERE project_id = {project}");
    let assigned = format!("SELECT user_id FROM task_assignees WHERE project_id = {project}");
    let in_workspace =
        format!("SELECT user_id FROM workspace_members WHERE workspace_id = {workspace}");
    let creator = format!("SELECT created_by FROM projects WHERE id = {project}");
    let is_in =
        |users: &str| format!("EXISTS (SELECT 1 FROM ({users}) AS u WHERE u.user_id = m.user_id)");
    let in_project = format!("({} OR {})", is_in(&added), is_in(&assigned));
    let of_role = |code: &str| {
        let roles = format!(
            "SELECT 1 FROM project_roles r WHERE r.project_id = {project} AND r.user_id = m.user_id"
        );
        format!("EXISTS ({roles} AND r.role = '{code}')")
    };
    let no_role = format!(
        "NOT EXISTS (SELECT 1 FROM project_roles r WHERE r.project_id = {project} AND r.user_id = m.user_id)"
    );
    let reviews = format!(
        "(m.role = 'RE' AND ({no_role} OR ({} AND NOT {})) OR m.role = 'AN' AND {} AND NOT {})",
        of_role("RE"),
        of_role("AN"),
        of_role("RE"),
        of_role("AN")
    );
    let acts = format!("({no_role} OR {} OR {})", of_role("AN"), of_role("RE"));
    let managers = format!(
        "m.role = 'MA' AND (m.user_id = {created} OR {} OR m.user_id = ({creator}) OR {in_project})",
        is_in(&in_workspace)
    );
    let walk = match action {
        Action::ViewProject => format!(
            "m.role IN ('OW', 'AD', 'MA') OR m.role IN ('RE', 'AN') AND {in_project} AND {acts}"
        ),
        Action::ExportData => format!("m.role IN ('OW', 'AD') OR {managers}"),
        _ => format!("m.role IN ('OW', 'AD') OR {managers} OR {in_project} AND {reviews}"),
    };
    let after = page.map_or(String::new(), |after| format!(" AND m.user_id > {after}"));
    let end = if page.is_some() { " ORDER BY 1 LIMIT 50" } else { "" };
    let what = if page.is_some() { "m.user_id" } else { "count(*)" };
    let walk = format!(
        "SELECT {what} FROM organization_members m WHERE m.organization_id = {ORGANIZATION} AND {here}{after} AND ({walk}){end}"
    );
    let all_of = |users: &str, condition: &str| {
        format!(
            "SELECT m.user_id FROM ({users}) AS u JOIN organization_members m ON m.organization_id = {ORGANIZATION} AND m.user_id = u.user_id WHERE {here}{after} AND {condition}"
        )
    };
    let everything = |roles: &str| {
        format!(
            "SELECT m.user_id FROM organization_members m WHERE m.organization_id = {ORGANIZATION} AND m.role IN ({roles}) AND {here}{after}"
        )
    };
    let of_row = format!("{added} UNION ALL {assigned}");
    let all = format!(
        "SELECT {created} AS user_id UNION ALL {in_workspace} UNION ALL {creator} UNION ALL {of_row}"
    );
    let arms = match action {
        Action::ViewProject => [
            everything("'OW', 'AD', 'MA'"),
            all_of(&of_row, &format!("m.role IN ('RE', 'AN') AND {acts}")),
        ]
        .join(" UNION "),
        Action::ExportData => {
            [everything("'OW', 'AD'"), all_of(&all, "m.role = 'MA'")].join(" UNION ")
        }
        _ => [everything("'OW', 'AD'"), all_of(&all, "m.role = 'MA'"), all_of(&of_row, &reviews)]
            .join(" UNION "),
    };
    let arms = if page.is_some() {
        format!("{arms}{end}")
    } else {
        format!("SELECT count(*) FROM ({arms}) AS people")
    };
    [walk, arms]
}

fn run<E: Measured>(mut engine: E) {
    let dialect = engine.dialect();
    let schema = Schema::new(dialect.into());
    load(&mut engine, &schema);
    report::run(&mut engine, &schema, dialect);
    if env::var_os("ONLY_REPORT").is_some() {
        return;
    }
    println!(
        "\n{dialect:?}\n\n| who may | members | what | rows | ms | steps or buffers | one plan for all values | by hand: ms | walk | ms | users |\n|---|---|---|---|---|---|---|---|---|---|---|"
    );
    let ada = Subject::new(OrganizationId(ORGANIZATION), UserId(1_001_i64), Role::Administrator);
    for action in ACTIONS {
        for (project, members) in PROJECTS {
            let row = ada.row(ProjectId(project), OrganizationId(ORGANIZATION), 0).expect("a row");
            let people = ada.authorize_people_of(action, &row).expect("people");
            let late = 1_000 + MEMBERS * 9 / 10;
            for (what, after) in
                [("page", Some(0)), ("deep", Some(late)), ("down", None), ("count", None)]
            {
                let query = query(&schema, &people, what, after);
                let (sql, binds) = match dialect {
                    Dialect::Sqlite => query.build(SqliteQueryBuilder),
                    Dialect::Postgres => query.build(PostgresQueryBuilder),
                };
                let binds: Vec<_> = binds.into_iter().map(Value::from).collect();
                let found = engine.rows(&sql, &binds);
                let (time, touched) = engine.measure(&sql, &binds);
                if env::var_os("PLANS").is_some() {
                    println!("\n{sql}\n{}", engine.plan(&sql, &binds));
                }
                let (rows, prepared) = (found.len(), engine.prepared(&sql, &binds));
                print!(
                    "| {action} | {members} | {what} | {rows} | {time:.1} | {touched} | {prepared} |"
                );
                for sql in by_hand(action, project, after) {
                    if what == "down" || env::var_os("OURS").is_some() {
                        continue;
                    }
                    let users = engine.column(&sql, &[]);
                    let ours: Vec<_> = found.iter().map(|row| row[0].clone()).collect();
                    assert_eq!(users, ours, "{sql}");
                    let (time, touched) = engine.measure(&sql, &[]);
                    if env::var_os("PLANS").is_some() {
                        println!("\n{sql}\n{}", engine.plan(&sql, &[]));
                    }
                    print!(" {time:.1} | {touched} |");
                }
                println!();
            }
        }
    }
}

fn query(
    schema: &Schema,
    people: &People<Action, ProjectId<i64>>,
    what: &str,
    after: Option<i64>,
) -> SelectStatement {
    match (what, after) {
        ("count", _) => schema.count_people(people),
        (_, Some(after)) => schema.people(people, &Page::of(50).after(after)),
        _ => schema.people(people, &Page::of(50).descending()),
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
