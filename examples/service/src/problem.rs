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
    #[error(transparent)]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// What handlers return that read.
pub type Answer = Result<Json<Value>>;

/// What handlers return that change something: see `Caller::created`, `changed` and `no_content`.
pub type Changed = Result<Response>;

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
                _ => logged(&error),
            },
            Self::Internal(error) => logged(&*error),
        };
        let problem = ProblemDetails::from_status_code(status).with_detail(detail);
        if status == StatusCode::UNAUTHORIZED {
            return ([(header::WWW_AUTHENTICATE, "Token")], problem).into_response();
        }
        problem.into_response()
    }
}

fn logged(error: &dyn std::error::Error) -> (StatusCode, String) {
    tracing::error!(%error, "a request failed");
    (StatusCode::INTERNAL_SERVER_ERROR, "the error is in the log".to_owned())
}

pub fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::Internal(Box::new(error))
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

pub fn conflict(detail: impl ToString) -> Failure {
    Failure::Problem(StatusCode::CONFLICT, detail.to_string())
}

pub fn bad_request(detail: impl ToString) -> Failure {
    Failure::Problem(StatusCode::BAD_REQUEST, detail.to_string())
}

/// A path with something else than an id in it leads to nothing.
impl From<PathRejection> for Failure {
    fn from(rejection: PathRejection) -> Self {
        match rejection.status() {
            status if status.is_client_error() => not_found(),
            status => Self::Problem(status, rejection.body_text()),
        }
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Self {
        Self::Problem(rejection.status(), rejection.body_text())
    }
}

impl From<BytesRejection> for Failure {
    fn from(rejection: BytesRejection) -> Self {
        Self::Problem(rejection.status(), rejection.body_text())
    }
}
