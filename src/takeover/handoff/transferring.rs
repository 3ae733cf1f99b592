//! A handoff goes from one queue to another: because an agent gives it away, or because nobody came.

use serde_json::json;

use crate::config::texts;
use crate::takeover::cards::{escape, person};
use crate::takeover::control;
use crate::takeover::conversation::{Actor, Agent, Holder};
use crate::takeover::effect::Effect;
use crate::takeover::turn::Turn;

use super::requesting;
use super::state::{Request, Source, State};
use super::{note, offering};

/// Somebody gives the customer to another queue; there is a room, or at least a handoff.
pub fn transfer(turn: &mut Turn<'_>, by: &Actor, label: &str, note: &str) {
    let Some(target) = turn.rules.queues.find(label) else {
        let labels: Vec<&str> = turn.rules.queues.0.iter().map(|queue| queue.label.as_str()).collect();
        let known =
            if labels.is_empty() { "There is none.".to_owned() } else { format!("There are {}.", labels.join(", ")) };
        return turn.refuse("no_such_queue", format!("There is no queue “{}”. {known}", escape(label)));
    };
    let target = target.label.clone();
    let here = turn.conversation.open_handoff().map(|handoff| handoff.queue.clone());
    if here.as_ref().is_some_and(|here| here.eq_ignore_ascii_case(&target)) {
        return turn.refuse("same_queue", format!("The conversation is with {} already.", escape(&target)));
    }
    if here.is_none() {
        // An agent had opened the room by hand: from now on it is a handoff like others.
        let source = by.as_agent().map_or(Source::Bot, |agent| Source::Agent { agent: agent.clone() });
        let request = Request { queue: Some(target.clone()), reason: note.to_owned(), ..Request::default() };
        requesting::open(turn, source, request, &target, true);
        if let Some((handoff, agent)) = turn.conversation.open_handoff_mut().zip(by.as_agent()) {
            handoff.assignee = Some(agent.clone());
            handoff.state = State::Transferred;
        }
        offering::offer(turn);
    } else {
        if !note.is_empty()
            && let Some(handoff) = turn.conversation.open_handoff_mut()
        {
            note.clone_into(&mut handoff.request.reason);
        }
        go(turn, &target, by, "transferred");
    }
    announce(turn, &target, by, note);
    turn.done(texts::ANSWER_TRANSFERRED, &[]);
}

/// Nobody came: the next queue is asked, and the customer goes on waiting.
pub(super) fn move_on(turn: &mut Turn<'_>, label: &str, reason: &str) {
    turn.post_text(texts::ROOM_NEXT_QUEUE, &[("queue", &escape(label))]);
    go(turn, label, &Actor::Service, reason);
}

/// Nobody in the other queue came: it stays with whoever gave it away.
pub(super) fn give_back(turn: &mut Turn<'_>, reason: &str) {
    let Some(handoff) = turn.conversation.open_handoff() else { return };
    let asked = handoff.queue.clone();
    let home = handoff.passed.first().cloned().unwrap_or_else(|| asked.clone());
    let assignee = handoff.assignee.clone();
    if home != asked {
        leave(turn, &home, &Actor::Service, reason);
    }
    if let Some(handoff) = turn.conversation.open_handoff_mut() {
        // Nobody has picked it now: when it was picked stays as it was.
        handoff.state = State::Accepted;
        handoff.passed.clear();
    }
    turn.conversation.handler.clone_from(&assignee);
    offering::show(turn);
    // Who gave it away without having taken the floor has it now: the customer waits for somebody.
    if let Some(agent) = &assignee
        && turn.conversation.control.holder != Holder::Human
    {
        control::pause(turn, &Actor::Agent(agent.clone()), "handoff");
    }
    let whose = assignee.map_or_else(|| "Somebody here".to_owned(), |agent: Agent| person(&agent));
    turn.post_text(texts::ROOM_NOT_TRANSFERRED, &[("queue", &escape(&asked)), ("agent", &whose)]);
    note(turn, "handoff.not_transferred", &Actor::Service, json!({ "queue": asked, "reason": reason }));
}

/// Out of one queue, into the other, which is shown it.
fn go(turn: &mut Turn<'_>, label: &str, by: &Actor, reason: &str) {
    leave(turn, label, by, reason);
    offering::offer(turn);
}

/// Out of one queue, into the other.
fn leave(turn: &mut Turn<'_>, label: &str, by: &Actor, reason: &str) {
    let Some(handoff) = turn.conversation.open_handoff_mut() else { return };
    let from = std::mem::replace(&mut handoff.queue, label.to_owned());
    handoff.passed.push(from.clone());
    if handoff.assignee.is_some() {
        handoff.state = State::Transferred;
    }
    moved_away(turn, &from);
    note(turn, "handoff.transferred", by, json!({ "from": from, "to": label, "reason": reason }));
}

/// The card in the queue that it has left.
fn moved_away(turn: &mut Turn<'_>, from: &str) {
    let Some(queue) = turn.rules.queues.find(from).filter(|queue| !queue.channel.is_empty()) else { return };
    let Some(handoff) = turn.conversation.handoff.clone() else { return };
    let body = super::cards::moved(&turn.conversation, turn.rules);
    let name = offering::card(&handoff.id, &queue.label);
    turn.then(Effect::PutCard { name, channel: Some(queue.channel.clone()), body });
}

fn announce(turn: &mut Turn<'_>, label: &str, by: &Actor, note: &str) {
    let channel =
        turn.rules.queues.find(label).map(|queue| queue.channel.clone()).filter(|channel| !channel.is_empty());
    let place = channel.map(|channel| format!(", <#{channel}>")).unwrap_or_default();
    let who = by.as_agent().map_or_else(|| "The bot".to_owned(), person);
    let why = if note.is_empty() { String::new() } else { format!("\n>{}", escape(note).replace('\n', "\n>")) };
    if let Some(told) = turn.text(texts::ROOM_TRANSFERRED, &[("who", &who), ("place", &place)]) {
        turn.post_line(&format!("{told}{why}"));
    }
    turn.tell_of_handoff(texts::HANDOFF_TRANSFERRED, by);
}
