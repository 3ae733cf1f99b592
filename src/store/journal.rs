//! The journal: who did what, never what was said.

use anyhow::Context;
use jiff::Timestamp;

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
