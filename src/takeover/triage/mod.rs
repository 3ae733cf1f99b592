//! The triage channel: a card for each conversation that agents should look at. A card is reviewed or spam; as long as
//! nobody has said either, it is outstanding.

mod face;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cards::person;
use super::conversation::{Actor, Agent, Conversation};
use super::effect::Effect;
use super::handoff::ending;
use super::rules::Rules;
use super::triggers::matching::Fired;
use super::triggers::merge;
use super::turn::Turn;

/// Why agents should look at a conversation, and whether somebody has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Triage {
    /// Since when it is outstanding.
    pub since: Timestamp,
    /// It is here because the customer wrote for the first time.
    pub is_new: bool,
    /// What was said when it came here, or came back.
    pub words: String,
    /// What has fired, in words.
    pub why: Vec<String>,
    /// The tags of what has fired.
    pub tags: Vec<String>,
    /// How urgent it is.
    pub severity: String,
    /// Who has looked at it.
    pub reviewed: Option<Review>,
    /// Who had looked at it before something new came.
    pub before: Option<Review>,
    /// Who the customer is, is known as far as it can be.
    pub introduced: bool,
}

impl Triage {
    /// Outstanding since then, for no reason so far.
    fn since(since: Timestamp) -> Self {
        Self {
            since,
            is_new: false,
            words: String::new(),
            why: Vec::new(),
            tags: Vec::new(),
            severity: String::new(),
            reviewed: None,
            before: None,
            introduced: false,
        }
    }
}

/// Somebody has looked at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Who.
    pub by: Agent,
    /// When.
    pub at: Timestamp,
}

/// What an agent does about a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// They have looked at it.
    Reviewed,
    /// It is spam: nothing more is shown of this conversation.
    Spam,
    /// It is no spam.
    NotSpam,
}

/// The customer has written for the first time.
pub fn begun(turn: &mut Turn<'_>, words: String) {
    if let Some(triage) = outstanding(turn) {
        triage.is_new = true;
        if triage.words.is_empty() {
            triage.words = words;
        }
        turn.record("triage.raised", &Actor::Service, json!({ "new": true }));
    }
}

/// Rules want agents to have a look.
pub fn raise(turn: &mut Turn<'_>, fired: &Fired) {
    if let Some(triage) = outstanding(turn) {
        merge(&mut triage.tags, &fired.tags);
        merge(&mut triage.why, &fired.why);
        if !fired.priority.is_empty() {
            triage.severity.clone_from(&fired.priority);
        }
        triage.words.clone_from(&fired.words);
        turn.record("triage.raised", &Actor::Service, json!({ "rules": fired.rules }));
    }
}

/// An agent does something about the card.
pub fn step(turn: &mut Turn<'_>, by: &Agent, step: Step) {
    let now = turn.now;
    let Some(triage) = &mut turn.conversation.triage else {
        return turn.refuse("no_card", "This card is not kept any more.");
    };
    let actor = Actor::Agent(by.clone());
    match (step, &turn.conversation.spam) {
        (Step::Reviewed | Step::Spam, Some(other)) => {
            let who = person(other);
            turn.already(format!("{who} has marked it as spam already."));
        }
        (Step::Reviewed, None) => {
            if let Some(review) = &triage.reviewed {
                let who = person(&review.by);
                return turn.already(format!("{who} has reviewed it already."));
            }
            triage.reviewed = Some(Review { by: by.clone(), at: now });
            triage.before = None;
            turn.record("triage.reviewed", &actor, json!({}));
            turn.done_silently();
        }
        (Step::Spam, None) => ending::spam(turn, &actor),
        (Step::NotSpam, _) => ending::not_spam(turn, &actor),
    }
}

/// Who the customer is, is known now, as far as it can be.
pub fn introduced(turn: &mut Turn<'_>) {
    if let Some(triage) = &mut turn.conversation.triage {
        triage.introduced = true;
    }
}

/// The card as it should be; none where there should be none so far.
#[must_use]
pub fn card(conversation: &Conversation, rules: &Rules<'_>) -> Option<Value> {
    let triage = conversation.triage.as_ref().filter(|triage| triage.introduced && !conversation.erasing)?;
    (!rules.triage.channel.is_empty()).then(|| face::card(conversation, triage, *rules))
}

/// Brings the card up to date, unless it still reads as `before`.
pub fn show(turn: &mut Turn<'_>, before: Option<&Value>) {
    let Some(body) = card(&turn.conversation, &turn.rules).filter(|card| Some(card) != before) else { return };
    let channel = Some(turn.rules.triage.channel.clone());
    turn.then(Effect::PutCard { name: name(&turn.conversation.id), channel, body });
}

/// The name of the card of a conversation.
#[must_use]
pub fn name(conversation: &str) -> String {
    format!("{CARD}{conversation}")
}

/// What the names of these cards begin with.
pub const CARD: &str = "triage:";

/// The conversation's card, outstanding from now on, unless nobody wants to see one.
fn outstanding<'t>(turn: &'t mut Turn<'_>) -> Option<&'t mut Triage> {
    let is_unwanted = turn.conversation.spam.is_some() || turn.conversation.erasing;
    if is_unwanted || turn.rules.triage.channel.is_empty() {
        return None;
    }
    if turn.conversation.triage.as_ref().is_none_or(|triage| !triage.introduced) {
        turn.then(Effect::LearnCustomer);
    }
    let now = turn.now;
    let triage: &mut Triage = turn.conversation.triage.get_or_insert_with(|| Box::new(Triage::since(now)));
    if let Some(review) = triage.reviewed.take() {
        triage.before = Some(review);
        triage.since = now;
    }
    Some(triage)
}
