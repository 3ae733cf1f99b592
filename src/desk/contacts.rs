//! Everybody whose messages come by is noted for `/megatron open <name>`, once an hour: in memory at first, written in
//! batches, so that `/ingest` need not wait for a message that nobody watches.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::config::Bot;
use crate::render::text;
use crate::store::contact::Contact;
use crate::store::customers;
use crate::takeover::effect::Effect;

use super::Desk;

/// How much of a customer's first words is kept, in characters.
const WORDS: usize = 500;

/// Somebody was met.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Met {
    contact: Contact,
    /// What they wrote themselves.
    words: Option<String>,
}

/// Contacts that are still to be written, and which ones need not be again for now.
#[derive(Debug, Default)]
pub struct Contacts {
    waiting: Mutex<Vec<Met>>,
    /// Eight bytes for each contact that was noted lately, on each side.
    noted: Mutex<HashSet<u64>>,
    hasher: RandomState,
    bell: Notify,
    /// Held while a batch is being written: whoever searches afterwards finds all of it.
    writing: tokio::sync::Mutex<()>,
}

impl Contacts {
    /// Notes that a customer, `[team, user, DM]`, was met, and what they wrote themselves, unless that was noted lately.
    pub fn note(&self, bot: &Bot, [team, user_id, channel]: [&str; 3], words: Option<&str>) {
        let hash = self.hasher.hash_one((&bot.id, team, user_id, channel, words.is_some()));
        if self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(hash) {
            let [team, user_id] = [team, user_id].map(str::to_owned);
            let contact = Contact { bot: bot.id.clone(), team, user_id, channel: Some(channel.to_owned()) };
            let met = Met { contact, words: words.map(|words| text::cut(&text::unescape(words), WORDS)) };
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(met);
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

async fn write(desk: &Desk, batch: &[Met]) -> anyhow::Result<()> {
    let mut tx = desk.relay.db.begin().await?;
    let mut effects = Vec::new();
    let config = &desk.relay.config;
    for Met { contact, words } in batch {
        let Contact { bot, team, user_id, channel } = contact.clone();
        if customers::meet(&mut tx, contact, desk.relay.clock.now()).await? {
            effects.push(Effect::LearnContact { bot: bot.clone(), team: team.clone(), user_id: user_id.clone() });
        }
        // Whoever writes it down first, of all processes, tells of it.
        if let (Some(words), Some(channel)) = (words, channel)
            && customers::writes(&mut tx, contact).await?
            && config.triage.welcomes()
        {
            let words = config.redaction.redact_text(words).into_owned();
            effects.push(Effect::Begin { bot, team, user_id, channel, words });
        }
    }
    desk.append(&mut tx, &effects).await?;
    tx.commit().await?;
    desk.relay.bell.ring();
    Ok(())
}
