//! The HTTP side: routes, the reading of arguments, and the faults that a network has.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::fmt::rfc2822;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::api::{self, Refusal, Reply, Request};
use super::crowding::UnderWay;
use super::faults::Fault;
use super::world::{Object, World, object};
use super::{Call, Core};
use super::{files, socket_wire};

/// Marks an answer that must not arrive.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection is cut on purpose")]
pub(super) struct Cut;

/// Accepts connections until it is aborted.
pub(super) async fn run(listener: TcpListener, core: Arc<Core>) {
    let router = Router::new()
        .route("/api/{method}", any(web_api))
        .route("/response/{id}", post(response_url))
        .route("/upload/{team}/{file}", post(files::upload))
        .route("/files-pri/{place}/{*rest}", get(files::download))
        .route("/moved/{*rest}", get(files::moved))
        .route("/link/", get(socket_wire::link))
        .layer(DefaultBodyLimit::max(64 << 20))
        .with_state(Arc::clone(&core));
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (router, core) = (router.clone(), Arc::clone(&core));
        let service = service_fn(move |request| {
            let (router, core) = (router.clone(), Arc::clone(&core));
            async move {
                if core.offline.load(Ordering::SeqCst) {
                    return Err(Cut);
                }
                let Ok(response) = router.oneshot(request).await;
                if response.extensions().get::<Cut>().is_some() { Err(Cut) } else { Ok(response) }
            }
        });
        tokio::spawn(async move {
            // A failed connection concerns its client only.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
        });
    }
}

async fn web_api(
    State(core): State<Arc<Core>>,
    Path(method): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let (mut args, is_json) = match arguments(&uri, &headers, &body) {
        Ok(read) => read,
        Err(refusal) => return answer(&Reply { body: refusal.answer(), retry_after: None }),
    };
    let in_form = args.shift_remove("token").and_then(|token| token.as_str().map(str::to_owned));
    let token = bearer(&headers).map(str::to_owned).or(in_form);
    let shown = Value::Object(args.clone());
    let _under_way = UnderWay::begin(&core, &method, &shown);
    let mut response = core
        .faulty(&method, token.as_deref(), shown, |core| {
            let mut world = core.world();
            let request = Request { method: &method, token: token.as_deref(), args, json: is_json };
            api::call(&mut world, request)
        })
        .await;
    tell(&core.world(), token.as_deref(), response.headers_mut());
    response
}

/// What Slack tells with every answer: what time it is, and what the token may do.
fn tell(world: &World, token: Option<&str>, headers: &mut HeaderMap) {
    let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&world.now()).ok();
    let scopes = api::authenticate(world, token).ok().map(|caller| caller.scopes.join(","));
    for (name, text) in [(DATE, date), (HeaderName::from_static("x-oauth-scopes"), scopes)] {
        if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(name, value);
        }
    }
}

async fn response_url(State(core): State<Arc<Core>>, Path(id): Path<String>, body: Bytes) -> Response<Body> {
    let sent = serde_json::from_slice(&body).map_or_else(|_| Object::new(), object);
    core.faulty("response_url", None, Value::Object(sent.clone()), |core| {
        let body = match core.world().respond(&id, &sent) {
            Ok(()) => json!({ "ok": true }),
            Err(refusal) => refusal.answer(),
        };
        Reply { body, retry_after: None }
    })
    .await
}

impl Core {
    /// Carries out a call with whatever goes wrong with it, and logs it.
    async fn faulty(
        &self,
        method: &str,
        token: Option<&str>,
        args: Value,
        run: impl FnOnce(&Self) -> Reply,
    ) -> Response<Body> {
        let fault = self.world().faults.draw(method);
        if fault == Some(Fault::HangBefore) {
            self.hang().await;
        }
        let planned = match &fault {
            Some(Fault::RateLimited { retry_after_secs }) => Some(("ratelimited", Some(*retry_after_secs))),
            Some(Fault::Error(code)) => Some((code.as_str(), None)),
            Some(Fault::Http500Before | Fault::ResetBefore) => Some(("", None)),
            _ => None,
        };
        let refused =
            planned.map(|(code, retry_after)| Reply { body: json!({ "ok": false, "error": code }), retry_after });
        let mark = self.world().serial();
        let reply = refused.unwrap_or_else(|| run(self));
        self.log(method, token, args, &reply, fault.clone());
        self.queued.notify_one();
        self.deliver_own(mark).await;
        match fault {
            Some(Fault::Http500Before | Fault::Http500After) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Some(Fault::ResetBefore | Fault::ResetAfter) => cut(),
            Some(Fault::HangAfter) => {
                self.hang().await;
                answer(&reply)
            }
            _ => answer(&reply),
        }
    }

    /// Does something beside the Web API, with whatever goes wrong with it.
    pub(super) async fn disturbed(&self, what: &str, run: impl FnOnce() -> Response<Body>) -> Response<Body> {
        let fault = self.world().faults.draw(what);
        match fault {
            None => run(),
            Some(Fault::RateLimited { retry_after_secs }) => {
                (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, retry_after_secs.to_string())]).into_response()
            }
            Some(Fault::Error(text)) => (StatusCode::BAD_REQUEST, text).into_response(),
            Some(Fault::Http500Before) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Some(Fault::Http500After) => {
                run();
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
            Some(Fault::ResetBefore) => cut(),
            Some(Fault::ResetAfter) => {
                run();
                cut()
            }
            Some(Fault::HangBefore) => {
                self.hang().await;
                run()
            }
            Some(Fault::HangAfter) => {
                let response = run();
                self.hang().await;
                response
            }
        }
    }

    async fn hang(&self) {
        // The sender lives as long as `self`, so the wait ends with a release only.
        let _ = self.releases.subscribe().changed().await;
    }

    fn log(&self, method: &str, token: Option<&str>, args: Value, reply: &Reply, fault: Option<Fault>) {
        let mut world = self.world();
        let caller = token.and_then(|token| world.credentials.get(token)).cloned();
        let (team, app_id) = caller.map(|caller| (caller.team, caller.app_id)).unwrap_or_default();
        let (method, at, answer) = (method.to_owned(), world.now(), reply.body.clone());
        world.calls.push(Call { method, team, app_id, at, args, answer, fault });
    }
}

/// A response that never arrives.
fn cut() -> Response<Body> {
    let mut cut = Response::new(Body::empty());
    cut.extensions_mut().insert(Cut);
    cut
}

fn answer(reply: &Reply) -> Response<Body> {
    let body = axum::Json(&reply.body);
    match reply.retry_after {
        Some(seconds) => (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())], body).into_response(),
        None => body.into_response(),
    }
}

/// The arguments of a call, from the query and the body, and whether the body was JSON.
fn arguments(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<(Object, bool), Refusal> {
    let mut args = form(uri.query().unwrap_or_default().as_bytes());
    let kind = header(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim() {
        _ if body.is_empty() => Ok((args, false)),
        "application/json" => {
            let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return Err("invalid_json".into()) };
            args.extend(fields);
            Ok((args, true))
        }
        "application/x-www-form-urlencoded" => {
            args.extend(form(body));
            Ok((args, false))
        }
        "" => Err("missing_post_type".into()),
        _ => Err("invalid_post_type".into()),
    }
}

fn form(encoded: &[u8]) -> Object {
    url::form_urlencoded::parse(encoded).map(|(name, value)| (name.into_owned(), json!(value))).collect()
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    header(headers, AUTHORIZATION.as_str())?.strip_prefix("Bearer ")
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
