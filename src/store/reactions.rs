//! Who has reacted to a message. One reaction of ours stands for those of many people, so it stays while one of them has it.

use crate::render::ts::Ts;
use crate::takeover::event::Reaction;

use super::db::{Tx, with_conn};
use super::revisions::Written;

/// Notes that somebody reacted, or took it back; true when the message has this reaction now and had not before, or the
/// other way round. What is older than what is known of this person and reaction changes nothing.
///
/// # Errors
///
/// When the database fails.
pub async fn note(tx: &mut Tx, written: Written<'_>, reaction: &Reaction) -> sqlx::Result<bool> {
    let before = given(tx, written, &reaction.name).await?;
    let known = before.iter().find(|given| given.user_id == reaction.by);
    if known.is_some_and(|known| Ts::parse(&reaction.stamp) < Ts::parse(&known.stamp)) {
        return Ok(false);
    }
    let sql = "INSERT INTO reactions (conversation, side, ts, name, user_id, stamp, present) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (conversation, side, ts, name, user_id) \
               DO UPDATE SET stamp = excluded.stamp, present = excluded.present";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(written.conversation)
        .bind(written.side.as_str())
        .bind(written.ts)
        .bind(&reaction.name)
        .bind(&reaction.by)
        .bind(&reaction.stamp)
        .bind(reaction.added)
        .execute(c)
        .await?
        .rows_affected());
    let had = before.iter().any(|given| given.present);
    let others = before.iter().any(|given| given.present && given.user_id != reaction.by);
    Ok(had != (others || reaction.added))
}

/// The reactions that a message has, each once.
///
/// # Errors
///
/// When the database fails.
pub async fn on(tx: &mut Tx, written: Written<'_>) -> sqlx::Result<Vec<Reaction>> {
    let sql = "SELECT name, MIN(user_id) AS user_id, MAX(stamp) AS stamp FROM reactions \
               WHERE conversation = $1 AND side = $2 AND ts = $3 AND present GROUP BY name ORDER BY name";
    let rows: Vec<(String, String, String)> = with_conn!(tx, |c| sqlx::query_as(sql)
        .bind(written.conversation)
        .bind(written.side.as_str())
        .bind(written.ts)
        .fetch_all(c)
        .await?);
    Ok(rows.into_iter().map(|(name, by, stamp)| Reaction { by, name, added: true, stamp }).collect())
}

/// Whether anybody gave this reaction to a message, even if they took it back.
///
/// # Errors
///
/// When the database fails.
pub async fn was_given(tx: &mut Tx, written: Written<'_>, name: &str) -> sqlx::Result<bool> {
    Ok(!given(tx, written, name).await?.is_empty())
}

#[derive(sqlx::FromRow)]
struct Given {
    user_id: String,
    stamp: String,
    present: bool,
}

async fn given(tx: &mut Tx, written: Written<'_>, name: &str) -> sqlx::Result<Vec<Given>> {
    let sql = "SELECT user_id, stamp, present FROM reactions \
               WHERE conversation = $1 AND side = $2 AND ts = $3 AND name = $4";
    Ok(with_conn!(tx, |c| sqlx::query_as(sql)
        .bind(written.conversation)
        .bind(written.side.as_str())
        .bind(written.ts)
        .bind(name)
        .fetch_all(c)
        .await?))
}
