//! Conversations, whole.

use anyhow::Context;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::takeover::conversation::{Conversation, Key};
use crate::takeover::home::is_late;

use super::cards::Card;
use super::db::{Db, Tx, with_conn, with_pool};

/// How a conversation is found.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// By its own id.
    Id(&'a str),
    /// By the DM.
    Key(&'a Key),
    /// By the channel of its room.
    Room(&'a str),
}

/// A conversation that nobody else can change until the end of the transaction.
#[derive(Debug)]
pub struct Locked {
    /// As it stands.
    pub conversation: Conversation,
    /// How often it has been locked: tells a newer state from an older one.
    pub version: i64,
}

/// Reads a conversation and keeps others from changing it until the end of the transaction.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn lock(tx: &mut Tx, by: By<'_>) -> anyhow::Result<Option<Locked>> {
    let found: Option<(String, i64)> = match by {
        By::Id(id) => {
            let sql = "UPDATE conversations SET version = version + 1 WHERE id = $1 RETURNING state, version";
            with_conn!(tx, |c| sqlx::query_as(sql).bind(id).fetch_optional(c).await?)
        }
        By::Key(key) => {
            let sql = "UPDATE conversations SET version = version + 1 WHERE bot = $1 AND team = $2 AND channel = $3 RETURNING state, version";
            with_conn!(tx, |c| sqlx::query_as(sql)
                .bind(&key.bot)
                .bind(&key.team)
                .bind(&key.channel)
                .fetch_optional(c)
                .await?)
        }
        By::Room(room) => {
            let sql = "UPDATE conversations SET version = version + 1 WHERE room = $1 RETURNING state, version";
            with_conn!(tx, |c| sqlx::query_as(sql).bind(room).fetch_optional(c).await?)
        }
    };
    found.map(|(state, version)| Ok(Locked { conversation: read(&state)?, version })).transpose()
}

/// Begins a conversation, unless somebody else just did.
///
/// # Errors
///
/// When the database fails.
pub async fn begin(tx: &mut Tx, conversation: &Conversation, now: Timestamp) -> anyhow::Result<()> {
    let sql = "INSERT INTO conversations (id, bot, team, channel, user_id, room, watched, heard, holder, paused, epoch, state, version, \
               changed_at, is_bare, is_late) VALUES ($1, $2, $3, $4, $5, NULL, FALSE, FALSE, 'bot', FALSE, 0, $6, 0, $7, FALSE, FALSE) ON CONFLICT (bot, team, channel) DO NOTHING";
    let state = serde_json::to_string(conversation).context("cannot write a conversation")?;
    let key = &conversation.key;
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(&conversation.id)
        .bind(&key.bot)
        .bind(&key.team)
        .bind(&key.channel)
        .bind(&conversation.customer.user_id)
        .bind(state)
        .bind(now.as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Writes a conversation back.
///
/// # Errors
///
/// When the database fails.
pub async fn save(tx: &mut Tx, conversation: &Conversation, now: Timestamp) -> anyhow::Result<()> {
    let sql = "UPDATE conversations SET room = $2, watched = $3, heard = $4, holder = $5, paused = $6, epoch = $7, state = $8, \
               changed_at = $9, is_bare = FALSE, outstanding_since = $10, handler = $11, waits_since = $12, is_late = $13 WHERE id = $1";
    let state = serde_json::to_string(conversation).context("cannot write a conversation")?;
    let waiting = conversation.open_handoff().filter(|handoff| handoff.state.is_waiting());
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(&conversation.id)
        .bind(conversation.room_channel().map(|room| room.id.as_str()))
        .bind(conversation.is_watched())
        .bind(conversation.is_heard())
        .bind(conversation.control.holder.as_str())
        .bind(conversation.control.is_paused())
        .bind(conversation.control.epoch)
        .bind(state)
        .bind(now.as_millisecond())
        .bind(conversation.outstanding_since().map(Timestamp::as_millisecond))
        .bind(conversation.handler.as_ref().map(|agent| agent.user_id.as_str()))
        .bind(waiting.map(|handoff| handoff.queued_at.as_millisecond()))
        .bind(conversation.open_handoff().is_some_and(is_late))
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Reads a conversation without keeping others from it.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn get(db: &Db, by: By<'_>) -> anyhow::Result<Option<Conversation>> {
    let state: Option<(String,)> = match by {
        By::Id(id) => {
            let sql = "SELECT state FROM conversations WHERE id = $1";
            with_pool!(db, |p| sqlx::query_as(sql).bind(id).fetch_optional(p).await?)
        }
        By::Key(key) => {
            let sql = "SELECT state FROM conversations WHERE bot = $1 AND team = $2 AND channel = $3";
            with_pool!(db, |p| sqlx::query_as(sql)
                .bind(&key.bot)
                .bind(&key.team)
                .bind(&key.channel)
                .fetch_optional(p)
                .await?)
        }
        By::Room(room) => {
            let sql = "SELECT state FROM conversations WHERE room = $1";
            with_pool!(db, |p| sqlx::query_as(sql).bind(room).fetch_optional(p).await?)
        }
    };
    state.map(|(state,)| read(&state)).transpose()
}

/// Conversations that have a room or are not with the bot, oldest first; of one bot, or of all.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn alive(db: &Db, bot: Option<&str>) -> anyhow::Result<Vec<Conversation>> {
    let sql =
        "SELECT state FROM conversations WHERE (watched OR holder <> 'bot') AND ($1 = '' OR bot = $1) ORDER BY id";
    let states: Vec<(String,)> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(bot.unwrap_or_default()).fetch_all(p).await?);
    states.iter().map(|(state,)| read(state)).collect()
}

/// Conversations that agents should look at and nobody has, those that have waited longest first, each with the card of
/// that name, if it stands.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn outstanding(db: &Db, cards: &str) -> anyhow::Result<Vec<(Conversation, Option<Card>)>> {
    let sql = "SELECT conversations.state, cards.channel, cards.ts FROM conversations \
               LEFT JOIN cards ON cards.name = $1 || conversations.id \
               WHERE outstanding_since IS NOT NULL ORDER BY outstanding_since, conversations.id";
    let rows: Vec<(String, Option<String>, Option<String>)> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(cards).fetch_all(p).await?);
    let read = |(state, channel, ts): (String, Option<String>, Option<String>)| {
        Ok((read(&state)?, channel.zip(ts).map(|(channel, ts)| Card { channel, ts })))
    };
    rows.into_iter().map(read).collect()
}

/// Ids of conversations that are watched or paused, in order, after this id; a page of them.
///
/// # Errors
///
/// When the database fails.
pub async fn attended(db: &Db, after: &str, limit: i64) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT id FROM conversations WHERE (watched OR holder <> 'bot') AND id > $1 ORDER BY id LIMIT $2";
    let ids: Vec<(String,)> = with_pool!(db, |p| sqlx::query_as(sql).bind(after).bind(limit).fetch_all(p).await?);
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// A conversation as far as the watch table needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Glance {
    /// The bot.
    pub bot: String,
    /// The customer's workspace.
    pub team: String,
    /// The DM.
    pub channel: String,
    /// Whether what is said in it matters.
    pub heard: bool,
    /// Who answers.
    pub holder: String,
    /// Whether the bot must be silent.
    pub paused: bool,
    /// Since how many changes.
    pub epoch: i64,
    /// Tells a newer glance from an older one.
    pub version: i64,
}

impl Glance {
    /// A glance at a conversation of this version.
    #[must_use]
    pub fn at(conversation: &Conversation, version: i64) -> Self {
        Self {
            bot: conversation.key.bot.clone(),
            team: conversation.key.team.clone(),
            channel: conversation.key.channel.clone(),
            heard: conversation.is_heard(),
            holder: conversation.control.holder.as_str().to_owned(),
            paused: conversation.control.is_paused(),
            epoch: conversation.control.epoch,
            version,
        }
    }
}

/// All conversations whose control or room was ever touched.
///
/// # Errors
///
/// When the database fails.
pub async fn glances(db: &Db) -> sqlx::Result<Vec<Glance>> {
    let sql = "SELECT bot, team, channel, heard, holder, paused, epoch, version FROM conversations";
    with_pool!(db, |p| sqlx::query_as(sql).fetch_all(p).await)
}

/// A glance at one conversation, if it was ever touched.
///
/// # Errors
///
/// When the database fails.
pub async fn glance(db: &Db, key: &Key) -> sqlx::Result<Option<Glance>> {
    let sql = "SELECT bot, team, channel, heard, holder, paused, epoch, version FROM conversations \
               WHERE bot = $1 AND team = $2 AND channel = $3";
    with_pool!(db, |p| sqlx::query_as(sql).bind(&key.bot).bind(&key.team).bind(&key.channel).fetch_optional(p).await)
}

fn read(state: &str) -> anyhow::Result<Conversation> {
    serde_json::from_str(state).context("cannot read a conversation")
}
