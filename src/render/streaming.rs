//! Answers that a bot writes bit by bit (<https://docs.slack.dev/reference/methods/chat.startStream>). Called by `takeover`.

use serde_json::Value;

use super::string;

/// Whether more of a message is to come. What has ended in an error is complete too: nothing more comes.
#[must_use]
pub fn is_unfinished(message: &Value) -> bool {
    string(message, "streaming_state") == "in_progress"
}

/// Whether a message was written bit by bit.
#[must_use]
pub fn is_streamed(message: &Value) -> bool {
    !string(message, "streaming_state").is_empty()
}
