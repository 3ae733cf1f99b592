//! `megatron serve`: runs the service until it is told to stop.

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::app::App;
use crate::clock::{Clock, CommonClock};
use crate::config::Config;
use crate::ids::Ids;
use crate::shutdown;

/// Runs the service. SIGTERM and SIGINT stop it.
///
/// # Errors
///
/// When it cannot start: no database, no address.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let listen = config.listen.clone();
    let app = App::new(config, Clock::Common(CommonClock::on(Clock::System)), Ids::Random).await?;
    let listener = TcpListener::bind(&listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    app.run(listener, shutdown::on_signal()?).await
}
