//! What policies cost a service under load: 16 connections at once that do what requests do, under policies and
//! without them, in turns.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use labelgate::act;
use postgres::types::ToSql;
use postgres::{Client, Statement};

use super::*;

const CONNECTIONS: usize = 16;
const TURNS: u32 = 6;
const TURN: Duration = Duration::from_secs(10);
const REQUESTS: [&str; 4] = ["a page of projects", "a project", "a task", "a write"];

/// How many requests of each kind were answered, and the seconds that they took.
type Answered = [(u64, f64); REQUESTS.len()];

struct Connection<'a> {
    client: Client,
    prepared: HashMap<String, Statement>,
    security: Option<&'a RowSecurity>,
}

impl Connection<'_> {
    fn rows(&mut self, (sql, binds): (String, sea_query::Values)) -> Vec<postgres::Row> {
        if !self.prepared.contains_key(&sql) {
            let statement = self.client.prepare(&sql).expect("a statement");
            self.prepared.insert(sql.clone(), statement);
        }
        let binds: Vec<Value> = binds.into_iter().map(Value::from).collect();
        let binds: Vec<&(dyn ToSql + Sync)> = binds.iter().map(|bind| bind as _).collect();
        self.client.query(&self.prepared[&sql], &binds).expect("rows")
    }

    fn select(&mut self, query: &SelectStatement) -> Vec<postgres::Row> {
        self.rows(query.build(PostgresQueryBuilder))
    }

    /// A transaction of one request, and the seconds that it took.
    fn request<T>(&mut self, subject: &Subject<i64>, run: impl FnOnce(&mut Self) -> T) -> (T, f64) {
        let start = Instant::now();
        self.client.batch_execute(RowSecurity::BEGIN).expect("a transaction");
        if let Some(security) = self.security {
            self.select(&security.settings(subject));
        }
        let result = run(self);
        self.client.batch_execute("COMMIT").expect("a commit");
        (result, start.elapsed().as_secs_f64())
    }

    /// A page of projects, then one of them, a task in it, and a record or a new title.
    fn work(
        &mut self,
        schema: &Schema,
        subject: &Subject<i64>,
        next: &AtomicI64,
        answered: &mut Answered,
    ) {
        let mut count = |kind: usize, seconds: f64| {
            answered[kind].0 += 1;
            answered[kind].1 += seconds;
        };
        let listing = subject.authorize_list(act::ViewProject).expect("projects");
        let page = Query::select()
            .column(("projects", "id"))
            .from("projects")
            .and_where(schema.page(&listing, &Page::of(PAGE)))
            .order_by(("projects", "id"), Order::Asc)
            .limit(PAGE.into())
            .to_owned();
        let (rows, seconds) = self.request(subject, |connection| connection.select(&page));
        count(0, seconds);
        let Some(project) = rows.first().map(|row| row.get::<_, i64>(0)) else { return };

        let query = Query::select()
            .column(("projects", "title"))
            .expr(schema.facts(subject, Kind::Project))
            .from("projects")
            .and_where(Expr::col(("projects", "id")).eq(project))
            .to_owned();
        count(1, self.request(subject, |connection| connection.select(&query)).1);

        let query = Query::select()
            .column(("tasks", "id"))
            .expr(schema.facts(subject, Kind::Task))
            .from("tasks")
            .and_where(Expr::col(("tasks", "project_id")).eq(project))
            .limit(1)
            .to_owned();
        let (rows, seconds) = self.request(subject, |connection| connection.select(&query));
        count(2, seconds);
        let Some(task) = rows.first().map(|row| row.get::<_, i64>(0)) else { return };

        let (sql, binds) = match subject.role() {
            Role::Annotator => {
                let (id, user) = (next.fetch_add(1, Ordering::Relaxed), subject.user().0);
                ("INSERT INTO annotations VALUES ($1, $2, $3)", vec![id, task, user])
            }
            _ => ("UPDATE projects SET title = title WHERE id = $1", vec![project]),
        };
        let binds = sea_query::Values(binds.into_iter().map(Into::into).collect());
        count(3, self.request(subject, |connection| connection.rows((sql.to_owned(), binds))).1);
    }
}

/// One of the people who have about ten projects each.
fn somebody(number: u64) -> Subject<i64> {
    let role = match number % 10 {
        0 => Role::Administrator,
        1..=3 => Role::Manager,
        _ => Role::Annotator,
    };
    // Far apart, and never the same number twice.
    let user = 2_000_000 + (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as i64 % 200_000;
    Subject::new(OrganizationId(ORGANIZATION), UserId(user), role)
}

/// A turn of all connections.
fn turn(engine: &Postgres, security: Option<&RowSecurity>, next: &AtomicI64) -> Answered {
    let connect = |place| {
        let mut client = engine.connect("postgres");
        let settings = if security.is_some() { SERVICE } else { "SET jit = off" };
        client.batch_execute(settings).expect("settings");
        (place, Connection { client, prepared: HashMap::new(), security })
    };
    let connections: Vec<_> = (0..CONNECTIONS as u64).map(connect).collect();
    let end = Instant::now() + TURN;
    let mut all = Answered::default();
    thread::scope(|scope| {
        let works = connections.into_iter().map(|(place, mut connection)| {
            scope.spawn(move || {
                let mut schema = schema(Dialect::Postgres);
                schema.is_secured = security.is_some();
                let mut answered = Answered::default();
                for number in (place..).step_by(CONNECTIONS) {
                    if Instant::now() > end {
                        break;
                    }
                    connection.work(&schema, &somebody(number), next, &mut answered);
                }
                answered
            })
        });
        for work in works.collect::<Vec<_>>() {
            add(&mut all, &work.join().expect("answers"));
        }
    });
    all
}

fn add(all: &mut Answered, other: &Answered) {
    for (all, other) in all.iter_mut().zip(other) {
        all.0 += other.0;
        all.1 += other.1;
    }
}

/// Prints what was answered in a minute under policies and in a minute without.
pub(super) fn under_load(engine: &Postgres, security: &RowSecurity) {
    let next = AtomicI64::new(1_000_000_000);
    let (mut under, mut without) = (Answered::default(), Answered::default());
    for _ in 0..TURNS {
        add(&mut under, &turn(engine, Some(security), &next));
        add(&mut without, &turn(engine, None, &next));
    }
    println!("\n| Request | under policies, ms | without, ms | ratio |\n|---|---|---|---|");
    let mean = |(count, seconds): (u64, f64)| seconds * 1e3 / count as f64;
    for (name, (under, without)) in REQUESTS.iter().zip(under.into_iter().zip(without)) {
        let (under, without) = (mean(under), mean(without));
        println!("| {name} | {under:.1} | {without:.1} | {:.2} |", under / without);
    }
    let count = |all: Answered| all.iter().map(|(count, _)| count).sum::<u64>();
    let (under, without) = (count(under), count(without));
    println!(
        "| requests in a minute | {under} | {without} | {:.2} |",
        without as f64 / under as f64
    );
}
