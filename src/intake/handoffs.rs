//! Handoffs, from within Slack: clicks on their cards, and the commands about them.

use serde_json::Value;

use crate::config::texts;
use crate::desk::searching::Meant;
use crate::desk::{permission, said, spoken};
use crate::relay::Target;
use crate::render::text::escape;
use crate::store::conversations::By;
use crate::store::{agents, handoffs};
use crate::takeover::cards::action;
use crate::takeover::conversation::{Actor, Agent};
use crate::takeover::event::Event;
use crate::takeover::handoff::Step;

use super::slack_payload::SlashCommand;
use super::state::{Intake, worded};
use super::whom::{about, whom};

/// Somebody clicked on the card of a handoff; what they alone read.
pub(super) async fn clicked(intake: &Intake, action: &str, id: &str, agent: Agent) -> anyhow::Result<String> {
    let Some(filed) = handoffs::get(&intake.relay.db, id).await? else {
        return Ok("This is not known any more.".to_owned());
    };
    if action == action::PICK
        && let Some(why_not) = barred(intake, &filed.handoff.queue, &agent).await
    {
        return Ok(why_not);
    }
    let step = match action {
        action::PICK => Step::Pick,
        action::DECLINE => Step::Decline,
        action::NOT_A_REQUEST => Step::NotARequest,
        action::SPAM => Step::Spam,
        _ => Step::NotSpam,
    };
    let event = Event::Step { handoff: Some(id.to_owned()), by: Actor::Agent(agent), step };
    Ok(spoken(intake.relay.handle(Target::Of(By::Id(&filed.conversation)), event, None).await?))
}

/// `/megatron prompts on|off`: whether an agent is asked in person to pick.
pub(super) async fn prompts(intake: &Intake, agent: &Agent, wanted: bool) -> anyhow::Result<String> {
    let mut tx = intake.relay.db.begin().await?;
    agents::hide_prompts(&mut tx, agent, !wanted).await?;
    tx.commit().await?;
    let command = &intake.relay.config.slack.command;
    let text = if wanted { texts::ANSWER_PROMPTS_ON } else { texts::ANSWER_PROMPTS_OFF };
    Ok(worded(intake, text, &[("command", command)]))
}

/// `/megatron pick [customer]`.
pub(super) async fn pick(intake: &Intake, command: &SlashCommand, query: &str, agent: Agent) -> anyhow::Result<Value> {
    if let Ok(Meant::One(conversation)) = whom(intake, command, query).await?
        && let Some(handoff) = &conversation.handoff
        && let Some(why_not) = barred(intake, &handoff.queue, &agent).await
    {
        return Ok(said(&why_not));
    }
    about(intake, command, query, Event::Step { handoff: None, by: Actor::Agent(agent), step: Step::Pick }).await
}

/// `/megatron transfer <queue> [note]`, in a room.
pub(super) async fn transfer(intake: &Intake, command: &SlashCommand, rest: &str, by: Actor) -> anyhow::Result<Value> {
    let (queue, note) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if queue.is_empty() {
        let queues = intake.relay.watches.queues();
        let labels: Vec<String> = queues.iter().map(|queue| format!("`{}`", escape(&queue.label))).collect();
        return Ok(said(&format!(
            "To which queue? `{} transfer <queue> [note]`: {}",
            command.command,
            labels.join(", ")
        )));
    }
    let note = intake.relay.config.redaction.redact_text(note.trim()).into_owned();
    let step = Step::Transfer { queue: queue.to_owned(), note };
    about(intake, command, "", Event::Step { handoff: None, by, step }).await
}

/// Why this agent may not pick from this queue, if they may not.
async fn barred(intake: &Intake, queue: &str, agent: &Agent) -> Option<String> {
    let queues = intake.relay.watches.queues();
    let queue = queues.iter().find(|known| known.label.eq_ignore_ascii_case(queue))?;
    if queue.members.is_empty() {
        return None;
    }
    match intake.roster.is_among(&queue.members, &agent.user_id).await {
        Ok(true) => None,
        Ok(false) => Some(format!("Only members of {} can pick from it. Nothing was changed.", escape(&queue.label))),
        Err(error) => {
            tracing::warn!(error = %error, "nobody knows whether somebody may pick");
            Some(permission::CANNOT_TELL.to_owned())
        }
    }
}
