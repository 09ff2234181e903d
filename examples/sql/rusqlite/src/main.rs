//! Teaches a list with rusqlite: the projects that an annotator may see, a page at a time.

use labelgate::resource::{Resource, Seen};
use labelgate::sql::{Page, Rows, Schema};
use labelgate::{Action, Facts, Kind, OrganizationId, Role, Subject, UserId};
use rusqlite::Connection;
use sea_query::{Order, Query, SqliteQueryBuilder};
use sea_query_rusqlite::RusqliteBinder;

/// A row, with what was asked about it.
struct Project {
    id: i64,
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

fn projects(
    connection: &Connection,
    schema: &Schema,
    caller: &Subject<i64>,
    page: &Page,
) -> Result<Vec<Project>, Box<dyn std::error::Error>> {
    let filter = caller.filter(Action::ViewProject);
    let (sql, values) = Query::select()
        .columns([("projects", "id"), ("projects", "title"), ("projects", "organization_id")])
        .expr(schema.facts(caller, Rows::Projects))
        .from("projects")
        .and_where(schema.page(caller, &filter, Rows::Projects, page))
        .order_by(schema.id(Rows::Projects), page.order().clone())
        .limit(page.size().into())
        .build_rusqlite(SqliteQueryBuilder);

    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(&*values.as_params())?;
    let mut projects = Vec::new();
    while let Some(row) = rows.next()? {
        projects.push(Project {
            id: row.get(0)?,
            title: row.get(1)?,
            organization: OrganizationId(row.get(2)?),
            asked_by: *caller.user(),
            facts: Facts::try_from(row.get::<_, i64>(3)?)?,
        });
    }
    Ok(projects)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(include_str!("../../tables.sql"))?;
    let schema = Schema::sqlite();
    let caller = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);

    let mut page = Page::of(1);
    assert_eq!(*page.order(), Order::Asc);
    let mut titles = Vec::new();
    loop {
        let projects = projects(&connection, &schema, &caller, &page)?;
        let Some(last) = projects.last() else { break };
        page = page.after(last.id);
        for project in &projects {
            // What the page may show, from the facts of the same query.
            let may_review = caller.can(Action::ReviewAnnotations, project);
            titles.push(format!("{} (review: {may_review})", project.title));
        }
    }
    println!("{titles:?}");
    assert_eq!(titles, ["Cats (review: false)", "Cattle (review: true)"]);
    Ok(())
}
