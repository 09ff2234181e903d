//! Memberships as the database has them: of who asks, and of whom a request names.

use labelgate::membership::{Member, MembershipPolicy};
use labelgate::overrides::Overrides;
use labelgate::{OrganizationId, Role, Subject, UserId};
use sea_orm::FromQueryResult;

use crate::caller::Caller;
use crate::database::{Database, values};
use crate::extract::Email;
use crate::problem::{Failure, conflict, no_such_user, not_found, stored};
use crate::transaction::Lock;

/// A membership, with the settings of its organization.
#[derive(FromQueryResult)]
pub struct Membership {
    organization_id: i64,
    user_id: i64,
    pub email: String,
    role: String,
    role_source: String,
    default_role: String,
    assigns_same_level: bool,
    overrides: String,
    pub is_only: bool,
}

pub const MEMBERSHIPS: &str = "SELECT m.organization_id, m.user_id, u.email, m.role, m.role_source, \
    o.default_role, o.assigns_same_level, o.overrides, NOT EXISTS (SELECT 1 FROM \
    organization_settings other WHERE other.organization_id <> m.organization_id) AS is_only \
    FROM members m JOIN users u ON u.id = m.user_id \
    JOIN organization_settings o ON o.organization_id = m.organization_id";

impl Membership {
    pub fn member(&self) -> Result<Member<i64>, Failure> {
        Ok(Member {
            organization: OrganizationId(self.organization_id),
            user: UserId(self.user_id),
            role: self.role.parse().map_err(stored)?,
            source: self.role_source.parse().map_err(stored)?,
        })
    }

    pub fn policy(&self) -> Result<MembershipPolicy<i64>, Failure> {
        let default_role: Role = self.default_role.parse().map_err(stored)?;
        MembershipPolicy::new(OrganizationId(self.organization_id))
            .assigns_same_level(self.assigns_same_level)
            .with_default_role(default_role)
            .map_err(stored)
    }

    /// A set of overrides that can no longer be read is an error, never the built-in matrix.
    pub fn overrides(&self) -> Result<Overrides, Failure> {
        serde_json::from_str(&self.overrides).map_err(stored)
    }

    pub fn subject(&self, through_api: bool) -> Result<Subject<i64>, Failure> {
        let subject = self.member()?.subject().with_matrix(self.overrides()?.matrix());
        Ok(if through_api { subject.through_api() } else { subject })
    }
}

/// Makes an API token, for the command. The deactivated get none: it would work as soon as they are
/// reactivated.
pub async fn token(
    database: &Database,
    email: &Email,
    organization: i64,
) -> Result<String, Failure> {
    let tx = database.begin().await?;
    tx.lock(Lock::Shared, "$1", values![organization]).await?;
    let sql = format!("{MEMBERSHIPS} WHERE u.email = $1 AND m.organization_id = $2");
    let found: Option<Membership> = tx.one(&sql, values![email.as_str(), organization]).await?;
    let found = found.ok_or_else(not_found)?.member()?;
    if found.role == Role::Deactivated {
        return Err(conflict("deactivated"));
    }
    let token = tx.sign_in(found.organization, found.user, true).await?;
    tx.commit().await?;
    Ok(token)
}

/// Whose membership changes, and their e-mail address.
pub type Target = (Member<i64>, String);

impl Caller {
    /// Somebody whose membership is to change, if they have one here.
    pub async fn target(&self, user: i64) -> Result<Option<Target>, Failure> {
        let sql = format!("{MEMBERSHIPS} WHERE m.organization_id = $1 AND m.user_id = $2");
        let organization = self.subject.organization().0;
        let row: Option<Membership> = self.tx.one(&sql, values![organization, user]).await?;
        row.map(|row| Ok((row.member()?, row.email))).transpose()
    }

    /// The users as active members here. Anybody else is an error, the same for all.
    pub async fn active(&self, users: &[i64]) -> Result<Vec<Member<i64>>, Failure> {
        let ids: Vec<_> = users.iter().map(i64::to_string).collect();
        let sql = format!(
            "{MEMBERSHIPS} WHERE m.organization_id = $1 AND m.user_id IN ({})",
            if ids.is_empty() { "NULL".to_owned() } else { ids.join(", ") },
        );
        let rows: Vec<Membership> =
            self.tx.all(&sql, values![self.subject.organization().0]).await?;
        let members = rows.iter().map(Membership::member).collect::<Result<Vec<_>, _>>()?;
        let is_active = |user: &i64| {
            members.iter().any(|member| member.user.0 == *user && member.role.is_active())
        };
        if users.iter().all(is_active) { Ok(members) } else { Err(no_such_user()) }
    }

    /// The same of one user.
    pub async fn active_member(&self, user: i64) -> Result<Member<i64>, Failure> {
        self.active(&[user]).await?.pop().ok_or_else(no_such_user)
    }
}
