//! Where text and mentions can stand in a message. Used by [`super::mentions`].

use serde_json::Value;

use super::string;

/// A place in a message.
pub(super) enum Spot<'m> {
    /// mrkdwn: `<@U1>` is a mention here, `&lt;` an escaped `<`.
    Mrkdwn(&'m mut String),
    /// Literal text.
    Plain(&'m mut String),
    /// A leaf of a `rich_text` block that names somebody or something of its workspace.
    Leaf(&'m mut Value),
}

/// Strings under these keys are mrkdwn, in blocks and in attachments.
const MRKDWN_KEYS: [&str; 16] = [
    "text",
    "pretext",
    "title",
    "fallback",
    "footer",
    "author_name",
    "author_subname",
    "service_name",
    "subtitle",
    "body",
    "description",
    "details",
    "output",
    "label",
    "hint",
    "summary",
];

/// Shows `visit` every place where text or a mention can stand: `text`, `blocks` and `attachments`.
pub(super) fn walk(message: &mut Value, visit: &mut impl FnMut(Spot<'_>)) {
    if let Some(Value::String(text)) = message.get_mut("text") {
        visit(Spot::Mrkdwn(text));
    }
    for part in ["blocks", "attachments"] {
        if let Some(value) = message.get_mut(part) {
            descend(value, part, false, visit);
        }
    }
}

/// `under` is the key that holds the value, `rich` whether it is a part of a `rich_text` block.
fn descend(value: &mut Value, under: &str, rich: bool, visit: &mut impl FnMut(Spot<'_>)) {
    // An attachment has no type; one that claims to have is mrkdwn all the same.
    let kind = if under == "attachments" { "" } else { string(value, "type") };
    let rich = rich || kind.starts_with("rich_text");
    match kind {
        "user" | "usergroup" | "channel" | "broadcast" | "team" | "message_mention" if rich => {
            return visit(Spot::Leaf(value));
        }
        // Literal, and shown as such.
        "text" | "link" if rich => return,
        "raw_text" => return,
        "plain_text" => {
            if let Some(Value::String(text)) = value.get_mut("text") {
                visit(Spot::Plain(text));
            }
            return;
        }
        _ => {}
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| descend(item, under, rich, visit)),
        Value::Object(fields) => {
            for (key, field) in fields {
                match field {
                    Value::String(text) if key == "alt_text" => visit(Spot::Plain(text)),
                    Value::String(text) if is_mrkdwn(key, under) => visit(Spot::Mrkdwn(text)),
                    Value::Array(_) | Value::Object(_) => descend(field, key, rich, visit),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// `value` is text in the fields of an attachment, and an opaque string anywhere else.
fn is_mrkdwn(key: &str, under: &str) -> bool {
    MRKDWN_KEYS.contains(&key) || (key == "value" && under == "fields")
}
