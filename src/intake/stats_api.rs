//! `/v1/stats`: the numbers of a bot's own conversations.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use crate::takeover::handoff::queue::Queues;

use super::form::Form;
use super::problem::Problem;
use super::state::{Intake, bot, unavailable};

/// The numbers of some days up to today.
pub(super) async fn get(
    State(intake): State<Intake>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let bot = bot(&intake, &headers)?;
    let query = Form::parse(query.unwrap_or_default().as_bytes())?;
    let most = intake.desk.days_of_numbers();
    let days = match query.get("days") {
        None => most.min(7),
        Some(text) => text
            .parse()
            .ok()
            .filter(|days| (1..=most).contains(days))
            .ok_or_else(|| Problem::invalid_field("days", format!("must be a number from 1 to {most}")))?,
    };
    let queues = intake.relay.watches.queues();
    let queue = match query.get("queue").filter(|label| !label.is_empty()) {
        None => None,
        Some(label) => Some(
            Queues(&queues)
                .find(label)
                .ok_or_else(|| Problem::invalid_field("queue", "must be the label of a queue"))?,
        ),
    };
    let scope = intake.desk.up_to_today(queue, days);
    let numbers = intake.desk.numbers(&scope, Some(&bot.id)).await.map_err(|error| unavailable(&error))?;
    Ok(Json(numbers.to_json()).into_response())
}
