//! How much there is to do, for `GET /metrics`.

use jiff::Timestamp;

use crate::clock::from_millis;

use super::db::{Db, with_pool};

/// How much there is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Backlog {
    /// Entries of the outbox that wait to be delivered; not those that were given up.
    pub waiting: i64,
    /// When the oldest of them was decided on, in milliseconds.
    pub oldest: Option<i64>,
    /// Entries that were given up.
    pub given_up: i64,
    /// Lanes in which something waits.
    pub lanes: i64,
    /// Entries in the fullest lane.
    pub deepest: i64,
    /// Lanes that wait for a token.
    pub parked: i64,
    /// Conversations with a room, those included whose room is being made.
    pub rooms: i64,
    /// Conversations in which the bot is paused.
    pub paused: i64,
    /// Bots that are switched off as a whole.
    pub switched_off: i64,
    /// Endpoints that want no more events.
    pub disabled: i64,
}

impl Backlog {
    /// When the oldest entry that waits was decided on.
    #[must_use]
    pub fn oldest(&self) -> Option<Timestamp> {
        self.oldest.map(from_millis)
    }
}

/// Reads the backlog.
///
/// # Errors
///
/// When the database fails.
pub async fn read(db: &Db) -> sqlx::Result<Backlog> {
    let sql = "SELECT (SELECT COUNT(*) FROM outbox WHERE state <> 'failed') AS waiting, \
               (SELECT MIN(created_at) FROM outbox WHERE state <> 'failed') AS oldest, \
               (SELECT COUNT(*) FROM outbox WHERE state = 'failed') AS given_up, \
               (SELECT COUNT(*) FROM lanes WHERE waiting > 0) AS lanes, \
               (SELECT COALESCE(MAX(waiting), 0) FROM lanes WHERE waiting > 0) AS deepest, \
               (SELECT COUNT(*) FROM lanes WHERE waiting > 0 AND parked IS NOT NULL) AS parked, \
               (SELECT COUNT(*) FROM conversations WHERE watched) AS rooms, \
               (SELECT COUNT(*) FROM conversations WHERE holder <> 'bot') AS paused, \
               (SELECT COUNT(*) FROM switches WHERE NOT active) AS switched_off, \
               (SELECT COUNT(*) FROM endpoints WHERE disabled_at IS NOT NULL) AS disabled";
    with_pool!(db, |p| sqlx::query_as(sql).fetch_one(p).await)
}
