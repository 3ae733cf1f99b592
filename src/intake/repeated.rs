//! `Idempotency-Key`: a POST that is repeated with its key gets the first one's answer, and nothing happens twice.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::store::idempotency::{self as store, Claim};

use super::idempotency::{fingerprint, key};
use super::problem::Problem;
use super::state::{Intake, bot, unavailable};

/// More than any answer of ours.
const MAX_ANSWER: usize = 16 << 20;
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Answers a request with a key once, and repeats that answer.
pub(super) async fn answer_once(
    State(intake): State<Intake>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if request.method() != Method::POST {
        return Ok(next.run(request).await);
    }
    let Some(name) = key(request.headers())? else { return Ok(next.run(request).await) };
    let bot = bot(&intake, request.headers())?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_ANSWER).await.map_err(|_| Problem::incomplete_body())?;
    let fingerprint = fingerprint(&parts.method, parts.uri.path(), &body);

    match claim(&intake, &bot.id, &name, &fingerprint).await.map_err(|error| unavailable(&error))? {
        Claim::First => {}
        Claim::Answered(status, body) => return Ok(replay(status, body)),
        Claim::InProgress => return Err(Problem::idempotency_in_progress()),
        Claim::Reused => return Err(Problem::idempotency_key_reused()),
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_ANSWER).await.map_err(|_| Problem::internal())?;
    remember(&intake, &bot.id, &name, parts.status, &body).await.map_err(|error| unavailable(&error))?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

async fn claim(intake: &Intake, bot: &str, name: &str, fingerprint: &str) -> anyhow::Result<Claim> {
    let mut tx = intake.relay.db.begin().await?;
    let claim = store::claim(&mut tx, bot, name, fingerprint, intake.relay.clock.now()).await?;
    tx.commit().await?;
    Ok(claim)
}

/// A failure of ours is not remembered: the next try may succeed.
async fn remember(intake: &Intake, bot: &str, name: &str, status: StatusCode, body: &Bytes) -> anyhow::Result<()> {
    let mut tx = intake.relay.db.begin().await?;
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        store::forget(&mut tx, bot, name).await?;
    } else {
        store::answered(&mut tx, bot, name, status.as_u16(), &String::from_utf8_lossy(body)).await?;
    }
    Ok(tx.commit().await?)
}

fn replay(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let is_problem = status.is_client_error();
    let content_type = if is_problem { "application/problem+json" } else { "application/json" };
    let headers =
        [(CONTENT_TYPE, HeaderValue::from_static(content_type)), (REPLAYED, HeaderValue::from_static("true"))];
    (status, headers, body).into_response()
}
