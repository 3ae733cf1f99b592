//! Logs: one line an event, on standard output. `main` turns them on; everything else only writes to `tracing`.
//!
//! A failure is logged once, where it is handled. No message body, no token and no URL with a token is ever logged. The fields below
//! have the same names everywhere, so that a search finds a conversation through all of its modules:
//!
//! ```text
//! tracing::info!({ fields::BOT } = %bot.id, { fields::TEAM } = %team_id, "room opened");
//! ```

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;

use crate::config::{Log, LogFormat};

/// Names of the fields of log lines and spans.
pub mod fields {
    /// The bot's id in the configuration.
    pub const BOT: &str = "bot.id";
    /// The customer's workspace, `T...`.
    pub const TEAM: &str = "team.id";
    /// The customer's direct message channel, `D...`.
    pub const CHANNEL: &str = "channel.id";
    /// The room in the support workspace, `C...`.
    pub const ROOM: &str = "room.id";
    /// The person that acted, `U...`.
    pub const USER: &str = "user.id";
    /// An event, as kept in the journal.
    pub const EVENT: &str = "event.id";
    /// One entry of the outbox, also in the metadata of the post.
    pub const DELIVERY: &str = "delivery.id";
    /// The ordering key of a delivery.
    pub const LANE: &str = "lane";
    /// How often a delivery was tried.
    pub const ATTEMPT: &str = "attempt";
    /// The Web API method.
    pub const METHOD: &str = "slack.method";
    /// What went wrong, in words or as Slack's error code.
    pub const ERROR: &str = "error";
}

/// Turns logs on, for the whole process.
///
/// # Errors
/// If the filter is not one, or logs are on already.
pub fn init(log: &Log) -> anyhow::Result<()> {
    // Below `info`, the Slack client writes whole URLs, with what was searched for.
    let quiet = "slack_morphism=info".parse().context("a directive of ours")?;
    let filter = EnvFilter::try_new(&log.filter).context("log.filter")?.add_directive(quiet);
    let lines = Subscriber::builder().with_env_filter(filter).with_writer(io::stdout);
    let on = match log.format {
        LogFormat::Text => lines.with_ansi(io::stdout().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    on.map_err(|error| anyhow::anyhow!("logs are on already: {error}"))
}
