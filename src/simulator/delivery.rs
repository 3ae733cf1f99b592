//! Sends what is queued, over HTTP or by Socket Mode: signed, retried like Slack, in order or not. Driven step by step, or live in the background.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::events::Delivery;
use super::world::{World, extend};
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
    /// Where it goes over HTTP; empty: nowhere.
    pub(super) url: String,
    pub(super) sort: Sort,
    pub(super) payload: Value,
    /// Whether an acknowledgement by Socket Mode may carry an answer.
    pub(super) takes_answer: bool,
    /// Number of the retry, and why there is one.
    pub(super) retry: Option<(u8, &'static str)>,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Event,
    Command,
    Interaction,
}

impl Parcel {
    /// Content type and body of the request.
    fn request(&self) -> (&'static str, String) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        match self.sort {
            Sort::Event => return ("application/json", self.payload.to_string()),
            Sort::Command => {
                for (name, value) in self.payload.as_object().into_iter().flatten() {
                    form.append_pair(name, value.as_str().unwrap_or_default());
                }
            }
            Sort::Interaction => {
                form.append_pair("payload", &self.payload.to_string());
            }
        }
        ("application/x-www-form-urlencoded", form.finish())
    }

    /// The same for Socket Mode.
    fn envelope(&self, id: &str) -> Value {
        let sort = match self.sort {
            Sort::Event => "events_api",
            Sort::Command => "slash_commands",
            Sort::Interaction => "interactive",
        };
        let mut envelope = json!({
            "envelope_id": id, "type": sort, "payload": self.payload, "accepts_response_payload": self.takes_answer,
        });
        if self.sort == Sort::Event {
            let (attempt, reason) = self.retry.unwrap_or_default();
            extend(&mut envelope, json!({ "retry_attempt": attempt, "retry_reason": reason }));
        }
        envelope
    }
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

    /// How many events of an app are still to be sent, for the first time or again.
    #[must_use]
    pub fn events_waiting(&self, app_id: &str) -> usize {
        self.core.world().queue.waiting.iter().filter(|delivery| delivery.app_id == app_id).count()
    }

    /// What is to be sent again to an app is due now: Slack's pauses are over.
    pub fn hurry_retries(&self, app_id: &str) {
        let mut world = self.core.world();
        let now = world.now();
        for delivery in world.queue.waiting.iter_mut().filter(|delivery| delivery.app_id == app_id) {
            delivery.due = delivery.due.min(now);
        }
        drop(world);
        self.core.queued.notify_one();
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
        let receipt = self
            .send(
                &delivery.team,
                Parcel {
                    app_id: delivery.app_id.clone(),
                    url,
                    sort: Sort::Event,
                    payload: delivery.envelope.clone(),
                    takes_answer: false,
                    retry: delivery.reason.map(|reason| (delivery.attempt, reason)),
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

    /// Sends something by Socket Mode where the app is connected, else over HTTP, and notes how it was acknowledged.
    pub(super) async fn send(&self, team: &str, parcel: Parcel) -> Receipt {
        match self.send_by_socket(&parcel).await {
            Some(receipt) if self.world().settings.both_ways && !parcel.url.is_empty() => {
                self.post(team, parcel).await;
                receipt
            }
            Some(receipt) => receipt,
            None => self.post(team, parcel).await,
        }
    }

    /// None when the app is not connected.
    #[allow(clippy::disallowed_methods, reason = "how long an app really took, whatever the simulator's clock shows")]
    async fn send_by_socket(&self, parcel: &Parcel) -> Option<Receipt> {
        let (id, acknowledged, patience) = {
            let mut world = self.world();
            let id = format!("00000000-0000-4000-9000-{:012}", world.serial());
            let acknowledged = world.sockets.send(&parcel.app_id, &id, parcel.envelope(&id))?;
            (id, acknowledged, world.sockets.patience.unwrap_or(ACK_WITHIN))
        };
        let started = Instant::now();
        let answer = tokio::time::timeout(patience, acknowledged).await;
        let (took, timed_out) = (started.elapsed(), answer.is_err());
        let answer = answer.ok().and_then(Result::ok);
        let body = match &answer {
            Some(payload) if parcel.takes_answer && !payload.is_null() => payload.to_string().into_bytes(),
            _ => Vec::new(),
        };
        let status = answer.map(|_| 200);
        let ack = Ack { app_id: parcel.app_id.clone(), url: "socket".to_owned(), status, took };
        let mut world = self.world();
        world.sockets.forget(&id);
        world.acks.push(ack);
        Some(Receipt { status, body, took, no_retry: false, timed_out })
    }

    /// Sends something signed over HTTP.
    #[allow(clippy::disallowed_methods, reason = "how long an app really took, whatever the simulator's clock shows")]
    async fn post(&self, team: &str, parcel: Parcel) -> Receipt {
        let (content_type, body) = parcel.request();
        let (secret, now) = {
            let world = self.world();
            let app = world.workspace(team).and_then(|workspace| workspace.apps.get(&parcel.app_id));
            (app.map(|app| app.signing_secret.clone()).unwrap_or_default(), world.now().as_second())
        };
        let mut request = self
            .http
            .post(&parcel.url)
            .header("content-type", content_type)
            .header("x-slack-request-timestamp", now)
            .header("x-slack-signature", signature::sign(&secret, now, body.as_bytes()));
        if let Some((attempt, reason)) = parcel.retry {
            request = request.header("x-slack-retry-num", u16::from(attempt)).header("x-slack-retry-reason", reason);
        }
        let started = Instant::now();
        let answer = async {
            let response = request.body(body).send().await?;
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
    app.is_some_and(|app| world.is_heard(app, |urls| &urls.events))
}
