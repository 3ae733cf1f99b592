//! The house rules for one bot: what the operator configured and what is true of the bot as a whole.

use url::Url;

use crate::config::{self, Text, texts};
use crate::render::text::escape;

use super::conversation::{Actor, Control, Conversation, Holder};
use super::handoff::queue::Queues;

/// What holds for every conversation of one bot at the moment of a decision.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The bot.
    pub bot: &'a config::Bot,
    /// Whether the bot is switched on as a whole, and how often that has changed.
    pub switch: Switch,
    /// How rooms look and behave.
    pub rooms: &'a config::Rooms,
    /// When people are reminded.
    pub reminders: &'a config::Reminders,
    /// What people read.
    pub texts: &'a config::Texts,
    /// Where the Web API is; on its host are files too.
    pub slack_api: &'a Url,
    /// Whether there is a token that may unarchive a room.
    pub can_unarchive: bool,
    /// Whether what was said in a room is kept when it is closed.
    pub keeps_transcripts: bool,
    /// Endpoints that are told what happens.
    pub webhooks: &'a [config::Webhook],
    /// Where tickets are opened.
    pub tracker: &'a config::Tracker,
    /// Where agents find the customers who wait for a human.
    pub queues: Queues<'a>,
    /// What is done about what is said and what bots notice.
    pub triggers: &'a [config::Rule],
    /// Where agents see which conversations need a look.
    pub triage: &'a config::Triage,
}

/// The global switch of a bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// Whether the bot answers at all.
    pub active: bool,
    /// How often the switch was turned.
    pub turns: i64,
}

impl Default for Switch {
    fn default() -> Self {
        Self { active: true, turns: 0 }
    }
}

/// Control as the bot sees it: the conversation's own and the global switch taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectiveControl {
    /// Who answers.
    pub holder: Holder,
    /// Whether the bot must be silent.
    pub paused: bool,
    /// Grows with every change.
    pub epoch: i64,
}

impl Switch {
    /// What the bot is told about a conversation under this switch.
    #[must_use]
    pub fn applied_to(self, control: Control) -> EffectiveControl {
        EffectiveControl {
            holder: control.holder,
            paused: control.is_paused() || !self.active,
            epoch: control.epoch + self.turns,
        }
    }
}

impl Rules<'_> {
    /// What the bot is told about this conversation.
    #[must_use]
    pub fn control(&self, conversation: &Conversation) -> EffectiveControl {
        self.switch.applied_to(conversation.control)
    }
}

impl<'a> Rules<'a> {
    /// A text as it is worded for the bot and for the queue of the newest handoff; empty where it is switched off.
    #[must_use]
    pub fn template(&self, conversation: &Conversation, text: Text) -> &'a str {
        self.texts.of(&self.bot.id, queue(conversation)).get(text)
    }

    /// A text for agents, filled in; nothing where it is switched off. The values are mrkdwn: all that the text knows, but bot, customer
    /// and queue, which are filled in here.
    #[must_use]
    pub fn text(&self, conversation: &Conversation, text: Text, values: &[(&str, &str)]) -> Option<String> {
        let [bot, customer, queue] = [&self.bot.name, conversation.customer.name(), queue(conversation)].map(escape);
        let known = [("bot", bot.as_str()), ("customer", &customer), ("queue", &queue)];
        text.fill(self.template(conversation, text), &[values, known.as_slice()].concat())
    }

    /// What the customer is told when a human takes over.
    #[must_use]
    pub fn paused_by(&self, by: &Actor) -> Text {
        if self.shows(by) { texts::CUSTOMER_PAUSED } else { texts::CUSTOMER_PAUSED_ANONYMOUS }
    }

    /// What the customer is told when the bot is back.
    #[must_use]
    pub fn unpaused_by(&self, by: &Actor) -> Text {
        if self.shows(by) { texts::CUSTOMER_UNPAUSED } else { texts::CUSTOMER_UNPAUSED_ANONYMOUS }
    }

    fn shows(&self, by: &Actor) -> bool {
        self.bot.show_agent_name && by.as_agent().is_some()
    }
}

/// The queue of the newest handoff; empty without one.
fn queue(conversation: &Conversation) -> &str {
    conversation.handoff.as_ref().map_or("", |handoff| &handoff.queue)
}

impl EffectiveControl {
    /// As the contract writes it.
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        serde_json::json!({ "holder": self.holder.as_str(), "paused": self.paused, "epoch": self.epoch })
    }
}
