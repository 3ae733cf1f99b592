//! What all dialogs are made of, and how they are read. A dialog has one action in each input, and carries what it is about.

use serde_json::{Value, json};

use crate::render::text::cut;
use crate::takeover::cards::section;

use super::setup::Fault;

/// Options of a menu, and lines of a list: far below Slack's limits.
pub(in crate::takeover) const MOST: usize = 50;
/// What the one action in each input is called, with the input's name behind it.
const INPUT: &str = "megatron.input";

/// A dialog that only says something.
#[must_use]
pub fn notice(text: &str) -> Value {
    json!({
        "type": "modal", "callback_id": "megatron.notice", "title": plain("Megatron"), "close": plain("Close"),
        "blocks": [section(text)],
    })
}

/// Shows what is wrong at the inputs of the dialog.
#[must_use]
pub fn refused(faults: &[Fault]) -> Value {
    errors(faults.iter().map(|fault| (fault.field, format!("This {}.", fault.why))))
}

/// Shows a sentence at an input of the dialog.
#[must_use]
pub fn refused_at(field: &'static str, sentence: &str) -> Value {
    errors([(field, sentence.to_owned())].into_iter())
}

fn errors(sentences: impl Iterator<Item = (&'static str, String)>) -> Value {
    let errors = sentences.map(|(field, sentence)| (field.to_owned(), json!(cut(&sentence, 1000))));
    json!({ "response_action": "errors", "errors": errors.collect::<serde_json::Map<_, _>>() })
}

/// What a dialog is about: the label of a queue, or a room.
#[must_use]
pub fn about(view: &Value) -> &str {
    view["private_metadata"].as_str().unwrap_or_default()
}

/// A dialog that is filled in and sent. `about`: see [`about()`].
pub(in crate::takeover) fn modal(id: &str, title: &str, submit: &str, about: &str, blocks: &[Value]) -> Value {
    json!({
        "type": "modal", "callback_id": id, "title": plain(title), "submit": plain(submit), "close": plain("Cancel"),
        "private_metadata": about, "blocks": blocks,
    })
}

/// An input; `field` names its block.
pub(in crate::takeover) fn input(field: &str, label: &str, mut element: Value) -> Value {
    element["action_id"] = json!(format!("{INPUT}.{field}"));
    json!({ "type": "input", "block_id": field, "label": plain(label), "element": element })
}

/// The same, which may be left empty.
pub(in crate::takeover) fn optional(mut input: Value) -> Value {
    input["optional"] = json!(true);
    input
}

/// The same, with a line below it.
pub(in crate::takeover) fn hinted(mut input: Value, hint: &str) -> Value {
    input["hint"] = plain(hint);
    input
}

/// An option of a menu; the text is cut to Slack's limit.
pub(in crate::takeover) fn option(text: &str, value: &str) -> Value {
    json!({ "text": plain(&cut(text, 75)), "value": value })
}

/// The same, with a line below it; cut, too.
pub(in crate::takeover) fn explained(mut option: Value, description: &str) -> Value {
    option["description"] = plain(&cut(description, 75));
    option
}

/// Text without marks.
pub(in crate::takeover) fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text })
}

/// What was done at an input; null if nothing was.
pub(in crate::takeover) fn input_of<'v>(view: &'v Value, field: &str) -> &'v Value {
    &view["state"]["values"][field][format!("{INPUT}.{field}")]
}

/// What an input looked like before somebody did something at it.
pub(in crate::takeover) fn shown<'v>(view: &'v Value, field: &str) -> &'v Value {
    let mut blocks = view["blocks"].as_array().into_iter().flatten();
    blocks.find(|block| block["block_id"] == field).map_or(&Value::Null, |block| &block["element"])
}

/// The value of the option that was chosen; empty if none was.
pub(in crate::takeover) fn option_of<'v>(view: &'v Value, field: &str) -> &'v str {
    input_of(view, field)["selected_option"]["value"].as_str().unwrap_or_default()
}

/// What was typed, without the spaces around it.
pub(in crate::takeover) fn typed<'v>(view: &'v Value, field: &str) -> &'v str {
    input_of(view, field)["value"].as_str().unwrap_or_default().trim()
}
