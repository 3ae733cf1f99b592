//! Takes card numbers, security codes and whatever else the operator names out of messages, before they are stored or sent.
//! Called wherever words come in: by `intake`, and by `deliver` for imported history.
//!
//! Digits become `•`; of a card number the last four stay. All else stays as it is. Once redacted, a message does not change
//! when it is redacted again, unless a pattern of the operator finds its own masks.

mod card;
mod digit;
mod message;
mod run;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use regex::{Regex, RegexBuilder};
use serde_json::{Number, Value};

use run::Run;
use words::{Field, Words};

/// Stands for a digit.
const MASK: char = '•';
/// Stands for what is masked as a whole.
const WHOLE: &str = "•••";
/// The most memory of one compiled pattern, in bytes.
const PATTERN_LIMIT: usize = 1 << 20;

/// Masks what must not be kept.
#[derive(Debug, Clone)]
pub struct Redactor {
    /// For cards and their security codes, unless that is switched off.
    words: Option<Words>,
    patterns: Vec<Regex>,
}

/// An operator's pattern, compiled; it is searched for in linear time.
///
/// # Errors
///
/// When it is not a regular expression, or one that is too large.
pub fn pattern(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(PATTERN_LIMIT).build()
}

impl Redactor {
    /// One that masks card numbers and security codes, if so wanted, and whatever one of the patterns matches.
    ///
    /// # Errors
    ///
    /// When one of the [patterns](pattern) is none.
    pub fn new(card_numbers: bool, patterns: &[String]) -> Result<Self, regex::Error> {
        let words = if card_numbers { Some(Words::new()?) } else { None };
        Ok(Self { words, patterns: patterns.iter().map(|text| pattern(text)).collect::<Result<_, _>>()? })
    }

    /// Masks a message or an event, whole, in place.
    pub fn redact(&self, message: &mut Value) {
        self.visit(message);
    }

    /// Masks a plain text.
    #[must_use]
    pub fn redact_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut redacted = text.to_owned();
        self.mask(&mut Run::of(&mut redacted));
        if redacted == text { Cow::Borrowed(text) } else { Cow::Owned(redacted) }
    }

    fn mask(&self, run: &mut Run<'_>) {
        if let Some(words) = &self.words {
            run.mask("•", card::find);
            run.mask(WHOLE, |text| words.codes(text));
        }
        for pattern in &self.patterns {
            run.mask(WHOLE, |text| matches(pattern, text));
        }
    }

    /// A number cannot hold a mask: of a card's, the last four digits stay, of one that a pattern matches, nothing.
    fn mask_number(&self, number: &mut Number) {
        let text = number.to_string();
        if self.words.is_some() && card::is_card(integer(number).into_iter()) {
            *number = last_four(number);
        } else if self.patterns.iter().any(|pattern| pattern.find(&text).is_some_and(|found| found.as_str() == text)) {
            *number = Number::from(0);
        }
    }
}

/// Masks the value of a field whose title says that it holds digits of a card.
fn mask_field(field: Field, run: &mut Run<'_>) {
    match field {
        Field::Number => run.mask("•", |text| words::find(field, text)),
        Field::Code => run.mask(WHOLE, |text| words::find(field, text)),
    }
}

/// What a pattern matches, unless it is nothing or masked already.
fn matches(pattern: &Regex, text: &str) -> Vec<Range<usize>> {
    let found = pattern.find_iter(text).filter(|found| found.as_str().contains(|c| c != MASK));
    found.map(|found| found.range()).collect()
}

/// The last four digits of a number, as a number.
fn last_four(number: &Number) -> Number {
    let digits = integer(number);
    let readable = digits.iter().skip(digits.len().saturating_sub(card::READABLE));
    Number::from(readable.fold(0, |sum: u32, digit| sum * 10 + u32::from(*digit)))
}

/// The digits of a whole number; none of any other.
fn integer(number: &Number) -> Vec<u8> {
    let spelled = number.to_string();
    let plain = match number.as_f64() {
        Some(float) if spelled.contains(['e', 'E']) && float.abs() < 1e20 => float.to_string(),
        _ => spelled,
    };
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    if fraction.contains(|c| c != '0') {
        return Vec::new();
    }
    whole.chars().filter_map(digit::value).collect()
}
