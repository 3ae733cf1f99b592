//! Erasing a customer: nothing that they said and nothing that names them is left in the database.

use std::time::Duration;

use megatron::demo::cast::{ACME, API_KEY, BOT, HUB, JANE, PHIL, PHILIPPA, PHILIPPAS_DM, PHILS_DM, SUPPORT};
use megatron::simulator::{Fault, Spot};
use megatron::takeover::cards::action;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::scenarios;

/// What must not be found any more: his names, his address, what was said.
const HIS: [&str; 6] = ["Phil\"", "Phil Harris", "phil@acme.example", "cs-phil", "Hi dear Phil", "salary"];

impl House {
    /// All rows of all tables, as text.
    async fn dump(&self) -> String {
        let mut all = Vec::new();
        all.extend(
            self.texts("SELECT state || id || bot || team || channel || COALESCE(room, '') FROM conversations").await,
        );
        all.extend(
            self.texts("SELECT bot || team || user_id || COALESCE(channel, '') || folded || profile FROM customers")
                .await,
        );
        all.extend(self.texts("SELECT bot || team || name || domain FROM workspaces").await);
        all.extend(self.texts("SELECT identity || conversation FROM seen").await);
        all.extend(self.texts("SELECT team || channel || ts || COALESCE(source_ts, '') || delivery FROM copies").await);
        all.extend(self.texts("SELECT team || file || source_team || source_file FROM uploads").await);
        all.extend(self.texts("SELECT conversation || side || ts || stamp FROM revisions").await);
        all.extend(self.texts("SELECT conversation || side || ts || name || user_id FROM reactions").await);
        all.extend(self.texts("SELECT kind || actor || detail FROM journal").await);
        all.extend(self.texts("SELECT conversation || room || sealed FROM transcripts").await);
        all.extend(self.texts("SELECT lane || owner || COALESCE(parked, '') FROM lanes").await);
        all.extend(self.texts("SELECT lane || COALESCE(problem, '') || effect FROM outbox").await);
        all.extend(self.texts("SELECT name || body FROM idempotency").await);
        all.extend(self.texts("SELECT name FROM agents").await);
        all.extend(self.texts("SELECT bot || conversation || kind || sealed FROM events").await);
        all.extend(self.texts("SELECT conversation || ticket || url FROM tickets").await);
        all.join("\n")
    }

    async fn erase(&self) -> (StatusCode, Value) {
        let answer = self.api(Method::DELETE, &format!("v1/customers/{ACME}/{PHIL}"), None).await;
        self.wait(Duration::from_secs(20)).await;
        answer
    }

    /// Phil and Jane have talked, in a room that was closed and in one that is open, and something waits.
    async fn with_a_past(&self) {
        self.with_open_room().await;
        self.phil_says("It is about my salary").await;
        self.types(JANE, "cs-phil", "pause").await;
        self.jane_writes("cs-phil", "Hi dear Phil").await;
        self.types(JANE, "cs-phil", "close").await;
        self.wait(Duration::from_secs(10)).await;
        self.jane_types("open phil").await;
        self.wait(Duration::from_mins(2)).await;
        self.types(JANE, "cs-phil", "pause").await;
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/pause");
        let request = self.request(Method::POST, &path).bearer_auth(API_KEY).header("idempotency-key", "k1");
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
        self.slack.fail_next("chat.postMessage", Fault::Error("restricted_action".into()));
        self.jane_writes("cs-phil", "Hi dear Phil, once more").await;
        let his = self.phil_says("my salary again").await;
        self.slack.react(ACME, PHIL, PHILS_DM, &his, "eyes", true).unwrap();
        self.settle().await;
    }

    fn erase_card(&self) -> Spot {
        let cards = self.slack.ephemerals(HUB, JANE, SUPPORT);
        let card = cards.into_iter().rfind(|card| card.blocks.to_string().contains(action::ERASE)).expect("a question");
        Spot::Ephemeral { channel: SUPPORT.to_owned(), ts: card.ts }
    }
}

scenarios! {
    async fn nothing_of_him_is_left(house: House) {
        house.with_a_past().await;
        let before = house.dump().await;
        for his in &HIS[..5] {
            assert!(before.contains(his), "{his} is there before");
        }
        assert_eq!(house.count("transcripts").await, 1);
        let (status, answer) = house.erase().await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        assert_eq!(answer["rooms"].as_array().unwrap().len(), 2, "what Slack still has: {answer}");
        let after = house.dump().await;
        for his in HIS {
            assert!(!after.contains(his), "{his}: {after}");
        }
        for table in ["transcripts", "customers", "seen", "copies", "revisions", "reactions", "outbox", "idempotency"] {
            assert_eq!(house.count(table).await, 0, "{table}");
        }
        // The file itself: what was deleted is overwritten, and the log is emptied within the hour.
        house.wait(Duration::from_hours(2)).await;
        for (file, bytes) in house.database_files() {
            for his in HIS {
                assert!(!bytes.windows(his.len()).any(|part| part == his.as_bytes()), "{his} in {file}");
            }
        }
    }

    async fn the_room_is_closed_first_as_always(house: House) {
        house.with_a_past().await;
        house.erase().await;
        assert!(house.rooms().is_empty());
        assert_eq!(house.bot.heard_types().into_iter().rev().take(2).collect::<Vec<_>>().len(), 2);
        let unpaused = house.bot.heard_of("conversation.unpaused").pop().unwrap();
        assert_eq!(unpaused["data"]["reason"], "closed");
        assert_eq!(house.bot.heard_of("conversation.closed").pop().unwrap()["data"]["reason"], "erased");
        assert_eq!(house.control().await, "bot, active, 4", "the epoch goes on");
        assert!(house.dm().last().unwrap().contains("Expense Bot is back"), "{:?}", house.dm());
    }

    async fn the_journal_keeps_who_erased_whom_by_id(house: House) {
        house.with_a_past().await;
        house.jane_types("erase phil").await;
        let answer = house.slack.click(HUB, JANE, &house.erase_card(), action::ERASE).await.unwrap();
        assert_eq!(answer.status, 200);
        house.wait(Duration::from_secs(20)).await;
        let (_, page) = house.api(Method::GET, &format!("v1/conversations/{ACME}/{PHILS_DM}/audit"), None).await;
        let line = page["lines"].as_array().unwrap().iter().find(|line| line["kind"] == "customer.erased").unwrap();
        assert_eq!(line["actor"]["user_id"], JANE);
        assert_eq!(line["detail"], json!({ "team_id": ACME, "user_id": PHIL }));
        assert!(house.count("journal").await > 5, "who did what stays");
    }

    async fn jane_is_asked_before_anything_happens(house: House) {
        house.with_a_past().await;
        let question = house.jane_types("erase phil").await;
        assert!(question.starts_with("*Erase Phil?*"), "{question}");
        assert!(house.dump().await.contains("phil@acme.example"), "nothing yet");
        assert_eq!(house.rooms(), ["cs-phil"]);
        let answer = house.slack.click(HUB, JANE, &house.erase_card(), action::ERASE).await.unwrap();
        assert_eq!(answer.status, 200);
        house.wait(Duration::from_secs(20)).await;
        let told = house.whispers(JANE, SUPPORT).pop().unwrap();
        assert!(told.contains("U0PHIL is erased") && told.contains("What stands in Slack stays there"), "{told}");
        assert!(!house.dump().await.contains("phil@acme.example"));
        assert_eq!(house.types(JANE, SUPPORT, "erase nobody").await, "Nobody was found for “nobody”.");
    }

    async fn who_was_never_looked_at_is_erased_at_once(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        assert_eq!(house.count("customers").await, 1);
        assert_eq!(house.erase().await, (StatusCode::ACCEPTED, json!({ "team_id": ACME, "user_id": PHIL, "rooms": [] })));
        assert_eq!(house.count("customers").await, 0);
        assert_eq!(house.erase().await.0, StatusCode::NOT_FOUND, "nobody is there any more");
        assert!(house.jane_types("audit").await.contains("The bot erased the customer U0PHIL"));
    }

    async fn words_that_wait_are_not_sent_any_more(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::RateLimited { retry_after_secs: 600 });
        house.jane_writes("cs-phil", "Hi dear Phil").await;
        house.erase().await;
        house.wait(Duration::from_hours(1)).await;
        assert!(!house.dm().concat().contains("Hi dear Phil"), "{:?}", house.dm());
        assert!(house.dm().last().unwrap().contains("Expense Bot is back"), "but he is told who answers: {:?}", house.dm());
        assert!(!house.dump().await.contains("Hi dear Phil"));
    }

    async fn the_others_keep_what_is_theirs(house: House) {
        house.with_a_past().await;
        house.slack.say(ACME, PHILIPPA, PHILIPPAS_DM, "hello").unwrap();
        house.settle().await;
        house.jane_types("open philippa").await;
        house.wait(Duration::from_mins(2)).await;
        house.erase().await;
        assert_eq!(house.rooms(), ["cs-philippa"]);
        house.says(PHILIPPA, PHILIPPAS_DM, "still here").await;
        assert_eq!(house.talk("cs-philippa").last().unwrap(), "Philippa: still here");
        assert!(house.dump().await.contains("philippa@acme.example"));
    }

    async fn he_may_come_back_as_somebody_new(house: House) {
        house.with_a_past().await;
        house.erase().await;
        house.phil_says("me again").await;
        house.jane_types("open phil").await;
        house.wait(Duration::from_mins(2)).await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        house.phil_says("and again").await;
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Phil: and again");
        let header = house.notices("cs-phil")[0].clone();
        assert!(!header.contains("Earlier rooms"), "{header}");
    }

    async fn another_bot_can_neither_erase_nor_export_him(house: House) {
        house.with_second_bot().await;
        house.with_open_room().await;
        let path = format!("v1/customers/{ACME}/{PHIL}");
        assert_eq!(house.travel(Method::DELETE, &path, Value::Null).await.0, StatusCode::NOT_FOUND);
        assert_eq!(house.travel(Method::GET, &format!("{path}/export"), Value::Null).await.0, StatusCode::NOT_FOUND);
        assert_eq!(house.rooms(), ["cs-phil"]);
    }

    async fn everything_that_is_kept_is_handed_out(house: House) {
        house.with_a_past().await;
        let (status, all) = house.api(Method::GET, &format!("v1/customers/{ACME}/{PHIL}/export"), None).await;
        assert_eq!(status, StatusCode::OK, "{all}");
        assert_eq!((&all["bot"], &all["user_id"]), (&json!(BOT), &json!(PHIL)));
        assert_eq!(all["directory"]["profile"]["email"], "phil@acme.example");
        assert_eq!(all["directory"]["channel_id"], PHILS_DM);
        let one = &all["conversations"][0];
        assert_eq!(one["state"]["control"]["holder"], "human");
        assert_eq!(one["journal"][0]["kind"], "conversation.open");
        let words = one["transcript"]["messages"].to_string();
        assert!(words.contains("It is about my salary") && words.contains("Hi dear Phil"), "{words}");
        let nobody = house.api(Method::GET, &format!("v1/customers/{ACME}/U0NOBODY/export"), None).await;
        assert_eq!(nobody.0, StatusCode::NOT_FOUND);
    }
}
