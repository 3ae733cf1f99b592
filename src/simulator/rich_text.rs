//! The `rich_text` block that Slack puts beside what a person typed.

use serde_json::{Value, json};

/// The block for a text with Slack's control sequences (`<@U1>`, `<https://...|label>`, `<!here>`, `&amp;`).
pub(super) fn typed(text: &str, block_id: &str) -> Value {
    let mut leaves = Vec::new();
    let mut rest = text;
    while let Some((before, token, after)) = next_token(rest) {
        push_text(&mut leaves, before);
        leaves.push(leaf(token));
        rest = after;
    }
    push_text(&mut leaves, rest);
    json!({
        "type": "rich_text", "block_id": block_id,
        "elements": [{ "type": "rich_text_section", "elements": leaves }],
    })
}

/// Text before the next `<...>`, what is inside of it, and the text after it.
fn next_token(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('<')?;
    let (token, after) = rest.split_once('>')?;
    Some((before, token, after))
}

fn leaf(token: &str) -> Value {
    let (target, label) = token.split_once('|').map_or((token, None), |(target, label)| (target, Some(label)));
    match target.split_at_checked(1) {
        Some(("@", user)) => json!({ "type": "user", "user_id": user }),
        Some(("#", channel)) => json!({ "type": "channel", "channel_id": channel }),
        Some(("!", "here" | "channel" | "everyone")) => json!({ "type": "broadcast", "range": &target[1..] }),
        Some(("!", group)) if group.starts_with("subteam^") => {
            json!({ "type": "usergroup", "usergroup_id": group.trim_start_matches("subteam^") })
        }
        _ => {
            let mut link = json!({ "type": "link", "url": target });
            if let Some(label) = label {
                link["text"] = json!(label);
            }
            link
        }
    }
}

/// Text between tokens: what people format (`*bold*`) and name (`:wave:`) becomes what Slack's clients make of it.
fn push_text(leaves: &mut Vec<Value>, text: &str) {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let (mut rest, mut read) = (plain.as_str(), 0);
    while let Some(sign) = rest[read..].chars().next() {
        let before = rest[..read].chars().next_back();
        let marked = if before.is_none_or(|before| !before.is_alphanumeric()) { marked(&rest[read..]) } else { None };
        if let Some((leaf, length)) = marked {
            push_plain(leaves, &rest[..read]);
            leaves.push(leaf);
            (rest, read) = (&rest[read + length..], 0);
        } else {
            read += sign.len_utf8();
        }
    }
    push_plain(leaves, rest);
}

fn push_plain(leaves: &mut Vec<Value>, text: &str) {
    if !text.is_empty() {
        leaves.push(json!({ "type": "text", "text": text }));
    }
}

/// A formatted piece or an emoji at the beginning of the text, and its length.
fn marked(text: &str) -> Option<(Value, usize)> {
    let mark = text.chars().next().filter(|sign| "*_~`:".contains(*sign))?;
    let inner = text[1..].split(mark).next().filter(|inner| inner.len() + 1 < text.len() && !inner.contains('\n'))?;
    let length = inner.len() + 2;
    let ends = !text[length..].starts_with(char::is_alphanumeric);
    if inner.is_empty() || inner.starts_with(' ') || inner.ends_with(' ') || !ends {
        return None;
    }
    let style = match mark {
        '*' => "bold",
        '_' => "italic",
        '~' => "strike",
        '`' => "code",
        _ => {
            let is_name = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "_+-".contains(sign);
            let named = inner.chars().all(is_name) && inner.contains(|sign: char| !sign.is_ascii_digit());
            return named.then(|| (json!({ "type": "emoji", "name": inner }), length));
        }
    };
    Some((json!({ "type": "text", "text": inner, "style": { style: true } }), length))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn what_people_format_is_formatted() {
        let block = super::typed("*Now* `a * b` or 2*3*4, at 10:30:00 :wave: <@U1>*!*", "b1");
        assert_eq!(
            block["elements"][0]["elements"],
            json!([
                { "type": "text", "text": "Now", "style": { "bold": true } }, { "type": "text", "text": " " },
                { "type": "text", "text": "a * b", "style": { "code": true } },
                { "type": "text", "text": " or 2*3*4, at 10:30:00 " }, { "type": "emoji", "name": "wave" },
                { "type": "text", "text": " " }, { "type": "user", "user_id": "U1" },
                { "type": "text", "text": "!", "style": { "bold": true } },
            ])
        );
    }

    #[test]
    fn mentions_links_and_entities_become_leaves() {
        let block = super::typed("a &lt; b <@U1> <!here> <https://x.org|x> <#C1|general>", "b1");
        assert_eq!(
            block["elements"][0]["elements"],
            json!([
                { "type": "text", "text": "a < b " }, { "type": "user", "user_id": "U1" },
                { "type": "text", "text": " " }, { "type": "broadcast", "range": "here" },
                { "type": "text", "text": " " }, { "type": "link", "url": "https://x.org", "text": "x" },
                { "type": "text", "text": " " }, { "type": "channel", "channel_id": "C1" },
            ])
        );
    }
}
