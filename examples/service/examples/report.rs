//! The access report of an organization as CSV: who may do what to it, to its workspaces and to its projects.
//!
//! `cargo run -p labelgate-service --example report > report.csv` reports on the example data. If it was interrupted,
//! `--after project,4,7` goes on after the line of project 4 and user 7.

use std::borrow::Cow;
use std::error::Error;
use std::io::{Write, stdout};
use std::process::ExitCode;
use std::str::FromStr;

use clap::Parser;
use labelgate::log::LogEntry;
use labelgate::report::{Report, ReportLine};
use labelgate::sql::{ReportPage, Schema};
use labelgate::{Denied, Kind, Matrix, OrganizationId, Role, UserId};
use labelgate_service::columns::Code;
use labelgate_service::database::Database;
use labelgate_service::transaction::{Exists, Tx};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

#[derive(Parser)]
#[command(about = "Writes who may do what in an organization, as CSV")]
struct Arguments {
    /// `sqlite:..` or `postgres:..`, as the service takes it
    #[arg(long, default_value = "sqlite::memory:")]
    database_url: String,
    #[arg(long, default_value_t = 1)]
    organization: i64,
    /// The member who asks, who needs `members.view` and `activity_log.view`
    #[arg(long, default_value_t = 1)]
    user: i64,
    /// The kind, the row and the user of the last line that is written already
    #[arg(long, value_name = "KIND,ROW,USER")]
    after: Option<Line>,
    /// How many lines are in memory at once
    #[arg(long, default_value_t = 1_000)]
    lines: u32,
}

/// Names a line of the report.
#[derive(Clone, Copy)]
struct Line(Kind, i64, i64);

impl FromStr for Line {
    type Err = Box<dyn Error + Send + Sync>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let [kind, row, user] = text.split(',').collect::<Vec<_>>()[..] else {
            return Err("not a kind, a row and a user, as in project,4,7".into());
        };
        Ok(Self(kind.parse()?, row.parse()?, user.parse()?))
    }
}

/// A line as it is selected: `Schema::report`, and the names that go with it.
#[derive(FromQueryResult)]
struct Selected {
    row_id: i64,
    user_id: i64,
    role: Code<Role>,
    facts: i64,
    title: Option<String>,
    email: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("report: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let opened = Database::open(&arguments.database_url).await;
    let (database, _) = opened.map_err(|error| format!("the database does not open: {error}"))?;
    let tx = database.begin().await?;
    let report = authorize(&database, &tx, &arguments).await?;
    let first = ReportPage::of(arguments.lines);
    let first = match arguments.after {
        Some(Line(kind, row, user)) => first.after(kind, row, user),
        None => first,
    };
    write_report(&tx, &database.schema, &report, first, stdout().lock()).await
}

/// Asks as the member, by the matrix of the organization. The question goes to the log, which is the standard error
/// here.
async fn authorize(
    database: &Database,
    tx: &Tx,
    arguments: &Arguments,
) -> Result<Report<i64>, Box<dyn Error>> {
    let (organization, user) = (OrganizationId(arguments.organization), UserId(arguments.user));
    let membership = tx.membership(organization, user).await?.ok_or("no such member")?;
    let subject = membership.subject(false);
    if let Some(security) = &database.security {
        tx.select::<Exists>(&security.settings(&subject)).await?;
    }
    let caller = subject.logged(|entry: &LogEntry| {
        eprintln!("{entry}");
        Ok::<(), Denied>(())
    });
    Ok(caller.authorize_report(subject.own_organization())?)
}

/// Writes page after page.
async fn write_report(
    tx: &Tx,
    schema: &Schema,
    report: &Report<i64>,
    first: ReportPage,
    out: impl Write,
) -> Result<(), Box<dyn Error>> {
    // Some spreadsheets split a cell without quotes at `;`.
    let mut csv = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(out);
    csv.write_record([
        "matrix", "kind", "row", "title", "user", "email", "role", "facts", "actions",
    ])?;
    let mut next = Some(first);
    while let Some(page) = next {
        let lines: Vec<Selected> = tx.select(&with_names(schema, report, &page)).await?;
        for Selected { row_id, user_id, role: Code(role), facts, title, email } in &lines {
            let line = ReportLine::new(page.kind(), *row_id, UserId(*user_id), *role, *facts)?;
            csv.write_record([
                report.matrix().fingerprint().to_string().as_str(),
                page.kind().name(),
                &row_id.to_string(),
                &defused(title.as_deref().unwrap_or_default()),
                &user_id.to_string(),
                &defused(email),
                role.code(),
                &line.facts().to_string(),
                &actions(&line, report.matrix()),
            ])?;
        }
        csv.flush()?; // an interrupted report ends with a page
        next = page.next(lines.last().map(|line| (line.row_id, line.user_id)));
    }
    Ok(())
}

/// A page of the report with the titles of its rows and the addresses of its users.
fn with_names(schema: &Schema, report: &Report<i64>, page: &ReportPage) -> SelectStatement {
    let table = match page.kind() {
        Kind::Organization => "organizations",
        Kind::Workspace => "workspaces",
        _ => "projects",
    };
    let line = |column: &'static str| Expr::col(("line", column));
    Query::select()
        .columns(["row_id", "user_id", "role", "facts"].map(|column| ("line", column)))
        .columns([(table, "title"), ("users", "email")])
        .from_subquery(schema.report(report, page), "line")
        .inner_join("users", line("user_id").equals(("users", "id")))
        .left_join(table, line("row_id").equals((table, "id")))
        .order_by(("line", "row_id"), Order::Asc)
        .order_by(("line", "user_id"), Order::Asc)
        .to_owned()
}

/// The actions that the line permits, each with the scopes that permit it.
fn actions(line: &ReportLine<i64>, matrix: &Matrix) -> String {
    let actions = line.actions(matrix);
    let texts =
        actions.elements().map(|action| format!("{action} ({})", line.scopes(matrix, action)));
    texts.collect::<Vec<_>>().join("; ")
}

/// Returns a text that no spreadsheet takes for a formula. Some do so also after quotes and spaces.
fn defused(text: &str) -> Cow<'_, str> {
    let begins_formula = |c: char| "=+-@\t\r\n＝＋－＠".contains(c);
    let is_skipped = |c: char| "\"'`".contains(c) || c.is_whitespace() && !begins_formula(c);
    if text.trim_start_matches(is_skipped).starts_with(begins_formula) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn report(tx: &Tx, database: &Database, page: ReportPage) -> Vec<Vec<String>> {
        let arguments = Arguments::parse_from(["report"]);
        let report = authorize(database, tx, &arguments).await.unwrap();
        let mut out = Vec::new();
        write_report(tx, &database.schema, &report, page, &mut out).await.unwrap();
        let records = csv::Reader::from_reader(&out[..]).into_records();
        records.map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[tokio::test]
    async fn the_file_has_each_line_once_and_no_formula() {
        let (database, _) = Database::open("sqlite::memory:").await.unwrap();
        let tx = database.begin().await.unwrap();
        let title = "\"=HYPERLINK(\"\"https://example.org\"\");\n";
        let sql = "UPDATE projects SET title = $1 WHERE title = 'Cats' AND organization_id = 1";
        assert_eq!(tx.execute(sql, [title.into()]).await.unwrap(), 1);
        let sql = "UPDATE users SET email = '+' || email WHERE email LIKE '%acme.example'";
        assert!(tx.execute(sql, []).await.unwrap() > 3);

        let all = report(&tx, &database, ReportPage::of(1_000)).await;
        assert_eq!(report(&tx, &database, ReportPage::of(1)).await, all);
        assert!(all.len() > 8, "{all:?}");
        let after = |line: &[String]| {
            ReportPage::of(2).after(
                line[1].parse().unwrap(),
                line[2].parse::<i64>().unwrap(),
                line[4].parse::<i64>().unwrap(),
            )
        };
        for (place, line) in all.iter().enumerate() {
            assert_eq!(report(&tx, &database, after(line)).await, all[place + 1..]);
            assert_eq!(line[0], Matrix::BUILT_IN.fingerprint().to_string());
            assert!(
                line.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '"'])),
                "{line:?}"
            );
        }
        let cats: Vec<_> = all.iter().filter(|line| line[3] == format!("'{title}")).collect();
        let of = |role: &str| cats.iter().find(|line| line[6] == role).unwrap();
        assert_eq!(of("AN")[5], "'+an@acme.example");
        assert_eq!(of("AN")[8], "projects.view (project); tasks.label (project)");
        assert!(of("MA")[8].contains("data.export (workspace)"), "{:?}", of("MA"));
        assert!(cats.iter().all(|line| line[6] != "OW"), "stands once, on the organization");
    }

    #[tokio::test]
    async fn only_those_who_may_get_a_report() {
        let (database, logins) = Database::open("sqlite::memory:").await.unwrap();
        let tx = database.begin().await.unwrap();
        let mut reports = Vec::new();
        for user in 0..=logins.len() {
            let user = user.to_string();
            let arguments = Arguments::parse_from(["report", "--user", &user]);
            reports.extend(authorize(&database, &tx, &arguments).await.ok().map(|_| user));
        }
        let may = logins.iter().enumerate().filter(|(_, login)| {
            login.organization == 1 && matches!(login.role, Role::Owner | Role::Administrator)
        });
        let may: Vec<_> = may.map(|(place, _)| (place + 1).to_string()).collect();
        assert_eq!((reports, may.len()), (may.clone(), 2));
    }

    #[test]
    fn what_may_be_a_formula_is_text() {
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@A1",
            "\t=1",
            "\r1",
            "\n1",
            "\"=1",
            "'=1",
            " =1",
            "\"'\u{a0}=1",
            "＝1",
        ] {
            assert_eq!(defused(text), format!("'{text}"));
        }
        for text in ["", "Cats", "a=1", "1-1", "it's", "\"quoted\"", " spaced", "ann@acme.example"]
        {
            assert_eq!(defused(text), text);
        }
    }

    #[test]
    fn a_line_is_a_kind_a_row_and_a_user() {
        assert!(matches!("project,4,7".parse(), Ok(Line(Kind::Project, 4, 7))));
        for text in ["", "project,4", "folder,4,7", "project,4,7,8", "project,x,7"] {
            assert!(text.parse::<Line>().is_err(), "{text}");
        }
    }
}
