//! Timers of conversations.

use jiff::Timestamp;

use crate::clock::from_millis;
use crate::takeover::event::Timer;
use crate::takeover::reminders::Arm;

use super::db::{Db, Tx, with_conn, with_pool};

/// Sets or takes away a timer.
///
/// # Errors
///
/// When the database fails.
pub async fn arm(tx: &mut Tx, conversation: &str, arm: Arm) -> sqlx::Result<()> {
    let timer = arm.timer.as_str();
    if let Some(due) = arm.due {
        let sql = "INSERT INTO timers (conversation, timer, due) VALUES ($1, $2, $3) \
                       ON CONFLICT (conversation, timer) DO UPDATE SET due = excluded.due";
        let due = due.as_millisecond();
        with_conn!(tx, |c| sqlx::query(sql).bind(conversation).bind(timer).bind(due).execute(c).await?.rows_affected());
    } else {
        let sql = "DELETE FROM timers WHERE conversation = $1 AND timer = $2";
        with_conn!(tx, |c| sqlx::query(sql).bind(conversation).bind(timer).execute(c).await?.rows_affected());
    }
    Ok(())
}

/// Takes a timer that is due; false when it is gone or was set anew meanwhile.
///
/// # Errors
///
/// When the database fails.
pub async fn take(tx: &mut Tx, conversation: &str, timer: Timer, now: Timestamp) -> sqlx::Result<bool> {
    let sql = "DELETE FROM timers WHERE conversation = $1 AND timer = $2 AND due <= $3";
    let (timer, at) = (timer.as_str(), now.as_millisecond());
    let rows =
        with_conn!(tx, |c| sqlx::query(sql).bind(conversation).bind(timer).bind(at).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Puts a timer off.
///
/// # Errors
///
/// When the database fails.
pub async fn put_off(db: &Db, conversation: &str, timer: Timer, until: Timestamp) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    let sql = "UPDATE timers SET due = $3 WHERE conversation = $1 AND timer = $2";
    let (timer, until) = (timer.as_str(), until.as_millisecond());
    with_conn!(&mut tx, |c| sqlx::query(sql)
        .bind(conversation)
        .bind(timer)
        .bind(until)
        .execute(c)
        .await?
        .rows_affected());
    tx.commit().await
}

/// Timers that are due, longest first; some of them, when there are many.
///
/// # Errors
///
/// When the database fails.
pub async fn due(db: &Db, now: Timestamp) -> sqlx::Result<Vec<(String, Timer)>> {
    let sql = "SELECT conversation, timer FROM timers WHERE due <= $1 ORDER BY due LIMIT 100";
    let rows: Vec<(String, String)> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(now.as_millisecond()).fetch_all(p).await?);
    Ok(rows.into_iter().filter_map(|(id, timer)| Some((id, Timer::from_name(&timer)?))).collect())
}

/// When the next timer falls due.
///
/// # Errors
///
/// When the database fails.
pub async fn next_due(db: &Db) -> sqlx::Result<Option<Timestamp>> {
    let (due,): (Option<i64>,) = with_pool!(db, |p| sqlx::query_as("SELECT MIN(due) FROM timers").fetch_one(p).await?);
    Ok(due.map(from_millis))
}
