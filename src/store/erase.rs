//! Forgetting: all that is kept of a conversation or a customer, but ids and that they were there.

use crate::takeover::conversation::Conversation;

use super::contact::Contact;
use super::db::{Db, Tx, with_conn, with_pool};

/// What is known of the messages of a conversation.
const TRACES: [&str; 7] = [
    "DELETE FROM seen WHERE conversation = $1",
    "DELETE FROM copies WHERE conversation = $1",
    "DELETE FROM uploads WHERE conversation = $1",
    "DELETE FROM revisions WHERE conversation = $1",
    "DELETE FROM reactions WHERE conversation = $1",
    "DELETE FROM timers WHERE conversation = $1",
    "DELETE FROM cards WHERE conversation = $1",
];

/// What was said and is kept, and what may name somebody. Words that wait keep their place, since their lanes have counted
/// them. What the bot, endpoints and the customer are told of control says nothing of the customer but ids, and they must hear it.
const WORDS: [&str; 7] = [
    "DELETE FROM transcripts WHERE conversation = $1",
    "DELETE FROM handoffs WHERE conversation = $1",
    "DELETE FROM tickets WHERE conversation = $1",
    "DELETE FROM events WHERE conversation = $1 AND kind NOT IN ('conversation.paused', 'conversation.unpaused', \
     'conversation.closed', 'conversation.erased')",
    "UPDATE journal SET detail = '{}' WHERE conversation = $1 AND kind <> 'customer.erased'",
    "DELETE FROM outbox WHERE conversation = $1 AND state = 'failed'",
    "UPDATE outbox SET effect = '\"Nothing\"', problem = NULL \
     WHERE conversation = $1 AND effect NOT LIKE '{\"Callback\":{\"kind\":\"conversation.%' \
     AND effect NOT LIKE '{\"Say\":{\"words\":{\"Service\"%'",
];

/// Forgets what is kept beside the conversation's row. The journal keeps who did what and when, without details: reasons
/// and names of rooms may name somebody.
///
/// # Errors
///
/// When the database fails.
pub async fn conversation(tx: &mut Tx, id: &str) -> sqlx::Result<()> {
    run(tx, &WORDS, id).await?;
    traces(tx, id).await
}

/// Forgets what is known of the messages of a conversation.
///
/// # Errors
///
/// When the database fails.
pub async fn traces(tx: &mut Tx, id: &str) -> sqlx::Result<()> {
    run(tx, &TRACES, id).await
}

async fn run(tx: &mut Tx, statements: &[&'static str], id: &str) -> sqlx::Result<()> {
    for &sql in statements {
        with_conn!(tx, |c| sqlx::query(sql).bind(id).execute(c).await?.rows_affected());
    }
    Ok(())
}

/// Notes that the conversation's row is bare.
///
/// # Errors
///
/// When the database fails.
pub async fn is_bare(tx: &mut Tx, id: &str) -> sqlx::Result<()> {
    let sql = "UPDATE conversations SET is_bare = TRUE WHERE id = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(id).execute(c).await?.rows_affected());
    Ok(())
}

/// Forgets a customer of the directory, look-ups of them that wait, and answers to requests that named them.
///
/// # Errors
///
/// When the database fails.
pub async fn customer(tx: &mut Tx, contact: &Contact) -> sqlx::Result<()> {
    let Contact { bot, team, user_id, .. } = contact;
    let sql = "DELETE FROM customers WHERE bot = $1 AND team = $2 AND user_id = $3";
    with_conn!(tx, |c| sqlx::query(sql).bind(bot).bind(team).bind(user_id).execute(c).await?.rows_affected());
    let named = format!("%\"user_id\":\"{user_id}\"%");
    let sql = "DELETE FROM idempotency WHERE bot = $1 AND body LIKE $2";
    with_conn!(tx, |c| sqlx::query(sql).bind(bot).bind(&named).execute(c).await?.rows_affected());
    let sql = "UPDATE outbox SET effect = '\"Nothing\"', problem = NULL WHERE lane IN ($1, $2) AND effect LIKE $3";
    let [contacts, new] = [format!("contacts:{bot}:{team}"), format!("new:{bot}:{team}")];
    with_conn!(tx, |c| sqlx::query(sql).bind(contacts).bind(new).bind(&named).execute(c).await?.rows_affected());
    Ok(())
}

/// The conversations of a customer.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn conversations_of(db: &Db, contact: &Contact) -> anyhow::Result<Vec<Conversation>> {
    let sql = "SELECT state FROM conversations WHERE bot = $1 AND team = $2 AND user_id = $3 ORDER BY id";
    let states: Vec<(String,)> = with_pool!(db, |p| sqlx::query_as(sql)
        .bind(&contact.bot)
        .bind(&contact.team)
        .bind(&contact.user_id)
        .fetch_all(p)
        .await?);
    states.iter().map(|(state,)| Ok(serde_json::from_str(state)?)).collect()
}
