//! Lists whose ids are UUIDs, bound by the crates that services bind them with: on generated worlds, for everybody
//! in them, every action and every row that a list can be within, pages, sets and what matches are what the
//! oracle says.

use std::collections::HashMap;
use std::fmt::Debug;

use labelgate::row::{InnerRowId, RowId};
use labelgate::sql::{Page, Schema};
use labelgate::{
    Action, Kind, Listing, OrganizationId, ProjectId, RecordId, Row, Subject, TaskId, UserId,
    WorkspaceId,
};
use labelgate_sql_tests::schema::table;
use labelgate_sql_tests::tables::{Thing, uuid};
use labelgate_sql_tests::{Engine, Ids, Postgres, Sqlite, World, load};
use sea_query::{Expr, Order, PostgresQueryBuilder, Query, SelectStatement, SqliteQueryBuilder};
use sea_query_postgres::PostgresBinder;
use sea_query_rusqlite::RusqliteBinder;
use uuid::Uuid;

/// A database that is asked through the crate that binds the values.
trait Binds: Engine {
    fn schema() -> Schema;

    fn ids(&mut self, query: &SelectStatement) -> Vec<Uuid>;

    /// The ids, organizations and facts of rows.
    fn facts(&mut self, query: &SelectStatement) -> Vec<(Uuid, Uuid, i64)>;
}

impl Binds for Sqlite {
    fn schema() -> Schema {
        Schema::sqlite()
    }

    fn ids(&mut self, query: &SelectStatement) -> Vec<Uuid> {
        let (sql, values) = query.build_rusqlite(SqliteQueryBuilder);
        let mut statement = self.connection.prepare_cached(&sql).expect("a statement");
        let rows = statement.query_map(&*values.as_params(), |row| row.get(0));
        rows.expect("rows").map(|id| id.expect("an id")).collect()
    }

    fn facts(&mut self, query: &SelectStatement) -> Vec<(Uuid, Uuid, i64)> {
        let (sql, values) = query.build_rusqlite(SqliteQueryBuilder);
        let mut statement = self.connection.prepare_cached(&sql).expect("a statement");
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let rows = statement.query_map(&*values.as_params(), row).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    }
}

impl Binds for Postgres {
    fn schema() -> Schema {
        Schema::postgres()
    }

    fn ids(&mut self, query: &SelectStatement) -> Vec<Uuid> {
        let (sql, values) = query.build_postgres(PostgresQueryBuilder);
        let rows = self.client.query(&sql, &values.as_params()).expect("rows");
        rows.into_iter().map(|row| row.get(0)).collect()
    }

    fn facts(&mut self, query: &SelectStatement) -> Vec<(Uuid, Uuid, i64)> {
        let (sql, values) = query.build_postgres(PostgresQueryBuilder);
        let rows = self.client.query(&sql, &values.as_params()).expect("rows");
        rows.into_iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
    }
}

const KINDS: [Kind; 4] = [Kind::Workspace, Kind::Project, Kind::Task, Kind::Record];

fn id(of: i64) -> Uuid {
    Uuid::from_u128(uuid(of))
}

/// The things of a world by their kinds and ids.
fn things(world: &World) -> Vec<(Kind, Uuid, Thing)> {
    let things = world.things().into_iter();
    let things = things.filter_map(|thing| match thing {
        Thing::Organization(_) => None,
        Thing::Workspace(of) => Some((Kind::Workspace, id(of), thing)),
        Thing::Project(of) => Some((Kind::Project, id(of), thing)),
        Thing::Task(of) => Some((Kind::Task, id(of), thing)),
        Thing::Annotation(of) => Some((Kind::Record, id(of), thing)),
    });
    let mut things: Vec<_> = things.collect();
    things.sort_by_key(|thing| thing.1);
    things
}

/// A world in a database, and one who asks.
struct Asks<'a, E> {
    engine: &'a mut E,
    schema: Schema,
    world: &'a World,
    things: &'a [(Kind, Uuid, Thing)],
    user: i64,
    organization: i64,
    seen: HashMap<(Kind, Uuid, Kind, String), Vec<Uuid>>,
}

impl<E: Binds> Asks<'_, E> {
    /// The rows of a kind with their facts, which are those of the world.
    fn rows<Id>(&mut self, caller: &Subject<Uuid>, of: fn(Uuid) -> Id) -> Vec<Row<Id, (), Uuid>>
    where
        Id: InnerRowId<Value = Uuid>,
    {
        let kind = Id::KIND;
        let query = Query::select()
            .column(self.schema.id(kind))
            .expr(self.schema.organization(kind))
            .expr(self.schema.facts(caller, kind))
            .from(table(kind))
            .to_owned();
        let rows = self.engine.facts(&query).into_iter().map(|(id, organization, facts)| {
            let row = caller.row(of(id), OrganizationId(organization), facts).expect("facts");
            let thing = self.things.iter().find(|thing| (thing.0, thing.1) == (kind, id));
            let facts = self.world.facts(self.user, self.organization, thing.expect("a row").2);
            assert_eq!(row.facts().bits(), facts.unwrap_or(0), "{kind} {id}");
            row
        });
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows.len(), self.things.iter().filter(|thing| thing.0 == kind).count());
        rows
    }

    fn is_within(&self, (within, of): (Kind, Uuid), thing: Thing) -> bool {
        match within {
            Kind::Organization => true,
            Kind::Workspace => self.world.workspace_of(thing).is_some_and(|row| id(row.id) == of),
            Kind::Project => self.world.project_of(thing).is_some_and(|row| id(row.id) == of),
            Kind::Task => match thing {
                Thing::Annotation(record) => {
                    let record = self.world.annotation(record).expect("a record");
                    id(record.task_id) == of
                }
                _ => false,
            },
            Kind::Record => false,
        }
    }

    /// What the oracle permits of the rows of a kind within a row.
    fn expected(&self, action: Action, kind: Kind, within: (Kind, Uuid)) -> Vec<Uuid> {
        let of_kind = self.things.iter().filter(|thing| thing.0 == kind);
        let may = |thing| self.world.may(self.user, self.organization, action.key(), thing);
        let is_in =
            |&&(_, _, thing): &&(Kind, Uuid, Thing)| self.is_within(within, thing) && may(thing);
        of_kind.filter(is_in).map(|thing| thing.1).collect()
    }

    /// The lists of all actions within a row.
    fn within<Id>(&mut self, subject: &Subject<Uuid>, row: &Row<Id, (), Uuid>)
    where
        Id: RowId<Value = Uuid> + Clone + Debug,
    {
        let within = (Id::KIND, *row.id().value());
        let is_ours = row.organization() == subject.organization();
        for action in Action::ALL {
            let list = || subject.authorize_list_of(action, row);
            let Some(listing) = list() else { continue };
            let Ok(listing) = listing else {
                for kind in KINDS.into_iter().filter(|&kind| is_ours && kind > within.0) {
                    let is_listed = kind == action.kind()
                        || (kind, action.kind()) == (Kind::Record, Kind::Task);
                    let permitted = self.expected(action, kind, within);
                    assert!(!is_listed || permitted.is_empty(), "{action} {row:?}");
                }
                continue;
            };
            assert!(is_ours, "{listing:?}");
            let records = list().and_then(Result::ok).and_then(|list| list.records());
            for listing in [Some(listing), records].into_iter().flatten() {
                let expected = self.expected(action, listing.kind(), within);
                self.listing(&listing, within, expected);
            }
        }
    }

    /// A listing in each shape.
    fn listing<Id>(
        &mut self,
        listing: &Listing<Action, Id, Uuid>,
        (within, of): (Kind, Uuid),
        expected: Vec<Uuid>,
    ) where
        Id: RowId<Value = Uuid> + Debug,
    {
        let asked = (within, of, listing.kind(), listing.condition().to_string());
        if let Some(seen) = self.seen.get(&asked) {
            assert_eq!(*seen, expected, "{listing:?}");
            return;
        }
        let asc = Page::of(u32::MAX);
        assert_eq!(self.ids(listing, self.schema.set(listing), &asc), expected, "{listing:?}");
        assert_eq!(self.ids(listing, self.schema.matches(listing), &asc), expected, "{listing:?}");
        for mut page in [Page::of(3), Page::of(3).descending()] {
            let mut found = Vec::new();
            loop {
                let ids = self.ids(listing, self.schema.page(listing, &page), &page);
                let Some(last) = ids.last() else { break };
                page = page.after(*last);
                found.extend(ids);
            }
            if *page.order() == Order::Desc {
                found.reverse();
            }
            assert_eq!(found, expected, "{listing:?} {page:?}");
        }
        self.seen.insert(asked, expected);
    }

    /// Who may export a project: those to whom the oracle says yes.
    fn people(&mut self, subject: &Subject<Uuid>, row: &Row<ProjectId<Uuid>, (), Uuid>) {
        let Ok(people) = subject.authorize_people_of(Action::ExportData, row) else { return };
        let is_it =
            |thing: &&(Kind, Uuid, Thing)| (thing.0, thing.1) == (Kind::Project, row.id().0);
        let project = self.things.iter().find(is_it).expect("a row").2;
        let members = self.world.organization_members.iter();
        let members = members.filter(|member| member.organization_id == self.organization);
        let may = |user| self.world.may(user, self.organization, "data.export", project);
        let may = members.map(|member| member.user_id).filter(|user| may(*user));
        let mut expected: Vec<_> = may.map(id).collect();
        expected.sort();
        let (mut page, mut found) = (Page::of(2), Vec::new());
        while let users = self.engine.ids(&self.schema.people(&people, &page))
            && let Some(last) = users.last()
        {
            page = page.after(*last);
            found.extend(users);
        }
        assert_eq!(found, expected, "{people:?}");
    }

    fn ids<Id>(
        &mut self,
        listing: &Listing<Action, Id, Uuid>,
        condition: Expr,
        page: &Page,
    ) -> Vec<Uuid>
    where
        Id: RowId<Value = Uuid>,
    {
        let kind = listing.kind();
        let query = Query::select()
            .column(self.schema.id(kind))
            .from(table(kind))
            .and_where(condition)
            .order_by(self.schema.id(kind), page.order().clone())
            .limit(page.size().into())
            .to_owned();
        self.engine.ids(&query)
    }
}

fn lists_are_the_rule<E: Binds>(mut engine: E) {
    let mut lists = 0;
    for seed in 0..3 {
        let world = World::generate(seed);
        load(&mut engine, &world, Ids::UUID);
        let things = things(&world);
        for member in &world.organization_members {
            let (user, organization) = (member.user_id, member.organization_id);
            let role = member.role.parse().expect("a code");
            let subject = Subject::new(OrganizationId(id(organization)), UserId(id(user)), role);
            let (schema, seen) = (E::schema(), HashMap::new());
            let (engine, world, things) = (&mut engine, &world, &things[..]);
            let mut asks = Asks { engine, schema, world, things, user, organization, seen };
            asks.within(&subject, &subject.own_organization());
            let rows = asks.rows(&subject, WorkspaceId);
            rows.iter().for_each(|row| asks.within(&subject, row));
            let rows = asks.rows(&subject, ProjectId);
            rows.iter().for_each(|row| asks.within(&subject, row));
            let rows = asks.rows(&subject, TaskId);
            rows.iter().for_each(|row| asks.within(&subject, row));
            let rows = asks.rows(&subject, RecordId);
            for action in Action::ALL {
                let may = rows.iter().filter(|row| subject.can(action, *row)).map(|row| row.id().0);
                let mut may: Vec<_> = may.collect();
                may.sort();
                let here = (Kind::Organization, id(organization));
                assert_eq!(may, asks.expected(action, Kind::Record, here), "{action}");
            }
            let projects = asks.rows(&subject, ProjectId);
            projects.iter().for_each(|row| asks.people(&subject, row));
            lists += asks.seen.len();
        }
    }
    assert!(lists > 1000, "{lists} lists");
}

#[test]
fn sqlite() {
    lists_are_the_rule(Sqlite::create());
}

#[test]
#[ignore = "needs PostgreSQL"]
fn postgres() {
    lists_are_the_rule(Postgres::create());
}
