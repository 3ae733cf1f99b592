//! `/v1/customers`: what is kept of a customer, handed out or erased.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::store::contact::Contact;
use crate::store::{customers, erase, events, journal};
use crate::takeover::conversation::{Actor, Conversation};

use super::bot_api::state;
use super::caller::Caller;
use super::path::Ids;
use super::problem::Problem;
use super::records_api::shown;
use super::state::{Intake, unavailable};

/// Erases a customer; an open room is closed first.
pub(super) async fn erase(
    State(intake): State<Intake>,
    Ids([team, user_id]): Ids<2>,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    let contact = Contact { bot: bot.id.clone(), team, user_id, channel: None };
    let erase = async {
        intake.contacts.write(&intake.desk).await?;
        let rooms = intake.desk.erase(&contact, &Actor::Bot).await;
        intake.contacts.renew();
        rooms
    };
    let rooms = erase.await.map_err(|error| unavailable(&error))?.ok_or_else(nobody)?;
    let rooms: Vec<Value> = rooms.iter().map(|room| json!({ "id": room.id, "name": room.name })).collect();
    let body = json!({ "team_id": contact.team, "user_id": contact.user_id, "rooms": rooms });
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}

/// Everything that is kept of a customer.
pub(super) async fn export(
    State(intake): State<Intake>,
    Ids([team, user_id]): Ids<2>,
    Caller(bot): Caller,
) -> Result<Response, Problem> {
    let contact = Contact { bot: bot.id.clone(), team, user_id, channel: None };
    let everything = everything(&intake, &contact).await.map_err(|error| unavailable(&error))?;
    Ok(Json(everything.ok_or_else(nobody)?).into_response())
}

async fn everything(intake: &Intake, contact: &Contact) -> anyhow::Result<Option<Value>> {
    intake.contacts.write(&intake.desk).await?;
    let db = &intake.relay.db;
    let found = customers::get(db, &contact.bot, &contact.team, &contact.user_id).await?;
    let known = erase::conversations_of(db, contact).await?;
    if found.is_none() && known.is_empty() {
        return Ok(None);
    }
    let mut conversations = Vec::new();
    for conversation in &known {
        conversations.push(all_of(intake, conversation).await?);
    }
    let directory = found.map(|found| json!({ "channel_id": found.contact.channel, "profile": found.profile }));
    Ok(Some(json!({
        "bot": contact.bot,
        "team_id": contact.team,
        "user_id": contact.user_id,
        "directory": directory,
        "conversations": conversations,
    })))
}

async fn all_of(intake: &Intake, conversation: &Conversation) -> anyhow::Result<Value> {
    let mut lines = journal::page(&intake.relay.db, Some(&conversation.id), None, u32::MAX).await?;
    lines.reverse();
    let published = events::of_conversation(&intake.relay.db, &conversation.id, &intake.relay.sealer).await?;
    Ok(json!({
        "state": state(intake, conversation),
        "profile": conversation.customer.profile,
        "held": conversation.held.iter().map(|held| &held.message).collect::<Vec<_>>(),
        "published": published,
        "journal": lines.iter().map(shown).collect::<Vec<_>>(),
        "transcript": intake.tools.kept_transcript(conversation).await?.json(),
    }))
}

fn nobody() -> Problem {
    Problem::not_found("this customer is not known")
}
