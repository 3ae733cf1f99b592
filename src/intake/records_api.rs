//! `/v1`: what is on record of a conversation: who did what, and what was said.

use std::time::Duration;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::config::Bot;
use crate::deliver::errand::Obstacle;
use crate::render::transcript::document::Format;
use crate::store::conversations::{self, By};
use crate::store::journal::{self, Line};
use crate::takeover::conversation::{Conversation, Key};

use super::caller::Caller;
use super::form::Form;
use super::path::Ids;
use super::problem::Problem;
use super::state::{Intake, unavailable};

/// Lines of the journal on a page, unless the caller wants fewer or more, and at most.
const LINES: (u32, u32) = (50, 200);
/// How long a request waits for Slack.
const PATIENCE: Duration = Duration::from_secs(8);

/// Who did what, the newest first.
pub(super) async fn audit(
    State(intake): State<Intake>,
    Ids(place): Ids<2>,
    RawQuery(query): RawQuery,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    let query = Form::parse(query.unwrap_or_default().as_bytes())?;
    let (usual, most) = LINES;
    let limit = match query.get("limit") {
        None => usual,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=most).contains(limit))
            .ok_or_else(|| Problem::invalid_field("limit", format!("must be a number from 1 to {most}")))?,
    };
    let conversation = known(&intake, &bot, place).await?;
    // One more than asked for tells whether there are more.
    let mut lines = journal::page(&intake.relay.db, Some(&conversation.id), query.get("before"), limit + 1)
        .await
        .map_err(|error| unavailable(&error))?;
    let more = lines.len() > limit as usize;
    lines.truncate(limit as usize);
    let next = lines.last().filter(|_| more).map(|line| line.id.clone());
    Ok(Json(json!({ "lines": lines.iter().map(shown).collect::<Vec<_>>(), "next": next })).into_response())
}

/// What was relayed, and the notes apart.
pub(super) async fn transcript(
    State(intake): State<Intake>,
    Ids(place): Ids<2>,
    RawQuery(query): RawQuery,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    let query = Form::parse(query.unwrap_or_default().as_bytes())?;
    let format = Format::named(query.get("format").unwrap_or("json"))
        .ok_or_else(|| Problem::invalid_field("format", "must be json, md or txt"))?;
    let conversation = known(&intake, &bot, place).await?;
    let document = match tokio::time::timeout(PATIENCE, intake.tools.transcript(&conversation)).await {
        Ok(Ok(document)) => document,
        Ok(Err(Obstacle::Internal(error))) => return Err(unavailable(&error)),
        Ok(Err(Obstacle::NotBefore(time))) => {
            let seconds = time.duration_since(intake.relay.clock.now()).as_secs().max(0);
            return Err(Problem::slack_unavailable(u64::try_from(seconds).unwrap_or_default() + 1));
        }
        Ok(Err(Obstacle::Refused(_) | Obstacle::NoToken)) | Err(_) => return Err(Problem::slack_unavailable(10)),
    };
    Ok(([(CONTENT_TYPE, format.mime())], document.render(format)).into_response())
}

/// A line of the journal as the API writes it.
pub(super) fn shown(line: &Line) -> Value {
    json!({
        "id": line.id, "at": format!("{:.3}", line.at), "kind": line.kind, "actor": line.actor, "detail": line.detail,
    })
}

/// A conversation that somebody has had to do with.
async fn known(intake: &Intake, bot: &Bot, [team, channel]: [String; 2]) -> Result<Conversation, Problem> {
    let key = Key { bot: bot.id.clone(), team, channel };
    conversations::get(&intake.relay.db, By::Key(&key))
        .await
        .map_err(|error| unavailable(&error))?
        .ok_or_else(|| Problem::not_found("nobody has had to do with this conversation"))
}
