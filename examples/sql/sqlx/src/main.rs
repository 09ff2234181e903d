//! Teaches lists, a single row and a count with sqlx: the projects that an annotator may see, and the tasks of
//! one of them.

use labelgate::sql::{Page, Schema};
use labelgate::{Answer, Kind, OrganizationId, ProjectId, Role, Row, Subject, UserId, act};
use sea_query::{Asterisk, Expr, ExprTrait, Func, Query, SelectStatement, SqliteQueryBuilder};
use sea_query_sqlx::SqlxBinder;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

/// What the service keeps of a project.
struct ProjectData {
    title: String,
}

type Project = Row<ProjectId<i64>, ProjectData>;

/// What each query for projects begins with.
fn projects(schema: &Schema, caller: &Subject<i64>) -> SelectStatement {
    Query::select()
        .columns([("projects", "id"), ("projects", "organization_id"), ("projects", "title")])
        .expr(schema.facts(caller, Kind::Project))
        .from("projects")
        .to_owned()
}

async fn fetch(
    connection: &mut SqliteConnection,
    caller: &Subject<i64>,
    query: &SelectStatement,
) -> Result<Vec<Project>, Box<dyn std::error::Error>> {
    use sqlx::Row as _;

    let (sql, values) = query.build_sqlx(SqliteQueryBuilder);
    let rows = sqlx::query_with(AssertSqlSafe(sql), values).fetch_all(connection).await?;
    let projects = rows.iter().map(|row| {
        let (id, organization) = (ProjectId(row.try_get(0)?), OrganizationId(row.try_get(1)?));
        let data = ProjectData { title: row.try_get(2)? };
        Ok(caller.row(id, organization, row.try_get::<i64, _>(3)?)?.with(data))
    });
    projects.collect()
}

async fn count(
    connection: &mut SqliteConnection,
    table: &'static str,
    condition: Expr,
) -> Result<i64, sqlx::Error> {
    let (sql, values) = Query::select()
        .expr(Func::count(Expr::col(Asterisk)))
        .from(table)
        .and_where(condition)
        .build_sqlx(SqliteQueryBuilder);
    sqlx::query_scalar_with(AssertSqlSafe(sql), values).fetch_one(connection).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
    sqlx::raw_sql(include_str!("../../tables.sql")).execute(&mut connection).await?;
    let schema = Schema::sqlite();
    let caller = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);

    // A page, with a condition of the service's own.
    let listing = caller.authorize_list(act::ViewProject)?; // a denial, and no empty page
    let page = Page::of(50).descending().only(Expr::col(("projects", "title")).like("Cat%"));
    let mut query = projects(&schema, &caller);
    query
        .and_where(schema.page(&listing, &page))
        .order_by(schema.id(Kind::Project), page.order().clone())
        .limit(page.size().into());
    let found = fetch(&mut connection, &caller, &query).await?;
    let titles: Vec<_> = found.iter().map(|project| project.title.as_str()).collect();
    assert_eq!(titles, ["Cattle", "Cats"]);

    // How many there are, and how many tasks to label in one of them.
    assert_eq!(count(&mut connection, "projects", schema.set(&listing)).await?, 2);
    let tasks = caller.authorize_list_in(act::LabelTasks, &found[1])?;
    assert_eq!(count(&mut connection, "tasks", schema.set(&tasks)).await?, 2);

    // One project: who may not see it gets the answer of one that is not there.
    let mut query = projects(&schema, &caller);
    query.and_where(Expr::col(("projects", "id")).eq(101));
    let found = fetch(&mut connection, &caller, &query).await?.pop();
    let denied = caller.authorize(act::ViewProject, found).map(|_| ()).unwrap_err();
    assert_eq!(denied.answer(), Answer::NotFound);
    println!("{titles:?}");
    Ok(())
}
