//! What administrators set in Slack, over the configuration. The database wins over the file until it is set back.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use tracing::warn;

use crate::config::{Config, Place, Setting};
use crate::takeover::callback;
use crate::takeover::conversation::Actor;

use super::db::{Db, Tx, with_conn, with_pool};

/// All that is set, as the database had it when it was read.
#[derive(Debug, Default)]
pub struct Settings {
    all: Vec<Setting>,
    in_force: OnceLock<Arc<Config>>,
}

impl Settings {
    /// The configuration with the settings over it. What does not fit it any more is left out, and the log says so once.
    #[must_use]
    pub fn over(&self, config: &Arc<Config>) -> Arc<Config> {
        if self.all.is_empty() {
            return Arc::clone(config);
        }
        let made = self.in_force.get_or_init(|| {
            let (config, misfits) = config.with_fitting(&self.all);
            for (place, error) in misfits {
                warn!(error = %error, "the setting {place} made in Slack does not fit the configuration and is left out");
            }
            Arc::new(config)
        });
        Arc::clone(made)
    }
}

/// Reads all that is set.
///
/// # Errors
///
/// When the database fails.
pub async fn all(db: &Db) -> sqlx::Result<Settings> {
    Ok(Settings { all: list(db).await?, in_force: OnceLock::new() })
}

/// All that is set, one by one.
///
/// # Errors
///
/// When the database fails.
pub async fn list(db: &Db) -> sqlx::Result<Vec<Setting>> {
    let sql = "SELECT name, bot, queue, value FROM settings ORDER BY name, bot, queue";
    let rows: Vec<(String, String, String, String)> = with_pool!(db, |p| sqlx::query_as(sql).fetch_all(p).await?);
    let setting = |(key, bot, queue, value)| Setting { place: Place { key, bot, queue }, value };
    Ok(rows.into_iter().map(setting).collect())
}

/// Sets a value, also over the one that was set there before.
///
/// # Errors
///
/// When the database fails.
pub async fn put(tx: &mut Tx, setting: &Setting, by: &Actor, now: Timestamp) -> sqlx::Result<()> {
    let sql = "INSERT INTO settings (name, bot, queue, value, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (name, bot, queue) DO UPDATE \
               SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at";
    let Setting { place: Place { key, bot, queue }, value } = setting;
    let by = callback::actor(by).to_string();
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(key)
        .bind(bot)
        .bind(queue)
        .bind(value)
        .bind(by)
        .bind(now.as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Forgets what was set; false when nothing was.
///
/// # Errors
///
/// When the database fails.
pub async fn remove(tx: &mut Tx, place: &Place) -> sqlx::Result<bool> {
    let sql = "DELETE FROM settings WHERE name = $1 AND bot = $2 AND queue = $3";
    let Place { key, bot, queue } = place;
    let gone = with_conn!(tx, |c| sqlx::query(sql).bind(key).bind(bot).bind(queue).execute(c).await?.rows_affected());
    Ok(gone > 0)
}
