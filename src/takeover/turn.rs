//! One turn of the rules: the conversation as it becomes, and what is collected for the database on the way.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::config::{Text, texts};
use crate::render::images;
use crate::render::portions::{self, Portions};

use super::callback;
use super::cards;
use super::conversation::{Actor, Agent, Conversation, Room};
use super::effect::{Effect, Words};
use super::publishing::Published;
use super::relayed::{Caption, Original};
use super::rules::Rules;

/// A decision in the making.
#[derive(Debug)]
pub struct Turn<'a> {
    /// The conversation, changed step by step.
    pub conversation: Conversation,
    /// The house rules.
    pub rules: Rules<'a>,
    /// The time of the event.
    pub now: Timestamp,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
    /// What endpoints are told of.
    pub published: Vec<Published>,
    /// What is written into the journal.
    pub journal: Vec<Record>,
    /// What the one who asked is told.
    pub reply: Reply,
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Such as `conversation.paused`.
    pub kind: &'static str,
    /// Who.
    pub actor: Actor,
    /// More about it; never what was said.
    pub detail: Value,
}

/// What the one who asked is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is done, or on its way. Empty where nobody waits for words.
    Done(String),
    /// It was so already; nothing was changed.
    Already(String),
    /// It cannot be done, and nothing was changed.
    Refused {
        /// A stable code.
        code: &'static str,
        /// A sentence.
        reason: String,
    },
}

impl<'a> Turn<'a> {
    /// A turn in which nothing has happened yet.
    #[must_use]
    pub fn new(conversation: Conversation, rules: Rules<'a>, now: Timestamp) -> Self {
        Self {
            conversation,
            rules,
            now,
            effects: Vec::new(),
            published: Vec::new(),
            journal: Vec::new(),
            reply: Reply::Done(String::new()),
        }
    }

    /// Adds an effect behind those that are there.
    pub fn then(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Posts a card of the service's own in the room, if there is or will be a room.
    pub fn post(&mut self, body: Value) {
        if self.conversation.room_channel().is_some() || self.conversation.is_watched() {
            self.then(Effect::Post { body, about_control: false });
        }
    }

    /// Posts one line of the service's own in the room.
    pub fn post_line(&mut self, line: &str) {
        self.post(cards::line(line));
    }

    /// A text for agents, filled in; nothing where it is switched off. The values are mrkdwn.
    #[must_use]
    pub fn text(&self, text: Text, values: &[(&str, &str)]) -> Option<String> {
        self.rules.text(&self.conversation, text, values)
    }

    /// Posts a text in the room; one that is switched off posts nothing.
    pub fn post_text(&mut self, text: Text, values: &[(&str, &str)]) {
        if let Some(line) = self.text(text, values) {
            self.post_line(&line);
        }
    }

    /// Posts a text in a channel that is, or was, the room.
    pub fn post_in(&mut self, channel: &str, text: Text, values: &[(&str, &str)]) {
        if let Some(line) = self.text(text, values) {
            self.then(Effect::PostIn { channel: channel.to_owned(), body: cards::line(&line) });
        }
    }

    /// Says a text to one agent in the room.
    pub fn whisper(&mut self, agent: &Agent, text: Text, values: &[(&str, &str)]) {
        if let Some(line) = self.text(text, values) {
            self.then(Effect::Whisper { agent: agent.user_id.clone(), body: cards::line(&line) });
        }
    }

    /// Says a text to the customer; one that is switched off says nothing. There is no handoff to fill in anything of.
    pub fn tell_customer(&mut self, text: Text, by: &Actor) {
        self.tell(text, by, ["", "", ""]);
    }

    /// The same about the newest handoff.
    pub fn tell_of_handoff(&mut self, text: Text, by: &Actor) {
        let Some(handoff) = self.conversation.handoff.clone() else { return };
        self.tell(text, by, [&handoff.queue, &handoff.id, &handoff.request.summary]);
    }

    fn tell(&mut self, text: Text, by: &Actor, of_handoff: [&str; 3]) {
        let template = self.rules.template(&self.conversation, text);
        if !template.is_empty() {
            let values = ["queue", "reference", "summary"].into_iter().zip(of_handoff);
            let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let words = Words::Service { template: template.to_owned(), agent: by.as_agent().cloned(), values };
            let thread = self.conversation.thread.root.clone();
            self.then(Effect::Say { words, thread });
        }
    }

    /// Brings the header of the room up to date: who handles the customer, and who answers.
    pub fn refresh_header(&mut self) {
        if matches!(self.conversation.room, Room::Open(_)) {
            self.put_header();
        }
    }

    /// Puts the header into the room, or brings it up to date.
    pub fn put_header(&mut self) {
        let body = cards::header(&self.conversation, self.rules);
        let name = format!("header:{}:{}", self.conversation.id, self.conversation.opening);
        self.then(Effect::PutCard { name, channel: None, body });
    }

    /// Says an agent's message to the customer, in as many parts as Slack needs, in the thread where they wrote last.
    pub fn say(&mut self, agent: &Agent, ts: &str, message: &Value) {
        let thread = self.conversation.thread.root.clone();
        let Portions { parts, caption, told } = self.portions(message);
        let count = parts.len();
        for (part, message) in (0..).zip(parts) {
            let is_last = caption.is_none() && part as usize + 1 == count;
            let words = Words::Agent { agent: agent.clone(), ts: ts.to_owned(), part, is_last, message };
            self.then(Effect::Say { words, thread: thread.clone() });
        }
        let original = Original::written(agent, ts);
        if let Some((message, files)) = caption {
            let part = u32::try_from(count).unwrap_or(u32::MAX);
            let caption = Caption { message, part, thread, may_be_ours: false };
            self.then(Effect::Carry { original, caption, files });
        }
        for line in told {
            self.post_text(texts::ROOM_NOT_PASSED_ON, &[("what", &line)]);
        }
        self.publish_written(agent, ts, message);
    }

    /// A message in the portions in which it is relayed.
    #[must_use]
    pub fn portions(&self, message: &Value) -> Portions {
        portions::of(message, &|url| images::is_private(url, self.rules.slack_api))
    }

    /// Calls the host.
    pub fn call_host(&mut self, kind: &'static str, by: &Actor, extra: &[(&str, Value)]) {
        let body = callback::body(kind, self, by, extra);
        self.then(Effect::Callback { kind: kind.to_owned(), body });
    }

    /// Answers where an agent waits, with a text that only they see.
    pub fn respond(&mut self, url: &str, text: Text, values: &[(&str, &str)]) {
        if let Some(text) = self.text(text, values) {
            let body = json!({ "response_type": "ephemeral", "text": text });
            self.then(Effect::Respond { url: url.to_owned(), body });
        }
    }

    /// Writes into the journal.
    pub fn record(&mut self, kind: &'static str, actor: &Actor, detail: Value) {
        self.journal.push(Record { kind, actor: actor.clone(), detail });
    }

    /// Tells the one who asked that it is done.
    pub fn done(&mut self, text: Text, values: &[(&str, &str)]) {
        self.reply = Reply::Done(self.text(text, values).unwrap_or_default());
    }

    /// Says nothing to the one who asked: they see what became of it.
    pub fn done_silently(&mut self) {
        self.reply = Reply::Done(String::new());
    }

    /// Tells the one who asked that it was so already.
    pub fn already(&mut self, text: impl Into<String>) {
        self.reply = Reply::Already(text.into());
    }

    /// Tells the one who asked that it cannot be done.
    pub fn refuse(&mut self, code: &'static str, reason: impl Into<String>) {
        self.reply = Reply::Refused { code, reason: reason.into() };
    }
}
