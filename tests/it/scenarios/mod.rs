//! What a person would see.

mod agent_messages;
mod bad_input;
mod bot_api;
mod callbacks;
mod closing;
mod corpus;
mod demo;
mod doctor;
mod idempotency;
mod ingest;
mod isolation;
mod membership;
mod metrics;
mod mirroring;
mod opening;
mod order;
mod outage;
mod pausing;
mod process;
mod reminders;
mod restart;
mod searching;
mod secrets;
mod takeover;
mod tokens;
mod trouble;
