//! What a person would see.

mod bad_input;
mod closing;
mod doctor;
mod idempotency;
mod metrics;
mod membership;
mod mirroring;
mod opening;
mod outage;
mod searching;
mod takeover;
