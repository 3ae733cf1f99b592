//! The dialogs in which administrators set what else the configuration says. What they set lies over it ([`Change`]).
//!
//! Only what somebody has changed counts: what was shown to them stands in the dialog itself, so two who change different
//! things at the same time do not undo each other's.

pub mod admins;
pub mod bots;
pub mod reminders;
pub mod texts;

use serde_json::{Value, json};

use crate::config::{Change, Config, Place};

use super::cards::section;
use super::handoff::dialog::{explained, hinted, input, input_of, modal, option, option_of, optional, shown};

/// Ids of the dialogs.
pub mod view {
    /// What is to be set.
    pub const HOME: &str = "megatron.settings";
    /// Which text, and for whom.
    pub const TEXTS: &str = "megatron.settings_texts";
    /// One text.
    pub const TEXT: &str = "megatron.settings_text";
    /// The bots' switches, and whether agents' names are shown.
    pub const BOTS: &str = "megatron.settings_bots";
    /// When people are reminded.
    pub const REMINDERS: &str = "megatron.settings_reminders";
    /// Who may set all this.
    pub const ADMINS: &str = "megatron.settings_admins";
}

/// What can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Where agents find the customers who wait for a human.
    Queues,
    /// What people read.
    Texts,
    /// The bots.
    Bots,
    /// When people are reminded.
    Reminders,
    /// Who may set all this.
    Admins,
}

const SECTIONS: [(Section, &str, &str, &str); 5] = [
    (Section::Queues, "queues", "Queues", "Where your teams find the customers who ask for a human"),
    (Section::Texts, "texts", "Texts", "What customers and agents read"),
    (Section::Bots, "bots", "Bots", "Which bots answer, and whether customers see agents' names"),
    (Section::Reminders, "reminders", "Reminders", "When people are reminded, and when a quiet room is closed"),
    (Section::Admins, "admins", "Admins", "Who can change all this"),
];

/// What is to be set?
#[must_use]
pub fn home() -> Value {
    let options = SECTIONS.map(|(_, value, name, about)| explained(option(name, value), about));
    let what = json!({ "type": "radio_buttons", "options": options, "initial_option": options[0] });
    modal(view::HOME, "Megatron settings", "Continue", "", &[input("section", "What would you like to set?", what)])
}

/// What was chosen.
#[must_use]
pub fn chosen(view: &Value) -> Section {
    let chosen = option_of(view, "section");
    SECTIONS.iter().find(|(_, value, ..)| *value == chosen).map_or(Section::Queues, |(section, ..)| *section)
}

/// A note on what was done, above a dialog.
fn noted(note: &str) -> Option<Value> {
    Some(note).filter(|note| !note.is_empty()).map(section)
}

/// Offers to go back to the configuration, where any of these places was set in Slack.
fn way_back(config: &Config, places: &[Place]) -> Option<Value> {
    let is_set = places.iter().any(|place| config.is_set_in_slack(place));
    let back = option("Go back to what the configuration says", "back");
    let input = optional(input("back", "Reset", json!({ "type": "checkboxes", "options": [back] })));
    is_set.then(|| hinted(input, "What is typed or chosen above does not count then."))
}

/// These places as the configuration has them, if somebody wants that.
fn gone_back(view: &Value, places: impl IntoIterator<Item = Place>) -> Option<Vec<Change>> {
    let wanted = input_of(view, "back")["selected_options"].as_array().is_some_and(|chosen| !chosen.is_empty());
    wanted.then(|| places.into_iter().map(Change::Back).collect())
}

/// What was typed, if it is not what was shown.
fn retyped<'v>(view: &'v Value, field: &str) -> Option<&'v str> {
    let text = |value: &'v Value| value.as_str().unwrap_or_default().trim();
    let (before, now) = (text(&shown(view, field)["initial_value"]), text(&input_of(view, field)["value"]));
    (before != now).then_some(now)
}
