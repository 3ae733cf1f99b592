//! The watch table: who is watched and who answers, in memory, for the hot path of `/ingest`; and what changes so rarely
//! that every decision may take it from here: the bots' switches, the queues, what administrators set.
//!
//! Nearly every message belongs to a conversation that is not in the table. It is loaded at start, changed after each
//! commit, and by other processes' announcements ([`super::wake`]). Where several processes share the database, it counts
//! as complete only as long as announcements are known to arrive.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;

use crate::takeover::conversation::{Control, Holder};
use crate::takeover::handoff::queue::Queue;
use crate::takeover::rules::{EffectiveControl, Switch};

use super::conversations::{self, Glance};
use super::db::Db;
use super::settings::{self, Settings};
use super::{queues, switches};

/// What the hot path needs to know of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// Whether what is said in it matters.
    pub watched: bool,
    /// What the bot is told.
    pub control: EffectiveControl,
}

/// The table.
#[derive(Debug, Default)]
pub struct WatchTable {
    conversations: RwLock<HashMap<String, Row>>,
    switches: RwLock<HashMap<String, Switch>>,
    queues: RwLock<Arc<[Queue]>>,
    settings: RwLock<Arc<Settings>>,
    /// Whoever reads the settings holds it until they are here, so that what was read earlier never comes later.
    reading_settings: tokio::sync::Mutex<()>,
    complete_until: AtomicI64,
    in_doubt: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    watched: bool,
    control: Control,
    version: i64,
}

impl WatchTable {
    /// A table that is still empty. Who has the database alone knows of every change.
    #[must_use]
    pub fn of(db: &Db) -> Self {
        let complete_until = match db {
            Db::Sqlite(..) => i64::MAX,
            Db::Postgres(_) => i64::MIN,
        };
        Self { complete_until: complete_until.into(), ..Self::default() }
    }

    /// Whether a conversation that is not in the table is unwatched indeed.
    #[must_use]
    pub fn is_complete(&self, now: Timestamp) -> bool {
        now.as_millisecond() < self.complete_until.load(Ordering::SeqCst)
    }

    /// Until then the table is complete.
    pub fn complete_until(&self, time: Timestamp) {
        self.complete_until.store(time.as_millisecond(), Ordering::SeqCst);
    }

    /// Somebody was told "unwatched" though nobody could know.
    pub fn doubt(&self) {
        self.in_doubt.store(true, Ordering::SeqCst);
    }

    /// Whether that has happened since the last question.
    pub fn was_doubted(&self) -> bool {
        self.in_doubt.swap(false, Ordering::SeqCst)
    }

    /// Reads everything from the database.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn load(&self, db: &Db) -> anyhow::Result<()> {
        self.load_queues(db).await?;
        self.load_settings(db).await?;
        for (bot, switch) in switches::all(db).await? {
            self.switched(&bot, switch);
        }
        for glance in conversations::glances(db).await? {
            self.update(&glance);
        }
        Ok(())
    }

    /// Reads the queues from the database.
    ///
    /// # Errors
    ///
    /// When the database fails or holds what cannot be read.
    pub async fn load_queues(&self, db: &Db) -> anyhow::Result<()> {
        let queues = queues::all(db).await?;
        *self.queues.write().unwrap_or_else(PoisonError::into_inner) = queues.into();
        Ok(())
    }

    /// The queues there are.
    #[must_use]
    pub fn queues(&self) -> Arc<[Queue]> {
        Arc::clone(&self.queues.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads from the database what administrators set.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn load_settings(&self, db: &Db) -> anyhow::Result<()> {
        let _reading = self.reading_settings.lock().await;
        let settings = settings::all(db).await?;
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
        Ok(())
    }

    /// What administrators set.
    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known of a conversation; one that is not in the table is unwatched, and with its bot.
    #[must_use]
    pub fn look(&self, bot: &str, team: &str, channel: &str) -> Watch {
        let switch = self.switch(bot);
        let rows = self.conversations.read().unwrap_or_else(PoisonError::into_inner);
        let row = rows.get(&name(bot, team, channel));
        Watch {
            watched: row.is_some_and(|row| row.watched),
            control: switch.applied_to(row.map_or_else(Control::default, |row| row.control)),
        }
    }

    /// How the switch of a bot stands.
    #[must_use]
    pub fn switch(&self, bot: &str) -> Switch {
        self.switches.read().unwrap_or_else(PoisonError::into_inner).get(bot).copied().unwrap_or_default()
    }

    /// Takes in a newer state of a conversation.
    pub fn update(&self, glance: &Glance) {
        let holder = match glance.holder.as_str() {
            "human" => Holder::Human,
            "pending" => Holder::Pending,
            _ => Holder::Bot,
        };
        let row = Row {
            watched: glance.heard,
            control: Control { holder, epoch: glance.epoch, hold: glance.paused },
            version: glance.version,
        };
        let mut rows = self.conversations.write().unwrap_or_else(PoisonError::into_inner);
        let known = rows.entry(name(&glance.bot, &glance.team, &glance.channel)).or_insert(row);
        if known.version <= row.version {
            *known = row;
        }
    }

    /// Takes in a newer state of a bot's switch.
    pub fn switched(&self, bot: &str, switch: Switch) {
        let mut switches = self.switches.write().unwrap_or_else(PoisonError::into_inner);
        let known = switches.entry(bot.to_owned()).or_insert(switch);
        if known.turns <= switch.turns {
            *known = switch;
        }
    }
}

fn name(bot: &str, team: &str, channel: &str) -> String {
    [bot, team, channel].join("/")
}
