//! What a caller of the HTTP API reads when its request is refused: a problem document (RFC 9457) with a stable `code`.
//! Every handler and parser of [`crate::intake`] answers errors with it.

use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// A refusal, for the caller to read. Holds nothing internal and nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// Stable, for programs to branch on.
    pub code: &'static str,
    /// What kind of problem this is; the same for every problem of one code.
    pub title: &'static str,
    /// What is wrong this time.
    pub detail: String,
    /// The offending fields, where there are some.
    pub errors: Vec<FieldError>,
    /// After how many seconds to try again.
    pub retry_after: Option<u64>,
    /// What else the caller may want to know, such as the current control, by name.
    pub more: Option<Box<(&'static str, Value)>>,
}

/// One offending field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where it is, such as `message.ts` or `[3].message.ts`; `body` is the whole body.
    pub path: String,
    /// What is expected there.
    pub detail: String,
}

impl Problem {
    /// The body is not JSON.
    #[must_use]
    pub fn bad_json(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_json", "The body is not valid JSON", detail)
    }

    /// The body is not UTF-8.
    #[must_use]
    pub fn bad_encoding() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_encoding", "The body is not valid UTF-8", "send the body as UTF-8")
    }

    /// The `Idempotency-Key` header cannot be used.
    #[must_use]
    pub fn bad_idempotency_key() -> Self {
        let detail = "send one Idempotency-Key of 1 to 255 visible ASCII characters";
        Self::new(StatusCode::BAD_REQUEST, "bad_idempotency_key", "The idempotency key is not valid", detail)
    }

    /// The body broke off before its end.
    #[must_use]
    pub fn incomplete_body() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "incomplete_body", "The body is incomplete", "the body broke off")
    }

    /// No key, a wrong key or a wrong signature.
    #[must_use]
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "The request is not authorised", detail)
    }

    /// There is no such thing, or it belongs to another bot.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found", detail)
    }

    /// There is nothing at this path.
    #[must_use]
    pub fn nothing_here() -> Self {
        Self::not_found("there is nothing at this path")
    }

    /// The path exists, the method does not.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        let detail = "the header Allow names the methods of this path";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed", detail)
    }

    /// The body did not arrive in time.
    #[must_use]
    pub fn request_timeout() -> Self {
        let detail = "the body did not arrive in time";
        Self::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "The request took too long", detail)
    }

    /// What was asked for contradicts the current state.
    #[must_use]
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "The request contradicts the current state", detail)
    }

    /// What was asked for contradicts the current state, in a way that has a name of its own.
    #[must_use]
    pub fn refused(code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let conflict = StatusCode::CONFLICT;
        match code {
            "already_in_queue" => Self::new(conflict, "already_in_queue", "An agent of that queue has it", detail),
            "taken" => Self::new(conflict, "taken", "Another agent has it", detail),
            "over" => Self::new(conflict, "over", "It is over", detail),
            "no_queue" => Self::new(conflict, "no_queue", "There is no queue", detail),
            "no_such_queue" => Self::new(conflict, "no_such_queue", "There is no such queue", detail),
            "same_queue" => Self::new(conflict, "same_queue", "It is in that queue", detail),
            "spam" => Self::new(conflict, "spam", "The conversation is marked as spam", detail),
            _ => Self::conflict(detail),
        }
    }

    /// A handoff relies on a queue to give it to somebody who is online, which the queue does not do.
    #[must_use]
    pub fn allocation_off(field: &str, queue: &str) -> Self {
        let detail =
            format!("needs a queue that gives customers to agents: set allocation = \"auto\" for the queue {queue}");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let problem = Self::new(status, "allocation_off", "The queue gives customers to nobody", detail.clone());
        Self { errors: vec![FieldError { path: field.to_owned(), detail }], ..problem }
    }

    /// The same, with something else that the caller may want to know.
    #[must_use]
    pub fn with(self, name: &'static str, value: Value) -> Self {
        Self { more: Some(Box::new((name, value))), ..self }
    }

    /// Control has changed hands since the caller last looked; `control` is the current one.
    #[must_use]
    pub fn stale_control(control: Value) -> Self {
        let detail = "control of the conversation has moved on; look at the current control";
        Self::new(StatusCode::CONFLICT, "stale_control", "Control has moved on", detail).with("control", control)
    }

    /// A request with the same idempotency key is still being answered.
    #[must_use]
    pub fn idempotency_in_progress() -> Self {
        let detail = "the first request with this Idempotency-Key is still being answered";
        Self::new(StatusCode::CONFLICT, "idempotency_in_progress", "The request is in progress", detail).retry_after(1)
    }

    /// The same idempotency key came with another request.
    #[must_use]
    pub fn idempotency_key_reused() -> Self {
        let title = "The idempotency key belongs to another request";
        let detail = "this Idempotency-Key was used with another method, path or body";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", title, detail)
    }

    /// The body is larger than `limit` bytes.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("the body may have {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is too large", detail)
    }

    /// The body is of a kind that this path does not read.
    #[must_use]
    pub fn unsupported_media_type(expected: &str) -> Self {
        let title = "The content type is not supported";
        let detail = format!("send the body as {expected}");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", title, detail)
    }

    /// Fields are missing or wrong.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => format!("{}: {}", one.path, one.detail),
            many => format!("{} fields are missing or wrong", many.len()),
        };
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request is not valid", detail);
        Self { errors, ..problem }
    }

    /// One field is missing or wrong.
    #[must_use]
    pub fn invalid_field(path: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { path: path.into(), detail: detail.into() }])
    }

    /// The service sheds load.
    #[must_use]
    pub fn overloaded(seconds: u64) -> Self {
        let detail = "too many requests are waiting";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "overloaded", "The service is overloaded", detail).retry_after(seconds)
    }

    /// The service cannot store anything at the moment.
    #[must_use]
    pub fn unavailable(seconds: u64) -> Self {
        let detail = "nothing was stored; send the request again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The service is unavailable", detail)
            .retry_after(seconds)
    }

    /// Too slow to wait for, which another time it may not be.
    #[must_use]
    pub fn too_slow(seconds: u64) -> Self {
        let detail = "it took too long; send the request again, and what was stored will be known as a duplicate";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The service is unavailable", detail)
            .retry_after(seconds)
    }

    /// Slack does not answer, or not now.
    #[must_use]
    pub fn slack_unavailable(seconds: u64) -> Self {
        let detail = "Slack does not hand out what was asked for at the moment; ask again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "slack_unavailable", "Slack is unavailable", detail)
            .retry_after(seconds)
    }

    /// A fault of the service. The log knows more.
    #[must_use]
    pub fn internal() -> Self {
        let detail = "the fault was logged under the request id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    }

    /// The document: the body of the response, or one element of the answer to an array.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut document = Map::new();
        document.insert("type".into(), format!("/docs#error-{}", self.code).into());
        document.insert("status".into(), self.status.as_u16().into());
        document.insert("code".into(), self.code.into());
        document.insert("title".into(), self.title.into());
        document.insert("detail".into(), self.detail.as_str().into());
        if !self.errors.is_empty() {
            let errors = self.errors.iter().map(|error| json!({ "path": error.path, "detail": error.detail }));
            document.insert("errors".into(), errors.collect());
        }
        if let Some((name, value)) = self.more.as_deref() {
            document.insert((*name).into(), Value::clone(value));
        }
        Value::Object(document)
    }

    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, title, detail: detail.into(), errors: Vec::new(), retry_after: None, more: None }
    }

    fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        (self.status, headers, self.to_value().to_string()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_names_every_offending_field() {
        let problem = Problem::invalid(vec![
            FieldError { path: "[3].message.ts".into(), detail: "is required".into() },
            FieldError { path: "[3].team_id".into(), detail: "is required".into() },
        ]);
        assert_eq!(
            problem.to_value(),
            json!({
                "type": "/docs#error-invalid", "status": 422, "code": "invalid", "title": "The request is not valid",
                "detail": "2 fields are missing or wrong",
                "errors": [
                    { "path": "[3].message.ts", "detail": "is required" },
                    { "path": "[3].team_id", "detail": "is required" },
                ],
            })
        );
    }

    #[test]
    fn a_stale_request_learns_the_current_control() {
        let control = json!({ "holder": "human", "paused": true, "epoch": 4 });
        let problem = Problem::stale_control(control.clone());
        assert_eq!((problem.status, &problem.to_value()["control"]), (StatusCode::CONFLICT, &control));
    }

    #[test]
    fn headers_say_how_to_go_on() {
        let response = Problem::overloaded(7).into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "7");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(Problem::unauthorized("no key").into_response().headers()[WWW_AUTHENTICATE], "Bearer");
    }
}
