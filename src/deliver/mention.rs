//! Somebody has mentioned the app: it says that it is well, and what the channel is for.

use serde_json::{Value, json};

use crate::relay::Delivery;
use crate::store::conversations::{self, By};
use crate::store::queues;
use crate::takeover::event::Receipt;
use crate::takeover::handoff::health::{self, Place};

use super::errand::{Errand, Obstacle};
use super::tools::Tools;

impl Tools {
    /// Answers in the thread of the mention. Whoever the answer names is named without being called.
    pub(super) async fn answer_mention(
        &self,
        errand: Errand<'_>,
        channel: &str,
        thread: &str,
    ) -> Result<Delivery, Obstacle> {
        let Some(mut body) = self.health(errand, channel).await? else { return Ok(errand.done(Receipt::Skipped)) };
        body["thread_ts"] = json!(thread);
        self.post(errand, channel, body, None).await
    }

    async fn health(&self, errand: Errand<'_>, channel: &str) -> Result<Option<Value>, Obstacle> {
        let conversation = conversations::get(&self.relay.db, By::Room(channel)).await?;
        let queues = self.relay.watches.queues();
        let off = self.relay.config.bots.iter().filter(|bot| !self.relay.watches.switch(&bot.id).active);
        let off: Vec<&str> = off.map(|bot| bot.name.as_str()).collect();
        let command = &self.relay.config.slack.command;
        let queue = queues.iter().find(|queue| queue.channel == channel);
        let first = match queue {
            Some(queue) => self.called(&queue.priority_group).await,
            None => Vec::new(),
        };
        let place = match (conversation.as_ref().map(|conversation| conversation.customer.name()), queue) {
            (Some(customer), _) => Place::Room { customer },
            (None, Some(queue)) => {
                Place::Queue { queue, first, waiting: queues::waiting(&self.relay.db, &queue.label).await? }
            }
            (None, None) => Place::Neither { command },
        };
        Ok(health::card(&place, &off, &self.relay.in_force().templates, errand.now))
    }

    /// Names of users and handles of groups; ids where Slack will not tell.
    async fn called(&self, people: &[String]) -> Vec<String> {
        let account = self.hub_account();
        let mut names = Vec::new();
        for one in people {
            let name = if one.starts_with('S') {
                self.groups(&account).await.ok().and_then(|groups| groups.get(one).map(|handle| format!("@{handle}")))
            } else {
                self.person(&account, one).await.ok().flatten().map(|person| person.profile.name)
            };
            names.push(name.filter(|name| !name.is_empty()).unwrap_or_else(|| one.clone()));
        }
        names
    }
}
