//! Opening a room, step by step: who is it, create, invite, say who it is, import, mirror.
//!
//! The conversation is watched from the first step on; what is said meanwhile waits in the room's lane behind these steps,
//! since each step's follow-ups take its own place in the lane. So the import comes first, and nothing falls between.

use serde_json::{Value, json};

use crate::config::texts;
use crate::render::history;
use crate::render::ts::Ts;

use super::cards;
use super::closing;
use super::conversation::{Actor, Agent, Conversation, Gaps, Opening, Room, RoomChannel};
use super::effect::Effect;
use super::event::{Past, Speaker};
use super::gaps;
use super::handoff::{ending, offering};
use super::mirroring;
use super::naming;
use super::turn::Turn;

/// How many past messages Slack hands out at most (<https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps>).
const MAX_HISTORY: u8 = 15;
/// How many taken names are tried.
const MAX_NAMES: u32 = 50;

/// Somebody wants to see the customer.
pub fn open(turn: &mut Turn<'_>, by: &Actor, respond_to: Option<String>) {
    if turn.conversation.erasing {
        return turn.refuse("erasing", "What is kept of this customer is being erased. Please try again in a moment.");
    }
    turn.done(texts::ANSWER_OPENING, &[]);
    match &mut turn.conversation.room {
        Room::None => begin(turn, Opening::new(by, respond_to)),
        Room::Open(channel) | Room::Opening(Opening { channel: Some(channel), .. }) => {
            let link = cards::channel(channel);
            invite(turn, by.as_agent().cloned());
            turn.done(texts::ANSWER_ROOM, &[("room", &link)]);
        }
        Room::Opening(opening) => opening.join(by, respond_to),
        Room::Closing(closing) => match &mut closing.then_open {
            Some(opening) => opening.join(by, respond_to),
            none => *none = Some(Opening::new(by, respond_to)),
        },
    }
}

/// Starts to watch, and asks who the customer is.
pub fn begin(turn: &mut Turn<'_>, opening: Opening) {
    let by = opening.by.clone();
    let conversation = &mut turn.conversation;
    conversation.opening += 1;
    conversation.opened_at = Some(turn.now);
    conversation.active_at = Some(turn.now);
    conversation.first_live_ts = None;
    conversation.newest_ts = None;
    conversation.control_card = None;
    conversation.reminded.to_pause_at = None;
    conversation.told_of_handler.clear();
    conversation.gaps = Gaps::default();
    conversation.room = Room::Opening(opening);
    turn.then(Effect::LearnCustomer);
    turn.record("conversation.open", &by, json!({ "opening": turn.conversation.opening }));
}

/// The customer is known now, as far as possible: brings the old room back, or makes a new one.
pub fn introduced(turn: &mut Turn<'_>) {
    if !matches!(turn.conversation.room, Room::Opening(Opening { channel: None, .. })) {
        return;
    }
    let last = turn.conversation.past_rooms.last().cloned();
    match last {
        Some(past) if turn.rules.can_unarchive => turn.then(Effect::ReviveRoom { past }),
        _ => create_room(turn),
    }
}

/// Asks for a room of a name that has not been tried.
pub fn create_room(turn: &mut Turn<'_>) {
    let prefix = &turn.rules.rooms.prefix;
    let Room::Opening(opening) = &turn.conversation.room else { return };
    let name = naming::room(prefix, turn.conversation.customer.name(), opening.names_tried);
    turn.then(Effect::CreateRoom { name });
}

/// The name is taken, by another customer or by something else.
pub fn name_taken(turn: &mut Turn<'_>) {
    let Room::Opening(opening) = &mut turn.conversation.room else { return };
    opening.names_tried += 1;
    if opening.names_tried < MAX_NAMES {
        create_room(turn);
    } else {
        failed(turn, "fifty names like it are taken");
    }
}

/// The room exists, with nobody in it but the service.
pub fn room_exists(turn: &mut Turn<'_>, channel: RoomChannel) {
    let Room::Opening(opening) = &mut turn.conversation.room else {
        // Closed while it was being made: nobody shall find an empty room, and its name is free again.
        return closing::put_away(turn, channel);
    };
    opening.channel = Some(channel.clone());
    let by = opening.by.clone();
    let agents: Vec<Agent> = by.as_agent().cloned().into_iter().chain(std::mem::take(&mut opening.guests)).collect();
    let waiting = std::mem::take(&mut opening.respond_to);
    let conversation = &mut turn.conversation;
    let revived = conversation.past_rooms.iter().find(|past| past.id == channel.id);
    conversation.room_since = revived.map_or(conversation.opening, |past| past.since);
    conversation.past_rooms.retain(|past| past.id != channel.id);

    invite(turn, agents);
    if turn.conversation.open_handoff().is_some() {
        // The queue learns where.
        offering::show(turn);
    }
    turn.put_header();
    // What a handoff asks for holds for the room that it leads to.
    let asked = turn.conversation.open_handoff().and_then(|handoff| handoff.request.history_count);
    let limit = asked.unwrap_or(turn.rules.rooms.history).min(MAX_HISTORY);
    if limit > 0 {
        turn.then(Effect::ImportHistory { limit });
    } else {
        imported(turn, Past::default());
    }
    for url in waiting {
        turn.respond(&url, texts::ANSWER_ROOM, &[("room", &cards::channel(&channel))]);
    }
    let room = json!({ "id": channel.id, "name": channel.name });
    turn.announce("conversation.opened", &by, &[("room", room)]);
    turn.record("conversation.opened", &by, json!({ "room": channel.id, "name": channel.name }));
}

/// What was said before has come: shows it in order, and the room is open.
pub fn imported(turn: &mut Turn<'_>, past: Past) {
    let Past { messages, unread, .. } = past;
    turn.conversation.gaps.from = messages.first().and_then(|first| first["ts"].as_str()).map(str::to_owned);
    let after_gaps = history::gaps(&messages, history::GAP);
    for (message, after_gap) in messages.into_iter().zip(after_gaps) {
        let ts = message["ts"].as_str().unwrap_or_default().to_owned();
        if let Some(time) = Ts::parse(&ts).filter(|_| after_gap) {
            turn.post_line(&history::separator(time));
        }
        let speaker = speaker(&turn.conversation, &message);
        mirroring::mirror(turn, speaker, &ts, &message, mirroring::Origin::History);
    }
    if unread > 0 {
        turn.post_text(texts::ROOM_REPLIES_NOT_IMPORTED, &[("count", &unread.to_string())]);
    }
    if let Room::Opening(Opening { channel: Some(channel), .. }) = &turn.conversation.room {
        turn.conversation.room = Room::Open(channel.clone());
        gaps::talked(turn);
    }
}

/// Who said a message of the DM's history.
#[must_use]
pub fn speaker(conversation: &Conversation, message: &Value) -> Speaker {
    let from_customer = message["user"].as_str() == Some(&conversation.customer.user_id);
    if from_customer { Speaker::Customer } else { Speaker::Bot }
}

/// The room cannot be had.
pub fn failed(turn: &mut Turn<'_>, reason: &str) {
    let Room::Opening(opening) = std::mem::take(&mut turn.conversation.room) else { return };
    for url in &opening.respond_to {
        turn.respond(url, texts::ANSWER_NOT_OPENED, &[("why", reason)]);
    }
    turn.record("conversation.open_failed", &opening.by, json!({ "reason": reason }));
    ending::failed(turn, reason);
}

/// Invites those who asked, and whom the operator wants in every room.
fn invite(turn: &mut Turn<'_>, agents: impl IntoIterator<Item = Agent>) {
    let mut who: Vec<String> = Vec::new();
    for user_id in agents.into_iter().map(|agent| agent.user_id).chain(turn.rules.rooms.invite.iter().cloned()) {
        if !who.contains(&user_id) {
            who.push(user_id);
        }
    }
    if !who.is_empty() {
        turn.then(Effect::Invite { who });
    }
}
