//! Somebody asks for a human.

use serde_json::json;

use crate::config::texts;
use crate::takeover::control;
use crate::takeover::conversation::{Actor, Holder};
use crate::takeover::effect::Effect;
use crate::takeover::turn::Turn;

use super::state::{Handoff, Request, Source, State, Waited};
use super::{absence, note, offering};

/// A human is asked for. A conversation has one open handoff: who asks again gets that one.
pub fn ask(turn: &mut Turn<'_>, source: Source, request: Request) {
    if let Some(open) = turn.conversation.open_handoff() {
        let same_queue = request.queue.as_deref().is_some_and(|label| open.queue.eq_ignore_ascii_case(label));
        let assigned = open.state == State::Accepted && open.assignee.is_some();
        return if same_queue && assigned {
            let reason = format!("The conversation is with {} already.", open.queue);
            turn.refuse("already_in_queue", reason);
        } else {
            turn.already("A human is asked for already.");
        };
    }
    if turn.conversation.erasing {
        return turn.refuse("erasing", "What is kept of this customer is being erased.");
    }
    if turn.conversation.spam.is_some() {
        return turn.refuse("spam", "An agent has marked this conversation as spam.");
    }
    let Some((queue, as_named)) = turn.rules.queues.choose(request.queue.as_deref()) else {
        return nobody_to_ask(turn, &source);
    };
    let by = source.actor();
    open(turn, source, request, &queue.label, as_named);
    turn.tell_of_handoff(texts::HANDOFF_REQUESTED, &by);
    // The card says who the customer is.
    turn.then(Effect::LearnCustomer);
    turn.done_silently();
}

/// Begins a handoff in a queue, and takes the floor from the bot.
pub(super) fn open(turn: &mut Turn<'_>, source: Source, request: Request, queue: &str, as_named: bool) {
    let by = source.actor();
    turn.conversation.handoffs += 1;
    let handoff = Handoff {
        id: format!("{}.{}", turn.conversation.id, turn.conversation.handoffs),
        source,
        state: State::Requested,
        queue: queue.to_owned(),
        request,
        assignee: None,
        requested_at: turn.now,
        queued_at: turn.now,
        accepted_at: None,
        answered_at: None,
        customer_waits_since: Some(turn.now),
        ended_at: None,
        end_reason: String::new(),
        contact: None,
        passed: Vec::new(),
        waited: Waited::default(),
        prompts: Vec::new(),
    };
    turn.conversation.handoff = Some(Box::new(handoff));
    note(turn, "handoff.requested", &by, json!({ "queue": queue, "as_named": as_named }));
    // With an agent already in the room, the queue is told all the same, and nobody takes the floor from them.
    if turn.conversation.control.holder == Holder::Bot {
        control::await_human(turn, &by);
    }
}

/// Who the customer is, is known now, as far as it can be: the queue is shown the handoff.
pub fn introduced(turn: &mut Turn<'_>) {
    let is_new = turn.conversation.handoff.as_ref().is_some_and(|handoff| handoff.state == State::Requested);
    if is_new {
        offering::offer(turn);
    }
}

/// There is no queue at all: nobody would ever see the handoff.
fn nobody_to_ask(turn: &mut Turn<'_>, source: &Source) {
    turn.record("handoff.refused", &source.actor(), json!({ "reason": "no_queue" }));
    if *source == Source::Customer {
        turn.tell_customer(texts::HANDOFF_NO_AGENT, &Actor::Service);
    }
    turn.refuse("no_queue", absence::NO_QUEUE);
}
