//! Worlds arrive in the engines as they are, whatever their ids look like.

use labelgate_sql_tests::schema::{self, TABLES};
use labelgate_sql_tests::tables::ENDS;
use labelgate_sql_tests::{Engine, Ids, Postgres, Sqlite, Value, World, load};

/// Worlds, in each way to keep ids, one after the other in a database.
fn every<E: Engine>(create: fn() -> E, mut check: impl FnMut(&mut E, &World, Ids)) {
    let mut engine = create();
    for seed in 0..3 {
        let world = World::generate(seed);
        for ids in Ids::ALL.into_iter().chain([Ids::UUID]) {
            load(&mut engine, &world, ids);
            check(&mut engine, &world, ids);
        }
    }
}

/// All rows of all tables come back, and as many as there are.
fn rows_come_back<E: Engine>(create: fn() -> E) {
    every(create, |engine, world, ids| {
        for table in &TABLES {
            let count = engine.column(&format!("SELECT count(*) FROM {}", table.name), &[]);
            let mut expected = schema::rows(world, table.name, ids);
            assert_eq!(count, [Value::Integer(expected.len() as i64)], "{}", table.name);

            let mut rows = engine.rows(&format!("SELECT * FROM {}", table.name), &[]);
            for value in rows.iter_mut().chain(&mut expected).flatten() {
                if let Value::Bool(is_so) = *value {
                    *value = Value::Integer(is_so.into()); // as SQLite has it
                }
            }
            rows.sort();
            expected.sort();
            assert_eq!(rows, expected, "{}", table.name);
        }
    });
}

/// The projects that each user is a member of, in the order of their ids.
fn projects_of_each_user<E: Engine>(create: fn() -> E) {
    every(create, |engine, world, ids| {
        let sql = format!(
            "SELECT p.id FROM projects p JOIN project_members m ON m.project_id = p.id \
             WHERE m.user_id = {} ORDER BY p.id",
            engine.dialect().placeholder(1)
        );
        for &user in &world.users {
            let rows = world.project_members.iter().filter(|row| row.user_id == user);
            let mut expected: Vec<_> = rows.map(|row| ids.other(row.project_id)).collect();
            expected.sort();
            assert_eq!(engine.column(&sql, &[ids.user(user)]), expected, "user {user}");
        }
    });
}

/// Ids at the ends are bound as they are.
fn ends_are_found<E: Engine>(create: fn() -> E) {
    every(create, |engine, _, ids| {
        let place = engine.dialect().placeholder(1);
        for end in ENDS {
            let sql = format!("SELECT id FROM tasks WHERE id = {place}");
            assert_eq!(engine.column(&sql, &[ids.other(end)]), [ids.other(end)]);
        }
    });
}

mod sqlite {
    use super::*;

    #[test]
    fn rows_come_back() {
        super::rows_come_back(Sqlite::create);
    }

    #[test]
    fn projects_of_each_user() {
        super::projects_of_each_user(Sqlite::create);
    }

    #[test]
    fn ends_are_found() {
        super::ends_are_found(Sqlite::create);
    }
}

mod postgres {
    use super::*;

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn rows_come_back() {
        super::rows_come_back(Postgres::create);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn projects_of_each_user() {
        super::projects_of_each_user(Postgres::create);
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn ends_are_found() {
        super::ends_are_found(Postgres::create);
    }

    /// Bits that are summed up come back as an integer of four bytes, and one can be bound.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn small_integers_are_values() {
        let mut engine = Postgres::create();
        let sql = "SELECT CASE WHEN $1 THEN 512 ELSE 0 END + $2::int4, NULL::int8, $3::int8";
        let binds = [Value::Bool(true), Value::Integer(1), Value::Null];
        let row = [Value::Integer(513), Value::Null, Value::Null];
        assert_eq!(engine.rows(sql, &binds), [row]);
    }

    /// The server has no address, and its files are in the folder of its socket.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn it_listens_in_its_folder_alone() {
        let mut engine = Postgres::create();
        let mut setting = |name: &str| match &engine.column(&format!("SHOW {name}"), &[])[..] {
            [Value::Text(text)] => text.clone(),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(setting("listen_addresses"), "");
        assert_eq!(setting("fsync"), "off");
        let folder = setting("unix_socket_directories");
        assert_eq!(setting("data_directory"), format!("{folder}/data"));
    }
}
