//! The workers: lease a lane, deliver its head, record what came of it, go on with the next; and let timers fall due.
//!
//! Woken by the bell or by the next time that something may be done; a slow look round now and then finds what a lost
//! wake-up left.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, error, info_span, warn};

use crate::clock::after;
use crate::relay::{Delivery, Relay};
use crate::store::lanes::{self, Lease};
use crate::store::outbox::Entry;
use crate::store::timers;
use crate::telemetry::trace;

use super::courier::Courier;
use super::errand::Errand;

/// Lanes that are served at the same time. Most wait for an answer; when Slack gives none to any of them, a bot still
/// has to hear at once that it is paused.
const LANES: usize = 512;
/// Entries of one lane that are delivered in a row before others get their turn.
const ROW: usize = 50;
/// A look round, even when nobody rang.
const LOOK_ROUND: Duration = Duration::from_secs(1);
/// How often the lease of a long delivery is renewed: well within [`lanes::LEASE`].
const RENEWAL: Duration = Duration::from_secs(5);
/// How long deliveries may still take at the shutdown: less than the ten seconds that container engines grant.
const DRAIN: Duration = Duration::from_secs(7);
/// How long a timer rests that could not be taken in.
const TIMER_REST: Duration = Duration::from_mins(10);

/// Serves lanes until it is told to stop.
#[derive(Debug, Clone)]
pub struct Worker {
    relay: Arc<Relay>,
    courier: Arc<Courier>,
    owner: String,
    leases: Arc<AtomicU64>,
}

impl Worker {
    /// A worker whose leases are marked with `owner`, which no other process has.
    #[must_use]
    pub fn new(relay: Arc<Relay>, courier: Arc<Courier>, owner: String) -> Self {
        Self { relay, courier, owner, leases: Arc::default() }
    }

    /// Serves until the shutdown, then finishes what is being sent. What takes too long is cut off, and looked for in
    /// Slack before it is sent again.
    pub async fn run(&self, shutdown: &CancellationToken) {
        let serving = TaskTracker::new();
        let cut = CancellationToken::new();
        let places = Arc::new(Semaphore::new(LANES));
        while !shutdown.is_cancelled() {
            match self.hand_out(&serving, &places, shutdown, &cut).await {
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
    }

    /// Does everything that can be done now, one thing after the other; true when there was anything.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn step(&self) -> anyhow::Result<bool> {
        let mut worked = self.let_timers_fall_due().await?;
        while let Some((lease, entry)) = self.lease().await? {
            Box::pin(self.serve(lease, entry, &CancellationToken::new())).await;
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
        places: &Arc<Semaphore>,
        shutdown: &CancellationToken,
        cut: &CancellationToken,
    ) -> anyhow::Result<()> {
        self.let_timers_fall_due().await?;
        while let Some(Ok(place)) = shutdown.run_until_cancelled(Arc::clone(places).acquire_owned()).await {
            let Some((lease, entry)) = self.lease().await? else { break };
            let (worker, shutdown, cut) = (self.clone(), shutdown.clone(), cut.clone());
            serving.spawn(async move {
                cut.run_until_cancelled(Box::pin(worker.serve(lease, entry, &shutdown))).await;
                drop(place);
                // Its lane may have more to do, later or in another's place.
                worker.relay.bell.ring();
            });
        }
        Ok(())
    }

    async fn lease(&self) -> anyhow::Result<Option<(Lease, Entry)>> {
        let owner = format!("{}/{}", self.owner, self.leases.fetch_add(1, Ordering::Relaxed));
        lanes::lease(&self.relay.db, &owner, self.relay.clock.now()).await
    }

    async fn serve(&self, mut lease: Lease, entry: Entry, shutdown: &CancellationToken) {
        let mut next = Some(entry);
        for delivered in 1..=ROW {
            let Some(mut entry) = next.take() else { return };
            entry.doubtful |= self.relay.may_be_forgotten(&entry);
            let span = info_span!("deliver", entry.id, effect = entry.effect.name(), attempts = entry.attempts);
            trace::follow(&span, entry.trace.as_deref());
            // Others first; or somebody else after the shutdown.
            let go_on = delivered < ROW && !shutdown.is_cancelled();
            next = Box::pin(self.serve_one(&mut lease, &entry, go_on)).instrument(span).await;
        }
    }

    /// Delivers an entry, records what came of it, and returns the next one that may be delivered at once.
    async fn serve_one(&self, lease: &mut Lease, entry: &Entry, go_on: bool) -> Option<Entry> {
        let start = self.relay.clock.now();
        let delivery = Box::pin(self.deliver(lease, entry)).await;
        let took = start.duration_until(self.relay.clock.now()).try_into().unwrap_or_default();
        self.relay.metrics.delivered(entry.effect.name(), delivery.end.name(), took);
        lease.paced_to = delivery.lane.paced_to;
        Box::pin(self.relay.settle(lease, entry, delivery, go_on)).await.unwrap_or_else(|error| {
            // The lease runs out, and the entry is looked at as one that may have been sent.
            error!(error = %error, entry.id, "what came of a delivery could not be recorded");
            None
        })
    }

    /// Delivers an entry, and keeps the lease for as long as that takes. A lease that nobody works for runs out.
    async fn deliver(&self, lease: &Lease, entry: &Entry) -> Delivery {
        let errand = Errand { lease, entry, now: self.relay.clock.now() };
        let mut delivery = pin!(self.courier.deliver(errand));
        loop {
            if let Ok(delivery) = tokio::time::timeout(RENEWAL, &mut delivery).await {
                return delivery;
            }
            if let Err(error) = lanes::renew(&self.relay.db, lease, self.relay.clock.now()).await {
                warn!(error = %error, entry.id, "a lease could not be renewed");
            }
        }
    }

    /// A timer that cannot be taken in, such as one of a bot that is not in the configuration any more, is put off: it
    /// must not hold up the others.
    async fn let_timers_fall_due(&self) -> anyhow::Result<bool> {
        let now = self.relay.clock.now();
        let due = timers::due(&self.relay.db, now).await?;
        for (conversation, timer) in &due {
            if let Err(error) = self.relay.fall_due(conversation, *timer).await {
                error!(error = %error, conversation.id = conversation, "a timer could not be taken in");
                timers::put_off(&self.relay.db, conversation, *timer, after(now, TIMER_REST)).await?;
            }
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
}
