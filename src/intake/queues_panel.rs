//! The dialogs in which administrators set queues up. [`panel`] says how they look.

use serde_json::Value;
use tracing::warn;

use crate::desk::queues::Removal;
use crate::takeover::conversation::Actor;
use crate::takeover::handoff::dialog;
use crate::takeover::handoff::panel::{self, Choice, view};
use crate::takeover::handoff::queue::{Queue, Queues};
use crate::takeover::handoff::setup::{self, Fault};

use super::admins::rank_of;
use super::dialogs::next;
use super::queues_setup::{self, CONFIGURED, Refused, SLACK_IS_SILENT};
use super::slack_payload::Interaction;
use super::state::{Intake, agent};

/// A dialog was sent: what Slack shows next.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn submitted(intake: &Intake, interaction: &Interaction) -> anyhow::Result<Option<Value>> {
    let kind = interaction.callback_id.as_deref().unwrap_or_default();
    if ![view::CHOICE, view::FORM, view::REMOVAL].contains(&kind) {
        return Ok(None);
    }
    if let Err(why) = rank_of(intake, interaction).await {
        return Ok(Some(next(&dialog::notice(&why))));
    }
    let (agent, _) = agent(intake, &interaction.user.id, interaction.user.name.as_deref()).await?;
    let by = Actor::Agent(agent);
    Ok(Some(match kind {
        view::CHOICE => chosen(intake, &panel::chosen(&interaction.view)),
        view::FORM => filled_in(intake, &interaction.view, &by).await?,
        _ => removed(intake, dialog::about(&interaction.view), &by).await?,
    }))
}

fn chosen(intake: &Intake, choice: &Choice) -> Value {
    let queues = intake.relay.watches.queues();
    let queues = Queues(&queues);
    let hours: Vec<&str> = intake.relay.config.hours.iter().map(|hours| hours.name.as_str()).collect();
    let (Choice::Change(label) | Choice::Remove(label)) = choice else {
        return next(&panel::form(&setup::blank(""), true, queues, &hours));
    };
    if intake.relay.config.queue(label).is_some() {
        return refused_at("queue", "is set up by the configuration: change it there, and restart");
    }
    match (queues.find(label), choice) {
        (None, _) => refused_at("queue", "is gone"),
        (Some(_), Choice::Remove(_)) => next(&panel::removal(label)),
        (Some(queue), _) => next(&panel::form(queue, false, queues, &hours)),
    }
}

async fn filled_in(intake: &Intake, view: &Value, by: &Actor) -> anyhow::Result<Value> {
    let queues = intake.relay.watches.queues();
    let known = |label: &str| Queues(&queues).find(label).cloned();
    let (queue, hours) = match panel::filled_in(view) {
        Ok(read) => read,
        Err(faults) => return Ok(dialog::refused(&faults)),
    };
    let is_new = dialog::about(view).is_empty();
    if is_new && known(&queue.label).is_some() {
        return Ok(refused_at("label", "is that of another queue"));
    }
    // Hours that the configuration has not any more stay as they were.
    let before = known(&queue.label).and_then(|queue| queue.hours).filter(|before| before.name == hours);
    let queue = Queue { hours: intake.relay.config.hours(&hours).cloned().or(before), ..queue };
    Ok(match queues_setup::put(intake, queue, by).await? {
        Ok((queue, _)) => {
            let note = format!("✅ The queue *{}* is set up.", queue.label);
            next(&panel::choice(Queues(&intake.relay.watches.queues()), &note))
        }
        Err(Refused::Configured) => next(&dialog::notice(CONFIGURED)),
        Err(Refused::Faulty(faults)) => dialog::refused(&faults),
        Err(Refused::SlackIsSilent(error)) => {
            warn!(error = %error, "a queue could not be set up");
            next(&dialog::notice(SLACK_IS_SILENT))
        }
    })
}

async fn removed(intake: &Intake, label: &str, by: &Actor) -> anyhow::Result<Value> {
    let note = match queues_setup::remove(intake, label, by).await? {
        Removal::Gone => format!("✅ The queue *{label}* is gone."),
        Removal::Unknown => "That queue was gone already.".to_owned(),
        Removal::Refused(why) => format!("⚠️ {why}"),
    };
    Ok(next(&panel::choice(Queues(&intake.relay.watches.queues()), &note)))
}

fn refused_at(field: &'static str, why: &str) -> Value {
    dialog::refused(&[Fault::new(field, why)])
}
