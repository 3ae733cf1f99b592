//! Logs: one line an event, on standard output. `main` turns them on; everything else only writes to `tracing`. And traces, where
//! the configuration says where they go.
//!
//! A failure is logged once, where it is handled. No message body, no token and no URL with a token is ever logged. Fields have the
//! same names everywhere; `docs/operating.md` lists them under "Logs".

mod export;
pub mod trace;

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

use crate::config::{Log, LogFormat, Telemetry};

/// Below `info`, the Slack client writes whole URLs, with what was searched for; the other one all that goes over a socket.
const QUIET: [&str; 3] = ["slack_morphism=info", "tungstenite=info", "tokio_tungstenite=info"];

/// Traces that are still to be sent.
#[derive(Debug, Default)]
#[must_use]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Sends what there is, before the process ends.
    pub async fn finish(self) {
        let Some(provider) = self.0 else { return };
        // It waits for its own thread.
        let sent = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(export::PATIENCE)).await;
        if !matches!(sent, Ok(Ok(()))) {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

/// Turns logs on, for the whole process, and traces, if somebody wants them.
///
/// # Errors
/// If the filter is not one, or logs are on already.
pub fn init(log: &Log, telemetry: Option<&Telemetry>) -> anyhow::Result<Traces> {
    let mut filter = EnvFilter::try_new(&log.filter).context("log.filter")?;
    for quiet in QUIET {
        filter = filter.add_directive(quiet.parse().context("a directive of ours")?);
    }
    let lines = fmt::layer().with_writer(io::stdout);
    let lines = match log.format {
        LogFormat::Text => lines.with_ansi(io::stdout().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let provider = telemetry.map(export::provider).transpose()?.flatten();
    let spans = provider.as_ref().map(|provider| {
        // What other crates say may hold what must not leave.
        let ours = Targets::new().with_target(env!("CARGO_PKG_NAME"), LevelFilter::INFO);
        let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer(env!("CARGO_PKG_NAME")));
        spans.with_location(false).with_threads(false).with_tracked_inactivity(false).with_filter(ours)
    });
    let on = tracing_subscriber::registry().with(spans).with(lines.with_filter(filter)).try_init();
    on.map_err(|error| anyhow::anyhow!("logs are on already: {error}"))?;
    Ok(Traces(provider))
}
