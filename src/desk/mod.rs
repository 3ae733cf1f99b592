//! The front desk: finds out whom an agent means and hands the wish to the relay.
//!
//! Called by the intake for commands and clicks, and by the courier with what the bots answer.

pub mod contacts;
mod endpoints;
pub mod permission;
pub mod queues;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::{after, from_millis};
use crate::relay::{Handled, Relay, Target};
use crate::render::text;
use crate::store::contact::{Contact, Found};
use crate::store::conversations::{self, By};
use crate::store::customers;
use crate::store::db::Tx;
use crate::store::erase;
use crate::store::wake::{self, Announcement};
use crate::store::{agents, journal, lanes, outbox, switches, workspaces};
use crate::takeover::cards::{self, escape};
use crate::takeover::conversation::{Actor, Agent, Conversation, Holder, Room, RoomChannel};
use crate::takeover::effect::{Effect, Wish};
use crate::takeover::event::Event;
use crate::takeover::turn::{Record, Reply};

/// Slack's limit for the options of a menu.
const MENU: usize = 100;
/// After so long an agent's name is asked for anew.
const NAME_LASTS: Duration = Duration::from_hours(24);

/// The front desk.
#[derive(Debug, Clone)]
pub struct Desk {
    relay: Arc<Relay>,
}

/// Whom a name means among those that somebody has to do with.
#[derive(Debug)]
pub enum Meant {
    /// This one.
    One(Box<Conversation>),
    /// A customer without a conversation so far.
    Stranger(Box<Found>),
    /// Several; one line each.
    Several(Vec<String>),
    /// Nobody.
    Nobody,
}

impl Desk {
    /// A desk in front of a relay.
    #[must_use]
    pub fn new(relay: Arc<Relay>) -> Self {
        Self { relay }
    }

    /// An agent wants to see a customer. Returns what they are told at once; more may follow where they wait.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn open(&self, query: &str, wish: &Wish) -> anyhow::Result<Value> {
        let found = customers::find(&self.relay.db, query).await?;
        if !found.is_empty() {
            return self.offer(found, wish).await;
        }
        let bots: Vec<String> = self.relay.config.bots.iter().map(|bot| bot.id.clone()).collect();
        let [first, others @ ..] = &bots[..] else { return Ok(said(&nobody(query))) };
        self.ask(first, others, &[], query, wish).await?;
        Ok(said(&format!("Nobody here is called “{}” so far. Asking the bot …", escape(query))))
    }

    /// A bot has said whom it knows by that name.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn searched(
        &self,
        others: &[String],
        silent: &[String],
        query: &str,
        named: Vec<Found>,
        wish: &Wish,
    ) -> anyhow::Result<()> {
        // Names may have been learned since the first look.
        let mut found = customers::find(&self.relay.db, query).await?;
        for one in named {
            let Contact { bot, team, user_id, .. } = &one.contact;
            let known = customers::get(&self.relay.db, bot, team, user_id).await?;
            let mut tx = self.relay.db.begin().await?;
            if known.is_none_or(|known| known.profile.name.is_empty()) {
                customers::learn(&mut tx, &one.contact, &one.profile, self.relay.clock.now()).await?;
            } else {
                customers::meet(&mut tx, &one.contact, self.relay.clock.now()).await?;
            }
            tx.commit().await?;
            found.retain(|listed| !same_person(listed, &one));
            found.extend(customers::get(&self.relay.db, bot, team, user_id).await?);
        }
        match (found.is_empty(), others) {
            (true, [next, others @ ..]) => self.ask(next, others, silent, query, wish).await,
            (true, []) => {
                let mut text = nobody(query);
                for bot in silent {
                    text = format!("{text} {} could not be asked.", self.name_of(bot));
                }
                self.answer(wish, &text).await
            }
            (false, _) => {
                let body = self.offer(found, wish).await?;
                self.send(&[Effect::Respond { url: wish.respond_to.clone(), body }]).await
            }
        }
    }

    /// The DM of a customer is known now.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn met(&self, contact: &Contact, wish: &Wish) -> anyhow::Result<()> {
        let mut tx = self.relay.db.begin().await?;
        customers::meet(&mut tx, contact, self.relay.clock.now()).await?;
        tx.commit().await?;
        let found = customers::get(&self.relay.db, &contact.bot, &contact.team, &contact.user_id).await?;
        match found.filter(|found| found.contact.channel.is_some()) {
            Some(found) => {
                let body = self.proceed(&found, wish).await?;
                self.send(&[Effect::Respond { url: wish.respond_to.clone(), body }]).await
            }
            None => self.answer(wish, "That customer has no DM with the bot.").await,
        }
    }

    /// An agent chose from the menu.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn chosen(&self, value: &str, wish: &Wish) -> anyhow::Result<()> {
        let parts: Vec<&str> = value.split(' ').collect();
        let [bot, team, user_id] = parts[..] else {
            return self.answer(wish, "That choice is not valid any more.").await;
        };
        let body = match customers::get(&self.relay.db, bot, team, user_id).await? {
            Some(found) => self.proceed(&found, wish).await?,
            None => said("That customer is not known any more."),
        };
        self.send(&[Effect::Respond { url: wish.respond_to.clone(), body }]).await
    }

    /// The options for a menu that an agent types into.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn options(&self, query: &str) -> anyhow::Result<Value> {
        let found = customers::find(&self.relay.db, query).await?;
        Ok(json!({ "options": found.iter().take(MENU).map(|found| self.option(found)).collect::<Vec<_>>() }))
    }

    /// Whom an agent means by a name in a command about a conversation that may be going on.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn meant(&self, query: &str) -> anyhow::Result<Meant> {
        let mut going_on = Vec::new();
        let mut others = Vec::new();
        for found in customers::find(&self.relay.db, query).await? {
            let conversation = match found.key() {
                Some(key) => conversations::get(&self.relay.db, By::Key(&key)).await?,
                None => None,
            };
            let alive = |one: &Conversation| one.room != Room::None || one.control.holder != Holder::Bot;
            match conversation {
                Some(conversation) if alive(&conversation) => going_on.push((found, conversation)),
                Some(_) | None => others.push(found),
            }
        }
        let line = |found: &Found| format!("• {} (`{}`)", escape(&self.label(found)), escape(&found.contact.user_id));
        Ok(match (going_on.len(), others.len()) {
            (1, _) => Meant::One(Box::new(going_on.remove(0).1)),
            (0, 1) => Meant::Stranger(Box::new(others.remove(0))),
            (0, 0) => Meant::Nobody,
            _ => Meant::Several(going_on.iter().map(|(found, _)| found).chain(&others).take(20).map(line).collect()),
        })
    }

    /// Tells an agent something where they wait.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn answer(&self, wish: &Wish, text: &str) -> anyhow::Result<()> {
        self.send(&[Effect::Respond { url: wish.respond_to.clone(), body: said(text) }]).await
    }

    /// Asks the bot for a token of a workspace, unless that is under way.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn ask_for_token(&self, bot: &str, team: &str) -> anyhow::Result<()> {
        let ask = Effect::RefreshToken { bot: bot.to_owned(), team: team.to_owned() };
        let mut tx = self.relay.db.begin().await?;
        if !outbox::is_waiting(&mut tx, &ask.lane(None)).await? {
            self.append(&mut tx, &[ask]).await?;
            tx.commit().await?;
            self.relay.bell.ring();
        }
        Ok(())
    }

    /// Slack says that the bot's token in a workspace is dead, as of this time. Unless the bot has brought another since,
    /// the token is forgotten, the rooms are told and the bot is asked; true then.
    ///
    /// # Errors
    ///
    /// When the database fails; then nothing was changed.
    pub async fn lost_token(&self, bot: &str, team: &str, at: Timestamp) -> anyhow::Result<bool> {
        let mut tx = self.relay.db.begin().await?;
        if !workspaces::forget_token(&mut tx, bot, team, at).await? {
            return Ok(false);
        }
        let (bot, team) = (bot.to_owned(), team.to_owned());
        let ask = Effect::RefreshToken { bot: bot.clone(), team: team.clone() };
        let mut effects = vec![Effect::TellTokenLost { bot, team }];
        if !outbox::is_waiting(&mut tx, &ask.lane(None)).await? {
            effects.push(ask);
        }
        self.append(&mut tx, &effects).await?;
        tx.commit().await?;
        self.relay.bell.ring();
        Ok(true)
    }

    /// Tells the rooms of a workspace that the bot's token there is gone.
    ///
    /// # Errors
    ///
    /// When the database fails; rooms that were told are told again then.
    pub async fn tell_token_lost(&self, bot: &str, team: &str) -> anyhow::Result<()> {
        for conversation in conversations::alive(&self.relay.db, Some(bot)).await? {
            if conversation.key.team == team {
                self.relay.handle(Target::Of(By::Id(&conversation.id)), Event::TokenLost, None).await?;
            }
        }
        Ok(())
    }

    /// Turns a bot's switch; every conversation that somebody has to do with is told.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn switch(&self, bot: &str, active: bool, by: Actor) -> anyhow::Result<()> {
        let mut tx = self.relay.db.begin().await?;
        let (switch, changed) = switches::turn(&mut tx, bot, active).await?;
        wake::announce(&mut tx, &Announcement::Switch(bot.to_owned(), switch.active, switch.turns)).await?;
        if changed {
            let kind = if active { "bot.switched_on" } else { "bot.switched_off" };
            self.record(&mut tx, kind, &by, json!({ "bot": bot })).await?;
            self.append(&mut tx, &[Effect::TellSwitch { bot: bot.to_owned(), active, by }]).await?;
        }
        tx.commit().await?;
        self.relay.watches.switched(bot, switch);
        self.relay.bell.ring();
        Ok(())
    }

    /// Tells the conversations of a bot that its switch was turned.
    ///
    /// # Errors
    ///
    /// When the database fails; the conversations that were told are not told again.
    pub async fn tell_switch(&self, bot: &str, active: bool, by: &Actor) -> anyhow::Result<()> {
        for conversation in conversations::alive(&self.relay.db, Some(bot)).await? {
            let event = Event::BotSwitched { active, by: by.clone() };
            self.relay.handle(Target::Of(By::Id(&conversation.id)), event, None).await?;
        }
        Ok(())
    }

    /// Tells every conversation with a room that the service is back.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn resume(&self) -> anyhow::Result<()> {
        const PAGE: i64 = 100;
        let mut last = String::new();
        loop {
            let watched = conversations::watched(&self.relay.db, &last, PAGE).await?;
            let Some(newest) = watched.last().cloned() else { return Ok(()) };
            for id in watched {
                self.relay.handle(Target::Of(By::Id(&id)), Event::Resumed, None).await?;
            }
            last = newest;
        }
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

    /// Forgets a customer. Returns the rooms that they had or have, which stay in Slack; none for somebody unknown.
    ///
    /// Where a room is open, the rest is forgotten as soon as it is archived.
    ///
    /// # Errors
    ///
    /// When the database fails; then it may be asked for again.
    pub async fn erase(&self, contact: &Contact, by: &Actor) -> anyhow::Result<Option<Vec<RoomChannel>>> {
        let Contact { bot, team, user_id, .. } = contact;
        let known = customers::get(&self.relay.db, bot, team, user_id).await?.is_some();
        let conversations = erase::conversations_of(&self.relay.db, contact).await?;
        if !known && conversations.is_empty() {
            return Ok(None);
        }
        let mut rooms = Vec::new();
        for conversation in &conversations {
            let past = conversation.past_rooms.iter();
            rooms.extend(past.map(|past| RoomChannel { id: past.id.clone(), name: past.name.clone() }));
            rooms.extend(conversation.room_channel().cloned());
            let event = Event::Erase { by: by.clone() };
            self.relay.handle(Target::Of(By::Id(&conversation.id)), event, None).await?;
        }
        let mut tx = self.relay.db.begin().await?;
        erase::customer(&mut tx, contact).await?;
        if conversations.is_empty() {
            let of = json!({ "bot": bot, "team_id": team, "user_id": user_id });
            self.record(&mut tx, "customer.erased", by, of).await?;
        }
        tx.commit().await?;
        Ok(Some(rooms))
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

    /// Asks a bot whom it knows by that name.
    async fn ask(
        &self,
        bot: &str,
        others: &[String],
        silent: &[String],
        query: &str,
        wish: &Wish,
    ) -> anyhow::Result<()> {
        let (bot, others, silent) = (bot.to_owned(), others.to_vec(), silent.to_vec());
        let (query, then) = (query.to_owned(), wish.clone());
        self.send(&[Effect::SearchCustomers { bot, others, silent, query, then }]).await
    }

    /// One hit opens, several give a menu.
    async fn offer(&self, mut found: Vec<Found>, wish: &Wish) -> anyhow::Result<Value> {
        if found.len() == 1 {
            return self.proceed(&found.remove(0), wish).await;
        }
        Ok(self.menu(&found))
    }

    async fn proceed(&self, found: &Found, wish: &Wish) -> anyhow::Result<Value> {
        let Some(key) = found.key() else {
            let Contact { bot, team, user_id, .. } = found.contact.clone();
            self.send(&[Effect::FindDm { bot, team, user_id, then: wish.clone() }]).await?;
            return Ok(said(&format!("Looking for the DM of {} …", escape(&self.label(found)))));
        };
        let event = Event::Open { by: Actor::Agent(wish.agent.clone()), respond_to: Some(wish.respond_to.clone()) };
        let handled = self.relay.handle(Target::With(&key, &found.customer()), event, None).await?;
        Ok(said(&spoken(handled)))
    }

    fn menu(&self, found: &[Found]) -> Value {
        let text = "Several customers fit. Whom do you mean?";
        let element = if found.len() > MENU {
            json!({ "type": "external_select", "action_id": cards::action::CHOOSE_CUSTOMER, "min_query_length": 2,
                    "placeholder": { "type": "plain_text", "text": "Type a name" } })
        } else {
            json!({ "type": "static_select", "action_id": cards::action::CHOOSE_CUSTOMER,
                    "placeholder": { "type": "plain_text", "text": "Choose a customer" },
                    "options": found.iter().map(|found| self.option(found)).collect::<Vec<_>>() })
        };
        let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": text }, "accessory": element });
        json!({ "response_type": "ephemeral", "text": text, "blocks": [section] })
    }

    /// A customer as an option of a menu: 75 characters of text, 150 of value
    /// (<https://docs.slack.dev/reference/block-kit/composition-objects/option-object>).
    fn option(&self, found: &Found) -> Value {
        let Contact { bot, team, user_id, .. } = &found.contact;
        json!({
            "text": { "type": "plain_text", "text": text::cut(&self.label(found), 75) },
            "value": format!("{bot} {team} {user_id}"),
        })
    }

    /// Name, workspace, the bot where there are several, and address, as far as they are known: two of one name stay apart.
    fn label(&self, found: &Found) -> String {
        let profile = &found.profile;
        let name = if profile.name.is_empty() { &found.contact.user_id } else { &profile.name };
        let workspace = if profile.workspace.is_empty() { &found.contact.team } else { &profile.workspace };
        let real_name = if profile.real_name.is_empty() || profile.real_name == *name {
            String::new()
        } else {
            format!(" ({})", profile.real_name)
        };
        let mut label = format!("{name}{real_name}, {workspace}");
        if let [_, _, ..] = self.relay.config.bots.as_slice() {
            let bot = self.relay.config.bot(&found.contact.bot).map_or("", |bot| bot.name.as_str());
            label = format!("{label}, {bot}");
        }
        if profile.email.is_empty() { label } else { format!("{label}, {}", profile.email) }
    }

    /// The name of a bot, for agents.
    fn name_of(&self, bot: &str) -> String {
        escape(self.relay.config.bot(bot).map_or(bot, |bot| bot.name.as_str()))
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

fn nobody(query: &str) -> String {
    format!(
        "Nobody was found for “{}”. Try another part of the name, the e-mail address or the Slack id.",
        escape(query)
    )
}

fn same_person(one: &Found, other: &Found) -> bool {
    (&one.contact.bot, &one.contact.team, &one.contact.user_id)
        == (&other.contact.bot, &other.contact.team, &other.contact.user_id)
}
