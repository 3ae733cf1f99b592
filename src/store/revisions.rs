//! The newest change of each message that was changed: what is older than it counts no more, however late it comes.

use crate::render::ts::Ts;
use crate::takeover::conversation::Side;

use super::db::{Db, Tx, with_conn, with_pool};

/// A message of a conversation, on the side where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written<'a> {
    /// The conversation.
    pub conversation: &'a str,
    /// Where it was written.
    pub side: Side,
    /// Slack's `ts`.
    pub ts: &'a str,
}

/// What is known of the changes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// When it was changed last, as Slack stamps it.
    pub stamp: String,
    /// Whether it is deleted.
    pub gone: bool,
}

/// What a change turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// The first that is known of its message.
    First,
    /// Newer than what was known.
    Newer,
    /// A newer one is known, or the message is gone: nothing was noted.
    Outdated,
}

impl Noted {
    /// Whether it counts.
    #[must_use]
    pub fn counts(self) -> bool {
        self != Self::Outdated
    }
}

/// Notes a change, if it counts.
///
/// # Errors
///
/// When the database fails.
pub async fn note(tx: &mut Tx, written: Written<'_>, stamp: &str, gone: bool) -> sqlx::Result<Noted> {
    let known = get_in(tx, written).await?;
    let is_old = |known: &Revision| known.gone || (!gone && Ts::parse(stamp) < Ts::parse(&known.stamp));
    if known.as_ref().is_some_and(is_old) {
        return Ok(Noted::Outdated);
    }
    let sql = "INSERT INTO revisions (conversation, side, ts, stamp, gone) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (conversation, side, ts) DO UPDATE SET stamp = excluded.stamp, gone = excluded.gone";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(written.conversation)
        .bind(written.side.as_str())
        .bind(written.ts)
        .bind(stamp)
        .bind(gone)
        .execute(c)
        .await?
        .rows_affected());
    Ok(if known.is_none() { Noted::First } else { Noted::Newer })
}

const GET: &str = "SELECT stamp, gone FROM revisions WHERE conversation = $1 AND side = $2 AND ts = $3";

/// The newest change of a message, if it was ever changed.
///
/// # Errors
///
/// When the database fails.
pub async fn get_in(tx: &mut Tx, written: Written<'_>) -> sqlx::Result<Option<Revision>> {
    let row: Option<(String, bool)> = with_conn!(tx, |c| sqlx::query_as(GET)
        .bind(written.conversation)
        .bind(written.side.as_str())
        .bind(written.ts)
        .fetch_optional(c)
        .await?);
    Ok(row.map(|(stamp, gone)| Revision { stamp, gone }))
}

/// As [`get_in`], outside of a transaction.
///
/// # Errors
///
/// When the database fails.
pub async fn get(db: &Db, written: Written<'_>) -> sqlx::Result<Option<Revision>> {
    let row: Option<(String, bool)> = with_pool!(db, |p| sqlx::query_as(GET)
        .bind(written.conversation)
        .bind(written.side.as_str())
        .bind(written.ts)
        .fetch_optional(p)
        .await?);
    Ok(row.map(|(stamp, gone)| Revision { stamp, gone }))
}
