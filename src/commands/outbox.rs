//! `megatron outbox`: what waits to be delivered or was given up, for an operator. Called by `main`; the service may run
//! meanwhile. What people wrote is shown only on demand.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::Subcommand;
use jiff::Timestamp;
use serde_json::Value;

use crate::clock::{Clock, CommonClock};
use crate::config::Config;
use crate::ids::Ids;
use crate::metrics::Metrics;
use crate::relay::Relay;
use crate::store::db::Db;
use crate::store::seal::Sealer;
use crate::store::undelivered::{self, Undelivered};
use crate::store::wake::Bell;
use crate::store::watch::WatchTable;
use crate::takeover::conversation::Agent;

/// Entries that are listed at most.
const LISTED: i64 = 200;

/// What the operator wants with the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum OutboxCommand {
    /// One line for each entry, oldest first
    List,
    /// All about one entry but what it says
    Show {
        /// Its id
        id: String,
        /// Print what it says, too: words of customers and agents
        #[arg(long)]
        content: bool,
    },
    /// Try an entry again now
    Retry {
        /// Its id
        id: String,
    },
    /// Give an entry up, so that what waits behind it goes on; forget one that was given up
    Drop {
        /// Its id
        id: String,
    },
}

/// Carries the command out and prints what came of it.
///
/// # Errors
///
/// When the database fails.
#[allow(clippy::print_stdout)] // The command exists to print.
pub async fn run(config: Config, command: OutboxCommand) -> anyhow::Result<()> {
    let relay = relay(config).await?;
    let answer = answer(&relay, &command).await;
    relay.db.close().await;
    println!("{}", answer?.trim_end());
    Ok(())
}

/// What the operator reads.
///
/// # Errors
///
/// When the database fails.
pub async fn answer(relay: &Relay, command: &OutboxCommand) -> anyhow::Result<String> {
    let now = relay.clock.now();
    Ok(match command {
        OutboxCommand::List => list(&relay.db, now).await?,
        OutboxCommand::Show { id, content } => match undelivered::get(&relay.db, id).await? {
            Some(entry) => show(&entry, *content, now),
            None => "There is no such entry: it was delivered, or dropped.".to_owned(),
        },
        OutboxCommand::Retry { id } => {
            let operator = Agent { user_id: "operator".to_owned(), name: "An operator".to_owned() };
            relay.retry(id, operator).await?
        }
        OutboxCommand::Drop { id } => relay.drop(id).await?.to_owned(),
    })
}

/// A relay beside the one of the service; it delivers nothing.
pub(super) async fn relay(config: Config) -> anyhow::Result<Relay> {
    let db = Db::connect(&config.database.url, 2).await?;
    let watches = WatchTable::default();
    watches.load(&db).await?;
    let metrics = Metrics::new(config.bots.iter().map(|bot| bot.id.as_str()))?;
    let clock = CommonClock::on(Clock::System);
    db.set(&clock).await?;
    let sealer = Sealer::new(&config.security.encryption_key, &config.security.old_encryption_keys)?;
    let (clock, ids, sealer) = (Clock::Common(clock), Ids::Random, Arc::new(sealer));
    Ok(Relay {
        config: Arc::new(config),
        db,
        clock,
        ids,
        watches,
        bell: Bell::default(),
        metrics,
        sealer,
        restored_at: None,
    })
}

async fn list(db: &Db, now: Timestamp) -> anyhow::Result<String> {
    let (entries, count) = undelivered::list(db, LISTED).await?;
    if entries.is_empty() {
        return Ok("Nothing waits, and nothing was given up.".to_owned());
    }
    let mut text = String::new();
    for entry in &entries {
        let problem = entry.problem.as_deref().unwrap_or("-");
        let Undelivered { id, state, attempts, .. } = entry;
        let (age, name, lane) = (age(entry.created_at, now), entry.name(), lane(&entry.lane));
        writeln!(text, "{id}  {state:<7}  {age:>4}  tries {attempts}  {name}  {problem}  {lane}")?;
    }
    let more = count - i64::try_from(entries.len()).unwrap_or(count);
    if more > 0 {
        writeln!(text, "... and {more} more")?;
    }
    Ok(text)
}

fn show(entry: &Undelivered, content: bool, now: Timestamp) -> String {
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let mut lines = vec![
        format!("id            {}", entry.id),
        format!("what          {}", entry.name()),
        format!("state         {}", entry.state),
        format!("decided on    {} ({} ago)", entry.created_at, age(entry.created_at, now)),
        format!("tries         {}", entry.attempts),
        format!("problem       {}", or_dash(entry.problem.as_deref())),
        format!("conversation  {}", or_dash(entry.conversation.as_deref())),
        format!("lane          {}", lane(&entry.lane)),
    ];
    if !entry.is_given_up() {
        let next = entry.not_before.map(|time| time.to_string());
        lines.push(format!("next try      {}", or_dash(next.as_deref())));
        lines.push(format!("waits for     {}", or_dash(entry.parked.as_deref())));
    }
    if content {
        let content = serde_json::from_str::<Value>(&entry.effect).unwrap_or_else(|_| entry.effect.clone().into());
        lines.push(format!("{content:#}"));
    }
    lines.join("\n")
}

/// Lanes that are named after an address with which anybody may post are cut short.
fn lane(lane: &str) -> String {
    match lane.split_once(':') {
        Some((kind @ ("respond" | "search"), _)) => format!("{kind}:..."),
        _ => lane.to_owned(),
    }
}

fn age(since: Timestamp, now: Timestamp) -> String {
    match now.as_second() - since.as_second() {
        seconds @ ..120 => format!("{}s", seconds.max(0)),
        seconds @ 120..7200 => format!("{}m", seconds / 60),
        seconds @ 7200..172_800 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_read_at_a_glance() {
        let after = |seconds: i64| age(Timestamp::UNIX_EPOCH, crate::clock::from_millis(seconds * 1000));
        assert_eq!([0, 119, 120, 7200, 172_800].map(after), ["0s", "119s", "2m", "2h", "2d"]);
    }

    #[test]
    fn an_address_that_lets_others_post_does_not_show() {
        assert_eq!(lane("respond:https://hooks.slack.com/commands/1/2"), "respond:...");
        assert_eq!(lane("dm:0001"), "dm:0001");
    }
}
