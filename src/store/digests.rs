//! When each queue is told its numbers next.

use jiff::Timestamp;

use crate::clock::from_millis;

use super::db::{Db, Tx, with_conn, with_pool};

/// When a queue is told its numbers next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Label of the queue.
    pub queue: String,
    /// What the time was worked out from: another plan means another time.
    pub plan: String,
    /// When.
    pub due: Timestamp,
}

/// All of them.
///
/// # Errors
///
/// When the database fails.
pub async fn all(db: &Db) -> sqlx::Result<Vec<Digest>> {
    let sql = "SELECT queue, plan, due FROM digests ORDER BY queue";
    let rows: Vec<(String, String, i64)> = with_pool!(db, |p| sqlx::query_as(sql).fetch_all(p).await?);
    Ok(rows.into_iter().map(|(queue, plan, due)| Digest { queue, plan, due: from_millis(due) }).collect())
}

/// Plans one, in place of one of another plan.
///
/// # Errors
///
/// When the database fails.
pub async fn plan(tx: &mut Tx, digest: &Digest) -> sqlx::Result<()> {
    let sql = "INSERT INTO digests (queue, plan, due) VALUES ($1, $2, $3) ON CONFLICT (queue) \
               DO UPDATE SET plan = excluded.plan, due = excluded.due WHERE digests.plan <> excluded.plan";
    let due = digest.due.as_millisecond();
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(&digest.queue)
        .bind(&digest.plan)
        .bind(due)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Takes one that is due, and plans the next; false when another process has done so.
///
/// # Errors
///
/// When the database fails.
pub async fn take(tx: &mut Tx, digest: &Digest, next: Timestamp) -> sqlx::Result<bool> {
    let sql = "UPDATE digests SET due = $4 WHERE queue = $1 AND plan = $2 AND due = $3";
    let (due, next) = (digest.due.as_millisecond(), next.as_millisecond());
    let rows = with_conn!(tx, |c| sqlx::query(sql)
        .bind(&digest.queue)
        .bind(&digest.plan)
        .bind(due)
        .bind(next)
        .execute(c)
        .await?
        .rows_affected());
    Ok(rows == 1)
}

/// Forgets that of a queue.
///
/// # Errors
///
/// When the database fails.
pub async fn forget(tx: &mut Tx, queue: &str) -> sqlx::Result<()> {
    let sql = "DELETE FROM digests WHERE queue = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(queue).execute(c).await?.rows_affected());
    Ok(())
}
