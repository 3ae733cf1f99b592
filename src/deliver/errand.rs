//! One try to deliver one entry: what the courier's pages need for it, and how they say how it ended.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::relay::{Delivery, End, Next, Posted, Traces};
use crate::render::mark;
use crate::store::lanes::Lease;
use crate::store::outbox::Entry;
use crate::takeover::event::{Failure, Receipt};

use super::outcome::{Class, Refusal};
use super::pace::Spacing;
use super::retry;

/// How long a lane rests when a person must do something first.
const LONG_PAUSE: Duration = Duration::from_mins(10);
/// How long it rests at first when the token is dead.
const SHORT_PAUSE: Duration = Duration::from_secs(5);
/// Tries after which people are told that something does not get through.
const TELL_AFTER: u32 = 4;
/// After so long an entry that Slack only puts off is given up.
const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// One try.
#[derive(Debug, Clone, Copy)]
pub struct Errand<'a> {
    /// The lane.
    pub lease: &'a Lease,
    /// The entry.
    pub entry: &'a Entry,
    /// The time of the try.
    pub now: Timestamp,
}

/// What stands in the way of a call.
#[derive(Debug)]
pub enum Obstacle {
    /// Slack refused it.
    Refused(Refusal),
    /// It is not its turn yet.
    NotBefore(Timestamp),
    /// There is no token for this workspace, or a dead one.
    NoToken,
    /// Our own store failed, or the configuration has changed.
    Internal(anyhow::Error),
}

impl From<Refusal> for Obstacle {
    fn from(refusal: Refusal) -> Self {
        match refusal.class {
            Class::TokenDead => Self::NoToken,
            _ => Self::Refused(refusal),
        }
    }
}

impl From<anyhow::Error> for Obstacle {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<sqlx::Error> for Obstacle {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl Errand<'_> {
    /// The same at the time of its answer, from which pauses count: a try may have taken longer than the pause.
    pub(super) fn answered(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// It is delivered, without a post.
    pub(super) fn done(&self, receipt: Receipt) -> Delivery {
        Delivery { end: End::Done(receipt), traces: Traces::default(), lane: Next::at_once(self.lease, self.now) }
    }

    /// It is delivered, and what follows goes to a channel that nothing was posted to so far.
    pub(super) fn with_new_pace(&self, receipt: Receipt) -> Delivery {
        let mut delivery = self.done(receipt);
        delivery.lane.paced_to = self.now;
        delivery
    }

    /// It is posted; the lane keeps Slack's pace for a channel.
    pub(super) fn posted(&self, posted: Posted) -> Delivery {
        self.posted_plainer(posted, Vec::new())
    }

    /// The same, without what Slack did not take: one line for each thing.
    pub(super) fn posted_plainer(&self, posted: Posted, left_out: Vec<String>) -> Delivery {
        let (paced_to, not_before) = Spacing::CHANNEL.next(self.lease.paced_to, self.now);
        let receipt = Receipt::Posted { ts: posted.copy[2].clone(), left_out };
        let lane = Next { not_before, paced_to, parked: None };
        let traces = Traces { posted: vec![posted], ..Traces::default() };
        Delivery { end: End::Done(receipt), traces, lane }
    }

    /// It cannot be delivered.
    pub(super) fn failed(&self, code: &str, reason: impl Into<String>) -> Delivery {
        let end = End::Failed(self.failure(code, reason));
        Delivery { end, traces: Traces::default(), lane: Next::at_once(self.lease, self.now) }
    }

    /// It is to be tried again after a pause.
    pub(super) fn again(&self, failure: Failure, pause: Duration, doubtful: bool, tell: bool) -> Delivery {
        let end = End::Again { failure, doubtful, tell };
        Delivery { end, traces: Traces::default(), lane: Next::rest(self.lease, self.now, pause) }
    }

    /// It waits for its turn, or for something else of ours; not a failure, and not counted as a try.
    pub(super) fn wait(&self, until: Timestamp) -> Delivery {
        let lane = Next { not_before: until, ..Next::at_once(self.lease, self.now) };
        Delivery { end: End::Untried, traces: Traces::default(), lane }
    }

    /// What follows from an obstacle, as Slack's errors are to be read.
    pub(super) fn obstructed(&self, obstacle: Obstacle, parking: String, jitter: f64) -> Delivery {
        let Errand { entry, now, .. } = *self;
        let backoff = retry::slack(entry.attempts, jitter);
        let tell = entry.attempts == TELL_AFTER;
        let too_old = now.duration_since(entry.created_at) > GIVE_UP_AFTER;
        match obstacle {
            Obstacle::NotBefore(time) => self.wait(time),
            Obstacle::NoToken if too_old => self.failed("token_dead", "Slack does not take the token"),
            Obstacle::NoToken => {
                let reason = "Slack does not take the bot's token for this workspace; the bot is asked for another";
                let is_news = entry.problem.as_deref() != Some("token_dead");
                let failure = self.failure("token_dead", reason);
                // Another token may come just while the lane is being parked: the second look is soon.
                let pause = if is_news { SHORT_PAUSE } else { LONG_PAUSE };
                let mut delivery = self.again(failure, pause, entry.doubtful, is_news);
                delivery.lane.parked = Some(parking);
                delivery
            }
            Obstacle::Internal(error) => {
                tracing::error!(error = %error, entry.id, "a delivery could not be prepared");
                if too_old {
                    return self.failed("internal", "something went wrong here");
                }
                self.again(self.failure("internal", "something went wrong here"), backoff, entry.doubtful, tell)
            }
            Obstacle::Refused(refusal) => {
                let failure = self.failure(&refusal.code, refusal.explain());
                match refusal.class {
                    Class::Done => self.done(Receipt::Done),
                    Class::Later { .. } | Class::LongPause | Class::Unsure if too_old => {
                        self.failed(&failure.code, failure.reason)
                    }
                    Class::Later { after } => self.again(failure, after.unwrap_or(backoff), entry.doubtful, tell),
                    Class::LongPause => self.again(failure, LONG_PAUSE, entry.doubtful, entry.attempts == 1),
                    Class::Unsure => self.again(failure, backoff, true, tell),
                    _ => self.failed(&failure.code, failure.reason),
                }
            }
        }
    }

    pub(super) fn failure(&self, code: &str, reason: impl Into<String>) -> Failure {
        Failure { reference: self.entry.id.clone(), code: code.to_owned(), reason: reason.into() }
    }

    /// What identifies a post of this entry to us, wherever it turns up.
    pub(super) fn metadata(&self) -> Value {
        mark::metadata(&self.entry.id, self.entry.effect.original())
    }
}
