//! Who may set things up besides those of the configuration.

use serde_json::{Value, json};

use crate::config::{Change, Config, Place, Setting};
use crate::takeover::cards::{context, section};
use crate::takeover::handoff::dialog::{hinted, input, input_of, modal, notice, optional, shown};

use super::{gone_back, noted, retyped, view, way_back};

/// The input at which is shown what is wrong.
pub const FIELD: &str = "groups";

/// The dialog for those who appoint others. `note` is said first.
#[must_use]
pub fn form(config: &Config, note: &str) -> Value {
    let (groups, users) = split(&config.support.further_admins);
    let mut blocks: Vec<Value> = noted(note).into_iter().collect();
    blocks.push(section(&format!("*Admins by the configuration*\n{}", by_configuration(config))));
    let mut menu = json!({ "type": "multi_users_select" });
    if !users.is_empty() {
        menu["initial_users"] = json!(users);
    }
    let hint = "They can change everything here but this list.";
    blocks.push(hinted(optional(input("people", "More admins", menu)), hint));
    let mut text = json!({ "type": "plain_text_input" });
    if !groups.is_empty() {
        text["initial_value"] = json!(groups.join(" "));
    }
    let groups = optional(input(FIELD, "More admins: user groups", text));
    blocks.push(hinted(groups, "Their ids, such as S0123ABC"));
    blocks.extend(way_back(config, &[place()]));
    modal(view::ADMINS, "Admins", "Save", "", &blocks)
}

/// The same for those who were appointed: nothing to fill in.
#[must_use]
pub fn list(config: &Config) -> Value {
    let mut dialog = notice(&who(config));
    if let Some(blocks) = dialog["blocks"].as_array_mut() {
        blocks.push(context("Only the admins by the configuration change this list."));
    }
    dialog
}

/// Everybody who may set things up; mrkdwn.
#[must_use]
pub fn who(config: &Config) -> String {
    let further = mentions(&config.support.further_admins);
    let all = [by_configuration(config), further].into_iter().filter(|part| !part.is_empty());
    format!("Admins: {}", all.collect::<Vec<_>>().join(", "))
}

/// What was changed, and everybody who was appointed then.
#[must_use]
pub fn filled_in(view: &Value) -> (Vec<Change>, Vec<String>) {
    if let Some(changes) = gone_back(view, [place()]) {
        return (changes, Vec::new());
    }
    let users = |value: &Value| -> Vec<String> {
        let users = value.as_array().into_iter().flatten();
        users.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut people = users(&input_of(view, "people")["selected_users"]);
    let is_unchanged = people == users(&shown(view, "people")["initial_users"]) && retyped(view, FIELD).is_none();
    if is_unchanged {
        return (Vec::new(), Vec::new());
    }
    let groups = input_of(view, FIELD)["value"].as_str().unwrap_or_default().split([' ', ',']);
    people.extend(groups.filter(|group| !group.is_empty()).map(str::to_owned));
    (vec![Change::To(Setting { place: place(), value: people.join(",") })], people)
}

fn by_configuration(config: &Config) -> String {
    match config.support.admins.as_slice() {
        [] => "everybody who administers this Slack workspace".to_owned(),
        admins => mentions(admins),
    }
}

fn mentions(people: &[String]) -> String {
    let mention = |one: &String| if one.starts_with('S') { format!("<!subteam^{one}>") } else { format!("<@{one}>") };
    people.iter().map(mention).collect::<Vec<_>>().join(", ")
}

/// Groups, and users.
fn split(people: &[String]) -> (Vec<&str>, Vec<&str>) {
    people.iter().map(String::as_str).partition(|one| one.starts_with('S'))
}

fn place() -> Place {
    Place::of_all("support.further_admins")
}
