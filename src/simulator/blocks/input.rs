//! What Slack's own clients let somebody send from a modal. Called when a view is submitted.

use anyhow::{Context as _, ensure};
use serde_json::Value;

/// Most characters in a text input that says nothing else.
const MAX_TYPED: u64 = 3000;

/// Checks that every required input is filled in, with what its element offers.
pub(in crate::simulator) fn check_input(blocks: &Value, values: &Value) -> anyhow::Result<()> {
    let all = blocks.as_array().into_iter().flatten();
    for input in all.filter(|block| block["type"] == "input") {
        let (name, element) = (input["block_id"].as_str().unwrap_or_default(), &input["element"]);
        let state = &values[name][element["action_id"].as_str().unwrap_or_default()];
        let fields = state.as_object().into_iter().flatten().filter(|(field, _)| *field != "type");
        let is_empty = fields.clone().all(|(_, value)| match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        });
        ensure!(!is_empty || input["optional"] == true, "the input {name} must be filled in");
        let typed = state["value"].as_str().unwrap_or_default().encode_utf16().count();
        let most = element["max_length"].as_u64().unwrap_or(MAX_TYPED);
        ensure!(u64::try_from(typed)? <= most, "more than {most} characters do not fit into {name}");
        for chosen in chosen(state) {
            let value = &chosen["value"];
            ensure!(offered(element).any(|option| option["value"] == *value), "{name} offers no option {value}");
        }
    }
    for name in values.as_object().context("no values")?.keys() {
        let is_there = blocks.as_array().into_iter().flatten().any(|block| block["block_id"] == **name);
        ensure!(is_there, "the view has no block {name}");
    }
    Ok(())
}

/// The options that were chosen from a menu that Slack knows by heart.
fn chosen(state: &Value) -> impl Iterator<Item = &Value> {
    let is_external = state["type"].as_str().is_some_and(|kind| kind.contains("external"));
    let many = state["selected_options"].as_array().into_iter().flatten();
    let one = Some(&state["selected_option"]).filter(|option| !option.is_null());
    many.chain(one).filter(move |_| !is_external)
}

fn offered(element: &Value) -> impl Iterator<Item = &Value> {
    let groups = element["option_groups"].as_array().into_iter().flatten();
    let grouped = groups.filter_map(|group| group["options"].as_array()).flatten();
    element["options"].as_array().into_iter().flatten().chain(grouped)
}
