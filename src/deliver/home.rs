//! The app's Home, published for one agent (<https://docs.slack.dev/reference/methods/views.publish>).
//!
//! Each agent has a lane, so no publication overtakes another; `hash`, with which Slack would refuse one that is late, is not
//! needed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::config::texts;
use crate::relay::{Delivery, Next};
use crate::render::text::escape;
use crate::store::{self, switches};
use crate::takeover::event::Receipt;
use crate::takeover::home::{self, Home};

use super::errand::{Errand, Obstacle};
use super::method::Method;
use super::tools::Tools;

/// How long a Home rests after it was published, however much changes meanwhile: Slack grants a hundred publications a
/// minute to all agents together.
const REST: Duration = Duration::from_secs(15);

impl Tools {
    /// Shows an agent their Home as it stands now; anybody else, that there is nothing for them.
    pub(super) async fn publish_home(&self, errand: Errand<'_>, user_id: &str) -> Result<Delivery, Obstacle> {
        let view = if self.roster.permission(user_id).await?.is_ok() {
            self.home(user_id).await?
        } else {
            self.desk.has_no_home(user_id).await?;
            let company = escape(&self.hub().await?.team_name);
            let texts = &self.relay.in_force().templates;
            home::closed(texts.fill("", texts::HOME_NOT_AN_AGENT, &[("company", &company)]).as_deref())
        };
        let body = json!({ "user_id": user_id, "view": view });
        match self.call(&self.hub_account(), Method::VIEWS_PUBLISH, &body).await {
            Ok(_) => {}
            Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => {
                tracing::warn!(reason = refusal.code, "Slack does not take the Home of an agent");
                self.desk.has_no_home(user_id).await?;
                return Err(Obstacle::Refused(refusal));
            }
            Err(obstacle) => return Err(obstacle),
        }
        Ok(Delivery { lane: Next::rest(errand.lease, errand.now, REST), ..errand.done(Receipt::Done) })
    }

    async fn home(&self, user_id: &str) -> Result<Value, Obstacle> {
        let (db, config) = (&self.relay.db, self.relay.in_force());
        let listed = store::home::read(db, user_id).await?;
        let off: Vec<String> =
            switches::all(db).await?.into_iter().filter(|(_, switch)| !switch.active).map(|(bot, _)| bot).collect();
        let hub = self.hub().await?;
        Ok(home::view(Home {
            agent: user_id,
            listed: &listed,
            bots: &config.bots,
            off: &off,
            url: &hub.url,
            command: &config.slack.command,
            texts: &config.templates,
        }))
    }
}
