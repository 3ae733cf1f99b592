//! The dialogs in which administrators set queues up: one to choose, one to fill in, one to be sure.
//!
//! The ids of the inputs are the names of the API's fields, so that a [`Fault`] finds its place.

use std::time::Duration;

use serde_json::{Value, json};

use crate::config::duration;
use crate::render::text::escape;
use crate::takeover::cards::{context, section};

use super::dialog::{MOST, about, hinted, input, input_of, modal, option, option_of, optional, typed};
use super::queue::{Allocation, Queue, Queues};
use super::setup::{self, Fault};

/// Ids of the dialogs.
pub mod view {
    /// Which queue, and what to do with it.
    pub const CHOICE: &str = "megatron.queues";
    /// A queue and its rules.
    pub const FORM: &str = "megatron.queue";
    /// Whether it is really to go.
    pub const REMOVAL: &str = "megatron.queue_removal";
}

/// Stands for a queue that is not there yet; no label has such a sign.
const NEW: &str = "+";

/// What somebody chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// A new queue.
    Add,
    /// To change the queue of this label.
    Change(String),
    /// To remove the queue of this label.
    Remove(String),
}

/// Which queue? `note` is said first.
#[must_use]
pub fn choice(queues: Queues<'_>, note: &str) -> Value {
    let mut blocks: Vec<Value> = Some(note).filter(|note| !note.is_empty()).map(section).into_iter().collect();
    let lines: Vec<String> = queues.0.iter().take(MOST).map(line).collect();
    blocks.push(section(if lines.is_empty() { "There is no queue." } else { "Your queues:" }));
    blocks.extend(lines.iter().map(|line| context(line)));
    let existing = queues.0.iter().take(MOST).map(|queue| option(&queue.label, &queue.label));
    let options: Vec<Value> = [option("A new queue", NEW)].into_iter().chain(existing).collect();
    blocks.push(input("queue", "Queue", json!({ "type": "static_select", "options": options })));
    let what = [option("Set up", "change"), option("Remove", "remove")];
    blocks.push(input(
        "what",
        "What to do",
        json!({ "type": "radio_buttons", "options": what, "initial_option": what[0] }),
    ));
    modal(view::CHOICE, "Queues", "Continue", "", &blocks)
}

/// What was chosen.
#[must_use]
pub fn chosen(view: &Value) -> Choice {
    let label = option_of(view, "queue").to_owned();
    match (label.as_str(), option_of(view, "what")) {
        (NEW | "", _) => Choice::Add,
        (_, "remove") => Choice::Remove(label),
        _ => Choice::Change(label),
    }
}

/// A queue to fill in; `is_new`: it has no label yet. `hours` are the names of those that the configuration has.
#[must_use]
pub fn form(queue: &Queue, is_new: bool, queues: Queues<'_>, hours: &[&str]) -> Value {
    let text = |value: &str| {
        let mut element = json!({ "type": "plain_text_input" });
        if !value.is_empty() {
            element["initial_value"] = json!(value);
        }
        element
    };
    let mut blocks = Vec::new();
    if is_new {
        let label = json!({ "type": "plain_text_input", "max_length": 40 });
        blocks.push(hinted(input("label", "Label", label), "Lower-case letters, digits, - and _"));
    }
    let mut channel = json!({
        "type": "conversations_select", "filter": { "include": ["public", "private"], "exclude_external_shared_channels": true },
    });
    if !queue.channel.is_empty() {
        channel["initial_conversation"] = json!(queue.channel);
    }
    let hint = "The app must be a member of it. Left empty, the queue keeps its channel, or gets a public one.";
    blocks.push(hinted(optional(input("channel_id", "Channel", channel)), hint));
    let is_auto = queue.allocation == Allocation::Auto;
    for (field, label, what, is_so) in [
        ("default", "Default", "Takes everybody who is sent to no other queue", queue.is_default),
        ("allocation", "Automatic", "Gives each customer to an agent who is online", is_auto),
    ] {
        let yes = option(what, field);
        let mut boxes = json!({ "type": "checkboxes", "options": [yes] });
        if is_so {
            boxes["initial_options"] = json!([yes]);
        }
        blocks.push(optional(input(field, label, boxes)));
    }
    for (field, label, people) in
        [("members", "Who may pick", &queue.members), ("priority_group", "Who is told first", &queue.priority_group)]
    {
        let (groups, users): (Vec<&String>, Vec<&String>) = people.iter().partition(|one| one.starts_with('S'));
        let mut menu = json!({ "type": "multi_users_select" });
        if !users.is_empty() {
            menu["initial_users"] = json!(users);
        }
        blocks.push(hinted(optional(input(field, label, menu)), "Left empty: everybody. Guests cannot be chosen."));
        let groups = groups.into_iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let groups = optional(input(&format!("{field}_groups"), &format!("{label}: user groups"), text(&groups)));
        blocks.push(hinted(groups, "Their ids, such as S0123ABC"));
    }
    for (field, label, value, hint) in durations(queue) {
        blocks.push(hinted(input(field, label, text(&duration::write(value))), hint));
    }
    let others = queues.0.iter().map(|other| other.label.as_str()).filter(|label| *label != queue.label);
    let hours_now = queue.hours.as_ref().map_or("", |hours| hours.name.as_str());
    for (field, label, now, options) in [
        ("then", "Which queue to ask then", queue.then.as_str(), others.take(MOST).collect::<Vec<_>>()),
        ("hours", "Hours", hours_now, hours.iter().copied().take(MOST).collect()),
    ] {
        let options: Vec<Value> = options.iter().map(|name| option(name, name)).collect();
        if options.is_empty() {
            continue;
        }
        let mut menu = json!({ "type": "static_select", "options": options });
        if let Some(now) = options.iter().find(|option| option["value"] == now) {
            menu["initial_option"] = now.clone();
        }
        blocks.push(optional(input(field, label, menu)));
    }
    let digest = optional(input("digest", "Weekly numbers", text(&queue.digest)));
    blocks.push(hinted(digest, "When, such as mon 09:00. Left empty: never"));
    let label = if is_new { "" } else { &queue.label };
    modal(view::FORM, if is_new { "A new queue" } else { "Queue" }, "Save", label, &blocks)
}

/// The queue that was filled in, without its hours; their name beside it.
///
/// # Errors
///
/// What cannot be read. What is read may be wrong in other ways.
pub fn filled_in(view: &Value) -> Result<(Queue, String), Vec<Fault>> {
    let label = if about(view).is_empty() { typed(view, "label") } else { about(view) };
    let people = |field: &str| {
        let users = input_of(view, field)["selected_users"].as_array().cloned().unwrap_or_default();
        let users = users.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
        let groups = typed(view, &format!("{field}_groups")).split([' ', ',']).map(str::trim);
        users.into_iter().chain(groups.filter(|group| !group.is_empty()).map(str::to_owned)).collect()
    };
    let is_checked =
        |field| input_of(view, field)["selected_options"].as_array().is_some_and(|chosen| !chosen.is_empty());
    let mut faults = Vec::new();
    let [widen_after, accept_within, accept_target, response_target] =
        durations(&setup::blank(label)).map(|(field, ..)| {
            let read = duration::parse(typed(view, field));
            if read.is_none() {
                faults.push(Fault::new(field, "must be a duration such as 90s, 3m or 2h"));
            }
            read.unwrap_or_default()
        });
    let queue = Queue {
        label: label.to_owned(),
        channel: input_of(view, "channel_id")["selected_conversation"].as_str().unwrap_or_default().to_owned(),
        is_default: is_checked("default"),
        members: people("members"),
        priority_group: people("priority_group"),
        widen_after,
        accept_within,
        accept_target,
        response_target,
        then: option_of(view, "then").to_owned(),
        hours: None,
        digest: typed(view, "digest").to_owned(),
        allocation: if is_checked("allocation") { Allocation::Auto } else { Allocation::Manual },
    };
    if faults.is_empty() { Ok((queue, option_of(view, "hours").to_owned())) } else { Err(faults) }
}

/// Really?
#[must_use]
pub fn removal(label: &str) -> Value {
    let text = format!("Remove the queue *{}*? Its channel stays as it is.", escape(label));
    modal(view::REMOVAL, "Remove a queue", "Remove", label, &[section(&text)])
}

/// A queue in one line.
#[must_use]
pub fn line(queue: &Queue) -> String {
    let mut facts = vec![match queue.channel.as_str() {
        "" => "no channel yet".to_owned(),
        channel => format!("<#{channel}>"),
    }];
    let mut add = |is_so: bool, fact: String| {
        if is_so {
            facts.push(fact);
        }
    };
    add(queue.is_default, "default".to_owned());
    add(!queue.members.is_empty(), format!("{} may pick", counted(&queue.members)));
    add(!queue.priority_group.is_empty(), format!("{} told first", counted(&queue.priority_group)));
    add(!queue.then.is_empty(), format!("then {}", escape(&queue.then)));
    let hours = queue.hours.as_ref().map_or("", |hours| hours.name.as_str());
    add(!hours.is_empty(), format!("hours: {}", escape(hours)));
    format!("*{}*: {}", escape(&queue.label), facts.join(" · "))
}

fn counted(people: &[String]) -> String {
    let groups = people.iter().filter(|one| one.starts_with('S')).count();
    let count = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let parts = [count(people.len() - groups, "user"), count(groups, "group")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// The durations of a queue: field, label, value and hint.
fn durations(queue: &Queue) -> [(&'static str, &'static str, Duration, &'static str); 4] {
    [
        ("widen_after", "When everybody else is told", queue.widen_after, "After such a time as 2m"),
        ("accept_within", "When to give up", queue.accept_within, "After such a time as 15m; 0s: never"),
        ("accept_target", "How soon somebody should pick", queue.accept_target, "Such as 5m; 0s: no target"),
        ("response_target", "How soon there should be an answer", queue.response_target, "Such as 9m; 0s: no target"),
    ]
}
