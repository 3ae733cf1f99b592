//! Tickets in the tracker: which one belongs to which conversation.

use jiff::Timestamp;

use crate::takeover::conversation::Key;

use super::db::{Db, Tx, with_conn, with_pool};

/// A ticket that the tracker has.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Ticket {
    /// Its conversation.
    pub conversation: String,
    /// Which one of that conversation.
    pub number: i64,
    /// The tracker's id.
    pub ticket: String,
    /// Where people see it; empty where the tracker does not say.
    pub url: String,
}

/// Notes a ticket; one that is noted already stays as it is.
///
/// # Errors
///
/// When the database fails.
pub async fn add(tx: &mut Tx, ticket: &Ticket, now: Timestamp) -> sqlx::Result<()> {
    let sql = "INSERT INTO tickets (conversation, number, ticket, url, opened_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (conversation, number) DO NOTHING";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(&ticket.conversation)
        .bind(ticket.number)
        .bind(&ticket.ticket)
        .bind(&ticket.url)
        .bind(now.as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// A ticket by its number.
///
/// # Errors
///
/// When the database fails.
pub async fn get(db: &Db, conversation: &str, number: i64) -> sqlx::Result<Option<Ticket>> {
    let sql = "SELECT conversation, number, ticket, url FROM tickets WHERE conversation = $1 AND number = $2";
    with_pool!(db, |p| sqlx::query_as(sql).bind(conversation).bind(number).fetch_optional(p).await)
}

/// A ticket by the tracker's id.
///
/// # Errors
///
/// When the database fails.
pub async fn by_ticket(db: &Db, ticket: &str) -> sqlx::Result<Option<Ticket>> {
    let sql = "SELECT conversation, number, ticket, url FROM tickets WHERE ticket = $1 ORDER BY opened_at DESC LIMIT 1";
    with_pool!(db, |p| sqlx::query_as(sql).bind(ticket).fetch_optional(p).await)
}

/// Tickets of a customer, in whichever conversation with the bot, newest first; a few of them.
///
/// # Errors
///
/// When the database fails.
pub async fn of_customer(db: &Db, key: &Key, user_id: &str) -> sqlx::Result<Vec<Ticket>> {
    let sql = "SELECT tickets.conversation, tickets.number, tickets.ticket, tickets.url FROM tickets \
               JOIN conversations ON conversations.id = tickets.conversation \
               WHERE conversations.bot = $1 AND conversations.team = $2 AND conversations.user_id = $3 \
               ORDER BY tickets.opened_at DESC, tickets.number DESC LIMIT 5";
    with_pool!(db, |p| sqlx::query_as(sql).bind(&key.bot).bind(&key.team).bind(user_id).fetch_all(p).await)
}
