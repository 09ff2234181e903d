//! Every route with every kind of credential, on rows of one's own organization, of another, and on none. What is
//! expected follows a table of what each route needs, and the tests' oracle. What is refused changes nothing; what
//! is hidden is answered like what there is not; and the log has an entry of what was asked.

mod callers;
mod lines;

use std::collections::{BTreeMap, BTreeSet};

use labelgate::Role;
use labelgate_service_tests::{By, Saved, Service, on_both};
use labelgate_sql_tests::World;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode, header};

use crate::endpoints::{Ids, expected, filled, read, shows};
use crate::routes::{is_of, routes};
use callers::{Caller, Is, Member, callers};
use lines::{LINES, Line, Needs};

on_both! { every_route_with_every_credential a_limit_that_cannot_be_read_permits_nothing }

#[test]
fn every_route_is_in_the_table() {
    let routes = routes();
    assert!(routes.len() > 90, "{routes:?}");
    for (method, route) in &routes {
        let is_there = LINES.iter().any(|(of, path, ..)| of == method && is_of(path, route));
        assert!(is_there, "{method} {route} is not in the table");
    }
    for (method, path, ..) in LINES.iter() {
        let is_served = routes.iter().any(|(of, route)| of == method && is_of(path, route));
        assert!(is_served, "{method} {path} is not served");
    }
}

/// The rows that a request names: those of an organization, or none that there are.
#[derive(Clone, Debug)]
pub struct Rows {
    organization: i64,
    ids: Ids,
    /// A role of the colleague in the project.
    role: i64,
    invitation: String,
}

impl Rows {
    fn absent() -> Self {
        let none = 9_000_001;
        let ids = Ids {
            workspace: none,
            project: none,
            task: none,
            annotation: none,
            colleague: none,
            other: none,
        };
        Self { organization: none, ids, role: none, invitation: "none".to_owned() }
    }

    async fn of(service: &Service, organization: i64) -> Self {
        let id = async |sql: &str| service.id(sql, [organization.into()]).await;
        let colleague = id("SELECT MAX(user_id) FROM members WHERE organization_id = $1").await;
        let workspace = "SELECT id FROM workspaces WHERE organization_id = $1 AND title =";
        let project = id("SELECT id FROM projects WHERE organization_id = $1 AND title = 'Cats'");
        let project = project.await;
        let of_project = async |sql: &str| service.id(sql, [project.into()]).await;
        let task = of_project("SELECT MIN(id) FROM tasks WHERE project_id = $1").await;
        let annotation = "SELECT MIN(id) FROM annotations WHERE task_id = $1";
        let ids = Ids {
            workspace: id(&format!("{workspace} 'Animals'")).await,
            project,
            task,
            annotation: service.id(annotation, [task.into()]).await,
            colleague,
            other: id(&format!("{workspace} 'Plants'")).await,
        };
        let invitation = "SELECT invitation FROM organization_settings WHERE organization_id = $1";
        let invitation = service.rows(invitation, [organization.into()]).await;
        let invitation = invitation[0].try_get_by_index(0).expect("a token");
        let role = of_project("SELECT id FROM project_roles WHERE project_id = $1").await;
        Self { organization, ids, role, invitation }
    }

    fn fill(&self, template: &str) -> String {
        let text = filled(template, self.ids).replace("{i}", &self.invitation);
        text.replace("{o}", &self.organization.to_string()).replace("{r}", &self.role.to_string())
    }
}

/// What came back, as far as two answers can be told apart.
#[derive(Debug, PartialEq)]
struct Answer {
    status: StatusCode,
    headers: BTreeMap<String, Vec<u8>>,
    body: String,
}

struct Doors<'a> {
    service: &'a Service,
    client: Client,
    saved: Saved,
    world: World,
    /// How many cells there are by what was expected of them.
    counts: BTreeMap<u16, usize>,
    /// The lines that changed something for somebody.
    changing: BTreeSet<usize>,
}

impl Doors<'_> {
    async fn send(&self, by: &Caller<'_>, (method, path, body, ..): Line, rows: &Rows) -> Answer {
        let url = format!("{}{}", self.service.app.origin, rows.fill(path));
        let request = self.client.request(method.parse().expect("a method"), url);
        let request = request.headers(by.headers.clone());
        let kind = match body.starts_with(['{', '[']) {
            true => "application/json",
            false => "application/x-www-form-urlencoded",
        };
        let request = request.header(header::CONTENT_TYPE, kind).body(rows.fill(body));
        let response = request.send().await.expect("a response");
        let status = response.status();
        let headers = response.headers().iter().filter(|(name, _)| *name != header::DATE);
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
        Answer { status, headers, body: response.text().await.expect("a body") }
    }

    async fn expected(&self, by: &Caller<'_>, line: Line, rows: &Rows) -> u16 {
        let (method, path, _, needs, ok) = line;
        let is_safe = method == "GET";
        match (needs, &by.is) {
            (Needs::Nothing, _) => ok,
            (Needs::OwnOrigin, _) if by.is_of_own_origin(&self.service.app.origin) => ok,
            (Needs::OwnOrigin, _) => 403,
            (Needs::Service, Is::Service(_)) => ok,
            (Needs::Service, _) => 401,
            (Needs::Invitation, Is::Nobody) if rows.invitation == "none" => 404,
            (Needs::Invitation, Is::Nobody) => ok,
            (_, Is::Nobody | Is::Unknown | Is::Service(_)) => 401,
            (_, Is::OtherOrigin(_)) if !is_safe => 403,
            (_, Is::Member(member) | Is::OtherOrigin(member)) => {
                let is_elsewhere = rows.organization != member.login.organization;
                match needs {
                    _ if path.contains("{o}") && is_elsewhere => 404,
                    Needs::Row(asks) => {
                        let (user, asked) = (member.user, member.asked);
                        let of = (user, member.login.organization);
                        let expected = expected(&self.world, of, asked, rows.ids, asks, ok);
                        let read = read(asks, path, rows.ids);
                        match expected {
                            // Policies of PostgreSQL may hide what was refused.
                            403 if !shows(self.service, member.login, user, &read).await => 404,
                            expected => expected,
                        }
                    }
                    needs => member.expected(needs, rows, ok),
                }
            }
        }
    }

    /// The entries of the log after one, without what was decided.
    async fn logged(&self, after: i64) -> Vec<(i64, Entry)> {
        let sql = "SELECT id, organization_id, user_id, request_method, request_url, response_code \
            FROM activity WHERE id > $1 ORDER BY id";
        let rows = self.service.rows(sql, [after.into()]).await;
        let read = rows.iter().map(|row| {
            let number = |column| row.try_get_by_index::<i64>(column).expect("an id");
            let text = |column| row.try_get_by_index::<String>(column).expect("a text");
            (number(0), (number(1), number(2), text(3), text(4), text(5)))
        });
        read.collect()
    }

    /// One cell of the table: the answer, and what it left behind.
    async fn cell(&mut self, by: &Caller<'_>, cell: Cell<'_>, last: &mut i64) {
        let Cell { at, rows, expected } = cell;
        let line = LINES[at];
        let (method, path, ..) = line;
        let answer = self.send(by, line, rows).await;
        let who = format!("{} {method} {}", by.name, rows.fill(path));
        assert_eq!(answer.status, expected, "{who}: {}", answer.body);
        *self.counts.entry(expected).or_default() += 1;
        if expected == 401 {
            let scheme: &[u8] = if matches!(line.3, Needs::Service) { b"Bearer" } else { b"Token" };
            assert_eq!(answer.headers["www-authenticate"], scheme, "{who}");
        }

        if matches!(by.is, Is::Unknown) {
            return; // what all of them left behind is looked at once
        }
        let logged = self.logged(*last).await;
        assert!(logged.len() <= 1, "{who}: {logged:?}");
        for (id, (organization, user, by_method, url, status)) in logged {
            let path = rows.fill(path);
            let path = path.split('?').next().unwrap_or_default();
            assert_eq!((by_method.as_str(), url.as_str()), (method, path), "{who}");
            // A form is logged as the handler of the API that it calls.
            let is_form = expected == 303 && status.starts_with('2');
            assert!(is_form || status == expected.to_string(), "{who} is logged as {status}");
            if let (Is::Member(member) | Is::OtherOrigin(member), false) =
                (&by.is, path.starts_with("/user/"))
            {
                assert_eq!((organization, user), (member.login.organization, member.user), "{who}");
            }
            *last = id;
        }

        if expected < 400 && method != Method::GET {
            let state = self.service.state(&self.saved).await;
            if state != self.saved.state {
                self.changing.insert(at);
                self.service.restore(&self.saved, &state).await;
            }
        }
        let names_rows = rows.fill(&format!("{path}{}", line.2)) != format!("{path}{}", line.2);
        let is_hidden = match by.is {
            Is::Service(organization) => rows.organization != organization,
            Is::Member(_) => expected == 404,
            _ => false,
        };
        if is_hidden && names_rows {
            let absent = self.send(by, line, &Rows::absent()).await;
            assert_eq!(absent, answer, "{who}: tells that it is there");
            *last = self.logged(*last).await.last().map_or(*last, |(id, _)| *id);
        }
    }

    /// Every route that writes changed something for somebody.
    fn nothing_is_vain(&self) {
        let of = |(method, path, ..): &Line| (*method, path.split('?').next().unwrap_or_default());
        let changing: BTreeSet<_> = self.changing.iter().map(|at| of(&LINES[*at])).collect();
        let reads = |(method, path, _, needs, _): &Line| {
            *method == Method::GET
                || path.contains("/permissions/impact")
                || path.ends_with("/search")
                || matches!(needs, Needs::Service | Needs::OwnOrigin)
                // The colleague is in the workspace already.
                || (*method, *path) == ("POST", "/api/workspaces/{w}/memberships/")
        };
        let writes = LINES.iter().filter(|line| !reads(line));
        let vain: Vec<_> = writes.filter(|line| !changing.contains(&of(line))).collect();
        assert!(vain.is_empty(), "nobody could: {vain:?}");
    }

    /// Nothing is another than it was saved, and nothing was logged after an entry.
    async fn unchanged(&self, who: &str, last: i64) {
        let state = self.service.state(&self.saved).await;
        assert_eq!(state, self.saved.state, "{who} changed rows");
        let logged = self.logged(last).await;
        assert!(logged.is_empty(), "{who}: {logged:?}");
    }

    /// All cells of one caller: first those that are refused, which change nothing.
    async fn column(&mut self, by: &Caller<'_>, rows: &[Rows], last: &mut i64) {
        let mut cells = Vec::new();
        for (at, line) in LINES.iter().enumerate() {
            let asks = format!("{}{}", line.1, line.2);
            let names_rows = asks != rows[0].fill(&asks);
            for rows in if names_rows { rows } else { &rows[..1] } {
                let expected = self.expected(by, *line, rows).await;
                cells.push(Cell { at, rows, expected });
            }
        }
        cells.sort_by_key(|cell| cell.expected < 400);
        let refused = cells.partition_point(|cell| cell.expected >= 400);
        for (n, cell) in cells.into_iter().enumerate() {
            if n == refused {
                self.unchanged(&format!("what was refused to {}", by.name), *last).await;
            }
            self.cell(by, cell, last).await;
        }
        self.unchanged(&by.name, *last).await;
    }
}

/// A line of the table for somebody who asks about some rows, and the status.
struct Cell<'a> {
    at: usize,
    rows: &'a Rows,
    expected: u16,
}

/// An organization, a user, a method, a path and a status.
type Entry = (i64, i64, String, String, String);

async fn every_route_with_every_credential(service: &Service) {
    let callers = callers(service).await;
    let rows = [Rows::of(service, 1).await, Rows::of(service, 2).await];
    let client = Client::builder().redirect(Policy::none()).build().expect("a client");
    let (saved, world) = (service.save().await, service.world().await);
    let (counts, changing) = (BTreeMap::new(), BTreeSet::new());
    let mut doors = Doors { service, client, saved, world, counts, changing };
    let mut last = doors.logged(0).await.last().map_or(0, |(id, _)| *id);
    for by in &callers {
        let rows = match &by.is {
            Is::Member(Member { login, .. }) if login.organization == 1 => &rows[..],
            Is::Service(_) => &rows[..],
            _ => &rows[..1],
        };
        doors.column(by, rows, &mut last).await;
    }
    doors.nothing_is_vain();
    let total: usize = doors.counts.values().sum();
    println!("{} lines, {} callers, {total} cells: {:?}", LINES.len(), callers.len(), doors.counts);
}

/// It is an error, and not the lack of a limit.
async fn a_limit_that_cannot_be_read_permits_nothing(service: &Service) {
    let token = By::Token(&service.login(1, Role::Owner).token);
    for (limit, status) in [
        (None, 200),
        (Some(r#"["projects.view"]"#), 200),
        (Some("[]"), 404),
        (Some(r#"["projects.view","projects.viewed"]"#), 500),
        (Some(r#"["projects.view","projects.view"]"#), 500),
        (Some("null"), 500),
        (Some(""), 500),
    ] {
        service.execute("UPDATE sessions SET actions = $1 WHERE is_token", [limit.into()]).await;
        assert_eq!(service.get(token, "/api/projects/").await.0, status, "{limit:?}");
    }
}
