//! What a person would see.

mod bad_input;
mod corpus;
mod doctor;
mod idempotency;
mod ingest;
mod isolation;
mod outage;
mod process;
mod secrets;
mod takeover;
