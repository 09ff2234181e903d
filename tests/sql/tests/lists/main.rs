//! Lists in SQL are the same rule: on generated worlds, for everybody in them, every action and every row
//! that a list can be within, what a set selects, what the pages put together select, what the rows say
//! whose facts were selected, and what the oracle says that walks the world, are the same rows.
//!
//! The worlds are divided among the ways to keep ids. `LABELGATE_WORLDS` says how many there are: a run of the tests
//! has a dozen, `prove.sh` a thousand.

use std::collections::HashMap;
use std::env;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use labelgate::row::{InnerRowId, RowId};
use labelgate::sql::{Page, Schema};
use labelgate::{
    Action, Actions, Fact, Facts, Kind, Listing, OrganizationId, ProjectId, RecordId, Role, Row,
    Subject, TaskId, UserId, WorkspaceId,
};
use labelgate_sql_tests::members::{Has, add_unreadable_project_roles};
use labelgate_sql_tests::schema::table;
use labelgate_sql_tests::tables::Thing;
use labelgate_sql_tests::{
    Cells, Engine, Ids, Value, World, few, load, load_few, on_worlds, oracle, schema,
};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

mod orders;

type Bound = Value;

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

/// Rows as a service selects them, each with its id in the world.
type Rows<Id> = Vec<Row<Id, i64, Bound>>;

/// The kinds of row that are in tables with facts, from the outside in.
const KINDS: [Kind; 4] = [Kind::Workspace, Kind::Project, Kind::Task, Kind::Record];

fn thing(kind: Kind, id: i64) -> Thing {
    match kind {
        Kind::Organization => Thing::Organization(id),
        Kind::Workspace => Thing::Workspace(id),
        Kind::Project => Thing::Project(id),
        Kind::Task => Thing::Task(id),
        Kind::Record => Thing::Annotation(id),
    }
}

/// The kinds of row that a list within a row has, by the kind that the action is done to.
fn listed(within: Kind, done_to: &str) -> &'static [Kind] {
    use Kind::{Organization, Project, Record, Task, Workspace};
    match (within, done_to) {
        (Organization, "Workspace") => &[Workspace],
        (Organization | Workspace, "Project") => &[Project],
        (Organization | Workspace | Project, "Task") => &[Task, Record],
        (Task, "Task") => &[Record],
        _ => &[],
    }
}

/// The ids that the oracle says yes to, in order.
type Permitted = HashMap<(Action, Kind), Vec<i64>>;

/// A list by what its statements follow from, for one who asks: the row that it is within, what is listed,
/// and what is asked of it.
type Statement = (Kind, i64, Kind, String);

/// A world in an engine, and one who asks.
struct Asks<'a, E> {
    engine: &'a mut E,
    schema: &'a Schema,
    world: &'a World,
    ids: Ids,
    /// Of each table, what there is, in the order in which the engine has the ids.
    things: &'a HashMap<Kind, Vec<(i64, Value)>>,
    user: i64,
    organization: i64,
    /// What was found to be in a list.
    seen: HashMap<Statement, Vec<i64>>,
    questions: usize,
    /// The number that the world is made from.
    seed: u64,
}

impl<E: Engine> Asks<'_, E> {
    /// The kinds of which there are tables.
    fn kinds(&self) -> impl Iterator<Item = Kind> + use<E> {
        let kinds = KINDS.map(|kind| self.things.contains_key(&kind).then_some(kind));
        kinds.into_iter().flatten()
    }

    /// The ids that the oracle says yes to, in order.
    fn oracle(&self, changed: &Cells, narrowed: &Narrowed, key: &str, kind: Kind) -> Vec<i64> {
        let role = self.world.role(self.user, self.organization).expect("a member");
        let things = self.things[&kind].iter().map(|thing| thing.0);
        let may = |id: &i64| {
            let facts = self.world.facts(self.user, self.organization, thing(kind, *id));
            let cells = |role: &str, key: &str| changed.cell(role, key);
            let limit = narrowed.limit.as_deref();
            oracle::narrowed_in(&cells, role, key, facts, narrowed.through_api, limit)
        };
        things.filter(may).collect()
    }

    /// Whether a row is within another one, or in the organization.
    fn is_within(&self, within: Thing, kind: Kind, id: i64) -> bool {
        let thing = thing(kind, id);
        match within {
            Thing::Organization(id) => self.world.organization_of(thing) == Some(id),
            Thing::Workspace(id) => {
                let workspace = self.world.workspace_of(thing);
                kind > Kind::Workspace
                    && workspace
                        .is_some_and(|row| row.id == id && row.organization_id == self.organization)
            }
            Thing::Project(id) => {
                kind > Kind::Project && self.world.project_of(thing).expect("a project").id == id
            }
            Thing::Task(task) => {
                kind == Kind::Record && self.world.annotation(id).expect("a record").task_id == task
            }
            Thing::Annotation(_) => false,
        }
    }

    fn list(&self, kind: Kind) -> SelectStatement {
        let id = self.schema.id(kind);
        let alias = match kind {
            Kind::Organization => &self.schema.organizations.alias,
            Kind::Workspace => &self.schema.workspaces.alias,
            Kind::Project => &self.schema.projects.alias,
            Kind::Task => &self.schema.tasks.alias,
            Kind::Record => &self.schema.records.alias,
        };
        let alias = alias.clone().unwrap_or(table(kind).into());
        Query::select().column(id).from_as(table(kind), alias).to_owned()
    }

    fn select(&mut self, kind: Kind, query: &SelectStatement) -> Vec<i64> {
        let found = self.engine.select(query);
        let id = |row: Vec<Value>| {
            self.things[&kind].iter().find(|thing| thing.1 == row[0]).expect("an id").0
        };
        found.into_iter().map(id).collect()
    }

    fn where_(&mut self, kind: Kind, condition: Expr) -> Vec<i64> {
        let query = self
            .list(kind)
            .and_where(condition)
            .order_by(self.schema.id(kind), Order::Asc)
            .to_owned();
        self.select(kind, &query)
    }

    /// Asserts that the pages put together are these rows, each page full but the last.
    #[track_caller]
    fn pages<Id>(&mut self, listing: &Listing<Action, Id, Bound>, page: &Page, expected: &[i64])
    where
        Id: RowId<Value = Bound> + Debug,
    {
        let kind = listing.kind();
        let mut expected = expected.to_vec();
        if *page.order() == Order::Desc {
            expected.reverse();
        }
        let mut found = Vec::new();
        let mut page = page.clone();
        let size = page.size() as usize;
        for expected in expected.chunks(size).chain([&[][..]]) {
            let condition = self.schema.page(listing, &page);
            let query = self
                .list(kind)
                .and_where(condition)
                .order_by(self.schema.id(kind), page.order().clone())
                .limit(page.size().into())
                .to_owned();
            let selected = self.select(kind, &query);
            assert_eq!(selected, expected, "{listing:?} {page:?} after {found:?}");
            if let Some(&last) = selected.last() {
                page = page.after(Bound::from(self.ids.other(last)));
            }
            found.extend(selected);
        }
        self.questions += 1;
    }

    /// The rows of all organizations, with their facts, in order.
    fn rows<Id>(&mut self, caller: &Subject<Bound>, id: fn(Bound) -> Id) -> Rows<Id>
    where
        Id: InnerRowId<Value = Bound>,
    {
        let kind = Id::KIND;
        if !self.things.contains_key(&kind) {
            return Vec::new();
        }
        let query = self
            .list(kind)
            .expr(self.schema.organization(kind))
            .expr(self.schema.facts(caller, kind))
            .expr(self.schema.in_organization(caller, kind))
            .to_owned();
        let selected = self.engine.select(&query).into_iter().map(|row| {
            let [bound, organization, Value::Integer(facts), inside] = &row[..] else {
                panic!("{kind}: {row:?}")
            };
            let inside = [Value::Bool(true), Value::Integer(1)].contains(inside);
            assert_eq!(inside, *organization == self.ids.other(self.organization));
            let of_world = self.things[&kind].iter().find(|thing| thing.1 == *bound);
            let of_world = of_world.expect("an id").0;
            let organization = OrganizationId(organization.clone());
            let row = caller.row(id(bound.clone()), organization, *facts).expect("facts");
            let facts = self.world.facts(self.user, self.organization, thing(kind, of_world));
            assert_eq!(row.facts().bits(), facts.unwrap_or(0), "{kind} {of_world}");
            row.with(of_world)
        });
        let mut selected: Vec<_> = selected.collect();
        let order = |id: i64| self.things[&kind].iter().position(|thing| thing.0 == id);
        selected.sort_by_key(|row| order(*row.data()));
        assert_eq!(selected.len(), self.things[&kind].len());
        selected
    }

    /// Asks everything there is to ask.
    fn everything(&mut self, changed: &[Cells]) {
        let role = self.world.role(self.user, self.organization).expect("a member");
        let role: Role = role.parse().expect("a code");
        let organization = OrganizationId(self.ids.other(self.organization));
        let base = Subject::new(organization, UserId(self.ids.user(self.user)), role);

        let workspaces = self.rows(&base, WorkspaceId);
        let projects = self.rows(&base, ProjectId);
        let tasks = self.rows(&base, TaskId);
        let records = self.rows(&base, RecordId);
        for changed in changed {
            for narrowed in Narrowed::all() {
                let subject = narrowed.narrow(base.clone().with_matrix(changed.matrix));
                let mut permitted = Permitted::new();
                for action in Action::ALL {
                    for kind in self.kinds() {
                        let expected = self.oracle(changed, &narrowed, action.key(), kind);
                        let found = match kind {
                            Kind::Organization => panic!("no table with facts"),
                            Kind::Workspace => can(&subject, action, &workspaces),
                            Kind::Project => can(&subject, action, &projects),
                            Kind::Task => can(&subject, action, &tasks),
                            Kind::Record => can(&subject, action, &records),
                        };
                        assert_eq!(found, expected, "{action} {kind}");
                        permitted.insert((action, kind), expected);
                    }
                }

                let row = subject.own_organization().with(self.organization);
                self.within(&subject, &row, &permitted);
                workspaces.iter().for_each(|row| self.within(&subject, row, &permitted));
                projects.iter().for_each(|row| self.within(&subject, row, &permitted));
                tasks.iter().for_each(|row| self.within(&subject, row, &permitted));
            }
            let subject = base.clone().with_matrix(changed.matrix);
            workspaces.iter().for_each(|row| self.within_a_lie(&subject, row));
            projects.iter().for_each(|row| self.within_a_lie(&subject, row));
            tasks.iter().for_each(|row| self.within_a_lie(&subject, row));
        }
    }

    /// The list of every action within a row: denied, or exactly the permitted rows in it.
    fn within<Id>(
        &mut self,
        subject: &Subject<Bound>,
        row: &Row<Id, i64, Bound>,
        permitted: &Permitted,
    ) where
        Id: RowId<Value = Bound> + Clone + Debug,
    {
        let within = thing(Id::KIND, *row.data());
        let is_ours = row.organization() == subject.organization();
        let mut not_denied = Actions::empty();
        for action in Action::ALL {
            let kinds = listed(Id::KIND, oracle::kind(action.key()));
            let Some(listing) = subject.authorize_list_of(action, row) else {
                assert_eq!(kinds, [], "{action} {within:?}");
                continue;
            };
            assert_ne!(kinds, [], "{action} {within:?}");
            if listing.is_ok() {
                not_denied |= action.into();
            }
            for &kind in kinds.iter().filter(|kind| self.things.contains_key(kind)) {
                let rows = permitted[&(action, kind)].iter().copied();
                let rows = rows.filter(|id| is_ours && self.is_within(within, kind, *id));
                let expected: Vec<i64> = rows.collect();
                // A listing is not cloned: each is asked for anew.
                match subject.authorize_list_of(action, row).expect("what is done to such rows") {
                    Ok(listing) => {
                        assert!(is_ours, "{listing:?}");
                        self.listing(of_kind(listing, kind), *row.data(), &expected);
                    }
                    Err(denied) => {
                        assert_eq!(expected, [], "{action} {within:?} {kind}");
                        assert!(is_ours || denied.answer().status() == 404, "{denied:?}");
                    }
                }
            }
        }
        assert_eq!(subject.actions_in(row), not_denied, "{within:?}");
    }

    /// Within a row of another organization nothing is listed, whatever is said of it: that it is in the user's
    /// organization, and all facts that there are.
    fn within_a_lie<Id>(&mut self, subject: &Subject<Bound>, row: &Row<Id, i64, Bound>)
    where
        Id: InnerRowId<Value = Bound> + Clone + Debug,
    {
        if row.organization() == subject.organization() {
            return;
        }
        let here = subject.organization().clone();
        for acts_as in [Fact::ActsAsAnnotator, Fact::ActsAsReviewer] {
            let others =
                |fact: &Fact| ![Fact::ActsAsAnnotator, Fact::ActsAsReviewer].contains(fact);
            let facts: Facts = Fact::ALL.into_iter().filter(others).chain([acts_as]).collect();
            let lie = subject.row(row.id().clone(), here.clone(), facts).expect("facts");
            for action in Action::ALL {
                for &kind in listed(Id::KIND, oracle::kind(action.key())) {
                    let listing = subject.authorize_list_of(action, &lie).expect("a list");
                    if let (true, Ok(listing)) = (self.things.contains_key(&kind), listing) {
                        self.listing(of_kind(listing, kind), *row.data(), &[]);
                    }
                }
            }
        }
    }

    /// A listing in each shape, once for all actions that ask the same.
    fn listing<Id>(&mut self, listing: Listing<Action, Id, Bound>, within: i64, expected: &[i64])
    where
        Id: RowId<Value = Bound> + Debug,
    {
        let kind = listing.kind();
        let asked = (Id::KIND, within, kind, listing.condition().to_string());
        if let Some(found) = self.seen.get(&asked) {
            assert_eq!(*found, expected, "{listing:?}");
            return;
        }
        let set = self.where_(kind, self.schema.set(&listing));
        assert_eq!(set, expected, "the set of {listing:?}");
        let matching = self.where_(kind, self.schema.matches(&listing));
        assert_eq!(matching, expected, "what matches {listing:?}");
        let sizes = if Id::KIND == Kind::Organization { &[1, 2, 7][..] } else { &[2] };
        for &size in sizes {
            self.pages(&listing, &Page::of(size), expected);
            self.pages(&listing, &Page::of(size).descending(), expected);
        }

        // With a condition of the service's own, that has to be put into parentheses.
        let things = &self.things[&kind];
        let some: Vec<_> = things.iter().step_by(3).chain(things.last()).collect();
        let is_one = |id: &i64| some.iter().any(|thing| thing.0 == *id);
        let of_some: Vec<i64> = expected.iter().copied().filter(is_one).collect();
        let is = |thing: &&(i64, Value)| Expr::col(self.schema.id(kind)).eq(thing.1.clone());
        let only = some.iter().map(is).reduce(ExprTrait::or).expect("some");
        let set = self.schema.set(&listing).and(only.clone());
        assert_eq!(self.where_(kind, set), of_some, "{listing:?}");
        let matching = self.schema.matches(&listing).and(only.clone());
        assert_eq!(self.where_(kind, matching), of_some, "{listing:?}");
        self.pages(&listing, &Page::of(2).only(only.clone()), &of_some);
        self.in_order(&listing, expected, only, &of_some);
        self.seen.insert(asked, expected.to_vec());
    }
}

fn can<Id>(subject: &Subject<Bound>, action: Action, rows: &Rows<Id>) -> Vec<i64>
where
    Id: RowId<Value = Bound>,
{
    rows.iter().filter(|row| subject.can(action, *row)).map(|row| *row.data()).collect()
}

/// The listing of this kind of row.
fn of_kind<Id>(listing: Listing<Action, Id, Bound>, kind: Kind) -> Listing<Action, Id, Bound>
where
    Id: RowId<Value = Bound>,
{
    let listing =
        if listing.kind() == kind { listing } else { listing.records().expect("records") };
    assert_eq!(listing.kind(), kind);
    listing
}

/// The worlds that are kept under these ids.
fn worlds(default: u64, ids: Ids) -> impl Iterator<Item = u64> {
    let worlds = env::var("LABELGATE_WORLDS").ok().map(|worlds| worlds.parse().expect("a number"));
    let way = Ids::ALL.into_iter().position(|other| other == ids).expect("a way") as u64;
    (0..worlds.unwrap_or(default)).filter(move |seed| seed % 3 == way)
}

/// Everybody in each world asks everything.
fn lists_are_the_rule<E: Engine>(mut engine: E, ids: Ids, has: Has, default: u64) {
    let dialect = engine.dialect();
    let (mut count, mut asked, mut pages) = (0, 0, 0);
    let of = worlds(default, ids).count();
    let (start, mut told) = (Instant::now(), Instant::now());
    for seed in worlds(default, ids) {
        let mut world = World::generate(seed);
        let mut schema = schema::said(dialect, seed);
        if has == Has::Few {
            schema = few(dialect.into());
        } else if !schema.project_roles.is_checked {
            add_unreadable_project_roles(&mut world);
        }
        let mut kinds = KINDS.to_vec();
        if has == Has::All {
            load(&mut engine, &world, ids);
        } else {
            load_few(&mut engine, &mut world, ids);
            kinds = vec![Kind::Project, Kind::Task];
            for index in schema.indexes() {
                engine.run(&index);
            }
        }
        let mut things = HashMap::new();
        for kind in kinds {
            let in_order = Query::select()
                .column("id")
                .from(table(kind))
                .order_by("id", Order::Asc)
                .to_owned();
            let in_order = engine.select(&in_order).into_iter().map(|mut row| row.remove(0));
            let of = |value: Value| {
                let all = world.things().into_iter().filter_map(|thing| match (thing, kind) {
                    (Thing::Workspace(id), Kind::Workspace)
                    | (Thing::Project(id), Kind::Project)
                    | (Thing::Task(id), Kind::Task)
                    | (Thing::Annotation(id), Kind::Record) => Some(id),
                    _ => None,
                });
                let mut all = all.filter(|id| ids.other(*id) == value);
                (all.next().expect("an id"), value)
            };
            things.insert(kind, in_order.map(of).collect());
        }
        schema = orders::add(&mut engine, schema, &things, seed);
        count += 1;
        let changed = [Cells::built_in(), Cells::generate(seed, 12)];
        for member in &world.organization_members {
            let (user, organization) = (member.user_id, member.organization_id);
            let schema = orders::with_gates(&schema, seed, user);
            let (engine, schema, world, things) = (&mut engine, &schema, &world, &things);
            let (seen, questions) = (HashMap::new(), 0);
            let mut asks = Asks {
                engine,
                schema,
                world,
                ids,
                things,
                user,
                organization,
                seen,
                questions,
                seed,
            };
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

on_worlds! { lists_are_the_rule in SQLite 12, with few tables 12, in PostgreSQL 10, with few tables 6 }
