//! `/v1/webhooks`: the endpoints that are told of a bot's conversations. Those of other bots do not exist for it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::from_millis;
use crate::config::{Bot, Webhook};
use crate::store::endpoints::{self, Endpoint};

use super::caller::{Caller, Object};
use super::path::Ids;
use super::problem::Problem;
use super::state::{Intake, unavailable};

/// Which endpoints there are, and how they stand.
pub(super) async fn list(State(intake): State<Intake>, Caller(bot): Caller) -> Result<Response, Problem> {
    let mut all = Vec::new();
    for endpoint in intake.relay.config.webhooks.iter().filter(|endpoint| endpoint.is_of(&bot.id)) {
        let known = endpoints::get(&intake.relay.db, &endpoint.id).await;
        all.push(shown(endpoint, &known.map_err(|error| unavailable(&error.into()))?));
    }
    Ok(Json(json!({ "webhooks": all })).into_response())
}

/// Sends an endpoint a `ping`.
pub(super) async fn ping(
    State(intake): State<Intake>,
    Ids([id]): Ids<1>,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    let endpoint = find(&intake, &bot, &id)?;
    intake.desk.ping(&endpoint.id).await.map_err(|error| unavailable(&error))?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "id": endpoint.id }))).into_response())
}

/// Sends an endpoint again what was published about this bot's conversations.
pub(super) async fn replay(
    State(intake): State<Intake>,
    Ids([id]): Ids<1>,
    Caller(bot): Caller,
    Object(body): Object,
) -> Result<Response, Problem> {
    let endpoint = find(&intake, &bot, &id)?;
    let since = time(&body, "since")?.ok_or_else(|| Problem::invalid_field("since", EXPECTED_TIME))?;
    let until = time(&body, "until")?;
    let asked = intake.desk.replay(&endpoint.id, Some(&bot.id), since, until).await;
    asked.map_err(|error| unavailable(&error))?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "id": endpoint.id }))).into_response())
}

/// Tells an endpoint again that answered 410.
pub(super) async fn enable(
    State(intake): State<Intake>,
    Ids([id]): Ids<1>,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    let endpoint = find(&intake, &bot, &id)?;
    intake.desk.enable(&endpoint.id).await.map_err(|error| unavailable(&error))?;
    let known = endpoints::get(&intake.relay.db, &endpoint.id).await.map_err(|error| unavailable(&error.into()))?;
    Ok(Json(shown(endpoint, &known)).into_response())
}

const EXPECTED_TIME: &str = "must be a time, such as 2026-11-20T10:00:00Z";

fn time(body: &Value, field: &str) -> Result<Option<Timestamp>, Problem> {
    match &body[field] {
        Value::Null => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(|_| Problem::invalid_field(field, EXPECTED_TIME)),
        _ => Err(Problem::invalid_field(field, EXPECTED_TIME)),
    }
}

fn find<'a>(intake: &'a Intake, bot: &Bot, id: &str) -> Result<&'a Webhook, Problem> {
    let endpoint = intake.relay.config.webhook(id).filter(|endpoint| endpoint.is_of(&bot.id));
    endpoint.ok_or_else(|| Problem::not_found("there is no such endpoint for this bot"))
}

/// Not its address, which may hold a secret.
fn shown(endpoint: &Webhook, known: &Endpoint) -> Value {
    let time = |time: Option<i64>| time.map(|time| format!("{:.3}", from_millis(time)));
    json!({
        "id": endpoint.id,
        "events": endpoint.events,
        "enabled": known.disabled_at.is_none(),
        "disabled_at": time(known.disabled_at),
        "pinged_at": time(known.pinged_at),
        "answer": known.answer,
    })
}
