//! What a message event is, by its subtype. Used by [`super::history`] and [`super::notice`].
//!
//! Source: <https://docs.slack.dev/reference/events/message>, and subtypes that others have met besides.

use serde_json::Value;

use super::string;

/// What a message event is for a reader of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Somebody says something.
    Content,
    /// A message was edited.
    Changed,
    /// A message was deleted.
    Deleted,
    /// Slack keeps house: nothing to tell.
    Housekeeping,
    /// Something else, perhaps new.
    Other,
}

pub(super) fn of(message: &Value) -> Kind {
    match string(message, "subtype") {
        "" | "bot_message" | "file_share" | "me_message" | "thread_broadcast" | "file_comment" => Kind::Content,
        "message_changed" => Kind::Changed,
        "message_deleted" => Kind::Deleted,
        "message_replied"
        | "assistant_app_thread"
        | "joiner_notification"
        | "tombstone"
        | "bot_add"
        | "bot_remove"
        | "bot_enable"
        | "bot_disable"
        | "tabbed_canvas_updated"
        | "pinned_item"
        | "unpinned_item" => Kind::Housekeeping,
        subtype if subtype.starts_with("channel_") || subtype.starts_with("group_") => Kind::Housekeeping,
        _ => Kind::Other,
    }
}

/// Whether somebody says what they do: `/me waves`.
pub(super) fn is_me_message(message: &Value) -> bool {
    string(message, "subtype") == "me_message"
}
