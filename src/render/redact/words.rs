//! Words that say what the digits behind them are: the security code of a card, its number. Used by [`super`].

use std::ops::Range;

use regex::Regex;

use super::{card, digit};

/// The security code by its many names.
const CODE: &str =
    r"(?:cvv2?|cvc2?|cid|csc|security[\s_-]*code|card[\s_-]*verification)(?:[\s_-]*(?:code|value|number|no))?s?";
/// The number of a card, as the title of a field.
const NUMBER: &str = r"card[\s_-]*(?:number|num|no|nr|\#)";
/// What may stand between such a word and its digits; `&gt;` is an arrow in mrkdwn.
const BETWEEN: &str = r#"(?:[\s\p{Cf}\p{Pd}:=\#>.,*_~`'"’“”()\[\]|/]|&gt;|is|was|are|code|number|no){0,12}?"#;
/// The longest title of a field, in bytes.
const TITLE: usize = 60;
/// The fewest digits of a security code; a title has fewer, unless it holds the code itself.
const CODE_DIGITS: usize = 3;

/// What the digits of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// The number of a card.
    Number,
    /// Its security code.
    Code,
}

/// The words, made ready.
#[derive(Debug, Clone)]
pub(super) struct Words {
    /// A name of the security code, and its digits.
    coded: Regex,
    title_of_code: Regex,
    title_of_number: Regex,
}

impl Words {
    pub(super) fn new() -> Result<Self, regex::Error> {
        let title = |word| Regex::new(&format!(r"(?i)(?:^|[^\p{{L}}\p{{N}}]){word}(?:$|[^\p{{L}}\p{{N}}])"));
        Ok(Self {
            coded: Regex::new(&format!(r"(?i){CODE}{BETWEEN}(\d{{3,4}})"))?,
            title_of_code: title(CODE)?,
            title_of_number: title(NUMBER)?,
        })
    }

    /// Where security codes stand that a text names as such.
    pub(super) fn codes(&self, text: &str) -> Vec<Range<usize>> {
        let found =
            self.coded.captures_iter(text).filter_map(|found| Some((found.get(0)?.start(), found.get(1)?.range())));
        found.filter(|(word, code)| stands_alone(text, *word, code.end)).map(|(_, code)| code).collect()
    }

    /// What a field of this title holds; `None` for anything else than digits of a card.
    pub(super) fn field(&self, title: &str) -> Option<Field> {
        if title.len() > TITLE || title.chars().filter(|c| digit::is_digit(*c)).count() >= CODE_DIGITS {
            None
        } else if self.title_of_code.is_match(title) {
            Some(Field::Code)
        } else {
            self.title_of_number.is_match(title).then_some(Field::Number)
        }
    }
}

/// Where the digits stand that must not be read in the value of such a field.
pub(super) fn find(field: Field, text: &str) -> Vec<Range<usize>> {
    let digits = text.char_indices().filter(|(_, c)| digit::is_digit(*c)).map(|(at, c)| at..at + c.len_utf8());
    let mut digits: Vec<Range<usize>> = digits.collect();
    match field {
        Field::Number => digits.truncate(digits.len().saturating_sub(card::READABLE)),
        Field::Code => digits = digits.chunk_by(|one, next| one.end == next.start).filter_map(whole).collect(),
    }
    digits
}

fn whole(digits: &[Range<usize>]) -> Option<Range<usize>> {
    Some(digits.first()?.start..digits.last()?.end)
}

/// Whether no letter or digit touches what stands there, and no further digits follow as in `CID 1234-5678`.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let mut after = text.get(end..).unwrap_or_default().chars();
    let is_part = match after.next() {
        Some('-' | '.' | ',' | '/') => after.next().is_some_and(digit::is_digit),
        Some(next) => digit::glues(next),
        None => false,
    };
    !before.ends_with(digit::glues) && !is_part
}
