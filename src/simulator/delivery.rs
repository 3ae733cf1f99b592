//! Sends what is queued: signed, retried like Slack, in order or not. Driven step by step, or live in the background.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::Value;

use super::events::Delivery;
use super::world::World;
use super::{Ack, Core, Simulator};
use crate::intake::signature;

/// Slack waits this long for an acknowledgement.
pub(super) const ACK_WITHIN: Duration = Duration::from_secs(3);
/// When the three retries come, after the failure before.
const RETRIES: [SignedDuration; 3] = [SignedDuration::ZERO, SignedDuration::from_mins(1), SignedDuration::from_mins(5)];
/// How often live mode looks for retries that fell due.
const LIVE_ROUND: Duration = Duration::from_millis(250);

/// Something to send to an app.
pub(super) struct Parcel {
    pub(super) app_id: String,
    pub(super) url: String,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
    /// Additional headers.
    pub(super) headers: Vec<(&'static str, String)>,
}

/// What an app answered.
pub(super) struct Receipt {
    pub(super) status: Option<u16>,
    pub(super) body: Vec<u8>,
    pub(super) took: Duration,
    no_retry: bool,
    timed_out: bool,
}

impl Simulator {
    /// Sends everything that is due now and answers how many that was. What this causes, and what fails, waits for the
    /// next call.
    pub async fn deliver_events(&self) -> usize {
        self.core.deliver_due().await
    }

    /// Takes the events of an app out of the queue without sending them: for an app that does not listen over HTTP.
    #[must_use]
    pub fn take_events(&self, app_id: &str) -> Vec<Value> {
        let mut world = self.core.world();
        let (taken, kept) =
            std::mem::take(&mut world.queue.waiting).into_iter().partition(|delivery| delivery.app_id == app_id);
        world.queue.waiting = kept;
        let taken: Vec<Delivery> = taken;
        taken.into_iter().map(|delivery| delivery.envelope).collect()
    }

    /// Sends the events of a Web API call before the call is answered.
    pub fn deliver_before_answer(&self, on: bool) {
        self.core.world().settings.deliver_before_answer = on;
    }

    /// Sends every event twice, the second time under another `event_id`.
    pub fn duplicate_events(&self, on: bool) {
        self.core.world().settings.duplicate_events = on;
    }

    /// Sends events in a random order; the same seed gives the same sequence.
    pub fn shuffle_events(&self, seed: Option<u64>) {
        self.core.world().settings.shuffle = seed.map(super::faults::Dice);
    }

    /// Sends the due events at the same time instead of one after the other.
    pub fn deliver_concurrently(&self, on: bool) {
        self.core.world().settings.deliver_concurrently = on;
    }

    /// Sends events from now on by itself, as they happen.
    pub fn run_live(&self) {
        let core = Arc::clone(&self.core);
        let task = tokio::spawn(async move {
            loop {
                if core.deliver_due().await == 0 {
                    // Either something was queued, or it is time to look for retries.
                    let _ = tokio::time::timeout(LIVE_ROUND, core.queued.notified()).await;
                }
            }
        });
        self.server.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(task.abort_handle());
    }

    /// Every acknowledgement so far: of events, commands, clicks and option requests.
    #[must_use]
    pub fn acks(&self) -> Vec<Ack> {
        self.core.world().acks.clone()
    }

    /// Those that Slack would not have taken: too late, or no 2xx.
    #[must_use]
    pub fn missed_acks(&self) -> Vec<Ack> {
        self.acks().into_iter().filter(|ack| !ack.is_good()).collect()
    }
}

impl Core {
    /// Sends the events queued since `mark` before their call is answered, if that is asked for.
    pub(super) async fn deliver_own(&self, mark: u64) {
        let own: Vec<_> = {
            let mut world = self.world();
            if !world.settings.deliver_before_answer {
                return;
            }
            let waiting = std::mem::take(&mut world.queue.waiting);
            let (own, others) =
                waiting.into_iter().partition(|delivery| delivery.number > mark && listens(&world, delivery));
            world.queue.waiting = others;
            own
        };
        for delivery in own {
            self.deliver(delivery).await;
        }
    }

    async fn deliver_due(&self) -> usize {
        let (batch, together) = {
            let mut world = self.world();
            let now = world.now();
            let waiting = std::mem::take(&mut world.queue.waiting);
            let (mut due, later): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|delivery| delivery.due <= now && listens(&world, delivery));
            world.queue.waiting = later;
            if let Some(dice) = &mut world.settings.shuffle {
                dice.shuffle(&mut due);
            }
            (due, world.settings.deliver_concurrently)
        };
        let count = batch.len();
        if together {
            futures_util::future::join_all(batch.into_iter().map(|delivery| self.deliver(delivery))).await;
        } else {
            for delivery in batch {
                self.deliver(delivery).await;
            }
        }
        count
    }

    async fn deliver(&self, mut delivery: Delivery) {
        let url = {
            let world = self.world();
            let app = world.workspace(&delivery.team).and_then(|workspace| workspace.apps.get(&delivery.app_id));
            app.and_then(|app| app.urls.as_ref()).map(|urls| urls.events.clone()).unwrap_or_default()
        };
        let mut headers = Vec::new();
        if let Some(reason) = delivery.reason {
            headers.push(("x-slack-retry-num", delivery.attempt.to_string()));
            headers.push(("x-slack-retry-reason", reason.to_owned()));
        }
        let receipt = self
            .send(
                &delivery.team,
                Parcel {
                    app_id: delivery.app_id.clone(),
                    url,
                    content_type: "application/json",
                    body: delivery.envelope.to_string().into_bytes(),
                    headers,
                },
            )
            .await;
        if receipt.status.is_some_and(|status| (200..300).contains(&status)) || receipt.no_retry {
            return;
        }
        let Some(wait) = RETRIES.get(usize::from(delivery.attempt)) else { return };
        delivery.reason = Some(match receipt.status {
            Some(_) => "http_error",
            None if receipt.timed_out => "http_timeout",
            None => "connection_failed",
        });
        delivery.attempt += 1;
        let mut world = self.world();
        delivery.due = world.now().saturating_add(*wait).unwrap_or(jiff::Timestamp::MAX);
        world.queue.waiting.push(delivery);
    }

    /// Sends something signed and notes how it was acknowledged.
    #[allow(clippy::disallowed_methods, reason = "how long an app really took, whatever the simulator's clock shows")]
    pub(super) async fn send(&self, team: &str, parcel: Parcel) -> Receipt {
        let (secret, now) = {
            let world = self.world();
            let app = world.workspace(team).and_then(|workspace| workspace.apps.get(&parcel.app_id));
            (app.map(|app| app.signing_secret.clone()).unwrap_or_default(), world.now().as_second())
        };
        let mut request = self
            .http
            .post(&parcel.url)
            .header("content-type", parcel.content_type)
            .header("x-slack-request-timestamp", now)
            .header("x-slack-signature", signature::sign(&secret, now, &parcel.body));
        for (name, value) in &parcel.headers {
            request = request.header(*name, value);
        }
        let started = Instant::now();
        let answer = async {
            let response = request.body(parcel.body).send().await?;
            let (status, no_retry) =
                (response.status().as_u16(), response.headers().get("x-slack-no-retry").is_some_and(|v| v == "1"));
            Ok::<_, reqwest::Error>((status, no_retry, response.bytes().await?.to_vec()))
        }
        .await;
        let took = started.elapsed();
        let receipt = match answer {
            Ok((status, no_retry, body)) => {
                Receipt { status: Some(status), body, took, no_retry: no_retry && status >= 300, timed_out: false }
            }
            Err(error) => {
                Receipt { status: None, body: Vec::new(), took, no_retry: false, timed_out: error.is_timeout() }
            }
        };
        let ack = Ack { app_id: parcel.app_id, url: parcel.url, status: receipt.status, took };
        self.world().acks.push(ack);
        receipt
    }
}

/// Whether the app of an event listens. Events of one that does not stay queued for `take_events`.
fn listens(world: &World, delivery: &Delivery) -> bool {
    let app = world.workspace(&delivery.team).and_then(|workspace| workspace.apps.get(&delivery.app_id));
    app.and_then(|app| app.urls.as_ref()).is_some_and(|urls| !urls.events.is_empty())
}
