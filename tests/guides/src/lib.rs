//! The programs of the guides: see `build.rs`. `cargo test -p labelgate-guides` compiles them and runs the
//! tests that stand in them.

#![cfg(test)]

use sqlx::postgres::PgConnectOptions;

/// Runs the test with a PostgreSQL of its own, as its superuser.
fn in_postgres(test: impl AsyncFnOnce(PgConnectOptions)) {
    let database = labelgate_sql_tests::Postgres::create();
    let place = "SELECT current_setting('unix_socket_directories'), current_database()::text";
    let place = database.connect("postgres").query_one(place, &[]).unwrap();
    let options = PgConnectOptions::new_without_pgpass().username("postgres");
    let options = options.socket(place.get::<_, String>(0)).database(place.get(1));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(test(options));
}

/// *Other engines*.
mod engines {
    include!(concat!(env!("OUT_DIR"), "/engines.rs"));
}

/// *Guard a handler*.
mod handler {
    include!(concat!(env!("OUT_DIR"), "/handler.rs"));

    /// A size is bounded without naming `Ord`.
    const _: fn(u32) -> u32 = |size| size.min(200);

    // A program's `main` is called by nobody here.
    const _: fn() = main;

    const PAGE: &str = include_str!("../../../src/guide/handler.md");

    /// The cells of the table in *Your tables*, without their quotes: field, table, columns, facts.
    fn documented() -> Vec<(String, String, Vec<String>, Vec<String>)> {
        let (_, lines) = PAGE.split_once("\n| Field of `Schema` |").unwrap();
        let (lines, _) = lines.split_once("\n\n").unwrap();
        let names = |cell: &str| -> Vec<String> {
            let names = cell.replace(['`', '?', ')'], "");
            names
                .split(',')
                .map(|name| name.trim().to_owned())
                .filter(|it| !it.is_empty())
                .collect()
        };
        let line = |line: &str| {
            let [_, field, table, facts, ..] = line.split('|').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            let (table, columns) = table.split_once(" (").unwrap();
            let name = |cell: &str| names(cell).remove(0);
            (name(field), name(table), names(columns), names(facts))
        };
        lines.lines().skip(2).map(line).collect()
    }

    /// *Your tables* has each table and column of `Schema`, by its default name, and each fact where it is read.
    #[test]
    fn your_tables_are_those_of_the_schema() {
        // A field of `Schema` that is a table displays as `field: Table {`, and its columns as `column: name`.
        let debug = format!("{:?}", Schema::sqlite());
        let quoted = |text: &str| -> Vec<String> {
            text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let parts: Vec<&str> = debug.split(": TableName(").collect();
        let found = parts.windows(2).map(|pair| {
            let field = pair[0].rsplit_once(": ").unwrap().0.rsplit_once(", ").unwrap().1;
            let mut names = quoted(pair[1].split(" }").next().unwrap());
            names.retain(|name| !["AN", "RE"].contains(&name.as_str())); // values of `role`
            let table = names.remove(0);
            (field.to_owned(), table, names)
        });
        let documented = documented();
        let named = documented
            .iter()
            .map(|(field, table, columns, _)| (field.clone(), table.clone(), columns.clone()));
        assert_eq!(found.collect::<Vec<_>>(), named.collect::<Vec<_>>());

        let mia = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
        let mut facts: Vec<Fact> = Vec::new();
        for (_, table, _, names) in documented {
            for name in names {
                let fact = Fact::ALL.into_iter().find(|fact| format!("{fact:?}") == name).unwrap();
                let reads = |schema: &Schema| {
                    let kinds = [Kind::Workspace, Kind::Project, Kind::Task, Kind::Record];
                    let sql = kinds.map(|kind| {
                        let facts = schema.facts(&mia, kind);
                        Query::select().expr(facts).to_string(SqliteQueryBuilder)
                    });
                    sql.concat().matches(&format!("\"{table}\".")).count()
                };
                let all = Schema::sqlite();
                let without = all.clone().without([fact]);
                assert!(reads(&without) < reads(&all), "{table}: {name}");
                facts.push(fact);
            }
        }
        facts.sort_by_key(|fact| fact.bit());
        assert_eq!(facts, Fact::ALL);
    }

    #[test]
    fn borrowed_ids_are_compared() {
        let caller = |user: &str| {
            let (acme, user) = ("acme".to_owned(), UserId(user.to_owned()));
            Subject::new(OrganizationId(acme), user, Role::Manager)
        };
        let facts = Fact::ProjectCreator.bit().into();
        assert!(may_export(&caller("mia"), "cats", "acme", facts).unwrap());
        assert!(!may_export(&caller("mia"), "cats", "acme", 0).unwrap());
        assert!(!may_export(&caller("mia"), "cats", "other", facts).unwrap());
        assert!(may_export(&caller("mia"), "cats", "acme", -1).is_err());
    }
}

/// The program that README begins with.
mod readme {
    include!(concat!(env!("OUT_DIR"), "/readme.rs"));
}

/// *List what somebody may see*.
mod lists {
    include!(concat!(env!("OUT_DIR"), "/lists.rs"));

    /// A size is bounded without naming `Ord`.
    const _: fn(u32) -> u32 = |size| size.min(200);

    /// A listing does not know the schema: without the facts of a list, it is permitted and empty.
    #[test]
    fn a_list_of_facts_that_are_left_out_is_empty() {
        use labelgate::{Fact, Facts};

        let ann = caller(7, Role::Annotator);
        let facts = [Fact::ProjectMember, Fact::ActsAsAnnotator, Fact::OwnDataPermitted];
        let facts: Facts = facts.into_iter().chain([Fact::ProjectAssignee]).collect();
        let project = ann.row(ProjectId(100), OrganizationId(1), facts).unwrap();
        assert!(ann.actions_in(project).has(Action::ViewProjectData));
        let listing = ann.authorize_list_in(act::ViewProjectData, project).unwrap();
        let is_empty = |schema: Schema| {
            let mut query = Query::select().column(("tasks", "id")).from("tasks").to_owned();
            schema.paginate(&mut query, &listing, &Page::of(50));
            query.to_string(SqliteQueryBuilder).contains("WHERE FALSE")
        };
        assert!(!is_empty(Schema::sqlite()));
        assert!(is_empty(Schema::sqlite().without([Fact::ProjectAssignee, Fact::Assignee])));
    }

    /// Its part about row-level security, in a real database.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn policies_hold_where_a_check_is_forgotten() {
        crate::in_postgres(async |options| policies_hold(options).await.unwrap());
    }

    const PAGE: &str = include_str!("../../../src/guide/lists.md");

    /// Tables without policies that a transaction reads before its settings are made, as *Customize the matrix* says.
    const WHO_ASKS: &str = "
        CREATE TABLE organization_members (organization_id BIGINT, user_id BIGINT, role TEXT NOT NULL,
            PRIMARY KEY (organization_id, user_id));
        CREATE TABLE organization_settings (organization_id BIGINT PRIMARY KEY, overrides TEXT NOT NULL);
        INSERT INTO organization_members VALUES (1, 7, 'AN'), (1, 8, 'MA');
        INSERT INTO organization_settings VALUES (1, '[]');
    ";

    async fn policies_hold(options: sqlx::postgres::PgConnectOptions) -> Result<(), Error> {
        use labelgate::overrides::Overrides;

        let owner = PgPool::connect_with(options.clone()).await?;
        sqlx::raw_sql(TABLES).execute(&owner).await?;
        sqlx::raw_sql(WHO_ASKS).execute(&owner).await?;
        let (roles, _) = PAGE.split_once("```sql\n").unwrap().1.split_once("```").unwrap();
        sqlx::raw_sql(roles).execute(&owner).await?;
        sqlx::raw_sql("GRANT UPDATE ON organizations TO service").execute(&owner).await?;

        let security = security(&[])?;
        let service = PgPool::connect_with(options.clone().username("service")).await?;
        let jobs = PgPool::connect_with(options.username("jobs")).await?;
        assert!(check(&service, &security).await.is_err(), "before the migration");
        migrate(&owner, &security).await?;
        assert!(check(&owner, &security).await.is_err(), "a superuser is under no policy");
        assert!(check(&jobs, &security).await.is_err(), "nor is the role of jobs");
        check(&service, &security).await?;

        let (ann, max) = (caller(7, Role::Annotator), caller(8, Role::Manager));
        assert_eq!(forgot(&service, &security, &ann).await?, [100]);
        assert_eq!(forgot(&service, &security, &max).await?, [100, 101]);
        assert_eq!(forgot(&service, &security, &caller(8, Role::Deactivated)).await?, [0; 0]);
        assert_eq!(forgot_too(&service, &security, &ann).await?, 0);
        assert_eq!(forgot_too(&service, &security, &max).await?, 1);
        who_asks_is_read_first(&service).await?;
        only_jobs_change_memberships(&service, &jobs, &security, &max).await?;

        // The widest matrix lets an annotator of the project change and delete its row.
        let widest = crate::lists::security(&[Overrides::widest().matrix()])?;
        migrate(&owner, &widest).await?;
        assert_eq!(forgot_too(&service, &widest, &ann).await?, 1);
        let mut transaction = begin(&service, &widest, &ann).await?;
        let sql = "DELETE FROM projects WHERE id = 100";
        assert_eq!(sqlx::query(sql).execute(&mut *transaction).await?.rows_affected(), 1);
        transaction.rollback().await?;
        check(&service, &widest).await.map(drop)
    }

    /// Before the settings are made, `organizations` is empty, and the tables without policies are not.
    async fn who_asks_is_read_first(service: &PgPool) -> Result<(), Error> {
        const MATRIX: &str = include_str!("../../../src/guide/matrix.md");

        let (select, _) = MATRIX.split_once("```sql\n").unwrap().1.split_once("```").unwrap();
        let query = sqlx::query_as::<_, (String, String)>(select).bind(1_i64).bind(7_i64);
        let found = query.fetch_all(service).await?;
        assert_eq!(found, [("AN".to_owned(), "[]".to_owned())]);
        let all = "SELECT id FROM organizations";
        assert!(sqlx::query_scalar::<_, i64>(all).fetch_all(service).await?.is_empty());
        Ok(())
    }

    /// A manager who created all projects is removed, as *Members and invitations* says.
    async fn only_jobs_change_memberships(
        service: &PgPool,
        jobs: &PgPool,
        security: &RowSecurity,
        max: &Caller,
    ) -> Result<(), Error> {
        use labelgate::membership::{Member, MembershipPolicy, RoleSource};
        use sea_query_sqlx::SqlxValues;

        for sql in [
            "UPDATE organization_members SET role = 'OW' WHERE user_id = 8",
            "INSERT INTO project_roles VALUES (100, 7, 'RE')",
            "UPDATE organizations SET id = id", // its policy refuses
            "SET LOCAL ROLE jobs",
        ] {
            let mut transaction = begin(service, security, max).await?;
            assert!(sqlx::raw_sql(sql).execute(&mut *transaction).await.is_err(), "{sql}");
        }

        let (organization, user) = (OrganizationId(1), UserId(8));
        let member = Member { organization, user, role: Role::Manager, source: RoleSource::Manual };
        let removal =
            MembershipPolicy::new(organization).remove(&caller(6, Role::Owner), &member)?;
        for (pool, can) in [(service, false), (jobs, true)] {
            let mut transaction = pool.begin().await?;
            let mut done = Ok(());
            for (sql, values) in secured().cleanup(None, None)?.statements(&removal) {
                let statement = sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values));
                done = done.and(statement.execute(&mut *transaction).await.map(drop));
            }
            assert_eq!(done.is_ok(), can);
            let theirs =
                "SELECT COUNT(*) FROM projects WHERE organization_id = 1 AND created_by = 8";
            if can {
                let left =
                    sqlx::query_scalar::<_, i64>(theirs).fetch_one(&mut *transaction).await?;
                assert_eq!(left, 0);
            }
        }
        Ok(())
    }

    /// Ids that are UUIDs, as *Guard a handler* says: in both databases, by sea-query and the crate that binds.
    mod uuids {
        use sea_query::{ExprTrait, Order};
        use uuid::Uuid;

        use super::*;

        /// UUIDs in ascending order.
        const fn id(number: u128) -> Uuid {
            Uuid::from_u128(number << 64 | number)
        }

        macro_rules! who_exports_and_lists {
            ($pool:expr, $schema:expr, $builder:expr, $Uuid:literal) => {{
                let (pool, schema): (_, Schema) = ($pool, $schema);
                let (tables, _) = TABLES.split_once("INSERT").unwrap();
                let tables = tables.replace("BIGINT", $Uuid);
                sqlx::raw_sql(AssertSqlSafe(tables)).execute(&pool).await.unwrap();
                for (project, creator) in [(100, 7), (101, 8), (102, 7)] {
                    let sql = "INSERT INTO projects VALUES ($1, $2, NULL, $3, FALSE, 'Cats')";
                    let query = sqlx::query(sql).bind(id(project)).bind(id(1)).bind(id(creator));
                    query.execute(&pool).await.unwrap();
                }
                let mia = Subject::new(OrganizationId(id(1)), UserId(id(7)), Role::Manager);

                for (project, may) in [(100, true), (101, false), (102, true)] {
                    let (sql, values) = Query::select()
                        .expr(schema.organization(Kind::Project))
                        .expr(schema.facts(&mia, Kind::Project))
                        .from("projects")
                        .and_where(Expr::col(("projects", "id")).eq(id(project)))
                        .build_sqlx($builder);
                    let (organization, facts): (Uuid, i64) =
                        sqlx::query_as_with(AssertSqlSafe(sql), values)
                            .fetch_one(&pool)
                            .await
                            .unwrap();
                    let row: Row<ProjectId<Uuid>> = mia
                        .row(ProjectId(id(project)), OrganizationId(organization), facts)
                        .unwrap();
                    assert_eq!(mia.can(Action::ExportData, row), may, "{project}");
                }

                let listing = mia.authorize_list(act::ExportData).unwrap();
                for (page, ids) in [
                    (Page::of(1), vec![id(100)]),
                    (Page::of(50).after(id(100)), vec![id(102)]),
                    (Page::of(50), vec![id(100), id(102)]),
                ] {
                    let (sql, values) = Query::select()
                        .column(("projects", "id"))
                        .from("projects")
                        .and_where(schema.page(&listing, &page))
                        .order_by(("projects", "id"), Order::Asc)
                        .limit(page.size().into())
                        .build_sqlx($builder);
                    let query = sqlx::query_scalar_with(AssertSqlSafe(sql), values);
                    let listed: Vec<Uuid> = query.fetch_all(&pool).await.unwrap();
                    assert_eq!(listed, ids);
                }
            }};
        }

        #[tokio::test]
        async fn in_sqlite() {
            let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
            let pool = pool.connect("sqlite::memory:").await.unwrap();
            who_exports_and_lists!(pool, Schema::sqlite(), SqliteQueryBuilder, "BLOB");
        }

        #[test]
        #[ignore = "needs PostgreSQL"]
        fn in_postgresql() {
            crate::in_postgres(async |options| {
                let pool = sqlx::PgPool::connect_with(options).await.unwrap();
                who_exports_and_lists!(pool, Schema::postgres(), PostgresQueryBuilder, "UUID");
            });
        }
    }
}

/// *Sort, number, search*.
mod sort {
    include!(concat!(env!("OUT_DIR"), "/sort.rs"));

    /// A size is bounded without naming `Ord`.
    const _: fn(u32) -> u32 = |size| size.min(200);

    /// In the order of the ids, the value of a cursor does not count. SQLite compares as the column is declared.
    #[tokio::test]
    async fn pages_by_id_and_without_case() {
        let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect("sqlite::memory:").await.unwrap();
        let tables = TABLES.replace("title TEXT NOT NULL", "title TEXT NOT NULL COLLATE NOCASE");
        assert_ne!(tables, TABLES);
        sqlx::raw_sql(AssertSqlSafe(tables)).execute(&pool).await.unwrap();
        let titles = "UPDATE projects SET title = CASE id WHEN 100 THEN 'bee' WHEN 101 THEN 'Ant' ELSE 'Cat' END";
        sqlx::raw_sql(titles).execute(&pool).await.unwrap();
        let schema = schema().with_order(Kind::Project, "title");
        for index in schema.indexes() {
            sqlx::raw_sql(AssertSqlSafe(index)).execute(&pool).await.unwrap();
        }
        let by_id = Page::of(2).by("id");
        let by_title = Page::of(2).by("title");
        for (asked, expected) in [
            (by_id.clone(), [100, 101]),
            (by_id.after(None::<i64>, 101), [102, 103]),
            (by_title.clone(), [101, 100]),
            (by_title.after("BEE", 100), [102, 103]),
        ] {
            let query = page(&schema, &listing(), &asked);
            assert_eq!(ids(&fetch(&pool, &query).await.unwrap()), expected);
        }
    }

    /// Its condition and its index for PostgreSQL.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn parts_of_titles_are_found_in_postgresql() {
        crate::in_postgres(async |options| in_postgresql(options).await.unwrap());
    }

    async fn in_postgresql(options: sqlx::postgres::PgConnectOptions) -> Result<(), Error> {
        use sea_query::PostgresQueryBuilder;

        const PAGE: &str = include_str!("../../../src/guide/sort.md");

        let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1); // for SET
        let pool = pool.connect_with(options).await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        let (indexes, _) = PAGE.split_once("```sql\n").unwrap().1.split_once("```").unwrap();
        sqlx::raw_sql(indexes).execute(&pool).await?;
        sqlx::raw_sql("SET enable_seqscan = off; ANALYZE").execute(&pool).await?;
        let mut schema = Schema::postgres().with_order(Kind::Project, "created_at");
        for search_limit in [500, 0] {
            schema.search_limit = search_limit;
            for (text, expected) in [
                ("", vec![103, 102, 101, 100]), // NULL is the greatest value
                ("%", vec![100]),
                ("50%", vec![100]),
                ("5_%", vec![]),
                ("CATS", vec![103, 102, 101, 100]),
                ("s, \"", vec![]),
                ("'; DROP TABLE projects", vec![]),
                ("does not see", vec![]),
                ("elsewhere", vec![]),
            ] {
                let search = titled_in_postgres(newest(50, None), text);
                let query = page(&schema, &listing(), &search);
                let (sql, values) = query.build_sqlx(PostgresQueryBuilder);
                let plan = format!("EXPLAIN {sql}");
                let found: Vec<Project> = sqlx::query_as_with(AssertSqlSafe(sql), values.clone())
                    .fetch_all(&pool)
                    .await?;
                assert_eq!(ids(&found), expected, "{text}");
                let plan: Vec<String> =
                    sqlx::query_scalar_with(AssertSqlSafe(plan), values).fetch_all(&pool).await?;
                let takes_index = plan.iter().any(|line| line.contains("on project_titles"));
                assert!(takes_index || text.chars().count() < 3, "{text}: {plan:#?}");
            }
        }
        Ok(())
    }
}

/// *Who may*.
mod people {
    include!(concat!(env!("OUT_DIR"), "/people.rs"));

    /// A members' table has roles by other words, as *Guard a handler* says, and the dialog names.
    #[tokio::test]
    async fn roles_have_other_words_and_people_have_names() {
        use sea_query::ExprTrait;

        let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect("sqlite::memory:").await.unwrap();
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        sqlx::raw_sql(
            "CREATE TABLE staff (organization_id BIGINT, user_id BIGINT, role TEXT NOT NULL,
                 role_code TEXT GENERATED ALWAYS AS
                     (CASE role WHEN 'lead' THEN 'MA' WHEN 'labeler' THEN 'AN' END) VIRTUAL,
                 PRIMARY KEY (organization_id, user_id));
             INSERT INTO staff VALUES (1, 7, 'lead'), (1, 8, 'lead'), (1, 11, 'labeler'), (1, 9, 'guest');",
        )
        .execute(&pool)
        .await
        .unwrap();
        let mut schema = Schema::sqlite();
        schema.organization_members.table = "staff".into();
        schema.organization_members.role = "role_code".into();
        for index in schema.indexes().into_iter().chain(schema.people_indexes()) {
            sqlx::raw_sql(AssertSqlSafe(index)).execute(&pool).await.unwrap();
        }
        let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
        let cats = project(&pool, &schema, &mia, 100).await.unwrap();
        let people = mia.authorize_people(act::ViewProject, cats).unwrap();
        let is_member = Expr::col(("staff", "user_id")).equals(("users", "id"));
        let (sql, values) = schema
            .people(&people, &Page::of(50))
            .column(("users", "name"))
            .inner_join("users", is_member)
            .build_sqlx(SqliteQueryBuilder);
        let rows: Vec<(i64, String, i64, String)> =
            sqlx::query_as_with(AssertSqlSafe(sql), values).fetch_all(&pool).await.unwrap();
        let names: Vec<&str> = rows.iter().map(|(.., name)| name.as_str()).collect();
        assert_eq!(names, ["Mia", "Max", "Ann"]); // Ann was added, and may view it
    }

    /// A size is bounded without naming `Ord`.
    const _: fn(u32) -> u32 = |size| size.min(200);
}

/// *Test your guards*: every handler asks.
mod testing {
    include!(concat!(env!("OUT_DIR"), "/testing.rs"));
}

/// *Customize the matrix*: what an edit would do.
mod matrix {
    include!(concat!(env!("OUT_DIR"), "/matrix.rs"));
}

/// *Members and invitations*.
mod members {
    include!(concat!(env!("OUT_DIR"), "/members.rs"));

    /// Rows that somebody else got before are theirs. A creator that cannot be NULL is an error.
    #[tokio::test]
    async fn a_successor_keeps_the_rows() -> Result<(), Error> {
        for (before, after, creator) in [
            ("SELECT 1", true, None),
            ("UPDATE projects SET created_by = 2 WHERE organization_id = 1", true, Some(2)),
            (
                "ALTER TABLE projects RENAME COLUMN created_by TO was; ALTER TABLE projects
                 ADD COLUMN created_by INTEGER NOT NULL DEFAULT 9",
                false,
                Some(9),
            ),
        ] {
            let pool = pool().await?;
            let mut database = pool.acquire().await?;
            sqlx::raw_sql(before).execute(&mut *database).await?;
            let owner = Subject::new(ACME, UserId(1), Role::Owner);
            let ann = member(&mut database, ACME, UserId(9)).await?;
            let removal = policy(ACME).remove(&owner, ann.as_ref())?;
            let done = remove(&mut database, &cleanup()?, removal).await;
            assert_eq!(done.is_ok(), after, "{before}");
            let sql = "SELECT created_by FROM projects WHERE id = 100";
            let found: Option<i64> = sqlx::query_scalar(sql).fetch_one(&mut *database).await?;
            assert_eq!(found, creator, "{before}");
        }
        Ok(())
    }
}

/// *Log decisions*.
mod log {
    include!(concat!(env!("OUT_DIR"), "/log.rs"));

    /// Its statements for PostgreSQL.
    #[test]
    #[ignore = "needs PostgreSQL"]
    fn entries_go_into_postgresql_and_come_back() {
        crate::in_postgres(async |options| in_postgresql(options).await.unwrap());
    }

    async fn in_postgresql(options: sqlx::postgres::PgConnectOptions) -> Result<(), Error> {
        use labelgate::{Role, UserId};

        const PAGE: &str = include_str!("../../../src/guide/log.md");

        let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1); // for SET ROLE
        let pool = pool.connect_with(options).await?;
        let (table, _) = PAGE.split_once("```sql\n").unwrap().1.split_once("```").unwrap();
        // Roles are those of the server, and the other test has a `service`.
        let table = table.replace("TO service", "TO logging");
        sqlx::raw_sql("CREATE ROLE logging").execute(&pool).await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(table)).execute(&pool).await?;

        let entries = std::cell::RefCell::new(Vec::new());
        let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
        let caller = subject.logged(|entry| {
            entries.borrow_mut().push(*entry);
            Ok::<_, Error>(())
        });
        let _ = caller.authorize_list(act::ViewProject)?;
        let missing: Option<Project> = None;
        let denied = caller.authorize(act::ChangeProject, (ProjectId(999), missing));
        assert_eq!(status(&denied.map(drop)), 404);

        let sql = PAGE.split("```sql\n").nth(2).unwrap().split_once("```").unwrap().0;
        assert!(sql.starts_with("INSERT INTO decisions"));
        sqlx::raw_sql("SET ROLE logging").execute(&pool).await?;
        let entries = entries.into_inner();
        let json = serde_json::to_string(&entries)?;
        sqlx::query(sql).bind(json).execute(&pool).await?;
        assert!(sqlx::query("DELETE FROM decisions").execute(&pool).await.is_err());

        sqlx::raw_sql("RESET ROLE").execute(&pool).await?;
        let forget = r#"jsonb_set(entry, '{user}', '"erased"')"#;
        assert!(PAGE.contains(&format!("`{forget}`")));
        for (update, user) in [(None, "7"), (Some(forget), "erased")] {
            if let Some(forget) = update {
                let sql = format!("UPDATE decisions SET entry = {forget}");
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await?;
            }
            let sql = "SELECT entry::text FROM decisions ORDER BY id";
            let read: Vec<String> = sqlx::query_scalar(sql).fetch_all(&pool).await?;
            let read: Vec<LogEntry> =
                read.iter().map(|entry| serde_json::from_str(entry)).collect::<Result<_, _>>()?;
            assert_eq!(read.len(), 2);
            for (read, written) in read.iter().zip(&entries) {
                assert_eq!(read.user.as_str(), user);
                assert_eq!(read.decision, written.decision);
                assert!(read.agrees_with(&Matrix::BUILT_IN));
            }
        }
        Ok(())
    }
}
