//! What the courier works with: clients, tokens, the pace, and who we are.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use serde_json::Value;

use crate::clock::after;
use crate::config::Bot;
use crate::desk::Desk;
use crate::relay::Relay;
use crate::store::workspaces;
use crate::takeover::conversation::Conversation;

use super::errand::Obstacle;
use super::files::FileClient;
use super::host::HostClient;
use super::hosts::Hosts;
use super::hub::{Hub, HubCell};
use super::lookback::Searches;
use super::method::Method;
use super::outcome::Class;
use super::pace::Pace;
use super::people::People;
use super::references::Quotes;
use super::roster::{HUB_ACCOUNT, Roster};
use super::slack::SlackClient;
use super::tracker::Tracker;

/// Everything that a delivery may need.
#[derive(Debug)]
pub struct Tools {
    pub(super) relay: Arc<Relay>,
    pub(super) desk: Desk,
    pub(super) slack: SlackClient,
    pub(super) files: FileClient,
    pub(super) host: HostClient,
    pub(super) hosts: Hosts,
    pub(super) hub: HubCell,
    pub(super) pace: Pace,
    pub(super) people: People,
    pub(super) roster: Roster,
    pub(super) searches: Searches,
    pub(super) quotes: Quotes,
    /// Where tickets are, if anywhere.
    pub(super) tracker: Option<Tracker>,
    /// Bots that answered a callback with 410.
    pub(super) gone: Mutex<HashSet<String>>,
}

/// Whose token a call uses.
#[derive(Debug, Clone)]
pub struct Account {
    /// The token.
    pub token: SecretString,
    /// What the pace and parked lanes are counted by.
    pub owner: String,
}

impl Tools {
    /// Tools for a relay.
    ///
    /// # Errors
    ///
    /// When a client cannot be made of the configuration.
    pub fn new(relay: Arc<Relay>, hub: HubCell, roster: Roster) -> anyhow::Result<Self> {
        let (api_url, timeout) = (&relay.config.slack.api_url, relay.config.slack.timeout);
        Ok(Self {
            desk: Desk::new(Arc::clone(&relay)),
            slack: SlackClient::new(api_url, timeout)?,
            files: FileClient::new(api_url, timeout, relay.config.files.max_size)?,
            host: HostClient::new()?,
            hosts: Hosts::new(api_url),
            pace: Pace::default(),
            people: roster.people().clone(),
            roster,
            searches: Searches::default(),
            quotes: Quotes::default(),
            tracker: Tracker::new(&relay.config.tracker)?,
            gone: Mutex::default(),
            relay,
            hub,
        })
    }

    /// Calls Slack, at the pace that it allows for this account and method.
    pub(super) async fn call(&self, account: &Account, method: Method, body: &Value) -> Result<Value, Obstacle> {
        if account.owner == HUB_ACCOUNT && self.hub.is_in_doubt() {
            // A call with a dead token would only tell the same, one lane after the other.
            self.hub.learn(&self.slack, &account.token).await?;
        }
        let now = self.relay.clock.now();
        self.pace.admit(&account.owner, method, now).map_err(|time| {
            self.relay.metrics.slack_waits(method.name());
            Obstacle::NotBefore(time)
        })?;
        self.slack.call(&account.token, method, body).await.map_err(|refusal| {
            self.relay.metrics.slack_refused(method.name(), refusal.class.name());
            // Posts are limited by channel: the lane of the one that is too busy rests, and no other waits for it.
            if let (Class::Later { after: Some(pause) }, true) = (refusal.class, method != Method::CHAT_POST_MESSAGE) {
                self.pace.hold(&account.owner, method, after(self.relay.clock.now(), pause));
            }
            Obstacle::from(refusal)
        })
    }

    /// The hub app's account in the support workspace.
    pub(super) fn hub_account(&self) -> Account {
        Account { token: self.relay.config.slack.bot_token.clone(), owner: HUB_ACCOUNT.to_owned() }
    }

    /// Who the hub app is; asked for when it is not known yet.
    pub(super) async fn hub(&self) -> Result<Arc<Hub>, Obstacle> {
        match self.hub.get() {
            Some(hub) => Ok(hub),
            None => Ok(self.hub.learn(&self.slack, &self.relay.config.slack.bot_token).await?),
        }
    }

    /// The bot's account in a customer's workspace.
    pub(super) async fn customer_account(&self, bot: &str, team: &str) -> Result<Account, Obstacle> {
        let token = workspaces::token(&self.relay.db, bot, team, &self.relay.sealer).await?;
        let token = token.ok_or(Obstacle::NoToken)?;
        Ok(Account { token, owner: workspaces::parking(bot, team) })
    }

    /// The bot of a conversation.
    pub(super) fn bot(&self, conversation: &Conversation) -> Result<&Bot, Obstacle> {
        Ok(self.relay.bot(&conversation.key.bot)?)
    }
}
