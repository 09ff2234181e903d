//! Memberships as the database has them, each with the settings of its organization: of who asks, and of
//! whom a request names.

use labelgate::membership::{Member, MembershipPolicy};
use labelgate::overrides::Overrides;
use labelgate::wire::OrganizationRef;
use labelgate::{Actions, OrganizationId, Role, Subject, UserId};
use sea_orm::{DbErr, FromQueryResult, QueryResult, Value};

use crate::bodies::Email;
use crate::caller::Caller;
use crate::columns::{Code, JsonText};
use crate::credentials::{NewCredential, sign_in};
use crate::database::Database;
use crate::extract::{MANY, Selected, is_one_of};
use crate::problem::{Failure, Result, bad_request, conflict, not_found};
use crate::transaction::{Lock, Tx, values};

pub struct Membership {
    pub member: Member<i64>,
    pub email: String,
    pub policy: MembershipPolicy<i64>,
    pub overrides: Overrides,
    /// Whether the instance has no other organization.
    is_only: bool,
}

const COLUMNS: &str = "m.organization_id, m.user_id, u.email, m.role, m.role_source, \
    o.default_role, o.assigns_same_level, o.overrides, NOT EXISTS (SELECT 1 FROM \
    organization_settings other WHERE other.organization_id <> m.organization_id) AS is_only";

const FROM: &str = "FROM members m JOIN users u ON u.id = m.user_id \
    JOIN organization_settings o ON o.organization_id = m.organization_id";

/// Overrides or a default role that can no longer be read are an error, never the built-in ones.
impl FromQueryResult for Membership {
    fn from_query_result(row: &QueryResult, pre: &str) -> Result<Self, DbErr> {
        let organization = OrganizationId(row.try_get(pre, "organization_id")?);
        let user = UserId(row.try_get(pre, "user_id")?);
        let Code(role) = row.try_get(pre, "role")?;
        let Code(source) = row.try_get(pre, "role_source")?;
        let Code(default_role) = row.try_get(pre, "default_role")?;
        let JsonText(overrides) = row.try_get(pre, "overrides")?;
        let policy = MembershipPolicy::new(organization)
            .assigns_same_level(row.try_get(pre, "assigns_same_level")?)
            .with_default_role(default_role)
            .map_err(|refusal| DbErr::Type(refusal.to_string()))?;
        let member = Member { organization, user, role, source };
        let (email, is_only) = (row.try_get(pre, "email")?, row.try_get(pre, "is_only")?);
        Ok(Self { member, email, policy, overrides, is_only })
    }
}

/// The membership of who asks, and the actions that their token is limited to.
pub struct SignedIn {
    pub membership: Membership,
    limit: Option<JsonText<Actions>>,
}

/// A limit that cannot be read is an error, never the lack of one.
impl FromQueryResult for SignedIn {
    fn from_query_result(row: &QueryResult, pre: &str) -> Result<Self, DbErr> {
        let membership = Membership::from_query_result(row, pre)?;
        Ok(Self { membership, limit: row.try_get(pre, "actions")? })
    }
}

impl SignedIn {
    pub fn subject(&self, through_api: bool) -> Subject<i64> {
        let subject = self.membership.subject(through_api);
        self.limit.iter().fold(subject, |subject, JsonText(limit)| subject.limited_to(*limit))
    }
}

impl Membership {
    pub fn subject(&self, through_api: bool) -> Subject<i64> {
        let subject = self.member.subject().with_matrix(self.overrides.matrix());
        if through_api { subject.through_api() } else { subject }
    }

    /// False where a path is one of another organization. `0` stands for the only one there is.
    pub fn is_in(&self, path: &str) -> bool {
        let named =
            path.strip_prefix("/api/organizations/").and_then(|rest| rest.split('/').next());
        match named.unwrap_or_default() {
            "" => true,
            named => match named.parse() {
                Ok(OrganizationRef::Only) => self.is_only,
                Ok(OrganizationRef::Id(id)) => id == self.member.organization,
                Err(_) => false,
            },
        }
    }
}

impl Tx {
    /// The membership that a session or a token stands for.
    pub async fn signed_in(&self, session: [Value; 2]) -> Result<Option<SignedIn>> {
        let sql = format!(
            "SELECT s.actions, {COLUMNS} {FROM} JOIN sessions s ON s.user_id = m.user_id \
             AND s.organization_id = m.organization_id WHERE s.hash = $1 AND s.is_token = $2"
        );
        self.one(&sql, session).await
    }

    pub async fn membership(
        &self,
        organization: OrganizationId<i64>,
        user: UserId<i64>,
    ) -> Result<Option<Membership>> {
        let sql =
            format!("SELECT {COLUMNS} {FROM} WHERE m.organization_id = $1 AND m.user_id = $2");
        self.one(&sql, values![organization.0, user.0]).await
    }
}

impl Caller {
    /// The membership that a user has here, if any.
    pub async fn membership(&self, user: i64) -> Result<Option<Membership>> {
        self.tx.membership(*self.subject.organization(), UserId(user)).await
    }

    pub async fn target(&self, user: i64) -> Result<Option<Member<i64>>> {
        Ok(self.membership(user).await?.map(|found| found.member))
    }

    /// The users as active members here. Unknown, inactive and other organizations' ones are not told apart.
    pub async fn active(&self, users: &[i64]) -> Result<Vec<Member<i64>>> {
        let is_named = is_one_of("m.user_id", users);
        let sql = format!("SELECT {COLUMNS} {FROM} WHERE m.organization_id = $1 AND {is_named}");
        let found: Vec<Membership> =
            self.tx.all(&sql, values![self.subject.organization().0]).await?;
        let members = found.into_iter().map(|found| found.member);
        let members: Vec<_> = members.filter(|member| member.role.is_active()).collect();
        let is_active = |user: &i64| members.iter().any(|member| member.user.0 == *user);
        if users.iter().all(is_active) { Ok(members) } else { Err(no_such_user()) }
    }

    /// The active members here that are selected.
    pub async fn selected(&self, users: &Selected) -> Result<Vec<Member<i64>>> {
        let named = self.active(users.named()).await?;
        let Selected::AllBut(_) = users else { return Ok(named) };
        let active = Role::ALL.into_iter().filter(|role| role.is_active());
        let active: Vec<_> = active.map(|role| format!("'{}'", role.code())).collect();
        let sql = format!(
            "SELECT {COLUMNS} {FROM} WHERE m.organization_id = $1 AND m.role IN ({}) AND {} LIMIT {}",
            active.join(", "),
            users.condition("m.user_id"),
            MANY + 1
        );
        let found: Vec<Membership> =
            self.tx.all(&sql, values![self.subject.organization().0]).await?;
        if found.len() > MANY {
            return Err(too_many());
        }
        Ok(found.into_iter().map(|found| found.member).collect())
    }

    pub async fn active_member(&self, user: i64) -> Result<Member<i64>> {
        self.active(&[user]).await?.pop().ok_or_else(no_such_user)
    }
}

pub fn no_such_user() -> Failure {
    bad_request("not an active member of the organization")
}

pub fn too_many() -> Failure {
    bad_request(format!("no more than {MANY} at once"))
}

/// Makes an API token, for the command. The deactivated get none: it would work as soon as they are
/// reactivated.
pub async fn token(
    database: &Database,
    email: &Email,
    organization: i64,
    limit: Actions,
) -> Result<String> {
    let tx = database.begin().await?;
    tx.lock(Lock::Shared, "$1", values![organization]).await?;
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE u.email = $1 AND m.organization_id = $2");
    let found: Option<Membership> = tx.one(&sql, values![email.as_str(), organization]).await?;
    let Membership { member, .. } = found.ok_or_else(not_found)?;
    if member.role == Role::Deactivated {
        return Err(conflict("deactivated"));
    }
    let token = sign_in(&tx, &member, NewCredential::Token(limit)).await?;
    tx.commit().await?;
    Ok(token)
}
