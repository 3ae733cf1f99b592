//! What the bot could not answer, in a row.

use serde::{Deserialize, Serialize};

use crate::render::text;
use crate::takeover::conversation::Holder;
use crate::takeover::event::{Said, Speaker};
use crate::takeover::turn::Turn;

use super::matching;

/// How many of the customer's messages are kept for the agent.
const TEXTS: usize = 5;
/// How much of each, in characters.
const LENGTH: usize = 300;

/// What the bot could not answer, in a row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unanswered {
    /// How many messages.
    pub count: u32,
    /// Whose messages the bot says it about: those that it could not answer, or its own that are no answer.
    pub about: Option<Speaker>,
    /// What the customer said, the last of it.
    pub texts: Vec<String>,
}

/// Counts a message; how many it makes in a row, 0 for one of which the bot does not say that it was not answered.
pub fn count(turn: &mut Turn<'_>, said: &Said, words: &str) -> u32 {
    let is_counted = matching::counts(turn.rules.bot, turn.rules.triggers);
    let with_bot = turn.conversation.control.holder == Holder::Bot;
    let unanswered = &mut turn.conversation.unanswered;
    let goes_on = match said.signals.unanswered {
        Some(goes_on) => goes_on,
        // A bot that says it of some messages means that it could answer the others.
        None => unanswered.about.is_some_and(|about| about != said.speaker),
    };
    if !(goes_on && is_counted && with_bot) {
        *unanswered = Unanswered::default();
        return 0;
    }
    if said.speaker == Speaker::Customer {
        unanswered.texts.push(text::cut(&text::unescape(words), LENGTH));
        let surplus = unanswered.texts.len().saturating_sub(TEXTS);
        unanswered.texts.drain(..surplus);
    }
    if said.signals.unanswered != Some(true) {
        return 0;
    }
    unanswered.about = Some(said.speaker);
    unanswered.count = unanswered.count.saturating_add(1);
    unanswered.count
}
