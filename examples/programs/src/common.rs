//! Teaches nothing about labelgate: reading a file strictly, and errors of one short line.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::{fmt, fs};

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// The answer to the file, or a line that says why there is none.
pub fn answer_file<T>(
    path: &OsStr,
    answer: impl Fn(&str) -> Result<T, String>,
) -> Result<T, String> {
    fs::read_to_string(path)
        .map_err(|error| brief(&error.to_string()))
        .and_then(|text| answer(&text))
        .map_err(|refusal| format!("{}: {refusal}", brief(&path.to_string_lossy())))
}

/// A text as one short line, whatever was read: what is not printable is escaped, and a long text is
/// cut but for its beginning and its end, which says where in the file.
pub fn brief(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        match c {
            ' '..='~' => line.push(c),
            _ => line.extend(c.escape_debug()),
        }
    }
    let length = line.chars().count();
    if length <= 200 {
        return line;
    }
    let beginning: String = line.chars().take(120).collect();
    let end: String = line.chars().skip(length - 80).collect();
    format!("{beginning}...{end}")
}

/// A struct that is read from an object. What serde derives reads an array of its values too.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}
