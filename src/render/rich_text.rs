//! `rich_text` blocks as mrkdwn. Used by [`super::as_text`].

use serde_json::Value;

use super::text::{escape, link};
use super::{items, string};

/// A `rich_text` block, or one of its parts, as mrkdwn.
pub(super) fn to_mrkdwn(value: &Value) -> String {
    match string(value, "type") {
        "rich_text_list" => list(value),
        "rich_text_preformatted" => format!("```\n{}\n```", concatenated(value)),
        "rich_text_quote" => {
            concatenated(value).lines().map(|line| format!("&gt; {line}")).collect::<Vec<_>>().join("\n")
        }
        "rich_text" => joined(items(value, "elements").iter().map(to_mrkdwn)),
        "rich_text_section" => concatenated(value),
        _ => leaf(value),
    }
}

fn list(list: &Value) -> String {
    let integer = |key| list.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
    let indent = "    ".repeat(integer("indent").min(8));
    let ordered = string(list, "style") == "ordered";
    joined(items(list, "elements").iter().enumerate().map(|(at, item)| {
        let text = to_mrkdwn(item);
        if ordered {
            format!("{indent}{}. {text}", integer("offset").saturating_add(at).saturating_add(1))
        } else {
            format!("{indent}• {text}")
        }
    }))
}

fn leaf(leaf: &Value) -> String {
    let id = |key| escape(string(leaf, key));
    let text = match string(leaf, "type") {
        "link" => link(string(leaf, "url"), &escape(string(leaf, "text"))),
        "emoji" => {
            let tone = leaf.get("skin_tone").and_then(Value::as_u64).map(|tone| format!(":skin-tone-{tone}:"));
            format!(":{}:{}", id("name"), tone.unwrap_or_default())
        }
        "user" => format!("<@{}>", id("user_id")),
        "usergroup" => format!("<!subteam^{}>", id("usergroup_id")),
        "channel" => format!("<#{}>", id("channel_id")),
        "broadcast" => format!("<!{}>", id("range")),
        "team" => "<!team>".to_owned(),
        "date" => {
            let seconds = leaf.get("timestamp").and_then(Value::as_i64).unwrap_or_default();
            let fallback = match string(leaf, "fallback") {
                "" => seconds.to_string(),
                fallback => escape(fallback),
            };
            match string(leaf, "format") {
                "" => fallback,
                format => format!("<!date^{seconds}^{}|{fallback}>", escape(format).replace('|', " ")),
            }
        }
        "color" => id("value"),
        _ if leaf.get("elements").is_some() => concatenated(leaf),
        _ => escape(string(leaf, "text")),
    };
    styled(&text, leaf.get("style"))
}

/// Puts the marks of mrkdwn around the text, inside of the spaces around it: `* bold *` would not be bold.
fn styled(text: &str, style: Option<&Value>) -> String {
    let core = text.trim();
    let Some(style) = style.filter(|_| !core.is_empty()) else { return text.to_owned() };
    let (before, after) = text.split_once(core).unwrap_or_default();
    let mut marked = core.to_owned();
    for (key, mark) in [("code", '`'), ("strike", '~'), ("italic", '_'), ("bold", '*')] {
        if style.get(key).and_then(Value::as_bool) == Some(true) {
            marked = format!("{mark}{marked}{mark}");
        }
    }
    format!("{before}{marked}{after}")
}

fn concatenated(value: &Value) -> String {
    items(value, "elements").iter().map(to_mrkdwn).collect()
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| line.trim_end_matches('\n').to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_known_part_has_a_text() {
        let block = json!({"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [
                {"type": "text", "text": "a < b ", "style": {"bold": true, "italic": true}},
                {"type": "link", "url": "https://a.example/?x=1&y=2", "text": "here"},
                {"type": "text", "text": " "},
                {"type": "emoji", "name": "wave", "skin_tone": 3},
                {"type": "user", "user_id": "U1"}, {"type": "broadcast", "range": "here"},
                {"type": "date", "timestamp": 1_700_000_000, "format": "{date}", "fallback": "then"},
                {"type": "color", "value": "#ff0000"}, {"type": "hologram", "text": "new"}]},
            {"type": "rich_text_list", "style": "ordered", "offset": 2, "indent": 1, "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "three"}]}]},
            {"type": "rich_text_list", "style": "bullet", "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "dot"}]}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "let x = 1;\nx"}]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said\nso"}]}]});
        insta::assert_snapshot!(to_mrkdwn(&block), @r"
        *_a &lt; b_* <https://a.example/?x=1&amp;y=2|here> :wave::skin-tone-3:<@U1><!here><!date^1700000000^{date}|then>#ff0000new
            3. three
        • dot
        ```
        let x = 1;
        x
        ```
        &gt; said
        &gt; so
        ");
    }
}
