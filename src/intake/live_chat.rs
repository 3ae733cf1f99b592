//! Live Chat Control, and its part for transfers: shortcuts of the messages in a room. The rules are those of the commands.

use serde_json::{Value, json};

use crate::relay::{Handled, Target};
use crate::store::conversations::{self, By};
use crate::takeover::conversation::{Actor, Conversation};
use crate::takeover::event::Event;
use crate::takeover::handoff::Step;
use crate::takeover::handoff::dialog;
use crate::takeover::handoff::live_chat::{self, Choice, Part};
use crate::takeover::turn::Reply;

use super::dialogs::{self, next};
use super::interactions::refusal;
use super::shortcuts::ELSEWHERE;
use super::slack_payload::Interaction;
use super::state::{Intake, agent};

/// What somebody reads whose dialog was open for longer than the room.
pub(super) const CLOSED: &str = "The room is closed meanwhile. Nothing was changed.";

/// Opens the dialog about the customer of this channel; returns what only the one who asked reads, if it does not open.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn open(
    intake: &Intake,
    interaction: &Interaction,
    channel: &str,
    part: Part,
) -> anyhow::Result<String> {
    let conversation = of_room(intake, channel).await?;
    let Some((conversation, room)) = conversation.as_ref().and_then(|one| Some((one, one.room_channel()?))) else {
        return Ok(ELSEWHERE.to_owned());
    };
    let (config, queues) = (intake.relay.in_force(), intake.relay.watches.queues());
    let rules = intake.relay.rules(&config, &conversation.key.bot, &queues)?;
    let dialog = live_chat::dialog(conversation, room, rules, part);
    let is_open = dialogs::open(intake, interaction.trigger_id.as_deref(), &dialog).await;
    Ok(if is_open { String::new() } else { dialogs::NOT_OPEN.to_owned() })
}

/// The dialog was sent: what Slack shows next.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn submitted(intake: &Intake, interaction: &Interaction) -> anyhow::Result<Value> {
    if let Some(why) = refusal(intake, interaction).await {
        return Ok(next(&dialog::notice(why)));
    }
    let choice = match live_chat::chosen(&interaction.view) {
        Ok(choice) => choice,
        Err(fault) => return Ok(dialog::refused(&[fault])),
    };
    let room = dialog::about(&interaction.view);
    if of_room(intake, room).await?.is_none() {
        return Ok(next(&dialog::notice(CLOSED)));
    }
    let (agent, _) = agent(intake, &interaction.user.id, interaction.user.name.as_deref()).await?;
    let field = choice.field();
    let event = event(intake, choice, Actor::Agent(agent));
    Ok(match intake.relay.handle(Target::Of(By::Room(room)), event, None).await? {
        Handled::Taken(_, _, Reply::Done(text)) if text.is_empty() => json!({ "response_action": "clear" }),
        Handled::Taken(_, _, Reply::Done(text)) => next(&dialog::notice(&text)),
        Handled::Taken(_, _, Reply::Already(why) | Reply::Refused { reason: why, .. }) => {
            dialog::refused_at(field, &why)
        }
        Handled::Duplicate(..) | Handled::Unknown => next(&dialog::notice(CLOSED)),
    })
}

fn event(intake: &Intake, choice: Choice, by: Actor) -> Event {
    let redacted = |note: &str| intake.relay.config.redaction.redact_text(note).into_owned();
    let step = match choice {
        Choice::On => return Event::Pause { by, reason: "live_chat".to_owned() },
        Choice::Off { note } => Step::HandBack { note: redacted(&note) },
        Choice::Transfer { queue, note } => Step::Transfer { queue, note: redacted(&note) },
    };
    Event::Step { handoff: None, by, step }
}

/// The conversation of a room that is not being closed.
pub(super) async fn of_room(intake: &Intake, channel: &str) -> anyhow::Result<Option<Conversation>> {
    let conversation = conversations::get(&intake.relay.db, By::Room(channel)).await?;
    Ok(conversation.filter(Conversation::is_watched))
}
