//! What a person would see.

mod doctor;
mod takeover;
