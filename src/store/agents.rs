//! Agents: how they are called, and what they have chosen.

use jiff::Timestamp;

use crate::takeover::conversation::Agent;

use super::db::{Db, Tx, with_conn, with_pool};

/// What is known of an agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Known {
    /// The name that people see; empty where it is not known.
    pub name: String,
    /// Every message of theirs is to pause the bot.
    pub always_pause: bool,
    /// They are not to be asked in person to pick a handoff.
    pub hides_prompts: bool,
    /// When Slack was asked last, in milliseconds.
    pub learned_at: Option<i64>,
}

/// What is known of an agent.
///
/// # Errors
///
/// When the database fails.
pub async fn get(db: &Db, user_id: &str) -> sqlx::Result<Known> {
    let sql = "SELECT name, always_pause, hides_prompts, learned_at FROM agents WHERE user_id = $1";
    let known: Option<Known> = with_pool!(db, |p| sqlx::query_as(sql).bind(user_id).fetch_optional(p).await?);
    Ok(known.unwrap_or_default())
}

/// Notes how an agent is called.
///
/// # Errors
///
/// When the database fails.
pub async fn learn(tx: &mut Tx, agent: &Agent, now: Timestamp) -> sqlx::Result<()> {
    let sql = "INSERT INTO agents (user_id, name, always_pause, hides_prompts, learned_at) VALUES ($1, $2, FALSE, FALSE, $3) \
               ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, learned_at = excluded.learned_at";
    let at = now.as_millisecond();
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(&agent.user_id)
        .bind(&agent.name)
        .bind(at)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Every message of this agent is to pause the bot from now on.
///
/// # Errors
///
/// When the database fails.
pub async fn always_pause(tx: &mut Tx, agent: &Agent) -> sqlx::Result<()> {
    let sql = "INSERT INTO agents (user_id, name, always_pause, hides_prompts) VALUES ($1, $2, TRUE, FALSE) \
               ON CONFLICT (user_id) DO UPDATE SET always_pause = TRUE";
    with_conn!(tx, |c| sqlx::query(sql).bind(&agent.user_id).bind(&agent.name).execute(c).await?.rows_affected());
    Ok(())
}

/// Whether this agent is asked in person to pick handoffs, from now on.
///
/// # Errors
///
/// When the database fails.
pub async fn hide_prompts(tx: &mut Tx, agent: &Agent, hide: bool) -> sqlx::Result<()> {
    let sql = "INSERT INTO agents (user_id, name, always_pause, hides_prompts) VALUES ($1, $2, FALSE, $3) \
               ON CONFLICT (user_id) DO UPDATE SET hides_prompts = excluded.hides_prompts";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(&agent.user_id)
        .bind(&agent.name)
        .bind(hide)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}
