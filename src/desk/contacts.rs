//! Everybody whose messages come by is noted for `/megatron open <name>`, once an hour: in memory at first, written in
//! batches, so that `/ingest` need not wait for a message that nobody watches.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::store::contact::Contact;
use crate::store::customers;
use crate::takeover::effect::Effect;

use super::Desk;

/// Contacts that are still to be written, and which ones need not be again for now.
#[derive(Debug, Default)]
pub struct Contacts {
    waiting: Mutex<Vec<Contact>>,
    /// Eight bytes for each contact that was noted lately.
    noted: Mutex<HashSet<u64>>,
    hasher: RandomState,
    bell: Notify,
    /// Held while a batch is being written: whoever searches afterwards finds all of it.
    writing: tokio::sync::Mutex<()>,
}

impl Contacts {
    /// Notes that a customer was met, unless that was noted lately.
    pub fn note(&self, bot: &str, team: &str, user_id: &str, channel: &str) {
        let hash = self.hasher.hash_one((bot, team, user_id, channel));
        if self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(hash) {
            let [bot, team, user_id] = [bot, team, user_id].map(str::to_owned);
            let contact = Contact { bot, team, user_id, channel: Some(channel.to_owned()) };
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(contact);
            self.bell.notify_one();
        }
    }

    /// Whoever comes by from now on is noted anew: entries may have been deleted, and their age counts from the last note.
    pub fn renew(&self) {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Completes when something was noted.
    pub async fn noted(&self) {
        self.bell.notified().await;
    }

    /// Writes down what was noted, and asks Slack about those who are new.
    ///
    /// # Errors
    ///
    /// When the database fails; then it stays noted.
    pub async fn write(&self, desk: &Desk) -> anyhow::Result<()> {
        let _writing = self.writing.lock().await;
        let mut batch = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if batch.is_empty() {
            return Ok(());
        }
        // Two processes that write the same contacts in one order do not wait for each other in a circle.
        batch.sort_unstable();
        let written = write(desk, &batch).await;
        if written.is_err() {
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).extend(batch);
            self.bell.notify_one();
        }
        written
    }
}

async fn write(desk: &Desk, batch: &[Contact]) -> anyhow::Result<()> {
    let mut tx = desk.relay.db.begin().await?;
    let mut unknown = Vec::new();
    for contact in batch {
        if customers::meet(&mut tx, contact, desk.relay.clock.now()).await? {
            let Contact { bot, team, user_id, .. } = contact.clone();
            unknown.push(Effect::LearnContact { bot, team, user_id });
        }
    }
    desk.append(&mut tx, &unknown).await?;
    tx.commit().await?;
    desk.relay.bell.ring();
    Ok(())
}
