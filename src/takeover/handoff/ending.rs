//! A handoff ends: always with a reason, always with somebody who answers the customer, and so that another can begin.

use serde_json::json;

use crate::config::texts;
use crate::takeover::control;
use crate::takeover::conversation::{Actor, Holder};
use crate::takeover::turn::Turn;

use super::state::State;
use super::{note, offering};

/// Ends the open handoff, and gives control back to the bot unless an agent has it.
pub fn end(turn: &mut Turn<'_>, state: State, reason: &str, by: &Actor) {
    record(turn, state, reason, by);
    if turn.conversation.control.holder == Holder::Pending {
        control::resume(turn, by, reason);
    }
}

/// Writes the end of the open handoff down, and nothing else.
fn record(turn: &mut Turn<'_>, state: State, reason: &str, by: &Actor) {
    let now = turn.now;
    let Some(handoff) = turn.conversation.open_handoff_mut() else { return };
    handoff.state = state;
    handoff.ended_at = Some(now);
    reason.clone_into(&mut handoff.end_reason);
    let kind = match state {
        State::Declined => "handoff.declined",
        State::TimedOut => "handoff.timed_out",
        State::Failed => "handoff.failed",
        State::Cancelled => "handoff.cancelled",
        _ => "handoff.completed",
    };
    note(turn, kind, by, json!({ "reason": reason }));
    offering::show(turn);
}

/// Control goes back to the bot, for whatever reason: then the handoff is over as well.
pub fn with_control(turn: &mut Turn<'_>, by: &Actor, reason: &str) {
    turn.conversation.handler = None;
    turn.conversation.told_of_handler.clear();
    let Some(handoff) = turn.conversation.open_handoff() else { return };
    let state =
        if handoff.state.is_waiting() && handoff.assignee.is_none() { State::Cancelled } else { State::Completed };
    record(turn, state, reason, by);
}

/// An agent does not want it.
pub fn decline(turn: &mut Turn<'_>, by: &Actor) {
    let Some(handoff) = waiting(turn) else { return };
    if handoff == State::Transferred {
        turn.done(texts::ANSWER_TRANSFER_DECLINED, &[]);
        return super::transferring::give_back(turn, "declined");
    }
    turn.tell_of_handoff(texts::HANDOFF_DECLINED, by);
    end(turn, State::Declined, "declined", by);
    turn.done(texts::ANSWER_DECLINED, &[]);
}

/// An agent sees that nobody asked for a human.
pub fn not_a_request(turn: &mut Turn<'_>, by: &Actor) {
    if waiting(turn).is_none() {
        return;
    }
    turn.tell_of_handoff(texts::HANDOFF_CANCELLED, by);
    end(turn, State::Cancelled, "not_a_request", by);
    turn.done_silently();
}

/// Whoever asked takes it back.
pub fn cancel(turn: &mut Turn<'_>, by: &Actor) {
    if waiting(turn).is_none() {
        return;
    }
    turn.tell_of_handoff(texts::HANDOFF_CANCELLED, by);
    end(turn, State::Cancelled, "cancelled", by);
    turn.done_silently();
}

/// An agent sees that it is spam: nobody is told of this conversation any more, until somebody undoes it.
pub fn spam(turn: &mut Turn<'_>, by: &Actor) {
    turn.conversation.spam = by.as_agent().cloned();
    turn.record("conversation.spam", by, json!({}));
    if turn.conversation.open_handoff().is_some_and(|handoff| handoff.state.is_waiting()) {
        end(turn, State::Cancelled, "spam", by);
    } else {
        offering::show(turn);
    }
    turn.done_silently();
}

/// It was not spam after all: what was open then is open again.
pub fn not_spam(turn: &mut Turn<'_>, by: &Actor) {
    if turn.conversation.spam.take().is_none() {
        return turn.already("It is not marked as spam.");
    }
    turn.record("conversation.not_spam", by, json!({}));
    turn.done_silently();
    let handler = turn.conversation.handler.clone().filter(|_| turn.conversation.control.holder == Holder::Human);
    let Some(handoff) = turn.conversation.handoff.as_mut().filter(|handoff| handoff.end_reason == "spam") else {
        return offering::show(turn);
    };
    handoff.ended_at = None;
    handoff.end_reason.clear();
    if handler.is_some() && handoff.assignee == handler {
        handoff.state = State::Accepted;
        return offering::show(turn);
    }
    handoff.state = State::Requested;
    handoff.assignee = None;
    if turn.conversation.control.holder == Holder::Bot {
        control::await_human(turn, by);
    }
    offering::offer(turn);
}

/// The room could not be had: the customer is told, with what they can refer to, and the bot goes on.
pub fn failed(turn: &mut Turn<'_>, reason: &str) {
    if turn.conversation.open_handoff().is_none() {
        return;
    }
    turn.tell_of_handoff(texts::HANDOFF_FAILED, &Actor::Service);
    record(turn, State::Failed, reason, &Actor::Service);
    turn.conversation.handler = None;
    if turn.conversation.control.holder != Holder::Bot {
        control::resume(turn, &Actor::Service, "handoff_failed");
    }
}

/// How the open handoff stands, if it still waits for somebody; the one who asked is told otherwise.
fn waiting(turn: &mut Turn<'_>) -> Option<State> {
    let state = turn.conversation.handoff.as_ref().map(|handoff| handoff.state)?;
    if state.is_waiting() {
        return Some(state);
    }
    let who = turn.conversation.handoff.as_ref().and_then(|handoff| handoff.assignee.as_ref());
    let text = match (state, who) {
        (State::Accepted, Some(agent)) => format!("{} handles it already.", crate::takeover::cards::person(agent)),
        _ => format!("It is over: it was {}.", state.as_words()),
    };
    turn.refuse(if state == State::Accepted { "taken" } else { "over" }, text);
    None
}
