//! Deliveries of the Events API.

use serde_json::Value;

use super::room::{RoomChange, RoomMessage};
use crate::intake::check::{Check, Node, json};
use crate::intake::problem::Problem;
use crate::intake::what::installed_team;

/// One delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum SlackEvent {
    /// Slack checks the address: answer with the challenge.
    UrlVerification {
        /// To be sent back.
        challenge: String,
    },
    /// More than 30,000 events in an hour; Slack leaves some out.
    RateLimited,
    /// Somebody said, changed or deleted something.
    Message(Box<RoomMessage>),
    /// Somebody mentioned the app. Where the app hears all that is said, the same comes as a message, too.
    Mention(Box<RoomMessage>),
    /// Something happened to a room.
    Room(RoomChange),
    /// Something happened to the installation.
    App(AppChange),
    /// An event that is of no use here.
    Other {
        /// Its type.
        kind: String,
    },
}

/// Something that happened to the installation of the hub app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppChange {
    /// Tokens are no longer valid.
    TokensRevoked {
        /// The workspace, unless it was a whole organisation.
        team_id: Option<String>,
        /// The users whose user tokens are gone.
        users: Vec<String>,
        /// The bot users whose bot tokens are gone.
        bots: Vec<String>,
    },
    /// The app was removed.
    Uninstalled {
        /// The workspace, unless it was a whole organisation.
        team_id: Option<String>,
    },
    /// Somebody looks at the app's Home.
    HomeOpened {
        /// The workspace.
        team_id: Option<String>,
        /// Who.
        user: String,
        /// `home` or `messages`.
        tab: String,
    },
}

impl SlackEvent {
    /// As metrics call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::UrlVerification { .. } => "url_verification",
            Self::RateLimited => "rate_limited",
            Self::Message(message) => message.kind().name(),
            Self::Mention(_) => "mention",
            Self::Room(change) => change.change.name(),
            Self::App(AppChange::TokensRevoked { .. }) => "tokens_revoked",
            Self::App(AppChange::Uninstalled { .. }) => "uninstalled",
            Self::App(AppChange::HomeOpened { .. }) => "home_opened",
            Self::Other { .. } => "unknown",
        }
    }
}

/// The challenge with which Slack checks an address, if that is what the body is. Builds nothing of any other event.
#[must_use]
pub fn challenge(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Verification {
        r#type: String,
        challenge: String,
    }
    let verification: Verification = serde_json::from_slice(body).ok()?;
    (verification.r#type == "url_verification").then_some(verification.challenge)
}

/// Reads the body of `POST /slack/events`.
///
/// # Errors
///
/// 400 unless it is JSON; 422 when an event of a known type lacks what it must have.
pub fn event(body: &[u8]) -> Result<SlackEvent, Problem> {
    event_of(json(body)?)
}

/// As [`event`], for a payload that is JSON already.
///
/// # Errors
///
/// 422 when an event of a known type lacks what it must have.
pub fn event_of(mut body: Value) -> Result<SlackEvent, Problem> {
    let root = Node::root(&body, "");
    let inner = root.get("event");
    let kind = inner.get("type").or(root.get("type")).text().unwrap_or_default().to_owned();
    let mut check = Check::default();
    let read = match kind.as_str() {
        "url_verification" => {
            let challenge = check.string(&root.get("challenge"), |_| true, "must be a string");
            SlackEvent::UrlVerification { challenge }
        }
        "app_rate_limited" => SlackEvent::RateLimited,
        "message" => SlackEvent::Message(Box::new(RoomMessage::read(&root, &mut check))),
        "app_mention" => SlackEvent::Mention(Box::new(RoomMessage::read(&root, &mut check))),
        "tokens_revoked" | "app_uninstalled" | "app_home_opened" => {
            SlackEvent::App(app_change(&kind, &root, &mut check))
        }
        _ => match RoomChange::read(&kind, &root, &mut check) {
            Some(change) => SlackEvent::Room(change),
            None => SlackEvent::Other { kind },
        },
    };
    check.finish()?;
    let mut whole = |message: Box<RoomMessage>| Box::new(RoomMessage { event: body["event"].take(), ..*message });
    Ok(match read {
        SlackEvent::Message(message) => SlackEvent::Message(whole(message)),
        SlackEvent::Mention(message) => SlackEvent::Mention(whole(message)),
        other => other,
    })
}

fn app_change(kind: &str, root: &Node<'_>, check: &mut Check) -> AppChange {
    let event = root.get("event");
    let team_id = installed_team(root).string();
    match kind {
        "tokens_revoked" => {
            let [users, bots] = ["oauth", "bot"].map(|key| {
                let ids = event.get("tokens").get(key).value.as_array();
                ids.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
            });
            AppChange::TokensRevoked { team_id, users, bots }
        }
        "app_home_opened" => {
            let tab = event.get("tab").text().unwrap_or("home").to_owned();
            AppChange::HomeOpened { team_id, user: check.id(&event.get("user")), tab }
        }
        _ => AppChange::Uninstalled { team_id },
    }
}
