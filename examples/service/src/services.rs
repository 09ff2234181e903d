//! Services: other programs that ask for decisions about the members of one organization. Each has a credential of
//! its own kind, which is no user's token: `Authorization: Bearer ..`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use labelgate::log::{LogEntry, LogText};
use labelgate::overrides::Overrides;
use labelgate::{Denied, OrganizationId, Role, Subject, UserId};
use sea_orm::FromQueryResult;

use crate::App;
use crate::activity::Activity;
use crate::columns::JsonText;
use crate::credentials::{hash, secret};
use crate::database::Database;
use crate::problem::{Failure, Result, not_found};
use crate::transaction::{Exists, Tx, values};

/// Makes the credential of a new service, for the command.
pub async fn create(database: &Database, organization: i64, name: &str) -> Result<String> {
    let tx = as_owner(database).await?;
    let secret = secret()?;
    let sql = "INSERT INTO services (organization_id, name, hash) \
        SELECT organization_id, $1, $2 FROM organization_settings WHERE organization_id = $3";
    match tx.execute(sql, values![name, hash(&secret), organization]).await? {
        0 => return Err(not_found()),
        _ => tx.commit().await?,
    }
    Ok(secret)
}

/// Revokes the credential of a service, for the command.
pub async fn revoke(database: &Database, organization: i64, name: &str) -> Result<()> {
    let tx = as_owner(database).await?;
    let sql = "DELETE FROM services WHERE organization_id = $1 AND name = $2";
    match tx.execute(sql, values![organization, name]).await? {
        0 => Err(not_found()),
        _ => tx.commit().await,
    }
}

/// Requests may not write services: on PostgreSQL, only the owner of the tables may.
async fn as_owner(database: &Database) -> Result<Tx> {
    let tx = database.begin().await?;
    tx.run_as("NONE").await?;
    Ok(tx)
}

/// The service that asks, and the transaction that its request is served in. It may ask about all members of its
/// organization.
pub struct Service {
    pub app: App,
    pub tx: Tx,
    pub id: i64,
    /// An Owner of the organization, for whom people are listed. Its id is negative, and no user's.
    pub owner: Subject<i64>,
    name: String,
    activity: Activity,
}

/// A service, and the overrides of its organization.
#[derive(FromQueryResult)]
struct Found {
    id: i64,
    name: String,
    organization_id: i64,
    overrides: JsonText<Overrides>,
}

/// A member of the organization.
#[derive(FromQueryResult)]
struct Member {
    user_id: i64,
    role: String,
}

impl Service {
    async fn load(parts: &mut Parts, app: &App) -> Result<Self> {
        let secret = bearer(parts).ok_or_else(unauthorized)?;
        let tx = app.database.begin().await?;
        let sql = "SELECT s.id, s.name, s.organization_id, o.overrides FROM services s \
            JOIN organization_settings o ON o.organization_id = s.organization_id WHERE s.hash = $1";
        let found: Option<Found> = tx.one(sql, values![hash(secret)]).await?;
        let Found { id, name, organization_id, overrides } = found.ok_or_else(unauthorized)?;
        let owner = Subject::new(OrganizationId(organization_id), UserId(-id), Role::Owner);
        let owner = owner.with_matrix(overrides.0.matrix());
        if let Some(security) = &app.database.security {
            tx.select::<Exists>(&security.settings(&owner)).await?;
        }
        let activity = Activity::of(parts);
        activity.asked_by_service(*owner.organization(), *owner.user(), &name);
        Ok(Self { app: app.clone(), tx, id, owner, name, activity })
    }

    /// Those of the users who are members of the organization, as they are judged in a session. A role that cannot be
    /// read is no role.
    pub async fn subjects(&self, users: &[i64]) -> Result<Vec<Subject<i64>>> {
        let ids: Vec<_> = users.iter().map(i64::to_string).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT user_id, role FROM members WHERE organization_id = $1 AND user_id IN ({})",
            ids.join(", "),
        );
        let organization = *self.owner.organization();
        let members: Vec<Member> = self.tx.all(&sql, values![organization.0]).await?;
        let subject = |Member { user_id, role }: Member| {
            let subject = Subject::new(organization, UserId(user_id), role.parse().ok()?);
            Some(subject.with_matrix(*self.owner.matrix()))
        };
        Ok(members.into_iter().filter_map(subject).collect())
    }

    /// Keeps a log entry about a member, with the name of the action that the service asked about.
    pub fn keep(&self, entry: &LogEntry, action: &str) -> Result<(), NoProof> {
        let mut entry = *entry;
        entry.name = LogText::new(&action);
        self.activity.keep(&entry).map_err(NoProof::Failed)
    }

    /// Keeps a log entry about the Owner that the service asks as, with the name of the service.
    pub fn keep_own(&self, entry: &LogEntry, action: &str) -> Result<(), NoProof> {
        let mut entry = *entry;
        entry.user = LogText::new(&format_args!("service {}", self.name));
        self.keep(&entry, action)
    }
}

/// Why an answer has no proof: it is denied, or there is no answer.
pub enum NoProof {
    Denied(Denied),
    Failed(Failure),
}

impl From<Denied> for NoProof {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(secret)
}

fn unauthorized() -> Failure {
    Failure(StatusCode::UNAUTHORIZED, "the credential of a service is needed".to_owned())
}

impl FromRequestParts<App> for Service {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        Self::load(parts, app).await.map_err(|failure| {
            let mut response = failure.into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                let scheme = HeaderValue::from_static("Bearer");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
            }
            response
        })
    }
}
