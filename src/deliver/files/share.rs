//! Uploaded files become a message: the upload is completed in a channel, and Slack posts the message when it likes.

use serde_json::{Value, json};

use crate::deliver::errand::Obstacle;
use crate::deliver::method::Method;
use crate::deliver::outcome::Class;
use crate::deliver::tools::{Account, Tools};
use crate::takeover::relayed::Uploaded;

impl Tools {
    /// Shows uploaded files in one message, below `initial_comment` (mrkdwn), and answers the message's `ts`; none if Slack
    /// has taken them but the message is not there yet: then ask again a little later. It may be repeated, also in doubt,
    /// since it looks first, and an upload is completed once.
    ///
    /// # Errors
    /// An [`Obstacle`], if they are not shared.
    pub(in crate::deliver) async fn share(
        &self,
        account: &Account,
        channel: &str,
        thread_ts: Option<&str>,
        uploaded: &[Uploaded],
        initial_comment: &str,
    ) -> Result<Option<String>, Obstacle> {
        let Some(first) = uploaded.first() else { return Ok(None) };
        if let Some(ts) = self.peek(account, channel, &first.id).await? {
            return Ok(Some(ts));
        }
        let mut body = json!({ "files": uploaded, "channel_id": channel });
        for (name, value) in [("thread_ts", thread_ts.unwrap_or_default()), ("initial_comment", initial_comment)] {
            if !value.is_empty() {
                body[name] = json!(value);
            }
        }
        match self.call(account, Method::FILES_COMPLETE_UPLOAD_EXTERNAL, &body).await {
            Ok(_) => self.peek(account, channel, &first.id).await,
            // Either they are gone, or this is not the first time. If they are there, their message will come.
            Err(Obstacle::Refused(refusal)) if refusal.code == "file_not_found" => {
                self.shared_ts(account, channel, &first.id).await
            }
            Err(obstacle) => Err(obstacle),
        }
    }

    /// The `ts` of the message that shows a file in a channel, if it is there.
    ///
    /// # Errors
    /// An [`Obstacle`], if Slack does not say.
    pub(in crate::deliver) async fn shared_ts(
        &self,
        account: &Account,
        channel: &str,
        file: &str,
    ) -> Result<Option<String>, Obstacle> {
        let answer = self.call(account, Method::FILES_INFO, &json!({ "file": file })).await?;
        Ok(ts_in(&answer["file"]["shares"], channel))
    }

    /// The same, where an app that may not look, or a file that is not known before it is shared, is as good as none.
    async fn peek(&self, account: &Account, channel: &str, file: &str) -> Result<Option<String>, Obstacle> {
        match self.shared_ts(account, channel, file).await {
            Err(Obstacle::Refused(refusal))
                if matches!(refusal.class, Class::Gone | Class::Permission | Class::Permanent) =>
            {
                Ok(None)
            }
            answer => answer,
        }
    }
}

/// `shares` has a map for public and one for private channels, each from a channel's id to its messages
/// (<https://docs.slack.dev/reference/objects/file-object#authoritative>).
fn ts_in(shares: &Value, channel: &str) -> Option<String> {
    let places = ["public", "private"].map(|visibility| &shares[visibility][channel]);
    let message = places.into_iter().filter_map(Value::as_array).flatten().next()?;
    message["ts"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_among_public_and_private_shares() {
        let shares = json!({
            "public": { "C1": [{ "ts": "1.1" }] }, "private": { "D1": [{ "ts": "2.2", "thread_ts": "2.0" }], "D2": [] },
        });
        assert_eq!(ts_in(&shares, "C1").as_deref(), Some("1.1"));
        assert_eq!(ts_in(&shares, "D1").as_deref(), Some("2.2"));
        for (shares, channel) in [(&shares, "D2"), (&shares, "C9"), (&json!({}), "C1"), (&Value::Null, "C1")] {
            assert_eq!(ts_in(shares, channel), None);
        }
    }
}
