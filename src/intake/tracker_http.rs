//! What the tracker tells: Asana that something happened to a task, a tracker of the operator's own what that was. Each
//! request's signature is checked on its raw bytes.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;

use crate::deliver::tracker::Tracker;
use crate::relay::Target;
use crate::store::conversations::By;
use crate::store::seen::{self, Shown};
use crate::store::tickets::Ticket;
use crate::store::wake::{self, Announcement};
use crate::store::{outbox, subscriptions, tickets};
use crate::takeover::effect::{Effect, TicketPart};
use crate::takeover::event::{Event, TicketChange};

use super::check::json;
use super::path::Ids;
use super::problem::Problem;
use super::state::{Intake, unavailable};

const HOOK_SECRET: HeaderName = HeaderName::from_static("x-hook-secret");

/// Asana (<https://developers.asana.com/docs/webhooks-guide>): its first word at an address is the secret that signs what
/// follows.
pub(super) async fn asana(
    State(intake): State<Intake>,
    Ids([target]): Ids<1>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let known = subscriptions::of_target(&intake.relay.db, &target).await;
    let known = known.map_err(|error| unavailable(&error.into()))?;
    let known = known.ok_or_else(|| Problem::unauthorized("nobody was given this address"))?;
    if let Some(word) = headers.get(&HOOK_SECRET) {
        let secret = word.to_str().ok().filter(|secret| (16..=255).contains(&secret.len())).map(SecretString::from);
        let secret = secret.ok_or_else(|| Problem::unauthorized("that is no secret"))?;
        let kept = intake.tools.keep_tracker_secret(&target, &secret).await.map_err(|error| unavailable(&error))?;
        return if kept {
            Ok((StatusCode::OK, [(HOOK_SECRET, word.clone())]).into_response())
        } else {
            Err(Problem::unauthorized("no secret is expected at this address"))
        };
    }
    let secret = subscriptions::secret(&known, &intake.relay.sealer);
    let signature = headers.get("x-hook-signature").and_then(|value| hex::decode(value.as_bytes()).ok());
    if !secret.zip(signature).is_some_and(|(secret, signature)| is_signed(&secret, &signature, &body)) {
        return Err(Problem::unauthorized("the signature does not fit"));
    }
    take(&intake, &json(&body)?).await.map_err(|error| unavailable(&error))?;
    Ok(StatusCode::OK.into_response())
}

/// A tracker of the operator's own (Standard Webhooks 1.0).
pub(super) async fn webhook(
    State(intake): State<Intake>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, stamp, signatures) = (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
    let now = intake.relay.clock.now().as_second();
    match intake.tools.tracker() {
        Some(Tracker::Webhook(tracker)) if tracker.verifies(id, stamp, signatures, &body, now) => {}
        _ => return Err(Problem::unauthorized("the signature does not fit")),
    }
    let body = json(&body)?;
    let data = &body["data"];
    let field = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
    let change = match body["type"].as_str() {
        Some("ticket.completed") => TicketChange::Completed { by: field("by") },
        Some("ticket.assigned") => TicketChange::Assigned { to: field("assignee") },
        Some("ticket.commented") => {
            let text = intake.relay.config.redaction.redact_text(&field("text")).into_owned();
            TicketChange::Commented { by: field("by"), text }
        }
        Some(_) => return Ok(StatusCode::ACCEPTED.into_response()),
        None => return Err(Problem::invalid_field("type", "must be the type of an event")),
    };
    let told = async {
        let Some(ticket) = tickets::by_ticket(&intake.relay.db, &field("id")).await? else { return anyhow::Ok(false) };
        let event = Event::Ticket { number: ticket.number, change };
        let identity = format!("tracker {id}");
        intake.relay.handle(Target::Of(By::Id(&ticket.conversation)), event, Some(&identity)).await?;
        Ok(true)
    };
    if told.await.map_err(|error| unavailable(&error))? {
        Ok(StatusCode::ACCEPTED.into_response())
    } else {
        Err(Problem::not_found("this ticket is not known"))
    }
}

fn is_signed(secret: &SecretString, signature: &[u8], body: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else { return false };
    mac.update(body);
    mac.verify_slice(signature).is_ok()
}

/// Has each ticket looked at that something happened to. Tasks that are no tickets of ours are left alone.
async fn take(intake: &Intake, body: &Value) -> anyhow::Result<()> {
    let mut looks: Vec<(Ticket, TicketPart)> = Vec::new();
    for event in body["events"].as_array().into_iter().flatten() {
        let Some((task, part)) = part(event) else { continue };
        let Some(ticket) = tickets::by_ticket(&intake.relay.db, task).await? else { continue };
        if !looks.contains(&(ticket.clone(), part.clone())) {
            looks.push((ticket, part));
        }
    }
    if looks.is_empty() {
        return Ok(());
    }
    let relay = &intake.relay;
    let now = relay.clock.now();
    let mut tx = relay.db.begin().await?;
    for (Ticket { conversation, number, .. }, at) in looks {
        if let TicketPart::Comment(story) = &at {
            let shown = Shown { conversation: &conversation, opening: 0 };
            if !seen::first(&mut tx, shown, &format!("asana {story}"), now).await? {
                continue;
            }
        }
        let look = Effect::LookAtTicket { number, at };
        outbox::append(&mut tx, &[look], Some(&conversation), None, &relay.ids, now).await?;
    }
    wake::announce(&mut tx, &Announcement::Work).await?;
    tx.commit().await?;
    relay.bell.ring();
    Ok(())
}

/// Which task an event is about, and which part of it.
fn part(event: &Value) -> Option<(&str, TicketPart)> {
    let gid = event["resource"]["gid"].as_str()?;
    match (event["resource"]["resource_type"].as_str()?, event["action"].as_str()?) {
        ("task", "changed") => {
            let part = match event["change"]["field"].as_str()? {
                "completed" => TicketPart::Completion,
                "assignee" => TicketPart::Assignee,
                "notes" => TicketPart::Description,
                _ => return None,
            };
            Some((gid, part))
        }
        ("story", "added") => Some((event["parent"]["gid"].as_str()?, TicketPart::Comment(gid.to_owned()))),
        _ => None,
    }
}
