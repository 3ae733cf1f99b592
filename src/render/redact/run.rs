//! Strings that people read as one text, such as `4111 1111 ` and a bold `1111 1111`. Used by [`super`].

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

/// Strings that are read as one text, each of which stays where it is.
#[derive(Debug, Default)]
pub(super) struct Run<'v> {
    parts: Vec<Part<'v>>,
}

#[derive(Debug)]
enum Part<'v> {
    Leaf(&'v mut String),
    Gap(&'static str),
}

impl Part<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Leaf(text) => text,
            Self::Gap(text) => text,
        }
    }
}

impl<'v> Run<'v> {
    /// One string.
    pub(super) fn of(text: &'v mut String) -> Self {
        Self { parts: vec![Part::Leaf(text)] }
    }

    /// A string follows; anything else is none.
    pub(super) fn leaf(&mut self, value: &'v mut Value) {
        if let Value::String(text) = value {
            self.parts.push(Part::Leaf(text));
        }
    }

    /// Something follows that is no text of this run, and reads as this.
    pub(super) fn gap(&mut self, text: &'static str) {
        self.parts.push(Part::Gap(text));
    }

    /// Replaces what a rule finds: each piece in its own string.
    pub(super) fn mask(&mut self, mask: &str, find: impl Fn(&str) -> Vec<Range<usize>>) {
        let found = find(&self.text());
        if found.is_empty() {
            return;
        }
        let mut start = 0;
        for part in &mut self.parts {
            let end = start + part.text().len();
            if let Part::Leaf(text) = part {
                // From the last to the first: what is replaced moves nothing that is still to come.
                for range in found.iter().rev().filter(|range| range.start < end && start < range.end) {
                    text.replace_range(range.start.max(start) - start..range.end.min(end) - start, mask);
                }
            }
            start = end;
        }
    }

    fn text(&self) -> Cow<'_, str> {
        match self.parts.as_slice() {
            [only] => Cow::Borrowed(only.text()),
            parts => parts.iter().map(Part::text).collect::<String>().into(),
        }
    }
}
