//! An agent is found for a handoff: of the people of its queue, one who is online.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::relay::Delivery;
use crate::store::handoffs;
use crate::takeover::conversation::{Agent, Conversation};
use crate::takeover::event::Receipt;
use crate::takeover::handoff::allocating::Found;
use crate::takeover::handoff::queue::{Queue, Queues};

use super::errand::{Errand, Obstacle};
use super::method::Method;
use super::tools::Tools;

/// People of whom Slack is asked whether they are online, at most: fewer than it answers at once.
const ASKED: usize = 10;
/// After so long everybody is shown the card: the customer waits.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);
/// Members of a channel on a page.
const PAGE: u16 = 200;

impl Tools {
    /// Finds an agent of the queue who is online: the one with the fewest open handoffs, and of several the one who has had
    /// nothing to do for longest.
    pub(super) async fn allocate(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        handoff: &str,
        label: &str,
    ) -> Result<Delivery, Obstacle> {
        let nobody = errand.done(Receipt::Allocated(None));
        let queues = self.relay.watches.queues();
        let Some(queue) = Queues(&queues).find(label) else { return Ok(nobody) };
        let waiting = conversation.open_handoff().filter(|open| open.id == handoff && open.waits_in(label));
        let Some(waiting) = waiting else { return Ok(nobody) };
        if errand.now.duration_since(errand.entry.created_at) > PATIENCE {
            return Ok(nobody);
        }
        let giver = waiting.assignee.as_ref();
        let mut people = self.people_of(queue).await?;
        people.retain(|user| giver.is_none_or(|giver| giver.user_id != *user));
        let hub = self.hub_account();
        let mut asked = 0;
        for user_id in handoffs::least_busy(&self.relay.db, people, errand.now).await? {
            if self.roster.permission(&user_id).await?.is_err() {
                continue;
            }
            asked += 1;
            if asked > ASKED {
                break;
            }
            match self.call(&hub, Method::USERS_GET_PRESENCE, &json!({ "user": user_id })).await {
                Ok(answer) if answer["presence"] == "active" => {}
                Ok(_) => continue,
                Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => continue,
                Err(obstacle) => return Err(obstacle),
            }
            let answer = match self.call(&hub, Method::CONVERSATIONS_OPEN, &json!({ "users": user_id })).await {
                Ok(answer) => answer,
                // A bot, or somebody who has left.
                Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => continue,
                Err(obstacle) => return Err(obstacle),
            };
            let name = self.person(&hub, &user_id).await?.map(|person| person.profile.name).unwrap_or_default();
            let dm = answer["channel"]["id"].as_str().unwrap_or_default().to_owned();
            return Ok(errand.done(Receipt::Allocated(Some(Found { agent: Agent { user_id, name }, dm }))));
        }
        Ok(nobody)
    }

    /// Who may be given something of a queue: the members of its channel and its priority group, as far as they may pick.
    async fn people_of(&self, queue: &Queue) -> Result<BTreeSet<String>, Obstacle> {
        let hub = self.hub_account();
        let mut people = Vec::new();
        self.expand(&hub, &queue.priority_group, &mut people).await?;
        let mut body = json!({ "channel": queue.channel, "limit": PAGE });
        loop {
            let answer = match self.call(&hub, Method::CONVERSATIONS_MEMBERS, &body).await {
                Ok(answer) => answer,
                // Its channel is gone: that is told where the card cannot be shown.
                Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => Value::Null,
                Err(obstacle) => return Err(obstacle),
            };
            let members = answer["members"].as_array().into_iter().flatten();
            people.extend(members.filter_map(Value::as_str).map(str::to_owned));
            match answer["response_metadata"]["next_cursor"].as_str() {
                Some(next) if !next.is_empty() => body["cursor"] = json!(next),
                _ => break,
            }
        }
        let mut people: BTreeSet<String> = people.into_iter().collect();
        people.remove(&self.hub().await?.user_id);
        if !queue.members.is_empty() {
            let mut may_pick = Vec::new();
            self.expand(&hub, &queue.members, &mut may_pick).await?;
            people.retain(|user| may_pick.contains(user));
        }
        Ok(people)
    }
}
