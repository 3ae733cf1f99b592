//! Keeps one connection open: makes the next one before the old one ends, and tries again when none can be had.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::config;
use crate::deliver::method::Method;
use crate::deliver::retry;

use super::Standing;
use super::dial::Dialler;
use super::link::Link;
use super::reason::{Reason, Trouble};
use super::taker::Taker;

/// The place of one connection.
pub(super) struct Keeper<'a> {
    pub(super) config: &'a config::Slack,
    pub(super) dialler: &'a Dialler,
    pub(super) taker: Arc<Taker>,
    pub(super) standing: &'a Standing,
}

impl Keeper<'_> {
    /// Keeps a connection open until the shutdown; then what was begun is finished, for a while.
    pub(super) async fn keep(self, shutdown: &CancellationToken) {
        let limits = &self.taker.limits;
        let mut links = JoinSet::new();
        let mut present: Option<CancellationToken> = None;
        while let Some(link) = shutdown.run_until_cancelled(Box::pin(self.dial())).await {
            let spacing = sleep(limits.spacing);
            self.standing.reached();
            let (tell, leaving) = oneshot::channel();
            let retire = CancellationToken::new();
            links.spawn(link.serve(Arc::clone(&self.taker), retire.clone(), tell));
            if let Some(old) = present.replace(retire) {
                old.cancel();
            }
            while links.try_join_next().is_some() {}
            let Some(reason) = shutdown.run_until_cancelled(leaving).await else { break };
            // Who says nothing has panicked.
            let reason = reason.unwrap_or(Reason::Broken);
            self.taker.metrics().socket_reconnect(reason.name());
            if reason == Reason::LinkDisabled {
                error!("Slack says that Socket Mode is turned off in the settings of the hub app");
            } else {
                info!(reason = reason.name(), "another connection of Socket Mode takes the place of this one");
            }
            if shutdown.run_until_cancelled(spacing).await.is_none() {
                break;
            }
        }
        if let Some(present) = present {
            present.cancel();
        }
        if timeout(limits.drain, async { while links.join_next().await.is_some() {} }).await.is_err() {
            warn!("what came over Socket Mode was cut off: it took too long to finish; Slack sends it again");
        }
    }

    /// Opens a connection, however long it takes.
    async fn dial(&self) -> Link {
        let mut failures = 0;
        loop {
            let trouble = match self.dialler.dial(self.config, &self.taker.limits).await {
                Ok(link) => return link,
                Err(trouble) => trouble,
            };
            failures += 1;
            self.tell(&trouble);
            sleep(self.pause(&trouble, failures)).await;
        }
    }

    fn pause(&self, trouble: &Trouble, failures: u32) -> Duration {
        let pause = retry::slack(failures, self.taker.random()).min(self.taker.limits.longest_pause);
        trouble.after().map_or(pause, |after| after.max(pause))
    }

    fn tell(&self, trouble: &Trouble) {
        let metrics = self.taker.metrics();
        metrics.socket_reconnect("failed");
        if let Trouble::Refused(refusal) = trouble {
            metrics.slack_refused(Method::APPS_CONNECTIONS_OPEN.name(), refusal.class.name());
        }
        if trouble.needs_somebody() {
            error!(error = %trouble, "no connection by Socket Mode: check slack.app_token and the settings of the hub app");
        } else {
            warn!(error = %trouble, "no connection by Socket Mode so far; trying again");
        }
    }
}
