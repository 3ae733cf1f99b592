//! Queues, and what agents see of them.

use std::time::Duration;

use megatron::demo::cast::{HUB, JANE, PHIL, RAJ};
use megatron::simulator::Spot;
use megatron::store::queues;
use megatron::takeover::handoff::queue::{Allocation, Queue};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::house::House;

/// The channel of the queue `support`.
pub(crate) const HELPDESK: &str = "helpdesk";
/// The channel of the queue `billing`.
pub(crate) const BILLING: &str = "billing-team";

/// A queue without targets, in which a handoff waits for ever.
pub(crate) fn queue(label: &str, channel: &str) -> Queue {
    Queue {
        label: label.to_owned(),
        channel: channel.to_owned(),
        is_default: label == "support",
        members: Vec::new(),
        priority_group: Vec::new(),
        widen_after: Duration::from_mins(2),
        accept_within: Duration::ZERO,
        then: String::new(),
        accept_target: Duration::ZERO,
        response_target: Duration::ZERO,
        hours: None,
        digest: String::new(),
        allocation: Allocation::Manual,
    }
}

impl House {
    /// Two queues, `support` and `billing`, each with a channel where Jane, Raj and the hub app are.
    pub(crate) async fn with_queues(&self, adjust: impl Fn(&mut Queue)) {
        self.knows_acme().await;
        for (label, name) in [("support", HELPDESK), ("billing", BILLING)] {
            let channel = self.slack.create_channel(HUB, JANE, name, false).unwrap();
            self.slack.join_channel(HUB, &channel, RAJ).unwrap();
            self.slack.join_channel(HUB, &channel, "U0MEGATRON").unwrap();
            let mut queue = queue(label, &channel);
            adjust(&mut queue);
            self.has_queue(&queue).await;
        }
    }

    /// A further queue, or one of these otherwise.
    pub(crate) async fn has_queue(&self, queue: &Queue) {
        let relay = self.app.relay();
        let mut tx = relay.db.begin().await.unwrap();
        queues::put(&mut tx, queue).await.unwrap();
        tx.commit().await.unwrap();
        relay.watches.load_queues(&relay.db).await.unwrap();
    }

    /// The bot asks for a human for Phil.
    pub(crate) async fn bot_hands_off(&self, mut body: Value) -> (StatusCode, Value) {
        body["user_id"] = json!(PHIL);
        self.asks("handoffs", body).await
    }

    /// The bot asks for a human for Phil and gets one asked for; the id.
    pub(crate) async fn is_handed_off(&self, body: Value) -> String {
        let (status, answer) = self.bot_hands_off(body).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        answer["id"].as_str().unwrap().to_owned()
    }

    /// Presses a button on the newest card in a channel that has it; what only the one who pressed reads.
    pub(crate) async fn clicks(&self, user: &str, channel: &str, action: &str) -> String {
        let before = self.whispers(user, channel).len();
        let card = self.card_with(channel, action).expect("a card with this button");
        let channel_id = self.slack.channel(HUB, channel).unwrap().id;
        let spot = Spot::Message { channel: channel_id, ts: card.ts };
        let answer = self.slack.click(HUB, user, &spot, action).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        self.settle().await;
        let told = self.whispers(user, channel).split_off(before);
        told.join("\n").replace("Megatron ▸ ", "").replace(" (only visible to you)", "")
    }

    /// The handoff, as the bot reads it.
    pub(crate) async fn handoff(&self, id: &str) -> Value {
        let (status, handoff) = self.api(Method::GET, &format!("v1/handoffs/{id}"), None).await;
        assert_eq!(status, StatusCode::OK, "{handoff}");
        handoff
    }

    /// How a handoff stands, with the reason for its end, in one line.
    pub(crate) async fn progress(&self, id: &str) -> String {
        let handoff = self.handoff(id).await;
        let why = handoff["end_reason"].as_str().map(|why| format!(", {why}")).unwrap_or_default();
        format!("{} in {}{why}", handoff["state"].as_str().unwrap(), handoff["queue"].as_str().unwrap())
    }

    /// The bot, or a console, does something about a handoff.
    pub(crate) async fn steps(&self, id: &str, what: &str, body: Value) -> (StatusCode, Value) {
        let answer = self.api(Method::POST, &format!("v1/handoffs/{id}/{what}"), Some(body)).await;
        self.settle().await;
        answer
    }

    /// The hub app is thrown out of a channel.
    pub(crate) fn throws_the_app_out(&self, channel: &str) {
        let id = self.slack.channel(HUB, channel).unwrap().id;
        self.slack.kick(HUB, JANE, &id, "U0MEGATRON").unwrap();
    }

    /// Phil's DM since it had so many lines.
    pub(crate) fn dm_since(&self, lines: usize) -> Vec<String> {
        self.dm().split_off(lines)
    }
}
