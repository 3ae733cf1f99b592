//! Logs: one line an event, on standard output. `main` turns them on; everything else only writes to `tracing`.
//!
//! A failure is logged once, where it is handled. No message body, no token and no URL with a token is ever logged. Fields have the
//! same names everywhere; `docs/operating.md` lists them under "Logs".

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;

use crate::config::{Log, LogFormat};

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
