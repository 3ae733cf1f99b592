//! Business hours as people write them: `mon-fri 09:00-17:30`.

use jiff::civil::Date;

use super::{Hours, Span, ZONES};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Hours {
    /// Hours of that name. What is not as it should be is left out: [`Self::is_zone`], [`is_days`] and [`is_date`] tell.
    #[must_use]
    pub fn new(name: &str, time_zone: &str, days: &[String], holidays: &[String]) -> Self {
        let mut hours = Self { name: name.to_owned(), time_zone: time_zone.to_owned(), ..Self::default() };
        for (days, span) in days.iter().filter_map(|line| read(line)) {
            for day in days {
                hours.week[day].push(span);
            }
        }
        for spans in &mut hours.week {
            *spans = apart(std::mem::take(spans));
        }
        hours.holidays = holidays.iter().filter_map(|day| date(day)).collect();
        hours
    }

    /// Whether this names a time zone, such as `Europe/Berlin`.
    #[must_use]
    pub fn is_zone(name: &str) -> bool {
        ZONES.get(name).is_ok()
    }
}

/// Whether this is a day or a range of days with a stretch of time, such as `mon-fri 09:00-17:30`.
#[must_use]
pub fn is_days(line: &str) -> bool {
    read(line).is_some()
}

/// Whether this is a day of the calendar, such as `2026-12-25`.
#[must_use]
pub fn is_date(text: &str) -> bool {
    date(text).is_some()
}

fn date(text: &str) -> Option<Date> {
    text.parse().ok().filter(|date: &Date| date.to_string() == text)
}

/// The days of the week, from 0 for Monday, and the time. A range may go over the end of the week: `sat-mon`.
fn read(line: &str) -> Option<(Vec<usize>, Span)> {
    let (days, times) = line.trim().split_once(char::is_whitespace)?;
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let (first, last) = (day(first)?, day(last)?);
    let count = (last + 7 - first) % 7 + 1;
    let (from, to) = times.trim().split_once('-')?;
    let span = Span { from: minutes(from)?, to: minutes(to)? };
    (span.from < span.to).then(|| ((first..first + count).map(|day| day % 7).collect(), span))
}

pub(super) fn day(name: &str) -> Option<usize> {
    DAYS.iter().position(|day| day.eq_ignore_ascii_case(name))
}

/// `09:30` as minutes since midnight, up to `24:00`.
pub(super) fn minutes(time: &str) -> Option<u16> {
    let (hours, minutes) = time.trim().split_once(':')?;
    let number = |text: &str| {
        let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|minutes| *minutes < 60)?);
    Some(hours * 60 + minutes).filter(|minutes| *minutes <= 24 * 60)
}

/// In order, and those that touch or overlap as one.
fn apart(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut all: Vec<Span> = Vec::new();
    for span in spans {
        match all.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => all.push(span),
        }
    }
    all
}
