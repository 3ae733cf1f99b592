//! What happens while a handoff waits: it is told to more people, its targets pass, and at last nobody counts as there.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::clock::after;
use crate::config::{Text, texts};
use crate::takeover::conversation::{Actor, Conversation};
use crate::takeover::rules::Rules;
use crate::takeover::turn::Turn;

use super::absence::{self, Absence};
use super::queue::Queue;
use super::state::{Handoff, State, Target};
use super::{note, offering};

/// Something that falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Widen,
    Accept(Target),
    Response(Target),
    GiveUp,
}

/// When something is to be done about the waiting handoff next.
#[must_use]
pub fn next(conversation: &Conversation, rules: &Rules<'_>) -> Option<Timestamp> {
    steps(conversation, rules).into_iter().map(|(due, _)| due).min()
}

/// Does what is due.
pub fn due(turn: &mut Turn<'_>) {
    // Each step may change what the others are.
    for _ in 0..8 {
        let mut steps = steps(&turn.conversation, &turn.rules);
        steps.retain(|(due, _)| *due <= turn.now);
        let Some((_, step)) = steps.into_iter().min_by_key(|(due, _)| *due) else { return };
        match step {
            Step::Widen => offering::widen(turn),
            Step::Accept(told) => accept_target(turn, told),
            Step::Response(told) => response_target(turn, told),
            Step::GiveUp => absence::nobody(turn, Absence::NotAccepted),
        }
    }
}

fn steps(conversation: &Conversation, rules: &Rules<'_>) -> Vec<(Timestamp, Step)> {
    let Some(handoff) = conversation.open_handoff() else { return Vec::new() };
    let Some((queue, _)) = rules.queues.choose(Some(&handoff.queue)) else { return Vec::new() };
    let mut steps = Vec::new();
    // Also one that could not be shown so far: the customer waits all the same.
    if handoff.state.is_waiting() {
        if !queue.priority_group.is_empty() && !handoff.waited.widened && handoff.state != State::Requested {
            steps.push((after(handoff.queued_at, queue.widen_after), Step::Widen));
        }
        if !queue.accept_within.is_zero() {
            // Whoever is being answered has somebody, also where nobody has picked; until an answer does not come.
            let answered = handoff.customer_waits_since.or(conversation.active_at).filter(|_| handoff.waited.answered);
            let since = answered.map_or(handoff.queued_at, |at| at.max(handoff.queued_at));
            steps.push((working(queue, since, queue.accept_within), Step::GiveUp));
        }
        steps.extend(
            target(queue, handoff.queued_at, queue.accept_target, handoff.waited.accept)
                .map(|(due, told)| (due, Step::Accept(told))),
        );
    }
    // It does not run while it is the customer's turn.
    if let (State::Accepted, false, Some(since)) =
        (handoff.state, handoff.waited.answered, handoff.customer_waits_since)
    {
        steps.extend(
            target(queue, since, queue.response_target, handoff.waited.response)
                .map(|(due, told)| (due, Step::Response(told))),
        );
    }
    steps
}

/// When a queue is told next about a target, and what.
fn target(queue: &Queue, since: Timestamp, target: Duration, told: Target) -> Option<(Timestamp, Target)> {
    if target.is_zero() {
        return None;
    }
    match told {
        // In time to do something about it.
        Target::Untold => Some((working(queue, since, target * 3 / 4), Target::Warned)),
        Target::Warned => Some((working(queue, since, target), Target::Breached)),
        Target::Breached => None,
    }
}

fn working(queue: &Queue, since: Timestamp, span: Duration) -> Timestamp {
    queue.hours.as_ref().map_or_else(|| after(since, span), |hours| hours.deadline(since, span))
}

fn accept_target(turn: &mut Turn<'_>, told: Target) {
    let text = match told {
        Target::Breached => texts::QUEUE_ACCEPT_BREACHED,
        _ => texts::QUEUE_ACCEPT_WARNING,
    };
    tell(turn, text, "accept", told, |handoff| &mut handoff.waited.accept);
}

fn response_target(turn: &mut Turn<'_>, told: Target) {
    let text = match told {
        Target::Breached => texts::QUEUE_RESPONSE_BREACHED,
        _ => texts::QUEUE_RESPONSE_WARNING,
    };
    turn.post_text(text, &[]);
    tell(turn, text, "first_response", told, |handoff| &mut handoff.waited.response);
}

fn tell(turn: &mut Turn<'_>, text: Text, which: &str, told: Target, place: fn(&mut Handoff) -> &mut Target) {
    let Some(handoff) = turn.conversation.open_handoff_mut() else { return };
    *place(handoff) = told;
    offering::tell_queue(turn, text);
    let kind = if told == Target::Breached { "sla.breached" } else { "sla.warning" };
    note(turn, kind, &Actor::Service, json!({ "target": which }));
}
