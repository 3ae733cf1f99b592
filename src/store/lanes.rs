//! Lanes: order, pace and retry in one place. A worker leases a lane, not a message, and sends its head.
//!
//! Every change of a lane's entries updates the lane's row first, so two transactions on one lane follow each other, and
//! none commits an entry that the other's release has not counted.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::{after, from_millis};

use super::db::{Db, Tx, with_conn, with_pool};
use super::outbox::{self, Entry};

/// How long a lane is leased; its holder renews it well before, as long as it delivers.
pub const LEASE: Duration = Duration::from_secs(15);

/// A lane that one worker serves.
#[derive(Debug, Clone)]
pub struct Lease {
    /// The lane.
    pub lane: String,
    /// Names this lease alone: who holds another one of the same lane, later, has another name.
    pub owner: String,
    /// How far its posts have used up the pace.
    pub paced_to: Timestamp,
}

/// What a lane does after a delivery.
#[derive(Debug, Clone)]
pub struct Advance {
    /// Whether the head is gone.
    pub head_is_gone: bool,
    /// When the next try may begin.
    pub not_before: Timestamp,
    /// How far the pace is used up.
    pub paced_to: Timestamp,
    /// What it waits for besides.
    pub parked: Option<String>,
}

/// Counts a new entry at the end of a lane and returns its number.
///
/// # Errors
///
/// When the database fails.
pub async fn append(tx: &mut Tx, lane: &str, urgent: bool, now: Timestamp) -> sqlx::Result<i64> {
    let sql = "INSERT INTO lanes (lane, tail, waiting, not_before, leased_until, owner, paced_to) VALUES ($1, 1, 1, $2, 0, '', 0) \
               ON CONFLICT (lane) DO UPDATE SET tail = lanes.tail + 1, waiting = lanes.waiting + 1, \
               not_before = CASE WHEN $3 AND lanes.not_before > $2 THEN $2 ELSE lanes.not_before END RETURNING tail";
    let (tail,): (i64,) =
        with_conn!(tx, |c| sqlx::query_as(sql).bind(lane).bind(now.as_millisecond()).bind(urgent).fetch_one(c).await?);
    Ok(tail)
}

/// Keeps everybody from this lane until the end of the transaction.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn hold(tx: &mut Tx, lane: &str) -> sqlx::Result<()> {
    let sql = "UPDATE lanes SET waiting = waiting WHERE lane = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(lane).execute(c).await?.rows_affected());
    Ok(())
}

/// Counts an entry that takes its parent's place.
pub(super) async fn count_follow_up(tx: &mut Tx, lane: &str) -> sqlx::Result<()> {
    let sql = "UPDATE lanes SET waiting = waiting + 1 WHERE lane = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(lane).execute(c).await?.rows_affected());
    Ok(())
}

/// Leases the lane that has waited longest, with its head, noted as being sent; of those that wait for the same turn, the
/// one that has posted least. No two leases may share an `owner`.
///
/// A head that cannot be read keeps its lane until the lease runs out, so that the other lanes are not held up by it.
///
/// # Errors
///
/// When the database fails or holds what cannot be read.
pub async fn lease(db: &Db, owner: &str, now: Timestamp) -> anyhow::Result<Option<(Lease, Entry)>> {
    let mut tx = db.begin().await?;
    let sql = tx.sql(
        "UPDATE lanes SET owner = $1, leased_until = $2 WHERE lane = (SELECT lane FROM lanes WHERE waiting > 0 \
         AND not_before <= $3 AND leased_until <= $3 ORDER BY not_before, paced_to, lane LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING lane, paced_to",
        "UPDATE lanes SET owner = $1, leased_until = $2 WHERE lane = (SELECT lane FROM lanes WHERE waiting > 0 \
         AND not_before <= $3 AND leased_until <= $3 ORDER BY not_before, paced_to, lane LIMIT 1) RETURNING lane, paced_to",
    );
    let (until, at) = (after(now, LEASE).as_millisecond(), now.as_millisecond());
    let row: Option<(String, i64)> =
        with_conn!(&mut tx, |c| sqlx::query_as(sql).bind(owner).bind(until).bind(at).fetch_optional(c).await?);
    let Some((lane, paced_to)) = row else { return Ok(None) };
    let Some(head) = outbox::take_head(&mut tx, &lane).await? else {
        // Nothing waits after all: the count is set right rather than leased for ever.
        let sql = "UPDATE lanes SET waiting = 0, leased_until = 0 WHERE lane = $1";
        with_conn!(&mut tx, |c| sqlx::query(sql).bind(&lane).execute(c).await?.rows_affected());
        tx.commit().await?;
        return Ok(None);
    };
    tx.commit().await?;
    Ok(Some((Lease { lane, owner: owner.to_owned(), paced_to: from_millis(paced_to) }, head?)))
}

/// Leases the lane of this entry, whatever the lane waits for, if the entry is its head and nobody delivers it now. An
/// inner error is that the head cannot be read.
///
/// # Errors
///
/// When the database fails.
pub async fn seize(
    db: &Db,
    lane: &str,
    head: &str,
    owner: &str,
    now: Timestamp,
) -> sqlx::Result<Option<(Lease, anyhow::Result<Entry>)>> {
    let mut tx = db.begin().await?;
    let sql =
        "UPDATE lanes SET owner = $1, leased_until = $2 WHERE lane = $3 AND leased_until <= $4 RETURNING paced_to";
    let (until, at) = (after(now, LEASE).as_millisecond(), now.as_millisecond());
    let row: Option<(i64,)> = with_conn!(&mut tx, |c| sqlx::query_as(sql)
        .bind(owner)
        .bind(until)
        .bind(lane)
        .bind(at)
        .fetch_optional(c)
        .await?);
    let Some((paced_to,)) = row else { return Ok(None) };
    let sql = "SELECT id FROM outbox WHERE lane = $1 AND state <> 'failed' ORDER BY position LIMIT 1";
    let first: Option<(String,)> = with_conn!(&mut tx, |c| sqlx::query_as(sql).bind(lane).fetch_optional(c).await?);
    if first.is_none_or(|(first,)| first != head) {
        return Ok(None);
    }
    let Some(entry) = outbox::take_head(&mut tx, lane).await? else { return Ok(None) };
    tx.commit().await?;
    Ok(Some((Lease { lane: lane.to_owned(), owner: owner.to_owned(), paced_to: from_millis(paced_to) }, entry)))
}

/// Records what a delivery did to its lane; false when the lease was lost meanwhile, and nothing may be written.
///
/// # Errors
///
/// When the database fails.
pub async fn advance(tx: &mut Tx, lease: &Lease, advance: &Advance, now: Timestamp) -> sqlx::Result<bool> {
    let sql = "UPDATE lanes SET waiting = waiting - $3, not_before = $4, paced_to = $5, parked = $6, leased_until = $7 \
               WHERE lane = $1 AND owner = $2 AND leased_until > 0";
    let rows = with_conn!(tx, |c| sqlx::query(sql)
        .bind(&lease.lane)
        .bind(&lease.owner)
        .bind(i64::from(advance.head_is_gone))
        .bind(advance.not_before.as_millisecond())
        .bind(advance.paced_to.as_millisecond())
        .bind(advance.parked.as_deref())
        .bind(after(now, LEASE).as_millisecond())
        .execute(c)
        .await?
        .rows_affected());
    Ok(rows == 1)
}

/// Gives a lane back.
///
/// # Errors
///
/// When the database fails.
pub async fn release(tx: &mut Tx, lease: &Lease) -> sqlx::Result<()> {
    if is_for_one_use(&lease.lane) {
        let sql = "DELETE FROM lanes WHERE lane = $1 AND owner = $2 AND waiting = 0";
        with_conn!(tx, |c| sqlx::query(sql).bind(&lease.lane).bind(&lease.owner).execute(c).await?.rows_affected());
    }
    let sql = "UPDATE lanes SET leased_until = 0 WHERE lane = $1 AND owner = $2";
    with_conn!(tx, |c| sqlx::query(sql).bind(&lease.lane).bind(&lease.owner).execute(c).await?.rows_affected());
    Ok(())
}

/// Renews a lease; false when it was lost.
///
/// # Errors
///
/// When the database fails.
pub async fn renew(db: &Db, lease: &Lease, now: Timestamp) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    let sql = "UPDATE lanes SET leased_until = $3 WHERE lane = $1 AND owner = $2 AND leased_until > 0";
    let until = after(now, LEASE).as_millisecond();
    let rows = with_conn!(&mut tx, |c| sqlx::query(sql)
        .bind(&lease.lane)
        .bind(&lease.owner)
        .bind(until)
        .execute(c)
        .await?
        .rows_affected());
    tx.commit().await?;
    Ok(rows == 1)
}

/// Ends the leases of processes that are gone: on SQLite there is never another one.
///
/// # Errors
///
/// When the database fails.
pub async fn inherit(db: &Db) -> anyhow::Result<()> {
    if matches!(db, Db::Sqlite(..)) {
        let mut tx = db.begin().await?;
        let sql = "UPDATE lanes SET leased_until = 0 WHERE leased_until > 0";
        with_conn!(&mut tx, |c| sqlx::query(sql).execute(c).await?.rows_affected());
        tx.commit().await?;
    }
    Ok(())
}

/// Lets a lane try at once.
///
/// # Errors
///
/// When the database fails.
pub async fn hurry(tx: &mut Tx, lane: &str, now: Timestamp) -> sqlx::Result<()> {
    let sql = "UPDATE lanes SET not_before = $2, parked = NULL WHERE lane = $1 AND not_before > $2";
    with_conn!(tx, |c| sqlx::query(sql).bind(lane).bind(now.as_millisecond()).execute(c).await?.rows_affected());
    Ok(())
}

/// Whether anything was ever put into this lane, as far as is remembered.
///
/// # Errors
///
/// When the database fails.
pub async fn is_known(tx: &mut Tx, lane: &str) -> sqlx::Result<bool> {
    let sql = "SELECT COUNT(*) FROM lanes WHERE lane = $1";
    let (count,): (i64,) = with_conn!(tx, |c| sqlx::query_as(sql).bind(lane).fetch_one(c).await?);
    Ok(count > 0)
}

/// Lets all lanes go on that waited for this.
///
/// # Errors
///
/// When the database fails.
pub async fn unpark(tx: &mut Tx, what: &str, now: Timestamp) -> sqlx::Result<()> {
    let sql = "UPDATE lanes SET not_before = $2, parked = NULL WHERE parked = $1";
    with_conn!(tx, |c| sqlx::query(sql).bind(what).bind(now.as_millisecond()).execute(c).await?.rows_affected());
    Ok(())
}

/// When the next lane may be tried, by us or, where a lease runs out, in another's place.
///
/// # Errors
///
/// When the database fails.
pub async fn next_due(db: &Db) -> sqlx::Result<Option<Timestamp>> {
    let sql = "SELECT MIN(CASE WHEN leased_until > not_before THEN leased_until ELSE not_before END) FROM lanes \
               WHERE waiting > 0";
    let (due,): (Option<i64>,) = with_pool!(db, |p| sqlx::query_as(sql).fetch_one(p).await?);
    Ok(due.map(from_millis))
}

/// Lanes named after an address that lives for half an hour are not kept: it is a secret as long as it lives.
fn is_for_one_use(lane: &str) -> bool {
    lane.starts_with("respond:") || lane.starts_with("search:")
}
