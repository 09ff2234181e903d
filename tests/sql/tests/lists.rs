//! Lists in SQL are the same rule: on generated worlds, for everybody in them and every filter, what a
//! set selects, what the pages put together select, what the rows say whose facts were selected, and
//! what the oracle says that walks the world, are the same rows.
//!
//! The worlds are divided among the ways to keep ids. `LABELGATE_WORLDS` says how many there are;
//! `prove.sh` sets it.

use std::collections::HashMap;
use std::env;
use std::time::{Duration, Instant};

use labelgate::resource::Seen;
use labelgate::sql::{Asked, OwnFact, Page, Rows, Schema};
use labelgate::{
    Action, Actions, Fact, Facts, Filter, Kind, Matrix, OrganizationId, Resource, Role, Scopes,
    Subject, UserId,
};
use labelgate_sql_tests::tables::Thing;
use labelgate_sql_tests::{
    Engine, Ids, Postgres, Sqlite, Value, World, few, load, load_few, oracle,
};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

type Bound = Value;

/// The codes and keys by which the oracle's matrix is changed, and the crate's with it.
struct Changed {
    cells: HashMap<(&'static str, &'static str), String>,
    matrix: Matrix,
}

impl Changed {
    fn none() -> Changed {
        Changed { cells: HashMap::new(), matrix: Matrix::BUILT_IN }
    }

    /// Some cells of a matrix, made up from a number.
    fn generate(seed: u64) -> Changed {
        let mut random = seed;
        let mut below = |n: u64| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % n
        };
        let mut changed = Changed::none();
        for _ in 0..12 {
            let role = ["OW", "AD", "MA", "RE", "AN"][below(5) as usize];
            let action = Action::ALL[below(30) as usize];
            let cell =
                ["-", "O", "O?", "P", "W", "G", "O P", "O? W", "P W", "O P W"][below(10) as usize];
            changed.cells.insert((role, action.key()), cell.to_owned());
            let scopes = cell.split(' ').fold(Scopes::empty(), |scopes, letter| {
                scopes
                    | match letter {
                        "O" => Scopes::Own,
                        "O?" => Scopes::OwnPermitted,
                        "P" => Scopes::Project,
                        "W" => Scopes::Workspace,
                        "G" => Scopes::Organization,
                        _ => Scopes::empty(),
                    }
            });
            let role = role.parse().expect("a code");
            changed.matrix =
                changed.matrix.with_cell(role, action, scopes).expect("an active role");
        }
        changed
    }

    fn cell(&self, role: &str, key: &str) -> String {
        let changed = self.cells.iter().find(|((r, k), _)| (*r, *k) == (role, key));
        changed.map_or_else(|| oracle::cell(role, key).to_owned(), |(_, cell)| cell.clone())
    }
}

/// How a subject is narrowed.
#[derive(Clone)]
struct Narrowed {
    through_api: bool,
    limit: Option<Vec<&'static str>>,
}

impl Narrowed {
    fn all() -> Vec<Narrowed> {
        let narrowed = |through_api, limit: Option<&[&'static str]>| Narrowed {
            through_api,
            limit: limit.map(<[_]>::to_vec),
        };
        let views = ["projects.view", "workspaces.view", "data.view"];
        // An action without its guard is not permitted.
        let unguarded = ["projects.view", "data.export", "annotations.review", "workspaces.delete"];
        vec![
            narrowed(false, None),
            narrowed(true, None),
            narrowed(false, Some(&views)),
            narrowed(true, Some(&unguarded)),
        ]
    }

    fn narrow(&self, mut subject: Subject<Bound>) -> Subject<Bound> {
        if self.through_api {
            subject = subject.through_api();
        }
        if let Some(limit) = &self.limit {
            let actions = limit.iter().map(|key| key.parse::<Action>().expect("a key"));
            subject = subject.limited_to(actions.collect::<Actions>());
        }
        subject
    }
}

/// A row as a service selects it.
#[derive(Clone)]
struct Row<const KIND: usize> {
    organization: OrganizationId<Bound>,
    asked_by: UserId<Bound>,
    facts: Facts,
}

impl<const KIND: usize> Resource for Row<KIND> {
    type Id = Bound;
    type UserId = Bound;
    const KIND: Kind = Kind::ALL[KIND];

    fn seen(&self) -> Seen<'_, Bound, Bound> {
        Seen { organization: &self.organization, user: &self.asked_by, facts: self.facts }
    }
}

impl<const KIND: usize> Row<KIND> {
    fn of<const OTHER: usize>(other: &Row<OTHER>) -> Self {
        let Row { organization, asked_by, facts } = other.clone();
        Self { organization, asked_by, facts }
    }
}

fn can(subject: &Subject<Bound>, action: Action, rows: Rows, row: &Row<0>) -> bool {
    match rows {
        Rows::Workspaces => subject.can(action, Row::<1>::of(row)),
        Rows::Projects => subject.can(action, Row::<2>::of(row)),
        Rows::Tasks | Rows::Records => subject.can(action, Row::<3>::of(row)),
    }
}

fn table(rows: Rows) -> &'static str {
    match rows {
        Rows::Workspaces => "workspaces",
        Rows::Projects => "projects",
        Rows::Tasks => "tasks",
        Rows::Records => "annotations",
    }
}

/// A world in an engine, and one who asks.
struct Asks<'a, E> {
    engine: &'a mut E,
    schema: &'a Schema,
    world: &'a World,
    ids: Ids,
    /// Of each table, what there is, in the order in which the engine has the ids.
    things: &'a HashMap<Rows, Vec<(i64, Value)>>,
    user: i64,
    organization: i64,
    questions: usize,
}

impl<E: Engine> Asks<'_, E> {
    /// The tables that there are.
    fn tables(&self) -> impl Iterator<Item = Rows> + use<E> {
        let tables = Rows::ALL.map(|rows| self.things.contains_key(&rows).then_some(rows));
        tables.into_iter().flatten()
    }

    fn thing(rows: Rows, id: i64) -> Thing {
        match rows {
            Rows::Workspaces => Thing::Workspace(id),
            Rows::Projects => Thing::Project(id),
            Rows::Tasks => Thing::Task(id),
            Rows::Records => Thing::Annotation(id),
        }
    }

    /// The ids that the oracle says yes to, in order.
    fn oracle(&self, changed: &Changed, narrowed: &Narrowed, key: &str, rows: Rows) -> Vec<i64> {
        let role = self.world.role(self.user, self.organization).expect("a member");
        let things = self.things[&rows].iter().map(|thing| thing.0);
        let may = |id: &i64| {
            let facts = self.world.facts(self.user, self.organization, Self::thing(rows, *id));
            let cells = |role: &str, key: &str| changed.cell(role, key);
            let limit = narrowed.limit.as_deref();
            oracle::narrowed_in(&cells, role, key, facts, narrowed.through_api, limit)
        };
        things.filter(may).collect()
    }

    fn list(&self, rows: Rows) -> SelectStatement {
        let id = self.schema.id(rows);
        let alias = match rows {
            Rows::Workspaces => &self.schema.workspaces.alias,
            Rows::Projects => &self.schema.projects.alias,
            Rows::Tasks => &self.schema.tasks.alias,
            Rows::Records => &self.schema.records.alias,
        };
        let alias = alias.clone().unwrap_or(table(rows).into());
        Query::select().column(id).from_as(table(rows), alias).to_owned()
    }

    fn select(&mut self, rows: Rows, query: &SelectStatement) -> Vec<i64> {
        let found = self.engine.select(query);
        let id = |row: Vec<Value>| {
            self.things[&rows].iter().find(|thing| thing.1 == row[0]).expect("an id").0
        };
        found.into_iter().map(id).collect()
    }

    fn where_(&mut self, rows: Rows, condition: Expr) -> Vec<i64> {
        let query = self
            .list(rows)
            .and_where(condition)
            .order_by(self.schema.id(rows), Order::Asc)
            .to_owned();
        self.select(rows, &query)
    }

    /// Asserts that the pages put together are these rows, each page full but the last.
    #[track_caller]
    fn pages(
        &mut self,
        subject: &Subject<Bound>,
        filter: &Filter,
        rows: Rows,
        page: &Page,
        expected: &[i64],
    ) {
        let mut expected = expected.to_vec();
        if *page.order() == Order::Desc {
            expected.reverse();
        }
        let mut found = Vec::new();
        let mut page = page.clone();
        let size = page.size() as usize;
        for expected in expected.chunks(size).chain([&[][..]]) {
            let condition = self.schema.page(subject, filter, rows, &page);
            let query = self
                .list(rows)
                .and_where(condition)
                .order_by(self.schema.id(rows), page.order().clone())
                .limit(page.size().into())
                .to_owned();
            let selected = self.select(rows, &query);
            assert_eq!(selected, expected, "{filter} {rows:?} {page:?} after {found:?}");
            if let Some(&last) = selected.last() {
                page = page.after(Bound::from(self.ids.other(last)));
            }
            found.extend(selected);
        }
        self.questions += 1;
    }

    /// Asks everything there is to ask.
    fn everything(&mut self, changed: &[Changed]) {
        let role: Role = self
            .world
            .role(self.user, self.organization)
            .expect("a member")
            .parse()
            .expect("a code");
        let organization = Bound::from(self.ids.other(self.organization));
        let user = Bound::from(self.ids.user(self.user));
        let base = Subject::new(OrganizationId(organization.clone()), UserId(user.clone()), role);

        // The rows of all organizations, with their facts.
        let mut all: HashMap<Rows, Vec<(i64, Row<0>)>> = HashMap::new();
        for rows in self.tables() {
            let query = self
                .list(rows)
                .expr(self.schema.organization(rows))
                .expr(self.schema.facts(&base, rows))
                .expr(self.schema.in_organization(&base, rows))
                .to_owned();
            let selected = self.engine.select(&query).into_iter().map(|row| {
                let [id, organization, Value::Integer(facts), inside] = &row[..] else {
                    panic!("{rows:?}: {row:?}")
                };
                let inside = [Value::Bool(true), Value::Integer(1)].contains(inside);
                assert_eq!(inside, *organization == self.ids.other(self.organization));
                let id = self.things[&rows].iter().find(|thing| thing.1 == *id).expect("an id").0;
                let facts = Facts::try_from(*facts).expect("facts");
                let of_world =
                    self.world.facts(self.user, self.organization, Self::thing(rows, id));
                assert_eq!(facts.bits(), of_world.unwrap_or(0), "{rows:?} {id}");
                let organization = OrganizationId(Bound::from(organization.clone()));
                (id, Row { organization, asked_by: UserId(user.clone()), facts })
            });
            let mut selected: Vec<_> = selected.collect();
            let order = |id| self.things[&rows].iter().position(|thing| thing.0 == id);
            selected.sort_by_key(|row| order(row.0));
            all.insert(rows, selected);
        }

        let mut seen: HashMap<(Filter, Rows), Vec<i64>> = HashMap::new();
        let mut seen_in: HashMap<(Filter, Rows, i64), Vec<i64>> = HashMap::new();
        for changed in changed {
            for narrowed in Narrowed::all() {
                let subject = narrowed.narrow(base.clone().with_matrix(changed.matrix));
                for action in Action::ALL {
                    let filter = subject.filter(action);
                    for rows in self.tables() {
                        let expected = self.oracle(changed, &narrowed, action.key(), rows);
                        let may = |row: &&(i64, Row<0>)| can(&subject, action, rows, &row.1);
                        let selected = all[&rows].iter().filter(may).map(|row| row.0);
                        assert_eq!(selected.collect::<Vec<_>>(), expected, "{action:?} {rows:?}");
                        match seen.get(&(filter, rows)) {
                            Some(found) => assert_eq!(*found, expected, "{filter} {rows:?}"),
                            None => {
                                self.filter(&subject, &filter, rows, &expected);
                                seen.insert((filter, rows), expected);
                            }
                        }
                    }
                    if action.kind() == Kind::Task {
                        self.in_projects(
                            &subject,
                            action,
                            &all[&Rows::Projects],
                            &seen,
                            &mut seen_in,
                        );
                    }
                }
            }
        }
    }

    /// A filter in each shape.
    fn filter(&mut self, subject: &Subject<Bound>, filter: &Filter, rows: Rows, expected: &[i64]) {
        let set = self.where_(rows, self.schema.set(subject, filter, rows));
        assert_eq!(set, expected, "the set of {filter} {rows:?}");
        let matching = self.where_(rows, self.schema.matches(subject, filter, rows));
        assert_eq!(matching, expected, "what matches {filter} {rows:?}");
        for size in [1, 2, 7] {
            self.pages(subject, filter, rows, &Page::of(size), expected);
            self.pages(subject, filter, rows, &Page::of(size).descending(), expected);
        }

        // With a condition of the service's own, that has to be put into parentheses.
        let things = &self.things[&rows];
        let some: Vec<_> = things.iter().step_by(3).chain(things.last()).collect();
        let expected: Vec<i64> =
            expected.iter().copied().filter(|id| some.iter().any(|thing| thing.0 == *id)).collect();
        let is = |thing: &&(i64, Value)| {
            Expr::col(self.schema.id(rows)).eq(Bound::from(thing.1.clone()))
        };
        let only = some.iter().map(is).reduce(ExprTrait::or).expect("some");
        let set = self.schema.set(subject, filter, rows).and(only.clone());
        assert_eq!(self.where_(rows, set), expected, "{filter} {rows:?}");
        self.pages(subject, filter, rows, &Page::of(2).only(only), &expected);
    }

    /// What is left of a filter in each project, whose facts were selected.
    fn in_projects(
        &mut self,
        subject: &Subject<Bound>,
        action: Action,
        projects: &[(i64, Row<0>)],
        seen: &HashMap<(Filter, Rows), Vec<i64>>,
        seen_in: &mut HashMap<(Filter, Rows, i64), Vec<i64>>,
    ) {
        let filter = subject.filter(action);
        for (project, row) in projects {
            let left = subject.filter_in(action, Row::<2>::of(row));
            for rows in self.tables().filter(|&rows| rows >= Rows::Tasks) {
                let thing = |id| Self::thing(rows, id);
                let is_in =
                    |id: &i64| self.world.project_of(thing(*id)).expect("a project").id == *project;
                let expected: Vec<i64> =
                    seen[&(filter, rows)].iter().copied().filter(is_in).collect();
                let id = Bound::from(self.ids.other(*project));
                let page = Page::of(2).in_project(id.clone());
                let Ok(left) = left else {
                    // Whoever asks nevertheless sees nothing, of another organization in particular.
                    assert_eq!(expected, [], "{action:?} in {project}");
                    if seen_in.insert((filter, rows, *project), Vec::new()).is_none() {
                        self.pages(subject, &filter, rows, &page, &[]);
                    }
                    continue;
                };
                if let Some(found) = seen_in.get(&(left, rows, *project)) {
                    assert_eq!(*found, expected, "{left} in {project} {rows:?}");
                    continue;
                }
                self.pages(subject, &left, rows, &page, &expected);
                self.pages(subject, &left, rows, &page.clone().descending(), &expected);
                self.pages(subject, &filter, rows, &page, &expected);
                if rows == Rows::Tasks {
                    let alias = self.schema.tasks.alias.clone().unwrap_or("tasks".into());
                    let pinned = Expr::col((alias, "project_id")).eq(id);
                    let page = Page::of(7).only(pinned.clone());
                    self.pages(subject, &left, rows, &page, &expected);
                    let set = self.schema.set(subject, &left, rows).and(pinned);
                    assert_eq!(self.where_(rows, set), expected, "{left} in {project}");
                }
                seen_in.insert((left, rows, *project), expected);
            }
        }
    }
}

/// The worlds that are kept under these ids.
fn worlds(default: u64, ids: Ids) -> impl Iterator<Item = u64> {
    let worlds = env::var("LABELGATE_WORLDS").ok().map(|worlds| worlds.parse().expect("a number"));
    let way = Ids::ALL.into_iter().position(|other| other == ids).expect("a way") as u64;
    (0..worlds.unwrap_or(default)).filter(move |seed| seed % 3 == way)
}

/// What is said of the tables, in different ways for different worlds.
fn schema(dialect: Dialect, seed: u64) -> Schema {
    let mut schema = Schema::new(dialect.into());
    match seed % 5 {
        0 => {}
        1 => {
            schema.task_assignees.project_id = None;
            schema.records.project_id = Some("project_id".into());
        }
        2 => {
            schema.workspaces.alias = Some("w".into());
            schema.projects.alias = Some("select".into());
            schema.tasks.alias = Some("t\"'".into());
            schema.records.alias = Some("r".into());
            schema.project_members.alias = Some("m".into());
            schema.task_assignees.alias = Some("a".into());
        }
        3 => {
            schema.project_roles.is_checked = true;
            schema.task_assignees.is_checked = true;
        }
        _ => schema = own_facts(schema),
    }
    schema
}

/// The same facts as expressions of the service's own: some with ids, some without.
fn own_facts(schema: Schema) -> Schema {
    fn rows(table: &'static str, id: &'static str, asked: &Asked) -> SelectStatement {
        let of_user = Expr::col((table, "user_id")).eq(asked.user());
        Query::select().column((table, id)).from(table).and_where(of_user).to_owned()
    }
    fn is_in(id: (&'static str, &'static str), query: SelectStatement) -> Expr {
        Expr::col(id).in_subquery(query)
    }
    fn of_role(role: &'static str, asked: &Asked) -> Expr {
        let is = Expr::col(("project_roles", "role")).eq(role);
        let rows = rows("project_roles", "project_id", asked).and_where(is).take();
        is_in(("projects", "id"), rows)
    }
    let members = |asked: &Asked| rows("project_members", "project_id", asked);
    let project_member =
        OwnFact::new(move |asked| is_in(("projects", "id"), members(asked))).with_ids(members);
    let shared = |asked: &Asked| {
        let shared = Query::select()
            .column("id")
            .from("workspaces")
            .and_where(Expr::col("is_personal").eq(false))
            .to_owned();
        let id = ("workspace_members", "workspace_id");
        rows("workspace_members", "workspace_id", asked).and_where(is_in(id, shared)).take()
    };
    let workspace_member =
        OwnFact::new(move |asked| is_in(("workspaces", "id"), shared(asked))).with_ids(shared);
    let assigned = |asked: &Asked| rows("task_assignees", "task_id", asked);
    let assignee = OwnFact::new(move |asked| is_in(("tasks", "id"), assigned(asked)));
    let permitted = OwnFact::new(|_| Expr::col(("projects", "show_annotation_history")));
    // They may both hold.
    let either = |asked: &Asked, code: &'static str, role: Role| {
        let is_none = is_in(("projects", "id"), rows("project_roles", "project_id", asked)).not();
        let of_role = of_role(code, asked);
        if asked.role() == role { of_role.or(is_none) } else { of_role }
    };
    let annotator = OwnFact::new(move |asked| either(asked, "AN", Role::Annotator));
    let reviewer = OwnFact::new(move |asked| either(asked, "RE", Role::Reviewer));
    schema
        .with_fact(Fact::ProjectMember, project_member)
        .with_fact(Fact::WorkspaceMember, workspace_member)
        .with_fact(Fact::Assignee, assignee)
        .with_fact(Fact::OwnDataPermitted, permitted)
        .with_fact(Fact::ActsAsAnnotator, annotator)
        .with_fact(Fact::ActsAsReviewer, reviewer)
}

/// Which tables a service has.
#[derive(Clone, Copy, PartialEq)]
enum Has {
    All,
    /// No workspaces, no roles in projects and no records.
    Few,
}

/// Everybody in each world asks everything.
fn lists_are_the_rule<E: Engine>(mut engine: E, ids: Ids, has: Has, default: u64) {
    let dialect = engine.dialect();
    let (mut count, mut asked, mut pages) = (0, 0, 0);
    let of = worlds(default, ids).count();
    let (start, mut told) = (Instant::now(), Instant::now());
    for seed in worlds(default, ids) {
        let mut world = World::generate(seed);
        let mut schema = schema(dialect, seed);
        if has == Has::Few {
            schema = few(dialect.into());
        } else if !schema.project_roles.is_checked {
            // Who has a role that is none is nobody there.
            for n in [0, 1, 2] {
                let mut row = world.project_roles[n];
                row.role = "XX";
                row.user_id = world.project_members[n].user_id;
                if !world.project_roles.contains(&row) {
                    world.project_roles.push(row);
                }
            }
        }
        let mut tables = Rows::ALL.to_vec();
        if has == Has::All {
            load(&mut engine, &world, ids);
        } else {
            load_few(&mut engine, &mut world, ids);
            tables = vec![Rows::Projects, Rows::Tasks];
            for index in schema.indexes() {
                engine.run(&index);
            }
        }
        let mut things = HashMap::new();
        for rows in tables {
            let in_order = Query::select()
                .column("id")
                .from(table(rows))
                .order_by("id", Order::Asc)
                .to_owned();
            let in_order = engine.select(&in_order).into_iter().map(|mut row| row.remove(0));
            let of = |value: Value| {
                let all = world.things().into_iter().filter_map(|thing| match (thing, rows) {
                    (Thing::Workspace(id), Rows::Workspaces)
                    | (Thing::Project(id), Rows::Projects)
                    | (Thing::Task(id), Rows::Tasks)
                    | (Thing::Annotation(id), Rows::Records) => Some(id),
                    _ => None,
                });
                let mut all = all.filter(|id| ids.other(*id) == value);
                (all.next().expect("an id"), value)
            };
            things.insert(rows, in_order.map(of).collect());
        }
        count += 1;
        let changed = [Changed::none(), Changed::generate(seed)];
        for member in &world.organization_members {
            let (engine, schema, world, things) = (&mut engine, &schema, &world, &things);
            let (user, organization) = (member.user_id, member.organization_id);
            let mut asks =
                Asks { engine, schema, world, ids, things, user, organization, questions: 0 };
            asks.everything(&changed);
            asked += 1;
            pages += asks.questions;
        }
        if told.elapsed() > Duration::from_secs(10) {
            let seconds = start.elapsed().as_secs();
            eprintln!("{dialect:?}, {ids:?}: {count} of {of} worlds, {pages} lists, {seconds} s");
            told = Instant::now();
        }
    }
    println!("{count} worlds, {asked} people, {pages} lists in pages: no differences");
}

mod sqlite {
    use super::*;

    #[test]
    fn with_integers() {
        lists_are_the_rule(Sqlite::create(), Ids::INTEGER, Has::All, 100);
    }

    #[test]
    fn with_text() {
        lists_are_the_rule(Sqlite::create(), Ids::TEXT, Has::All, 100);
    }

    #[test]
    fn with_users_of_text() {
        lists_are_the_rule(Sqlite::create(), Ids::TEXT_USERS, Has::All, 100);
    }

    #[test]
    fn with_few_tables() {
        lists_are_the_rule(Sqlite::create(), Ids::INTEGER, Has::Few, 15);
    }
}

mod postgres {
    use super::*;

    #[test]
    #[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed: it needs initdb and pg_ctl")]
    fn with_integers() {
        lists_are_the_rule(Postgres::create(), Ids::INTEGER, Has::All, 10);
    }

    #[test]
    #[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed: it needs initdb and pg_ctl")]
    fn with_text() {
        lists_are_the_rule(Postgres::create(), Ids::TEXT, Has::All, 10);
    }

    #[test]
    #[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed: it needs initdb and pg_ctl")]
    fn with_users_of_text() {
        lists_are_the_rule(Postgres::create(), Ids::TEXT_USERS, Has::All, 10);
    }

    #[test]
    #[cfg_attr(no_postgres, ignore = "PostgreSQL is not installed: it needs initdb and pg_ctl")]
    fn with_few_tables() {
        lists_are_the_rule(Postgres::create(), Ids::INTEGER, Has::Few, 6);
    }
}
