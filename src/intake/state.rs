//! What the handlers share, and what each of them asks first.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};

use crate::config::{Bot, Text};
use crate::deliver::hub::HubCell;
use crate::deliver::roster::Roster;
use crate::deliver::tools::Tools;
use crate::desk::Desk;
use crate::desk::contacts::Contacts;
use crate::relay::Relay;
use crate::takeover::conversation::Agent;

use super::auth::BotKeys;
use super::problem::Problem;
use super::reference::Reference;
use super::socket::Standing;

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Takes events in.
    pub relay: Arc<Relay>,
    /// Finds out whom agents mean.
    pub desk: Desk,
    /// Notes who comes by.
    pub contacts: Arc<Contacts>,
    /// Who the hub app is.
    pub hub: HubCell,
    /// How it stands with Socket Mode.
    pub standing: Standing,
    /// Who may act.
    pub roster: Roster,
    /// Who the bots are.
    pub keys: BotKeys,
    /// Reads transcripts.
    pub tools: Arc<Tools>,
    /// The description of the interface.
    pub reference: Reference,
}

/// The bot that a request comes from.
pub(super) fn bot(intake: &Intake, headers: &HeaderMap) -> Result<Arc<Bot>, Problem> {
    intake.keys.find(headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()))
}

/// An agent by what is known of them, and whether they have chosen "Always pause for me".
pub(super) async fn agent(intake: &Intake, user_id: &str, handle: Option<&str>) -> anyhow::Result<(Agent, bool)> {
    let name = intake.roster.name(user_id).await;
    intake.desk.agent(user_id, name.as_deref().or(handle).unwrap_or_default()).await
}

/// An answer that is about no conversation; empty where it is switched off.
pub(super) fn worded(intake: &Intake, text: Text, values: &[(&str, &str)]) -> String {
    intake.relay.in_force().templates.fill("", text, values).unwrap_or_default()
}

/// Refuses a body that says it is something else.
pub(super) fn json_only(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(content_type) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let essence =
        content_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    Err(Problem::unsupported_media_type("application/json"))
}

/// Something failed here, most likely the database: nothing was stored, and another try may succeed.
pub(super) fn unavailable(error: &anyhow::Error) -> Problem {
    tracing::error!(error = %error, "a request could not be taken in");
    Problem::unavailable(1)
}
