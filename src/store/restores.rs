//! When the database was last put back from a backup: whatever is older may have been delivered without its knowing.

use jiff::Timestamp;

use crate::clock::from_millis;

use super::db::{Db, Tx, with_conn, with_pool};

/// How far the count of changes of control is set forward: further than anybody has counted since the backup.
const FORWARD: i64 = 1_000_000;

/// Notes that the database was put back just now, and sets the count of changes of control forward for these bots: they know
/// a newer one than the backup, and believe no older one.
///
/// # Errors
///
/// When the database fails.
pub async fn note<'a>(tx: &mut Tx, bots: impl Iterator<Item = &'a str>, now: Timestamp) -> sqlx::Result<()> {
    let sql = "INSERT INTO restores (at) VALUES ($1) ON CONFLICT (at) DO NOTHING";
    with_conn!(tx, |c| sqlx::query(sql).bind(now.as_millisecond()).execute(c).await?.rows_affected());
    let sql = "INSERT INTO switches (bot, active, turns) VALUES ($1, TRUE, $2) \
               ON CONFLICT (bot) DO UPDATE SET turns = switches.turns + excluded.turns";
    for bot in bots {
        with_conn!(tx, |c| sqlx::query(sql).bind(bot).bind(FORWARD).execute(c).await?.rows_affected());
    }
    Ok(())
}

/// When it was last put back, if ever.
///
/// # Errors
///
/// When the database fails.
pub async fn last(db: &Db) -> sqlx::Result<Option<Timestamp>> {
    let (at,): (Option<i64>,) = with_pool!(db, |p| sqlx::query_as("SELECT MAX(at) FROM restores").fetch_one(p).await?);
    Ok(at.map(from_millis))
}
