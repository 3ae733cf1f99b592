//! The workers: lease a lane, deliver its head, record what came of it, go on with the next; and let timers fall due.
//!
//! Woken by the bell or by the next time that something may be done; a slow look round now and then finds what a lost
//! wake-up left.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, warn};

use crate::relay::Relay;
use crate::store::lanes::{self, Lease};
use crate::store::outbox::Entry;
use crate::store::timers;

use super::courier::Courier;
use super::errand::Errand;

/// Lanes that are served at the same time.
const LANES: usize = 64;
/// Entries of one lane that are delivered in a row before others get their turn.
const ROW: usize = 50;
/// A look round, even when nobody rang.
const LOOK_ROUND: Duration = Duration::from_secs(1);
/// How long what is being sent may go on after the shutdown. What is cut off then is looked at later, as one that may have been sent.
const DRAIN: Duration = Duration::from_secs(7);
/// How often leases are renewed: well within [`lanes::LEASE`].
const RENEWAL: Duration = Duration::from_secs(5);

/// Serves lanes until it is told to stop.
#[derive(Debug, Clone)]
pub struct Worker {
    relay: Arc<Relay>,
    courier: Arc<Courier>,
    owner: String,
}

impl Worker {
    /// A worker whose leases are marked with `owner`, which no other process has.
    #[must_use]
    pub fn new(relay: Arc<Relay>, courier: Arc<Courier>, owner: String) -> Self {
        Self { relay, courier, owner }
    }

    /// Serves until the shutdown, then finishes what is being sent, as far as that does not take too long.
    pub async fn run(&self, shutdown: &CancellationToken) {
        let (serving, cut) = (TaskTracker::new(), CancellationToken::new());
        let places = Arc::new(Semaphore::new(LANES));
        let renewal = tokio::spawn(self.clone().renew());
        while !shutdown.is_cancelled() {
            match self.hand_out(&serving, &cut, &places, shutdown).await {
                Ok(()) => self.wait(shutdown).await,
                Err(error) => {
                    error!(error = %error, "the outbox cannot be read");
                    tokio::time::sleep(LOOK_ROUND).await;
                }
            }
        }
        serving.close();
        if tokio::time::timeout(DRAIN, serving.wait()).await.is_err() {
            warn!("deliveries were cut off: they took too long to finish");
            cut.cancel();
            serving.wait().await;
        }
        renewal.abort();
    }

    /// Does everything that can be done now, one thing after the other; true when there was anything.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn step(&self) -> anyhow::Result<bool> {
        let mut worked = self.let_timers_fall_due().await?;
        while let Some((lease, entry)) = lanes::lease(&self.relay.db, &self.owner, self.relay.clock.now()).await? {
            self.serve(&lease, entry, &CancellationToken::new()).await;
            worked = true;
        }
        Ok(worked)
    }

    /// When there is something to do next.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn next_due(&self) -> anyhow::Result<Option<Timestamp>> {
        let lane = lanes::next_due(&self.relay.db).await?;
        let timer = timers::next_due(&self.relay.db).await?;
        Ok(lane.into_iter().chain(timer).min())
    }

    async fn hand_out(
        &self,
        serving: &TaskTracker,
        cut: &CancellationToken,
        places: &Arc<Semaphore>,
        shutdown: &CancellationToken,
    ) -> anyhow::Result<()> {
        self.let_timers_fall_due().await?;
        loop {
            let place = shutdown.run_until_cancelled(Arc::clone(places).acquire_owned()).await;
            let Some(Ok(place)) = place else { return Ok(()) };
            let now = self.relay.clock.now();
            let Some((lease, entry)) = lanes::lease(&self.relay.db, &self.owner, now).await? else { return Ok(()) };
            let (worker, shutdown, cut) = (self.clone(), shutdown.clone(), cut.clone());
            serving.spawn(async move {
                Box::pin(cut.run_until_cancelled(worker.serve(&lease, entry, &shutdown))).await;
                drop(place);
                // Its lane may have more to do, later or in another's place.
                worker.relay.bell.ring();
            });
        }
    }

    async fn serve(&self, lease: &Lease, entry: Entry, shutdown: &CancellationToken) {
        let mut lease = lease.clone();
        let mut next = Some(entry);
        for delivered in 1..=ROW {
            let Some(entry) = next.take() else { return };
            let errand = Errand { lease: &lease, entry: &entry, now: self.relay.clock.now() };
            let mut delivery = self.courier.deliver(errand).await;
            let paced_to = delivery.lane.paced_to;
            if delivered == ROW || shutdown.is_cancelled() {
                // Others first; or somebody else after the shutdown.
                delivery.lane.not_before =
                    delivery.lane.not_before.max(crate::clock::after(self.relay.clock.now(), Duration::from_millis(1)));
            }
            match self.relay.settle(&lease, &entry, delivery).await {
                Ok(following) => next = following,
                Err(error) => {
                    // The lease runs out, and the entry is looked at as one that may have been sent.
                    error!(error = %error, entry.id, "what came of a delivery could not be recorded");
                    return;
                }
            }
            lease.paced_to = paced_to;
        }
    }

    async fn let_timers_fall_due(&self) -> anyhow::Result<bool> {
        let due = timers::due(&self.relay.db, self.relay.clock.now()).await?;
        for (conversation, timer) in &due {
            self.relay.fall_due(conversation, *timer).await?;
        }
        Ok(!due.is_empty())
    }

    async fn wait(&self, shutdown: &CancellationToken) {
        let pause = match self.next_due().await {
            Ok(Some(due)) => self.relay.clock.now().duration_until(due).try_into().unwrap_or_default(),
            _ => LOOK_ROUND,
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.relay.bell.rung() => {}
            () = tokio::time::sleep(pause.clamp(Duration::from_millis(1), LOOK_ROUND)) => {}
        }
    }

    async fn renew(self) {
        loop {
            tokio::time::sleep(RENEWAL).await;
            if let Err(error) = lanes::renew(&self.relay.db, &self.owner, self.relay.clock.now()).await {
                warn!(error = %error, "leases could not be renewed");
            }
        }
    }
}
