//! Who the hub app is in the support workspace, as Slack tells it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::render::author::Author;

use super::method::Method;
use super::outcome::{Class, Refusal};
use super::slack::SlackClient;

/// The hub app's identity: known as soon as Slack has been asked once.
#[derive(Debug, Clone, Default)]
pub struct HubCell(Arc<Cell>);

#[derive(Debug, Default)]
struct Cell {
    hub: ArcSwapOption<Hub>,
    /// The token may be dead. Whoever asks Slack and gets an answer takes the doubt away.
    in_doubt: AtomicBool,
    doubted: Notify,
}

/// Who the hub app is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hub {
    /// The support workspace, `T...`.
    pub team_id: String,
    /// Its name: the company's, for customers.
    pub team_name: String,
    /// The app's bot user, `U...`.
    pub user_id: String,
    /// The app's bot, `B...`.
    pub bot_id: String,
    /// Where the workspace is found: ends in a slash; empty where Slack did not say.
    pub url: String,
}

impl HubCell {
    /// Who the hub app is, if Slack has said so.
    #[must_use]
    pub fn get(&self) -> Option<Arc<Hub>> {
        self.0.hub.load_full()
    }

    /// Whether Slack has said who the hub app is, and nothing since makes it likely that its token is dead.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.0.hub.load().is_some() && !self.is_in_doubt()
    }

    /// Whether the token may be dead.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.0.in_doubt.load(Ordering::Acquire)
    }

    /// The token may be dead: Slack refused it, or says that it was revoked. Slack promises neither order nor
    /// completeness, so only asking again tells.
    pub fn doubt(&self) {
        self.0.in_doubt.store(true, Ordering::Release);
        self.0.doubted.notify_one();
    }

    /// Waits until there is a doubt.
    pub async fn doubted(&self) {
        self.0.doubted.notified().await;
    }

    /// Asks Slack (`auth.test`).
    ///
    /// # Errors
    ///
    /// Why Slack would not say.
    pub async fn learn(&self, slack: &SlackClient, token: &SecretString) -> Result<Arc<Hub>, Refusal> {
        let answer = slack.call(token, Method::AUTH_TEST, &json!({})).await.inspect_err(|refusal| {
            if refusal.class == Class::TokenDead {
                self.0.in_doubt.store(true, Ordering::Release);
            }
        })?;
        let hub = Arc::new(Hub::from_answer(&answer));
        self.0.hub.store(Some(Arc::clone(&hub)));
        self.0.in_doubt.store(false, Ordering::Release);
        Ok(hub)
    }
}

impl Hub {
    /// A link to a message.
    #[must_use]
    pub fn permalink(&self, channel: &str, ts: &str) -> Option<String> {
        let number = ts.replace('.', "");
        self.url.starts_with("http").then(|| format!("{}archives/{channel}/p{number}", self.url))
    }

    /// A link to a channel.
    #[must_use]
    pub fn link(&self, channel: &str) -> Option<String> {
        self.url.starts_with("http").then(|| format!("{}archives/{channel}", self.url))
    }

    /// Whether the app itself wrote this.
    #[must_use]
    pub fn wrote(&self, author: &Author) -> bool {
        author.bot_id.as_ref() == Some(&self.bot_id) || author.user.as_ref() == Some(&self.user_id)
    }

    /// Whether this is by somebody from another company, in a channel that is shared with it.
    #[must_use]
    pub fn is_stranger(&self, author: &Author) -> bool {
        author.team.as_ref().is_some_and(|team| *team != self.team_id)
    }

    fn from_answer(answer: &Value) -> Self {
        let field = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Self {
            team_id: field("team_id"),
            team_name: field("team"),
            user_id: field("user_id"),
            bot_id: field("bot_id"),
            url: field("url"),
        }
    }
}
