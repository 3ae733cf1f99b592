//! `/megatron ...`: what each command means.

use serde_json::Value;
use tracing::warn;

use crate::config::texts;
use crate::desk::permission::{CANNOT_TELL, Denied};
use crate::desk::said;
use crate::desk::searching::Meant;
use crate::render::text::escape;
use crate::store::conversations;
use crate::takeover::conversation::{Actor, Conversation};
use crate::takeover::effect::Wish;
use crate::takeover::event::Event;
use crate::takeover::glimpse;
use crate::takeover::handoff::Step;

use super::slack_payload::{CommandLine, SlashCommand, Verb, parse_text};
use super::state::{Intake, agent, worded};
use super::whom::{about, whom};
use super::{admins, handoffs, queues_command, records, settings_panel, stats, triage};

/// Lines of a list that an agent reads.
const LINES: usize = 50;

/// Carries out a command and says what the agent reads at once, if anything.
pub(super) async fn run(intake: &Intake, command: &SlashCommand) -> Option<Value> {
    let line = parse_text(&command.text);
    let answer = match intake.hub.get() {
        None => Ok(said("Megatron is still starting. Please try again in a moment.")),
        Some(hub) if hub.team_id != command.team_id => Ok(said(Denied::Stranger.to_command())),
        Some(_) => match permission(intake, command, &line.verb).await {
            Ok(Ok(())) => carry_out(intake, command, line).await,
            Ok(Err(denied)) => Ok(said(&admins::refused(intake, denied))),
            Err(error) => {
                warn!(error = %error, "nobody knows whether somebody may use a command");
                Ok(said(CANNOT_TELL))
            }
        },
    };
    let answer = answer.unwrap_or_else(|error| {
        tracing::error!(error = %error, "a command could not be carried out");
        said("Something went wrong here, and nothing was changed. Please try again.")
    });
    Some(answer).filter(|answer| answer["text"] != "")
}

async fn permission(intake: &Intake, command: &SlashCommand, verb: &Verb) -> anyhow::Result<Result<(), Denied>> {
    if verb.is_for_admins() {
        return Ok(admins::rank(intake, &command.user_id).await?.map(drop));
    }
    intake.roster.permission(&command.user_id).await
}

async fn carry_out(intake: &Intake, command: &SlashCommand, line: CommandLine) -> anyhow::Result<Value> {
    intake.relay.metrics.command(line.verb.name());
    let (agent, _) = agent(intake, &command.user_id, command.user_name.as_deref()).await?;
    // A mention is an id already, whatever its label says.
    let query = line.mentions.first().map_or(line.rest.as_str(), String::as_str).trim();
    let by = || Actor::Agent(agent.clone());
    let reason = || "command".to_owned();
    match line.verb {
        Verb::Open if query.is_empty() => Ok(said(&format!("Whom? `{} open <name, e-mail or id>`", command.command))),
        Verb::Open => {
            intake.contacts.write(&intake.desk).await?;
            let respond_to = command.response_url.clone();
            intake.desk.open(query, &Wish { agent, respond_to }).await
        }
        Verb::Pause => about(intake, command, query, Event::Pause { by: by(), reason: reason() }).await,
        Verb::Unpause => about(intake, command, query, Event::Unpause { by: by(), reason: reason() }).await,
        Verb::Close => about(intake, command, query, Event::Close { by: by(), reason: reason() }).await,
        Verb::Transfer => handoffs::transfer(intake, command, line.rest.trim(), by()).await,
        Verb::Handback => {
            let note = intake.relay.config.redaction.redact_text(line.rest.trim()).into_owned();
            about(intake, command, "", Event::Step { handoff: None, by: by(), step: Step::HandBack { note } }).await
        }
        Verb::Pick => handoffs::pick(intake, command, query, agent).await,
        Verb::Decline => {
            about(intake, command, query, Event::Step { handoff: None, by: by(), step: Step::Decline }).await
        }
        Verb::PromptsOn => handoffs::prompts(intake, &agent, true).await.map(|text| said(&text)),
        Verb::PromptsOff => handoffs::prompts(intake, &agent, false).await.map(|text| said(&text)),
        Verb::ClearContext => about(intake, command, query, Event::ClearContext { by: agent }).await,
        Verb::Do if line.rest.trim().is_empty() => {
            Ok(said(&format!("Do what? `{} do <text for the bot>`", command.command)))
        }
        Verb::Do => {
            let text = intake.relay.config.redaction.redact_text(line.rest.trim()).into_owned();
            about(intake, command, "", Event::Do { by: agent, text }).await
        }
        Verb::Status => status(intake, command, query).await,
        Verb::List => list(intake).await,
        Verb::Stats => stats::stats(intake, command, line.rest.trim()).await,
        Verb::Audit => records::audit(intake, command, query).await,
        Verb::Transcript => records::transcript(intake, command, query, agent).await,
        Verb::Erase => records::erase(intake, command, query).await,
        Verb::Help => Ok(said(&help(&command.command))),
        Verb::BotOn => switch(intake, query, true, by()).await,
        Verb::BotOff => switch(intake, query, false, by()).await,
        Verb::Queue => Ok(queues_command::open(intake, command).await),
        Verb::QueueHere => queues_command::here(intake, command, query, &by()).await,
        Verb::Settings => Ok(settings_panel::open(intake, command).await),
        Verb::QueueList => Ok(queues_command::list(intake)),
        Verb::QueueRemove => queues_command::remove(intake, command, query, &by()).await,
        Verb::Unknown(verb) => {
            Ok(said(&format!("There is no command “{}”.\n{}", escape(&verb), help(&command.command))))
        }
    }
}

async fn status(intake: &Intake, command: &SlashCommand, query: &str) -> anyhow::Result<Value> {
    Ok(said(&match whom(intake, command, query).await? {
        Ok(Meant::One(conversation)) => line(intake, &conversation),
        Ok(Meant::Stranger(found)) => {
            format!("{} talks with the bot; no room is open.", escape(found.customer().name()))
        }
        Ok(Meant::Several(lines)) => format!("Several customers fit. Say which, by id:\n{}", lines.join("\n")),
        Ok(Meant::Nobody) => format!("Nobody was found for “{}”.", escape(query)),
        Err(text) => text,
    }))
}

async fn list(intake: &Intake) -> anyhow::Result<Value> {
    let alive = conversations::alive(&intake.relay.db, None).await?;
    let mut lines = first_lines(alive.iter().map(|conversation| line(intake, conversation)).collect());
    let outstanding = triage::outstanding(intake).await?;
    if !outstanding.is_empty() {
        lines.push("*Nobody has looked at these:*".to_owned());
        lines.extend(first_lines(outstanding));
    }
    Ok(said(&if lines.is_empty() { "No room is open, and no bot is paused.".to_owned() } else { lines.join("\n") }))
}

/// As many lines as people read.
fn first_lines(all: Vec<String>) -> Vec<String> {
    let more = all.len().saturating_sub(LINES);
    let mut lines: Vec<String> = all.into_iter().take(LINES).map(|line| format!("• {line}")).collect();
    if more > 0 {
        lines.push(format!("… and {more} more"));
    }
    lines
}

async fn switch(intake: &Intake, query: &str, active: bool, by: Actor) -> anyhow::Result<Value> {
    let bots = &intake.relay.config.bots;
    let bot = match (bots.as_slice(), query) {
        ([only], "") => Some(only),
        (_, id) => bots.iter().find(|bot| bot.id == id || bot.name.eq_ignore_ascii_case(id)),
    };
    let Some(bot) = bot else {
        let ids: Vec<String> = bots.iter().map(|bot| format!("`{}`", bot.id)).collect();
        return Ok(said(&format!("Which bot? There are {}.", ids.join(", "))));
    };
    intake.desk.switch(&bot.id, active, by).await?;
    let text = if active { texts::ANSWER_BOT_ON } else { texts::ANSWER_BOT_OFF };
    Ok(said(&worded(intake, text, &[("bot", &escape(&bot.name))])))
}

/// A conversation in one line.
fn line(intake: &Intake, conversation: &Conversation) -> String {
    let bot = intake.relay.config.bot(&conversation.key.bot).map_or("the bot", |bot| bot.name.as_str());
    glimpse::line(conversation, bot, intake.relay.watches.switch(&conversation.key.bot).active)
}

pub(crate) fn help(command: &str) -> String {
    format!(
        "*Customers*\n\
         `{command} open <customer>` opens a room for a customer: name, e-mail, @mention or id\n\
         `{command} pause [customer]` silences the bot, `{command} unpause [customer]` lets it answer again\n\
         `{command} close [customer]` closes the room, and the bot is back\n\
         `{command} status [customer]`, `{command} list` tell how things stand\n\
         *Who asks for a human*\n\
         `{command} pick [customer]` takes a customer who waits, `{command} decline [customer]` does not\n\
         `{command} transfer <queue> [note]` gives the customer to another team\n\
         `{command} handback [note]` gives the customer back to the bot; the room stays\n\
         `{command} prompts on`, `{command} prompts off` say whether you are asked in person to pick\n\
         *The bot*\n\
         `{command} do <text>` makes the bot do something, `{command} clear-context [customer]` makes it forget\n\
         `{command} bot on`, `{command} bot off` switch the bot for everybody\n\
         *Looking back*\n\
         `{command} audit [customer]` tells who did what, `{command} transcript [customer]` what was said\n\
         `{command} stats [7d] [queue]` tells how many asked for a human, and how long it took\n\
         `{command} erase <customer>` deletes what is known of a customer, after asking you once more\n\
         *For admins*\n\
         `{command} queue list` names the queues; `{command} queue`, `queue here <label>`, `queue remove <label>` set them up\n\
         `{command} settings` sets texts, names, bots, reminders, and who else is an admin\n\n\
         In a room you need not name the customer. What you write there goes to them; replies in threads stay in the room."
    )
}
