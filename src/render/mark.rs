//! The mark that every post of the service carries in its metadata: by it a post is recognised wherever it turns up, and
//! looked for when it is not certain whether it arrived. <https://docs.slack.dev/messaging/message-metadata>

use serde_json::{Value, json};

/// The `event_type` of our metadata.
pub const EVENT_TYPE: &str = "megatron";

/// The metadata of the post that this delivery makes.
#[must_use]
pub fn metadata(delivery: &str) -> Value {
    json!({ "event_type": EVENT_TYPE, "event_payload": { "id": delivery } })
}

/// Whether the service posted this message.
#[must_use]
pub fn is_ours(message: &Value) -> bool {
    message["metadata"]["event_type"] == EVENT_TYPE
}

/// Whether this delivery posted this message.
#[must_use]
pub fn is_of(message: &Value, delivery: &str) -> bool {
    is_ours(message) && message["metadata"]["event_payload"]["id"] == delivery
}
