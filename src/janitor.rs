//! The janitor: once an hour, deletes what is kept no longer (`[retention]`).
//!
//! Several processes may do so at once; what one has deleted, the other does not find. It works in small transactions
//! beside the deliveries, so nobody waits for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::clock::after;
use crate::desk::contacts::Contacts;
use crate::relay::Relay;
use crate::store::conversations::{self, By};
use crate::store::erase;
use crate::store::retention::{self, BATCH, Kind};

/// How often it looks.
const PAUSE: Duration = Duration::from_hours(1);
/// How often it looks whether it is time to.
const LOOK_ROUND: Duration = Duration::from_mins(1);
/// How long a lane stays that has nothing in it.
const EMPTY_LANE: Duration = Duration::from_hours(24);
/// Transactions for one kind at one time; the rest is for the next hour.
const BATCHES: usize = 1000;

/// Deletes what is kept no longer.
#[derive(Debug, Clone)]
pub struct Janitor {
    relay: Arc<Relay>,
    contacts: Arc<Contacts>,
    next: Arc<Mutex<Option<Timestamp>>>,
}

impl Janitor {
    /// A janitor who begins at once.
    #[must_use]
    pub fn new(relay: Arc<Relay>, contacts: Arc<Contacts>) -> Self {
        Self { relay, contacts, next: Arc::default() }
    }

    /// Works until the shutdown.
    pub async fn run(&self, shutdown: &CancellationToken) {
        while let Some(done) = shutdown.run_until_cancelled(self.step()).await {
            if let Err(error) = done {
                error!(error = %error, "what is kept no longer could not be deleted; trying again in an hour");
            }
            if shutdown.run_until_cancelled(tokio::time::sleep(LOOK_ROUND)).await.is_none() {
                return;
            }
        }
    }

    /// Deletes what is due, if it is time to look; how many rows there were.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn step(&self) -> anyhow::Result<u64> {
        let now = self.relay.clock.now();
        if !self.is_time(now) {
            return Ok(0);
        }
        self.contacts.renew();
        let keep = &self.relay.config.retention;
        let mut all = self.forget_conversations(now, keep.conversations).await?;
        for (kind, time) in [
            (Kind::Transcripts, keep.transcripts),
            (Kind::Handoffs, keep.conversations),
            (Kind::Customers, keep.customers),
            (Kind::Journal, keep.journal),
            (Kind::Failed, keep.failed),
            (Kind::Idempotency, keep.idempotency),
            (Kind::Events, keep.events),
            (Kind::Lanes, EMPTY_LANE),
        ] {
            all += self.delete(kind, now, time).await?;
        }
        retention::wipe(&self.relay.db).await?;
        Ok(all)
    }

    fn is_time(&self, now: Timestamp) -> bool {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = next.is_none_or(|next| next <= now);
        if is_time {
            *next = Some(after(now, PAUSE));
        }
        is_time
    }

    async fn delete(&self, kind: Kind, now: Timestamp, keep: Duration) -> anyhow::Result<u64> {
        let Some(before) = before(now, keep) else { return Ok(0) };
        let mut all = 0;
        for _ in 0..BATCHES {
            let rows = retention::delete(&self.relay.db, kind, before).await?;
            all += rows;
            if rows < BATCH {
                break;
            }
        }
        self.relay.metrics.removed(kind.name(), all);
        Ok(all)
    }

    /// Of conversations that nobody has had to do with for long, ids and counts stay.
    async fn forget_conversations(&self, now: Timestamp, keep: Duration) -> anyhow::Result<u64> {
        let Some(before) = before(now, keep) else { return Ok(0) };
        let mut all = 0;
        for id in retention::forgettable(&self.relay.db, before).await? {
            while retention::delete_traces(&self.relay.db, &id).await? >= BATCH {}
            all += u64::from(self.forget(&id, before, now).await?);
        }
        self.relay.metrics.removed("conversations", all);
        Ok(all)
    }

    /// False when somebody has had to do with it meanwhile.
    async fn forget(&self, id: &str, before: Timestamp, now: Timestamp) -> anyhow::Result<bool> {
        let mut tx = self.relay.db.begin().await?;
        let Some(locked) = conversations::lock(&mut tx, By::Id(id)).await? else { return Ok(false) };
        if !retention::is_forgettable(&mut tx, id, before).await? {
            return Ok(false);
        }
        erase::traces(&mut tx, id).await?;
        conversations::save(&mut tx, &locked.conversation.bare(), now).await?;
        erase::is_bare(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// What is older than this goes; none where everything stays.
fn before(now: Timestamp, keep: Duration) -> Option<Timestamp> {
    let before = now.checked_sub(keep).unwrap_or(Timestamp::MIN);
    (!keep.is_zero()).then_some(before)
}
