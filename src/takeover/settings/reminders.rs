//! When people are reminded, and when a quiet room is closed.

use serde_json::{Value, json};

use crate::config::{Change, Config, Place, Setting};
use crate::takeover::handoff::dialog::{hinted, input, modal};

use super::{gone_back, noted, retyped, view, way_back};

/// Field, label and hint; the key of a field is in `[reminders]`.
const FIELDS: [(&str, &str, &str); 3] = [
    (
        "pause_every",
        "How often agents are reminded to pause the bot",
        "At most once in such a time as 60m in each room. 0s: after every message",
    ),
    (
        "unpause_after",
        "When they are asked whether the bot may answer again",
        "When nobody has written for so long, such as 3m",
    ),
    ("close_after", "When a quiet room is closed", "When nobody has written for so long, such as 36h"),
];

/// The dialog. `note` is said first.
#[must_use]
pub fn form(config: &Config, note: &str) -> Value {
    let field = |(field, label, hint): (&str, &str, &str)| {
        let value = config.value(&place(field));
        hinted(input(field, label, json!({ "type": "plain_text_input", "initial_value": value })), hint)
    };
    let mut blocks: Vec<Value> = noted(note).into_iter().collect();
    blocks.extend(FIELDS.map(field));
    blocks.extend(way_back(config, &places()));
    modal(view::REMINDERS, "Reminders", "Save", "", &blocks)
}

/// What was changed.
#[must_use]
pub fn filled_in(view: &Value) -> Vec<Change> {
    gone_back(view, places()).unwrap_or_else(|| {
        let setting = |field: &str| Some(Setting { place: place(field), value: retyped(view, field)?.to_owned() });
        FIELDS.iter().filter_map(|(field, ..)| setting(field)).map(Change::To).collect()
    })
}

/// The field of a place.
#[must_use]
pub fn field_of(wanted: &Place) -> &'static str {
    FIELDS.iter().map(|(field, ..)| *field).find(|field| place(field) == *wanted).unwrap_or(FIELDS[0].0)
}

fn places() -> [Place; 3] {
    FIELDS.map(|(field, ..)| place(field))
}

fn place(field: &str) -> Place {
    Place::of_all(&format!("reminders.{field}"))
}
