//! Answers to requests with an `Idempotency-Key`, so that a repeated request gets the first one's answer.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::after;

use super::db::{Tx, with_conn};

/// After so long without an answer, the process that was to give it counts as gone.
const ABANDONED: Duration = Duration::from_mins(1);

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is the first: answer it.
    First,
    /// It has been answered with this status and body.
    Answered(u16, String),
    /// The first one is still being answered.
    InProgress,
    /// The key belongs to a different request.
    Reused,
}

/// Claims a key for a request.
///
/// # Errors
///
/// When the database fails.
pub async fn claim(tx: &mut Tx, bot: &str, name: &str, fingerprint: &str, now: Timestamp) -> sqlx::Result<Claim> {
    let insert = "INSERT INTO idempotency (bot, name, fingerprint, status, body, at) VALUES ($1, $2, $3, NULL, '', $4) \
                  ON CONFLICT (bot, name) DO NOTHING";
    let at = now.as_millisecond();
    let rows = with_conn!(tx, |c| sqlx::query(insert)
        .bind(bot)
        .bind(name)
        .bind(fingerprint)
        .bind(at)
        .execute(c)
        .await?
        .rows_affected());
    if rows == 1 {
        return Ok(Claim::First);
    }
    let select = "SELECT fingerprint, status, body, at FROM idempotency WHERE bot = $1 AND name = $2";
    let (known, status, body, since): (String, Option<i32>, String, i64) =
        with_conn!(tx, |c| sqlx::query_as(select).bind(bot).bind(name).fetch_one(c).await?);
    if known != fingerprint {
        return Ok(Claim::Reused);
    }
    match status {
        Some(status) => Ok(Claim::Answered(u16::try_from(status).unwrap_or(500), body)),
        None if after(crate::clock::from_millis(since), ABANDONED) <= now => {
            let renew = "UPDATE idempotency SET at = $3 WHERE bot = $1 AND name = $2";
            with_conn!(tx, |c| sqlx::query(renew).bind(bot).bind(name).bind(at).execute(c).await?.rows_affected());
            Ok(Claim::First)
        }
        None => Ok(Claim::InProgress),
    }
}

/// Notes the answer.
///
/// # Errors
///
/// When the database fails.
pub async fn answered(tx: &mut Tx, bot: &str, name: &str, status: u16, body: &str) -> sqlx::Result<()> {
    let sql = "UPDATE idempotency SET status = $3, body = $4 WHERE bot = $1 AND name = $2";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(bot)
        .bind(name)
        .bind(i32::from(status))
        .bind(body)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Forgets a request that could not be answered, so that it may be tried again.
///
/// # Errors
///
/// When the database fails.
pub async fn forget(tx: &mut Tx, bot: &str, name: &str) -> sqlx::Result<()> {
    let sql = "DELETE FROM idempotency WHERE bot = $1 AND name = $2";
    with_conn!(tx, |c| sqlx::query(sql).bind(bot).bind(name).execute(c).await?.rows_affected());
    Ok(())
}
