//! What is said, and what the bot noticed about it, may ask for a human, tag the conversation, or have agents look at it: by
//! the customer's own words, by the operator's rules, by the limits of the bot.
//!
//! [`matching`] says what fires, [`counting`] how much was not answered; [`leaving`] is how the customer ends it.

pub mod counting;
pub mod leaving;
pub mod matching;

use serde_json::json;

use crate::render::text;

use super::conversation::{Actor, Holder};
use super::event::{Said, Utterance};
use super::handoff::state::Request;
use super::handoff::{offering, requesting};
use super::threading;
use super::triage;
use super::turn::Turn;

use counting::Unanswered;
use matching::{Facts, Fired};

/// How much of a message is kept as the reason, in characters.
const REASON: usize = 500;

/// What a message sets off, which [`act`] does. Nothing where a human reads it anyway, or where it is spam.
pub fn look(turn: &mut Turn<'_>, said: &Said) -> Fired {
    let Utterance::Message(message) = &said.what else { return Fired::default() };
    if !turn.conversation.is_watched() {
        // Where to answer, should somebody come.
        threading::note(&mut turn.conversation.thread, said.speaker, &said.ts, message);
    }
    let conversation = &mut turn.conversation;
    if conversation.control.holder == Holder::Human || conversation.spam.is_some() || conversation.erasing {
        conversation.unanswered = Unanswered::default();
        return Fired::default();
    }
    let words = message["text"].as_str().unwrap_or_default();
    let in_a_row = counting::count(turn, said, words);
    let facts = Facts {
        speaker: said.speaker,
        words,
        sentiment: said.signals.sentiment,
        event: said.signals.event.as_deref(),
        unanswered: in_a_row,
    };
    let mut fired = matching::fire(turn.rules.bot, turn.rules.triggers, &facts);
    fired.words = text::cut(&text::unescape(words), REASON);
    if fired.asked.is_some() {
        // They ask anew, instead of saying how they can be reached.
        turn.conversation.asks_contact = None;
    }
    fired
}

/// Does what a message has set off.
pub fn act(turn: &mut Turn<'_>, fired: Fired) {
    if !fired.rules.is_empty() {
        turn.record("rules.fired", &Actor::Service, json!({ "rules": fired.rules, "tags": fired.tags }));
    }
    if fired.notify {
        triage::raise(turn, &fired);
    }
    tag_handoff(turn, &fired);
    let Fired { asked: Some(asked), rules, tags, priority, words, .. } = fired else { return };
    if turn.conversation.open_handoff().is_some() {
        return;
    }
    let request = Request {
        queue: asked.queue,
        reason: asked.why.unwrap_or(words),
        priority,
        rules,
        tags,
        unanswered: std::mem::take(&mut turn.conversation.unanswered).texts,
        ..Request::default()
    };
    requesting::ask(turn, asked.source, request);
}

/// What fires while somebody waits for a human shows on the card that is there.
fn tag_handoff(turn: &mut Turn<'_>, fired: &Fired) {
    let Some(handoff) = turn.conversation.open_handoff_mut() else { return };
    let request = &mut handoff.request;
    if merge(&mut request.rules, &fired.rules) | merge(&mut request.tags, &fired.tags) {
        offering::show(turn);
    }
}

/// Adds what is not there; whether anything was.
pub(super) fn merge(known: &mut Vec<String>, more: &[String]) -> bool {
    let before = known.len();
    for one in more {
        if !known.contains(one) {
            known.push(one.clone());
        }
    }
    known.len() > before
}
