//! Whether a conversation is watched: by memory where that is enough, otherwise by the database.

use std::time::Duration;

use tracing::warn;

use crate::store::conversations;
use crate::store::outbox;
use crate::store::watch::Watch;
use crate::takeover::conversation::Key;
use crate::takeover::effect::Effect;

use super::Relay;

/// How long the bot waits for an answer of the database that memory might give.
const PATIENCE: Duration = Duration::from_secs(1);

impl Relay {
    /// Whether a conversation is watched, and what the bot is told. While the announcements of other processes do not
    /// arrive, the database is asked about those that nobody watched when they last did. If it does not answer either,
    /// memory counts, and [`Relay::look_again`] makes it good.
    pub async fn watch(&self, bot: &str, team: &str, channel: &str) -> Watch {
        let watch = self.watches.look(bot, team, channel);
        if watch.watched || self.watches.is_complete(self.clock.now()) {
            return watch;
        }
        let key = Key { bot: bot.to_owned(), team: team.to_owned(), channel: channel.to_owned() };
        match tokio::time::timeout(PATIENCE, conversations::glance(&self.db, &key)).await {
            Ok(Ok(glance)) => {
                if let Some(glance) = glance {
                    self.watches.update(&glance);
                }
            }
            Ok(Err(error)) => {
                warn!(error = %error, "nobody knows whether a conversation is watched");
                self.watches.doubt();
            }
            Err(_) => self.watches.doubt(),
        }
        self.watches.look(bot, team, channel)
    }

    /// After somebody was turned away while nobody could know better: looks for it in the history of all open rooms, as
    /// after a start.
    pub async fn look_again(&self) {
        if !self.watches.was_doubted() {
            return;
        }
        if let Err(error) = self.resume().await {
            warn!(error = %error, "what was not taken in is looked for later");
            self.watches.doubt();
        }
    }

    /// Tells all conversations with a room that the service goes on.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn resume(&self) -> anyhow::Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        // One that is under way may have passed those by that it is to tell.
        outbox::append_once(&mut tx, &Effect::Resume, &self.ids, now).await?;
        tx.commit().await?;
        self.bell.ring();
        Ok(())
    }
}
