//! What moves between the parts: each request with its answer, for the page to show.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::demo::cast::{ACME, HUB_APP};
use crate::simulator::{Call, Fault, Simulator};

/// So many are kept.
const KEPT: usize = 200;

/// Parts between which something moves, as people call them.
pub(crate) mod part {
    pub(crate) const SERVICE: &str = "service";
    pub(crate) const BOT: &str = "bot";
    pub(crate) const CUSTOMERS_SLACK: &str = "customer's Slack";
    pub(crate) const SUPPORT_SLACK: &str = "support Slack";
}

/// A request and its answer.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Move {
    /// Counts all moves.
    n: u64,
    at: Timestamp,
    from: &'static str,
    to: &'static str,
    /// Such as `POST /ingest`, `chat.postMessage` or `conversation.paused`.
    what: String,
    /// An HTTP status, or what Slack calls an error.
    status: Value,
    took_ms: Option<u64>,
    detail: Value,
}

impl Move {
    /// Which it is.
    pub(super) fn n(&self) -> u64 {
        self.n
    }
}

/// What has moved lately. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moves(Arc<Mutex<Log>>);

#[derive(Debug, Default)]
struct Log {
    /// Calls of the Web API that are noted already.
    calls: usize,
    count: u64,
    kept: VecDeque<Move>,
}

impl Moves {
    /// Notes what somebody has sent to somebody, now.
    pub(crate) fn note(
        &self,
        (from, to): (&'static str, &'static str),
        what: String,
        status: u16,
        took_ms: u64,
        detail: Value,
    ) {
        let at = Clock::System.now();
        self.log().push(Move { n: 0, at, from, to, what, status: json!(status), took_ms: Some(took_ms), detail });
    }

    /// Those after the first so many, oldest first; with what Slack has noted of calls of its Web API since.
    pub(super) fn after(&self, known: u64, slack: &Simulator) -> Vec<Move> {
        let mut log = self.log();
        let calls = slack.calls_after(log.calls);
        log.calls += calls.len();
        for call in calls {
            log.push(of_call(call));
        }
        log.kept.iter().filter(|moved| moved.n > known).cloned().collect()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn push(&mut self, moved: Move) {
        self.count += 1;
        self.kept.push_back(Move { n: self.count, ..moved });
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }
}

fn of_call(call: Call) -> Move {
    let status = match &call.fault {
        Some(Fault::RateLimited { .. }) => json!(429),
        Some(_) => json!(500),
        None if call.answer["ok"] == false => call.answer["error"].clone(),
        None => json!("ok"),
    };
    let to = if call.team == ACME { part::CUSTOMERS_SLACK } else { part::SUPPORT_SLACK };
    let from = if is_the_services(&call) { part::SERVICE } else { part::BOT };
    let detail = json!({ "request": call.args, "answer": call.answer });
    Move { n: 0, at: call.at, from, to, what: call.method, status, took_ms: None, detail }
}

/// The bot and the service use the same token in the customer's workspace; the service leaves its mark on what it posts.
fn is_the_services(call: &Call) -> bool {
    call.app_id == HUB_APP || call.method != "chat.postMessage" || !call.args["metadata"].is_null()
}
