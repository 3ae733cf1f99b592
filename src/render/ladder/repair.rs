//! Single blocks that Slack refuses: which they are, and what stands in their place. Used by [`super`].

use serde_json::{Value, json};

use super::super::text::{cut, escape};
use super::super::{as_text, blocks, content, elements, string};

/// What Slack adds to images and videos when it shows them, and may not take back.
pub(super) const ADDITIONS: [&str; 7] =
    ["image_width", "image_height", "image_bytes", "is_animated", "fallback", "image_id", "is_slack_image"];
/// Blocks that `chat.postMessage` is known to take.
const TAKEN: [&str; 12] = [
    "section",
    "header",
    "divider",
    "context",
    "image",
    "rich_text",
    "markdown",
    "table",
    "video",
    "actions",
    "context_actions",
    "input",
];

/// Whether a block is of a kind that `chat.postMessage` is known to take.
pub(super) fn is_taken(block: &Value) -> bool {
    TAKEN.contains(&string(block, "type"))
}

/// A block that Slack names, and where in it.
pub(super) struct Named {
    /// JSON pointer (RFC 6901) to the list it stands in.
    pub(super) list: String,
    /// Where in the list.
    pub(super) at: usize,
    /// The rest of the pointer.
    pub(super) within: String,
}

/// The blocks that pointers lead into, in order and each once.
pub(super) fn named(body: &Value, pointers: &[&str]) -> Vec<Named> {
    let mut named: Vec<Named> = pointers.iter().filter_map(|pointer| read(pointer)).collect();
    named.retain(|named| body.pointer(&named.list).is_some_and(Value::is_array));
    named.sort_by(|one, other| (&one.list, one.at).cmp(&(&other.list, other.at)));
    named.dedup_by(|later, earlier| (&later.list, later.at) == (&earlier.list, earlier.at));
    named
}

fn read(pointer: &str) -> Option<Named> {
    const BLOCKS: &str = "/blocks/";
    let start = pointer.rfind(BLOCKS)?;
    let rest = &pointer[start + BLOCKS.len()..];
    let (at, within) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some(Named { list: format!("{}/blocks", &pointer[..start]), at: at.parse().ok()?, within: within.to_owned() })
}

/// How much a block is to blame when Slack does not say which one: of a kind it may not know, or with a picture that it
/// may not reach.
pub(super) fn doubt(block: &Value) -> u8 {
    let kind = string(block, "type");
    let shows_picture = || {
        matches!(kind, "image" | "video") || has_picture(block.get("accessory")) || has_picture(block.get("elements"))
    };
    if TAKEN.contains(&kind) { u8::from(shows_picture()) } else { 2 }
}

fn has_picture(value: Option<&Value>) -> bool {
    value.is_some_and(|value| match value {
        Value::Array(items) => items.iter().any(elements::is_image),
        value => elements::is_image(value),
    })
}

/// Replaces a block, or only the picture in it that Slack cannot show. A line about that, or nothing if nothing changed.
pub(super) fn replace(list: &mut Vec<Value>, at: usize, within: &str) -> Option<String> {
    let block = list.get_mut(at)?;
    if within.starts_with("/accessory")
        && block.get("accessory").is_some_and(elements::is_image)
        && (block.get("text").is_some() || block.get("fields").is_some())
    {
        let text = as_text::of_object(&block["accessory"]);
        content::remove(block, "accessory");
        list.splice(at + 1..=at, blocks::sections(&text));
        return Some(replaced("image"));
    }
    if let Some(element) = element_of(within).and_then(|pointer| block.pointer_mut(&pointer))
        && elements::is_image(element)
    {
        *element = json!({"type": "mrkdwn", "text": as_text::of_object(element)});
        return Some(replaced("image"));
    }
    let line = replaced(string(block, "type"));
    let text = as_text::of_block(block);
    let instead = blocks::sections(if text.trim().is_empty() { "[empty block]" } else { &text });
    if instead.first() == Some(block) {
        return None;
    }
    list.splice(at..=at, instead);
    Some(line)
}

/// `/elements/3` of `/elements/3/image_url`.
fn element_of(within: &str) -> Option<String> {
    let at = within.strip_prefix("/elements/")?.split('/').next()?;
    Some(format!("/elements/{at}"))
}

fn replaced(kind: &str) -> String {
    let kind = escape(&cut(&kind.replace('_', " "), 40));
    format!("A block of kind “{kind}” could not be shown here and was replaced by its text.")
}

pub(super) fn remove_additions(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(remove_additions),
        Value::Object(fields) => {
            // An attachment's and a date's `fallback` is no addition.
            if fields.get("type").is_some_and(|kind| kind == "image" || kind == "video") {
                fields.retain(|key, _| !ADDITIONS.contains(&key.as_str()));
            }
            fields.values_mut().for_each(remove_additions);
        }
        _ => {}
    }
}
