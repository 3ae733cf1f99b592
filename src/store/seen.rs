//! What has been taken in already: the unique index that makes "twice" impossible.

use jiff::Timestamp;

use super::db::{Tx, with_conn};

/// Where something is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The conversation.
    pub conversation: &'a str,
    /// How many times it had been opened by then.
    pub opening: i64,
}

/// Notes that this is taken in now; false when it was before.
///
/// # Errors
///
/// When the database fails.
pub async fn first(tx: &mut Tx, of: Shown<'_>, identity: &str, now: Timestamp) -> sqlx::Result<bool> {
    let sql = "INSERT INTO seen (identity, conversation, opening, at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (identity) DO NOTHING";
    let rows = with_conn!(tx, |c| sqlx::query(sql)
        .bind(identity)
        .bind(of.conversation)
        .bind(of.opening)
        .bind(now.as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(rows == 1)
}

/// Notes that this is shown in the room of this opening, which was made in the opening `since`; false when it is there
/// already.
///
/// Unlike [`first`], what an earlier room has shown may be shown again.
///
/// # Errors
///
/// When the database fails.
pub async fn first_in(tx: &mut Tx, of: Shown<'_>, identity: &str, since: i64, now: Timestamp) -> sqlx::Result<bool> {
    let sql = "INSERT INTO seen (identity, conversation, opening, at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (identity) DO UPDATE SET opening = excluded.opening, at = excluded.at WHERE seen.opening < $5";
    let rows = with_conn!(tx, |c| sqlx::query(sql)
        .bind(identity)
        .bind(of.conversation)
        .bind(of.opening)
        .bind(now.as_millisecond())
        .bind(since)
        .execute(c)
        .await?
        .rows_affected());
    Ok(rows == 1)
}

/// Whether this was taken in.
///
/// # Errors
///
/// When the database fails.
pub async fn contains(tx: &mut Tx, identity: &str) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM seen WHERE identity = $1";
    let (count,): (i64,) = with_conn!(tx, |c| sqlx::query_as(sql).bind(identity).fetch_one(c).await?);
    Ok(count > 0)
}
