//! What the customer and the bot say, on its way into the room.

use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::after;
use crate::config::texts;
use crate::render::portions::Portions;
use crate::render::ts::Ts;
use crate::render::{history, streaming};

use super::amending;
use super::cards;
use super::conversation::Actor;
use super::effect::Effect;
use super::event::{Said, Speaker, Utterance};
use super::gaps;
use super::relayed::{Caption, Original};
use super::threading;
use super::turn::Turn;
use super::waiting;

/// What was found is marked late when it was said so long ago.
const OLD: Duration = Duration::from_mins(1);

/// Where a message comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was just said.
    Live,
    /// It was said in pieces that are complete by now.
    Streamed,
    /// It was found in the history, having been missed; whether a while after what was found before it.
    Found {
        /// Whether a while after.
        after_gap: bool,
    },
    /// It was said before the room was opened.
    History,
    /// The service said it itself for the bot.
    Ours,
}

/// Somebody said or did something in the DM.
pub fn said(turn: &mut Turn<'_>, said: Said) {
    hear(turn, said, Origin::Live);
}

/// Something that was missed was found in the history of the DM.
pub fn found(turn: &mut Turn<'_>, said: Said, after_gap: bool) {
    hear(turn, said, Origin::Found { after_gap });
}

fn hear(turn: &mut Turn<'_>, said: Said, origin: Origin) {
    if !turn.conversation.is_watched() {
        return;
    }
    turn.conversation.active_at = Some(turn.now);
    gaps::talked(turn);
    let Said { speaker, ts, what, known, .. } = said;
    match what {
        Utterance::Message(message) => arrived(turn, speaker, &ts, message, origin),
        Utterance::Edited { message, .. } => amending::edited_in_dm(turn, speaker, &ts, message, known),
        Utterance::Deleted { files } => amending::deleted_in_dm(turn, speaker, &ts, files, known),
        Utterance::Reacted(reaction) => amending::reacted_in_dm(turn, &ts, reaction, known),
        Utterance::Line(line) => {
            let who = name(turn, speaker);
            turn.post_line(&format!("{who} {line}"));
        }
        Utterance::Nothing => {}
    }
}

/// A message has come: the newest that is known of it is shown, as soon as it is complete.
fn arrived(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, message: Value, origin: Origin) {
    let message = waiting::take(&mut turn.conversation, ts).unwrap_or(message);
    if streaming::is_unfinished(&message) {
        return waiting::for_the_end(turn, speaker, ts, message);
    }
    mirror(turn, speaker, ts, &message, origin);
}

/// Shows a message in the room, in as many parts as Slack needs, with a line for what cannot be shown.
pub fn mirror(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, message: &Value, origin: Origin) {
    let tell_late = match origin {
        Origin::Live => is_late(turn, ts),
        Origin::Found { after_gap } => after_gap && (is_late(turn, ts) || is_old(turn, ts)),
        Origin::Streamed | Origin::History | Origin::Ours => false,
    };
    if let Some(time) = Ts::parse(ts).filter(|_| tell_late) {
        turn.post_text(texts::ROOM_LATE, &[("time", &history::separator(time))]);
    }
    threading::note(&mut turn.conversation.thread, speaker, ts, message);
    remember(turn, ts, origin);
    let may_be_ours = matches!(origin, Origin::Live | Origin::Found { .. });
    show(turn, speaker, ts, message, speaker == Speaker::Bot && may_be_ours);
    if origin != Origin::History {
        turn.publish_said(speaker, ts, message, may_be_ours);
    }
    if may_be_ours || origin == Origin::Streamed {
        let kind = if speaker == Speaker::Customer { "message.customer" } else { "message.bot" };
        turn.record(kind, &Actor::Service, json!({ "ts": ts }));
    }
}

/// Puts a message into the room.
pub(super) fn show(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, message: &Value, may_be_ours: bool) {
    let Portions { parts, caption, told } = turn.portions(message);
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    if parts.is_empty() && caption.is_none() && told.is_empty() {
        let who = name(turn, speaker);
        return turn.post_text(texts::ROOM_NOTHING_TO_SHOW, &[("who", &who)]);
    }
    // What was said just before the pause comes after it.
    let said_at = Ts::parse(ts).map(Ts::as_timestamp);
    let over_agent = may_be_ours && turn.conversation.human_since.is_some_and(|since| Some(since) < said_at);
    for (part, message) in (0..).zip(parts) {
        let over_agent = over_agent && part == 0;
        turn.then(Effect::Mirror { speaker, ts: ts.to_owned(), part, message, may_be_ours, over_agent });
    }
    if let Some((message, files)) = caption {
        let caption = Caption { message, part: count, thread: None, may_be_ours };
        turn.then(Effect::Carry { original: Original::said(speaker, ts), caption, files });
    }
    if !told.is_empty() {
        let who = name(turn, speaker);
        turn.post_line(&format!("{who} {}", told.join("\n")));
    }
}

/// A message older than one that the room has already.
fn is_late(turn: &Turn<'_>, ts: &str) -> bool {
    let newest = turn.conversation.newest_ts.as_deref().and_then(Ts::parse);
    newest.zip(Ts::parse(ts)).is_some_and(|(newest, this)| this < newest)
}

/// A message that was said so long ago that people should know when.
fn is_old(turn: &Turn<'_>, ts: &str) -> bool {
    Ts::parse(ts).is_some_and(|ts| after(ts.as_timestamp(), OLD) < turn.now)
}

fn remember(turn: &mut Turn<'_>, ts: &str, origin: Origin) {
    if !is_late(turn, ts) {
        turn.conversation.newest_ts = Some(ts.to_owned());
    }
    // One from before the opening, passed on late, says nothing about what lies between.
    if origin != Origin::History && turn.conversation.is_since_opening(ts) {
        turn.conversation.first_live_ts.get_or_insert_with(|| ts.to_owned());
    }
}

/// When a message was said, in brackets; empty where nobody knows.
pub(super) fn when(ts: &str) -> String {
    Ts::parse(ts).map_or_else(String::new, |ts| format!(" ({})", history::separator(ts)))
}

/// Who said it; mrkdwn.
pub(super) fn name(turn: &Turn<'_>, speaker: Speaker) -> String {
    cards::escape(match speaker {
        Speaker::Customer => turn.conversation.customer.name(),
        Speaker::Bot => &turn.rules.bot.name,
    })
}
