//! Files on their way to the other side, and what agents see of a delivery.

use serde_json::Value;

use crate::config::texts;
use crate::render::{mirror as bodies, notice};

use super::conversation::Agent;
use super::effect::{Effect, Words};
use super::event::Failure;
use super::failures;
use super::mirroring;
use super::relayed::{Caption, Original, Party, Uploaded};
use super::turn::Turn;

/// Files are in the other workspace, those that could be brought there: they are shown, the words with them.
pub fn carried(turn: &mut Turn<'_>, original: Original, caption: Caption, uploaded: Vec<Uploaded>, missed: &[String]) {
    let by = original.by.clone();
    if !uploaded.is_empty() {
        turn.then(Effect::Share { original, caption, files: uploaded });
    } else if !bodies::is_blank(&caption.message) {
        words_alone(turn, original, caption);
    }
    if !missed.is_empty() {
        not_shown(turn, &by, &missed.join("\n"));
    }
}

/// Files are shown.
pub fn shared(turn: &mut Turn<'_>, original: Original) {
    if let Party::Room(_) = original.by {
        delivered(turn, original.ts);
    }
}

/// A part of an agent's message is said; its author learns what Slack did not take of it.
pub fn said(turn: &mut Turn<'_>, agent: &Agent, ts: String, is_last: bool, left_out: &[String]) {
    if !left_out.is_empty() {
        turn.whisper(agent, texts::ROOM_PLAINER, &[("what", &left_out.join(" "))]);
    }
    if is_last {
        delivered(turn, ts);
    }
}

/// The customer has an agent's message.
pub fn delivered(turn: &mut Turn<'_>, ts: String) {
    let name = &turn.rules.rooms.delivered;
    if !name.is_empty() {
        turn.then(Effect::Mark { ts, name: name.clone() });
    }
}

/// Files cannot be brought over, or not be shown: agents learn why. The customer's words are shown nevertheless; those of an
/// agent wait for the Retry too.
pub fn failed(turn: &mut Turn<'_>, original: Original, caption: Caption, files: &[Value], failure: &Failure) {
    let lines: Vec<String> = files.iter().map(notice::file).collect();
    match original.by {
        Party::Dm(speaker) => {
            if !bodies::is_blank(&caption.message) {
                words_alone(turn, original, caption);
            }
            let who = mirroring::name(turn, speaker);
            let values = [("who", who.as_str()), ("files", &lines.join("\n"))];
            failures::tell(turn, texts::ROOM_FILE_NOT_SHOWN, &values, failure);
        }
        Party::Room(_) => {
            let words = caption.message["text"].as_str().unwrap_or_default();
            let what = if words.is_empty() { lines.join(", ") } else { words.to_owned() };
            failures::not_said(turn, &what, failure);
        }
    }
}

/// The words of a message whose files stay behind.
fn words_alone(turn: &mut Turn<'_>, original: Original, caption: Caption) {
    let Caption { message, part, thread, may_be_ours } = caption;
    let ts = original.ts;
    turn.then(match original.by {
        Party::Dm(speaker) => Effect::Mirror { speaker, ts, part, message, may_be_ours, over_agent: false },
        Party::Room(agent) => Effect::Say { words: Words::Agent { agent, ts, part, is_last: true, message }, thread },
    });
}

fn not_shown(turn: &mut Turn<'_>, by: &Party, lines: &str) {
    match by {
        Party::Dm(speaker) => {
            let who = mirroring::name(turn, *speaker);
            turn.post_line(&format!("{who} {lines}"));
        }
        Party::Room(_) => turn.post_text(texts::ROOM_NOT_PASSED_ON, &[("what", lines)]),
    }
}
