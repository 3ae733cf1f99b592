//! The journal: who did what, never what was said.

use anyhow::Context;
use jiff::Timestamp;
use serde_json::Value;

use crate::clock::from_millis;
use crate::ids::Ids;
use crate::takeover::callback;
use crate::takeover::turn::Record;

use super::db::{Db, Tx, with_conn, with_pool};

/// Writes a line.
///
/// # Errors
///
/// When the database fails.
pub async fn add(
    tx: &mut Tx,
    conversation: Option<&str>,
    record: &Record,
    ids: &Ids,
    now: Timestamp,
) -> sqlx::Result<()> {
    let sql = "INSERT INTO journal (id, at, conversation, kind, actor, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(ids.next(now))
        .bind(now.as_millisecond())
        .bind(conversation)
        .bind(record.kind)
        .bind(callback::actor(&record.actor).to_string())
        .bind(record.detail.to_string())
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// When it was written.
    pub at: Timestamp,
    /// Such as `conversation.paused`.
    pub kind: String,
    /// Who, as callbacks write it.
    pub actor: Value,
    /// More about it.
    pub detail: Value,
}

/// The newest lines about a conversation, or about none, newest first; those before the line of this id.
///
/// # Errors
///
/// When the database fails.
pub async fn page(db: &Db, conversation: Option<&str>, before: Option<&str>, limit: u32) -> anyhow::Result<Vec<Line>> {
    let sql = "SELECT id, at, kind, actor, detail FROM journal WHERE (conversation = $1 OR ($1 = '' AND conversation IS NULL)) \
               AND ($2 = '' OR (at, id) < (SELECT at, id FROM journal WHERE id = $2)) ORDER BY at DESC, id DESC LIMIT $3";
    let rows: Vec<(String, i64, String, String, String)> = with_pool!(db, |p| sqlx::query_as(sql)
        .bind(conversation.unwrap_or_default())
        .bind(before.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(p)
        .await)
    .context("cannot read the journal")?;
    let json = |text: String| serde_json::from_str(&text).unwrap_or_default();
    let line = |(id, at, kind, actor, detail)| Line {
        id,
        at: from_millis(at),
        kind,
        actor: json(actor),
        detail: json(detail),
    };
    Ok(rows.into_iter().map(line).collect())
}

/// The messages of a conversation that were deleted or taken back since then, each with whose it was.
///
/// # Errors
///
/// When the database fails.
pub async fn deletions(db: &Db, conversation: &str, since: Timestamp) -> anyhow::Result<Vec<(String, String)>> {
    let sql = "SELECT detail FROM journal WHERE conversation = $1 AND at >= $2 \
               AND kind IN ('message.deleted', 'message.recalled') ORDER BY at, id";
    let rows: Vec<(String,)> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(conversation).bind(since.as_millisecond()).fetch_all(p).await)
            .context("cannot read the journal")?;
    let read = |(detail,): (String,)| {
        let detail: Value = serde_json::from_str(&detail).ok()?;
        Some((detail["ts"].as_str()?.to_owned(), detail["by"].as_str()?.to_owned()))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// The kinds of all lines about a conversation, oldest first.
///
/// # Errors
///
/// When the database fails.
pub async fn kinds(db: &Db, conversation: &str) -> anyhow::Result<Vec<String>> {
    let sql = "SELECT kind FROM journal WHERE conversation = $1 ORDER BY at, id";
    let rows: Vec<(String,)> = with_pool!(db, |p| sqlx::query_as(sql).bind(conversation).fetch_all(p).await)
        .context("cannot read the journal")?;
    Ok(rows.into_iter().map(|(kind,)| kind).collect())
}
