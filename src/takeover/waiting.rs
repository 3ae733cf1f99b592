//! Messages of the DM that are not shown so far: the bot still writes them, or a change has come before them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::clock::after;
use crate::config::texts;

use super::conversation::{Conversation, Missing, Waiting};
use super::event::Speaker;
use super::mirroring::{self, Origin};
use super::turn::Turn;

/// How long a change waits for its message. Slack delivers within seconds, out of order at times.
const BEGINNING: Duration = Duration::from_secs(30);
/// How long a stream may rest: Slack is said to end it after some five minutes.
const END: Duration = Duration::from_mins(6);

/// A change has come before its message, and is kept until that comes.
pub fn for_the_beginning(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, message: Value) {
    keep(turn, speaker, ts, message, Missing::Beginning);
}

/// A message is still being written, and is kept until it is complete.
pub fn for_the_end(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, message: Value) {
    keep(turn, speaker, ts, message, Missing::End);
}

/// What is known of a message that has waited, which waits no longer.
pub fn take(conversation: &mut Conversation, ts: &str) -> Option<Value> {
    let at = conversation.waiting.iter().position(|waiting| waiting.ts == ts)?;
    Some(conversation.waiting.remove(at).message)
}

/// What a message waits for, if it does.
#[must_use]
pub fn missing(conversation: &Conversation, ts: &str) -> Option<Missing> {
    conversation.waiting.iter().find(|waiting| waiting.ts == ts).map(|waiting| waiting.for_what)
}

/// `ts` of what has waited long enough for its beginning.
pub fn overdue(conversation: &Conversation, now: Timestamp) -> impl Iterator<Item = &str> {
    let waiting = conversation.waiting.iter();
    waiting.filter(move |it| it.for_what == Missing::Beginning && it.until <= now).map(|waiting| waiting.ts.as_str())
}

/// What has waited long enough is relayed as it is: better late and incomplete than not at all.
pub fn due(turn: &mut Turn<'_>) {
    let now = turn.now;
    let due: Vec<Waiting> = turn.conversation.waiting.extract_if(.., |waiting| waiting.until <= now).collect();
    for Waiting { speaker, ts, message, for_what, .. } in due {
        match for_what {
            Missing::End => {
                let who = mirroring::name(turn, speaker);
                mirroring::mirror(turn, speaker, &ts, &message, Origin::Streamed);
                turn.post_text(texts::ROOM_UNFINISHED, &[("who", &who)]);
            }
            Missing::Beginning => edited_long_after(turn, speaker, &ts, &message),
        }
    }
}

/// Shows what a message reads now that the room has never shown, with the time when it was said.
pub fn edited_long_after(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, message: &Value) {
    let who = mirroring::name(turn, speaker);
    turn.post_text(texts::ROOM_EDITED, &[("who", &who), ("when", &mirroring::when(ts))]);
    mirroring::show(turn, speaker, ts, message, false);
}

fn keep(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, message: Value, for_what: Missing) {
    take(&mut turn.conversation, ts);
    let patience = match for_what {
        Missing::Beginning => BEGINNING,
        Missing::End => END,
    };
    let until = after(turn.now, patience);
    turn.conversation.waiting.push(Waiting { speaker, ts: ts.to_owned(), message, for_what, until });
}
