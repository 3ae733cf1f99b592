//! What Slack sends to the hub app, read without side effects. The handlers under `/slack/` call it after they have
//! checked the signature; Socket Mode calls the `..._of` functions with the same payloads.

mod command;
mod command_line;
mod event;
mod interaction;
mod room;

pub use command::{Command, SlashCommand, command, command_of};
pub use command_line::{CommandLine, Verb, parse_text};
pub use event::{AppChange, SlackEvent, challenge, event, event_of};
pub use interaction::{Action, Interaction, Kind, User, interaction, interaction_of};
pub use room::{Change, RoomChange, RoomMessage, Speech};

#[cfg(test)]
mod tests;
