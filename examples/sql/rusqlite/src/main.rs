//! Teaches a list with rusqlite: the projects that an annotator may see, a page at a time.

use labelgate::sql::{Page, Schema};
use labelgate::{
    Action, Kind, Listing, OrganizationId, ProjectId, Role, Row, Subject, UserId, act,
};
use rusqlite::Connection;
use sea_query::{Query, SqliteQueryBuilder};
use sea_query_rusqlite::RusqliteBinder;

/// What the service keeps of a project.
struct ProjectData {
    title: String,
}

type Project = Row<ProjectId<i64>, ProjectData>;

fn projects(
    connection: &Connection,
    schema: &Schema,
    caller: &Subject<i64>,
    listing: &Listing<act::ViewProject, OrganizationId<i64>>,
    page: &Page,
) -> Result<Vec<Project>, Box<dyn std::error::Error>> {
    let (sql, values) = Query::select()
        .columns([("projects", "id"), ("projects", "organization_id"), ("projects", "title")])
        .expr(schema.facts(caller, Kind::Project))
        .from("projects")
        .and_where(schema.page(listing, page))
        .order_by(schema.id(Kind::Project), page.order().clone())
        .limit(page.size().into())
        .build_rusqlite(SqliteQueryBuilder);

    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(&*values.as_params())?;
    let mut projects = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, organization) = (ProjectId(row.get(0)?), OrganizationId(row.get(1)?));
        let data = ProjectData { title: row.get(2)? };
        projects.push(caller.row(id, organization, row.get::<_, i64>(3)?)?.with(data));
    }
    Ok(projects)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(include_str!("../../tables.sql"))?;
    let schema = Schema::sqlite();
    let caller = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    let listing = caller.authorize_list(act::ViewProject)?; // a denial, and no empty page

    let mut page = Page::of(1);
    let mut titles = Vec::new();
    loop {
        let projects = projects(&connection, &schema, &caller, &listing, &page)?;
        let Some(last) = projects.last() else { break };
        page = page.after(last.id().0);
        for project in &projects {
            // What the page may show, from the facts of the same query.
            let reviews = caller.actions_in(project).has(Action::ReviewAnnotations);
            titles.push(format!("{} (reviews: {reviews})", project.title));
        }
    }
    println!("{titles:?}");
    assert_eq!(titles, ["Cats (reviews: false)", "Cattle (reviews: true)"]);
    Ok(())
}
