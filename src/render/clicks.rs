//! What a customer clicked, in a line: for a bot that reports the interactions of its messages. Called by `intake`.
//!
//! <https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>

use serde_json::Value;

use super::mentions::{Names, neutral_text};
use super::text::{cut, escape};
use super::{as_text, items, string};

/// The longest typed text that is quoted, in characters.
const QUOTE_LIMIT: usize = 200;
/// The longest label, in characters.
const LABEL_LIMIT: usize = 80;
/// The most actions told, and the most options of one.
const SHOWN: usize = 10;

/// What the actions of a `block_actions` or `interactive_message` payload come to: `clicked *Approve*`, `chose *Blue*
/// (Colour)`, `picked 2026-11-20`, `typed “…”`. mrkdwn, without mentions and on one line. `None` when the payload has no
/// action.
///
/// `names` are those of the workspace it comes from.
#[must_use]
pub fn line(payload: &Value, names: &Names) -> Option<String> {
    Some(neutral_text(&raw(payload)?, names)).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn raw(payload: &Value) -> Option<String> {
    let actions = items(payload, "actions");
    let mut told: Vec<String> = actions.iter().take(SHOWN).map(|action| told(action, payload)).collect();
    if actions.len() > SHOWN {
        told.push(format!("… (+{})", actions.len() - SHOWN));
    }
    (!told.is_empty()).then(|| told.join(", "))
}

fn told(action: &Value, payload: &Value) -> String {
    let did = did(action, payload);
    let about =
        ["placeholder", "label"].map(|key| label_of(action.get(key))).into_iter().find(|label| !label.is_empty());
    match about.or_else(|| asked(action, payload)) {
        Some(about) => format!("{did} ({about})"),
        None => did,
    }
}

fn did(action: &Value, payload: &Value) -> String {
    let kind = string(action, "type");
    let text = |key| escape(&cut(string(action, key), QUOTE_LIMIT));
    let chosen = |one: &str, many: &str, shown: &dyn Fn(&Value) -> String| {
        let chosen = action.get(one).filter(|value| !value.is_null()).into_iter().chain(items(action, many));
        let (shown, more): (Vec<String>, usize) =
            (chosen.clone().take(SHOWN).map(|value| format!("*{}*", shown(value))).collect(), chosen.count());
        match (shown.len(), more.saturating_sub(SHOWN)) {
            (0, _) => "chose nothing".to_owned(),
            (_, 0) => format!("chose {}", shown.join(", ")),
            (_, more) => format!("chose {} … (+{more})", shown.join(", ")),
        }
    };
    let id = |open: &'static str| {
        move |value: &Value| format!("<{open}{}>", escape(&value.as_str().unwrap_or_default().replace('|', "")))
    };
    match kind {
        "users_select" | "multi_users_select" => chosen("selected_user", "selected_users", &id("@")),
        "channels_select" | "multi_channels_select" => chosen("selected_channel", "selected_channels", &id("#")),
        "conversations_select" | "multi_conversations_select" => {
            chosen("selected_conversation", "selected_conversations", &id("#"))
        }
        "datepicker" => picked(&text("selected_date")),
        "timepicker" => picked(&text("selected_time")),
        "datetimepicker" => match action.get("selected_date_time").and_then(Value::as_i64) {
            Some(seconds) => picked(&format!("<!date^{seconds}^{{date_short}} {{time}}|{seconds}>")),
            None => picked(""),
        },
        "rich_text_input" => typed(
            &action.get("rich_text_value").map(as_text::of_object).map(|text| cut_mrkdwn(&text)).unwrap_or_default(),
        ),
        "file_input" => chosen("", "files", &|file| escape(&cut(string(file, "name"), LABEL_LIMIT))),
        _ if kind.ends_with("_input") => typed(&text("value")),
        _ if action.get("selected_option").is_some() || action.get("selected_options").is_some() => {
            chosen("selected_option", "selected_options", &|option| option_text(option))
        }
        _ => format!("clicked *{}*", button(action, payload)),
    }
}

fn picked(what: &str) -> String {
    if what.is_empty() { "picked nothing".to_owned() } else { format!("picked {what}") }
}

fn typed(what: &str) -> String {
    if what.trim().is_empty() { "typed nothing".to_owned() } else { format!("typed “{what}”") }
}

/// The button's text; that of the button of the message with the same value; its value; what it is.
fn button(action: &Value, payload: &Value) -> String {
    let known =
        ["text", "accessibility_label"].map(|key| label_of(action.get(key))).into_iter().find(|text| !text.is_empty());
    let named = || {
        let message = ["message", "original_message", "view"].into_iter().find_map(|key| payload.get(key))?;
        find(message, &|value| {
            let text = label_of(value.get("text"));
            let same = |key| value.get(key).is_some_and(|own| Some(own) == action.get(key));
            (same("value") && (same("name") || string(action, "name").is_empty()) && !text.is_empty()).then_some(text)
        })
    };
    let value = || Some(escape(&cut(string(action, "value"), LABEL_LIMIT))).filter(|value| !value.is_empty());
    known.or_else(named).or_else(value).unwrap_or_else(|| match string(action, "type") {
        "" => "something".to_owned(),
        kind => escape(&cut(&kind.replace('_', " "), LABEL_LIMIT)),
    })
}

/// The label of the input that was touched, as the message or view shows it.
fn asked(action: &Value, payload: &Value) -> Option<String> {
    let block_id = action.get("block_id")?;
    let shown = ["message", "view"].into_iter().find_map(|key| payload.get(key))?;
    let block = items(shown, "blocks").iter().find(|block| block.get("block_id") == Some(block_id))?;
    Some(label_of(block.get("label"))).filter(|label| !label.is_empty())
}

/// The first thing at any depth that `wanted` finds something in.
fn find(value: &Value, wanted: &dyn Fn(&Value) -> Option<String>) -> Option<String> {
    let inner: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => return None,
    };
    wanted(value).or_else(|| inner.into_iter().find_map(|value| find(value, wanted)))
}

fn option_text(option: &Value) -> String {
    match label_of(option.get("text")) {
        text if text.is_empty() => escape(&cut(string(option, "value"), LABEL_LIMIT)),
        text => text,
    }
}

/// A text object or a string, on one line.
fn label_of(text: Option<&Value>) -> String {
    let text = match text {
        Some(Value::String(text)) => escape(text),
        Some(text @ Value::Object(_)) => as_text::of_object(text),
        _ => String::new(),
    };
    cut_mrkdwn(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Cuts between words, outside of tokens and entities.
fn cut_mrkdwn(text: &str) -> String {
    let mut parts = super::split::split(text, QUOTE_LIMIT).into_iter();
    let first = parts.next().unwrap_or_default();
    if parts.next().is_some() { format!("{first}…") } else { first }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::samples;
    use super::*;

    fn plain(text: &str) -> Value {
        json!({"type": "plain_text", "text": text})
    }

    #[test]
    fn each_kind_of_click_has_its_words() {
        let option = |text: &str| json!({"text": plain(text), "value": "v"});
        for (action, expected) in [
            (
                json!({"type": "button", "text": plain("Approve & <pay>"), "value": "ok"}),
                "clicked *Approve &amp; &lt;pay&gt;*",
            ),
            (json!({"type": "button", "value": "ok"}), "clicked *ok*"),
            (json!({"type": "icon_button", "accessibility_label": "Delete"}), "clicked *Delete*"),
            (json!({"type": "future_button"}), "clicked *future button*"),
            (json!({}), "clicked *something*"),
            (
                json!({"type": "static_select", "selected_option": option("Blue"), "placeholder": plain("Colour")}),
                "chose *Blue* (Colour)",
            ),
            (json!({"type": "overflow", "selected_option": {"value": "v1"}}), "chose *v1*"),
            (json!({"type": "checkboxes", "selected_options": [option("a"), option("b")]}), "chose *a*, *b*"),
            (json!({"type": "checkboxes", "selected_options": []}), "chose nothing"),
            (json!({"type": "static_select", "selected_option": null}), "chose nothing"),
            (
                json!({"type": "multi_static_select", "selected_options": vec![option("x"); 12]}),
                "chose *x*, *x*, *x*, *x*, *x*, *x*, *x*, *x*, *x*, *x* … (+2)",
            ),
            (json!({"type": "users_select", "selected_user": "U1"}), "chose *@Phil &lt;&amp;&gt;*"),
            (json!({"type": "multi_channels_select", "selected_channels": ["C1", "C9"]}), "chose *#sales*, *#channel*"),
            (json!({"type": "datepicker", "selected_date": "2026-11-20"}), "picked 2026-11-20"),
            (json!({"type": "timepicker", "selected_time": null}), "picked nothing"),
            (
                json!({"type": "datetimepicker", "selected_date_time": 1_700_000_000}),
                "picked <!date^1700000000^{date_short} {time}|1700000000>",
            ),
            (json!({"type": "plain_text_input", "value": "a <!here>\nb"}), "typed “a &lt;!here&gt; b”"),
            (json!({"type": "number_input", "value": ""}), "typed nothing"),
            (
                json!({"type": "rich_text_input", "rich_text_value": {"type": "rich_text", "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "here"}]}]}}),
                "typed “@\u{2060}here”",
            ),
            (json!({"type": "file_input", "files": [{"name": "a.pdf"}]}), "chose *a.pdf*"),
            (json!({"type": "select", "name": "n", "selected_options": [{"value": "w"}]}), "chose *w*"),
        ] {
            let payload = json!({"type": "block_actions", "actions": [action]});
            assert_eq!(line(&payload, &samples::names()).unwrap(), expected, "{action}");
        }
    }

    #[test]
    fn what_the_message_says_helps() {
        let payload = json!({"actions": [
                {"type": "feedback_buttons", "value": "good"},
                {"type": "plain_text_input", "block_id": "b", "value": "x"}],
            "message": {"blocks": [
                {"type": "context_actions", "elements": [{"type": "feedback_buttons",
                    "positive_button": {"text": plain("Helpful"), "value": "good"},
                    "negative_button": {"text": plain("Useless"), "value": "bad"}}]},
                {"type": "input", "block_id": "b", "label": plain("Why")}]}});
        assert_eq!(line(&payload, &Names::default()).unwrap(), "clicked *Helpful*, typed “x” (Why)");
        let legacy = json!({"type": "interactive_message", "actions": [{"name": "go", "type": "button", "value": "1"}],
            "original_message": {"attachments": [{"actions": [
                {"name": "no", "text": "No", "value": "1"}, {"name": "go", "text": "Go!", "value": "1"}]}]}});
        assert_eq!(line(&legacy, &Names::default()).unwrap(), "clicked *Go!*");
        assert_eq!(line(&json!({"actions": []}), &Names::default()), None);
    }

    #[test]
    fn it_is_never_long() {
        let typed = json!({"type": "plain_text_input", "value": "word ".repeat(2000)});
        let told = line(&json!({"actions": vec![typed; 100]}), &Names::default()).unwrap();
        assert!(told.chars().count() < 3_000 && told.ends_with("… (+90)"), "{told}");
    }

    proptest! {
        #[test]
        fn any_payload_is_told_without_a_panic_and_without_a_mention(payload in samples::any_message(), action in samples::any_message()) {
            let mut payload = payload;
            payload["actions"] = json!([action, payload.clone()]);
            let told = line(&payload, &samples::names()).unwrap();
            prop_assert!(!told.contains("<@") && !told.contains("<!here") && !told.contains('\n'), "{told}");
        }
    }
}
