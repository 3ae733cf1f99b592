//! One line for what is not relayed as it is: files, edits, deletions, reactions, and whatever Slack invents next.
//! Called by `takeover`: content is never lost silently.

use serde_json::Value;

use super::kind::{self, Kind};
use super::mentions::{Names, neutral_text};
use super::text::{cut, escape, unescape};
use super::{as_text, items, mark, string};

/// The longest quotation from a message, in characters.
const QUOTE_LIMIT: usize = 200;

/// What a message has besides its words: a line for each file, with name, kind and size, or why it cannot be had.
#[must_use]
pub fn about(message: &Value) -> Option<String> {
    let lines: Vec<String> = items(message, "files").iter().map(file).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What happened to a message, or in a conversation, in one line. `None` where there is nothing to tell: plain messages,
/// previews of links, counters of threads, our own updates.
///
/// `original` is the message it happened to, where it is known and the event does not bring it along; `names` are those of
/// the workspace the event comes from.
#[must_use]
pub fn change(event: &Value, original: Option<&Value>, names: &Names) -> Option<String> {
    let original = event.get("previous_message").or(original);
    let quoted = original.and_then(|message| quote(message, names));
    match (string(event, "type"), kind::of(event)) {
        ("reaction_added" | "reaction_removed", _) => Some(reaction(event, quoted)),
        (_, Kind::Changed) if string(&event["message"], "subtype") == "tombstone" => Some(deletion(quoted)),
        (_, Kind::Changed) => is_edit(event, original).then(|| edit(event, quoted, names)),
        (_, Kind::Deleted) => Some(deletion(quoted)),
        (_, Kind::Other) => Some(other(event, names)),
        (_, Kind::Content | Kind::Housekeeping) => None,
    }
}

/// Whether a `message_changed` event changed what the message says: its text, blocks, files or attachments. Slack sends it
/// also for previews of links, counters of threads and our own updates.
#[must_use]
pub fn is_edit(event: &Value, original: Option<&Value>) -> bool {
    let message = &event["message"];
    if kind::of(event) != Kind::Changed || mark::is_ours(message) {
        return false;
    }
    match event.get("previous_message").or(original) {
        Some(before) => said(before) != said(message),
        None => message.get("edited").is_some_and(Value::is_object),
    }
}

fn file(file: &Value) -> String {
    let first = |keys: [&str; 3]| keys.into_iter().map(|key| string(file, key)).find(|text| !text.is_empty());
    let name = first(["name", "title", "id"]).unwrap_or("unnamed");
    // Slack escapes the names of files in some places and not in others.
    let name = escape(&cut(&unescape(name), QUOTE_LIMIT)).replace('\n', " ");
    match string(file, "mode") {
        "tombstone" => return "📎 sent a file that was deleted since".to_owned(),
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

fn edit(event: &Value, old: Option<String>, names: &Names) -> String {
    let message = &event["message"];
    match (old, quote(message, names)) {
        (Some(old), Some(new)) if old == new && !items(message, "files").is_empty() => {
            "✏️ changed the files of a message".to_owned()
        }
        (Some(old), Some(new)) if old == new => format!("✏️ edited: {new}"),
        (Some(old), Some(new)) => format!("✏️ edited: {old} → {new}"),
        (None, Some(new)) => format!("✏️ edited: {new}"),
        (Some(old), None) => format!("✏️ removed the words: {old}"),
        (None, None) => "✏️ edited a message".to_owned(),
    }
}

fn deletion(quoted: Option<String>) -> String {
    quoted.map_or_else(|| "🗑️ deleted a message".to_owned(), |text| format!("🗑️ deleted: {text}"))
}

fn reaction(event: &Value, quoted: Option<String>) -> String {
    let name = escape(string(event, "reaction"));
    let removed = string(event, "type") == "reaction_removed";
    let (did, preposition) = if removed { ("took back the reaction", "from") } else { ("reacted with", "to") };
    let to = quoted.unwrap_or_else(|| "a message".to_owned());
    format!("{did} :{name}: {preposition} {to}")
}

fn other(event: &Value, names: &Names) -> String {
    let subtype = escape(&cut(&string(event, "subtype").replace('_', " "), QUOTE_LIMIT));
    quote(event, names).map_or_else(|| format!("ℹ️ {subtype}"), |text| format!("ℹ️ {subtype}: {text}"))
}

/// The beginning of what a message says, on one line; its files when it says nothing.
fn quote(message: &Value, names: &Names) -> Option<String> {
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
        change(event, None, &samples::names())
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
    fn only_real_edits_are_told() {
        let old = json!({"text": "old <@U1>", "blocks": [{"type": "divider", "block_id": "a"}]});
        for (after, expected) in [
            (
                json!({"text": "new <!here>", "edited": {}}),
                Some("✏️ edited: “old @Phil &lt;&amp;&gt;” → “new @\u{2060}here”"),
            ),
            (json!({"text": "old <@U1>", "blocks": [{"type": "divider", "block_id": "b"}], "reply_count": 2}), None),
            (
                json!({"text": "old <@U1>", "blocks": [{"type": "divider"}], "attachments": [{"from_url": "https://a.example"}]}),
                None,
            ),
            (json!({"text": "x", "metadata": {"event_type": "megatron"}}), None),
            (
                json!({"subtype": "tombstone", "text": "This message was deleted."}),
                Some("🗑️ deleted: “old @Phil &lt;&amp;&gt;”"),
            ),
            (
                json!({"text": "old <@U1>", "blocks": [{"type": "divider"}], "files": [{"id": "F1"}]}),
                Some("✏️ changed the files of a message"),
            ),
        ] {
            assert_eq!(told(&changed(&old, &after)).as_deref(), expected, "{after}");
        }
        let unknown =
            json!({"type": "message", "subtype": "message_changed", "message": {"text": "new", "edited": {}}});
        assert_eq!(told(&unknown).unwrap(), "✏️ edited: “new”");
    }

    #[test]
    fn deletions_and_reactions_say_what_they_are_about() {
        let deleted = json!({"type": "message", "subtype": "message_deleted", "previous_message": {"text": "a\nb"}});
        assert_eq!(told(&deleted).unwrap(), "🗑️ deleted: “a b”");
        assert_eq!(told(&json!({"type": "message", "subtype": "message_deleted"})).unwrap(), "🗑️ deleted a message");
        let added = json!({"type": "reaction_added", "reaction": "x"});
        assert_eq!(
            change(&added, Some(&json!({"text": "hi"})), &Names::default()).unwrap(),
            "reacted with :x: to “hi”"
        );
        let removed = json!({"type": "reaction_removed", "reaction": "x"});
        assert_eq!(told(&removed).unwrap(), "took back the reaction :x: from a message");
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
        let line =
            told(&json!({"subtype": "message_deleted", "previous_message": {"text": "word ".repeat(100)}})).unwrap();
        assert!(line.chars().count() < 220 && line.ends_with("word…”"), "{line}");
    }

    proptest! {
        #[test]
        fn any_event_is_told_without_a_panic_and_without_a_mention(event in samples::any_message(), original in samples::any_message()) {
            let line = change(&event, Some(&original), &samples::names()).unwrap_or_default();
            prop_assert!(!line.contains("<@") && !line.contains("<!here"), "{line}");
            let _ = about(&event);
        }
    }
}
