//! What is told in one line, since it cannot be relayed as it is: files that cannot be had, and whatever Slack invents
//! next. Called by `intake` and `takeover`: content is never lost silently.

use serde_json::Value;

use super::kind::{self, Kind};
use super::mentions::{Names, neutral_text};
use super::text::{self, cut, escape, unescape};
use super::{as_text, items, streaming, string};

/// The longest quotation from a message, in characters.
const QUOTE_LIMIT: usize = 200;

/// What a message has besides its words: a line for each file, with name, kind and size, or why it cannot be had.
#[must_use]
pub fn about(message: &Value) -> Option<String> {
    let lines: Vec<String> = items(message, "files").iter().map(file).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What happened in a conversation that nobody said, in one line. `None` where there is nothing to tell.
///
/// `names` are those of the workspace the event comes from.
#[must_use]
pub fn happening(event: &Value, names: &Names) -> Option<String> {
    let subtype = escape(&cut(&string(event, "subtype").replace('_', " "), QUOTE_LIMIT));
    match kind::of(event) {
        Kind::Other => {
            Some(quote(event, names).map_or_else(|| format!("ℹ️ {subtype}"), |text| format!("ℹ️ {subtype}: {text}")))
        }
        Kind::Content | Kind::Changed | Kind::Deleted | Kind::Housekeeping => None,
    }
}

/// Whether a `message_changed` event changed what the message says: its text, blocks, files or attachments. Slack sends it
/// also for previews of links and counters of threads.
#[must_use]
pub fn is_edit(event: &Value) -> bool {
    let message = &event["message"];
    match event.get("previous_message") {
        _ if streaming::is_streamed(message) => true,
        Some(before) => said(before) != said(message),
        None => message.get("edited").is_some_and(Value::is_object),
    }
}

/// The changed message of a `message_changed` event. Files that it has no more are in it as deleted ones.
#[must_use]
pub fn edited(event: &Value) -> Value {
    let mut message = event["message"].clone();
    let kept: Vec<String> = files_of(&message);
    let gone = files_of(&event["previous_message"]).into_iter().filter(|file| !kept.contains(file));
    let gone: Vec<Value> = gone.map(|file| serde_json::json!({ "id": file, "mode": "tombstone" })).collect();
    if !gone.is_empty() {
        let files = items(&message, "files").iter().cloned().chain(gone).collect::<Vec<_>>();
        message["files"] = Value::from(files);
    }
    message
}

/// The ids of the files of a message.
#[must_use]
pub fn files_of(message: &Value) -> Vec<String> {
    items(message, "files")
        .iter()
        .map(|file| string(file, "id"))
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A line for a file, with name, kind and size, or why it cannot be had.
#[must_use]
pub fn file(file: &Value) -> String {
    let first = |keys: [&str; 3]| keys.into_iter().map(|key| string(file, key)).find(|text| !text.is_empty());
    let name = first(["name", "title", "id"]).unwrap_or("unnamed");
    // Slack escapes the names of files in some places and not in others.
    let name = escape(&cut(&unescape(name), QUOTE_LIMIT)).replace('\n', " ");
    match string(file, "mode") {
        "tombstone" => return "📎 sent a file that was deleted since".to_owned(),
        "external" => {
            let url = first(["external_url", "url_private", "permalink"]).unwrap_or_default();
            return format!("📎 sent a link to a file: {}", text::link(url, &name));
        }
        "hidden_by_limit" => return format!("📎 sent a file: {name} (hidden by the limits of the workspace's plan)"),
        _ => {}
    }
    if string(file, "file_access") == "check_file_info" || string(file, "mode") == "file_access" {
        return format!("📎 sent a file: {name} (shared through Slack Connect; its details must be asked for)");
    }
    let kind = first(["mimetype", "pretty_type", "filetype"]);
    let details: Vec<String> =
        kind.map(escape).into_iter().chain(file.get("size").and_then(Value::as_u64).map(size)).collect();
    match details.as_slice() {
        [] => format!("📎 sent a file: {name}"),
        details => format!("📎 sent a file: {name} ({})", details.join(", ")),
    }
}

/// A size in decimal units.
pub(crate) fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit / (unit / 10));
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

/// The beginning of what a message says, on one line; its files when it says nothing.
#[must_use]
pub fn quote(message: &Value, names: &Names) -> Option<String> {
    let typed = string(message, "text");
    let text = if typed.trim().is_empty() { as_text::to_text(message) } else { typed.to_owned() };
    let text = if text.trim().is_empty() { about(message)? } else { text };
    let line = neutral_text(&text, names).split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!("“{}”", cut_mrkdwn(&line)))
}

/// Cuts between words, outside of tokens and entities.
fn cut_mrkdwn(line: &str) -> String {
    let mut parts = super::split::split(line, QUOTE_LIMIT).into_iter();
    let first = parts.next().unwrap_or_default();
    if parts.next().is_some() { format!("{first}…") } else { first }
}

/// What counts as said: the rest of a message changes without anybody editing it.
fn said(message: &Value) -> (String, Value, Vec<(&str, bool)>) {
    let mut content =
        serde_json::json!({"blocks": items(message, "blocks"), "attachments": items(message, "attachments")});
    if let Some(Value::Array(attachments)) = content.get_mut("attachments") {
        attachments.retain(|attachment| attachment.get("from_url").is_none());
        for attachment in attachments.iter_mut() {
            super::content::remove(attachment, "id");
        }
    }
    super::blocks::inert(&mut content);
    let files = items(message, "files").iter().map(|file| (string(file, "id"), string(file, "mode") == "tombstone"));
    (string(message, "text").to_owned(), content, files.collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::samples;
    use super::*;

    fn told(event: &Value) -> Option<String> {
        happening(event, &samples::names())
    }

    fn changed(before: &Value, after: &Value) -> Value {
        json!({"type": "message", "subtype": "message_changed", "message": after, "previous_message": before})
    }

    #[test]
    fn every_file_is_told() {
        let message = json!({"files": [
            {"id": "F1", "name": "a<b>.pdf", "title": "Report", "mimetype": "application/pdf", "size": 120_400},
            {"id": "F2", "mode": "file_access", "file_access": "check_file_info"},
            {"id": "F3", "mode": "tombstone"},
            {"id": "F4", "name": "old &amp; gold.png", "mode": "hidden_by_limit"},
            {"id": "F5", "title": "Notes", "pretty_type": "Canvas", "size": 2_560_000}]});
        insta::assert_snapshot!(about(&message).unwrap(), @r"
        📎 sent a file: a&lt;b&gt;.pdf (application/pdf, 120 kB)
        📎 sent a file: F2 (shared through Slack Connect; its details must be asked for)
        📎 sent a file that was deleted since
        📎 sent a file: old &amp; gold.png (hidden by the limits of the workspace's plan)
        📎 sent a file: Notes (Canvas, 2.5 MB)
        ");
        assert_eq!(about(&json!({"text": "x", "files": []})), None);
    }

    #[test]
    fn only_what_is_said_otherwise_is_an_edit() {
        let old = json!({"text": "old <@U1>", "blocks": [{"type": "divider", "block_id": "a"}]});
        for (after, expected) in [
            (json!({"text": "new <!here>", "edited": {}}), true),
            (json!({"text": "old <@U1>", "blocks": [{"type": "divider", "block_id": "b"}], "reply_count": 2}), false),
            (
                json!({"text": "old <@U1>", "blocks": [{"type": "divider"}], "attachments": [{"from_url": "https://a.example"}]}),
                false,
            ),
            (json!({"text": "old <@U1>", "blocks": [{"type": "divider"}], "files": [{"id": "F1"}]}), true),
            (json!({"text": "old <@U1>", "blocks": [{"type": "divider"}], "streaming_state": "completed"}), true),
        ] {
            assert_eq!(is_edit(&changed(&old, &after)), expected, "{after}");
        }
        assert!(is_edit(&json!({"subtype": "message_changed", "message": {"text": "new", "edited": {}}})));
        assert!(!is_edit(&json!({"subtype": "message_changed", "message": {"text": "with a preview"}})));
    }

    #[test]
    fn a_file_that_was_taken_out_is_told_as_deleted() {
        let event =
            changed(&json!({"files": [{"id": "F1"}, {"id": "F2"}]}), &json!({"text": "x", "files": [{"id": "F2"}]}));
        assert_eq!(edited(&event)["files"], json!([{"id": "F2"}, {"id": "F1", "mode": "tombstone"}]));
        assert_eq!(edited(&changed(&json!({"text": "a"}), &json!({"text": "b"}))), json!({"text": "b"}));
    }

    #[test]
    fn what_slack_invents_is_told_and_what_is_plain_is_not() {
        assert_eq!(
            told(&json!({"type": "message", "subtype": "huddle_thread", "text": ""})).unwrap(),
            "ℹ️ huddle thread"
        );
        assert_eq!(
            told(&json!({"type": "message", "subtype": "reminder_add", "text": "<@U1> x"})).unwrap(),
            "ℹ️ reminder add: “@Phil &lt;&amp;&gt; x”"
        );
        for subtype in ["bot_message", "file_share", "channel_join", "message_replied"] {
            assert_eq!(told(&json!({"type": "message", "subtype": subtype, "text": "x"})), None);
        }
        assert_eq!(told(&json!({"type": "message", "text": "x"})), None);
    }

    #[test]
    fn a_quotation_is_cut() {
        let line = told(&json!({"subtype": "reminder_add", "text": "word ".repeat(100)})).unwrap();
        assert!(line.chars().count() < 240 && line.ends_with("word…”"), "{line}");
    }

    proptest! {
        #[test]
        fn any_event_is_told_without_a_panic_and_without_a_mention(event in samples::any_message()) {
            let line = happening(&event, &samples::names()).unwrap_or_default();
            prop_assert!(!line.contains("<@") && !line.contains("<!here"), "{line}");
            let _ = (about(&event), is_edit(&event), edited(&event));
        }
    }
}
