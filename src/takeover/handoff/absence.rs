//! Nobody is there: the next queue is asked; when there is none, the customer is told and asked how to reach them, the
//! ticket stays with its queue, and the bot goes on.

use std::time::Duration;

use crate::clock::after;
use crate::config::texts;
use crate::takeover::conversation::{Actor, Holder};
use crate::takeover::turn::Turn;

use super::ending;
use super::offering;
use super::state::State;
use super::transferring;

/// What the customer says so soon after they were asked how to reach them is the answer.
const PATIENCE: Duration = Duration::from_hours(1);

/// To whoever asks where there is no queue.
pub const NO_QUEUE: &str = "There is no queue, so no human can be asked for.";

/// In which way nobody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Nobody has picked it in time.
    NotAccepted,
    /// Nobody can see it: the queue has no channel.
    NoAgent,
    /// It is after hours.
    AfterHours,
}

impl Absence {
    /// As it is recorded: the reason for the end.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAccepted => "accept_timeout",
            Self::NoAgent => "no_agent",
            Self::AfterHours => "after_hours",
        }
    }
}

/// Nobody is there in the queue of the open handoff.
pub fn nobody(turn: &mut Turn<'_>, absence: Absence) {
    let Some(handoff) = turn.conversation.open_handoff() else { return };
    let is_transfer = handoff.state == State::Transferred;
    let tried: Vec<&str> = handoff.passed.iter().map(String::as_str).chain([handoff.queue.as_str()]).collect();
    let next = offering::queue_of(turn)
        .and_then(|queue| turn.rules.queues.find(&queue.then))
        .filter(|next| !tried.iter().any(|label| label.eq_ignore_ascii_case(&next.label)));
    if let Some(next) = next {
        let label = next.label.clone();
        return transferring::move_on(turn, &label, absence.as_str());
    }
    if is_transfer {
        return transferring::give_back(turn, absence.as_str());
    }
    let told = match absence {
        Absence::NotAccepted => texts::HANDOFF_NOBODY,
        Absence::NoAgent => texts::HANDOFF_NO_AGENT,
        Absence::AfterHours => texts::HANDOFF_AFTER_HOURS,
    };
    turn.tell_of_handoff(told, &Actor::Service);
    let asked_for_contact = !turn.rules.template(&turn.conversation, told).trim().is_empty();
    ending::end(turn, State::TimedOut, absence.as_str(), &Actor::Service);
    if asked_for_contact && turn.conversation.control.holder != Holder::Human {
        turn.conversation.asks_contact = Some(after(turn.now, PATIENCE));
    }
}
