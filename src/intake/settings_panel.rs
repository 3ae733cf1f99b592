//! The dialogs in which administrators set what else the configuration says. [`settings`] says how they look.

use serde_json::Value;
use tracing::warn;

use crate::config::{Change, Place};
use crate::desk::said;
use crate::desk::settings::Misfit;
use crate::takeover::conversation::Actor;
use crate::takeover::handoff::queue::Queues;
use crate::takeover::handoff::setup::Fault;
use crate::takeover::handoff::{dialog, panel};
use crate::takeover::settings::{self, Section, admins, bots, reminders, texts, view};

use super::admins::{Rank, rank_of};
use super::dialogs::{self, next, on_top};
use super::queues_setup::SLACK_IS_SILENT;
use super::slack_payload::{Interaction, SlashCommand};
use super::state::{Intake, agent};

const SAVED: &str = "✅ Saved.";

/// `/megatron settings`.
pub(super) async fn open(intake: &Intake, command: &SlashCommand) -> Value {
    let is_open = dialogs::open(intake, command.trigger_id.as_deref(), &settings::home()).await;
    said(if is_open { "The dialog is open." } else { dialogs::NOT_OPEN })
}

/// The shortcut of the whole app: there is no channel to answer in, so a refusal is a dialog, too.
pub(super) async fn used_shortcut(intake: &Intake, interaction: &Interaction) {
    let dialog = match rank_of(intake, interaction).await {
        Ok(_) => settings::home(),
        Err(why) => dialog::notice(&why),
    };
    dialogs::open(intake, interaction.trigger_id.as_deref(), &dialog).await;
}

/// A dialog was sent: what Slack shows next.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn submitted(intake: &Intake, interaction: &Interaction) -> anyhow::Result<Option<Value>> {
    let kind = interaction.callback_id.as_deref().unwrap_or_default();
    if ![view::HOME, view::TEXTS, view::TEXT, view::BOTS, view::REMINDERS, view::ADMINS].contains(&kind) {
        return Ok(None);
    }
    let rank = match rank_of(intake, interaction).await {
        Ok(rank) => rank,
        Err(why) => return Ok(Some(next(&dialog::notice(&why)))),
    };
    let (agent, _) = agent(intake, &interaction.user.id, interaction.user.name.as_deref()).await?;
    let (by, sent) = (Actor::Agent(agent), &interaction.view);
    Ok(Some(match kind {
        view::HOME => on_top(&chosen(intake, settings::chosen(sent), rank)),
        view::TEXTS => texts::chosen(&intake.relay.in_force(), sent),
        view::TEXT => text(intake, sent, &by).await?,
        view::BOTS => switches_and_names(intake, sent, &by).await?,
        view::REMINDERS => {
            let refused = set(intake, &reminders::filled_in(sent), &by, reminders::field_of).await?;
            refused.unwrap_or_else(|| next(&reminders::form(&intake.relay.in_force(), SAVED)))
        }
        _ if rank == Rank::Appointed => next(&admins::list(&intake.relay.in_force())),
        _ => appointed(intake, sent, &by).await?,
    }))
}

fn chosen(intake: &Intake, section: Section, rank: Rank) -> Value {
    let (config, queues) = (intake.relay.in_force(), intake.relay.watches.queues());
    match (section, rank) {
        (Section::Queues, _) => panel::choice(Queues(&queues), ""),
        (Section::Texts, _) => texts::choice(&config, Queues(&queues), ""),
        (Section::Bots, _) => all_bots(intake, ""),
        (Section::Reminders, _) => reminders::form(&config, ""),
        (Section::Admins, Rank::Appointing) => admins::form(&config, ""),
        (Section::Admins, Rank::Appointed) => admins::list(&config),
    }
}

fn all_bots(intake: &Intake, note: &str) -> Value {
    bots::form(&intake.relay.in_force(), |bot| intake.relay.watches.switch(&bot.id).active, note)
}

async fn text(intake: &Intake, sent: &Value, by: &Actor) -> anyhow::Result<Value> {
    let (changes, title) = texts::filled_in(&intake.relay.in_force(), sent);
    let refused = set(intake, &changes, by, |_| texts::FIELD).await?;
    let note = match changes.first() {
        Some(Change::To(_)) => format!("✅ Saved: *{title}*."),
        Some(Change::Back(_)) => format!("✅ *{title}* is as the configuration says."),
        None => format!("Nothing was changed: *{title}*."),
    };
    let queues = intake.relay.watches.queues();
    Ok(refused.unwrap_or_else(|| next(&texts::choice(&intake.relay.in_force(), Queues(&queues), &note))))
}

async fn switches_and_names(intake: &Intake, sent: &Value, by: &Actor) -> anyhow::Result<Value> {
    let changes = bots::filled_in(&intake.relay.in_force(), sent);
    if let Some(refused) = set(intake, &changes, by, |_| "names").await? {
        return Ok(refused);
    }
    for (bot, active) in bots::switched(sent) {
        intake.desk.switch(&bot, active, by.clone()).await?;
    }
    Ok(next(&all_bots(intake, SAVED)))
}

async fn appointed(intake: &Intake, sent: &Value, by: &Actor) -> anyhow::Result<Value> {
    let (changes, people) = admins::filled_in(sent);
    if let Some(misfit) = intake.desk.misfit(&changes) {
        return Ok(at(admins::FIELD, &misfit));
    }
    match intake.roster.outsiders(&people).await {
        Ok(outsiders) if outsiders.is_empty() => {}
        Ok(outsiders) => {
            let why = format!("must name no guests and nobody from elsewhere: {}", outsiders.join(", "));
            return Ok(dialog::refused(&[Fault::new(admins::FIELD, why)]));
        }
        Err(error) => {
            warn!(error = %error, "nobody could be appointed");
            return Ok(next(&dialog::notice(SLACK_IS_SILENT)));
        }
    }
    let refused = set(intake, &changes, by, |_| admins::FIELD).await?;
    Ok(refused.unwrap_or_else(|| next(&admins::form(&intake.relay.in_force(), SAVED))))
}

/// Changes these places; what is shown at the field where something does not fit.
async fn set(
    intake: &Intake,
    changes: &[Change],
    by: &Actor,
    field_of: impl Fn(&Place) -> &'static str,
) -> anyhow::Result<Option<Value>> {
    let misfit = intake.desk.set(changes, by).await?.err();
    Ok(misfit.map(|misfit| at(field_of(&misfit.place), &misfit)))
}

/// Shows at a field what is expected there.
fn at(field: &'static str, misfit: &Misfit) -> Value {
    dialog::refused(&[Fault::new(field, format!("must be {}", misfit.error.expected()))])
}
