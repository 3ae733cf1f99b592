//! Dialogs. A trigger lives for three seconds, so a dialog is opened while the click is being answered: the one thing that is
//! sent before it is stored, and nothing is lost with it.

use std::time::Duration;

use serde_json::{Value, json};

use super::method::Method;
use super::outcome::Refusal;
use super::tools::Tools;

/// What opening may take of the three seconds that Slack waits.
const PATIENCE: Duration = Duration::from_secs(2);

impl Tools {
    /// Opens a dialog for whoever has just clicked or typed.
    ///
    /// # Errors
    ///
    /// Why Slack does not open it.
    pub async fn open_view(&self, trigger_id: &str, view: &Value) -> Result<(), Refusal> {
        let body = json!({ "trigger_id": trigger_id, "view": view });
        let call = self.slack.call(&self.relay.config.slack.bot_token, Method::VIEWS_OPEN, &body);
        let opened = tokio::time::timeout(PATIENCE, call).await;
        opened.unwrap_or_else(|_| Err(Refusal::new(Method::VIEWS_OPEN, "no_answer"))).map(drop)
    }
}
