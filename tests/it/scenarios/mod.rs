//! What a person would see.

mod opening;
mod takeover;
