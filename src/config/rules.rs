//! `[[rules]]`: what is done about what is said and what bots notice. [`crate::takeover::triggers`] goes by them.

use regex::Regex;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::render::phrases::Phrases;
use crate::render::redact;

use super::Config;

/// A rule: it fires where one of its conditions holds, and then does all that it says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, which the cards show.
    pub name: String,
    /// The bots that it is for; empty: all.
    pub bots: Vec<String>,
    /// In whose words `keywords` and `pattern` are looked for.
    pub by: Whose,
    /// Holds where the bot reports one of these events.
    pub events: Vec<String>,
    /// Holds where somebody says one of these.
    pub keywords: Phrases,
    /// Holds where this matches what somebody says.
    #[serde(deserialize_with = "pattern")]
    pub pattern: Option<Regex>,
    /// Holds where the sentiment of a message is below this; zero: never.
    pub sentiment_below: f64,
    /// Holds where so many messages in a row were not answered; 0: never.
    pub unanswered: u32,
    /// Tags for the cards.
    pub tags: Vec<String>,
    /// Whether the conversation gets a card in the triage channel.
    pub notify: bool,
    /// Label of the queue in which a human is asked for; `default`, or empty for none.
    pub handoff: String,
    /// How urgent it is; shown.
    pub priority: String,
}

/// Whose words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Whose {
    /// The customer's.
    Customer,
    /// The bot's.
    Bot,
    /// Those of both.
    Both,
}

/// The first rule that could never do anything: its index, the key, and what is expected there.
pub(super) fn fault(config: &Config) -> Option<(usize, &'static str, String)> {
    config.rules.iter().enumerate().find_map(|(index, rule)| {
        let never = rule.events.is_empty()
            && rule.keywords.is_empty()
            && rule.pattern.is_none()
            && rule.sentiment_below == 0.0
            && rule.unanswered == 0;
        if never {
            let conditions = "at least one of events, keywords, pattern, sentiment_below and unanswered beside it";
            return Some((index, "name", conditions.to_owned()));
        }
        if rule.tags.is_empty() && !rule.notify && rule.handoff.is_empty() {
            return Some((index, "name", "at least one of tags, notify and handoff beside it".to_owned()));
        }
        if rule.notify && config.triage.channel.is_empty() {
            return Some((index, "notify", "triage.channel to be set, or false".to_owned()));
        }
        let unknown = rule.bots.iter().find(|id| config.bot(id).is_none())?;
        Some((index, "bots", format!("ids of bots; {unknown} is none")))
    })
}

fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let pattern = (!text.is_empty()).then(|| redact::pattern(&text)).transpose();
    pattern.map_err(D::Error::custom)
}
