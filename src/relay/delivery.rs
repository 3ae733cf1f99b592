//! What came of a try to deliver an entry, as the courier reports it to [`Relay::settle`](super::Relay::settle).

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::after;
use crate::store::lanes::Lease;
use crate::takeover::event::{Failure, Receipt};

/// What came of a try to deliver an entry.
#[derive(Debug)]
pub struct Delivery {
    /// How it ended.
    pub end: End,
    /// Messages that were posted, and of what they are copies.
    pub posted: Vec<Posted>,
    /// What the lane does next.
    pub lane: Next,
}

/// How a try ended.
#[derive(Debug)]
pub enum End {
    /// It is delivered.
    Done(Receipt),
    /// It cannot be delivered.
    Failed(Failure),
    /// It is to be tried again. `doubtful`: it may have been delivered without our knowing. `tell`: people should know.
    Again {
        /// Why.
        failure: Failure,
        /// Whether it may have been delivered.
        doubtful: bool,
        /// Whether people should know.
        tell: bool,
    },
    /// It was not tried: it waits for its turn, or for something else of ours.
    Untried,
}

impl End {
    /// As metrics call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Failed(_) => "failed",
            Self::Again { .. } => "again",
            Self::Untried => "untried",
        }
    }
}

/// A message that was posted.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Workspace, channel and `ts` of the copy.
    pub copy: [String; 3],
    /// Workspace, channel and `ts` of what it is a copy of.
    pub source: Option<[String; 3]>,
    /// Which part of the source.
    pub part: u32,
}

/// What a lane does next.
#[derive(Debug, Clone)]
pub struct Next {
    /// When the next try may begin.
    pub not_before: Timestamp,
    /// How far the pace is used up.
    pub paced_to: Timestamp,
    /// What it waits for besides.
    pub parked: Option<String>,
}

impl Next {
    /// The lane may go on at once.
    #[must_use]
    pub fn at_once(lease: &Lease, now: Timestamp) -> Self {
        Self { not_before: now, paced_to: lease.paced_to, parked: None }
    }

    /// The lane rests.
    #[must_use]
    pub fn rest(lease: &Lease, now: Timestamp, pause: Duration) -> Self {
        Self { not_before: after(now, pause), ..Self::at_once(lease, now) }
    }
}
