//! The sections `[templates]` and `[[texts]]`: what people read, for all, for one bot, for one queue. The catalogue has all texts.

mod catalogue;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Table, Value};

use super::layers::DEFAULTS;
use super::schema;

pub use catalogue::*;

/// Every text, as it is worded for each bot and queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    all: Templates,
    /// The most specific first.
    own: Vec<Own>,
}

/// All texts as one bot or queue has them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    bot: String,
    queue: String,
    templates: Templates,
}

impl Texts {
    /// The texts for a conversation of this bot, in this queue; an empty label for none.
    #[must_use]
    pub fn of(&self, bot: &str, queue: &str) -> &Templates {
        let own = self.own.iter().find(|own| fits(&own.bot, bot) && fits(&own.queue, queue));
        own.map_or(&self.all, |own| &own.templates)
    }

    /// A text that is about no conversation, filled in; nothing where it is switched off. The values are mrkdwn.
    #[must_use]
    pub fn fill(&self, queue: &str, text: Text, values: &[(&str, &str)]) -> Option<String> {
        text.fill(self.of("", queue).get(text), values)
    }
}

/// How each text is worded; empty: it is not sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Templates(BTreeMap<String, String>);

impl Templates {
    /// How this text is worded; empty where it is not sent.
    #[must_use]
    pub fn get(&self, text: Text) -> &str {
        // The defaults have all of them.
        self.0.get(text.name).map_or("", String::as_str)
    }
}

/// A text, as somebody chooses it who wants to change it.
#[derive(Debug, Clone)]
pub struct Wording {
    /// Its key: `templates.room_closed`.
    pub key: &'static str,
    /// What may stand in braces in it.
    pub placeholders: &'static [&'static str],
    /// Who reads it, and where.
    pub group: &'static str,
    /// When it is read, in a sentence or two.
    pub about: String,
}

impl Wording {
    /// Its name: `room_closed`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(_, name)| name)
    }
}

/// Every text there is.
#[must_use]
pub fn wordings() -> Vec<Wording> {
    let wording = |(key, placeholders)| {
        let (group, about) = explained(key);
        Wording { key, placeholders, group, about }
    };
    schema::texts().map(wording).collect()
}

/// The heading above a text in `config/default.toml`, and the comment on it.
fn explained(key: &str) -> (&'static str, String) {
    let line = format!("{} = ", key.trim_start_matches("templates."));
    let above: Vec<&str> = DEFAULTS.lines().take_while(|text| !text.starts_with(&line)).collect();
    let heading = |line: &&'static str| line.strip_prefix("# --- ")?.strip_suffix(" ---");
    let group = above.iter().rev().find_map(heading).unwrap_or_default();
    let comment = above.iter().rev().take_while(|line| heading(line).is_none());
    let mut about: Vec<&str> = comment.map_while(|line| line.strip_prefix("# ")).collect();
    about.reverse();
    (group, about.join(" "))
}

/// What is wrong with one of the texts: its index, the key, and what is expected. The other rules of its keys hold.
pub(super) fn fault(values: &Value) -> Option<(usize, &'static str, String)> {
    let bots: Vec<&str> = entries(values, "bots").map(|bot| text(bot, "id")).collect();
    let mut seen = Vec::new();
    entries(values, "texts").enumerate().find_map(|(index, entry)| {
        let key = schema::template(text(entry, "name"))?;
        let place = ["name", "bot", "queue"].map(|key| text(entry, key));
        if !key.accepts(entry.get("text")?) {
            return Some((index, "text", key.expected()));
        }
        if !place[1].is_empty() && !bots.contains(&place[1]) {
            return Some((index, "bot", "the id of a bot in [[bots]], or an empty string".to_owned()));
        }
        if !place[2].is_empty() && !key.knows_queue() {
            return Some((index, "queue", "an empty string: this text is no queue's".to_owned()));
        }
        if let Some(first) = seen.iter().position(|other| *other == place) {
            let expected = format!("another text, bot or queue: texts[{first}] is for the same");
            return Some((index, "name", expected));
        }
        seen.push(place);
        None
    })
}

/// The values with `templates` as [`Texts`]: all texts once more for each bot and queue that has some of its own.
pub(super) fn merged(mut values: Value) -> Value {
    let Some(all) = values.get("templates").and_then(Value::as_table).cloned() else { return values };
    let entries: Vec<Value> = entries(&values, "texts").cloned().collect();
    let mut own = Vec::new();
    for (queue, bot) in places(&entries) {
        let one = |name: &String| (name.clone(), worded(&values, name, bot, queue).into());
        let templates: Table = all.keys().map(one).collect();
        let (bot, queue) = (bot.into(), queue.into());
        own.push(Table::from_iter([
            ("bot".to_owned(), bot),
            ("queue".to_owned(), queue),
            ("templates".to_owned(), Value::Table(templates)),
        ]));
    }
    if let Value::Table(sections) = &mut values {
        sections.remove("texts");
        let texts = [("all".to_owned(), Value::Table(all)), ("own".to_owned(), own.into())];
        sections.insert("templates".to_owned(), Value::Table(Table::from_iter(texts)));
    }
    values
}

/// How a text is worded for this bot and queue; empty for none in particular.
pub(super) fn worded<'v>(values: &'v Value, name: &str, bot: &str, queue: &str) -> &'v str {
    let is_for = |entry: &&Value| {
        text(entry, "name") == name && fits(text(entry, "bot"), bot) && fits(text(entry, "queue"), queue)
    };
    // The most specific wins.
    let specific = |entry: &&Value| ["queue", "bot"].map(|key| !text(entry, key).is_empty());
    match entries(values, "texts").filter(is_for).max_by_key(specific) {
        Some(own) => text(own, "text"),
        None => values.get("templates").map_or("", |all| text(all, name)),
    }
}

/// Every queue that has a text of its own, and none, with every bot that has one, and none; the most specific first.
fn places(entries: &[Value]) -> Vec<(&str, &str)> {
    let named = |key: &str| {
        let mut names: Vec<&str> = entries.iter().map(|entry| text(entry, key)).chain([""]).collect();
        names.sort_unstable();
        names.dedup();
        names.reverse();
        names
    };
    let bots = named("bot");
    named("queue").into_iter().flat_map(|queue| bots.iter().map(move |bot| (queue, *bot))).collect()
}

/// Whether what is for `wanted`, or for all, is for this one.
fn fits(wanted: &str, one: &str) -> bool {
    wanted.is_empty() || wanted == one
}

fn entries<'a>(values: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    values.get(list).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}
