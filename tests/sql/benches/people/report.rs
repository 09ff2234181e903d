//! What a page of the access report costs: ours against a query by hand that is told which rows are on the page.

use std::env;
use std::time::Instant;

use labelgate::report::Report;
use labelgate::sql::{Page, ReportPage, Schema};
use labelgate::{Kind, OrganizationId, ProjectId, Role, Subject, UserId, act};
use labelgate_sql_tests::measured::{Measured, milliseconds};
use labelgate_sql_tests::{Dialect, Value};
use sea_query::{PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder};

use super::{MEMBERS, ORGANIZATION};

const SIZE: u32 = 500;

/// The users of the rows with a bit for each fact, each joined once to its member.
fn by_hand(kind: Kind, [first, last]: [i64; 2], after: Option<(i64, i64)>) -> String {
    let rows = format!("organization_id = {ORGANIZATION} AND r.id BETWEEN {first} AND {last}");
    let after = after
        .map_or(String::new(), |(row, user)| format!(" AND (k.id > {row} OR k.user_id > {user})"));
    if kind == Kind::Workspace {
        return format!(
            "SELECT k.id, k.user_id, m.role, SUM(k.bits) FROM (
                SELECT id, created_by AS user_id, 1 AS bits FROM workspaces r WHERE r.{rows}
                UNION ALL SELECT r.id, x.user_id, 2 FROM workspaces r JOIN workspace_members x ON x.workspace_id = r.id WHERE r.{rows} AND r.is_personal = FALSE
            ) AS k JOIN organization_members m ON m.organization_id = {ORGANIZATION} AND m.user_id = k.user_id
            WHERE m.role IN ('MA', 'RE', 'AN'){after} GROUP BY k.id, k.user_id, m.role ORDER BY 1, 2 LIMIT {SIZE}"
        );
    }
    let workspace = format!(
        "JOIN workspaces w ON w.id = r.workspace_id AND w.organization_id = {ORGANIZATION}"
    );
    let roles = "SELECT 1 FROM project_roles x WHERE x.project_id = k.id AND x.user_id = k.user_id";
    let acts = format!(
        "CASE WHEN m.role NOT IN ('AN', 'RE') THEN 0 WHEN EXISTS ({roles} AND x.role = 'AN') THEN 32
            WHEN EXISTS ({roles} AND x.role = 'RE') THEN 64 WHEN m.role = 'AN' THEN 32 ELSE 64 END"
    );
    format!(
        "SELECT k.id, k.user_id, m.role, SUM(k.bits) + {acts} + MAX(k.own) FROM (
            SELECT r.id, r.created_by AS user_id, 4 AS bits, CASE WHEN r.show_annotation_history THEN 128 ELSE 0 END AS own FROM projects r WHERE r.{rows}
            UNION ALL SELECT r.id, x.user_id, 8, CASE WHEN r.show_annotation_history THEN 128 ELSE 0 END FROM projects r JOIN project_members x ON x.project_id = r.id WHERE r.{rows}
            UNION ALL SELECT DISTINCT r.id, x.user_id, 16, CASE WHEN r.show_annotation_history THEN 128 ELSE 0 END FROM projects r JOIN task_assignees x ON x.project_id = r.id WHERE r.{rows}
            UNION ALL SELECT r.id, w.created_by, 1, CASE WHEN r.show_annotation_history THEN 128 ELSE 0 END FROM projects r {workspace} WHERE r.{rows}
            UNION ALL SELECT r.id, x.user_id, 2, CASE WHEN r.show_annotation_history THEN 128 ELSE 0 END FROM projects r {workspace} AND w.is_personal = FALSE JOIN workspace_members x ON x.workspace_id = w.id WHERE r.{rows}
        ) AS k JOIN organization_members m ON m.organization_id = {ORGANIZATION} AND m.user_id = k.user_id
        WHERE m.role IN ('MA', 'RE', 'AN'){after} GROUP BY k.id, k.user_id, m.role
        HAVING m.role = 'MA' OR SUM(k.bits) >= 8
        ORDER BY 1, 2 LIMIT {SIZE}"
    )
}

fn built(schema: &Schema, report: &Report<i64>, page: &ReportPage) -> (String, Vec<Value>) {
    build(schema, &schema.report(report, page))
}

fn build(schema: &Schema, query: &SelectStatement) -> (String, Vec<Value>) {
    let (sql, binds) = match schema.dialect {
        labelgate::sql::Dialect::Sqlite => query.build(SqliteQueryBuilder),
        _ => query.build(PostgresQueryBuilder),
    };
    (sql, binds.into_iter().map(Value::from).collect())
}

pub fn run<E: Measured>(engine: &mut E, schema: &Schema, dialect: Dialect) {
    let ada = Subject::new(OrganizationId(ORGANIZATION), UserId(1_001_i64), Role::Administrator);
    let report = ada.authorize_report(ada.own_organization()).expect("a report");
    if dialect == Dialect::Postgres {
        engine.run("SET jit = off");
    }
    println!(
        "\n| report, {dialect:?} | lines | rows | ms | steps or buffers | one plan for all values | people of the rows | by hand: ms | |\n|---|---|---|---|---|---|---|---|"
    );
    let late = 1_000 + MEMBERS * 9 / 10;
    for (what, kind, after) in [
        ("organization", Kind::Organization, None),
        ("workspaces", Kind::Workspace, None),
        ("workspaces, deep", Kind::Workspace, Some((2_500, late))),
        ("projects of 3 and 1,000", Kind::Project, None),
        ("in a project of 100,000, first", Kind::Project, Some((5, 0))),
        ("in a project of 100,000, deep", Kind::Project, Some((5, late))),
        ("projects", Kind::Project, Some((10, 0))),
        ("projects, deep", Kind::Project, Some((18_000, late))),
    ] {
        let page = ReportPage::of(SIZE);
        let page = match after {
            Some((row, user)) => page.after(kind, row, user),
            None => {
                let of_kind = |page: &ReportPage| page.kind() == kind;
                std::iter::successors(Some(page), |page| page.clone().next(None::<(i64, i64)>))
                    .find(of_kind)
                    .expect("a page")
            }
        };
        let (sql, binds) = built(schema, &report, &page);
        let found = engine.rows(&sql, &binds);
        let (time, touched) = engine.measure(&sql, &binds);
        if env::var_os("PLANS").is_some() {
            println!("\n{sql}\n{}", engine.plan(&sql, &binds));
        }
        let prepared = engine.prepared(&sql, &binds);
        let ids = |row: &Vec<Value>| match row[0] {
            Value::Integer(id) => id,
            _ => panic!("{row:?}"),
        };
        let mut rows: Vec<_> = found.iter().map(ids).collect();
        let ends = [rows[0], rows[rows.len() - 1]];
        rows.dedup();
        let lines = found.len();
        print!("| {what} | {lines} | {} | {time:.1} | {touched} | {prepared} |", rows.len());
        if kind == Kind::Project && after.is_none_or(|(row, _)| row > 9) {
            let people = |row: &i64| people(engine, schema, &ada, *row);
            print!(" {} |", rows.iter().map(people).sum::<u64>());
        }
        if kind != Kind::Organization {
            let sql = by_hand(kind, ends, after);
            let by_hand = engine.rows(&sql, &[]);
            assert_eq!(by_hand, found, "{sql}");
            let (time, touched) = engine.measure(&sql, &[]);
            if env::var_os("PLANS").is_some() {
                println!("\n{sql}\n{}", engine.plan(&sql, &[]));
            }
            print!(" {time:.1} | {touched} |");
        }
        println!();
    }
    whole(engine, schema, &report);
    if dialect == Dialect::Postgres {
        engine.run("RESET jit");
    }
}

/// What the people of a row cost who may label its tasks: those of the report, the owner and the administrators.
fn people<E: Measured>(engine: &mut E, schema: &Schema, ada: &Subject<i64>, row: i64) -> u64 {
    let row = ada.row(ProjectId(row), *ada.organization(), 0).expect("a row");
    let people = ada.authorize_people(act::LabelTasks, &row).expect("people");
    let query = schema.people(&people, &Page::of(SIZE));
    let (sql, binds) = build(schema, &query);
    engine.measure(&sql, &binds).1
}

/// All pages, one after the other.
fn whole<E: Measured>(engine: &mut E, schema: &Schema, report: &Report<i64>) {
    let start = Instant::now();
    let (mut lines, mut pages, mut rendering) = (0, 0, 0.0);
    let mut next = Some(ReportPage::of(SIZE));
    while let Some(page) = next {
        let rendered = Instant::now();
        let (sql, binds) = built(schema, report, &page);
        rendering += milliseconds(rendered);
        let found = engine.rows(&sql, &binds);
        lines += found.len();
        pages += 1;
        let cursor = |row: &Vec<Value>| match row[..2] {
            [Value::Integer(row), Value::Integer(user)] => (row, user),
            _ => panic!("{row:?}"),
        };
        next = page.next(found.last().map(cursor));
    }
    let time = milliseconds(start);
    println!(
        "\nthe whole report: {lines} lines, {pages} pages, {time:.0} ms, {rendering:.0} of them to render the statements"
    );
}
