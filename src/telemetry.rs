//! Logs: one line an event, on standard output. `main` turns them on; everything else only writes to `tracing`.
//!
//! A failure is logged once, where it is handled. No message body, no token and no URL with a token is ever logged. Fields have the
//! same names everywhere; `docs/operating.md` lists them under "Logs".

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::Subscriber;

use crate::config::{Log, LogFormat};

/// Below `info`, the Slack client writes whole URLs, with what was searched for; the other one all that goes over a socket.
const QUIET: [&str; 3] = ["slack_morphism=info", "tungstenite=info", "tokio_tungstenite=info"];

/// Turns logs on, for the whole process.
///
/// # Errors
/// If the filter is not one, or logs are on already.
pub fn init(log: &Log) -> anyhow::Result<()> {
    let mut filter = EnvFilter::try_new(&log.filter).context("log.filter")?;
    for quiet in QUIET {
        filter = filter.add_directive(quiet.parse().context("a directive of ours")?);
    }
    let lines = Subscriber::builder().with_env_filter(filter).with_writer(io::stdout);
    let on = match log.format {
        LogFormat::Text => lines.with_ansi(io::stdout().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    on.map_err(|error| anyhow::anyhow!("logs are on already: {error}"))
}
