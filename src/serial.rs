//! serde: roles by code, actions by key, scopes by name, sets as lists of those, contexts as named
//! facts. What is read is read strictly.

use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use bitflags::Flags;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::audit::Fingerprint;
use crate::context::ScopeCtx;
use crate::scope::{Scope, Scopes};

/// A type as the text that it displays as.
macro_rules! text {
    ($Type:ident, $what:literal) => {
        impl serde::Serialize for $Type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $Type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(crate::serial::Text::new($what))
            }
        }
    };
}
pub(crate) use text;

/// A set as the list of what is in it.
macro_rules! list {
    ($Set:ident of $Noun:ident, $what:literal) => {
        impl serde::Serialize for $Set {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::serial::write_list(serializer, self.elements())
            }
        }

        /// A list in which something stands twice is refused.
        impl<'de> serde::Deserialize<'de> for $Set {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_seq(crate::serial::List::<$Noun, Self>::new($what))
            }
        }
    };
}
pub(crate) use list;

text!(Fingerprint, "matrix fingerprint");

/// Reads a text; refuses in the words of the noun's own error.
pub(crate) struct Text<T>(&'static str, PhantomData<T>);

impl<T> Text<T> {
    pub(crate) const fn new(what: &'static str) -> Self {
        Self(what, PhantomData)
    }
}

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string: {}", self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Reads a list of texts as a set.
pub(crate) struct List<T, Set>(&'static str, PhantomData<(T, Set)>);

impl<T, Set> List<T, Set> {
    pub(crate) const fn new(what: &'static str) -> Self {
        Self(what, PhantomData)
    }
}

impl<'de, T, Set> Visitor<'de> for List<T, Set>
where
    T: Deserialize<'de> + fmt::Display + Copy,
    Set: Flags + From<T> + Copy,
{
    type Value = Set;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of strings: each one {}", self.0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Set, A::Error> {
        let mut set = Set::empty();
        while let Some(element) = list.next_element::<T>()? {
            add(&mut set, element)?;
        }
        Ok(set)
    }
}

fn add<T, Set, E>(set: &mut Set, element: T) -> Result<(), E>
where
    T: fmt::Display + Copy,
    Set: Flags + From<T>,
    E: Error,
{
    if set.contains(element.into()) {
        return Err(E::custom(format_args!("`{element}` stands twice")));
    }
    set.insert(element.into());
    Ok(())
}

pub(crate) fn write_list<S: Serializer, T: Serialize>(
    serializer: S,
    elements: impl Iterator<Item = T> + Clone,
) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(elements.clone().count()))?;
    for element in elements {
        list.serialize_element(&element)?;
    }
    list.end()
}

/// The facts that hold, by name: `{"organization": true, "project": true}`.
impl Serialize for ScopeCtx {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let held = self.scopes().elements();
        let mut facts = serializer.serialize_map(Some(held.clone().count()))?;
        for scope in held {
            facts.serialize_entry(&scope, &true)?;
        }
        facts.end()
    }
}

/// A fact that is missing does not hold; one that is unknown, stands twice, or cannot hold without
/// another is refused.
impl<'de> Deserialize<'de> for ScopeCtx {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Facts)
    }
}

struct Facts;

impl<'de> Visitor<'de> for Facts {
    type Value = ScopeCtx;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of facts: each one a scope and whether it is held")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut facts: A) -> Result<ScopeCtx, A::Error> {
        let mut named = Scopes::empty();
        let mut held = Scopes::empty();
        while let Some(scope) = facts.next_key::<Scope>()? {
            add(&mut named, scope)?;
            held.set(scope.into(), facts.next_value()?);
        }
        ScopeCtx::from_scopes(held).map_err(A::Error::custom)
    }
}
