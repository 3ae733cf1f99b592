//! One step of a ticket, carried out in whichever tracker.

use crate::deliver::errand::{Errand, Obstacle};
use crate::deliver::host::HostRefusal;
use crate::deliver::retry;
use crate::deliver::tools::Tools;
use crate::relay::Delivery;
use crate::store::tickets::{self, Ticket};
use crate::takeover::conversation::Conversation;
use crate::takeover::effect::TicketStep;
use crate::takeover::event::Receipt;

use super::{Draft, Order};

impl Tools {
    /// Brings the ticket of a conversation in step.
    pub(in crate::deliver) async fn ticket(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        number: i64,
        step: &TicketStep,
    ) -> Result<Delivery, Obstacle> {
        let Some(tracker) = &self.tracker else { return Ok(errand.done(Receipt::Skipped)) };
        let entry = errand.entry;
        let order = Order { id: &entry.id, since: entry.created_at, now: errand.now, doubtful: entry.doubtful };
        if let TicketStep::Open { title, text } = step {
            let text = format!("{text}{}", self.ticket_links(conversation, number).await?);
            let reference = format!("{}/{number}", conversation.id);
            let draft = Draft { title: title.clone(), text, reference };
            return Ok(match tracker.open(order, &draft).await {
                Ok(opened) => {
                    let mut delivery = errand.done(Receipt::Ticket { url: opened.url.clone() });
                    let conversation = conversation.id.clone();
                    delivery.traces.ticket =
                        Some(Ticket { conversation, number, ticket: opened.ticket, url: opened.url });
                    delivery
                }
                Err(refusal) => self.tracker_refused(errand, refusal, false),
            });
        }
        let Some(ticket) = tickets::get(&self.relay.db, &conversation.id, number).await? else {
            // It could not be opened, which the agents know.
            return Ok(errand.done(Receipt::Skipped));
        };
        let done = match step {
            TicketStep::Comment { text, with_room } => {
                let link = if *with_room { self.room_link(conversation) } else { None };
                let text = link.map_or_else(|| text.clone(), |link| format!("{text}\n{link}"));
                tracker.comment(order, &ticket.ticket, &text).await
            }
            TicketStep::Complete | TicketStep::Open { .. } => tracker.complete(order, &ticket.ticket).await,
        };
        Ok(match done {
            Ok(()) => errand.done(Receipt::Done),
            Err(refusal) => self.tracker_refused(errand, refusal, true),
        })
    }

    /// What follows when the tracker does not take a request: what is not its last word is tried again, for about three days.
    pub(super) fn tracker_refused(&self, errand: Errand<'_>, refusal: HostRefusal, is_known: bool) -> Delivery {
        self.relay.metrics.tracker_refused(refusal.name());
        let errand = errand.answered(self.relay.clock.now());
        let reason = format!("the tracker {refusal}");
        tracing::warn!(
            entry.id = errand.entry.id,
            attempts = errand.entry.attempts,
            reason,
            "the tracker has not taken a request"
        );
        let (is_final, doubtful) = match refusal {
            // A token can be replaced, and the tracker's pace passes.
            HostRefusal::Status { status: 401 | 403 | 408 | 425 | 429, .. }
            | HostRefusal::Redirect(_)
            | HostRefusal::Unreachable => (false, false),
            HostRefusal::Gone | HostRefusal::Status { status: 400..500, .. } => (true, false),
            HostRefusal::Status { .. } | HostRefusal::Timeout | HostRefusal::Cut => (false, true),
        };
        let is_gone = matches!(refusal, HostRefusal::Gone | HostRefusal::Status { status: 404, .. });
        let code = if is_known && is_gone { "ticket_gone" } else { "tracker_refused" };
        if is_final {
            return errand.failed(code, reason);
        }
        self.tracker_later(errand, refusal, doubtful || errand.entry.doubtful)
    }

    /// Tries a request again, for about three days.
    pub(super) fn tracker_later(&self, errand: Errand<'_>, refusal: HostRefusal, doubtful: bool) -> Delivery {
        let errand = errand.answered(self.relay.clock.now());
        let reason = format!("the tracker {refusal}");
        match retry::callback(errand.entry.attempts, self.relay.ids.fraction()) {
            Some(pause) => {
                let pause = refusal.after().map_or(pause, |asked| asked.max(pause));
                errand.again(errand.failure("tracker_refused", reason), pause, doubtful, false)
            }
            None => errand.failed("tracker_refused", reason),
        }
    }

    /// The room, and earlier tickets of the same customer.
    async fn ticket_links(&self, conversation: &Conversation, number: i64) -> Result<String, Obstacle> {
        let room = self.room_link(conversation).map(|link| format!("\nRoom: {link}"));
        let earlier = tickets::of_customer(&self.relay.db, &conversation.key, &conversation.customer.user_id).await?;
        let is_another = |ticket: &&Ticket| (&ticket.conversation, ticket.number) != (&conversation.id, number);
        let line = |ticket: &Ticket| {
            format!("\nEarlier: {}", if ticket.url.is_empty() { &ticket.ticket } else { &ticket.url })
        };
        Ok(room.into_iter().chain(earlier.iter().filter(is_another).map(line)).collect())
    }

    /// Where agents see both sides and answer as the bot.
    fn room_link(&self, conversation: &Conversation) -> Option<String> {
        self.hub.get()?.link(&conversation.room_channel()?.id)
    }
}
