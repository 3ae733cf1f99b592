//! `/megatron queue ...`: queues are listed, given a channel, and removed. Without a word behind it, a dialog opens.

use serde_json::Value;

use crate::config::texts;
use crate::desk::queues::Removal;
use crate::desk::said;
use crate::render::text::escape;
use crate::takeover::conversation::Actor;
use crate::takeover::handoff::panel;
use crate::takeover::handoff::queue::Queues;
use crate::takeover::handoff::setup::Fault;

use super::dialogs;
use super::queues_setup::{self as setup, CONFIGURED, Refused, SLACK_IS_SILENT};
use super::slack_payload::SlashCommand;
use super::state::{Intake, worded};

/// The queues there are.
pub(super) fn list(intake: &Intake) -> Value {
    let lines: Vec<String> = intake.relay.watches.queues().iter().map(panel::line).collect();
    said(&if lines.is_empty() { "There is no queue.".to_owned() } else { lines.join("\n") })
}

/// Opens the dialog.
pub(super) async fn open(intake: &Intake, command: &SlashCommand) -> Value {
    let queues = intake.relay.watches.queues();
    let dialog = panel::choice(Queues(&queues), "");
    let is_open = dialogs::open(intake, command.trigger_id.as_deref(), &dialog).await;
    said(if is_open { "The dialog is open." } else { dialogs::NOT_OPEN })
}

/// Makes this channel that of a queue.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn here(intake: &Intake, command: &SlashCommand, label: &str, by: &Actor) -> anyhow::Result<Value> {
    if label.is_empty() {
        return Ok(said(&format!("Which queue? `{} queue here <label>`", command.command)));
    }
    let label = label.to_lowercase();
    let answer = setup::move_here(intake, &label, &command.channel_id, by).await?;
    Ok(said(&match answer {
        Ok((queue, _)) => worded(intake, texts::ANSWER_QUEUE_HERE, &[("queue", &escape(&queue.label))]),
        Err(Refused::Configured) => CONFIGURED.to_owned(),
        Err(Refused::Faulty(faults)) => {
            let line = |fault: &Fault| match fault.field {
                "channel_id" => format!("This {}.", escape(&fault.why)),
                field => format!("`{field}` {}.", escape(&fault.why)),
            };
            let lines: Vec<String> = faults.iter().map(line).collect();
            format!("{} Nothing was changed.", lines.join(" "))
        }
        Err(Refused::SlackIsSilent(error)) => {
            tracing::warn!(error = %error, "a queue could not be set up");
            SLACK_IS_SILENT.to_owned()
        }
    }))
}

/// Removes a queue.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn remove(intake: &Intake, command: &SlashCommand, label: &str, by: &Actor) -> anyhow::Result<Value> {
    if label.is_empty() {
        return Ok(said(&format!("Which queue? `{} queue remove <label>`", command.command)));
    }
    let label = label.to_lowercase();
    Ok(said(&match setup::remove(intake, &label, by).await? {
        Removal::Gone => worded(intake, texts::ANSWER_QUEUE_REMOVED, &[("queue", &escape(&label))]),
        Removal::Unknown => format!("There is no queue “{}”.", escape(&label)),
        Removal::Refused(why) => escape(&why),
    }))
}
