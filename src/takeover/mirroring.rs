//! What the customer and the bot say, on its way into the room.

use serde_json::{Value, json};

use crate::render::ts::Ts;
use crate::render::{history, mirror as bodies, notice};

use super::cards;
use super::conversation::Actor;
use super::effect::Effect;
use super::event::{Said, Speaker, Utterance};
use super::turn::Turn;

/// Where a message comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was just said.
    Live,
    /// It was said before the room was opened.
    History,
    /// The service said it itself for the bot.
    Ours,
}

/// Somebody said or did something in the DM.
pub fn said(turn: &mut Turn<'_>, said: Said) {
    if !turn.conversation.is_watched() {
        return;
    }
    turn.conversation.active_at = Some(turn.now);
    match said.what {
        Utterance::Message(message) => mirror(turn, said.speaker, &said.ts, &message, Origin::Live),
        Utterance::Line(line) => {
            let who = name(turn, said.speaker);
            turn.post_line(&format!("{who} {line}"));
        }
        Utterance::Nothing => {}
    }
}

/// Shows a message in the room, in as many parts as Slack needs, with a line for what cannot be shown.
pub fn mirror(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, message: &Value, origin: Origin) {
    if let Some(time) = Ts::parse(ts).filter(|_| origin == Origin::Live && is_late(turn, ts)) {
        turn.post_line(&format!("_Late, from_ {}", history::separator(time)));
    }
    remember(turn, ts, origin);
    let line = notice::about(message);
    let may_be_ours = speaker == Speaker::Bot && origin == Origin::Live;
    let parts = if bodies::is_blank(message) { Vec::new() } else { bodies::parts(message) };
    for (part, message) in (0..).zip(parts) {
        turn.then(Effect::Mirror { speaker, ts: ts.to_owned(), part, message, may_be_ours });
    }
    if let Some(line) = line {
        let who = name(turn, speaker);
        turn.post_line(&format!("{who} {line}"));
    }
    if origin == Origin::Live {
        let kind = if speaker == Speaker::Customer { "message.customer" } else { "message.bot" };
        turn.record(kind, &Actor::Service, json!({ "ts": ts }));
    }
}

/// A message older than one that the room has already.
fn is_late(turn: &Turn<'_>, ts: &str) -> bool {
    let newest = turn.conversation.newest_ts.as_deref().and_then(Ts::parse);
    newest.zip(Ts::parse(ts)).is_some_and(|(newest, this)| this < newest)
}

fn remember(turn: &mut Turn<'_>, ts: &str, origin: Origin) {
    if !is_late(turn, ts) {
        turn.conversation.newest_ts = Some(ts.to_owned());
    }
    // One from before the opening, passed on late, says nothing about what lies between.
    let opened_at = turn.conversation.opened_at;
    let since_opening = Ts::parse(ts).is_some_and(|time| Some(time.as_timestamp()) >= opened_at);
    if origin != Origin::History && since_opening {
        turn.conversation.first_live_ts.get_or_insert_with(|| ts.to_owned());
    }
}

fn name(turn: &Turn<'_>, speaker: Speaker) -> String {
    cards::escape(match speaker {
        Speaker::Customer => turn.conversation.customer.name(),
        Speaker::Bot => &turn.rules.bot.name,
    })
}
