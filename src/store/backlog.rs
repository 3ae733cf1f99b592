//! How much there is to do, for `GET /metrics`.

use jiff::Timestamp;

use crate::clock::from_millis;

use super::db::{Db, with_pool};

/// How much there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Entries of the outbox that wait to be delivered; not those that were given up.
    pub waiting: i64,
    /// When the oldest of them was decided on.
    pub oldest: Option<Timestamp>,
    /// Conversations with a room, those included whose room is being made.
    pub rooms: i64,
}

/// Reads the backlog.
///
/// # Errors
///
/// When the database fails.
pub async fn read(db: &Db) -> sqlx::Result<Backlog> {
    let sql = "SELECT COUNT(*), MIN(created_at), (SELECT COUNT(*) FROM conversations WHERE watched) \
               FROM outbox WHERE state <> 'failed'";
    let (waiting, oldest, rooms): (i64, Option<i64>, i64) =
        with_pool!(db, |p| sqlx::query_as(sql).fetch_one(p).await?);
    Ok(Backlog { waiting, oldest: oldest.map(from_millis), rooms })
}
