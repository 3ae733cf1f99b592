//! The mark that every post of the service carries in its metadata: by it a post is recognised wherever it turns up, and
//! looked for when it is not certain whether it arrived. <https://docs.slack.dev/messaging/message-metadata>

use serde_json::{Value, json};

/// The `event_type` of our metadata.
pub const EVENT_TYPE: &str = "megatron";

/// The metadata of the post that this delivery makes; `original` is the `ts` of the message that it shows, and which part of it.
#[must_use]
pub fn metadata(delivery: &str, original: Option<(&str, u32)>) -> Value {
    let mut payload = json!({ "id": delivery });
    if let Some((ts, part)) = original {
        payload["of"] = json!(ts);
        payload["part"] = json!(part);
    }
    json!({ "event_type": EVENT_TYPE, "event_payload": payload })
}

/// Whether the service posted this message.
#[must_use]
pub fn is_ours(message: &Value) -> bool {
    message["metadata"]["event_type"] == EVENT_TYPE
}

/// Whether this delivery posted this message, or an earlier one that nobody remembers showed the same.
#[must_use]
pub fn is_of(message: &Value, delivery: &str, original: Option<(&str, u32)>) -> bool {
    let payload = &message["metadata"]["event_payload"];
    let shows = |(ts, part): (&str, u32)| payload["of"] == ts && payload["part"].as_u64() == Some(part.into());
    is_ours(message) && (payload["id"] == delivery || original.is_some_and(shows))
}
