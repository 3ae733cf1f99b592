//! What was published: kept for a time, sealed, since it holds what people said.

use anyhow::Context;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::clock::from_millis;
use crate::takeover::publishing::Published;

use super::db::{Db, Tx, with_conn, with_pool};
use super::seal::{self, Sealer};

/// An event without its content.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// The bot of its conversation.
    pub bot: String,
    /// Such as `message.customer`.
    pub kind: String,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
}

/// An event with its content.
#[derive(Debug)]
pub struct Event {
    /// Its conversation.
    pub conversation: String,
    /// It may be about a message of our own.
    pub may_be_ours: bool,
    /// When it happened.
    pub at: Timestamp,
    /// The whole body.
    pub body: Value,
}

/// Keeps an event.
///
/// # Errors
///
/// When the database fails or there is no randomness.
pub async fn add(
    tx: &mut Tx,
    id: &str,
    (bot, conversation): (&str, &str),
    published: &Published,
    sealer: &Sealer,
    now: Timestamp,
) -> anyhow::Result<()> {
    let closed = sealer.seal(&SecretString::from(published.body.to_string()), &context(id), seal::nonce()?);
    let sql =
        "INSERT INTO events (id, bot, conversation, kind, may_be_ours, sealed, at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(id)
        .bind(bot)
        .bind(conversation)
        .bind(published.kind)
        .bind(published.may_be_ours)
        .bind(&closed)
        .bind(now.as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// An event, as long as it is kept.
///
/// # Errors
///
/// When the database fails, or the key that sealed it is gone.
pub async fn get(db: &Db, id: &str, sealer: &Sealer) -> anyhow::Result<Option<Event>> {
    let sql = "SELECT conversation, may_be_ours, sealed, at FROM events WHERE id = $1";
    let row: Option<(String, bool, String, i64)> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(id).fetch_optional(p).await?);
    let Some((conversation, may_be_ours, closed, at)) = row else { return Ok(None) };
    let body = open(id, &closed, sealer)?;
    Ok(Some(Event { conversation, may_be_ours, at: from_millis(at), body }))
}

/// The bodies of what was published about a conversation and is still kept, oldest first.
///
/// # Errors
///
/// When the database fails, or a key that sealed one is gone.
pub async fn of_conversation(db: &Db, conversation: &str, sealer: &Sealer) -> anyhow::Result<Vec<Value>> {
    let sql = "SELECT id, sealed FROM events WHERE conversation = $1 ORDER BY at, id";
    let rows: Vec<(String, String)> = with_pool!(db, |p| sqlx::query_as(sql).bind(conversation).fetch_all(p).await?);
    rows.iter().map(|(id, closed)| open(id, closed, sealer)).collect()
}

/// What happened from `since` up to `until`, behind the one named by `after`, oldest first; a page of it.
///
/// # Errors
///
/// When the database fails.
pub async fn page(db: &Db, (since, until): (i64, i64), after: Option<(i64, &str)>) -> sqlx::Result<Vec<Line>> {
    let sql = "SELECT id, bot, kind, at FROM events WHERE at >= $1 AND at < $2 AND (at > $3 OR (at = $3 AND id > $4)) \
               ORDER BY at, id LIMIT 200";
    let (at, id) = after.unwrap_or((i64::MIN, ""));
    with_pool!(db, |p| sqlx::query_as(sql).bind(since).bind(until).bind(at).bind(id).fetch_all(p).await)
}

/// Seals every event anew that an earlier key has sealed: how many, and the ids of those that no configured key opens.
///
/// # Errors
///
/// When the database fails; the events before are sealed anew then, and those after it as they were.
pub async fn reseal(db: &Db, sealer: &Sealer) -> anyhow::Result<(usize, Vec<String>)> {
    let (mut anew, mut unopened) = (0, Vec::new());
    let sql = "SELECT id, sealed FROM events ORDER BY id";
    let rows: Vec<(String, String)> = with_pool!(db, |p| sqlx::query_as(sql).fetch_all(p).await?);
    for (id, sealed) in rows.into_iter().filter(|(_, sealed)| !sealer.is_current(sealed)) {
        let Ok(json) = sealer.open(&sealed, &context(&id)) else {
            unopened.push(id);
            continue;
        };
        let closed = sealer.seal(&json, &context(&id), seal::nonce()?);
        let sql = "UPDATE events SET sealed = $1 WHERE id = $2 AND sealed = $3";
        let mut tx = db.begin().await?;
        with_conn!(&mut tx, |c| sqlx::query(sql)
            .bind(&closed)
            .bind(&id)
            .bind(&sealed)
            .execute(c)
            .await?
            .rows_affected());
        tx.commit().await?;
        anew += 1;
    }
    Ok((anew, unopened))
}

fn open(id: &str, closed: &str, sealer: &Sealer) -> anyhow::Result<Value> {
    let json = sealer.open(closed, &context(id)).context("cannot open an event")?;
    serde_json::from_str(json.expose_secret()).context("cannot read an event")
}

/// Binds a sealed event to its place, so that it opens nowhere else.
fn context(id: &str) -> String {
    format!("event/{id}")
}
