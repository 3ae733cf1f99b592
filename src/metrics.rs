//! What an operator can measure: the numbers behind `GET /metrics`, in the text format of Prometheus.
//!
//! [`TABLE`] names them all. No label says which workspace, channel or person: the number of series stays bounded. Each
//! service has numbers of its own, so that several of them in one process do not add up.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use metrics::{
    Counter, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram, with_local_recorder,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

use crate::store::backlog::Backlog;

const INGESTED: &str = "megatron_ingested_messages_total";
const SLACK_EVENTS: &str = "megatron_slack_events_total";
const COMMANDS: &str = "megatron_commands_total";
const DELIVERIES: &str = "megatron_deliveries_total";
const DELIVERY_SECONDS: &str = "megatron_delivery_duration_seconds";
const CALLBACKS_REFUSED: &str = "megatron_callbacks_refused_total";
const SLACK_REFUSALS: &str = "megatron_slack_refusals_total";
const SOCKET_CONNECTIONS: &str = "megatron_socket_connections";
const SOCKET_RECONNECTS: &str = "megatron_socket_reconnects_total";
const SOCKET_ENVELOPES: &str = "megatron_socket_envelopes_total";
const SLACK_WAITS: &str = "megatron_slack_waits_total";
const CALLBACK_SECONDS: &str = "megatron_callback_acknowledged_seconds";
const TRANSACTION_SECONDS: &str = "megatron_transaction_duration_seconds";
const OUTBOX_WAITING: &str = "megatron_outbox_waiting";
const OUTBOX_OLDEST: &str = "megatron_outbox_oldest_seconds";
const OUTBOX_GIVEN_UP: &str = "megatron_outbox_given_up";
const LANES_WAITING: &str = "megatron_lanes_waiting";
const LANE_DEPTH: &str = "megatron_lane_depth_max";
const LANES_PARKED: &str = "megatron_lanes_parked";
const REMOVED: &str = "megatron_retention_removed_total";
const ROOMS_OPEN: &str = "megatron_rooms_open";
const PAUSED: &str = "megatron_conversations_paused";
const BOTS_OFF: &str = "megatron_bots_off";
const WEBHOOKS_REFUSED: &str = "megatron_webhooks_refused_total";
const WEBHOOKS_DISABLED: &str = "megatron_webhooks_disabled";
const TRACKER_REFUSED: &str = "megatron_tracker_refused_total";

/// Every metric: kind, name, and what it says.
///
/// Gauges are read from the database at each scrape and are the same in all processes that share it, those of Socket Mode
/// apart; they are `NaN` while the database does not answer.
pub const TABLE: [(Kind, &str, &str); 26] = [
    (Kind::Counter, INGESTED, "Messages from /ingest, by bot and outcome: watched, unwatched, duplicate or refused."),
    (Kind::Counter, SLACK_EVENTS, "Events of the hub app, by kind; unknown is what Slack has yet to explain."),
    (Kind::Counter, COMMANDS, "Slash commands, by verb."),
    (
        Kind::Counter,
        DELIVERIES,
        "Tries to deliver, by effect and end: done, again (another try follows), untried (not its turn) or failed.",
    ),
    (Kind::Histogram, DELIVERY_SECONDS, "How long a try to deliver took, by effect."),
    (Kind::Counter, CALLBACKS_REFUSED, "Callbacks that a bot did not take, by bot and reason."),
    (Kind::Counter, WEBHOOKS_REFUSED, "Events that an endpoint did not take, by endpoint and reason."),
    (Kind::Counter, TRACKER_REFUSED, "Requests that the tracker did not take, by reason."),
    (Kind::Counter, SLACK_REFUSALS, "Calls that Slack refused, by method and class of the error."),
    (Kind::Gauge, SOCKET_CONNECTIONS, "Connections of Socket Mode that this process has open."),
    (Kind::Counter, SOCKET_RECONNECTS, "Times that a connection of Socket Mode was made anew, by reason."),
    (
        Kind::Counter,
        SOCKET_ENVELOPES,
        "What came over Socket Mode, by type and result: stored, unread (not as Slack describes it), failed or busy (Slack sends it again).",
    ),
    (Kind::Counter, SLACK_WAITS, "Calls that had to wait for their turn under Slack's rate limits, by method."),
    (
        Kind::Histogram,
        CALLBACK_SECONDS,
        "Time from a change of control until the bot has acknowledged it, retries included, by bot.",
    ),
    (Kind::Histogram, TRANSACTION_SECONDS, "How long the database took, by what for: take_in or settle."),
    (Kind::Counter, REMOVED, "Rows that were deleted because they had been kept long enough, by kind."),
    (Kind::Gauge, OUTBOX_WAITING, "Deliveries that wait to be made."),
    (Kind::Gauge, OUTBOX_OLDEST, "Age of the delivery that has waited longest; 0 when none waits."),
    (Kind::Gauge, OUTBOX_GIVEN_UP, "Deliveries that were given up, and can be retried."),
    (Kind::Gauge, LANES_WAITING, "Lanes in which something waits."),
    (Kind::Gauge, LANE_DEPTH, "Deliveries in the fullest lane."),
    (Kind::Gauge, LANES_PARKED, "Lanes that wait for a token."),
    (Kind::Gauge, ROOMS_OPEN, "Conversations with a room, those included whose room is being made."),
    (Kind::Gauge, PAUSED, "Conversations in which the bot is paused."),
    (Kind::Gauge, BOTS_OFF, "Bots that are switched off as a whole."),
    (Kind::Gauge, WEBHOOKS_DISABLED, "Endpoints that want no more events (410), until somebody enables them again."),
];

/// Upper bounds of the histograms, in seconds. Slack mostly answers within half a second; ten is the longest patience.
const BUCKETS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often something lay within which bounds.
    Histogram,
}

/// What became of a message from `/ingest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ingested {
    /// Taken in for a room.
    Watched,
    /// Nobody watches its conversation.
    Unwatched,
    /// It had been taken in before.
    Duplicate,
    /// It was answered with a problem.
    Refused,
}

/// The numbers of one service; clones share them.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    /// By bot, in the order of [`Ingested::ALL`]: this is the hot path.
    ingested: Arc<HashMap<String, [Counter; 4]>>,
}

impl Metrics {
    /// Numbers that are all zero. The bots are named so that theirs are there before the first message.
    ///
    /// # Errors
    ///
    /// Never with the bounds above.
    pub fn new<'a>(bots: impl IntoIterator<Item = &'a str>) -> anyhow::Result<Self> {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).context("the bounds of the histograms")?;
        let recorder = builder.build_recorder();
        let ingested = with_local_recorder(&recorder, || {
            for (kind, name, help) in TABLE {
                match kind {
                    Kind::Counter => describe_counter!(name, help),
                    Kind::Gauge => describe_gauge!(name, help),
                    Kind::Histogram => describe_histogram!(name, help),
                }
            }
            let counters = |bot: &str| {
                Ingested::ALL.map(|outcome| counter!(INGESTED, "bot" => bot.to_owned(), "outcome" => outcome.name()))
            };
            bots.into_iter().map(|bot| (bot.to_owned(), counters(bot))).collect()
        });
        Ok(Self { recorder: Arc::new(recorder), ingested: Arc::new(ingested) })
    }

    /// A message came in through `/ingest`.
    pub fn ingested(&self, bot: &str, outcome: Ingested) {
        if let Some(counters) = self.ingested.get(bot) {
            counters[outcome as usize].increment(1);
        }
    }

    /// The hub app received an event.
    pub fn slack_event(&self, kind: &'static str) {
        self.count(|| counter!(SLACK_EVENTS, "kind" => kind));
    }

    /// Somebody typed a command.
    pub fn command(&self, verb: &'static str) {
        self.count(|| counter!(COMMANDS, "verb" => verb));
    }

    /// A try to deliver has ended.
    pub fn delivered(&self, effect: &'static str, end: &'static str, took: Duration) {
        self.count(|| counter!(DELIVERIES, "effect" => effect, "end" => end));
        with_local_recorder(&*self.recorder, || histogram!(DELIVERY_SECONDS, "effect" => effect).record(took));
    }

    /// A bot did not take a callback.
    pub fn callback_refused(&self, bot: &str, reason: &'static str) {
        self.count(|| counter!(CALLBACKS_REFUSED, "bot" => bot.to_owned(), "reason" => reason));
    }

    /// An endpoint did not take an event.
    pub fn webhook_refused(&self, endpoint: &str, reason: &'static str) {
        self.count(|| counter!(WEBHOOKS_REFUSED, "endpoint" => endpoint.to_owned(), "reason" => reason));
    }

    /// The tracker did not take a request.
    pub fn tracker_refused(&self, reason: &'static str) {
        self.count(|| counter!(TRACKER_REFUSED, "reason" => reason));
    }

    /// Slack refused a call.
    pub fn slack_refused(&self, method: &'static str, class: &'static str) {
        self.count(|| counter!(SLACK_REFUSALS, "method" => method, "class" => class));
    }

    /// A connection of Socket Mode was opened, or (-1) has ended.
    pub fn socket_connections(&self, change: i8) {
        with_local_recorder(&*self.recorder, || gauge!(SOCKET_CONNECTIONS).increment(f64::from(change)));
    }

    /// A connection of Socket Mode is to be made anew.
    pub fn socket_reconnect(&self, reason: &'static str) {
        self.count(|| counter!(SOCKET_RECONNECTS, "reason" => reason));
    }

    /// Something came over Socket Mode.
    pub fn socket_envelope(&self, kind: &'static str, result: &'static str) {
        self.count(|| counter!(SOCKET_ENVELOPES, "type" => kind, "result" => result));
    }

    /// A call has to wait for its turn.
    pub fn slack_waits(&self, method: &'static str) {
        self.count(|| counter!(SLACK_WAITS, "method" => method));
    }

    /// A bot has acknowledged a change of control, so long after it.
    pub fn acknowledged(&self, bot: &str, took: Duration) {
        let of_bot = || histogram!(CALLBACK_SECONDS, "bot" => bot.to_owned());
        with_local_recorder(&*self.recorder, of_bot).record(took);
    }

    /// A transaction was committed.
    pub fn committed(&self, what: &'static str, took: Duration) {
        with_local_recorder(&*self.recorder, || histogram!(TRANSACTION_SECONDS, "what" => what)).record(took);
    }

    /// Rows were deleted because they had been kept long enough.
    pub fn removed(&self, kind: &'static str, rows: u64) {
        with_local_recorder(&*self.recorder, || counter!(REMOVED, "kind" => kind)).increment(rows);
    }

    /// Everything, for Prometheus. `backlog` is what the database says, if it answers.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    pub fn render(&self, backlog: Option<&Backlog>, now: Timestamp) -> String {
        let number = |of: fn(&Backlog) -> i64| backlog.map_or(f64::NAN, |backlog| of(backlog) as f64);
        let age = |oldest: Option<Timestamp>| oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64());
        with_local_recorder(&*self.recorder, || {
            gauge!(OUTBOX_WAITING).set(number(|backlog| backlog.waiting));
            gauge!(OUTBOX_OLDEST).set(backlog.map_or(f64::NAN, |backlog| age(backlog.oldest())));
            gauge!(OUTBOX_GIVEN_UP).set(number(|backlog| backlog.given_up));
            gauge!(LANES_WAITING).set(number(|backlog| backlog.lanes));
            gauge!(LANE_DEPTH).set(number(|backlog| backlog.deepest));
            gauge!(LANES_PARKED).set(number(|backlog| backlog.parked));
            gauge!(ROOMS_OPEN).set(number(|backlog| backlog.rooms));
            gauge!(PAUSED).set(number(|backlog| backlog.paused));
            gauge!(BOTS_OFF).set(number(|backlog| backlog.switched_off));
            gauge!(WEBHOOKS_DISABLED).set(number(|backlog| backlog.disabled));
        });
        self.recorder.handle().render()
    }

    /// Sorts what was measured since into the buckets, so that it takes no memory however long nobody asks.
    pub fn tidy(&self) {
        self.recorder.handle().run_upkeep();
    }

    fn count(&self, counter: impl FnOnce() -> Counter) {
        with_local_recorder(&*self.recorder, counter).increment(1);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Ingested {
    const ALL: [Self; 4] = [Self::Watched, Self::Unwatched, Self::Duplicate, Self::Refused];

    fn name(self) -> &'static str {
        match self {
            Self::Watched => "watched",
            Self::Unwatched => "unwatched",
            Self::Duplicate => "duplicate",
            Self::Refused => "refused",
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn every_outcome_is_counted_under_its_own_name() {
        let metrics = Metrics::new(["expenses"]).unwrap();
        for (index, outcome) in Ingested::ALL.into_iter().enumerate() {
            for _ in 0..=index {
                metrics.ingested("expenses", outcome);
            }
        }
        let text = metrics.render(None, Timestamp::UNIX_EPOCH);
        for (name, count) in [("watched", 1), ("unwatched", 2), ("duplicate", 3), ("refused", 4)] {
            let line = format!("{INGESTED}{{bot=\"expenses\",outcome=\"{name}\"}} {count}\n");
            assert!(text.contains(&line), "{text}");
        }
    }

    #[test]
    fn two_services_in_one_process_count_apart() {
        let (one, other) = (Metrics::new([]).unwrap(), Metrics::new([]).unwrap());
        one.command("open");
        assert!(one.render(None, Timestamp::UNIX_EPOCH).contains("verb=\"open\""));
        assert!(!other.render(None, Timestamp::UNIX_EPOCH).contains("verb=\"open\""));
    }

    #[test]
    fn the_age_of_the_oldest_delivery_is_in_seconds() {
        let backlog = Backlog { waiting: 2, oldest: Some(0), rooms: 1, ..Backlog::default() };
        let metrics = Metrics::new([]).unwrap();
        let text = metrics.render(Some(&backlog), Timestamp::from_millisecond(90_500).unwrap());
        assert!(text.contains("megatron_outbox_waiting 2\n"), "{text}");
        assert!(text.contains("megatron_outbox_oldest_seconds 90.5\n"), "{text}");
        assert!(text.contains("megatron_rooms_open 1\n"), "{text}");
    }

    #[test]
    fn without_a_database_the_gauges_say_that_they_do_not_know() {
        let text = Metrics::new([]).unwrap().render(None, Timestamp::UNIX_EPOCH);
        assert!(text.contains("megatron_outbox_waiting NaN\n"), "{text}");
    }

    /// Names of metrics in a text, without what a histogram adds to them.
    fn names_in(text: &str) -> BTreeSet<&str> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let names = words.filter(|word| word.starts_with("megatron_"));
        names
            .map(|name| ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name))
            .collect()
    }

    #[test]
    fn the_dashboard_shows_every_metric_and_no_other() {
        let dashboard: Value = serde_json::from_str(include_str!("../config/grafana-dashboard.json")).unwrap();
        let panels = dashboard["panels"].as_array().unwrap();
        let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
        let queries: Vec<&str> = targets.map(|target| target["expr"].as_str().unwrap()).collect();
        let shown: BTreeSet<&str> = queries.iter().flat_map(|query| names_in(query)).collect();
        assert_eq!(shown, TABLE.iter().map(|(_, name, _)| *name).collect());
        let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len());
    }

    #[test]
    fn every_metric_is_documented_and_no_alert_asks_for_another() {
        let guide = include_str!("../docs/operating.md");
        let metrics = guide.split_once("## Metrics").unwrap().1.split_once("\n## ").unwrap().0;
        assert_eq!(names_in(metrics), TABLE.iter().map(|(_, name, _)| *name).collect());
    }

    #[test]
    fn durations_are_sorted_into_buckets() {
        let metrics = Metrics::new([]).unwrap();
        metrics.delivered("post", "done", Duration::from_millis(200));
        metrics.tidy();
        let text = metrics.render(None, Timestamp::UNIX_EPOCH);
        for (bound, count) in [("0.1", 0), ("0.25", 1), ("+Inf", 1)] {
            let line = format!("{DELIVERY_SECONDS}_bucket{{effect=\"post\",le=\"{bound}\"}} {count}\n");
            assert!(text.contains(&line), "{text}");
        }
    }
}
