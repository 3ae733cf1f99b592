//! Hours against a calendar: breaks, holidays, and the days on which clocks are changed.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rstest::rstest;

use super::*;

const OFFICE: &[&str] = &["mon-fri 09:00-12:30", "mon-fri 13:30-17:00", "sat 10:00-14:00"];

fn hours(time_zone: &str, days: &[&str], holidays: &[&str]) -> Hours {
    let [days, holidays] = [days, holidays].map(|list| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
    assert!(Hours::is_zone(time_zone) && days.iter().all(|line| is_days(line)), "{days:?}");
    Hours::new("office", time_zone, &days, &holidays)
}

fn berlin() -> Hours {
    hours("Europe/Berlin", OFFICE, &["2026-12-25", "2026-12-26"])
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

// 2026-11-20 is a Friday.
#[rstest]
#[case::before_work("2026-11-20T08:59+01", Some("2026-11-20T09:00+01"))]
#[case::at_the_first_minute("2026-11-20T09:00+01", None)]
#[case::at_work("2026-11-20T10:15+01", None)]
#[case::at_the_break("2026-11-20T12:30+01", Some("2026-11-20T13:30+01"))]
#[case::after_the_break("2026-11-20T13:30+01", None)]
#[case::after_work("2026-11-20T17:00+01", Some("2026-11-21T10:00+01"))]
#[case::at_the_weekend("2026-11-21T14:00+01", Some("2026-11-23T09:00+01"))]
#[case::over_holidays("2026-12-24T17:00+01", Some("2026-12-28T09:00+01"))]
#[case::on_a_holiday("2026-12-25T10:00+01", Some("2026-12-28T09:00+01"))]
#[case::in_summer("2026-07-01T08:59+02", Some("2026-07-01T09:00+02"))]
fn somebody_is_there_or_comes_next(#[case] now: &str, #[case] next: Option<&str>) {
    let (hours, now) = (berlin(), at(now));
    assert_eq!(hours.are_on(now), next.is_none());
    assert_eq!(hours.next_start(now), Some(next.map_or(now, at)));
}

#[rstest]
#[case::within_a_morning("2026-11-20T09:00+01", 60, "2026-11-20T10:00+01")]
#[case::to_the_last_minute("2026-11-20T09:00+01", 210, "2026-11-20T12:30+01")]
#[case::over_the_break("2026-11-20T12:00+01", 60, "2026-11-20T14:00+01")]
#[case::over_the_night_and_the_weekend("2026-11-20T16:30+01", 30 + 240 + 15, "2026-11-23T09:15+01")]
#[case::from_outside("2026-11-22T03:00+01", 15, "2026-11-23T09:15+01")]
#[case::over_holidays("2026-12-24T16:45+01", 30, "2026-12-28T09:15+01")]
fn a_deadline_counts_working_time(#[case] since: &str, #[case] working: u64, #[case] end: &str) {
    let (hours, since, end) = (berlin(), at(since), at(end));
    assert_eq!(hours.deadline(since, minutes(working)), end);
    assert_eq!(hours.between(since, end), minutes(working));
}

// Clocks in Berlin: 2026-03-29 from 02:00 to 03:00, 2026-10-25 from 03:00 back to 02:00; both are Sundays.
#[rstest]
#[case::a_short_day("sun 00:00-24:00", "2026-03-29T00:00+01", "2026-03-30T00:00+02", 23 * 60)]
#[case::a_long_day("sun 00:00-24:00", "2026-10-25T00:00+02", "2026-10-26T00:00+01", 25 * 60)]
#[case::what_is_skipped("sun 02:00-03:00", "2026-03-29T00:00+01", "2026-03-30T00:00+02", 0)]
#[case::half_of_it_skipped("sun 02:30-03:30", "2026-03-29T00:00+01", "2026-03-30T00:00+02", 30)]
#[case::what_comes_twice("sun 02:00-03:00", "2026-10-25T00:00+02", "2026-10-26T00:00+01", 120)]
#[case::around_it("sun 01:00-04:00", "2026-10-25T00:00+02", "2026-10-26T00:00+01", 240)]
fn clocks_are_changed(#[case] days: &str, #[case] from: &str, #[case] to: &str, #[case] working: u64) {
    let hours = hours("Europe/Berlin", &[days], &[]);
    assert_eq!(hours.between(at(from), at(to)), minutes(working));
}

#[test]
fn a_start_that_the_clock_skips_is_when_it_is_put_forward() {
    let hours = hours("Europe/Berlin", &["sun 02:30-04:00"], &[]);
    assert_eq!(hours.next_start(at("2026-03-28T12:00Z")), Some(at("2026-03-29T03:00+02")));
    assert!(!hours.are_on(at("2026-03-29T01:59+01")));
}

#[test]
fn a_day_that_a_country_leaves_out_has_no_hours() {
    // Samoa went from Thursday, 2011-12-29, to Saturday.
    let hours = hours("Pacific/Apia", &["fri 09:00-17:00", "sat 09:00-10:00"], &[]);
    assert_eq!(hours.next_start(at("2011-12-29T23:00-10")), Some(at("2011-12-31T09:00+14")));
}

#[test]
fn around_the_clock_it_never_ends() {
    let always = hours("America/New_York", &["mon-sun 00:00-24:00"], &[]);
    let now = at("2026-11-20T10:00Z");
    assert!(always.are_on(now));
    assert_eq!(always.deadline(now, minutes(10_000)), crate::clock::after(now, minutes(10_000)));
}

#[test]
fn without_any_hours_it_never_begins() {
    let now = at("2026-11-20T10:00Z");
    for never in [Hours::default(), hours("UTC", &[], &[])] {
        assert!(!never.are_on(now));
        assert_eq!(never.next_start(now), None);
        assert_eq!(never.deadline(now, minutes(1)), Timestamp::MAX);
        assert_eq!(never.between(now, Timestamp::MAX), Duration::ZERO);
    }
}

#[test]
fn a_search_ends_also_at_the_end_of_time() {
    let hours = hours("UTC", &["mon 09:00-09:01"], &[]);
    assert_eq!(hours.deadline(at("2026-11-20T10:00Z"), minutes(1_000_000)), Timestamp::MAX);
    for time in [Timestamp::MIN, Timestamp::MAX] {
        let _ = (hours.are_on(time), hours.between(time, Timestamp::MAX), hours.deadline(time, minutes(2)));
    }
}

#[rstest]
#[case("mon 09:00-17:00", Some(vec![0]))]
#[case(" Mon-Fri  9:00 - 17:00 ", Some(vec![0, 1, 2, 3, 4]))]
#[case("sat-mon 22:00-24:00", Some(vec![0, 5, 6]))]
#[case("sun-sun 00:00-00:01", Some(vec![6]))]
#[case("mon-sun 00:00-24:00", Some(vec![0, 1, 2, 3, 4, 5, 6]))]
#[case("mon", None)]
#[case("mon 09:00", None)]
#[case("monday 09:00-17:00", None)]
#[case("mon 17:00-09:00", None)]
#[case("mon 09:00-09:00", None)]
#[case("mon 09:00-24:01", None)]
#[case("mon 09:60-10:00", None)]
#[case("mon 9-17", None)]
#[case("mon +9:00-17:00", None)]
#[case("mon,tue 09:00-17:00", None)]
#[case("", None)]
fn days_are_read_as_people_write_them(#[case] line: &str, #[case] expected: Option<Vec<usize>>) {
    assert_eq!(is_days(line), expected.is_some());
    let week = Hours::new("office", "UTC", &[line.to_owned()], &[]).week;
    let found: Vec<_> = (0..7).filter(|day| !week[*day].is_empty()).collect();
    assert_eq!(found, expected.unwrap_or_default());
}

#[test]
fn spans_that_overlap_are_one() {
    let hours = hours("UTC", &["mon 10:00-12:00", "mon-tue 09:00-11:00", "mon 12:00-13:00", "mon 14:00-15:00"], &[]);
    assert_eq!(hours.week[0], [Span { from: 540, to: 780 }, Span { from: 840, to: 900 }]);
    assert_eq!(hours.week[1], [Span { from: 540, to: 660 }]);
}

#[test]
fn zones_and_dates_are_told_from_anything_else() {
    assert!(Hours::is_zone("Europe/Berlin") && Hours::is_zone("UTC"));
    assert!(!Hours::is_zone("Europe/Springfield") && !Hours::is_zone("") && !Hours::is_zone("+01:00"));
    assert!(is_date("2026-12-25") && is_date("2028-02-29"));
    assert!(!is_date("2026-02-29") && !is_date("25.12.2026") && !is_date("2026-12-25T00:00") && !is_date(""));
}

fn any_hours() -> impl Strategy<Value = Hours> {
    let span = (0_u16..1439, 1_u16..900).prop_map(|(from, long)| (from, (from + long).min(1440)));
    let line = (0_usize..7, 0_usize..7, span).prop_map(|(first, last, (from, to))| {
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let [from, to] = [from, to].map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60));
        format!("{}-{} {from}-{to}", days[first], days[last])
    });
    let zone =
        prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]);
    (zone, prop::collection::vec(line, 1..4)).prop_map(|(zone, days)| Hours::new("any", zone, &days, &[]))
}

proptest! {
    #[test]
    fn deadline_and_between_agree(
        hours in any_hours(),
        // The years 2025 to 2028.
        since in 1_735_689_600_i64..1_861_920_000,
        working in 1_u64..20_000,
    ) {
        let since = Timestamp::from_second(since).unwrap();
        let end = hours.deadline(since, minutes(working));
        // A minute a week may not be enough within the twenty years that are looked at.
        prop_assume!(end < Timestamp::MAX);
        prop_assert_eq!(hours.between(since, end), minutes(working));
        let before = end - jiff::SignedDuration::from_secs(1);
        prop_assert_eq!(hours.between(since, before) + Duration::from_secs(1), minutes(working));
        prop_assert!(hours.are_on(before));
    }

    #[test]
    fn working_time_adds_up(hours in any_hours(), from in 1_735_689_600_i64..1_861_920_000, a in 0_i64..1_000_000, b in 0_i64..1_000_000) {
        let [from, middle, to] = [from, from + a, from + a + b].map(|second| Timestamp::from_second(second).unwrap());
        prop_assert_eq!(hours.between(from, middle) + hours.between(middle, to), hours.between(from, to));
        prop_assert_eq!(hours.are_on(from), hours.next_start(from) == Some(from));
    }

    #[test]
    fn any_line_is_read(line: String) {
        let _ = (is_days(&line), is_date(&line));
    }
}
