//! Numbers on their way to people: what a queue is told once a week, and the charts.

use jiff::civil::Date;
use serde_json::{Value, json};
use tracing::warn;

use crate::config::texts;
use crate::relay::{Delivery, Posted};
use crate::render::numbers::{card, chart};
use crate::render::text::escape;
use crate::takeover::effect::Scope;
use crate::takeover::event::Receipt;
use crate::takeover::handoff::queue::Queues;

use super::errand::{Errand, Obstacle};
use super::files::Missed;
use super::method::Method;
use super::tools::Tools;

/// As many posts are looked through for a chart that may be there.
const POSTS: u8 = 20;

impl Tools {
    /// Tells the channel of a queue its numbers of the week that ended with this day.
    pub(super) async fn tell_numbers(&self, errand: Errand<'_>, queue: &str, last: Date) -> Result<Delivery, Obstacle> {
        let queues = self.relay.watches.queues();
        let known = Queues(&queues).find(queue).filter(|queue| !queue.channel.is_empty());
        let Some(queue) = known else { return Ok(errand.done(Receipt::Skipped)) };
        let scope = Scope { queue: Some(queue.label.clone()), last, days: 7 };
        let numbers = self.desk.numbers(&scope, None).await?;
        let (label, days) = (escape(&queue.label), card::days(&numbers));
        let config = self.relay.in_force();
        let headline =
            config.templates.fill(&queue.label, texts::QUEUE_DIGEST, &[("queue", label.as_str()), ("days", &days)]);
        self.post(errand, &queue.channel, card::card(&numbers, headline.as_deref()), None).await
    }

    /// Shows a chart in a channel, or in somebody's DM with the hub app; of nothing there is none.
    pub(super) async fn show_chart(
        &self,
        errand: Errand<'_>,
        place: &str,
        scope: &Scope,
    ) -> Result<Delivery, Obstacle> {
        let numbers = self.desk.numbers(scope, None).await?;
        if numbers.asked() == 0 || place.is_empty() {
            return Ok(errand.done(Receipt::Skipped));
        }
        let hub = self.hub_account();
        let channel = if place.starts_with('U') || place.starts_with('W') {
            let answer = self.call(&hub, Method::CONVERSATIONS_OPEN, &json!({ "users": place })).await?;
            answer["channel"]["id"].as_str().unwrap_or_default().to_owned()
        } else {
            place.to_owned()
        };
        let queue = scope.queue.as_deref().unwrap_or("all");
        // The random end of the id tells it from others of the same days.
        let mark = errand.entry.id.rsplit('-').next().unwrap_or_default();
        let name = format!("numbers-{queue}-{}d-{}-{mark}.png", scope.days, scope.last);
        if errand.entry.doubtful && self.shows(&channel, &name).await? {
            return Ok(errand.done(Receipt::Done));
        }
        let file =
            match self.upload(&hub, &name, ("image/png", Some(&card::alt(&numbers))), chart::png(&numbers)?).await {
                Ok(file) => file,
                Err(Missed::Later { obstacle, .. }) => return Err(obstacle),
                Err(Missed::Never { code, reason }) => {
                    warn!(code, "a chart could not be sent");
                    return Ok(errand.failed(&code, reason));
                }
            };
        match self.share(&hub, &channel, None, &[file], &card::headline(&numbers)).await? {
            Some(ts) => {
                let copy = [self.hub().await?.team_id.clone(), channel, ts];
                Ok(errand.posted(Posted { copy, source: None, part: 0, is_caption: false }))
            }
            None => Ok(errand.done(Receipt::Done)),
        }
    }

    /// Whether one of the newest posts shows a file of this name. What Slack will never tell counts as no.
    async fn shows(&self, channel: &str, name: &str) -> Result<bool, Obstacle> {
        let body = json!({ "channel": channel, "limit": POSTS });
        let answer = match self.call(&self.hub_account(), Method::CONVERSATIONS_HISTORY, &body).await {
            Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => return Ok(false),
            answer => answer?,
        };
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        Ok(list(&answer["messages"]).iter().flat_map(|post| list(&post["files"])).any(|file| file["name"] == name))
    }
}
