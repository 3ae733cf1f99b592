//! The sections `[templates]` and `[[texts]]`: what people read, for all, for one bot, for one queue. `schema` knows which
//! placeholders each text has.

use serde::Deserialize;
use toml::{Table, Value};

use super::layers::DEFAULTS;
use super::schema;

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
}

/// What people read. What is empty is not sent. The placeholders of each text stand in `config/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    /// Under an agent's message, for the customer, where the bot shows agents' names.
    pub agent_footer: String,
    /// To the customer, when a human takes over.
    pub customer_paused: String,
    /// The same, where agents' names are not shown.
    pub customer_paused_anonymous: String,
    /// To the customer, when the bot is back.
    pub customer_unpaused: String,
    /// The same, where agents' names are not shown or nobody did it.
    pub customer_unpaused_anonymous: String,
    /// To the customer: a human was asked for.
    pub handoff_requested: String,
    /// To the customer: nobody has picked the handoff in time.
    pub handoff_nobody: String,
    /// To the customer: there is nobody who could.
    pub handoff_no_agent: String,
    /// To the customer: it is after hours.
    pub handoff_after_hours: String,
    /// To the customer, who has said how to reach them.
    pub handoff_contact_kept: String,
    /// To the customer: an agent has declined.
    pub handoff_declined: String,
    /// To the customer: it was taken back.
    pub handoff_cancelled: String,
    /// To the customer: another team is asked.
    pub handoff_transferred: String,
    /// To the customer: the other team has accepted.
    pub handoff_transfer_accepted: String,
    /// To the customer: something went wrong.
    pub handoff_failed: String,
    /// In a room's header: what happens to what agents write.
    pub room_explained: String,
    /// Behind it, where the history is imported.
    pub room_history: String,
    /// In the room: an agent writes while the bot is active.
    pub room_pause_reminder: String,
    /// In the room: nobody writes, and the bot is still paused.
    pub room_unpause_reminder: String,
    /// To an agent who writes where another handles the customer.
    pub room_collision: String,
    /// In the room: something of an agent's message does not go out.
    pub room_not_passed_on: String,
    /// In the room: it was closed.
    pub room_closed: String,
    /// The same, because it was forgotten.
    pub room_closed_idle: String,
    /// In the room: the customer was given to another queue.
    pub room_transferred: String,
    /// In the room: that queue has accepted.
    pub room_transfer_accepted: String,
    /// On an agent's Home: there is nobody to be shown.
    pub home_nobody: String,
    /// On the Home of somebody who is no agent.
    pub home_not_an_agent: String,
    /// Title of a handoff's card: the customer has asked.
    pub queue_asked: String,
    /// The same: an agent gives the customer to the queue.
    pub queue_given: String,
    /// The same: the bot or a rule has asked.
    pub queue_noticed: String,
    /// The same: the bot has said with what.
    pub queue_request: String,
    /// On a handoff's card: nobody has picked so far.
    pub queue_waiting: String,
    /// Before it, where an agent who is online was looked for.
    pub queue_nobody_online: String,
    /// In the queue: more people are told.
    pub queue_widened: String,
    /// In the queue: the target for picking has almost passed.
    pub queue_accept_warning: String,
    /// In the queue: it has passed.
    pub queue_accept_breached: String,
    /// In the queue and in the room: the target for the first answer has almost passed.
    pub queue_response_warning: String,
    /// The same: it has passed.
    pub queue_response_breached: String,
    /// To an agent in person, who is given a customer.
    pub agent_allocated: String,
    /// In the queue: above its numbers, once a week.
    pub queue_digest: String,
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
