//! Finds the customer whom an agent means: by name, in the directory here and in those of the bots.

use serde_json::{Value, json};

use crate::relay::Target;
use crate::render::text;
use crate::store::contact::{Contact, Found};
use crate::store::conversations::{self, By};
use crate::store::customers;
use crate::takeover::cards::{self, escape};
use crate::takeover::conversation::{Actor, Conversation, Holder, Room};
use crate::takeover::effect::{Effect, Wish};
use crate::takeover::event::Event;

use super::{Desk, said, spoken};

/// Slack's limit for the options of a menu.
const MENU: usize = 100;

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
                self.respond(wish, body).await
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
                self.respond(wish, body).await
            }
            None => self.answer(wish, "That customer has no DM with the bot.").await,
        }
    }

    /// An agent chose from a menu. Returns what they are told at once, as [`Self::open`] does.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn chosen(&self, value: &str, wish: &Wish) -> anyhow::Result<Value> {
        let parts: Vec<&str> = value.split(' ').collect();
        let [bot, team, user_id] = parts[..] else { return Ok(said("That choice is not valid any more.")) };
        match customers::get(&self.relay.db, bot, team, user_id).await? {
            Some(found) => self.proceed(&found, wish).await,
            None => Ok(said("That customer is not known any more.")),
        }
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
        let event = Event::Open { by: Actor::Agent(wish.agent.clone()), respond_to: wish.respond_to.clone() };
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
