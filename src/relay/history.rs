//! What was said in the DM before, held against what the room has already.

use jiff::Timestamp;

use crate::render::ts::Ts;
use crate::store::copies::{self, Place};
use crate::store::db::Tx;
use crate::store::seen;
use crate::takeover::conversation::{Conversation, Key};
use crate::takeover::event::{Event, Receipt, Said, Utterance};
use crate::takeover::opening;

use super::standing::message_identity;

/// Leaves out what the room has already, since it was said while the history was being fetched, and sets apart what
/// is newer than that: it goes behind it, as if it had just been said.
pub(super) async fn sift(
    tx: &mut Tx,
    conversation: &Conversation,
    event: Event,
    now: Timestamp,
) -> anyhow::Result<(Event, Vec<Event>)> {
    let Event::Done(effect, Receipt::History(messages)) = event else { return Ok((event, Vec::new())) };
    let Key { team, channel, .. } = &conversation.key;
    let room = conversation.room_channel().map_or("", |room| room.id.as_str());
    let first_live = conversation.first_live_ts.as_deref().and_then(Ts::parse);
    let (mut older, mut newer) = (Vec::with_capacity(messages.len()), Vec::new());
    for message in messages {
        let ts = message["ts"].as_str().unwrap_or_default();
        let identity = message_identity(&conversation.key, ts);
        let (opening, since) = (conversation.opening, conversation.room_since);
        if !seen::first_in(tx, &identity, opening, since, now).await?
            || copies::comes_from(tx, Place { team, channel, ts }, room).await?
        {
            continue;
        }
        if first_live.is_some_and(|first| Ts::parse(ts) > Some(first)) {
            let (speaker, ts) = (opening::speaker(conversation, &message), ts.to_owned());
            newer.push(Event::Said(Said::new(speaker, ts, Utterance::Message(message))));
        } else {
            older.push(message);
        }
    }
    Ok((Event::Done(effect, Receipt::History(older)), newer))
}
