//! Tickets in the tracker: what people who look there only see, and how they close the loop.

use std::time::Duration;

use megatron::deliver::sign::Key;
use megatron::demo::cast::{CALLBACK_SECRET, HUB, JANE};
use megatron::takeover::cards::action;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::asana::{Asana, PROJECT, PUBLIC_URL, TAG, TOKEN, Trouble};
use crate::support::bot::{Bot, Mood};
use crate::support::house::House;
use crate::support::scenarios;

impl House {
    /// The service is started again with tickets in Asana, and a room for Phil is open.
    async fn with_asana(&mut self, more: &str) -> Asana {
        let (asana, url) = Asana::start(&self.clock).await;
        self.restart_with(&format!(
            "[tracker]\nkind = \"asana\"\napi_url = \"{url}\"\ntoken = \"{TOKEN}\"\nproject = \"{PROJECT}\"\n\
             tags = [\"{TAG}\"]\npublic_url = \"{PUBLIC_URL}\"\n{more}\n"
        ))
        .await;
        asana.reaches(&self.url);
        self.wait(Duration::from_secs(10)).await;
        asana
    }

    /// Asana tells what happened, and the service does what follows.
    async fn hears(&self, asana: &Asana) {
        assert_eq!(asana.tells().await, StatusCode::OK);
        self.settle().await;
    }

    fn ticket_lines(&self) -> Vec<String> {
        self.notices("cs-phil").into_iter().filter(|line| line.contains("ticket")).collect()
    }

    /// A tracker of the operator's own; its requests to the service are signed by [`Self::tracker_says`].
    async fn with_own_tracker(&mut self) -> Bot {
        let tracker = Bot::default();
        let url = tracker.listen().await;
        tracker.answers("ticket.create", json!({ "id": "T-1", "url": "https://tickets.example/T-1" }));
        self.restart_with(&format!(
            "[tracker]\nkind = \"webhook\"\napi_url = \"{url}\"\nsecret = \"{CALLBACK_SECRET}\""
        ))
        .await;
        tracker
    }

    async fn tracker_says(&self, id: &str, secret: &str, body: &Value) -> StatusCode {
        let (body, now) = (body.to_string(), self.now().as_second());
        let signature = Key::parse(&secret.into()).unwrap().webhook(id, now, body.as_bytes());
        let request = self.request(Method::POST, "trackers/webhook").header("webhook-id", id);
        let request = request.header("webhook-timestamp", now).header("webhook-signature", signature);
        let status = request.header("content-type", "application/json").body(body).send().await.unwrap().status();
        self.settle().await;
        status
    }
}

scenarios! {
    async fn a_ticket_says_who_it_is_about_and_where_to_answer(house: House) {
        let asana = house.with_asana("").await;
        house.with_open_room().await;
        assert_eq!(asana.tasks(), [("Phil of Acme, Expense Bot".to_owned(), false)]);
        assert_eq!(asana.tags(0), json!([TAG]));
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        let notes = asana.notes(0);
        for line in [
            "Jane opened a room.",
            "Customer: Phil",
            "Name: Phil Harris",
            "E-mail: phil@acme.example",
            "Workspace: Acme",
            "Bot: Expense Bot",
            &format!("Room: https://initech.slack.com/archives/{room}"),
        ] {
            assert!(notes.lines().any(|known| known == line), "{line}: {notes}");
        }
        let told = house.ticket_lines();
        assert!(told[0].starts_with("🎫 There is a ticket for this conversation in <https://app.asana.com/"), "{told:?}");
        assert!(asana.refused().is_empty(), "{:?}", asana.refused());
    }

    async fn the_same_ticket_is_commented_and_completed_with_the_room(house: House) {
        let asana = house.with_asana("").await;
        house.with_open_room().await;
        house.phil_says("My <https://x.example|receipt> is *gone*").await;
        house.bot_says("Which one?").await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "I am on it").await;
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_secs(20)).await;
        let comments = asana.comments(0);
        assert_eq!(comments.len(), 4, "{comments:?}");
        assert!(comments[0].starts_with("Megatron: Phil: My receipt"), "{comments:?}");
        assert_eq!(comments[1], "Megatron: Jane paused Expense Bot.");
        assert_eq!(comments[2], "Megatron: Jane unpaused Expense Bot.");
        assert_eq!(comments[3], "Megatron: Jane closed the room.");
        assert!(asana.tasks()[0].1, "complete");
        // What we did ourselves comes back, and is no news.
        house.hears(&asana).await;
        assert_eq!(house.bot.heard_of("conversation.closed").len(), 1);
        assert!(asana.refused().is_empty(), "{:?}", asana.refused());
    }

    async fn a_second_ticket_refers_to_the_first(house: House) {
        let asana = house.with_asana("").await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_secs(20)).await;
        house.jane_types("open phil").await;
        house.wait(Duration::from_mins(2)).await;
        assert_eq!(asana.tasks().iter().map(|task| task.1).collect::<Vec<_>>(), [true, false]);
        assert!(!asana.notes(0).contains("Earlier"));
        assert!(asana.notes(1).contains("Earlier: https://app.asana.com/1/1/project/"), "{}", asana.notes(1));
    }

    async fn completed_in_asana_the_room_is_closed_and_the_bot_is_back(house: House) {
        let asana = house.with_asana("").await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        asana.raj_completes(0);
        house.hears(&asana).await;
        house.wait(Duration::from_secs(20)).await;
        assert!(house.rooms().is_empty());
        assert_eq!(house.control().await, "bot, active, 2");
        assert_eq!(house.bot.heard_of("conversation.closed")[0]["data"]["reason"], "tracker");
        assert_eq!(house.slack.lines(HUB, &house.slack.channels(HUB).last().unwrap().name)
            .iter().filter(|line| line.contains("Raj Patel completed the ticket")).count(), 1);
        let comments = asana.comments(0);
        assert_eq!(comments.last().unwrap(), "Megatron: Jane paused Expense Bot.", "nothing is told back: {comments:?}");
        house.hears(&asana).await;
        assert_eq!(house.bot.heard_of("conversation.closed").len(), 1);
    }

    async fn the_agents_may_prefer_to_be_told(house: House) {
        let asana = house.with_asana("on_complete = \"tell\"").await;
        house.with_open_room().await;
        asana.raj_completes(0);
        house.hears(&asana).await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.ticket_lines().last().unwrap(), "🎫 Raj Patel completed the ticket.");
        house.phil_says("and another thing").await;
        assert_eq!(asana.comments(0).len(), 0, "it is over");
    }

    async fn what_people_do_in_asana_is_told_in_the_room(house: House) {
        let asana = house.with_asana("").await;
        house.with_open_room().await;
        house.phil_says("Hello??").await;
        asana.raj_takes(0);
        asana.raj_comments(0, "Ask for <the> number");
        asana.raj_describes(0);
        house.hears(&asana).await;
        house.hears(&asana).await;
        assert_eq!(
            house.ticket_lines()[1..],
            [
                "🎫 The ticket is assigned to Raj Patel now.",
                "🎫 Raj Patel commented on the ticket: Ask for &lt;the&gt; number",
                "🎫 The description of the ticket was changed in the tracker.",
            ],
            "and not what we wrote there ourselves"
        );
        assert!(!house.dm().iter().any(|line| line.contains("number")), "the customer sees nothing of it");
    }

    async fn while_asana_is_down_nobody_waits_and_nothing_is_lost(house: House) {
        let asana = house.with_asana("").await;
        asana.has(&[Trouble::Status(503), Trouble::Status(500), Trouble::Busy(600), Trouble::Status(502)]);
        house.with_open_room().await;
        house.phil_says("one").await;
        house.phil_says("two").await;
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Phil: two");
        assert!(asana.tasks().is_empty());
        house.restart().await;
        asana.reaches(&house.url);
        house.wait(Duration::from_hours(4)).await;
        assert_eq!(asana.tasks().len(), 1);
        assert_eq!(asana.comments(0), ["Megatron: Phil: one", "Megatron: Phil: two"]);
    }

    async fn an_answer_that_is_lost_makes_no_second_ticket_and_no_second_comment(house: House) {
        let asana = house.with_asana("").await;
        // Other tasks of the same time, so that it takes more than a page to find ours.
        asana.has(&[Trouble::Lost]);
        house.with_open_room().await;
        house.wait(Duration::from_mins(1)).await;
        assert_eq!(asana.tasks().len(), 1);
        asana.has(&[Trouble::Lost]);
        for text in ["one", "two", "three"] {
            house.phil_says(text).await;
        }
        house.wait(Duration::from_mins(1)).await;
        assert_eq!(asana.comments(0).len(), 3, "{:?}", asana.comments(0));
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_secs(20)).await;
        assert!(asana.tasks()[0].1);
    }

    async fn what_asana_refuses_is_said_and_can_be_retried(house: House) {
        let asana = house.with_asana("").await;
        asana.has(&[Trouble::Status(400)]);
        house.with_open_room().await;
        let told = house.ticket_lines();
        assert_eq!(told, ["⚠️ No ticket could be opened: the tracker answered 400."]);
        house.phil_says("while there is none").await;
        house.jane_presses("cs-phil", action::RETRY).await;
        assert_eq!(asana.tasks().len(), 1);
        house.phil_says("now there is one").await;
        assert_eq!(asana.comments(0), ["Megatron: Phil: now there is one"]);
    }

    async fn only_asana_is_believed(house: House) {
        let asana = house.with_asana("").await;
        house.with_open_room().await;
        let targets = asana.targets();
        assert_eq!(targets.len(), 1);
        asana.raj_completes(0);
        let forged = json!({ "events": [{ "action": "changed", "resource": { "gid": "1210000000000002", "resource_type": "task" },
            "change": { "field": "completed", "action": "changed" } }] });
        assert_eq!(asana.sends(&forged, "another secret").await, StatusCode::UNAUTHORIZED);
        assert_eq!(asana.says_secret(&targets[0]).await, StatusCode::UNAUTHORIZED, "it has said its secret");
        let unknown = format!("{PUBLIC_URL}/trackers/asana/0123456789abcdef");
        assert_eq!(asana.says_secret(&unknown).await, StatusCode::UNAUTHORIZED, "nobody else may say one");
        house.settle().await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.texts("SELECT sealed_secret FROM subscriptions").await[0].split('.').next(), Some("v1"));
        // After a restart the subscription is still there, and no second one is made.
        house.restart().await;
        asana.reaches(&house.url);
        assert_eq!(asana.targets(), targets);
        house.hears(&asana).await;
        house.wait(Duration::from_secs(20)).await;
        assert!(house.rooms().is_empty(), "now it was Asana");
    }

    async fn a_tracker_of_ones_own_is_told_and_tells(house: House) {
        let tracker = house.with_own_tracker().await;
        tracker.is_in(&[Mood::Status(500)]);
        house.with_open_room().await;
        house.phil_says("Hello??").await;
        assert_eq!(tracker.heard_types(), ["ticket.create", "ticket.create", "ticket.comment"]);
        assert_eq!(tracker.heard()[0].id, tracker.heard()[1].id, "it can tell that it is one ticket");
        let created = &tracker.heard_of("ticket.create")[0]["data"];
        assert_eq!(created["title"], "Phil of Acme, Expense Bot");
        assert!(created["reference"].as_str().unwrap().ends_with("/1"), "{created}");
        assert_eq!(tracker.heard_of("ticket.comment")[0]["data"], json!({ "id": "T-1", "text": "Phil: Hello??" }));
        let comment = json!({ "type": "ticket.commented", "data": { "id": "T-1", "by": "Raj", "text": "on it" } });
        for _ in 0..2 {
            assert_eq!(house.tracker_says("m1", CALLBACK_SECRET, &comment).await, StatusCode::ACCEPTED);
        }
        assert_eq!(house.ticket_lines()[1..], ["🎫 Raj commented on the ticket: on it"], "once");
        let completed = json!({ "type": "ticket.completed", "data": { "id": "T-1", "by": "Raj" } });
        assert_eq!(house.tracker_says("m2", "whsec_AAAA", &completed).await, StatusCode::UNAUTHORIZED);
        assert_eq!(house.rooms(), ["cs-phil"]);
        let unknown = json!({ "type": "ticket.completed", "data": { "id": "T-2" } });
        assert_eq!(house.tracker_says("m3", CALLBACK_SECRET, &unknown).await, StatusCode::NOT_FOUND);
        assert_eq!(house.tracker_says("m4", CALLBACK_SECRET, &completed).await, StatusCode::ACCEPTED);
        house.wait(Duration::from_secs(20)).await;
        assert!(house.rooms().is_empty());
        assert!(tracker.heard_of("ticket.complete").is_empty(), "nothing is told back");
    }

    async fn a_room_closed_here_completes_the_ticket_there(house: House) {
        let tracker = house.with_own_tracker().await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_secs(20)).await;
        assert_eq!(tracker.heard_types(), ["ticket.create", "ticket.comment", "ticket.complete"]);
        assert_eq!(tracker.heard_of("ticket.complete")[0]["data"], json!({ "id": "T-1" }));
    }
}
