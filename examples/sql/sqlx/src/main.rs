//! Teaches a list, a single row and a count with sqlx: the projects that an annotator may see.

use labelgate::resource::{Resource, Seen};
use labelgate::sql::{Page, Rows, Schema};
use labelgate::{Action, Facts, Kind, OrganizationId, Role, Subject, UserId, act};
use sea_query::{Asterisk, Expr, ExprTrait, Func, Query, SelectStatement, SqliteQueryBuilder};
use sea_query_sqlx::SqlxBinder;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

/// A row, with what was asked about it.
struct Project {
    title: String,
    organization: OrganizationId<i64>,
    asked_by: UserId<i64>,
    facts: Facts,
}

impl Resource for Project {
    type Id = i64;
    type UserId = i64;
    const KIND: Kind = Kind::Project;

    fn seen(&self) -> Seen<'_, i64, i64> {
        Seen { organization: &self.organization, user: &self.asked_by, facts: self.facts }
    }
}

/// What each query for projects begins with.
fn projects(schema: &Schema, caller: &Subject<i64>) -> SelectStatement {
    Query::select()
        .columns([("projects", "title"), ("projects", "organization_id")])
        .expr(schema.facts(caller, Rows::Projects))
        .from("projects")
        .to_owned()
}

async fn fetch(
    connection: &mut SqliteConnection,
    caller: &Subject<i64>,
    query: &SelectStatement,
) -> Result<Vec<Project>, Box<dyn std::error::Error>> {
    let (sql, values) = query.build_sqlx(SqliteQueryBuilder);
    let rows = sqlx::query_with(AssertSqlSafe(sql), values).fetch_all(connection).await?;
    let projects = rows.iter().map(|row| {
        Ok(Project {
            title: row.try_get(0)?,
            organization: OrganizationId(row.try_get(1)?),
            asked_by: *caller.user(),
            facts: Facts::try_from(row.try_get::<i64, _>(2)?)?,
        })
    });
    projects.collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
    sqlx::raw_sql(include_str!("../../tables.sql")).execute(&mut connection).await?;
    let schema = Schema::sqlite();
    let caller = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    let filter = caller.filter(Action::ViewProject);

    // A page, with a condition of the service's own.
    let page = Page::of(50).descending().only(Expr::col(("projects", "title")).like("Cat%"));
    let mut query = projects(&schema, &caller);
    query
        .and_where(schema.page(&caller, &filter, Rows::Projects, &page))
        .order_by(schema.id(Rows::Projects), page.order().clone())
        .limit(page.size().into());
    let found = fetch(&mut connection, &caller, &query).await?;
    let titles: Vec<_> = found.iter().map(|project| project.title.as_str()).collect();
    assert_eq!(titles, ["Cattle", "Cats"]);

    // One project: who may not see it gets the answer of one that is not there.
    let mut query = projects(&schema, &caller);
    query
        .and_where(schema.in_organization(&caller, Rows::Projects))
        .and_where(Expr::col(("projects", "id")).eq(101));
    let found = fetch(&mut connection, &caller, &query).await?.pop();
    let denied = caller.authorize(act::ViewProject, found).map(|_| ()).unwrap_err();
    assert_eq!(denied.answer(), labelgate::Answer::NotFound);

    // How many there are.
    let (sql, values) = Query::select()
        .expr(Func::count(Expr::col(Asterisk)))
        .from("projects")
        .and_where(schema.set(&caller, &filter, Rows::Projects))
        .build_sqlx(SqliteQueryBuilder);
    let count: i64 =
        sqlx::query_scalar_with(AssertSqlSafe(sql), values).fetch_one(&mut connection).await?;
    assert_eq!(count, 2);
    println!("{count} projects: {titles:?}");
    Ok(())
}
