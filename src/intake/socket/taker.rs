//! Takes in what is in an envelope, by the same functions as HTTP, and says what the acknowledgement is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tracing::{error, warn};

use crate::intake::problem::Problem;
use crate::intake::slack_payload::{self, Command};
use crate::intake::state::Intake;
use crate::intake::{commands, events, interactions};
use crate::metrics::Metrics;

use super::Limits;
use super::frame::{Envelope, Kind};

/// Takes envelopes in, so many at once.
pub(super) struct Taker {
    intake: Intake,
    pub(super) limits: Limits,
    slots: Semaphore,
    /// Whether the log has told of a type that Slack has yet to explain.
    told: AtomicBool,
}

/// What became of an envelope.
enum Taken {
    /// It is stored; this is the answer, if there is one.
    Stored(Option<Value>),
    /// It is not as Slack describes it, and would be no better another time.
    Unread,
}

impl Taker {
    pub(super) fn new(intake: Intake, limits: Limits) -> Self {
        Self { intake, limits, slots: Semaphore::new(limits.at_once), told: AtomicBool::new(false) }
    }

    /// Where it is counted.
    pub(super) fn metrics(&self) -> &Metrics {
        &self.intake.relay.metrics
    }

    /// A number from 0 up to 1.
    pub(super) fn random(&self) -> f64 {
        self.intake.relay.ids.fraction()
    }

    /// Takes an envelope in. Returns the acknowledgement; none when it could not be stored: Slack sends it again.
    pub(super) async fn take(self: Arc<Self>, envelope: Envelope) -> Option<String> {
        let Envelope { id, kind, payload, takes_answer } = envelope;
        // The semaphore is never closed.
        let _slot = self.slots.acquire().await.ok()?;
        let (answer, result) = match self.hand_over(kind, payload).await {
            Ok(Taken::Stored(answer)) => (answer, "stored"),
            Ok(Taken::Unread) => (None, "unread"),
            Err(error) => {
                error!(error = %error, "what came over Socket Mode could not be taken in");
                self.metrics().socket_envelope(kind.name(), "failed");
                return None;
            }
        };
        self.metrics().socket_envelope(kind.name(), result);
        Some(match answer.filter(|_| takes_answer) {
            Some(answer) => json!({ "envelope_id": id, "payload": answer }).to_string(),
            None => json!({ "envelope_id": id }).to_string(),
        })
    }

    async fn hand_over(&self, kind: Kind, payload: Value) -> anyhow::Result<Taken> {
        let intake = &self.intake;
        let answer = match kind {
            Kind::Event => match slack_payload::event_of(payload) {
                Ok(event) => events::take(intake, event).await.map(|()| None)?,
                Err(problem) => return Ok(unread(kind, &problem)),
            },
            Kind::Command => match slack_payload::command_of(&payload) {
                Ok(Command::Slash(command)) => commands::run(intake, &command).await,
                Ok(Command::SslCheck) => None,
                Err(problem) => return Ok(unread(kind, &problem)),
            },
            Kind::Interaction => match slack_payload::interaction_of(payload) {
                Ok(interaction) if interaction.kind == slack_payload::Kind::BlockSuggestion => {
                    Some(interactions::options(intake, &interaction).await?)
                }
                Ok(interaction) => interactions::take(intake, &interaction).await?,
                Err(problem) => return Ok(unread(kind, &problem)),
            },
            Kind::Unknown => {
                if !self.told.swap(true, Ordering::Relaxed) {
                    warn!("an envelope of a type that Slack has yet to explain; further ones are only counted");
                }
                return Ok(Taken::Unread);
            }
        };
        Ok(Taken::Stored(answer))
    }
}

/// Slack would send the same again.
fn unread(kind: Kind, problem: &Problem) -> Taken {
    warn!(detail = problem.detail, envelope = kind.name(), "an envelope that is not as Slack describes it");
    Taken::Unread
}
