//! A long time: nothing grows that is not to be kept.

use std::time::Duration;

use jiff::SignedDuration;
use megatron::demo::cast::{ACME, API_KEY, HUB, JANE, PHIL, PHILS_DM};
use reqwest::StatusCode;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::process::Site;
use crate::support::crowd::{self, Customer};
use crate::support::house::House;
use crate::support::scenarios;

const SCHEMA: &str = include_str!("../../../migrations/0001_init.sql");
/// Everything goes after two hours, and the janitor looks every hour.
const RETENTION: &str = r#"
retention = { transcripts = "2h", conversations = "2h", customers = "2h", journal = "2h", failed = "2h", idempotency = "2h" }
"#;
/// Each comes back when nothing is left of them.
const CUSTOMERS: usize = 4;
/// In hours: everybody has come three times, and there is as much to be imported as will ever be.
const MIDDLE: usize = 3 * CUSTOMERS;
/// Everybody has come five times.
const END: usize = 5 * CUSTOMERS;

/// How many rows each table has.
async fn rows(house: &House) -> Vec<String> {
    let tables = SCHEMA.lines().filter_map(|line| line.strip_prefix("CREATE TABLE ")?.strip_suffix(" ("));
    let mut rows = Vec::new();
    for table in tables {
        rows.push(format!("{table}: {}", house.count(table).await));
    }
    assert!(rows.len() > 15, "{rows:?}");
    rows
}

/// A customer comes, is talked with by everybody, and goes; then the rest of an hour passes.
async fn an_hour_with(house: &House, customer: &Customer) {
    let (Customer { user, dm, handle, .. }, end) = (customer, house.now() + SignedDuration::from_hours(1));
    house.says(user, dm, "Hello?").await;
    house.jane_types(&format!("open {handle}")).await;
    house.wait(Duration::from_secs(30)).await;
    // A room that is opened again is a new channel.
    let rooms = house.slack.channels(HUB).into_iter().map(|channel| channel.name);
    let mut rooms = rooms.filter(|name| name.starts_with("cs-") && !name.contains("closed"));
    let room = rooms.next_back().expect("a room");
    house.types(JANE, &room, "pause").await;
    for line in 0..5 {
        house.says(user, dm, &format!("question {line}")).await;
        house.slack.say(HUB, JANE, &room, &format!("answer {line}")).unwrap();
        house.wait(Duration::from_secs(20)).await;
    }
    house.types(JANE, &room, "close").await;
    house.wait(house.now().duration_until(end).unsigned_abs()).await;
}

scenarios! {
    async fn customers_who_come_and_go_leave_no_more_rows_in_the_end_than_in_the_middle(house: House) {
        house.restart_with(RETENTION).await;
        house.knows_acme().await;
        let customers = crowd::crowd(&house.slack, CUSTOMERS);
        let mut in_the_middle = Vec::new();
        for hour in 0..END {
            an_hour_with(&house, &customers[hour % CUSTOMERS]).await;
            if hour + 1 == MIDDLE {
                in_the_middle = rows(&house).await;
            }
        }
        let in_the_end = rows(&house).await;
        assert_eq!(in_the_middle, in_the_end);
        assert!(!in_the_end.contains(&"copies: 0".to_owned()), "something is there to be kept: {in_the_end:?}");
    }
}

/// What the kernel says that the process occupies, in kB.
fn occupied(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn median(sizes: &[u64]) -> u64 {
    let mut sizes = sizes.to_vec();
    sizes.sort_unstable();
    sizes[sizes.len() / 2]
}

/// `MEGATRON_TEST_SOAK_SECONDS` says for how long (5); figures with `--nocapture`.
#[tokio::test]
#[allow(clippy::print_stdout, clippy::disallowed_methods)] // A test of real time that prints what it measured.
async fn the_program_occupies_no_more_memory_in_the_end_than_in_the_middle() {
    let seconds = std::env::var("MEGATRON_TEST_SOAK_SECONDS").map_or(5, |text| text.parse().unwrap());
    let site = Site::new().await;
    let service = site.serve_with(&[]).await;
    site.open_room(&service).await;
    let Some(start) = occupied(service.child.id()) else { return println!("skipped: there is no /proc here") };
    let (begin, url, mut sizes, mut requests) =
        (Instant::now(), service.url.join("ingest").unwrap(), Vec::new(), 0_u64);
    for second in 0_u64..seconds {
        for number in 0..50 {
            let (user, dm) = (format!("U0S{number:02}"), format!("D0S{number:02}"));
            let (user, dm) = if number == 0 { (PHIL, PHILS_DM) } else { (user.as_str(), dm.as_str()) };
            let message =
                json!({ "ts": format!("{}.{requests:06}", 1_800_000_000 + second), "text": "word ".repeat(40) });
            let body = json!({ "direction": "incoming", "team_id": ACME, "channel_id": dm, "user_id": user, "message": message });
            let answer = site.http.post(url.clone()).bearer_auth(API_KEY).json(&body).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::ACCEPTED);
            requests = (requests + 1) % 1_000_000;
        }
        let word = ["pause", "status", "unpause", "list"][usize::try_from(second % 4).unwrap()];
        site.slack.command(HUB, JANE, "cs-phil", "/megatron", word).await.unwrap();
        sizes.push(occupied(service.child.id()).unwrap());
        if second % 60 == 59 {
            println!("after {} minutes: {} kB", second / 60 + 1, sizes.last().unwrap());
        }
        sleep(Duration::from_secs(second + 1).saturating_sub(begin.elapsed())).await;
    }
    let (middle, end) = (median(&sizes[sizes.len() / 3..=sizes.len() / 2]), median(&sizes[sizes.len() * 4 / 5..]));
    println!(
        "{requests} messages in {seconds} s; at the start {start} kB, in the middle {middle} kB, in the end {end} kB"
    );
    assert!(end < middle + middle / 10 + 4096, "it grows: {middle} kB, then {end} kB");
    assert_eq!(service.terminate().await.code(), Some(0));
}
