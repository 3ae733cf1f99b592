//! Attachments, Slack's way of adding things before blocks: made fit to be posted by us. Used by [`super::blocks`] and
//! [`super::outbound`].
//!
//! <https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments>

use serde_json::Value;

use super::{as_text, blocks, content, items, string};

/// Of a message that was shared: ids and addresses that mean nothing outside of its workspace, and the message itself once
/// more, which the other fields show.
const OF_THE_OTHER_WORKSPACE: [&str; 14] = [
    "author_id",
    "author_link",
    "bot_id",
    "bot_team_id",
    "channel_id",
    "channel_team",
    "from_url",
    "id",
    "is_msg_unfurl",
    "is_share",
    "message_blocks",
    "original_url",
    "team_id",
    "user_id",
];

/// Takes the life out of an attachment: its buttons and menus go below the text. Of a message that was shared stay its
/// author's name, words, time and place.
pub(super) fn inert(attachment: &mut Value) {
    let actions = as_text::legacy_actions(attachment);
    if is_message(attachment) {
        share(attachment);
    }
    if !actions.is_empty() {
        let text = string(attachment, "text");
        attachment["text"] = Value::from(if text.is_empty() { actions } else { format!("{text}\n{actions}") });
    }
    for key in ["actions", "callback_id"] {
        content::remove(attachment, key);
    }
    attachment.get_mut("blocks").map(blocks::inert_list);
}

/// Whether Slack made it: of a link in the message, or of another message that this one shares.
pub(super) fn is_of_slack(attachment: &Value) -> bool {
    attachment.get("from_url").is_some() || attachment["is_share"] == true
}

/// Whether it shows a message: one that somebody shared, or the preview of a link to one.
fn is_message(attachment: &Value) -> bool {
    attachment["is_share"] == true || attachment["is_msg_unfurl"] == true
}

fn share(attachment: &mut Value) {
    if string(attachment, "text").is_empty() && items(attachment, "blocks").is_empty() {
        let shared = items(attachment, "message_blocks").iter().filter_map(|shared| shared.get("message"));
        let words: Vec<String> = shared.map(as_text::to_text).filter(|text| !text.is_empty()).collect();
        if !words.is_empty() {
            attachment["text"] = Value::from(words.join("\n"));
        }
    }
    for key in OF_THE_OTHER_WORKSPACE {
        content::remove(attachment, key);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_shared_message_is_readable_and_names_no_id() {
        let words = json!({"team": "T1", "channel": "C1", "ts": "1700000000.000100", "message": {"blocks": [
            {"type": "rich_text", "block_id": "b", "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "the plan"}]}]}]}});
        let mut share = json!({
            "ts": "1700000000.000100", "author_id": "U1", "channel_id": "C1", "channel_team": "T1", "is_msg_unfurl": true,
            "is_share": true, "message_blocks": [words], "id": 1, "color": "D0D0D0", "mrkdwn_in": ["text"],
            "from_url": "https://acme.slack.com/archives/C1/p1700000000000100", "fallback": "[14 Nov] phil: the plan",
            "text": "the plan", "author_name": "Phil", "author_link": "https://acme.slack.com/team/U1",
            "author_icon": "https://avatars.slack-edge.com/phil.png", "footer": "Posted in #general",
        });
        let mut wordless = share.clone();
        inert(&mut share);
        assert_eq!(
            share,
            json!({
                "ts": "1700000000.000100", "color": "D0D0D0", "mrkdwn_in": ["text"],
                "fallback": "[14 Nov] phil: the plan", "text": "the plan", "author_name": "Phil",
                "author_icon": "https://avatars.slack-edge.com/phil.png", "footer": "Posted in #general",
            })
        );
        content::remove(&mut wordless, "text");
        inert(&mut wordless);
        assert_eq!(wordless["text"], "the plan");
    }

    #[test]
    fn a_preview_of_a_page_stays_as_it_is() {
        let mut preview = json!({"from_url": "https://a.example", "title": "A page", "title_link": "https://a.example",
            "service_name": "A", "id": 1, "original_url": "https://a.example"});
        let before = preview.clone();
        inert(&mut preview);
        assert_eq!(preview, before);
        assert!(is_of_slack(&preview));
        assert!(!is_of_slack(&json!({"title": "A page", "title_link": "https://a.example"})));
    }
}
