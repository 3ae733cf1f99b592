//! What came of a try to deliver an entry, as the courier reports it to [`Relay::settle`](super::Relay::settle).

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::after;
use crate::store::cards::{self, Card};
use crate::store::copies::{self, Place};
use crate::store::db::Tx;
use crate::store::lanes::Lease;
use crate::store::outbox::Entry;
use crate::store::tickets::{self, Ticket};
use crate::store::uploads::{self, FilePlace};
use crate::takeover::event::{Failure, Receipt};

/// What came of a try to deliver an entry.
#[derive(Debug)]
pub struct Delivery {
    /// How it ended.
    pub end: End,
    /// What it left in Slack.
    pub traces: Traces,
    /// What the lane does next.
    pub lane: Next,
}

impl Delivery {
    /// An operator has given it up.
    #[must_use]
    pub fn dropped(lease: &Lease, entry: &Entry, now: Timestamp) -> Self {
        let reason = "an operator dropped it".to_owned();
        let failure = Failure { reference: entry.id.clone(), code: "dropped".to_owned(), reason };
        Self { end: End::Failed(failure), traces: Traces::default(), lane: Next::at_once(lease, now) }
    }
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
    /// Whether it is delivered.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

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

/// What a try left in Slack or the tracker, to be remembered with what came of it.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    /// Messages that were posted.
    pub posted: Vec<Posted>,
    /// Messages that were deleted: workspace, channel and `ts`.
    pub deleted: Vec<[String; 3]>,
    /// Cards that were posted, by name.
    pub cards: Vec<(String, Card)>,
    /// A ticket that was opened.
    pub ticket: Option<Ticket>,
    /// Files that were uploaded, each with the one it is a copy of: workspace and id.
    pub uploaded: Vec<([String; 2], [String; 2])>,
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
    /// Whether it shares files, with the words as their caption.
    pub is_caption: bool,
}

impl Traces {
    /// Writes them down, as those of this delivery.
    pub(super) async fn write(&self, tx: &mut Tx, entry: &Entry) -> sqlx::Result<()> {
        let (conversation, speaker) = (entry.conversation.as_deref(), entry.effect.speaker());
        for Posted { copy, source, part, is_caption } in &self.posted {
            let source = source.as_ref().map(place);
            let new =
                copies::New { copy: place(copy), source, part: *part, is_caption: *is_caption, delivery: &entry.id };
            copies::add(tx, new, conversation, speaker).await?;
        }
        for deleted in &self.deleted {
            copies::forget(tx, place(deleted)).await?;
        }
        for (name, card) in &self.cards {
            cards::put(tx, name, card, conversation.unwrap_or_default()).await?;
        }
        if let Some(ticket) = &self.ticket {
            tickets::add(tx, ticket, entry.created_at).await?;
        }
        for (copy, source) in &self.uploaded {
            uploads::add(tx, file(copy), file(source), conversation).await?;
        }
        Ok(())
    }
}

fn place([team, channel, ts]: &[String; 3]) -> Place<'_> {
    Place { team, channel, ts }
}

fn file([team, file]: &[String; 2]) -> FilePlace<'_> {
    FilePlace { team, file }
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
