//! Who the hub app is in the support workspace, as Slack tells it.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::method::Method;
use super::outcome::Refusal;
use super::slack::SlackClient;

/// The hub app's identity: known as soon as Slack has been asked once.
#[derive(Debug, Clone, Default)]
pub struct HubCell(Arc<ArcSwapOption<Hub>>);

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
        self.0.load_full()
    }

    /// Asks Slack (`auth.test`).
    ///
    /// # Errors
    ///
    /// Why Slack would not say.
    pub async fn learn(&self, slack: &SlackClient, token: &SecretString) -> Result<Arc<Hub>, Refusal> {
        let answer = slack.call(token, Method::AUTH_TEST, &json!({})).await?;
        let hub = Arc::new(Hub::from_answer(&answer));
        self.0.store(Some(Arc::clone(&hub)));
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
