//! `megatron serve`: runs the service until it is told to stop.

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Ids;

/// Runs the service. SIGTERM and SIGINT stop it.
///
/// # Errors
///
/// When it cannot start: no database, no address.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let listen = config.listen.clone();
    let app = App::new(config, Clock::System, Ids::Random).await?;
    let listener = TcpListener::bind(&listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let shutdown = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let stop = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
        stop.cancel();
    });
    Box::pin(app.run(listener, shutdown)).await
}
