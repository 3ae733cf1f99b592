//! Blocks of somebody else, made fit to be posted by us. Called by everything in [`super`] that makes a post.

use serde_json::{Value, json};

use super::split::split;
use super::{as_text, attachments, elements, string};

/// The longest text of a section block, in characters (Slack: 3,000).
pub(super) const SECTION_LIMIT: usize = 2_900;

/// Takes the life out of a message's `blocks` and `attachments`: elements that can be pressed or picked from become text that
/// shows what they offer, a link button stays a link, and every `block_id` and `action_id` goes. The rest stays untouched.
///
/// The current value of a people picker becomes a mention: call [`super::mentions::neutralise`] afterwards.
pub fn inert(message: &mut Value) {
    if let Some(blocks) = message.get_mut("blocks") {
        inert_list(blocks);
    }
    if let Some(Value::Array(attachments)) = message.get_mut("attachments") {
        attachments.iter_mut().for_each(attachments::inert);
    }
}

/// mrkdwn as section blocks, as many as its length needs.
pub(super) fn sections(mrkdwn: &str) -> Vec<Value> {
    let section = |text| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    split(mrkdwn, SECTION_LIMIT).into_iter().map(section).collect()
}

/// [`inert`] for a list of blocks.
pub(super) fn inert_list(blocks: &mut Value) {
    if let Value::Array(list) = blocks {
        *list = std::mem::take(list).into_iter().flat_map(inert_block).collect();
    }
    strip_ids(blocks);
}

fn inert_block(mut block: Value) -> Vec<Value> {
    if string(&block, "type") == "section"
        && block.get("accessory").is_some_and(elements::is_interactive)
        && let Some(accessory) = block.as_object_mut().and_then(|fields| fields.shift_remove("accessory"))
    {
        let mut both = vec![block];
        both.extend(sections(&elements::to_mrkdwn(&accessory)));
        return both;
    }
    let dead = matches!(string(&block, "type"), "actions" | "context_actions" | "input")
        || elements::is_interactive(&block)
        || has_interactive(&block);
    if dead { sections(&as_text::of_block(&block)) } else { vec![block] }
}

fn has_interactive(value: &Value) -> bool {
    let mut inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(fields) => Box::new(fields.values()),
        _ => return false,
    };
    inner.any(|value| elements::is_interactive(value) || has_interactive(value))
}

fn strip_ids(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(strip_ids),
        Value::Object(fields) => {
            fields.retain(|key, _| key != "block_id" && key != "action_id");
            fields.values_mut().for_each(strip_ids);
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples;
    use super::*;

    #[test]
    fn nothing_of_an_inert_message_can_be_pressed() {
        let mut message = samples::every_block();
        message["attachments"] = json!([{"text": "sure?", "callback_id": "c", "color": "#fff", "actions": [
            {"type": "button", "text": "Yes", "value": "1"}, {"type": "select", "text": "Pick", "options": [{"text": "a"}, {"text": "b"}]}]}]);
        let before = message.clone();
        inert(&mut message);
        let blocks = message["blocks"].as_array().unwrap();
        let texts: Vec<&str> = blocks.iter().filter_map(|block| block["text"]["text"].as_str()).collect();
        assert!(!blocks.iter().any(has_interactive));
        assert!(
            texts.contains(&"[ Pick ]") && texts.contains(&"[ Approve ] <https://a.example/o|[ Open ]>"),
            "{texts:?}"
        );
        assert_eq!(blocks[0], before["blocks"][0]);
        assert_eq!(blocks[1].get("block_id"), None);
        assert_eq!(blocks.last(), before["blocks"].as_array().unwrap().last());
        assert_eq!(message["attachments"], json!([{"text": "sure?\n[ Yes ] [ Pick: a · b ]", "color": "#fff"}]));
    }

    proptest! {
        #[test]
        fn any_message_becomes_inert(message in samples::any_message()) {
            let mut message = message;
            inert(&mut message);
            let alive = message.get("blocks").and_then(Value::as_array).is_some_and(|blocks| blocks.iter().any(has_interactive));
            prop_assert!(!alive, "{message}");
        }
    }
}
