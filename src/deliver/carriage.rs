//! Files of a message, carried from one side to the other: brought over first, then shown with the words that go with them.

use std::time::Duration;

use serde_json::Value;

use crate::clock::after;
use crate::config::Delivery as Way;
use crate::relay::{Delivery, Posted, Traces};
use crate::render::{mirror, notice, outbound, thread};
use crate::takeover::conversation::{Conversation, Side};
use crate::takeover::event::Receipt;
use crate::takeover::relayed::{Caption, Original, Party, Uploaded};

use super::courier::HUB;
use super::crossing::Crossing;
use super::dm::{Composed, Signed};
use super::errand::Obstacle;
use super::files::Missed;
use super::tools::{Account, Tools};

/// Tries to bring a message's files over, before those that do not come are told.
const TRIES: u32 = 6;
/// How long the lane waits for the message that shows files, and between two looks.
const SHARE_PATIENCE: Duration = Duration::from_secs(20);
const SHARE_PAUSE: Duration = Duration::from_millis(250);

impl Tools {
    /// Brings the files of a message over. Nobody sees them so far.
    pub(super) async fn carry(
        &self,
        crossing: Crossing<'_>,
        original: &Original,
        caption: &Caption,
        files: &[Value],
    ) -> Result<Delivery, Obstacle> {
        let Crossing { errand, conversation, from: side, source, target } = crossing;
        if caption.may_be_ours {
            let message = serde_json::json!({ "files": files });
            if let Some(delivery) = self.echo(errand, conversation, source.place(&original.ts), &message).await? {
                return Ok(delivery);
            }
        }
        if self.is_gone(conversation, side, &original.ts).await? {
            return Ok(errand.done(Receipt::Skipped));
        }
        let (from, to) = match self.accounts(conversation, side).await {
            // The bot speaks for itself, and may have given us no token.
            Err(Obstacle::NoToken) if self.bot(conversation)?.delivery == Way::Callback => {
                let line = |file| format!("{}: no token is known for this workspace.", notice::file(file));
                return Ok(
                    errand.done(Receipt::Carried { uploaded: Vec::new(), missed: files.iter().map(line).collect() })
                );
            }
            accounts => accounts?,
        };
        let (mut uploaded, mut missed, mut traces) = (Vec::new(), Vec::new(), Traces::default());
        for file in files {
            let reason = match self.carry_file(&from, &to, file).await {
                Ok(copy) => {
                    let id = file["id"].as_str().unwrap_or_default().to_owned();
                    traces.uploaded.push(([target.team.clone(), copy.id.clone()], [source.team.clone(), id]));
                    uploaded.push(copy);
                    continue;
                }
                Err(Missed::Never { code, reason }) => {
                    tracing::info!(code, entry.id = errand.entry.id, "a file was not brought over");
                    reason
                }
                Err(Missed::Later { obstacle: Obstacle::Refused(refusal), .. }) if errand.entry.attempts >= TRIES => {
                    refusal.explain()
                }
                // In the way of the hub app, not of the customer's workspace, for which the bot would be asked for a token.
                Err(Missed::Later { obstacle, owner }) if owner == self.hub_account().owner => {
                    let answered = errand.answered(self.relay.clock.now());
                    return Ok(answered.obstructed(obstacle, HUB.to_owned(), self.relay.ids.fraction()));
                }
                Err(Missed::Later { obstacle, .. }) => return Err(obstacle),
            };
            missed.push(format!("{}: {reason}.", notice::file(file)));
        }
        let mut delivery = errand.done(Receipt::Carried { uploaded, missed });
        delivery.traces = traces;
        Ok(delivery)
    }

    /// Shows files that were brought over, in one message.
    pub(super) async fn show(
        &self,
        crossing: Crossing<'_>,
        original: &Original,
        caption: &Caption,
        files: &[Uploaded],
    ) -> Result<Delivery, Obstacle> {
        let Crossing { errand, conversation, from: side, source, target } = crossing;
        if self.is_gone(conversation, side, &original.ts).await? {
            return Ok(errand.done(Receipt::Skipped));
        }
        let mut text = match self.caption(conversation, &original.by, &caption.message).await? {
            Ok(text) => text,
            Err(Composed::Withheld { code, reason }) => return Ok(errand.failed(code, reason)),
            Err(_) => return Ok(errand.done(Receipt::Skipped)),
        };
        if side == Side::Dm
            && let Some(line) = self.reference(conversation, &original.ts, &caption.message).await?
        {
            text = thread::above(&line, &text);
        }
        let account = self.account_there(crossing).await?;
        let root = caption.thread.as_deref();
        match self.share(&account, &target.channel, root, files, &text).await? {
            Some(ts) => {
                let (copy, source) = (target.spot(&ts), Some(source.spot(&original.ts)));
                Ok(errand.posted(Posted { copy, source, part: caption.part, is_caption: true }))
            }
            None if errand.now < after(errand.entry.created_at, SHARE_PATIENCE) => {
                Ok(errand.wait(after(errand.now, SHARE_PAUSE)))
            }
            None => Ok(errand.done(Receipt::Done)),
        }
    }

    /// The words that stand with files, or why they must not be said.
    pub(super) async fn caption(
        &self,
        conversation: &Conversation,
        by: &Party,
        message: &Value,
    ) -> Result<Result<String, Composed>, Obstacle> {
        match by {
            Party::Dm(speaker) => {
                let names = self.names_in_dm(conversation, message).await;
                Ok(Ok(mirror::caption(message, &self.speaker(conversation, *speaker)?, &names)))
            }
            Party::Room(agent) => match self.signed(conversation, agent, true).await? {
                Signed::As(signature) => {
                    let names = self.names_for_customer(&self.hub_account(), message).await;
                    Ok(Ok(outbound::caption(message, signature.as_ref(), &names)))
                }
                Signed::Withheld { code, reason } => Ok(Err(Composed::Withheld { code, reason })),
            },
        }
    }

    /// The accounts of the side that something comes from and of the one that it goes to.
    async fn accounts(&self, conversation: &Conversation, from: Side) -> Result<(Account, Account), Obstacle> {
        let customer = self.customer_account(&conversation.key.bot, &conversation.key.team).await?;
        Ok(match from {
            Side::Dm => (customer, self.hub_account()),
            Side::Room => (self.hub_account(), customer),
        })
    }
}
