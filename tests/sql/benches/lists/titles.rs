//! Searches for a part of a title: with an index for parts of a text, and without one.

use sea_query::LikeExpr;
use sea_query::extension::postgres::PgExpr;
use sea_query::extension::sqlite::SqliteExpr;

use super::*;

/// Some of 1,000,000 titles have the first text, and one in nine the second.
const PARTS: [(&str, &str); 2] = [("rare", "77017"), ("common", "ject 1")];

/// The indexes that the guide has.
fn indexes(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "CREATE VIRTUAL TABLE project_titles USING fts5(
                 title, content='projects', content_rowid='id', tokenize='trigram');
             INSERT INTO project_titles (project_titles) VALUES ('rebuild')"
        }
        Dialect::Postgres => {
            "CREATE EXTENSION pg_trgm; CREATE INDEX parts_of_titles ON projects USING gin (title gin_trgm_ops)"
        }
    }
}

/// Compares the title row by row.
fn compared(dialect: Dialect, part: &str) -> Expr {
    let (title, part) = (Expr::col(("projects", "title")), format!("%{part}%"));
    match dialect {
        Dialect::Sqlite => title.like(LikeExpr::new(part).escape('\\')),
        Dialect::Postgres => title.ilike(part),
    }
}

/// Takes the index. In PostgreSQL it is the same condition.
fn indexed(dialect: Dialect, part: &str) -> Expr {
    match dialect {
        Dialect::Sqlite => {
            let found = Query::select()
                .column("rowid")
                .from("project_titles")
                .and_where(SqliteExpr::matches(Expr::col("project_titles"), format!("\"{part}\"")))
                .to_owned();
            Expr::col(("projects", "id")).in_subquery(found)
        }
        Dialect::Postgres => compared(dialect, part),
    }
}

pub(super) fn measure<E: Measured>(engine: &mut E) {
    let dialect = engine.dialect();
    let mut bench = Bench { engine, schema: schema(dialect), pages: Vec::new() };
    bench.head();
    bench.parts("no index", &|part, page| page.only(compared(dialect, part)));
    bench.parts("no index, search", &|part, page| page.search(compared(dialect, part)));
    let start = Instant::now();
    bench.engine.run(indexes(dialect));
    println!("\nan index in {:.0} s\n", start.elapsed().as_secs_f64());
    bench.head();
    bench.parts("index, search", &|part, page| page.search(indexed(dialect, part)));
    if dialect == Dialect::Sqlite {
        bench.parts("index, search, compared as well", &|part, page| {
            page.search(indexed(dialect, part).and(compared(dialect, part)))
        });
        bench.counted();
    }
    bench.parts("index, only", &|part, page| page.only(indexed(dialect, part)));
}

impl<E: Measured> Bench<'_, E> {
    fn parts(&mut self, with: &str, page: &dyn Fn(&str, Page) -> Page) {
        for (what, part) in PARTS {
            for (name, user, _, at_end) in NAMES {
                if at_end {
                    continue;
                }
                let here = OrganizationId(ORGANIZATION);
                let subject = Subject::new(here, UserId(user), Role::Annotator);
                let listing = subject.authorize_list(act::ViewProject).expect("projects");
                let query = self.titled(&listing, &page(part, Page::of(PAGE)));
                let hand = self.titled_by_hand(user, part);
                self.line(&format!("{with}, {what}, {name}"), &query, Some(hand), None, true);
            }
        }
    }

    /// Whether the index of SQLite finds many titles.
    fn counted(&mut self) {
        for (what, part) in PARTS {
            let sql = "SELECT COUNT(*) > 500 FROM
                (SELECT 1 FROM project_titles WHERE project_titles MATCH ? LIMIT 501)";
            let (time, touched) = self.engine.measure(sql, &[Value::Text(format!("\"{part}\""))]);
            println!("| {what} or common? | 1 | {time:.2} | {touched} | | | | | |");
        }
    }

    fn titled(
        &self,
        listing: &Listing<act::ViewProject, OrganizationId<i64>>,
        page: &Page,
    ) -> SelectStatement {
        let columns = ["id", "title"].map(|column| ("projects", column));
        let mut query = Query::select().columns(columns).from("projects").to_owned();
        self.schema.paginate(&mut query, listing, page);
        query
    }

    /// The page with the condition in it.
    fn titled_by_hand(&self, user: i64, part: &str) -> Hand {
        let mut page = pages_by_hand(user, i64::MIN);
        for (sql, like) in [(&mut page.sqlite, "LIKE"), (&mut page.postgres, "ILIKE")] {
            let found = format!("q.title {like} '%{part}%' AND q.organization_id =");
            *sql = sql.replace("q.organization_id =", &found);
        }
        page
    }
}

/// The same in PostgreSQL under policies, which are asked before a condition that is not leakproof.
pub(super) fn secured(engine: &mut Postgres) {
    let (schema, security) = secure(engine);
    let subject = Subject::new(OrganizationId(ORGANIZATION), UserId(15), Role::Annotator);
    let listing = subject.authorize_list(act::ViewProject).expect("projects");
    println!("\n| Under policies | rows | ms | buffers |\n|---|---|---|---|");
    for (what, part) in PARTS {
        let condition = || compared(Dialect::Postgres, part);
        let pages = [Page::of(PAGE).search(condition()), Page::of(PAGE).only(condition())];
        for (shape, page) in ["search", "only"].into_iter().zip(pages) {
            let mut query = Query::select().column(("projects", "id")).from("projects").to_owned();
            schema.paginate(&mut query, &listing, &page);
            let (sql, binds) = query.build(PostgresQueryBuilder);
            let binds: Vec<_> = binds.into_iter().map(Value::from).collect();
            engine.run(RowSecurity::BEGIN);
            engine.run("SET LOCAL ROLE labelgate_service; SET LOCAL jit = off");
            engine.select(&security.settings(&subject));
            let rows = engine.rows(&sql, &binds).len();
            let (time, touched) = engine.measure(&sql, &binds);
            if env::var_os("PLANS").is_some() {
                println!("{sql}\n{}", engine.plan(&sql, &binds));
            }
            engine.run("ROLLBACK");
            println!("| {what}, {shape} | {rows} | {time:.2} | {touched} |");
        }
    }
}
