//! What a message in a thread answers: the room shows it flat, with a line that says so.

use std::time::Duration;

use moka::future::Cache;
use serde_json::{Value, json};

use crate::render::{mentions::Names, notice, thread};
use crate::store::copies;
use crate::takeover::conversation::{Conversation, Side};

use super::crossing::Shore;
use super::errand::Obstacle;
use super::method::Method;
use super::tools::Tools;

/// How messages of rooms begin, by channel and `ts`; also those that Slack would not tell.
#[derive(Debug, Clone)]
pub(super) struct Quotes(Cache<(String, String), Option<String>>);

impl Default for Quotes {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(Duration::from_hours(1)).build())
    }
}

impl Tools {
    /// One line about what a message of the DM answers, with a link to it in the room; none for one at top level.
    pub(super) async fn reference(
        &self,
        conversation: &Conversation,
        ts: &str,
        message: &Value,
    ) -> Result<Option<String>, Obstacle> {
        let Some(root) = message["thread_ts"].as_str().filter(|root| *root != ts) else { return Ok(None) };
        let (Some(source), Some(target)) =
            (self.shore(conversation, Side::Dm).await?, self.shore(conversation, Side::Room).await?)
        else {
            return Ok(None);
        };
        let twin = copies::twin(&self.relay.db, source.place(root), &target.channel).await?;
        let Some(twin) = twin else { return Ok(Some(thread::reference(None, None))) };
        let quote = self.quote(&target, &twin.ts).await;
        let link = self.hub().await?.permalink(&target.channel, &twin.ts);
        Ok(Some(thread::reference(quote.as_deref(), link.as_deref())))
    }

    /// How a message of the room begins. Not worth waiting for.
    async fn quote(&self, room: &Shore, ts: &str) -> Option<String> {
        let key = (room.channel.clone(), ts.to_owned());
        if let Some(known) = self.quotes.0.get(&key).await {
            return known;
        }
        let body = json!({ "channel": room.channel, "latest": ts, "oldest": ts, "inclusive": true, "limit": 1 });
        let page = self.call(&self.hub_account(), Method::CONVERSATIONS_HISTORY, &body).await.ok()?;
        let quote = notice::quote(&page["messages"][0], &Names::default());
        self.quotes.0.insert(key, quote.clone()).await;
        quote
    }
}
