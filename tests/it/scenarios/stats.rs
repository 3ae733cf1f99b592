//! Numbers: what agents and bots read of some days, and the chart.

use std::time::Duration;

use megatron::demo::cast::{HUB, JANE, RAJ};
use megatron::render::numbers::chart;
use megatron::simulator::Fault;
use megatron::takeover::cards::action;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::queues::{BILLING, HELPDESK};
use crate::support::scenarios;

impl House {
    /// Phil asked for a human; Jane picked after 40 seconds, answered a minute later, and was done in ten minutes.
    async fn with_a_handoff_done(&self) {
        self.with_queues(|_| ()).await;
        self.phil_says("help!").await;
        self.is_handed_off(json!({})).await;
        self.wait(Duration::from_secs(40)).await;
        self.clicks(JANE, HELPDESK, action::PICK).await;
        self.wait(Duration::from_mins(1)).await;
        self.jane_writes("cs-phil", "Hi Phil").await;
        self.wait(Duration::from_secs(500)).await;
        self.types(JANE, "cs-phil", "close").await;
        self.wait(Duration::from_secs(1)).await;
    }

    async fn stats(&self, query: &str) -> (StatusCode, Value) {
        self.api(Method::GET, &format!("v1/stats{query}"), None).await
    }

    /// The pictures that the service has put into a channel.
    pub(super) fn pictures(&self, channel: &str) -> Vec<Value> {
        let posts = self.slack.history(HUB, channel).into_iter().filter(|post| post.by_app);
        posts.flat_map(|post| post.files.as_array().cloned().unwrap_or_default()).collect()
    }

    /// The one DM of the hub app.
    fn one_dm(&self) -> String {
        let mut dms = self.slack.channels(HUB).into_iter().filter(|channel| channel.id.starts_with('D'));
        let dm = dms.next().expect("somebody was written to in person");
        assert!(dms.next().is_none(), "and nobody else");
        dm.id
    }
}

/// Width and height of a PNG, which its header tells.
fn size(png: &[u8]) -> (u32, u32) {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

scenarios! {
    async fn an_agent_reads_the_numbers_and_the_chart_follows_in_the_channel_of_the_queue(house: House) {
        house.with_a_handoff_done().await;
        let answer = house.types(JANE, HELPDESK, "stats").await;
        assert_eq!(
            answer,
            "📊 *support*, 14 to 20 Nov 2026\nAsked for a human: 1: 1 done\nPicked: half within 40 s, 9 of 10 within 40 s\n\
             First answer: half within 1 min 40 s, 9 of 10 within 1 min 40 s\nDone: half within 10 min, 9 of 10 within 10 min\n\
             Rooms opened: 1\nThe bot talked over an agent: never\nBusiest hours: 10–11\nDays and hours are those of UTC."
        );
        let [picture] = &house.pictures(HELPDESK)[..] else { panic!("one picture") };
        let name = picture["name"].as_str().unwrap();
        assert!(name.starts_with("numbers-support-7d-2026-11-20-"), "{name}");
        assert_eq!(picture["mimetype"], "image/png");
        assert_eq!(
            picture["alt_txt"],
            "Charts of support, 14 to 20 Nov 2026: 1 asked for a human, 1 of them were picked. Busiest hours: 10–11."
        );
        let bytes = house.slack.file_bytes(HUB, picture["id"].as_str().unwrap()).unwrap();
        assert_eq!(size(&bytes), chart::SIZE);
        let told = house.slack.history(HUB, HELPDESK).pop().unwrap();
        assert_eq!(told.text, "📊 *support*, 14 to 20 Nov 2026");
    }

    async fn elsewhere_the_chart_comes_in_person(house: House) {
        house.with_a_handoff_done().await;
        assert!(house.jane_types("stats 30d support").await.starts_with("📊 *support*, 22 Oct to 20 Nov 2026\n"));
        assert_eq!(house.pictures(&house.one_dm()).len(), 1);
        assert!(house.slack.members(HUB, &house.one_dm()).contains(&JANE.to_owned()));
        assert!(house.jane_types("stats").await.starts_with("📊 *all queues*, "));
        assert_eq!(house.pictures(&house.one_dm()).len(), 2);
    }

    async fn of_a_quiet_queue_there_is_no_chart(house: House) {
        house.with_a_handoff_done().await;
        let answer = house.types(JANE, BILLING, "stats").await;
        assert!(answer.starts_with("📊 *billing*, 14 to 20 Nov 2026\nAsked for a human: nobody\nRooms opened: 0\n"), "{answer}");
        assert!(house.pictures(BILLING).is_empty());
    }

    async fn what_is_not_understood_or_not_kept_is_told(house: House) {
        house.with_queues(|_| ()).await;
        let example = "`/megatron stats 30d support`, for example.";
        assert_eq!(house.jane_types("stats 91d").await, format!("There are numbers of 1d to 90d. {example}"));
        assert_eq!(house.jane_types("stats sales").await, format!("There is no queue “sales”. {example}"));
        house.restart_with("retention.journal = \"3d\"").await;
        assert!(house.jane_types("stats").await.starts_with("📊 *all queues*, 18 to 20 Nov 2026\n"));
        assert_eq!(house.jane_types("stats 4d").await, format!("There are numbers of 1d to 3d. {example}"));
    }

    async fn an_agent_is_told_when_the_chart_cannot_be_sent(house: House) {
        house.with_a_handoff_done().await;
        house.slack.fail_next("files.getUploadURLExternal", Fault::Error("file_uploads_disabled".into()));
        house.types(JANE, HELPDESK, "stats").await;
        let told = house.whispers(JANE, HELPDESK).pop().unwrap();
        assert!(told.starts_with("Megatron ▸ The chart could not be sent: "), "{told}");
        assert!(house.pictures(HELPDESK).is_empty());
    }

    async fn a_chart_that_is_sent_again_is_shown_once(house: House) {
        house.with_a_handoff_done().await;
        house.slack.fail_next("files.completeUploadExternal", Fault::Http500After);
        house.slack.fail_next("conversations.history", Fault::Http500Before);
        house.types(JANE, HELPDESK, "stats").await;
        house.wait(Duration::from_mins(1)).await;
        assert_eq!(house.pictures(HELPDESK).len(), 1);
    }

    async fn a_chart_is_not_taken_for_another_one_that_is_there(house: House) {
        house.with_a_handoff_done().await;
        house.types(JANE, HELPDESK, "stats").await;
        for (words, pictures) in [("stats 30d", 2), ("stats 30d", 3)] {
            house.slack.fail_next("files.completeUploadExternal", Fault::Http500Before);
            house.types(JANE, HELPDESK, words).await;
            house.wait(Duration::from_mins(1)).await;
            assert_eq!(house.pictures(HELPDESK).len(), pictures);
        }
    }

    async fn a_transfer_counts_as_the_customer_sees_it(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        let id = house.is_handed_off(json!({})).await;
        house.wait(Duration::from_secs(40)).await;
        house.clicks(JANE, HELPDESK, action::PICK).await;
        house.wait(Duration::from_mins(1)).await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.types(JANE, "cs-phil", "transfer billing").await;
        let times = async |house: &House, queue: &str| house.stats(&format!("?queue={queue}")).await.1["seconds"].clone();
        let seconds = |seconds: i64| json!({ "median": seconds, "p90": seconds });
        let waits = times(&house, "billing").await;
        assert_eq!((&waits["to_accept"], &waits["to_answer"]), (&Value::Null, &seconds(100)), "nobody there has picked so far");
        house.wait(Duration::from_mins(10)).await;
        house.clicks(RAJ, BILLING, action::PICK).await;
        house.slack.say(HUB, RAJ, "cs-phil", "Raj here").unwrap();
        house.settle().await;
        let picked = times(&house, "billing").await;
        assert_eq!((&picked["to_accept"], &picked["to_answer"]), (&seconds(600), &seconds(100)));
        house.wait(Duration::from_mins(1)).await;
        house.types(RAJ, "cs-phil", "transfer support").await;
        house.wait(Duration::from_mins(5)).await;
        house.clicks(JANE, HELPDESK, action::DECLINE).await;
        assert_eq!(house.progress(&id).await, "accepted in billing");
        let back = times(&house, "billing").await;
        assert_eq!((&back["to_accept"], &back["to_answer"]), (&Value::Null, &seconds(100)), "Raj has not picked it anew");
    }

    async fn a_bot_that_talks_over_an_agent_is_counted(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        house.jane_types("open phil").await;
        house.types(JANE, "cs-phil", "pause").await;
        let said = async |house: &House| house.stats("").await.1["talked_over"].clone();
        house.jane_writes("cs-phil", "Hi Phil, Jane here").await;
        house.phil_says("hello Jane").await;
        assert_eq!(said(&house).await, 0, "Jane's own words come back as the bot's");
        house.wait(Duration::from_secs(1)).await;
        house.bot_says("Did you mean: expenses?").await;
        assert_eq!(said(&house).await, 1);
        let (status, _) = house.asks("messages", json!({ "control_epoch": 0, "message": { "text": "Hello?" } })).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert_eq!(said(&house).await, 2, "what was refused would have talked over her");
        house.types(JANE, "cs-phil", "unpause").await;
        house.wait(Duration::from_secs(1)).await;
        house.bot_says("I am back").await;
        house.asks("messages", json!({ "control_epoch": 0, "message": { "text": "Hello?" } })).await;
        assert_eq!(said(&house).await, 2, "it may speak again");
        assert!(house.jane_types("stats").await.contains("The bot talked over an agent: 2 times"));
    }

    async fn a_room_that_is_opened_soon_after_its_closing_is_opened_again(house: House) {
        house.with_a_handoff_done().await;
        house.jane_types("open phil").await;
        let (_, stats) = house.stats("").await;
        assert_eq!(stats["rooms"], json!({ "opened": 2, "reopened": 1 }));
        house.jane_types("close phil").await;
        house.wait(Duration::from_hours(8 * 24)).await;
        house.jane_types("open phil").await;
        let (_, stats) = house.stats("?days=30").await;
        assert_eq!(stats["rooms"], json!({ "opened": 3, "reopened": 1 }));
    }

    async fn a_bot_reads_the_numbers_of_its_own_conversations(house: House) {
        house.with_a_handoff_done().await;
        let (status, numbers) = house.stats("?days=2&queue=Support").await;
        assert_eq!(status, StatusCode::OK, "{numbers}");
        assert_eq!((&numbers["queue"], &numbers["from"], &numbers["to"]), (&json!("support"), &json!("2026-11-19"), &json!("2026-11-20")));
        assert_eq!((&numbers["handoffs"]["requested"], &numbers["handoffs"]["outcomes"]["completed"]), (&json!(1), &json!(1)));
        assert_eq!(numbers["seconds"]["to_accept"], json!({ "median": 40, "p90": 40 }));
        assert_eq!(numbers["seconds"]["to_complete"], json!({ "median": 600, "p90": 600 }));
        assert_eq!(numbers["by_day"][1], json!({ "from": "2026-11-20", "picked": 1, "not_picked": 0 }));
        assert_eq!((numbers["by_hour"].as_array().unwrap().len(), &numbers["by_hour"][10]), (24, &json!(1)));
        for (query, field) in [("?days=0", "days"), ("?days=91", "days"), ("?days=week", "days"), ("?queue=sales", "queue")] {
            let (status, problem) = house.stats(query).await;
            assert_eq!((status.as_u16(), &problem["errors"][0]["path"]), (422, &json!(field)), "{query}");
        }
        house.with_second_bot().await;
        let (status, numbers) = house.travel(Method::GET, "v1/stats", Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{numbers}");
        assert_eq!((&numbers["handoffs"]["requested"], &numbers["rooms"]["opened"]), (&json!(0), &json!(0)));
    }
}
