//! Every key of the configuration in one table: its shape, what its value must satisfy, and how an error describes that.
//! Used by `layers`, which refuses what does not fit, and by `environment`, which reads text as the shape of its key.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::LazyLock;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toml::Value;
use tracing_subscriber::EnvFilter;
use url::Url;

use crate::render::{redact, template};
use crate::takeover::handoff::hours::{self, Hours};

use super::{duration, size, texts};

/// One key.
#[derive(Debug)]
pub(super) struct Key {
    /// Its dotted name; `[]` stands for the index in a list of tables: `bots[].id`.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) shape: Shape,
    expected: &'static str,
}

/// What a key holds.
#[derive(Debug)]
pub(super) enum Shape {
    /// A string for which the rule holds.
    Text(fn(&str) -> bool),
    /// One of these strings.
    Choice(&'static [&'static str]),
    /// A list of strings, for each of which the rule holds.
    List(fn(&str) -> bool),
    /// A whole number in the range.
    Number(RangeInclusive<i64>),
    /// A number in the range.
    Decimal(RangeInclusive<f64>),
    /// True or false.
    Flag,
    /// A text that people read, with no placeholders but these.
    Words(&'static [&'static str]),
}

use Shape::{Choice, Decimal, Flag, List, Number, Text, Words};

/// Every key; those of `[templates]` stand in the catalogue of texts.
static KEYS: LazyLock<Vec<&Key>> = LazyLock::new(|| SETTINGS.iter().chain(texts::KEYS).collect());

const SETTINGS: &[Key] = &[
    key("listen", Text(is_address), "an address and a port, such as 127.0.0.1:8080"),
    key("database.url", Text(is_database), "sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE"),
    key("database.max_connections", Number(1..=1000), "a number from 1 to 1000"),
    key("security.encryption_key", Text(is_key), "32 bytes in base64 (`megatron keys` prints a fresh key)"),
    key("security.old_encryption_keys", List(is_key), "a list of keys, each 32 bytes in base64"),
    key("slack.api_url", Text(is_http_url), "an http:// or https:// URL"),
    key("slack.bot_token", Text(is_token), "the bot token of the hub app, xoxb-..., without spaces"),
    key("slack.signing_secret", Text(is_token), "the signing secret of the hub app, without spaces"),
    key("slack.app_token", Text(is_token_or_empty), "an app-level token, xapp-..., without spaces, or an empty string"),
    key("slack.user_token", Text(is_token_or_empty), "a user token, xoxp-..., without spaces, or an empty string"),
    key(
        "slack.command",
        Text(is_command),
        "a slash and 1 to 31 lower-case letters, digits, `-` or `_`, such as /megatron",
    ),
    key("slack.timeout", Text(is_duration), "a duration above zero, such as 10s (units s, m, h, d; ten years at most)"),
    key("support.agents", List(is_person), "a list of user ids (U...) and user group ids (S...)"),
    key("support.admins", List(is_person), "a list of user ids (U...) and user group ids (S...)"),
    key("support.further_admins", List(is_person), "a list of user ids (U...) and user group ids (S...)"),
    key(
        "rooms.prefix",
        Text(is_prefix),
        "at most 40 lower-case letters, digits, `-` or `_`: Slack refuses others in a name",
    ),
    key("rooms.visibility", Choice(&["private", "public"]), "`private` or `public`"),
    key("rooms.invite", List(is_person), "a list of user ids (U...) and user group ids (S...)"),
    key("rooms.history", Number(0..=15), "a number from 0 to 15: Slack may allow no more"),
    key(
        "rooms.check_history",
        Text(is_duration_or_zero),
        "a duration, such as 15m (units s, m, h, d; ten years at most)",
    ),
    key(
        "rooms.delivered",
        Text(is_emoji_or_empty),
        "the name of an emoji without colons, such as white_check_mark, or an empty string",
    ),
    key("rooms.on_agent_message", Choice(&["remind", "pause", "hold"]), "`remind`, `pause` or `hold`"),
    key("files.max_size", Text(is_size), "a size above zero, such as 100MB (units kB, MB, GB; 1GB at most)"),
    key(
        "reminders.pause_every",
        Text(is_duration_or_zero),
        "a duration, such as 60m (units s, m, h, d; ten years at most)",
    ),
    key(
        "reminders.unpause_after",
        Text(is_duration),
        "a duration above zero, such as 3m (units s, m, h, d; ten years at most)",
    ),
    key(
        "reminders.close_after",
        Text(is_duration),
        "a duration above zero, such as 36h (units s, m, h, d; ten years at most)",
    ),
    key("texts[].name", Text(is_template), "the name of a key of [templates]"),
    key("texts[].text", Text(is_anything), "a text"),
    key("texts[].bot", Text(is_id_or_empty), "the id of a bot, or an empty string"),
    key("texts[].queue", Text(is_label_or_empty), "the label of a queue, or an empty string"),
    key("redaction.card_numbers", Flag, "true or false"),
    key(
        "redaction.patterns",
        List(is_pattern),
        "a list of regular expressions in the syntax of https://docs.rs/regex, none of them empty or too large",
    ),
    key(
        "triage.channel",
        Text(is_channel_or_empty),
        "the id of a channel in the support workspace, such as C012345, or an empty string",
    ),
    key("triage.new_conversations", Flag, "true or false"),
    key(
        "retention.transcripts",
        Text(is_duration_or_zero),
        "a duration, such as 30d (units s, m, h, d; ten years at most)",
    ),
    key(
        "retention.conversations",
        Text(is_duration_or_zero),
        "a duration, such as 90d (units s, m, h, d; ten years at most)",
    ),
    key(
        "retention.customers",
        Text(is_duration_or_zero),
        "a duration, such as 365d (units s, m, h, d; ten years at most)",
    ),
    key(
        "retention.journal",
        Text(is_duration_or_zero),
        "a duration, such as 365d (units s, m, h, d; ten years at most)",
    ),
    key("retention.failed", Text(is_duration_or_zero), "a duration, such as 14d (units s, m, h, d; ten years at most)"),
    key(
        "retention.idempotency",
        Text(is_duration_or_zero),
        "a duration, such as 1d (units s, m, h, d; ten years at most)",
    ),
    key(
        "retention.events",
        Text(is_duration),
        "a duration above zero, such as 7d (units s, m, h, d; ten years at most)",
    ),
    key("tracker.kind", Choice(&["", "asana", "webhook"]), "`asana`, `webhook` or an empty string"),
    key("tracker.api_url", Text(is_http_url), "an http:// or https:// URL"),
    key("tracker.token", Text(is_token_or_empty), "a personal access token without spaces, or an empty string"),
    key("tracker.project", Text(is_gid_or_empty), "the gid of a project: digits, or an empty string"),
    key("tracker.tags", List(is_gid), "a list of gids of tags: digits"),
    key(
        "tracker.secret",
        Text(is_webhook_secret_or_empty),
        "whsec_ and base64 (`megatron keys` prints a fresh one), or an empty string",
    ),
    key("tracker.public_url", Text(is_http_url_or_empty), "an http:// or https:// URL, or an empty string"),
    key("tracker.create_on", List(is_event_filter), EVENT_FILTERS),
    key("tracker.comment_on", List(is_event_filter), EVENT_FILTERS),
    key("tracker.complete_on", List(is_event_filter), EVENT_FILTERS),
    key("tracker.on_complete", Choice(&["close", "tell"]), "`close` or `tell`"),
    key("log.filter", Text(is_filter), "a level or a filter, such as `info` or `info,megatron=debug`"),
    key("log.format", Choice(&["text", "json"]), "`text` or `json`"),
    key("telemetry.otlp_endpoint", Text(is_http_url_or_empty), "an http:// or https:// URL, or an empty string"),
    key("telemetry.service_name", Text(is_name), "1 to 80 characters"),
    key("telemetry.headers", Text(is_headers), "`name=value`, with commas between, or an empty string"),
    key("handoff.default_queues", Flag, "true or false"),
    key("queues[].label", Text(is_label), "1 to 40 lower-case letters, digits, `-` or `_`"),
    key("queues[].channel", Text(is_channel_or_empty), "the id of a channel (C... or G...), or an empty string"),
    key("queues[].default", Flag, "true or false"),
    key("queues[].members", List(is_person), "a list of user ids (U...) and user group ids (S...)"),
    key("queues[].priority_group", List(is_person), "a list of user ids (U...) and user group ids (S...)"),
    key(
        "queues[].widen_after",
        Text(is_duration_or_zero),
        "a duration, such as 2m (units s, m, h, d; ten years at most)",
    ),
    key(
        "queues[].accept_within",
        Text(is_duration_or_zero),
        "a duration, such as 15m (units s, m, h, d; ten years at most)",
    ),
    key("queues[].then", Text(is_label_or_empty), "the label of one of the queues here, or an empty string"),
    key(
        "queues[].accept_target",
        Text(is_duration_or_zero),
        "a duration, such as 5m (units s, m, h, d; ten years at most)",
    ),
    key(
        "queues[].response_target",
        Text(is_duration_or_zero),
        "a duration, such as 10m (units s, m, h, d; ten years at most)",
    ),
    key("queues[].hours", Text(is_anything), "the name of one of the [[hours]], or an empty string"),
    key(
        "queues[].digest",
        Text(hours::is_weekly_or_empty),
        "a day (mon, tue, wed, thu, fri, sat, sun) and a time, such as \"mon 09:00\", or an empty string",
    ),
    key("queues[].allocation", Choice(&["manual", "auto"]), "`manual` or `auto`"),
    key("hours[].name", Text(is_name), "a name of 1 to 80 characters"),
    key("hours[].time_zone", Text(Hours::is_zone), "an IANA time zone, such as Europe/Berlin"),
    key(
        "hours[].days",
        List(hours::is_days),
        "a list such as [\"mon-fri 09:00-17:30\", \"sat 10:00-14:00\"]: a day or a range of days (mon, tue, wed, thu, fri, sat, sun) and \
         times from 00:00 to 24:00, the end after the beginning",
    ),
    key("hours[].holidays", List(hours::is_date), "a list of days such as [\"2026-12-25\"]"),
    key("bots[].id", Text(is_id), "1 to 64 letters, digits, `-` or `_`"),
    key("bots[].name", Text(is_name), "the bot's name, 1 to 80 characters"),
    key("bots[].icon_url", Text(is_http_url_or_empty), "an http:// or https:// URL, or an empty string"),
    key("bots[].api_key", Text(is_token), "a key without spaces (`megatron keys` prints a fresh one)"),
    key("bots[].callback_url", Text(is_http_url), "an http:// or https:// URL"),
    key("bots[].callback_secret", Text(is_webhook_secret), "whsec_ and base64 (`megatron keys` prints a fresh one)"),
    key(
        "bots[].signing_secret",
        Text(is_token_or_empty),
        "the signing secret of the bot's Slack app, or an empty string",
    ),
    key("bots[].delivery", Choice(&["slack", "callback"]), "`slack` or `callback`"),
    key("bots[].show_agent_name", Flag, "true or false"),
    key("bots[].while_pending", Choice(&["hold", "answer", "hold_if_asked"]), "`hold`, `answer` or `hold_if_asked`"),
    key("webhooks[].id", Text(is_id), "1 to 64 letters, digits, `-` or `_`"),
    key("webhooks[].url", Text(is_http_url), "an http:// or https:// URL"),
    key("webhooks[].secret", Text(is_webhook_secret), "whsec_ and base64 (`megatron keys` prints a fresh one)"),
    key("webhooks[].events", List(is_event_filter), EVENT_FILTERS),
    key("webhooks[].bots", List(is_id), "a list of ids of bots"),
    key("bots[].handoff_phrases", List(is_phrase), PHRASES),
    key("bots[].end_phrases", List(is_name), "a list of words, each of 1 to 80 characters"),
    key("bots[].unanswered_limit", Number(0..=100), "a number from 0 to 100"),
    key("bots[].sentiment_below", Decimal(-1.0..=1.0), "a number from -1.0 to 1.0"),
    key("rules[].name", Text(is_name), "the rule's name, 1 to 80 characters"),
    key("rules[].bots", List(is_id), "a list of ids of bots"),
    key("rules[].by", Choice(&["customer", "bot", "both"]), "`customer`, `bot` or `both`"),
    key("rules[].events", List(is_name), "a list of names, each of 1 to 80 characters"),
    key("rules[].keywords", List(is_phrase), PHRASES),
    key(
        "rules[].pattern",
        Text(is_pattern_or_empty),
        "a regular expression in the syntax of https://docs.rs/regex, not too large, or an empty string",
    ),
    key("rules[].sentiment_below", Decimal(-1.0..=1.0), "a number from -1.0 to 1.0"),
    key("rules[].unanswered", Number(0..=100), "a number from 0 to 100"),
    key("rules[].tags", List(is_tag), "a list of tags, each of 1 to 40 characters"),
    key("rules[].notify", Flag, "true or false"),
    key("rules[].handoff", Text(is_id_or_empty), "the label of a queue, `default`, or an empty string"),
    key("rules[].priority", Text(is_tag_or_empty), "at most 40 characters"),
];

const EVENT_FILTERS: &str = "a list of events, such as `message.customer`, `handoff.*` or `*`";

const PHRASES: &str = "a list of words and phrases, each of 1 to 200 characters with a letter or a digit among them";

/// The key of that name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().copied().find(|key| key.name == name)
}

/// The key of the text of that name.
pub(super) fn template(name: &str) -> Option<&'static Key> {
    find(&format!("templates.{name}"))
}

/// Every text that people read, with its placeholders.
pub(super) fn texts() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    KEYS.iter().filter_map(|key| match key.shape {
        Words(known) => Some((key.name, known)),
        _ => None,
    })
}

/// The names directly below a section, in the order of the table; none below what is no section. The top has the name "".
pub(super) fn below(section: &str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for key in KEYS.iter() {
        let rest = if section.is_empty() {
            Some(key.name)
        } else {
            key.name.strip_prefix(section).and_then(|rest| rest.strip_prefix('.').or_else(|| rest.strip_prefix("[].")))
        };
        if let Some(name) = rest.and_then(|rest| rest.split(['.', '[']).next())
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

impl Key {
    /// Follows "expected" in an error.
    pub(super) fn expected(&self) -> String {
        match self.shape {
            Words(known) => format!("{} with no placeholders but {{{}}}", self.expected, known.join("}, {")),
            _ => self.expected.to_owned(),
        }
    }

    /// Whether administrators may set it in Slack.
    pub(super) fn is_settable(&self) -> bool {
        let settable = ["bots[].show_agent_name", "support.further_admins"];
        matches!(self.shape, Words(_)) || self.name.starts_with("reminders.") || settable.contains(&self.name)
    }

    /// Whether it is a text in which the queue can be named.
    pub(super) fn knows_queue(&self) -> bool {
        matches!(self.shape, Words(known) if known.contains(&"queue"))
    }

    /// Whether the value is of the key's type.
    pub(super) fn fits(&self, value: &Value) -> bool {
        match self.shape {
            Text(_) | Choice(_) | Words(_) => value.is_str(),
            List(_) => value.as_array().is_some_and(|items| items.iter().all(Value::is_str)),
            Number(_) => value.is_integer(),
            Decimal(_) => value.is_float() || value.is_integer(),
            Flag => value.is_bool(),
        }
    }

    /// Whether the value is of the key's type and its rule holds.
    pub(super) fn accepts(&self, value: &Value) -> bool {
        match (&self.shape, value) {
            (Text(rule), Value::String(text)) => rule(text),
            (Choice(choices), Value::String(text)) => choices.contains(&text.as_str()),
            (List(rule), Value::Array(items)) => items.iter().all(|item| item.as_str().is_some_and(rule)),
            (Number(range), Value::Integer(number)) => range.contains(number),
            (Decimal(range), Value::Float(number)) => range.contains(number),
            (Decimal(range), Value::Integer(number)) => i32::try_from(*number).is_ok_and(|n| range.contains(&n.into())),
            (Flag, Value::Boolean(_)) => true,
            (Words(known), Value::String(text)) => template::placeholders(text).all(|name| known.contains(&name)),
            _ => false,
        }
    }

    /// The text as a value of the key's type.
    pub(super) fn read(&self, text: &str) -> Option<Value> {
        match self.shape {
            Text(_) | Choice(_) | Words(_) => Some(Value::String(text.to_owned())),
            List(_) if text.trim_start().starts_with('[') => text.trim().parse().ok().filter(Value::is_array),
            List(_) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Some(Value::Array(items.map(Value::from).collect()))
            }
            Number(_) => text.parse().ok().map(Value::Integer),
            Decimal(_) => text.parse().ok().map(Value::Float),
            Flag => text.parse().ok().map(Value::Boolean),
        }
    }
}

const fn key(name: &'static str, shape: Shape, expected: &'static str) -> Key {
    Key { name, shape, expected }
}

/// A text that people read.
pub(super) const fn words(name: &'static str, known: &'static [&'static str]) -> Key {
    key(name, Words(known), "a text")
}

fn is_template(name: &str) -> bool {
    template(name).is_some()
}

fn is_anything(_: &str) -> bool {
    true
}

fn is_address(text: &str) -> bool {
    // No name is looked up: only the form counts here.
    text.parse::<SocketAddr>().is_ok()
        || text.rsplit_once(':').is_some_and(|(host, port)| {
            !host.is_empty() && !host.contains([':', '/', ' ']) && port.parse::<u16>().is_ok()
        })
}

fn is_database(text: &str) -> bool {
    let rest = ["sqlite:", "postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.trim_matches('/').is_empty())
        && (text.starts_with("sqlite:") || Url::parse(text).is_ok())
}

fn is_key(text: &str) -> bool {
    STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

fn is_webhook_secret(text: &str) -> bool {
    text.strip_prefix("whsec_").is_some_and(|rest| STANDARD.decode(rest).is_ok_and(|bytes| !bytes.is_empty()))
}

fn is_webhook_secret_or_empty(text: &str) -> bool {
    text.is_empty() || is_webhook_secret(text)
}

fn is_gid(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_gid_or_empty(text: &str) -> bool {
    text.is_empty() || is_gid(text)
}

/// The name of an event, or the beginning of one and a `*`.
fn is_event_filter(text: &str) -> bool {
    let name = text.strip_suffix('*').unwrap_or(text);
    !text.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_'))
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_token_or_empty(text: &str) -> bool {
    text.is_empty() || is_token(text)
}

fn is_http_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn is_http_url_or_empty(text: &str) -> bool {
    text.is_empty() || is_http_url(text)
}

fn is_duration_or_zero(text: &str) -> bool {
    duration::parse(text).is_some()
}

fn is_duration(text: &str) -> bool {
    duration::parse(text).is_some_and(|duration| duration > Duration::ZERO)
}

fn is_size(text: &str) -> bool {
    size::parse(text).is_some_and(|bytes| bytes > 0)
}

fn is_pattern(text: &str) -> bool {
    !text.is_empty() && redact::pattern(text).is_ok()
}

fn is_pattern_or_empty(text: &str) -> bool {
    text.is_empty() || is_pattern(text)
}

fn is_phrase(text: &str) -> bool {
    text.chars().count() <= 200 && text.contains(char::is_alphanumeric)
}

fn is_tag(text: &str) -> bool {
    !text.trim().is_empty() && is_tag_or_empty(text)
}

fn is_tag_or_empty(text: &str) -> bool {
    text.chars().count() <= 40 && !text.contains(char::is_control)
}

fn is_id_or_empty(text: &str) -> bool {
    text.is_empty() || is_id(text)
}

fn is_channel_or_empty(text: &str) -> bool {
    text.is_empty()
        || (text.starts_with(['C', 'G'])
            && text.len() > 1
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
}

/// At most 32 characters with the slash: the manifest's schema.
pub(crate) fn is_command(text: &str) -> bool {
    text.strip_prefix('/').is_some_and(|name| (1..=31).contains(&name.len()) && name.bytes().all(is_name_byte))
}

/// A channel's name has 80 characters; the rest is for the customer's name and a suffix.
fn is_prefix(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
}

/// Names a queue, and begins the name of the channel that is made for it.
pub(crate) fn is_label(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(is_name_byte)
}

fn is_label_or_empty(text: &str) -> bool {
    text.is_empty() || is_label(text)
}

fn is_emoji_or_empty(text: &str) -> bool {
    text.len() <= 100 && !text.contains(|c: char| c == ':' || c.is_whitespace() || c.is_control())
}

/// A user or a user group.
pub(crate) fn is_person(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(['U', 'W', 'S'])
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn is_headers(text: &str) -> bool {
    let is_header = |pair: &str| {
        let Some((name, value)) = pair.split_once('=') else { return false };
        HeaderName::from_bytes(name.trim().as_bytes()).is_ok() && HeaderValue::from_str(value.trim()).is_ok()
    };
    text.is_empty() || text.split(',').all(is_header)
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 80
}

fn is_filter(text: &str) -> bool {
    EnvFilter::try_new(text).is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The defaults, with the index of the one element of a list left out.
    fn defaults() -> Vec<(String, Value)> {
        let table: toml::Table = include_str!("../../config/default.toml").parse().unwrap();
        let mut found = Vec::new();
        for (section, value) in table {
            let (section, value) = match value {
                Value::Array(mut elements) => (format!("{section}[]"), elements.pop().unwrap()),
                value => (section, value),
            };
            match value {
                Value::Table(keys) => {
                    found.extend(keys.into_iter().map(|(name, value)| (format!("{section}.{name}"), value)));
                }
                value => found.push((section, value)),
            }
        }
        found
    }

    #[test]
    fn the_defaults_have_exactly_the_keys_of_the_table() {
        let defaults: BTreeSet<_> = defaults().into_iter().map(|(name, _)| name).collect();
        assert_eq!(defaults, KEYS.iter().map(|key| key.name.to_owned()).collect());
    }

    #[test]
    fn a_default_satisfies_its_rule_unless_the_key_is_required() {
        let required: Vec<_> =
            defaults().into_iter().filter(|(name, value)| !find(name).unwrap().accepts(value)).collect();
        let expected = [
            "bots[].api_key",
            "bots[].callback_secret",
            "bots[].callback_url",
            "bots[].id",
            "bots[].name",
            "hours[].name",
            "hours[].time_zone",
            "queues[].label",
            "rules[].name",
            "security.encryption_key",
            "slack.bot_token",
            "slack.signing_secret",
            "texts[].name",
            "webhooks[].id",
            "webhooks[].secret",
            "webhooks[].url",
        ];
        assert_eq!(required, expected.map(|name| (name.to_owned(), Value::String(String::new()))));
    }

    #[test]
    fn every_choice_is_one_that_the_types_know() {
        use crate::config::{
            Delivery, LogFormat, OnAgentMessage, OnComplete, TrackerKind, Visibility, WhilePending, Whose,
        };
        use crate::takeover::handoff::queue::Allocation;
        for key in KEYS.iter() {
            let Choice(choices) = key.shape else { continue };
            for choice in choices {
                let value = Value::from(*choice);
                let known = match key.name {
                    "rooms.visibility" => value.try_into::<Visibility>().is_ok(),
                    "rooms.on_agent_message" => value.try_into::<OnAgentMessage>().is_ok(),
                    "log.format" => value.try_into::<LogFormat>().is_ok(),
                    "bots[].while_pending" => value.try_into::<WhilePending>().is_ok(),
                    "tracker.kind" => value.try_into::<TrackerKind>().is_ok(),
                    "tracker.on_complete" => value.try_into::<OnComplete>().is_ok(),
                    "queues[].allocation" => value.try_into::<Allocation>().is_ok(),
                    "rules[].by" => value.try_into::<Whose>().is_ok(),
                    "bots[].delivery" => value.try_into::<Delivery>().is_ok(),
                    _ => false,
                };
                assert!(known, "{} = {choice}", key.name);
            }
        }
    }

    #[test]
    fn every_default_is_explained_by_a_comment() {
        let text = include_str!("../../config/default.toml");
        let lines: Vec<_> = text.lines().collect();
        for pair in lines.windows(2) {
            if pair[1].contains(" = ") && !pair[1].starts_with('#') {
                assert!(pair[0].starts_with('#'), "{}", pair[1]);
            }
        }
    }
}
