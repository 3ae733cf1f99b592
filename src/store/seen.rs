//! What has been taken in already: the unique index that makes "twice" impossible.

use jiff::Timestamp;

use super::db::{Tx, with_conn};

/// Notes that this is taken in now; false when it was before.
///
/// # Errors
///
/// When the database fails.
pub async fn first(tx: &mut Tx, identity: &str, opening: i64, now: Timestamp) -> sqlx::Result<bool> {
    let sql = "INSERT INTO seen (identity, opening, at) VALUES ($1, $2, $3) ON CONFLICT (identity) DO NOTHING";
    let at = now.as_millisecond();
    let rows =
        with_conn!(tx, |c| sqlx::query(sql).bind(identity).bind(opening).bind(at).execute(c).await?.rows_affected());
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
pub async fn first_in(tx: &mut Tx, identity: &str, opening: i64, since: i64, now: Timestamp) -> sqlx::Result<bool> {
    let sql = "INSERT INTO seen (identity, opening, at) VALUES ($1, $2, $3) \
               ON CONFLICT (identity) DO UPDATE SET opening = excluded.opening, at = excluded.at WHERE seen.opening < $4";
    let at = now.as_millisecond();
    let rows = with_conn!(tx, |c| sqlx::query(sql)
        .bind(identity)
        .bind(opening)
        .bind(at)
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
