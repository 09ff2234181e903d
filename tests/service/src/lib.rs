//! The example service, running on loopback with its seed, and what its database says.

mod gate;
mod secured;
mod state;

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use axum::middleware::from_fn_with_state;
pub use gate::Held;
use labelgate::Role;
use labelgate_service::database::Database;
use labelgate_service::seed::Login;
use labelgate_service::{App, router};
pub use labelgate_sql_tests::oracle;
use labelgate_sql_tests::{Postgres, World, tables};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement, Value};
pub use secured::Secured;
use serde_json::Value as Json;
pub use state::{Saved, State};
use tokio::net::TcpListener;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A test of the name on each database.
#[macro_export]
macro_rules! on_both {
    ($($test:ident)+) => {$(
        mod $test {
            #[test]
            fn sqlite() {
                $crate::run($crate::Engine::Sqlite, super::$test);
            }

            #[test]
            #[ignore = "needs PostgreSQL"]
            fn postgres() {
                $crate::run($crate::Engine::Postgres, super::$test);
            }
        }
    )+};
}

pub fn run(engine: Engine, test: impl AsyncFnOnce(&Service)) {
    // Started outside of the runtime, and dropped after it.
    let postgres = (engine == Engine::Postgres).then(Postgres::create);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let service = Service::start(postgres.as_ref().map(Postgres::url)).await;
        test(&service).await;
    });
    drop(runtime);
}

pub struct Service {
    pub app: App,
    /// The database as its owner, whom no policy holds.
    pub owner: DatabaseConnection,
    pub logins: Vec<Login>,
    client: Client,
    statements: Arc<Mutex<Vec<String>>>,
    held: gate::Slot,
}

/// How a request says who asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum By<'a> {
    Nobody,
    Token(&'a str),
    Session(&'a str),
    /// A service, by its credential.
    Service(&'a str),
}

impl<'a> By<'a> {
    /// Both ways in which somebody asks.
    pub fn both(login: &'a Login) -> [Self; 2] {
        [Self::Session(&login.cookie), Self::Token(&login.token)]
    }

    pub fn is_api(self) -> bool {
        matches!(self, Self::Token(_))
    }
}

impl Service {
    pub async fn start(postgres: Option<String>) -> Self {
        let url = postgres.as_deref().unwrap_or("sqlite::memory:");
        let (mut database, logins) = Database::open(url).await.expect("a database");
        let statements = Arc::<Mutex<Vec<String>>>::default();
        let log = statements.clone();
        database.pool.set_metric_callback(move |info| {
            log.lock().unwrap_or_else(PoisonError::into_inner).push(info.statement.sql.clone());
            gate::pass();
        });
        let owner = match &postgres {
            Some(url) => sea_orm::Database::connect(url).await.expect("a connection"),
            None => database.pool.clone(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let (origin, database) = (origin.into(), Arc::new(database));
        let app = App { database, origin, logins: logins.clone().into() };
        let held = gate::Slot::default();
        let routes = router(app.clone()).layer(from_fn_with_state(held.clone(), gate::hold));
        tokio::spawn(async { axum::serve(listener, routes).await });
        Self { app, owner, logins, client: Client::new(), statements, held }
    }

    /// The statements that were run since this was last asked.
    pub fn statements(&self) -> Vec<String> {
        mem::take(&mut self.statements.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Holds the next request that comes after so many of its statements.
    pub fn hold_next(&self, after: usize) -> Held {
        Held::next(&self.held, after)
    }

    pub fn login(&self, organization: i64, role: Role) -> &Login {
        let mut logins = self.logins.iter();
        let login = logins.find(|login| login.organization == organization && login.role == role);
        login.expect("a login of the seed")
    }

    /// The id of somebody who signs in.
    pub async fn user(&self, login: &Login) -> i64 {
        self.id("SELECT id FROM users WHERE email = $1", [login.email.as_str().into()]).await
    }

    pub fn request(&self, by: By<'_>, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.app.origin));
        match by {
            By::Nobody => request,
            By::Token(token) => request.header(header::AUTHORIZATION, format!("Token {token}")),
            By::Service(secret) => request.bearer_auth(secret),
            By::Session(cookie) => request
                .header(header::COOKIE, format!("sessionid={cookie}"))
                .header(header::ORIGIN, &*self.app.origin),
        }
    }

    /// The status and the body. A body that is none is null.
    pub async fn send(
        &self,
        by: By<'_>,
        method: Method,
        path: &str,
        body: impl Into<Option<Json>>,
    ) -> (StatusCode, Json) {
        let mut request = self.request(by, method, path);
        if let Some(body) = body.into() {
            request = request.json(&body);
        }
        answer(request).await
    }

    pub async fn get(&self, by: By<'_>, path: &str) -> (StatusCode, Json) {
        self.send(by, Method::GET, path, None).await
    }

    pub async fn rows(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Vec<QueryResult> {
        let backend = self.owner.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        self.owner.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{error}: {sql}"))
    }

    pub async fn execute(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> u64 {
        let backend = self.owner.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let done = self.owner.execute_raw(statement).await;
        done.unwrap_or_else(|error| panic!("{error}: {sql}")).rows_affected()
    }

    /// The first column of the first row.
    pub async fn id(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> i64 {
        let rows = self.rows(sql, values).await;
        rows.first().expect("a row").try_get_by_index(0).expect("an id")
    }

    /// All rows of the tables, for the naive walk over them.
    pub async fn world(&self) -> World {
        async fn all<T>(service: &Service, sql: &str, read: impl Fn(&QueryResult) -> T) -> Vec<T> {
            service.rows(sql, []).await.iter().map(read).collect()
        }
        fn id(row: &QueryResult, column: usize) -> i64 {
            row.try_get_by_index(column).expect("an id")
        }
        fn nullable(row: &QueryResult, column: usize) -> Option<i64> {
            row.try_get_by_index(column).expect("an id or NULL")
        }
        fn truth(row: &QueryResult, column: usize) -> bool {
            row.try_get_by_index(column).expect("a boolean")
        }
        fn code(row: &QueryResult, column: usize) -> &'static str {
            let code: String = row.try_get_by_index(column).expect("a code");
            oracle::CODES.into_iter().find(|&known| known == code).expect("a code of the page")
        }
        World {
            organizations: all(self, "SELECT id FROM organizations", |row| {
                tables::OrganizationRow { id: id(row, 0) }
            })
            .await,
            organization_members: all(
                self,
                "SELECT organization_id, user_id, role FROM members",
                |row| tables::OrganizationMemberRow {
                    organization_id: id(row, 0),
                    user_id: id(row, 1),
                    role: code(row, 2),
                },
            )
            .await,
            workspaces: all(
                self,
                "SELECT id, organization_id, created_by, is_personal FROM workspaces",
                |row| tables::WorkspaceRow {
                    id: id(row, 0),
                    organization_id: id(row, 1),
                    created_by: nullable(row, 2),
                    is_personal: truth(row, 3),
                },
            )
            .await,
            workspace_members: all(
                self,
                "SELECT workspace_id, user_id FROM workspace_members",
                |row| tables::WorkspaceMemberRow { workspace_id: id(row, 0), user_id: id(row, 1) },
            )
            .await,
            projects: all(
                self,
                "SELECT id, organization_id, workspace_id, created_by, show_annotation_history \
                 FROM projects",
                |row| tables::ProjectRow {
                    id: id(row, 0),
                    organization_id: id(row, 1),
                    workspace_id: nullable(row, 2),
                    created_by: nullable(row, 3),
                    show_annotation_history: truth(row, 4),
                },
            )
            .await,
            project_members: all(self, "SELECT project_id, user_id FROM project_members", |row| {
                tables::ProjectMemberRow { project_id: id(row, 0), user_id: id(row, 1) }
            })
            .await,
            project_roles: all(
                self,
                "SELECT project_id, user_id, role FROM project_roles",
                |row| tables::ProjectRoleRow {
                    project_id: id(row, 0),
                    user_id: id(row, 1),
                    role: code(row, 2),
                },
            )
            .await,
            tasks: all(self, "SELECT id, project_id FROM tasks", |row| tables::TaskRow {
                id: id(row, 0),
                project_id: id(row, 1),
            })
            .await,
            task_assignees: all(
                self,
                "SELECT task_id, user_id, project_id FROM task_assignees",
                |row| tables::TaskAssigneeRow {
                    task_id: id(row, 0),
                    user_id: id(row, 1),
                    project_id: id(row, 2),
                },
            )
            .await,
            annotations: all(self, "SELECT id, task_id, completed_by FROM annotations", |row| {
                tables::AnnotationRow {
                    id: id(row, 0),
                    task_id: id(row, 1),
                    completed_by: nullable(row, 2),
                }
            })
            .await,
            users: all(self, "SELECT id FROM users", |row| id(row, 0)).await,
        }
    }
}

pub async fn answer(request: RequestBuilder) -> (StatusCode, Json) {
    let response = request.send().await.expect("a response");
    let status = response.status();
    let body = response.bytes().await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or_default())
}
