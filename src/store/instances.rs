//! The processes that share one PostgreSQL, and how far each has heard what the others announce: no history is fetched
//! before everybody who answers from memory knows that the conversation is watched.
//!
//! A process answers from memory for [`ANSWERS`] after the time up to which it has heard everything, and for no longer;
//! the others reckon with it until [`GONE`]. So whoever is not reckoned with asks the database.

use std::time::Duration;

use jiff::Timestamp;

use super::db::{Db, with_conn, with_pool};

/// How long what was heard is taken for everything there is.
pub const ANSWERS: Duration = Duration::from_secs(3);
/// When a process that has said nothing for so long is not reckoned with: some time after it has stopped to answer from
/// memory, since clocks differ a little.
pub const GONE: Duration = Duration::from_secs(5);

/// Notes that a process has heard of all that was committed up to `heard_to`.
///
/// # Errors
///
/// When the database fails.
pub async fn heard(db: &Db, id: &str, heard_to: Timestamp) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    let sql = "INSERT INTO instances (id, heard_to) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET heard_to = excluded.heard_to";
    let at = heard_to.as_millisecond();
    with_conn!(&mut tx, |c| sqlx::query(sql).bind(id).bind(at).execute(c).await?.rows_affected());
    tx.commit().await
}

/// Whether everybody who answers from memory has heard of all that was committed up to `since`.
///
/// # Errors
///
/// When the database fails.
pub async fn have_heard(db: &Db, since: Timestamp, now: Timestamp) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM instances WHERE heard_to > $1 AND heard_to < $2";
    let (gone, since) = (before(now), since.as_millisecond());
    let (behind,): (i64,) = with_pool!(db, |p| sqlx::query_as(sql).bind(gone).bind(since).fetch_one(p).await?);
    Ok(behind == 0)
}

/// Forgets a process that answers no more, and those that are gone.
///
/// # Errors
///
/// When the database fails.
pub async fn forget(db: &Db, id: &str, now: Timestamp) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    let sql = "DELETE FROM instances WHERE id = $1 OR heard_to <= $2";
    with_conn!(&mut tx, |c| sqlx::query(sql).bind(id).bind(before(now)).execute(c).await?.rows_affected());
    tx.commit().await
}

fn before(now: Timestamp) -> i64 {
    now.checked_sub(GONE).unwrap_or(Timestamp::MIN).as_millisecond()
}
