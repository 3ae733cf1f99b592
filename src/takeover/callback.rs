//! What the host is told, in the words of the contract.

use serde_json::{Map, Value, json};

use super::conversation::Actor;
use super::turn::Turn;

/// The body of a callback about the conversation of this turn.
#[must_use]
pub fn body(kind: &str, turn: &Turn<'_>, by: &Actor, extra: &[(&str, Value)]) -> Value {
    let conversation = &turn.conversation;
    let mut data = Map::new();
    data.insert("bot".into(), conversation.key.bot.clone().into());
    data.insert("team_id".into(), conversation.key.team.clone().into());
    data.insert("channel_id".into(), conversation.key.channel.clone().into());
    data.insert("user_id".into(), conversation.customer.user_id.clone().into());
    data.insert("control".into(), turn.rules.control(conversation).to_json());
    data.insert("actor".into(), actor(by));
    for (name, value) in extra {
        data.insert((*name).to_owned(), value.clone());
    }
    envelope(kind, turn.now, data)
}

/// `{type, timestamp, data}`.
#[must_use]
pub fn envelope(kind: &str, now: jiff::Timestamp, data: impl Into<Value>) -> Value {
    json!({ "type": kind, "timestamp": format!("{now:.3}"), "data": data.into() })
}

/// Who did it.
#[must_use]
pub fn actor(by: &Actor) -> Value {
    match by {
        Actor::Service => json!({ "kind": "service" }),
        Actor::Bot => json!({ "kind": "bot" }),
        Actor::Customer => json!({ "kind": "customer" }),
        Actor::Agent(agent) => json!({ "kind": "agent", "user_id": agent.user_id, "name": agent.name }),
    }
}
