//! The access report is the rule: on generated worlds, for every row that the subject may view, every member and
//! every action, the oracle, that walks the world, says yes if and only if the lines of the report do. Pages of any
//! size, begun anywhere, put together are the same lines.
//!
//! `LABELGATE_WORLDS` says how many worlds there are.

use std::env;

use labelgate::report::{Report, ReportLine};
use labelgate::sql::{ReportPage, Schema};
use labelgate::{Action, Actions, Kind, OrganizationId, Role, Scope, Subject, UserId};
use labelgate_sql_tests::members::{Has, Member, load, members, said};
use labelgate_sql_tests::tables::{Random, Thing};
use labelgate_sql_tests::{Cells, Engine, Ids, Value, World, on_worlds, oracle};

/// A line as a database returns it: the kind, the row, the user, the code of the role, the facts.
type Selected = (Kind, Value, Value, String, i64);

/// The line that the report has, by the oracle.
struct Expected {
    thing: Thing,
    user: i64,
    selected: Selected,
}

/// Who asks for a report, and what narrows them.
struct Asker<'a> {
    member: &'a Member,
    /// Their own, or one that may ask by most matrices.
    role: &'static str,
    limit: Option<&'static [&'static str]>,
    through_api: bool,
}

const LIMITS: [Option<&[&str]>; 4] = [
    None,
    None,
    Some(&["members.view", "activity_log.view", "projects.view"]),
    Some(&["members.view", "activity_log.view", "workspaces.view", "data.export"]),
];

/// A world in an engine, and one of its organizations.
struct Asks<'a, E> {
    engine: &'a mut E,
    schema: &'a Schema,
    world: &'a World,
    ids: Ids,
    organization: i64,
    members: Vec<Member>,
    /// The organization and all workspaces and projects, in the order of the report.
    things: Vec<Thing>,
    random: Random,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    reports: usize,
    denied: usize,
    lines: usize,
    permitted: usize,
    hidden: usize,
    pages: usize,
}

fn kind(thing: Thing) -> (Kind, i64) {
    match thing {
        Thing::Organization(id) => (Kind::Organization, id),
        Thing::Workspace(id) => (Kind::Workspace, id),
        Thing::Project(id) => (Kind::Project, id),
        Thing::Task(_) | Thing::Annotation(_) => panic!("not in a report: {thing:?}"),
    }
}

/// Returns true if the action is done to the row, or to what is in it.
fn is_within(thing: Thing, key: &str) -> bool {
    let order = ["Organization", "Workspace", "Project", "Task"];
    let place = |name: &str| order.iter().position(|kind| *kind == name);
    let of = match thing {
        Thing::Organization(_) => "Organization",
        Thing::Workspace(_) => "Workspace",
        _ => "Project",
    };
    place(oracle::kind(key)) >= place(of)
}

fn keys() -> impl Iterator<Item = &'static str> {
    oracle::TABLE.iter().map(|row| row.1)
}

impl<E: Engine> Asks<'_, E> {
    /// What the oracle permits a member on a row and on what is in it.
    fn permitted(&self, changed: &Cells, member: &Member, thing: Thing) -> Vec<&'static str> {
        let facts = self.world.facts(member.user, self.organization, thing);
        let cells = |role: &str, key: &str| changed.cell(role, key);
        let may = |key: &&str| oracle::may_in(&cells, member.role, key, facts);
        keys().filter(|key| is_within(thing, key)).filter(may).collect()
    }

    /// What the role alone permits.
    fn everywhere(changed: &Cells, member: &Member, thing: Thing) -> Vec<&'static str> {
        let cells = |role: &str, key: &str| changed.cell(role, key);
        let may = |key: &&str| oracle::may_in(&cells, member.role, key, Some(0));
        keys().filter(|key| is_within(thing, key)).filter(may).collect()
    }

    /// Whether the oracle lets somebody view a row.
    fn may_view(&self, changed: &Cells, asker: &Asker<'_>, thing: Thing) -> bool {
        let key = match thing {
            Thing::Organization(_) => "members.view",
            Thing::Workspace(_) => "workspaces.view",
            _ => "projects.view",
        };
        self.may(changed, asker, key, thing)
    }

    fn may(&self, changed: &Cells, asker: &Asker<'_>, key: &str, thing: Thing) -> bool {
        let facts = self.world.facts(asker.member.user, self.organization, thing);
        let cells = |role: &str, key: &str| changed.cell(role, key);
        oracle::narrowed_in(&cells, asker.role, key, facts, asker.through_api, asker.limit)
    }

    fn expected(&mut self, changed: &Cells, asker: &Asker<'_>) -> Vec<Expected> {
        let mut expected = Vec::new();
        for &thing in &self.things {
            if !self.may_view(changed, asker, thing) {
                let is_here = self.world.organization_of(thing) == Some(self.organization);
                self.counts.hidden += usize::from(is_here);
                continue;
            }
            let (kind, id) = kind(thing);
            for member in &self.members {
                let may = self.permitted(changed, member, thing);
                let everywhere = Self::everywhere(changed, member, thing);
                let has_line = match kind {
                    Kind::Organization => !everywhere.is_empty(),
                    _ => may.iter().any(|key| !everywhere.contains(key)),
                };
                let facts = self.world.facts(member.user, self.organization, thing);
                if let Some(facts) = facts.filter(|_| has_line) {
                    let (row, user) = (self.ids.other(id), member.id.clone());
                    let selected = (kind, row, user, member.role.to_owned(), facts.into());
                    expected.push(Expected { thing, user: member.user, selected });
                }
            }
        }
        expected
    }

    fn subject(&self, changed: &Cells, asker: &Asker<'_>) -> Option<Subject<Value>> {
        let role: Role = asker.role.parse().ok()?;
        let organization = OrganizationId(self.ids.other(self.organization));
        let subject = Subject::new(organization, UserId(asker.member.id.clone()), role);
        let subject = subject.with_matrix(changed.matrix);
        let subject = if asker.through_api { subject.through_api() } else { subject };
        let limit = |keys: &[&str]| -> Actions {
            keys.iter().map(|key| key.parse::<Action>().expect("a key")).collect()
        };
        Some(match asker.limit {
            Some(keys) => subject.limited_to(limit(keys)),
            None => subject,
        })
    }

    /// Everybody asks for a report. Those who may not get none.
    fn ask(&mut self, changed: &Cells) {
        let members = std::mem::take(&mut self.members);
        for member in &members {
            let role =
                self.random.pick(&["OW", "AD", member.role, member.role, member.role, member.role]);
            let (limit, through_api) = (self.random.pick(&LIMITS), self.random.below(4) == 0);
            let asker = Asker { member, role, limit, through_api };
            let Some(subject) = self.subject(changed, &asker) else { continue };
            let organization = Thing::Organization(self.organization);
            let may = ["members.view", "activity_log.view"];
            let may = may.iter().all(|key| self.may(changed, &asker, key, organization));
            let report = subject.authorize_report(subject.own_organization());
            assert_eq!(report.is_ok(), may, "{report:?}");
            let Ok(report) = report else {
                self.counts.denied += 1;
                continue;
            };
            assert_eq!(report.matrix().fingerprint(), changed.matrix.fingerprint());
            self.members = members.iter().map(Member::clone).collect();
            let expected = self.expected(changed, &asker);
            self.report(&report, &expected);
            self.derived(changed, &asker, &expected);
            self.members.clear();
            self.counts.reports += 1;
            self.counts.lines += expected.len();
        }
        self.members = members;
    }

    /// Pages of one line, of two, and of all lines put together are the report, wherever it begins.
    fn report(&mut self, report: &Report<Value>, expected: &[Expected]) {
        let expected: Vec<_> = expected.iter().map(|line| line.selected.clone()).collect();
        for size in [1, 2, 1_000] {
            assert_eq!(self.walk(report, ReportPage::of(size)), expected, "{report:?} {size}");
        }
        for _ in 0..2 {
            let size = 1 + self.random.below(4) as u32;
            let from = self.random.below(expected.len());
            let (kind, row, user, ..) = expected[from].clone();
            let page = ReportPage::of(size).after(kind, row, user);
            assert_eq!(self.walk(report, page), expected[from + 1..], "{report:?} {from}");
        }
        // Nothing comes after a line of another kind.
        for kind in [Kind::Task, Kind::Record] {
            let (row, user) = (self.ids.other(0), self.ids.user(0));
            let page = ReportPage::of(3).after(kind, row, user);
            assert_eq!(self.walk(report, page), []);
        }
    }

    /// The lines of a page and of all pages after it.
    fn walk(&mut self, report: &Report<Value>, first: ReportPage) -> Vec<Selected> {
        let mut lines = Vec::new();
        let mut next = Some(first);
        while let Some(page) = next {
            let rows = self.engine.select(&self.schema.report(report, &page));
            let size = page.size() as usize;
            assert!(rows.len() <= size && lines.len() < 1_000, "{page:?}");
            self.counts.pages += 1;
            for row in &rows {
                let [row, user, Value::Text(role), Value::Integer(facts)] = &row[..] else {
                    panic!("{row:?}")
                };
                lines.push((page.kind(), row.clone(), user.clone(), role.clone(), *facts));
            }
            let last = rows.last().map(|row| (row[0].clone(), row[1].clone()));
            next = page.next(last);
            // Only the last page of a kind is not full.
            if let Some(page) = next.as_ref().filter(|_| (1..size).contains(&rows.len())) {
                assert!(self.engine.select(&self.schema.report(report, page)).is_empty());
            }
        }
        lines
    }

    /// What the lines permit is what the oracle permits: for each row, each user and each action.
    fn derived(&mut self, changed: &Cells, asker: &Asker<'_>, expected: &[Expected]) {
        let matrix = &changed.matrix;
        let line = |line: &Expected| {
            let (kind, row, user, role, facts) = line.selected.clone();
            let role = role.parse().expect("a code");
            ReportLine::new(kind, row, UserId(user), role, facts).expect("facts")
        };
        let lines: Vec<_> = expected.iter().map(line).collect();
        let of = |thing: Thing, user: i64| {
            let place = expected.iter().position(|line| line.thing == thing && line.user == user);
            place.map(|place| &lines[place])
        };
        for &thing in &self.things {
            let is_seen = self.may_view(changed, asker, thing);
            for &user in &self.world.users {
                let everywhere = of(Thing::Organization(self.organization), user);
                let of_row = of(thing, user);
                assert!(is_seen || of_row.is_none(), "{thing:?} {user}");
                let member = self.members.iter().find(|member| member.user == user);
                let may = member.map(|member| self.permitted(changed, member, thing));
                let may = may.unwrap_or_default();
                for key in keys().filter(|key| is_seen && is_within(thing, key)) {
                    let action: Action = key.parse().expect("a key");
                    let says = |line: &&ReportLine<Value>| line.actions(matrix).has(action);
                    let derived =
                        [everywhere, of_row].into_iter().flatten().any(|line| says(&line));
                    assert_eq!(derived, may.contains(&key), "{key} {thing:?} {user}");
                    self.counts.permitted += usize::from(derived);
                }
                if let Some((line, member)) = of_row.zip(member) {
                    self.scopes(changed, line, member, thing);
                }
            }
        }
    }

    /// The scopes of each action of a line.
    fn scopes(&self, changed: &Cells, line: &ReportLine<Value>, member: &Member, thing: Thing) {
        let facts = self.world.facts(member.user, self.organization, thing).expect("facts");
        let may = self.permitted(changed, member, thing);
        for key in keys() {
            let done_to = oracle::kind(key);
            let mut expected = oracle::scopes(member.role, done_to, facts);
            let acting = oracle::acts_as(member.role, done_to, facts);
            let cell = acting.map_or(String::new(), |acting| changed.cell(acting, key));
            expected.retain(|letter| may.contains(&key) && cell.split(' ').any(|of| of == *letter));
            expected.sort_unstable();
            let scopes = line.scopes(&changed.matrix, key.parse().expect("a key"));
            let mut scopes: Vec<_> = scopes.elements().map(Scope::symbol).collect();
            scopes.sort_unstable();
            assert_eq!(scopes, expected, "{key} {thing:?} {}", member.user);
        }
    }
}

/// The organization, and all workspaces and projects in the order of the engine, also those of other organizations.
fn things(engine: &mut impl Engine, world: &World, ids: Ids, organization: i64) -> Vec<Thing> {
    let mut things = vec![Thing::Organization(organization)];
    let all = world.things();
    for (table, of) in [("workspaces", Kind::Workspace), ("projects", Kind::Project)] {
        let of_kind = |thing: &&Thing| match thing {
            Thing::Workspace(_) => of == Kind::Workspace,
            Thing::Project(_) => of == Kind::Project,
            _ => false,
        };
        if !all.iter().any(|thing| of_kind(&thing)) {
            continue;
        }
        let order = engine.column(&format!("SELECT id FROM {table} ORDER BY id"), &[]);
        for id in order {
            let mut found = all.iter().filter(of_kind);
            things.extend(found.find(|thing| ids.other(kind(**thing).1) == id));
        }
    }
    things
}

fn report_is_the_rule<E: Engine>(mut engine: E, ids: Ids, has: Has, default: u64) {
    let dialect = engine.dialect();
    let worlds = env::var("LABELGATE_WORLDS").ok().map(|worlds| worlds.parse().expect("a number"));
    let way = Ids::ALL.into_iter().position(|other| other == ids).expect("a way") as u64;
    let mut counts = Counts::default();
    for seed in (0..worlds.unwrap_or(default)).filter(|seed| seed % 3 == way) {
        let mut world = World::generate(seed);
        let schema = said(dialect, seed, has);
        load(&mut engine, &schema, &mut world, ids, has);
        for organization in &world.organizations {
            let members = members(&mut engine, &world, ids, organization.id);
            let things = things(&mut engine, &world, ids, organization.id);
            let (engine, schema, world) = (&mut engine, &schema, &world);
            let (organization, random) = (organization.id, Random(seed));
            let mut asks =
                Asks { engine, schema, world, ids, organization, members, things, random, counts };
            for changed in [Cells::built_in(), Cells::generate(seed, 12), Cells::overridden(seed)] {
                asks.ask(&changed);
            }
            counts = asks.counts;
        }
    }
    let Counts { reports, denied, lines, permitted, hidden, pages } = counts;
    println!(
        "{reports} reports of {lines} lines, {denied} denied, {permitted} permissions, {hidden} hidden, {pages} pages"
    );
    assert!(reports > 10 && denied > 10 && lines > 6 * reports, "{reports} {denied} {lines}");
    assert!(permitted > 5 * lines && hidden > 10, "{permitted} {hidden}");
}

on_worlds! { report_is_the_rule in SQLite 15, with few tables 9, in PostgreSQL 9, with few tables 6 }
