//! What is published: told to whoever has subscribed, the endpoints under `[[webhooks]]` and the tracker.
//!
//! The one way out for events. Replies in threads of a room are notes, and are never published.

use serde_json::{Value, json};

use super::callback;
use super::conversation::{Actor, Agent};
use super::event::Speaker;
use super::relayed::{Original, Party};
use super::ticketing;
use super::turn::Turn;

/// Something to tell endpoints of.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Such as `message.customer`.
    pub kind: &'static str,
    /// The whole body.
    pub body: Value,
    /// It may be about our own message coming back, still unknown when it arrived: then nobody is told.
    pub may_be_ours: bool,
}

impl Turn<'_> {
    /// Publishes what has happened; the body is that of a callback, with `extra` in `data`.
    pub fn publish(&mut self, kind: &'static str, by: &Actor, extra: &[(&str, Value)]) {
        self.publish_unless(false, kind, by, extra);
    }

    /// Tells the host and everybody who has subscribed.
    pub fn announce(&mut self, kind: &'static str, by: &Actor, extra: &[(&str, Value)]) {
        self.call_host(kind, by, extra);
        self.publish(kind, by, extra);
    }

    /// Publishes what the customer or the bot said.
    pub fn publish_said(&mut self, speaker: Speaker, ts: &str, message: &Value, may_be_ours: bool) {
        let (kind, by) = match speaker {
            Speaker::Customer => ("message.customer", Actor::Service),
            Speaker::Bot => ("message.bot", Actor::Bot),
        };
        let mut extra = vec![("ts", json!(ts)), ("message", message.clone())];
        extra.extend(self.author(speaker));
        self.publish_unless(may_be_ours && speaker == Speaker::Bot, kind, &by, &extra);
    }

    /// Publishes what an agent said to the customer.
    pub fn publish_written(&mut self, agent: &Agent, ts: &str, message: &Value) {
        let extra = [("ts", json!(ts)), ("message", message.clone())];
        self.publish("message.agent", &Actor::Agent(agent.clone()), &extra);
    }

    /// Publishes what has become of a message that was relayed: with the message as it reads now, or deleted.
    pub fn publish_changed(&mut self, original: &Original, message: Option<&Value>) {
        let (by, author) = match &original.by {
            Party::Dm(speaker) => (Actor::Bot, self.author(*speaker)),
            Party::Room(agent) => (Actor::Agent(agent.clone()), None),
        };
        let mut extra = vec![("ts", json!(original.ts)), ("from", json!(original.by.name()))];
        extra.extend(message.map(|message| ("message", message.clone())));
        extra.extend(author);
        let kind = if message.is_some() { "message.edited" } else { "message.deleted" };
        self.publish(kind, &by, &extra);
    }

    fn publish_unless(&mut self, may_be_ours: bool, kind: &'static str, by: &Actor, extra: &[(&str, Value)]) {
        let bot = &self.rules.bot.id;
        if self.rules.webhooks.iter().any(|endpoint| endpoint.wants(kind, bot)) {
            let body = callback::body(kind, self, by, extra);
            self.published.push(Published { kind, body, may_be_ours });
        }
        ticketing::follow(self, kind, by, extra);
    }

    /// Who is behind something in the DM, where that is the customer: they are no actor otherwise.
    fn author(&self, speaker: Speaker) -> Option<(&'static str, Value)> {
        let customer = &self.conversation.customer;
        (speaker == Speaker::Customer).then(|| {
            ("actor", json!({ "kind": "customer", "user_id": customer.user_id, "name": customer.profile.name }))
        })
    }
}
