//! Block Kit validation as strict as Slack's: limits, required and unknown fields, with JSON pointers in the answer.
//! Called by every method that takes blocks, attachments or views.
//!
//! <https://docs.slack.dev/reference/block-kit/blocks>

mod input;
mod schema;

use serde_json::{Value, json};

use super::api::Refusal;
use super::world::Object;
pub(super) use input::check_input;
use schema::{Rule, Shape, block, element};

/// Most blocks in a message.
const MESSAGE_BLOCKS: usize = 50;
/// Most blocks in a modal or on the Home tab.
const VIEW_BLOCKS: usize = 100;
/// Most characters in all `markdown` blocks of a message together.
const MARKDOWN_TOTAL: usize = 12_000;
/// Characters in all blocks of a message at which others met `msg_blocks_too_long`.
const TEXT_TOTAL: usize = 13_200;

/// Fields that Slack adds to pictures when it shows them.
const ADDED: [&str; 5] = ["image_width", "image_height", "image_bytes", "is_animated", "fallback"];
/// Kinds of blocks that Slack shows, and of which it is not known whether a message may bring them.
const UNSURE: [&str; 8] =
    ["alert", "card", "carousel", "container", "data_table", "data_visualization", "plan", "task_card"];

/// What the checks must know about the workspace: whether it has a file.
pub(super) type HasFile<'a> = &'a dyn Fn(&str) -> bool;

/// Checks the `blocks` of a message.
pub(super) fn check_message(blocks: &Value, has_file: HasFile<'_>) -> Result<(), Refusal> {
    check_at(blocks, "/blocks", has_file)
}

/// Blocks without what Slack may or may not take back, for the checks of one that does.
pub(super) fn without_unsure(blocks: &Value) -> Value {
    match blocks {
        Value::Array(items) => items.iter().map(without_unsure).collect(),
        Value::Object(fields) => match fields.get("type").and_then(Value::as_str) {
            Some(kind) if UNSURE.contains(&kind) => json!({ "type": "divider" }),
            kind => {
                let stays = |name: &&String| kind != Some("image") || !ADDED.contains(&name.as_str());
                let kept = fields.iter().filter(|(name, _)| stays(name));
                Value::Object(kept.map(|(name, value)| (name.clone(), without_unsure(value))).collect())
            }
        },
        plain => plain.clone(),
    }
}

/// Checks the `attachments` of a message. Fields that Slack does not know are accepted; blocks inside are not spared.
pub(super) fn check_attachments(attachments: &Value, has_file: HasFile<'_>) -> Result<(), Refusal> {
    let list = attachments.as_array().ok_or("invalid_attachments")?;
    if list.len() > 100 {
        return Err("too_many_attachments".into());
    }
    for (index, attachment) in list.iter().enumerate() {
        let attachment = attachment.as_object().ok_or("invalid_attachments")?;
        if let Some(blocks) = attachment.get("blocks") {
            check_at(blocks, &format!("/attachments/{index}/blocks"), has_file)?;
        }
    }
    Ok(())
}

/// Checks the view of a modal or Home tab.
pub(super) fn check_view(view: &Value, has_file: HasFile<'_>) -> Result<(), Refusal> {
    if view.to_string().len() > 250_000 {
        return Err("view_too_large".into());
    }
    let Some(fields) = view.as_object() else { return Err(Refusal::arguments("view is not an object")) };
    let mut check = Check { problems: Vec::new(), has_file, block_ids: Vec::new(), action_ids: Vec::new() };
    match fields.get("type").and_then(Value::as_str) {
        Some("modal") => check.shape(&schema::MODAL, fields, "/view"),
        Some("home") => check.shape(&schema::HOME, fields, "/view"),
        _ => check.problem("unsupported type", "/view/type"),
    }
    match fields.get("blocks").and_then(Value::as_array) {
        Some(blocks) => check.blocks(blocks, "/view/blocks", VIEW_BLOCKS),
        None => check.problem("missing required field: blocks", "/view"),
    }
    let asks = fields.get("blocks").and_then(Value::as_array).into_iter().flatten().any(|b| b["type"] == "input");
    if asks && fields["type"] == "modal" && !fields.contains_key("submit") {
        check.problem("missing required field: submit", "/view");
    }
    if check.problems.is_empty() { Ok(()) } else { Err(Refusal::explained("invalid_arguments", &check.problems)) }
}

/// Checks what an app answers to a menu that asks for its options.
pub(super) fn check_options(answer: &Value) -> Result<(), Refusal> {
    let Some(fields) = answer.as_object() else { return Err(Refusal::arguments("the answer is not an object")) };
    let mut check = Check { problems: Vec::new(), has_file: &|_| false, block_ids: Vec::new(), action_ids: Vec::new() };
    check.shape(&schema::OFFER, fields, "");
    if check.problems.is_empty() { Ok(()) } else { Err(Refusal::explained("invalid_arguments", &check.problems)) }
}

fn check_at(blocks: &Value, pointer: &str, has_file: HasFile<'_>) -> Result<(), Refusal> {
    let list = blocks.as_array().ok_or("invalid_blocks_format")?;
    if list.iter().any(|block| !block.is_object()) {
        return Err("invalid_blocks_format".into());
    }
    let mut check = Check { problems: Vec::new(), has_file, block_ids: Vec::new(), action_ids: Vec::new() };
    check.blocks(list, pointer, MESSAGE_BLOCKS);
    if !check.problems.is_empty() {
        return Err(Refusal::explained("invalid_blocks", &check.problems));
    }
    let markdown = list.iter().filter(|block| block["type"] == "markdown");
    if markdown.map(text_length).sum::<usize>() > MARKDOWN_TOTAL || text_length(blocks) > TEXT_TOTAL {
        return Err("msg_blocks_too_long".into());
    }
    Ok(())
}

/// Characters under every `text`, at any depth.
fn text_length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(text_length).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match value {
                Value::String(text) if name == "text" => text.chars().count(),
                other => text_length(other),
            })
            .sum(),
        _ => 0,
    }
}

/// One pass over blocks; gathers what is wrong with them.
struct Check<'a> {
    problems: Vec<String>,
    has_file: HasFile<'a>,
    block_ids: Vec<String>,
    action_ids: Vec<String>,
}

impl Check<'_> {
    fn problem(&mut self, what: impl AsRef<str>, pointer: &str) {
        self.problems.push(format!("{} [json-pointer:{pointer}]", what.as_ref()));
    }

    fn blocks(&mut self, blocks: &[Value], pointer: &str, most: usize) {
        if blocks.len() > most {
            self.problem(format!("no more than {most} items allowed"), pointer);
        }
        for (index, item) in blocks.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            let Some(fields) = item.as_object() else { return self.problem("must be an object", &pointer) };
            let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
            let Some(shape) = block(kind) else {
                self.problem(format!("unsupported type: {kind}"), &format!("{pointer}/type"));
                continue;
            };
            self.shape(shape, fields, &pointer);
            if let Some(id) = fields.get("block_id").and_then(Value::as_str) {
                if self.block_ids.iter().any(|known| known == id) {
                    self.problem("`block_id` already exists", &format!("{pointer}/block_id"));
                }
                self.block_ids.push(id.to_owned());
            }
        }
    }

    fn shape(&mut self, shape: &Shape, fields: &Object, pointer: &str) {
        for name in fields.keys().filter(|name| !shape.allows(name)) {
            self.problem(format!("invalid additional property: {name}"), pointer);
        }
        for field in shape.fields {
            let at = format!("{pointer}/{}", field.name);
            match fields.get(field.name).filter(|value| !value.is_null()) {
                Some(value) => self.value(&field.rule, value, &at),
                None if field.required => self.problem(format!("missing required field: {}", field.name), pointer),
                None => {}
            }
        }
        if !shape.one_of.is_empty() && !shape.one_of.iter().any(|name| fields.contains_key(*name)) {
            self.problem(format!("missing required field: {}", shape.one_of.join(" or ")), pointer);
        }
    }

    fn value(&mut self, rule: &Rule, value: &Value, pointer: &str) {
        match rule {
            Rule::Any => {}
            Rule::Flag if value.is_boolean() => {}
            Rule::Number if value.is_number() => {}
            Rule::Flag | Rule::Number => self.problem("wrong type", pointer),
            Rule::Chars(most) => self.string(value, 0, *most, pointer),
            Rule::Url => self.image_url(value, pointer),
            Rule::SlackFile => self.slack_file(value, pointer),
            Rule::Word(words) => {
                if !value.as_str().is_some_and(|word| words.contains(&word)) {
                    self.problem(format!("must be one of: {}", words.join(", ")), pointer);
                }
            }
            Rule::ActionId => {
                self.string(value, 1, 255, pointer);
                let id = value.as_str().unwrap_or_default();
                if self.action_ids.iter().any(|known| known == id) {
                    self.problem("`action_id` already exists", pointer);
                }
                self.action_ids.push(id.to_owned());
            }
            Rule::Text(most) => self.text(value, *most, &["plain_text", "mrkdwn"], pointer),
            Rule::Plain(most) => self.text(value, *most, &["plain_text"], pointer),
            Rule::Object(shape) => match value.as_object() {
                Some(fields) => self.shape(shape, fields, pointer),
                None => self.problem("must be an object", pointer),
            },
            Rule::Element(kinds) => self.element(value, kinds, pointer),
            Rule::List { least, most, of } => match value.as_array() {
                Some(items) => {
                    if items.len() < *least {
                        self.problem(format!("must be more than {} items", least.saturating_sub(1)), pointer);
                    }
                    if items.len() > *most {
                        self.problem(format!("no more than {most} items allowed"), pointer);
                    }
                    for (index, item) in items.iter().enumerate() {
                        self.value(of, item, &format!("{pointer}/{index}"));
                    }
                }
                None => self.problem("must be an array", pointer),
            },
        }
    }

    fn string(&mut self, value: &Value, least: usize, most: usize, pointer: &str) {
        match value.as_str().map(|text| text.chars().count()) {
            None => self.problem("must be a string", pointer),
            Some(count) if count < least => {
                self.problem(format!("must be more than {} characters", least.saturating_sub(1)), pointer);
            }
            Some(count) if count > most => {
                self.problem(format!("must be less than {} characters", most + 1), pointer);
            }
            Some(_) => {}
        }
    }

    fn text(&mut self, value: &Value, most: usize, kinds: &[&str], pointer: &str) {
        let Some(fields) = value.as_object() else { return self.problem("must be an object", pointer) };
        let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
        if !kinds.contains(&kind) {
            return self.problem(format!("unsupported type: {kind}"), &format!("{pointer}/type"));
        }
        let extra = if kind == "mrkdwn" { "verbatim" } else { "emoji" };
        for name in fields.keys().filter(|name| !["type", "text", extra].contains(&name.as_str())) {
            self.problem(format!("invalid additional property: {name}"), pointer);
        }
        self.string(fields.get("text").unwrap_or(&Value::Null), 1, most, &format!("{pointer}/text"));
    }

    fn element(&mut self, value: &Value, kinds: &[&str], pointer: &str) {
        let Some(fields) = value.as_object() else { return self.problem("must be an object", pointer) };
        let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
        match (kind, element(kind)) {
            ("plain_text" | "mrkdwn", _) if kinds.contains(&kind) => self.text(value, 3000, &[kind], pointer),
            (_, Some(shape)) if kinds.contains(&kind) => self.shape(shape, fields, pointer),
            _ => self.problem(format!("unsupported type: {kind}"), &format!("{pointer}/type")),
        }
    }

    /// Slack fetches images while it checks; the host `broken.invalid` stands for one it cannot fetch.
    fn image_url(&mut self, value: &Value, pointer: &str) {
        self.string(value, 1, 3000, pointer);
        match value.as_str().map(url::Url::parse) {
            Some(Ok(url)) if url.host_str() == Some("broken.invalid") => {
                self.problem("downloading image failed", pointer);
            }
            Some(Ok(url)) if ["http", "https"].contains(&url.scheme()) => {}
            _ => self.problem("invalid url", pointer),
        }
    }

    fn slack_file(&mut self, value: &Value, pointer: &str) {
        if !value["id"].as_str().is_some_and(self.has_file) {
            self.problem("invalid slack file", pointer);
        }
    }
}

/// The first block of a message or view that has an element with this `action_id`, and the element.
pub(super) fn find_action<'a>(blocks: &'a Value, action_id: &str) -> Option<(&'a Value, &'a Value)> {
    blocks.as_array()?.iter().find_map(|block| Some((block, find_element(block, action_id)?)))
}

fn find_element<'a>(value: &'a Value, action_id: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) if fields.get("action_id") == Some(&json!(action_id)) => Some(value),
        Value::Object(fields) => fields.values().find_map(|inner| find_element(inner, action_id)),
        Value::Array(items) => items.iter().find_map(|inner| find_element(inner, action_id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
