//! Once a week the channel of a queue is told its numbers.

use std::time::Duration;

use megatron::demo::cast::HUB;
use megatron::takeover::handoff::hours::Hours;
use megatron::takeover::handoff::queue::Queue;
use serde_json::json;

use crate::support::house::House;
use crate::support::queues::{BILLING, HELPDESK};
use crate::support::scenarios;

/// From Friday, when the curtain rises, to Monday at nine in Berlin, and a minute less.
const TO_MONDAY: Duration = Duration::from_hours(2 * 24 + 22);
const ALMOST: Duration = Duration::from_mins((2 * 24 + 22) * 60 - 1);
const WEEK: Duration = Duration::from_hours(7 * 24);

fn on_mondays(queue: &mut Queue) {
    if queue.label == "support" {
        "mon 09:00".clone_into(&mut queue.digest);
        queue.hours = Some(Hours::new("office", "Europe/Berlin", &["mon-sun 00:00-24:00".to_owned()], &[]));
    }
}

impl House {
    /// What the channel of a queue was told of its weeks: the first two lines of each.
    fn digests(&self, channel: &str) -> Vec<String> {
        let posts = self.slack.history(HUB, channel).into_iter().filter(|post| post.by_app);
        let weeks = posts.filter(|post| post.text.contains("The week of"));
        weeks.map(|post| post.text.lines().take(2).collect::<Vec<_>>().join(" / ")).collect()
    }
}

scenarios! {
    async fn each_week_a_queue_is_told_its_numbers_at_its_time(house: House) {
        house.with_queues(on_mondays).await;
        house.phil_says("help!").await;
        house.is_handed_off(json!({})).await;
        house.wait(ALMOST).await;
        assert!(house.digests(HELPDESK).is_empty());
        house.wait(Duration::from_mins(1)).await;
        let first = "📊 The week of *support*: 16 to 22 Nov 2026 / Asked for a human: 1: 1 waiting";
        assert_eq!(house.digests(HELPDESK), [first]);
        assert_eq!(house.pictures(HELPDESK).len(), 1);
        house.wait(WEEK).await;
        let second = "📊 The week of *support*: 23 to 29 Nov 2026 / Asked for a human: nobody";
        assert_eq!(house.digests(HELPDESK), [first, second]);
        assert_eq!(house.pictures(HELPDESK).len(), 1, "of nothing there is no chart");
        assert!(house.digests(BILLING).is_empty(), "this one did not want to know");
    }

    async fn after_weeks_without_the_service_a_queue_is_told_once(house: House) {
        house.with_queues(on_mondays).await;
        house.settle().await;
        house.clock.advance(TO_MONDAY + WEEK + WEEK + Duration::from_hours(30));
        house.restart().await;
        let last = "📊 The week of *support*: 30 Nov to 6 Dec 2026 / Asked for a human: nobody";
        assert_eq!(house.digests(HELPDESK), [last]);
        house.restart().await;
        house.wait(Duration::from_hours(24)).await;
        assert_eq!(house.digests(HELPDESK).len(), 1);
    }

    async fn a_crash_while_it_is_told_does_not_tell_it_twice(house: House) {
        house.with_queues(on_mondays).await;
        house.settle().await;
        house.clock.advance(TO_MONDAY);
        house.crash_while_posting().await;
        house.wait(Duration::from_mins(2)).await;
        assert_eq!(house.digests(HELPDESK).len(), 1);
    }

    async fn another_time_holds_from_then_on(house: House) {
        house.with_queues(on_mondays).await;
        house.settle().await;
        let mut queue = house.app.relay().watches.queues()[0].clone();
        "sun 12:30".clone_into(&mut queue.digest);
        house.has_queue(&queue).await;
        house.settle().await;
        house.wait(TO_MONDAY).await;
        assert_eq!(house.digests(HELPDESK), ["📊 The week of *support*: 15 to 21 Nov 2026 / Asked for a human: nobody"]);
        queue.digest.clear();
        house.has_queue(&queue).await;
        house.wait(WEEK + WEEK).await;
        assert_eq!(house.digests(HELPDESK).len(), 1, "nobody wants to know any more");
    }

    async fn the_words_above_it_are_the_operators(house: House) {
        house.restart_with("[templates]\nqueue_digest = \"\"").await;
        house.with_queues(on_mondays).await;
        house.settle().await;
        house.wait(TO_MONDAY).await;
        let told = house.slack.history(HUB, HELPDESK).pop().unwrap();
        assert!(told.text.starts_with("Asked for a human: nobody\nRooms opened: 0\n"), "{}", told.text);
    }
}

#[tokio::test]
async fn of_two_instances_one_tells_it() {
    let Some(house) = House::on_postgres().await else { return };
    house.with_queues(on_mondays).await;
    house.settle().await;
    let other = house.another().await;
    house.clock.advance(TO_MONDAY);
    let (one, two) = tokio::join!(Box::pin(house.app.step()), Box::pin(other.step()));
    one.unwrap();
    two.unwrap();
    house.settle().await;
    assert_eq!(house.digests(HELPDESK).len(), 1);
}
