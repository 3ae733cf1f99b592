//! Earlier messages of a conversation, in the order they were said. Called by `takeover` for the import.

use std::time::Duration;

use serde_json::Value;

use super::kind::{self, Kind};
use super::ts::Ts;

/// A pause in a conversation that is worth a time stamp.
pub const GAP: Duration = Duration::from_mins(3);

/// A page of `conversations.history` (newest first) or `conversations.replies`, or several of them, oldest first and each
/// message once, without what is nobody's words.
#[must_use]
pub fn in_order(page: Vec<Value>) -> Vec<Value> {
    let mut messages: Vec<Value> =
        page.into_iter().filter(|message| matches!(kind::of(message), Kind::Content | Kind::Other)).collect();
    messages.sort_by_key(Ts::of);
    messages.dedup_by(|later, earlier| Ts::of(later).is_some_and(|ts| Ts::of(earlier) == Some(ts)));
    messages
}

/// For each of the messages, which are in order, whether a [`separator`] belongs before it: the first, and every one that
/// comes more than `gap` after the one before.
#[must_use]
pub fn gaps(messages: &[Value], gap: Duration) -> Vec<bool> {
    let mut previous: Option<Ts> = None;
    let belongs = |message| {
        let current = Ts::of(message);
        let since = current.zip(previous).map(|(ts, before)| ts.as_timestamp().duration_since(before.as_timestamp()));
        let first = current.is_some() && previous.is_none();
        previous = current.or(previous);
        first || since.and_then(|since| Duration::try_from(since).ok()).is_some_and(|since| since > gap)
    };
    messages.iter().map(belongs).collect()
}

/// A bold time, shown to each reader in their own time zone, in UTC where that fails.
#[must_use]
pub fn separator(ts: Ts) -> String {
    let fallback = ts.as_timestamp().strftime("%Y-%m-%d %H:%M UTC");
    format!("*<!date^{}^{{date_short_pretty}} at {{time}}|{fallback}>*", ts.seconds())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn messages_come_out_oldest_first_and_once() {
        let page = vec![
            json!({"ts": "30.000000", "text": "c", "subtype": "bot_message"}),
            json!({"ts": "25.000000", "text": "joined", "subtype": "channel_join"}),
            json!({"ts": "20.000010", "text": "b", "subtype": "thread_broadcast"}),
            json!({"ts": "20.000010", "text": "b", "subtype": "thread_broadcast"}),
            json!({"ts": "20.000009", "text": "a", "subtype": "file_share"}),
            json!({"ts": "9.000000", "text": "first", "subtype": "me_message"}),
        ];
        let texts: Vec<String> =
            in_order(page).iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect();
        assert_eq!(texts, ["first", "a", "b", "c"]);
    }

    #[test]
    fn a_separator_belongs_first_and_after_a_long_silence() {
        let messages: Vec<Value> = ["1000.000000", "1180.000000", "1360.000001", "bad", "1361.000000"]
            .iter()
            .map(|ts| json!({"ts": ts}))
            .collect();
        assert_eq!(gaps(&messages, Duration::from_mins(3)), [true, false, true, false, false]);
        assert_eq!(
            separator(Ts::parse("1700000000.000100").unwrap()),
            "*<!date^1700000000^{date_short_pretty} at {time}|2023-11-14 22:13 UTC>*"
        );
    }
}
