//! The ticket of a conversation: opened, commented and completed in the tracker as things happen here, and the other way
//! round. A conversation has one open ticket at most.

use serde_json::{Value, json};

use crate::config::{OnComplete, texts};
use crate::render::transcript::plain;
use crate::render::{as_text, notice, text};

use super::cards;
use super::closing;
use super::conversation::{Actor, Room};
use super::effect::{Effect, TicketStep};
use super::event::{Failure, TicketChange};
use super::failures;
use super::turn::Turn;

/// Characters of a message that a ticket holds.
const LONGEST: usize = 10_000;

/// Something was published: the ticket is opened, commented or completed, as the operator wants it.
pub fn follow(turn: &mut Turn<'_>, kind: &str, by: &Actor, extra: &[(&str, Value)]) {
    let tracker = turn.rules.tracker;
    if !turn.conversation.ticket.is_open {
        if tracker.creates_on(kind) {
            open(turn, kind, by, extra);
        }
        return;
    }
    let completes = tracker.completes_on(kind);
    if completes || tracker.comments_on(kind) {
        let text = describe(turn, kind, by, extra);
        step(turn, TicketStep::Comment { text, with_room: kind == "conversation.opened" });
    }
    if completes {
        turn.conversation.ticket.is_open = false;
        step(turn, TicketStep::Complete);
    }
}

/// The tracker has the ticket.
pub fn opened(turn: &mut Turn<'_>, url: &str) {
    turn.record("ticket.opened", &Actor::Service, json!({ "url": url }));
    let link = if url.starts_with("http") { format!("<{url}|the tracker>") } else { "the tracker".to_owned() };
    turn.post_text(texts::TICKET_OPENED, &[("tracker", &link)]);
}

/// The tracker does not take it.
pub fn failed(turn: &mut Turn<'_>, number: i64, step: &TicketStep, failure: &Failure) {
    let text = match step {
        TicketStep::Open { .. } => {
            if turn.conversation.ticket.number == number {
                // The next event that opens one opens another.
                turn.conversation.ticket.is_open = false;
            }
            texts::TICKET_NOT_OPENED
        }
        _ if failure.code == "ticket_gone" => {
            if turn.conversation.ticket.number == number {
                turn.conversation.ticket.is_open = false;
            }
            return turn.post_text(texts::TICKET_GONE, &[]);
        }
        TicketStep::Comment { .. } => texts::TICKET_NOT_COMMENTED,
        TicketStep::Complete => texts::TICKET_NOT_COMPLETED,
    };
    failures::tell(turn, text, &[], failure);
}

/// A ticket that the tracker did not take is tried again, for a room that is still open.
pub fn wanted_again(turn: &mut Turn<'_>, number: i64, step: &TicketStep) {
    let ticket = &mut turn.conversation.ticket;
    if matches!(step, TicketStep::Open { .. }) && ticket.number == number {
        ticket.is_open = matches!(turn.conversation.room, Room::Opening(_) | Room::Open(_));
    }
}

/// Somebody has changed the ticket in the tracker. What we changed there ourselves comes back too, and is no news.
pub fn changed(turn: &mut Turn<'_>, number: i64, change: &TicketChange) {
    if turn.conversation.ticket.number != number || !turn.conversation.ticket.is_open {
        return;
    }
    let who = |by: &str| if by.is_empty() { "Somebody".to_owned() } else { cards::escape(by) };
    match change {
        TicketChange::Completed { by } => {
            turn.conversation.ticket.is_open = false;
            turn.record("ticket.completed", &Actor::Service, json!({ "by": by }));
            turn.post_text(texts::TICKET_COMPLETED, &[("who", &who(by))]);
            if turn.rules.tracker.on_complete == OnComplete::Close {
                closing::close(turn, &Actor::Service, "tracker");
            }
        }
        TicketChange::Assigned { to } if to.is_empty() => turn.post_text(texts::TICKET_UNASSIGNED, &[]),
        TicketChange::Assigned { to } => {
            turn.post_text(texts::TICKET_ASSIGNED, &[("who", &cards::escape(to))]);
        }
        TicketChange::Commented { by, text } => {
            turn.post_text(texts::TICKET_COMMENTED, &[("who", &who(by)), ("text", &cards::escape(text))]);
        }
        TicketChange::Described => turn.post_text(texts::TICKET_DESCRIBED, &[]),
    }
}

fn open(turn: &mut Turn<'_>, kind: &str, by: &Actor, extra: &[(&str, Value)]) {
    turn.conversation.ticket.number += 1;
    turn.conversation.ticket.is_open = true;
    let customer = &turn.conversation.customer;
    let profile = &customer.profile;
    let workspace = if profile.workspace.is_empty() { &turn.conversation.key.team } else { &profile.workspace };
    let title = format!("{} of {workspace}, {}", customer.name(), turn.rules.bot.name);
    let mut lines = vec![describe(turn, kind, by, extra), String::new()];
    for (what, fact) in [
        ("Customer", customer.name()),
        ("Name", profile.real_name.as_str()),
        ("E-mail", &profile.email),
        ("Title", &profile.title),
        ("Time zone", &profile.tz),
        ("Workspace", workspace),
        ("Bot", &turn.rules.bot.name),
    ] {
        if !fact.is_empty() {
            lines.push(format!("{what}: {fact}"));
        }
    }
    step(turn, TicketStep::Open { title, text: lines.join("\n") });
}

fn step(turn: &mut Turn<'_>, step: TicketStep) {
    let number = turn.conversation.ticket.number;
    turn.then(Effect::Ticket { number, step });
}

/// What happened, as plain text for people who look at the tracker only.
fn describe(turn: &Turn<'_>, kind: &str, by: &Actor, extra: &[(&str, Value)]) -> String {
    let bot = &turn.rules.bot.name;
    let find = |name: &str| extra.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
    let who = match by {
        Actor::Agent(agent) if agent.name.is_empty() => agent.user_id.clone(),
        Actor::Agent(agent) => agent.name.clone(),
        Actor::Customer => "The customer".to_owned(),
        Actor::Bot => bot.clone(),
        Actor::Service => "Megatron".to_owned(),
    };
    let words = || find("message").map(words).unwrap_or_default();
    match kind {
        "message.customer" => format!("{}: {}", turn.conversation.customer.name(), words()),
        "message.bot" => format!("{bot}: {}", words()),
        "message.agent" => format!("{who}, as {bot}: {}", words()),
        "conversation.opened" => format!("{who} opened a room."),
        "conversation.closed" => format!("{who} closed the room."),
        "conversation.paused" => format!("{who} paused {bot}."),
        "conversation.unpaused" => format!("{who} unpaused {bot}."),
        _ => {
            let mut lines = vec![format!("{kind}: {who}")];
            if let Some(Value::Object(handoff)) = find("handoff") {
                for name in ["queue", "reason", "summary", "priority"] {
                    if let Some(text) = handoff.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) {
                        lines.push(format!("{name}: {text}"));
                    }
                }
                let tags = handoff.get("tags").and_then(Value::as_array).into_iter().flatten();
                let tags: Vec<&str> = tags.filter_map(Value::as_str).collect();
                if !tags.is_empty() {
                    lines.push(format!("tags: {}", tags.join(", ")));
                }
            }
            lines.join("\n")
        }
    }
}

/// What a message says, as plain text, with a line for each file.
fn words(message: &Value) -> String {
    let said = plain::text(&as_text::to_text(message));
    let lines: Vec<String> =
        std::iter::once(said).chain(notice::files_of(message)).filter(|line| !line.is_empty()).collect();
    text::cut(&lines.join("\n"), LONGEST)
}
