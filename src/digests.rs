//! The digests: once a week, the channel of each queue that wants to is told its numbers (`digest` of a queue).
//!
//! The database keeps when, so that several processes and restarts tell a queue once. After a time in which none ran, a
//! queue is told once, of the last week that is over.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, ToSpan as _};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::desk::Desk;
use crate::relay::Relay;
use crate::store::digests::{self, Digest};
use crate::takeover::effect::{Effect, Scope};
use crate::takeover::handoff::hours::Weekly;
use crate::takeover::handoff::queue::Queue;

/// How often it is looked whether one is due.
const LOOK_ROUND: Duration = Duration::from_secs(30);
/// What a digest is about, in days.
const WEEK: u16 = 7;

/// Tells queues their numbers.
#[derive(Debug, Clone)]
pub struct Digests {
    relay: Arc<Relay>,
    desk: Desk,
}

impl Digests {
    /// Digests of the queues that the relay knows.
    #[must_use]
    pub fn new(relay: Arc<Relay>) -> Self {
        Self { desk: Desk::new(Arc::clone(&relay)), relay }
    }

    /// Works until the shutdown.
    pub async fn run(&self, shutdown: &CancellationToken) {
        while let Some(done) = shutdown.run_until_cancelled(self.step()).await {
            if let Err(error) = done {
                error!(error = %error, "nobody knows whether a queue is to be told its numbers; trying again soon");
            }
            if shutdown.run_until_cancelled(tokio::time::sleep(LOOK_ROUND)).await.is_none() {
                return;
            }
        }
    }

    /// Orders what is due, and plans what is not planned.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn step(&self) -> anyhow::Result<()> {
        let now = self.relay.clock.now();
        let mut planned: BTreeMap<String, Digest> =
            digests::all(&self.relay.db).await?.into_iter().map(|digest| (digest.queue.clone(), digest)).collect();
        for queue in self.relay.watches.queues().iter() {
            let Some(next) = planned_next(queue, now) else { continue };
            match planned.remove(&queue.label) {
                Some(digest) if digest.plan == next.plan => {
                    if digest.due <= now {
                        self.tell(queue, &digest, &next).await?;
                    }
                }
                _ => {
                    let mut tx = self.relay.db.begin().await?;
                    digests::plan(&mut tx, &next).await?;
                    tx.commit().await?;
                }
            }
        }
        for queue in planned.into_keys() {
            let mut tx = self.relay.db.begin().await?;
            digests::forget(&mut tx, &queue).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// When the next one is due.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn next_due(&self) -> anyhow::Result<Option<Timestamp>> {
        Ok(digests::all(&self.relay.db).await?.into_iter().map(|digest| digest.due).min())
    }

    async fn tell(&self, queue: &Queue, digest: &Digest, next: &Digest) -> anyhow::Result<()> {
        let mut tx = self.relay.db.begin().await?;
        if digests::take(&mut tx, digest, next.due).await? {
            // A week before the next one, and not that day any more.
            let last = queue.zone().to_datetime(next.due).date().checked_sub(i64::from(WEEK + 1).days())?;
            let scope = Scope { queue: Some(queue.label.clone()), last, days: WEEK };
            let effects = [
                Effect::TellNumbers { queue: queue.label.clone(), last },
                Effect::ShowChart { place: queue.channel.clone(), scope, respond_to: None },
            ];
            self.desk.append(&mut tx, &effects).await?;
        }
        tx.commit().await?;
        self.relay.bell.ring();
        Ok(())
    }
}

/// When a queue is to be told next; none where it is not to be, or has no channel.
fn planned_next(queue: &Queue, now: Timestamp) -> Option<Digest> {
    let zone = queue.zone();
    let (due, _) = Weekly::read(&queue.digest)?.next(&zone, now)?;
    let plan = format!("{} {}", queue.digest, zone.iana_name().unwrap_or("UTC"));
    (!queue.channel.is_empty()).then(|| Digest { queue: queue.label.clone(), plan, due })
}
