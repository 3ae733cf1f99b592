//! What a message or reaction event of Slack says, or a click, whichever way it came. [`super::ingest`] and
//! [`super::slack_payload`] read events with it, so that both sides call the same thing by the same identity.

use serde_json::Value;

use super::check::{Check, Node, is_ts};

/// Characters of a type that nobody has explained.
const MAX_KIND: usize = 64;

/// What happened in a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Somebody said something.
    Message {
        /// The message.
        ts: String,
    },
    /// A message has become another one: an edit, a preview that arrived, a counter.
    Changed {
        /// The message.
        ts: String,
        /// When it was changed; changes are ordered by it.
        change_ts: String,
        /// When its words were last edited, if ever. Its resolution is a second.
        edited_ts: Option<String>,
    },
    /// A message is gone, or only its thread is left of it.
    Deleted {
        /// The message.
        ts: String,
    },
    /// Somebody added or took back a reaction to a message.
    Reaction {
        /// Added, else taken back.
        added: bool,
        /// The message.
        item_ts: String,
        /// Who.
        user: String,
        /// Such as `thumbsup::skin-tone-2`, without outer colons.
        name: String,
        /// When.
        event_ts: String,
    },
    /// Somebody used a button, a menu or a field of a message.
    Clicked {
        /// Who.
        user: String,
        /// When; each click has its own.
        action_ts: String,
    },
    /// Anything else: joins, topics, and what Slack may yet invent.
    Other {
        /// When, if it says so.
        ts: Option<String>,
        /// The subtype of the message, else the type of the event.
        kind: String,
    },
}

impl What {
    /// Reads an event, and checks what a relay depends on.
    pub(super) fn read(event: &Node<'_>, check: &mut Check) -> Self {
        match event.get("type").text().unwrap_or("message") {
            "message" | "app_mention" => Self::message(event, check),
            kind @ ("reaction_added" | "reaction_removed") => Self::reaction(event, kind == "reaction_added", check),
            kind if is_click(kind) => Self::clicked(event, check),
            kind => Self::other(event, kind),
        }
    }

    /// The message that this is about, if any.
    #[must_use]
    pub fn ts(&self) -> Option<&str> {
        match self {
            Self::Message { ts } | Self::Changed { ts, .. } | Self::Deleted { ts } => Some(ts),
            Self::Reaction { item_ts, .. } => Some(item_ts),
            // It says something of its own.
            Self::Clicked { .. } => None,
            Self::Other { ts, .. } => ts.as_deref(),
        }
    }

    /// The key under which the same thing is recognised, however often and by whatever way it comes.
    ///
    /// `event_id` is not part of it: Slack delivers one message under several. Of a change both stamps count, since
    /// `edited` has whole seconds only and previews change a message without touching it.
    #[must_use]
    pub fn identity(&self, team: &str, channel: &str) -> String {
        // Ids hold no blanks, so no two different things can have one key.
        match self {
            Self::Message { ts } => format!("{team} {channel} {ts}"),
            Self::Changed { ts, change_ts, edited_ts } => {
                format!("{team} {channel} {ts} changed {change_ts} {}", edited_ts.as_deref().unwrap_or("-"))
            }
            Self::Deleted { ts } => format!("{team} {channel} {ts} deleted"),
            Self::Reaction { added, item_ts, user, name, event_ts } => {
                let sign = if *added { '+' } else { '-' };
                format!("{team} {channel} {item_ts} reaction {sign} {user} {event_ts} {name}")
            }
            Self::Clicked { user, action_ts } => format!("{team} {channel} clicked {user} {action_ts}"),
            Self::Other { ts, kind } => format!("{team} {channel} {} other {kind}", ts.as_deref().unwrap_or("-")),
        }
    }

    fn message(event: &Node<'_>, check: &mut Check) -> Self {
        let subtype = event.get("subtype");
        check.optional(&subtype, Value::is_string, "must be a string");
        match subtype.text() {
            // message_replied comes without its subtype at times: a message in it, and no author of its own.
            None if event.get("message").value.is_object()
                && event.get("user").or(event.get("bot_id")).text().is_none() =>
            {
                Self::other(event, "message_replied")
            }
            None | Some("bot_message" | "me_message" | "file_share" | "thread_broadcast") => {
                contents(event, check);
                Self::Message { ts: check.ts(&event.get("ts")) }
            }
            Some("message_changed") => Self::changed(event, check),
            Some("message_deleted") => {
                Self::Deleted { ts: check.ts(&event.get("deleted_ts").or(event.get("previous_message").get("ts"))) }
            }
            Some(other) => Self::other(event, other),
        }
    }

    fn changed(event: &Node<'_>, check: &mut Check) -> Self {
        let message = event.get("message");
        check.object(&message);
        let ts = check.ts(&message.get("ts").or(event.get("previous_message").get("ts")));
        // A deleted message that has replies is turned into this.
        if message.get("subtype").text() == Some("tombstone") {
            return Self::Deleted { ts };
        }
        contents(&message, check);
        let edited_ts = check.optional_ts(&message.get("edited").get("ts"));
        let stamps = [event.get("ts"), event.get("event_ts")].map(|stamp| check.optional_ts(&stamp));
        let change_ts = stamps.into_iter().flatten().find(|stamp| *stamp != ts).or_else(|| edited_ts.clone());
        if change_ts.is_none() {
            check.refuse(&event.get("ts"), "must say when the message was changed, or message.edited.ts must");
        }
        Self::Changed { ts, change_ts: change_ts.unwrap_or_default(), edited_ts }
    }

    fn reaction(event: &Node<'_>, added: bool, check: &mut Check) -> Self {
        let item = event.get("item");
        if matches!(item.get("type").text(), Some(kind) if kind != "message") {
            return Self::other(event, "reaction to something else");
        }
        Self::Reaction {
            added,
            item_ts: check.ts(&item.get("ts")),
            user: check.id(&event.get("user")),
            name: check.string(&event.get("reaction"), is_name, "must be the name of an emoji"),
            event_ts: check.ts(&event.get("event_ts")),
        }
    }

    fn clicked(payload: &Node<'_>, check: &mut Check) -> Self {
        let actions = payload.get("actions");
        check.required(
            &actions,
            |value| value.as_array().is_some_and(|actions| !actions.is_empty()),
            "must be an array with an action",
        );
        let action_ts = actions.at(0).get("action_ts").or(payload.get("action_ts"));
        Self::Clicked { user: check.id(&payload.get("user").get("id")), action_ts: check.ts(&action_ts) }
    }

    fn other(event: &Node<'_>, kind: &str) -> Self {
        // Part of the identity, so it must fit into an index, whatever others may write there.
        let kind = kind.chars().filter(|character| !character.is_control()).take(MAX_KIND).collect();
        let ts = event.get("ts").or(event.get("event_ts")).string().filter(|ts| is_ts(ts));
        Self::Other { ts, kind }
    }
}

/// Whether a payload of this type says what somebody clicked
/// (<https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>); the second is of the time before blocks.
pub(super) fn is_click(kind: &str) -> bool {
    matches!(kind, "block_actions" | "interactive_message")
}

/// The message that an event is about: for a change and a deletion the one inside, else the event itself.
pub(super) fn subject(event: &Value) -> &Value {
    let inner = match event["subtype"].as_str() {
        Some("message_changed") => &event["message"],
        Some("message_deleted") => &event["previous_message"],
        _ => event,
    };
    if inner.is_object() { inner } else { event }
}

/// The workspace in which the app is installed that sees the event.
///
/// `authorizations` names it. In a shared channel `team_id` may be the author's; after an installation for a whole
/// organisation either may be null.
pub(super) fn installed_team<'v>(envelope: &Node<'v>) -> Node<'v> {
    let authorized = envelope.get("authorizations").at(0).get("team_id");
    let team = || envelope.get("team_id");
    let places = [authorized, team(), envelope.get("context_team_id"), envelope.get("event").get("team")];
    let named = places.into_iter().find(|place| place.text().is_some());
    named.unwrap_or_else(team)
}

/// Checks the parts of a message that are read later.
fn contents(message: &Node<'_>, check: &mut Check) {
    check.optional_ts(&message.get("thread_ts"));
    check.optional(&message.get("text"), Value::is_string, "must be a string");
    for key in ["blocks", "attachments", "files"] {
        check.optional(&message.get(key), Value::is_array, "must be an array");
    }
}

/// Custom emoji have names in any script.
fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}
