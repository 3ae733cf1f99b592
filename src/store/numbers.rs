//! What the numbers of some days are counted from: handoffs by when they were asked for, and a few lines of the journal.
//! What was forgotten or erased counts no more.

use anyhow::Context;
use jiff::Timestamp;

use crate::clock::from_millis;
use crate::render::numbers::{Asked, Facts, Outcome};

use super::db::{Db, with_pool};

/// How long after its closing a room counts as opened again, in milliseconds: a week.
const AGAIN: i64 = 7 * 24 * 60 * 60 * 1000;

/// Lines of the journal that count, of a queue's conversations and a bot's.
macro_rules! lines {
    ($count:literal, $more:literal) => {
        concat!(
            "SELECT ",
            $count,
            " FROM journal WHERE at >= $1 AND at < $2 AND kind IN ('conversation.opened', 'bot.talked_over') \
             AND ($3 = '' OR EXISTS (SELECT 1 FROM handoffs WHERE handoffs.conversation = journal.conversation \
             AND handoffs.queue = $3)) AND ($4 = '' OR EXISTS (SELECT 1 FROM conversations \
             WHERE conversations.id = journal.conversation AND conversations.bot = $4)) ",
            $more
        )
    };
}

/// What is known of the time from the first moment to before the second; of one queue and of one bot, where they are named.
///
/// # Errors
///
/// When the database fails.
pub async fn facts(
    db: &Db,
    (from, until): (Timestamp, Timestamp),
    queue: Option<&str>,
    bot: Option<&str>,
) -> anyhow::Result<Facts> {
    type Row = (i64, i64, Option<i64>, Option<i64>, Option<i64>, String);
    let (from, until) = (from.as_millisecond(), until.as_millisecond());
    let (queue, bot) = (queue.unwrap_or_default(), bot.unwrap_or_default());
    let handoffs = "SELECT requested_at, queued_at, accepted_at, answered_at, ended_at, progress FROM handoffs \
                    WHERE requested_at >= $1 AND requested_at < $2 AND ($3 = '' OR queue = $3) \
                    AND ($4 = '' OR EXISTS (SELECT 1 FROM conversations \
                    WHERE conversations.id = handoffs.conversation AND conversations.bot = $4))";
    let handoffs: Vec<Row> =
        with_pool!(db, |p| sqlx::query_as(handoffs).bind(from).bind(until).bind(queue).bind(bot).fetch_all(p).await)
            .context("cannot read handoffs")?;
    let kinds = lines!("kind, COUNT(*)", "GROUP BY kind");
    let kinds: Vec<(String, i64)> =
        with_pool!(db, |p| sqlx::query_as(kinds).bind(from).bind(until).bind(queue).bind(bot).fetch_all(p).await)
            .context("cannot read the journal")?;
    let again = lines!(
        "COUNT(*)",
        "AND kind = 'conversation.opened' AND EXISTS (SELECT 1 FROM journal AS before \
         WHERE before.conversation = journal.conversation AND before.kind = 'conversation.closed' \
         AND before.at <= journal.at AND before.at >= journal.at - $5)"
    );
    let (again,): (i64,) = with_pool!(db, |p| sqlx::query_as(again)
        .bind(from)
        .bind(until)
        .bind(queue)
        .bind(bot)
        .bind(AGAIN)
        .fetch_one(p)
        .await)
    .context("cannot read the journal")?;
    let count = |name: &str| kinds.iter().find(|(kind, _)| kind == name).map_or(0, |(_, count)| *count);
    let [opened, talked_over, reopened] = [count("conversation.opened"), count("bot.talked_over"), again]
        .map(|count| u64::try_from(count).unwrap_or_default());
    Ok(Facts { asked: handoffs.into_iter().map(asked).collect(), opened, reopened, talked_over })
}

fn asked(
    (requested_at, queued_at, accepted_at, answered_at, ended_at, progress): (
        i64,
        i64,
        Option<i64>,
        Option<i64>,
        Option<i64>,
        String,
    ),
) -> Asked {
    Asked {
        requested_at: from_millis(requested_at),
        queued_at: from_millis(queued_at),
        accepted_at: accepted_at.map(from_millis),
        answered_at: answered_at.map(from_millis),
        ended_at: ended_at.map(from_millis),
        outcome: Outcome::of(&progress),
    }
}
