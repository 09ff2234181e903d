//! Each pair of changes at once, in both orders: the answers and the rows are those of one after the other. On
//! PostgreSQL the first is held between what it decides on and what it writes, and the second comes then. On SQLite
//! there is one connection, and they come together.

mod changes;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use labelgate_service_tests::{By, Saved, Service, State, on_both};
use reqwest::RequestBuilder;
use tokio::task::JoinHandle;

use crate::routes::{is_of, routes};
use changes::{CHANGES, Change};

on_both! { at_once }

#[test]
fn every_change_is_in_a_pair() {
    for (method, route) in routes() {
        let writes = method != "GET"
            && (route.starts_with("/api/") || route == "/user/signup")
            && !route.contains("/permissions/impact")
            && !route.ends_with("/search");
        let is_there = CHANGES.iter().any(|one| one.method == method && is_of(one.path, &route));
        assert!(is_there || !writes, "{method} {route} is in no pair");
    }
}

/// The statuses of two requests, and what they left.
#[derive(Clone, Debug, PartialEq)]
struct Outcome {
    statuses: [u16; 2],
    state: State,
}

impl Outcome {
    /// The same of the pair the other way round.
    fn turned(&self) -> Self {
        let [first, second] = self.statuses;
        Self { statuses: [second, first], state: self.state.clone() }
    }
}

struct Pairs<'a> {
    service: &'a Service,
    saved: Saved,
    invitation: String,
    /// After how many statements each change begins to write, and after how many it commits.
    holds: Vec<[usize; 2]>,
    /// What each change leaves by itself.
    alone: Vec<State>,
    logged: i64,
    /// How the pairs ended.
    ends: BTreeMap<(&'static str, &'static str), usize>,
    failures: Vec<String>,
}

fn sent(request: RequestBuilder) -> JoinHandle<u16> {
    tokio::spawn(async move { request.send().await.expect("a response").status().as_u16() })
}

impl Pairs<'_> {
    fn request(&self, Change { by, method, path, body }: &Change) -> RequestBuilder {
        let by = by.map(|(organization, role)| self.service.login(organization, role));
        let by = by.map_or(By::Nobody, |login| By::Session(&login.cookie));
        let path = path.replace("{i}", &self.invitation);
        let request = self.service.request(by, method.parse().expect("a method"), &path);
        request.header("content-type", "application/json").body(*body)
    }

    /// What the database has after requests with these answers, which are in the log. Then it is set back.
    async fn outcome(&mut self, requests: [(&Change, u16); 2]) -> Outcome {
        let state = self.service.state(&self.saved).await;
        self.service.restore(&self.saved, &state).await;
        let sql = "SELECT id, request_method, request_url, response_code FROM activity \
            WHERE id > $1 ORDER BY id";
        let mut logged = Vec::new();
        for row in self.service.rows(sql, [self.logged.into()]).await {
            let text = |column| row.try_get_by_index::<String>(column).expect("a text");
            self.logged = row.try_get_by_index(0).expect("an id");
            logged.push((text(1), text(2), text(3)));
        }
        let said = requests.map(|(one, status)| {
            (one.method.to_owned(), one.path().to_owned(), status.to_string())
        });
        let names = requests.map(|(one, status)| format!("{} {status}", one.name()));
        assert!(logged.iter().all(|entry| said.contains(entry)), "{names:?}: {logged:?}");
        for entry in &said {
            let count = |entries: &[_]| entries.iter().filter(|other| *other == entry).count();
            let is_served = entry.2.starts_with('2');
            assert!(count(&logged) <= count(&said), "{names:?}: {logged:?}");
            assert!(!is_served || count(&logged) == count(&said), "{names:?}: {logged:?}");
        }
        for status in requests.map(|(_, status)| status) {
            assert!(status < 500, "{names:?}");
        }
        let state = self.saved.without_chance(state);
        let owners = state["members"].iter().filter(|row| row.contains("\"OW\""));
        assert_eq!(owners.count(), 2, "{names:?}: one in each organization");
        Outcome { statuses: requests.map(|(_, status)| status), state }
    }

    /// Each change by itself.
    async fn one_by_one(&mut self) {
        for one in CHANGES {
            self.service.statements();
            let status = sent(self.request(one)).await.expect("a status");
            assert!((200..300).contains(&status), "{} {status}", one.name());
            let writes = |sql: &String| {
                ["INSERT", "UPDATE", "DELETE"].iter().any(|verb| sql.starts_with(verb))
            };
            let statements = self.service.statements();
            let reads = statements.iter().position(writes).expect("an entry of the log");
            self.holds.push([reads, statements.len()]);
            let state = self.service.state(&self.saved).await;
            self.alone.push(self.saved.without_chance(state.clone()));
            self.service.restore(&self.saved, &state).await;
        }
        self.logged = self.service.id("SELECT MAX(id) FROM activity", []).await;
    }

    /// One after the other.
    async fn in_order(&mut self, first: usize, second: usize) -> Outcome {
        let (one, other) = (&CHANGES[first], &CHANGES[second]);
        let first = sent(self.request(one)).await.expect("a status");
        let second = sent(self.request(other)).await.expect("a status");
        self.outcome([(one, first), (other, second)]).await
    }

    /// The outcomes of both orders, and then of both at once.
    async fn pair(&mut self, first: usize, second: usize) {
        let in_order = self.in_order(first, second).await;
        let reversed = self.in_order(second, first).await.turned();
        if self.is_sqlite() {
            let one = sent(self.request(&CHANGES[first]));
            let other = sent(self.request(&CHANGES[second]));
            let statuses = [one.await.expect("a status"), other.await.expect("a status")];
            return self.compare((first, second), statuses, "together", &in_order, &reversed).await;
        }
        self.held((first, second), &in_order, &reversed).await;
        if first != second {
            self.held((second, first), &reversed.turned(), &in_order.turned()).await;
        }
    }

    fn is_sqlite(&self) -> bool {
        self.service.app.database.security.is_none()
    }

    /// The first is held before it writes. Where the other is answered meanwhile, the first is held again, before it
    /// commits.
    async fn held(&mut self, pair: (usize, usize), in_order: &Outcome, reversed: &Outcome) {
        let [writes, commits] = self.holds[pair.0];
        let (statuses, is_answered) = self.hold(pair, writes).await;
        let when = if is_answered { "answered before the writes" } else { "waiting" };
        self.compare(pair, statuses, when, in_order, reversed).await;
        if is_answered {
            let (statuses, is_answered) = self.hold(pair, commits).await;
            let when = if is_answered { "answered before the commit" } else { "waiting" };
            self.compare(pair, statuses, when, in_order, reversed).await;
        }
    }

    /// Holds the first after so many statements. Returns whether the second was answered meanwhile.
    async fn hold(&self, (first, second): (usize, usize), after: usize) -> ([u16; 2], bool) {
        let held = self.service.hold_next(after);
        let one = sent(self.request(&CHANGES[first]));
        held.reached().await;
        let other = sent(self.request(&CHANGES[second]));
        let is_answered = !waits(self.service, &other).await;
        held.release();
        ([one.await.expect("a status"), other.await.expect("a status")], is_answered)
    }

    /// What happened is what one order does, or one of the two is a conflict and nothing else.
    async fn compare(
        &mut self,
        (first, second): (usize, usize),
        statuses: [u16; 2],
        when: &'static str,
        in_order: &Outcome,
        reversed: &Outcome,
    ) {
        let (one, other) = (&CHANGES[first], &CHANGES[second]);
        let is = self.outcome([(one, statuses[0]), (other, statuses[1])]).await;
        // Whoever changes a row that was changed since it was read is told so.
        let is_conflict = first == second
            && one.method == "PATCH"
            && is.statuses.contains(&409)
            && is.state == self.alone[first];
        // What was answered counts for what is carried out after the answer, unless it takes nothing away.
        let is_in_order = is == *in_order
            && match when {
                "answered before the writes" => takes_nothing(in_order, reversed),
                "answered before the commit" => in_order.statuses == reversed.statuses,
                _ => true,
            };
        let end = match () {
            () if is_in_order => "in order",
            // Whoever waited is served by what is so after the wait.
            () if is == *reversed && when != "waiting" => "reversed",
            () if is_conflict => "a conflict",
            () => "neither",
        };
        *self.ends.entry((when, end)).or_default() += 1;
        if end == "neither" {
            let outcomes = [("is", &is), ("in order", in_order), ("reversed", reversed)];
            let outcomes = outcomes.map(|(name, outcome)| {
                format!("{name}: {:?}{}", outcome.statuses, differs(&self.saved, outcome))
            });
            let names = format!("{}\n{}\n{when}", one.name(), other.name());
            self.failures.push(format!("{names}\n{}", outcomes.join("\n")));
        }
    }
}

fn rows(state: &State) -> BTreeSet<(&str, &str)> {
    state
        .iter()
        .flat_map(|(table, rows)| rows.iter().map(move |row| (table.as_str(), row.as_str())))
        .collect()
}

/// Whether the second, if it comes before the first, does nothing but add rows.
fn takes_nothing(in_order: &Outcome, reversed: &Outcome) -> bool {
    in_order.statuses == reversed.statuses
        && rows(&in_order.state).is_subset(&rows(&reversed.state))
}

/// The rows that are others than they were.
fn differs(saved: &Saved, outcome: &Outcome) -> String {
    let (before, after) = (rows(&saved.state), rows(&outcome.state));
    let gone = before.difference(&after).map(|(table, row)| format!("\n  - {table} {row}"));
    let new = after.difference(&before).map(|(table, row)| format!("\n  + {table} {row}"));
    gone.chain(new).collect()
}

/// Returns true as soon as the request waits for a lock, and false if it was answered before.
async fn waits(service: &Service, request: &JoinHandle<u16>) -> bool {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity \
        WHERE wait_event_type = 'Lock' AND datname = current_database()";
    loop {
        if request.is_finished() {
            return false;
        }
        if service.id(sql, []).await > 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What the seed lacks for each change to be served: an override, a role in a project, somebody who has a task in a
/// project that they are in by nothing else, people in workspaces.
async fn prepare(service: &Service) {
    for sql in [
        "UPDATE organization_settings SET overrides = \
         '[{\"permission\":\"data.export\",\"roles\":[\"AD\",\"MA\"]}]' WHERE organization_id = 1",
        "INSERT INTO project_roles (project_id, user_id, role, role_source) \
         VALUES (2, 5, 'RE', 'manual')",
        "INSERT INTO task_assignees VALUES (1, 1, 5, 'AN')",
        "INSERT INTO workspace_members VALUES (1, 5)",
        "INSERT INTO workspace_members VALUES (3, 3)",
    ] {
        service.execute(sql, []).await;
    }
}

async fn at_once(service: &Service) {
    prepare(service).await;
    let invitation = "SELECT invitation FROM organization_settings WHERE organization_id = 1";
    let invitation = service.rows(invitation, []).await;
    let invitation = invitation[0].try_get_by_index(0).expect("a token");
    let saved = service.save().await;
    let mut pairs = Pairs {
        service,
        saved,
        invitation,
        holds: Vec::new(),
        alone: Vec::new(),
        logged: 0,
        ends: BTreeMap::new(),
        failures: Vec::new(),
    };
    pairs.one_by_one().await;
    for first in 0..CHANGES.len() {
        for second in first..CHANGES.len() {
            pairs.pair(first, second).await;
        }
    }
    println!("{} changes, pairs: {:?}", CHANGES.len(), pairs.ends);
    assert!(pairs.failures.is_empty(), "{}", pairs.failures.join("\n\n"));
}
