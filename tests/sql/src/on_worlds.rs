//! The tests of a check: with each way to keep ids, and with few tables, in both databases.

/// Makes the tests of a function that takes an engine, a way to keep ids, the tables that there are, and the number
/// of worlds that are tried. The numbers are those for each database.
#[macro_export]
macro_rules! on_worlds {
    ($check:ident in SQLite $all:literal, with few tables $few:literal,
     in PostgreSQL $all_too:literal, with few tables $few_too:literal) => {
        mod sqlite {
            use $crate::members::Has;
            use $crate::{Ids, Sqlite};

            #[test]
            fn with_integers() {
                super::$check(Sqlite::create(), Ids::INTEGER, Has::All, $all);
            }

            #[test]
            fn with_text() {
                super::$check(Sqlite::create(), Ids::TEXT, Has::All, $all);
            }

            #[test]
            fn with_users_of_text() {
                super::$check(Sqlite::create(), Ids::TEXT_USERS, Has::All, $all);
            }

            #[test]
            fn with_few_tables() {
                super::$check(Sqlite::create(), Ids::INTEGER, Has::Few, $few);
            }
        }

        mod postgres {
            use $crate::members::Has;
            use $crate::{Ids, Postgres};

            #[test]
            #[ignore = "needs PostgreSQL"]
            fn with_integers() {
                super::$check(Postgres::create(), Ids::INTEGER, Has::All, $all_too);
            }

            #[test]
            #[ignore = "needs PostgreSQL"]
            fn with_text() {
                super::$check(Postgres::create(), Ids::TEXT, Has::All, $all_too);
            }

            #[test]
            #[ignore = "needs PostgreSQL"]
            fn with_users_of_text() {
                super::$check(Postgres::create(), Ids::TEXT_USERS, Has::All, $all_too);
            }

            #[test]
            #[ignore = "needs PostgreSQL"]
            fn with_few_tables() {
                super::$check(Postgres::create(), Ids::INTEGER, Has::Few, $few_too);
            }
        }
    };
}
