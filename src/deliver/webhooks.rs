//! Endpoints: told what was published, pinged, told again. Called by the courier.

use std::time::Duration;

use serde_json::{Value, json};

use crate::config::Webhook;
use crate::relay::Delivery;
use crate::store::conversations::{self, By};
use crate::store::copies::Place;
use crate::store::{endpoints, events};
use crate::takeover::callback;
use crate::takeover::effect::Effect;
use crate::takeover::event::Receipt;

use super::errand::{Errand, Obstacle};
use super::host::HostRefusal;
use super::retry;
use super::sign::Key;
use super::tools::Tools;

/// How long an endpoint may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

impl Tools {
    /// Tells an endpoint of an event. One that has answered 410 is told nothing, until somebody enables it.
    pub(super) async fn tell_endpoint(&self, errand: Errand<'_>, id: &str, event: &str) -> Result<Delivery, Obstacle> {
        let Some(endpoint) = self.relay.config.webhook(id) else { return Ok(errand.done(Receipt::Skipped)) };
        if endpoints::get(&self.relay.db, id).await?.disabled_at.is_some() {
            return Ok(errand.done(Receipt::Skipped));
        }
        let found = match events::get(&self.relay.db, event, &self.relay.sealer).await {
            Ok(Some(found)) => found,
            // Erased, or kept long enough.
            Ok(None) => return Ok(errand.done(Receipt::Skipped)),
            Err(error) => {
                tracing::error!(error = %error, webhook.id = id, "an event cannot be read, and is told to nobody");
                return Ok(errand.failed("unreadable", "it cannot be read"));
            }
        };
        if found.may_be_ours
            && let Some(conversation) = conversations::get(&self.relay.db, By::Id(&found.conversation)).await?
        {
            let data = &found.body["data"];
            let field = |name: &str| data[name].as_str().unwrap_or_default();
            let place = Place { team: field("team_id"), channel: field("channel_id"), ts: field("ts") };
            if let Some(delivery) = self.echo(errand, &conversation, place, &data["message"]).await? {
                return Ok(delivery);
            }
        }
        let body = self.with_name(&found.body).await?;
        match self.call_endpoint(errand, endpoint, event, &body).await? {
            Ok(()) => Ok(errand.done(Receipt::Done)),
            Err(HostRefusal::Gone) => {
                tracing::error!(
                    webhook.id = id,
                    "the endpoint wants no more events (410): it is told nothing until it is enabled"
                );
                let mut tx = self.relay.db.begin().await?;
                endpoints::disable(&mut tx, id, found.at, self.relay.clock.now()).await?;
                tx.commit().await?;
                Ok(errand.done(Receipt::Skipped))
            }
            Err(refusal) => Ok(self.not_told(errand, id, refusal)),
        }
    }

    /// Finds out whether an endpoint answers, and notes it.
    pub(super) async fn ping_endpoint(&self, errand: Errand<'_>, id: &str) -> Result<Delivery, Obstacle> {
        let Some(endpoint) = self.relay.config.webhook(id) else { return Ok(errand.done(Receipt::Skipped)) };
        let body = callback::envelope("ping", errand.now, json!({ "webhook": id }));
        let answer = match self.call_endpoint(errand, endpoint, &errand.entry.id, &body).await? {
            Ok(()) => "took it".to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        let mut tx = self.relay.db.begin().await?;
        endpoints::pinged(&mut tx, id, &answer, self.relay.clock.now()).await?;
        tx.commit().await?;
        Ok(errand.done(Receipt::Done))
    }

    /// Has an endpoint told again of what was published, a page at a time. Whatever happens in between, it knows the events by
    /// their ids.
    pub(super) async fn replay(&self, errand: Errand<'_>) -> Result<Delivery, Obstacle> {
        let Effect::Replay { endpoint: id, bot, since, until, after } = &errand.entry.effect else {
            return Ok(errand.done(Receipt::Skipped));
        };
        let Some(endpoint) = self.relay.config.webhook(id) else { return Ok(errand.done(Receipt::Skipped)) };
        let after = after.as_ref().map(|(at, event)| (*at, event.as_str()));
        let page = events::page(&self.relay.db, (*since, *until), after).await?;
        let Some(last) = page.last() else { return Ok(errand.done(Receipt::Done)) };
        let next = Effect::Replay {
            endpoint: id.clone(),
            bot: bot.clone(),
            since: *since,
            until: *until,
            after: Some((last.at, last.id.clone())),
        };
        let is_meant = |line: &&events::Line| {
            endpoint.wants(&line.kind, &line.bot) && bot.as_ref().is_none_or(|bot| *bot == line.bot)
        };
        let told = page.iter().filter(is_meant).map(|line| line.id.clone());
        let effects = told.map(|event| Effect::Publish { endpoint: id.clone(), event }).chain([next]);
        self.desk.send(&effects.collect::<Vec<_>>()).await?;
        Ok(errand.done(Receipt::Done))
    }

    async fn call_endpoint(
        &self,
        errand: Errand<'_>,
        endpoint: &Webhook,
        id: &str,
        body: &Value,
    ) -> Result<Result<(), HostRefusal>, Obstacle> {
        let key = Key::parse(&endpoint.secret).map_err(|error| Obstacle::Internal(error.into()))?;
        let answer = self.host.call(&endpoint.url, &key, id, errand.now, body, PATIENCE).await;
        let answer = answer.inspect_err(|refusal| self.relay.metrics.webhook_refused(&endpoint.id, refusal.name()));
        Ok(answer.map(drop))
    }

    /// What follows when an endpoint does not take an event: the schedule of callbacks.
    fn not_told(&self, errand: Errand<'_>, id: &str, refusal: HostRefusal) -> Delivery {
        let errand = errand.answered(self.relay.clock.now());
        let attempts = errand.entry.attempts;
        let reason = format!("the endpoint {refusal}");
        let Some(pause) = retry::callback(attempts, self.relay.ids.fraction()) else {
            tracing::error!(webhook.id = id, attempts, reason, "an endpoint is not told of an event: replay it");
            return errand.failed("no_answer", reason);
        };
        tracing::warn!(webhook.id = id, attempts, reason, "an endpoint has not taken an event");
        let pause = refusal.after().map_or(pause, |asked| asked.max(pause));
        errand.again(errand.failure("no_answer", reason), pause, false, false)
    }
}
