//! The people of a row are the rule: on generated worlds, for every row and every action, what the pages put
//! together select, what is counted and what a condition selects are the members of the organization for whom the
//! oracle, that walks the world, says yes.
//!
//! `LABELGATE_WORLDS` says how many worlds there are.

use std::collections::HashMap;
use std::env;
use std::fmt::Debug;

use labelgate::people::People;
use labelgate::row::{InnerRowId, Row, RowId};
use labelgate::sql::{Page, Schema};
use labelgate::{
    Action, Fact, Facts, Kind, OrganizationId, ProjectId, RecordId, Role, Subject, TaskId, UserId,
    WorkspaceId,
};
use labelgate_sql_tests::members::{Has, Member, load, members, said};
use labelgate_sql_tests::schema::table;
use labelgate_sql_tests::tables::{Random, Thing};
use labelgate_sql_tests::{Cells, Engine, Ids, Value, World, on_worlds, oracle};
use sea_query::{Expr, ExprTrait, Order, Query};

/// A row of people as it is selected: the user, the code of the role, the facts.
type Selected = (Value, &'static str, i64);

/// A world in an engine, and one of its organizations.
struct Asks<'a, E> {
    engine: &'a mut E,
    schema: &'a Schema,
    world: &'a World,
    ids: Ids,
    organization: i64,
    /// In the order in which the engine has the ids of users.
    members: Vec<Member>,
    /// What [`Schema::facts`] selects for a user and a row.
    facts: HashMap<(i64, Kind, i64), i64>,
    random: Random,
    lists: usize,
    people: usize,
}

/// The people as a database returns them.
fn rows<'a>(people: impl IntoIterator<Item = &'a Selected>) -> Vec<Vec<Value>> {
    let row = |(id, role, facts): &Selected| {
        vec![id.clone(), Value::Text((*role).to_owned()), Value::Integer(*facts)]
    };
    people.into_iter().map(row).collect()
}

fn kind(thing: Thing) -> (Kind, i64) {
    match thing {
        Thing::Organization(id) => (Kind::Organization, id),
        Thing::Workspace(id) => (Kind::Workspace, id),
        Thing::Project(id) => (Kind::Project, id),
        Thing::Task(id) => (Kind::Task, id),
        Thing::Annotation(id) => (Kind::Record, id),
    }
}

/// All that can hold of a user who acts as a reviewer.
fn most() -> Facts {
    Fact::ALL.into_iter().filter(|fact| *fact != Fact::ActsAsAnnotator).collect()
}

impl<E: Engine> Asks<'_, E> {
    /// What is selected of each member and each row one by one.
    fn select_facts(&mut self, things: &[Thing]) {
        for member in 0..self.members.len() {
            let Member { user, ref id, role } = self.members[member];
            let Ok(role) = role.parse::<Role>() else { continue };
            let organization = OrganizationId(self.ids.other(self.organization));
            let subject = Subject::new(organization, UserId(id.clone()), role);
            for of in [Kind::Workspace, Kind::Project, Kind::Task, Kind::Record] {
                let of_kind = || things.iter().map(|thing| kind(*thing)).filter(|row| row.0 == of);
                if of_kind().next().is_none() {
                    continue;
                }
                let alias = match of {
                    Kind::Workspace => &self.schema.workspaces.alias,
                    Kind::Project => &self.schema.projects.alias,
                    Kind::Task => &self.schema.tasks.alias,
                    _ => &self.schema.records.alias,
                };
                let query = Query::select()
                    .column(self.schema.id(of))
                    .expr(self.schema.facts(&subject, of))
                    .from_as(table(of), alias.clone().unwrap_or(table(of).into()))
                    .to_owned();
                for row in self.engine.select(&query) {
                    let [bound, Value::Integer(facts)] = &row[..] else { panic!("{row:?}") };
                    let (_, id) =
                        of_kind().find(|row| self.ids.other(row.1) == *bound).expect("a row");
                    self.facts.insert((user, of, id), *facts);
                }
            }
        }
    }

    /// Asks who may do each action to the row.
    fn thing(&mut self, changed: &Cells, thing: Thing) {
        let (of, id) = kind(thing);
        let id = self.ids.other(id);
        let here = OrganizationId(self.ids.other(self.organization));
        let callers = Role::ALL.into_iter().rev().map(|role| {
            Subject::new(here.clone(), UserId(self.ids.user(77)), role).with_matrix(changed.matrix)
        });
        fn rows<I: InnerRowId<Value = Value>>(caller: &Subject<Value>, id: I) -> Row<I, (), Value> {
            caller.row(id, caller.organization().clone(), most()).expect("facts")
        }
        // Somebody who may ask, if there is one.
        let callers: Vec<_> = callers.collect();
        match of {
            Kind::Organization => {
                let rows: Vec<_> = callers
                    .iter()
                    .map(|caller| caller.organization_row(OrganizationId(id.clone())))
                    .collect();
                self.row(changed, thing, &callers, &rows);
            }
            Kind::Workspace => {
                let rows: Vec<_> =
                    callers.iter().map(|caller| rows(caller, WorkspaceId(id.clone()))).collect();
                self.row(changed, thing, &callers, &rows);
            }
            Kind::Project => {
                let rows: Vec<_> =
                    callers.iter().map(|caller| rows(caller, ProjectId(id.clone()))).collect();
                self.row(changed, thing, &callers, &rows);
            }
            Kind::Task => {
                let rows: Vec<_> =
                    callers.iter().map(|caller| rows(caller, TaskId(id.clone()))).collect();
                self.row(changed, thing, &callers, &rows);
            }
            Kind::Record => {
                let rows: Vec<_> =
                    callers.iter().map(|caller| rows(caller, RecordId(id.clone()))).collect();
                self.row(changed, thing, &callers, &rows);
            }
        }
    }

    fn row<I>(
        &mut self,
        changed: &Cells,
        thing: Thing,
        callers: &[Subject<Value>],
        rows: &[Row<I, (), Value>],
    ) where
        I: RowId<Value = Value> + Clone + Debug,
    {
        // Actions of which the matrix says the same have the same statements.
        let mut seen: HashMap<_, Vec<Selected>> = HashMap::new();
        let facts = |member: &Member| self.world.facts(member.user, self.organization, thing);
        let facts: Vec<Option<u16>> = self.members.iter().map(facts).collect();
        for action in Action::ALL {
            let people = callers.iter().zip(rows);
            let mut people =
                people.filter_map(|(caller, row)| caller.authorize_people_of(action, row).ok());
            let Some(people) = people.next() else { continue };
            let expected = self.expected(changed, action, thing, &facts);
            self.decide(&people, &facts, &expected);
            let cells = Role::ALL.map(|role| changed.matrix.scopes(role, action));
            let same = seen.entry((action.kind(), cells));
            match same {
                std::collections::hash_map::Entry::Occupied(found) => {
                    assert_eq!(*found.get(), expected, "{people:?}");
                }
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(expected.clone());
                    self.people(&people, &expected);
                }
            }
        }
    }

    /// The members to whom the oracle says yes.
    fn expected(
        &self,
        changed: &Cells,
        action: Action,
        thing: Thing,
        facts: &[Option<u16>],
    ) -> Vec<Selected> {
        let of_member = |(member, facts): (&Member, &Option<u16>)| {
            let cells = |role: &str, key: &str| changed.cell(role, key);
            if !oracle::may_in(&cells, member.role, action.key(), *facts) {
                return None;
            }
            let (of, id) = kind(thing);
            let selected = match of {
                Kind::Organization => 0,
                _ => self.facts[&(member.user, of, id)],
            };
            Some((member.id.clone(), member.role, selected))
        };
        self.members.iter().zip(facts).filter_map(of_member).collect()
    }

    /// What is decided of each member.
    fn decide<I>(
        &self,
        people: &People<Action, I, Value>,
        facts: &[Option<u16>],
        expected: &[Selected],
    ) where
        I: RowId<Value = Value> + Debug,
    {
        for (member, facts) in self.members.iter().zip(facts) {
            let (Some(facts), Ok(role)) = (*facts, member.role.parse()) else { continue };
            let person = people.person(UserId(member.id.clone()), role, i64::from(facts));
            let person = person.expect("facts");
            let is_expected = expected.iter().any(|selected| selected.0 == member.id);
            assert_eq!(person.is_some(), is_expected, "{people:?} {}", member.user);
        }
    }

    fn people<I>(&mut self, people: &People<Action, I, Value>, expected: &[Selected])
    where
        I: RowId<Value = Value> + Debug,
    {
        self.lists += 1;
        self.people += expected.len();
        let count = self.engine.select(&self.schema.count_people(people));
        let counted = i64::try_from(expected.len()).expect("a number");
        assert_eq!(count, [[Value::Integer(counted)]], "{people:?}");

        let members = &self.schema.organization_members;
        let called = members.alias.clone().unwrap_or("organization_members".into());
        let user_id = (called.clone(), "user_id");
        let query = Query::select()
            .column(user_id.clone())
            .from_as("organization_members", called)
            .and_where(self.schema.is_person(people))
            .order_by(user_id.clone(), Order::Asc)
            .to_owned();
        let found = self.engine.select(&query).concat();
        let users: Vec<Value> = expected.iter().map(|selected| selected.0.clone()).collect();
        assert_eq!(found, users, "{people:?}");

        let size = 1 + self.random.below(4) as u32;
        self.pages(people, Page::of(size), expected);
        self.pages(people, Page::of(size).descending(), expected);
        // With a condition of the service's own, that has to be put into parentheses.
        let some: Vec<_> = self.members.iter().step_by(2).map(|member| member.id.clone()).collect();
        let is = |id: &Value| Expr::col(user_id.clone()).eq(id.clone());
        let Some(only) = some.iter().map(is).reduce(ExprTrait::or) else { return };
        let of_some = expected.iter().filter(|selected| some.contains(&selected.0));
        let of_some: Vec<_> = of_some.cloned().collect();
        self.pages(people, Page::of(size).only(only.clone()), &of_some);
        self.pages(people, Page::of(size).search(only), &of_some);

        let skipped = self.random.below(expected.len() + 2);
        let page = Page::of(size).offset(skipped as u32);
        let shown: Vec<_> = expected.iter().skip(skipped).take(size as usize).collect();
        assert_eq!(self.selected(people, &page), rows(shown), "{people:?} {page:?}");
    }

    fn selected<I>(&mut self, people: &People<Action, I, Value>, page: &Page) -> Vec<Vec<Value>>
    where
        I: RowId<Value = Value>,
    {
        self.engine.select(&self.schema.people(people, page))
    }

    /// Asserts that the pages put together are these people, each page full but the last.
    #[track_caller]
    fn pages<I>(&mut self, people: &People<Action, I, Value>, mut page: Page, expected: &[Selected])
    where
        I: RowId<Value = Value> + Debug,
    {
        let mut expected = expected.to_vec();
        if *page.order() == Order::Desc {
            expected.reverse();
        }
        for expected in expected.chunks(page.size() as usize).chain([&[][..]]) {
            assert_eq!(self.selected(people, &page), rows(expected), "{people:?} {page:?}");
            if let Some((last, ..)) = expected.last() {
                page = page.after(last.clone());
            }
        }
    }
}

fn people_are_the_rule<E: Engine>(mut engine: E, ids: Ids, has: Has, default: u64) {
    let dialect = engine.dialect();
    let worlds = env::var("LABELGATE_WORLDS").ok().map(|worlds| worlds.parse().expect("a number"));
    let way = Ids::ALL.into_iter().position(|other| other == ids).expect("a way") as u64;
    let (mut lists, mut people) = (0, 0);
    for seed in (0..worlds.unwrap_or(default)).filter(|seed| seed % 3 == way) {
        let mut world = World::generate(seed);
        let schema = said(dialect, seed, has);
        load(&mut engine, &schema, &mut world, ids, has);
        let mut things = world.things();
        if has == Has::Few {
            // Rows of tables that there are not have nobody.
            things.extend([Thing::Workspace(1), Thing::Annotation(1)]);
        }
        for organization in &world.organizations {
            let members = members(&mut engine, &world, ids, organization.id);
            let (engine, schema, world) = (&mut engine, &schema, &world);
            let (organization, facts) = (organization.id, HashMap::new());
            let mut asks = Asks {
                engine,
                schema,
                world,
                ids,
                organization,
                members,
                facts,
                random: Random(seed),
                lists: 0,
                people: 0,
            };
            asks.select_facts(&world.things());
            for changed in [Cells::built_in(), Cells::generate(seed, 12), Cells::overridden(seed)] {
                for thing in &things {
                    // Some of the rows: of another organization there is nobody to be found.
                    let is_here = world.organization_of(*thing) == Some(organization);
                    let is_many = matches!(thing, Thing::Task(_) | Thing::Annotation(_));
                    let of = if is_here { if is_many { 5 } else { 2 } } else { 12 };
                    if asks.random.below(of) == 0 {
                        asks.thing(&changed, *thing);
                    }
                }
            }
            lists += asks.lists;
            people += asks.people;
        }
    }
    assert!(lists > 500 && people > lists / 3, "{people} people in {lists} lists");
    println!("{people} people in {lists} lists: no differences");
}

on_worlds! { people_are_the_rule in SQLite 15, with few tables 9, in PostgreSQL 9, with few tables 6 }
