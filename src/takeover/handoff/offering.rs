//! A handoff comes to a queue: its card is shown there, and who is told of it, when.

use serde_json::json;

use crate::config::{Text, texts};
use crate::takeover::conversation::{Actor, Holder};
use crate::takeover::effect::Effect;
use crate::takeover::turn::Turn;

use super::absence::{self, Absence};
use super::queue::Queue;
use super::state::{Handoff, Prompt, State, Waited};
use super::{cards, note};

/// Brings the handoff to its queue, which shows it to all, or gives it to somebody who is online.
pub fn offer(turn: &mut Turn<'_>) {
    let queue = queue_of(turn);
    let gives = is_free(turn) && queue.is_some_and(|queue| queue.gives(turn.now));
    let Some(handoff) = turn.conversation.open_handoff_mut() else { return };
    handoff.queued_at = turn.now;
    handoff.waited = Waited::default();
    if let Some(queue) = queue {
        // Another one, where its own was removed meanwhile.
        handoff.queue.clone_from(&queue.label);
    }
    let (handoff, queue) = (handoff.id.clone(), handoff.queue.clone());
    if gives { turn.then(Effect::Allocate { handoff, queue }) } else { offer_to_all(turn) }
}

/// Whether the customer may be given to somebody: no agent is with them, or the one who is gives them away.
pub(super) fn is_free(turn: &Turn<'_>) -> bool {
    let is_transfer = turn.conversation.open_handoff().is_some_and(|handoff| handoff.state == State::Transferred);
    is_transfer || turn.conversation.control.holder != Holder::Human
}

/// Shows the handoff to its queue; where nobody can see it there, it goes where somebody can.
pub fn offer_to_all(turn: &mut Turn<'_>) {
    let Some(handoff) = turn.conversation.open_handoff_mut() else { return };
    if handoff.state == State::Requested {
        handoff.state = State::Offered;
    }
    let Some(queue) = queue_of(turn) else { return absence::nobody(turn, Absence::NoAgent) };
    if queue.channel.is_empty() {
        return absence::nobody(turn, Absence::NoAgent);
    }
    show(turn);
    summon(turn, &queue.priority_group);
    if queue.hours.as_ref().is_some_and(|hours| !hours.are_on(turn.now)) {
        absence::nobody(turn, Absence::AfterHours);
    } else {
        note(turn, "handoff.offered", &Actor::Service, json!({ "queue": queue.label }));
    }
}

/// Brings the card of the handoff up to date, in the channel of its queue.
pub fn show(turn: &mut Turn<'_>) {
    let Some((handoff, queue)) = turn.conversation.handoff.clone().zip(queue_of(turn)) else { return };
    // What stands in Slack stays there; nothing of somebody who is erased is written anew.
    if queue.channel.is_empty() || turn.conversation.erasing {
        return;
    }
    let body = cards::handoff(&turn.conversation, &handoff, queue, turn.rules);
    let name = card(&handoff.id, &queue.label);
    turn.then(Effect::PutCard { name, channel: Some(queue.channel.clone()), body });
    for prompt in &handoff.prompts {
        ask(turn, &handoff, queue, prompt);
    }
}

/// Asks these to pick it, in person.
fn summon(turn: &mut Turn<'_>, who: &[String]) {
    if let Some(handoff) = turn.conversation.open_handoff().filter(|_| !who.is_empty()) {
        let (handoff, who) = (handoff.id.clone(), who.to_vec());
        turn.then(Effect::Summon { handoff, who });
    }
}

/// These can be asked in person: each gets the card, which is kept up to date.
pub fn prompt(turn: &mut Turn<'_>, handoff: &str, prompts: Vec<Prompt>) {
    let Some(open) = turn.conversation.open_handoff_mut().filter(|open| open.id == handoff && open.state.is_waiting())
    else {
        return;
    };
    let new: Vec<Prompt> = prompts.into_iter().filter(|prompt| !open.prompts.contains(prompt)).collect();
    open.prompts.extend(new.iter().cloned());
    let (open, queue) = (open.clone(), queue_of(turn));
    for prompt in &new {
        if let Some(queue) = queue {
            ask(turn, &open, queue, prompt);
        }
    }
}

fn ask(turn: &mut Turn<'_>, handoff: &Handoff, queue: &Queue, prompt: &Prompt) {
    let body = cards::prompt(&turn.conversation, handoff, queue, turn.rules);
    let name = format!("prompt:{}:{}", handoff.id, prompt.user_id);
    turn.then(Effect::PutCard { name, channel: Some(prompt.dm.clone()), body });
}

/// Tells the channel of a queue something about the handoff.
pub fn tell_queue(turn: &mut Turn<'_>, text: Text) {
    let Some(line) = turn.text(text, &[]) else { return };
    let Some(channel) = queue_of(turn).map(|queue| queue.channel.clone()).filter(|channel| !channel.is_empty()) else {
        return;
    };
    turn.then(Effect::TellQueue { channel, body: crate::takeover::cards::line(&line) });
}

/// The queue that the newest handoff is in; the default one where its own was removed.
#[must_use]
pub fn queue_of<'a>(turn: &Turn<'a>) -> Option<&'a Queue> {
    let label = turn.conversation.handoff.as_ref().map(|handoff| handoff.queue.as_str());
    turn.rules.queues.choose(label).map(|(queue, _)| queue)
}

/// The name of the card that a queue has of a handoff.
#[must_use]
pub fn card(handoff: &str, queue: &str) -> String {
    format!("handoff:{handoff}:{queue}")
}

/// The card of a handoff could not be shown: nobody in that queue can see that somebody waits.
pub fn not_shown(turn: &mut Turn<'_>, name: &str, reason: &str) {
    let Some(handoff) = turn.conversation.open_handoff().filter(|handoff| handoff.state.is_waiting()) else { return };
    if name == card(&handoff.id, &handoff.queue) {
        note(turn, "handoff.not_shown", &Actor::Service, json!({ "reason": reason }));
        absence::nobody(turn, Absence::NoAgent);
    }
}

/// The priority group was alone with it long enough: everybody in the channel is told.
pub fn widen(turn: &mut Turn<'_>) {
    let Some(handoff) = turn.conversation.open_handoff_mut() else { return };
    handoff.waited.widened = true;
    tell_queue(turn, texts::QUEUE_WIDENED);
    if let Some(queue) = queue_of(turn) {
        summon(turn, &queue.members);
    }
    note(turn, "handoff.widened", &Actor::Service, json!({}));
}
