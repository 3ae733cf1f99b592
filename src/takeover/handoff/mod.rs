//! Handoffs: somebody asks for a human, a queue is told, an agent picks it, and it comes to an end that helps the customer.
//!
//! A handoff has a state of its own, apart from control and from the room: a customer may wait for a human while the bot
//! still answers, and be with an agent in a room that is being made.

pub mod absence;
pub mod allocating;
pub mod cards;
pub mod dialog;
pub mod ending;
pub mod health;
pub mod hearing;
pub mod hours;
pub mod live_chat;
pub mod offering;
pub mod panel;
pub mod picking;
pub mod queue;
pub mod requesting;
pub mod setup;
pub mod state;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod stories;
pub mod transferring;
pub mod waiting;

use serde_json::{Value, json};

use crate::takeover::control;
use crate::takeover::conversation::{Actor, Agent};
use crate::takeover::turn::Turn;

/// What somebody does about the newest handoff of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Pick it.
    Pick,
    /// Take over from whoever handles it.
    TakeOver,
    /// Decline it.
    Decline,
    /// Nobody asked for a human.
    NotARequest,
    /// It is spam.
    Spam,
    /// It is no spam.
    NotSpam,
    /// Take it back.
    Cancel,
    /// Give it to another queue.
    Transfer {
        /// Label of the queue.
        queue: String,
        /// For whoever accepts it.
        note: String,
    },
    /// Give the customer back to the bot, without closing the room.
    HandBack {
        /// For the bot.
        note: String,
    },
}

/// Somebody does something about a handoff; with an id, about that one and none that came later.
pub fn step(turn: &mut Turn<'_>, id: Option<&str>, by: &Actor, step: &Step) {
    let newest = turn.conversation.handoff.as_ref().map(|handoff| handoff.id.as_str());
    if let (Some(id), newest) = (id, newest)
        && newest != Some(id)
    {
        return turn.refuse("over", "This is over; another request has come since.");
    }
    match step {
        Step::Transfer { queue, note } => transferring::transfer(turn, by, queue, note),
        Step::HandBack { note } => control::hand_back(turn, by, note),
        Step::TakeOver => with_agent(turn, by, picking::take_over),
        _ if newest.is_none() => turn.refuse("no_handoff", "Nobody has asked for a human here."),
        Step::Pick => with_agent(turn, by, picking::pick),
        Step::Decline => ending::decline(turn, by),
        Step::NotARequest => ending::not_a_request(turn, by),
        Step::Spam => ending::spam(turn, by),
        Step::NotSpam => ending::not_spam(turn, by),
        Step::Cancel => ending::cancel(turn, by),
    }
}

/// Writes down what has happened to the newest handoff, and publishes it.
fn note(turn: &mut Turn<'_>, kind: &'static str, by: &Actor, mut detail: Value) {
    let Some(handoff) = turn.conversation.handoff.as_deref().map(|handoff| (handoff.id.clone(), handoff.to_json()))
    else {
        return;
    };
    let (id, shown) = handoff;
    turn.publish(kind, by, &[("handoff", shown), ("detail", detail.clone())]);
    detail["handoff"] = json!(id);
    turn.record(kind, by, detail);
}

fn with_agent(turn: &mut Turn<'_>, by: &Actor, act: fn(&mut Turn<'_>, &Agent)) {
    match by.as_agent() {
        Some(agent) => act(turn, &agent.clone()),
        None => turn.refuse("no_agent", "Only an agent can do this."),
    }
}
