//! What is still to be delivered: one entry an effect, in lanes.
//!
//! An entry is written in the transaction that decided on it, and goes in the transaction that records what came of it.

use anyhow::Context;
use jiff::Timestamp;

use crate::clock::from_millis;
use crate::ids::Ids;
use crate::takeover::effect::Effect;
use crate::telemetry::trace;

use super::db::{Db, Tx, with_conn, with_pool};
use super::lanes;

/// What stands in place of a problem when somebody wants a delivery tried again that was given up.
pub const WANTED_AGAIN: &str = "wanted again";

/// Something to be delivered.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id: travels in the metadata of a post, and as `webhook-id` of a callback.
    pub id: String,
    /// Its lane.
    pub lane: String,
    /// Its place there.
    pub position: String,
    /// The conversation it belongs to, if any.
    pub conversation: Option<String>,
    /// What to do.
    pub effect: Effect,
    /// Tries so far, the present one included.
    pub attempts: u32,
    /// An earlier try may have succeeded without our knowing.
    pub doubtful: bool,
    /// When it was decided on.
    pub created_at: Timestamp,
    /// Why the last try failed, as a code.
    pub problem: Option<String>,
    /// The trace that it belongs to, as `traceparent`.
    pub trace: Option<String>,
}

/// Appends effects to their lanes, in order.
///
/// Those that belong into the lane of `parent` take its place, before everything behind it: they are what it became.
///
/// # Errors
///
/// When the database fails.
pub async fn append(
    tx: &mut Tx,
    effects: &[Effect],
    conversation: Option<&str>,
    parent: Option<&Entry>,
    ids: &Ids,
    now: Timestamp,
) -> anyhow::Result<()> {
    let (mut follow_ups, trace) = (0, trace::here());
    for effect in effects {
        let lane = effect.lane(conversation);
        let position = match parent.filter(|parent| parent.lane == lane) {
            Some(parent) => {
                follow_ups += 1;
                lanes::count_follow_up(tx, &lane).await?;
                format!("{}{follow_ups:04}", parent.position)
            }
            None => format!("{:010}", lanes::append(tx, &lane, effect.is_urgent(), now).await?),
        };
        let sql = "INSERT INTO outbox (id, lane, position, conversation, effect, state, attempts, created_at, trace) \
                   VALUES ($1, $2, $3, $4, $5, 'pending', 0, $6, $7)";
        let json = serde_json::to_string(effect).context("cannot write an effect")?;
        with_conn!(tx, |c| sqlx::query(sql)
            .bind(ids.next(now))
            .bind(&lane)
            .bind(position)
            .bind(conversation)
            .bind(json)
            .bind(now.as_millisecond())
            .bind(trace.as_deref())
            .execute(c)
            .await?
            .rows_affected());
    }
    Ok(())
}

/// Appends an effect that belongs to no conversation to a lane that is for it alone, unless it waits there already: one that
/// has not begun stands for all that has changed before it begins.
///
/// # Errors
///
/// When the database fails.
pub async fn append_once(tx: &mut Tx, effect: &Effect, ids: &Ids, now: Timestamp) -> anyhow::Result<()> {
    let lane = effect.lane(None);
    // Whoever leases the lane waits for this transaction, so it does not begin without what is changed here.
    lanes::hold(tx, &lane).await?;
    let sql = "SELECT COUNT(*) FROM outbox WHERE lane = $1 AND state = 'pending'";
    let (waiting,): (i64,) = with_conn!(tx, |c| sqlx::query_as(sql).bind(&lane).fetch_one(c).await?);
    if waiting > 0 { Ok(()) } else { append(tx, std::slice::from_ref(effect), None, None, ids, now).await }
}

/// Takes the first entry of a leased lane, and notes that it is being sent. An inner error is that it cannot be read.
///
/// # Errors
///
/// When the database fails.
pub async fn take_head(tx: &mut Tx, lane: &str) -> sqlx::Result<Option<anyhow::Result<Entry>>> {
    let select = "SELECT id, lane, position, conversation, effect, state, attempts, created_at, problem, trace FROM outbox \
                  WHERE lane = $1 AND state <> 'failed' ORDER BY position LIMIT 1";
    let row: Option<Row> = with_conn!(tx, |c| sqlx::query_as(select).bind(lane).fetch_optional(c).await?);
    let Some(row) = row else { return Ok(None) };
    let update = "UPDATE outbox SET state = CASE WHEN state = 'pending' THEN 'sending' ELSE 'unsure' END, attempts = attempts + 1 WHERE id = $1";
    with_conn!(tx, |c| sqlx::query(update).bind(&row.id).execute(c).await?.rows_affected());
    Ok(Some(row.entry()))
}

/// The entry is delivered, or taken up anew; false when somebody else was faster.
///
/// # Errors
///
/// When the database fails.
pub async fn remove(tx: &mut Tx, id: &str) -> sqlx::Result<bool> {
    let sql = "DELETE FROM outbox WHERE id = $1";
    let rows = with_conn!(tx, |c| sqlx::query(sql).bind(id).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// The entry is given up, and what is left of it is kept so that somebody may try it again.
///
/// # Errors
///
/// When the database fails.
pub async fn give_up(tx: &mut Tx, entry: &Entry, problem: &str) -> anyhow::Result<()> {
    let sql = "UPDATE outbox SET state = 'failed', problem = $2, effect = $3 WHERE id = $1";
    let left = serde_json::to_string(&entry.effect.left_over()).context("cannot write an effect")?;
    with_conn!(tx, |c| sqlx::query(sql).bind(&entry.id).bind(problem).bind(left).execute(c).await?.rows_affected());
    Ok(())
}

/// An entry that was given up is to be delivered after all, behind what waits in its lane, under the id it had: who has
/// got it already can tell. False when somebody else was faster.
///
/// # Errors
///
/// When the database fails.
pub async fn renew(tx: &mut Tx, entry: &Entry, now: Timestamp) -> sqlx::Result<bool> {
    let sql = "UPDATE outbox SET state = 'pending', attempts = 0, created_at = $2, problem = $3 \
               WHERE id = $1 AND state = 'failed'";
    let at = now.as_millisecond();
    let rows = with_conn!(tx, |c| sqlx::query(sql)
        .bind(&entry.id)
        .bind(at)
        .bind(WANTED_AGAIN)
        .execute(c)
        .await?
        .rows_affected());
    if rows == 0 {
        return Ok(false);
    }
    let position = format!("{:010}", lanes::append(tx, &entry.lane, entry.effect.is_urgent(), now).await?);
    let sql = "UPDATE outbox SET position = $2 WHERE id = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(&entry.id).bind(position).execute(c).await?.rows_affected());
    Ok(true)
}

/// The entry stays where it is for another try.
///
/// # Errors
///
/// When the database fails.
pub async fn put_back(tx: &mut Tx, id: &str, doubtful: bool, problem: &str) -> sqlx::Result<()> {
    let sql = "UPDATE outbox SET state = $2, problem = $3 WHERE id = $1";
    let state = if doubtful { "unsure" } else { "pending" };
    with_conn!(tx, |c| sqlx::query(sql).bind(id).bind(state).bind(problem).execute(c).await?.rows_affected());
    Ok(())
}

/// The entry lets its follow-ups go first: it keeps its place behind them, and what it becomes later comes later still.
///
/// # Errors
///
/// When the database fails.
pub async fn step_behind(tx: &mut Tx, entry: &Entry) -> sqlx::Result<()> {
    let sql = "UPDATE outbox SET position = $2 WHERE id = $1";
    let position = format!("{}9999", entry.position);
    with_conn!(tx, |c| sqlx::query(sql).bind(&entry.id).bind(position).execute(c).await?.rows_affected());
    Ok(())
}

/// The entry was not tried after all, and waits for its turn.
///
/// # Errors
///
/// When the database fails.
pub async fn untried(tx: &mut Tx, entry: &Entry) -> sqlx::Result<()> {
    let sql = "UPDATE outbox SET state = $2, attempts = attempts - 1 WHERE id = $1";
    let state = if entry.doubtful { "unsure" } else { "pending" };
    with_conn!(tx, |c| sqlx::query(sql).bind(&entry.id).bind(state).execute(c).await?.rows_affected());
    Ok(())
}

/// An entry by its id, and whether it has been given up.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn get(tx: &mut Tx, id: &str) -> anyhow::Result<Option<(Entry, bool)>> {
    let sql = "SELECT id, lane, position, conversation, effect, state, attempts, created_at, problem, trace FROM outbox WHERE id = $1";
    let row: Option<Row> = with_conn!(tx, |c| sqlx::query_as(sql).bind(id).fetch_optional(c).await?);
    row.map(|row| {
        let failed = row.state == "failed";
        Ok((row.entry()?, failed))
    })
    .transpose()
}

/// Whether anything waits in this lane.
///
/// # Errors
///
/// When the database fails.
pub async fn is_waiting(tx: &mut Tx, lane: &str) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM outbox WHERE lane = $1 AND state <> 'failed'";
    let (count,): (i64,) = with_conn!(tx, |c| sqlx::query_as(sql).bind(lane).fetch_one(c).await?);
    Ok(count > 0)
}

/// What waits in this lane, in order; some of it, when there is much. What cannot be read is left out.
///
/// # Errors
///
/// When the database fails.
pub async fn waiting(db: &Db, lane: &str) -> sqlx::Result<Vec<Effect>> {
    let sql = "SELECT effect FROM outbox WHERE lane = $1 AND state <> 'failed' ORDER BY position LIMIT 1000";
    let rows: Vec<(String,)> = with_pool!(db, |p| sqlx::query_as(sql).bind(lane).fetch_all(p).await?);
    Ok(rows.iter().filter_map(|(effect,)| serde_json::from_str(effect).ok()).collect())
}

/// Whether something in this lane is being sent, or may have been without our knowing.
///
/// # Errors
///
/// When the database fails.
pub async fn is_in_flight(db: &Db, lane: &str) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM outbox WHERE lane = $1 AND state IN ('sending', 'unsure')";
    let (count,): (i64,) = with_pool!(db, |p| sqlx::query_as(sql).bind(lane).fetch_one(p).await?);
    Ok(count > 0)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    lane: String,
    position: String,
    conversation: Option<String>,
    effect: String,
    state: String,
    attempts: i32,
    created_at: i64,
    problem: Option<String>,
    trace: Option<String>,
}

impl Row {
    fn entry(self) -> anyhow::Result<Entry> {
        Ok(Entry {
            effect: serde_json::from_str(&self.effect).context("cannot read an effect")?,
            id: self.id,
            lane: self.lane,
            position: self.position,
            conversation: self.conversation,
            attempts: u32::try_from(self.attempts).unwrap_or_default() + 1,
            doubtful: self.state != "pending",
            created_at: from_millis(self.created_at),
            problem: self.problem,
            trace: self.trace,
        })
    }
}
