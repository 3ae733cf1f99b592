//! The rules of a takeover, pure: what an event means for a conversation, and what must be done about it.
//!
//! Called by [`crate::relay`] alone. No I/O, no clock, no randomness: [`decide::decide`] takes the conversation, the event,
//! the house rules and the time, and returns the conversation's next state with the effects to carry out.

pub mod amending;
pub mod callback;
pub mod cards;
pub mod closing;
pub mod control;
pub mod conversation;
pub mod decide;
pub mod effect;
pub mod event;
pub mod failures;
pub mod filing;
pub mod gaps;
pub mod glimpse;
pub mod handoff;
pub mod home;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod invariants;
pub mod mirroring;
pub mod naming;
pub mod noting;
pub mod opening;
pub mod outcome;
pub mod publishing;
pub mod relayed;
pub mod reminders;
pub mod rules;
pub mod settings;
pub mod speaking;
pub mod threading;
pub mod ticketing;
pub mod triage;
pub mod triggers;
pub mod turn;
pub mod waiting;
