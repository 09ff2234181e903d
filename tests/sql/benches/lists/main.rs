//! What lists cost: ours against the query that an expert writes by hand for the case, with the same
//! binds, and against fetching the rows of the organization with their facts and filtering them.
//!
//! `cargo bench -p labelgate-sql-tests [-- sqlite|postgres] [orders|titles] [PERCENT]`, of 1,000,000 projects and
//! 5,000,000 tasks; `orders` are pages in another order than that of the ids, `titles` are searches for a part of a
//! title, and nothing else. Beside the time, which drifts, it prints what does not: SQLite's VM steps, PostgreSQL's
//! buffers. `PLANS=1` prints the plans. Of PostgreSQL it measures what row-level security adds, too; `policies`
//! measures nothing else, and `load` what it adds while 16 connections work.

use std::env;
use std::time::Instant;

use labelgate::row::RowId;
use labelgate::sql::{IdTypes, Page, RowSecurity, Schema};
use labelgate::{
    Action, Fact, Facts, Kind, Listing, Matrix, OrganizationId, ProjectId, Role, Subject, UserId,
    WorkspaceId, act,
};
use labelgate_sql_tests::measured::{self, Measured, literal, milliseconds};
use labelgate_sql_tests::{Dialect, Engine, Postgres, Sqlite, Value};
use sea_query::{
    Asterisk, Expr, ExprTrait, Func, Order, PostgresQueryBuilder, Query, SelectStatement,
    SqliteQueryBuilder,
};

mod orders;
mod requests;
mod titles;

const ORGANIZATION: i64 = 1;
const PAGE: u32 = 50;
/// A project with many tasks, in the organization.
const LARGE: i64 = 11;
const MANAGER: i64 = 90;
const NAMES: [(&str, i64, i64, bool); 6] = [
    ("3 even", 11, 3, false),
    ("3 at the end", 12, 3, true),
    ("1,000 even", 13, 1_000, false),
    ("1,000 at the end", 14, 1_000, true),
    ("100,000 even", 15, 100_000, false),
    ("100,000 at the end", 16, 100_000, true),
];

/// Rows are created in the order of their ids, four at once. Of some nobody knows when.
const CREATED_AT: &str = "CASE WHEN i % 50 = 3 THEN NULL ELSE i / 4 END";

/// Loads the tables. Every tenth three of the projects are in the organization.
fn load(engine: &mut impl Engine, projects: i64) {
    let dialect = engine.dialect();
    let start = Instant::now();
    let mut step = |what: &str, sql: &str| {
        eprint!("{what} .. ");
        engine.run(sql);
        eprintln!("{:.0} s", start.elapsed().as_secs_f64());
    };
    let series = |n| measured::series(dialect, n);
    if dialect == Dialect::Sqlite {
        step("settings", measured::SETTINGS);
    }
    step(
        "tables",
        "CREATE TABLE workspaces (id BIGINT NOT NULL, organization_id BIGINT NOT NULL, created_by BIGINT, is_personal BOOLEAN NOT NULL, PRIMARY KEY (id));
         CREATE TABLE workspace_members (workspace_id BIGINT NOT NULL, user_id BIGINT NOT NULL, PRIMARY KEY (workspace_id, user_id));
         CREATE TABLE projects (id INTEGER8 NOT NULL, organization_id BIGINT NOT NULL, workspace_id BIGINT, created_by BIGINT, show_annotation_history BOOLEAN NOT NULL, title TEXT NOT NULL, created_at BIGINT, PRIMARY KEY (id));
         CREATE TABLE project_members (project_id BIGINT NOT NULL, user_id BIGINT NOT NULL, PRIMARY KEY (project_id, user_id));
         CREATE TABLE project_roles (project_id BIGINT NOT NULL, user_id BIGINT NOT NULL, role TEXT NOT NULL CHECK (role IN ('AN', 'RE')), PRIMARY KEY (project_id, user_id, role));
         CREATE TABLE tasks (id INTEGER8 NOT NULL, project_id BIGINT NOT NULL, data TEXT NOT NULL, created_at BIGINT, PRIMARY KEY (id));
         CREATE TABLE task_assignees (task_id BIGINT NOT NULL, user_id BIGINT NOT NULL, project_id BIGINT NOT NULL, PRIMARY KEY (task_id, user_id));
         CREATE TABLE annotations (id INTEGER8 NOT NULL, task_id BIGINT NOT NULL, completed_by BIGINT, PRIMARY KEY (id));"
            .replace("INTEGER8 NOT NULL", if dialect == Dialect::Sqlite { "INTEGER NOT NULL" } else { "BIGINT NOT NULL" })
            .as_str(),
    );
    let organization = |id: &str| format!("CASE WHEN {id} % 10 < 3 THEN 1 ELSE 2 + {id} % 19 END");
    let large_task = "t % 50 = 0";
    step(
        "workspaces",
        &format!(
            "{} INSERT INTO workspaces SELECT (1 + i / 300) * 10000 + i % 300, 1 + i / 300, 5000000 + i, FALSE FROM s",
            series(20 * 300)
        ),
    );
    step(
        "projects",
        &format!(
            "{} INSERT INTO projects SELECT i, {organization}, ({organization}) * 10000 + i / 10 % 300, 1000000 + i % 100000, i % 2 = 0, 'Project ' || i, {CREATED_AT} FROM s WHERE i > 9",
            series(projects + 10),
            organization = organization("i"),
        ),
    );
    step(
        "memberships",
        &format!(
            "{} INSERT INTO project_members SELECT 10 + i % {projects}, 2000000 + (i * 31 + i / {projects} * 17) % 200000 FROM s",
            series(2 * projects)
        ),
    );
    step(
        "tasks",
        &format!(
            "{} INSERT INTO tasks SELECT t, CASE WHEN {large_task} THEN {LARGE} ELSE 10 + t % {projects} END, 'Text ' || t, {created_at} FROM (SELECT i + 10 AS t FROM s) AS all_tasks",
            series(5 * projects),
            created_at = CREATED_AT.replace('i', "t"),
        ),
    );
    step(
        "assignments",
        &format!(
            "{} INSERT INTO task_assignees SELECT t, 3000000 + (t * 37) % 200000, CASE WHEN {large_task} THEN {LARGE} ELSE 10 + t % {projects} END FROM (SELECT i + 10 AS t FROM s) AS all_tasks",
            series(3 * projects)
        ),
    );
    step(
        "records",
        &format!(
            "{} INSERT INTO annotations SELECT t, t, 3000000 + (t * 37) % 200000 FROM (SELECT i + 10 AS t FROM s) AS all_tasks",
            series(3 * projects)
        ),
    );
    // The users of whom it is asked. One in three of what they see they have tasks in, and nothing else.
    let visible_in = projects / 10 * 3 - 30;
    for (name, user, count, at_end) in NAMES {
        let count = visible(count, projects);
        let nth = if at_end {
            format!("{visible_in} - {count} + i")
        } else {
            format!("i * {visible_in} / {count}")
        };
        let ids = format!(
            "{}, ids(x, id) AS (SELECT i, 10 * (({nth}) / 3 + 2) + ({nth}) % 3 FROM s)",
            series(count)
        );
        step(
            name,
            &format!(
                "{ids} INSERT INTO project_members SELECT id, {user} FROM ids WHERE x % 3 > 0 OR id % 50 = 10;
                 {ids} INSERT INTO task_assignees SELECT {projects} * n + id - 10, {user}, id FROM ids, (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) AS three WHERE x % 3 <> 1 AND (id - 10) % 50 <> 0;"
            ),
        );
    }
    // Tasks of the large project, for the one who has the most elsewhere, and the manager's workspaces.
    step(
        "one project",
        &format!(
            "{} INSERT INTO task_assignees SELECT 50 * (1 + i * 100), 15, {LARGE} FROM s;
             {} INSERT INTO workspace_members SELECT 10000 + i * 3, {MANAGER} FROM s;",
            series(projects / 1000),
            series(100),
        ),
    );
    for index in schema(dialect).indexes() {
        step(&index, &index);
    }
    step("a title's index", "CREATE INDEX titles ON projects (title)");
    match dialect {
        Dialect::Sqlite => step("statistics", "ANALYZE"),
        Dialect::Postgres => step("statistics", "VACUUM ANALYZE"),
    }
}

fn visible(count: i64, projects: i64) -> i64 {
    if count == 100_000 { projects / 10 } else { count }
}

fn schema(dialect: Dialect) -> Schema {
    let mut schema = Schema::new(dialect.into());
    schema.project_roles.is_checked = true;
    schema.task_assignees.is_checked = true;
    schema.with_order(Kind::Project, "created_at").with_order(Kind::Task, "created_at")
}

/// A query by hand, for both.
struct Hand {
    sqlite: String,
    postgres: String,
    binds: Vec<i64>,
}

struct Bench<'a, E> {
    engine: &'a mut E,
    schema: Schema,
    pages: Vec<PageCost>,
}

/// What a page touches, as a share of what the query by hand does.
struct PageCost {
    case: String,
    ratio: f64,
    /// The same where both are planned once for all values.
    prepared: f64,
}

impl<E: Measured> Bench<'_, E> {
    fn build(&self, query: &SelectStatement) -> (String, Vec<Value>) {
        let (sql, binds) = match self.engine.dialect() {
            Dialect::Sqlite => query.build(SqliteQueryBuilder),
            Dialect::Postgres => query.build(PostgresQueryBuilder),
        };
        (sql, binds.into_iter().map(Value::from).collect())
    }

    fn line(
        &mut self,
        case: &str,
        query: &SelectStatement,
        hand: Option<Hand>,
        fetched: Option<(f64, u64)>,
        is_page: bool,
    ) {
        let (ours_sql, ours_binds) = self.build(query);
        let ours = self.engine.measure(&ours_sql, &ours_binds);
        let found = self.engine.rows(&ours_sql, &ours_binds);
        if env::var_os("PLANS").is_some() {
            println!("{ours_sql}\n{}", self.engine.plan(&ours_sql, &ours_binds));
        }
        print!("| {case} | {} | {:.2} | {} |", found.len(), ours.0, ours.1);
        match hand {
            Some(hand) => {
                let sql = match self.engine.dialect() {
                    Dialect::Sqlite => hand.sqlite,
                    Dialect::Postgres => hand.postgres,
                };
                let binds: Vec<_> = hand.binds.into_iter().map(Value::Integer).collect();
                let by_hand = self.engine.measure(&sql, &binds);
                if env::var_os("PLANS").is_some() {
                    println!("\n{sql}\n{}", self.engine.plan(&sql, &binds));
                }
                assert_eq!(self.engine.rows(&sql, &binds), found, "{case}");
                let share = |ours: u64, by_hand| ours as f64 / Ord::max(by_hand, 1) as f64;
                let ratio = share(ours.1, by_hand.1);
                print!(" {:.2} | {} | {ratio:.2} |", by_hand.0, by_hand.1);
                if is_page {
                    let ours = self.engine.prepared(&ours_sql, &ours_binds);
                    let prepared = share(ours, self.engine.prepared(&sql, &binds));
                    self.pages.push(PageCost { case: case.to_owned(), ratio, prepared });
                }
            }
            None => print!(" | | |"),
        }
        match fetched {
            Some((time, touched)) => println!(" {time:.1} | {touched} |"),
            None => println!(" | |"),
        }
    }

    /// Fetches what there is in the organization with its facts, and filters it, until a page is full.
    fn fetch(
        &mut self,
        subject: &Subject<i64>,
        action: Action,
        after: i64,
        size: usize,
    ) -> (f64, u64) {
        let kind = Kind::Project;
        let query = Query::select()
            .column(self.schema.id(kind))
            .expr(self.schema.facts(subject, kind))
            .from("projects")
            .and_where(self.schema.in_organization(subject, kind))
            .and_where(Expr::col(self.schema.id(kind)).gt(after))
            .order_by(self.schema.id(kind), Order::Asc)
            .to_owned();
        let (sql, binds) = self.build(&query);
        let (filter, mut found) = (subject.filter(action), 0);
        self.engine.take(&sql, &binds, &mut |_, facts| {
            let facts = Facts::try_from(facts).expect("facts");
            found += usize::from(filter.matches(facts));
            found < size
        })
    }

    fn page<A, Id: RowId<Value = i64>>(
        &self,
        listing: &Listing<A, Id, i64>,
        page: &Page,
        columns: &[(&'static str, &'static str)],
    ) -> SelectStatement {
        Query::select()
            .columns(columns.iter().copied())
            .from(columns[0].0)
            .and_where(self.schema.page(listing, page))
            .order_by(self.schema.id(listing.kind()), page.order().clone())
            .limit(page.size().into())
            .to_owned()
    }

    fn head(&self) {
        println!(
            "| Case | rows | ours ms | {touched} | by hand ms | {touched} | ratio | fetched ms | {touched} |\n|---|---|---|---|---|---|---|---|---|",
            touched = if self.engine.dialect() == Dialect::Sqlite { "steps" } else { "buffers" }
        );
    }

    fn all(&mut self, projects: i64) {
        const PROJECT: [(&str, &str); 2] = [("projects", "id"), ("projects", "title")];
        const TASK: [(&str, &str); 2] = [("tasks", "id"), ("tasks", "data")];
        for (name, user, count, _) in NAMES {
            let subject = Subject::new(OrganizationId(ORGANIZATION), UserId(user), Role::Annotator);
            let listing = subject.authorize_list(act::ViewProject).expect("projects");

            // The ids that are visible, to know where a deep page begins.
            let query = Query::select()
                .column(("projects", "id"))
                .from("projects")
                .and_where(self.schema.set(&listing))
                .order_by(("projects", "id"), Order::Asc)
                .to_owned();
            let (sql, binds) = self.build(&query);
            let ids = self.engine.column(&sql, &binds);
            assert!(ids.len() as i64 >= visible(count, projects), "{} {name}", ids.len());
            let Value::Integer(deep) = ids[ids.len() * 9 / 10 - usize::from(ids.len() < 10)] else {
                panic!("no id")
            };

            for (case, after) in [("page", i64::MIN), ("deep page", deep)] {
                let page = Page::of(PAGE).after(after);
                let query = self.page(&listing, &page, &PROJECT);
                let fetched = self.fetch(&subject, Action::ViewProject, after, PAGE as usize);
                let hand = pages_by_hand(user, after);
                self.line(&format!("{case}, {name}"), &query, Some(hand), Some(fetched), true);
            }

            let query = Query::select()
                .expr(Func::count(Expr::col(Asterisk)))
                .from("projects")
                .and_where(self.schema.set(&listing))
                .to_owned();
            let set = |any: &str| {
                format!(
                    "SELECT count(*) FROM projects p WHERE p.organization_id = $2 AND p.id {any}"
                )
            };
            let union = "SELECT project_id FROM project_members WHERE user_id = $1 UNION ALL SELECT project_id FROM task_assignees WHERE user_id = $1";
            let hand = Hand {
                sqlite: set(&format!("IN ({union})")).replace('$', "?"),
                postgres: set(&format!("= ANY(ARRAY({union}))")),
                binds: vec![user, ORGANIZATION],
            };
            let fetched = self.fetch(&subject, Action::ViewProject, i64::MIN, usize::MAX);
            self.line(&format!("set, {name}"), &query, Some(hand), Some(fetched), false);

            let Value::Integer(one) = ids[ids.len() / 2] else { panic!("no id") };
            let query = Query::select()
                .column(("projects", "title"))
                .expr(self.schema.facts(&subject, Kind::Project))
                .from("projects")
                .and_where(Expr::col(("projects", "id")).eq(one))
                .to_owned();
            let sql = "SELECT p.title,
                CASE WHEN EXISTS (SELECT 1 FROM workspaces w WHERE w.id = p.workspace_id AND w.organization_id = $2 AND w.created_by = $1) THEN 1 ELSE 0 END
                + CASE WHEN EXISTS (SELECT 1 FROM workspaces w JOIN workspace_members m ON m.workspace_id = w.id WHERE w.id = p.workspace_id AND w.organization_id = $2 AND NOT w.is_personal AND m.user_id = $1) THEN 2 ELSE 0 END
                + CASE WHEN p.created_by = $1 THEN 4 ELSE 0 END
                + CASE WHEN EXISTS (SELECT 1 FROM project_members m WHERE m.project_id = p.id AND m.user_id = $1) THEN 8 ELSE 0 END
                + CASE WHEN EXISTS (SELECT 1 FROM task_assignees a WHERE a.project_id = p.id AND a.user_id = $1) THEN 16 ELSE 0 END
                + CASE coalesce((SELECT min(r.role) FROM project_roles r WHERE r.project_id = p.id AND r.user_id = $1), 'AN') WHEN 'AN' THEN 32 ELSE 64 END
                + CASE WHEN p.show_annotation_history THEN 128 ELSE 0 END
                FROM projects p WHERE p.id = $3 AND p.organization_id = $2";
            let hand = Hand {
                sqlite: sql.replace('$', "?"),
                postgres: sql.to_owned(),
                binds: vec![user, ORGANIZATION, one],
            };
            self.line(&format!("row, {name}"), &query, Some(hand), None, false);

            // A search that few titles meet, in the order of titles.
            let found = Expr::col(("projects", "title"))
                .gte("Project 77")
                .and(Expr::col(("projects", "title")).lt("Project 7701"));
            let query = Query::select()
                .columns(PROJECT)
                .from("projects")
                .and_where(found)
                .and_where(self.schema.matches(&listing))
                .order_by(("projects", "title"), Order::Asc)
                .order_by(("projects", "id"), Order::Asc)
                .limit(PAGE.into())
                .to_owned();
            let sql = "SELECT p.id, p.title FROM projects p WHERE p.title >= 'Project 77' AND p.title < 'Project 7701' AND p.organization_id = $2
                AND (EXISTS (SELECT 1 FROM project_members m WHERE m.project_id = p.id AND m.user_id = $1)
                    OR EXISTS (SELECT 1 FROM task_assignees a WHERE a.user_id = $1 AND a.project_id = p.id))
                ORDER BY p.title, p.id LIMIT 50";
            let hand = Hand {
                sqlite: sql.replace('$', "?"),
                postgres: sql.to_owned(),
                binds: vec![user, ORGANIZATION],
            };
            self.line(&format!("search, {name}"), &query, Some(hand), None, false);

            // Tasks over all projects: those that are assigned, where the setting is on.
            let listing = subject.authorize_list(act::ViewAnnotatorDashboard).expect("tasks");
            let page = Page::of(PAGE).after(i64::MIN);
            let query = self.page(&listing, &page, &TASK);
            let by_hand = "SELECT t.id, t.data FROM task_assignees a JOIN tasks t ON t.id = a.task_id JOIN projects p ON p.id = t.project_id AND p.organization_id = $2
                WHERE a.user_id = $1 AND a.task_id > $3
                    AND NOT EXISTS (SELECT 1 FROM project_roles r WHERE r.project_id = t.project_id AND r.user_id = $1 AND r.role = 'RE'
                        AND NOT EXISTS (SELECT 1 FROM project_roles s WHERE s.project_id = t.project_id AND s.user_id = $1 AND s.role = 'AN'))
                ORDER BY a.task_id LIMIT 50";
            let hand = Hand {
                sqlite: by_hand.replace('$', "?"),
                postgres: by_hand.to_owned(),
                binds: vec![user, ORGANIZATION, i64::MIN],
            };
            self.line(&format!("own tasks over all, {name}"), &query, Some(hand), None, true);
        }

        // All tasks of the projects that somebody is in: through projects.
        for (name, user, ..) in NAMES {
            let subject = Subject::new(OrganizationId(ORGANIZATION), UserId(user), Role::Annotator);
            let listing = subject.authorize_list(act::LabelTasks).expect("tasks");
            let page = Page::of(PAGE).after(i64::MIN);
            let query = self.page(&listing, &page, &TASK);
            let union = "SELECT m.project_id FROM project_members m JOIN projects p ON p.id = m.project_id AND p.organization_id = $2 WHERE m.user_id = $1
                UNION SELECT a.project_id FROM task_assignees a JOIN projects p ON p.id = a.project_id AND p.organization_id = $2 WHERE a.user_id = $1";
            let hand = Hand {
                sqlite: format!("SELECT t.id, t.data FROM tasks t WHERE t.project_id IN ({union}) AND t.id > $3 ORDER BY t.id LIMIT 50").replace('$', "?"),
                postgres: format!("SELECT t.id, t.data FROM tasks t WHERE t.project_id = ANY(ARRAY({union})) AND t.id > $3 ORDER BY t.id LIMIT 50"),
                binds: vec![user, ORGANIZATION, i64::MIN],
            };
            self.line(&format!("all tasks over all, {name}"), &query, Some(hand), None, true);
        }

        // Where a page is not cheap: what few rows meet, and memberships that are all elsewhere.
        let subject = Subject::new(OrganizationId(ORGANIZATION), UserId(15), Role::Annotator);
        let listing = subject.authorize_list(act::ViewProject).expect("projects");
        let rare = Expr::col(("projects", "title")).eq("Project 77");
        let page = Page::of(PAGE).after(i64::MIN).only(rare.clone());
        let query = self.page(&listing, &page, &PROJECT);
        let by_title = "SELECT p.id, p.title FROM projects p WHERE p.title = $3 AND p.organization_id = $2
            AND (EXISTS (SELECT 1 FROM project_members m WHERE m.project_id = p.id AND m.user_id = $1)
                OR EXISTS (SELECT 1 FROM task_assignees a WHERE a.user_id = $1 AND a.project_id = p.id))
            ORDER BY p.id LIMIT 50".replace("$3", "'Project 77'");
        let hand = || Hand {
            sqlite: by_title.replace('$', "?"),
            postgres: by_title.clone(),
            binds: vec![15, ORGANIZATION],
        };
        self.line("page of a rare title, 100,000 even", &query, Some(hand()), None, true);
        let query = Query::select()
            .columns(PROJECT)
            .from("projects")
            .and_where(rare)
            .and_where(self.schema.matches(&listing))
            .order_by(("projects", "id"), Order::Asc)
            .limit(PAGE.into())
            .to_owned();
        self.line("the same as a search", &query, Some(hand()), None, false);
        let elsewhere = Subject::new(OrganizationId(2), UserId(15), Role::Annotator);
        let listing = elsewhere.authorize_list(act::ViewProject).expect("projects");
        let page = Page::of(PAGE).after(i64::MIN);
        let query = self.page(&listing, &page, &PROJECT);
        let mut hand = pages_by_hand(15, i64::MIN);
        hand.binds[1] = 2;
        self.line("page, 100,000 in another organization", &query, Some(hand), None, true);

        // Tasks of one project, that is known to the one who has the most elsewhere.
        let subject = Subject::new(OrganizationId(ORGANIZATION), UserId(15), Role::Annotator);
        let here = OrganizationId(ORGANIZATION);
        let facts: Facts = [Fact::ProjectAssignee, Fact::ActsAsAnnotator].into_iter().collect();
        let large = subject.row(ProjectId(LARGE), here, facts).expect("a row");
        let listing =
            subject.authorize_list_in(act::ViewAnnotatorDashboard, &large).expect("tasks");
        let page = Page::of(PAGE).after(i64::MIN);
        let query = self.page(&listing, &page, &TASK);
        let sql = "SELECT t.id, t.data FROM task_assignees a JOIN tasks t ON t.id = a.task_id WHERE a.user_id = $1 AND a.project_id = $2 AND t.project_id = $2
            AND EXISTS (SELECT 1 FROM projects WHERE id = $2 AND organization_id = $3) AND a.task_id > $4 ORDER BY a.task_id LIMIT 50";
        let hand = Hand {
            sqlite: sql.replace('$', "?"),
            postgres: sql.to_owned(),
            binds: vec![15, LARGE, ORGANIZATION, i64::MIN],
        };
        self.line("own tasks of one project", &query, Some(hand), None, true);

        let admin = Subject::new(OrganizationId(ORGANIZATION), UserId(99), Role::Administrator);
        let large = admin.row(ProjectId(LARGE), here, Facts::none()).expect("a row");
        let listing = admin.authorize_list_in(act::ViewProjectData, &large).expect("tasks");
        let query = self.page(&listing, &page, &TASK);
        let sql = "SELECT t.id, t.data FROM tasks t WHERE t.project_id = $1 AND EXISTS (SELECT 1 FROM projects WHERE id = $1 AND organization_id = $2) AND t.id > $3 ORDER BY t.id LIMIT 50";
        let hand = Hand {
            sqlite: sql.replace('$', "?"),
            postgres: sql.to_owned(),
            binds: vec![LARGE, ORGANIZATION, i64::MIN],
        };
        self.line("all tasks of one project, administrator", &query, Some(hand), None, true);

        let page = Page::of(PAGE).after(i64::MIN);
        let listing = admin.authorize_list(act::ViewProject).expect("projects");
        let query = self.page(&listing, &page, &PROJECT);
        let sql = "SELECT id, title FROM projects WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 50";
        let hand = Hand {
            sqlite: sql.replace('$', "?"),
            postgres: sql.to_owned(),
            binds: vec![ORGANIZATION, i64::MIN],
        };
        self.line("page, administrator", &query, Some(hand), None, true);

        // The manager, whose projects are in workspaces.
        let manager = Subject::new(OrganizationId(ORGANIZATION), UserId(MANAGER), Role::Manager);
        let listing = manager.authorize_list(act::ExportData).expect("projects");
        for after in [i64::MIN, projects / 2] {
            let page = Page::of(PAGE).after(after);
            let query = self.page(&listing, &page, &PROJECT);
            let fetched = self.fetch(&manager, Action::ExportData, after, PAGE as usize);
            self.line(
                &format!("page, manager, 100 workspaces, after {after}"),
                &query,
                Some(managers_by_hand(after)),
                Some(fetched),
                true,
            );
        }
        // What a workspace and a project hold, of the manager who was added to both.
        const RECORD: [(&str, &str); 2] = [("annotations", "id"), ("annotations", "task_id")];
        let count = |listing: Expr, table: &'static str| {
            let count = Func::count(Expr::col(Asterisk));
            Query::select().expr(count).from(table).and_where(listing).to_owned()
        };
        let page = Page::of(PAGE).after(i64::MIN);
        let workspace = manager.row(WorkspaceId(10_003), here, 2).expect("a row");
        let listing = manager.authorize_list_in(act::ViewProjectData, &workspace).expect("tasks");
        let of_workspace = "t.project_id IN (SELECT id FROM projects WHERE workspace_id = (SELECT id FROM workspaces WHERE id = $1 AND organization_id = $2) AND organization_id = $2)";
        let hand = |sql: String, binds: &[i64]| Hand {
            sqlite: sql.replace('$', "?"),
            postgres: sql,
            binds: binds.to_vec(),
        };
        let query = self.page(&listing, &page, &TASK);
        let by_hand = hand(
            format!(
                "SELECT t.id, t.data FROM tasks t WHERE {of_workspace} AND t.id > $3 ORDER BY t.id LIMIT 50"
            ),
            &[10_003, ORGANIZATION, i64::MIN],
        );
        self.line("all tasks of one workspace", &query, Some(by_hand), None, true);
        let query = count(self.schema.set(&listing), "tasks");
        let by_hand = hand(
            format!("SELECT count(*) FROM tasks t WHERE {of_workspace}"),
            &[10_003, ORGANIZATION],
        );
        self.line("set of the tasks of one workspace", &query, Some(by_hand), None, false);

        for (name, project) in [("a large project", LARGE), ("a small project", LARGE + 1)] {
            let project_row = manager.row(ProjectId(project), here, 8).expect("a row");
            let listing = manager.authorize_list_in(act::ViewProjectData, &project_row);
            let listing = listing.expect("tasks").records();
            let of_project =
                "t.project_id = (SELECT id FROM projects WHERE id = $1 AND organization_id = $2)";
            let query = self.page(&listing, &page, &RECORD);
            let by_hand = hand(
                format!(
                    "SELECT r.id, r.task_id FROM tasks t JOIN annotations r ON r.task_id = t.id WHERE {of_project} AND r.id > $3 ORDER BY r.id LIMIT 50"
                ),
                &[project, ORGANIZATION, i64::MIN],
            );
            self.line(&format!("all records of {name}"), &query, Some(by_hand), None, true);
            let query = count(self.schema.set(&listing), "annotations");
            let by_hand = hand(
                format!(
                    "SELECT count(*) FROM tasks t JOIN annotations r ON r.task_id = t.id WHERE {of_project}"
                ),
                &[project, ORGANIZATION],
            );
            self.line(&format!("set of the records of {name}"), &query, Some(by_hand), None, false);
        }
    }

    fn summary(&mut self) {
        self.pages.sort_by(|a, b| b.ratio.total_cmp(&a.ratio));
        println!("\nPages above 1.2 of the query by hand:\n");
        println!("| Page | ratio | planned once for all values |\n|---|---|---|");
        for PageCost { case, ratio, prepared } in &self.pages {
            if *ratio > 1.2 || *prepared > 1.2 {
                println!("| {case} | {ratio:.2} | {prepared:.2} |");
            }
        }
    }
}

/// A page as an expert writes it: each branch limited by itself.
fn pages_by_hand(user: i64, after: i64) -> Hand {
    let member = "SELECT m.project_id AS id FROM project_members m JOIN projects q ON q.id = m.project_id WHERE m.user_id = $1 AND m.project_id > $3 AND q.organization_id = $2 ORDER BY m.project_id LIMIT 50";
    let assigned = "SELECT DISTINCT a.project_id AS id FROM task_assignees a JOIN projects q ON q.id = a.project_id WHERE a.user_id = $1 AND a.project_id > $3 AND q.organization_id = $2 ORDER BY a.project_id LIMIT 50";
    Hand {
        sqlite: format!(
            "SELECT p.id, p.title FROM projects p WHERE p.id IN (SELECT id FROM ({member}) UNION SELECT id FROM ({assigned}) ORDER BY 1 LIMIT 50) ORDER BY p.id"
        )
        .replace('$', "?"),
        postgres: format!(
            "SELECT p.id, p.title FROM projects p JOIN (SELECT id FROM ({member}) AS a UNION (SELECT id FROM ({assigned}) AS b) ORDER BY 1 LIMIT 50) u ON u.id = p.id ORDER BY p.id"
        ),
        binds: vec![user, ORGANIZATION, after],
    }
}

fn managers_by_hand(after: i64) -> Hand {
    let through = |from: &str| {
        format!(
            "SELECT q.id FROM projects q WHERE q.organization_id = $2 AND q.id > $3 AND q.workspace_id IN ({from}) ORDER BY q.id LIMIT 50"
        )
    };
    let branches = [
        through("SELECT id FROM workspaces WHERE created_by = $1 AND organization_id = $2"),
        through("SELECT w.id FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = $1 AND w.organization_id = $2 AND NOT w.is_personal"),
        "SELECT q.id FROM projects q WHERE q.created_by = $1 AND q.organization_id = $2 AND q.id > $3 ORDER BY q.id LIMIT 50".to_owned(),
        "SELECT m.project_id AS id FROM project_members m JOIN projects q ON q.id = m.project_id WHERE m.user_id = $1 AND m.project_id > $3 AND q.organization_id = $2 ORDER BY m.project_id LIMIT 50".to_owned(),
        "SELECT DISTINCT a.project_id AS id FROM task_assignees a JOIN projects q ON q.id = a.project_id WHERE a.user_id = $1 AND a.project_id > $3 AND q.organization_id = $2 ORDER BY a.project_id LIMIT 50".to_owned(),
    ];
    let union: Vec<_> = branches
        .iter()
        .enumerate()
        .map(|(n, branch)| format!("SELECT id FROM ({branch}) AS b{n}"))
        .collect();
    let sql = format!(
        "SELECT p.id, p.title FROM projects p WHERE p.id IN ({} ORDER BY 1 LIMIT 50) ORDER BY p.id",
        union.join(" UNION ")
    );
    Hand { sqlite: sql.replace('$', "?"), postgres: sql, binds: vec![MANAGER, ORGANIZATION, after] }
}

/// The settings of the role that is under policies.
const SERVICE: &str = "SET ROLE labelgate_service; SET jit = off; SET work_mem = '16MB'; \
                       SET plan_cache_mode = force_custom_plan";

/// Makes policies, and the role that is under them.
fn secure(engine: &mut Postgres) -> (Schema, RowSecurity) {
    let mut schema = schema(Dialect::Postgres);
    schema.is_secured = true;
    let security = schema.row_security(&Matrix::BUILT_IN, IdTypes::BIGINT).expect("PostgreSQL");
    engine.run(
        "CREATE TABLE organizations (id BIGINT NOT NULL, PRIMARY KEY (id));
         INSERT INTO organizations SELECT generate_series(1, 20);
         CREATE ROLE labelgate_service;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO labelgate_service",
    );
    for statement in security.create() {
        engine.run(&statement);
    }
    engine.run("VACUUM ANALYZE organizations");
    (schema, security)
}

/// What row-level security costs: statements of a role that is under the policies, and what a role that
/// is under none runs for the same rows.
fn secured(engine: &mut Postgres) {
    let open = schema(Dialect::Postgres);
    let (schema, security) = secure(engine);
    println!(
        "\n| Under policies | rows | ms | buffers | without ms | buffers |\n|---|---|---|---|---|---|"
    );
    for (name, user, role) in
        NAMES.into_iter().filter(|(_, _, _, at_end)| !at_end).flat_map(|(name, user, ..)| {
            [Role::Annotator, Role::Manager].map(|role| (name, user, role))
        })
    {
        let subject = Subject::new(OrganizationId(ORGANIZATION), UserId(user), role);
        // A manager sees all projects there are, and works in some.
        let list = |action| subject.authorize_list_of(action, subject.own_organization());
        let listed = |action| list(action).expect("an action on projects");
        let seen = listed(Action::ViewProject).expect("projects");
        let listing = listed(Action::ExportData).or(listed(Action::ViewProject)).expect("projects");
        let projects = |condition: Expr| {
            Query::select()
                .columns([("projects", "id"), ("projects", "title")])
                .from("projects")
                .and_where(condition)
                .order_by(("projects", "id"), Order::Asc)
                .limit(PAGE.into())
                .to_owned()
        };
        let count =
            || Query::select().expr(Func::count(Expr::col(Asterisk))).from("projects").to_owned();
        let some = engine.select(&projects(schema.set(&listing)));
        let Value::Integer(one) = some[some.len() / 2][0] else { panic!("no id") };
        let task = format!("SELECT min(id) FROM tasks WHERE project_id = {one}");
        let task = engine.column(&task, &[]).remove(0);
        let record = format!("SELECT min(id) FROM annotations WHERE task_id = {}", literal(&task));
        let record = engine.column(&record, &[]).remove(0);

        let page = |schema: &Schema| {
            let page = projects(schema.page(&listing, &Page::of(PAGE)));
            page.build(PostgresQueryBuilder)
        };
        let visible = count().build(PostgresQueryBuilder);
        let set = schema.set(&seen);
        let counted = count().and_where(set).build(PostgresQueryBuilder);
        let given = |sql: &str, id: Value| (sql.to_owned(), sea_query::Values(vec![id.into()]));
        let project = given("SELECT id, title FROM projects WHERE id = $1", Value::Integer(one));
        let task = given("SELECT id, data FROM tasks WHERE id = $1", task);
        let changed =
            "UPDATE annotations SET completed_by = completed_by WHERE id = $1 RETURNING id";
        let changed = given(changed, record.clone());
        let record = given("SELECT id FROM annotations WHERE id = $1", record);
        let update = given(
            "UPDATE projects SET title = title WHERE id = $1 RETURNING id",
            Value::Integer(one),
        );
        let mut statements = vec![
            ("project by id", project.clone(), project),
            ("task by id", task.clone(), task),
            ("record by id", record.clone(), record),
            ("page", page(&schema), page(&schema)),
            ("page, and one for tables without policies", page(&schema), page(&open)),
            ("count", visible, counted),
        ];
        if role == Role::Manager {
            statements.push(("project updated by id", update.clone(), update));
            statements.push(("record updated by id", changed.clone(), changed));
        }
        for (what, secured, open) in statements {
            let mut run = |under: bool, (sql, binds): (String, sea_query::Values)| {
                let binds: Vec<_> = binds.into_iter().map(Value::from).collect();
                engine.run(RowSecurity::BEGIN);
                if under {
                    engine.run(&SERVICE.replace("SET", "SET LOCAL"));
                    engine.select(&security.settings(&subject));
                }
                let rows = engine.rows(&sql, &binds);
                let (time, touched) = (least(engine, &sql, &binds), engine.measure(&sql, &binds).1);
                if env::var_os("PLANS").is_some() {
                    println!("{sql}\n{}", engine.plan(&sql, &binds));
                }
                engine.run("ROLLBACK");
                (rows, (time, touched))
            };
            let (rows, (time, touched)) = run(true, secured);
            let (expected, (open_time, open_touched)) = run(false, open);
            assert_eq!(rows, expected, "{what}, {name}, {role}");
            println!(
                "| {what}, {role}, {name} | {} | {time:.2} | {touched} | {open_time:.2} | {open_touched} |",
                rows.len()
            );
        }
    }
}

/// The milliseconds of the fastest of many runs: what else the machine does only adds to them.
fn least(engine: &mut Postgres, sql: &str, binds: &[Value]) -> f64 {
    let (begin, mut least) = (Instant::now(), f64::MAX);
    while begin.elapsed().as_secs() < 1 {
        let start = Instant::now();
        engine.rows(sql, binds);
        least = least.min(milliseconds(start));
    }
    least
}

fn loaded<E: Measured>(mut engine: E, projects: i64) -> E {
    println!("\n{:?}, {projects} projects, {} tasks\n", engine.dialect(), 5 * projects);
    load(&mut engine, projects);
    engine
}

fn run<E: Measured>(engine: E, projects: i64, orders_only: bool) -> E {
    let mut engine = loaded(engine, projects);
    let schema = schema(engine.dialect());
    let mut bench = Bench { engine: &mut engine, schema, pages: Vec::new() };
    bench.head();
    if !orders_only {
        bench.all(projects);
    }
    bench.orders();
    bench.summary();
    engine
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let percent = arguments.iter().find_map(|argument| argument.parse::<i64>().ok()).unwrap_or(100);
    let projects = 10_000 * Ord::max(percent, 1);
    let wants = |name: &str| {
        let named = |argument: &String| {
            ["sqlite", "postgres", "policies", "load"].contains(&argument.as_str())
        };
        !arguments.iter().any(named) || arguments.iter().any(|argument| argument == name)
    };
    let orders_only = arguments.iter().any(|argument| argument == "orders");
    if arguments.iter().any(|argument| argument == "titles") {
        if wants("sqlite") {
            titles::measure(&mut loaded(Sqlite::create(), projects));
        }
        if wants("postgres") {
            let mut engine = loaded(Postgres::create(), projects);
            titles::measure(&mut engine);
            titles::secured(&mut engine);
        }
        return;
    }
    if wants("sqlite") {
        run(Sqlite::create(), projects, orders_only);
    }
    if arguments.iter().any(|argument| argument == "policies") {
        let mut engine = loaded(Postgres::create(), projects);
        secured(&mut engine);
    } else if arguments.iter().any(|argument| argument == "load") {
        let mut engine = loaded(Postgres::create(), projects);
        let (_, security) = secure(&mut engine);
        requests::under_load(&engine, &security);
    } else if wants("postgres") {
        let mut engine = run(Postgres::create(), projects, orders_only);
        if !orders_only {
            secured(&mut engine);
        }
    }
}
