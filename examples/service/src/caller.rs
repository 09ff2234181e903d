//! Who asks: the extractor that each handler begins with.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use labelgate::membership::{Approved, Member, MembershipPolicy, Refused};
use labelgate::overrides::Overrides;
use labelgate::resource::{Found, Organization, Resource};
use labelgate::sql::Page;
use labelgate::wire::OrganizationRef;
use labelgate::{
    Action, ActionType, Denied, Filter, OrganizationId, Permit, Role, Subject, UserId,
};
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Func, Order, Query};
use sea_orm::{DbErr, FromQueryResult, JoinType, QueryResult};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::App;
use crate::activity::Activity;
use crate::bodies::{Email, Named};
use crate::database::{Database, Tx, values};
use crate::problem::{
    Failure, bad_request, conflict, forbidden, no_such_user, not_found, unauthorized,
};
use crate::rows::{self, Row, Table};

/// A membership, with the settings of its organization.
#[derive(FromQueryResult)]
struct Membership {
    organization_id: i64,
    user_id: i64,
    email: String,
    role: String,
    role_source: String,
    default_role: String,
    assigns_same_level: bool,
    overrides: String,
    is_only: bool,
}

const MEMBERSHIPS: &str = "SELECT m.organization_id, m.user_id, u.email, m.role, m.role_source, \
    o.default_role, o.assigns_same_level, o.overrides, NOT EXISTS (SELECT 1 FROM \
    organization_settings other WHERE other.organization_id <> m.organization_id) AS is_only \
    FROM members m JOIN users u ON u.id = m.user_id \
    JOIN organization_settings o ON o.organization_id = m.organization_id";

impl Membership {
    fn member(&self) -> Result<Member<i64>, Failure> {
        Ok(Member {
            organization: OrganizationId(self.organization_id),
            user: UserId(self.user_id),
            role: self.role.parse().map_err(stored)?,
            source: self.role_source.parse().map_err(stored)?,
        })
    }

    fn policy(&self) -> Result<MembershipPolicy<i64>, Failure> {
        let default_role: Role = self.default_role.parse().map_err(stored)?;
        MembershipPolicy::new(OrganizationId(self.organization_id))
            .assigns_same_level(self.assigns_same_level)
            .with_default_role(default_role)
            .map_err(stored)
    }

    /// A set of overrides that can no longer be read is an error, never the built-in matrix.
    fn overrides(&self) -> Result<Overrides, Failure> {
        serde_json::from_str(&self.overrides).map_err(stored)
    }

    fn subject(&self, through_api: bool) -> Result<Subject<i64>, Failure> {
        let subject = self.member()?.subject().with_matrix(self.overrides()?.matrix());
        Ok(if through_api { subject.through_api() } else { subject })
    }
}

pub fn stored(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::Stored(Box::new(error))
}

/// The hash of a token or a cookie, as it is kept.
pub fn hash(secret: &str) -> String {
    Sha256::digest(secret).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes an API token, for the command. The deactivated get none: it would work as soon as they are
/// reactivated.
pub async fn token(
    database: &Database,
    email: &Email,
    organization: i64,
) -> Result<String, Failure> {
    let tx = database.begin().await?;
    let sql =
        format!("{MEMBERSHIPS} WHERE u.email = $1 AND m.organization_id = $2{}", tx.for_update());
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

/// Who asks, and the transaction that the request is served in.
pub struct Caller {
    pub app: App,
    pub tx: Tx,
    pub subject: Subject<i64>,
    pub activity: Activity,
    pub policy: MembershipPolicy<i64>,
    pub overrides: Overrides,
    pub email: String,
    /// Whether the instance has no other organization.
    is_only: bool,
}

/// What a request says of who asks.
pub enum Credentials {
    Token(String),
    Cookie(String),
    None,
}

impl Credentials {
    /// A token counts before a cookie, also where it is not a valid one. What a browser sends by itself
    /// changes something only where a page of the service made it do so.
    pub fn of(parts: &Parts, app: &App) -> Result<Self, Failure> {
        if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(|value| value.strip_prefix("Token "));
            return token.map(|token| Self::Token(token.to_owned())).ok_or_else(unauthorized);
        }
        let Some(cookie) = cookie(&parts.headers) else { return Ok(Self::None) };
        let origin = parts.headers.get(header::ORIGIN);
        if !parts.method.is_safe() && origin.is_none_or(|origin| *origin != *app.origin) {
            return Err(forbidden("a session changes nothing for another origin"));
        }
        Ok(Self::Cookie(cookie.to_owned()))
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix("sessionid="))
}

impl Caller {
    /// One query: the session, the membership, and the organization's overrides.
    pub async fn load(
        app: &App,
        activity: &Activity,
        credentials: Credentials,
    ) -> Result<Option<Self>, Failure> {
        let (secret, is_token) = match credentials {
            Credentials::Token(token) => (token, true),
            Credentials::Cookie(cookie) => (cookie, false),
            Credentials::None => return Ok(None),
        };
        let tx = app.database.begin().await?;
        let sql = format!(
            "{MEMBERSHIPS} JOIN sessions s ON s.user_id = m.user_id \
             AND s.organization_id = m.organization_id WHERE s.hash = $1 AND s.is_token = $2"
        );
        let membership: Option<Membership> = tx.one(&sql, values![hash(&secret), is_token]).await?;
        let membership = membership.ok_or_else(unauthorized)?;
        let subject = membership.subject(is_token)?;
        if let Some(security) = &app.database.security {
            tx.set(&security.settings(&subject)).await?;
        }
        activity.asked_by(*subject.organization(), *subject.user());
        let (policy, overrides) = (membership.policy()?, membership.overrides()?);
        let (app, activity) = (app.clone(), activity.clone());
        let Membership { email, is_only, .. } = membership;
        Ok(Some(Self { app, tx, subject, activity, policy, overrides, email, is_only }))
    }

    /// Reads again who asks, with the settings of the organization, and whose membership changes. Until
    /// the transaction ends, nobody else changes memberships or settings there.
    pub async fn changing(&mut self, target: i64) -> Result<Option<Target>, Failure> {
        #[derive(FromQueryResult)]
        struct Locked {}
        let (organization, user) = (self.subject.organization().0, self.subject.user().0);
        let lock = format!(
            "SELECT 1 FROM organization_settings WHERE organization_id = $1{}",
            self.tx.for_update()
        );
        self.tx.one::<Locked>(&lock, values![organization]).await?;
        let sql = format!("{MEMBERSHIPS} WHERE m.organization_id = $1 AND m.user_id IN ($2, $3)");
        let rows: Vec<Membership> = self.tx.all(&sql, values![organization, user, target]).await?;
        let of = |user| rows.iter().find(|row| row.user_id == user);
        // Somebody else may have removed the caller.
        let own = of(user).ok_or_else(unauthorized)?;
        self.subject = own.subject(self.subject.is_through_api())?;
        (self.policy, self.overrides) = (own.policy()?, own.overrides()?);
        of(target).map(|row| Ok((row.member()?, row.email.clone()))).transpose()
    }

    /// The same for what changes nobody's membership.
    pub async fn changing_settings(&mut self) -> Result<(), Failure> {
        self.changing(self.subject.user().0).await.map(drop)
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

    /// A change of memberships that was decided, and its record in the log.
    pub fn decided<C>(&self, decided: Result<Approved<C>, Refused>) -> Result<C, Refused> {
        let audit = decided.as_ref().map_or_else(Refused::audit, Approved::audit);
        self.activity.changed(&audit);
        decided.map(Approved::into_change)
    }

    /// The organization of the caller, as a path names it. Any other is outside.
    pub fn organization(&self, Named(named): &Named) -> Result<Organization<i64>, Failure> {
        let own = *self.subject.organization();
        match named {
            OrganizationRef::Only if self.is_only => Ok(self.subject.here()),
            OrganizationRef::Id(id) if *id == own => Ok(self.subject.here()),
            _ => Err(not_found()),
        }
    }

    /// A decision, and its record in the log.
    pub fn authorize<A: ActionType, F>(
        &self,
        action: A,
        resource: F,
    ) -> Result<Permit<A, F::Resource>, Denied>
    where
        F: Found<Resource: Resource<Id = i64, UserId = i64>>,
    {
        let decided = self.subject.authorize(action, resource);
        let audit = decided.as_ref().map_or_else(Denied::audit, Permit::audit);
        self.activity.decided(&audit);
        decided
    }

    /// What is left to ask in a resource, and the record in the log where that is nothing.
    pub fn filter_in<F>(&self, action: Action, resource: F) -> Result<Filter, Denied>
    where
        F: Found<Resource: Resource<Id = i64, UserId = i64>>,
    {
        let left = self.subject.filter_in(action, resource);
        left.inspect_err(|denied| self.activity.decided(&denied.audit()))
    }

    /// A row with its facts, whoever may see it: what the handler does next is to ask.
    pub async fn find<T: Table>(&self, id: i64) -> Result<Option<Row<T>>, DbErr> {
        self.find_as(&self.subject, id).await
    }

    /// A row with the facts of somebody else.
    pub async fn find_as<T: Table>(
        &self,
        subject: &Subject<i64>,
        id: i64,
    ) -> Result<Option<Row<T>>, DbErr> {
        let schema = &self.app.database.schema;
        let mut query = rows::select::<T>(schema, subject);
        query.and_where(Expr::col(schema.id(T::ROWS)).eq(id));
        Ok(self.tx.select(&query).await?.pop())
    }

    /// All rows that the filter matches, of those that are asked for.
    pub async fn all<T: Table>(
        &self,
        filter: &Filter,
        only: impl Into<Option<Expr>>,
    ) -> Result<Vec<Row<T>>, DbErr> {
        let schema = &self.app.database.schema;
        let mut query = rows::select::<T>(schema, &self.subject);
        query
            .and_where(schema.set(&self.subject, filter, T::ROWS))
            .and_where_option(only.into())
            .order_by(schema.id(T::ROWS), Order::Asc);
        self.tx.select(&query).await
    }

    /// One page of them by its number, and how many there are, in one query.
    pub async fn numbered<T: Table>(
        &self,
        filter: &Filter,
        project: Option<i64>,
        at: Numbered,
    ) -> Result<Listed<T>, Failure> {
        let (size, offset) = at.limits()?;
        let schema = &self.app.database.schema;
        let in_project = project.map(|id| Expr::col((T::NAME, "project_id")).eq(id));
        let counted = Query::select()
            .expr_as(Func::count(Expr::col(Asterisk)), "count")
            .from(T::NAME)
            .and_where(schema.set(&self.subject, filter, T::ROWS))
            .and_where_option(in_project)
            .to_owned();
        // Up to the end of this page: where a client can say which row it has seen last, `Page::after`
        // reads one page alone.
        let mut until = Page::of(offset.saturating_add(size));
        if let Some(project) = project {
            until = until.in_project(project);
        }
        let listed = rows::select::<T>(schema, &self.subject)
            .and_where(schema.page(&self.subject, filter, T::ROWS, &until))
            .order_by(schema.id(T::ROWS), until.order().clone())
            .limit(size.into())
            .offset(offset.into())
            .to_owned();
        let query = Query::select()
            .column(("counted", "count"))
            .column(("listed", Asterisk))
            .from_subquery(counted, "counted")
            .join_subquery(JoinType::LeftJoin, listed, "listed", Expr::val(true))
            .order_by(("listed", "id"), Order::Asc)
            .to_owned();
        let found: Vec<Counted<T>> = self.tx.select(&query).await?;
        let count = found.first().map_or(0, |first| first.count);
        Ok(Listed { count, rows: found.into_iter().filter_map(|found| found.row).collect() })
    }

    /// The first of them in the order of the ids that meets a condition as well.
    pub async fn first<T: Table>(
        &self,
        filter: &Filter,
        project: i64,
        only: Expr,
    ) -> Result<Option<Row<T>>, DbErr> {
        let schema = &self.app.database.schema;
        let page = Page::of(1).in_project(project).only(only);
        let query = rows::select::<T>(schema, &self.subject)
            .and_where(schema.page(&self.subject, filter, T::ROWS, &page))
            .order_by(schema.id(T::ROWS), page.order().clone())
            .limit(page.size().into())
            .to_owned();
        Ok(self.tx.select(&query).await?.pop())
    }

    /// Commits, and writes the log in the same transaction.
    pub async fn commit(self, status: StatusCode) -> Result<StatusCode, DbErr> {
        self.activity.write(&self.tx, status).await?;
        self.tx.commit().await?;
        Ok(status)
    }
}

/// A page by its number, as the client asks for it.
#[derive(Clone, Copy, Deserialize)]
pub struct Numbered {
    #[serde(default = "first")]
    page: u32,
    #[serde(default = "size")]
    page_size: u32,
}

impl Numbered {
    /// How many rows a page has, and how many there are before it.
    pub fn limits(self) -> Result<(u32, u32), Failure> {
        match self {
            Self { page: 1.., page_size: size @ 1..=1000 } => {
                Ok((size, (self.page - 1).saturating_mul(size)))
            }
            _ => Err(bad_request("pages begin with 1, and have 1 to 1000 rows")),
        }
    }
}

const fn first() -> u32 {
    1
}

const fn size() -> u32 {
    30
}

pub struct Listed<T> {
    pub count: i64,
    pub rows: Vec<Row<T>>,
}

/// A row of a page, or none where the page is behind the last.
struct Counted<T> {
    count: i64,
    row: Option<Row<T>>,
}

impl<T: Table> FromQueryResult for Counted<T> {
    fn from_query_result(row: &QueryResult, pre: &str) -> Result<Self, DbErr> {
        let id: Option<i64> = row.try_get(pre, "id")?;
        Ok(Self {
            count: row.try_get(pre, "count")?,
            row: id.map(|_| Row::from_query_result(row, pre)).transpose()?,
        })
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let credentials = Credentials::of(parts, app)?;
        let activity = Activity::of(parts);
        Self::load(app, &activity, credentials).await?.ok_or_else(unauthorized)
    }
}
