//! How a list becomes a statement.

use labelgate::sql::{Page, Schema};
use labelgate::{Action, Kind, Listing, OrganizationId, Role, Subject, UserId};
use sea_query::{Order, PostgresQueryBuilder, Query, SelectStatement, SqliteQueryBuilder};

/// The steps from a filter to a statement.
const FILTER: (&str, &str) = ("src/filter.rs", "Filter::new");
const PLAN: (&str, &str) = ("src/sql/plan.rs", "Render::plan");
const SOURCES: (&str, &str) = ("src/sql/sources.rs", "Schema::source");
const PAGE: (&str, &str) = ("src/sql/page.rs", "Render::page");
const DIALECT: (&str, &str) = ("src/sql/dialect.rs", "Dialect::database");

/// The text, or a line that says why there is none.
pub fn explain(role: &str, action: &str) -> Result<String, String> {
    let role: Role = role.parse().map_err(|error| format!("{error}"))?;
    let action: Action = action.parse().map_err(|error| format!("{error}"))?;
    let caller = Subject::new(OrganizationId(1), UserId(7), role);
    let filter = caller.filter(action);
    let mut text = step(1, "The filter: which facts suffice", &[FILTER]);
    text += &format!("{}\n", filter.to_string().replace("; ", "\n"));
    // Of tasks, and of the records in them.
    for records in [false, true] {
        let listing = caller.authorize_list_of(action, caller.own_organization());
        let Some(Ok(listing)) = listing else { break };
        let listing = if records { listing.records() } else { Some(listing) };
        let Some(listing) = listing else { break };
        let kind = listing.kind();
        text += &step(2, &format!("{kind}: from which facts a page finds its rows"), &[PLAN]);
        text += &format!("{}\n", Schema::sqlite().plan(&listing));
        text += &step(3, &format!("{kind}: the statements"), &[SOURCES, PAGE, DIALECT]);
        text += &lines(&page(&Schema::sqlite(), &listing).to_string(SqliteQueryBuilder));
        text += &lines(&page(&Schema::postgres(), &listing).to_string(PostgresQueryBuilder));
    }
    Ok(text)
}

fn step(number: u8, what: &str, made_in: &[(&str, &str)]) -> String {
    let made_in: Vec<_> = made_in.iter().map(|(file, name)| format!("{file}: {name}")).collect();
    format!("\n# {number}. {what}\n# {}\n\n", made_in.join(", "))
}

/// A statement with each of its clauses on a line, by how deep it is in parentheses.
fn lines(sql: &str) -> String {
    let mut text = String::new();
    let mut depth = 0;
    for word in sql.split(' ') {
        let clause = word.trim_start_matches('(');
        let is_clause = ["SELECT", "FROM", "WHERE", "UNION", "ORDER"].contains(&clause);
        let opened = word.len() - clause.len();
        if is_clause && !text.is_empty() {
            text += &word[..opened];
            text += &format!("\n{}{clause} ", "  ".repeat(depth + opened));
        } else {
            text += &format!("{word} ");
        }
        depth += word.matches('(').count();
        depth -= word.matches(')').count();
    }
    text.replace(" \n", "\n").trim_end().to_owned() + ";\n\n"
}

fn page(schema: &Schema, listing: &Listing<Action, OrganizationId<i32>>) -> SelectStatement {
    let id = schema.id(listing.kind());
    let table = match listing.kind() {
        Kind::Organization => &schema.organizations.table,
        Kind::Workspace => &schema.workspaces.table,
        Kind::Project => &schema.projects.table,
        Kind::Task => &schema.tasks.table,
        Kind::Record => &schema.records.table,
    };
    Query::select()
        .column(id.clone())
        .from(table.clone())
        .and_where(schema.page(listing, &Page::of(50)))
        .order_by(id, Order::Asc)
        .limit(50)
        .to_owned()
}
