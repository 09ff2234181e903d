//! What another matrix would do is the difference of the rule: on generated worlds, for pairs of matrices and every
//! action, what is counted and what the pages put together select are the members and rows for whom the oracle, that
//! walks the world, says yes by one matrix and no by the other.
//!
//! `LABELGATE_WORLDS` says how many worlds there are.

use std::collections::{HashMap, HashSet};
use std::env;

use labelgate::impact::{Effect, Impact};
use labelgate::membership::MembershipPolicy;
use labelgate::sql::{Page, Schema};
use labelgate::{
    Action, Kind, OrganizationId, ProjectId, RecordId, Role, Subject, TaskId, UserId, WorkspaceId,
};
use labelgate_sql_tests::members::{Has, Member, load, members, said};
use labelgate_sql_tests::schema::table;
use labelgate_sql_tests::tables::{Random, Thing};
use labelgate_sql_tests::{Cells, Engine, Ids, Value, World, on_worlds, oracle};
use sea_query::{ColumnRef, Expr, ExprTrait, IntoColumnRef, Order, SelectStatement};

/// A world in an engine, and one of its organizations.
struct Asks<'a, E> {
    engine: &'a mut E,
    schema: &'a Schema,
    world: &'a World,
    ids: Ids,
    organization: i64,
    /// In the order in which the engine has the ids.
    members: Vec<Member>,
    /// The rows of all organizations, in the order in which the engine has the ids.
    rows: HashMap<Kind, Vec<i64>>,
    random: Random,
    totals: Totals,
}

/// What was compared.
#[derive(Default)]
struct Totals {
    effects: usize,
    pairs: usize,
    multiplied: usize,
}

/// A page as it is selected: the columns of each row.
type Rows = Vec<Vec<Value>>;

fn thing(kind: Kind, id: i64) -> Thing {
    match kind {
        Kind::Organization => Thing::Organization(id),
        Kind::Workspace => Thing::Workspace(id),
        Kind::Project => Thing::Project(id),
        Kind::Task => Thing::Task(id),
        Kind::Record => Thing::Annotation(id),
    }
}

fn number(of: usize) -> Value {
    Value::Integer(i64::try_from(of).expect("a number"))
}

impl<E: Engine> Asks<'_, E> {
    fn impact(&self, before: &Cells, after: &Cells) -> Impact<Value> {
        let here = OrganizationId(self.ids.other(self.organization));
        let owner = Subject::new(here.clone(), UserId(self.ids.user(77)), Role::Owner);
        let policy = MembershipPolicy::new(here);
        let impact = policy.preview_matrix(&owner, before.matrix, after.matrix);
        impact.expect("the Owner may").into_change()
    }

    fn matrices(&mut self, before: &Cells, after: &Cells) {
        let impact = self.impact(before, after);
        // Actions of which the matrices say the same have the same statements.
        let mut seen = HashSet::new();
        let mut changed = 0;
        for action in Action::ALL {
            let cells = [before, after].map(|cells| {
                let letters = oracle::COLUMNS.map(|role| cells.cell(role, action.key()));
                (action.kind(), letters)
            });
            let is_new = seen.insert(cells);
            let mut is_changed = false;
            for [granting, denying] in [[after, before], [before, after]] {
                let is_gained = std::ptr::eq(granting, after);
                let effect = || match is_gained {
                    true => impact.gained(action),
                    false => impact.lost(action),
                };
                for effect in [Some(effect()), effect().records()].into_iter().flatten() {
                    is_changed |= !effect.roles().is_empty();
                    if is_new {
                        self.effect(&effect, granting, denying);
                    }
                }
            }
            assert_eq!(impact.actions().has(action), is_changed, "{action}");
            changed += usize::from(is_changed);
        }
        assert!(changed > 0 || before.matrix == after.matrix);
    }

    /// All members and rows for whom one matrix says yes and the other no.
    fn expected(
        &self,
        effect: &Effect<'_, Value>,
        granting: &Cells,
        denying: &Cells,
    ) -> Vec<(usize, usize)> {
        let (kind, key) = (effect.kind(), effect.action().key());
        let mut pairs = Vec::new();
        for (row, id) in self.rows[&kind].iter().enumerate() {
            for (place, member) in self.members.iter().enumerate() {
                let facts = self.world.facts(member.user, self.organization, thing(kind, *id));
                let may = |cells: &Cells| cells.may(member.role, key, facts);
                if may(granting) && !may(denying) {
                    let role = member.role.parse().expect("a code");
                    assert!(effect.roles().has(role), "{effect:?} {role}");
                    pairs.push((place, row));
                }
            }
        }
        pairs
    }

    fn effect(&mut self, effect: &Effect<'_, Value>, granting: &Cells, denying: &Cells) {
        let pairs = self.expected(effect, granting, denying);
        let of_member = |place| pairs.iter().filter(|pair| pair.0 == place).count();
        let members = self.members.iter().enumerate().map(|(place, member)| {
            vec![member.id.clone(), Value::Text(member.role.to_owned()), number(of_member(place))]
        });
        let members: Rows = members.filter(|row| row[2] != number(0)).collect();
        let of_row = |place| pairs.iter().filter(|pair| pair.1 == place).count();
        let rows = self.rows[&effect.kind()].iter().enumerate();
        let rows = rows.map(|(place, id)| vec![self.ids.other(*id), number(of_row(place))]);
        let rows: Rows = rows.filter(|row| row[1] != number(0)).collect();

        let counted = self.engine.select(&self.schema.count_effect(effect));
        let expected = [members.len(), rows.len(), pairs.len()].map(number);
        assert_eq!(counted, [expected], "{effect:?}");
        self.totals.effects += 1;
        self.totals.pairs += pairs.len();
        let is_multiplied = rows.len() > 1 && pairs.len() == members.len() * rows.len();
        self.totals.multiplied += usize::from(is_multiplied && members.len() > 1);
        if effect.roles().is_empty() {
            return;
        }

        let of_members = self.schema.organization_members.alias.clone();
        let of_members = of_members.unwrap_or("organization_members".into());
        let user_id = (of_members, "user_id").into_column_ref();
        let schema = self.schema;
        let page_of_members = |page: &Page| schema.effect_members(effect, page);
        self.lists(&user_id, &members, &page_of_members);
        let id = match effect.kind() {
            Kind::Organization => {
                let of_members = self.schema.organization_members.alias.clone();
                let of_members = of_members.unwrap_or("organization_members".into());
                (of_members, "organization_id").into_column_ref()
            }
            kind => self.schema.id(kind),
        };
        let page_of_rows = |page: &Page| schema.effect_rows(effect, page);
        self.lists(&id, &rows, &page_of_rows);

        if !self.rows[&effect.kind()].is_empty() {
            self.one_by_one(effect, &pairs, [&user_id, &id]);
        }
    }

    /// The rows of one member, and the members of one row: mostly of a pair, sometimes of any.
    fn one_by_one(
        &mut self,
        effect: &Effect<'_, Value>,
        pairs: &[(usize, usize)],
        [user_id, id]: [&ColumnRef; 2],
    ) {
        let (schema, all) = (self.schema, self.rows[&effect.kind()].clone());
        let any = (self.random.below(self.members.len()), self.random.below(all.len()));
        let (member, row) = match self.random.below(4) {
            0 => any,
            _ => pairs.get(self.random.below(pairs.len() + 1)).copied().unwrap_or(any),
        };
        let of_member = pairs.iter().filter(|pair| pair.0 == member);
        let of_member = of_member.map(|pair| vec![self.ids.other(all[pair.1]), number(1)]);
        let of_member: Rows = of_member.collect();
        let user = UserId(self.members[member].id.clone());
        self.lists(id, &of_member, &|page| schema.effect_rows_of(effect, &user, page));

        let of_row = pairs.iter().filter(|pair| pair.1 == row);
        let of_row = of_row.map(|pair| {
            let Member { id, role, .. } = &self.members[pair.0];
            vec![id.clone(), Value::Text((*role).to_owned()), number(1)]
        });
        let of_row: Rows = of_row.collect();
        let row = self.ids.other(all[row]);
        self.lists(user_id, &of_row, &|page| members_on(schema, effect, row.clone(), page));
        if effect.kind() != Kind::Task {
            // A row of another kind, with the same id.
            let of_task = schema.effect_members_on(effect, &TaskId(row), &Page::of(9));
            assert_eq!(self.engine.select(&of_task), [] as [Vec<Value>; 0]);
        }
    }

    /// Pages of any size, in both orders, with a condition of the service's own.
    fn lists(
        &mut self,
        id: &ColumnRef,
        expected: &Rows,
        select: &dyn Fn(&Page) -> SelectStatement,
    ) {
        let size = 1 + self.random.below(4) as u32;
        match self.random.below(4) {
            0 => self.pages(Page::of(size), expected.clone(), select),
            1 => self.pages(Page::of(size).descending(), expected.clone(), select),
            n => {
                let some: Vec<_> = expected.iter().step_by(2).map(|row| row[0].clone()).collect();
                let is = |id_of: &Value| Expr::col(id.clone()).eq(id_of.clone());
                let Some(only) = some.iter().map(is).reduce(ExprTrait::or) else { return };
                let of_some = expected.iter().filter(|row| some.contains(&row[0])).cloned();
                let page = Page::of(size);
                let page = if n == 2 { page.only(only) } else { page.search(only) };
                self.pages(page, of_some.collect(), select);
            }
        }
        let skipped = self.random.below(expected.len() + 2);
        let page = Page::of(size).offset(skipped as u32);
        let shown: Rows = expected.iter().skip(skipped).take(size as usize).cloned().collect();
        assert_eq!(self.engine.select(&select(&page)), shown, "{page:?}");
    }

    /// Asserts that the pages put together are these rows, each page full but the last.
    fn pages(
        &mut self,
        mut page: Page,
        mut expected: Rows,
        select: &dyn Fn(&Page) -> SelectStatement,
    ) {
        if *page.order() == Order::Desc {
            expected.reverse();
        }
        for expected in expected.chunks(page.size() as usize).chain([&[][..]]) {
            assert_eq!(self.engine.select(&select(&page)), expected, "{page:?}");
            if let Some(last) = expected.last() {
                page = page.after(last[0].clone());
            }
        }
    }
}

/// The members of one row of the effect's kind.
fn members_on(
    schema: &Schema,
    effect: &Effect<'_, Value>,
    id: Value,
    page: &Page,
) -> SelectStatement {
    match effect.kind() {
        Kind::Organization => schema.effect_members_on(effect, &OrganizationId(id), page),
        Kind::Workspace => schema.effect_members_on(effect, &WorkspaceId(id), page),
        Kind::Project => schema.effect_members_on(effect, &ProjectId(id), page),
        Kind::Task => schema.effect_members_on(effect, &TaskId(id), page),
        Kind::Record => schema.effect_members_on(effect, &RecordId(id), page),
    }
}

/// The ids of the rows of all organizations, in the order of the engine.
fn rows(engine: &mut impl Engine, world: &World, ids: Ids, has: Has) -> HashMap<Kind, Vec<i64>> {
    let mut rows: HashMap<Kind, Vec<i64>> = HashMap::new();
    for thing in world.things() {
        let (kind, id) = match thing {
            Thing::Organization(id) => (Kind::Organization, id),
            Thing::Workspace(id) => (Kind::Workspace, id),
            Thing::Project(id) => (Kind::Project, id),
            Thing::Task(id) => (Kind::Task, id),
            Thing::Annotation(id) => (Kind::Record, id),
        };
        rows.entry(kind).or_default().push(id);
    }
    for kind in Kind::ALL {
        let of_kind = rows.entry(kind).or_default();
        if has == Has::All || !of_kind.is_empty() {
            let sql = format!("SELECT id FROM {} ORDER BY id", table(kind));
            let order = engine.column(&sql, &[]);
            of_kind.sort_by_key(|id| order.iter().position(|other| *other == ids.other(*id)));
        }
    }
    rows
}

fn impact_is_the_difference<E: Engine>(mut engine: E, ids: Ids, has: Has, default: u64) {
    let worlds = env::var("LABELGATE_WORLDS").ok().map(|worlds| worlds.parse().expect("a number"));
    let way = Ids::ALL.into_iter().position(|other| other == ids).expect("a way") as u64;
    let mut totals = Totals::default();
    for seed in (0..worlds.unwrap_or(default)).filter(|seed| seed % 3 == way) {
        let mut world = World::generate(seed);
        let schema = said(engine.dialect(), seed, has);
        load(&mut engine, &schema, &mut world, ids, has);
        let rows = rows(&mut engine, &world, ids, has);
        for organization in &world.organizations {
            let organization = organization.id;
            let members = members(&mut engine, &world, ids, organization);
            let (engine, schema, world) = (&mut engine, &schema, &world);
            let (rows, random, totals) = (rows.clone(), Random(seed), &mut totals);
            let of = Totals::default();
            let mut asks = Asks {
                engine,
                schema,
                world,
                ids,
                organization,
                members,
                rows,
                random,
                totals: of,
            };
            let overridden = [Cells::overridden(seed), Cells::overridden(seed + 1_000)];
            asks.matrices(&Cells::built_in(), &overridden[0]);
            asks.matrices(&overridden[0], &overridden[1]);
            asks.matrices(&Cells::generate(seed, 60), &Cells::generate(seed + 1_000, 90));
            totals.effects += asks.totals.effects;
            totals.pairs += asks.totals.pairs;
            totals.multiplied += asks.totals.multiplied;
        }
    }
    let Totals { effects, pairs, multiplied } = totals;
    println!(
        "{pairs} pairs in {effects} effects, {multiplied} of all members and rows: no differences"
    );
    assert!(
        effects > 200 && 2 * pairs > effects && multiplied > 2,
        "{pairs} in {effects}, {multiplied}"
    );
}

on_worlds! { impact_is_the_difference in SQLite 15, with few tables 9, in PostgreSQL 9, with few tables 6 }
