//! Handoffs: somebody asks for a human, a queue is told, an agent picks it, and it comes to an end that helps the customer.

pub mod hours;
pub mod queue;
pub mod state;
