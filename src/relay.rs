//! The house in one page: what happens to an event.
//!
//! [`Relay::handle`] takes an event in, [`Relay::settle`] takes in what came of a delivery. Both do the same: in one
//! transaction, seen before? the conversation, the rules, the outbox; after the commit, wake whoever delivers. Nothing is
//! sent from here, so nothing is sent twice when somebody asks twice, and nothing is forgotten when the process dies.

mod delivery;
mod history;
mod published;
mod standing;
mod watching;

use std::sync::Arc;

use jiff::Timestamp;
use tracing::warn;

use crate::clock::Clock;
use crate::config::{Bot, Config};
use crate::ids::Ids;
use crate::metrics::Metrics;
use crate::render::ts::Ts;
use crate::store::conversations::{self, By, Glance, Locked};
use crate::store::db::{Db, Tx};
use crate::store::lanes::{self, Advance, Lease};
use crate::store::outbox::{self, Entry};
use crate::store::seal::Sealer;
use crate::store::seen::Shown;
use crate::store::wake::{self, Announcement, Bell};
use crate::store::watch::WatchTable;
use crate::store::{erase, handoffs, home};
use crate::store::{journal, seen, timers, undelivered};
use crate::takeover::conversation::{Agent, Conversation, Customer, Key};
use crate::takeover::decide::{Decision, decide};
use crate::takeover::event::{Event, Timer};
use crate::takeover::handoff::queue::{Queue, Queues};
use crate::takeover::rules::{EffectiveControl, Rules};
use crate::takeover::turn::Reply;

pub use delivery::{Delivery, End, Next, Posted, Traces};

/// Takes events in.
#[derive(Debug)]
pub struct Relay {
    /// What the operator configured. Whoever needs what can be set in Slack, too, asks [`Relay::in_force`].
    pub config: Arc<Config>,
    /// Where everything is kept.
    pub db: Db,
    /// What time it is.
    pub clock: Clock,
    /// Fresh ids.
    pub ids: Ids,
    /// Who is watched.
    pub watches: WatchTable,
    /// Wakes the delivery workers.
    pub bell: Bell,
    /// What is counted.
    pub metrics: Metrics,
    /// When the database was put back from a backup, if ever.
    pub restored_at: Option<Timestamp>,
    /// Seals what is kept of what people say.
    pub sealer: Arc<Sealer>,
}

/// Which conversation an event is about.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// One that is there.
    Of(By<'a>),
    /// The one with this customer, which begins now if it is not there.
    With(&'a Key, &'a Customer),
}

/// What became of an event.
#[derive(Debug)]
pub enum Handled {
    /// There is no such conversation; nothing was changed.
    Unknown,
    /// It was taken in before; nothing was changed.
    Duplicate(Box<Conversation>, EffectiveControl),
    /// It was taken in.
    Taken(Box<Conversation>, EffectiveControl, Reply),
}

impl Relay {
    /// Takes an event in: once, whole, or not at all.
    ///
    /// # Errors
    ///
    /// When the database fails; then nothing was changed.
    pub async fn handle(&self, target: Target<'_>, event: Event, identity: Option<&str>) -> anyhow::Result<Handled> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let Some(Locked { conversation, version }) = self.find(&mut tx, target).await? else {
            return Ok(Handled::Unknown);
        };
        if let Some(identity) = identity
            && !seen::first(&mut tx, shown_in(&conversation), identity, now).await?
        {
            let control = self.control(&conversation);
            return Ok(Handled::Duplicate(Box::new(conversation), control));
        }
        let Some((event, then)) = standing::sort(&mut tx, &conversation, event).await? else {
            tx.commit().await?;
            let control = self.control(&conversation);
            return Ok(Handled::Taken(Box::new(conversation), control, Reply::Already(String::new())));
        };
        let mut decision = self.decide(conversation, event, now)?;
        let glance = self.write(&mut tx, &mut decision, version, None, now).await?;
        let reply = decision.reply.clone();
        let next = self.go_on(&mut tx, decision, version, then, now).await?;
        tx.commit().await?;
        self.committed("take_in", now);
        self.publish(&glance);
        let control = self.control(&next);
        Ok(Handled::Taken(Box::new(next), control, reply))
    }

    /// Takes in what came of a delivery. With `go_on`, returns the lane's next entry when it may be delivered at once;
    /// otherwise the lane is given back.
    ///
    /// # Errors
    ///
    /// When the database fails; then nothing was changed, and the lease runs out.
    pub async fn settle(
        &self,
        lease: &Lease,
        entry: &Entry,
        delivery: Delivery,
        go_on: bool,
    ) -> anyhow::Result<Option<Entry>> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        // The conversation first, as in `handle`: whoever locks in one order never waits in a circle.
        let locked = match &entry.conversation {
            Some(id) => conversations::lock(&mut tx, By::Id(id)).await?,
            None => None,
        };
        let advance = Advance {
            head_is_gone: !matches!(delivery.end, End::Again { .. } | End::Untried),
            not_before: delivery.lane.not_before,
            paced_to: delivery.lane.paced_to,
            parked: delivery.lane.parked.clone(),
        };
        if !lanes::advance(&mut tx, lease, &advance, now).await? {
            warn!(entry.id, "a lease was lost; whoever has the lane now looks whether the delivery arrived");
            return Ok(None);
        }
        delivery.traces.write(&mut tx, entry).await?;
        let event = match delivery.end {
            End::Done(receipt) => {
                outbox::remove(&mut tx, &entry.id).await?;
                Some(Event::Done(entry.effect.clone(), receipt))
            }
            End::Failed(failure) => {
                if entry.conversation.is_some() {
                    outbox::give_up(&mut tx, entry, &failure.code).await?;
                } else {
                    // Nobody has a button to try it again.
                    outbox::remove(&mut tx, &entry.id).await?;
                }
                Some(Event::Failed(entry.effect.clone(), failure))
            }
            End::Again { failure, doubtful, tell } => {
                outbox::put_back(&mut tx, &entry.id, doubtful, &failure.code).await?;
                if tell {
                    outbox::step_behind(&mut tx, entry).await?;
                    Some(Event::Struggling(entry.effect.clone(), failure))
                } else {
                    None
                }
            }
            End::Untried => {
                outbox::untried(&mut tx, entry).await?;
                None
            }
        };
        // What follows takes the place of an entry that is gone, and goes behind one that is not.
        let parent = advance.head_is_gone.then_some(entry);
        let mut glance = None;
        if let (Some(Locked { conversation, version }), Some(event)) = (locked, event) {
            let (event, then) = history::sift(&mut tx, &conversation, event, now).await?;
            let mut decision = self.decide(conversation, event, now)?;
            glance = Some(self.write(&mut tx, &mut decision, version, parent, now).await?);
            self.go_on(&mut tx, decision, version, then, now).await?;
        }
        let go_on = go_on && advance.not_before <= now;
        let next = if go_on { outbox::take_head(&mut tx, &lease.lane).await? } else { None };
        // One that cannot be read is told of where the lane is leased next.
        let next = next.and_then(Result::ok);
        if next.is_none() {
            lanes::release(&mut tx, lease).await?;
        }
        tx.commit().await?;
        self.committed("settle", now);
        if let Some(glance) = glance {
            self.publish(&glance);
        }
        Ok(next)
    }

    /// Somebody wants a delivery tried again, now. Returns what they are told.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn retry(&self, delivery: &str, by: Agent) -> anyhow::Result<String> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let too_late = "That has been delivered meanwhile, or is being tried again.";
        let Some((entry, given_up)) = outbox::get(&mut tx, delivery).await? else { return Ok(too_late.to_owned()) };
        if !given_up {
            lanes::hurry(&mut tx, &entry.lane, now).await?;
            tx.commit().await?;
            self.bell.ring();
            return Ok("Trying again now.".to_owned());
        }
        let Some(id) = &entry.conversation else { return Ok("That cannot be tried again.".to_owned()) };
        let Some(Locked { conversation, version }) = conversations::lock(&mut tx, By::Id(id)).await? else {
            return Ok("There is no such conversation any more.".to_owned());
        };
        if let Some(why_not) = standing::outdated(&mut tx, &conversation, &entry.effect).await? {
            return Ok(why_not.to_owned());
        }
        let mut decision = self.decide(conversation, Event::Retry { by, effect: entry.effect.clone() }, now)?;
        let told = match &decision.reply {
            Reply::Done(_) if !outbox::renew(&mut tx, &entry, now).await? => return Ok(too_late.to_owned()),
            Reply::Done(text) | Reply::Already(text) => text.clone(),
            Reply::Refused { reason, .. } => reason.clone(),
        };
        let glance = self.write(&mut tx, &mut decision, version, None, now).await?;
        tx.commit().await?;
        self.publish(&glance);
        Ok(told)
    }

    /// An operator wants a delivery given up: what waits behind it goes on, and whoever waits for it is told. What was
    /// given up before is forgotten. Returns what the operator is told.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn drop(&self, delivery: &str) -> anyhow::Result<&'static str> {
        let now = self.clock.now();
        let Some(found) = undelivered::get(&self.db, delivery).await? else { return Ok("There is no such entry.") };
        if found.is_given_up() {
            let mut tx = self.db.begin().await?;
            outbox::remove(&mut tx, delivery).await?;
            tx.commit().await?;
            return Ok("Forgotten. It had been given up before.");
        }
        let owner = self.ids.next(now);
        let Some((lease, head)) = lanes::seize(&self.db, &found.lane, delivery, &owner, now).await? else {
            return Ok("It is being sent just now, or others are before it in its lane. Nothing was changed.");
        };
        if let Ok(entry) = head {
            let dropped = Delivery::dropped(&lease, &entry, now);
            Box::pin(self.settle(&lease, &entry, dropped, false)).await?;
        } else {
            let Next { not_before, paced_to, parked } = Next::at_once(&lease, now);
            let advance = Advance { head_is_gone: true, not_before, paced_to, parked };
            let mut tx = self.db.begin().await?;
            if lanes::advance(&mut tx, &lease, &advance, now).await? {
                outbox::remove(&mut tx, delivery).await?;
                lanes::release(&mut tx, &lease).await?;
                tx.commit().await?;
            }
        }
        self.bell.ring();
        Ok("Given up. What waits behind it goes on.")
    }

    /// A timer of a conversation has fallen due.
    ///
    /// # Errors
    ///
    /// When the database fails; then the timer stays due.
    pub async fn fall_due(&self, conversation: &str, timer: Timer) -> anyhow::Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let locked = conversations::lock(&mut tx, By::Id(conversation)).await?;
        if !timers::take(&mut tx, conversation, timer, now).await? {
            return Ok(());
        }
        let Some(Locked { conversation, version }) = locked else { return Ok(tx.commit().await?) };
        if timer == Timer::Waiting {
            standing::give_up_waiting(&mut tx, &conversation, now).await?;
        }
        let mut decision = self.decide(conversation, Event::Due(timer), now)?;
        let glance = self.write(&mut tx, &mut decision, version, None, now).await?;
        tx.commit().await?;
        self.publish(&glance);
        Ok(())
    }

    /// Whether something may have been delivered after the backup from which the database was put back.
    #[must_use]
    pub fn may_be_forgotten(&self, entry: &Entry) -> bool {
        let Some(restored_at) = self.restored_at else { return false };
        let written = entry.effect.original().and_then(|(ts, _)| Ts::parse(ts)).map(Ts::as_timestamp);
        written.map_or(entry.created_at, |written| written.min(entry.created_at)) < restored_at
    }

    /// Control as the bot is told.
    #[must_use]
    pub fn control(&self, conversation: &Conversation) -> EffectiveControl {
        self.watches.switch(&conversation.key.bot).applied_to(conversation.control)
    }

    /// A bot by its id.
    ///
    /// # Errors
    ///
    /// When it is not in the configuration any more.
    pub fn bot(&self, id: &str) -> anyhow::Result<&Bot> {
        bot(&self.config, id)
    }

    /// The configuration as it holds now: what administrators set in Slack lies over it.
    #[must_use]
    pub fn in_force(&self) -> Arc<Config> {
        self.watches.settings().over(&self.config)
    }

    /// The house rules for the bot of this id.
    ///
    /// # Errors
    ///
    /// When the configuration does not have it any more.
    pub fn rules<'a>(&'a self, config: &'a Config, id: &str, queues: &'a [Queue]) -> anyhow::Result<Rules<'a>> {
        let bot = bot(config, id)?;
        Ok(Rules {
            bot,
            switch: self.watches.switch(&bot.id),
            rooms: &config.rooms,
            reminders: &config.reminders,
            texts: &config.templates,
            slack_api: &config.slack.api_url,
            can_unarchive: config.slack.has_user_token(),
            keeps_transcripts: !config.retention.transcripts.is_zero(),
            webhooks: &config.webhooks,
            tracker: &config.tracker,
            queues: Queues(queues),
            triggers: &config.rules,
            triage: &config.triage,
        })
    }

    fn decide(&self, conversation: Conversation, event: Event, now: Timestamp) -> anyhow::Result<Decision> {
        let (config, queues) = (self.in_force(), self.watches.queues());
        let rules = self.rules(&config, &conversation.key.bot, &queues)?;
        Ok(decide(conversation, event, rules, now))
    }

    /// Decides what comes with an event, one after the other.
    async fn go_on(
        &self,
        tx: &mut Tx,
        mut decision: Decision,
        version: i64,
        then: Vec<Event>,
        now: Timestamp,
    ) -> anyhow::Result<Conversation> {
        for event in then {
            decision = self.decide(decision.next, event, now)?;
            self.write(tx, &mut decision, version, None, now).await?;
        }
        Ok(decision.next)
    }

    async fn find(&self, tx: &mut Tx, target: Target<'_>) -> anyhow::Result<Option<Locked>> {
        match target {
            Target::Of(by) => conversations::lock(tx, by).await,
            Target::With(key, customer) => {
                if let Some(locked) = conversations::lock(tx, By::Key(key)).await? {
                    return Ok(Some(locked));
                }
                let id = self.ids.next(self.clock.now());
                let begun = Conversation::new(id, key.clone(), customer.clone());
                conversations::begin(tx, &begun, self.clock.now()).await?;
                conversations::lock(tx, By::Key(key)).await
            }
        }
    }

    async fn write(
        &self,
        tx: &mut Tx,
        decision: &mut Decision,
        version: i64,
        parent: Option<&Entry>,
        now: Timestamp,
    ) -> anyhow::Result<Glance> {
        let is_forgotten = decision.next.is_to_be_forgotten();
        if is_forgotten {
            // Before what is decided now: the bot and the customer hear of the end.
            erase::conversation(tx, &decision.next.id).await?;
            decision.next = decision.next.clone().bare();
            decision.handoff = None;
            decision.timers.clear();
        }
        let conversation = &decision.next;
        conversations::save(tx, conversation, now).await?;
        if is_forgotten {
            erase::is_bare(tx, &conversation.id).await?;
        }
        if let Some(handoff) = &decision.handoff {
            handoffs::put(tx, &conversation.id, handoff).await?;
        }
        for record in &decision.journal {
            journal::add(tx, Some(&conversation.id), record, &self.ids, now).await?;
        }
        for change in &decision.timers {
            timers::arm(tx, &conversation.id, *change).await?;
        }
        outbox::append(tx, &decision.effects, Some(&conversation.id), parent, &self.ids, now).await?;
        published::keep(self, tx, conversation, &decision.published, now).await?;
        if decision.changes_home {
            home::changed(tx, &self.ids, now).await?;
        }
        let glance = Glance::at(conversation, version);
        wake::announce(tx, &Announcement::Conversation(glance.clone())).await?;
        Ok(glance)
    }

    /// Measures what the database took.
    fn committed(&self, what: &'static str, since: Timestamp) {
        self.metrics.committed(what, since.duration_until(self.clock.now()).try_into().unwrap_or_default());
    }

    fn publish(&self, glance: &Glance) {
        self.watches.update(glance);
        self.bell.ring();
    }
}

fn bot<'a>(config: &'a Config, id: &str) -> anyhow::Result<&'a Bot> {
    config.bot(id).ok_or_else(|| anyhow::anyhow!("bot {id} is not in the configuration any more"))
}

/// Where a message is shown that comes in now.
fn shown_in(conversation: &Conversation) -> Shown<'_> {
    Shown { conversation: &conversation.id, opening: conversation.opening }
}
