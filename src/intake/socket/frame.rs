//! What Slack says over a connection (<https://docs.slack.dev/apis/events-api/using-socket-mode>).

use std::time::Duration;

use serde_json::Value;

use super::reason::Reason;

/// One message of Slack.
#[derive(Clone, PartialEq)]
pub(super) enum Frame {
    /// The connection is open.
    Hello {
        /// The app that the token belongs to.
        app_id: String,
        /// How long it will last, where Slack says so.
        lifetime: Option<Duration>,
    },
    /// The connection will be closed.
    Disconnect(Reason),
    /// Something to take in.
    Envelope(Box<Envelope>),
    /// Anything else.
    Noise,
}

/// What HTTP would bring in a request of its own.
#[derive(Clone, PartialEq)]
pub(super) struct Envelope {
    /// To be sent back.
    pub(super) id: String,
    /// What is in it.
    pub(super) kind: Kind,
    /// The same as HTTP's, as an object.
    pub(super) payload: Value,
    /// Whether the acknowledgement may carry an answer.
    pub(super) takes_answer: bool,
}

/// What is in an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An event, as `POST /slack/events` takes it.
    Event,
    /// A command, as `POST /slack/commands` takes it.
    Command,
    /// A click or the like, as `POST /slack/interactivity` and `/slack/options` take it.
    Interaction,
    /// A type that Slack has yet to explain.
    Unknown,
}

impl Kind {
    /// As metrics and Slack call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Event => "events_api",
            Self::Command => "slash_commands",
            Self::Interaction => "interactive",
            Self::Unknown => "unknown",
        }
    }

    fn named(name: &str) -> Self {
        let known = [Self::Event, Self::Command, Self::Interaction];
        known.into_iter().find(|kind| kind.name() == name).unwrap_or(Self::Unknown)
    }
}

impl Frame {
    /// Reads a message of Slack.
    pub(super) fn read(text: &str) -> Self {
        let Ok(mut message) = serde_json::from_str::<Value>(text) else { return Self::Noise };
        let kind = message["type"].as_str().unwrap_or_default();
        match (kind, message["envelope_id"].as_str()) {
            ("hello", _) => Self::Hello {
                app_id: message["connection_info"]["app_id"].as_str().unwrap_or_default().to_owned(),
                lifetime: message["debug_info"]["approximate_connection_time"].as_u64().map(Duration::from_secs),
            },
            ("disconnect", _) => Self::Disconnect(Reason::named(message["reason"].as_str().unwrap_or_default())),
            (kind, Some(id)) => Self::Envelope(Box::new(Envelope {
                id: id.to_owned(),
                kind: Kind::named(kind),
                takes_answer: message["accepts_response_payload"] == true,
                payload: message["payload"].take(),
            })),
            _ => Self::Noise,
        }
    }
}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn read(message: &Value) -> Frame {
        Frame::read(&message.to_string())
    }

    #[test]
    fn a_greeting_tells_the_app_and_how_long_the_connection_lasts() {
        let hello = json!({
            "type": "hello", "num_connections": 1, "connection_info": { "app_id": "A1" },
            "debug_info": { "host": "applink-1", "build_number": 10, "approximate_connection_time": 18060 },
        });
        let expected = Frame::Hello { app_id: "A1".to_owned(), lifetime: Some(Duration::from_mins(301)) };
        assert!(read(&hello) == expected);
        assert!(read(&json!({ "type": "hello" })) == Frame::Hello { app_id: String::new(), lifetime: None });
    }

    #[rstest]
    #[case("warning", Reason::Warning)]
    #[case("refresh_requested", Reason::RefreshRequested)]
    #[case("link_disabled", Reason::LinkDisabled)]
    #[case("too_many_websockets", Reason::TooManyWebsockets)]
    #[case("something_new", Reason::Closed)]
    fn a_disconnect_has_its_reason(#[case] name: &str, #[case] reason: Reason) {
        assert!(read(&json!({ "type": "disconnect", "reason": name })) == Frame::Disconnect(reason));
    }

    #[rstest]
    #[case("events_api", Kind::Event)]
    #[case("slash_commands", Kind::Command)]
    #[case("interactive", Kind::Interaction)]
    #[case("unknown", Kind::Unknown)]
    #[case("something_new", Kind::Unknown)]
    fn an_envelope_keeps_its_payload(#[case] name: &str, #[case] kind: Kind) {
        let message = json!({ "type": name, "envelope_id": "e1", "payload": { "z": 1, "a": 2 }, "accepts_response_payload": true });
        let Frame::Envelope(envelope) = read(&message) else { panic!("no envelope") };
        assert_eq!((envelope.id.as_str(), envelope.kind, envelope.takes_answer), ("e1", kind, true));
        assert_eq!(envelope.payload.to_string(), r#"{"z":1,"a":2}"#);
    }

    proptest! {
        #[test]
        fn anything_else_is_noise(text: String) {
            prop_assert!(Frame::read(&text) == Frame::Noise);
        }
    }
}
