//! What happens in rooms, and to the hub app.

use tracing::{info, warn};

use crate::deliver::hub::Hub;
use crate::desk::permission::Denied;
use crate::relay::Target;
use crate::render::{mark, notice, outbound};
use crate::store::conversations::{self, By};
use crate::store::copies::{self, Place};
use crate::takeover::conversation::{Agent, Conversation};
use crate::takeover::effect::Effect;
use crate::takeover::event::{Event, Reaction};

use super::What;
use super::slack_payload::{AppChange, Change, RoomChange, RoomMessage, SlackEvent, Speech};
use super::state::{Intake, agent};

/// Takes in an event of the hub app.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn take(intake: &Intake, event: SlackEvent) -> anyhow::Result<()> {
    intake.relay.metrics.slack_event(event.name());
    match event {
        SlackEvent::Message(message) => said(intake, *message).await,
        SlackEvent::Mention(message) => mentioned(intake, *message).await,
        SlackEvent::Room(change) => changed(intake, change).await,
        SlackEvent::App(AppChange::TokensRevoked { bots, .. }) if bots.is_empty() => {
            warn!("Slack says that a user token of the hub app was revoked: closed rooms may not be opened again");
            Ok(())
        }
        SlackEvent::App(AppChange::Uninstalled { .. } | AppChange::TokensRevoked { .. }) => {
            warn!("Slack says that the hub app was uninstalled or its token revoked; asking whether that is so");
            intake.hub.doubt();
            Ok(())
        }
        SlackEvent::RateLimited => {
            warn!("Slack leaves out events of the hub app: more than 30,000 in an hour");
            Ok(())
        }
        SlackEvent::App(AppChange::HomeOpened { team_id, user, tab }) => {
            let hub = intake.hub.get().filter(|hub| team_id.is_none_or(|team| team == hub.team_id));
            if tab == "home" && hub.is_some() {
                intake.desk.at_home(&user).await?;
            }
            Ok(())
        }
        SlackEvent::UrlVerification { .. } | SlackEvent::Other { .. } => Ok(()),
    }
}

async fn said(intake: &Intake, mut message: RoomMessage) -> anyhow::Result<()> {
    let Some(conversation) = conversations::get(&intake.relay.db, By::Room(&message.channel)).await? else {
        return Ok(());
    };
    let hub = intake.hub.get();
    if message.is_ext_shared {
        return tell(intake, &conversation, Event::RoomShared, None).await;
    }
    if is_ours(&message, hub.as_deref()) {
        return Ok(());
    }
    intake.relay.config.redaction.redact(&mut message.event);
    // An installation for a whole organisation may not name the workspace, the history of the room always does.
    message.team_id = message.team_id.or_else(|| hub.as_ref().map(|hub| hub.team_id.clone()));
    let identity = format!("room {}", message.identity());
    if let (Speech::Deleted, What::Deleted { ts }) = (message.kind(), &message.what) {
        // Whoever deleted it, whatever it was: only what was relayed has copies.
        let files = notice::files_of(&message.event["previous_message"]);
        let event = Event::AgentDeleted { ts: ts.clone(), files, recalled_by: None };
        return tell(intake, &conversation, event, Some(&identity)).await;
    }
    // A person of our own workspace. What other apps post is for the agents, as notes are.
    let Some(user_id) = message.author.person().map(str::to_owned) else { return Ok(()) };
    if message.is_in_thread() {
        return Ok(());
    }
    if hub.as_ref().is_some_and(|hub| hub.is_stranger(&message.author)) {
        let is_news = message.kind() == Speech::TopLevel;
        return if is_news { tell(intake, &conversation, Event::StrangerWrote, Some(&identity)).await } else { Ok(()) };
    }
    if !matches!(message.kind(), Speech::TopLevel | Speech::Changed) {
        return Ok(());
    }
    if let Err(denied) = intake.roster.permission(&user_id).await? {
        return refuse(intake, &conversation, &message, user_id, denied, &identity).await;
    }
    match (message.kind(), message.what.clone()) {
        (Speech::TopLevel, What::Message { ts }) => {
            let (agent, always_pause) = agent(intake, &user_id, None).await?;
            if outbound::shares_a_message(&message.event) {
                let customer = crate::render::text::escape(conversation.customer.name());
                let line = format!("{customer} does not get this: a message that you shared");
                let event = Event::AgentDid { agent: agent.clone(), line };
                tell(intake, &conversation, event, Some(&format!("{identity} rest"))).await?;
            }
            let message = outbound::own_words(message.event);
            if outbound::is_blank(&message) {
                return Ok(());
            }
            let event = Event::AgentWrote { agent, ts, message, always_pause };
            tell(intake, &conversation, event, Some(&identity)).await
        }
        (Speech::Changed, What::Changed { ts, change_ts, .. }) if notice::is_edit(&message.event) => {
            let (agent, always_pause) = agent(intake, &user_id, None).await?;
            let (message, stamp) = (outbound::own_words(notice::edited(&message.event)), change_ts);
            let event = Event::AgentEdited { agent, ts, message, stamp, always_pause };
            tell(intake, &conversation, event, Some(&identity)).await
        }
        _ => Ok(()),
    }
}

/// Somebody of the support workspace has mentioned the app; in a room they have also said something.
async fn mentioned(intake: &Intake, message: RoomMessage) -> anyhow::Result<()> {
    let (What::Message { ts }, Some(_)) = (&message.what, message.author.person()) else { return Ok(()) };
    if !intake.hub.get().is_some_and(|hub| hub.is_stranger(&message.author) || message.is_ext_shared) {
        let thread = message.thread_ts.as_ref().unwrap_or(ts).clone();
        let answer = Effect::AnswerMention { channel: message.channel.clone(), mention: ts.clone(), thread };
        intake.desk.send_once(&answer).await?;
    }
    said(intake, message).await
}

/// Tells somebody who may not write to customers, once for each message.
async fn refuse(
    intake: &Intake,
    conversation: &Conversation,
    message: &RoomMessage,
    user_id: String,
    denied: Denied,
    identity: &str,
) -> anyhow::Result<()> {
    if message.kind() != Speech::TopLevel {
        return Ok(());
    }
    let line = denied.to_words(&crate::render::text::escape(conversation.customer.name()));
    let event = Event::AgentDid { agent: Agent { user_id, name: String::new() }, line };
    tell(intake, conversation, event, Some(identity)).await
}

async fn changed(intake: &Intake, change: RoomChange) -> anyhow::Result<()> {
    let room = change.channel.as_str();
    let Some(conversation) = conversations::get(&intake.relay.db, By::Room(room)).await? else { return Ok(()) };
    let us = intake.hub.get();
    let is_us = |user: &str| us.as_ref().is_some_and(|hub| hub.user_id == user);
    let gone = |left| Event::RoomGone { channel: room.to_owned(), left };
    let event = match &change.change {
        Change::Archived { .. } | Change::Deleted => gone(false),
        Change::BotLeft => gone(true),
        Change::MemberLeft { user } if is_us(user) => gone(true),
        Change::Renamed { name } => Event::RoomRenamed { name: name.clone() },
        Change::IdChanged { new, .. } => Event::RoomMoved { channel: new.clone() },
        Change::Shared => Event::RoomShared,
        Change::Reaction { .. } => return reacted(intake, &conversation, &change).await,
        other => {
            info!(room.id = room, change = ?std::mem::discriminant(other), "a change of a room that needs nothing");
            return Ok(());
        }
    };
    tell(intake, &conversation, event, None).await
}

/// A reaction; those to notes and cards have no twin to go to, and are the agents' own business.
async fn reacted(intake: &Intake, conversation: &Conversation, change: &RoomChange) -> anyhow::Result<()> {
    let Change::Reaction(What::Reaction { added, item_ts, user, name, event_ts }) = &change.change else {
        return Ok(());
    };
    let Some(hub) = intake.hub.get().filter(|hub| hub.user_id != *user) else { return Ok(()) };
    let place = Place { team: &hub.team_id, channel: &change.channel, ts: item_ts };
    if !copies::is_relayed(&intake.relay.db, place).await? || intake.roster.permission(user).await?.is_err() {
        return Ok(());
    }
    let (agent, _) = agent(intake, user, None).await?;
    let (name, stamp) = (name.clone(), event_ts.clone());
    let reaction = Reaction { by: user.clone(), name, added: *added, stamp };
    let sign = if *added { '+' } else { '-' };
    let identity = format!("room {} {item_ts} reaction {sign} {user} {event_ts} {}", change.channel, reaction.name);
    let event = Event::AgentReacted { agent, ts: item_ts.clone(), reaction };
    tell(intake, conversation, event, Some(&identity)).await
}

async fn tell(
    intake: &Intake,
    conversation: &Conversation,
    event: Event,
    identity: Option<&str>,
) -> anyhow::Result<()> {
    intake.relay.handle(Target::Of(By::Id(&conversation.id)), event, identity).await?;
    Ok(())
}

/// Our own posts come back, sometimes before the call that made them has answered.
fn is_ours(message: &RoomMessage, hub: Option<&Hub>) -> bool {
    message.metadata_event_type.as_deref() == Some(mark::EVENT_TYPE)
        || hub.is_some_and(|hub| hub.wrote(&message.author))
}
