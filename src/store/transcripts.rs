//! What was said in rooms that are closed: sealed, so that a copy of the database does not tell it.

use anyhow::Context;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::render::transcript::Chapter;

use super::db::{Db, Tx, with_conn, with_pool};
use super::seal::{self, Sealer};

/// Keeps the chapter of a room, in place of an earlier one.
///
/// # Errors
///
/// When the database fails or there is no randomness.
pub async fn keep(
    tx: &mut Tx,
    conversation: &str,
    chapter: &Chapter,
    sealer: &Sealer,
    now: Timestamp,
) -> anyhow::Result<()> {
    let json = SecretString::from(serde_json::to_string(chapter).context("cannot write a transcript")?);
    let closed = sealer.seal(&json, &context(conversation, &chapter.room), seal::nonce()?);
    let sql = "INSERT INTO transcripts (conversation, room, sealed, at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (conversation, room) DO UPDATE SET sealed = excluded.sealed, at = excluded.at";
    with_conn!(tx, |c| sqlx::query(sql)
        .bind(conversation)
        .bind(&chapter.room)
        .bind(&closed)
        .bind(now.as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// The chapters that are kept of a conversation, in the order in which their rooms were closed.
///
/// # Errors
///
/// When the database fails, or one of them was sealed with a key that is gone.
pub async fn kept(db: &Db, conversation: &str, sealer: &Sealer) -> anyhow::Result<Vec<Chapter>> {
    let sql = "SELECT room, sealed FROM transcripts WHERE conversation = $1 ORDER BY at, room";
    let rows: Vec<(String, String)> = with_pool!(db, |p| sqlx::query_as(sql).bind(conversation).fetch_all(p).await)
        .context("cannot read transcripts")?;
    let open = |(room, closed): (String, String)| {
        let json = sealer.open(&closed, &context(conversation, &room)).context("cannot open a transcript")?;
        serde_json::from_str(json.expose_secret()).context("cannot read a transcript")
    };
    rows.into_iter().map(open).collect()
}

/// Seals every transcript anew that an earlier key has sealed: how many, and the conversations of those that no configured
/// key opens. Each row by itself, and only as it was read.
///
/// # Errors
///
/// When the database fails; the transcripts before are sealed anew then, and those after it as they were.
pub async fn reseal(db: &Db, sealer: &Sealer) -> anyhow::Result<(usize, Vec<String>)> {
    let (mut anew, mut unopened) = (0, Vec::new());
    let sql = "SELECT conversation, room, sealed FROM transcripts ORDER BY conversation, room";
    let rows: Vec<(String, String, String)> =
        with_pool!(db, |p| sqlx::query_as(sql).fetch_all(p).await).context("cannot read transcripts")?;
    for (conversation, room, sealed) in rows.into_iter().filter(|(_, _, sealed)| !sealer.is_current(sealed)) {
        let context = context(&conversation, &room);
        let Ok(json) = sealer.open(&sealed, &context) else {
            unopened.push(conversation);
            continue;
        };
        let closed = sealer.seal(&json, &context, seal::nonce()?);
        let sql = "UPDATE transcripts SET sealed = $1 WHERE conversation = $2 AND room = $3 AND sealed = $4";
        let mut tx = db.begin().await?;
        with_conn!(&mut tx, |c| sqlx::query(sql)
            .bind(&closed)
            .bind(&conversation)
            .bind(&room)
            .bind(&sealed)
            .execute(c)
            .await?
            .rows_affected());
        tx.commit().await?;
        anew += 1;
    }
    Ok((anew, unopened))
}

/// Binds a sealed transcript to its place, so that it opens nowhere else.
fn context(conversation: &str, room: &str) -> String {
    format!("transcript/{conversation}/{room}")
}
