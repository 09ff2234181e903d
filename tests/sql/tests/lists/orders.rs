//! Pages in the order of a column, pages with a number, searches and totals: of each list, against the rows that the
//! oracle says yes to, sorted here. The column has ties and NULLs, and changes between pages.

use super::*;
use labelgate::sql::ByColumn;
use labelgate_sql_tests::Dialect;
use labelgate_sql_tests::measured::literal;
use labelgate_sql_tests::schema::TABLES;

const COLUMN: &str = "sorted_by";

/// A number that looks random, below another one.
fn below(n: u64, of: [u64; 3]) -> u64 {
    let mixed = of.into_iter().fold(0x9e37_79b9_7f4a_7c15_u64, |mixed, number| {
        let mixed = (mixed ^ number).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ (mixed >> 33)
    });
    mixed % n
}

/// What a row has in the column: ties, and NULLs. Some tables have nothing else.
fn value(seed: u64, kind: Kind, id: i64) -> Option<i64> {
    let values = [3, 8, 40, 1][below(4, [seed, kind as u64, 4]) as usize];
    let value = below(values, [seed, kind as u64, id.unsigned_abs()]);
    value.checked_sub(1).map(|value| value as i64)
}

/// Adds the column to all tables, with its indexes.
pub fn add<E: Engine>(
    engine: &mut E,
    schema: Schema,
    things: &HashMap<Kind, Vec<(i64, Value)>>,
    seed: u64,
) -> Schema {
    let mut schema = schema;
    engine.run("BEGIN");
    for (&kind, rows) in things {
        engine.run(&format!("ALTER TABLE {} ADD COLUMN {COLUMN} BIGINT", table(kind)));
        for (id, bound) in rows {
            set(engine, kind, bound, value(seed, kind, *id));
        }
        schema = schema.with_order(kind, COLUMN);
    }
    engine.run("COMMIT");
    for index in schema.indexes().iter().filter(|index| index.contains(COLUMN)) {
        engine.run(index);
    }
    schema
}

/// Sets where the gates stand for somebody.
pub fn with_gates(schema: &Schema, seed: u64, user: i64) -> Schema {
    let mut schema = schema.clone();
    let user = user.unsigned_abs();
    schema.sort_limit = [0, 1, 4, 5_000][below(4, [seed, user, 1]) as usize];
    schema.search_limit = [0, 2, 500][below(3, [seed, user, 2]) as usize];
    schema
}

fn set<E: Engine>(engine: &mut E, kind: Kind, id: &Value, value: Option<i64>) {
    let dialect = engine.dialect();
    let (first, second) = (dialect.placeholder(1), dialect.placeholder(2));
    let sql = format!("UPDATE {} SET {COLUMN} = {first} WHERE id = {second}", table(kind));
    engine.rows(&sql, &[value.map_or(Value::Null, Value::Integer), id.clone()]);
}

/// The tables that link users to rows of a kind, with the column for these, and the other columns.
fn links(kind: Kind) -> &'static [(&'static str, &'static str, &'static str)] {
    match kind {
        Kind::Workspace => &[("workspace_members", "workspace_id", "user_id")],
        Kind::Project => &[
            ("project_members", "project_id", "user_id"),
            ("project_roles", "project_id", "user_id, role"),
        ],
        Kind::Task => &[("task_assignees", "task_id", "user_id, project_id")],
        Kind::Organization | Kind::Record => &[],
    }
}

type Shown = (i64, Option<i64>);

impl<E: Engine> Asks<'_, E> {
    /// The rows in the order of the column. PostgreSQL takes NULLs for the greatest values, SQLite for the least.
    fn sorted(&self, kind: Kind, rows: &[i64], is_descending: bool) -> Vec<i64> {
        let things = &self.things[&kind];
        let position = |id: i64| things.iter().position(|thing| thing.0 == id);
        let nulls_are_greatest = self.engine.dialect() == Dialect::Postgres;
        let mut sorted = rows.to_vec();
        sorted.sort_by_key(|&id| {
            let value = value(self.seed, kind, id);
            (value.is_none() == nulls_are_greatest, value, position(id))
        });
        if is_descending {
            sorted.reverse();
        }
        sorted
    }

    /// What a page shows: ids, and values of the column.
    fn shown<Id, By>(&mut self, listing: &Listing<Action, Id, Bound>, page: &Page<By>) -> Vec<Shown>
    where
        Id: RowId<Value = Bound>,
    {
        let things = &self.things[&listing.kind()];
        let found = self.selected(listing, page).into_iter().map(|(bound, value)| {
            (things.iter().find(|thing| thing.1 == bound).expect("an id").0, value)
        });
        found.collect()
    }

    /// The same, with ids as the database has them.
    fn selected<Id, By>(
        &mut self,
        listing: &Listing<Action, Id, Bound>,
        page: &Page<By>,
    ) -> Vec<(Value, Option<i64>)>
    where
        Id: RowId<Value = Bound>,
    {
        let kind = listing.kind();
        let alias = self.schema.id(kind);
        let sea_query::ColumnRef::Column(sea_query::ColumnName(Some(table), _)) = alias else {
            panic!("no table: {alias:?}")
        };
        let mut query = self.list(kind);
        query.column((table.1, COLUMN));
        self.schema.paginate(&mut query, listing, page);
        let found = self.engine.select(&query).into_iter().map(|mut row| {
            let value = match row.pop() {
                Some(Value::Null) => None,
                Some(Value::Integer(value)) => Some(value),
                other => panic!("{other:?}"),
            };
            (row.remove(0), value)
        });
        found.collect()
    }

    fn next(&self, page: Page<ByColumn>, last: Option<&Shown>) -> Page<ByColumn> {
        match last {
            Some(&(id, value)) => page.after(value, Bound::from(self.ids.other(id))),
            None => page,
        }
    }

    /// Asserts that the pages put together are these rows in their order, each page full but the last.
    #[track_caller]
    fn walk<Id>(
        &mut self,
        listing: &Listing<Action, Id, Bound>,
        page: &Page<ByColumn>,
        rows: &[i64],
    ) where
        Id: RowId<Value = Bound> + Debug,
    {
        let expected = self.sorted(listing.kind(), rows, *page.order() == Order::Desc);
        let size = page.size() as usize;
        let mut next = page.clone();
        for (number, expected) in expected.chunks(size).chain([&[][..]]).enumerate() {
            let shown = self.shown(listing, &next);
            let ids: Vec<_> = shown.iter().map(|row| row.0).collect();
            assert_eq!(ids, expected, "{listing:?} {next:?}");
            next = self.next(next, shown.last());
            // The same page by its number, now and then.
            if number % 4 == 2 {
                let numbered = page.clone().offset((number * size) as u32);
                assert_eq!(self.shown(listing, &numbered), shown, "{listing:?} {numbered:?}");
            }
        }
        self.questions += 1;
    }

    /// A list in the order of a column: of each list some of the ways that a service may ask for it, and of many lists
    /// all of them.
    pub(crate) fn in_order<Id>(
        &mut self,
        listing: &Listing<Action, Id, Bound>,
        expected: &[i64],
        only: Expr,
        of_some: &[i64],
    ) where
        Id: RowId<Value = Bound> + Debug,
    {
        let number = self.questions as u64;
        // Lists within a row are many, and much alike.
        if Id::KIND != Kind::Organization && below(6, [self.seed, number, 6]) > 0 {
            return;
        }
        let way = |n| below(n, [self.seed, number, n]);
        let (size, ways) = ([1, 2, 4, 7][way(4) as usize], [way(2), way(3), way(7), way(11)]);
        let by = |way: u64, size| {
            let page = Page::of(size).by(COLUMN);
            if way.is_multiple_of(2) { page } else { page.descending() }
        };
        if ways[1] < 2 {
            self.walk(listing, &by(ways[0], size), expected);
        }
        match ways[2] {
            4 => self.walk(listing, &by(ways[3], 2).search(only), of_some),
            0 => self.walk(listing, &by(ways[3], 2).only(only), of_some),
            1 => self.by_number(listing, &Page::of(2).search(only), of_some),
            2 => self.pages(listing, &Page::of(2).search(only), of_some),
            3 => self.in_order_of_ids(listing, expected),
            _ => self.changing(listing, &by(ways[3], 2), expected),
        }
    }

    /// Pages with a number in the order of the ids, and totals up to a number.
    fn by_number<Id>(&mut self, listing: &Listing<Action, Id, Bound>, page: &Page, rows: &[i64])
    where
        Id: RowId<Value = Bound> + Debug,
    {
        let size = page.size() as usize;
        for (number, expected) in rows.chunks(size).chain([&[][..]]).enumerate() {
            let shown = self.shown(listing, &page.clone().offset((number * size) as u32));
            assert_eq!(shown.iter().map(|row| row.0).collect::<Vec<_>>(), expected, "{listing:?}");
        }
        let count = self.engine.select(&self.schema.count(listing, page));
        assert_eq!(count, [[Value::Integer(rows.len().min(size) as i64)]], "{listing:?}");
    }

    /// The column of the ids is the order of the ids, whatever the value of the cursor is.
    fn in_order_of_ids<Id>(&mut self, listing: &Listing<Action, Id, Bound>, rows: &[i64])
    where
        Id: RowId<Value = Bound> + Debug,
    {
        let page = Page::of(1_000).by("id");
        let page = match rows.first() {
            Some(&first) => page.after(None::<i64>, Bound::from(self.ids.other(first))),
            None => page,
        };
        let shown = self.shown(listing, &page).into_iter().map(|row| row.0).collect::<Vec<_>>();
        assert_eq!(shown, rows.get(1..).unwrap_or(&[]), "{listing:?}");
    }

    /// Rows are inserted, updated and deleted between pages: each of those that are not is shown once, and in order.
    /// No row is shown that is not there any more, and none that was inserted is shown twice.
    fn changing<Id>(
        &mut self,
        listing: &Listing<Action, Id, Bound>,
        page: &Page<ByColumn>,
        rows: &[i64],
    ) where
        Id: RowId<Value = Bound> + Debug,
    {
        let kind = listing.kind();
        let sorted = self.sorted(kind, rows, *page.order() == Order::Desc);
        let all: Vec<_> = sorted.iter().map(|&id| self.ids.other(id)).collect();
        let (mut found, mut inserted) = (Vec::new(), Vec::new());
        let (mut changed, mut deleted) = (Vec::new(), Vec::new());
        let mut page = page.clone();
        self.engine.run("BEGIN");
        loop {
            let shown = self.selected(listing, &page);
            let Some((last, value)) = shown.last().cloned() else { break };
            page = page.after(value, Bound::from(last.clone()));
            assert!(shown.iter().all(|row| !deleted.contains(&row.0)), "{listing:?} {deleted:?}");
            found.extend(shown.into_iter().map(|row| row.0));
            if found.len() > 4 * rows.len() {
                continue; // rows are moved no further, so that the pages end
            }
            // The last row of the page, or another one.
            let random = [self.seed, found.len() as u64, rows.len() as u64];
            let last = all.iter().position(|id| *id == last).filter(|_| below(3, random) == 0);
            let n = last.unwrap_or(below(all.len() as u64, random) as usize);
            let id = &all[n];
            let value = below(9, random).checked_sub(1).map(|value| value as i64);
            match below(4, [self.seed, found.len() as u64, 5]) {
                0 => {
                    let number = inserted.len() as i64;
                    let new = [40 + number, -2 - number][below(2, random) as usize];
                    inserted.push(self.ids.other(new));
                    self.insert_copy(kind, id, &self.ids.other(new), value);
                    continue;
                }
                1 if !self.is_only_assignment(kind, sorted[n], &deleted) => {
                    self.delete(kind, id);
                    deleted.push(id.clone());
                }
                _ => set(self.engine, kind, id, value),
            }
            changed.push(id.clone());
        }
        self.engine.run("ROLLBACK");
        let twice = |id: &&Value| found.iter().filter(|other| other == id).count() > 1;
        assert_eq!(inserted.iter().find(twice), None, "{listing:?} {found:?}");
        assert!(found.iter().all(|id| all.contains(id) || inserted.contains(id)), "{listing:?}");
        let mut expected = all.clone();
        expected.retain(|id| !changed.contains(id));
        found.retain(|id| all.contains(id) && !changed.contains(id));
        assert_eq!(found, expected, "{listing:?} while {changed:?} changed, {inserted:?} appeared");
    }

    /// Whether the user would have no task in the project without this one, and see others no more.
    fn is_only_assignment(&self, kind: Kind, id: i64, deleted: &[Value]) -> bool {
        let assigned = || self.world.task_assignees.iter().filter(|row| row.user_id == self.user);
        let is_there = |id: i64| !deleted.contains(&self.ids.other(id));
        kind == Kind::Task
            && assigned().find(|row| row.task_id == id).is_some_and(|one| {
                let mut others =
                    assigned().filter(|row| row.task_id != id && is_there(row.task_id));
                !others.any(|row| row.project_id == one.project_id)
            })
    }

    /// Inserts a row like another one, with the same memberships.
    fn insert_copy(&mut self, kind: Kind, id: &Value, new: &Value, value: Option<i64>) {
        let table = table(kind);
        let columns = TABLES.iter().find(|other| other.name == table).expect("a table").columns;
        let columns = columns.iter().map(|column| column.name).filter(|name| *name != "id");
        let mut columns = columns.collect::<Vec<_>>().join(", ");
        if !self.things.contains_key(&Kind::Workspace) {
            columns = columns.replace("workspace_id", "something_else");
        }
        let (id, new) = (literal(id), literal(new));
        let value = value.map_or("NULL".to_owned(), |value| value.to_string());
        let sql = format!(
            "INSERT INTO {table} (id, {COLUMN}, {columns})
             SELECT {new}, {value}, {columns} FROM {table} WHERE id = {id}"
        );
        self.engine.rows(&sql, &[]);
        for (table, key, others) in self.links(kind) {
            let sql = format!(
                "INSERT INTO {table} ({key}, {others}) SELECT {new}, {others} FROM {table} WHERE {key} = {id}"
            );
            self.engine.rows(&sql, &[]);
        }
    }

    /// Deletes a row and its memberships, as foreign keys may.
    fn delete(&mut self, kind: Kind, id: &Value) {
        let id = literal(id);
        for (table, key, _) in self.links(kind) {
            self.engine.rows(&format!("DELETE FROM {table} WHERE {key} = {id}"), &[]);
        }
        self.engine.rows(&format!("DELETE FROM {} WHERE id = {id}", table(kind)), &[]);
    }

    fn links(&self, kind: Kind) -> Vec<(&'static str, &'static str, &'static str)> {
        let has_roles = self.things.contains_key(&Kind::Record);
        let is_there = |(table, ..): &&(&str, _, _)| has_roles || *table != "project_roles";
        links(kind).iter().filter(is_there).copied().collect()
    }
}
