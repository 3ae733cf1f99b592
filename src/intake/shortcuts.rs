//! Shortcuts of messages: each does what a button, a command or a dialog does, on the message where it is used.

use serde_json::Value;

use crate::desk::spoken;
use crate::relay::{Handled, Target};
use crate::render::author::Author;
use crate::render::text::escape;
use crate::render::{notice, thread};
use crate::store::conversations::{self, By};
use crate::store::undelivered;
use crate::takeover::cards::{action, shortcut};
use crate::takeover::event::Event;
use crate::takeover::handoff::dialog;
use crate::takeover::handoff::live_chat::Part;
use crate::takeover::noting;
use crate::takeover::turn::Reply;

use super::dialogs::{self, next};
use super::interactions::{answer, refusal};
use super::live_chat::{self, of_room};
use super::slack_payload::Interaction;
use super::state::{Intake, agent};

/// What somebody reads who uses a shortcut of rooms in another channel.
pub(super) const ELSEWHERE: &str = "This works in the rooms of customers.";

/// A shortcut of a message was used.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn used(intake: &Intake, interaction: &Interaction) -> anyhow::Result<()> {
    const OURS: [&str; 5] =
        [shortcut::RECALL, shortcut::RETRY, shortcut::NOTE, shortcut::LIVE_CHAT, shortcut::TRANSFER];
    let (Some(used), Some(channel), Some(ts)) =
        (interaction.callback_id.as_deref(), &interaction.channel_id, &interaction.message_ts)
    else {
        return Ok(());
    };
    if !OURS.contains(&used) {
        return Ok(());
    }
    let text = if let Some(why) = refusal(intake, interaction).await {
        why.to_owned()
    } else {
        match used {
            shortcut::LIVE_CHAT => live_chat::open(intake, interaction, channel, Part::All).await?,
            shortcut::TRANSFER => live_chat::open(intake, interaction, channel, Part::Transfer).await?,
            shortcut::NOTE => open_note(intake, interaction, channel, ts).await?,
            shortcut::RETRY => retry(intake, interaction, channel, ts).await?,
            _ => recall(intake, interaction, channel, ts).await?,
        }
    };
    if text.is_empty() { Ok(()) } else { answer(intake, interaction, &text).await }
}

/// The dialog for a note was sent: what Slack shows next.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn noted(intake: &Intake, interaction: &Interaction) -> anyhow::Result<Option<Value>> {
    if let Some(why) = refusal(intake, interaction).await {
        return Ok(Some(next(&dialog::notice(why))));
    }
    let Some(note) = noting::typed_in(&interaction.view) else { return Ok(None) };
    if note.text.is_empty() {
        return Ok(Some(dialog::refused_at("note", "A note needs some words.")));
    }
    let (by, _) = agent(intake, &interaction.user.id, interaction.user.name.as_deref()).await?;
    let text = intake.relay.config.redaction.redact_text(&note.text).into_owned();
    let event = Event::Note { by, thread: note.thread, text };
    Ok(match intake.relay.handle(Target::Of(By::Room(&note.room)), event, None).await? {
        Handled::Taken(conversation, ..) if conversation.is_watched() => None,
        _ => Some(next(&dialog::notice(live_chat::CLOSED))),
    })
}

/// Opens the dialog for a note in the thread of this message, or in the one that the message is in.
async fn open_note(intake: &Intake, interaction: &Interaction, channel: &str, ts: &str) -> anyhow::Result<String> {
    if of_room(intake, channel).await?.is_none() {
        return Ok(ELSEWHERE.to_owned());
    }
    let dialog = noting::dialog(channel, interaction.thread_ts.as_deref().unwrap_or(ts));
    let is_open = dialogs::open(intake, interaction.trigger_id.as_deref(), &dialog).await;
    Ok(if is_open { String::new() } else { dialogs::NOT_OPEN.to_owned() })
}

/// An agent wants what failed of a message tried again: of their own, or of the one that a card is about.
async fn retry(intake: &Intake, interaction: &Interaction, channel: &str, ts: &str) -> anyhow::Result<String> {
    let Some(conversation) = of_room(intake, channel).await? else { return Ok(ELSEWHERE.to_owned()) };
    let failed = match reference(&interaction.message) {
        Some(reference) => vec![reference.to_owned()],
        None => undelivered::of_message(&intake.relay.db, &conversation.id, ts).await?,
    };
    let mut told = "Nothing of this message has failed, so there is nothing to try again.".to_owned();
    for delivery in failed {
        let (agent, _) = agent(intake, &interaction.user.id, interaction.user.name.as_deref()).await?;
        told = intake.relay.retry(&delivery, agent).await?;
    }
    Ok(told)
}

/// An agent takes a message back from the customer.
async fn recall(intake: &Intake, interaction: &Interaction, channel: &str, ts: &str) -> anyhow::Result<String> {
    let Some(conversation) = conversations::get(&intake.relay.db, By::Room(channel)).await? else {
        return Ok(ELSEWHERE.to_owned());
    };
    let customer = escape(conversation.customer.name());
    if Author::of(&interaction.message).person().is_none() {
        return Ok(format!("Only what an agent wrote can be taken back from {customer}."));
    }
    if thread::is_reply(&interaction.message) {
        return Ok(format!("Replies in threads stay here: {customer} does not have that message."));
    }
    let (agent, _) = agent(intake, &interaction.user.id, interaction.user.name.as_deref()).await?;
    let files = notice::files_of(&interaction.message);
    let event = Event::AgentDeleted { ts: ts.to_owned(), files, recalled_by: Some(agent) };
    Ok(match intake.relay.handle(Target::Of(By::Id(&conversation.id)), event, None).await? {
        Handled::Taken(_, _, Reply::Already(_)) => "That message has been taken back already.".to_owned(),
        handled => spoken(handled),
    })
}

/// What the Retry button of a card is about.
fn reference(message: &Value) -> Option<&str> {
    let blocks = message["blocks"].as_array().into_iter().flatten();
    let mut elements = blocks.filter_map(|block| block["elements"].as_array()).flatten();
    elements.find(|element| element["action_id"] == action::RETRY)?["value"].as_str()
}
