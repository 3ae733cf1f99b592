//! Where the service's cards stand that are kept up to date.

use super::db::{Db, Tx, with_conn, with_pool};

/// A card in Slack.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Card {
    /// The channel.
    pub channel: String,
    /// Its `ts` there.
    pub ts: String,
}

/// Where the card of that name stands; none while it was not posted.
///
/// # Errors
///
/// When the database fails.
pub async fn get(db: &Db, name: &str) -> sqlx::Result<Option<Card>> {
    let sql = "SELECT channel, ts FROM cards WHERE name = $1";
    with_pool!(db, |p| sqlx::query_as(sql).bind(name).fetch_optional(p).await)
}

/// Notes where a card stands now.
///
/// # Errors
///
/// When the database fails.
pub async fn put(tx: &mut Tx, name: &str, card: &Card, conversation: &str) -> sqlx::Result<()> {
    let sql = "INSERT INTO cards (name, channel, ts, conversation) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (name) DO UPDATE SET channel = excluded.channel, ts = excluded.ts";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(name)
        .bind(&card.channel)
        .bind(&card.ts)
        .bind(conversation)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}
