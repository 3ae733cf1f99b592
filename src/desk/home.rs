//! When agents are shown their Home: when they open it, when they have done something there, and when something has changed
//! that stands on it.
//!
//! What is shown is made when it is published, so nothing that waits for its turn is out of date, and one publication stands
//! for all that has changed before it.

use std::time::Duration;

use crate::clock::before;
use crate::store::wake::{self, Announcement};
use crate::store::{home, lanes, outbox};
use crate::takeover::effect::Effect;

use super::Desk;

/// Whoever has opened their Home within this time may still look at it. Slack does not say when they stop.
const LOOKS_FOR: Duration = Duration::from_hours(1);

impl Desk {
    /// Somebody looks at their Home, and is shown it at once.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn at_home(&self, user_id: &str) -> anyhow::Result<()> {
        let now = self.relay.clock.now();
        let publish = Effect::PublishHome { agent: user_id.to_owned() };
        let mut tx = self.relay.db.begin().await?;
        home::opened(&mut tx, user_id, now).await?;
        outbox::append_once(&mut tx, &publish, &self.relay.ids, now).await?;
        lanes::hurry(&mut tx, &publish.lane(None), now).await?;
        wake::announce(&mut tx, &Announcement::Work).await?;
        tx.commit().await?;
        self.relay.bell.ring();
        Ok(())
    }

    /// Everybody who looks at their Home is shown it anew, each in their turn.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn refresh_homes(&self) -> anyhow::Result<()> {
        let now = self.relay.clock.now();
        let mut tx = self.relay.db.begin().await?;
        for agent in home::opened_since(&mut tx, before(now, LOOKS_FOR)).await? {
            outbox::append_once(&mut tx, &Effect::PublishHome { agent }, &self.relay.ids, now).await?;
        }
        wake::announce(&mut tx, &Announcement::Work).await?;
        tx.commit().await?;
        self.relay.bell.ring();
        Ok(())
    }

    /// There is no Home for this person, until they open it again.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn has_no_home(&self, user_id: &str) -> anyhow::Result<()> {
        let mut tx = self.relay.db.begin().await?;
        home::left(&mut tx, user_id).await?;
        Ok(tx.commit().await?)
    }
}
