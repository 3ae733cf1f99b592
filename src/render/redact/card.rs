//! Card numbers in a text: 13 to 19 digits that pass the check of ISO/IEC 7812 (Luhn), in one piece or in groups, however
//! these are set apart. Used by [`super`].

use std::ops::Range;

use super::digit;

/// How many digits a card number has.
const LENGTHS: Range<usize> = 13..20;
/// How many digits at the end stay readable.
pub(super) const READABLE: usize = 4;
/// The most visible characters between two groups, as in `4111 - 1111`.
const GAP: usize = 3;
/// The most characters between two groups in all, with marks of mrkdwn and what cannot be seen.
const GAP_IN_ALL: usize = 12;
/// The longest group that a point sets apart from the next; those of a decimal fraction are longer.
const POINTED: usize = 6;
/// The most digits of a decimal fraction, with those before the point: what a floating-point number is written with.
const FRACTION: usize = 18;
/// The most digits of a telephone number (ITU-T E.164).
const TELEPHONE: usize = 15;

/// Where the digits stand that must not be read: each by itself, in order.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let digits = digits(text);
    if digits.len() < LENGTHS.start {
        return Vec::new();
    }
    let mut masked = vec![false; digits.len()];
    for run in runs(text, &digits) {
        for (at, first) in run.iter().enumerate().filter(|(_, first)| first.begins) {
            let numbers = run.iter().skip(at).map(|last| (first.digits.start..last.digits.end, last.ends));
            for (number, ends) in numbers.take_while(|(number, _)| number.len() < LENGTHS.end) {
                let values = digits.get(number.clone()).unwrap_or_default().iter().map(|digit| digit.value);
                let is_telephone = first.after_plus && number.len() <= TELEPHONE;
                if ends && !is_telephone && is_card(values) {
                    masked.iter_mut().take(number.end - READABLE).skip(number.start).for_each(|masked| *masked = true);
                }
            }
        }
    }
    digits.into_iter().zip(masked).filter_map(|(digit, masked)| masked.then_some(digit.place)).collect()
}

/// Whether these digits are a card number.
pub(super) fn is_card(digits: impl ExactSizeIterator<Item = u8> + DoubleEndedIterator + Clone) -> bool {
    let Some(first) = digits.clone().next() else { return false };
    LENGTHS.contains(&digits.len())
        && (2..=6).contains(&first)
        && digits.clone().any(|digit| digit != first)
        && digits.rev().enumerate().map(|(place, digit)| weight(place, digit)).sum::<u32>().is_multiple_of(10)
}

/// What a digit counts in Luhn's sum; places are counted from the end.
fn weight(place: usize, digit: u8) -> u32 {
    let digit = u32::from(digit);
    match (place % 2, digit) {
        (0, _) => digit,
        (_, 0..=4) => digit * 2,
        _ => digit * 2 - 9,
    }
}

struct Digit {
    value: u8,
    place: Range<usize>,
}

fn digits(text: &str) -> Vec<Digit> {
    let digit = |(at, c): (usize, char)| digit::value(c).map(|value| Digit { value, place: at..at + c.len_utf8() });
    text.char_indices().filter_map(digit).collect()
}

/// Digits with nothing between them.
struct Group<'t> {
    /// Which of the text's digits.
    digits: Range<usize>,
    value: u64,
    /// What stands between the group before and this one.
    gap: &'t str,
    /// Whether a number may begin here.
    begins: bool,
    /// Whether a number may end here.
    ends: bool,
    after_plus: bool,
}

/// Groups that may belong to one number.
fn runs<'t>(text: &'t str, digits: &[Digit]) -> Vec<Vec<Group<'t>>> {
    let mut runs: Vec<Vec<Group<'_>>> = Vec::new();
    let (mut count, mut end) = (0, 0);
    for pieces in digits.chunk_by(|one, next| one.place.end == next.place.start) {
        let [Digit { place, .. }, ..] = pieces else { continue };
        let gap = text.get(end..place.start).unwrap_or_default();
        end = pieces.last().map_or(end, |last| last.place.end);
        let after = text.get(end..).and_then(|rest| rest.chars().next());
        let mut group = Group {
            digits: count..count + pieces.len(),
            value: pieces.iter().fold(0, |sum: u64, digit| sum.saturating_mul(10).saturating_add(digit.value.into())),
            gap,
            begins: !gap.ends_with(digit::glues),
            ends: !after.is_some_and(digit::glues),
            after_plus: gap.ends_with('+'),
        };
        count += pieces.len();
        let before = runs.last().and_then(|run| run.last()).map_or(0, |before| before.digits.len());
        let is_pointed = gap == "." && before.max(pieces.len()) > POINTED;
        group.begins &= !(is_pointed && before + pieces.len() <= FRACTION);
        match runs.last_mut() {
            Some(run) if joins(gap) && !is_pointed => run.push(group),
            _ => runs.push(vec![group]),
        }
    }
    runs.into_iter().flat_map(without_dates).collect()
}

/// Two dates in a row have as many digits as a card.
fn without_dates(mut run: Vec<Group<'_>>) -> Vec<Vec<Group<'_>>> {
    match run.windows(3).position(is_date) {
        Some(date) => {
            let rest = without_dates(run.split_off(date + 3));
            run.truncate(date);
            std::iter::once(run).chain(rest).collect()
        }
        None => vec![run],
    }
}

/// `2026-11-20`, `20.11.2026`.
fn is_date(groups: &[Group<'_>]) -> bool {
    let [first, second, third] = groups else { return false };
    let lengths = [first, second, third].map(|group| group.digits.len());
    let (year, days) = if lengths == [4, 2, 2] { (first, [second, third]) } else { (third, [first, second]) };
    matches!(lengths, [4, 2, 2] | [2, 2, 4])
        && matches!((second.gap, third.gap), ("-", "-") | (".", "."))
        && (1900..2100).contains(&year.value)
        && days.iter().all(|day| (1..=31).contains(&day.value))
}

/// Whether what stands between two groups leaves them one number.
fn joins(gap: &str) -> bool {
    let is_seen = |c: char| c.is_whitespace() || is_dash(c) || matches!(c, '.' | '·');
    let is_part = |c: char| is_seen(c) && !is_line_break(c) || matches!(c, '*' | '_' | '~' | '`') || is_unseen(c);
    gap.chars().all(is_part) && gap.chars().count() <= GAP_IN_ALL && gap.chars().filter(|c| is_seen(*c)).count() <= GAP
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

/// Characters without width or look: joiners, directions, variants, the soft hyphen, and the key around a digit.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}
