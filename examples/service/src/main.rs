//! `labelgate-service`: serves the API on a database in memory, or on one that a URL names.

use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use labelgate::{Action, Actions, Role};
use labelgate_service::bodies::Email;
use labelgate_service::database::Database;
use labelgate_service::invitations::send_mails;
use labelgate_service::membership::token;
use labelgate_service::problem::Result;
use labelgate_service::web::signs_in_as_anybody;
use labelgate_service::{App, router, seed, services};
use tokio::net::TcpListener;

#[derive(Parser)]
#[command(about = "A labeling service whose handlers are guarded by labelgate")]
struct Arguments {
    /// `sqlite:..` or `postgres:..`; PostgreSQL's tables are made and owned by the role in the URL, and
    /// requests are served as the role labelgate_service
    #[arg(long, default_value = "sqlite::memory:")]
    database_url: String,
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where browsers find the service; http:// and the address it listens on, unless something stands
    /// in front of it
    #[arg(long)]
    origin: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Makes an API token for a member of an organization
    Token {
        email: Email,
        organization: i64,
        /// The key of an action that the token is limited to, such as projects.view. Without any, it is not limited.
        /// An action counts together with its guard
        #[arg(long = "action")]
        actions: Vec<Action>,
    },
    /// Makes the credential of a service that asks what members of an organization may do
    Service { name: String, organization: i64 },
    /// Takes the invitations out of the outbox, and prints each for a mailer: the address, and the path of the link
    Outbox,
    /// Revokes the credential of a service
    RevokeService { name: String, organization: i64 },
}

impl Command {
    async fn run(&self, database: &Database) -> Result<()> {
        match self {
            Self::Token { email, organization, actions } => {
                let limit = match actions[..] {
                    [] => Actions::all(),
                    _ => actions.iter().copied().collect(),
                };
                println!("{}", token(database, email, *organization, limit).await?);
            }
            Self::Service { name, organization } => {
                println!("{}", services::create(database, *organization, name).await?);
            }
            Self::Outbox => {
                send_mails(database, |email, path| writeln!(stdout(), "{email}\t{path}")).await?;
            }
            Self::RevokeService { name, organization } => {
                services::revoke(database, *organization, name).await?;
            }
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("labelgate-service: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    // The URL may have a password in it, so it is not repeated.
    let opened = Database::open(&arguments.database_url).await;
    let (database, logins) =
        opened.map_err(|error| format!("the database does not open: {error}"))?;
    if let Some(command) = arguments.command {
        return Ok(command.run(&database).await?);
    }
    let listener = TcpListener::bind(arguments.listen).await;
    let listener =
        listener.map_err(|error| format!("cannot listen on {}: {error}", arguments.listen))?;
    let address = listener.local_addr()?;
    let signs_in =
        signs_in_as_anybody(&arguments.database_url, address, arguments.origin.as_deref());
    let origin = arguments.origin.unwrap_or(format!("http://{address}"));
    println!("listening on {origin}\n");
    for login in &logins {
        println!("{}", example(login, &origin));
    }
    let logins = if signs_in { logins } else { Vec::new() };
    if signs_in {
        println!("\nsign in as anybody: {origin}/web/sign-in");
    }
    let app = App { database: Arc::new(database), origin: origin.into(), logins: logins.into() };
    let stopped = async {
        // Without a signal handler the service runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    axum::serve(listener, router(app)).with_graceful_shutdown(stopped).await?;
    Ok(())
}

/// Something to try: annotators and reviewers have no use of the API through a token, by the matrix.
fn example(login: &seed::Login, origin: &str) -> String {
    let seed::Login { email, organization, role, token, cookie } = login;
    let path = match role {
        Role::Owner => &format!("/api/organizations/{organization}/permissions/options"),
        Role::Administrator => &format!("/api/organizations/{organization}/memberships"),
        Role::Manager | Role::Reviewer => "/api/projects/",
        Role::Annotator => "/api/tasks/",
        Role::NotActivated | Role::Deactivated => "/api/current-user/whoami",
    };
    let with = if role.is_project_bound() || !role.is_active() {
        format!("Cookie: sessionid={cookie}")
    } else {
        format!("Authorization: Token {token}")
    };
    format!("# {email}\ncurl -H '{with}' {origin}{path}")
}
