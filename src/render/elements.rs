//! Interactive elements as text that shows what they offer. Used by [`super::blocks`] and [`super::as_text`].
//!
//! A button of somebody else's app would send its clicks to ours, and one that does nothing must not look alive.

use serde_json::Value;

use super::text::{escape, link};
use super::{as_text, items, string};

/// How many options of a menu are listed; Slack allows 100.
const OPTIONS_SHOWN: usize = 10;

/// Whether an object is an element that people can press, pick from or type into.
pub(super) fn is_interactive(value: &Value) -> bool {
    let kind = string(value, "type");
    value.get("action_id").is_some()
        || ["_select", "_input", "picker", "button", "buttons"].iter().any(|end| kind.ends_with(end))
        || matches!(kind, "overflow" | "checkboxes" | "radio_buttons")
}

/// Whether an object is a picture: an image element or block.
pub(super) fn is_image(value: &Value) -> bool {
    string(value, "type") == "image"
}

/// The element as one line of mrkdwn: `[ Approve ]`.
pub(super) fn to_mrkdwn(element: &Value) -> String {
    let label = ["text", "placeholder", "label", "alt_text"]
        .iter()
        .map(|key| element.get(key).map(as_text::of_object).unwrap_or_default())
        .find(|label| !label.is_empty())
        .unwrap_or_default();
    match string(element, "type") {
        "checkboxes" => choices(element, "☑", "☐"),
        "radio_buttons" => choices(element, "◉", "○"),
        "feedback_buttons" => {
            let sides = ["positive_button", "negative_button"];
            sides.iter().filter_map(|side| element.get(side)).map(to_mrkdwn).collect::<Vec<_>>().join(" ")
        }
        _ if !string(element, "url").is_empty() => link(string(element, "url"), &format!("[ {label} ]")),
        kind => {
            let offered = offered(element);
            match (label.as_str(), offered.as_str()) {
                ("", "") => format!("[ {} ]", escape(&kind.replace('_', " "))),
                ("", only) | (only, "") => format!("[ {only} ]"),
                (label, offered) => format!("[ {label}: {offered} ]"),
            }
        }
    }
}

/// Options with a mark for each: the chosen ones and the others.
fn choices(element: &Value, chosen: &str, open: &str) -> String {
    let current = current_options(element);
    shortened(options(element).iter().map(|option| {
        let mark = if current.contains(option) { chosen } else { open };
        format!("{mark} {}", option_text(option))
    }))
    .join("  ")
}

/// The current value, and what else could be chosen.
fn offered(element: &Value) -> String {
    let current = current_options(element);
    let values = values(element);
    let listed = options(element);
    let mut shown: Vec<String> = current.iter().filter(|option| !listed.contains(option)).map(chosen).collect();
    shown.extend(values.iter().map(|value| format!("*{value}*")));
    shown.extend(shortened(
        listed.iter().map(|option| if current.contains(option) { chosen(option) } else { option_text(option) }),
    ));
    shown.join(" · ")
}

/// Current values that are no options: ids, dates, times, typed text.
fn values(element: &Value) -> Vec<String> {
    let ids = |one: &str, many: &str, open: &str| {
        let single = element.get(one).into_iter();
        let ids: Vec<&str> = single.chain(items(element, many)).filter_map(Value::as_str).collect();
        ids.into_iter().map(|id| format!("<{open}{}>", escape(id))).collect::<Vec<_>>()
    };
    let mut found = ids("initial_user", "initial_users", "@");
    found.extend(ids("initial_channel", "initial_channels", "#"));
    found.extend(ids("initial_conversation", "initial_conversations", "#"));
    for key in ["initial_date", "initial_time", "initial_value", "initial_date_time"] {
        match element.get(key) {
            Some(Value::Number(seconds)) if key == "initial_date_time" => {
                found.push(format!("<!date^{seconds}^{{date_short}} {{time}}|{seconds}>"));
            }
            Some(Value::String(value)) if !value.is_empty() => found.push(escape(value).replace('\n', " ")),
            Some(Value::Number(value)) => found.push(value.to_string()),
            Some(rich @ Value::Object(_)) => found.push(as_text::of_object(rich)),
            _ => {}
        }
    }
    found
}

/// The options of a menu, out of their groups.
fn options(element: &Value) -> Vec<Value> {
    let grouped = items(element, "option_groups").iter().flat_map(|group| items(group, "options"));
    items(element, "options").iter().chain(grouped).cloned().collect()
}

fn current_options(element: &Value) -> Vec<Value> {
    element.get("initial_option").into_iter().chain(items(element, "initial_options")).cloned().collect()
}

fn option_text(option: &Value) -> String {
    let text = option.get("text").map(as_text::of_object).unwrap_or_default();
    match string(option, "url") {
        "" => text,
        url => link(url, &text),
    }
}

fn chosen(option: &Value) -> String {
    format!("*{}*", option_text(option))
}

/// The first few, and how many more there are.
fn shortened(all: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let more = all.len().saturating_sub(OPTIONS_SHOWN);
    let mut shown: Vec<String> = all.take(OPTIONS_SHOWN).collect();
    if more > 0 {
        shown.push(format!("… (+{more})"));
    }
    shown
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_element_shows_what_it_offers() {
        let text = |text: &str| json!({"type": "plain_text", "text": text});
        let option = |label: &str| json!({"text": text(label), "value": label});
        for (element, expected) in [
            (json!({"type": "button", "action_id": "a", "text": text("Approve & pay")}), "[ Approve &amp; pay ]"),
            (
                json!({"type": "button", "text": text("Open"), "url": "https://a.example"}),
                "<https://a.example|[ Open ]>",
            ),
            (
                json!({"type": "static_select", "placeholder": text("Colour"), "initial_option": option("red"),
                    "options": [option("red"), option("blue")]}),
                "[ Colour: *red* · blue ]",
            ),
            (json!({"type": "users_select", "placeholder": text("Who"), "initial_user": "U1"}), "[ Who: *<@U1>* ]"),
            (
                json!({"type": "checkboxes", "options": [option("a"), option("b")], "initial_options": [option("b")]}),
                "☐ a  ☑ b",
            ),
            (json!({"type": "radio_buttons", "options": [option("a")]}), "○ a"),
            (json!({"type": "datepicker", "initial_date": "2026-11-20"}), "[ *2026-11-20* ]"),
            (
                json!({"type": "overflow", "options": vec![option("x"); 12]}),
                "[ x · x · x · x · x · x · x · x · x · x · … (+2) ]",
            ),
            (json!({"type": "plain_text_input", "placeholder": text("Why?")}), "[ Why? ]"),
            (json!({"type": "future_button"}), "[ future button ]"),
        ] {
            assert!(is_interactive(&element), "{element}");
            assert_eq!(to_mrkdwn(&element), expected);
        }
    }
}
