//! Handoffs, also those that are over. The newest of a conversation is part of the conversation's state as well.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use jiff::Timestamp;

use crate::takeover::handoff::state::Handoff;

use super::db::{Db, Tx, with_conn, with_pool};

/// What ended so long ago, in milliseconds, says nothing of how busy somebody is: a week.
const LATELY: i64 = 7 * 24 * 60 * 60 * 1000;

/// A handoff, and whose it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Filed {
    /// Id of its conversation.
    pub conversation: String,
    /// The handoff.
    pub handoff: Handoff,
}

/// Writes a handoff down, as it stands now.
///
/// # Errors
///
/// When the database fails.
pub async fn put(tx: &mut Tx, conversation: &str, handoff: &Handoff) -> anyhow::Result<()> {
    let sql = "INSERT INTO handoffs (id, conversation, queue, progress, requested_at, queued_at, accepted_at, answered_at, \
               assignee, ended_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO UPDATE SET \
               queue = excluded.queue, progress = excluded.progress, queued_at = excluded.queued_at, \
               accepted_at = excluded.accepted_at, answered_at = excluded.answered_at, assignee = excluded.assignee, \
               ended_at = excluded.ended_at, state = excluded.state";
    let state = serde_json::to_string(handoff).context("cannot write a handoff")?;
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(&handoff.id)
        .bind(conversation)
        .bind(&handoff.queue)
        .bind(handoff.state.as_str())
        .bind(handoff.requested_at.as_millisecond())
        .bind(handoff.queued_at.as_millisecond())
        .bind(handoff.accepted_at.map(Timestamp::as_millisecond))
        .bind(handoff.answered_at.map(Timestamp::as_millisecond))
        .bind(handoff.assignee.as_ref().map(|agent| &agent.user_id))
        .bind(handoff.ended_at.map(Timestamp::as_millisecond))
        .bind(state)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// A handoff by its id.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn get(db: &Db, id: &str) -> anyhow::Result<Option<Filed>> {
    let sql = "SELECT conversation, state FROM handoffs WHERE id = $1";
    let row: Option<(String, String)> = with_pool!(db, |p| sqlx::query_as(sql).bind(id).fetch_optional(p).await?);
    row.map(read).transpose()
}

/// Those that are not over, in the order in which they were asked for.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn open(db: &Db) -> anyhow::Result<Vec<Filed>> {
    let sql = "SELECT conversation, state FROM handoffs WHERE ended_at IS NULL ORDER BY requested_at, id";
    let rows: Vec<(String, String)> = with_pool!(db, |p| sqlx::query_as(sql).fetch_all(p).await?);
    rows.into_iter().map(read).collect()
}

/// These people, those with the fewest open handoffs first; of several, who has had nothing to do for longest. What ended
/// more than a week ago counts no more.
///
/// # Errors
///
/// When the database fails.
pub async fn least_busy(db: &Db, people: BTreeSet<String>, now: Timestamp) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT assignee, SUM(CASE WHEN ended_at IS NULL THEN 1 ELSE 0 END), \
               COALESCE(MAX(COALESCE(ended_at, accepted_at)), 0) FROM handoffs \
               WHERE assignee IS NOT NULL AND (ended_at IS NULL OR ended_at >= $1) GROUP BY assignee";
    let since = now.as_millisecond() - LATELY;
    let busy: Vec<(String, i64, i64)> = with_pool!(db, |p| sqlx::query_as(sql).bind(since).fetch_all(p).await?);
    let busy: BTreeMap<String, (i64, i64)> = busy.into_iter().map(|(one, open, last)| (one, (open, last))).collect();
    let mut ranked: Vec<String> = people.into_iter().collect();
    ranked.sort_by_key(|one| busy.get(one).copied().unwrap_or_default());
    Ok(ranked)
}

fn read((conversation, state): (String, String)) -> anyhow::Result<Filed> {
    Ok(Filed { conversation, handoff: serde_json::from_str(&state).context("cannot read a handoff")? })
}
