//! Blocks of somebody else, made fit to be posted by us, and the repair when Slack refuses one of them.
//! Called by [`super::mirror`], [`super::outbound`], and by `deliver` when a post fails.

use serde_json::{Value, json};

use super::split::split;
use super::text::escape;
use super::{as_text, elements, string};

/// The longest text of a section block, in characters (Slack: 3,000).
pub(super) const SECTION_LIMIT: usize = 2_900;

/// Blocks that Slack is known to refuse from an app, or to refuse when it cannot fetch what they show.
const SUSPECTS: [&str; 7] = ["call", "share_shortcut", "event", "contact_card", "file", "image", "video"];

/// Takes the life out of a message's `blocks` and `attachments`: elements that can be pressed or picked from become text that
/// shows what they offer, a link button stays a link, and every `block_id` and `action_id` goes. The rest stays untouched.
///
/// The current value of a people picker becomes a mention: call [`super::mentions::neutralise`] afterwards.
pub fn inert(message: &mut Value) {
    if let Some(blocks) = message.get_mut("blocks") {
        inert_blocks(blocks);
    }
    if let Some(Value::Array(attachments)) = message.get_mut("attachments") {
        attachments.iter_mut().for_each(inert_attachment);
    }
}

/// Replaces the block that Slack's `errors` name (`... [json-pointer:/blocks/2/text/text]`) by its text; without a pointer,
/// the first block of a kind known to be refused. Returns a line for people saying what was replaced, or `None` when it
/// cannot tell which block to blame, or replacing it would change nothing.
pub fn drop_offender(message: &mut Value, errors: &[String]) -> Option<String> {
    let pointers = errors.iter().filter_map(|error| error.split_once("[json-pointer:")?.1.split(']').next());
    let mut named: Vec<(String, usize)> = pointers.filter_map(block_of).collect();
    if named.is_empty() && !errors.iter().any(|error| error.contains("[json-pointer:")) {
        let at =
            message.get("blocks")?.as_array()?.iter().position(|block| SUSPECTS.contains(&string(block, "type")))?;
        named.push(("/blocks".to_owned(), at));
    }
    named.iter().find_map(|(list, at)| replace(message.pointer_mut(list)?.as_array_mut()?, *at))
}

/// mrkdwn as section blocks, as many as its length needs.
pub(super) fn sections(mrkdwn: &str) -> Vec<Value> {
    let section = |text| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    split(mrkdwn, SECTION_LIMIT).into_iter().map(section).collect()
}

fn inert_blocks(blocks: &mut Value) {
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

/// Buttons and menus of attachments, of the time before blocks, go below the text.
fn inert_attachment(attachment: &mut Value) {
    let actions = as_text::legacy_actions(attachment);
    if !actions.is_empty() {
        let text = string(attachment, "text");
        attachment["text"] = Value::from(if text.is_empty() { actions } else { format!("{text}\n{actions}") });
    }
    if let Some(fields) = attachment.as_object_mut() {
        fields.retain(|key, _| key != "actions" && key != "callback_id");
        fields.get_mut("blocks").map(inert_blocks);
        fields.get_mut("message_blocks").map(strip_ids);
    }
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

/// The list of blocks and the place in it that a JSON pointer (RFC 6901) leads into.
fn block_of(pointer: &str) -> Option<(String, usize)> {
    let start = pointer.rfind("/blocks/")?;
    let at = pointer[start + "/blocks/".len()..].split('/').next()?.parse().ok()?;
    Some((pointer[..start].to_owned() + "/blocks", at))
}

fn replace(blocks: &mut Vec<Value>, at: usize) -> Option<String> {
    let block = blocks.get(at)?;
    let kind = escape(&string(block, "type").replace('_', " "));
    let text = as_text::of_block(block);
    let instead = sections(if text.trim().is_empty() { "[empty block]" } else { &text });
    if instead.first() == Some(block) {
        return None;
    }
    blocks.splice(at..=at, instead);
    Some(format!("A block of kind “{kind}” could not be shown here and was replaced by its text."))
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

    #[test]
    fn the_named_block_is_replaced_by_its_text() {
        let mut message = samples::every_block();
        let error = "downloading image failed [json-pointer:/blocks/7/image_url]".to_owned();
        let said = drop_offender(&mut message, &[error]).unwrap();
        assert_eq!(said, "A block of kind “image” could not be shown here and was replaced by its text.");
        assert_eq!(message["blocks"][7]["text"]["text"], "<https://files.example/F1|Chart>");
        assert_eq!(message["blocks"].as_array().unwrap().len(), 14);
    }

    #[test]
    fn a_section_that_is_too_long_becomes_several() {
        let mut message = json!({"attachments": [{"blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "word ".repeat(1000)}}]}]});
        let error = "must be less than 3001 characters [json-pointer:/attachments/0/blocks/0/text/text]".to_owned();
        drop_offender(&mut message, &[error]).unwrap();
        assert_eq!(message["attachments"][0]["blocks"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn without_a_pointer_only_a_suspect_is_blamed() {
        let mut message =
            json!({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "a"}}, {"type": "call"}]});
        assert!(drop_offender(&mut message, &[]).is_some());
        assert_eq!(message["blocks"][1]["text"]["text"], "[call]");
        for errors in [vec![], vec!["no more than 50 items allowed [json-pointer:/blocks]".to_owned()]] {
            assert_eq!(drop_offender(&mut message, &errors), None);
        }
        let plain = "invalid [json-pointer:/blocks/0/text]".to_owned();
        assert_eq!(drop_offender(&mut message, &[plain]), None, "a plain section cannot be made any plainer");
    }

    proptest! {
        #[test]
        fn any_message_becomes_inert(message in samples::any_message(), at in 0usize..3) {
            let mut message = message;
            inert(&mut message);
            let alive = message.get("blocks").and_then(Value::as_array).is_some_and(|blocks| blocks.iter().any(has_interactive));
            prop_assert!(!alive, "{message}");
            drop_offender(&mut message, &[format!("bad [json-pointer:/blocks/{at}/x]")]);
        }
    }
}
