//! The courier: one effect of the outbox, carried out.

use serde_json::{Value, json};

use crate::desk::said;
use crate::relay::{Delivery, End};
use crate::store::contact::Contact;
use crate::store::conversations::{self, By};
use crate::store::customers;
use crate::store::{agents, workspaces};
use crate::takeover::conversation::{Agent, Conversation, Profile, Side};
use crate::takeover::effect::{Effect, Wish};
use crate::takeover::event::Receipt;

use std::sync::Arc;
use std::time::Duration;

use super::errand::{Errand, Obstacle};
use super::method::Method;
use super::tools::Tools;

/// Tries to find out who somebody is before it is left at their id.
const LEARN_TRIES: u32 = 4;

/// What lanes wait for when Slack refuses the hub app's token; a restart, with another one, lets them go on.
pub const HUB: &str = "token of the hub app";

/// Carries out effects.
#[derive(Debug)]
pub struct Courier {
    tools: Arc<Tools>,
}

impl Courier {
    /// A courier with these tools.
    #[must_use]
    pub fn new(tools: Arc<Tools>) -> Self {
        Self { tools }
    }

    /// Tries to carry out an entry.
    pub async fn deliver(&self, errand: Errand<'_>) -> Delivery {
        match Box::pin(self.carry_out(errand)).await {
            Ok(delivery) => delivery,
            Err(obstacle) => self.obstructed(errand, obstacle, None).await,
        }
    }

    /// What follows from an obstacle; a dead token is asked for anew.
    pub(super) async fn obstructed(
        &self,
        errand: Errand<'_>,
        obstacle: Obstacle,
        workspace: Option<(&str, &str)>,
    ) -> Delivery {
        let parking = workspace.map_or_else(|| HUB.to_owned(), |(bot, team)| workspaces::parking(bot, team));
        if matches!(obstacle, Obstacle::NoToken) && workspace.is_none() {
            self.tools.hub.doubt();
            tracing::error!(
                "Slack does not take the hub app's token: rooms stand still until the configuration has another"
            );
        }
        if let (Obstacle::NoToken, Some((bot, team))) = (&obstacle, workspace)
            && let Err(error) = self.tools.desk.ask_for_token(bot, team).await
        {
            tracing::error!(error = %error, "the bot could not be asked for a token");
        }
        let answered = errand.answered(self.tools.relay.clock.now());
        answered.obstructed(obstacle, parking, self.tools.relay.ids.fraction())
    }

    async fn carry_out(&self, errand: Errand<'_>) -> Result<Delivery, Obstacle> {
        match &errand.entry.effect {
            Effect::Nothing => Ok(errand.done(Receipt::Skipped)),
            Effect::Respond { url, body } => Ok(self.respond(errand, url, body).await),
            Effect::SearchCustomers { bot, others, silent, query, then } => {
                self.tools.search(errand, bot, (others, silent), query, then).await
            }
            Effect::RefreshToken { bot, team } => self.tools.refresh_token(errand, bot, team).await,
            Effect::FindDm { bot, team, user_id, then } => {
                let found = self.find_dm(errand, bot, team, user_id, then).await;
                if matches!(found, Err(Obstacle::NoToken)) && errand.entry.attempts == 1 {
                    let text = "Slack does not let us into that customer's workspace; the bot is asked for a token.";
                    self.tools.desk.answer(then, text).await?;
                }
                Ok(self.or_obstructed(errand, found, Some((bot, team))).await)
            }
            Effect::LearnContact { bot, team, user_id } => {
                let learnt = self.learn_contact(errand, bot, team, user_id).await;
                Ok(self.or_given_up(errand, learnt, Some((bot, team))).await)
            }
            Effect::Publish { endpoint, event } => Box::pin(self.tools.tell_endpoint(errand, endpoint, event)).await,
            Effect::Ping { endpoint } => Box::pin(self.tools.ping_endpoint(errand, endpoint)).await,
            Effect::Replay { .. } => Box::pin(self.tools.replay(errand)).await,
            Effect::Subscribe => Box::pin(self.tools.subscribe(errand)).await,
            Effect::Begin { bot, team, user_id, channel, words } => {
                let channel = Some(channel.clone());
                let contact = Contact { bot: bot.clone(), team: team.clone(), user_id: user_id.clone(), channel };
                self.tools.desk.begun(&contact, words, &errand.entry.id).await?;
                Ok(errand.done(Receipt::Done))
            }
            Effect::TellSwitch { bot, active, by } => {
                self.tools.desk.tell_switch(bot, *active, by).await?;
                Ok(errand.done(Receipt::Done))
            }
            Effect::TellTokenLost { bot, team } => {
                self.tools.desk.tell_token_lost(bot, team).await?;
                Ok(errand.done(Receipt::Done))
            }
            Effect::Resume => {
                self.tools.desk.resume().await?;
                Ok(errand.done(Receipt::Done))
            }
            Effect::RefreshHomes => {
                self.tools.desk.refresh_homes().await?;
                Ok(errand.done(Receipt::Done))
            }
            Effect::PublishHome { agent } => {
                let published = Box::pin(self.tools.publish_home(errand, agent)).await;
                Ok(self.or_given_up(errand, published, None).await)
            }
            Effect::LearnAgent { user_id } => {
                let learnt = self.learn_agent(errand, user_id).await;
                Ok(self.or_given_up(errand, learnt, None).await)
            }
            Effect::CreateQueueChannel { queue, tried } => {
                let made = Box::pin(self.tools.create_queue_channel(errand, queue, *tried)).await;
                Ok(self.or_obstructed(errand, made, None).await)
            }
            Effect::TellNumbers { queue, last } => {
                let told = Box::pin(self.tools.tell_numbers(errand, queue, *last)).await;
                Ok(self.or_obstructed(errand, told, None).await)
            }
            Effect::ShowChart { place, scope, respond_to } => {
                let shown = Box::pin(self.tools.show_chart(errand, place, scope)).await;
                let delivery = self.or_given_up(errand, shown, None).await;
                if let (End::Failed(failure), Some(url)) = (&delivery.end, respond_to) {
                    let text = format!("The chart could not be sent: {}.", failure.reason);
                    self.tools.desk.send(&[Effect::Respond { url: url.clone(), body: said(&text) }]).await?;
                }
                Ok(delivery)
            }
            Effect::AnswerMention { channel, thread, .. } => {
                let answered = Box::pin(self.tools.answer_mention(errand, channel, thread)).await;
                Ok(self.or_given_up(errand, answered, None).await)
            }
            _ => Box::pin(self.carry_out_for_conversation(errand)).await,
        }
    }

    async fn carry_out_for_conversation(&self, errand: Errand<'_>) -> Result<Delivery, Obstacle> {
        let Some(conversation) = self.conversation(errand).await? else {
            return Ok(errand.done(Receipt::Skipped));
        };
        let workspace = Some((conversation.key.bot.as_str(), conversation.key.team.as_str()));
        let result = match &errand.entry.effect {
            Effect::LearnCustomer => return Ok(self.learn_customer(errand, &conversation).await),
            Effect::ImportHistory { limit } => {
                let imported = Box::pin(self.tools.import(errand, &conversation, *limit)).await;
                return Ok(self.or_given_up(errand, imported, workspace).await);
            }
            Effect::Repair { side: Side::Dm } => {
                let looked = Box::pin(self.tools.dm_history(errand, &conversation)).await;
                return Ok(match looked {
                    // Waits for a token, but does not ask for one: what people wait for does.
                    Err(Obstacle::NoToken) => {
                        let parking = workspaces::parking(&conversation.key.bot, &conversation.key.team);
                        errand.obstructed(Obstacle::NoToken, parking, self.tools.relay.ids.fraction())
                    }
                    looked => self.or_obstructed(errand, looked, workspace).await,
                });
            }
            Effect::Repair { side: Side::Room } => Box::pin(self.tools.room_history(errand, &conversation)).await,
            Effect::Say { words, thread } => {
                let said = self.tools.say(errand, &conversation, words, thread.as_deref()).await;
                return Ok(self.or_obstructed(errand, said, workspace).await);
            }
            effect if effect.crosses_from() == Some(Side::Room) => {
                let crossed = self.tools.cross(errand, &conversation).await;
                return Ok(self.or_obstructed(errand, crossed, workspace).await);
            }
            effect if effect.crosses_from() == Some(Side::Dm) => self.tools.cross(errand, &conversation).await,
            Effect::Allocate { handoff, queue } => {
                let found = Box::pin(self.tools.allocate(errand, &conversation, handoff, queue)).await;
                return Ok(self.or_given_up(errand, found, None).await);
            }
            Effect::Mark { ts, name } => self.tools.mark(errand, &conversation, ts, name).await,
            Effect::KeepTranscript { room } => Box::pin(self.tools.keep_transcript(errand, &conversation, room)).await,
            Effect::Transcript { by, respond_to } => {
                Box::pin(self.tools.hand_transcript(errand, &conversation, by, respond_to.as_deref())).await
            }
            Effect::Ticket { number, step } => Box::pin(self.tools.ticket(errand, &conversation, *number, step)).await,
            Effect::LookAtTicket { number, at } => {
                Box::pin(self.tools.look_at_ticket(errand, &conversation, *number, at)).await
            }
            Effect::Callback { kind, body } => self.tools.callback(errand, &conversation, kind, body).await,
            _ => self.tools.in_room(errand, &conversation).await,
        };
        Ok(self.or_obstructed(errand, result, None).await)
    }

    async fn or_obstructed(
        &self,
        errand: Errand<'_>,
        result: Result<Delivery, Obstacle>,
        workspace: Option<(&str, &str)>,
    ) -> Delivery {
        match result {
            Ok(delivery) => delivery,
            Err(obstacle) => self.obstructed(errand, obstacle, workspace).await,
        }
    }

    /// As [`Self::or_obstructed`], but something that others wait for, and can do without, is not tried for ever.
    async fn or_given_up(
        &self,
        errand: Errand<'_>,
        result: Result<Delivery, Obstacle>,
        workspace: Option<(&str, &str)>,
    ) -> Delivery {
        let delivery = self.or_obstructed(errand, result, workspace).await;
        match delivery.end {
            End::Again { failure, .. } if errand.entry.attempts >= LEARN_TRIES => {
                errand.failed(&failure.code, failure.reason)
            }
            End::Again { ref failure, .. } if failure.code == "token_dead" => {
                errand.again(failure.clone(), Duration::from_secs(2), false, false)
            }
            _ => delivery,
        }
    }

    async fn conversation(&self, errand: Errand<'_>) -> Result<Option<Conversation>, Obstacle> {
        let Some(id) = &errand.entry.conversation else { return Ok(None) };
        Ok(conversations::get(&self.tools.relay.db, By::Id(id)).await?)
    }

    /// Finds out who the customer is; what cannot be found out stays empty.
    async fn learn_customer(&self, errand: Errand<'_>, conversation: &Conversation) -> Delivery {
        let key = &conversation.key;
        let learnt = self.profile(&key.bot, &key.team, &conversation.customer.user_id).await;
        let delivery = learnt.map(|mut profile| {
            if profile.name.is_empty() {
                profile.name.clone_from(&conversation.customer.profile.name);
            }
            errand.done(Receipt::Profile(profile))
        });
        self.or_given_up(errand, delivery, Some((&key.bot, &key.team))).await
    }

    async fn learn_contact(
        &self,
        errand: Errand<'_>,
        bot: &str,
        team: &str,
        user_id: &str,
    ) -> Result<Delivery, Obstacle> {
        if workspaces::get(&self.tools.relay.db, bot, team).await?.is_none() {
            // Asked for again when the bot registers the workspace.
            return Ok(errand.done(Receipt::Skipped));
        }
        let profile = self.profile(bot, team, user_id).await?;
        let contact =
            Contact { bot: bot.to_owned(), team: team.to_owned(), user_id: user_id.to_owned(), channel: None };
        let mut tx = self.tools.relay.db.begin().await?;
        customers::learn(&mut tx, &contact, &profile, errand.now).await?;
        tx.commit().await?;
        Ok(errand.done(Receipt::Done))
    }

    async fn profile(&self, bot: &str, team: &str, user_id: &str) -> Result<Profile, Obstacle> {
        let account = self.tools.customer_account(bot, team).await?;
        let person = self.tools.person(&account, user_id).await?;
        let mut profile = person.map(|person| person.profile).unwrap_or_default();
        profile.workspace =
            workspaces::get(&self.tools.relay.db, bot, team).await?.map(|workspace| workspace.name).unwrap_or_default();
        Ok(profile)
    }

    async fn learn_agent(&self, errand: Errand<'_>, user_id: &str) -> Result<Delivery, Obstacle> {
        let person = self.tools.person(&self.tools.hub_account(), user_id).await?;
        if let Some(person) = person {
            let mut tx = self.tools.relay.db.begin().await?;
            let agent = Agent { user_id: user_id.to_owned(), name: person.profile.name };
            agents::learn(&mut tx, &agent, errand.now).await?;
            tx.commit().await?;
        }
        Ok(errand.done(Receipt::Done))
    }

    /// Finds the DM of a customer that the bot has named, and does what the agent wanted.
    async fn find_dm(
        &self,
        errand: Errand<'_>,
        bot: &str,
        team: &str,
        user_id: &str,
        then: &Wish,
    ) -> Result<Delivery, Obstacle> {
        let account = self.tools.customer_account(bot, team).await?;
        let body = json!({ "users": user_id, "return_im": true });
        let answer = match self.tools.call(&account, Method::CONVERSATIONS_OPEN, &body).await {
            Ok(answer) => answer,
            Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => {
                let text = format!("The DM of that customer cannot be found: {}.", refusal.explain());
                self.tools.desk.answer(then, &text).await?;
                return Ok(errand.failed(&refusal.code, refusal.explain()));
            }
            Err(obstacle) => return Err(obstacle),
        };
        let channel = answer["channel"]["id"].as_str().map(str::to_owned);
        let contact = Contact { bot: bot.to_owned(), team: team.to_owned(), user_id: user_id.to_owned(), channel };
        self.tools.desk.met(&contact, then).await?;
        Ok(errand.done(Receipt::Done))
    }

    /// Answers a slash command or a click, where Slack said.
    async fn respond(&self, errand: Errand<'_>, url: &str, body: &Value) -> Delivery {
        if body["text"] == "" {
            // The text is switched off.
            return errand.done(Receipt::Skipped);
        }
        let Some(url) = self.tools.hosts.admit(url) else {
            tracing::warn!(entry.id = errand.entry.id, "an answer was to go to a host that is not Slack's");
            return errand.failed("foreign_host", "the address for the answer is not on one of Slack's hosts");
        };
        // Slack takes five answers within half an hour; what comes later nobody sees.
        let too_late = errand.now.duration_since(errand.entry.created_at).as_mins() >= 30;
        match self.tools.host.respond(url, body, self.tools.relay.config.slack.timeout).await {
            Ok(()) => errand.done(Receipt::Done),
            Err(refusal) if too_late || errand.entry.attempts >= LEARN_TRIES => {
                errand.failed("no_answer", refusal.to_string())
            }
            Err(refusal) => {
                let pause = super::retry::slack(errand.entry.attempts, self.tools.relay.ids.fraction());
                errand.again(errand.failure("no_answer", refusal.to_string()), pause, false, false)
            }
        }
    }
}
