//! What was published is kept, and told to the endpoints that want it.

use jiff::Timestamp;

use crate::store::db::Tx;
use crate::store::{events, outbox};
use crate::takeover::conversation::Conversation;
use crate::takeover::effect::Effect;
use crate::takeover::publishing::Published;

use super::Relay;

/// Keeps events, and has each endpoint told of those that it wants, in order.
pub(super) async fn keep(
    relay: &Relay,
    tx: &mut Tx,
    conversation: &Conversation,
    published: &[Published],
    now: Timestamp,
) -> anyhow::Result<()> {
    let bot = &conversation.key.bot;
    let mut told = Vec::new();
    for event in published {
        let id = relay.ids.next(now);
        events::add(tx, &id, (bot, &conversation.id), event, &relay.sealer, now).await?;
        for endpoint in relay.config.webhooks.iter().filter(|endpoint| endpoint.wants(event.kind, bot)) {
            told.push((&endpoint.id, id.clone()));
        }
    }
    // Endpoint by endpoint: whoever locks lanes in one order never waits in a circle.
    told.sort_by_key(|(endpoint, _)| *endpoint);
    let effects: Vec<Effect> =
        told.into_iter().map(|(endpoint, event)| Effect::Publish { endpoint: endpoint.clone(), event }).collect();
    // They belong to no conversation: what an endpoint answers is no event for it.
    outbox::append(tx, &effects, None, None, &relay.ids, now).await
}
