//! From denials, refusals and errors to responses: problem details (RFC 9457).

use std::fmt::Display;

use axum::Json;
use axum::extract::rejection::{BytesRejection, FormRejection, PathRejection, QueryRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use labelgate::Denied;
use labelgate::membership::Refused;
use problem_details::ProblemDetails;
use sea_orm::{DbErr, SqlErr};
use serde_json::Value;

/// Why a request is not served: the status, and what the client is told.
#[derive(Debug, thiserror::Error)]
#[error("{1}")]
pub struct Failure(pub StatusCode, pub String);

pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// What handlers return that read.
pub type Answer = Result<Json<Value>>;

/// What handlers return that change something: see `Caller::created`, `changed` and `no_content`.
pub type Changed = Result<Response>;

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(status, detail) = self;
        let problem = ProblemDetails::from_status_code(status).with_detail(detail);
        if status == StatusCode::UNAUTHORIZED {
            return ([(header::WWW_AUTHENTICATE, "Token")], problem).into_response();
        }
        problem.into_response()
    }
}

/// No more than the status says: a reason would tell a hidden row from an absent one.
impl From<labelgate::Answer> for Failure {
    fn from(answer: labelgate::Answer) -> Self {
        let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::FORBIDDEN);
        Self(status, status.canonical_reason().unwrap_or_default().to_lowercase())
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        denied.answer().into()
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused.answer() {
            // Whoever may ask may know what is in the way.
            labelgate::Answer::Conflict => conflict(refused),
            answer => answer.into(),
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => conflict("it is there already"),
            _ => internal(error),
        }
    }
}

/// What is wrong is for the log alone.
pub fn internal(error: impl Display) -> Failure {
    tracing::error!(%error, "a request failed");
    Failure(StatusCode::INTERNAL_SERVER_ERROR, "the error is in the log".to_owned())
}

pub fn unauthorized() -> Failure {
    Failure(StatusCode::UNAUTHORIZED, "a token or a session is needed".to_owned())
}

pub fn forbidden(detail: &str) -> Failure {
    Failure(StatusCode::FORBIDDEN, detail.to_owned())
}

pub fn not_found() -> Failure {
    labelgate::Answer::NotFound.into()
}

pub fn conflict(detail: impl ToString) -> Failure {
    Failure(StatusCode::CONFLICT, detail.to_string())
}

pub fn bad_request(detail: impl ToString) -> Failure {
    Failure(StatusCode::BAD_REQUEST, detail.to_string())
}

/// A path with something else than an id in it leads to nothing.
impl From<PathRejection> for Failure {
    fn from(rejection: PathRejection) -> Self {
        match rejection.status() {
            status if status.is_client_error() => not_found(),
            status => Self(status, rejection.body_text()),
        }
    }
}

macro_rules! rejections {
    ($($Rejection:ty)+) => {$(
        impl From<$Rejection> for Failure {
            fn from(rejection: $Rejection) -> Self {
                Self(rejection.status(), rejection.body_text())
            }
        }
    )+};
}

rejections! { BytesRejection FormRejection QueryRejection }
