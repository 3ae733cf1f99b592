//! What people read: a dialog to choose which text, for whom, and one to word it.

use serde_json::{Value, json};

use crate::config::{Change, Config, Place, Setting, Wording, wordings};
use crate::render::text::{cut, escape};
use crate::takeover::cards::{context, section};
use crate::takeover::handoff::dialog::{
    MOST, about, hinted, input, modal, option, option_of, optional, plain, refused_at,
};
use crate::takeover::handoff::queue::Queues;

use super::{gone_back, noted, retyped, view, way_back};

/// The input of which text: Slack keeps what was chosen in an input of the same name when one dialog follows the other.
const WHICH: &str = "which";
/// The input of the text itself.
pub const FIELD: &str = "text";
/// Texts that one line names.
const MOST_NAMED: usize = 10;
/// What may be typed into an input.
const MOST_TYPED: usize = 3000;

/// Which text, and for whom? `note` is said first.
#[must_use]
pub fn choice(config: &Config, queues: Queues<'_>, note: &str) -> Value {
    let mut blocks: Vec<Value> = noted(note).into_iter().collect();
    blocks.extend(worded_here(config));
    blocks.push(input(WHICH, "Text", json!({ "type": "static_select", "option_groups": groups() })));
    let bots = config.bots.iter().map(|bot| option(&bot.name, &bot.id)).take(MOST).collect();
    let queues = queues.0.iter().map(|queue| option(&queue.label, &queue.label)).take(MOST).collect();
    for (field, label, all, options) in
        [("bot", "Bot", "All bots", bots), ("queue", "Queue", "All queues", queues)] as [(_, _, _, Vec<Value>); 2]
    {
        if !options.is_empty() {
            let menu = json!({ "type": "static_select", "placeholder": plain(all), "options": options });
            blocks.push(optional(input(field, label, menu)));
        }
    }
    modal(view::TEXTS, "Texts", "Continue", "", &blocks)
}

/// The texts that were set in Slack, for who wants to change one again.
fn worded_here(config: &Config) -> Option<Value> {
    let places = config.texts_set_in_slack();
    let mut titles: Vec<String> = places.iter().take(MOST_NAMED).map(|place| title(config, place)).collect();
    if places.len() > MOST_NAMED {
        titles.push(format!("{} more", places.len() - MOST_NAMED));
    }
    (!titles.is_empty()).then(|| context(&format!("Worded here so far: {}", titles.join(" · "))))
}

/// The dialog for the text that was chosen, or what is wrong with the choice.
#[must_use]
pub fn chosen(config: &Config, view: &Value) -> Value {
    let [key, bot, queue] = [WHICH, "bot", "queue"].map(|field| option_of(view, field).to_owned());
    let Some(wording) = wordings().into_iter().find(|wording| wording.key == key) else {
        return refused_at(WHICH, "This text is gone.");
    };
    if !queue.is_empty() && !wording.placeholders.contains(&"queue") {
        return refused_at("queue", "This text is the same for all queues.");
    }
    json!({ "response_action": "update", "view": form(config, &wording, &Place { key, bot, queue }) })
}

/// One text.
fn form(config: &Config, wording: &Wording, place: &Place) -> Value {
    let names: Vec<String> = wording.placeholders.iter().map(|name| format!("`{{{name}}}`")).collect();
    let mut blocks = vec![
        section(&format!("*{}*\n{}", title(config, place), escape(&wording.about))),
        context(&format!("You can use {}. They are filled in when the text is sent.", names.join(" "))),
    ];
    let mut text = json!({ "type": "plain_text_input", "multiline": true });
    let value = config.value(place);
    if !value.is_empty() {
        text["initial_value"] = json!(cut(&value, MOST_TYPED));
    }
    blocks.push(hinted(optional(input(FIELD, "Text", text)), "Left empty, it is not sent."));
    blocks.extend(way_back(config, std::slice::from_ref(place)));
    modal(view::TEXT, "Text", "Save", &[place.key.as_str(), &place.bot, &place.queue].join("/"), &blocks)
}

/// What was changed, and what the text is called.
#[must_use]
pub fn filled_in(config: &Config, view: &Value) -> (Vec<Change>, String) {
    let mut parts = about(view).splitn(3, '/').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let place = Place { key: part(), bot: part(), queue: part() };
    let title = title(config, &place);
    let changes = gone_back(view, [place.clone()]).unwrap_or_else(|| {
        let value = retyped(view, FIELD).map(str::to_owned);
        value.map(|value| Change::To(Setting { place, value })).into_iter().collect()
    });
    (changes, title)
}

/// The texts, together with those for the same readers.
fn groups() -> Vec<Value> {
    let mut groups: Vec<(&str, Vec<Value>)> = Vec::new();
    for wording in wordings() {
        let option = option(&spelled_out(wording.name()), wording.key);
        match groups.iter_mut().find(|(known, _)| *known == wording.group) {
            Some((_, options)) => options.push(option),
            None => groups.push((wording.group, vec![option])),
        }
    }
    let group = |(readers, options)| json!({ "label": plain(readers), "options": options });
    groups.into_iter().map(group).collect()
}

/// What a text is called, and for whom it is; mrkdwn.
fn title(config: &Config, place: &Place) -> String {
    let name = place.key.split_once('.').map_or("", |(_, name)| name);
    let bot = config.bot(&place.bot).map(|bot| format!(" with {}", escape(&bot.name)));
    let queue = Some(&place.queue).filter(|queue| !queue.is_empty()).map(|queue| format!(" in {}", escape(queue)));
    format!("{}{}{}", spelled_out(name), bot.unwrap_or_default(), queue.unwrap_or_default())
}

/// `room_closed` as people write it: Room closed.
fn spelled_out(name: &str) -> String {
    let text = name.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
