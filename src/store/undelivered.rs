//! The outbox as an operator looks at it: what waits, what was given up, and why. For `megatron outbox`.

use jiff::Timestamp;

use crate::clock::from_millis;
use crate::takeover::effect::Effect;

use super::db::{Db, with_pool};

/// An entry of the outbox, and how its lane stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// Its id.
    pub id: String,
    /// Its lane.
    pub lane: String,
    /// The conversation it belongs to, if any.
    pub conversation: Option<String>,
    /// What is to be done, as JSON: with the words of people.
    pub effect: String,
    /// `pending`, `sending`, `unsure` or `failed`.
    pub state: String,
    /// Tries so far.
    pub attempts: i32,
    /// When it was decided on.
    pub created_at: Timestamp,
    /// Why the last try failed, as a code.
    pub problem: Option<String>,
    /// When its lane may be tried next.
    pub not_before: Option<Timestamp>,
    /// What its lane waits for besides.
    pub parked: Option<String>,
}

impl Undelivered {
    /// What it is, without what it says.
    #[must_use]
    pub fn name(&self) -> &'static str {
        serde_json::from_str(&self.effect).map_or("unreadable", |effect: Effect| effect.name())
    }

    /// Whether it was given up.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        self.state == "failed"
    }
}

const COLUMNS: &str = "SELECT outbox.id, outbox.lane, outbox.conversation, outbox.effect, outbox.state, outbox.attempts, \
                       outbox.created_at, outbox.problem, lanes.not_before, lanes.parked \
                       FROM outbox LEFT JOIN lanes ON lanes.lane = outbox.lane";

/// Entries in the order in which they were decided on, and how many there are in all.
///
/// # Errors
///
/// When the database fails.
pub async fn list(db: &Db, limit: i64) -> sqlx::Result<(Vec<Undelivered>, i64)> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} ORDER BY outbox.created_at, outbox.id LIMIT $1"));
    let rows: Vec<Row> = with_pool!(db, |p| sqlx::query_as(sql).bind(limit).fetch_all(p).await?);
    let sql = "SELECT COUNT(*) FROM outbox";
    let (count,): (i64,) = with_pool!(db, |p| sqlx::query_as(sql).fetch_one(p).await?);
    Ok((rows.into_iter().map(Row::undelivered).collect(), count))
}

/// One entry.
///
/// # Errors
///
/// When the database fails.
pub async fn get(db: &Db, id: &str) -> sqlx::Result<Option<Undelivered>> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE outbox.id = $1"));
    let row: Option<Row> = with_pool!(db, |p| sqlx::query_as(sql).bind(id).fetch_optional(p).await?);
    Ok(row.map(Row::undelivered))
}

/// Ids of what has failed, for good or so far, of an agent's message in the room: in the order of its parts.
///
/// # Errors
///
/// When the database fails.
pub async fn of_message(db: &Db, conversation: &str, ts: &str) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT id, effect FROM outbox WHERE conversation = $1 AND state = 'failed' \
               UNION ALL SELECT id, effect FROM outbox WHERE lane = $2 AND state <> 'failed' AND problem IS NOT NULL ORDER BY id";
    let lane = format!("dm:{conversation}");
    let rows: Vec<(String, String)> =
        with_pool!(db, |p| sqlx::query_as(sql).bind(conversation).bind(lane).fetch_all(p).await?);
    let is_about =
        |effect: &str| serde_json::from_str(effect).is_ok_and(|effect: Effect| effect.agents_message() == Some(ts));
    Ok(rows.into_iter().filter(|(_, effect)| is_about(effect)).map(|(id, _)| id).collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    lane: String,
    conversation: Option<String>,
    effect: String,
    state: String,
    attempts: i32,
    created_at: i64,
    problem: Option<String>,
    not_before: Option<i64>,
    parked: Option<String>,
}

impl Row {
    fn undelivered(self) -> Undelivered {
        Undelivered {
            id: self.id,
            lane: self.lane,
            conversation: self.conversation,
            effect: self.effect,
            state: self.state,
            attempts: self.attempts,
            created_at: from_millis(self.created_at),
            problem: self.problem,
            not_before: self.not_before.map(from_millis),
            parked: self.parked,
        }
    }
}
