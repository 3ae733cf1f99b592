//! What is kept no longer: deleted a few rows at a time, so that nobody waits for it.

use jiff::Timestamp;

use super::db::{Db, Tx, with_conn, with_pool};

/// Rows that one transaction deletes at most.
pub const BATCH: u64 = 500;

/// The same, as SQL takes it.
const LIMIT: i64 = 500;

/// What is deleted row by row, by its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Transcripts of rooms that were closed.
    Transcripts,
    /// Handoffs that are over.
    Handoffs,
    /// Customers who were not seen.
    Customers,
    /// Lines of the journal.
    Journal,
    /// Deliveries that were given up.
    Failed,
    /// Answers to requests with an `Idempotency-Key`.
    Idempotency,
    /// What was published.
    Events,
    /// Lanes with nothing in them.
    Lanes,
}

impl Kind {
    /// As metrics call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Transcripts => "transcripts",
            Self::Handoffs => "handoffs",
            Self::Customers => "customers",
            Self::Journal => "journal",
            Self::Failed => "failed",
            Self::Idempotency => "idempotency",
            Self::Events => "events",
            Self::Lanes => "lanes",
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Transcripts => {
                "DELETE FROM transcripts WHERE (conversation, room) IN \
                 (SELECT conversation, room FROM transcripts WHERE at < $1 ORDER BY at LIMIT $2)"
            }
            Self::Handoffs => {
                "DELETE FROM handoffs WHERE id IN (SELECT id FROM handoffs WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)"
            }
            Self::Customers => {
                "DELETE FROM customers WHERE (bot, team, user_id) IN \
                 (SELECT bot, team, user_id FROM customers WHERE seen_at < $1 ORDER BY seen_at LIMIT $2)"
            }
            Self::Journal => {
                "DELETE FROM journal WHERE id IN (SELECT id FROM journal WHERE at < $1 ORDER BY at LIMIT $2)"
            }
            Self::Failed => {
                "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state = 'failed' AND created_at < $1 \
                 ORDER BY created_at LIMIT $2)"
            }
            Self::Idempotency => {
                "DELETE FROM idempotency WHERE (bot, name) IN \
                 (SELECT bot, name FROM idempotency WHERE at < $1 ORDER BY at LIMIT $2)"
            }
            Self::Events => {
                "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < $1 ORDER BY at, id LIMIT $2)"
            }
            Self::Lanes => {
                "DELETE FROM lanes WHERE lane IN (SELECT lane FROM lanes WHERE waiting = 0 AND not_before < $1 \
                 AND paced_to < $1 AND leased_until < $1 LIMIT $2) AND waiting = 0"
            }
        }
    }
}

/// Deletes rows that are older than `before`, [`BATCH`] at most; how many there were.
///
/// # Errors
///
/// When the database fails.
pub async fn delete(db: &Db, kind: Kind, before: Timestamp) -> sqlx::Result<u64> {
    let mut tx = db.begin().await?;
    let before = before.as_millisecond();
    let rows =
        with_conn!(&mut tx, |c| sqlx::query(kind.sql()).bind(before).bind(LIMIT).execute(c).await?.rows_affected());
    tx.commit().await?;
    Ok(rows)
}

/// Conversations that nobody has had to do with since `before`, and of which more is kept than ids.
///
/// # Errors
///
/// When the database fails.
pub async fn forgettable(db: &Db, before: Timestamp) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT id FROM conversations WHERE NOT is_bare AND changed_at < $1 AND NOT watched AND holder = 'bot' \
               AND room IS NULL ORDER BY changed_at LIMIT 100";
    let rows: Vec<(String,)> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(before.as_millisecond()).fetch_all(p).await?);
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether this conversation may be forgotten still: within the transaction that does it.
///
/// # Errors
///
/// When the database fails.
pub async fn is_forgettable(tx: &mut Tx, id: &str, before: Timestamp) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM conversations WHERE id = $1 AND NOT is_bare AND changed_at < $2 AND NOT watched \
               AND holder = 'bot' AND room IS NULL";
    let (count,): (i64,) =
        with_conn!(tx, |c| sqlx::query_as(sql).bind(id).bind(before.as_millisecond()).fetch_one(c).await?);
    Ok(count == 1)
}

/// Deletes some of what is known of the messages of a conversation; how many rows there were.
///
/// # Errors
///
/// When the database fails.
pub async fn delete_traces(db: &Db, conversation: &str) -> sqlx::Result<u64> {
    let mut tx = db.begin().await?;
    let mut all = 0;
    for sql in [
        "DELETE FROM seen WHERE identity IN (SELECT identity FROM seen WHERE conversation = $1 LIMIT $2)",
        "DELETE FROM copies WHERE (team, channel, ts) IN \
         (SELECT team, channel, ts FROM copies WHERE conversation = $1 LIMIT $2)",
    ] {
        let rows =
            with_conn!(&mut tx, |c| sqlx::query(sql).bind(conversation).bind(LIMIT).execute(c).await?.rows_affected());
        all += rows;
    }
    tx.commit().await?;
    Ok(all)
}

/// On SQLite, brings what was deleted out of the write-ahead log into the file, where it is overwritten
/// (<https://sqlite.org/pragma.html#pragma_secure_delete>).
///
/// # Errors
///
/// When the database fails.
pub async fn wipe(db: &Db) -> sqlx::Result<()> {
    if let Db::Sqlite(pool, writer) = db {
        let _turn = writer.lock().await;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await?;
    }
    Ok(())
}
