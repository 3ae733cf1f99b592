//! Wake-ups: a hint that there is work, never the work itself. Whoever misses one finds the work at the next look.
//!
//! On PostgreSQL each change is announced inside its transaction (`pg_notify`), for the other processes; one listener a
//! process takes the announcements in. <https://www.postgresql.org/docs/current/sql-notify.html>

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use sqlx::{PgExecutor, PgPool};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::clock::{Clock, after, from_millis};
use crate::takeover::rules::Switch;

use super::conversations::Glance;
use super::db::{Db, Tx};
use super::instances::{self, ANSWERS};
use super::watch::WatchTable;

const CHANNEL: &str = "megatron";
/// How long to wait before the next try to listen.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a process says something to itself, to know that announcements arrive.
const BEAT: Duration = Duration::from_millis(500);
/// How many of these may be unheard until the connection is given up.
const SILENCE: u32 = 10;

/// Wakes the delivery workers of this process.
#[derive(Debug, Default)]
pub struct Bell(Notify);

impl Bell {
    /// There may be work.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Completes when it was rung, also before it was waited for.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}

/// What other processes must know of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Announcement {
    /// A conversation has changed, and there may be work.
    Conversation(Glance),
    /// A bot's switch was turned: bot, on or off, how often.
    Switch(String, bool, i64),
    /// The queues have changed.
    Queues,
    /// What administrators set has changed.
    Settings,
    /// There may be work.
    Work,
    /// What a process says to itself: its id, and when, in milliseconds.
    Beat(String, i64),
}

/// Announces a change as soon as the transaction commits.
///
/// # Errors
///
/// When the database fails.
pub async fn announce(tx: &mut Tx, announcement: &Announcement) -> sqlx::Result<()> {
    if let Tx::Postgres(tx) = tx {
        notify(&mut **tx, announcement).await?;
    }
    Ok(())
}

/// A process that listens.
#[derive(Debug, Clone, Copy)]
pub struct Listener<'a> {
    /// What no other process is called.
    pub id: &'a str,
    /// Where all announce.
    pub db: &'a Db,
    /// What is changed by what is heard.
    pub watches: &'a WatchTable,
    /// What is rung then.
    pub bell: &'a Bell,
    /// What time it is.
    pub clock: &'a Clock,
}

impl Listener<'_> {
    /// Takes in what other processes announce, until the shutdown.
    pub async fn listen(self, shutdown: &CancellationToken) {
        let Db::Postgres(pool) = self.db else { return };
        while !shutdown.is_cancelled() {
            let heard = tokio::select! {
                () = shutdown.cancelled() => break,
                heard = self.hear(pool) => heard,
            };
            if let Err(error) = heard {
                warn!(error = %error, "lost touch with PostgreSQL's announcements; trying again");
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        // From now on every answer is asked of the database, so nobody need wait for this process.
        self.watches.complete_until(Timestamp::MIN);
        if let Err(error) = instances::forget(self.db, self.id, self.clock.now()).await {
            warn!(error = %error, "the other processes wait a moment for this one, in vain");
        }
    }

    async fn hear(self, pool: &PgPool) -> anyhow::Result<()> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        // What was announced while nobody listened.
        self.watches.load(self.db).await?;
        self.bell.ring();
        let unheard = AtomicU32::new(0);
        tokio::select! {
            heard = self.take_in(&mut listener, &unheard) => heard,
            silence = self.beat(pool, &unheard) => Err(silence.into()),
        }
    }

    async fn take_in(self, listener: &mut PgListener, unheard: &AtomicU32) -> anyhow::Result<()> {
        let mut known_since = None;
        while let Some(notification) = listener.try_recv().await? {
            match serde_json::from_str(notification.payload()) {
                Ok(Announcement::Conversation(glance)) => self.watches.update(&glance),
                Ok(Announcement::Switch(bot, active, turns)) => self.watches.switched(&bot, Switch { active, turns }),
                Ok(Announcement::Queues) => self.watches.load_queues(self.db).await?,
                Ok(Announcement::Settings) => self.watches.load_settings(self.db).await?,
                Ok(Announcement::Work) => {}
                Ok(Announcement::Beat(id, sent_at)) => {
                    if id == self.id {
                        unheard.store(0, Ordering::SeqCst);
                        known_since = Some(self.has_heard(from_millis(sent_at), known_since).await?);
                    }
                    continue;
                }
                Err(error) => warn!(error = %error, "an announcement that cannot be read"),
            }
            self.bell.ring();
        }
        Ok(())
    }

    /// Announcements come in the order of the commits: whoever hears what it sent itself has heard all that was committed
    /// before. Only who was reckoned with by the others when that was sent may answer by it.
    async fn has_heard(self, sent_at: Timestamp, known_since: Option<Timestamp>) -> sqlx::Result<Timestamp> {
        instances::heard(self.db, self.id, sent_at).await?;
        if known_since.is_some_and(|known| sent_at < after(known, ANSWERS)) {
            self.watches.complete_until(after(sent_at, ANSWERS));
        }
        Ok(sent_at)
    }

    /// Says something to itself again and again; ends when nothing of it is heard.
    async fn beat(self, pool: &PgPool, unheard: &AtomicU32) -> sqlx::Error {
        while unheard.fetch_add(1, Ordering::SeqCst) < SILENCE {
            let beat = Announcement::Beat(self.id.to_owned(), self.clock.now().as_millisecond());
            if let Err(error) = notify(pool, &beat).await {
                debug!(error = %error, "PostgreSQL did not take a sign of life");
            }
            tokio::time::sleep(BEAT).await;
        }
        sqlx::Error::Protocol("announcements do not arrive".to_owned())
    }
}

async fn notify(executor: impl PgExecutor<'_>, announcement: &Announcement) -> sqlx::Result<()> {
    let payload = serde_json::to_string(announcement).unwrap_or_default();
    sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(executor).await?;
    Ok(())
}
