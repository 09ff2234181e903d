//! What is rendered, word by word. That it selects the right rows is held against the oracle; but a
//! statement can select the same rows by a worse plan, and then it is another one.
//!
//! Where that is meant, hold it against the oracle (`prove.sh`), measure it (`cargo bench -p
//! labelgate-sql-tests`), and write `rendered.txt` anew: `cargo xtask bless`.

mod others;

use std::collections::{BTreeMap, BTreeSet};
use std::{env, fs};

use labelgate::row::RowId;
use labelgate::sql::{ByColumn, OwnFact, Page, Principal, Schema, TakenOut};
use labelgate::{
    Action, Fact, Facts, Kind, Listing, OrganizationId, ProjectId, Role, Row, Subject, TaskId,
    UserId, WorkspaceId, act,
};
use labelgate_sql_tests::{Dialect, few};
use sea_query::{Expr, ExprTrait, Query, SelectStatement, SqliteQueryBuilder};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rendered.txt");

/// Who lists what for which action.
const LISTS: [(Kind, Role, Action); 10] = [
    (Kind::Workspace, Role::Annotator, Action::ViewWorkspace),
    (Kind::Project, Role::Administrator, Action::ViewProject),
    (Kind::Project, Role::Manager, Action::ExportData),
    (Kind::Project, Role::Annotator, Action::ViewProject),
    (Kind::Task, Role::Manager, Action::ViewProjectData),
    (Kind::Task, Role::Reviewer, Action::ReviewAnnotations),
    (Kind::Task, Role::Annotator, Action::ViewProjectData),
    (Kind::Task, Role::Annotator, Action::LabelTasks),
    (Kind::Record, Role::Annotator, Action::ChangeAnnotations),
    (Kind::Record, Role::Manager, Action::ViewProjectData),
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
    let mut secured = checked.clone();
    secured.is_secured = true;
    let teams = |asked: &Principal| {
        let of_user = Expr::col("user_id").eq(asked.user());
        Query::select().column("project_id").from("teams").and_where(of_user).to_owned()
    };
    let in_team = move |asked: &Principal| Expr::col(("projects", "id")).in_subquery(teams(asked));
    let owned = |asked: &Principal| {
        let of_user = Expr::col("owner_id").eq(asked.user());
        Query::select().column("project_id").from("owners").and_where(of_user).to_owned()
    };
    let is_owner = move |asked: &Principal| Expr::col(("projects", "id")).in_subquery(owned(asked));
    let reviews = |_: &Principal| Expr::col(("projects", "is_reviewed"));
    let mut own = default()
        .with_fact(Fact::ProjectMember, OwnFact::new(in_team).with_ids(teams))
        .with_fact(Fact::ProjectCreator, OwnFact::new(is_owner).with_ids(owned))
        .with_fact(Fact::ActsAsReviewer, OwnFact::new(reviews));
    own.project_roles.is_checked = true;
    let labels = |_: &Principal| Expr::col(("projects", "is_labeled"));
    let walked = default()
        .with_fact(Fact::ProjectMember, OwnFact::new(in_team))
        .with_fact(Fact::ActsAsAnnotator, OwnFact::new(labels));
    let mut filed = default();
    filed.records.project_id = Some("project_id".into());
    let mut of_tasks = own_of_tasks(filed.clone());
    of_tasks.records.is_checked = true;
    vec![
        ("default", default()),
        ("other names, and projects kept elsewhere", names),
        ("checked", checked),
        ("checked, under policies", secured),
        ("few tables", few(dialect.into())),
        ("facts of one's own", own),
        ("facts of one's own without ids", walked),
        ("records that keep the project", filed),
        ("facts of one's own of tasks", of_tasks),
    ]
}

/// Tasks are assigned to the crew of their project, and no list starts from that. Whoever labels a project is a list.
fn own_of_tasks(schema: Schema) -> Schema {
    let of = |table: &'static str, asked: &Principal| {
        let of_user = Expr::col((table, "user_id")).eq(asked.user());
        Query::select().column("project_id").from(table).and_where(of_user).to_owned()
    };
    let in_crew =
        move |asked: &Principal| Expr::col(("tasks", "project_id")).in_subquery(of("crews", asked));
    let labels =
        move |asked: &Principal| Expr::col(("projects", "id")).in_subquery(of("labelers", asked));
    let is_owner = |asked: &Principal| Expr::col(("projects", "owner_id")).eq(asked.user());
    let leave = |table: &'static str| {
        move |asked: &Principal| {
            let of_user = Expr::col((table, "user_id")).eq(asked.user());
            vec![Query::delete().from_table(table).and_where(of_user).to_owned().into()]
        }
    };
    let leave_one = |table: &'static str| {
        move |out: &TakenOut| {
            let of_user = Expr::col((table, "user_id")).eq(out.user());
            let of_project = Expr::col((table, "project_id")).eq(out.project());
            let mut delete = Query::delete();
            delete.from_table(table).and_where(of_user).and_where(of_project);
            vec![delete.into()]
        }
    };
    let assignee = OwnFact::new(in_crew).with_cleanup(leave("crews"));
    let assignee = assignee.with_project_cleanup(leave_one("crews"));
    let annotator = OwnFact::new(labels).with_ids(move |asked| of("labelers", asked));
    let annotator = annotator.with_cleanup(leave("labelers"));
    let annotator = annotator.with_project_cleanup(leave_one("labelers"));
    let creator = OwnFact::new(is_owner).with_column("owner_id").with_cleanup(|_| Vec::new());
    schema
        .with_fact(Fact::Assignee, assignee)
        .with_fact(Fact::ActsAsAnnotator, annotator)
        .with_fact(Fact::ProjectCreator, creator)
}

fn has(name: &str, kind: Kind) -> bool {
    name != "few tables" || matches!(kind, Kind::Project | Kind::Task)
}

/// What is listed, from its table.
fn list(schema: &Schema, kind: Kind, condition: Expr) -> SelectStatement {
    let (table, alias) = match kind {
        Kind::Organization => (&schema.organizations.table, &schema.organizations.alias),
        Kind::Workspace => (&schema.workspaces.table, &schema.workspaces.alias),
        Kind::Project => (&schema.projects.table, &schema.projects.alias),
        Kind::Task => (&schema.tasks.table, &schema.tasks.alias),
        Kind::Record => (&schema.records.table, &schema.records.alias),
    };
    let from = sea_query::TableRef::Table(table.clone(), alias.clone());
    Query::select().column(schema.id(kind)).from(from).and_where(condition).to_owned()
}

/// The listing of an action in a row, if it is one of such rows.
fn listing<Id>(
    subject: &Subject<i64>,
    (kind, action): (Kind, Action),
    row: &Row<Id, (), i64>,
) -> Option<Listing<Action, Id, i64>>
where
    Id: RowId<Value = i64> + Clone,
{
    let listing = subject.authorize_list_of(action, row)?.expect("something is left");
    let listing = if kind == Kind::Record { listing.records()? } else { listing };
    (listing.kind() == kind).then_some(listing)
}

/// The statements of a listing, by what they are for.
fn statements<Id>(
    schema: &Schema,
    listing: &Listing<Action, Id, i64>,
) -> Vec<(&'static str, SelectStatement)>
where
    Id: RowId<Value = i64>,
{
    let kind = listing.kind();
    let page = |page: &Page| {
        list(schema, kind, schema.page(listing, page))
            .order_by(schema.id(kind), page.order().clone())
            .limit(page.size().into())
            .to_owned()
    };
    let only = Expr::col(("t", "is_open")).eq(true).or(Expr::col(("t", "id")).eq(1));
    vec![
        ("page", page(&Page::of(50))),
        ("page before", page(&Page::of(20).descending().after(1234))),
        ("next page", page(&Page::of(20).descending().after(1234).only(only))),
        ("set", list(schema, kind, schema.set(listing))),
        ("matches", list(schema, kind, schema.matches(listing))),
    ]
}

/// The statements of a listing in the order of a column, by what they are for.
fn in_order<Id>(
    schema: &Schema,
    listing: &Listing<Action, Id, i64>,
) -> Vec<(&'static str, SelectStatement)>
where
    Id: RowId<Value = i64>,
{
    let page = |page: &Page<ByColumn>| {
        let mut query = list(schema, listing.kind(), truth());
        schema.paginate(&mut query, listing, page);
        query
    };
    let by = |size| Page::of(size).by("created_at");
    let is_open = || Expr::col(("t", "is_open")).eq(true);
    vec![
        ("sorted page", page(&by(50))),
        ("next sorted page", page(&by(20).after(7, 1234).only(is_open()))),
        ("sorted page before", page(&by(20).descending().after(7, 1234))),
        ("sorted page after NULL", page(&by(20).after(None::<i64>, 1234))),
        ("sorted page before NULL", page(&by(20).descending().after(None::<i64>, 1234))),
        ("sorted page found", page(&by(20).search(is_open()).offset(40))),
        ("count", schema.count(listing, &Page::of(1_001).search(is_open()))),
    ]
}

/// What takes somebody out of a project, if the schema says how.
fn out_of_a_project(schema: &Schema) -> Vec<String> {
    let Ok(cleanup) = schema.cleanup(None, None) else { return Vec::new() };
    let owner = Subject::new(OrganizationId(1_i64), UserId(7_i64), Role::Owner);
    let project = owner.row(ProjectId(100_i64), OrganizationId(1), 0).expect("facts");
    let permit = owner.authorize(act::ChangeProject, project).expect("a permit");
    let statements = cleanup.statements_in_project(&permit, &UserId(9)).expect("statements");
    statements.into_iter().map(|(sql, _)| sql).collect()
}

fn truth() -> Expr {
    Expr::val(true)
}

/// How lists everywhere and within a workspace are found. Within a workspace there are fewer facts to start from.
fn plans(schema: &Schema, (kind, role, action): (Kind, Role, Action)) -> Vec<(String, String)> {
    let subject = Subject::new(OrganizationId(1_i64), UserId(7_i64), role);
    let everywhere = subject.own_organization();
    let workspace = subject.row(WorkspaceId(10), OrganizationId(1), 0).expect("no facts");
    let plans = [
        listing(&subject, (kind, action), &everywhere).map(|list| schema.plan(&list)),
        listing(&subject, (kind, action), &workspace).map(|list| schema.plan(&list)),
    ];
    let what = |within| format!("plan of {kind}s {within} for {role} {action}");
    let plans = ["everywhere", "in a workspace"].map(what).into_iter().zip(plans);
    plans.filter_map(|(what, plan)| Some((what, plan?.to_string()))).collect()
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
            let kinds = [Kind::Workspace, Kind::Project, Kind::Task, Kind::Record];
            let ordered = |schema: Schema, kind| schema.with_order(kind, "created_at");
            let ordered = kinds.into_iter().fold(schema.clone(), ordered).indexes();
            for (n, index) in ordered.into_iter().skip(schema.indexes().len()).enumerate() {
                rendered.insert(format!("{dialect:?}, {name}: index of an order {n:02}"), index);
            }
            let of_people = schema.people_indexes().into_iter().enumerate();
            for (n, index) in of_people.filter(|_| name == "default") {
                rendered.insert(format!("{dialect:?}, {name}: index for people {n}"), index);
            }
            let texts = others::reports(dialect, &schema).into_iter();
            let texts = texts.chain(others::effects(dialect, &schema));
            let texts = texts.chain(others::people(dialect, &schema));
            let texts = texts.chain(others::cleanup(&schema));
            let lists = LISTS.into_iter().filter(|list| has(name, list.0));
            for (what, text) in texts.chain(lists.flat_map(|list| plans(&schema, list))) {
                rendered.insert(format!("{dialect:?}, {name}: {what}"), text);
            }
            for (n, statement) in out_of_a_project(&schema).into_iter().enumerate() {
                rendered.insert(format!("{dialect:?}, {name}: out of a project {n}"), statement);
            }
            let mut add = |what: String, query: SelectStatement| {
                let sql = others::text(dialect, &query);
                rendered.insert(format!("{dialect:?}, {name}: {what}"), sql);
            };
            let subject = |role| Subject::new(OrganizationId(1_i64), UserId(7_i64), role);
            let manager = subject(Role::Manager);
            let row = manager.row(ProjectId(100_i64), OrganizationId(1), 8).expect("facts");
            let people = manager.authorize_people(act::ReviewAnnotations, &row).expect("people");
            let page = Page::of(50).after(8);
            add("people who review a project".to_owned(), schema.people(&people, &page));
            add("number of people who review a project".to_owned(), schema.count_people(&people));
            for kind in kinds.into_iter().filter(|&kind| has(name, kind)) {
                for role in [Role::Annotator, Role::Manager] {
                    let facts = schema.facts(&subject(role), kind);
                    add(
                        format!("facts of a {kind} for {role}"),
                        Query::select().expr(facts).take(),
                    );
                }
                let organization = schema.organization(kind);
                add(format!("organization of a {kind}"), Query::select().expr(organization).take());
            }
            for (kind, role, action) in LISTS.into_iter().filter(|list| has(name, list.0)) {
                let subject = subject(role);
                let list = (kind, action);
                let mut add_all = |within: &str, statements: Vec<(&str, SelectStatement)>| {
                    for (shape, query) in statements {
                        add(format!("{shape} of {kind}s{within} for {role} {action}"), query);
                    }
                };
                let in_project =
                    [Fact::ProjectMember, Fact::ProjectAssignee, Fact::OwnDataPermitted];
                let in_project = in_project.into_iter().collect::<Facts>();
                let in_project = in_project.acting_as(role.project_role(&[]));
                let here = OrganizationId(1);

                let row = subject.own_organization();
                let listing_of = listing(&subject, list, &row).expect("a list");
                add_all("", statements(&schema, &listing_of));
                add_all("", in_order(&schema, &listing_of));
                for (whose, facts) in [("a", 0), ("their", 2)] {
                    let row = subject.row(WorkspaceId(10), here, facts).expect("facts");
                    if let Some(listing) = listing(&subject, list, &row) {
                        add_all(&format!(" in {whose} workspace"), statements(&schema, &listing));
                    }
                }
                let row = subject.row(ProjectId(100), here, in_project).expect("facts");
                if let Some(listing) = listing(&subject, list, &row) {
                    add_all(" in a project", statements(&schema, &listing));
                }
                let row = subject.row(TaskId(1000), here, in_project).expect("facts");
                if let (true, Some(listing)) =
                    (has(name, Kind::Record), listing(&subject, list, &row))
                {
                    add_all(" in a task", statements(&schema, &listing));
                }
            }
        }
    }
    for (name, mut schema) in schemas(Dialect::Postgres) {
        schema.is_secured = true;
        for (what, sql) in others::policies(&schema) {
            rendered.insert(format!("Postgres, {name}: {what}"), sql);
        }
    }
    rendered
}

#[test]
fn statements_are_what_they_were() {
    let rendered = rendered();
    let lines = rendered.iter().map(|(what, sql)| format!("{:016x} {what}\n", digest(sql)));
    if env::var_os("LABELGATE_BLESS").is_some() {
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
    let ids = |_: &Principal| Query::select().column("project_id").from("teams").to_owned();
    let walked = OwnFact::new(|_| Expr::col("is_member"));
    assert_eq!(format!("{walked:?}"), "OwnFact { has_ids: false, has_cleanup: false, .. }");
    assert_eq!(
        format!("{:?}", walked.with_ids(ids)),
        "OwnFact { has_ids: true, has_cleanup: false, .. }"
    );
}

#[test]
fn another_order_begins_with_its_first_page() {
    let caller = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    let listing = caller.authorize_list(act::ViewProject).expect("a list");
    let schema = Schema::sqlite().with_order(Kind::Project, "title");
    let sql = |page: Page<ByColumn>| {
        let condition = schema.page(&listing, &page);
        Query::select().and_where(condition).to_string(SqliteQueryBuilder)
    };
    let first = sql(Page::of(50).by("title"));
    assert_eq!(sql(Page::of(50).after(1000).by("title")), first);
    assert_eq!(sql(Page::of(50).after(1000).by("id")), sql(Page::of(50).by("id")));
    assert_ne!(sql(Page::of(50).by("title").after("Cats", 1000)), first);
}
