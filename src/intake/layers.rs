//! What every request passes on its way to a handler, and every response on its way back.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::trace::TraceLayer;

use crate::telemetry::trace;

use super::problem::Problem;
use super::server::Limits;

/// After how many seconds somebody may come again for whom there was no room or no time.
const BUSY: u64 = 1;

/// Puts the layers around a router that has all of its routes. Errors become problem documents, whoever makes them.
pub fn apply(router: Router, limits: Limits) -> Router {
    let secrets = [AUTHORIZATION, COOKIE, HeaderName::from_static("x-slack-signature")];
    let layers = ServiceBuilder::new()
        .layer(SetSensitiveRequestHeadersLayer::new(secrets))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_request(()).on_failure(()))
        .layer(PropagateRequestIdLayer::x_request_id())
        .map_response(secure)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Bounds::new(limits), bounded));
    router
        .fallback(|| async { Problem::nothing_here() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(layers)
}

/// Without the query and the headers: they may hold secrets.
fn span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    let span = tracing::info_span!("request", http.method = %request.method(), http.path = request.uri().path(), request.id = id);
    trace::follow(&span, request.headers().get(trace::TRACEPARENT).and_then(|value| value.to_str().ok()));
    span
}

/// Sets what a handler has not set: nothing may be kept, guessed, framed or run.
fn secure<B>(mut response: Response<B>) -> Response<B> {
    let defaults = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in defaults {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The panic hook has told the log already, with the place.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::internal().into_response()
}

/// What requests may use.
#[derive(Clone)]
struct Bounds {
    limits: Limits,
    /// A permit for each byte of a body.
    room: Arc<Semaphore>,
}

impl Bounds {
    fn new(limits: Limits) -> Self {
        Self { limits, room: Arc::new(Semaphore::new(limits.max_bodies)) }
    }
}

/// Reads the body before the handler runs, and waits for the handler for so long: size and time are bounded in one place.
async fn bounded(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (bytes, _room) = match timeout(bounds.limits.body_read, whole(body, &bounds)).await {
        Ok(Ok(read)) => read,
        Ok(Err(problem)) => return problem.into_response(),
        Err(_) => return Problem::request_timeout().into_response(),
    };
    let answer = next.run(Request::from_parts(parts, Body::from(bytes)));
    timeout(bounds.limits.answer, answer).await.unwrap_or_else(|_| {
        tracing::error!("a request took too long and was given up");
        Problem::too_slow(BUSY).into_response()
    })
}

/// The bytes of a body, at most so many as one may have and as there is room for, with the room that they take.
async fn whole(mut body: Body, bounds: &Bounds) -> Result<(Vec<u8>, Option<OwnedSemaphorePermit>), Problem> {
    let limit = bounds.limits.max_body;
    let (mut bytes, mut room) = (Vec::new(), None::<OwnedSemaphorePermit>);
    let problem = loop {
        if announced(&body).saturating_add(bytes.len()) > limit {
            break Problem::too_large(limit);
        }
        let data = match body.frame().await {
            None => return Ok((bytes, room)),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            Some(Err(_)) => return Err(Problem::incomplete_body()),
        };
        if bytes.len() + data.len() > limit {
            break Problem::too_large(limit);
        }
        let size = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let Ok(more) = Arc::clone(&bounds.room).try_acquire_many_owned(size) else { break Problem::unavailable(BUSY) };
        match &mut room {
            Some(room) => room.merge(more),
            None => room = Some(more),
        }
        bytes.extend_from_slice(&data);
    };
    drop((bytes, room));
    discard(body, limit.saturating_mul(8)).await;
    Err(problem)
}

/// Takes what the peer still sends: most read the answer only after that. Who sends far too much is not heard out.
async fn discard(mut body: Body, limit: usize) {
    let mut left = limit;
    while announced(&body) <= left
        && let Some(Ok(frame)) = body.frame().await
    {
        let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return };
        left = rest;
    }
}

/// The bytes that are still to come, as far as the header tells.
fn announced(body: &Body) -> usize {
    usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use axum::http::StatusCode;
    use axum::routing::get;
    use serde_json::Value;
    use tower::ServiceExt;

    async fn call(method: &str, path: &str) -> (StatusCode, axum::http::HeaderMap, Value) {
        let router = Router::new()
            .route("/panic", get(|| async { panic!("the key is hunter2") as &str }))
            .route("/page", get(|| async { ([(CONTENT_SECURITY_POLICY, "default-src 'self'")], "null") }));
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = apply(router, Limits::default()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status, parts.headers, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_500_that_tells_nothing_internal() {
        let (status, headers, body) = call("GET", "/panic").await;
        assert_eq!((status.as_u16(), &body["code"]), (500, &Value::from("internal")));
        assert!(!body.to_string().contains("hunter2"));
        assert!(headers.contains_key("x-request-id"));
    }

    #[tokio::test]
    async fn unknown_paths_and_methods_are_problem_documents() {
        let (status, headers, body) = call("GET", "/nowhere").await;
        assert_eq!((status.as_u16(), &body["code"]), (404, &Value::from("not_found")));
        assert_eq!(headers["content-type"], "application/problem+json");
        let (status, headers, body) = call("POST", "/page").await;
        assert_eq!((status.as_u16(), &body["code"]), (405, &Value::from("method_not_allowed")));
        assert_eq!(headers["allow"], "GET,HEAD");
    }

    #[tokio::test]
    async fn headers_are_strict_unless_a_handler_says_otherwise() {
        let (_, headers, _) = call("GET", "/nowhere").await;
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert!(headers[CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'none'"));
        let (_, headers, _) = call("GET", "/page").await;
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "default-src 'self'");
    }
}
