//! The bot: told what happens, asked what only it knows.

use std::sync::PoisonError;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::relay::Delivery;
use crate::store::contact::{Contact, Found};
use crate::store::outbox;
use crate::store::workspaces::{self, Workspace};
use crate::store::{agents, lanes};
use crate::takeover::callback;
use crate::takeover::conversation::{Conversation, Profile};
use crate::takeover::effect::Wish;
use crate::takeover::event::Receipt;

use super::errand::{Errand, Obstacle};
use super::host::HostRefusal;
use super::retry;
use super::sign::Key;
use super::tools::Tools;

/// How long the bot may take to answer; pausing must not wait longer than [`URGENT_PATIENCE`].
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
const URGENT_PATIENCE: Duration = Duration::from_secs(3);
/// Tries to ask the bot something that an agent is waiting for.
const ASK_TRIES: u32 = 3;

impl Tools {
    /// Tells the bot something.
    pub(super) async fn callback(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        kind: &str,
        body: &Value,
    ) -> Result<Delivery, Obstacle> {
        let patience = if errand.entry.effect.is_urgent() { URGENT_PATIENCE } else { PATIENCE };
        let body = self.with_name(body).await?;
        match self.call_host(errand, &conversation.key.bot, &body, patience).await? {
            Ok(_) => {
                if errand.entry.effect.is_urgent() {
                    let took = errand.entry.created_at.duration_until(self.relay.clock.now());
                    self.relay.metrics.acknowledged(&conversation.key.bot, took.try_into().unwrap_or_default());
                }
                Ok(errand.done(Receipt::Done))
            }
            Err(refusal) => Ok(self.not_answered(errand, kind, &refusal)),
        }
    }

    /// Names the agent who did it as they are known by now: at their first act they were not.
    pub(super) async fn with_name(&self, body: &Value) -> Result<Value, Obstacle> {
        let mut body = body.clone();
        if let Some(user_id) = body["data"]["actor"]["user_id"].as_str() {
            let known = agents::get(&self.relay.db, user_id).await?;
            if !known.name.is_empty() {
                body["data"]["actor"]["name"] = json!(known.name);
            }
        }
        Ok(body)
    }

    /// Posts a signed body to the bot. The id of the entry is the `webhook-id`, the same in every try.
    pub(super) async fn call_host(
        &self,
        errand: Errand<'_>,
        bot: &str,
        body: &Value,
        patience: Duration,
    ) -> Result<Result<Value, HostRefusal>, Obstacle> {
        let bot = self.relay.bot(bot)?;
        // Whoever presses Retry has reason to think that the bot is back.
        let is_wanted = errand.entry.problem.as_deref() == Some(outbox::WANTED_AGAIN);
        if !is_wanted && self.gone.lock().unwrap_or_else(PoisonError::into_inner).contains(&bot.id) {
            return Ok(Err(HostRefusal::Gone));
        }
        let key = Key::parse(&bot.callback_secret).map_err(|error| Obstacle::Internal(error.into()))?;
        let answer = self.host.call(&bot.callback_url, &key, &errand.entry.id, errand.now, body, patience).await;
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(HostRefusal::Gone) = answer {
            tracing::error!(bot.id, "the bot wants no more callbacks (410): none are sent until a Retry succeeds");
            gone.insert(bot.id.clone());
        } else if answer.is_ok() {
            gone.remove(&bot.id);
        }
        drop(gone);
        Ok(answer.inspect_err(|refusal| self.relay.metrics.callback_refused(&bot.id, refusal.name())))
    }

    /// What follows when the bot does not take a callback: the schedule of the contract.
    pub(super) fn not_answered(&self, errand: Errand<'_>, kind: &str, refusal: &HostRefusal) -> Delivery {
        let errand = errand.answered(self.relay.clock.now());
        let attempts = errand.entry.attempts;
        let jitter = self.relay.ids.fraction();
        let pause = match refusal {
            HostRefusal::Gone => None,
            _ if errand.entry.effect.is_urgent() => retry::control(attempts, jitter),
            _ => retry::callback(attempts, jitter),
        };
        let reason = format!("the bot {refusal}");
        tracing::warn!(bot.callback = kind, attempts, reason, "the bot has not taken a callback");
        match pause {
            Some(pause) => {
                let pause = refusal.after().map_or(pause, |asked| asked.max(pause));
                errand.again(errand.failure("no_answer", reason), pause, false, attempts == retry::QUICK)
            }
            None => errand.failed("no_answer", reason),
        }
    }

    /// Asks the bot who is meant.
    pub(super) async fn search(
        &self,
        errand: Errand<'_>,
        bot: &str,
        (others, silent): (&[String], &[String]),
        query: &str,
        then: &Wish,
    ) -> Result<Delivery, Obstacle> {
        let data = json!({ "bot": bot, "query": query });
        let body = callback::envelope("command.search_customers", errand.entry.created_at, data);
        match self.call_host(errand, bot, &body, URGENT_PATIENCE).await? {
            Ok(answer) => {
                let named = answer["customers"].as_array().map_or(&[][..], Vec::as_slice);
                let named: Vec<Found> = named.iter().filter_map(|customer| customer_of(bot, customer)).collect();
                self.desk.searched(others, silent, query, named, then).await?;
                Ok(errand.done(Receipt::Done))
            }
            Err(_) if errand.entry.attempts < ASK_TRIES => Ok(errand.again(
                errand.failure("no_answer", "the bot did not answer"),
                Duration::from_secs(1),
                false,
                false,
            )),
            Err(refusal) => {
                tracing::warn!(bot.id = bot, reason = %refusal, "the bot could not be asked for a customer");
                let silent: Vec<String> = silent.iter().cloned().chain([bot.to_owned()]).collect();
                self.desk.searched(others, &silent, query, Vec::new(), then).await?;
                Ok(errand.failed("no_answer", format!("the bot {refusal}")))
            }
        }
    }

    /// Asks the bot for a token that works; everything that waits for it goes on.
    pub(super) async fn refresh_token(&self, errand: Errand<'_>, bot: &str, team: &str) -> Result<Delivery, Obstacle> {
        let data = json!({ "bot": bot, "team_id": team });
        let body = callback::envelope("command.refresh_token", errand.entry.created_at, data);
        match self.call_host(errand, bot, &body, PATIENCE).await? {
            Ok(answer) => {
                let Some(token) = answer["bot_token"].as_str().filter(|token| !token.is_empty()) else {
                    return Ok(errand.failed("no_token", "the bot has no other token"));
                };
                let dead = workspaces::token(&self.relay.db, bot, team, &self.relay.sealer).await?;
                if dead.is_some_and(|dead| dead.expose_secret() == token) {
                    return Ok(errand.failed("no_token", "the bot has no other token"));
                }
                let known = workspaces::get(&self.relay.db, bot, team).await?.unwrap_or_default();
                let or_known = |name: &str, known: String| answer[name].as_str().map_or(known, str::to_owned);
                let workspace = Workspace {
                    team: team.to_owned(),
                    name: or_known("name", known.name),
                    domain: or_known("domain", known.domain),
                    bot_user_id: known.bot_user_id,
                };
                let mut tx = self.relay.db.begin().await?;
                workspaces::put(&mut tx, bot, &workspace, &SecretString::from(token), &self.relay.sealer, errand.now)
                    .await?;
                lanes::unpark(&mut tx, &workspaces::parking(bot, team), errand.now).await?;
                tx.commit().await?;
                self.relay.bell.ring();
                Ok(errand.done(Receipt::Done))
            }
            Err(refusal) => Ok(self.not_answered(errand, "command.refresh_token", &refusal)),
        }
    }
}

/// A customer as the bot names them.
fn customer_of(bot: &str, customer: &Value) -> Option<Found> {
    let field = |name: &str| customer[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let contact = Contact {
        bot: bot.to_owned(),
        team: field("team_id")?,
        user_id: field("user_id")?,
        channel: field("channel_id"),
    };
    Some(Found { contact, profile: Profile { name: field("name").unwrap_or_default(), ..Profile::default() } })
}
