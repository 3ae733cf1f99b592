//! Endpoints: which of them want no more events, and what came of the last ping.

use jiff::Timestamp;

use super::db::{Db, Tx, with_conn, with_pool};

/// What is known of an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Endpoint {
    /// When it answered 410 Gone, in milliseconds since 1970; it is told nothing since.
    pub disabled_at: Option<i64>,
    /// From when on it has not been told, in milliseconds since 1970.
    pub missed_since: Option<i64>,
    /// When it was last pinged, in milliseconds since 1970.
    pub pinged_at: Option<i64>,
    /// What came of that, in words.
    pub answer: Option<String>,
}

/// An endpoint by its id in the configuration.
///
/// # Errors
///
/// When the database fails.
pub async fn get(db: &Db, id: &str) -> sqlx::Result<Endpoint> {
    let sql = "SELECT disabled_at, missed_since, pinged_at, answer FROM endpoints WHERE id = $1";
    let found: Option<Endpoint> = with_pool!(db, |p| sqlx::query_as(sql).bind(id).fetch_optional(p).await?);
    Ok(found.unwrap_or_default())
}

/// It wants no more events: it is told nothing of what happened since `missed_since`.
///
/// # Errors
///
/// When the database fails.
pub async fn disable(tx: &mut Tx, id: &str, missed_since: Timestamp, now: Timestamp) -> sqlx::Result<()> {
    let sql = "INSERT INTO endpoints (id, disabled_at, missed_since) VALUES ($1, $2, $3) \
               ON CONFLICT (id) DO UPDATE SET disabled_at = excluded.disabled_at, missed_since = excluded.missed_since";
    let (at, since) = (now.as_millisecond(), missed_since.as_millisecond());
    with_conn!(tx, |c| sqlx::query(sql).bind(id).bind(at).bind(since).execute(c).await?.rows_affected());
    Ok(())
}

/// It is told again. Returns from when on it has not been, in milliseconds since 1970; nothing where it was not disabled.
///
/// # Errors
///
/// When the database fails.
pub async fn enable(tx: &mut Tx, id: &str) -> sqlx::Result<Option<i64>> {
    let sql = "SELECT missed_since FROM endpoints WHERE id = $1 AND disabled_at IS NOT NULL";
    let row: Option<(Option<i64>,)> = with_conn!(tx, |c| sqlx::query_as(sql).bind(id).fetch_optional(c).await?);
    let sql = "UPDATE endpoints SET disabled_at = NULL, missed_since = NULL WHERE id = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(id).execute(c).await?.rows_affected());
    Ok(row.and_then(|(since,)| since))
}

/// Notes what came of a ping.
///
/// # Errors
///
/// When the database fails.
pub async fn pinged(tx: &mut Tx, id: &str, answer: &str, now: Timestamp) -> sqlx::Result<()> {
    let sql = "INSERT INTO endpoints (id, pinged_at, answer) VALUES ($1, $2, $3) \
               ON CONFLICT (id) DO UPDATE SET pinged_at = excluded.pinged_at, answer = excluded.answer";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(id)
        .bind(now.as_millisecond())
        .bind(answer)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}
