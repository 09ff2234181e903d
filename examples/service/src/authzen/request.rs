//! What services ask: the bodies of requests, and what the words in them stand for.

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::http::header;
use labelgate::{Action, ActionType, Actions, Kind};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::App;
use crate::extract::Id;
use crate::problem::{Failure, bad_request};

/// Takes the permission to change the project: another service manages the webhooks, and asks this one.
pub struct ManageWebhooks;

impl ActionType for ManageWebhooks {
    const ACTION: Action = Action::ChangeProject;
    const NAME: &'static str = "webhooks.manage";
}

/// The actions of the service's own.
pub const OWN: [NamedAction; 1] = [NamedAction::of::<ManageWebhooks>()];

/// An action by its name: one of labelgate's by its key, or one of the service's own.
#[derive(Clone, Copy)]
pub struct NamedAction {
    pub name: &'static str,
    pub action: Action,
}

impl NamedAction {
    const fn of<A: ActionType>() -> Self {
        Self { name: A::NAME, action: A::ACTION }
    }

    pub fn all() -> impl Iterator<Item = Self> {
        let keys = Action::ALL.into_iter().map(|action| Self { name: action.key(), action });
        keys.chain(OWN)
    }

    /// Returns the action that is done to rows of a kind, if one has the name.
    pub fn done_to(kind: Kind, name: &str) -> Option<Self> {
        let mut found = Self::all().filter(|action| Actions::done_to(kind).has(action.action));
        found.find(|action| action.name == name)
    }
}

/// A row by its kind and its id, whether there is one or not.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Resource {
    pub kind: Kind,
    pub id: i64,
}

/// Why a request or an evaluation cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

impl Malformed {
    pub fn new(message: impl ToString) -> Self {
        Self(message.to_string())
    }
}

impl From<Malformed> for Failure {
    fn from(malformed: Malformed) -> Self {
        bad_request(malformed)
    }
}

/// A subject or a resource with its id.
#[derive(Deserialize)]
pub struct Entity {
    r#type: String,
    id: String,
    #[expect(dead_code, reason = "it decides nothing, but has to be an object")]
    #[serde(default, deserialize_with = "given")]
    properties: Option<Object<Anything>>,
}

impl Entity {
    /// Returns the id of a user, or `None` if the subject is nobody that there can be.
    pub fn user(&self) -> Option<i64> {
        (self.r#type == USER).then_some(())?;
        id(&self.id)
    }

    /// Returns the resource, or `None` if it is nothing that there can be.
    pub fn resource(&self) -> Option<Resource> {
        let kind = self.r#type.parse().ok()?;
        id(&self.id).map(|id| Resource { kind, id })
    }
}

fn id(text: &str) -> Option<i64> {
    Id::try_from(text.to_owned()).ok().map(|Id(id)| id)
}

/// The type of subjects.
pub const USER: &str = "user";

/// What is searched for. It may have an id, which is ignored.
#[derive(Deserialize)]
pub struct Target {
    pub r#type: String,
    #[expect(dead_code, reason = "it decides nothing, but has to be an object")]
    #[serde(default, deserialize_with = "given")]
    properties: Option<Object<Anything>>,
}

/// An action.
#[derive(Deserialize)]
pub struct Named {
    pub name: String,
    #[expect(dead_code, reason = "it decides nothing, but has to be an object")]
    #[serde(default, deserialize_with = "given")]
    properties: Option<Object<Anything>>,
}

#[derive(Deserialize)]
pub struct Anything {}

/// An object, and no list of the values of its fields, which serde would read as well.
pub struct Object<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(&Box::<RawValue>::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
    }
}

fn object<T: DeserializeOwned>(raw: &RawValue) -> Result<T, Malformed> {
    if !raw.get().starts_with('{') {
        return Err(Malformed::new("not an object"));
    }
    serde_json::from_str(raw.get()).map_err(Malformed::new)
}

/// Reads a field that is there. A null is a value, and of the wrong type.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

macro_rules! body {
    ($( $field:ident )+) => {
        /// The body of a request, or an evaluation in it. Each endpoint reads the fields that it knows, and ignores
        /// the others.
        #[derive(Deserialize)]
        pub struct Body {
            $( #[serde(default, deserialize_with = "given")] $field: Option<Box<RawValue>>, )+
        }

        impl Body {
            fn field(&self, name: &str) -> Option<&RawValue> {
                match name {
                    $( stringify!($field) => self.$field.as_deref(), )+
                    _ => None,
                }
            }
        }
    };
}

body! { subject action resource context evaluations options page }

impl Body {
    /// What a question is made of, and what is a default of evaluations.
    pub const ENTITIES: [&'static str; 4] = ["subject", "action", "resource", "context"];

    /// Returns an object, if the field is there.
    pub fn optional<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Malformed> {
        let read = |raw| object(raw).map_err(|no| Malformed::new(format_args!("`{name}`: {no}")));
        self.field(name).map(read).transpose()
    }

    /// Returns an object that has to be there.
    pub fn required<T: DeserializeOwned>(&self, name: &str) -> Result<T, Malformed> {
        self.optional(name)?.ok_or_else(|| Malformed::new(format_args!("no `{name}`")))
    }

    /// Returns the text of a field.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.field(name).map(RawValue::get)
    }

    /// Checks that the context is an object, if there is one.
    pub fn check_context(&self) -> Result<(), Malformed> {
        self.optional::<Anything>("context").map(drop)
    }

    /// Checks that the fields that are there are objects, whether they are read or not.
    pub fn check_entities(&self) -> Result<(), Malformed> {
        Self::ENTITIES.iter().try_for_each(|name| self.optional::<Anything>(name).map(drop))
    }

    /// Returns the evaluation, with the default of each field that it does not have.
    pub fn or(self, defaults: &Self) -> Self {
        Self {
            subject: self.subject.or_else(|| defaults.subject.clone()),
            action: self.action.or_else(|| defaults.action.clone()),
            resource: self.resource.or_else(|| defaults.resource.clone()),
            context: self.context.or_else(|| defaults.context.clone()),
            ..self
        }
    }

    /// Returns the evaluations of a batch. They are none if there is no such field.
    pub fn evaluations(&self) -> Result<Vec<Box<RawValue>>, Malformed> {
        let text = self.text("evaluations").unwrap_or("[]");
        let list = |no| Malformed::new(format_args!("`evaluations`: {no}"));
        serde_json::from_str(text).map_err(list)
    }

    pub fn of_evaluation(raw: &RawValue) -> Result<Self, Malformed> {
        object(raw)
    }
}

impl FromRequest<App> for Body {
    type Rejection = Failure;

    async fn from_request(request: axum::extract::Request, app: &App) -> Result<Self, Failure> {
        let content_type = request.headers().get(header::CONTENT_TYPE).map(|value| value.to_str());
        let media_type = content_type.and_then(Result::ok).and_then(|text| text.split(';').next());
        if !media_type.is_some_and(|text| text.trim().eq_ignore_ascii_case("application/json")) {
            return Err(bad_request("a body of the type application/json is needed"));
        }
        let bytes = Bytes::from_request(request, app).await?;
        let raw: &RawValue = serde_json::from_slice(&bytes).map_err(bad_request)?;
        Ok(object(raw)?)
    }
}
