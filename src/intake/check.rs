//! Reads fields out of JSON that others wrote, and keeps a list of all that are missing or wrong. The parsers of
//! [`super::ingest`] and [`super::slack_payload`] read through it.

use serde_json::Value;

use super::problem::{FieldError, Problem};

/// A body as JSON. Of two keys of one name the last counts.
///
/// # Errors
///
/// 400 unless it is UTF-8, JSON, and nested at most 128 deep (the bound of `serde_json`).
pub(super) fn json(body: &[u8]) -> Result<Value, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| Problem::bad_encoding())?;
    serde_json::from_str(text).map_err(|error| Problem::bad_json(error.to_string()))
}

/// A place in a document, and what is there: `null` where there is nothing.
#[derive(Clone)]
pub(super) struct Node<'v> {
    pub(super) value: &'v Value,
    path: String,
}

impl<'v> Node<'v> {
    /// The whole document. `path` leads to it, from outside.
    pub(super) fn root(value: &'v Value, path: &str) -> Self {
        Self { value, path: path.to_owned() }
    }

    /// The field `key` of the object that is here.
    pub(super) fn get(&self, key: &str) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Self { value: &self.value[key], path }
    }

    /// The element `index` of the array that is here.
    pub(super) fn at(&self, index: usize) -> Self {
        Self { value: &self.value[index], path: format!("{}[{index}]", self.path) }
    }

    /// The text that is here, unless it is empty.
    pub(super) fn text(&self) -> Option<&'v str> {
        self.value.as_str().filter(|text| !text.is_empty())
    }

    /// As [`Node::text`], owned.
    pub(super) fn string(&self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    /// The first of two places that holds something.
    pub(super) fn or(self, other: Self) -> Self {
        if self.value.is_null() && !other.value.is_null() { other } else { self }
    }
}

/// The complaints so far.
#[derive(Default)]
pub(super) struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    /// Notes a complaint.
    pub(super) fn refuse(&mut self, node: &Node<'_>, detail: &str) {
        let path = if node.path.is_empty() { "body" } else { &node.path };
        self.errors.push(FieldError { path: path.to_owned(), detail: detail.to_owned() });
    }

    /// An object; says whether it is one.
    pub(super) fn object(&mut self, node: &Node<'_>) -> bool {
        self.required(node, Value::is_object, "must be an object");
        node.value.is_object()
    }

    /// What `accepts` accepts, or nothing.
    pub(super) fn optional(&mut self, node: &Node<'_>, accepts: impl Fn(&Value) -> bool, expected: &str) {
        if !node.value.is_null() && !accepts(node.value) {
            self.refuse(node, expected);
        }
    }

    /// An id of Slack; the empty string after a complaint.
    pub(super) fn id(&mut self, node: &Node<'_>) -> String {
        self.string(node, is_id, EXPECTED_ID)
    }

    /// An id of Slack, or nothing.
    pub(super) fn optional_id(&mut self, node: &Node<'_>) {
        self.optional(node, |value| value.as_str().is_some_and(|text| text.is_empty() || is_id(text)), EXPECTED_ID);
    }

    /// A timestamp of Slack; the empty string after a complaint.
    pub(super) fn ts(&mut self, node: &Node<'_>) -> String {
        self.string(node, is_ts, EXPECTED_TS)
    }

    /// A timestamp of Slack, or nothing.
    pub(super) fn optional_ts(&mut self, node: &Node<'_>) -> Option<String> {
        self.optional(node, |value| value.as_str().is_some_and(is_ts), EXPECTED_TS);
        node.string()
    }

    /// A text that `accepts` accepts; the empty string after a complaint.
    pub(super) fn string(&mut self, node: &Node<'_>, accepts: fn(&str) -> bool, expected: &str) -> String {
        self.required(node, |value| value.as_str().is_some_and(accepts), expected);
        node.string().unwrap_or_default()
    }

    /// # Errors
    ///
    /// 422 with all complaints, if there are any.
    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::invalid(self.errors)) }
    }

    pub(super) fn required(&mut self, node: &Node<'_>, accepts: impl Fn(&Value) -> bool, expected: &str) {
        if node.value.is_null() {
            self.refuse(node, "is required");
        } else if !accepts(node.value) {
            self.refuse(node, expected);
        }
    }
}

const EXPECTED_ID: &str = "must be an id: 1 to 64 visible ASCII characters";
const EXPECTED_TS: &str = "must be a Slack timestamp, a string such as \"1700000000.000100\"";

/// Slack does not promise what its ids look like, only that they are short.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `seconds.micros`.
pub(super) fn is_ts(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(seconds, micros)| {
        (1..=12).contains(&seconds.len()) && micros.len() == 6 && digits(seconds) && digits(micros)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_seconds_and_six_digits() {
        for good in ["1700000000.000100", "0.000000", "999999999999.999999"] {
            assert!(is_ts(good), "{good}");
        }
        for bad in
            ["", "1700000000", "1700000000.1", "1700000000.0001000", ".000100", "1e9.000100", "-1.000100", "1.0.00000"]
        {
            assert!(!is_ts(bad), "{bad}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(json(deep(127).as_bytes()).is_ok());
        assert_eq!(json(deep(100_000).as_bytes()).map_err(|problem| problem.code), Err("bad_json"));
    }
}
