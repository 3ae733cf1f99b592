//! Wake-ups: a hint that there is work, never the work itself. Whoever misses one finds the work at the next look.
//!
//! On PostgreSQL each change is announced inside its transaction (`pg_notify`), for the other processes; one listener a
//! process takes the announcements in. <https://www.postgresql.org/docs/current/sql-notify.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::takeover::rules::Switch;

use super::conversations::Glance;
use super::db::{Db, Tx};
use super::watch::WatchTable;

const CHANNEL: &str = "megatron";

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
    /// There may be work.
    Work,
}

/// Announces a change as soon as the transaction commits.
///
/// # Errors
///
/// When the database fails.
pub async fn announce(tx: &mut Tx, announcement: &Announcement) -> sqlx::Result<()> {
    if let Tx::Postgres(tx) = tx {
        let payload = serde_json::to_string(announcement).unwrap_or_default();
        sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Takes in what other processes announce, until the shutdown.
pub async fn listen(db: &Db, watches: &WatchTable, bell: &Bell, shutdown: &CancellationToken) {
    let Db::Postgres(pool) = db else { return };
    while !shutdown.is_cancelled() {
        let heard = tokio::select! {
            () = shutdown.cancelled() => return,
            heard = hear(pool, db, watches, bell) => heard,
        };
        if let Err(error) = heard {
            warn!(error = %error, "lost touch with PostgreSQL's announcements; trying again");
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

async fn hear(pool: &sqlx::PgPool, db: &Db, watches: &WatchTable, bell: &Bell) -> anyhow::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // What was announced while nobody listened.
    watches.load(db).await?;
    bell.ring();
    while let Some(notification) = listener.try_recv().await? {
        match serde_json::from_str(notification.payload()) {
            Ok(Announcement::Conversation(glance)) => watches.update(&glance),
            Ok(Announcement::Switch(bot, active, turns)) => watches.switched(&bot, Switch { active, turns }),
            Ok(Announcement::Queues) => watches.load_queues(db).await?,
            Ok(Announcement::Work) => {}
            Err(error) => warn!(error = %error, "an announcement that cannot be read"),
        }
        bell.ring();
    }
    Ok(())
}
