//! An agent picks a handoff: of two who click, one has it, and the other is told who.

use serde_json::json;

use crate::config::texts;
use crate::takeover::cards::{self, person};
use crate::takeover::control;
use crate::takeover::conversation::{Actor, Agent, Holder};
use crate::takeover::effect::Effect;
use crate::takeover::opening;
use crate::takeover::turn::Turn;

use super::state::State;
use super::{note, offering};

/// An agent wants the handoff.
pub fn pick(turn: &mut Turn<'_>, agent: &Agent) {
    let Some(handoff) = &turn.conversation.handoff else { return };
    match handoff.state {
        // The last two: late is better than never, and the card still stands.
        State::Requested | State::Offered | State::Transferred | State::TimedOut | State::Failed => {}
        State::Accepted => {
            let room = turn.conversation.room_channel().map(|room| format!(" {}", cards::channel(room)));
            let room = room.unwrap_or_default();
            return match &handoff.assignee {
                Some(other) if other.user_id != agent.user_id => {
                    let text = format!("{} was faster and handles this already.{room}", person(other));
                    turn.refuse("taken", text);
                }
                _ => turn.already(format!("You handle this already.{room}")),
            };
        }
        State::Declined | State::Completed | State::Cancelled => {
            let text = format!("This is over: it was {}.", handoff.state.as_words());
            return turn.refuse("over", text);
        }
    }
    if turn.conversation.erasing {
        return turn.refuse("erasing", "What is kept of this customer is being erased.");
    }
    accept(turn, agent);
    let by = Actor::Agent(agent.clone());
    // Before the room: nothing is said to the customer by two.
    if turn.conversation.control.holder != Holder::Human {
        control::pause(turn, &by, "handoff");
    }
    opening::open(turn, &by, None);
    match turn.conversation.room_channel().map(cards::channel) {
        Some(room) => turn.done(texts::ANSWER_PICKED_IN, &[("room", &room)]),
        None => turn.done(texts::ANSWER_PICKED, &[]),
    }
}

/// The handoff is this agent's now, in whichever way they took it.
pub fn accept(turn: &mut Turn<'_>, agent: &Agent) {
    let Some(handoff) = &mut turn.conversation.handoff else { return };
    let transferred = handoff.state == State::Transferred;
    // Who takes over from another agent has not picked it.
    if handoff.state != State::Accepted {
        handoff.accepted_at = Some(turn.now);
    }
    handoff.state = State::Accepted;
    handoff.assignee = Some(agent.clone());
    // Given away again, it comes back to the queue that it is in now.
    handoff.passed.clear();
    handoff.ended_at = None;
    handoff.end_reason.clear();
    let queue = handoff.queue.clone();
    turn.conversation.handler = Some(agent.clone());
    turn.conversation.asks_contact = None;
    let by = Actor::Agent(agent.clone());
    note(turn, "handoff.accepted", &by, json!({ "queue": queue }));
    offering::show(turn);
    if transferred {
        turn.post_text(texts::ROOM_TRANSFER_ACCEPTED, &[("agent", &person(agent))]);
        turn.tell_of_handoff(texts::HANDOFF_TRANSFER_ACCEPTED, &by);
    }
    turn.refresh_header();
}

/// Another agent takes over from whoever handles the customer.
pub fn take_over(turn: &mut Turn<'_>, agent: &Agent) {
    let before = turn.conversation.handler.clone();
    if before.as_ref().is_some_and(|before| before.user_id == agent.user_id) {
        return turn.already("You handle this customer already.");
    }
    let by = Actor::Agent(agent.clone());
    note(turn, "handoff.taken_over", &by, json!({ "from": before.as_ref().map(|before| &before.user_id) }));
    if turn.conversation.open_handoff().is_some() {
        accept(turn, agent);
    }
    turn.conversation.handler = Some(agent.clone());
    // On their Home people take over where they may not have been before.
    if turn.conversation.room_channel().is_some() {
        turn.then(Effect::Invite { who: vec![agent.user_id.clone()] });
    }
    match before {
        Some(before) => {
            let values = [("agent", &*person(agent)), ("before", &*person(&before))];
            turn.post_text(texts::ROOM_TAKEN_OVER_FROM, &values);
        }
        None => turn.post_text(texts::ROOM_TAKEN_OVER, &[("agent", &person(agent))]),
    }
    if turn.conversation.control.holder != Holder::Human {
        control::pause(turn, &by, "take_over");
    }
    turn.refresh_header();
    turn.done_silently();
}

/// Somebody writes where another handles the customer: they are told, once in a room.
pub fn collision(turn: &mut Turn<'_>, agent: &Agent) {
    let Some(handler) = turn.conversation.handler.clone().filter(|handler| handler.user_id != agent.user_id) else {
        return;
    };
    if turn.conversation.told_of_handler.contains(&agent.user_id) {
        return;
    }
    turn.conversation.told_of_handler.push(agent.user_id.clone());
    if let Some(body) = super::cards::collision(&turn.conversation, &handler, turn.rules) {
        turn.then(Effect::Whisper { agent: agent.user_id.clone(), body });
    }
}
