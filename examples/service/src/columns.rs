//! Columns of text that are read as something else: codes, such as those of roles, and JSON. A text that
//! cannot be read is an error, never a default.

use std::error::Error;
use std::str::FromStr;

use sea_orm::{ColIdx, DbErr, QueryResult, TryGetError, TryGetable};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A code of labelgate's, such as `OW`.
pub struct Code<T>(pub T);

impl<T: FromStr<Err: Error>> TryGetable for Code<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        String::try_get_by(row, index)?.parse().map(Self).map_err(unreadable)
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct JsonText<T = Value>(pub T);

impl<T: DeserializeOwned> TryGetable for JsonText<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        serde_json::from_str(&text).map(Self).map_err(unreadable)
    }
}

fn unreadable(error: impl Error) -> TryGetError {
    DbErr::Type(error.to_string()).into()
}
