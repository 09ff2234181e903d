//! The programs of the guides: see `build.rs`. `cargo test -p labelgate-guides` compiles them and runs the
//! tests that stand in them.

#![cfg(test)]

/// *Guard a handler*, and README's example, which is one more handler and one list of the same service.
mod handler {
    include!(concat!(env!("OUT_DIR"), "/handler.rs"));

    // A program's `main` is called by nobody here.
    const _: fn() = main;

    mod readme {
        use axum::body::Body;
        use axum::http::Request;
        use labelgate::Action;
        use labelgate::sql::Page;
        use tower::ServiceExt;

        use super::*;

        include!(concat!(env!("OUT_DIR"), "/readme.rs"));

        #[tokio::test]
        async fn who_may_export_and_list() {
            let app = axum::Router::new()
                .route("/projects", get(projects))
                .route("/projects/{id}/export", get(export))
                .with_state(store().await);
            for (token, path, status) in [
                ("mia", "/projects/100/export", StatusCode::OK),
                ("max", "/projects/100/export", StatusCode::FORBIDDEN),
                ("ann", "/projects/100/export", StatusCode::NOT_FOUND),
                ("ann", "/projects", StatusCode::OK),
            ] {
                let request = Request::get(path).header("Authorization", format!("Bearer {token}"));
                let request = request.body(Body::empty()).unwrap();
                assert_eq!(app.clone().oneshot(request).await.unwrap().status(), status, "{token}");
            }
        }
    }
}

/// *List what somebody may see*.
mod lists {
    include!(concat!(env!("OUT_DIR"), "/lists.rs"));

    /// Its part about row-level security, in a real database.
    #[test]
    #[ignore = "it starts a PostgreSQL: pass --include-ignored"]
    fn policies_hold_where_a_check_is_forgotten() -> Result<(), Error> {
        let database = labelgate_sql_tests::Postgres::create();
        let place = database.connect("postgres").query_one(
            "SELECT current_setting('unix_socket_directories'), current_database()::text",
            &[],
        )?;
        let options = sqlx::postgres::PgConnectOptions::new_without_pgpass();
        let options = options.socket(place.get::<_, String>(0)).database(place.get(1));
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(policies_hold(options))
    }

    async fn policies_hold(options: sqlx::postgres::PgConnectOptions) -> Result<(), Error> {
        let owner = PgPool::connect_with(options.clone().username("postgres")).await?;
        sqlx::raw_sql(TABLES).execute(&owner).await?;
        sqlx::raw_sql(
            "CREATE ROLE service LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO service",
        )
        .execute(&owner)
        .await?;

        let security = security(&Schema::postgres())?;
        let service = PgPool::connect_with(options.username("service")).await?;
        assert!(check(&service, &security).await.is_err(), "before the migration");
        migrate(&owner, &security).await?;
        assert!(check(&owner, &security).await.is_err(), "a superuser is under no policy");
        check(&service, &security).await?;

        assert_eq!(forgot(&service, &security, &caller(7, Role::Annotator)).await?, [100]);
        assert_eq!(forgot(&service, &security, &caller(8, Role::Manager)).await?, [100, 101]);
        assert_eq!(forgot(&service, &security, &caller(8, Role::Deactivated)).await?, [0; 0]);
        Ok(())
    }
}

/// *Members and invitations*.
mod members {
    include!(concat!(env!("OUT_DIR"), "/members.rs"));
}
