//! What can be done about an endpoint under `[[webhooks]]`. Called for the bots' API and for operators.

use jiff::Timestamp;

use crate::store::endpoints;
use crate::takeover::effect::Effect;

use super::Desk;

impl Desk {
    /// Has an endpoint pinged, now, whatever waits for it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn ping(&self, endpoint: &str) -> anyhow::Result<()> {
        self.send(&[Effect::Ping { endpoint: endpoint.to_owned() }]).await
    }

    /// Has an endpoint told again of what was published in this time, of one bot's conversations or of all; behind what waits
    /// for it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn replay(
        &self,
        endpoint: &str,
        bot: Option<&str>,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> anyhow::Result<()> {
        let until = until.map_or_else(|| self.up_to_now(), Timestamp::as_millisecond);
        let (endpoint, bot, since) = (endpoint.to_owned(), bot.map(str::to_owned), since.as_millisecond());
        self.send(&[Effect::Replay { endpoint, bot, since, until, after: None }]).await
    }

    /// Tells an endpoint again that wanted no more events, beginning with what it has missed; false where it is told anyway.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn enable(&self, endpoint: &str) -> anyhow::Result<bool> {
        let mut tx = self.relay.db.begin().await?;
        let Some(since) = endpoints::enable(&mut tx, endpoint).await? else { return Ok(false) };
        let until = self.up_to_now();
        let endpoint = endpoint.to_owned();
        self.append(&mut tx, &[Effect::Replay { endpoint, bot: None, since, until, after: None }]).await?;
        tx.commit().await?;
        self.relay.bell.ring();
        Ok(true)
    }

    /// Behind what has happened so far, this moment included. What is published after it is told anyway.
    fn up_to_now(&self) -> i64 {
        self.relay.clock.now().as_millisecond() + 1
    }
}
