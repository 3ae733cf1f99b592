//! What is counted, and when.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn days(last: &str, count: u16, zone: &str) -> Days {
    Days { last: last.parse().unwrap(), count, zone: TimeZone::get(zone).unwrap() }
}

/// A handoff that came at this time, with the seconds until it was picked, answered and over.
fn asked(at: &str, outcome: Outcome, seconds: [Option<i64>; 3]) -> Asked {
    let at = time(at);
    let [accepted_at, answered_at, ended_at] =
        seconds.map(|seconds| seconds.map(|seconds| at + jiff::SignedDuration::from_secs(seconds)));
    Asked { requested_at: at, queued_at: at, accepted_at, answered_at, ended_at, outcome }
}

fn seconds(spread: Option<Spread>) -> Option<(u64, u64)> {
    spread.map(|spread| (spread.median.as_secs(), spread.most.as_secs()))
}

#[test]
fn who_picked_it_in_a_queue_that_it_has_left_does_not_count() {
    let mut handoff = asked("2026-11-16T08:30:00Z", Outcome::Waiting, [Some(10), Some(30), None]);
    for (queued, accept) in [(0, Some((10, 10))), (10, Some((0, 0))), (11, None)] {
        handoff.queued_at = handoff.requested_at + jiff::SignedDuration::from_secs(queued);
        let facts = Facts { asked: vec![handoff.clone()], ..Facts::default() };
        let numbers = Numbers::of(&facts, None, days("2026-11-20", 7, "UTC"));
        assert_eq!((seconds(numbers.accept), seconds(numbers.answer)), (accept, Some((30, 30))), "{queued}");
    }
}

#[test]
fn days_begin_and_end_at_midnight_where_the_queue_is() {
    let week = days("2026-11-20", 7, "Europe/Berlin");
    assert_eq!(week.first().to_string(), "2026-11-14");
    assert_eq!((week.from(), week.until()), (time("2026-11-13T23:00:00Z"), time("2026-11-20T23:00:00Z")));
    let spring = days("2026-03-29", 1, "Europe/Berlin");
    assert_eq!(spring.from().duration_until(spring.until()).as_hours(), 23, "the clock is put forward");
}

#[test]
fn what_became_of_it_and_how_long_it_took_is_counted() {
    let facts = Facts {
        asked: vec![
            asked("2026-11-16T08:30:00Z", Outcome::Completed, [Some(10), Some(30), Some(600)]),
            asked("2026-11-16T08:40:00Z", Outcome::Active, [Some(20), None, None]),
            asked("2026-11-18T14:00:00Z", Outcome::TimedOut, [None, None, Some(900)]),
            asked("2026-11-20T23:30:00Z", Outcome::Completed, [Some(1), Some(1), Some(1)]),
        ],
        opened: 2,
        reopened: 1,
        talked_over: 3,
    };
    let numbers = Numbers::of(&facts, Some("support"), days("2026-11-20", 7, "Europe/Berlin"));
    assert_eq!((numbers.asked(), numbers.picked()), (3, 2), "one belongs to the next day in Berlin");
    assert_eq!(seconds(numbers.accept), Some((10, 20)));
    assert_eq!(seconds(numbers.answer), Some((30, 30)));
    assert_eq!(seconds(numbers.close), Some((600, 600)), "only of those that an agent has completed");
    assert_eq!((numbers.hours[9], numbers.hours[15], numbers.busiest()), (2, 1, vec![9, 15]));
    let bars: Vec<_> = numbers.bars.iter().map(|bar| (bar.from.to_string(), bar.picked, bar.missed)).collect();
    assert_eq!((bars.len(), &bars[2]), (7, &("2026-11-16".to_owned(), 2, 0)));
    assert_eq!(bars[4], ("2026-11-18".to_owned(), 0, 1));
}

#[test]
fn many_days_are_shown_by_the_week() {
    let bars = empty_bars(&days("2026-11-20", 32, "UTC"));
    let from: Vec<String> = bars.iter().map(|bar| bar.from.to_string()).collect();
    assert_eq!(from, ["2026-10-20", "2026-10-24", "2026-10-31", "2026-11-07", "2026-11-14"]);
    assert_eq!(empty_bars(&days("2026-11-20", 31, "UTC")).len(), 31);
}

#[test]
fn the_middle_and_nine_of_ten_are_durations_that_did_occur() {
    let of = |durations: &[i64]| seconds(Spread::of(durations.iter().map(|one| jiff::SignedDuration::from_secs(*one))));
    for (durations, expected) in [
        (&[][..], None),
        (&[7][..], Some((7, 7))),
        (&[4, 1, 3, 2][..], Some((2, 4))),
        (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10][..], Some((5, 9))),
        (&[-5][..], Some((0, 0))),
    ] {
        assert_eq!(of(durations), expected, "{durations:?}");
    }
}

#[test]
fn the_card_says_what_was_counted() {
    let facts = Facts {
        asked: vec![
            asked("2026-11-16T08:30:00Z", Outcome::Completed, [Some(40), Some(100), Some(5400)]),
            asked("2026-11-17T10:00:00Z", Outcome::TimedOut, [None, None, Some(900)]),
        ],
        opened: 4,
        reopened: 1,
        talked_over: 1,
    };
    let numbers = Numbers::of(&facts, Some("support"), days("2026-11-20", 7, "Europe/Berlin"));
    let card = card::card(&numbers, Some(&card::headline(&numbers)));
    assert_eq!(
        card["text"],
        "📊 *support*, 14 to 20 Nov 2026\nAsked for a human: 2: 1 done, 1 not picked in time\n\
         Picked: half within 40 s, 9 of 10 within 40 s\nFirst answer: half within 1 min 40 s, 9 of 10 within 1 min 40 s\n\
         Done: half within 1 h 30 min, 9 of 10 within 1 h 30 min\nRooms opened: 4; 1 of them again (25 %)\n\
         The bot talked over an agent: once\nBusiest hours: 9–10, 11–12\nDays and hours are those of Europe/Berlin."
    );
    let quiet = Numbers::of(&Facts::default(), None, days("2026-01-03", 7, "UTC"));
    let card = card::card(&quiet, None);
    assert_eq!(
        card["text"],
        "Asked for a human: nobody\nRooms opened: 0\nThe bot talked over an agent: never\nDays and hours are those of UTC."
    );
    assert_eq!(card::headline(&quiet), "📊 *all queues*, 28 Dec 2025 to 3 Jan 2026");
}

proptest! {
    /// Whatever was asked for when, every handoff is in one bar, one hour and one outcome, and half is no longer than most.
    #[test]
    fn nothing_is_counted_twice_or_lost(
        handoffs in prop::collection::vec((0i64..40 * 86_400, prop::option::of(-100i64..100_000), 0usize..7), 0..40),
        count in 1u16..400,
    ) {
        let begin = time("2026-10-01T00:00:00Z");
        let later = |seconds: i64| begin + jiff::SignedDuration::from_secs(seconds);
        let asked: Vec<Asked> = handoffs
            .iter()
            .map(|(at, took, outcome)| Asked {
                requested_at: later(*at),
                queued_at: later(*at),
                accepted_at: took.map(|took| later(at + took)),
                answered_at: None,
                ended_at: None,
                outcome: Outcome::ALL[*outcome],
            })
            .collect();
        let days = days("2026-10-31", count, "America/St_Johns");
        let inside = asked.iter().filter(|one| (days.from()..days.until()).contains(&one.requested_at)).count() as u64;
        let numbers = Numbers::of(&Facts { asked, ..Facts::default() }, None, days);
        prop_assert_eq!(numbers.asked(), inside);
        prop_assert_eq!(numbers.hours.iter().sum::<u64>(), inside);
        prop_assert_eq!(numbers.bars.iter().map(|bar| bar.picked + bar.missed).sum::<u64>(), inside);
        if let Some(spread) = numbers.accept {
            prop_assert!(spread.median <= spread.most && spread.most <= Duration::from_secs(100_000));
        }
    }
}
