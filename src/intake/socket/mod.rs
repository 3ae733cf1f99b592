//! Socket Mode (<https://docs.slack.dev/apis/events-api/using-socket-mode>): what Slack would send to the hub app's addresses comes over
//! connections that the service opens, so that it needs no public address.
//!
//! [`SocketMode`] keeps some connections open, each by a `keep`er with a place of its own: `dial` opens one, `link` serves it, `taker`
//! hands what comes to the functions that HTTP uses. The addresses for HTTP stay; what comes both ways is taken once.

mod address;
mod dial;
mod frame;
mod keep;
mod limits;
mod link;
mod reason;
mod taker;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use self::dial::Dialler;
use self::keep::Keeper;
use self::taker::Taker;
use super::state::Intake;

pub use limits::Limits;

/// Whether Slack was reached by Socket Mode since the start; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Standing(Arc<AtomicBool>);

impl Standing {
    /// Whether there has been a connection.
    #[must_use]
    pub fn was_reached(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn reached(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Takes what Slack sends by Socket Mode.
#[derive(Debug, Clone)]
pub struct SocketMode {
    intake: Intake,
    limits: Limits,
    dialler: Dialler,
}

impl SocketMode {
    /// None without `slack.app_token`.
    ///
    /// # Errors
    ///
    /// When `slack.api_url` is neither `http` nor `https`.
    pub fn new(intake: &Intake, limits: Limits) -> anyhow::Result<Option<Self>> {
        let config = &intake.relay.config.slack;
        if !config.has_app_token() {
            return Ok(None);
        }
        Ok(Some(Self { intake: intake.clone(), limits, dialler: Dialler::new(config)? }))
    }

    /// Keeps connections open until the shutdown; then what is being stored is finished.
    pub async fn run(&self, shutdown: &CancellationToken) {
        let taker = Arc::new(Taker::new(self.intake.clone(), self.limits));
        let keepers = (0..self.limits.connections).map(|_| Keeper {
            config: &self.intake.relay.config.slack,
            dialler: &self.dialler,
            taker: Arc::clone(&taker),
            standing: &self.intake.standing,
        });
        join_all(keepers.map(|keeper| keeper.keep(shutdown))).await;
    }
}
