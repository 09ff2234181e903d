//! Who asks: the extractor that each handler begins with.

use std::fmt::Display;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use labelgate::log::{LogEntry, Logged};
use labelgate::membership::{Approved, Member, MembershipPolicy, Refused};
use labelgate::overrides::Overrides;
use labelgate::people::People;
use labelgate::row::{MaybeRow, RowId};
use labelgate::sql::Page;
use labelgate::wire::OrganizationRef;
use labelgate::{Action, ActionType, Listing, OrganizationId, Permit, Role, Row, Subject, UserId};
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Func, Order, Query};
use sea_orm::{DbErr, FromQueryResult, JoinType, QueryResult, Value};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::App;
use crate::activity::Activity;
use crate::bodies::{Email, Named};
use crate::database::{Database, Lock, Tx, values};
use crate::problem::{
    Failure, bad_request, conflict, forbidden, no_such_user, not_found, unauthorized,
};
use crate::rows::{self, Selected, Table};

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

/// The id that a request names, and what was found by it.
pub type Found<T> = (<T as Table>::Id, Option<rows::Row<T>>);

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

    fn is_token(&self) -> bool {
        matches!(self, Self::Token(_))
    }

    /// What the row of the session is found by.
    fn session(&self) -> Option<[Value; 2]> {
        match self {
            Self::Token(secret) | Self::Cookie(secret) => {
                Some(values![hash(secret), self.is_token()])
            }
            Self::None => None,
        }
    }

    /// Whether the session is still there, and stays until the transaction ends.
    pub async fn still_hold(&self, tx: &Tx) -> Result<(), Failure> {
        #[derive(FromQueryResult)]
        struct Held {}
        let Some(session) = self.session() else { return Ok(()) };
        let sql =
            format!("SELECT 1 FROM sessions WHERE hash = $1 AND is_token = $2{}", tx.for_share());
        tx.one::<Held>(&sql, session).await?.map(drop).ok_or_else(unauthorized)
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix("sessionid="))
}

impl Caller {
    /// One query: the session, the membership, and the organization's overrides. They stay so until the
    /// transaction ends, if the organization is locked.
    pub async fn load(
        app: &App,
        activity: &Activity,
        credentials: &Credentials,
        lock: Lock,
    ) -> Result<Option<Self>, Failure> {
        let Some(session) = credentials.session() else { return Ok(None) };
        let tx = app.database.begin().await?;
        // Locked first: what a query reads that waits for a lock is older than the lock.
        let organization = "SELECT organization_id FROM sessions WHERE hash = $1 AND is_token = $2";
        tx.lock(lock, organization, session.clone()).await?;
        let sql = format!(
            "{MEMBERSHIPS} JOIN sessions s ON s.user_id = m.user_id \
             AND s.organization_id = m.organization_id WHERE s.hash = $1 AND s.is_token = $2"
        );
        let membership: Option<Membership> = tx.one(&sql, session).await?;
        let membership = membership.ok_or_else(unauthorized)?;
        let subject = membership.subject(credentials.is_token())?;
        if let Some(security) = &app.database.security {
            tx.set(&security.settings(&subject)).await?;
        }
        activity.asked_by(*subject.organization(), *subject.user());
        let (policy, overrides) = (membership.policy()?, membership.overrides()?);
        let (app, activity) = (app.clone(), activity.clone());
        let Membership { email, is_only, .. } = membership;
        Ok(Some(Self { app, tx, subject, activity, policy, overrides, email, is_only }))
    }

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

    /// The organization of the caller, as a path names it. Any other is outside.
    pub fn organization(&self, Named(named): &Named) -> Result<Row<OrganizationId<i64>>, Failure> {
        let own = *self.subject.organization();
        match named {
            OrganizationRef::Only if self.is_only => Ok(self.subject.own_organization()),
            OrganizationRef::Id(id) if *id == own => Ok(self.subject.own_organization()),
            _ => Err(not_found()),
        }
    }

    /// The caller, whose questions are in the log.
    fn logged(&self) -> Logged<impl Fn(&LogEntry) -> Result<(), Failure>, i64> {
        self.subject.logged(|entry| self.activity.keep(entry))
    }

    /// A decision, and its record in the log.
    pub fn authorize<A: ActionType, R>(
        &self,
        action: A,
        row: R,
    ) -> Result<Permit<A, R::Row>, Failure>
    where
        R: MaybeRow<Id: Display, Organization = i64, User = i64>,
    {
        self.logged().authorize(action, row)
    }

    /// A list of the organization, and its record in the log.
    pub fn authorize_list<A: ActionType>(
        &self,
        action: A,
    ) -> Result<Listing<A, OrganizationId<i64>>, Failure> {
        self.logged().authorize_list(action)
    }

    /// A list within a row, and its record in the log.
    pub fn authorize_list_in<A: ActionType, R>(
        &self,
        action: A,
        row: R,
    ) -> Result<Listing<A, R::Id, i64>, Failure>
    where
        R: MaybeRow<Id: Clone + Display, Organization = i64, User = i64>,
    {
        self.logged().authorize_list_in(action, row)
    }

    /// The people who may do something to a row, and the question's record in the log.
    pub fn authorize_people<A: ActionType, R>(
        &self,
        action: A,
        row: R,
    ) -> Result<People<A, R::Id, i64>, Failure>
    where
        R: MaybeRow<Id: Clone + Display, Organization = i64, User = i64>,
    {
        self.logged().authorize_people(action, row)
    }

    /// The same for an action that a request names.
    pub fn authorize_people_of<R>(
        &self,
        action: Action,
        row: R,
    ) -> Result<People<Action, R::Id, i64>, Failure>
    where
        R: MaybeRow<Id: Clone + Display, Organization = i64, User = i64>,
    {
        self.logged().authorize_people_of(action, row)
    }

    /// A change of memberships, of this member if there is one, and its record in the log.
    pub fn change<C>(
        &self,
        member: Option<i64>,
        decide: impl FnOnce(&Subject<i64>) -> Result<Approved<C>, Refused>,
    ) -> Result<C, Failure> {
        let member = member.as_ref().map(|member| member as &dyn Display);
        Ok(self.logged().change(member, decide)?.into_change())
    }

    /// The id, and the row with its facts, whoever may see it: what the handler does next is to ask.
    pub async fn find<T: Table>(&self, id: i64) -> Result<Found<T>, DbErr>
    where
        T::Id: From<i64>,
    {
        Ok((id.into(), self.find_as(&self.subject, id).await?))
    }

    /// A row with the facts of somebody else.
    pub async fn find_as<T: Table>(
        &self,
        subject: &Subject<i64>,
        id: i64,
    ) -> Result<Option<rows::Row<T>>, DbErr> {
        let schema = &self.app.database.schema;
        let mut query = rows::select::<T>(schema, subject);
        query.and_where(Expr::col(schema.id(T::Id::KIND)).eq(id));
        let found: Option<Selected<T>> = self.tx.select(&query).await?.pop();
        found.map(|found| found.row(subject)).transpose()
    }

    /// All rows of a list.
    pub async fn all<T: Table, A, I: RowId<Value = i64>>(
        &self,
        listing: &Listing<A, I>,
    ) -> Result<Vec<rows::Row<T>>, DbErr> {
        let schema = &self.app.database.schema;
        let mut query = rows::select::<T>(schema, &self.subject);
        query.and_where(schema.set(listing)).order_by(schema.id(T::Id::KIND), Order::Asc);
        let found: Vec<Selected<T>> = self.tx.select(&query).await?;
        found.into_iter().map(|found| found.row(&self.subject)).collect()
    }

    /// One page of a list by its number, and how many rows there are, in one query.
    pub async fn numbered<T: Table, A, I: RowId<Value = i64>>(
        &self,
        listing: &Listing<A, I>,
        at: Numbered,
    ) -> Result<Listed<T>, Failure> {
        let (size, offset) = at.limits()?;
        let schema = &self.app.database.schema;
        let counted = Query::select()
            .expr_as(Func::count(Expr::col(Asterisk)), "count")
            .from(T::NAME)
            .and_where(schema.set(listing))
            .to_owned();
        // Up to the end of this page: where a client can say which row it has seen last, `Page::after`
        // reads one page alone.
        let until = Page::of(offset.saturating_add(size));
        let listed = rows::select::<T>(schema, &self.subject)
            .and_where(schema.page(listing, &until))
            .order_by(schema.id(T::Id::KIND), until.order().clone())
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
        let rows = found.into_iter().filter_map(|found| found.row);
        let rows: Result<_, DbErr> = rows.map(|row| row.row(&self.subject)).collect();
        Ok(Listed { count, rows: rows? })
    }

    /// The first row of a list in the order of the ids that meets a condition as well.
    pub async fn first<T: Table, A, I: RowId<Value = i64>>(
        &self,
        listing: &Listing<A, I>,
        only: Expr,
    ) -> Result<Option<rows::Row<T>>, DbErr> {
        let schema = &self.app.database.schema;
        let page = Page::of(1).only(only);
        let query = rows::select::<T>(schema, &self.subject)
            .and_where(schema.page(listing, &page))
            .order_by(schema.id(T::Id::KIND), page.order().clone())
            .limit(page.size().into())
            .to_owned();
        let found: Option<Selected<T>> = self.tx.select(&query).await?.pop();
        found.map(|found| found.row(&self.subject)).transpose()
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

pub struct Listed<T: Table> {
    pub count: i64,
    pub rows: Vec<rows::Row<T>>,
}

/// A row of a page, or none where the page is behind the last.
struct Counted<T> {
    count: i64,
    row: Option<Selected<T>>,
}

impl<T: Table> FromQueryResult for Counted<T> {
    fn from_query_result(row: &QueryResult, pre: &str) -> Result<Self, DbErr> {
        let id: Option<i64> = row.try_get(pre, "id")?;
        Ok(Self {
            count: row.try_get(pre, "count")?,
            row: id.map(|_| Selected::from_query_result(row, pre)).transpose()?,
        })
    }
}

/// The caller of a request that changes or removes what decisions are made on: nobody else writes in the
/// organization meanwhile.
pub struct Alone(pub Caller);

async fn from_parts(parts: &mut Parts, app: &App, lock: Lock) -> Result<Caller, Failure> {
    let credentials = Credentials::of(parts, app)?;
    let activity = Activity::of(parts);
    Caller::load(app, &activity, &credentials, lock).await?.ok_or_else(unauthorized)
}

impl FromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let lock = if parts.method.is_safe() { Lock::Nothing } else { Lock::Shared };
        from_parts(parts, app, lock).await
    }
}

impl FromRequestParts<App> for Alone {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        from_parts(parts, app, Lock::Alone).await.map(Self)
    }
}
