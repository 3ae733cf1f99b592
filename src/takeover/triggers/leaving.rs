//! The customer ends it: with a word of their own, which nobody else gets to see.

use crate::config::texts;
use crate::takeover::closing;
use crate::takeover::control;
use crate::takeover::conversation::{Actor, Conversation, Holder, Room};
use crate::takeover::event::{Said, Speaker, Utterance};
use crate::takeover::handoff::ending;
use crate::takeover::handoff::state::State;
use crate::takeover::turn::Turn;

use super::counting::Unanswered;

/// Why everything ends then.
pub const REASON: &str = "customer_ended";

/// Whether there is something that the customer may end: they wait for a human, are with one, or are asked something.
#[must_use]
pub fn can_end(conversation: &Conversation) -> bool {
    conversation.control.holder != Holder::Bot
        || conversation.open_handoff().is_some()
        || conversation.asks_contact.is_some()
}

/// If the customer ends it with this message, all of it ends; whether they do.
pub fn said(turn: &mut Turn<'_>, said: &Said) -> bool {
    let Utterance::Message(message) = &said.what else { return false };
    let words = message["text"].as_str().unwrap_or_default();
    let ends = said.speaker == Speaker::Customer && turn.rules.bot.end_phrases.is(words);
    if !ends || !can_end(&turn.conversation) {
        return false;
    }
    // Where the bot goes on.
    turn.conversation.newest_ts = Some(said.ts.clone());
    turn.conversation.asks_contact = None;
    turn.conversation.unanswered = Unanswered::default();
    let waits = turn.conversation.open_handoff().map(|handoff| handoff.state.is_waiting());
    let is_with_human = turn.conversation.control.holder == Holder::Human;
    if let Some(waits) = waits {
        let state = if waits { State::Cancelled } else { State::Completed };
        ending::end(turn, state, REASON, &Actor::Customer);
    }
    if turn.conversation.room != Room::None {
        closing::close(turn, &Actor::Customer, REASON);
    } else if is_with_human {
        control::unpause(turn, &Actor::Customer, REASON);
    }
    if !is_with_human {
        // Otherwise they are told that the bot is back.
        turn.tell_customer(texts::HANDOFF_CANCELLED, &Actor::Customer);
    }
    true
}
