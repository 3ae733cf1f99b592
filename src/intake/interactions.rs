//! Clicks on the service's own cards and on its Home, and the way to its shortcuts and dialogs.

use serde_json::{Value, json};
use tracing::warn;

use crate::desk::permission::{self, Denied};
use crate::desk::spoken;
use crate::relay::Target;
use crate::store::agents;
use crate::store::conversations::{self, By};
use crate::takeover::cards::{action, shortcut};
use crate::takeover::conversation::{Actor, Agent, Conversation};
use crate::takeover::effect::{Effect, Wish};
use crate::takeover::event::Event;
use crate::takeover::handoff::live_chat::VIEW;
use crate::takeover::handoff::{Step, dialog};
use crate::takeover::noting;

use super::slack_payload::{Action, Interaction, Kind};
use super::state::{Intake, agent};
use super::{dialogs, handoffs, live_chat, queues_panel, records, settings_panel, shortcuts, triage};

/// Takes in an interaction, and says what a dialog shows next. What is not ours is let pass.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn take(intake: &Intake, interaction: &Interaction) -> anyhow::Result<Option<Value>> {
    match interaction.kind {
        Kind::BlockActions => clicked(intake, interaction).await?,
        Kind::MessageAction => shortcuts::used(intake, interaction).await?,
        Kind::Shortcut if interaction.callback_id.as_deref() == Some(shortcut::ADMIN) => {
            settings_panel::used_shortcut(intake, interaction).await;
        }
        Kind::ViewSubmission if interaction.callback_id.as_deref() == Some(VIEW) => {
            return live_chat::submitted(intake, interaction).await.map(Some);
        }
        Kind::ViewSubmission if interaction.callback_id.as_deref() == Some(noting::VIEW) => {
            return shortcuts::noted(intake, interaction).await;
        }
        Kind::ViewSubmission => {
            return match queues_panel::submitted(intake, interaction).await? {
                None => settings_panel::submitted(intake, interaction).await,
                shown => Ok(shown),
            };
        }
        _ => {}
    }
    Ok(None)
}

async fn clicked(intake: &Intake, interaction: &Interaction) -> anyhow::Result<()> {
    for action in interaction.actions.iter().filter(|action| action.action_id.starts_with("megatron.")) {
        let text = if let Some(why) = refusal(intake, interaction).await {
            Some(why.to_owned())
        } else {
            let (agent, _) = agent(intake, &interaction.user.id, interaction.user.name.as_deref()).await?;
            act(intake, interaction, action, agent).await?
        };
        if let Some(text) = text {
            answer(intake, interaction, &text).await?;
        }
        if is_at_home(interaction) {
            intake.desk.at_home(&interaction.user.id).await?;
        }
    }
    Ok(())
}

/// Whether it happened on the app's Home.
fn is_at_home(interaction: &Interaction) -> bool {
    interaction.view["type"] == "home"
}

/// Tells only the one who acted; in a dialog, where there is no channel to tell them in.
pub(super) async fn answer(intake: &Intake, interaction: &Interaction, text: &str) -> anyhow::Result<()> {
    let Some(url) = &interaction.response_url else {
        dialogs::open(intake, interaction.trigger_id.as_deref(), &dialog::notice(text)).await;
        return Ok(());
    };
    let body = json!({ "replace_original": false, "response_type": "ephemeral", "text": text });
    intake.desk.send(&[Effect::Respond { url: url.clone(), body }]).await
}

/// Options for a menu of ours that an agent types into.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn options(intake: &Intake, interaction: &Interaction) -> anyhow::Result<Value> {
    let ours = |action: &Action| action::unnumbered(&action.action_id) == action::CHOOSE_CUSTOMER;
    if interaction.actions.iter().any(ours) && refusal(intake, interaction).await.is_none() {
        intake.contacts.write(&intake.desk).await?;
        return intake.desk.options(interaction.value.as_deref().unwrap_or_default()).await;
    }
    Ok(json!({ "options": [] }))
}

/// Carries out a click; returns what only the one who clicked should read.
async fn act(
    intake: &Intake,
    interaction: &Interaction,
    clicked: &Action,
    agent: Agent,
) -> anyhow::Result<Option<String>> {
    let value = clicked.value.as_deref().unwrap_or_default();
    let by = Actor::Agent(agent.clone());
    let reason = "button".to_owned();
    let name = action::unnumbered(&clicked.action_id);
    let event = match name {
        action::PAUSE => Event::Pause { by, reason },
        action::UNPAUSE => Event::Unpause { by, reason },
        action::CLOSE => Event::Close { by, reason },
        action::KEEP_PAUSED => Event::KeepPaused { by: agent },
        action::ALWAYS_PAUSE => {
            let mut tx = intake.relay.db.begin().await?;
            agents::always_pause(&mut tx, &agent).await?;
            tx.commit().await?;
            Event::AlwaysPause { by: agent }
        }
        action::PICK | action::DECLINE | action::NOT_A_REQUEST | action::SPAM | action::NOT_SPAM => {
            return handoffs::clicked(intake, name, value, agent).await.map(Some);
        }
        action::HIDE_PROMPTS => return handoffs::prompts(intake, &agent, false).await.map(Some),
        action::TAKE_OVER => Event::Step { handoff: None, by, step: Step::TakeOver },
        action::RETRY => return intake.relay.retry(value, agent).await.map(Some),
        action::ERASE => return records::erase_for_sure(intake, value, agent).await.map(Some),
        action::REVIEWED | action::TRIAGE_SPAM | action::TRIAGE_NOT_SPAM | action::OPEN_ROOM => {
            let respond_to = interaction.response_url.clone();
            let told = triage::clicked(intake, name, value, agent, respond_to).await?;
            return Ok(Some(told).filter(|text| !text.is_empty()));
        }
        action::CHOOSE_CUSTOMER => {
            let respond_to = interaction.response_url.clone();
            let chosen = clicked.selected.first().map(String::as_str).unwrap_or_default();
            let told = intake.desk.chosen(chosen, &Wish { agent, respond_to }).await?;
            return Ok(told["text"].as_str().map(str::to_owned));
        }
        action::SWITCH_ON if intake.relay.config.bot(value).is_some() => {
            intake.desk.switch(value, true, by).await?;
            return Ok(None);
        }
        _ => return Ok(None),
    };
    if !is_at_home(interaction) && !is_of_present_room(intake, interaction, value).await? {
        return Ok(Some("This card belongs to a room that is closed.".to_owned()));
    }
    let handled = intake.relay.handle(Target::Of(By::Id(value)), event, None).await?;
    Ok(Some(spoken(handled)).filter(|text| !text.is_empty()))
}

/// A card can be clicked days later, when its conversation has another room.
async fn is_of_present_room(intake: &Intake, interaction: &Interaction, conversation: &str) -> anyhow::Result<bool> {
    let conversation = conversations::get(&intake.relay.db, By::Id(conversation)).await?;
    let room = conversation.as_ref().and_then(Conversation::room_channel);
    Ok(room.map(|room| &room.id) == interaction.channel_id.as_ref())
}

/// Why this person may not do this, if they may not. In a shared channel, outsiders see our buttons too.
pub(super) async fn refusal(intake: &Intake, interaction: &Interaction) -> Option<&'static str> {
    let team = interaction.user.team_id.as_ref().or(interaction.team_id.as_ref());
    if intake.hub.get().zip(team).is_none_or(|(hub, team)| hub.team_id != *team) {
        return Some(Denied::Stranger.to_command());
    }
    match intake.roster.permission(&interaction.user.id).await {
        Ok(permission) => permission.err().map(Denied::to_command),
        Err(error) => {
            warn!(error = %error, "nobody knows whether somebody may click");
            Some(permission::CANNOT_TELL)
        }
    }
}
