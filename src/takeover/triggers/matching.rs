//! What fires. The order is this: nothing fires for spam; of those who ask for a human, the customer's own words come
//! before the rules, and the rules, in the order of the configuration, before the bot's limits; tags are collected of all
//! rules that fire.

use std::fmt;

use crate::config::{Bot, Rule, Whose};
use crate::takeover::event::Speaker;
use crate::takeover::handoff::state::Source;

use super::merge;

/// The queue that is called so in a rule is whichever is the default.
const DEFAULT_QUEUE: &str = "default";

/// What a message gives rules to go by.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said, as Slack gave it.
    pub words: &'a str,
    /// How the customer feels.
    pub sentiment: Option<f64>,
    /// What has happened.
    pub event: Option<&'a str>,
    /// How many messages in a row were not answered, with this one; 0 where it was answered.
    pub unanswered: u32,
}

/// What a message has set off.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fired {
    /// Names of the rules, in their order.
    pub rules: Vec<String>,
    /// Their tags.
    pub tags: Vec<String>,
    /// The priority of the first that has one.
    pub priority: String,
    /// Why each fired, in words.
    pub why: Vec<String>,
    /// Agents should have a look.
    pub notify: bool,
    /// A human is asked for.
    pub asked: Option<Asked>,
    /// What was said, for people.
    pub words: String,
}

/// A human is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// By whom.
    pub source: Source,
    /// Why; none: because of what was said.
    pub why: Option<String>,
    /// The queue; none: the default one.
    pub queue: Option<String>,
}

/// Why a rule fires.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cause<'a> {
    /// Something has happened.
    Event(&'a str),
    /// Somebody said these words.
    Keyword(&'a str),
    /// Somebody said something that matches.
    Pattern,
    /// The customer feels bad.
    Sentiment(f64),
    /// So many messages were not answered.
    Unanswered(u32),
}

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(name) => write!(f, "the event {name}"),
            Self::Keyword(words) => write!(f, "the words “{words}”"),
            Self::Pattern => f.write_str("what was said"),
            Self::Sentiment(value) => write!(f, "a sentiment of {value}"),
            Self::Unanswered(1) => f.write_str("a message without an answer"),
            Self::Unanswered(count) => write!(f, "{count} messages in a row without an answer"),
        }
    }
}

/// Whether a message of a conversation that nobody has to do with sets anything off, or is counted. Takes no memory.
#[must_use]
pub fn matters(bot: &Bot, rules: &[Rule], facts: &Facts<'_>) -> bool {
    (facts.unanswered > 0 && counts(bot, rules))
        || asks(bot, facts)
        || limit(bot, facts).is_some()
        || rules.iter().any(|rule| cause(rule, bot, facts).is_some())
}

/// Whether words of this side are looked at.
#[must_use]
pub fn reads(bot: &Bot, rules: &[Rule], speaker: Speaker) -> bool {
    let looks = |rule: &Rule| is_for(rule, bot) && is_by(rule, speaker);
    (speaker == Speaker::Customer && !bot.handoff_phrases.is_empty())
        || rules.iter().any(|rule| looks(rule) && (!rule.keywords.is_empty() || rule.pattern.is_some()))
}

/// Whether it matters how many messages in a row were not answered.
#[must_use]
pub fn counts(bot: &Bot, rules: &[Rule]) -> bool {
    bot.unanswered_limit > 0 || rules.iter().any(|rule| is_for(rule, bot) && rule.unanswered > 0)
}

/// What a message sets off.
#[must_use]
pub fn fire(bot: &Bot, rules: &[Rule], facts: &Facts<'_>) -> Fired {
    let mut fired = Fired::default();
    if asks(bot, facts) {
        fired.asked = Some(Asked { source: Source::Customer, why: None, queue: None });
    }
    for rule in rules {
        let Some(cause) = cause(rule, bot, facts) else { continue };
        fired.rules.push(rule.name.clone());
        fired.why.push(format!("{}: {cause}", rule.name));
        merge(&mut fired.tags, &rule.tags);
        fired.notify |= rule.notify;
        if fired.priority.is_empty() {
            fired.priority.clone_from(&rule.priority);
        }
        if fired.asked.is_none() && !rule.handoff.is_empty() {
            let queue = (rule.handoff != DEFAULT_QUEUE).then(|| rule.handoff.clone());
            let source = Source::Rule { name: rule.name.clone() };
            fired.asked = Some(Asked { source, why: Some(cause.to_string()), queue });
        }
    }
    if fired.asked.is_none()
        && let Some((name, cause)) = limit(bot, facts)
    {
        let source = Source::Rule { name: name.to_owned() };
        fired.asked = Some(Asked { source, why: Some(cause.to_string()), queue: None });
    }
    fired
}

/// Whether the customer asks for a human.
fn asks(bot: &Bot, facts: &Facts<'_>) -> bool {
    facts.speaker == Speaker::Customer && bot.handoff_phrases.find(facts.words).is_some()
}

/// The limit of the bot that is passed, by the name of its key.
fn limit(bot: &Bot, facts: &Facts<'_>) -> Option<(&'static str, Cause<'static>)> {
    if bot.unanswered_limit > 0 && facts.unanswered >= bot.unanswered_limit {
        return Some(("unanswered_limit", Cause::Unanswered(facts.unanswered)));
    }
    below(facts.sentiment, bot.sentiment_below).map(|value| ("sentiment_below", Cause::Sentiment(value)))
}

/// Why a rule fires, if it does.
fn cause<'a>(rule: &Rule, bot: &Bot, facts: &Facts<'a>) -> Option<Cause<'a>> {
    if !is_for(rule, bot) {
        return None;
    }
    if let Some(event) = facts.event.filter(|event| rule.events.iter().any(|name| name == event)) {
        return Some(Cause::Event(event));
    }
    if is_by(rule, facts.speaker) {
        if let Some(words) = rule.keywords.find(facts.words) {
            return Some(Cause::Keyword(words));
        }
        if rule.pattern.as_ref().is_some_and(|pattern| pattern.is_match(facts.words)) {
            return Some(Cause::Pattern);
        }
    }
    if let Some(value) = below(facts.sentiment, rule.sentiment_below) {
        return Some(Cause::Sentiment(value));
    }
    // In a row they are counted one by one, so this holds once.
    (rule.unanswered > 0 && facts.unanswered == rule.unanswered).then_some(Cause::Unanswered(facts.unanswered))
}

fn below(sentiment: Option<f64>, bound: f64) -> Option<f64> {
    sentiment.filter(|value| bound != 0.0 && *value < bound)
}

fn is_for(rule: &Rule, bot: &Bot) -> bool {
    rule.bots.is_empty() || rule.bots.contains(&bot.id)
}

fn is_by(rule: &Rule, speaker: Speaker) -> bool {
    match rule.by {
        Whose::Customer => speaker == Speaker::Customer,
        Whose::Bot => speaker == Speaker::Bot,
        Whose::Both => true,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
