//! What goes wrong around policies: settings that are missing or stale, views, owners, names.

use std::collections::BTreeSet;

use labelgate::sql::{IdTypes, NotEnforced};
use labelgate::{Matrix, OrganizationId, Role, Subject, UserId};
use labelgate_sql_tests::schema::{self, TABLES};
use labelgate_sql_tests::{Engine, Ids, Postgres, Value};
use sea_query::PostgresQueryBuilder;

use labelgate_sql_tests::security::service::{
    self, SECURED, SERVICE, Secured, Service, enforced, role, secure, setting,
};

#[test]
#[ignore = "needs PostgreSQL"]
fn nothing_without_settings() {
    for ids in [Ids::INTEGER, Ids::TEXT, Ids::UUID] {
        let mut secured = Secured::new(ids);
        secured.is_shut();
        let asks = secured.someone("MA");
        let all = [
            ("organization", setting(ids.others, asks.organization)),
            ("user", setting(ids.users, asks.user)),
            ("role", "OW".to_owned()),
        ];
        let set = |service: &mut Service, name: &str, value: &str| {
            let value = value.replace('\'', "''");
            service.run(&format!("SELECT set_config('labelgate.{name}', '{value}', false)"));
        };
        // All three are needed, and an empty one is none.
        for (missing, _) in &all {
            secured.service.run("DISCARD ALL");
            secured.service.prepared.clear();
            for (name, value) in all.iter().filter(|(name, _)| name != missing) {
                set(&mut secured.service, name, value);
            }
            secured.is_shut();
            set(&mut secured.service, missing, "");
            secured.is_shut();
        }
        let (last, value) = &all[2];
        for role in ["NO", "DI", "ow", "OW ", "XX", "OW,AD"] {
            set(&mut secured.service, last, role);
            secured.is_shut();
        }
        set(&mut secured.service, last, value);
        assert!(secured.service.counts()[2] > 0, "projects");
    }
}

/// They end with the transaction, however it ends: the next one on a pooled connection sees nothing
/// until it says who asks.
#[test]
#[ignore = "needs PostgreSQL"]
fn settings_end_with_the_transaction() {
    let mut secured = Secured::new(Ids::INTEGER);
    let (manager, annotator) = (secured.someone("MA"), secured.someone("AN"));
    for end in ["COMMIT", "ROLLBACK"] {
        secured.begin(&manager);
        let all = secured.service.counts();
        assert!(all[2] > 0);
        secured.service.run(end);
        secured.is_shut();
        secured.service.run("BEGIN");
        assert_eq!(secured.service.counts(), [0; 5]);
        secured.service.run("COMMIT");

        secured.begin(&annotator);
        assert_ne!(secured.service.counts(), all);
        secured.service.run(end);
    }
}

/// Nothing in a setting is SQL, and an id that is none is an error.
#[test]
#[ignore = "needs PostgreSQL"]
fn settings_are_values() {
    let mut secured = Secured::new(Ids::INTEGER);
    for (name, value) in [("organization", "1 OR TRUE"), ("user", "1"), ("role", "OW")] {
        let sql = format!("SELECT set_config('labelgate.{name}', '{value}', false)");
        secured.service.run(&sql);
    }
    assert!(secured.service.try_rows("SELECT id FROM projects", &[]).is_err());
}

/// A view reads as its owner, unless it is one of the invoker. Nobody copies into a table.
#[test]
#[ignore = "needs PostgreSQL"]
fn views_and_copies() {
    let mut secured = Secured::new(Ids::INTEGER);
    for table in SECURED {
        secured.engine.run(&format!(
            "CREATE VIEW owned_{table} AS SELECT * FROM {table}; \
             CREATE VIEW invoked_{table} WITH (security_invoker) AS SELECT * FROM {table}; \
             GRANT SELECT ON owned_{table}, invoked_{table} TO {SERVICE}"
        ));
    }
    for role in ["AN", "MA", "OW"] {
        let asks = secured.someone(role);
        secured.begin(&asks);
        for table in SECURED {
            let mut ids = |from: &str| secured.service.column(&format!("SELECT id FROM {from}"));
            let seen = ids(table);
            assert_eq!(ids(&format!("invoked_{table}")), seen);
            let all = schema::rows(&secured.world, table, Ids::INTEGER).len();
            assert_eq!(ids(&format!("owned_{table}")).len(), all, "the owner is a superuser");
            assert_eq!(secured.service.copied(&format!("(SELECT id FROM {table})")), seen.len());
            secured.service.run("SAVEPOINT here");
            let copy = secured.service.client.batch_execute(&format!("COPY {table} FROM STDIN"));
            assert!(copy.expect_err("refused").to_string().contains("db error"));
            secured.service.run("ROLLBACK TO SAVEPOINT here");
        }
        secured.service.run("ROLLBACK");
    }
}

#[test]
#[ignore = "needs PostgreSQL"]
fn connections_that_are_under_no_policy() {
    let mut secured = Secured::new(Ids::INTEGER);
    role(&mut secured.engine, "labelgate_bypasses", "LOGIN BYPASSRLS");
    role(&mut secured.engine, "labelgate_may_bypass", "LOGIN NOINHERIT IN ROLE labelgate_bypasses");
    role(&mut secured.engine, "labelgate_owns", "LOGIN");
    role(&mut secured.engine, "labelgate_inherits", "LOGIN IN ROLE labelgate_owns");
    role(&mut secured.engine, "labelgate_may_own", "LOGIN NOINHERIT IN ROLE labelgate_owns");
    let ask = |secured: &Secured, role: &str| {
        enforced(&mut secured.engine.connect(role), &secured.security).map(drop)
    };
    assert_eq!(ask(&secured, "postgres"), Err(NotEnforced::Superuser));
    for role in ["labelgate_bypasses", "labelgate_may_bypass"] {
        assert_eq!(ask(&secured, role), Err(NotEnforced::BypassesRowSecurity));
    }
    assert_eq!(ask(&secured, SERVICE), Ok(()));
    for table in SECURED {
        secured.engine.run(&format!("ALTER TABLE {table} OWNER TO labelgate_owns"));
    }
    let owners = ["labelgate_owns", "labelgate_inherits", "labelgate_may_own"];
    for role in owners {
        assert_eq!(ask(&secured, role), Err(NotEnforced::Owner), "{role}");
    }
    let mut owner = secured.engine.connect("labelgate_owns");
    assert_ne!(owner.query("SELECT FROM projects", &[]).expect("rows").len(), 0);
    assert_eq!(ask(&secured, SERVICE), Ok(()));
    secured.engine.run("ALTER TABLE tasks DISABLE ROW LEVEL SECURITY");
    assert_eq!(ask(&secured, SERVICE), Err(NotEnforced::Disabled));
}

/// Where the service owns its tables, the policies are forced.
#[test]
#[ignore = "needs PostgreSQL"]
fn policies_are_forced_upon_the_owner() {
    let mut secured = Secured::new(Ids::INTEGER);
    role(&mut secured.engine, "labelgate_is_owner", "LOGIN");
    // What is seen by somebody who owns nothing.
    let mut seen = Vec::new();
    for role in ["AN", "RE", "MA", "OW"] {
        let asks = secured.someone(role);
        secured.begin(&asks);
        seen.push((asks, secured.service.counts()));
        secured.service.run("ROLLBACK");
    }
    for statement in secured.security.remove() {
        secured.engine.run(&statement);
    }
    for table in TABLES {
        secured.engine.run(&format!("ALTER TABLE {} OWNER TO labelgate_is_owner", table.name));
    }
    secured.engine.run(
        "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO labelgate_is_owner', current_database());
         END $$",
    );
    let security = secured.security.clone().forced();
    secured.service.client = secured.engine.connect("labelgate_is_owner");
    secured.service.prepared.clear();
    security.create().iter().for_each(|statement| secured.service.run(statement));
    let answer = |service: &mut Service| enforced(&mut service.client, &security).map(drop);
    assert_eq!(answer(&mut secured.service), Err(NotEnforced::TablePrivilege));
    secured.service.run(&format!(
        "REVOKE TRUNCATE, REFERENCES, TRIGGER ON {} FROM labelgate_is_owner",
        SECURED.join(", "),
    ));
    assert_eq!(answer(&mut secured.service), Ok(()));
    for (asks, counts) in seen {
        secured.begin(&asks);
        assert_eq!(secured.service.counts(), counts, "{}", asks.role);
        secured.service.run("ROLLBACK");
    }
    secured.is_shut();
    secured.service.run("ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY");
    assert_eq!(answer(&mut secured.service), Err(NotEnforced::Owner));
}

/// The migration back leaves nothing, and takes the policies of 0.2 with it.
#[test]
#[ignore = "needs PostgreSQL"]
fn what_is_removed() {
    let mut secured = Secured::new(Ids::INTEGER);
    let old = "CREATE POLICY labelgate_update ON tasks FOR UPDATE USING (TRUE)";
    secured.engine.run(old);
    for _ in 0..2 {
        for statement in secured.security.remove() {
            secured.engine.run(&statement);
        }
        for left in [
            "pg_policies",
            "pg_trigger WHERE tgname ILIKE 'labelgate%'",
            "pg_namespace WHERE nspname = 'labelgate'",
            "pg_class WHERE relrowsecurity OR relforcerowsecurity",
        ] {
            let left = format!("SELECT count(*) FROM {left}");
            assert_eq!(secured.engine.column(&left, &[]), [Value::Integer(0)], "{left}");
        }
        assert_eq!(secured.service.counts()[2], secured.world.projects.len());
    }
    let answer = enforced(&mut secured.service.client, &secured.security).map(drop);
    assert_eq!(answer, Err(NotEnforced::Disabled));
    // What reads them is not dropped with them.
    secure(&mut secured.engine, &secured.security);
    secured.engine.run("CREATE VIEW reads AS SELECT id FROM labelgate.my_projects");
    let remove = secured.security.remove().join(";");
    assert!(secured.engine.client.batch_execute(&remove).is_err());
}

/// Names that have to be quoted, or are those that policies use, in schemas of their own; and ids that are uuids.
#[test]
#[ignore = "needs PostgreSQL"]
fn names_and_uuids() {
    let mut engine = Postgres::create();
    let mut service = Service::connect(&mut engine);
    engine.run(
        &schema::ddl(labelgate_sql_tests::Dialect::Postgres, Ids::INTEGER)
            .replace("BIGINT", "UUID"),
    );
    engine.run("CREATE SCHEMA \"it's\"; ALTER TABLE projects SET SCHEMA \"it's\"");
    engine.run("ALTER TABLE \"it's\".projects RENAME TO \"a\"\"b\\\"");
    engine.run("ALTER TABLE \"it's\".\"a\"\"b\\\" RENAME created_by TO \"select\"");
    engine.run("ALTER TABLE tasks RENAME TO my; ALTER TABLE my RENAME project_id TO \"in it's\"");
    engine.run(
        "ALTER TABLE annotations RENAME TO work; ALTER TABLE work RENAME completed_by TO role",
    );
    engine.run("ALTER TABLE workspaces RENAME TO my_");
    let mut schema = service::schema();
    schema.projects.table = ("it's", "a\"b\\").into();
    schema.projects.created_by = "select".into();
    schema.workspaces.table = "my_".into();
    schema.tasks.table = "my".into();
    schema.tasks.project_id = "in it's".into();
    schema.records.table = "work".into();
    schema.records.completed_by = "role".into();
    let security = schema.row_security(&Matrix::BUILT_IN, IdTypes::UUID).expect("policies");
    secure(&mut engine, &security);
    engine.run(&format!(
        "GRANT USAGE ON SCHEMA \"it's\" TO {SERVICE}; GRANT SELECT, UPDATE ON \"it's\".\"a\"\"b\\\" TO {SERVICE}"
    ));
    let id = |n: u8| format!("00000000-0000-0000-0000-00000000000{n}");
    engine.run(&format!(
        "INSERT INTO \"it's\".\"a\"\"b\\\" VALUES ('{0}', '{0}', NULL, '{1}', FALSE), \
         ('{1}', '{1}', NULL, '{1}', FALSE); INSERT INTO my VALUES ('{0}', '{0}'), ('{1}', '{1}'); \
         INSERT INTO work VALUES ('{0}', '{0}', NULL, '{0}'), ('{1}', '{1}', NULL, '{0}'); \
         INSERT INTO project_members VALUES ('{0}', '{1}')",
        id(1),
        id(2),
    ));
    assert!(enforced(&mut service.client, &security).is_ok());

    for role in [Role::Annotator, Role::Manager] {
        let subject = Subject::new(OrganizationId(id(1)), UserId(id(2)), role);
        let settings = security.settings(&subject).to_string(PostgresQueryBuilder);
        service.run(&format!("BEGIN; {settings}"));
        for table in ["\"it's\".\"a\"\"b\\\"", "my", "work"] {
            let ids = service.column(&format!("SELECT id::text FROM {table}"));
            assert_eq!(ids, BTreeSet::from([Value::Text(id(1))]), "{table}");
        }
        service.run("ROLLBACK");
    }
    for statement in security.remove() {
        engine.run(&statement);
    }
}
