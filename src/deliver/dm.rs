//! The customer's side: words for the customer, said as the bot.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::{Delivery as Way, texts};
use crate::relay::{Delivery, Posted};
use crate::render::outbound::{self, Signature};
use crate::render::template;
use crate::render::text::escape;
use crate::store::revisions::{self, Written};
use crate::takeover::callback;
use crate::takeover::conversation::{Actor, Agent, Conversation, Customer, Side};
use crate::takeover::effect::Words;
use crate::takeover::event::Receipt;

use super::errand::{Errand, Obstacle};
use super::method::Method;
use super::outcome::Class;
use super::publish::Published;
use super::tools::Tools;

/// What is to be said in the end.
pub(super) enum Composed {
    /// This body.
    Body(Value),
    /// Nothing: the operator left the text empty.
    Nothing,
    /// It must not be said.
    Withheld {
        /// A stable code.
        code: &'static str,
        /// A sentence for people.
        reason: &'static str,
    },
}

/// How an agent's words are signed.
pub(super) enum Signed {
    /// So, or not at all.
    As(Option<Signature>),
    /// They must not be said.
    Withheld {
        /// A stable code.
        code: &'static str,
        /// A sentence for people.
        reason: &'static str,
    },
}

impl Tools {
    /// Says something to the customer.
    pub(super) async fn say(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        words: &Words,
        thread: Option<&str>,
    ) -> Result<Delivery, Obstacle> {
        if let Words::Agent { ts, .. } = words
            && self.is_gone(conversation, Side::Room, ts).await?
        {
            return Ok(errand.done(Receipt::Skipped));
        }
        let body = match self.compose(conversation, words).await? {
            Composed::Body(body) => body,
            Composed::Nothing => return Ok(errand.done(Receipt::Skipped)),
            Composed::Withheld { code, reason } => return Ok(errand.failed(code, reason)),
        };
        let mut body = body;
        if let Some(root) = thread {
            body["thread_ts"] = json!(root);
        }
        match self.bot(conversation)?.delivery {
            Way::Slack => self.say_in_slack(errand, conversation, words, body).await,
            Way::Callback => self.say_by_callback(errand, conversation, words, body).await,
        }
    }

    /// The body of the message, or why it must not be sent.
    pub(super) async fn compose(&self, conversation: &Conversation, words: &Words) -> Result<Composed, Obstacle> {
        match words {
            Words::Bot { epoch, message } if *epoch == self.relay.control(conversation).epoch => {
                Ok(Composed::Body(message.clone()))
            }
            Words::Bot { .. } => {
                Ok(Composed::Withheld { code: "stale_control", reason: "control had moved on before it was sent" })
            }
            Words::Service { template, agent, values } => {
                let agent = match agent {
                    Some(agent) => self.name_of(agent).await?,
                    None => String::new(),
                };
                let text = self.fill(template, &agent, conversation, values).await?;
                Ok(text.map_or(Composed::Nothing, |text| Composed::Body(json!({ "text": text }))))
            }
            Words::Agent { agent, message, is_last, .. } => match self.signed(conversation, agent, *is_last).await? {
                Signed::As(signature) => {
                    let names = self.names_for_customer(&self.hub_account(), message).await;
                    Ok(Composed::Body(outbound::for_customer(message, signature.as_ref(), &names)))
                }
                Signed::Withheld { code, reason } => Ok(Composed::Withheld { code, reason }),
            },
        }
    }

    /// How an agent's words are signed.
    pub(super) async fn signed(
        &self,
        conversation: &Conversation,
        agent: &Agent,
        is_last: bool,
    ) -> Result<Signed, Obstacle> {
        let us = self.hub().await?;
        let person = self.person(&self.hub_account(), &agent.user_id).await?;
        if person
            .as_ref()
            .is_some_and(|person| person.is_stranger || (!person.team_id.is_empty() && person.team_id != us.team_id))
        {
            let reason = "its author does not belong to the support workspace";
            return Ok(Signed::Withheld { code: "not_an_agent", reason });
        }
        let name = person.as_ref().map_or(agent.name.clone(), |person| person.profile.name.clone());
        let icon_url = person.map(|person| person.profile.icon_url).filter(|url| !url.is_empty());
        let (config, bot) = (self.relay.in_force(), &conversation.key.bot);
        let footer = if config.bot(bot).is_some_and(|bot| bot.show_agent_name) && is_last {
            let footer = config.templates.of(bot, "").get(texts::AGENT_FOOTER);
            self.fill(footer, &name, conversation, &BTreeMap::new()).await?
        } else {
            None
        };
        Ok(Signed::As(footer.map(|line| Signature { agent: name, icon_url, line })))
    }

    async fn say_in_slack(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        words: &Words,
        mut body: Value,
    ) -> Result<Delivery, Obstacle> {
        let key = &conversation.key;
        let account = self.customer_account(&key.bot, &key.team).await?;
        if errand.entry.doubtful {
            match self.look_back(errand, &account, &key.channel, body["thread_ts"].as_str()).await {
                Ok(Some(ts)) => return Ok(errand.posted(self.copy(conversation, words, ts).await?)),
                Ok(None) => {}
                Err(Obstacle::Refused(refusal)) if refusal.class == Class::Permission => {
                    return Ok(errand.failed("unconfirmed", "Slack does not let us look"));
                }
                Err(obstacle) => return Err(obstacle),
            }
        }
        body["channel"] = json!(key.channel);
        body["metadata"] = errand.metadata();
        let Published { ts, left_out } = self.publish(&account, Method::CHAT_POST_MESSAGE, body, Side::Dm).await?;
        Ok(errand.posted_plainer(self.copy(conversation, words, ts).await?, left_out))
    }

    async fn say_by_callback(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        words: &Words,
        mut message: Value,
    ) -> Result<Delivery, Obstacle> {
        let key = &conversation.key;
        message["channel"] = json!(key.channel);
        message["metadata"] = errand.metadata();
        let mut data = json!({
            "bot": key.bot, "team_id": key.team, "channel_id": key.channel, "user_id": conversation.customer.user_id,
            "control": self.relay.control(conversation).to_json(), "message": message,
        });
        data["actor"] = match words {
            Words::Agent { agent, .. } => {
                let name = self.name_of(agent).await?;
                json!({ "kind": "agent", "user_id": agent.user_id, "name": name })
            }
            Words::Bot { .. } => callback::actor(&Actor::Bot),
            Words::Service { .. } => callback::actor(&Actor::Service),
        };
        let body = callback::envelope("message.agent", errand.entry.created_at, data);
        match self.call_host(errand, &key.bot, &body, super::callbacks::PATIENCE).await? {
            Ok(answer) => match answer["ts"].as_str() {
                Some(ts) => Ok(errand.posted(self.copy(conversation, words, ts.to_owned()).await?)),
                None => Ok(errand.done(Receipt::Done)),
            },
            Err(refusal) => Ok(self.not_answered(errand, "message.agent", &refusal)),
        }
    }

    /// Has the bot change what it said for an agent.
    pub(super) async fn change_by_callback(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        kind: &str,
        message: Value,
    ) -> Result<Delivery, Obstacle> {
        let key = &conversation.key;
        let data = json!({
            "bot": key.bot, "team_id": key.team, "channel_id": key.channel, "user_id": conversation.customer.user_id,
            "control": self.relay.control(conversation).to_json(), "message": message,
        });
        let body = callback::envelope(kind, errand.entry.created_at, data);
        match self.call_host(errand, &key.bot, &body, super::callbacks::PATIENCE).await? {
            Ok(_) => Ok(errand.done(Receipt::Done)),
            Err(refusal) => Ok(self.not_answered(errand, kind, &refusal)),
        }
    }

    /// Whether a message was deleted before it could be relayed.
    pub(super) async fn is_gone(&self, conversation: &Conversation, side: Side, ts: &str) -> Result<bool, Obstacle> {
        let written = Written { conversation: &conversation.id, side, ts };
        Ok(revisions::get(&self.relay.db, written).await?.is_some_and(|known| known.gone))
    }

    async fn copy(&self, conversation: &Conversation, words: &Words, ts: String) -> Result<Posted, Obstacle> {
        let key = &conversation.key;
        let (source, part) = match (words, conversation.room_channel()) {
            (Words::Agent { ts, part, .. }, Some(room)) => {
                (Some([self.hub().await?.team_id.clone(), room.id.clone(), ts.clone()]), *part)
            }
            _ => (None, 0),
        };
        Ok(Posted { copy: [key.team.clone(), key.channel.clone(), ts], source, part, is_caption: false })
    }

    async fn name_of(&self, agent: &Agent) -> Result<String, Obstacle> {
        let person = self.person(&self.hub_account(), &agent.user_id).await?;
        Ok(person
            .map(|person| person.profile.name)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| agent.name.clone()))
    }

    async fn fill(
        &self,
        text: &str,
        agent: &str,
        conversation: &Conversation,
        more: &BTreeMap<String, String>,
    ) -> Result<Option<String>, Obstacle> {
        let company = self.hub().await?.team_name.clone();
        let bot = &self.bot(conversation)?.name;
        let known = [("agent", agent), ("company", company.as_str()), ("bot", bot)];
        let more = more.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut values: Vec<_> = known.into_iter().chain(more).map(|(name, value)| (name, escape(value))).collect();
        values.push(("customer", addressed(&conversation.customer)));
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Ok(template::fill(text, &values))
    }
}

/// The customer as their own workspace reads them: by a mention as long as their name is not known.
fn addressed(customer: &Customer) -> String {
    let name = &customer.profile.name;
    if name.is_empty() { format!("<@{}>", customer.user_id) } else { escape(name) }
}
