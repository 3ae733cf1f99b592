//! The end of a room: by command, by a forgotten timer, or by hand in Slack. The bot is always back afterwards.

use serde_json::json;

use crate::config::texts;

use super::cards;
use super::control;
use super::conversation::{Actor, Closing, Holder, PastRoom, Room, RoomChannel};
use super::effect::Effect;
use super::naming;
use super::opening;
use super::triggers::leaving;
use super::turn::Turn;

/// To whoever waits for a room that does not come.
const CLOSED_AGAIN: &str = "it was closed again before it was there";

/// Closes the room: the bot is unpaused, the room renamed out of the way and archived.
pub fn close(turn: &mut Turn<'_>, by: &Actor, reason: &str) {
    let Some(channel) = turn.conversation.room_channel().cloned() else {
        if !matches!(turn.conversation.room, Room::Opening(_)) {
            return without_room(turn, by);
        }
        opening::failed(turn, CLOSED_AGAIN);
        control::unpause(turn, by, "closed");
        return turn.done(texts::ANSWER_OPENING_STOPPED, &[]);
    };
    if let Room::Closing(closing) = &mut turn.conversation.room {
        // Whoever wanted it again meanwhile does not get it.
        let waiting = closing.then_open.take().map(|opening| opening.respond_to).unwrap_or_default();
        for url in waiting {
            turn.respond(&url, texts::ANSWER_NOT_OPENED, &[("why", CLOSED_AGAIN)]);
        }
        return turn.done(texts::ANSWER_CLOSING, &[]);
    }
    // The closing card says that the bot is back; nobody would see another one acknowledged.
    turn.conversation.room = Room::Closing(Closing { channel: channel.clone(), then_open: None });
    if turn.conversation.control.holder != Holder::Bot {
        control::unpause(turn, by, if matches!(reason, "idle" | leaving::REASON) { reason } else { "closed" });
    }
    let unsent = std::mem::take(&mut turn.conversation.held).len();
    if let Some(body) = cards::closing(&turn.conversation, turn.rules, by, reason, unsent) {
        turn.post(body);
    }
    if turn.rules.keeps_transcripts && !turn.conversation.erasing {
        turn.then(Effect::KeepTranscript { room: channel.clone() });
    }
    put_away(turn, channel);
    tell(turn, by, reason);
    turn.done(texts::ANSWER_CLOSING, &[]);
}

/// Has a room renamed out of the way and archived. Its rooms that were closed on the same day have taken the first names:
/// Slack allows few renames a minute.
pub(super) fn put_away(turn: &mut Turn<'_>, channel: RoomChannel) {
    let first = naming::retired(&channel.name, turn.now, 0);
    let past = turn.conversation.past_rooms.iter();
    let taken = past.filter(|past| naming::retired(&past.name, past.closed_at, 0) == first).count();
    let name = naming::retired(&channel.name, turn.now, u32::try_from(taken).unwrap_or_default());
    turn.then(Effect::RetireRoom { channel: channel.id.clone(), name });
    turn.then(Effect::ArchiveRoom { channel: channel.id });
}

/// Nothing of the customer is to be kept: the room is closed first, as always.
pub fn erase(turn: &mut Turn<'_>, by: &Actor) {
    turn.conversation.erasing = true;
    let of = json!({ "team_id": turn.conversation.key.team, "user_id": turn.conversation.customer.user_id });
    turn.record("customer.erased", by, of);
    turn.publish("conversation.erased", by, &[]);
    if turn.conversation.room != Room::None {
        close(turn, by, "erased");
    } else if turn.conversation.control.holder != Holder::Bot {
        control::unpause(turn, by, "erased");
    }
    turn.done_silently();
}

/// There is no room to close, but there may be a pause to end.
fn without_room(turn: &mut Turn<'_>, by: &Actor) {
    if turn.conversation.control.holder == Holder::Bot {
        let customer = cards::escape(turn.conversation.customer.name());
        turn.refuse("no_room", format!("There is no open room for {customer}."));
    } else {
        control::unpause(turn, by, "closed");
    }
}

/// The room has been archived as we asked.
pub fn archived(turn: &mut Turn<'_>, channel: &str) {
    let Room::Closing(closing) = &turn.conversation.room else { return };
    if closing.channel.id != channel {
        return;
    }
    let Closing { channel, then_open } = closing.clone();
    leave(turn, &channel);
    if let Some(opening) = then_open {
        opening::begin(turn, opening);
    }
}

/// The room was archived or deleted by hand, or the app was removed from it.
pub fn room_gone(turn: &mut Turn<'_>, channel: &str, reason: &str) {
    let open = matches!(turn.conversation.room, Room::Opening(_) | Room::Open(_));
    let Some(room) = turn.conversation.room_channel().filter(|room| open && room.id == channel).cloned() else {
        return;
    };
    leave(turn, &room);
    turn.conversation.held.clear();
    if turn.conversation.control.holder != Holder::Bot {
        control::unpause(turn, &Actor::Service, reason);
    }
    tell(turn, &Actor::Service, reason);
}

/// The conversation has no room any more.
fn leave(turn: &mut Turn<'_>, channel: &RoomChannel) {
    let since = turn.conversation.room_since;
    let past = PastRoom { id: channel.id.clone(), name: channel.name.clone(), since, closed_at: turn.now };
    turn.conversation.past_rooms.push(past);
    turn.conversation.room = Room::None;
    turn.conversation.waiting.clear();
}

fn tell(turn: &mut Turn<'_>, by: &Actor, reason: &str) {
    turn.announce("conversation.closed", by, &[("reason", json!(reason))]);
    turn.record("conversation.closed", by, json!({ "reason": reason }));
}
