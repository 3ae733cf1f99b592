//! The triage channel, and what bots notice.

use megatron::demo::cast::{ACME, BOT_APP, HUB, JANE, PHIL, PHILS_DM, RAJ};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::house::{House, message_of_phil};

/// The triage channel.
pub(crate) const TRIAGE: &str = "triage";

impl House {
    /// A triage channel with Jane, Raj and the hub app; `more` is TOML for the configuration.
    pub(crate) async fn with_triage(&mut self, more: &str) {
        let channel = self.slack.create_channel(HUB, JANE, TRIAGE, true).unwrap();
        for user in [RAJ, "U0MEGATRON"] {
            self.slack.join_channel(HUB, &channel, user).unwrap();
        }
        self.restart_with(&format!("triage.channel = \"{channel}\"\n{more}")).await;
    }

    /// The cards in the triage channel, each as its text.
    pub(crate) fn triage(&self) -> Vec<String> {
        self.notices(TRIAGE)
    }

    /// The only card in the triage channel, whole.
    pub(crate) fn triage_card(&self) -> String {
        let cards: Vec<_> = self.posts(TRIAGE).into_iter().filter(|post| post.by_app).collect();
        assert_eq!(cards.len(), 1, "{cards:#?}");
        cards[0].blocks.to_string()
    }

    /// Phil says something, and the bot notices something about it; what it is answered.
    pub(crate) async fn phil_is_noticed(&self, text: &str, signals: Value) -> Value {
        let ts = self.slack.say(ACME, PHIL, PHILS_DM, text);
        // The bot passes it on itself, with what it has noticed.
        drop(self.slack.take_events(BOT_APP));
        let mut body = message_of_phil(&ts.unwrap(), text);
        body["signals"] = signals;
        let (status, answer) = self.ingest(&body).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        self.settle().await;
        answer
    }

    /// The bot could not answer what Phil says.
    pub(crate) async fn phil_gets_no_answer(&self, text: &str) {
        self.phil_is_noticed(text, json!({ "unanswered": true })).await;
    }

    /// The handoffs that there were, oldest first, each with how it stands and why it ended.
    pub(crate) async fn handoffs(&self) -> Vec<String> {
        let mut all = Vec::new();
        for id in self.texts("SELECT id FROM handoffs ORDER BY requested_at, id").await {
            all.push(self.progress(&id).await);
        }
        all
    }

    /// The newest card that the service has in a channel, whole.
    pub(crate) fn newest_card(&self, channel: &str) -> String {
        let cards = self.posts(channel).into_iter().rfind(|post| post.by_app);
        cards.map(|card| card.blocks.to_string()).unwrap_or_default()
    }
}
