//! What people say, as far as it concerns a handoff.

use crate::config::texts;
use crate::render::text;
use crate::takeover::conversation::Actor;
use crate::takeover::event::{Said, Speaker, Utterance};
use crate::takeover::turn::Turn;

use super::offering;

/// How much of what the customer says in answer to "how can we reach you?" is kept, in characters.
const CONTACT: usize = 500;

/// The customer or the bot said something in the DM.
pub fn said(turn: &mut Turn<'_>, said: &Said) {
    let Utterance::Message(message) = &said.what else { return };
    if said.speaker != Speaker::Customer {
        return;
    }
    let (now, words) = (turn.now, message["text"].as_str().unwrap_or_default());
    if let Some(handoff) = turn.conversation.open_handoff_mut() {
        handoff.customer_waits_since.get_or_insert(now);
    }
    if words.trim().is_empty() {
        return;
    }
    if turn.conversation.asks_contact.take().is_some_and(|until| now <= until)
        && let Some(handoff) = &mut turn.conversation.handoff
    {
        handoff.contact = Some(text::cut(words, CONTACT));
        turn.tell_of_handoff(texts::HANDOFF_CONTACT_KEPT, &Actor::Service);
        offering::show(turn);
    }
}

/// An agent answered the customer.
pub fn answered(turn: &mut Turn<'_>) {
    let now = turn.now;
    if let Some(handoff) = turn.conversation.open_handoff_mut() {
        handoff.answered_at.get_or_insert(now);
        handoff.waited.answered = true;
        handoff.customer_waits_since = None;
    }
}
