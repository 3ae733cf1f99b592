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

fn push_text(leaves: &mut Vec<Value>, text: &str) {
    if !text.is_empty() {
        let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        leaves.push(json!({ "type": "text", "text": plain }));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
