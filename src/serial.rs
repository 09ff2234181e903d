//! Shared parts of the serde implementations: enums as strings, sets as lists, structs as objects.
//!
//! Reading is strict. An error repeats only a short part of the input.

use core::fmt::{self, Write as _};
use core::marker::PhantomData;
use core::str::FromStr;

use bitflags::Flags;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::excerpt::{Escaped, Excerpt};

/// Implements serde for a type as a string: the text that `$text_fn` returns or, without it, what the type
/// displays as. Reading uses `FromStr`.
macro_rules! text {
    ($Type:ident, $($text_fn:ident,)? $what:literal) => {
        impl serde::Serialize for $Type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self$(.$text_fn())?)
            }
        }

        impl<'de> serde::Deserialize<'de> for $Type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = crate::serial::Text::new($what);
                deserializer.deserialize_str(text).map_err(crate::serial::brief)
            }
        }
    };
}
pub(crate) use text;

/// Implements serde for a set as the list of its elements.
macro_rules! list {
    ($Set:ident of $Noun:ident, $what:literal) => {
        impl serde::Serialize for $Set {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::serial::write_list(serializer, self.elements())
            }
        }

        /// Refuses a list with a repeated element.
        impl<'de> serde::Deserialize<'de> for $Set {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let list = crate::serial::List::<$Noun, Self>::new($what);
                deserializer.deserialize_seq(list).map_err(crate::serial::brief)
            }
        }
    };
}
pub(crate) use list;

/// Implements `Deserialize` for a struct, from an object that has all of its fields. Unlike the derived
/// implementation, it refuses a missing `Option` and an array in place of the object.
macro_rules! object {
    ($Object:ident $(<$($T:ident),+>)? { $($field:ident),+ }) => {
        impl<'de $(, $($T: serde::Deserialize<'de>),+)?> crate::serial::Object<'de>
            for $Object $(<$($T),+>)?
        {
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn read<A: serde::de::MapAccess<'de>>(mut fields: A) -> Result<Self, A::Error> {
                use serde::de::Error;

                $(let mut $field = None;)+
                while let Some(crate::serial::Key(key)) = fields.next_key()? {
                    match key.whole() {
                        $(
                            Some(stringify!($field)) if $field.is_some() => {
                                return Err(A::Error::duplicate_field(stringify!($field)));
                            }
                            Some(stringify!($field)) => $field = Some(fields.next_value()?),
                        )+
                        _ => return Err(crate::serial::unknown_field::<Self, _>(&key)),
                    }
                }
                $(let $field = $field.ok_or_else(|| A::Error::missing_field(stringify!($field)))?;)+
                Ok(Self { $($field),+ })
            }
        }

        impl<'de $(, $($T: serde::Deserialize<'de>),+)?> serde::Deserialize<'de>
            for $Object $(<$($T),+>)?
        {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::serial::read_object(deserializer, stringify!($Object))
            }
        }
    };
}
pub(crate) use object;

/// Reads a string with `FromStr`. An error has the text of the type's own error.
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

/// Reads a list of strings as a set.
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

/// Adds an element to a set. Returns an error if the set has it already.
pub(crate) fn add<T, Set, E>(set: &mut Set, element: T) -> Result<(), E>
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

/// A type that is read from an object with these fields.
pub(crate) trait Object<'de>: Sized {
    const FIELDS: &'static [&'static str];

    fn read<A: MapAccess<'de>>(fields: A) -> Result<Self, A::Error>;
}

pub(crate) fn read_object<'de, T: Object<'de>, D: Deserializer<'de>>(
    deserializer: D,
    name: &'static str,
) -> Result<T, D::Error> {
    deserializer.deserialize_struct(name, T::FIELDS, Fields(PhantomData)).map_err(brief)
}

/// Reads an object. Refuses an array.
struct Fields<T>(PhantomData<T>);

impl<'de, T: Object<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object of {}", Names(T::FIELDS))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::read(fields)
    }
}

pub(crate) fn unknown_field<'de, T: Object<'de>, E: Error>(key: &Excerpt) -> E {
    E::custom(format_args!("unknown field `{key}`, expected one of {}", Names(T::FIELDS)))
}

struct Names(&'static [&'static str]);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(position, name)| {
            write!(f, "{}`{name}`", if position > 0 { ", " } else { "" })
        })
    }
}

/// The name of a field, cut if it is long.
pub(crate) struct Key(pub(crate) Excerpt);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
        Ok(Key(Excerpt::new(name)))
    }
}

/// The number of characters that [`brief`] keeps of the beginning of an error's text.
const BEGINNING: usize = 120;

/// The number of characters that [`brief`] keeps of the end of the text, which says what was expected, and where.
const END: usize = 80;

/// Returns the error unchanged if its text is short and printable. Otherwise returns an error with the text escaped
/// and cut: errors of the format or of the service's types can repeat the whole input.
pub(crate) fn brief<E: Error>(error: E) -> E {
    let (mut raw, mut escaped) = (Count(0), Escaped(Count(0)));
    let counted = write!(raw, "{error}").and_then(|()| write!(escaped, "{error}"));
    let Escaped(Count(length)) = escaped;
    if counted.is_ok() && raw.0 == length && length <= BEGINNING + END {
        return error;
    }
    E::custom(Brief { error, length })
}

struct Brief<E> {
    error: E,
    /// The number of characters of the escaped text.
    length: usize,
}

impl<E: fmt::Display> fmt::Display for Brief<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.length.saturating_sub(END);
        write!(Escaped(Cut { f, at: 0, end }), "{}", self.error)
    }
}

/// Counts the characters that are written.
struct Count(usize);

impl fmt::Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.chars().count();
        Ok(())
    }
}

/// Writes the beginning and the end of a text, and `...` between them.
struct Cut<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
    at: usize,
    end: usize,
}

impl fmt::Write for Cut<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| {
            let at = self.at;
            self.at += 1;
            if at < BEGINNING || at >= self.end {
                self.f.write_char(c)
            } else if at == BEGINNING {
                self.f.write_str("...")
            } else {
                Ok(())
            }
        })
    }
}
