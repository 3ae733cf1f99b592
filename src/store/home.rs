//! The app's Home: who looks at theirs, and what they see.

use jiff::Timestamp;
use tracing::warn;

use crate::ids::Ids;
use crate::takeover::effect::Effect;
use crate::takeover::home::{Listed, Part};

use super::db::{Db, Tx, with_conn, with_pool};
use super::outbox;

/// Notes that somebody looks at their Home.
///
/// # Errors
///
/// When the database fails.
pub async fn opened(tx: &mut Tx, user_id: &str, now: Timestamp) -> sqlx::Result<()> {
    let sql = "INSERT INTO agents (user_id, name, always_pause, hides_prompts, home_opened_at) VALUES ($1, '', FALSE, FALSE, $2) \
               ON CONFLICT (user_id) DO UPDATE SET home_opened_at = excluded.home_opened_at";
    let at = now.as_millisecond();
    with_conn!(tx, |c| sqlx::query(sql).bind(user_id).bind(at).execute(c).await?.rows_affected());
    Ok(())
}

/// Notes that an agent has no Home to look at.
///
/// # Errors
///
/// When the database fails.
pub async fn left(tx: &mut Tx, user_id: &str) -> sqlx::Result<()> {
    let sql = "UPDATE agents SET home_opened_at = NULL WHERE user_id = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(user_id).execute(c).await?.rows_affected());
    Ok(())
}

/// Those who have opened their Home since, in the order of their ids. The others are taken to have left it.
///
/// # Errors
///
/// When the database fails.
pub async fn opened_since(tx: &mut Tx, since: Timestamp) -> sqlx::Result<Vec<String>> {
    let since = since.as_millisecond();
    let sql = "UPDATE agents SET home_opened_at = NULL WHERE home_opened_at < $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(since).execute(c).await?.rows_affected());
    let sql = "SELECT user_id FROM agents WHERE home_opened_at >= $1 ORDER BY user_id";
    let rows: Vec<(String,)> = with_conn!(tx, |c| sqlx::query_as(sql).bind(since).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(user_id,)| user_id).collect())
}

/// Something has changed that stands on Homes: they are shown anew, if anybody looks at one.
///
/// # Errors
///
/// When the database fails.
pub async fn changed(tx: &mut Tx, ids: &Ids, now: Timestamp) -> anyhow::Result<()> {
    let sql = "SELECT COUNT(*) FROM agents WHERE home_opened_at IS NOT NULL";
    let (count,): (i64,) = with_conn!(tx, |c| sqlx::query_as(sql).fetch_one(c).await?);
    if count > 0 {
        outbox::append_once(tx, &Effect::RefreshHomes, ids, now).await?;
    }
    Ok(())
}

/// The customers on the Home of this agent, part by part, each customer once.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn read(db: &Db, agent: &str) -> anyhow::Result<Vec<Listed>> {
    let sql = "WITH alive AS (SELECT id, COALESCE(waits_since, 9223372036854775807) AS since, \
                   CASE WHEN is_late THEN 'late' WHEN waits_since IS NOT NULL THEN 'waiting' WHEN handler = $1 THEN 'mine' \
                   WHEN watched THEN 'room' ELSE 'paused' END AS part \
                   FROM conversations WHERE watched OR holder <> 'bot'), \
               placed AS (SELECT id, part, ROW_NUMBER() OVER (PARTITION BY part ORDER BY since, id) AS place, \
                   COUNT(*) OVER (PARTITION BY part) AS total FROM alive) \
               SELECT part, state, total FROM placed JOIN conversations ON conversations.id = placed.id \
               WHERE place <= $2 ORDER BY part, place";
    let most = Part::ALL.into_iter().map(Part::most).max().unwrap_or_default();
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows: Vec<(String, String, i64)> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(agent).bind(most).fetch_all(p).await?);
    let listed = |part: Part| {
        let rows: Vec<_> = rows.iter().filter(|(name, ..)| name == part.as_str()).collect();
        let count = rows.first().and_then(|(.., total)| usize::try_from(*total).ok()).unwrap_or_default();
        // One that cannot be read does not empty everybody's Home.
        let read = |(_, state, _): &&(String, String, i64)| {
            serde_json::from_str(state).inspect_err(|error| warn!(%error, "a conversation cannot be read")).ok()
        };
        let conversations = rows.iter().take(part.most()).filter_map(read).collect();
        Listed { part, conversations, count }
    };
    Ok(Part::ALL.into_iter().map(listed).collect())
}
