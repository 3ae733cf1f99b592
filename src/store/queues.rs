//! The queues. What the configuration names is written here at each start; what was set up in Slack or through the API
//! stays beside it.

use anyhow::Context;

use crate::takeover::handoff::queue::Queue;

use super::db::{Db, Tx, with_conn, with_pool};

const ALL: &str = "SELECT state FROM queues ORDER BY position, label";

/// All queues, in the order in which they were made.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn all(db: &Db) -> anyhow::Result<Vec<Queue>> {
    let states: Vec<(String,)> = with_pool!(db, |p| sqlx::query_as(ALL).fetch_all(p).await?);
    read(&states)
}

/// As [`all`]; until the end of the transaction nobody else changes them.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn lock_all(tx: &mut Tx) -> anyhow::Result<Vec<Queue>> {
    let sql = "UPDATE queues SET position = position";
    with_conn!(tx, |c| sqlx::query(sql).execute(c).await?.rows_affected());
    let states: Vec<(String,)> = with_conn!(tx, |c| sqlx::query_as(ALL).fetch_all(c).await?);
    read(&states)
}

/// Writes a queue down, or over the one of the same label, which keeps its place.
///
/// # Errors
///
/// When the database fails.
pub async fn put(tx: &mut Tx, queue: &Queue) -> anyhow::Result<()> {
    let sql = "INSERT INTO queues (label, position, configured, state) \
               VALUES ($1, (SELECT COALESCE(MAX(position), 0) + 1 FROM queues), FALSE, $2) \
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

/// Labels of the queues that the configuration of the last start named.
///
/// # Errors
///
/// When the database fails.
pub async fn configured(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT label FROM queues WHERE configured ORDER BY label";
    let labels: Vec<(String,)> = with_conn!(tx, |c| sqlx::query_as(sql).fetch_all(c).await?);
    Ok(labels.into_iter().map(|(label,)| label).collect())
}

/// Notes whether the configuration names a queue.
///
/// # Errors
///
/// When the database fails.
pub async fn mark_configured(tx: &mut Tx, label: &str, configured: bool) -> sqlx::Result<()> {
    let sql = "UPDATE queues SET configured = $2 WHERE label = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(label).bind(configured).execute(c).await?.rows_affected());
    Ok(())
}

/// How many handoffs of a queue have not come to an end.
///
/// # Errors
///
/// When the database fails.
pub async fn open_handoffs(tx: &mut Tx, label: &str) -> sqlx::Result<i64> {
    let sql = "SELECT COUNT(*) FROM handoffs WHERE queue = $1 AND ended_at IS NULL";
    let (count,): (i64,) = with_conn!(tx, |c| sqlx::query_as(sql).bind(label).fetch_one(c).await?);
    Ok(count)
}

/// How many handoffs of a queue wait for somebody to accept them.
///
/// # Errors
///
/// When the database fails.
pub async fn waiting(db: &Db, label: &str) -> sqlx::Result<i64> {
    let sql = "SELECT COUNT(*) FROM handoffs WHERE queue = $1 AND ended_at IS NULL \
               AND progress IN ('requested', 'offered', 'transferred')";
    let (count,): (i64,) = with_pool!(db, |p| sqlx::query_as(sql).bind(label).fetch_one(p).await?);
    Ok(count)
}

fn read(states: &[(String,)]) -> anyhow::Result<Vec<Queue>> {
    states.iter().map(|(state,)| serde_json::from_str(state).context("cannot read a queue")).collect()
}
