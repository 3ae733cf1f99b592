//! Messages that are not shown so far: the bot still writes them, or a change has come before them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::clock::after;
use crate::render::history;
use crate::render::ts::Ts;

use super::conversation::{Conversation, Missing, Waiting};
use super::event::Speaker;
use super::mirroring::{self, Origin};
use super::relayed::{Original, Party};
use super::speaking;
use super::turn::Turn;

/// How long a change waits for its message. Slack delivers within seconds, out of order at times.
const BEGINNING: Duration = Duration::from_secs(30);
/// How long a stream may rest: Slack is said to end it after some five minutes.
const END: Duration = Duration::from_mins(6);

/// A change has come before its message, and is kept until that comes.
pub fn for_the_beginning(turn: &mut Turn<'_>, original: Original, message: Value) {
    keep(turn, original, message, Missing::Beginning, BEGINNING);
}

/// A message is still being written, and is kept until it is complete.
pub fn for_the_end(turn: &mut Turn<'_>, original: Original, message: Value) {
    keep(turn, original, message, Missing::End, END);
}

/// What is known of a message that has waited, which waits no longer.
pub fn take(conversation: &mut Conversation, original: &Original) -> Option<Value> {
    let at = conversation.waiting.iter().position(|waiting| is_of(waiting, original))?;
    Some(conversation.waiting.remove(at).message)
}

/// What a message waits for, if it does.
#[must_use]
pub fn missing(conversation: &Conversation, original: &Original) -> Option<Missing> {
    let waiting = conversation.waiting.iter().find(|waiting| is_of(waiting, original))?;
    Some(waiting.for_what)
}

/// What has waited long enough for its beginning.
pub fn overdue(conversation: &Conversation, now: Timestamp) -> impl Iterator<Item = &Original> {
    let waiting = conversation.waiting.iter();
    waiting.filter(move |it| it.for_what == Missing::Beginning && it.until <= now).map(|waiting| &waiting.original)
}

/// What has waited long enough is relayed as it is: better late and incomplete than not at all.
pub fn due(turn: &mut Turn<'_>) {
    let now = turn.now;
    let due: Vec<Waiting> = turn.conversation.waiting.extract_if(.., |waiting| waiting.until <= now).collect();
    for Waiting { original: Original { by, ts }, message, for_what, .. } in due {
        match (by, for_what) {
            (Party::Dm(speaker), Missing::End) => {
                let who = mirroring::name(turn, speaker);
                mirroring::mirror(turn, speaker, &ts, &message, Origin::Streamed);
                turn.post_line(&format!("_{who} may not have finished that._"));
            }
            (Party::Dm(speaker), Missing::Beginning) => edited_long_after(turn, speaker, &ts, &message),
            (Party::Room(agent), _) => speaking::agent_wrote(turn, &agent, ts, message, false),
        }
    }
}

/// Shows what a message reads now that the room has never shown, with the time when it was said.
pub fn edited_long_after(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, message: &Value) {
    let who = mirroring::name(turn, speaker);
    let when = Ts::parse(ts).map_or_else(String::new, |ts| format!(" from {}", history::separator(ts)));
    turn.post_line(&format!("✏️ {who} edited a message{when}:"));
    mirroring::show(turn, speaker, ts, message, false);
}

fn keep(turn: &mut Turn<'_>, original: Original, message: Value, for_what: Missing, patience: Duration) {
    take(&mut turn.conversation, &original);
    let until = after(turn.now, patience);
    turn.conversation.waiting.push(Waiting { original, message, for_what, until });
}

fn is_of(waiting: &Waiting, original: &Original) -> bool {
    waiting.original.ts == original.ts && waiting.original.by.side() == original.by.side()
}
