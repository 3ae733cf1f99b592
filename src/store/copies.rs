//! Which message is whose copy, and which are our own: for echoes, and for whatever happens to a message later.

use super::db::{Db, Tx, with_conn, with_pool};

/// A message in one workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The workspace.
    pub team: &'a str,
    /// The channel.
    pub channel: &'a str,
    /// Slack's `ts`.
    pub ts: &'a str,
}

/// Notes that the service posted `copy`, as part number `part` of `source` where it relays something.
///
/// # Errors
///
/// When the database fails.
pub async fn add(
    tx: &mut Tx,
    copy: Place<'_>,
    source: Option<Place<'_>>,
    part: u32,
    delivery: &str,
) -> sqlx::Result<()> {
    let sql = "INSERT INTO copies (team, channel, ts, source_team, source_channel, source_ts, part, delivery) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (team, channel, ts) DO NOTHING";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(copy.team)
        .bind(copy.channel)
        .bind(copy.ts)
        .bind(source.map(|source| source.team))
        .bind(source.map(|source| source.channel))
        .bind(source.map(|source| source.ts))
        .bind(i32::try_from(part).unwrap_or(i32::MAX))
        .bind(delivery)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Whether the service posted this message.
///
/// # Errors
///
/// When the database fails.
pub async fn is_ours(db: &Db, place: Place<'_>) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM copies WHERE team = $1 AND channel = $2 AND ts = $3";
    let (count,): (i64,) = with_pool!(db, |p| sqlx::query_as(sql)
        .bind(place.team)
        .bind(place.channel)
        .bind(place.ts)
        .fetch_one(p)
        .await?);
    Ok(count > 0)
}

/// Whether this message is a copy of one in that channel.
///
/// # Errors
///
/// When the database fails.
pub async fn comes_from(tx: &mut Tx, place: Place<'_>, channel: &str) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM copies WHERE team = $1 AND channel = $2 AND ts = $3 AND source_channel = $4";
    let (count,): (i64,) = with_conn!(tx, |c| sqlx::query_as(sql)
        .bind(place.team)
        .bind(place.channel)
        .bind(place.ts)
        .bind(channel)
        .fetch_one(c)
        .await?);
    Ok(count > 0)
}

/// Whether this message was relayed: it is a copy of something, or something is a copy of it.
///
/// # Errors
///
/// When the database fails.
pub async fn is_relayed(db: &Db, place: Place<'_>) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM copies WHERE source_ts IS NOT NULL AND ((team = $1 AND channel = $2 AND ts = $3) \
               OR (source_team = $1 AND source_channel = $2 AND source_ts = $3))";
    let (count,): (i64,) = with_pool!(db, |p| sqlx::query_as(sql)
        .bind(place.team)
        .bind(place.channel)
        .bind(place.ts)
        .fetch_one(p)
        .await?);
    Ok(count > 0)
}
