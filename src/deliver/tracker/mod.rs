//! The tracker: tickets opened, commented and completed for conversations. Called by the courier.
//!
//! `asana` and `webhook` speak to the two trackers there are; `steps` is what the courier does with either, `looks` what
//! it finds out in Asana.

mod asana;
mod looks;
mod steps;
mod webhook;

use jiff::Timestamp;

use crate::config::{self, TrackerKind};

use super::host::HostRefusal;

pub use asana::Asana;
pub use webhook::Webhook;

/// Where tickets are.
#[derive(Debug)]
pub enum Tracker {
    /// Asana.
    Asana(Asana),
    /// A service of the operator's own.
    Webhook(Webhook),
}

/// One request to the tracker, as often as it takes.
#[derive(Debug, Clone, Copy)]
struct Order<'a> {
    /// The same in every try.
    id: &'a str,
    /// When it was decided on.
    since: Timestamp,
    /// The time of the try.
    now: Timestamp,
    /// An earlier try may have succeeded without our knowing: it is looked for first.
    doubtful: bool,
}

/// A ticket to be opened.
#[derive(Debug)]
struct Draft {
    title: String,
    text: String,
    /// Names the ticket for ever, here and there.
    reference: String,
}

/// A ticket that is open.
#[derive(Debug)]
struct Opened {
    /// The tracker's id.
    ticket: String,
    /// Where people see it; empty where the tracker does not say.
    url: String,
}

impl Tracker {
    /// The tracker of the configuration.
    ///
    /// # Errors
    /// When a client cannot be made of it.
    pub fn new(config: &config::Tracker) -> anyhow::Result<Option<Self>> {
        Ok(match config.kind {
            TrackerKind::None => None,
            TrackerKind::Asana => Some(Self::Asana(Asana::new(config)?)),
            TrackerKind::Webhook => Some(Self::Webhook(Webhook::new(config)?)),
        })
    }

    async fn open(&self, order: Order<'_>, draft: &Draft) -> Result<Opened, HostRefusal> {
        match self {
            Self::Asana(asana) => asana.open(order, draft).await,
            Self::Webhook(webhook) => webhook.open(order, draft).await,
        }
    }

    async fn comment(&self, order: Order<'_>, ticket: &str, text: &str) -> Result<(), HostRefusal> {
        match self {
            Self::Asana(asana) => asana.comment(order, ticket, text).await,
            Self::Webhook(webhook) => webhook.comment(order, ticket, text).await,
        }
    }

    async fn complete(&self, order: Order<'_>, ticket: &str) -> Result<(), HostRefusal> {
        match self {
            Self::Asana(asana) => asana.complete(ticket, order.now).await,
            Self::Webhook(webhook) => webhook.complete(order, ticket).await,
        }
    }
}
