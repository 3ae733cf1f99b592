//! Which message is whose copy, and which are our own: for echoes, and for whatever happens to a message later.

use crate::takeover::relayed::Copy;

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

/// A message that the service posted, and the part of `source` that it relays, where it relays something.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Where it is.
    pub copy: Place<'a>,
    /// What it is a copy of.
    pub source: Option<Place<'a>>,
    /// Which part of it.
    pub part: u32,
    /// Whether it shares files, with the words as their caption.
    pub is_caption: bool,
    /// The delivery that posted it.
    pub delivery: &'a str,
}

/// Notes a message that the service posted, in which conversation, and whose words they are: `customer`, `bot`, `agent`.
///
/// # Errors
///
/// When the database fails.
pub async fn add(tx: &mut Tx, new: New<'_>, conversation: Option<&str>, speaker: Option<&str>) -> sqlx::Result<()> {
    let New { copy, source, part, is_caption, delivery } = new;
    let sql = "INSERT INTO copies (team, channel, ts, source_team, source_channel, source_ts, part, is_caption, delivery, conversation, speaker) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (team, channel, ts) DO NOTHING";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(copy.team)
        .bind(copy.channel)
        .bind(copy.ts)
        .bind(source.map(|source| source.team))
        .bind(source.map(|source| source.channel))
        .bind(source.map(|source| source.ts))
        .bind(i32::try_from(part).unwrap_or(i32::MAX))
        .bind(is_caption)
        .bind(delivery)
        .bind(conversation)
        .bind(speaker)
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
    is_any(db, "SELECT COUNT(*) FROM copies WHERE team = $1 AND channel = $2 AND ts = $3", place).await
}

/// Whether this message is a copy of another one.
///
/// # Errors
///
/// When the database fails.
pub async fn is_copy(db: &Db, place: Place<'_>) -> sqlx::Result<bool> {
    is_any(
        db,
        "SELECT COUNT(*) FROM copies WHERE team = $1 AND channel = $2 AND ts = $3 AND source_ts IS NOT NULL",
        place,
    )
    .await
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
    is_any(db, sql, place).await
}

async fn is_any(db: &Db, count: &'static str, place: Place<'_>) -> sqlx::Result<bool> {
    let (count,): (i64,) = with_pool!(db, |p| sqlx::query_as(count)
        .bind(place.team)
        .bind(place.channel)
        .bind(place.ts)
        .fetch_one(p)
        .await?);
    Ok(count > 0)
}

/// Takes back that the service posted this: it is deleted.
///
/// # Errors
///
/// When the database fails.
pub async fn forget(tx: &mut Tx, place: Place<'_>) -> sqlx::Result<()> {
    let sql = "DELETE FROM copies WHERE team = $1 AND channel = $2 AND ts = $3";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(place.team)
        .bind(place.channel)
        .bind(place.ts)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// The copies of this message in that channel, in the order of its parts.
///
/// # Errors
///
/// When the database fails.
pub async fn of(db: &Db, source: Place<'_>, channel: &str) -> sqlx::Result<Vec<Copy>> {
    let sql = "SELECT ts, part, is_caption FROM copies WHERE source_team = $1 AND source_channel = $2 \
               AND source_ts = $3 AND channel = $4 ORDER BY part, ts";
    let rows: Vec<(String, i32, bool)> = with_pool!(db, |p| sqlx::query_as(sql)
        .bind(source.team)
        .bind(source.channel)
        .bind(source.ts)
        .bind(channel)
        .fetch_all(p)
        .await?);
    let copy = |(ts, part, is_caption)| Copy { ts, part: u32::try_from(part).unwrap_or_default(), is_caption };
    Ok(rows.into_iter().map(copy).collect())
}

/// A message that people on the other side know a message by.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Twin {
    /// Its `ts`.
    pub ts: String,
    /// Whether it is the source, of which the other is a copy.
    pub is_source: bool,
}

const TWIN: &str = "SELECT source_ts AS ts, TRUE AS is_source, part FROM copies \
     WHERE team = $1 AND channel = $2 AND ts = $3 AND source_channel = $4 \
     UNION ALL SELECT ts, FALSE AS is_source, part FROM copies \
     WHERE source_team = $1 AND source_channel = $2 AND source_ts = $3 AND channel = $4 ORDER BY part DESC LIMIT 1";

/// The twin of a message in that channel: of a copy its source, of a source its last part.
///
/// # Errors
///
/// When the database fails.
pub async fn twin(db: &Db, place: Place<'_>, channel: &str) -> sqlx::Result<Option<Twin>> {
    Ok(with_pool!(db, |p| sqlx::query_as(TWIN)
        .bind(place.team)
        .bind(place.channel)
        .bind(place.ts)
        .bind(channel)
        .fetch_optional(p)
        .await?))
}

/// As [`twin`], within a transaction.
///
/// # Errors
///
/// When the database fails.
pub async fn twin_in(tx: &mut Tx, place: Place<'_>, channel: &str) -> sqlx::Result<Option<Twin>> {
    Ok(with_conn!(tx, |c| sqlx::query_as(TWIN)
        .bind(place.team)
        .bind(place.channel)
        .bind(place.ts)
        .bind(channel)
        .fetch_optional(c)
        .await?))
}

/// What is known of a message of a room.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OfRoom {
    /// Its `ts` in the room.
    pub ts: String,
    /// `ts` in the DM of what it shows; none for what the service says itself.
    pub source_ts: Option<String>,
    /// Whose words it shows.
    pub speaker: Option<String>,
    /// Whether they stand with files.
    pub is_caption: bool,
}

/// What the service posted in a room.
///
/// # Errors
///
/// When the database fails.
pub async fn of_room(db: &Db, team: &str, room: &str) -> sqlx::Result<Vec<OfRoom>> {
    let sql = "SELECT ts, source_ts, speaker, is_caption FROM copies WHERE team = $1 AND channel = $2";
    Ok(with_pool!(db, |p| sqlx::query_as(sql).bind(team).bind(room).fetch_all(p).await?))
}

/// Messages of a room that were passed on.
///
/// # Errors
///
/// When the database fails.
pub async fn out_of_room(db: &Db, team: &str, room: &str) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT DISTINCT source_ts FROM copies WHERE source_team = $1 AND source_channel = $2";
    let rows: Vec<(String,)> = with_pool!(db, |p| sqlx::query_as(sql).bind(team).bind(room).fetch_all(p).await?);
    Ok(rows.into_iter().map(|(ts,)| ts).collect())
}
