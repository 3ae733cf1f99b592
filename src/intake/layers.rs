//! What every request passes on its way to a handler, and every response on its way back.

use std::any::Any;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::trace::TraceLayer;

use super::problem::Problem;
use super::server::Limits;

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
        .layer(from_fn_with_state(limits, with_whole_body));
    router
        .fallback(|| async { Problem::nothing_here() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(layers)
}

/// Without the query and the headers: they may hold secrets.
fn span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
    tracing::info_span!("request", http.method = %request.method(), http.path = request.uri().path(), request.id = id)
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

/// Reads the body before the handler runs, so that size and time are bounded in one place.
async fn with_whole_body(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match timeout(limits.body_read, whole(body, limits.max_body)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Err(problem)) => problem.into_response(),
        Err(_) => Problem::request_timeout().into_response(),
    }
}

/// At most `limit` bytes.
async fn whole(mut body: Body, limit: usize) -> Result<Bytes, Problem> {
    if announced(&body) <= limit {
        match Limited::new(&mut body, limit).collect().await {
            Ok(collected) => return Ok(collected.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {}
            Err(_) => return Err(Problem::incomplete_body()),
        }
    }
    discard(body, limit.saturating_mul(8)).await;
    Err(Problem::too_large(limit))
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
