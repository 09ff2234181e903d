//! From denials, refusals and errors to responses: problem details (RFC 9457).

use axum::Json;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use labelgate::Answer::Conflict;
use labelgate::Denied;
use labelgate::membership::Refused;
use problem_details::ProblemDetails;
use sea_orm::{DbErr, SqlErr};
use serde_json::Value;

/// Why a request is not served.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("{1}")]
    Problem(StatusCode, String),
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error("what is stored cannot be read: {0}")]
    Stored(Box<dyn std::error::Error + Send + Sync>),
}

/// What handlers return that read.
pub type Answer = Result<Json<Value>, Failure>;
/// What handlers return that change something: see `Caller::created`, `changed` and `no_content`.
pub type Changed = Result<Response, Failure>;

/// No more than the status says: a reason would tell a hidden row from an absent one.
impl From<labelgate::Answer> for Failure {
    fn from(answer: labelgate::Answer) -> Self {
        let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::FORBIDDEN);
        Self::Problem(status, status.canonical_reason().unwrap_or_default().to_lowercase())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::Denied(denied) => return Self::from(denied.answer()).into_response(),
            // Whoever may ask may know what is in the way.
            Self::Refused(no) if no.answer() == Conflict => (StatusCode::CONFLICT, no.to_string()),
            Self::Refused(refused) => return Self::from(refused.answer()).into_response(),
            Self::Problem(status, detail) => (status, detail),
            Self::Database(error) => match error.sql_err() {
                Some(SqlErr::UniqueConstraintViolation(_)) => {
                    (StatusCode::CONFLICT, "it is there already".to_owned())
                }
                _ => internal(&error),
            },
            Self::Stored(error) => internal(&*error),
        };
        let problem = ProblemDetails::from_status_code(status).with_detail(detail);
        match status {
            StatusCode::UNAUTHORIZED => {
                ([(header::WWW_AUTHENTICATE, "Token")], problem).into_response()
            }
            _ => problem.into_response(),
        }
    }
}

fn internal(error: &dyn std::error::Error) -> (StatusCode, String) {
    tracing::error!(%error, "a request failed");
    (StatusCode::INTERNAL_SERVER_ERROR, "the error is in the log".to_owned())
}

pub fn stored(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::Stored(Box::new(error))
}

pub fn unauthorized() -> Failure {
    Failure::Problem(StatusCode::UNAUTHORIZED, "a token or a session is needed".to_owned())
}

pub fn forbidden(detail: &str) -> Failure {
    Failure::Problem(StatusCode::FORBIDDEN, detail.to_owned())
}

pub fn not_found() -> Failure {
    labelgate::Answer::NotFound.into()
}

pub fn conflict(detail: &str) -> Failure {
    Failure::Problem(StatusCode::CONFLICT, detail.to_owned())
}

pub fn changed() -> Failure {
    conflict("changed in the meantime")
}

pub fn bad_request(detail: impl ToString) -> Failure {
    Failure::Problem(StatusCode::BAD_REQUEST, detail.to_string())
}

/// Of users in a body: unknown, elsewhere and inactive ones are not told apart.
pub fn no_such_user() -> Failure {
    bad_request("not an active member of the organization")
}

macro_rules! rejections {
    ($($Rejection:ty)+) => {$(
        impl From<$Rejection> for Failure {
            fn from(rejection: $Rejection) -> Self {
                Self::Problem(rejection.status(), rejection.body_text())
            }
        }
    )+};
}

rejections! { BytesRejection QueryRejection }

/// A path with something else than an id in it leads to nothing.
impl From<PathRejection> for Failure {
    fn from(rejection: PathRejection) -> Self {
        if rejection.status().is_client_error() {
            not_found()
        } else {
            Self::Problem(rejection.status(), rejection.body_text())
        }
    }
}
