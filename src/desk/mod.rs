//! The front desk: finds out whom an agent means and hands the wish to the relay.
//!
//! Called by the intake for commands and clicks, and by the courier with what the bots answer.

pub mod contacts;
mod endpoints;
mod erasing;
mod everybody;
mod home;
mod numbers;
pub mod permission;
pub mod queues;
pub mod searching;
pub mod settings;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::{after, from_millis};
use crate::relay::{Handled, Relay, Target};
use crate::store::contact::Contact;
use crate::store::customers;
use crate::store::db::Tx;
use crate::store::wake::{self, Announcement};
use crate::store::{agents, journal, lanes, outbox};
use crate::takeover::conversation::{Actor, Agent};
use crate::takeover::effect::{Effect, Wish};
use crate::takeover::event::Event;
use crate::takeover::turn::{Record, Reply};

/// After so long an agent's name is asked for anew.
const NAME_LASTS: Duration = Duration::from_hours(24);

/// The front desk.
#[derive(Debug, Clone)]
pub struct Desk {
    relay: Arc<Relay>,
}

impl Desk {
    /// A desk in front of a relay.
    #[must_use]
    pub fn new(relay: Arc<Relay>) -> Self {
        Self { relay }
    }

    /// Tells an agent something where they wait.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn answer(&self, wish: &Wish, text: &str) -> anyhow::Result<()> {
        self.respond(wish, said(text)).await
    }

    /// Sends an agent an answer where they wait, if they do.
    async fn respond(&self, wish: &Wish, body: Value) -> anyhow::Result<()> {
        let Some(url) = wish.respond_to.clone() else { return Ok(()) };
        self.send(&[Effect::Respond { url, body }]).await
    }

    /// A customer has written for the first time. `delivery` tells one telling from another.
    ///
    /// # Errors
    ///
    /// When the database fails; whoever was told is not told again.
    pub async fn begun(&self, contact: &Contact, words: &str, delivery: &str) -> anyhow::Result<()> {
        let Contact { bot, team, user_id, .. } = contact;
        let Some(found) = customers::get(&self.relay.db, bot, team, user_id).await? else { return Ok(()) };
        if let Some(key) = found.key() {
            let event = Event::Begun { words: words.to_owned() };
            self.relay.handle(Target::With(&key, &found.customer()), event, Some(delivery)).await?;
        }
        Ok(())
    }

    /// An agent by what is known of them; who is not known, or not well, is asked for.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn agent(&self, user_id: &str, handle: &str) -> anyhow::Result<(Agent, bool)> {
        let known = agents::get(&self.relay.db, user_id).await?;
        let fresh = known.learned_at.is_some_and(|at| after(from_millis(at), NAME_LASTS) > self.relay.clock.now());
        if !fresh {
            self.send(&[Effect::LearnAgent { user_id: user_id.to_owned() }]).await?;
        }
        let name = if known.name.is_empty() { handle.to_owned() } else { known.name };
        Ok((Agent { user_id: user_id.to_owned(), name }, known.always_pause))
    }

    /// Appends effects that belong to no conversation.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn send(&self, effects: &[Effect]) -> anyhow::Result<()> {
        let mut tx = self.relay.db.begin().await?;
        self.append(&mut tx, effects).await?;
        tx.commit().await?;
        self.relay.bell.ring();
        Ok(())
    }

    /// As [`Self::send`], of an effect whose lane is for it alone: not again while that is remembered.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn send_once(&self, effect: &Effect) -> anyhow::Result<()> {
        let mut tx = self.relay.db.begin().await?;
        if !lanes::is_known(&mut tx, &effect.lane(None)).await? {
            self.append(&mut tx, std::slice::from_ref(effect)).await?;
            tx.commit().await?;
            self.relay.bell.ring();
        }
        Ok(())
    }

    /// Appends effects that belong to no conversation to a transaction; whoever commits it rings the bell.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn append(&self, tx: &mut Tx, effects: &[Effect]) -> anyhow::Result<()> {
        outbox::append(tx, effects, None, None, &self.relay.ids, self.relay.clock.now()).await?;
        Ok(wake::announce(tx, &Announcement::Work).await?)
    }

    /// Writes into the journal what belongs to no conversation.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn record(&self, tx: &mut Tx, kind: &'static str, by: &Actor, detail: Value) -> sqlx::Result<()> {
        let record = Record { kind, actor: by.clone(), detail };
        journal::add(tx, None, &record, &self.relay.ids, self.relay.clock.now()).await
    }
}

/// An answer that only the agent sees.
#[must_use]
pub fn said(mrkdwn: &str) -> Value {
    json!({ "response_type": "ephemeral", "text": mrkdwn })
}

/// What to say about an event that was taken in, or not.
#[must_use]
pub fn spoken(handled: Handled) -> String {
    match handled {
        Handled::Taken(_, _, Reply::Done(text) | Reply::Already(text) | Reply::Refused { reason: text, .. }) => text,
        Handled::Duplicate(..) => "That has been done already.".to_owned(),
        Handled::Unknown => "There is no such conversation.".to_owned(),
    }
}
