//! The history of a side, held against what is known of it: nothing is shown or sent twice, whichever way it comes.

use jiff::Timestamp;
use serde_json::Value;

use crate::render::mentions::Names;
use crate::render::ts::Ts;
use crate::render::{history, notice, streaming};
use crate::store::copies::{self, Place};
use crate::store::db::Tx;
use crate::store::revisions::{self, Written};
use crate::store::seen;
use crate::takeover::conversation::{Conversation, Key, Missing, Room, Side};
use crate::takeover::effect::Effect;
use crate::takeover::event::{Event, Past, Receipt, Said, Utterance};
use crate::takeover::{opening, waiting};

use super::shown_in;
use super::standing::{self, message_identity, room_identity};

/// Leaves out of a history what is known already. What is not part of it goes behind it, as if it had just been said.
pub(super) async fn sift(
    tx: &mut Tx,
    conversation: &Conversation,
    event: Event,
    now: Timestamp,
) -> anyhow::Result<(Event, Vec<Event>)> {
    match event {
        Event::Done(effect @ Effect::ImportHistory { .. }, Receipt::History(past)) => {
            let (past, newer) = import(tx, conversation, past, now).await?;
            Ok((Event::Done(effect, Receipt::History(past)), newer))
        }
        Event::Done(effect @ Effect::Repair { .. }, Receipt::History(past)) => {
            let (past, found) = repair(tx, conversation, past, now).await?;
            Ok((Event::Done(effect, Receipt::History(past)), found))
        }
        Event::Done(effect, Receipt::Overheard { team, events, .. }) => {
            let (missed, taken) = overheard(tx, conversation, &team, events, now).await?;
            Ok((Event::Done(effect, Receipt::Overheard { team, events: Vec::new(), missed }), taken))
        }
        other => Ok((other, Vec::new())),
    }
}

/// What was said before the opening. Sets apart what is newer than what has come by itself since.
async fn import(
    tx: &mut Tx,
    conversation: &Conversation,
    past: Past,
    now: Timestamp,
) -> anyhow::Result<(Past, Vec<Event>)> {
    let first_live = conversation.first_live_ts.as_deref().and_then(Ts::parse);
    let (mut older, mut newer) = (Vec::with_capacity(past.messages.len()), Vec::new());
    for message in past.messages {
        if !is_missing(tx, conversation, &message, now).await? {
            continue;
        }
        note_edit(tx, conversation, &message).await?;
        if first_live.is_some_and(|first| Ts::of(&message) > Some(first)) {
            newer.push(Event::Said(said(conversation, message)));
        } else {
            older.push(message);
        }
    }
    Ok((Past { messages: older, ..past }, newer))
}

/// What has been missed since the opening: messages, and edits of those that are known.
async fn repair(
    tx: &mut Tx,
    conversation: &Conversation,
    past: Past,
    now: Timestamp,
) -> anyhow::Result<(Past, Vec<Event>)> {
    let Past { messages, mut more, unread } = past;
    // Closed meanwhile, and perhaps about to be opened again: then the import sees to it.
    if !matches!(conversation.room, Room::Open(_)) {
        return Ok((Past::default(), Vec::new()));
    }
    let (mut missed, mut changed) = (Vec::new(), Vec::new());
    for (place, message) in messages.into_iter().enumerate() {
        let is_since = Ts::of(&message).map(Ts::as_timestamp) >= conversation.opened_at;
        if is_since && is_missing(tx, conversation, &message, now).await? {
            missed.push(message);
            continue;
        }
        // What is older than this is known too.
        more &= place > 0;
        if seen::contains(tx, &identity_of(conversation, &message)).await? {
            changed.extend(edit(tx, conversation, message).await?);
        }
    }
    more &= !missed.is_empty();
    let after_gaps = history::gaps(&missed, history::GAP);
    let mut events = Vec::new();
    for (message, after_gap) in missed.into_iter().zip(after_gaps) {
        events.extend(sorted(tx, conversation, said(conversation, message), after_gap).await?);
    }
    for change in changed {
        events.extend(sorted(tx, conversation, change, false).await?);
    }
    Ok((Past { messages: Vec::new(), more, unread }, events))
}

/// What agents wrote in the room: those messages that were not taken in, and newer edits of those that were.
async fn overheard(
    tx: &mut Tx,
    conversation: &Conversation,
    team: &str,
    events: Vec<Event>,
    now: Timestamp,
) -> anyhow::Result<(usize, Vec<Event>)> {
    let (mut missed, mut taken) = (0, Vec::new());
    let Some(room) = conversation.room_channel().filter(|_| conversation.is_watched()) else { return Ok((0, taken)) };
    for event in events {
        if let Event::AgentWrote { ts, .. } = &event {
            let identity = room_identity(team, &room.id, ts);
            if !seen::first(tx, shown_in(conversation), &identity, now).await? {
                continue;
            }
        }
        if let Some((event, then)) = standing::sort(tx, conversation, event).await? {
            missed += usize::from(matches!(event, Event::AgentWrote { .. }));
            taken.push(event);
            taken.extend(then);
        }
    }
    Ok((missed, taken))
}

/// Whether the room lacks a message of the DM; from now on it does not.
async fn is_missing(tx: &mut Tx, conversation: &Conversation, message: &Value, now: Timestamp) -> anyhow::Result<bool> {
    let ts = message["ts"].as_str().unwrap_or_default();
    let Key { team, channel, .. } = &conversation.key;
    let room = conversation.room_channel().map_or("", |room| room.id.as_str());
    let since = conversation.room_since;
    Ok(!copies::comes_from(tx, Place { team, channel, ts }, room).await?
        && seen::first_in(tx, shown_in(conversation), &identity_of(conversation, message), since, now).await?)
}

/// Notes that the room has got a message in a version that was edited.
async fn note_edit(tx: &mut Tx, conversation: &Conversation, message: &Value) -> anyhow::Result<()> {
    if let (Some(ts), Some(edited)) = (message["ts"].as_str(), message["edited"]["ts"].as_str()) {
        revisions::note(tx, Written { conversation: &conversation.id, side: Side::Dm, ts }, edited, false).await?;
    }
    Ok(())
}

/// As [`crate::intake::What::identity`] says.
fn identity_of(conversation: &Conversation, message: &Value) -> String {
    let identity = message_identity(&conversation.key, message["ts"].as_str().unwrap_or_default());
    match happening(message) {
        Some(_) => format!("{identity} other {}", message["subtype"].as_str().unwrap_or_default()),
        None => identity,
    }
}

fn happening(message: &Value) -> Option<String> {
    notice::happening(message, &Names::default())
}

fn said(conversation: &Conversation, message: Value) -> Said {
    let ts = message["ts"].as_str().unwrap_or_default().to_owned();
    let speaker = opening::speaker(conversation, &message);
    Said::new(speaker, ts, happening(&message).map_or(Utterance::Message(message), Utterance::Line))
}

/// What was found, with what came before it, as it counts.
async fn sorted(tx: &mut Tx, conversation: &Conversation, said: Said, after_gap: bool) -> anyhow::Result<Vec<Event>> {
    let Some((event, then)) = standing::sort(tx, conversation, Event::Said(said)).await? else { return Ok(Vec::new()) };
    let found = match event {
        Event::Said(said) => Event::Found { said, after_gap },
        other => other,
    };
    Ok(std::iter::once(found).chain(then).collect())
}

/// The change of a message that is known, if the history has a newer version of it than the room.
async fn edit(tx: &mut Tx, conversation: &Conversation, message: Value) -> anyhow::Result<Option<Said>> {
    let (speaker, ts) =
        (opening::speaker(conversation, &message), message["ts"].as_str().unwrap_or_default().to_owned());
    let written = Written { conversation: &conversation.id, side: Side::Dm, ts: &ts };
    let known = revisions::get_in(tx, written).await?.map(|known| known.stamp);
    let missing = waiting::missing(conversation, &ts);
    let stamp = match (message["edited"]["ts"].as_str(), missing) {
        // Streamed to its end, which nobody told.
        (_, Some(Missing::End)) if !streaming::is_unfinished(&message) => known.unwrap_or_else(|| ts.clone()),
        (Some(edited), _) if known.is_none_or(|known| Ts::parse(&known) < Ts::parse(edited)) => edited.to_owned(),
        _ => return Ok(None),
    };
    Ok(Some(Said::new(speaker, ts, Utterance::Edited { message, stamp })))
}
