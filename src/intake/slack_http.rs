//! Slack's four ways in for the hub app, and one for each bot's own app. Every request's signature is checked on its raw
//! bytes, and every answer is given when the work is stored.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tracing::warn;

use super::path::Ids;
use super::problem::Problem;
use super::slack_payload::{self, Command, Kind, SlackEvent};
use super::state::{Intake, unavailable};
use super::{commands, events, ingest_api, interactions, signature};

/// Events of the hub app.
pub(super) async fn events(State(intake): State<Intake>, Signed(body): Signed) -> Result<Response, Problem> {
    match slack_payload::event(&body) {
        Ok(SlackEvent::UrlVerification { challenge }) => Ok(Json(json!({ "challenge": challenge })).into_response()),
        Ok(event) => {
            events::take(&intake, event).await.map_err(|error| unavailable(&error))?;
            Ok(StatusCode::OK.into_response())
        }
        // Slack would send the same again.
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            warn!(detail = problem.detail.as_ref() as &str, "an event that is not as Slack describes it");
            Ok(StatusCode::OK.into_response())
        }
        Err(problem) => Err(problem),
    }
}

/// Slash commands. An error is an answer too: Slack shows nothing else.
pub(super) async fn commands(State(intake): State<Intake>, Signed(body): Signed) -> Result<Response, Problem> {
    match slack_payload::command(&body)? {
        Command::SslCheck => Ok(StatusCode::OK.into_response()),
        Command::Slash(command) => {
            let answer = commands::run(&intake, &command).await;
            Ok(answer.map_or_else(|| StatusCode::OK.into_response(), |answer| Json(answer).into_response()))
        }
    }
}

/// Buttons, menus, shortcuts and modals.
pub(super) async fn interactivity(State(intake): State<Intake>, Signed(body): Signed) -> Result<Response, Problem> {
    let interaction = slack_payload::interaction(&body)?;
    let answer = interactions::take(&intake, &interaction).await.map_err(|error| unavailable(&error))?;
    Ok(answer.map_or_else(|| StatusCode::OK.into_response(), |answer| Json(answer).into_response()))
}

/// Options for a menu that somebody types into.
pub(super) async fn options(State(intake): State<Intake>, Signed(body): Signed) -> Result<Response, Problem> {
    let interaction = slack_payload::interaction(&body)?;
    let options = match interaction.kind {
        Kind::BlockSuggestion => {
            interactions::options(&intake, &interaction).await.map_err(|error| unavailable(&error))?
        }
        _ => json!({ "options": [] }),
    };
    Ok(Json(options).into_response())
}

/// Events of a bot's own app, where it sends them here instead of to `/ingest`.
pub(super) async fn bot_events(
    State(intake): State<Intake>,
    Ids([bot]): Ids<1>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let secret = |bot: &crate::config::Bot| !bot.signing_secret.expose_secret().is_empty();
    let config = &intake.relay.config;
    let Some(bot) = config.bot(&bot).filter(|bot| secret(bot)) else {
        return Err(Problem::unauthorized("no app of this bot sends events here"));
    };
    verify(&intake, &bot.signing_secret, &headers, &body)?;
    if let Some(challenge) = slack_payload::challenge(&body) {
        return Ok(Json(json!({ "challenge": challenge })).into_response());
    }
    match ingest_api::take(&intake, bot, &body).await {
        Ok(_) => Ok(StatusCode::OK.into_response()),
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => Ok(StatusCode::OK.into_response()),
        Err(problem) => Err(problem),
    }
}

/// A body that Slack signed for the hub app. Whoever takes it cannot forget the check.
pub(super) struct Signed(Bytes);

impl FromRequest<Intake> for Signed {
    type Rejection = Problem;

    async fn from_request(request: Request, intake: &Intake) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, intake).await.map_err(|_| Problem::incomplete_body())?;
        verify(intake, &intake.relay.config.slack.signing_secret, &headers, &body)?;
        Ok(Self(body))
    }
}

/// <https://docs.slack.dev/authentication/verifying-requests-from-slack>
fn verify(intake: &Intake, secret: &SecretString, headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (timestamp, signed) = (header("x-slack-request-timestamp"), header("x-slack-signature"));
    signature::verify(secret.expose_secret(), timestamp, signed, body, intake.relay.clock.now())
        .map_err(|refused| Problem::unauthorized(refused.to_string()))
}
