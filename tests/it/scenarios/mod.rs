//! What a person would see.

mod agent_messages;
mod bot_api;
mod callbacks;
mod pausing;
mod reminders;
mod takeover;
mod tokens;
