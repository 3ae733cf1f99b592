//! Which conversation a command is about.

use serde_json::Value;

use crate::desk::searching::Meant;
use crate::desk::{said, spoken};
use crate::relay::{Handled, Target};
use crate::render::text::escape;
use crate::store::conversations::{self, By};
use crate::takeover::event::Event;

use super::slack_payload::SlashCommand;
use super::state::Intake;

/// Hands an event to the conversation that is meant: by a name, or else that of the room.
pub(super) async fn about(intake: &Intake, command: &SlashCommand, query: &str, event: Event) -> anyhow::Result<Value> {
    let handled = match whom(intake, command, query).await? {
        Ok(Meant::One(conversation)) => intake.relay.handle(Target::Of(By::Id(&conversation.id)), event, None).await?,
        Ok(Meant::Stranger(found)) => match found.key() {
            Some(key) => intake.relay.handle(Target::With(&key, &found.customer()), event, None).await?,
            None => Handled::Unknown,
        },
        Ok(Meant::Several(lines)) => {
            return Ok(said(&format!("Several customers fit. Say which, by id:\n{}", lines.join("\n"))));
        }
        Ok(Meant::Nobody) => return Ok(said(&format!("Nobody was found for “{}”.", escape(query)))),
        Err(text) => return Ok(said(&text)),
    };
    Ok(said(&spoken(handled)))
}

/// The conversation that a command is about: of the customer who is named, or else that of the room.
pub(super) async fn whom(
    intake: &Intake,
    command: &SlashCommand,
    query: &str,
) -> anyhow::Result<Result<Meant, String>> {
    if !query.is_empty() {
        intake.contacts.write(&intake.desk).await?;
        return Ok(Ok(intake.desk.meant(query).await?));
    }
    let here = conversations::get(&intake.relay.db, By::Room(&command.channel_id)).await?;
    Ok(here.map(|conversation| Meant::One(Box::new(conversation))).ok_or_else(|| {
        "This channel is not a room of a customer. Use the command in a room, or name the customer.".to_owned()
    }))
}
