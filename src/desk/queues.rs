//! Queues are set up: by the configuration at each start, by people at any time. Whoever may do it was asked before.

use anyhow::Result;
use jiff::Timestamp;
use serde_json::json;
use tracing::warn;

use crate::config::Config;
use crate::ids::Ids;
use crate::store::db::{Db, Tx};
use crate::store::wake::{self, Announcement};
use crate::store::{journal, outbox, queues};
use crate::takeover::conversation::Actor;
use crate::takeover::effect::Effect;
use crate::takeover::handoff::queue::{Queue, Queues};
use crate::takeover::handoff::setup;
use crate::takeover::turn::Record;

use super::Desk;

/// Brings the queues in line with the configuration, as a start does: what it names is as it says there. What it named
/// before goes, unless somebody waits in it. Where there is none at all, two are made.
///
/// # Errors
///
/// When the database fails; then nothing was changed.
pub async fn take_from(config: &Config, db: &Db, ids: &Ids, now: Timestamp) -> Result<()> {
    let mut tx = db.begin().await?;
    let mut known = queues::lock_all(&mut tx).await?;
    for label in queues::configured(&mut tx).await? {
        if config.queue(&label).is_some() {
            continue;
        }
        if queues::open_handoffs(&mut tx, &label).await? > 0 {
            warn!(
                queue = label,
                "a queue has left the configuration while customers wait in it; it stays until removed"
            );
            queues::mark_configured(&mut tx, &label, false).await?;
        } else {
            queues::remove(&mut tx, &label).await?;
            known.retain(|queue| queue.label != label);
        }
    }
    let has_default = config.queues.iter().any(|entry| entry.is_default);
    for queue in known.iter().filter(|queue| config.queue(&queue.label).is_none()) {
        let named = queue.hours.as_ref().and_then(|hours| config.hours(&hours.name));
        let hours = named.cloned().or_else(|| queue.hours.clone());
        let now = Queue { is_default: queue.is_default && !has_default, hours, ..queue.clone() };
        if now != *queue {
            queues::put(&mut tx, &now).await?;
        }
    }
    for entry in &config.queues {
        let before = known.iter().find(|queue| queue.label == entry.label);
        let queue = setup::configured(entry, config.hours(&entry.hours), before);
        queues::put(&mut tx, &queue).await?;
        queues::mark_configured(&mut tx, &entry.label, true).await?;
    }
    if known.is_empty() && config.queues.is_empty() && config.handoff.default_queues {
        for queue in setup::first_queues() {
            record(&mut tx, "queue.added", &queue.label, &Actor::Service, ids, now).await?;
            queues::put(&mut tx, &queue).await?;
        }
    }
    for queue in queues::lock_all(&mut tx).await? {
        give_channel(&mut tx, &queue, ids, now).await?;
    }
    wake::announce(&mut tx, &Announcement::Queues).await?;
    Ok(tx.commit().await?)
}

/// What became of the wish to remove a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Gone,
    /// There is none of that label.
    Unknown,
    /// It stays, for this reason.
    Refused(String),
}

impl Desk {
    /// Sets a queue up, or over the one of the same label. Returns it as it is then, and whether it is new. Without a channel
    /// it keeps the one that it has, or gets one.
    ///
    /// # Errors
    ///
    /// When the database fails; then nothing was changed.
    pub async fn put_queue(&self, mut queue: Queue, by: &Actor) -> Result<(Queue, bool)> {
        let now = self.relay.clock.now();
        let mut tx = self.relay.db.begin().await?;
        let known = queues::lock_all(&mut tx).await?;
        let before = known.iter().find(|other| other.label == queue.label);
        if let Some(before) = before.filter(|_| queue.channel.is_empty()) {
            queue.channel.clone_from(&before.channel);
        }
        let is_new = before.is_none();
        let kind = if is_new { "queue.added" } else { "queue.changed" };
        for other in known.into_iter().filter(|other| queue.is_default && other.is_default) {
            queues::put(&mut tx, &Queue { is_default: false, ..other }).await?;
        }
        queues::put(&mut tx, &queue).await?;
        record(&mut tx, kind, &queue.label, by, &self.relay.ids, now).await?;
        give_channel(&mut tx, &queue, &self.relay.ids, now).await?;
        self.queues_changed(tx).await?;
        Ok((queue, is_new))
    }

    /// Removes a queue, unless somebody waits in it or another hands over to it.
    ///
    /// # Errors
    ///
    /// When the database fails; then nothing was changed.
    pub async fn remove_queue(&self, label: &str, by: &Actor) -> Result<Removal> {
        let mut tx = self.relay.db.begin().await?;
        let known = queues::lock_all(&mut tx).await?;
        if let Some(why) = setup::still_needed(label, Queues(&known)) {
            return Ok(Removal::Refused(why));
        }
        let open = queues::open_handoffs(&mut tx, label).await?;
        if open > 0 {
            let why = format!("{open} of its handoffs have not come to an end. Finish or transfer them first.");
            return Ok(Removal::Refused(why));
        }
        if !queues::remove(&mut tx, label).await? {
            return Ok(Removal::Unknown);
        }
        record(&mut tx, "queue.removed", label, by, &self.relay.ids, self.relay.clock.now()).await?;
        self.queues_changed(tx).await?;
        Ok(Removal::Gone)
    }

    /// The channel that was made for a queue is its own now, unless it has another, or is gone; true if so.
    ///
    /// # Errors
    ///
    /// When the database fails; then nothing was changed.
    pub async fn got_channel(&self, label: &str, channel: &str) -> Result<bool> {
        let mut tx = self.relay.db.begin().await?;
        let known = queues::lock_all(&mut tx).await?;
        let Some(queue) = known.into_iter().find(|queue| queue.label == label && queue.channel.is_empty()) else {
            return Ok(false);
        };
        queues::put(&mut tx, &Queue { channel: channel.to_owned(), ..queue }).await?;
        self.queues_changed(tx).await?;
        Ok(true)
    }

    /// Commits, and tells every instance.
    async fn queues_changed(&self, mut tx: Tx) -> Result<()> {
        wake::announce(&mut tx, &Announcement::Queues).await?;
        tx.commit().await?;
        self.relay.watches.load_queues(&self.relay.db).await?;
        self.relay.bell.ring();
        Ok(())
    }
}

/// Orders a channel for a queue that has none, unless that is under way.
async fn give_channel(tx: &mut Tx, queue: &Queue, ids: &Ids, now: Timestamp) -> Result<()> {
    let make = Effect::CreateQueueChannel { queue: queue.label.clone(), tried: 0 };
    if queue.channel.is_empty() && !outbox::is_waiting(tx, &make.lane(None)).await? {
        outbox::append(tx, &[make], None, None, ids, now).await?;
    }
    Ok(())
}

async fn record(
    tx: &mut Tx,
    kind: &'static str,
    label: &str,
    by: &Actor,
    ids: &Ids,
    now: Timestamp,
) -> sqlx::Result<()> {
    let record = Record { kind, actor: by.clone(), detail: json!({ "queue": label }) };
    journal::add(tx, None, &record, ids, now).await
}
