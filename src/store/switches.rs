//! The global switch of each bot.

use crate::takeover::rules::Switch;

use super::db::{Db, Tx, with_conn, with_pool};

/// How a bot's switch stands.
///
/// # Errors
///
/// When the database fails.
pub async fn get(tx: &mut Tx, bot: &str) -> sqlx::Result<Switch> {
    let sql = "SELECT active, turns FROM switches WHERE bot = $1";
    let row: Option<(bool, i64)> = with_conn!(tx, |c| sqlx::query_as(sql).bind(bot).fetch_optional(c).await?);
    Ok(row.map_or_else(Switch::default, |(active, turns)| Switch { active, turns }))
}

/// Turns a bot's switch; returns how it stands then, and whether that is a change.
///
/// # Errors
///
/// When the database fails.
pub async fn turn(tx: &mut Tx, bot: &str, active: bool) -> sqlx::Result<(Switch, bool)> {
    let before = get(tx, bot).await?;
    let after = Switch { active, turns: before.turns + i64::from(before.active != active) };
    let sql = "INSERT INTO switches (bot, active, turns) VALUES ($1, $2, $3) \
               ON CONFLICT (bot) DO UPDATE SET active = excluded.active, turns = excluded.turns";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(bot)
        .bind(after.active)
        .bind(after.turns)
        .execute(c)
        .await?
        .rows_affected());
    Ok((after, before != after))
}

/// All switches that were ever turned.
///
/// # Errors
///
/// When the database fails.
pub async fn all(db: &Db) -> sqlx::Result<Vec<(String, Switch)>> {
    let rows: Vec<(String, bool, i64)> =
        with_pool!(db, |p| sqlx::query_as("SELECT bot, active, turns FROM switches").fetch_all(p).await?);
    Ok(rows.into_iter().map(|(bot, active, turns)| (bot, Switch { active, turns })).collect())
}
