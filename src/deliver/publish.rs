//! Posts and updates, made plainer step by step until Slack takes them.

use serde_json::Value;

use crate::render::ladder::Step;
use crate::takeover::conversation::Side;

use super::errand::Obstacle;
use super::method::Method;
use super::outcome::Class;
use super::tools::{Account, Tools};

/// A message that Slack took.
#[derive(Debug)]
pub(super) struct Published {
    /// Its `ts`.
    pub ts: String,
    /// What it lacks, one line each, where it does not say so itself.
    pub left_out: Vec<String>,
}

impl Tools {
    /// Posts or updates a message on one side. What Slack does not take of it is said plainer, and out of its thread where
    /// that takes no answers.
    ///
    /// In the room the message says what it lacks, and in the end that there was one. The customer reads as much as can be
    /// said, and nothing about the rest.
    pub(super) async fn publish(
        &self,
        account: &Account,
        method: Method,
        body: Value,
        side: Side,
    ) -> Result<Published, Obstacle> {
        let is_told = side == Side::Room;
        let mut step = Step::of(body);
        loop {
            let noted = if is_told { step.noted() } else { step.body.clone() };
            match self.call(account, method, &noted).await {
                Err(Obstacle::Refused(refusal))
                    if refusal.class == Class::Content
                        && (step.down(&refusal.code, &refusal.messages) || is_told && step.give_up()) => {}
                Err(Obstacle::Refused(refusal))
                    if refusal.class == Class::Unthreadable
                        && step.body.get("thread_ts").is_some_and(Value::is_string) =>
                {
                    step.body.as_object_mut().map(|body| body.shift_remove("thread_ts"));
                }
                Err(obstacle) => return Err(obstacle),
                Ok(answer) => {
                    let ts = answer["ts"].as_str().unwrap_or_default().to_owned();
                    let left_out = if is_told { Vec::new() } else { step.left_out };
                    return Ok(Published { ts, left_out });
                }
            }
        }
    }
}
