//! The directory of customers: everybody whose messages have come by.

use anyhow::Context;
use jiff::Timestamp;

use crate::takeover::conversation::{Key, Profile};

use super::contact::{Contact, Found};
use super::db::{Db, Tx, with_conn, with_pool};
use super::search;

/// Notes that a customer was met; true when nothing was ever learned of them.
///
/// # Errors
///
/// When the database fails.
pub async fn meet(tx: &mut Tx, contact: &Contact, now: Timestamp) -> sqlx::Result<bool> {
    let sql = "INSERT INTO customers (bot, team, user_id, channel, folded, profile, seen_at, has_written) \
               VALUES ($1, $2, $3, $4, $5, '{}', $6, FALSE) \
               ON CONFLICT (bot, team, user_id) DO UPDATE SET channel = COALESCE(excluded.channel, customers.channel), seen_at = excluded.seen_at \
               RETURNING learned_at";
    let (learned_at,): (Option<i64>,) = with_conn!(tx, |c| sqlx::query_as(sql)
        .bind(&contact.bot)
        .bind(&contact.team)
        .bind(&contact.user_id)
        .bind(&contact.channel)
        .bind(search::fold(&contact.user_id))
        .bind(now.as_millisecond())
        .fetch_one(c)
        .await?);
    Ok(learned_at.is_none())
}

/// Notes that a customer, who was met, has written to the bot; true for the first time.
///
/// # Errors
///
/// When the database fails.
pub async fn writes(tx: &mut Tx, contact: &Contact) -> sqlx::Result<bool> {
    let sql =
        "UPDATE customers SET has_written = TRUE WHERE bot = $1 AND team = $2 AND user_id = $3 AND NOT has_written";
    let rows = with_conn!(tx, |c| sqlx::query(sql)
        .bind(&contact.bot)
        .bind(&contact.team)
        .bind(&contact.user_id)
        .execute(c)
        .await?
        .rows_affected());
    Ok(rows > 0)
}

/// Notes what is known of a customer.
///
/// # Errors
///
/// When the database fails.
pub async fn learn(tx: &mut Tx, contact: &Contact, profile: &Profile, now: Timestamp) -> anyhow::Result<()> {
    meet(tx, contact, now).await?;
    let sql =
        "UPDATE customers SET folded = $4, profile = $5, learned_at = $6 WHERE bot = $1 AND team = $2 AND user_id = $3";
    let folded = search::fold_profile(&contact.user_id, profile);
    let json = serde_json::to_string(profile).context("cannot write a profile")?;
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(&contact.bot)
        .bind(&contact.team)
        .bind(&contact.user_id)
        .bind(folded)
        .bind(json)
        .bind(now.as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Customers of a workspace of whom nothing was ever learned.
///
/// # Errors
///
/// When the database fails.
pub async fn unlearned(tx: &mut Tx, bot: &str, team: &str) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT user_id FROM customers WHERE bot = $1 AND team = $2 AND learned_at IS NULL ORDER BY seen_at DESC LIMIT 1000";
    let rows: Vec<(String,)> = with_conn!(tx, |c| sqlx::query_as(sql).bind(bot).bind(team).fetch_all(c).await?);
    Ok(rows.into_iter().map(|(user_id,)| user_id).collect())
}

/// The customer of a DM.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn of_channel(db: &Db, key: &Key) -> anyhow::Result<Option<Found>> {
    let sql = "SELECT bot, team, user_id, channel, profile FROM customers WHERE bot = $1 AND team = $2 AND channel = $3 ORDER BY seen_at DESC LIMIT 1";
    let row: Option<Row> = with_pool!(db, |p| sqlx::query_as(sql)
        .bind(&key.bot)
        .bind(&key.team)
        .bind(&key.channel)
        .fetch_optional(p)
        .await?);
    row.map(Row::found).transpose()
}

/// A customer by id.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn get(db: &Db, bot: &str, team: &str, user_id: &str) -> anyhow::Result<Option<Found>> {
    let sql =
        "SELECT bot, team, user_id, channel, profile FROM customers WHERE bot = $1 AND team = $2 AND user_id = $3";
    let row: Option<Row> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(bot).bind(team).bind(user_id).fetch_optional(p).await?);
    row.map(Row::found).transpose()
}

/// Customers of any bot whom every word of the query fits, best first.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn find(db: &Db, query: &str) -> anyhow::Result<Vec<Found>> {
    let words = search::words(query);
    let pattern = |n: usize| words.get(n).map_or_else(|| "%".to_owned(), |word| search::like(word));
    let sql = "SELECT bot, team, user_id, channel, profile FROM customers \
               WHERE folded LIKE $1 ESCAPE '\\' AND folded LIKE $2 ESCAPE '\\' AND folded LIKE $3 ESCAPE '\\' ORDER BY seen_at DESC LIMIT 1000";
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(pattern(0)).bind(pattern(1)).bind(pattern(2)).fetch_all(p).await?);
    let found = rows.into_iter().map(Row::found).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(search::best(query, found))
}

#[derive(sqlx::FromRow)]
struct Row {
    bot: String,
    team: String,
    user_id: String,
    channel: Option<String>,
    profile: String,
}

impl Row {
    fn found(self) -> anyhow::Result<Found> {
        let profile = serde_json::from_str(&self.profile).context("cannot read a profile")?;
        Ok(Found {
            contact: Contact { bot: self.bot, team: self.team, user_id: self.user_id, channel: self.channel },
            profile,
        })
    }
}
