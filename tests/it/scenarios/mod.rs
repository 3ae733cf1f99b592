//! What a person would see.

mod bad_input;
mod doctor;
mod idempotency;
mod metrics;
mod opening;
mod outage;
mod takeover;
