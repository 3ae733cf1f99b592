//! The one message that stops the start. It names the key, where its value came from and what is expected, never the value.

use super::layers::{KeyPath, Origin};
use super::schema;

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    message: String,
    expected: String,
}

impl ConfigError {
    /// A value of the wrong type, or one whose rule does not hold.
    pub(super) fn invalid(path: &KeyPath, origin: &Origin, expected: &str) -> Self {
        Self { message: format!("{path} in {origin}: expected {expected}"), expected: expected.to_owned() }
    }

    /// A key that there is not; the nearest section that exists has the keys which do.
    pub(super) fn unknown(path: &KeyPath, origin: &Origin) -> Self {
        let mut section = path.clone();
        let known = loop {
            section.0.pop();
            let known = schema::below(&section.name());
            if !known.is_empty() {
                break known.join(", ");
            }
        };
        let place = if section.0.is_empty() { "at the top".to_owned() } else { format!("in {section}") };
        let expected = format!("{place}: {known}");
        Self { message: format!("{path} in {origin}: no such key; expected {expected}"), expected }
    }

    /// A required value that nobody set.
    pub(super) fn missing(path: &KeyPath, file: &Origin, expected: &str) -> Self {
        let message = format!("{path} is not set in {file} nor in {}: expected {expected}", path.variable());
        Self { message, expected: expected.to_owned() }
    }

    /// A file or a text that cannot be read.
    pub(super) fn unreadable(origin: &Origin, reason: &str) -> Self {
        Self { message: format!("{origin}: {reason}"), expected: reason.to_owned() }
    }

    /// What is expected there, without the place.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }
}
