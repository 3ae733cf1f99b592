//! `/megatron audit`, `transcript` and `erase`: what is on record of a customer.

use serde_json::Value;

use crate::config::texts;
use crate::desk::searching::Meant;
use crate::desk::{said, spoken};
use crate::relay::{Handled, Target};
use crate::render::audit;
use crate::render::text::escape;
use crate::store::contact::Contact;
use crate::store::conversations::{self, By};
use crate::store::journal;
use crate::takeover::cards;
use crate::takeover::conversation::{Actor, Agent, Conversation};
use crate::takeover::event::Event;

use super::slack_payload::SlashCommand;
use super::state::{Intake, worded};
use super::whom::whom;

/// Lines of the journal that an agent reads.
const LINES: u32 = 20;

/// Who did what, the newest last; outside of rooms what was done to bots, workspaces, queues and settings.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn audit(intake: &Intake, command: &SlashCommand, query: &str) -> anyhow::Result<Value> {
    let here = conversations::get(&intake.relay.db, By::Room(&command.channel_id)).await?;
    if query.is_empty() && here.is_none() {
        return lines(intake, None, "bots, workspaces, queues and settings").await;
    }
    match conversation(intake, command, query).await? {
        Ok(conversation) => lines(intake, Some(&conversation.id), &escape(conversation.customer.name())).await,
        Err(answer) => Ok(answer),
    }
}

/// The transcript, as a file in the room or as an answer.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn transcript(
    intake: &Intake,
    command: &SlashCommand,
    query: &str,
    by: Agent,
) -> anyhow::Result<Value> {
    let conversation = match conversation(intake, command, query).await? {
        Ok(conversation) => conversation,
        Err(answer) => return Ok(answer),
    };
    let event = Event::Transcript { by, respond_to: command.response_url.clone() };
    let handled: Handled = intake.relay.handle(Target::Of(By::Id(&conversation.id)), event, None).await?;
    Ok(said(&spoken(handled)))
}

/// Asks whether a customer is really to be erased.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn erase(intake: &Intake, command: &SlashCommand, query: &str) -> anyhow::Result<Value> {
    Ok(match whom(intake, command, query).await? {
        Ok(Meant::One(conversation)) => {
            let key = &conversation.key;
            cards::erase(conversation.customer.name(), [&key.bot, &key.team, &conversation.customer.user_id])
        }
        Ok(Meant::Stranger(found)) => {
            let Contact { bot, team, user_id, .. } = &found.contact;
            cards::erase(found.customer().name(), [bot, team, user_id])
        }
        Ok(Meant::Several(lines)) => several(&lines),
        Ok(Meant::Nobody) => nobody(query),
        Err(text) => said(&text),
    })
}

/// The agent is sure.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn erase_for_sure(intake: &Intake, value: &str, by: Agent) -> anyhow::Result<String> {
    let parts: Vec<&str> = value.split(' ').collect();
    let [bot, team, user_id] = parts[..] else { return Ok("That choice is not valid any more.".to_owned()) };
    let contact = Contact { bot: bot.to_owned(), team: team.to_owned(), user_id: user_id.to_owned(), channel: None };
    intake.contacts.write(&intake.desk).await?;
    let rooms = intake.desk.erase(&contact, &Actor::Agent(by)).await?;
    intake.contacts.renew();
    Ok(match rooms {
        None => "Nothing is kept of that customer.".to_owned(),
        Some(rooms) => {
            let (customer, links) = (escape(user_id), rooms.iter().map(cards::channel).collect::<Vec<_>>().join(", "));
            let text = if links.is_empty() { texts::ANSWER_ERASED } else { texts::ANSWER_ERASED_ROOMS };
            worded(intake, text, &[("customer", &customer), ("rooms", &links)])
        }
    })
}

/// The conversation that is meant, or what to say instead.
async fn conversation(
    intake: &Intake,
    command: &SlashCommand,
    query: &str,
) -> anyhow::Result<Result<Box<Conversation>, Value>> {
    Ok(match whom(intake, command, query).await? {
        Ok(Meant::One(conversation)) => Ok(conversation),
        Ok(Meant::Stranger(found)) => {
            let known = match found.key() {
                Some(key) => conversations::get(&intake.relay.db, By::Key(&key)).await?,
                None => None,
            };
            let nothing = || said(&format!("Nobody has had to do with {} so far.", escape(found.customer().name())));
            known.map(Box::new).ok_or_else(nothing)
        }
        Ok(Meant::Several(lines)) => Err(several(&lines)),
        Ok(Meant::Nobody) => Err(nobody(query)),
        Err(text) => Err(said(&text)),
    })
}

async fn lines(intake: &Intake, conversation: Option<&str>, about: &str) -> anyhow::Result<Value> {
    let mut lines = journal::page(&intake.relay.db, conversation, None, LINES).await?;
    if lines.is_empty() {
        return Ok(said(&format!("Nothing is on record about {about}.")));
    }
    lines.reverse();
    let lines: Vec<String> =
        lines.iter().map(|line| audit::line(line.at, &line.kind, &line.actor, &line.detail)).collect();
    Ok(said(&format!("*Who did what: {about}*\n{}", lines.join("\n"))))
}

fn several(lines: &[String]) -> Value {
    said(&format!("Several customers fit. Say which, by id:\n{}", lines.join("\n")))
}

fn nobody(query: &str) -> Value {
    said(&format!("Nobody was found for “{}”.", escape(query)))
}
