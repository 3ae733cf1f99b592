//! The end of an installation of a bot's own app, as Slack tells the bot, and the bot passes it on.

use jiff::Timestamp;
use serde_json::Value;
use tracing::warn;

use crate::config::Bot;

use super::check::Node;
use super::problem::Problem;
use super::state::{Intake, unavailable};
use super::what::installed_team;

/// A bot token that is no longer valid.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Loss {
    team: String,
    /// When Slack revoked it; a token registered later is another one.
    at: Option<Timestamp>,
}

/// Takes in whatever a body of `/ingest` says about lost tokens.
pub(super) async fn take(intake: &Intake, bot: &Bot, body: &[u8]) -> Result<(), Problem> {
    for Loss { team, at } in losses(body) {
        let at = at.unwrap_or_else(|| intake.relay.clock.now());
        if intake.desk.lost_token(&bot.id, &team, at).await.map_err(|error| unavailable(&error))? {
            warn!(bot.id, team.id = team, "Slack says that the bot's token was revoked or its app uninstalled");
        }
    }
    Ok(())
}

/// Nearly every body has none: it is read only if it holds the words.
fn losses(body: &[u8]) -> Vec<Loss> {
    let holds = |word: &str| body.windows(word.len()).any(|window| window == word.as_bytes());
    if !holds(REVOKED) && !holds(UNINSTALLED) {
        return Vec::new();
    }
    match serde_json::from_slice(body) {
        Ok(Value::Array(elements)) => elements.iter().filter_map(loss).collect(),
        Ok(one) => loss(&one).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}

const REVOKED: &str = "tokens_revoked";
const UNINSTALLED: &str = "app_uninstalled";

/// <https://docs.slack.dev/reference/events/tokens_revoked>, <https://docs.slack.dev/reference/events/app_uninstalled>
fn loss(envelope: &Value) -> Option<Loss> {
    let event = &envelope["event"];
    let is_bots = match event["type"].as_str() {
        Some(REVOKED) => event["tokens"]["bot"].as_array().is_some_and(|bots| !bots.is_empty()),
        Some(UNINSTALLED) => true,
        _ => false,
    };
    let team = installed_team(&Node::root(envelope, "")).string();
    let at = envelope["event_time"].as_i64().and_then(|seconds| Timestamp::from_second(seconds).ok());
    (envelope["type"] == "event_callback" && is_bots).then_some(Loss { team: team?, at })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn envelope(event: &Value) -> Value {
        json!({ "type": "event_callback", "team_id": "T1", "event_time": 1_700_000_000, "event": event })
    }

    fn lost(body: &Value) -> Vec<Loss> {
        losses(body.to_string().as_bytes())
    }

    #[test]
    fn the_loss_of_a_bots_token_is_noticed_alone_and_among_others() {
        let loss = Loss { team: "T1".into(), at: Some(Timestamp::from_second(1_700_000_000).unwrap()) };
        let revoked = envelope(&json!({ "type": "tokens_revoked", "tokens": { "oauth": ["U1"], "bot": ["U2"] } }));
        let uninstalled = envelope(&json!({ "type": "app_uninstalled" }));
        for body in [&revoked, &uninstalled] {
            assert_eq!(lost(body), std::slice::from_ref(&loss), "{body}");
        }
        assert_eq!(lost(&json!([{ "direction": "incoming" }, revoked, uninstalled])).len(), 2);
    }

    #[test]
    fn other_losses_and_words_about_it_are_not() {
        for body in [
            envelope(&json!({ "type": "tokens_revoked", "tokens": { "oauth": ["U1"] } })),
            envelope(&json!({ "type": "message", "text": "app_uninstalled" })),
            json!({ "type": "event_callback", "event": { "type": "app_uninstalled" } }),
            json!({ "event": { "type": "app_uninstalled" }, "team_id": "T1" }),
            json!("app_uninstalled"),
        ] {
            assert_eq!(lost(&body), [], "{body}");
        }
        assert_eq!(losses(b"{ app_uninstalled"), []);
    }
}
