//! The body of `POST /ingest`: what a bot heard and said. Pure; the handler of `/ingest` tries [`peek()`] first, and
//! [`parse`] where that does not suffice.

mod peek;
mod shape;

use serde_json::Value;

use crate::takeover::event::{Signals, Speaker};
use crate::takeover::triggers::matching::Facts;

use super::check::{Check, Node, json};
use super::problem::Problem;
use super::{Author, What};

pub use peek::{Peek, peek};

/// The most messages that one body may hold.
const MAX_MESSAGES: usize = 100;

/// A body, read.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one value per request, taken apart at once")]
pub enum Parsed {
    /// One message.
    One(Element),
    /// An array, to be answered in the same order.
    Many(Vec<Element>),
}

/// One message; `None` for an event that concerns no conversation, which is rightly discarded; or why it is refused (422).
pub type Element = Result<Option<Ingested>, Problem>;

/// Something that happened in a conversation of a customer with a bot.
#[derive(Debug, Clone, PartialEq)]
pub struct Ingested {
    /// Who speaks; `None` where Slack does not say, such as a deletion without the deleted message.
    pub direction: Option<Direction>,
    /// The customer's workspace.
    pub team_id: String,
    /// The DM.
    pub channel_id: String,
    /// The customer, where that is said: in an envelope only when it is the author.
    pub user_id: Option<String>,
    /// The author of the message; of a changed one, of the message inside.
    pub author: Author,
    /// What happened.
    pub what: What,
    /// The message or event, verbatim.
    pub event: Value,
    /// The epoch of control that the bot knew of.
    pub control_epoch: Option<i64>,
    /// What the bot noticed.
    pub signals: Signals,
}

impl Ingested {
    /// The key under which the same thing is recognised: see [`What::identity`].
    #[must_use]
    pub fn identity(&self) -> String {
        self.what.identity(&self.team_id, &self.channel_id)
    }

    /// What it gives rules to go by; none where it is no message.
    #[must_use]
    pub fn facts(&self) -> Option<Facts<'_>> {
        matches!(self.what, What::Message { .. }).then(|| Facts {
            speaker: speaker(self.direction),
            words: self.event["text"].as_str().unwrap_or_default(),
            sentiment: self.signals.sentiment,
            event: self.signals.event.as_deref(),
            unanswered: u32::from(self.signals.unanswered == Some(true)),
        })
    }
}

/// Who speaks in this direction.
#[must_use]
pub fn speaker(direction: Option<Direction>) -> Speaker {
    if direction == Some(Direction::Outgoing) { Speaker::Bot } else { Speaker::Customer }
}

/// Who speaks to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The customer to the bot.
    Incoming,
    /// The bot to the customer.
    Outgoing,
}

/// Reads a body.
///
/// # Errors
///
/// 400 unless it is JSON; 422 for an array that is too long. What is wrong with one message is said in its place.
pub fn parse(body: &[u8]) -> Result<Parsed, Problem> {
    match json(body)? {
        Value::Array(elements) if elements.len() > MAX_MESSAGES => {
            Err(Problem::invalid_field("body", format!("may hold {MAX_MESSAGES} messages, not {}", elements.len())))
        }
        Value::Array(elements) => {
            let numbered = elements.into_iter().enumerate();
            Ok(Parsed::Many(numbered.map(|(index, element)| shape::read(element, &format!("[{index}]"))).collect()))
        }
        one => Ok(Parsed::One(shape::read(one, ""))),
    }
}

#[cfg(test)]
mod tests;
