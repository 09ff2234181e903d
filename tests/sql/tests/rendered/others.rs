//! The statements beside those of lists: of reports, of what an edit of the matrix does, of clean-up and of policies.

use std::collections::HashSet;
use std::iter::successors;

use labelgate::impact::{Effect, Impact};
use labelgate::membership::{Member, MembershipPolicy, RoleSource};
use labelgate::overrides::Overrides;
use labelgate::row::RowId;
use labelgate::sets::Scopes;
use labelgate::sql::{Credentials, IdTypes, Page, ReportPage, RowSecurity, Schema};
use labelgate::{
    Action, Kind, Matrix, OrganizationId, ProjectId, RecordId, Role, Row, Subject, TaskId, UserId,
    WorkspaceId,
};
use labelgate_sql_tests::{Cells, Dialect, Value};
use sea_query::{Expr, ExprTrait, PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder};

const HERE: OrganizationId<i64> = OrganizationId(1);

/// What statements are for, and their text.
pub type Texts = Vec<(String, String)>;

/// The row and the user of the last line of a page without lines.
const NO_LINE: Option<(i64, i64)> = None;

fn olivia() -> Subject<i64> {
    Subject::new(HERE, UserId(1), Role::Owner)
}

pub fn text(dialect: Dialect, query: &SelectStatement) -> String {
    match dialect {
        Dialect::Sqlite => query.to_string(SqliteQueryBuilder),
        Dialect::Postgres => query.to_string(PostgresQueryBuilder),
    }
}

/// The people of a row of each kind.
pub fn people(dialect: Dialect, schema: &Schema) -> Texts {
    let olivia = olivia();
    let facts = "an Owner needs no facts";
    vec![
        people_of(
            dialect,
            schema,
            Action::ViewWorkspace,
            &olivia.row(WorkspaceId(10), HERE, 0).expect(facts),
        ),
        people_of(
            dialect,
            schema,
            Action::ExportData,
            &olivia.row(ProjectId(100), HERE, 0).expect(facts),
        ),
        people_of(
            dialect,
            schema,
            Action::ViewProjectData,
            &olivia.row(TaskId(1000), HERE, 0).expect(facts),
        ),
        people_of(
            dialect,
            schema,
            Action::ChangeAnnotations,
            &olivia.row(RecordId(1000), HERE, 0).expect(facts),
        ),
    ]
}

fn people_of<Id>(
    dialect: Dialect,
    schema: &Schema,
    action: Action,
    row: &Row<Id, (), i64>,
) -> (String, String)
where
    Id: RowId<Value = i64> + Clone,
{
    let people = olivia().authorize_people_of(action, row).expect("people");
    let page = Page::of(20).descending().after(1234);
    let texts = [schema.people(&people, &page), schema.count_people(&people)];
    let texts = texts.map(|query| text(dialect, &query)).join(";\n");
    (format!("people who may {action} in a {}", Id::KIND), texts)
}

/// Pages of the report, of each kind of row.
pub fn reports(dialect: Dialect, schema: &Schema) -> Texts {
    let cells = [Cells::built_in(), Cells::generate(0, 12), Cells::overridden(0)];
    let report = |(n, cells): (usize, Cells)| {
        let asker = olivia().with_matrix(cells.matrix);
        let report = asker.authorize_report(asker.own_organization()).expect("a report");
        let firsts = successors(Some(ReportPage::of(50)), |page| page.clone().next(NO_LINE));
        let of_kind = |first: ReportPage| {
            let kind = first.kind();
            let pages = [first, ReportPage::of(50).after(kind, 5, 8)];
            let pages = pages.map(|page| text(dialect, &schema.report(&report, &page)));
            (format!("report of {kind}s by matrix {n}"), pages.join(";\n"))
        };
        firsts.map(of_kind).collect::<Vec<_>>()
    };
    cells.into_iter().enumerate().flat_map(report).collect()
}

/// How many statements about effects on rows of a kind are rendered for an edit.
const SUFFICE: usize = 24;

/// What edits of the matrix do, by the kind of the rows.
pub fn effects(dialect: Dialect, schema: &Schema) -> Texts {
    let edits = [
        (Cells::built_in(), Cells::overridden(0)),
        (Cells::overridden(0), Cells::overridden(1_000)),
        (Cells::generate(0, 60), Cells::generate(1_000, 90)),
    ];
    let edit = |(n, (before, after)): (usize, (Cells, Cells))| {
        let impact =
            MembershipPolicy::new(HERE).preview_matrix(&olivia(), before.matrix, after.matrix);
        let impact = impact.expect("the Owner may").into_change();
        let of_kind = |kind| {
            let texts = effects_on(&impact, kind)
                .into_iter()
                .flat_map(|effect| of_effect(schema, &effect).map(|query| text(dialect, &query)));
            // Effects of actions for which matrices say the same are the same, and some suffice.
            let mut seen = HashSet::new();
            let texts =
                texts.filter(|text| seen.insert(text.clone())).take(SUFFICE).collect::<Vec<_>>();
            (format!("what edit {n} does to {kind}s"), texts.join(";\n"))
        };
        Kind::ALL.map(of_kind)
    };
    edits.into_iter().enumerate().flat_map(edit).collect()
}

fn effects_on(impact: &Impact<i64>, kind: Kind) -> Vec<Effect<'_, i64>> {
    let effects = Action::ALL.into_iter().flat_map(|action| {
        let both = || [impact.gained(action), impact.lost(action)];
        both().into_iter().chain(both().into_iter().filter_map(Effect::records))
    });
    effects.filter(|effect| effect.kind() == kind && !effect.roles().is_empty()).collect()
}

/// The statements of an effect: all members, all rows, those of one member and of one row.
fn of_effect(schema: &Schema, effect: &Effect<'_, i64>) -> [SelectStatement; 5] {
    let only = Expr::col(("t", "is_open")).eq(true);
    let page = Page::of(20).descending().after(1234).only(only.clone()).offset(40);
    let page = page.search(only);
    let on = match effect.kind() {
        Kind::Organization => schema.effect_members_on(effect, &HERE, &page),
        Kind::Workspace => schema.effect_members_on(effect, &WorkspaceId(10), &page),
        Kind::Project => schema.effect_members_on(effect, &ProjectId(100), &page),
        Kind::Task => schema.effect_members_on(effect, &TaskId(1000), &page),
        Kind::Record => schema.effect_members_on(effect, &RecordId(1000), &page),
    };
    [
        schema.count_effect(effect),
        schema.effect_members(effect, &page),
        schema.effect_rows(effect, &page),
        schema.effect_rows_of(effect, &UserId(7), &page),
        on,
    ]
}

/// What is deleted of a member who is removed. There is nothing if facts of one's own do not say how they end.
pub fn cleanup(schema: &Schema) -> Texts {
    let mut sessions = Credentials::in_table("sessions");
    sessions.organization_id = None;
    let cleanup = schema.cleanup(sessions, Credentials::in_table("api_tokens"));
    let Ok(cleanup) = cleanup else { return Texts::new() };
    let (user, role, source) = (UserId(7), Role::Annotator, RoleSource::Manual);
    let member = Member { organization: HERE, user, role, source };
    let removal = MembershipPolicy::new(HERE).remove(&olivia(), &member).expect("a removal");
    let statements = cleanup.statements(&removal).into_iter().enumerate();
    let named = |(n, (sql, values))| (format!("clean-up {n:02}"), format!("{sql} {values:?}"));
    statements.map(named).collect()
}

/// The matrix by which annotators see and label the tasks that are assigned to them, and do nothing else to tasks.
fn own_tasks_alone() -> Matrix {
    let of_tasks = Action::ALL.into_iter().filter(|action| action.kind() == Kind::Task);
    of_tasks.fold(Matrix::BUILT_IN, |matrix, action| {
        let scopes = match action {
            Action::ViewProjectData | Action::LabelTasks => Scopes::OwnPermitted,
            _ => Scopes::empty(),
        };
        matrix.with_cell(Role::Annotator, action, scopes).expect("an active role")
    })
}

/// The migration of policies, and what a service asks of them.
pub fn policies(schema: &Schema) -> Texts {
    let built_in = schema.row_security(&Matrix::BUILT_IN, IdTypes::BIGINT);
    let widest = schema.row_security(&Overrides::widest().matrix(), IdTypes::BIGINT);
    let narrow = schema.row_security(&own_tasks_alone(), IdTypes::BIGINT);
    let (Ok(built_in), Ok(widest), Ok(narrow)) = (built_in, widest, narrow) else {
        return Texts::new();
    };
    let of = |security: &RowSecurity| {
        let subject = Subject::new(HERE, UserId(7), Role::Manager);
        let settings = security.settings(&subject).to_string(PostgresQueryBuilder);
        let statements = [security.create(), security.remove()].concat();
        statements.into_iter().chain([settings, security.enforcement_query()]).collect::<Vec<_>>()
    };
    let mut texts = Texts::new();
    for (name, security) in [("the built-in matrix", &built_in), ("all overrides", &widest)] {
        let statements = of(security).into_iter().enumerate();
        texts.extend(statements.map(|(n, sql)| (format!("policies of {name}, {n:02}"), sql)));
    }
    texts.push(("policies with jobs".to_owned(), of(&built_in.clone().with_jobs("jobs")).concat()));
    texts.push(("policies of own tasks alone".to_owned(), of(&narrow).concat()));
    texts.push(("policies that are forced".to_owned(), of(&built_in.forced()).concat()));
    texts
}

#[test]
fn pages_of_a_report_begin_after_a_line() {
    let page = || ReportPage::of(9);
    let null = || Value::Null;
    let line = || Some((Value::Integer(5), Value::Integer(8)));
    assert_eq!(page().size(), 9);
    let after = page().after(Kind::Workspace, 5_i64, 8_i64);
    assert_eq!((after.kind(), after.clone().next(line())), (Kind::Workspace, Some(after.clone())));
    let projects = page().after(Kind::Project, null(), null());
    assert_eq!(after.next(NO_LINE).as_ref(), Some(&projects));
    // An id that is NULL is none.
    assert_eq!(page().after(Kind::Project, 5_i64, null()), projects);
    assert_eq!(page().after(Kind::Project, null(), 8_i64), projects);
}
