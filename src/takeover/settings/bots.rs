//! Which bots answer, and with which of them customers see agents' names.

use serde_json::{Value, json};

use crate::config::{Bot, Change, Config, Place, Setting};
use crate::takeover::handoff::dialog::{MOST, hinted, input, input_of, modal, option, optional, shown};

use super::{gone_back, noted, view, way_back};

const SHOW_AGENT_NAME: &str = "bots[].show_agent_name";

/// The dialog. `is_on` tells how the switch of a bot stands; `note` is said first.
#[must_use]
pub fn form(config: &Config, is_on: impl Fn(&Bot) -> bool, note: &str) -> Value {
    let bots = config.bots.get(..MOST).unwrap_or(&config.bots);
    let menu = |field: &str, label: &str, chosen: &dyn Fn(&Bot) -> bool, hint: &str| {
        let options = |bots: &mut dyn Iterator<Item = &Bot>| -> Vec<Value> {
            bots.map(|bot| option(&bot.name, &bot.id)).collect()
        };
        let mut menu = json!({ "type": "multi_static_select", "options": options(&mut bots.iter()) });
        let initial = options(&mut bots.iter().filter(|bot| chosen(bot)));
        if !initial.is_empty() {
            menu["initial_options"] = json!(initial);
        }
        hinted(optional(input(field, label, menu)), hint)
    };
    let mut blocks: Vec<Value> = noted(note).into_iter().collect();
    blocks.push(menu("on", "Bots that are switched on", &is_on, "The others answer nobody."));
    let hint = "Customers read who takes over, and who wrote. With the others they read that it is a support agent.";
    blocks.push(menu("names", "Bots that show agents' names", &|bot| bot.show_agent_name, hint));
    blocks.extend(way_back(config, &places(config)).map(|back| hinted(back, "Agents' names, not the switches.")));
    modal(view::BOTS, "Bots", "Save", "", &blocks)
}

/// What was done at the switches: ids of bots, on or off.
#[must_use]
pub fn switched(view: &Value) -> Vec<(String, bool)> {
    changed(view, "on")
}

/// What else was changed.
#[must_use]
pub fn filled_in(config: &Config, view: &Value) -> Vec<Change> {
    gone_back(view, places(config)).unwrap_or_else(|| {
        let setting = |(bot, on): (String, bool)| {
            Change::To(Setting { place: Place::of_bot(SHOW_AGENT_NAME, &bot), value: on.to_string() })
        };
        changed(view, "names").into_iter().map(setting).collect()
    })
}

fn places(config: &Config) -> Vec<Place> {
    config.bots.iter().map(|bot| Place::of_bot(SHOW_AGENT_NAME, &bot.id)).collect()
}

/// The options that were not chosen before and are now, and the other way round.
fn changed(view: &Value, field: &str) -> Vec<(String, bool)> {
    let ids = |options: &Value| -> Vec<String> {
        let options = options.as_array().into_iter().flatten();
        options.filter_map(|option| option["value"].as_str()).map(str::to_owned).collect()
    };
    let element = shown(view, field);
    let (before, now) = (ids(&element["initial_options"]), ids(&input_of(view, field)["selected_options"]));
    let turned = |id: String| Some((now.contains(&id), id)).filter(|(on, id)| before.contains(id) != *on);
    ids(&element["options"]).into_iter().filter_map(turned).map(|(on, id)| (id, on)).collect()
}
