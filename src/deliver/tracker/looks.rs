//! What happens to tickets in Asana: it tells that something did, and what that was is looked at.

use secrecy::SecretString;

use crate::deliver::errand::{Errand, Obstacle};
use crate::deliver::host::HostRefusal;
use crate::deliver::tools::Tools;
use crate::relay::Delivery;
use crate::store::subscriptions::{self, Subscription};
use crate::store::{seal, tickets};
use crate::takeover::conversation::Conversation;
use crate::takeover::effect::TicketPart;
use crate::takeover::event::{Receipt, TicketChange};

use super::{Asana, Tracker};

impl Tools {
    /// The tracker, for what comes from it.
    #[must_use]
    pub fn tracker(&self) -> Option<&Tracker> {
        self.tracker.as_ref()
    }

    /// Looks what somebody has done to the ticket of a conversation.
    pub(in crate::deliver) async fn look_at_ticket(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        number: i64,
        part: &TicketPart,
    ) -> Result<Delivery, Obstacle> {
        let (Some(Tracker::Asana(asana)), Some(ticket)) =
            (&self.tracker, tickets::get(&self.relay.db, &conversation.id, number).await?)
        else {
            return Ok(errand.done(Receipt::Skipped));
        };
        Ok(match self.look(errand, asana, &ticket.ticket, part).await {
            Ok(Some(change)) => errand.done(Receipt::TicketChanged(change)),
            // Nothing, or gone before anybody has looked: there is nothing to tell.
            Ok(None) | Err(HostRefusal::Gone | HostRefusal::Status { status: 404, .. }) => {
                errand.done(Receipt::Skipped)
            }
            Err(refusal) => self.tracker_refused(errand, refusal, true),
        })
    }

    /// Has Asana tell what happens to tickets, unless it does.
    pub(in crate::deliver) async fn subscribe(&self, errand: Errand<'_>) -> Result<Delivery, Obstacle> {
        let Some(Tracker::Asana(asana)) = &self.tracker else { return Ok(errand.done(Receipt::Skipped)) };
        let public_url = self.relay.config.tracker.public_url.trim_end_matches('/');
        let known = subscriptions::of_resource(&self.relay.db, asana.project()).await?;
        let is_usable = |known: &Subscription| {
            !known.subscription.is_empty()
                && known.address.starts_with(&format!("{public_url}/"))
                && subscriptions::secret(known, &self.relay.sealer).is_some()
        };
        if let Some(known) = known.filter(is_usable) {
            match asana.is_subscribed(&known.subscription, errand.now).await {
                Ok(true) => return Ok(errand.done(Receipt::Done)),
                Ok(false) => tracing::warn!("Asana has given the subscription up; what happened since was not noticed"),
                Err(refusal) => return Ok(self.tracker_later(errand, refusal, false)),
            }
        }
        // Whoever knows the address may say the secret, once: nobody shall guess it.
        let target = hex::encode(seal::nonce()?);
        let address = format!("{public_url}/trackers/asana/{target}");
        let mut tx = self.relay.db.begin().await?;
        subscriptions::expect(&mut tx, &target, asana.project(), &address, errand.now).await?;
        tx.commit().await?;
        match asana.subscribe(&address, errand.now).await {
            Ok(subscription) => {
                let mut tx = self.relay.db.begin().await?;
                subscriptions::made(&mut tx, &target, &subscription).await?;
                tx.commit().await?;
                Ok(errand.done(Receipt::Done))
            }
            Err(refusal) => {
                tracing::error!(reason = %refusal, "Asana does not tell what happens to tickets: check tracker.public_url");
                Ok(self.tracker_later(errand, refusal, false))
            }
        }
    }

    /// Takes the secret that the tracker says when it calls an address for the first time; false where none is expected.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn keep_tracker_secret(&self, target: &str, secret: &SecretString) -> anyhow::Result<bool> {
        let mut tx = self.relay.db.begin().await?;
        let kept = subscriptions::keep_secret(&mut tx, target, secret, &self.relay.sealer).await?;
        tx.commit().await?;
        Ok(kept)
    }

    async fn look(
        &self,
        errand: Errand<'_>,
        asana: &Asana,
        task: &str,
        part: &TicketPart,
    ) -> Result<Option<TicketChange>, HostRefusal> {
        Ok(match part {
            TicketPart::Completion => {
                let task = asana.task(task, errand.now).await?;
                task.is_complete.then_some(TicketChange::Completed { by: task.completed_by.name })
            }
            TicketPart::Assignee => {
                Some(TicketChange::Assigned { to: asana.task(task, errand.now).await?.assignee.name })
            }
            TicketPart::Description => Some(TicketChange::Described),
            TicketPart::Comment(story) => {
                let (author, text) = asana.story(story, errand.now).await?;
                // Our own comments come back.
                let is_ours = author.gid == asana.me(errand.now).await?.gid;
                let text = self.relay.config.redaction.redact_text(&text).into_owned();
                (!is_ours).then_some(TicketChange::Commented { by: author.name, text })
            }
        })
    }
}
