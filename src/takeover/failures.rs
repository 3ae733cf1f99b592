//! What agents read where something does not arrive: what, why, and a button to try again.

use serde_json::Value;

use crate::config::{Text, texts};
use crate::render::text;

use super::cards::{self, action, button, buttons, card, context, section};
use super::event::{Failure, Speaker};
use super::mirroring;
use super::turn::Turn;

/// Tells of a failed delivery, and why. Where the text is switched off, its reference and the button are left.
pub fn tell(turn: &mut Turn<'_>, text: Text, values: &[(&str, &str)], failure: &Failure) {
    let told = turn.text(text, &[values, &[("why", &failure.reason)]].concat());
    post(turn, told, failure);
}

/// Something that was said cannot be shown.
pub fn not_shown(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, failure: &Failure) {
    let (who, when) = (mirroring::name(turn, speaker), mirroring::when(ts));
    tell(turn, texts::ROOM_NOT_SHOWN, &[("who", &who), ("when", &when)], failure);
}

/// A note could not be added.
pub fn not_noted(turn: &mut Turn<'_>, note: &Value, failure: &Failure) {
    let who = cards::escape(note["username"].as_str().unwrap_or_default());
    tell(turn, texts::ROOM_NOT_NOTED, &[("who", &who)], failure);
}

/// Words for the customer did not arrive and will not, or nobody knows.
pub fn not_said(turn: &mut Turn<'_>, words: &str, failure: &Failure) {
    let text = if failure.code == "unconfirmed" { texts::ROOM_MAYBE_NOT_SAID } else { texts::ROOM_NOT_SAID };
    tell(turn, text, &[("words", &quote(words))], failure);
}

/// Words for the customer have not arrived so far.
pub fn not_said_yet(turn: &mut Turn<'_>, words: &str, failure: &Failure) {
    tell(turn, texts::ROOM_NOT_SAID_YET, &[("words", &quote(words))], failure);
}

/// The bot does not answer a callback.
pub fn no_answer(turn: &mut Turn<'_>, kind: &str, failure: &Failure, for_good: bool) {
    let text = match kind {
        "conversation.paused" => texts::ROOM_BOT_MISSED_PAUSE,
        "conversation.unpaused" => texts::ROOM_BOT_MISSED_UNPAUSE,
        "command.do" | "command.clear_context" => texts::ROOM_BOT_MISSED_COMMAND,
        _ => texts::ROOM_BOT_MISSED,
    };
    let outlook = if for_good { texts::ROOM_GIVEN_UP } else { texts::ROOM_TRYING_AGAIN };
    let told = [turn.text(text, &[("why", &failure.reason)]), turn.text(outlook, &[])];
    let told: Vec<String> = told.into_iter().flatten().collect();
    post(turn, Some(told.join(" ")).filter(|told| !told.is_empty()), failure);
}

/// The bot's token in the customer's workspace is gone.
pub fn token_lost(turn: &mut Turn<'_>) {
    let workspace = &turn.conversation.customer.profile.workspace;
    let workspace = if workspace.is_empty() { &turn.conversation.key.team } else { workspace };
    let workspace = cards::escape(workspace);
    turn.post_text(texts::ROOM_TOKEN_LOST, &[("workspace", &workspace)]);
}

fn post(turn: &mut Turn<'_>, told: Option<String>, failure: &Failure) {
    let reference = format!("Reference {}", failure.reference);
    let mut blocks: Vec<Value> = told.iter().map(|told| section(told)).collect();
    blocks.push(context(&reference));
    blocks.push(buttons(vec![button("Retry", action::RETRY, &failure.reference)]));
    turn.post(card(&told.unwrap_or(reference), blocks));
}

fn quote(words: &str) -> String {
    format!("“{}”", text::cut(&words.replace('\n', " "), 80))
}
