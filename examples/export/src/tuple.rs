//! Tuples, which SpiceDB calls relationships: what an engine is told about users and rows.

use std::fmt;
use std::str::FromStr;

use labelgate::{Fact, Kind, OrganizationId, Role, UserId};

use crate::names;

/// The id of a user or row. It has letters, digits, `_`, `-`, `|`, `=`, `+` and `/`, which both engines take.
///
/// ```
/// use labelgate_export::tuple::Id;
///
/// assert_eq!(Id::from(7).to_string(), "7");
/// assert_eq!("b9c3-11".parse::<Id>()?.to_string(), "b9c3-11");
///
/// // A user `*` would be everybody.
/// assert!("*".parse::<Id>().is_err());
/// # Ok::<(), labelgate_export::tuple::InvalidId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(String);

/// The most bytes of an id.
const MOST: usize = 128;

impl From<i64> for Id {
    fn from(id: i64) -> Self {
        Self(id.to_string())
    }
}

impl FromStr for Id {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let is_taken = |c: char| c.is_ascii_alphanumeric() || "_-|=+/".contains(c);
        let is_id = !text.is_empty() && text.len() <= MOST && text.chars().all(is_taken);
        is_id.then(|| Self(text.to_owned())).ok_or(InvalidId)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The error returned when a text cannot be an id. It has other characters than those of [`Id`], or more than 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id has 1 to 128 letters, digits and `_-|=+/`")
    }
}

impl std::error::Error for InvalidId {}

/// An object of the model: a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// Its kind, whose name is the type in the model.
    pub kind: Kind,
    /// Its id.
    pub id: Id,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.id)
    }
}

/// Who or what has a relation of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A user.
    User(Id),
    /// Every user.
    Everyone,
    /// The object that it is in.
    Object(Object),
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Everyone => f.write_str("user:*"),
            Self::Object(object) => object.fmt(f),
        }
    }
}

/// A tuple: this user or object has this relation of this object.
///
/// ```
/// use labelgate::{Fact, Kind};
/// use labelgate_export::tuple::Tuple;
///
/// let tuple = Tuple::fact(Fact::Assignee, 1000.into(), 7.into());
/// assert_eq!(tuple.openfga(), r#"{"user":"user:7","relation":"assignee","object":"task:1000"}"#);
/// assert_eq!(tuple.spicedb(), "task:1000#assignee@user:7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tuple {
    /// The object.
    pub object: Object,
    /// The name of the relation.
    pub relation: String,
    /// Who has it.
    pub holder: Holder,
}

impl Tuple {
    /// The tuple of a member's role in the organization. Members who are not activated or deactivated have none.
    ///
    /// ```
    /// use labelgate::{OrganizationId, Role, UserId};
    /// use labelgate_export::tuple::Tuple;
    ///
    /// let of = |role| Tuple::role(OrganizationId(1.into()), UserId(7.into()), role);
    /// assert_eq!(of(Role::Manager).unwrap().spicedb(), "organization:1#manager@user:7");
    /// assert_eq!(of(Role::Deactivated), None);
    /// ```
    #[must_use]
    pub fn role(organization: OrganizationId<Id>, user: UserId<Id>, role: Role) -> Option<Self> {
        let object = Object { kind: Kind::Organization, id: organization.0 };
        let tuple =
            Self { object, relation: names::role(role).to_owned(), holder: Holder::User(user.0) };
        role.is_active().then_some(tuple)
    }

    /// The tuple of a fact about a user and the row that the fact is selected with. `OwnDataPermitted` is about all
    /// users.
    #[must_use]
    pub fn fact(fact: Fact, row: Id, user: Id) -> Self {
        let holder = match fact {
            Fact::OwnDataPermitted => Holder::Everyone,
            _ => Holder::User(user),
        };
        let object = Object { kind: fact.level(), id: row };
        Self { object, relation: fact.name().to_owned(), holder }
    }

    /// The tuple that says what an object is in.
    #[must_use]
    pub(crate) fn within(kind: Kind, id: Id, container: Object) -> Self {
        let relation = container.kind.name().to_owned();
        Self { object: Object { kind, id }, relation, holder: Holder::Object(container) }
    }

    /// The tuple of something that is so for everybody in an organization.
    #[must_use]
    pub(crate) fn everyone(organization: Id, relation: String) -> Self {
        let object = Object { kind: Kind::Organization, id: organization };
        Self { object, relation, holder: Holder::Everyone }
    }

    /// The tuple as JSON, as OpenFGA's API takes it.
    #[must_use]
    pub fn openfga(&self) -> String {
        let Self { object, relation, holder } = self;
        // Neither ids nor names have a character that JSON escapes.
        format!(r#"{{"user":"{holder}","relation":"{relation}","object":"{object}"}}"#)
    }

    /// The tuple in SpiceDB's notation, as its tools take it.
    #[must_use]
    pub fn spicedb(&self) -> String {
        let Self { object, relation, holder } = self;
        format!("{object}#{relation}@{holder}")
    }
}
