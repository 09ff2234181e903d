//! What is rendered, word by word. That it selects the right rows is held against the oracle; but a
//! statement can select the same rows by a worse plan, and then it is another one.
//!
//! Where that is meant, hold it against the oracle (`prove.sh`), measure it (`cargo bench -p
//! labelgate-sql-tests`), and write `rendered.txt` anew: `LABELGATE_RENDER=1 cargo test -p
//! labelgate-sql-tests --test rendered`.

use std::collections::{BTreeMap, BTreeSet};
use std::{env, fs};

use labelgate::overrides::Overrides;
use labelgate::resource::{InProject, Organization, Project, ProjectId};
use labelgate::sql::{Asked, IdTypes, OwnFact, Page, Rows, Schema};
use labelgate::{Action, Fact, Filter, Matrix, OrganizationId, Role, Subject, UserId};
use labelgate_sql_tests::{Dialect, few};
use sea_query::{
    Expr, ExprTrait, PostgresQueryBuilder, Query, SelectStatement, SqliteQueryBuilder,
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rendered.txt");

/// Who lists what for which action.
const LISTS: [(Rows, Role, Action); 9] = [
    (Rows::Workspaces, Role::Annotator, Action::ViewWorkspace),
    (Rows::Projects, Role::Administrator, Action::ViewProject),
    (Rows::Projects, Role::Manager, Action::ExportData),
    (Rows::Projects, Role::Annotator, Action::ViewProject),
    (Rows::Tasks, Role::Manager, Action::ViewProjectData),
    (Rows::Tasks, Role::Reviewer, Action::ReviewAnnotations),
    (Rows::Tasks, Role::Annotator, Action::ViewProjectData),
    (Rows::Records, Role::Annotator, Action::ChangeAnnotations),
    (Rows::Records, Role::Manager, Action::ViewProjectData),
];

/// Tables of a service, each said in another way.
fn schemas(dialect: Dialect) -> Vec<(&'static str, Schema)> {
    let default = || Schema::new(dialect.into());
    let mut names = default();
    names.workspaces.alias = Some("w".into());
    names.projects.table = match dialect {
        Dialect::Sqlite => "project".into(),
        Dialect::Postgres => ("labels", "project").into(),
    };
    names.records.alias = Some("r".into());
    names.records.project_id = Some("project_id".into());
    names.task_assignees.project_id = None;
    let mut checked = default();
    checked.project_roles.is_checked = true;
    checked.task_assignees.is_checked = true;
    let teams = |asked: &Asked| {
        let of_user = Expr::col("user_id").eq(asked.user());
        Query::select().column("project_id").from("teams").and_where(of_user).to_owned()
    };
    let in_team = move |asked: &Asked| Expr::col(("projects", "id")).in_subquery(teams(asked));
    let owned = |asked: &Asked| {
        let of_user = Expr::col("owner_id").eq(asked.user());
        Query::select().column("project_id").from("owners").and_where(of_user).to_owned()
    };
    let is_owner = move |asked: &Asked| Expr::col(("projects", "id")).in_subquery(owned(asked));
    let reviews = |_: &Asked| Expr::col(("projects", "is_reviewed"));
    let mut own = default()
        .with_fact(Fact::ProjectMember, OwnFact::new(in_team).with_ids(teams))
        .with_fact(Fact::ProjectCreator, OwnFact::new(is_owner).with_ids(owned))
        .with_fact(Fact::ActsAsReviewer, OwnFact::new(reviews));
    own.project_roles.is_checked = true;
    let labels = |_: &Asked| Expr::col(("projects", "is_labeled"));
    let walked = default()
        .with_fact(Fact::ProjectMember, OwnFact::new(in_team))
        .with_fact(Fact::ActsAsAnnotator, OwnFact::new(labels));
    vec![
        ("default", default()),
        ("other names, and projects kept elsewhere", names),
        ("checked", checked),
        ("few tables", few(dialect.into())),
        ("facts of one's own", own),
        ("facts of one's own without ids", walked),
    ]
}

fn has(name: &str, rows: Rows) -> bool {
    name != "few tables" || matches!(rows, Rows::Projects | Rows::Tasks)
}

/// What is listed, from its table.
fn list(schema: &Schema, rows: Rows, condition: Expr) -> SelectStatement {
    let (table, alias) = match rows {
        Rows::Workspaces => (&schema.workspaces.table, &schema.workspaces.alias),
        Rows::Projects => (&schema.projects.table, &schema.projects.alias),
        Rows::Tasks => (&schema.tasks.table, &schema.tasks.alias),
        Rows::Records => (&schema.records.table, &schema.records.alias),
    };
    let from = sea_query::TableRef::Table(table.clone(), alias.clone());
    Query::select().column(schema.id(rows)).from(from).and_where(condition).to_owned()
}

/// A project that the user was added to, and has tasks in.
fn project(subject: &Subject<i64>) -> Project<i64> {
    let known = InProject {
        created_by: None,
        is_member: true,
        has_tasks: true,
        acts_as: subject.role().acts_as(&[]),
        own_data_permitted: true,
    };
    Organization::seen_by(OrganizationId(1), UserId(7)).project(ProjectId(100), known)
}

fn page(
    schema: &Schema,
    subject: &Subject<i64>,
    filter: &Filter,
    rows: Rows,
    page: &Page,
) -> SelectStatement {
    list(schema, rows, schema.page(subject, filter, rows, page))
        .order_by(schema.id(rows), page.order().clone())
        .limit(page.size().into())
        .to_owned()
}

/// FNV-1a: enough to tell that a statement has changed.
fn digest(sql: &str) -> u64 {
    sql.bytes().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The statements by what they are for.
fn rendered() -> BTreeMap<String, String> {
    let mut rendered = BTreeMap::new();
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        for (name, schema) in schemas(dialect) {
            for (n, index) in schema.indexes().into_iter().enumerate() {
                rendered.insert(format!("{dialect:?}, {name}: index {n:02}"), index);
            }
            let mut add = |what: String, query: SelectStatement| {
                let sql = match dialect {
                    Dialect::Sqlite => query.to_string(SqliteQueryBuilder),
                    Dialect::Postgres => query.to_string(PostgresQueryBuilder),
                };
                rendered.insert(format!("{dialect:?}, {name}: {what}"), sql);
            };
            let subject = |role| Subject::new(OrganizationId(1_i64), UserId(7_i64), role);
            for rows in Rows::ALL.into_iter().filter(|&rows| has(name, rows)) {
                for role in [Role::Annotator, Role::Manager] {
                    let facts = schema.facts(&subject(role), rows);
                    add(
                        format!("facts of {rows:?} for {role}"),
                        Query::select().expr(facts).take(),
                    );
                }
                let organization = schema.organization(rows);
                add(format!("organization of {rows:?}"), Query::select().expr(organization).take());
            }
            for (rows, role, action) in LISTS.into_iter().filter(|list| has(name, list.0)) {
                let subject = subject(role);
                let filter = subject.filter(action);
                let of = format!("{rows:?} for {role} {action}");
                let first = Page::of(50);
                let only = Expr::col(("t", "is_open")).eq(true).or(Expr::col(("t", "id")).eq(1));
                let next = Page::of(20).descending().after(1234).only(only);
                add(format!("page of {of}"), page(&schema, &subject, &filter, rows, &first));
                add(format!("next page of {of}"), page(&schema, &subject, &filter, rows, &next));
                add(
                    format!("set of {of}"),
                    list(&schema, rows, schema.set(&subject, &filter, rows)),
                );
                let matches = schema.matches(&subject, &filter, rows);
                add(format!("matches of {of}"), list(&schema, rows, matches));
                if rows >= Rows::Tasks {
                    let in_project = Page::of(50).in_project(100);
                    let all = page(&schema, &subject, &filter, rows, &in_project);
                    add(format!("page in a project of {of}"), all);
                    let left = subject.filter_in(action, project(&subject));
                    let left = left.expect("something is left");
                    let left = page(&schema, &subject, &left, rows, &in_project);
                    add(format!("page in a project that is known of {of}"), left);
                }
            }
        }
    }
    for (name, schema) in schemas(Dialect::Postgres) {
        for (matrix, of) in [
            (Matrix::BUILT_IN, "the built-in matrix"),
            (Overrides::widest().matrix(), "all overrides"),
        ] {
            let Ok(security) = schema.row_security(&matrix, IdTypes::BIGINT) else { continue };
            let subject = Subject::new(OrganizationId(1_i64), UserId(7_i64), Role::Manager);
            let settings = security.settings(&subject).to_string(PostgresQueryBuilder);
            let statements = [security.create(), security.remove()].concat();
            let statements = statements.into_iter().chain([settings, security.question()]);
            for (n, statement) in statements.enumerate() {
                rendered.insert(format!("Postgres, {name}: policies of {of}, {n:02}"), statement);
            }
        }
    }
    rendered
}

#[test]
fn statements_are_what_they_were() {
    let rendered = rendered();
    let lines = rendered.iter().map(|(what, sql)| format!("{:016x} {what}\n", digest(sql)));
    if env::var_os("LABELGATE_RENDER").is_some() {
        fs::write(FILE, lines.clone().collect::<String>()).expect("a file that can be written");
    }
    let known = fs::read_to_string(FILE).expect("a file");
    let known: BTreeSet<_> = known.lines().collect();
    assert_eq!(known.len(), rendered.len());
    for (line, sql) in lines.zip(rendered.values()) {
        assert!(known.contains(line.trim_end()), "{line}{sql}");
    }
}

#[test]
fn a_fact_of_ones_own_says_whether_it_has_ids() {
    let ids = |_: &Asked| Query::select().column("project_id").from("teams").to_owned();
    let walked = OwnFact::new(|_| Expr::col("is_member"));
    assert_eq!(format!("{walked:?}"), "OwnFact { has_ids: false, .. }");
    assert_eq!(format!("{:?}", walked.with_ids(ids)), "OwnFact { has_ids: true, .. }");
}
