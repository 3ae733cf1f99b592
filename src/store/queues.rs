//! The queues. What the configuration names is written here at each start; what was set up in Slack or through the API
//! stays beside it.

use anyhow::Context;

use crate::takeover::handoff::queue::Queue;

use super::db::{Db, Tx, with_conn, with_pool};

/// All queues, in the order in which they were made.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn all(db: &Db) -> anyhow::Result<Vec<Queue>> {
    let sql = "SELECT state FROM queues ORDER BY position, label";
    let states: Vec<(String,)> = with_pool!(db, |p| sqlx::query_as(sql).fetch_all(p).await?);
    states.iter().map(|(state,)| serde_json::from_str(state).context("cannot read a queue")).collect()
}

/// Writes a queue down, or over the one of the same label, which keeps its place.
///
/// # Errors
///
/// When the database fails.
pub async fn put(tx: &mut Tx, queue: &Queue) -> anyhow::Result<()> {
    let sql = "INSERT INTO queues (label, position, state) \
               VALUES ($1, (SELECT COALESCE(MAX(position), 0) + 1 FROM queues), $2) \
               ON CONFLICT (label) DO UPDATE SET state = excluded.state";
    let state = serde_json::to_string(queue).context("cannot write a queue")?;
    with_conn!(tx, |c| sqlx::query(sql).bind(&queue.label).bind(state).execute(c).await?.rows_affected());
    Ok(())
}

/// Forgets a queue; false when there is none of that label.
///
/// # Errors
///
/// When the database fails.
pub async fn remove(tx: &mut Tx, label: &str) -> sqlx::Result<bool> {
    let sql = "DELETE FROM queues WHERE label = $1";
    let gone = with_conn!(tx, |c| sqlx::query(sql).bind(label).execute(c).await?.rows_affected());
    Ok(gone > 0)
}
