//! Handoffs: somebody asks for a human, a queue is told, an agent picks it, and it comes to an end that helps the customer.

pub mod health;
pub mod hours;
pub mod panel;
pub mod queue;
pub mod setup;
pub mod state;
