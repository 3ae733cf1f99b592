//! Card numbers are masked on both ways, before anything is stored or sent.

use megatron::demo::cast::{ACME, API_KEY, JANE, PHIL, PHILS_DM};
use reqwest::Method;
use serde_json::json;

use crate::support::house::House;
use crate::support::scenarios;

/// A card number as people write it, and in one piece.
const CARD: [&str; 2] = ["4111 1111 1111 1111", "4111111111111111"];

scenarios! {
    async fn phils_card_number_does_not_reach_the_room(house: House) {
        house.with_open_room().await;
        house.phil_says("4111 1111 1111 1111 and again 4111111111111111, CVV 123").await;
        assert_eq!(house.talk("cs-phil")[2], "Phil: •••• •••• •••• 1111 and again ••••••••••••1111, CVV •••");
        is_nowhere(&house).await;
    }

    async fn neither_blocks_nor_fields_nor_file_names_give_it_away(house: House) {
        house.with_open_room().await;
        house.slack.post_as_user(ACME, PHIL, PHILS_DM, json!({ "text": "look",
            "blocks": [{ "type": "rich_text", "elements": [{ "type": "rich_text_section", "elements": [
                { "type": "text", "text": "4111 1111 " }, { "type": "text", "text": "1111 1111", "style": { "bold": true } }] }] }],
            "attachments": [{ "fallback": "4111111111111111", "fields": [{ "title": "CVV", "value": "123" }, { "title": "Order", "value": "4711" }] }],
        })).unwrap();
        house.slack.share_file(ACME, PHIL, PHILS_DM, ("4111111111111111.png", "image/png", b"x"), "my card").unwrap();
        house.settle().await;

        let shown = room(&house);
        let files = house.posts("cs-phil").pop().unwrap().files;
        assert_eq!(files[0]["name"], "••••••••••••1111.png", "the file itself has come");
        for masked in ["\"•••• •••• \"", "\"•••• 1111\"", "\"value\":\"•••\"", "\"value\":\"4711\""] {
            assert!(shown.contains(masked), "{masked}: {shown}");
        }
        is_nowhere(&house).await;
    }

    async fn what_waits_to_be_delivered_is_masked_already(house: House) {
        house.with_open_room().await;
        house.slack.say(ACME, PHIL, PHILS_DM, CARD[0]).unwrap();
        house.pass_on().await;
        let waiting = house.texts("SELECT effect FROM outbox").await.concat();
        assert!(waiting.contains("•••• •••• •••• 1111"), "{waiting}");
        is_nowhere(&house).await;
    }

    async fn the_bots_words_are_masked(house: House) {
        house.with_open_room().await;
        house.bot_says("Your card 4111-1111-1111-1111 was declined").await;
        assert_eq!(house.talk("cs-phil")[2], "Expense Bot: Your card ••••-••••-••••-1111 was declined");
        is_nowhere(&house).await;
    }

    async fn janes_card_number_does_not_reach_phil(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Ours is 4111 1111 1111 1111").await;
        let said = house.dm().pop().unwrap();
        assert!(said.contains("Ours is •••• •••• •••• 1111"), "{said}");
        assert!(house.room("cs-phil").concat().contains(CARD[0]), "what Jane wrote herself stays where it is");
        assert!(!house.dm().concat().contains(CARD[0]));
        is_stored_nowhere(&house).await;
    }

    async fn a_message_that_is_held_is_masked(house: House) {
        house.restart_with("[rooms]\non_agent_message = 'hold'").await;
        house.with_open_room().await;
        house.jane_writes("cs-phil", CARD[0]).await;
        let state = house.texts("SELECT state FROM conversations").await.concat();
        assert!(state.contains("•••• •••• •••• 1111"), "{state}");
        is_stored_nowhere(&house).await;
    }

    async fn imported_history_is_masked(house: House) {
        house.knows_acme().await;
        house.phil_says("my card is 4111 1111 1111 1111").await;
        house.jane_types("open phil").await;
        assert_eq!(house.talk("cs-phil"), ["Phil: my card is •••• •••• •••• 1111"]);
        is_nowhere(&house).await;
    }

    async fn an_edit_is_masked_on_both_of_its_sides(house: House) {
        house.with_open_room().await;
        let words = house.phil_says("4111 1111 1111 1111").await;
        house.slack.edit(ACME, PHIL, PHILS_DM, &words, "no, 5555 5555 5555 4444").unwrap();
        house.settle().await;
        let told = house.posts("cs-phil").pop().unwrap().text;
        assert_eq!(told, "no, •••• •••• •••• 4444");
        is_nowhere(&house).await;
    }

    async fn what_the_bot_asks_for_is_masked_too(house: House) {
        house.with_open_room().await;
        let message = json!({ "text": "Card 4111 1111 1111 1111" });
        house.asks("messages", json!({ "control_epoch": 0, "message": message })).await;
        assert_eq!(house.dm().pop().unwrap(), "Expense Bot ▸ Card •••• •••• •••• 1111");

        let notice = json!({ "team_id": ACME, "channel_id": PHILS_DM, "text": "He typed 4111111111111111" });
        let request = house.request(Method::POST, "v1/notices").bearer_auth(API_KEY).header("idempotency-key", "k");
        let request = request.header("content-type", "application/json").body(notice.to_string());
        assert_eq!(request.send().await.unwrap().status(), 202);
        house.asks("pause", json!({ "reason": "he typed 4111111111111111" })).await;
        house.types(JANE, "cs-phil", "do charge 4111 1111 1111 1111").await;

        assert!(house.room("cs-phil").concat().contains("He typed ••••••••••••1111") || house.whispers(JANE, "cs-phil").concat().contains("He typed ••••••••••••1111"));
        let heard = house.bot.heard().iter().map(|heard| heard.body.to_string()).collect::<String>();
        assert!(heard.contains("he typed ••••••••••••1111") && heard.contains("charge •••• •••• •••• 1111"), "{heard}");
        assert!(CARD.iter().all(|card| !heard.contains(card)), "{heard}");
        is_nowhere(&house).await;
    }

    async fn long_reference_numbers_stay(house: House) {
        house.with_open_room().await;
        let text = "order 4111111111111112, ticket 9999999999999995, at 1700000000.000100, REF4111111111111111";
        house.phil_says(text).await;
        house.bot_says(text).await;
        assert_eq!(house.talk("cs-phil")[2..], [format!("Phil: {text}"), format!("Expense Bot: {text}")]);
    }

    async fn an_own_pattern_is_masked(house: House) {
        house.restart_with(r"redaction.patterns = ['\bPAT-\d{6}\b']").await;
        house.with_open_room().await;
        house.phil_says("PAT-123456, 4111 1111 1111 1111, PAT-12").await;
        assert_eq!(house.talk("cs-phil")[2], "Phil: •••, •••• •••• •••• 1111, PAT-12");
    }

    async fn it_can_be_switched_off(house: House) {
        house.restart_with("redaction.card_numbers = false").await;
        house.with_open_room().await;
        house.phil_says("4111 1111 1111 1111, CVV 123").await;
        assert_eq!(house.talk("cs-phil")[2], "Phil: 4111 1111 1111 1111, CVV 123");
        assert!(house.bot_says(CARD[1]).await.len() > 5);
        assert!(house.room("cs-phil").concat().contains(CARD[1]));
    }
}

/// All that the room shows.
fn room(house: &House) -> String {
    let posts = house.posts("cs-phil");
    posts
        .iter()
        .map(|post| format!("{} {} {}", post.text, post.blocks, post.attachments))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Neither the room nor the database has the card number.
async fn is_nowhere(house: &House) {
    let room = room(house);
    for card in CARD {
        assert!(!room.contains(card), "{room}");
    }
    is_stored_nowhere(house).await;
}

/// The database does not have the card number.
async fn is_stored_nowhere(house: &House) {
    let mut stored = Vec::new();
    for sql in [
        "SELECT effect FROM outbox",
        "SELECT state FROM conversations",
        "SELECT detail FROM journal",
        "SELECT body FROM idempotency",
        "SELECT identity FROM seen",
    ] {
        stored.extend(house.texts(sql).await);
    }
    assert!(!stored.is_empty());
    for card in CARD {
        assert!(stored.iter().all(|text| !text.contains(card)), "{stored:?}");
        for (name, bytes) in house.database_files() {
            assert!(!bytes.windows(card.len()).any(|window| window == card.as_bytes()), "{name}");
        }
    }
}
