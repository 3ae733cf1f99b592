//! What a message says, made fit for the other workspace. Used by [`super::mirror`] and [`super::outbound`].

use serde_json::{Map, Value, json};

use super::mentions::{Names, neutralise};
use super::split::split;
use super::{as_text, blocks, items, string, text};

/// The longest `text` of one message, in characters. Slack splits above 4,000 and returns one `ts` for all pieces.
pub(super) const TEXT_LIMIT: usize = 3_500;
/// The longest text of one `markdown` block, in characters (Slack: 12,000 for all of a message).
const MARKDOWN_LIMIT: usize = 10_000;

/// `text`, `blocks` and `attachments` of a message: inert, without mentions, with a `text` beside blocks. Blocks and
/// attachments are left out where there are none.
///
/// The message may be an event, an entry of the history, or what was given to `chat.postMessage`.
pub(super) fn read(message: &Value, names: &Names) -> Value {
    let message = as_event(message);
    let mut body = json!({"text": string(&message, "text")});
    for key in ["blocks", "attachments"] {
        match items(&message, key) {
            [] => {}
            list => body[key] = Value::from(list),
        }
    }
    blocks::inert(&mut body);
    neutralise(&mut body, names);
    settle_text(&mut body);
    body
}

/// A message as Slack sends it in events. What was given to `chat.postMessage` may have lists as strings of JSON, and its
/// words as `markdown_text`.
pub(super) fn as_event(message: &Value) -> Value {
    let mut event = message.clone();
    for key in ["blocks", "attachments"] {
        if message.get(key).is_some() {
            event[key] = Value::from(list(message, key));
        }
    }
    match string(message, "markdown_text") {
        "" => {}
        markdown if markdown.chars().count() > MARKDOWN_LIMIT => event["text"] = Value::from(markdown),
        markdown => event["blocks"] = json!([{"type": "markdown", "text": markdown}]),
    }
    remove(&mut event, "markdown_text");
    event
}

/// Whether the only block is the `rich_text` that Slack keeps beside the `text` that a person typed.
pub(super) fn is_twin(body: &Value) -> bool {
    matches!(items(body, "blocks"), [block] if string(block, "type") == "rich_text")
        && !string(body, "text").trim().is_empty()
}

/// Whether a message, or a part of one, is text alone, and no more of it than stands in one.
pub(super) fn is_plain(message: &Value) -> bool {
    items(message, "attachments").is_empty()
        && (items(message, "blocks").is_empty() || is_twin(message))
        && string(message, "text").chars().count() <= TEXT_LIMIT
}

/// Sees to it that blocks have a `text` beside them, no longer than it must be, and attachments a `fallback`.
pub(super) fn settle_text(body: &mut Value) {
    if !items(body, "blocks").is_empty() {
        let text = match string(body, "text") {
            text if text.trim().is_empty() => as_text::to_text(body),
            text => text.to_owned(),
        };
        body["text"] = Value::from(shortened(&text));
    }
    if let Some(Value::Array(attachments)) = body.get_mut("attachments") {
        for attachment in attachments.iter_mut().filter(|attachment| attachment.is_object()) {
            if string(attachment, "fallback").is_empty() {
                attachment["fallback"] = Value::from(text::cut(&as_text::of_attachment(attachment), 300));
            }
        }
    }
}

/// Removes a key; the order of the others stays.
pub(super) fn remove(body: &mut Value, key: &str) {
    body.as_object_mut().and_then(|fields: &mut Map<_, _>| fields.shift_remove(key));
}

/// The beginning of a mrkdwn text that is shown in full elsewhere.
fn shortened(mrkdwn: &str) -> String {
    let mut parts = split(mrkdwn, TEXT_LIMIT).into_iter();
    let first = parts.next().unwrap_or_default();
    if parts.next().is_some() { format!("{first} …") } else { first }
}

/// An array of objects; callers of `chat.postMessage` may also give it as a string of JSON.
fn list(message: &Value, key: &str) -> Vec<Value> {
    let list = match message.get(key) {
        Some(Value::Array(list)) => list.clone(),
        Some(Value::String(json)) => serde_json::from_str(json).unwrap_or_default(),
        _ => Vec::new(),
    };
    list.into_iter().filter(Value::is_object).collect()
}
