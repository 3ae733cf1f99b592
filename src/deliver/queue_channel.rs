//! A channel for a queue that has none: made once, under the first name that is free.

use serde_json::json;
use tracing::{info, warn};

use crate::relay::{Delivery, End};
use crate::takeover::conversation::RoomChannel;
use crate::takeover::effect::Effect;
use crate::takeover::event::Receipt;
use crate::takeover::handoff::queue::{Queue, Queues};
use crate::takeover::handoff::setup;

use super::errand::{Errand, Obstacle};
use super::method::Method;
use super::outcome::Class;
use super::room;
use super::tools::Tools;

impl Tools {
    /// Makes the channel of a queue, unless it has got one meanwhile. It is public, so that agents find it.
    pub(super) async fn create_queue_channel(
        &self,
        errand: Errand<'_>,
        label: &str,
        tried: u32,
    ) -> Result<Delivery, Obstacle> {
        let queues = self.relay.watches.queues();
        let Some(queue) = Queues(&queues).find(label).filter(|queue| queue.channel.is_empty()) else {
            return Ok(errand.done(Receipt::Skipped));
        };
        let hub = self.hub_account();
        let name = setup::channel_name(label, tried);
        let found = if errand.entry.doubtful { self.own_room_named(&hub, &name).await? } else { None };
        let free = |id: &str| queues.iter().all(|other| other.channel != id);
        let channel = match found.filter(|channel| free(&channel.id)) {
            Some(channel) => channel,
            None => match self.call(&hub, Method::CONVERSATIONS_CREATE, &json!({ "name": name })).await {
                Ok(answer) => room::channel(&answer["channel"], &name),
                Err(Obstacle::Refused(refusal)) if refusal.class == Class::NameTaken => {
                    let next = Effect::CreateQueueChannel { queue: label.to_owned(), tried: tried + 1 };
                    self.desk.send(&[next]).await?;
                    return Ok(errand.done(Receipt::NameTaken));
                }
                Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => {
                    let reason = refusal.explain();
                    warn!(queue = label, reason, "no channel can be made for a queue; set one in Slack");
                    return Err(Obstacle::Refused(refusal));
                }
                Err(obstacle) => return Err(obstacle),
            },
        };
        self.furnish(errand, queue, &channel).await?;
        if self.desk.got_channel(label, &channel.id).await? {
            info!(queue = label, channel.id = channel.id, "made the channel {} for a queue", channel.name);
        }
        Ok(errand.done(Receipt::Done))
    }

    /// Says what the channel is for, and brings those in who are to be told there. Without them it works as well.
    async fn furnish(&self, errand: Errand<'_>, queue: &Queue, channel: &RoomChannel) -> Result<(), Obstacle> {
        let purpose = format!("Customers who wait for a human: the queue {}", queue.label);
        let body = json!({ "channel": channel.id, "purpose": purpose });
        match self.call(&self.hub_account(), Method::CONVERSATIONS_SET_PURPOSE, &body).await {
            Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => {}
            Err(obstacle) => return Err(obstacle),
            Ok(_) => {}
        }
        let people: Vec<String> = queue.priority_group.iter().chain(&queue.members).cloned().collect();
        if !people.is_empty()
            && let End::Done(Receipt::NotInvited(problems)) = self.invite(errand, channel, &people).await?.end
        {
            warn!(
                queue = queue.label,
                "not everybody could be invited to the channel of a queue: {}",
                problems.join("; ")
            );
        }
        Ok(())
    }
}
