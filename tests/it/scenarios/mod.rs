//! What a person would see.

mod takeover;
