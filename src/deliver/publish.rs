//! Posts and updates, made plainer step by step until Slack takes them.

use serde_json::Value;

use crate::render::{blocks, mirror};

use super::errand::Obstacle;
use super::method::Method;
use super::outcome::{Class, Refusal};
use super::tools::{Account, Tools};

/// Steps down the ladder that are tried for one message.
const LADDER: usize = 6;

impl Tools {
    /// Posts or updates a message. What Slack does not take of it is said plainer, and out of its thread where that takes
    /// no answers.
    pub(super) async fn publish(&self, account: &Account, method: Method, mut body: Value) -> Result<Value, Obstacle> {
        let mut plainer = 0;
        loop {
            match self.call(account, method, &body).await {
                Err(Obstacle::Refused(refusal)) if refusal.class == Class::Content && plainer < LADDER => {
                    plainer += 1;
                    step_down(&mut body, &refusal, plainer);
                }
                Err(Obstacle::Refused(refusal))
                    if refusal.class == Class::Unthreadable && body.get("thread_ts").is_some_and(Value::is_string) =>
                {
                    body["thread_ts"] = Value::Null;
                }
                other => return other,
            }
        }
    }
}

/// As the message is; without the block that Slack names; as text; as a line that something could not be shown.
fn step_down(body: &mut Value, refusal: &Refusal, step: usize) {
    let has_blocks =
        body.get("blocks").is_some_and(|blocks| blocks.as_array().is_some_and(|blocks| !blocks.is_empty()));
    if step < LADDER - 2 && has_blocks && blocks::drop_offender(body, &refusal.messages).is_some() {
        return;
    }
    if has_blocks {
        mirror::without_blocks(body);
        return;
    }
    let (channel, metadata) = (body["channel"].take(), body["metadata"].take());
    *body = mirror::unshowable(body);
    body["channel"] = channel;
    body["metadata"] = metadata;
}
